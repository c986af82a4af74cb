//! Who is measured, and how they take turns.

use std::cell::{OnceCell, RefCell};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::redis::{Redis, ServerSide};
use super::samples::Samples;
use super::workload::{Request, Sample, Stage, Workload};
use crate::report::step;
use crate::{build, component, interrupt, paths, process, setup};

/// Bytes of memory.
#[derive(Clone, Copy)]
pub struct Memory {
    /// For each entry.
    pub entry: f64,
    /// For each pending entry, beyond the entry itself.
    pub pending: f64,
}

/// Whatever can be set a stage and sampled on it.
pub trait Contender {
    /// Starts anew with a stage.
    fn fill(&mut self, stage: Stage) -> Result<Memory>;
    /// Nanoseconds that an operation takes.
    fn sample(&mut self, sample: Sample) -> Result<f64>;
}

/// The contenders, by name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Redis,
    Native,
    Client,
    Packed,
    /// Typed functions of the component in wasmtime.
    Typed,
    /// RESP through the component in wasmtime.
    Raw,
    /// The same two in Node, through jco.
    JcoTyped,
    JcoRaw,
    /// The same two in Python.
    PythonTyped,
    PythonRaw,
    /// A Durable Object in workerd, by the typed client and by requests.
    ObjectRpc,
    ObjectRest,
}

impl Kind {
    /// The contender as tables name it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Redis => "Redis, server side",
            Self::Native => "native",
            Self::Client => "Wasm, typed client",
            Self::Packed => "Wasm, packed call",
            Self::Typed => "component in wasmtime, typed call",
            Self::Raw => "component in wasmtime, raw exchange",
            Self::JcoTyped => "component in Node by jco, typed call",
            Self::JcoRaw => "component in Node by jco, raw exchange",
            Self::PythonTyped => "component in Python, typed call",
            Self::PythonRaw => "component in Python, raw exchange",
            Self::ObjectRpc => "Durable Object in workerd, typed client by RPC",
            Self::ObjectRest => "Durable Object in workerd, REST",
        }
    }
}

/// Where contenders come from.
pub struct Hall {
    /// The Redis to measure beside, if there is one.
    pub redis: Option<Redis>,
    native: PathBuf,
    /// The component in wasmtime, compiled when it is asked for: that takes minutes.
    component: OnceCell<PathBuf>,
    /// What stages weighed, so that no large one is set up twice for that.
    weighed: RefCell<Vec<(Kind, Stage, Memory)>>,
}

impl Hall {
    /// Builds the native benchmark and starts the Redis at `server` or at `REDIS_SERVER`.
    pub fn open(server: Option<PathBuf>) -> Result<Self> {
        let native = step("Compile the native benchmark", || {
            let mut cargo = process::cargo();
            cargo.args(["bench", "--package", "brooklet", "--bench", "engine"]);
            program(cargo)
        })?;
        let server = server.or_else(|| std::env::var_os("REDIS_SERVER").map(Into::into));
        let redis = server.map(|path| Redis::start(&path)).transpose()?;
        Ok(Self { redis, native, component: OnceCell::new(), weighed: RefCell::default() })
    }

    /// Those of `kinds` that there are.
    pub fn present<'k>(&self, kinds: &'k [Kind]) -> impl Iterator<Item = Kind> + use<'k> {
        let redis = self.redis.is_some();
        kinds.iter().copied().filter(move |kind| redis || *kind != Kind::Redis)
    }

    /// What a stage weighs with a contender.
    pub fn memory(&self, kind: Kind, stage: Stage) -> Result<Memory> {
        let found = |(of, on, memory): &(Kind, Stage, Memory)| {
            (*of == kind && *on == stage).then_some(*memory)
        };
        if let Some(memory) = self.weighed.borrow().iter().find_map(found) {
            return Ok(memory);
        }
        let mut contender = self.contender(kind)?;
        contender.fill(stage)
    }

    /// A contender that nobody has used before.
    fn contender(&self, kind: Kind) -> Result<Box<dyn Contender>> {
        let node = |kind: &str| {
            let mut node = process::command("node");
            node.arg("--expose-gc").arg(paths::root().join("benches/node.mjs")).arg(kind);
            Worker::start("Brooklet in Node", node)
        };
        Ok(match kind {
            Kind::Redis => Box::new(ServerSide::new(self.redis.as_ref().context("no Redis")?)?),
            Kind::Native => Box::new(Worker::start("the native engine", answering(&self.native))?),
            Kind::Client => Box::new(node("client")?),
            Kind::Packed => Box::new(node("packed")?),
            Kind::Typed => Box::new(self.component("typed")?),
            Kind::Raw => Box::new(self.component("raw")?),
            Kind::JcoTyped => Box::new(jco("typed")?),
            Kind::JcoRaw => Box::new(jco("raw")?),
            Kind::PythonTyped => Box::new(python("typed")?),
            Kind::PythonRaw => Box::new(python("raw")?),
            Kind::ObjectRpc => Box::new(object("rpc")?),
            Kind::ObjectRest => Box::new(object("rest")?),
        })
    }

    /// The component in wasmtime, called in one of its ways.
    fn component(&self, way: &str) -> Result<Worker> {
        if self.component.get().is_none() {
            build::component(&component::ENGINE)?;
            let mut cargo = process::cargo();
            cargo.current_dir(paths::tests().join("component"));
            cargo.env("CARGO_TARGET_DIR", paths::scratch().join("component-host"));
            cargo.args(["bench", "--locked", "--bench", "contender"]);
            let built = step("Compile the component's benchmark", || program(cargo))?;
            let _ = self.component.set(built);
        }
        let mut command = process::command(self.component.get().context("just built")?);
        command.arg(way).env("BROOKLET_COMPONENT", component::ENGINE.path());
        Worker::start("the component in wasmtime", command)
    }

    /// Sets one stage to all of `kinds` and samples each of `rows` in turns, after a round that
    /// only warms up. Samples are microseconds, by row and then by kind.
    pub fn in_turns(
        &self,
        kinds: &[Kind],
        stage: Stage,
        rows: &[(Workload, u64)],
        rounds: u64,
    ) -> Result<Vec<Vec<Samples>>> {
        let mut contenders = Vec::new();
        for kind in kinds {
            let mut contender = self.contender(*kind)?;
            let memory = contender.fill(stage)?;
            self.weighed.borrow_mut().push((*kind, stage, memory));
            contenders.push(contender);
        }
        let mut samples = vec![vec![Samples::default(); kinds.len()]; rows.len()];
        for round in 0..=rounds {
            for ((workload, times), row) in rows.iter().zip(&mut samples) {
                let sample = Sample { workload: *workload, times: *times, round };
                for (contender, samples) in contenders.iter_mut().zip(row) {
                    interrupt::check()?;
                    let nanoseconds = contender.sample(sample)?;
                    if round > 0 {
                        samples.push(nanoseconds / 1000.0);
                    }
                }
            }
        }
        Ok(samples)
    }
}

