//! Builds the Wasm core, the npm package around it and the tutorial, each only when needed.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::report::step;
use crate::stamp::Stamp;
use crate::{component, paths, process, wasm};

/// Builds everything into place.
pub fn all() -> Result<()> {
    let _turn = turn()?;
    build_package()?;
    build_tutorial()
}

/// Builds the npm package, and the Wasm core in it.
pub fn package() -> Result<()> {
    let _turn = turn()?;
    build_package()
}

/// Builds the Wasm core alone.
pub fn core() -> Result<()> {
    let _turn = turn()?;
    wasm::build()
}

/// Builds a WebAssembly component.
pub fn component(which: &component::Component) -> Result<()> {
    let _turn = turn()?;
    which.build()
}

/// Waits until no other task runner builds into the same places; the turn ends with the file.
fn turn() -> Result<File> {
    let folder = paths::root().join("target");
    fs::create_dir_all(&folder)?;
    let file = File::create(folder.join("xtask.lock"))?;
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        step("Wait for another build", || Ok(file.lock()?))?;
    }
    Ok(file)
}

fn build_package() -> Result<()> {
    wasm::build()?;
    npm_build("Build the npm package", &paths::package(), &Stamp::of("package", &inputs())?)
}

/// Builds the tutorial from the package as it was built before.
fn build_tutorial() -> Result<()> {
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
