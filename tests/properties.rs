//! What holds for every history: replies are well-formed, requests may come in any pieces, no
//! bytes are fatal, and the effects of a history are the history.

use brooklet::command::table::COMMANDS;
use brooklet::keyspace::{Database, Value};
use brooklet::reply::Form;
use brooklet::stream::Stream;
use brooklet::{Config, Engine};
use notation::random::{Command, Event, Generator, START, Session};
use notation::{Protocol, resp, text};
use proptest::prelude::*;

/// Commands after which a client hears nothing more, so that its history ends there.
const ENDS: [&str; 3] = ["quit", "client|kill", "client|reply"];

/// A random session made of every other command in the table.
fn session(seed: u64) -> Session {
    let rows = COMMANDS.all().filter(|found| {
        found.spec.subcommands.is_empty() && !ENDS.contains(&found.full_name().as_str())
    });
    let commands = rows.map(|found| Command { name: found.full_name(), syntax: found.spec.syntax });
    Generator::new(seed, commands).session()
}

/// An engine with the clients of a session.
struct Host {
    engine: Engine,
    clock: i64,
    clients: Vec<u64>,
    /// What each client heard, and whether it was closed.
    heard: Vec<(Vec<u8>, bool)>,
}

impl Host {
    fn new(session: &Session) -> Self {
        let mut config = Config { record_effects: true, ..Config::default() };
        (config.block_limits.max_entries, config.block_limits.max_bytes) = session.node_limits;
        let mut host =
            Self { engine: Engine::new(config), clock: START, clients: vec![], heard: vec![] };
        for protocol in &session.protocols {
            let form = if *protocol == Protocol::Two { Form::Resp2 } else { Form::Resp3 };
            host.clients.push(host.engine.open_session(START, form).expect("a few clients"));
            host.heard.push(Default::default());
        }
        host
    }

    fn send(&mut self, client: usize, bytes: &[u8]) {
        self.engine.exchange(self.clock, self.clients[client], bytes);
        self.drain();
    }

    fn pass(&mut self, millis: i64) {
        self.clock += millis;
        self.engine.tick(self.clock);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(id) = self.engine.next_output() {
            let client = self.clients.iter().position(|client| *client == id);
            let heard = &mut self.heard[client.expect("sessions are clients")];
            let Some(output) = self.engine.output(id) else { continue };
            heard.0.extend_from_slice(output.bytes);
            heard.1 |= output.close;
            self.engine.consume(id);
        }
    }

    /// Plays a session, the bytes of each command in pieces of `piece` bytes.
    fn play(mut self, session: &Session, piece: usize) -> Self {
        for event in &session.events {
            match event {
                Event::Pass(millis) => self.pass(*millis),
                Event::Send(client, words) => {
                    let request = text::request(words);
                    request.chunks(piece.max(1)).for_each(|piece| self.send(*client, piece));
                }
            }
        }
        self
    }

    fn assert_well_formed(&self) {
        for (bytes, _) in &self.heard {
            if let Err(fault) = resp::parse_all(bytes) {
                panic!("{fault:?} in {}", bytes.escape_ascii());
            }
        }
    }
}

/// What is in one engine at a time is in the other.
fn assert_same_keys(one: &Engine, other: &Engine, now: i64) {
    let (one, other) = (&one.state().keyspace, &other.state().keyspace);
    for db in 0..one.database_count() {
        let (one, other) = (one.database(db), other.database(db));
        assert_eq!(names(one), names(other), "the keys of database {db}");
        for name in names(one) {
            let (Some(one), Some(other)) = (one.get(&name), other.get(&name)) else {
                panic!("{} has a name and no value", name.escape_ascii())
            };
            let name = name.escape_ascii();
            assert_eq!(one.expires_at(), other.expires_at(), "when {name} expires");
            match (&one.value, &other.value) {
                (Value::String(one), Value::String(other)) => assert_eq!(one, other, "{name}"),
                (Value::Stream(one), Value::Stream(other)) => {
                    let (one, other) = (expired(one, now), expired(other, now));
                    assert!(one.same_state(&other), "{name}: {one:#?}\nis not\n{other:#?}");
                }
                _ => panic!("{name} has two types"),
            }
        }
    }
}

/// A stream without the idempotent IDs whose time is over, which nobody has looked at since.
fn expired(stream: &Stream, now: i64) -> Stream {
    let mut stream = stream.clone();
    stream.idempotency_mut().expire(now);
    stream
}

fn names(database: &Database) -> Vec<Vec<u8>> {
    let mut names: Vec<_> = database.iter().map(|(name, _)| name.bytes().to_vec()).collect();
    names.sort();
    names
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
        let mut replayed = Engine::new(Config::default());
        let effects = host.engine.effects();
        if let Err(error) = replayed.replay(host.clock, effects) {
            panic!("{} in {}", error.text().escape_ascii(), effects.escape_ascii());
        }
        assert_same_keys(&host.engine, &replayed, host.clock + 1);
    }
}

/// Whether a command leaves what the commands of Redis cannot say again: a trim with ACKED leaves
/// holes that depend on where blocks begin.
fn is_beyond_effects(event: &Event) -> bool {
    let is_option = |word: &Vec<u8>| word.eq_ignore_ascii_case(b"ACKED");
    matches!(event, Event::Send(_, words) if words.iter().any(is_option))
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
