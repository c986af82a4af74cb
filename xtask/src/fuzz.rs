//! `cargo xtask fuzz TARGET`: builds an instrumented target and lets libFuzzer loose on it.
//!
//! Coverage instrumentation is a pass of LLVM that a stable compiler runs as well; only
//! sanitizers need a nightly one, and code without `unsafe` has little use for them.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::{paths, process};

/// What may be said on the command line.
#[derive(Args)]
pub struct Options {
    /// A file of fuzz/targets, without its ending
    target: String,
    /// How long to go on
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Arguments for libFuzzer, after `--`: files to run, or `-minimize_crash=1` and the like
    #[arg(last = true)]
    rest: Vec<String>,
}

/// What `cargo fuzz run --sanitizer none` gives the compiler.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1 --cfg fuzzing";

/// Builds the target and runs it in the foreground.
pub fn run(options: &Options) -> Result<ExitCode> {
    let fuzz = paths::root().join("fuzz");
    let (target, triple) = (&options.target, host()?);
    if !fuzz.join("targets").join(target).with_extension("rs").exists() {
        bail!("fuzz/targets has no {target}.rs");
    }
    let mut build = process::cargo();
    build.args(["build", "--quiet", "--release", "--bin", target, "--target", &triple]);
    build.current_dir(&fuzz).env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", "target");
    process::quiet(build)?;
    // What it finds goes into the first directory; the seeds stay as they are.
    let corpus = fuzz.join("corpus").join(target);
    std::fs::create_dir_all(&corpus)?;
    let program = fuzz.join("target").join(triple).join("release").join(target);
    let mut fuzzer = process::command(program);
    fuzzer.current_dir(&fuzz).args(["-rss_limit_mb=512", "-timeout=10", "-max_len=16384"]);
    fuzzer.arg(format!("-max_total_time={}", options.seconds)).arg("-print_final_stats=1");
    fuzzer.args(&options.rest);
    if options.rest.iter().all(|argument| argument.starts_with('-')) {
        fuzzer.arg(corpus).arg(Path::new("seeds").join(target));
    }
    process::foreground(fuzzer)
}

/// The triple of this machine: with a target named, build scripts are not instrumented.
fn host() -> Result<String> {
    let mut rustc = process::command("rustc");
    rustc.arg("-vV");
    let about = process::output(rustc)?;
    let line = about.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("rustc tells its host")?.to_owned())
}
