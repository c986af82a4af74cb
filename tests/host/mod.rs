//! An engine with the clients of a random session, for tests of what holds for every history.

use brooklet::command::table::COMMANDS;
use brooklet::keyspace::{Database, Value};
use brooklet::reply::Form;
use brooklet::stream::Stream;
use brooklet::{Config, Engine};
use notation::random::{Command, Event, START, Session};
use notation::{Protocol, resp, text};

/// Commands after which a client hears nothing more, or only what is published, so that its history
/// ends there.
const ENDS: [&str; 6] =
    ["quit", "client|kill", "client|reply", "subscribe", "psubscribe", "ssubscribe"];

/// Every other command in the table.
pub fn commands() -> impl Iterator<Item = Command<'static>> {
    let rows = COMMANDS
        .all()
        .filter(|found| !found.is_container() && !ENDS.contains(&found.full_name().as_str()));
    rows.map(|found| Command { name: found.full_name(), syntax: found.syntax() })
}

/// An engine with the clients of a session.
pub struct Host {
    /// The engine.
    pub engine: Engine,
    /// The time.
    pub clock: i64,
    config: Config,
    clients: Vec<u64>,
    /// What each client heard, and whether it was closed.
    pub heard: Vec<(Vec<u8>, bool)>,
}

impl Host {
    /// An empty engine, and clients.
    pub fn new(session: &Session) -> Self {
        let mut config = Config { record_effects: true, ..Config::default() };
        (config.block_limits.max_entries, config.block_limits.max_bytes) = session.node_limits;
        (config.idempotency.seconds, config.idempotency.entries) = session.idempotency;
        let engine = Engine::new(config.clone());
        let mut host = Self { engine, clock: START, config, clients: vec![], heard: vec![] };
        for protocol in &session.protocols {
            let form = if *protocol == Protocol::Two { Form::Resp2 } else { Form::Resp3 };
            host.clients.push(host.engine.open_session(START, form).expect("a few clients"));
            host.heard.push(Default::default());
        }
        host
    }

    /// A client sends bytes.
    pub fn send(&mut self, client: usize, bytes: &[u8]) {
        self.engine.exchange(self.clock, self.clients[client], bytes);
        self.drain();
    }

    /// Time passes.
    pub fn pass(&mut self, millis: i64) {
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
    pub fn play(mut self, session: &Session, piece: usize) -> Self {
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

    /// Replays the effects into an empty engine, which is then the same.
    pub fn assert_replays(&self) {
        let mut replayed = Engine::new(self.config.clone());
        let effects = self.engine.effects();
        if let Err(error) = replayed.replay(self.clock, effects) {
            panic!("{} in {}", error.text().escape_ascii(), effects.escape_ascii());
        }
        assert_same_keys(&self.engine, &replayed, self.clock + 1);
    }

    /// Every client has heard replies, and nothing else.
    pub fn assert_well_formed(&self) {
        for (bytes, _) in &self.heard {
            if let Err(fault) = resp::parse_all(bytes) {
                panic!("{fault:?} in {}", bytes.escape_ascii());
            }
        }
    }
}

/// What is in one engine at a time is in the other.
pub fn assert_same_keys(one: &Engine, other: &Engine, now: i64) {
    assert_alike(one, other, |stream| expired(stream, now));
}

/// What is in one engine is in the other, as far as `shown` shows of a stream.
pub fn assert_alike(one: &Engine, other: &Engine, shown: impl Fn(&Stream) -> Stream) {
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
                    let (one, other) = (shown(one), shown(other));
                    assert!(one.same_state(&other), "{name}: {one:#?}\nis not\n{other:#?}");
                }
                _ => panic!("{name} has two types"),
            }
        }
    }
}

/// A stream without the idempotent IDs whose time is over, which nobody has looked at since.
pub fn expired(stream: &Stream, now: i64) -> Stream {
    let mut stream = stream.clone();
    stream.idempotency_mut().expire(now);
    stream
}

fn names(database: &Database) -> Vec<Vec<u8>> {
    let mut names: Vec<_> = database.iter().map(|(name, _)| name.to_vec()).collect();
    names.sort();
    names
}

/// Whether a command leaves what the commands of Redis cannot say again: a trim with ACKED leaves
/// holes that depend on where blocks begin.
pub fn is_beyond_effects(event: &Event) -> bool {
    let is_option = |word: &Vec<u8>| word.eq_ignore_ascii_case(b"ACKED");
    matches!(event, Event::Send(_, words) if words.iter().any(is_option))
}
