//! The component in wasmtime as a contender of `cargo xtask bench doors`: `typed` calls its
//! functions, `raw` exchanges RESP. Reads requests, a line each, as `benches/engine` does.

use std::hint::black_box;
use std::io::stdin;
use std::time::Instant;

use component::groups::{GroupPosition, ReadGroupOptions};
use component::streams::{AddOptions, Found, NewId, ReadLimits};
use component::types::Field;
use component::{Database, Host, Journals, compile, options};
use notation::text::request;
use wasmtime::OptLevel;
use wasmtime::component::ResourceAny;

#[allow(dead_code)]
#[path = "../../../benches/engine/workload.rs"]
mod workload;

use workload::{Request, Sample, Stage};

/// The clock of the host: after every ID that the stage and the samples name.
const BEGIN: u64 = workload::FIRST + 1_000_000_000;

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let typed = match words.next().as_deref() {
        Some("typed") => true,
        Some("raw") => false,
        _ => panic!("typed or raw?"),
    };
    let component = compile(OptLevel::Speed);
    let mut door = None;
    for line in stdin().lines() {
        match line.expect("lines").parse().expect("a request") {
            Request::Fill(stage) => {
                let host = Host::of(&component, &Journals::default(), usize::MAX);
                door = Some(Door::fill(host, stage));
                println!("0 0");
            }
            Request::Sample(sample) => {
                println!("{}", door.as_mut().expect("a stage first").sample(sample, typed));
            }
        }
    }
}

/// A database with a session for its raw form.
struct Door {
    host: Host,
    db: Database,
    session: ResourceAny,
    stage: Stage,
}

impl Door {
    fn fill(mut host: Host, stage: Stage) -> Self {
        host.store.data_mut().clock = BEGIN;
        let db = host.open("bench", &options(false)).expect("a database");
        let sessions = host.engine.brooklet_streams_raw().session();
        let session = sessions.call_open(&mut host.store, db).expect("no trap").expect("a session");
        let mut door = Self { host, db, session, stage };
        let lines: Vec<_> = stage.filling().chain(stage.delivery()).collect();
        door.run(&lines);
        door
    }

    /// Nanoseconds an operation. What a call is given is made before the clock starts.
    fn sample(&mut self, sample: Sample, typed: bool) -> f64 {
        self.run(&sample.preparation(self.stage));
        let commands = sample.commands(self.stage);
        let elapsed = if typed {
            let calls: Vec<_> = commands.iter().map(|line| Call::of(line)).collect();
            let begun = Instant::now();
            calls.iter().for_each(|call| self.call(call, sample.workload.entries()));
            begun.elapsed()
        } else {
            let requests: Vec<_> = commands.iter().map(|line| resp(line)).collect();
            let begun = Instant::now();
            requests.iter().for_each(|request| drop(black_box(self.exchange(request))));
            begun.elapsed()
        };
        elapsed.as_nanos() as f64 / sample.times as f64
    }

    fn run(&mut self, lines: &[String]) {
        lines.iter().for_each(|line| drop(self.exchange(&resp(line))));
    }

    fn exchange(&mut self, request: &Vec<u8>) -> Vec<u8> {
        let sessions = self.host.engine.brooklet_streams_raw().session();
        let told = sessions.call_exchange(&mut self.host.store, self.session, request);
        let reply = told.expect("no trap").expect("replies");
        assert!(reply.first().is_some_and(|&kind| kind != b'-'), "an error reply");
        reply
    }

    fn call(&mut self, call: &Call, entries: u64) {
        let (db, store) = (self.db, &mut self.host.store);
        match call {
            Call::Add(key, fields) => {
                let streams = self.host.engine.brooklet_streams_streams();
                let options = AddOptions { no_create: false, idempotency: None, trim: None };
                let added = streams.call_add(store, db, key, NewId::Auto, fields, &options);
                black_box(added.expect("no trap").expect("an ID"));
            }
            Call::Read { group, consumer, sources, limits } => {
                let groups = self.host.engine.brooklet_streams_groups();
                let options = ReadGroupOptions { no_ack: false, claim: None };
                let read = groups
                    .call_read(store, db, group, consumer, sources, *limits, options, None)
                    .expect("no trap");
                let Ok(Found::Entries(found)) = black_box(read) else { panic!("no entries") };
                assert_eq!(found[0].entries.len() as u64, entries);
            }
        }
    }
}

fn resp(line: &str) -> Vec<u8> {
    request(&line.split(' ').map(str::as_bytes).collect::<Vec<_>>())
}

/// A typed call.
enum Call {
    Add(Vec<u8>, Vec<Field>),
    Read {
        group: Vec<u8>,
        consumer: Vec<u8>,
        sources: [(Vec<u8>, GroupPosition); 1],
        limits: ReadLimits,
    },
}

impl Call {
    fn of(line: &str) -> Self {
        let words: Vec<&str> = line.split(' ').collect();
        let bytes = |at: usize| words[at].as_bytes().to_vec();
        match words[..] {
            ["XADD", _, "*", _, _] => {
                Self::Add(bytes(1), vec![Field { name: bytes(3), value: bytes(4) }])
            }
            ["XREADGROUP", "GROUP", _, _, "COUNT", count, "STREAMS", _, ">"] => Self::Read {
                group: bytes(2),
                consumer: bytes(3),
                sources: [(bytes(7), GroupPosition::Undelivered)],
                limits: ReadLimits { count: count.parse().ok(), max_count: None, max_size: None },
            },
            _ => panic!("no typed call for {line}"),
        }
    }
}
