//! `cargo xtask bench`: Brooklet beside a real Redis, measured in turns, in one run.
//!
//! The contenders are the native engine (`benches/engine`), the Wasm engine in Node
//! (`benches/node.mjs`) and Redis by its own statistics. They take turns sample by sample, so that
//! whatever else the machine does meets all of them alike.

mod table;
mod samples;
mod machine;
#[path = "../../../benches/engine/workload.rs"]
mod workload;
mod pipeline;
mod redis;
mod contender;
mod commands;
mod growth;
mod memory;
mod loopback;
mod startup;
mod doors;
mod durable;
mod readme;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;

use crate::{build, interrupt, report};
use contender::Hall;
use machine::Machine;
use samples::Verdicts;

/// What the benchmarks are given.
#[derive(Args)]
pub struct Options {
    /// Only operations with this in their names, or sections: growth, memory, loopback,
    /// startup, doors, durable
    filter: Option<String>,
    /// The Redis to measure beside (default: the environment's `REDIS_SERVER`; without it, none)
    #[arg(long)]
    server: Option<PathBuf>,
    /// Samples of each figure, after one that only warms up
    #[arg(long, default_value_t = 5)]
    rounds: u64,
    /// Grow to ten million entries
    #[arg(long)]
    large: bool,
    /// Write the tables into benches/README.md
    #[arg(long)]
    write: bool,
}

impl Options {
    /// Whether a section or an operation is asked for.
    fn wants(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.filter.as_ref().is_none_or(|filter| name.contains(&filter.to_lowercase()))
    }
}

/// One part of the report.
type Section = fn(&Hall, &Options, &mut Verdicts) -> Result<Option<String>>;

const SECTIONS: [Section; 7] = [
    commands::section,
    growth::section,
    memory::section,
    loopback::section,
    startup::section,
    doors::section,
    durable::section,
];

/// Measures what is asked for and prints it as Markdown.
pub fn run(options: &Options) -> Result<()> {
    ensure!(options.rounds > 0, "at least one round is needed");
    ensure!(
        !(options.write && options.filter.is_some()),
        "--write takes the whole report: leave the filter out"
    );
    interrupt::listen()?;
    build::package()?;
    let hall = Hall::open(options.server.clone())?;
    let machine = Machine::look(hall.redis.as_ref().map(|redis| redis.version.as_str()))?;
    let mut verdicts = Verdicts::default();
    let mut parts = vec![machine.text()];
    for section in SECTIONS {
        interrupt::check()?;
        parts.extend(section(&hall, options, &mut verdicts)?);
    }
    parts.extend(verdicts.text());
    let report = parts.join("\n\n");
    println!("{report}");
    if options.write {
        readme::write(&report)?;
        report::say("Written into benches/README.md");
    }
    Ok(())
}
