//! The component over HTTP: every request of `tests/rest`, restarts, instances side by side.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use wasmtime::component::Component;

use crate::front::{Front, WAITING};
use crate::ground::Maker;

const TOKEN: &str = "a-token-that-may-do-everything";
const READ_ONLY: &str = "a-token-that-may-only-read";

/// A component, compiled once, for a few seconds of use.
fn compiled(variable: &str) -> Component {
    let path = std::env::var(variable).expect("the path of the component");
    let mut config = wasmtime::Config::new();
    config.cranelift_opt_level(wasmtime::OptLevel::None).wasm_component_model_async(true);
    let runtime = wasmtime::Engine::new(&config).expect("a runtime");
    Component::from_file(&runtime, path).expect("a component")
}

/// The one that wants a journal of its host.
fn component() -> &'static Component {
    static COMPONENT: OnceLock<Component> = OnceLock::new();
    COMPONENT.get_or_init(|| compiled("BROOKLET_HTTP_COMPONENT"))
}

/// The one that keeps its journal in files.
fn whole() -> &'static Component {
    static COMPONENT: OnceLock<Component> = OnceLock::new();
    COMPONENT.get_or_init(|| compiled("BROOKLET_SERVE_COMPONENT"))
}

/// The one whose calls wait.
fn waiting() -> &'static Component {
    static COMPONENT: OnceLock<Component> = OnceLock::new();
    COMPONENT.get_or_init(|| compiled("BROOKLET_HTTP_ASYNC_COMPONENT"))
}

/// A directory that is gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("host-http-{}-{number}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server. When it is dropped, whatever it is about to do is never done.
struct Server {
    address: SocketAddr,
    front: Front,
    runtime: Runtime,
}

impl Server {
    fn start(root: &Path, instances: usize, requests: usize) -> Self {
        Self::start_with(component(), root, instances, requests)
    }

    fn start_with(component: &Component, root: &Path, instances: usize, requests: usize) -> Self {
        let tokens = [("BROOKLET_HTTP_TOKEN", TOKEN), ("BROOKLET_HTTP_READONLY_TOKEN", READ_ONLY)];
        let environment = tokens.map(|(name, token)| (name.into(), token.into())).to_vec();
        let maker = Maker::new(component, root, environment).expect("a maker");
        let runtime = Runtime::new().expect("a runtime");
        let (address, front) = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("its address");
            let front = Front::start(&maker, instances, requests);
            tokio::spawn(crate::serve(listener, front.clone()));
            (address, front)
        });
        Self { address, front, runtime }
    }

    /// Sends a request over a connection of its own.
    fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answered {
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if method == "POST" || method == "PUT" {
            head += &format!("content-length: {}\r\n", body.len());
        }
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.write_all(head.as_bytes()).expect("a head");
        stream.write_all(b"\r\n").and_then(|()| stream.write_all(body)).expect("a body");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        Answered::parse(&bytes)
    }

    /// Runs a command.
    fn run(&self, command: &Value) -> Value {
        let token = format!("Bearer {TOKEN}");
        let headers = [("authorization", token.as_str())];
        let answer = self.ask("POST", "/", &headers, command.to_string().as_bytes());
        serde_json::from_slice(&answer.body).expect("JSON")
    }
}

struct Answered {
    status: u16,
    headers: Map<String, Value>,
    body: Vec<u8>,
}

impl Answered {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|it| it == b"\r\n\r\n").expect("the end of a head");
        let head = std::str::from_utf8(&bytes[..end]).expect("text");
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status");
        let pairs = lines.map(|line| line.split_once(": ").expect("a header"));
        let mut headers: Map<String, Value> =
            pairs.map(|(name, value)| (name.into(), value.into())).collect();
        let body = bytes[end + 4..].to_vec();
        // What HTTP itself says.
        if let Some(length) = headers.remove("content-length") {
            let is_head_only = body.is_empty() && length != "0";
            let told = length.as_str().and_then(|length| length.parse().ok());
            assert!(is_head_only || told == Some(body.len()));
        }
        for name in ["date", "connection"] {
            headers.remove(name);
        }
        Self { status: status.parse().expect("a status"), headers, body }
    }
}

