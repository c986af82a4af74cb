//! `cargo xtask replay`: plays the transcripts through edges, programs that speak for Brooklet.

use std::process::{Command, ExitCode};

use anyhow::{Result, anyhow, ensure};
use clap::Args;
use notation::Protocol;
use notation::edge::Edge;
use notation::replay::{is_calls, replay, scripts};

use crate::{build, paths, process, report};

/// What may be said on the command line.
#[derive(Args)]
pub struct Options {
    /// Edges by name; all of them by default
    edges: Vec<String>,
}

/// One way to Brooklet.
struct Row {
    name: &'static str,
    about: &'static str,
    program: fn() -> Command,
    /// Clients hear RESP, in either protocol; otherwise they call, and replies have RESP3's shapes.
    speaks_resp: bool,
}

/// Every edge that is a program of its own. The engine itself is played in `tests/transcripts.rs`.
const EDGES: [Row; 3] = [
    Row {
        name: "node",
        about: "the Wasm build in Node, over RESP",
        program: || node(&["resp"]),
        speaks_resp: true,
    },
    Row {
        name: "node-calls",
        about: "the Wasm build in Node, as its typed client calls",
        program: || node(&["packed"]),
        speaks_resp: false,
    },
    Row {
        name: "node-durable",
        about: "the same over RESP, with a journal that replies wait for",
        program: || node(&["resp", "durable"]),
        speaks_resp: true,
    },
];

fn node(kind: &[&str]) -> Command {
    let mut node = process::command("node");
    node.arg(paths::tests().join("edges/node.mjs")).args(kind);
    node
}

/// Builds the package if needed and plays the corpus through the chosen edges.
pub fn run(options: &Options) -> Result<ExitCode> {
    for name in &options.edges {
        let known = EDGES.map(|row| row.name);
        ensure!(known.contains(&name.as_str()), "no edge is called {name}: there are {known:?}");
    }
    build::package()?;
    let scripts = scripts(&paths::tests().join("transcripts")).map_err(|error| anyhow!(error))?;
    let mut failed = 0;
    for row in &EDGES {
        if !options.edges.is_empty() && !options.edges.iter().any(|name| name == row.name) {
            continue;
        }
        let mut edge = Edge::start((row.program)()).map_err(|error| anyhow!(error))?;
        let outcome = if row.speaks_resp {
            replay(&scripts, &mut edge, &[Protocol::Two, Protocol::Three], |_| true)
        } else {
            replay(&scripts, &mut edge, &[Protocol::Three], is_calls)
        };
        print!("{}", outcome.failures);
        failed += outcome.failed;
        let left_out = match outcome.left_out {
            0 => String::new(),
            left_out => format!(", {left_out} are no calls"),
        };
        report::say(&format!("{}: {} scenarios{left_out}", row.about, outcome.played));
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
