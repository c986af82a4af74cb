//! What calls of the flavour that waits cost in wasmtime: `BROOKLET_ASYNC_COMPONENT=… cargo bench`
//! here. Whole calls, one after another, as a caller that awaits each of them has them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use component::Journals;
use component::tasks::databases::Options;
use component::tasks::{Host, compile};
use component::types::{
    AddOptions, EntryId, Field, GroupOptions, GroupPosition, NewId, Position, ReadGroupOptions,
    ReadLimits, References, Threshold, TrimOptions,
};
use notation::text::request;
use wasmtime::OptLevel;
use wasmtime::component::ResourceAny;

/// Calls in one sample, and samples, of which the best counts.
const CALLS: u32 = 1_000;
const SAMPLES: usize = 15;

fn main() {
    let component = compile("BROOKLET_ASYNC_COMPONENT", OptLevel::Speed);
    let mut host = Host::of(&component, &Journals::default(), usize::MAX);
    for durable in [false, true] {
        println!("{}", if durable { "with a journal in memory" } else { "in memory" });
        let opened = host.call(async move |accessor, engine| {
            let databases = engine.brooklet_streams_databases().database();
            let options = Options { durable, settings: Vec::new() };
            databases.call_open(accessor, "bench".into(), options).await.expect("no trap")
        });
        let db = opened.take().expect("it does not wait").expect("a database");
        raw(&mut host, db);
        typed(&mut host, db);
        read_group(&mut host, db);
    }
}

/// Measures `$call`, an expression that is awaited.
macro_rules! measure {
    ($host:expr, $what:expr, |$accessor:ident, $engine:ident| $call:expr) => {
        let samples = $host.call(async move |$accessor, $engine| {
            let mut samples = Vec::new();
            for _ in 0..SAMPLES {
                let begun = Instant::now();
                for _ in 0..CALLS {
                    black_box($call.await.expect("no trap").expect("no error"));
                }
                samples.push(begun.elapsed() / CALLS);
            }
            samples
        });
        say($what, samples.take().expect("it has returned"));
    };
}

fn say(what: &str, samples: Vec<Duration>) {
    let best = samples.into_iter().min().expect("samples");
    println!("  {what:<42} {:>9} ns", best.as_nanos());
}

fn raw(host: &mut Host, db: ResourceAny) {
    let opened = host.call(async move |accessor, engine| {
        engine.brooklet_streams_raw().session().call_open(accessor, db).await.expect("no trap")
    });
    let session = opened.take().expect("it does not wait").expect("a session");
    let ping = request(&[b"PING".as_slice()]);
    measure!(host, "raw PING", |accessor, engine| async {
        let sessions = engine.brooklet_streams_raw().session();
        sessions.call_exchange(accessor, session, ping.clone()).await
    });
    let words: [&[u8]; 8] = [b"XADD", b"raw", b"MAXLEN", b"~", b"10000", b"*", b"field", b"value"];
    let add = request(&words);
    measure!(host, "raw XADD MAXLEN ~ 10000", |accessor, engine| async {
        let sessions = engine.brooklet_streams_raw().session();
        sessions.call_exchange(accessor, session, add.clone()).await
    });
}

fn typed(host: &mut Host, db: ResourceAny) {
    measure!(host, "streams.length", |accessor, engine| async {
        let streams = engine.brooklet_streams_streams();
        streams.call_length(accessor, db, b"typed".to_vec()).await
    });
    measure!(host, "streams.add, trimmed to about 10000", |accessor, engine| async {
        let trim = TrimOptions {
            threshold: Threshold::MaxLength(10_000),
            approximate: true,
            limit: None,
            references: References::Keep,
        };
        let options = AddOptions { no_create: false, idempotency: None, trim: Some(trim) };
        let fields = vec![Field { name: b"field".to_vec(), value: b"value".to_vec() }];
        let streams = engine.brooklet_streams_streams();
        streams.call_add(accessor, db, b"typed".to_vec(), NewId::Auto, fields, options).await
    });
}

fn read_group(host: &mut Host, db: ResourceAny) {
    let start = Position::After(EntryId { ms: 0, seq: 0 });
    let created = host.call(async move |accessor, engine| {
        let options = GroupOptions { create_stream: false, entries_read: None };
        let (key, group) = (b"typed".to_vec(), b"g".to_vec());
        let groups = engine.brooklet_streams_groups();
        groups.call_create(accessor, db, key, group, start, options).await.expect("no trap")
    });
    created.take().expect("it does not wait").expect("a group");
    measure!(host, "groups.read, COUNT 100 NOACK", |accessor, engine| async {
        let groups = engine.brooklet_streams_groups();
        let (key, group) = (b"typed".to_vec(), b"g".to_vec());
        let moved = groups.call_set_position(accessor, db, key.clone(), group.clone(), start, None);
        moved.await?.expect("a group");
        let sources = vec![(key, GroupPosition::Undelivered)];
        let limits = ReadLimits { count: Some(100), max_count: None, max_size: None };
        let options = ReadGroupOptions { no_ack: true, claim: None };
        groups.call_read(accessor, db, group, b"c".to_vec(), sources, limits, options, None).await
    });
}
