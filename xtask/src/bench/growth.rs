//! Whether the cost of a command stays flat while streams and pending lists grow.

use anyhow::Result;

use super::Options;
use super::contender::{Hall, Kind};
use super::samples::{Samples, Verdicts, digits};
use super::table::Table;
use super::workload::{Stage, Workload};
use crate::report::step;

const KINDS: [Kind; 3] = [Kind::Redis, Kind::Native, Kind::Client];

/// Operations and how many of them make a sample, few enough for the smallest stage.
const ROWS: [(Workload, u64); 4] = [
    (Workload::Xadd { fields: 1 }, 500),
    (Workload::Xrange, 300),
    (Workload::Xclaim, 1_000),
    (Workload::Xautoclaim, 10),
];

const SIZES: [u64; 3] = [1_000, 100_000, 1_000_000];
const LARGE: u64 = 10_000_000;
const MOST_PENDING: u64 = 1_000_000;

/// What counts as flat: the largest stage costs at most this much more than the smallest. Random
/// access to more memory than a processor's cache holds costs some of it whatever the structure.
const FLAT: f64 = 2.0;

/// The growth of four operations.
pub fn section(hall: &Hall, options: &Options, verdicts: &mut Verdicts) -> Result<Option<String>> {
    if !options.wants("growth") {
        return Ok(None);
    }
    let kinds: Vec<_> = hall.present(&KINDS).collect();
    let mut sizes = SIZES.to_vec();
    sizes.extend(options.large.then_some(LARGE));
    let mut grown = Vec::new();
    for entries in &sizes {
        let stage = Stage { entries: *entries, fields: 1, pending: MOST_PENDING.min(*entries) };
        let samples = step(&format!("Measure growth at {entries} entries"), || {
            hall.in_turns(&kinds, stage, &ROWS, options.rounds)
        })?;
        grown.push(samples);
    }
    let title = format!(
        "### Growth, µs: median, rounds: {}\n\n\
         All entries are pending, up to {MOST_PENDING}. Flat is at most {FLAT} times the cost of \
         the smallest stream.",
        options.rounds
    );
    Ok(Some(format!("{title}\n\n{}", table(&kinds, &sizes, &grown, verdicts))))
}

/// `grown` holds samples by size, then by row, then by kind.
fn table(
    kinds: &[Kind],
    sizes: &[u64],
    grown: &[Vec<Vec<Samples>>],
    verdicts: &mut Verdicts,
) -> String {
    let mut headings = vec!["entries".to_owned()];
    headings.extend(sizes.iter().map(u64::to_string));
    headings.push("last ÷ first".into());
    let mut table = Table::new(headings);
    for (row, (workload, _)) in ROWS.iter().enumerate() {
        for (place, kind) in kinds.iter().enumerate() {
            let name = format!("{}, {}", workload.title(), kind.title());
            let medians: Vec<_> = grown.iter().map(|rows| rows[row][place].median()).collect();
            let growth = medians[medians.len() - 1] / medians[0];
            let mut cells = vec![name.clone()];
            cells.extend(medians.iter().copied().map(digits));
            cells.push(match kind {
                Kind::Redis => digits(growth),
                _ => verdicts.judge(&format!("growth of {name}"), growth, FLAT),
            });
            table.push(cells);
        }
    }
    table.text()
}
