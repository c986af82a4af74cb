//! What one command costs, everywhere.

use anyhow::Result;

use super::Options;
use super::contender::{Hall, Kind};
use super::samples::{Samples, Verdicts, digits};
use super::table::Table;
use super::workload::{COMMANDS, Stage, Workload};
use crate::report::step;

const KINDS: [Kind; 4] = [Kind::Redis, Kind::Native, Kind::Client, Kind::Packed];

/// What a contender may take of Redis' own time, where there is an aim.
fn aim(kind: Kind) -> Option<f64> {
    match kind {
        Kind::Native => Some(0.5),
        Kind::Client => Some(1.0),
        _ => None,
    }
}

/// The comparison of commands.
pub fn section(hall: &Hall, options: &Options, verdicts: &mut Verdicts) -> Result<Option<String>> {
    let rows: Vec<_> =
        COMMANDS.into_iter().filter(|(workload, _)| options.wants(&workload.title())).collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let kinds: Vec<_> = hall.present(&KINDS).collect();
    let samples = step("Measure commands in turns", || {
        hall.in_turns(&kinds, Stage::COMMANDS, &rows, options.rounds)
    })?;
    let Stage { entries, pending, .. } = Stage::COMMANDS;
    let title = format!(
        "### One operation, µs: median (minimum), rounds: {}\n\n\
         {entries} entries, {pending} of them pending. × is the median's ratio to that of Redis; \
         the aim is at most 0.5 for the native engine, at most 1 for the typed client.",
        options.rounds
    );
    Ok(Some(format!("{title}\n\n{}", table(&kinds, &rows, &samples, verdicts))))
}

fn table(
    kinds: &[Kind],
    rows: &[(Workload, u64)],
    samples: &[Vec<Samples>],
    verdicts: &mut Verdicts,
) -> String {
    let redis = kinds.iter().position(|kind| *kind == Kind::Redis);
    let mut headings = vec![""];
    for kind in kinds {
        headings.push(kind.title());
        if redis.is_some() && *kind != Kind::Redis {
            headings.push("×");
        }
    }
    let mut table = Table::new(headings);
    for ((workload, _), samples) in rows.iter().zip(samples) {
        let mut cells = vec![workload.title()];
        for (kind, own) in kinds.iter().zip(samples) {
            cells.push(own.text());
            let Some(redis) = redis.filter(|_| *kind != Kind::Redis) else { continue };
            let ratio = own.median() / samples[redis].median();
            cells.push(match aim(*kind) {
                Some(aim) => {
                    let what = format!("{}, {}", workload.title(), kind.title());
                    verdicts.judge(&what, ratio, aim)
                }
                None => digits(ratio),
            });
        }
        table.push(cells);
    }
    table.text()
}
