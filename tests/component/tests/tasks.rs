//! The flavour whose calls wait, as a host sees it.

use std::path::Path;

use component::tasks::{Player, component};
use notation::Protocol;
use notation::replay::{replay, scripts};

/// Whoever runs the component must give it nothing but what `wit/wasi-0.3` says.
#[test]
fn it_imports_nothing_but_our_own_interfaces() {
    let component = component();
    let kind = component.component_type();
    let mut imports: Vec<_> =
        kind.imports(component.engine()).map(|(name, _)| name.to_owned()).collect();
    imports.sort();
    let ours = ["clock", "journal", "types"];
    assert_eq!(imports, ours.map(|it| format!("brooklet:streams/{it}@0.2.0")));
}

fn transcripts(durable: bool, protocols: &[Protocol]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../transcripts");
    let scripts = scripts(&folder).expect("transcripts");
    let outcome = replay(&scripts, &mut Player::new(durable), protocols, |_| true);
    assert_eq!(outcome.failed, 0, "{}", outcome.failures);
    assert!(outcome.played > 500, "{} scenarios", outcome.played);
}

/// Commands that block have their calls wait; other calls of the same instance wake them.
#[test]
fn raw_sessions_answer_as_redis_does() {
    transcripts(false, &[Protocol::Two, Protocol::Three]);
}

#[test]
fn raw_sessions_that_listen_answer_the_same_with_a_journal() {
    transcripts(true, &[Protocol::Three]);
}
