//! What the same commands cost through each door of Brooklet.

use anyhow::Result;

use super::Options;
use super::contender::{Hall, Kind};
use super::samples::{Verdicts, digits};
use super::table::Table;
use super::workload::{Stage, Workload};
use crate::report::step;

/// The commands that are sent through every door.
const COMMANDS: [(Workload, u64); 2] =
    [(Workload::Xadd { fields: 1 }, 2_000), (Workload::Deliver { count: 100 }, 50)];

/// What they find there.
const STAGE: Stage = Stage { entries: 1_000, fields: 1, pending: 0 };

/// The native engine first: what the others add is told beside it.
const KINDS: [Kind; 11] = [
    Kind::Native,
    Kind::Packed,
    Kind::Client,
    Kind::Typed,
    Kind::Raw,
    Kind::JcoTyped,
    Kind::JcoRaw,
    Kind::PythonTyped,
    Kind::PythonRaw,
    Kind::ObjectRpc,
    Kind::ObjectRest,
];

/// The comparison of doors.
pub fn section(hall: &Hall, options: &Options, _: &mut Verdicts) -> Result<Option<String>> {
    if !options.wants("doors") {
        return Ok(None);
    }
    let samples =
        step("Measure doors in turns", || hall.in_turns(&KINDS, STAGE, &COMMANDS, options.rounds))?;
    let mut headings = vec![String::new()];
    for (workload, _) in COMMANDS {
        headings.extend([workload.title(), "×".into()]);
    }
    let mut table = Table::new(headings);
    for (place, kind) in KINDS.iter().enumerate() {
        let mut cells = vec![kind.title().to_owned()];
        for row in &samples {
            cells.extend([row[place].text(), digits(row[place].median() / row[0].median())]);
        }
        table.push(cells);
    }
    let title = format!(
        "### Doors, µs: median (minimum), rounds: {}\n\n\
         One call after the other through everything that Brooklet can be called by. × is the \
         median's ratio to that of the native engine. All but the Durable Object are in memory; \
         that one writes each change to its SQLite.",
        options.rounds
    );
    Ok(Some(format!("{title}\n\n{}", table.text())))
}