/// What a content of a file stands for.
fn bytes(content: &Value) -> Vec<u8> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if content["base64"] == "AP8l" {
        return vec![0, 255, 37];
    } else if content["base64"] == "Iv8i" {
        return b"\"\xff\"".to_vec();
    }
    assert!(content["base64"].is_null(), "teach this function {content}");
    let times = content["times"].as_u64().map_or(0, |times| times as usize);
    let repeated = text(&content["repeat"]).repeat(times);
    [text(content), text(&content["before"]), repeated, text(&content["after"])].concat().into()
}

fn play(component: &Component, file: &Path) {
    let text = std::fs::read_to_string(file).expect("a file of requests");
    let cases: Value = serde_json::from_str(&text).expect("JSON");
    for case in cases.as_array().expect("cases") {
        let folder = Folder::new();
        let server = Server::start_with(component, &folder.0, 1, usize::MAX);
        for step in case["steps"].as_array().expect("steps") {
            let request = &step["request"];
            let token = format!("Bearer {TOKEN}");
            let mut headers = vec![("authorization", token.as_str())];
            for (name, value) in request["headers"].as_object().into_iter().flatten() {
                headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
                headers.push((name, value.as_str().expect("a header")));
            }
            let text = |name: &str| request[name].as_str().expect("text");
            let target = Some(text("target")).filter(|target| !target.is_empty()).unwrap_or("/");
            // As clients do, who make URLs of it.
            let target = &target.replace('>', "%3E");
            let mut answer = server.ask(text("method"), target, &headers, &bytes(&request["body"]));
            for name in ["access-control-allow-origin", "access-control-expose-headers"] {
                assert!(answer.headers.remove(name).is_some(), "{name} of {request}");
            }
            let token = answer.headers.remove("upstash-sync-token");
            assert_eq!(token.is_some(), answer.headers.contains_key("cache-control"));
            let body = String::from_utf8(answer.body).expect("text");
            let told = json!({ "status": answer.status, "headers": answer.headers, "body": body });
            assert_eq!(told, step["answer"], "{}: {request}", case["name"]);
        }
    }
}

#[test]
fn they_import_wasi_and_a_journal_or_files_and_nothing_else() {
    const WAITING: [&str; 6] = [
        "brooklet:streams/journal",
        "wasi:cli/environment",
        "wasi:clocks/monotonic-clock",
        "wasi:clocks/system-clock",
        "wasi:clocks/types",
        "wasi:http/types",
    ];
    const WASI: [&str; 6] = [
        "wasi:cli/environment",
        "wasi:clocks/wall-clock",
        "wasi:http/types",
        "wasi:io/error",
        "wasi:io/poll",
        "wasi:io/streams",
    ];
    const FILES: [&str; 2] = ["wasi:filesystem/preopens", "wasi:filesystem/types"];
    assert_eq!(imports(waiting()), WAITING.into_iter().map(String::from).collect());
    for (component, others) in
        [(component(), &["brooklet:streams/journal"][..]), (whole(), &FILES[..])]
    {
        let expected = WASI.iter().chain(others).copied().map(String::from);
        assert_eq!(imports(component), expected.collect());
    }
}

fn imports(component: &Component) -> BTreeSet<String> {
    let told = component.component_type();
    let imports = told.imports(component.engine()).map(|(name, _)| name);
    imports.map(|name| name.split('@').next().unwrap_or(name).to_owned()).collect()
}

#[test]
fn every_request_of_the_list_has_its_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/rest");
    let entries = std::fs::read_dir(folder).expect("the list");
    let files = entries.map(|entry| entry.expect("a file").path());
    let files: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|it| it == "json")).collect();
    assert!(!files.is_empty());
    for component in [component(), waiting()] {
        files.iter().for_each(|file| play(component, file));
    }
}

