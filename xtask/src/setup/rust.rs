//! The Rust targets and components that builds and tests need, through rustup.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::process::{self, command, probe};
use crate::report::step;

/// Our Wasm, and the target without `std` that proves the core needs none.
const TARGETS: [&str; 2] = ["wasm32-unknown-unknown", "wasm32v1-none"];

/// What tests run beside the compiler, and the rustup component that brings it.
const COMPONENTS: [(&str, &str); 2] = [("cargo-fmt", "rustfmt"), ("cargo-clippy", "clippy")];

/// Adds the Wasm targets and the components that are missing.
pub fn rust() -> Result<()> {
    let mut rustc = command("rustc");
    rustc.args(["--print", "sysroot"]);
    let sysroot = probe(rustc).context("cannot run rustc: install Rust from https://rustup.rs")?;
    for target in TARGETS {
        if !Path::new(&sysroot).join("lib/rustlib").join(target).is_dir() {
            add("target", target)?;
        }
    }
    for (program, component) in COMPONENTS {
        let mut version = command(program);
        version.arg("--version");
        if probe(version).is_none() {
            add("component", component)?;
        }
    }
    Ok(())
}

fn add(kind: &str, name: &str) -> Result<()> {
    let mut version = command("rustup");
    version.arg("--version");
    if probe(version).is_none() {
        bail!(
            "the Rust {kind} {name} is missing and there is no rustup to add it: add it yourself"
        );
    }
    step(&format!("Add the Rust {kind} {name}"), || {
        let mut rustup = command("rustup");
        rustup.args([kind, "add", name]);
        process::quiet(rustup)
    })
}
