//! Runs the `brooklet` program of the npm package as it is built here.

use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::Args;

use crate::{build, paths, process};

/// What `brooklet` is given.
#[derive(Args)]
pub struct Options {
    /// Arguments for brooklet, after `--`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds the package if needed and runs one of brooklet's commands in the foreground.
pub fn run(name: &str, options: &Options) -> Result<ExitCode> {
    build::package()?;
    let mut brooklet = command();
    brooklet.current_dir(std::env::current_dir()?).arg(name).args(&options.arguments);
    process::foreground(brooklet)
}

/// The `brooklet` of the built package.
pub fn command() -> Command {
    let mut node = process::command("node");
    node.arg(paths::package().join("bin/brooklet.js"));
    node
}
