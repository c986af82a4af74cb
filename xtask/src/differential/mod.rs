//! `cargo xtask differential`: random sessions against a real Redis and against Brooklet, every
//! reply compared byte for byte.
//!
//! The oracle's wall clock is ours (`clock_preload.rs`), so that times, idle times and generated
//! IDs are the same on both sides and nothing in a reply has to be overlooked.

mod alike;
mod compare;
mod connection;
pub mod journal;
mod mask;
mod oracle;
pub mod record;
mod shrink;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow};
use brooklet::command::table::COMMANDS;
use clap::Args;
use notation::random::{Command, Event, Generator, Session};

use crate::process;
use crate::report::{say, seconds};
use compare::{Comparison, Difference, Outcome};
pub use oracle::Oracle;

/// What may be said on the command line.
#[derive(Args)]
pub struct Options {
    /// The Redis to compare with (default: the environment's `REDIS_SERVER`)
    #[arg(long)]
    server: Option<PathBuf>,
    /// How long to go on
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Where the random sessions begin; the same seed gives the same sessions
    #[arg(long)]
    seed: Option<u64>,
    /// How many pairs of Redis and Brooklet work side by side
    #[arg(long, default_value_t = 1)]
    jobs: u64,
    /// Go on after a difference
    #[arg(long)]
    all: bool,
    /// Run in this build, whose checks are as slow as those of tests
    #[arg(long, hide = true)]
    in_place: bool,
}

/// Events in the longest sessions.
const LONGEST: usize = 2500;

/// Commands that answer differently by right: they tell of the server, the host or chance, work in
/// another thread while others get their turn, or let a client hear of others. Transcripts have
/// most of them.
const NOT_COMPARED: [&str; 30] = [
    "auth",
    "bgrewriteaof",
    "client",
    "command",
    "config",
    "debug",
    "flushall",
    "flushdb",
    "function",
    "hello",
    "info",
    "keys",
    "memory",
    "monitor",
    "object",
    "psubscribe",
    "pubsub",
    "punsubscribe",
    "quit",
    "randomkey",
    "reset",
    "scan",
    "script",
    "shutdown",
    "slowlog",
    "ssubscribe",
    "subscribe",
    "sunsubscribe",
    "time",
    "unsubscribe",
];

/// Compares until time is up or something differs.
pub fn run(options: &Options) -> Result<ExitCode> {
    if !options.in_place {
        return run_optimized();
    }
    let seed = options.seed.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(0, |now| now.as_secs())
    });
    say(&format!("Comparing with Redis, seed {seed}"));
    let run = Run::new(options);
    std::thread::scope(|scope| {
        let run = &run;
        let seeds = (0..options.jobs).map(|job| seed + job * 1_000_003);
        let jobs = seeds.map(|seed| scope.spawn(move || run.job(seed)));
        let jobs: Vec<_> = jobs.collect();
        jobs.into_iter().try_for_each(|job| {
            job.join().map_err(|_| anyhow!("a comparison panicked, seed {seed}"))?
        })
    })?;
    say(&run.summary());
    let differences = run.differences.load(Ordering::Relaxed);
    Ok(if differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs this command again in a build that is fast, and checks for overflows all the same.
fn run_optimized() -> Result<ExitCode> {
    let mut cargo = process::cargo();
    cargo.args(["run", "--quiet", "--profile", "differential", "--package", "xtask", "--"]);
    cargo.args(std::env::args_os().skip(1)).arg("--in-place");
    process::foreground(cargo)
}

/// What all jobs count together.
struct Run<'o> {
    options: &'o Options,
    begun: Instant,
    commands: AtomicU64,
    sessions: AtomicU64,
    excused: AtomicU64,
    undetermined: AtomicU64,
    hung: AtomicU64,
    differences: AtomicU64,
    over: AtomicBool,
    /// The commands of the differences that were printed.
    told: Mutex<BTreeSet<BTreeSet<String>>>,
}

impl<'o> Run<'o> {
    fn new(options: &'o Options) -> Self {
        Self {
            options,
            begun: Instant::now(),
            commands: AtomicU64::new(0),
            sessions: AtomicU64::new(0),
            excused: AtomicU64::new(0),
            undetermined: AtomicU64::new(0),
            hung: AtomicU64::new(0),
            differences: AtomicU64::new(0),
            over: AtomicBool::new(false),
            told: Mutex::default(),
        }
    }

