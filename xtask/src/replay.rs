//! `cargo xtask replay`: plays the transcripts through edges, programs that speak for Brooklet.

use std::process::{Command, ExitCode};

use anyhow::{Result, anyhow, ensure};
use clap::Args;
use notation::Protocol;
use notation::edge::Edge;
use notation::replay::{is_calls, replay, scripts};
use notation::typed::{Player, is_playable};

use crate::{build, component, paths, process, report, setup};

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
    /// Sets up what the program needs.
    program: fn() -> Result<Command>,
    clients: Clients,
}

/// What the clients of an edge do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clients {
    /// They hear RESP, in either protocol.
    Resp,
    /// They call, and replies have RESP3's shapes.
    Calls,
    /// They call typed functions where there are some, else they hear RESP.
    Typed,
}

/// Every edge that is a program of its own. The engine itself is played in `tests/transcripts.rs`.
const EDGES: [Row; 8] = [
    Row {
        name: "node",
        about: "the Wasm build in Node, over RESP",
        program: || package(&["resp"]),
        clients: Clients::Resp,
    },
    Row {
        name: "node-calls",
        about: "the Wasm build in Node, as its typed client calls",
        program: || package(&["packed"]),
        clients: Clients::Calls,
    },
    Row {
        name: "node-durable",
        about: "the same over RESP, with a journal that replies wait for",
        program: || package(&["resp", "durable"]),
        clients: Clients::Resp,
    },
    Row {
        name: "durable-object",
        about: "a StreamsObject in workerd, as behind its sockets, with its journal",
        program: workerd,
        clients: Clients::Resp,
    },
    Row {
        name: "jco",
        about: "the component in Node, over raw sessions",
        program: jco,
        clients: Clients::Resp,
    },
    Row {
        name: "jco-typed",
        about: "the same, by typed functions",
        program: jco,
        clients: Clients::Typed,
    },
    Row {
        name: "python",
        about: "the component in Python, over raw sessions",
        program: python,
        clients: Clients::Resp,
    },
    Row {
        name: "python-typed",
        about: "the same, by typed functions",
        program: python,
        clients: Clients::Typed,
    },
];

fn package(kind: &[&str]) -> Result<Command> {
    build::package()?;
    let mut node = process::command("node");
    node.arg(paths::tests().join("edges/node.mjs")).args(kind);
    Ok(node)
}

fn workerd() -> Result<Command> {
    setup::npm(&paths::tests())?;
    build::package()?;
    let mut node = process::command("node");
    node.arg(paths::tests().join("edges/object.mjs"));
    Ok(node)
}

fn jco() -> Result<Command> {
    setup::npm(&paths::tests())?;
    hosted(process::command("node"), &["node/edge.mjs"])
}

fn python() -> Result<Command> {
    hosted(process::command(setup::python()?), &["-m", "python.edge"])
}

/// A program of `tests/component` that hosts the component.
fn hosted(mut program: Command, arguments: &[&str]) -> Result<Command> {
    build::component(&component::ENGINE)?;
    program.args(arguments).current_dir(paths::tests().join("component"));
    program.env("BROOKLET_COMPONENT", component::ENGINE.path());
    Ok(program)
}

/// Plays the corpus through the chosen edges.
pub fn run(options: &Options) -> Result<ExitCode> {
    for name in &options.edges {
        let known = EDGES.map(|row| row.name);
        ensure!(known.contains(&name.as_str()), "no edge is called {name}: there are {known:?}");
    }
    let scripts = scripts(&paths::tests().join("transcripts")).map_err(|error| anyhow!(error))?;
    let mut failed = 0;
    for row in &EDGES {
        if !options.edges.is_empty() && !options.edges.iter().any(|name| name == row.name) {
            continue;
        }
        let mut edge = Edge::start((row.program)()?).map_err(|error| anyhow!(error))?;
        let both = [Protocol::Two, Protocol::Three];
        let (outcome, share) = match row.clients {
            Clients::Resp => (replay(&scripts, &mut edge, &both, |_| true), None),
            Clients::Calls => (replay(&scripts, &mut edge, &both[1..], is_calls), None),
            Clients::Typed => {
                let mut player = Player::new(edge);
                (replay(&scripts, &mut player, &both, is_playable), Some(player.share()))
            }
        };
        print!("{}", outcome.failures);
        failed += outcome.failed + usize::from(share.is_some_and(|share| !share.is_enough()));
        let left_out = match outcome.left_out {
            0 => String::new(),
            left_out => format!(", {left_out} cannot be played so"),
        };
        let share = share.map_or_else(String::new, |share| format!(", {share}"));
        report::say(&format!("{}: {} scenarios{left_out}{share}", row.about, outcome.played));
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
