//! `cargo xtask differential`: random sessions against a real Redis and against Brooklet, every
//! reply compared byte for byte.
//!
//! The oracle's wall clock is ours (`clock_preload.rs`), so that times, idle times and generated
//! IDs are the same on both sides and nothing in a reply has to be overlooked.

mod compare;
mod connection;
mod mask;
mod oracle;
pub mod record;
mod shrink;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use brooklet::command::table::COMMANDS;
use clap::Args;
use notation::random::{Command, Generator};

use crate::report::{say, seconds};
use oracle::Oracle;

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
}

/// Commands that answer differently by right: they tell of the server, the host or chance, or work
/// in another thread while others get their turn. Transcripts have most of them.
const NOT_COMPARED: [&str; 21] = [
    "auth",
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
    "quit",
    "randomkey",
    "reset",
    "scan",
    "shutdown",
    "slowlog",
    "time",
];

/// Compares until time is up or something differs.
pub fn run(options: &Options) -> Result<ExitCode> {
    let seed = options.seed.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(0, |now| now.as_secs())
    });
    let mut oracle = Oracle::start(options.server.as_deref())?;
    oracle.hurry()?;
    let mut generator = Generator::new(seed, compared());
    say(&format!("Comparing with Redis, seed {seed}"));
    let (begun, limit) = (Instant::now(), Duration::from_secs(options.seconds));
    let (mut sessions, mut events) = (0, 0_u64);
    while begun.elapsed() < limit {
        let session = generator.session();
        if let Some(difference) = compare::play(&mut oracle, &session)? {
            let (shortest, difference) = shrink::shrink(&mut oracle, &session, difference)?;
            println!("{}\n{}", shortest.script(), difference.text());
            say(&format!("A difference after {events} commands, seed {seed}, session {sessions}"));
            return Ok(ExitCode::FAILURE);
        }
        sessions += 1;
        events += session.events.len() as u64;
    }
    let took = begun.elapsed();
    let rate = u128::from(events) * 1000 / took.as_millis().max(1);
    say(&format!(
        "{events} commands in {sessions} sessions, no difference, in {} ({rate} a second)",
        seconds(took)
    ));
    Ok(ExitCode::SUCCESS)
}

/// The commands that are compared: the rows of the command table that are no containers.
fn compared() -> impl Iterator<Item = Command<'static>> {
    let rows = COMMANDS.all().filter(|found| {
        let command = found.container.map_or(found.spec.name, |container| container.name);
        found.spec.subcommands.is_empty() && !NOT_COMPARED.contains(&command)
    });
    rows.map(|found| Command { name: found.full_name(), syntax: found.spec.syntax })
}
