//! `cargo xtask record`: plays the transcripts against the oracle and writes down what it says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use notation::play::{Server, merge, play};
use notation::{Origin, Protocol, Script};

use super::connection::Connection;
use super::oracle::{Oracle, VERSION};
use crate::{paths, report};

/// What may be said on the command line.
#[derive(Args)]
pub struct Options {
    /// The Redis to ask (default: the environment's `REDIS_SERVER`)
    #[arg(long)]
    server: Option<PathBuf>,
    /// Files below tests/transcripts; all of them by default
    files: Vec<PathBuf>,
}

/// Rewrites the replies in the files.
pub fn run(options: &Options) -> Result<()> {
    let oracle = Oracle::start(options.server.as_deref())?;
    let mut recorder = Recorder { oracle, clients: BTreeMap::new() };
    for path in files(options)? {
        let text = fs::read_to_string(&path).with_context(|| paths::shown(&path))?;
        let mut script = Script::parse(&text).map_err(|error| anyhow!(error))?;
        if let Some(Origin::Written(why)) = &script.origin {
            report::say(&format!("{}: written by hand: {why}", paths::shown(&path)));
            continue;
        }
        record(&mut script, &mut recorder)
            .map_err(|error| anyhow!("{}: {error}", paths::shown(&path)))?;
        script.origin = Some(Origin::Recorded(VERSION.into()));
        let count = script.scenarios.len();
        let changed = if script.to_string() == text { "" } else { ", changed" };
        fs::write(&path, script.to_string())?;
        report::say(&format!("{}: {count} scenarios{changed}", paths::shown(&path)));
    }
    Ok(())
}

/// A script with what a fresh oracle replies to it.
pub fn fill(text: &str, server: Option<&Path>) -> Result<String> {
    let mut recorder = Recorder { oracle: Oracle::start(server)?, clients: BTreeMap::new() };
    let mut script = Script::parse(text).map_err(|error| anyhow!(error))?;
    record(&mut script, &mut recorder).map_err(|error| anyhow!(error))?;
    Ok(script.to_string())
}

fn files(options: &Options) -> Result<Vec<PathBuf>> {
    if !options.files.is_empty() {
        return Ok(options.files.clone());
    }
    let entries = paths::tests().join("transcripts").read_dir()?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut files: Vec<_> =
        paths.into_iter().filter(|it| it.extension().is_some_and(|it| it == "txt")).collect();
    files.sort();
    Ok(files)
}

fn record(script: &mut Script, recorder: &mut Recorder) -> Result<(), String> {
    for scenario in &mut script.scenarios {
        let two = play(scenario, Protocol::Two, recorder)?;
        let three = play(scenario, Protocol::Three, recorder)?;
        for (step, (two, three)) in scenario.steps.iter_mut().zip(two.iter().zip(&three)) {
            step.heard = merge(&step.action, two, three);
        }
    }
    Ok(())
}

struct Recorder {
    oracle: Oracle,
    clients: BTreeMap<String, Connection>,
}

/// What a scenario finds when it sets nothing; scenarios that set more set it back.
const DEFAULTS: [(&str, &str); 9] = [
    ("stream-node-max-entries", "100"),
    ("stream-node-max-bytes", "4096"),
    ("stream-idmp-duration", "100"),
    ("stream-idmp-maxsize", "100"),
    ("notify-keyspace-events", ""),
    ("maxmemory", "0"),
    ("requirepass", ""),
    (
        "client-output-buffer-limit",
        "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
    ),
    ("proto-max-bulk-len", "536870912"),
];

impl Recorder {
    fn client(&mut self, name: &str) -> Result<&mut Connection, String> {
        self.clients.get_mut(name).ok_or_else(|| format!("{name} is not connected"))
    }
}

impl Server for Recorder {
    fn reset(&mut self, clock: i64) -> Result<(), String> {
        self.clients.clear();
        told(self.oracle.barrier())?;
        told(self.oracle.control(&[b"DEBUG", b"SET-ACTIVE-EXPIRE", b"0"]))?;
        told(self.oracle.flush(clock, &DEFAULTS))
    }

    fn open(&mut self, client: &str, protocol: Protocol) -> Result<i64, String> {
        let mut connection = told(self.oracle.connect())?;
        if protocol == Protocol::Three {
            told(connection.ask(&[b"HELLO", b"3"]))?;
        }
        let reply = told(connection.ask(&[b"CLIENT", b"ID"]))?;
        self.clients.insert(client.into(), connection);
        let id = String::from_utf8_lossy(&reply);
        id.trim_matches([':', '\r', '\n']).parse().map_err(|_| format!("CLIENT ID: {id}"))
    }

    fn send(&mut self, client: &str, bytes: &[u8]) -> Result<(), String> {
        let connection = self.client(client)?;
        told(connection.send(bytes))?;
        if bytes.windows(5).any(|word| word.eq_ignore_ascii_case(b"FLUSH")) {
            told(connection.hear_values(1))?;
        }
        told(self.oracle.barrier())
    }

    fn leave(&mut self, client: &str) -> Result<(), String> {
        self.clients.remove(client);
        told(self.oracle.barrier())
    }

    fn set_clock(&mut self, clock: i64) -> Result<(), String> {
        told(self.oracle.set_clock(clock))?;
        told(self.oracle.settle(2))
    }

    fn heard(&mut self, client: &str) -> Result<(Vec<u8>, bool), String> {
        let connection = self.client(client)?;
        told(connection.hear_now())?;
        Ok(connection.take())
    }
}

fn told<T>(result: Result<T>) -> Result<T, String> {
    result.map_err(|error| format!("{error:#}"))
}
