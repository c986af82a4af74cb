//! Makes a session that differs as short as it can while it still differs.

use anyhow::Result;
use notation::Protocol;
use notation::random::{Event, Session};

use super::compare::{Comparison, Difference, Outcome};

/// A session, and where it differs.
type Differing = (Session, Difference);

/// Shrinks a session: events, then words, then settings. Returns what still differs.
pub fn shrink(
    comparison: &mut Comparison,
    session: &Session,
    difference: Difference,
) -> Result<Differing> {
    let mut best = (session.clone(), difference);
    best.0.events.truncate(best.1.played);
    drop_events(comparison, &mut best)?;
    drop_words(comparison, &mut best)?;
    drop_events(comparison, &mut best)?;
    reset_settings(comparison, &mut best)?;
    Ok(best)
}

/// Takes events out: many at once at first, then one by one.
fn drop_events(comparison: &mut Comparison, best: &mut Differing) -> Result<()> {
    let mut size = best.0.events.len().div_ceil(2);
    while size > 0 {
        let before = best.0.events.len();
        // From the end: what the difference needs is mostly near it.
        let mut end = before;
        while end > 0 {
            let start = end.saturating_sub(size);
            let mut shorter = best.0.clone();
            shorter.events.drain(start..end.min(shorter.events.len()));
            attempt(comparison, shorter, best)?;
            end = start.min(best.0.events.len());
        }
        if size > 1 || best.0.events.len() == before {
            size /= 2;
        }
    }
    Ok(())
}

/// Takes words out of commands, and queued commands out of transactions.
fn drop_words(comparison: &mut Comparison, best: &mut Differing) -> Result<()> {
    for index in 0..best.0.events.len() {
        // One word, a pair of them, or a number with the word that it counts.
        for taken in [1, 2, 3] {
            let mut word = 1;
            while let Some(Event::Send(_, words)) = best.0.events.get(index) {
                if word + taken > words.len() {
                    break;
                }
                let mut shorter = best.0.clone();
                if let Event::Send(_, words) = &mut shorter.events[index] {
                    words.drain(word..word + taken);
                }
                if !attempt(comparison, shorter, best)? {
                    word += 1;
                }
            }
        }
    }
    Ok(())
}

/// Tries what a server does by default, and as few clients as can be.
fn reset_settings(comparison: &mut Comparison, best: &mut Differing) -> Result<()> {
    let changes: [fn(&mut Session); 5] = [
        |session| session.node_limits.0 = 100,
        |session| session.node_limits.1 = 4096,
        |session| session.idempotency.0 = 100,
        |session| session.idempotency.1 = 100,
        |session| {
            for event in &mut session.events {
                if let Event::Send(client, _) = event {
                    *client = 0;
                }
            }
        },
    ];
    for change in changes {
        let mut simpler = best.0.clone();
        change(&mut simpler);
        attempt(comparison, simpler, best)?;
    }
    for client in 0..best.0.protocols.len() {
        let mut simpler = best.0.clone();
        simpler.protocols[client] = Protocol::Two;
        attempt(comparison, simpler, best)?;
    }
    Ok(())
}

/// Takes a simpler session for the best one if it differs too.
fn attempt(
    comparison: &mut Comparison,
    mut simpler: Session,
    best: &mut Differing,
) -> Result<bool> {
    let Outcome::Differs(difference) = comparison.play(&simpler)? else { return Ok(false) };
    simpler.events.truncate(difference.played);
    *best = (simpler, difference);
    Ok(true)
}