/// The component in Node, called in one of its ways.
fn jco(way: &str) -> Result<Worker> {
    setup::npm(&paths::tests())?;
    let mut node = hosted(process::command("node"))?;
    node.args(["benches/contender.mjs", way]);
    Worker::start("the component in Node", node)
}

/// The component in Python, called in one of its ways.
fn python(way: &str) -> Result<Worker> {
    let mut python = hosted(process::command(setup::python()?))?;
    python.args(["benches/contender.py", way]).env("PYTHONPATH", ".");
    Worker::start("the component in Python", python)
}

/// A Durable Object, called in one of its ways.
fn object(way: &str) -> Result<Worker> {
    setup::npm(&paths::tests())?;
    let mut node = process::command("node");
    node.arg(paths::root().join("benches/workerd/contender.mjs")).arg(way);
    Worker::start("a Durable Object", node)
}

/// A program of `tests/component` that hosts the component.
fn hosted(mut program: Command) -> Result<Command> {
    build::component(&component::ENGINE)?;
    program.current_dir(paths::tests().join("component"));
    program.env("BROOKLET_COMPONENT", component::ENGINE.path());
    Ok(program)
}

/// Compiles the benchmark that `cargo bench` is told of and returns where Cargo put it.
fn program(mut cargo: Command) -> Result<PathBuf> {
    cargo.args(["--quiet", "--no-run", "--message-format=json-render-diagnostics"]);
    let messages = process::output(cargo)?;
    let mut programs = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    });
    programs.next_back().context("Cargo named no program")
}

fn answering(program: &Path) -> Command {
    let mut command = process::command(program);
    command.arg("--answer");
    command
}

/// A program that answers requests, a line each; it ends when its input does.
struct Worker {
    name: &'static str,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    fn start(name: &'static str, mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot run {name}"))?;
        let input = child.stdin.take().context("a piped input")?;
        let output = BufReader::new(child.stdout.take().context("a piped output")?);
        Ok(Self { name, child, input, output })
    }

    fn ask(&mut self, request: &Request) -> Result<Vec<f64>> {
        let name = self.name;
        writeln!(self.input, "{request}").with_context(|| format!("{name} has ended"))?;
        let mut answer = String::new();
        if self.output.read_line(&mut answer)? == 0 {
            bail!("{name} ended at `{request}`");
        }
        let numbers: Result<_, _> = answer.split_whitespace().map(str::parse).collect();
        numbers.with_context(|| format!("{name} answered `{request}` with {answer:?}"))
    }
}

impl Contender for Worker {
    fn fill(&mut self, stage: Stage) -> Result<Memory> {
        match self.ask(&Request::Fill(stage))?[..] {
            [entry, pending] => Ok(Memory { entry, pending }),
            ref other => bail!("{} told {} numbers, not two", self.name, other.len()),
        }
    }

    fn sample(&mut self, sample: Sample) -> Result<f64> {
        match self.ask(&Request::Sample(sample))?[..] {
            [nanoseconds] => Ok(nanoseconds),
            ref other => bail!("{} told {} numbers, not one", self.name, other.len()),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It holds nothing that would be lost; a failure leaves nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
