//! The requests of `tests/rest`: the room `rest` gives the answers that the handler of the npm
//! package gives.

use std::fs;
use std::path::Path;

use brooklet::rest::{Answer, Call, Head, Rest, Settings, Step};
use brooklet::{Config, Durability, Engine};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const NOW: i64 = 1_700_000_000_000;

/// An empty database and its handler, with the tokens of the files.
struct Server {
    engine: Engine,
    rest: Rest,
}

impl Server {
    fn new() -> Self {
        let settings = Settings {
            tokens: vec!["a-token-that-may-do-everything".into()],
            read_only_tokens: vec!["a-token-that-may-only-read".into()],
            ..Settings::default()
        };
        Self { engine: Engine::new(Config::default()), rest: Rest::new(settings) }
    }

    fn ask(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &[u8])],
        body: &[u8],
    ) -> Answer {
        let head = Head { method, target, headers };
        let answer = self.run(&head, body).unwrap_or_else(|refusal| refusal);
        assert_eq!(self.engine.state().sessions.len(), 0, "every session ends with its request");
        self.rest.complete(&head, answer, 0)
    }

    fn run(&mut self, head: &Head<'_>, body: &[u8]) -> Result<Answer, Answer> {
        let admitted = self.rest.admit(head)?;
        let mut call = admitted.call(&body[..body.len().min(admitted.most_bytes())], 0)?;
        loop {
            match call.step(&mut self.engine, NOW) {
                Step::Done(answer) => return Ok(answer),
                Step::Wait => call.give_up(&mut self.engine, NOW),
                Step::Settle => panic!("there is no journal"),
            }
        }
    }
}

/// What a content of a file stands for.
fn bytes(content: &Value) -> Vec<u8> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if let Some(text) = content.as_str() {
        return text.into();
    }
    if let Some(digits) = content["base64"].as_str() {
        return from_base64(digits);
    }
    let times = content["times"].as_u64().map_or(0, |times| times as usize);
    let middle = text(&content["repeat"]).repeat(times);
    [text(&content["before"]), middle, text(&content["after"])].concat().into_bytes()
}

