//! The Wasm core: Cargo compiles it, wasm-bindgen binds it, wasm-opt optimizes it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, Result};
use serde_json::Value;
use wasm_bindgen_cli_support::Bindgen;

use crate::report::step;
use crate::stamp::Stamp;
use crate::{glue, paths, process, setup};

const TARGET: &str = "wasm32-unknown-unknown";

/// What a module gives for its speed. Both inline less than opt-level "s" would.
pub struct Balance {
    /// The largest function that is inlined where nothing hints at it.
    threshold: u32,
    /// The same where the source hints at it.
    hinted: u32,
    /// How wasm-opt optimizes.
    level: &'static str,
}

/// A page's module: hints are heard, since more inlining would gain a twentieth of a call for six
/// kilobytes.
const FAST: Balance = Balance { threshold: 10, hinted: 80, level: "-O3" };

/// A module whose callers pay more for the way into it than for what it does.
pub const SMALL: Balance = Balance { threshold: 5, hinted: 10, level: "-Oz" };

/// Writes `www/package/src/generated` unless it was made from the sources as they are.
pub fn build() -> Result<()> {
    setup::npm(&paths::www())?;
    let stamp = Stamp::of("wasm", &inputs())?;
    if stamp.is_current(&module()) {
        return Ok(());
    }
    setup::rust()?;
    let compiled = step("Compile the core to Wasm", || compile("brooklet", "js", &FAST))?;
    let bound = paths::scratch().join("bound");
    step("Bind it with wasm-bindgen", || bind(&compiled, &bound))?;
    step("Optimize it with wasm-opt", || optimize(&bound.join("core_bg.wasm"), &FAST))?;
    place(&bound)?;
    stamp.write()
}

/// The module that the package loads.
pub fn module() -> PathBuf {
    paths::generated().join("core_bg.wasm")
}

/// Everything that decides what a module is, this file included: it holds the options.
pub fn inputs() -> [PathBuf; 7] {
    const INPUTS: [&str; 7] = [
        "src",
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        "xtask/src/wasm.rs",
        "xtask/src/glue.rs",
        "www/package-lock.json",
    ];
    INPUTS.map(|path| paths::root().join(path))
}

/// Compiles a library with a feature as a module, and returns where Cargo put it.
pub fn compile(package: &str, feature: &str, balance: &Balance) -> Result<PathBuf> {
    let mut cargo = process::cargo();
    cargo.args(["rustc", "--quiet", "--package", package, "--lib", "--crate-type", "cdylib"]);
    cargo.args([
        "--profile",
        "wasm",
        "--no-default-features",
        "--features",
        feature,
        "--target",
        TARGET,
    ]);
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags(balance));
    cargo.arg("--message-format=json-render-diagnostics");
    let messages = process::output(cargo)?;
    artifact(&messages).context("Cargo named no .wasm file")
}

/// Paths of the machine that builds stay out of the module.
fn flags(balance: &Balance) -> String {
    let home = env::home_dir().unwrap_or_default();
    let cargo = env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    let Balance { threshold, hinted, .. } = balance;
    let inline = [
        format!("-Cllvm-args=--inline-threshold={threshold}"),
        format!("-Cllvm-args=--inlinehint-threshold={hinted}"),
    ];
    [&inline[..], &[remap(paths::root(), "brooklet"), remap(&cargo, "cargo")]].concat().join(" ")
}

/// The last .wasm file in Cargo's messages: dependencies come first.
fn artifact(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let files = messages.filter_map(|message| message["filenames"].as_array().cloned()).flatten();
    let mut files = files.filter_map(|file| file.as_str().map(PathBuf::from));
    files.rfind(|file| file.extension().is_some_and(|it| it == "wasm"))
}

fn bind(compiled: &Path, out: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.web(true)?.typescript(true).out_name("core");
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.input_path(compiled).generate(out)?;
    glue::frame(out)
}

/// Optimizes a module in place. The first kilobyte of its memory is the end of the stack, so no
/// address with an offset wraps around into it.
pub fn optimize(module: &Path, balance: &Balance) -> Result<()> {
    let mut wasm_opt = process::command("node");
    wasm_opt.arg(paths::www().join("node_modules/binaryen/bin/wasm-opt"));
    wasm_opt.args([balance.level, "--low-memory-unused"]);
    wasm_opt.arg(module).arg("-o").arg(module);
    process::quiet(wasm_opt)
}

/// Copies everything that was made, each file under its name only when it is whole.
fn place(made: &Path) -> Result<()> {
    let folder = paths::generated();
    fs::create_dir_all(&folder)?;
    for entry in fs::read_dir(made)? {
        let entry = entry?;
        let partial = folder.join(".partial");
        fs::copy(entry.path(), &partial)?;
        fs::rename(&partial, folder.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_module_is_found_among_cargos_messages() {
        let messages = concat!(
            "warning: something rendered\n",
            r#"{"reason":"compiler-artifact","filenames":["/t/libserde.rlib"]}"#,
            "\n",
            r#"{"reason":"compiler-artifact","filenames":["/t/release/brooklet.wasm"]}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(super::artifact(messages).unwrap(), Path::new("/t/release/brooklet.wasm"));
        assert!(super::artifact("{}").is_none());
    }
}
