//! What the Wasm module weighs: as it is, and as servers send it.

use anyhow::{Result, bail, ensure};

use crate::{process, wasm};

/// The most that the module may weigh under brotli.
pub const BUDGET: u64 = 122_500;

/// Node measures, because it brings the compressors that servers use.
const SCRIPT: &str = r"
const { readFileSync } = require('node:fs');
const { gzipSync, brotliCompressSync } = require('node:zlib');
const module = readFileSync(process.argv[1]);
const gzipped = gzipSync(module, { level: 9 });
console.log(module.length, gzipped.length, brotliCompressSync(module).length);
";

/// Bytes of the module.
pub struct Sizes {
    pub raw: u64,
    pub gzip: u64,
    pub brotli: u64,
}

/// Weighs the module.
pub fn measure() -> Result<Sizes> {
    let mut node = process::command("node");
    node.arg("-e").arg(SCRIPT).arg(wasm::module());
    let sizes = process::output(node)?;
    let sizes: Vec<u64> = sizes.split_whitespace().map_while(|size| size.parse().ok()).collect();
    let [raw, gzip, brotli] = sizes[..] else { bail!("node did not tell three sizes") };
    Ok(Sizes { raw, gzip, brotli })
}

/// Says the sizes of the module; fails when it is over its budget.
pub fn check() -> Result<String> {
    let Sizes { raw, gzip, brotli } = measure()?;
    let report = format!(
        "raw {} kB, gzip {} kB, brotli {} of {} kB",
        kilobytes(raw),
        kilobytes(gzip),
        kilobytes(brotli),
        kilobytes(BUDGET)
    );
    ensure!(brotli <= BUDGET, "the core is too large: {report}");
    Ok(report)
}

fn kilobytes(bytes: u64) -> String {
    format!("{}.{}", bytes / 1000, bytes % 1000 / 100)
}
