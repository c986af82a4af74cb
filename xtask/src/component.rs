//! The WebAssembly component: compiled and optimized as the core is, wrapped by wit-component.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use wit_component::ComponentEncoder;

use crate::report::{say, step};
use crate::stamp::Stamp;
use crate::{paths, setup, slim, wasm};

/// The most that the component may weigh, in bytes as it is.
const BUDGET: u64 = 372_000;

/// Writes the component unless it was made from the sources as they are.
pub fn build() -> Result<()> {
    setup::npm(&paths::www())?;
    let own =
        ["wit", "xtask/src/component.rs", "xtask/src/slim.rs"].map(|path| paths::root().join(path));
    let stamp = Stamp::of("component", &[&wasm::inputs()[..], &own].concat())?;
    if stamp.is_current(&file()) {
        return Ok(());
    }
    setup::rust()?;
    let compiled = step("Compile the component", || wasm::compile("component", &wasm::SMALL))?;
    let module = paths::scratch().join("component.wasm");
    fs::create_dir_all(paths::scratch())?;
    fs::copy(compiled, &module)?;
    step("Optimize it with wasm-opt", || wasm::optimize(&module, &wasm::SMALL))?;
    let component = wrap(&fs::read(&module)?)?;
    let partial = file().with_extension("partial");
    fs::write(&partial, component)?;
    fs::rename(partial, file())?;
    stamp.write()
}

/// Where the component is.
pub fn file() -> PathBuf {
    paths::scratch().join("brooklet.wasm")
}

/// Says where the component is, and what it weighs.
pub fn tell() -> Result<()> {
    say(&format!("{} ({})", paths::shown(&file()), check()?));
    Ok(())
}

/// Says the size of the component; fails when it is over its budget.
pub fn check() -> Result<String> {
    let bytes = fs::metadata(file())?.len();
    let report = format!("raw {} of {} kB", bytes / 1000, BUDGET / 1000);
    ensure!(bytes <= BUDGET, "the component is too large: {report}");
    Ok(report)
}

/// The module tells its world in a section of its own, which becomes the component's type.
fn wrap(module: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(module)?;
    slim::component(&encoder.encode()?)
}
