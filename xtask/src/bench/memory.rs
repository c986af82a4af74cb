//! Bytes per entry and per pending entry.

use anyhow::Result;

use super::Options;
use super::contender::{Hall, Kind, Memory};
use super::samples::{Verdicts, digits};
use super::table::Table;
use super::workload::Stage;
use crate::report::step;

const KINDS: [Kind; 3] = [Kind::Redis, Kind::Native, Kind::Client];
const MILLION: u64 = 1_000_000;

/// The stages, each with what it tells and the most bytes that it may take.
const ROWS: [(&str, Stage, Part, f64); 3] = [
    ("an entry, 1 field", PENDING, Part::Entry, 31.0),
    ("an entry, 5 fields", WIDE, Part::Entry, 100.0),
    ("a pending entry", PENDING, Part::Pending, 48.0),
];
const PENDING: Stage = Stage { entries: MILLION, fields: 1, pending: MILLION };
const WIDE: Stage = Stage { entries: MILLION, fields: 5, pending: 0 };

#[derive(Clone, Copy)]
enum Part {
    Entry,
    Pending,
}

const NOTE: &str = "A million entries, values of 16 bytes. Redis: growth of `used_memory`. \
                    Native: the engine's own count of what it keeps. Wasm: growth of the linear \
                    memory, so with all that the allocator cannot use.";

/// What a million entries weigh.
pub fn section(hall: &Hall, options: &Options, verdicts: &mut Verdicts) -> Result<Option<String>> {
    if !options.wants("memory") {
        return Ok(None);
    }
    let kinds: Vec<_> = hall.present(&KINDS).collect();
    let measured = step("Measure memory", || {
        let of = |kind: &Kind| Ok((hall.memory(*kind, PENDING)?, hall.memory(*kind, WIDE)?));
        kinds.iter().map(of).collect::<Result<Vec<_>>>()
    })?;
    let mut headings = vec!["bytes for"];
    headings.extend(kinds.iter().map(|kind| kind.title()));
    headings.push("aim");
    let mut table = Table::new(headings);
    for (what, stage, part, aim) in ROWS {
        let mut cells = vec![what.to_owned()];
        for (kind, (pending, wide)) in kinds.iter().zip(&measured) {
            let figure = part.of(if stage == WIDE { wide } else { pending });
            cells.push(match kind {
                Kind::Redis => digits(figure),
                _ => verdicts.judge(&format!("bytes for {what}, {}", kind.title()), figure, aim),
            });
        }
        cells.push(digits(aim));
        table.push(cells);
    }
    Ok(Some(format!("### Memory\n\n{NOTE}\n\n{}", table.text())))
}

impl Part {
    fn of(self, memory: &Memory) -> f64 {
        match self {
            Self::Entry => memory.entry,
            Self::Pending => memory.pending,
        }
    }
}
