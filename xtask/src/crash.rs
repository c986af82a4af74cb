//! `cargo xtask crash`: kills `brooklet serve` again and again, and looks for what is missing.

use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::{build, paths, process, setup};

/// What may be said on the command line.
#[derive(Args)]
pub struct Options {
    /// How often to kill
    #[arg(long, default_value_t = 300)]
    kills: u32,
    /// When the server flushes what it wrote
    #[arg(long, value_enum, default_value_t = Policy::Always)]
    appendfsync: Policy,
}

/// Redis' `appendfsync`.
#[derive(Clone, Copy, ValueEnum)]
pub enum Policy {
    /// Before it replies
    Always,
    /// Once a second
    Everysec,
    /// When the system likes
    No,
}

/// Builds the package if needed and runs the loop in the foreground.
pub fn run(options: &Options) -> Result<ExitCode> {
    build::package()?;
    setup::npm(&paths::tests())?;
    process::foreground(command(options.kills, options.appendfsync))
}

/// The loop as a program.
pub fn command(kills: u32, policy: Policy) -> Command {
    let mut node = process::command("node");
    node.arg(paths::tests().join("crash/main.mjs"));
    let policy = match policy {
        Policy::Always => "always",
        Policy::Everysec => "everysec",
        Policy::No => "no",
    };
    node.args(["--kills", &kills.to_string(), "--appendfsync", policy]);
    node
}