#[test]
fn what_was_answered_is_there_after_a_restart() {
    let folder = Folder::new();
    for start in 1..=3_u64 {
        let server = Server::start(&folder.0, 1, usize::MAX);
        let length = server.run(&json!(["XLEN", "jobs"]));
        assert_eq!(length, json!({ "result": 50 * (start - 1) }));
        for _ in 0..50 {
            server.run(&json!(["XADD", "jobs", "*", "task", "resize"]));
        }
    }
}

#[test]
fn a_journal_that_grows_is_written_anew() {
    let folder = Folder::new();
    let server = Server::start(&folder.0, 1, usize::MAX);
    let value = "x".repeat(400_000);
    for number in 0..8 {
        assert_eq!(server.run(&json!(["SET", "key", value, "GET"])).get("error"), None);
        server.run(&json!(["SET", "number", number]));
    }
    let names = || -> Vec<String> {
        let entries = std::fs::read_dir(folder.0.join("brooklet")).expect("a directory");
        entries.map(|it| it.expect("an entry").file_name().into_string().expect("text")).collect()
    };
    assert!(names().iter().any(|name| name.ends_with(".base.aof")), "{:?}", names());
    drop(server);
    let server = Server::start(&folder.0, 1, usize::MAX);
    assert_eq!(server.run(&json!(["GET", "number"])), json!({ "result": "7" }));
    assert_eq!(server.run(&json!(["STRLEN", "key"])), json!({ "result": 400_000 }));
}

/// As `wasmtime serve` runs it: a new instance for each request, some of them at the same time.
#[test]
fn instances_that_share_a_journal_lose_nothing() {
    for (instances, requests) in [(1, 1), (2, 1), (2, usize::MAX)] {
        let folder = Folder::new();
        share(4, || Server::start(&folder.0, instances, requests));
    }
}

/// The same without a host that knows of journals, and with rewrites in between: an instance for
/// each request leaves a file for each that writes.
#[test]
fn instances_that_share_files_lose_nothing() {
    for requests in [1, usize::MAX] {
        let folder = Folder::new();
        share(2, || Server::start_with(whole(), &folder.0, 2, requests));
        let files = std::fs::read_dir(folder.0.join("brooklet")).expect("a directory");
        assert!(files.count() < 100);
    }
}

/// Clients add jobs to servers that come and go. What they were told of is there, once.
fn share(clients: usize, start: impl Fn() -> Server) {
    let mut told = 0;
    for _ in 0..2 {
        let server = start();
        let added: usize = std::thread::scope(|scope| {
            let client = |_| scope.spawn(|| (0..20).filter(|_| is_added(&server)).count());
            let clients: Vec<_> = (0..clients).map(client).collect();
            clients.into_iter().map(|client| client.join().expect("a count")).sum()
        });
        told += added;
        assert_eq!(server.run(&json!(["XLEN", "jobs"])), json!({ "result": told }));
    }
    assert!(told > 20 * clients, "{told}");
}

/// Whether an entry was added; it may be that others have taken over too often.
fn is_added(server: &Server) -> bool {
    let answer = server.run(&json!(["XADD", "jobs", "*", "task", "resize"]));
    let is_added = answer.get("result").is_some();
    assert!(is_added || answer["error"] == "ERR another writer has taken over: ask it", "{answer}");
    is_added
}

#[test]
fn a_read_that_finds_nothing_answers_at_once_and_events_are_refused() {
    let folder = Folder::new();
    let server = Server::start(&folder.0, 1, usize::MAX);
    let read = json!(["XREAD", "BLOCK", 0, "STREAMS", "jobs", "$"]);
    assert_eq!(server.run(&read), json!({ "result": null }));
    let token = format!("Bearer {TOKEN}");
    let headers = [("authorization", token.as_str()), ("accept", "text/event-stream")];
    let answer = server.ask("POST", "/subscribe/news", &headers, b"[]");
    assert_eq!(answer.status, 501);
}

