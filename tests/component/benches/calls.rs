//! What calls of the component cost in wasmtime: `BROOKLET_COMPONENT=… cargo bench` here.

use std::hint::black_box;
use std::time::Instant;

use component::groups::{GroupOptions, GroupPosition, ReadGroupOptions};
use component::streams::{AddOptions, NewId, Position, ReadLimits, Threshold, TrimOptions};
use component::types::{EntryId, Field, References};
use component::{Database, Host, Journals, options};
use notation::text::request;
use wasmtime::OptLevel;
use wasmtime::component::ResourceAny;

/// Calls in one sample, and samples, of which the best counts.
const CALLS: u32 = 1_000;
const SAMPLES: u32 = 15;

fn main() {
    let component = component::compile(OptLevel::Speed);
    let mut host = Host::of(&component, &Journals::default(), usize::MAX);
    let begun = Instant::now();
    drop(Host::of(&component, &Journals::default(), usize::MAX));
    println!("{:<44} {:>9} ns", "an instance", begun.elapsed().as_nanos());
    for durable in [false, true] {
        let db = host.open("bench", &options(durable)).expect("a database");
        println!("{}", if durable { "with a journal in memory" } else { "in memory" });
        raw(&mut host, db);
        typed(&mut host, db);
    }
}

fn measure(what: &str, mut call: impl FnMut()) {
    let sample = |_| {
        let begun = Instant::now();
        (0..CALLS).for_each(|_| call());
        begun.elapsed() / CALLS
    };
    let best = (0..SAMPLES).map(sample).min().expect("samples");
    println!("  {what:<42} {:>9} ns", best.as_nanos());
}

fn raw(host: &mut Host, db: Database) {
    let sessions = host.engine.brooklet_streams_raw().session();
    let session = sessions.call_open(&mut host.store, db).expect("no trap").expect("a session");
    let exchange = |host: &mut Host, session: ResourceAny, bytes: &Vec<u8>| {
        let sessions = host.engine.brooklet_streams_raw().session();
        black_box(sessions.call_exchange(&mut host.store, session, bytes))
            .expect("no trap")
            .expect("replies")
    };
    let ping = request(&[b"PING".as_slice()]);
    measure("raw PING", || drop(exchange(host, session, &ping)));
    let words: [&[u8]; 8] = [b"XADD", b"raw", b"MAXLEN", b"~", b"10000", b"*", b"field", b"value"];
    let add = request(&words);
    measure("raw XADD MAXLEN ~ 10000", || drop(exchange(host, session, &add)));
    let many = add.repeat(100);
    measure("raw XADD, 100 in one exchange", || drop(exchange(host, session, &many)));
    let words: [&[u8]; 6] = [b"XRANGE", b"raw", b"-", b"+", b"COUNT", b"10"];
    let range = request(&words);
    measure("raw XRANGE COUNT 10", || drop(exchange(host, session, &range)));
    session.resource_drop(&mut host.store).expect("no trap");
}

fn typed(host: &mut Host, db: Database) {
    let key = b"typed".to_vec();
    let streams = host.engine.brooklet_streams_streams();
    let fields = [Field { name: b"field".to_vec(), value: b"value".to_vec() }];
    let trim = TrimOptions {
        threshold: Threshold::MaxLength(10_000),
        approximate: true,
        limit: None,
        references: References::Keep,
    };
    let options = AddOptions { no_create: false, idempotency: None, trim: Some(trim) };
    measure("streams.length", || {
        streams.call_length(&mut host.store, db, &key).expect("no trap").expect("a number");
    });
    measure("streams.add, trimmed to about 10000", || {
        let added = streams.call_add(&mut host.store, db, &key, NewId::Auto, &fields, &options);
        added.expect("no trap").expect("an ID");
    });
    read_group(host, db, &key);
}

fn read_group(host: &mut Host, db: Database, key: &Vec<u8>) {
    let groups = host.engine.brooklet_streams_groups();
    let (group, consumer) = (b"g".to_vec(), b"c".to_vec());
    let start = Position::After(EntryId { ms: 0, seq: 0 });
    let options = GroupOptions { create_stream: false, entries_read: None };
    let created = groups.call_create(&mut host.store, db, key, &group, start, options);
    created.expect("no trap").expect("a group");
    let sources = [(key.clone(), GroupPosition::Undelivered)];
    let limits = ReadLimits { count: Some(100), max_count: None, max_size: None };
    let options = ReadGroupOptions { no_ack: true, claim: None };
    measure("groups.read, COUNT 100 NOACK", || {
        let moved = groups.call_set_position(&mut host.store, db, key, &group, start, None);
        moved.expect("no trap").expect("a group");
        let read = groups.call_read(
            &mut host.store,
            db,
            &group,
            &consumer,
            &sources,
            limits,
            options,
            None,
        );
        black_box(read.expect("no trap").expect("entries"));
    });
}