fn from_base64(digits: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = digits.trim_end_matches('=').chars();
    let values = digits.map(|digit| DIGITS.find(digit).expect("a digit of base64") as u32);
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for value in values {
        (bits, count) = (bits << 6 | value, count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// An answer as the files have it, without what every answer says.
fn told(answer: Answer) -> Value {
    let mut headers: Map<String, Value> =
        answer.headers.into_iter().map(|(name, value)| (name.into(), json!(value))).collect();
    let origin = headers.remove("access-control-allow-origin");
    assert_eq!(origin, Some(json!("*")));
    let exposed = headers.remove("access-control-expose-headers");
    assert_eq!(exposed, Some(json!("upstash-sync-token, retry-after")));
    let token = headers.remove("upstash-sync-token");
    assert_eq!(token.is_some(), headers.contains_key("cache-control"));
    let body = String::from_utf8(answer.body).expect("text");
    json!({ "status": answer.status, "headers": headers, "body": body })
}

fn play(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rest").join(file);
    let text = fs::read_to_string(path).expect("a file of requests");
    let cases: Value = serde_json::from_str(&text).expect("JSON");
    for case in cases.as_array().expect("cases") {
        let mut server = Server::new();
        for step in case["steps"].as_array().expect("steps") {
            let request = &step["request"];
            let mut headers = vec![("authorization", "Bearer a-token-that-may-do-everything")];
            for (name, value) in request["headers"].as_object().into_iter().flatten() {
                headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
                headers.push((name, value.as_str().expect("a header")));
            }
            let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
            let headers: Vec<_> = headers.collect();
            let (method, target) = (&request["method"], &request["target"]);
            let (method, target) = (method.as_str().expect(""), target.as_str().expect(""));
            let answer = server.ask(method, target, &headers, &bytes(&request["body"]));
            assert_eq!(told(answer), step["answer"], "{}: {request}", case["name"]);
        }
    }
}

#[test]
fn forms() {
    play("forms.json");
}

#[test]
fn batches() {
    play("batches.json");
}

#[test]
fn refusals() {
    play("refusals.json");
}

#[test]
fn no_file_is_left_out() {
    let folder = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rest"));
    let names = folder.expect("a folder").map(|entry| entry.expect("an entry").file_name());
    assert_eq!(names.filter(|name| name.to_string_lossy().ends_with(".json")).count(), 3);
}

#[test]
fn without_a_token_nobody_is_served() {
    let mut server = Server::new();
    server.rest = Rest::new(Settings::default());
    for headers in [&[][..], &[("authorization", &b"Bearer "[..])], &[("authorization", b"")]] {
        let answer = server.ask("GET", "/ping?_token=", headers, b"");
        assert_eq!(answer.status, 401);
        let text = String::from_utf8(answer.body).expect("text");
        assert!(text.contains("no token is configured"), "{text}");
        assert_eq!(answer.headers.last().map(|(name, _)| *name), Some("vary"));
    }
    for (origin, allowed) in [
        ("http://localhost:3000", true),
        ("http://127.1.2.3", true),
        ("http://[::1]:80", true),
        ("https://evil.example", false),
        ("http://127.0.0.1.evil.example", false),
        ("null", false),
    ] {
        let answer = server.ask("GET", "/ping", &[("Origin", origin.as_bytes())], b"");
        let told = answer.headers.iter().find(|(name, _)| *name == "access-control-allow-origin");
        assert_eq!(told.is_some(), allowed, "{origin}");
    }
}

#[test]
fn a_later_writer_is_asked_instead() {
    let mut server = Server::new();
    for (token, epoch, status) in
        [("", 1, 200), ("1-9", 1, 200), ("2-1", 1, 503), ("2-1", 0, 200), ("2-", 1, 200)]
    {
        let headers = [
            ("authorization", &b"Bearer a-token-that-may-only-read"[..]),
            ("upstash-sync-token", token.as_bytes()),
        ];
        let head = Head { method: "GET", target: "/ping", headers: &headers };
        let admitted = server.rest.admit(&head).expect("the token is right");
        let status_told = match admitted.call(b"", epoch) {
            Err(refusal) => refusal.status,
            Ok(call) => {
                call.abandon(&mut server.engine);
                200
            }
        };
        assert_eq!(status_told, status, "{token}");
    }
}

/// A server whose journal is written when a step says so.
struct Durable {
    server: Server,
    journal: Vec<u8>,
}

impl Durable {
    fn new() -> Self {
        let mut server = Server::new();
        server.engine.begin_recovery(NOW);
        server.engine.end_recovery();
        server.engine.start_journal(1, 0, Durability::Confirmed);
        Self { server, journal: Vec::new() }
    }

    fn begin(&self, body: &[u8], target: &str) -> Call {
        let headers = [("authorization", &b"Bearer a-token-that-may-do-everything"[..])];
        let head = Head { method: "POST", target, headers: &headers };
        self.server.rest.admit(&head).expect("a token").call(body, 1).expect("commands")
    }

    /// Goes on until the call is done or waits; says how often the journal was written.
    fn advance(&mut self, call: &mut Call) -> (Option<String>, usize) {
        let mut frames = 0;
        loop {
            let step = call.step(&mut self.server.engine, NOW);
            while let Some(frame) = self.server.engine.next_frame(NOW) {
                self.journal.extend_from_slice(frame);
                self.server.engine.confirm_frame();
                frames += 1;
            }
            match step {
                Step::Settle => {}
                Step::Wait => return (None, frames),
                Step::Done(answer) => {
                    return (Some(String::from_utf8(answer.body).expect("text")), frames);
                }
            }
        }
    }
}

#[test]
fn a_pipeline_is_one_frame_and_waits_for_it() {
    let mut durable = Durable::new();
    let body = br#"[["XADD","s","1-0","a","b"],["XADD","s","2-0","a","b"],["XLEN","s"]]"#;
    let mut call = durable.begin(body, "/pipeline");
    assert!(matches!(call.step(&mut durable.server.engine, NOW), Step::Settle));
    assert!(matches!(call.step(&mut durable.server.engine, NOW), Step::Settle));
    let (answer, frames) = durable.advance(&mut call);
    let expected = r#"[{"result":"1-0"},{"result":"2-0"},{"result":2}]"#;
    assert_eq!((answer.as_deref(), frames), (Some(expected), 1));
    let (answer, _) = durable.advance(&mut durable.begin(body, "/multi-exec"));
    assert!(
        answer.expect("an answer").contains("equal or smaller than the target stream top item")
    );
}

#[test]
fn a_read_waits_until_somebody_adds_an_entry_or_it_is_called_off() {
    let mut durable = Durable::new();
    let read = br#"[["PING"],["XREAD","BLOCK",0,"STREAMS","s","$"],["XLEN","s"],["NOPE",null]]"#;
    let mut reader = durable.begin(read, "/pipeline");
    assert_eq!(durable.advance(&mut reader).0, None);
    let add = br#"["XADD","s","1-0","a","b"]"#;
    let mut writer = durable.begin(add, "/");
    assert_eq!(durable.advance(&mut writer).0.as_deref(), Some(r#"{"result":"1-0"}"#));
    let (answer, _) = durable.advance(&mut reader);
    let read_entry = r#"[["s",[["1-0",["a","b"]]]]]"#;
    let null = "ERR syntax error: argument 1 is null";
    let rest = format!(r#"{{"result":{read_entry}}},{{"result":1}},{{"error":"{null}"}}]"#);
    assert_eq!(answer, Some(format!(r#"[{{"result":"PONG"}},{rest}"#)));

    let twice = br#"[["XREAD","BLOCK",0,"STREAMS","s","$"],["XREAD","BLOCK",9,"STREAMS","s","0"],
        ["XREAD","BLOCK",9,"STREAMS","s","$"]]"#;
    let mut reader = durable.begin(twice, "/pipeline");
    assert_eq!(durable.advance(&mut reader).0, None);
    reader.give_up(&mut durable.server.engine, NOW);
    let expected = format!(r#"[{{"result":null}},{{"result":{read_entry}}},{{"result":null}}]"#);
    assert_eq!(durable.advance(&mut reader).0, Some(expected));

    assert!(durable.begin(br#"["XREAD","STREAMS","s","$"]"#, "/").begins_now());
    assert!(!durable.begin(br#"["XREAD","STREAMS","s","0"]"#, "/").begins_now());
    assert!(!durable.begin(br#"["ECHO","$"]"#, "/").begins_now());
    let mut gone = durable.begin(br#"["XREAD","BLOCK",0,"STREAMS","s","$"]"#, "/");
    assert_eq!(durable.advance(&mut gone).0, None);
    gone.abandon(&mut durable.server.engine);
    assert_eq!(durable.server.engine.state().blocked.len(), 0);
    assert_eq!(durable.server.engine.state().sessions.len(), 0);
}

#[test]
fn a_session_that_is_killed_or_refused_is_told_so() {
    let mut durable = Durable::new();
    let mut reader = durable.begin(br#"["XREAD","BLOCK",0,"STREAMS","s","$"]"#, "/");
    assert_eq!(durable.advance(&mut reader).0, None);
    let mut kill = durable.begin(br#"["CLIENT","KILL","TYPE","normal"]"#, "/");
    assert_eq!(durable.advance(&mut kill).0.as_deref(), Some(r#"{"result":1}"#));
    let closed = r#"{"error":"ERR The connection is closed"}"#;
    assert_eq!(durable.advance(&mut reader).0.as_deref(), Some(closed));
    let config = Config { max_sessions: 0, ..Config::default() };
    durable.server.engine = Engine::new(config);
    let full = r#"{"error":"ERR max number of clients reached"}"#;
    assert_eq!(durable.advance(&mut durable.begin(b"[\"PING\"]", "/")).0.as_deref(), Some(full));
}

proptest! {
    /// Whatever is sent is answered in JSON with a status that says what it is.
    #[test]
    fn no_request_is_too_much(
        method in prop::sample::select(vec!["GET", "HEAD", "POST", "PUT", "OPTIONS", "BREW"]),
        target in "(/(pipeline|multi-exec|xadd|get|%[0-9a-g]{2}|[ -~]{0,4}|é)){0,4}(\\?[ -~]{0,9})?",
        names in prop::collection::vec(prop::sample::select(vec![
            "upstash-encoding", "upstash-response-format", "upstash-sync-token", "accept",
            "idempotency-key", "content-length", "authorization",
        ]), 0..3),
        value in prop::collection::vec(any::<u8>(), 0..12),
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "(\\[|\\]|,|\"[a-z\\\\]{0,3}\"|-?[0-9.e]{1,5}|null|true|\\{|:|\\}| ){0,12}"
                .prop_map(String::into_bytes),
        ],
    ) {
        let mut headers = vec![("authorization", &b"Bearer a-token-that-may-do-everything"[..])];
        headers.extend(names.iter().map(|name| (*name, &value[..])));
        let answer = Server::new().ask(method, &target, &headers, &body);
        prop_assert!((200..600).contains(&answer.status));
        let kind = answer.headers.iter().find(|(name, _)| *name == "content-type");
        if kind.is_some_and(|(_, kind)| kind == "application/json") && method != "HEAD" {
            prop_assert!(serde_json::from_slice::<Value>(&answer.body).is_ok());
        }
    }
}
