//! A client for unit tests: an engine, a clock that the test moves, requests and replies as text.
//!
//! Requests are inline commands (`SET "a b" 1`). Replies are written as `OK`, `"bulk"`, `:3`,
//! `nil`, `nil-array`, `[a, b]`, `>[a, b]` (a push), `{k: v}`, `-ERR text`; several with a blank
//! between them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use crate::Engine;
use crate::reply::Form;
use crate::state::{Config, SessionId};
use crate::time::UnixMillis;

/// An engine with effects recorded, and its first session.
pub struct Client {
    /// The engine.
    pub engine: Engine,
    /// The time of the next input.
    pub now: UnixMillis,
    session: SessionId,
}

impl Client {
    /// An empty engine at time 1,000,000.
    pub fn new() -> Self {
        Self::with(Config::default())
    }

    /// An empty engine with limits of its own.
    pub fn with(config: Config) -> Self {
        let mut engine = Engine::new(Config { record_effects: true, ..config });
        let now = 1_000_000;
        let session = engine.open_session(now, Form::Resp2).expect("the first session");
        Self { engine, now, session }
    }

    /// Opens another session.
    pub fn open(&mut self) -> SessionId {
        self.engine.open_session(self.now, Form::Resp2).expect("a session more")
    }

    /// What the first session hears when it sends a line; nothing when it waits.
    pub fn run(&mut self, line: &str) -> String {
        self.run_on(self.session, line)
    }

    /// What a session hears when it sends a line.
    pub fn run_on(&mut self, session: SessionId, line: &str) -> String {
        self.engine.exchange(self.now, session, format!("{line}\r\n").as_bytes());
        self.heard(session)
    }

    /// What a session has heard since it was last asked.
    pub fn heard(&mut self, session: SessionId) -> String {
        let bytes = self.engine.output(session).map(|output| output.bytes.to_vec());
        self.engine.consume(session);
        replies(&bytes.unwrap_or_default()).join(" ")
    }

    /// Lets time pass.
    pub fn advance(&mut self, millis: i64) {
        self.now += millis;
        self.engine.tick(self.now);
    }

    /// The effects since they were last asked for, without SELECT 0, words with blanks between.
    pub fn effects(&mut self) -> Vec<String> {
        let bytes = self.engine.effects().to_vec();
        self.engine.consume_effects();
        let commands = replies(&bytes).into_iter();
        let plain = |text: String| text.replace(['[', ']', '"'], "").replace(", ", " ");
        commands.map(plain).filter(|text| text != "SELECT 0").collect()
    }

    /// Runs lines and compares what is heard: `request => reply`, one a line. A line that begins
    /// with `=>` belongs to the one before it; one that begins with `|` goes on behind a blank.
    #[track_caller]
    pub fn transcript(&mut self, text: &str) {
        let mut lines: Vec<String> = vec![];
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match (line.strip_prefix("| "), lines.last_mut()) {
                (Some(rest), Some(last)) => last.extend([" ", rest]),
                (None, Some(last)) if line.starts_with("=> ") => last.extend([" ", line]),
                _ => lines.push(line.into()),
            }
        }
        for line in lines {
            let (request, reply) = line.split_once(" => ").expect("`request => reply`");
            assert_eq!(self.run(request), reply, "{request}");
        }
    }
}

/// RESP as text, one string a reply.
fn replies(mut bytes: &[u8]) -> Vec<String> {
    let mut replies = vec![];
    while !bytes.is_empty() {
        replies.push(reply(&mut bytes));
    }
    replies
}

fn reply(bytes: &mut &[u8]) -> String {
    let kind = bytes[0];
    let end = bytes.windows(2).position(|pair| pair == b"\r\n").expect("a whole line");
    let line = String::from_utf8_lossy(&bytes[1..end]).to_string();
    *bytes = &bytes[end + 2..];
    match (kind, line.as_str()) {
        (b'+', _) => line,
        (b'-' | b':', _) => format!("{}{line}", kind as char),
        (b'$', "-1") | (b'_', _) => "nil".into(),
        (b'*', "-1") => "nil-array".into(),
        (b'$' | b'=', len) => {
            let (text, rest) = bytes.split_at(len.parse().expect("a length"));
            *bytes = &rest[2..];
            format!("\"{}\"", text.escape_ascii())
        }
        (b'>', len) => format!(">[{}]", items(bytes, len, reply)),
        (b'*' | b'~', len) => format!("[{}]", items(bytes, len, reply)),
        (b'%', len) => {
            let pair = |bytes: &mut &[u8]| format!("{}: {}", reply(bytes), reply(bytes));
            format!("{{{}}}", items(bytes, len, pair))
        }
        _ => panic!("no reply begins with {kind}"),
    }
}

fn items(bytes: &mut &[u8], len: &str, item: fn(&mut &[u8]) -> String) -> String {
    let len: usize = len.parse().expect("a length");
    (0..len).map(|_| item(bytes)).collect::<Vec<_>>().join(", ")
}

#[test]
fn requests_and_replies_as_text() {
    let mut client = Client::new();
    client.transcript(
        r#"
        SET k "a b" => OK
        GET k => "a b"
        MGET k none => ["a b", nil]
        STRLEN k => :3
        FOO => -ERR unknown command 'FOO'
        "#,
    );
    assert_eq!(client.effects(), ["SET k a b"]);
}

/// What a session answers to requests once their frame, if there is one, is confirmed.
pub(crate) fn told(engine: &mut Engine, id: SessionId, request: &str) -> String {
    engine.exchange(5, id, request.as_bytes());
    if engine.next_frame(5).is_some() {
        engine.confirm_frame();
    }
    let bytes = engine.output(id).map(|it| it.bytes.to_vec()).unwrap_or_default();
    engine.consume(id);
    String::from_utf8(bytes).expect("text")
}
