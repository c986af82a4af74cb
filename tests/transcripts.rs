//! Replays sessions that were recorded from a real Redis (`tests/transcripts/*.txt`), byte for
//! byte and in both protocols. No Redis is needed here; `cargo xtask record` asked it before.

use std::path::{Path, PathBuf};

use notation::replay::{Outcome, is_calls, replay, scripts};
use notation::{Protocol, Script};

#[path = "edges/engine.rs"]
mod engine;
#[path = "edges/packed.rs"]
mod packed;

fn corpus() -> Vec<(PathBuf, Script)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    scripts(&folder).expect("scripts that can be read")
}

fn check(outcome: &Outcome) {
    let Outcome { failed, failures, played, .. } = outcome;
    assert!(*failed == 0, "{failed} of {played} scenarios went otherwise:\n{failures}");
    assert!(*played > 0, "no scenario was found");
}

#[test]
fn every_transcript_replays_over_resp() {
    let protocols = [Protocol::Two, Protocol::Three];
    check(&replay(&corpus(), &mut engine::Host::resp(), &protocols, |_| true));
}

#[test]
fn calls_replay_packed() {
    let outcome = replay(&corpus(), &mut engine::Host::packed(), &[Protocol::Three], is_calls);
    check(&outcome);
    assert!(outcome.played > 9 * outcome.left_out, "most scenarios are calls: {outcome:?}");
}