    /// Compares with an oracle of its own.
    fn job(&self, seed: u64) -> Result<()> {
        let server = self.options.server.as_deref();
        let mut comparison = Comparison::new(Oracle::start(server)?)?;
        let mut generator = Generator::new(seed, compared()).longest(LONGEST);
        let limit = Duration::from_secs(self.options.seconds);
        let mut sessions = 0_u64;
        while self.begun.elapsed() < limit && !self.over.load(Ordering::Relaxed) {
            let session = generator.session();
            match comparison.play(&session) {
                Ok(Outcome::Same) => self.count(&session),
                Ok(Outcome::Excused) => drop(self.excused.fetch_add(1, Ordering::Relaxed)),
                Ok(Outcome::Differs(_)) if self.is_undetermined(&session)? => {
                    self.undetermined.fetch_add(1, Ordering::Relaxed);
                }
                Ok(Outcome::Differs(difference)) => {
                    let (shortest, difference) =
                        shrink::shrink(&mut comparison, &session, difference)?;
                    self.tell(&shortest, &difference)?;
                    say(&format!("A difference, seed {seed}, session {sessions}"));
                }
                Err(error) => {
                    // There are commands that Redis runs for ever.
                    self.hung.fetch_add(1, Ordering::Relaxed);
                    say(&format!("{error:#}, seed {seed}, session {sessions}"));
                    println!("{}", comparison.log());
                    comparison = Comparison::new(Oracle::start(server)?)?;
                }
            }
            // Payloads that this server gave are what the next sessions restore on both sides.
            if sessions.is_multiple_of(4) && session.gives_payloads() {
                comparison.payloads()?.into_iter().for_each(|it| generator.learn(it));
            }
            sessions += 1;
        }
        Ok(())
    }

    /// Whether Redis itself answers now so, now so: it walks through tables in an order that each
    /// process draws by lot, and sorts waits that end at once by where they lie in memory.
    fn is_undetermined(&self, session: &Session) -> Result<bool> {
        const ASKED: usize = 4;
        for _ in 0..ASKED {
            let oracle = Oracle::start(self.options.server.as_deref())?;
            if let Outcome::Same = Comparison::new(oracle)?.play(session)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Prints a difference, unless one with the same commands was printed before.
    fn tell(&self, session: &Session, difference: &Difference) -> Result<()> {
        self.differences.fetch_add(1, Ordering::Relaxed);
        self.over.store(!self.options.all, Ordering::Relaxed);
        let commands = session.events.iter().map(|event| match event {
            Event::Pass(_) => "@".to_owned(),
            Event::Send(_, words) => words[0].to_ascii_uppercase().escape_ascii().to_string(),
        });
        let mut told = self.told.lock().map_err(|_| anyhow!("a comparison panicked"))?;
        if told.insert(commands.collect()) {
            let script = record::fill(&session.script(), self.options.server.as_deref())?;
            println!("{script}\n{}", difference.text());
        }
        Ok(())
    }

    fn count(&self, session: &Session) {
        let commands = session.events.iter().filter(|it| matches!(it, Event::Send(..))).count();
        let before = self.commands.fetch_add(commands as u64, Ordering::Relaxed);
        self.sessions.fetch_add(1, Ordering::Relaxed);
        let million = |commands: u64| commands / 1_000_000;
        if million(before + commands as u64) > million(before) {
            println!("{}", self.summary());
        }
    }

    fn summary(&self) -> String {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let took = self.begun.elapsed();
        let rate = u128::from(of(&self.commands)) * 1000 / took.as_millis().max(1);
        format!(
            "{} commands in {} sessions without a difference, {} sessions with one (beside these, {} where \
             counters overflow, {} where Redis answers by lot, {} where it hangs), in {} ({rate} a \
             second)",
            of(&self.commands),
            of(&self.sessions),
            of(&self.differences),
            of(&self.excused),
            of(&self.undetermined),
            of(&self.hung),
            seconds(took)
        )
    }
}

/// The commands that are compared: the rows of the command table that are no containers.
fn compared() -> impl Iterator<Item = Command<'static>> {
    let rows = COMMANDS.all().filter(|found| {
        let command = found.container().unwrap_or(*found).name();
        !found.is_container() && !NOT_COMPARED.contains(&command)
    });
    rows.map(|found| Command { name: found.full_name(), syntax: found.syntax() })
}
