//! The table of test suites, quick ones first.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::log::Log;
use super::needs::Need;
use crate::crash::{self, Policy};
use crate::process::{cargo, command, npm};
use crate::{component, paths, setup, size};

/// One row: what is run, what it needs, and what it says for the summary.
pub struct Suite {
    pub name: &'static str,
    pub about: &'static str,
    pub needs: &'static [Need],
    pub run: fn(&mut Log) -> Result<String>,
}

/// Every suite of the project.
pub const SUITES: &[Suite] = &[
    Suite { name: "fmt", about: "Rust is formatted", needs: &[Need::Rust], run: fmt },
    Suite { name: "clippy", about: "no warning in any target", needs: &[Need::Rust], run: clippy },
    Suite { name: "rustdoc", about: "the docs have no dead link", needs: &[], run: rustdoc },
    Suite { name: "rust", about: "tests of the whole Rust workspace", needs: &[], run: rust },
    Suite { name: "no-std", about: "the core without std", needs: &[Need::Rust], run: no_std },
    Suite { name: "wasm-size", about: "the module's weight", needs: &[Need::Wasm], run: wasm_size },
    Suite {
        name: "package",
        about: "the npm package in Node, on the real core",
        needs: &[Need::Package],
        run: package,
    },
    Suite {
        name: "edges",
        about: "every transcript through the Wasm build in Node and in a Durable Object",
        needs: &[Need::Package, Need::TestClients],
        run: edges,
    },
    Suite {
        name: "component",
        about: "both flavours of the component in wasmtime: transcripts, blocking, journals, traps",
        needs: &[Need::Component, Need::AsyncComponent],
        run: host,
    },
    Suite {
        name: "jco",
        about: "the component in Node: transcripts raw and typed, blocking, journals, traps",
        needs: &[Need::Component, Need::TestClients],
        run: jco,
    },
    Suite {
        name: "python-host",
        about: "the component in Python: the same",
        needs: &[Need::Component, Need::Python],
        run: python,
    },
    Suite {
        name: "http",
        about: "the HTTP component in wasmtime: the list of requests, @upstash/redis, restarts",
        needs: &[Need::HttpComponent, Need::HttpAsyncComponent, Need::TestClients],
        run: http,
    },
    Suite {
        name: "tutorial",
        about: "the tutorial's lessons and their checks",
        needs: &[Need::Tutorial],
        run: tutorial,
    },
    Suite {
        name: "worker",
        about: "the example of a Worker, as wrangler dev runs it",
        needs: &[Need::Package, Need::Worker],
        run: worker,
    },
    Suite {
        name: "node-clients",
        about: "ioredis, node-redis and raw sockets against brooklet serve",
        needs: &[Need::Package, Need::TestClients],
        run: node_clients,
    },
    Suite {
        name: "python-clients",
        about: "redis-py against brooklet serve",
        needs: &[Need::Package, Need::Python],
        run: python_clients,
    },
    Suite {
        name: "crash",
        about: "brooklet serve, killed at random moments, loses nothing",
        needs: &[Need::Package, Need::TestClients],
        run: crash,
    },
    Suite {
        name: "browser",
        about: "the tutorial, durable databases and the page of the Worker, in Chromium",
        needs: &[Need::Tutorial, Need::Worker, Need::TestClients, Need::Chromium],
        run: browser,
    },
];

fn fmt(log: &mut Log) -> Result<String> {
    run_cargo(log, &["fmt", "--all", "--", "--check"])
}

fn clippy(log: &mut Log) -> Result<String> {
    const DENY: [&str; 3] = ["--", "-D", "warnings"];
    let workspace = ["clippy", "--workspace", "--all-targets", "--keep-going"];
    run_cargo(log, &[&workspace[..], &DENY].concat())?;
    for features in ["js,component,http,files", "component-async,http-async"] {
        let bindings = ["clippy", "--package", "brooklet", "--lib", "--features", features];
        let target = ["--target", "wasm32-unknown-unknown"];
        run_cargo(log, &[&bindings[..], &target, &DENY].concat())?;
    }
    Ok(String::new())
}

