//! What holds for every history: replies are well-formed, requests may come in any pieces, no
//! bytes are fatal, and the effects of a history are the history.

mod host;

use notation::random::{Event, Generator, Session};
use notation::{Protocol, resp, text};
use proptest::prelude::*;

use host::{Host, assert_same_keys, is_beyond_effects};

/// A random session made of every command in the table that does not end it.
fn session(seed: u64) -> Session {
    Generator::new(seed, host::commands()).session()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_reply_is_well_formed(seed: u64) {
        let session = session(seed);
        Host::new(&session).play(&session, usize::MAX).assert_well_formed();
    }

    #[test]
    fn requests_may_come_in_any_pieces(seed: u64, piece in 1_usize..40) {
        let session = session(seed);
        let whole = Host::new(&session).play(&session, usize::MAX);
        let pieces = Host::new(&session).play(&session, piece);
        prop_assert_eq!(without_counters(&whole), without_counters(&pieces));
        assert_same_keys(&whole.engine, &pieces.engine, whole.clock);
    }

    #[test]
    fn damaged_requests_are_refused_and_nothing_worse(
        seed: u64,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        piece in 1_usize..200,
    ) {
        let session = session(seed);
        let commands = session.events.iter().filter_map(|event| match event {
            Event::Send(0, words) => Some(text::request(words)),
            _ => None,
        });
        let mut bytes = commands.collect::<Vec<_>>().concat();
        prop_assume!(!bytes.is_empty());
        for (index, byte) in damage {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        let mut host = Host::new(&session);
        bytes.chunks(piece).for_each(|piece| host.send(0, piece));
        host.assert_well_formed();
    }

    #[test]
    fn random_bytes_are_refused_and_nothing_worse(
        bytes in proptest::collection::vec(
            prop_oneof![
                Just(b'*'), Just(b'$'), Just(b'\r'), Just(b'\n'), Just(b'"'), Just(b'\''),
                b'0'..=b'9', any::<u8>(),
            ],
            0..400,
        ),
        piece in 1_usize..50,
    ) {
        let mut session = session(1);
        session.protocols = vec![Protocol::Two; 2];
        let mut cut = Host::new(&session);
        bytes.chunks(piece).for_each(|piece| cut.send(0, piece));
        cut.assert_well_formed();
        let mut whole = Host::new(&session);
        whole.send(0, &bytes);
        prop_assert_eq!(&whole.heard[0], &cut.heard[0]);
        whole.send(1, b"PING\r\n");
        prop_assert_eq!(&whole.heard[1].0, b"+PONG\r\n");
    }

    #[test]
    fn the_effects_of_a_history_are_the_history(seed: u64) {
        let mut session = session(seed);
        session.events.retain(|event| !is_beyond_effects(event));
        let host = Host::new(&session).play(&session, usize::MAX);
        host.assert_replays();
    }
}

/// What the clients heard. INFO and CLIENT INFO count bytes and requests as they come in, which
/// pieces change.
fn without_counters(host: &Host) -> Vec<Vec<resp::Value>> {
    let values = host.heard.iter().map(|(bytes, _)| resp::parse_all(bytes).expect("well-formed"));
    values.map(kept).collect()
}

fn kept(values: Vec<resp::Value>) -> Vec<resp::Value> {
    use resp::Value::{Array, Bulk, Verbatim};
    let counts = |text: &[u8]| text.starts_with(b"# ") || text.starts_with(b"id=");
    let without = |value| match value {
        Bulk(text) | Verbatim(text) if counts(&text) => Bulk(Vec::new()),
        Array(values) => Array(kept(values)),
        value => value,
    };
    values.into_iter().map(without).collect()
}
