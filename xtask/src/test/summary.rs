//! The table at the end of a test run.

use std::fmt::Write as _;
use std::time::Duration;

use crate::report::{Colour, seconds};

/// How one suite ended: with a note for the summary, or with a reason.
pub struct Outcome {
    pub suite: &'static str,
    pub result: Result<String, String>,
    pub took: Duration,
}

/// One line a suite: name, result, seconds, note or the first line of the reason.
pub fn table(outcomes: &[Outcome], paint: fn(Colour, &str) -> String) -> String {
    let width = outcomes.iter().map(|outcome| outcome.suite.len()).max().unwrap_or_default();
    let mut table = String::new();
    for Outcome { suite, result, took } in outcomes {
        let (word, note) = match result {
            Ok(note) => (paint(Colour::Green, "ok  "), note),
            Err(reason) => (paint(Colour::Red, "FAIL"), reason),
        };
        let note = note.lines().next().unwrap_or_default().trim_end_matches(':');
        let line = format!("{suite:<width$}  {word}  {:>8}  {note}", seconds(*took));
        writeln!(table, "{}", line.trim_end()).expect("a String takes everything");
    }
    table
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Outcome, table};

    #[test]
    fn suites_stand_in_columns_and_a_reason_is_one_line() {
        let passed = Outcome { suite: "fmt", result: Ok(String::new()), took: Duration::ZERO };
        let reason = Err("no node:\nlong story".into());
        let failed = Outcome { suite: "package", result: reason, took: Duration::from_secs(75) };
        let table = table(&[passed, failed], |_, text| text.to_owned());
        assert_eq!(table, "fmt      ok       0.0 s\npackage  FAIL    75.0 s  no node\n");
    }
}
