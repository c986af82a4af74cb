//! Where things are in the repository.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository")
}

/// The npm workspace with the package and the tutorial.
pub fn www() -> PathBuf {
    root().join("www")
}

/// The npm package.
pub fn package() -> PathBuf {
    www().join("package")
}

/// The glue and the Wasm module that the package is built around.
pub fn generated() -> PathBuf {
    package().join("src/generated")
}

/// The tutorial.
pub fn tutorial() -> PathBuf {
    www().join("tutorial")
}

/// The example of a Worker.
pub fn edge() -> PathBuf {
    www().join("edge")
}

/// The tests that speak to Brooklet from outside.
pub fn tests() -> PathBuf {
    root().join("tests")
}

/// Programs to copy from.
pub fn examples() -> PathBuf {
    root().join("examples")
}

/// Scratch space of the task runner, in Cargo's target directory.
pub fn scratch() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    target.map_or_else(|| root().join("target"), |dir| root().join(dir)).join("xtask")
}

/// `path` as it is written in messages: relative to the root.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