fn rustdoc(log: &mut Log) -> Result<String> {
    let mut doc = cargo();
    doc.args(["doc", "--package", "brooklet", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    log.run(doc).map(|()| String::new())
}

fn rust(log: &mut Log) -> Result<String> {
    run_cargo(log, &["test", "--workspace", "--no-fail-fast"])
}

fn no_std(log: &mut Log) -> Result<String> {
    let target = ["--target", "wasm32v1-none"];
    run_cargo(
        log,
        &[&["build", "--package", "brooklet", "--no-default-features"], &target[..]].concat(),
    )
}

fn wasm_size(_: &mut Log) -> Result<String> {
    size::check()
}

fn package(log: &mut Log) -> Result<String> {
    run_npm(log, &paths::package(), &["test"])
}

fn edges(log: &mut Log) -> Result<String> {
    replay(log, &["node", "node-calls", "node-durable", "durable-object"])
}

fn replay(log: &mut Log, edges: &[&str]) -> Result<String> {
    let mut replay = command(std::env::current_exe()?);
    replay.arg("replay").args(edges);
    log.run(replay).map(|()| String::new())
}

fn host(log: &mut Log) -> Result<String> {
    let weights = [component::ENGINE.check()?, component::TASKS.check()?];
    let engine = ("BROOKLET_COMPONENT", component::ENGINE.path());
    let tasks = ("BROOKLET_ASYNC_COMPONENT", component::TASKS.path());
    let guest = ("BROOKLET_GUEST", component::GUEST.path());
    test_host(log, "tests/component", &[engine.clone(), tasks, guest])?;
    test_host(log, "examples/host-rust", &[engine])?;
    Ok(weights.join(", "))
}

fn jco(log: &mut Log) -> Result<String> {
    let mut tests = npm(&paths::tests());
    tests.args(["run", "component"]).env("BROOKLET_COMPONENT", component::ENGINE.path());
    log.run(tests)?;
    let example = paths::examples().join("host-node");
    setup::npm(&example)?;
    let mut transpile = npm(&example);
    transpile.args(["run", "transpile", "--"]).arg(component::ENGINE.path());
    log.run(transpile)?;
    run_npm(log, &example, &["test"])?;
    replay(log, &["jco", "jco-typed"])
}

fn python(log: &mut Log) -> Result<String> {
    let unittest = |folder: &Path, arguments: &[&str]| -> Result<Command> {
        let mut python = command(setup::python()?);
        python.args(["-m", "unittest"]).args(arguments).current_dir(folder);
        python.env("BROOKLET_COMPONENT", component::ENGINE.path());
        Ok(python)
    };
    let tests = ["discover", "-t", ".", "-s", "python"];
    log.run(unittest(&paths::tests().join("component"), &tests)?)?;
    log.run(unittest(&paths::examples().join("host-python"), &["test_main"])?)?;
    replay(log, &["python", "python-typed"])
}

fn http(log: &mut Log) -> Result<String> {
    let components = [&component::HTTP, &component::HTTP_TASKS, &component::SERVE];
    let weights: Vec<_> = components.iter().map(|it| it.check()).collect::<Result<_>>()?;
    let http = ("BROOKLET_HTTP_COMPONENT", component::HTTP.path());
    let tasks = ("BROOKLET_HTTP_ASYNC_COMPONENT", component::HTTP_TASKS.path());
    let serve = ("BROOKLET_SERVE_COMPONENT", component::SERVE.path());
    test_host(log, "examples/host-http", &[http, tasks, serve])?;
    Ok(weights.join(", "))
}

/// Tests a host, which finds components by variables. All of them have one target folder, so
/// that wasmtime is compiled once.
fn test_host(log: &mut Log, folder: &str, components: &[(&str, PathBuf)]) -> Result<()> {
    let run = |arguments: &[&str]| {
        let mut cargo = cargo();
        cargo.args(arguments).current_dir(paths::root().join(folder));
        cargo.env("CARGO_TARGET_DIR", paths::scratch().join("component-host"));
        cargo.envs(components.iter().map(|(variable, path)| (variable, path)));
        cargo
    };
    log.run(run(&["fmt", "--", "--check"]))?;
    log.run(run(&["test", "--locked"]))
}

fn tutorial(log: &mut Log) -> Result<String> {
    run_npm(log, &paths::tutorial(), &["test"])
}

fn worker(log: &mut Log) -> Result<String> {
    run_npm(log, &paths::edge(), &["test"])
}

fn node_clients(log: &mut Log) -> Result<String> {
    run_npm(log, &paths::tests(), &["run", "clients"])
}

fn python_clients(log: &mut Log) -> Result<String> {
    let mut python = command(setup::python()?);
    python.args(["-m", "unittest", "discover", "-t", ".", "-s", "redis_py"]);
    python.current_dir(paths::tests().join("clients"));
    log.run(python).map(|()| String::new())
}

fn crash(log: &mut Log) -> Result<String> {
    const KILLS: u32 = 10;
    log.run(crash::command(KILLS, Policy::Always))?;
    log.run(crash::command(KILLS, Policy::Everysec))?;
    Ok(String::new())
}

fn browser(log: &mut Log) -> Result<String> {
    let mut npm = npm(&paths::tests());
    npm.args(["run", "browser"]).env("CHROME", setup::chromium()?);
    log.run(npm).map(|()| String::new())
}

fn run_npm(log: &mut Log, folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut npm = npm(folder);
    npm.args(arguments);
    log.run(npm).map(|()| String::new())
}

fn run_cargo(log: &mut Log, arguments: &[&str]) -> Result<String> {
    let mut cargo = cargo();
    cargo.args(arguments);
    log.run(cargo).map(|()| String::new())
}
