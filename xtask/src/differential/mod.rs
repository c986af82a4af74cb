//! `cargo xtask differential`: random sessions against a real Redis and against Brooklet, every
//! reply compared byte for byte.
//!
//! The oracle's wall clock is ours (`clock_preload.rs`), so that times, idle times and generated
//! IDs are the same on both sides and nothing in a reply has to be overlooked.

mod compare;
mod connection;
mod generate;
mod mask;
mod oracle;
mod random;
pub mod record;
mod session;
mod shrink;
mod syntax;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use clap::Args;

use crate::report::{say, seconds};
use generate::Generator;
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

/// Compares until time is up or something differs.
pub fn run(options: &Options) -> Result<ExitCode> {
    let seed = options.seed.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(0, |now| now.as_secs())
    });
    let mut oracle = Oracle::start(options.server.as_deref())?;
    let mut generator = Generator::new(seed);
    say(&format!("Comparing with Redis, seed {seed}"));
    let (begun, limit) = (Instant::now(), Duration::from_secs(options.seconds));
    let (mut sessions, mut events) = (0, 0);
    while begun.elapsed() < limit {
        let session = generator.session();
        if let Some(difference) = compare::play(&mut oracle, &session)? {
            let (shortest, difference) = shrink::shrink(&mut oracle, &session, difference)?;
            println!("{}\n{}", shortest.script(), difference.text());
            say(&format!("A difference after {events} commands, seed {seed}, session {sessions}"));
            return Ok(ExitCode::FAILURE);
        }
        sessions += 1;
        events += session.events.len();
    }
    let took = begun.elapsed();
    let rate = events as f64 / took.as_secs_f64() / 1000.0;
    say(&format!(
        "{events} commands in {sessions} sessions, no difference, in {} ({rate:.1} thousand a second)",
        seconds(took)
    ));
    Ok(ExitCode::SUCCESS)
}
