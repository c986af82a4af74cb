//! Plays a session on both sides and compares every byte that a client hears.

use anyhow::{Result, anyhow};
use brooklet::reply::Form;
use brooklet::{Config, Engine};
use notation::random::{DATABASES, Event, KEYS, NAMES, START, Session};
use notation::text::request;
use notation::{Protocol, Reply, Value, resp};

use super::alike::alike;
use super::connection::Connection;
use super::oracle::Oracle;

/// Where the two sides part.
#[derive(Debug)]
pub struct Difference {
    /// The events before this one have been played.
    pub played: usize,
    /// Who heard different things.
    client: usize,
    /// What the oracle said since the last comparison.
    oracle: Vec<u8>,
    /// What Brooklet said.
    brooklet: Vec<u8>,
}

impl Difference {
    /// The lines that differ of the first reply that differs, as a person reads them.
    pub fn text(&self) -> String {
        let name = NAMES[self.client];
        let sides = (resp::parse_all(&self.oracle), resp::parse_all(&self.brooklet));
        let (Ok(oracle), Ok(brooklet)) = sides else {
            let shown = |bytes: &[u8]| bytes.escape_ascii().take(2000).map(char::from).collect();
            let (oracle, brooklet): (String, String) = (shown(&self.oracle), shown(&self.brooklet));
            return format!("{name} hears\n- of Redis: {oracle}\n+ of Brooklet: {brooklet}");
        };
        let same = oracle.iter().zip(&brooklet).take_while(|(one, other)| one == other).count();
        let side = |values: &[Value]| match values.get(same) {
            Some(value) => Reply::alone(value).text(0),
            None => "(nothing)".into(),
        };
        format!(
            "{name} hears of Redis (-), of Brooklet (+)\n{}",
            lines(&side(&oracle), &side(&brooklet))
        )
    }
}

/// Two texts without the lines with which both begin and end.
fn lines(one: &str, other: &str) -> String {
    let (one, other): (Vec<_>, Vec<_>) = (one.lines().collect(), other.lines().collect());
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| {
        pairs.take_while(|(one, other)| one == other).count()
    };
    let begin = same(&mut one.iter().zip(&other));
    let end = same(&mut one[begin..].iter().rev().zip(other[begin..].iter().rev()));
    let mark = |mark: &'static str, lines: &[&str]| -> String {
        let shown = begin.saturating_sub(1)..lines.len() - end;
        lines[shown].iter().flat_map(|line| [mark, line, "\n"]).collect()
    };
    mark("- ", &one) + &mark("+ ", &other)
}

/// How a session went.
pub enum Outcome {
    /// Nothing differs.
    Same,
    /// What differs is what ARCHITECTURE.md decides: Redis counted entries read beyond 2⁶³−1.
    Excused,
    /// Something differs.
    Differs(Difference),
}

/// An oracle, with connections that are used again: opening one costs as much as many commands.
pub struct Comparison {
    oracle: Oracle,
    idle: Vec<(Protocol, Connection)>,
}

impl Comparison {
    /// With a running oracle.
    pub fn new(mut oracle: Oracle) -> Result<Self> {
        oracle.hurry()?;
        Ok(Self { oracle, idle: Vec::new() })
    }

    /// What the oracle says of itself.
    pub fn log(&self) -> String {
        self.oracle.log()
    }

    /// Payloads of the keys that the last session left behind.
    pub fn payloads(&mut self) -> Result<Vec<Vec<u8>>> {
        let mut payloads = Vec::new();
        for key in KEYS {
            if let Ok((Value::Bulk(payload), _)) =
                resp::parse(&self.oracle.control(&[b"DUMP", key])?)
            {
                payloads.push(payload);
            }
        }
        Ok(payloads)
    }

    /// Plays a session.
    pub fn play(&mut self, session: &Session) -> Result<Outcome> {
        let mut sides = self.open(session)?;
        let difference = sides.play(session)?;
        let Sides { connections, engine, sessions, .. } = sides;
        let Some(difference) = difference else {
            self.put_back(session, connections, &engine, &sessions)?;
            return Ok(Outcome::Same);
        };
        let excused = overflowed(&difference.oracle) || self.overflowed()?;
        drop(connections);
        // The server is to know of it.
        self.oracle.barrier()?;
        Ok(if excused { Outcome::Excused } else { Outcome::Differs(difference) })
    }

