//! Brooklet's task runner: `cargo xtask start | test | build | serve | cli | bench | setup`.
//!
//! Every command first sets up what it misses and says so; a second run finds it in place.

mod report;
mod process;
mod paths;
mod interrupt;
mod background;
mod stamp;
mod setup;
mod glue;
mod wasm;
mod size;
mod slim;
mod component;
mod build;
mod brooklet;
mod start;
mod bench;
mod replay;
#[cfg(unix)]
mod differential;
#[cfg(unix)]
mod compatibility;
mod crash;
mod fuzz;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Sets up, builds, starts, tests and measures Brooklet.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything, then run `brooklet serve` and the tutorial until Ctrl-C
    Start(start::Options),
    /// Run every test suite and end with one summary
    Test(test::Options),
    /// Build the Wasm core, the npm package and the tutorial into place
    Build,
    /// Build the WebAssembly components, whose contracts are in wit/
    Component,
    /// Build if needed, then run `brooklet serve`: cargo xtask serve -- --port 7000
    Serve(brooklet::Options),
    /// Build if needed, then run `brooklet cli`: cargo xtask cli -- XINFO HELP
    Cli(brooklet::Options),
    /// Measure beside a real Redis: cargo xtask bench --server PATH
    Bench(bench::Options),
    /// Compare random sessions with a real Redis, byte for byte
    #[cfg(unix)]
    Differential(differential::Options),
    /// Have a real Redis load random journals of Brooklet, and the other way round
    #[cfg(unix)]
    Journal(differential::journal::Options),
    /// Ask a real Redis for the replies in tests/transcripts
    #[cfg(unix)]
    Record(differential::record::Options),
    /// Write docs/compatibility.md from the command table and the transcripts
    #[cfg(unix)]
    Compatibility(compatibility::Options),
    /// Play tests/transcripts through edges of Brooklet, such as the Wasm build in Node
    Replay(replay::Options),
    /// Kill brooklet serve at random moments, and see that nothing is missing afterwards
    Crash(crash::Options),
    /// Fuzz one target of fuzz/: cargo xtask fuzz session --seconds 600
    Fuzz(fuzz::Options),
    /// Only set up what the other commands would: Wasm targets, npm packages, Python, Chromium
    Setup,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            report::failure(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Start(options) => start::run(&options)?,
        Task::Test(options) => return test::run(&options),
        Task::Build => build::all()?,
        Task::Component => {
            for component in component::ALL {
                build::component(component)?;
                component.tell()?;
            }
        }
        Task::Serve(options) => return brooklet::run("serve", &options),
        Task::Cli(options) => return brooklet::run("cli", &options),
        Task::Bench(options) => bench::run(&options)?,
        #[cfg(unix)]
        Task::Differential(options) => return differential::run(&options),
        #[cfg(unix)]
        Task::Journal(options) => differential::journal::run(&options)?,
        #[cfg(unix)]
        Task::Record(options) => differential::record::run(&options)?,
        #[cfg(unix)]
        Task::Compatibility(options) => compatibility::run(&options)?,
        Task::Replay(options) => return replay::run(&options),
        Task::Crash(options) => return crash::run(&options),
        Task::Fuzz(options) => return fuzz::run(&options),
        Task::Setup => setup::everything()?,
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