#[test]
fn reads_wait_for_others_or_for_their_time() {
    let folder = Folder::new();
    let server = Server::start_with(waiting(), &folder.0, 1, usize::MAX);
    let read = |block: u64| json!(["XREAD", "BLOCK", block, "STREAMS", "jobs", "$"]);
    assert_eq!(server.run(&read(50)), json!({ "result": null }));
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..10).map(|_| scope.spawn(|| server.run(&read(0)))).collect();
        let blocked = || server.run(&json!(["INFO", "clients"])).to_string();
        while !blocked().contains("blocked_clients:10") {}
        server.run(&json!(["XADD", "jobs", "1-0", "task", "resize"]));
        let found = json!({ "result": [["jobs", [["1-0", ["task", "resize"]]]]] });
        for reader in readers {
            assert_eq!(reader.join().expect("an answer"), found);
        }
    });
    let left = server.run(&json!(["INFO", "clients"])).to_string();
    assert!(left.contains("connected_clients:1"), "{left}");
}

#[test]
fn reads_see_what_other_instances_write() {
    let folder = Folder::new();
    let server = Server::start_with(waiting(), &folder.0, 2, usize::MAX);
    server.run(&json!(["XGROUP", "CREATE", "jobs", "workers", "$", "MKSTREAM"]));
    server.run(&json!(["XGROUP", "CREATECONSUMER", "jobs", "workers", "alice"]));
    let read = ["XREADGROUP", "GROUP", "workers", "alice", "BLOCK", "0", "STREAMS", "jobs", ">"];
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| server.run(&json!(read)));
        let blocked = || server.run(&json!(["INFO", "clients"])).to_string();
        while !blocked().contains("blocked_clients:1") {}
        server.run(&json!(["XADD", "jobs", "1-0", "task", "resize"]));
        server.run(&json!(["SET", "other", "key"]));
        let found = reader.join().expect("an answer").to_string();
        assert!(found.contains("1-0"), "{found}");
    });
}

#[test]
fn ten_thousand_requests_at_once_are_answered_or_refused() {
    [component(), waiting()].into_iter().for_each(ten_thousand_requests);
}

fn ten_thousand_requests(component: &Component) {
    let folder = Folder::new();
    let server = Server::start_with(component, &folder.0, 1, usize::MAX);
    let body = Bytes::from(r#"["XADD","jobs","*","task","resize"]"#);
    let requests = (0..10_000).map(|_| {
        let request = Request::post("http://x/").header("authorization", format!("Bearer {TOKEN}"));
        let request = request.body(Full::new(body.clone())).expect("a request");
        let front = server.front.clone();
        server.runtime.spawn(async move {
            let response = front.answer(request).await;
            let status = response.status().as_u16();
            (status, response.into_body().collect().await.expect("a body").to_bytes())
        })
    });
    let requests: Vec<_> = requests.collect();
    let (mut added, mut refused) = (0, 0);
    for request in requests {
        let (status, body) = server.runtime.block_on(request).expect("an answer");
        match status {
            200 => added += 1,
            503 => refused += 1,
            _ => panic!("{status} {body:?}"),
        }
    }
    assert!(added >= WAITING as u64, "{added} added, {refused} refused");
    assert_eq!(server.run(&json!(["XLEN", "jobs"])), json!({ "result": added }));
}

/// The client of Upstash, unmodified, with the suite that other hosts of the protocol pass.
#[test]
fn upstash_redis() {
    upstash(component(), "no");
}

/// The same, with a read that waits.
#[test]
fn upstash_redis_and_calls_that_wait() {
    upstash(waiting(), "yes");
}

fn upstash(component: &Component, waits: &str) {
    let folder = Folder::new();
    let server = Server::start_with(component, &folder.0, 1, usize::MAX);
    let tests =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/clients/upstash/upstash.test.mjs");
    let mut node = Command::new("node");
    node.arg("--test").arg(tests);
    node.env("BROOKLET_REST_WAITS", waits);
    node.env("BROOKLET_REST_URL", format!("http://{}", server.address));
    let output = node.output().expect("node");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