    fn open(&mut self, session: &Session) -> Result<Sides<'_>> {
        let settings = session.settings();
        let mut config = Config::default();
        (config.block_limits.max_entries, config.block_limits.max_bytes) = session.node_limits;
        (config.idempotency.seconds, config.idempotency.entries) = session.idempotency;
        let (mut connections, mut sessions) = (Vec::new(), Vec::new());
        let mut engine = Engine::new(config);
        for protocol in &session.protocols {
            connections.push(self.connection(*protocol)?);
            let form = match protocol {
                Protocol::Two => Form::Resp2,
                Protocol::Three => Form::Resp3,
            };
            let opened = engine.open_session(START, form);
            sessions.push(opened.map_err(|error| anyhow!("{error:?}"))?);
        }
        let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
        self.oracle.clear(START, &settings)?;
        let said = vec![Vec::new(); sessions.len()];
        Ok(Sides { oracle: &mut self.oracle, connections, engine, sessions, said, clock: START })
    }

    fn connection(&mut self, protocol: Protocol) -> Result<Connection> {
        if let Some(place) = self.idle.iter().position(|(spoken, _)| *spoken == protocol) {
            return Ok(self.idle.swap_remove(place).1);
        }
        let mut connection = self.oracle.connect()?;
        if protocol == Protocol::Three {
            connection.ask(&[b"HELLO", b"3"])?;
        }
        Ok(connection)
    }

    /// Keeps connections that do not wait, with nothing that the session left on them.
    fn put_back(
        &mut self,
        session: &Session,
        connections: Vec<Connection>,
        engine: &Engine,
        sessions: &[u64],
    ) -> Result<()> {
        let mut kept = Vec::new();
        for (index, mut connection) in connections.into_iter().enumerate() {
            let state = engine.state().sessions.get(sessions[index]);
            let listens = session.events.iter().any(|event| {
                matches!(event, Event::Send(client, words)
                    if *client == index && words[0].eq_ignore_ascii_case(b"PSUBSCRIBE"))
            });
            let Some(state) = state.filter(|it| it.blocked.is_none() && !it.closing && !listens)
            else {
                continue;
            };
            let mut requests = Vec::new();
            if state.transaction.is_some() {
                requests.extend(request(&["DISCARD"]));
            }
            requests.extend([request(&["UNWATCH"]), request(&["SELECT", "0"])].concat());
            let replies = 2 + usize::from(state.transaction.is_some());
            connection.send(&requests)?;
            kept.push((session.protocols[index], connection, replies));
        }
        if kept.len() < sessions.len() {
            self.oracle.barrier()?;
        }
        for (protocol, mut connection, replies) in kept {
            connection.hear_values(replies)?;
            connection.take();
            self.idle.push((protocol, connection));
        }
        Ok(())
    }

    /// Whether a group has read more entries than a counter can hold.
    fn overflowed(&mut self) -> Result<bool> {
        for db in 0..DATABASES {
            self.oracle.control(&[b"SELECT", db.to_string().as_bytes()])?;
            for key in KEYS {
                if overflowed(&self.oracle.control(&[b"XINFO", b"GROUPS", key])?) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Whether a reply shows a negative number of entries read.
fn overflowed(reply: &[u8]) -> bool {
    const SHOWN: &[u8] = b"entries-read\r\n:-";
    reply.windows(SHOWN.len()).any(|it| it == SHOWN)
}

/// Both sides of one session.
struct Sides<'o> {
    oracle: &'o mut Oracle,
    connections: Vec<Connection>,
    engine: Engine,
    sessions: Vec<u64>,
    /// What Brooklet said and the oracle was not yet compared with.
    said: Vec<Vec<u8>>,
    clock: i64,
}

impl Sides<'_> {
    fn play(&mut self, session: &Session) -> Result<Option<Difference>> {
        let mut at = 0;
        while at < session.events.len() {
            let (played, actor) = match &session.events[at] {
                Event::Pass(millis) => {
                    self.pass(*millis)?;
                    (at + 1, None)
                }
                Event::Send(..) => {
                    let (client, bytes, next) = session.batch(at).expect("a command stands there");
                    self.send(client, &bytes)?;
                    (next, Some(client))
                }
            };
            if let Some(difference) = self.compare(played, actor)? {
                return Ok(Some(difference));
            }
            at = played;
        }
        self.compare_rest(session.events.len())
    }

    fn pass(&mut self, millis: i64) -> Result<()> {
        self.clock += millis;
        self.engine.tick(self.clock);
        self.drain();
        self.oracle.set_clock(self.clock)?;
        self.oracle.settle(DATABASES)
    }

    fn send(&mut self, client: usize, bytes: &[u8]) -> Result<()> {
        self.connections[client].send(bytes)?;
        self.engine.exchange(self.clock, self.sessions[client], bytes);
        self.drain();
        // Nobody answers who waits: what others do comes after that all the same.
        let state = self.engine.state();
        let waits =
            state.sessions.get(self.sessions[client]).is_some_and(|it| it.blocked.is_some());
        if waits { self.oracle.barrier() } else { Ok(()) }
    }

    fn drain(&mut self) {
        while let Some(id) = self.engine.next_output() {
            let client = self.sessions.iter().position(|session| *session == id);
            let Some(output) = self.engine.output(id) else { continue };
            self.said[client.expect("sessions are clients")].extend_from_slice(output.bytes);
            self.engine.consume(id);
        }
    }

    /// Compares what was said by now. Waits for the oracle no longer than for what Brooklet said.
    fn compare(&mut self, played: usize, actor: Option<usize>) -> Result<Option<Difference>> {
        for client in 0..self.connections.len() {
            if Some(client) != actor && self.said[client].is_empty() {
                continue;
            }
            if !self.connections[client].hear_like(&self.said[client])? {
                return self.compare_rest(played);
            }
            self.connections[client].take();
            self.said[client].clear();
        }
        Ok(None)
    }

    /// Compares everything, also with what the oracle says beyond what Brooklet said.
    fn compare_rest(&mut self, played: usize) -> Result<Option<Difference>> {
        // Long replies come in pieces, one with each turn of the server's event loop.
        loop {
            self.oracle.barrier()?;
            let mut more = false;
            for connection in &mut self.connections {
                more |= connection.hear_now()?;
            }
            if !more {
                break;
            }
        }
        for client in 0..self.connections.len() {
            let oracle = self.connections[client].take().0;
            let brooklet = std::mem::take(&mut self.said[client]);
            if !alike(&oracle, &brooklet) {
                return Ok(Some(Difference { played, client, oracle, brooklet }));
            }
        }
        Ok(None)
    }
}
