//! What the core weighs, and how long it takes from the import to the first entry.

use anyhow::{Context as _, Result};

use super::Options;
use super::contender::Hall;
use super::samples::{Samples, Verdicts, digits};
use super::table::Table;
use crate::report::{say, step};
use crate::{interrupt, paths, process, setup, size};

/// Starts of a Node that has loaded nothing yet.
const NODE_STARTS: usize = 10;

/// The most milliseconds from the import to the first entry in Chromium.
const CHROMIUM_AIM: f64 = 100.0;

const NOTE: &str = "Cold start is the time from before `import` to the reply of the first `xAdd`; \
                    in Node in a new process, in Chromium in a new profile, bundled by Vite and \
                    fetched over loopback.";

/// Sizes and cold starts.
pub fn section(_: &Hall, options: &Options, verdicts: &mut Verdicts) -> Result<Option<String>> {
    if !options.wants("startup") {
        return Ok(None);
    }
    let mut table = Table::new(["", "", "aim"]);
    let sizes = size::measure()?;
    let kilobytes = |bytes: u64| bytes as f64 / 1000.0;
    for (how, bytes) in [("as it is", sizes.raw), ("gzip -9", sizes.gzip)] {
        let name = format!("core .wasm, {how}, kB");
        table.push(vec![name, digits(kilobytes(bytes)), String::new()]);
    }
    let name = "core .wasm, brotli, kB".to_owned();
    let (brotli, budget) = (kilobytes(sizes.brotli), kilobytes(size::BUDGET));
    let judged = verdicts.judge("size of the core", brotli, budget);
    table.push(vec![name, judged, digits(budget)]);

    let node = step("Measure cold starts in Node", node)?;
    table.push(vec!["cold start in Node, ms".into(), node.text(), String::new()]);
    let name = "cold start in Chromium, ms".to_owned();
    match step("Measure cold starts in Chromium", chromium) {
        Ok(starts) => {
            verdicts.judge("cold start in Chromium", starts.median(), CHROMIUM_AIM);
            let mark = if starts.median() <= CHROMIUM_AIM { '✓' } else { '✗' };
            let aim = digits(CHROMIUM_AIM);
            table.push(vec![name, format!("{} {mark}", starts.text()), aim]);
        }
        Err(error) => {
            say(&format!("{error:#}"));
            table.push(vec![name, "not measured".into(), digits(CHROMIUM_AIM)]);
        }
    }
    Ok(Some(format!("### Size and cold start\n\n{NOTE}\n\n{}", table.text())))
}

fn node() -> Result<Samples> {
    let start = || {
        interrupt::check()?;
        let mut node = process::command("node");
        node.arg(paths::root().join("benches/cold-node.mjs"));
        numbers(&process::output(node)?)
    };
    let starts: Result<Vec<Vec<f64>>> = (0..NODE_STARTS).map(|_| start()).collect();
    Ok(starts?.into_iter().flatten().collect())
}

fn chromium() -> Result<Samples> {
    let program = setup::chromium()?;
    setup::npm(&paths::tests())?;
    let mut node = process::command("node");
    node.env("CHROME", program).arg(paths::root().join("benches/cold-chromium.mjs"));
    Ok(numbers(&process::output(node)?)?.into_iter().collect())
}

fn numbers(lines: &str) -> Result<Vec<f64>> {
    let numbers: Result<_, _> = lines.lines().map(str::parse).collect();
    numbers.with_context(|| format!("milliseconds were expected, not {lines:?}"))
}
