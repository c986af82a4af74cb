//! Makes a session that differs as short as it can while it still differs.

use anyhow::Result;
use notation::random::{Event, Session};

use super::compare::{Difference, play};
use super::oracle::Oracle;

/// Shrinks a session; returns what still differs.
pub fn shrink(
    oracle: &mut Oracle,
    session: &Session,
    difference: Difference,
) -> Result<(Session, Difference)> {
    let mut best = (session.clone(), difference);
    best.0.events.truncate(best.1.played);
    let mut size = best.0.events.len().div_ceil(2);
    while size > 0 {
        let before = best.0.events.len();
        let mut at = 0;
        while at < best.0.events.len() {
            let mut shorter = best.0.clone();
            let end = (at + size).min(shorter.events.len());
            shorter.events.drain(at..end);
            if !attempt(oracle, shorter, &mut best)? {
                at += size;
            }
        }
        if size > 1 || best.0.events.len() == before {
            size /= 2;
        }
    }
    drop_words(oracle, &mut best)?;
    Ok(best)
}

/// Takes words out of commands while that leaves the difference.
fn drop_words(oracle: &mut Oracle, best: &mut (Session, Difference)) -> Result<()> {
    for index in 0..best.0.events.len() {
        let mut word = 1;
        while let Some(Event::Send(_, words)) = best.0.events.get(index) {
            if word >= words.len() {
                break;
            }
            let mut shorter = best.0.clone();
            if let Event::Send(_, words) = &mut shorter.events[index] {
                words.remove(word);
            }
            if !attempt(oracle, shorter, best)? {
                word += 1;
            }
        }
    }
    Ok(())
}

/// Takes a shorter session for the best one if it differs too.
fn attempt(
    oracle: &mut Oracle,
    mut shorter: Session,
    best: &mut (Session, Difference),
) -> Result<bool> {
    let Some(difference) = play(oracle, &shorter)? else { return Ok(false) };
    shorter.events.truncate(difference.played);
    *best = (shorter, difference);
    Ok(true)
}
