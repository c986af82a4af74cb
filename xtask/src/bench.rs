//! `cargo xtask bench`: the native benchmarks, then those of the npm package in Node.
//!
//! Native benchmarks are Cargo's (`[[bench]]` in Cargo.toml); those in Node are `benches/*.mjs`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;

use crate::{build, paths, process};

/// What the benchmarks are given.
#[derive(Args)]
pub struct Options {
    /// Arguments for every benchmark, after `--`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs every benchmark in the foreground, one after the other.
pub fn run(options: &Options) -> Result<()> {
    build::package()?;
    let mut native = process::cargo();
    native.args(["bench", "--package", "brooklet", "--benches", "--"]).args(&options.arguments);
    show(native)?;
    for script in scripts()? {
        let mut node = process::command("node");
        node.arg("--expose-gc").arg(script).args(&options.arguments);
        show(node)?;
    }
    Ok(())
}

fn scripts() -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(paths::root().join("benches"))?.collect::<Result<Vec<_>, _>>()?;
    let paths = entries.into_iter().map(|entry| entry.path());
    let mut scripts: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|it| it == "mjs")).collect();
    scripts.sort();
    Ok(scripts)
}

fn show(mut command: std::process::Command) -> Result<()> {
    let status = command.status()?;
    ensure!(status.success(), "`{}` failed ({status})", process::line(&command));
    Ok(())
}
