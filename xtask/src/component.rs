//! The WebAssembly component: compiled and optimized as the core is, wrapped by wit-component.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use wit_component::ComponentEncoder;

use crate::report::{say, step};
use crate::stamp::Stamp;
use crate::{paths, setup, wasm};

/// The most that the component may weigh, in bytes as it is.
const BUDGET: u64 = 385_000;

/// Writes the component unless it was made from the sources as they are.
pub fn build() -> Result<()> {
    setup::npm(&paths::www())?;
    let own = ["wit", "xtask/src/component.rs"].map(|path| paths::root().join(path));
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
    without_names(&encoder.encode()?)
}

/// A component without the section that names its parts for debuggers, seven kilobytes.
fn without_names(component: &[u8]) -> Result<Vec<u8>> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    const NAME: &[u8] = b"\x0ecomponent-name";
    let (header, mut rest) = component.split_at_checked(HEADER).context("too short")?;
    let mut kept = header.to_vec();
    while let Some((kind, behind)) = rest.split_first() {
        let (length, content) = leb128(behind).context("no length of a section")?;
        let end = rest.len() - content.len() + length;
        let (section, next) = rest.split_at_checked(end).context("a section is cut short")?;
        if *kind != CUSTOM || !content.starts_with(NAME) {
            kept.extend_from_slice(section);
        }
        rest = next;
    }
    Ok(kept)
}

/// A number as Wasm writes lengths, and what is behind it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = bytes.iter().position(|byte| byte & 0x80 == 0)? + 1;
    let digits = bytes[..end].iter().rev();
    let number = digits.fold(0, |number, byte| number << 7 | usize::from(byte & 0x7f));
    Some((number, &bytes[end..]))
}

#[cfg(test)]
mod tests {
    use super::{leb128, without_names};

    #[test]
    fn only_the_names_are_left_out() {
        let with = b"\0asm\x0d\0\x01\0\x07\x02ab\x00\x10\x0ecomponent-name!\x00\x03\x01xy";
        let without = b"\0asm\x0d\0\x01\0\x07\x02ab\x00\x03\x01xy";
        assert_eq!(without_names(with).unwrap(), without);
        assert!(without_names(b"\0asm\x0d\0\x01\0\x07\x7f").is_err());
        assert_eq!(leb128(b"\x80\x01x"), Some((128, &b"x"[..])));
    }
}
