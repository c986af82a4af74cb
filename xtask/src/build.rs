//! Builds the Wasm core, the npm package around it and the tutorial, each only when needed.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::report::step;
use crate::stamp::Stamp;
use crate::{paths, process, wasm};

/// Builds everything into place.
pub fn all() -> Result<()> {
    package()?;
    tutorial()
}

/// Builds the npm package, and the Wasm core in it.
pub fn package() -> Result<()> {
    wasm::build()?;
    npm_build("Build the npm package", &paths::package(), &Stamp::of("package", &inputs())?)
}

/// Builds the tutorial from the package as it was built before.
pub fn tutorial() -> Result<()> {
    let inputs = [&inputs()[..], &[paths::tutorial()]].concat();
    npm_build("Build the tutorial", &paths::tutorial(), &Stamp::of("tutorial", &inputs)?)
}

/// What decides the package: its sources, its dependencies, the core and its glue.
fn inputs() -> [PathBuf; 4] {
    let lock = paths::www().join("package-lock.json");
    [paths::package(), lock, wasm::module(), paths::generated().join("core.js")]
}

fn npm_build(what: &str, folder: &Path, stamp: &Stamp) -> Result<()> {
    if stamp.is_current(&folder.join("dist")) {
        return Ok(());
    }
    step(what, || {
        let mut npm = process::npm(folder);
        npm.args(["run", "build"]);
        process::quiet(npm)
    })?;
    stamp.write()
}
