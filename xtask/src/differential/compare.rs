//! Plays a session on both sides and compares every byte that a client hears.

use std::time::Duration;

use anyhow::{Result, anyhow};
use brooklet::reply::Form;
use brooklet::{Config, Engine};
use notation::random::{DATABASES, Event, NAMES, START, Session};
use notation::{Protocol, Reply, Value, resp};

use super::connection::Connection;
use super::mask::masked;
use super::oracle::Oracle;

/// Who says nothing for so long is asked whether there is anything left to say.
const PAUSE: Duration = Duration::from_millis(20);

/// Where the two sides part.
#[derive(Debug)]
pub struct Difference {
    /// The events before this one have been played.
    pub played: usize,
    /// Who heard different things.
    pub client: usize,
    /// What the oracle said since the last comparison.
    pub oracle: Vec<u8>,
    /// What Brooklet said.
    pub brooklet: Vec<u8>,
}

impl Difference {
    /// Both sides from the first reply on that differs, as a person reads them.
    pub fn text(&self) -> String {
        let name = NAMES[self.client];
        let sides = (resp::parse_all(&self.oracle), resp::parse_all(&self.brooklet));
        let (Ok(oracle), Ok(brooklet)) = sides else {
            let (oracle, brooklet) = (self.oracle.escape_ascii(), self.brooklet.escape_ascii());
            return format!("  {name} heard\n    of Redis: {oracle}\n    of Brooklet: {brooklet}");
        };
        let same = oracle.iter().zip(&brooklet).take_while(|(one, other)| one == other).count();
        let side = |values: &[Value]| match values.get(same) {
            Some(value) => Reply::alone(value).text(6),
            None => "(nothing)".into(),
        };
        let (oracle, brooklet) = (side(&oracle), side(&brooklet));
        format!("  {name} heard\n    of Redis:\n      {oracle}\n    of Brooklet:\n      {brooklet}")
    }
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

/// Plays a session; `None` when nothing differs.
pub fn play(oracle: &mut Oracle, session: &Session) -> Result<Option<Difference>> {
    let mut sides = Sides::open(oracle, session)?;
    let mut at = 0;
    while at < session.events.len() {
        let (played, actor) = match &session.events[at] {
            Event::Pass(millis) => {
                sides.pass(*millis)?;
                (at + 1, None)
            }
            Event::Send(..) => {
                let (client, bytes, next) = session.batch(at).expect("a command stands there");
                sides.send(client, &bytes)?;
                (next, Some(client))
            }
        };
        if let Some((client, oracle, brooklet)) = sides.compare(actor)? {
            return Ok(Some(Difference { played, client, oracle, brooklet }));
        }
        at = played;
    }
    let last = sides.compare_rest()?;
    let played = session.events.len();
    Ok(last.map(|(client, oracle, brooklet)| Difference { played, client, oracle, brooklet }))
}

type Heard = (usize, Vec<u8>, Vec<u8>);

impl<'o> Sides<'o> {
    fn open(oracle: &'o mut Oracle, session: &Session) -> Result<Self> {
        // The connections of the session before were closed; the server is to know of it.
        oracle.barrier()?;
        let (entries, bytes) = session.node_limits;
        let settings = [
            ("stream-node-max-entries", entries.to_string()),
            ("stream-node-max-bytes", bytes.to_string()),
        ];
        oracle.flush(START, &settings.each_ref().map(|(name, value)| (*name, value.as_str())))?;
        let mut config = Config::default();
        (config.block_limits.max_entries, config.block_limits.max_bytes) = (entries, bytes);
        let mut sides = Self {
            oracle,
            connections: Vec::new(),
            engine: Engine::new(config),
            sessions: Vec::new(),
            said: vec![Vec::new(); session.protocols.len()],
            clock: START,
        };
        for protocol in &session.protocols {
            let mut connection = sides.oracle.connect()?;
            let form = match protocol {
                Protocol::Two => Form::Resp2,
                Protocol::Three => Form::Resp3,
            };
            if form == Form::Resp3 {
                connection.ask(&[b"HELLO", b"3"])?;
            }
            sides.connections.push(connection);
            let opened = sides.engine.open_session(START, form);
            sides.sessions.push(opened.map_err(|error| anyhow!("{error:?}"))?);
        }
        Ok(sides)
    }

    fn pass(&mut self, millis: i64) -> Result<()> {
        // What was sent before happens before.
        self.oracle.barrier()?;
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
    fn compare(&mut self, actor: Option<usize>) -> Result<Option<Heard>> {
        for client in 0..self.connections.len() {
            if Some(client) != actor && self.said[client].is_empty() {
                continue;
            }
            if !self.connections[client].hear_like(&self.said[client], PAUSE)? {
                return self.compare_rest();
            }
            self.connections[client].take();
            self.said[client].clear();
        }
        Ok(None)
    }

    /// Compares everything, also with what the oracle says beyond what Brooklet said.
    fn compare_rest(&mut self) -> Result<Option<Heard>> {
        self.oracle.barrier()?;
        for client in 0..self.connections.len() {
            self.connections[client].hear_now()?;
            let oracle = self.connections[client].take().0;
            let brooklet = std::mem::take(&mut self.said[client]);
            if masked(&oracle) != masked(&brooklet) {
                return Ok(Some((client, oracle, brooklet)));
            }
        }
        Ok(None)
    }
}
