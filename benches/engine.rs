//! What one command costs inside the native engine: decode, run, reply, as a server would call it.
//!
//! `cargo xtask bench` runs it beside Redis and the Wasm build. Every figure is the best of
//! several rounds, since noise only ever adds time.

use std::time::Instant;

use brooklet::reply::Form;
use brooklet::{Config, Engine};

const NOW: i64 = 1_700_000_000_000;
const VALUE: &str = "0123456789abcdef";

/// An engine with one packed session, which is how hosts in the same process call it.
struct Bench {
    engine: Engine,
    session: u64,
    now: i64,
    request: Vec<u8>,
}

impl Bench {
    fn new() -> Self {
        let mut engine = Engine::new(Config::default());
        let session = engine.open_session(NOW, Form::Packed).expect("room for one session");
        Self { engine, session, now: NOW, request: Vec::new() }
    }

    fn pack<'a>(&mut self, words: impl IntoIterator<Item = &'a [u8]>) {
        self.request.clear();
        self.request.extend_from_slice(&[0; 4]);
        let mut count: u32 = 0;
        for word in words {
            self.request.extend_from_slice(&(word.len() as u32).to_le_bytes());
            self.request.extend_from_slice(word);
            count += 1;
        }
        self.request[..4].copy_from_slice(&count.to_le_bytes());
    }

    fn send(&mut self) -> usize {
        assert!(self.engine.call(self.now, self.session, &self.request), "nothing blocks here");
        let output = self.engine.output(self.session).expect("a reply");
        assert!(output.words.first().is_none_or(|word| word & 7 != 2), "no error reply");
        let words = output.words.len();
        self.engine.consume(self.session);
        while self.engine.next_output().is_some() {}
        words
    }

    fn run(&mut self, line: &str) -> usize {
        self.pack(line.split_ascii_whitespace().map(str::as_bytes));
        self.send()
    }

    fn add_entries(&mut self, count: u64, fields: usize) {
        let words = add_words(fields);
        for index in 0..count {
            self.now = NOW + index as i64;
            self.pack(words.iter().map(|word| word.as_bytes()));
            self.send();
        }
    }

    fn deliver(&mut self, count: u64) {
        self.run("XGROUP CREATE s g 0");
        self.run(&format!("XREADGROUP GROUP g c COUNT {count} STREAMS s >"));
    }
}

fn add_words(fields: usize) -> Vec<String> {
    let mut words: Vec<String> = ["XADD", "s", "*"].map(String::from).to_vec();
    for field in 0..fields {
        words.push(if fields == 1 { "f".into() } else { format!("f{field}") });
        words.push(VALUE.into());
    }
    words
}

/// Nanoseconds for each of `times` calls, the best of five rounds.
fn best(times: u64, mut prepare: impl FnMut() -> Box<dyn FnMut(u64)>) -> f64 {
    (0..5)
        .map(|_| {
            let mut call = prepare();
            let start = Instant::now();
            (0..times).for_each(&mut call);
            start.elapsed().as_nanos() as f64 / times as f64
        })
        .fold(f64::INFINITY, f64::min)
}

fn xadd(fields: usize) -> f64 {
    best(200_000, || {
        let mut bench = Bench::new();
        let words = add_words(fields);
        Box::new(move |_| {
            bench.pack(words.iter().map(|word| word.as_bytes()));
            bench.send();
            bench.now += 1;
        })
    })
}

fn read_and_ack(count: u64, rounds: u64) -> f64 {
    best(rounds, || {
        let mut bench = Bench::new();
        bench.add_entries(count * rounds, 1);
        bench.run("XGROUP CREATE s g 0");
        let mut read = Bench::new();
        read.pack(
            format!("XREADGROUP GROUP g c COUNT {count} STREAMS s >").split(' ').map(str::as_bytes),
        );
        let read = read.request;
        Box::new(move |round| {
            bench.request.clone_from(&read);
            bench.send();
            let mut ack = vec!["XACK".to_owned(), "s".to_owned(), "g".to_owned()];
            ack.extend((0..count).map(|index| format!("{}-0", NOW as u64 + round * count + index)));
            bench.pack(ack.iter().map(|word| word.as_bytes()));
            bench.send();
        })
    })
}

fn xrange() -> f64 {
    best(20_000, || {
        let mut bench = Bench::new();
        bench.add_entries(10_000, 1);
        let start = NOW + 5_000;
        bench.pack(format!("XRANGE s {start} + COUNT 100").split(' ').map(str::as_bytes));
        Box::new(move |_| {
            bench.send();
        })
    })
}

fn xclaim(pending: u64) -> f64 {
    best(50_000, || {
        let mut bench = Bench::new();
        bench.add_entries(pending, 1);
        bench.deliver(pending);
        Box::new(move |index| {
            let id = NOW as u64 + index * 7919 % pending;
            bench.run(&format!("XCLAIM s g d 0 {id}-0"));
        })
    })
}

fn xautoclaim(pending: u64) -> f64 {
    best(2_000, || {
        let mut bench = Bench::new();
        bench.add_entries(pending, 1);
        bench.deliver(pending);
        Box::new(move |index| {
            let start = NOW as u64 + index * 7919 % pending;
            bench.run(&format!("XAUTOCLAIM s g d 0 {start}-0 COUNT 100"));
        })
    })
}

/// Bytes per entry and per pending entry, from the engine's own count of what it keeps.
fn memory(fields: usize) -> (f64, f64) {
    const ENTRIES: u64 = 1_000_000;
    let mut bench = Bench::new();
    bench.add_entries(ENTRIES, fields);
    let entries = bench.engine.state().keyspace.memory_bytes();
    bench.deliver(ENTRIES);
    let with_pending = bench.engine.state().keyspace.memory_bytes();
    let each = |bytes: usize| bytes as f64 / ENTRIES as f64;
    (each(entries), each(with_pending - entries))
}

/// Runs what the first argument names, or everything: `cargo bench --bench engine -- XADD`.
fn main() {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with("--")).unwrap_or_default();
    let measure = |name: &str, run: &dyn Fn() -> f64| {
        if name.starts_with(&wanted) {
            println!("{name:<40} {:>10.0} ns", run());
        }
    };
    measure("XADD 1 field", &|| xadd(1));
    measure("XADD 5 fields", &|| xadd(5));
    measure("XREADGROUP COUNT 1 + XACK", &|| read_and_ack(1, 100_000));
    measure("XREADGROUP COUNT 100 + XACK 100", &|| read_and_ack(100, 1_000));
    measure("XRANGE COUNT 100", &xrange);
    for pending in [1_000, 100_000, 1_000_000] {
        measure(&format!("XCLAIM, {pending} pending"), &|| xclaim(pending));
        measure(&format!("XAUTOCLAIM COUNT 100, {pending} pending"), &|| xautoclaim(pending));
    }
    if "memory".starts_with(&wanted) {
        for fields in [1, 5] {
            let (entry, pending) = memory(fields);
            println!(
                "memory, {fields} field(s): {entry:.1} bytes an entry, {pending:.1} a pending one"
            );
        }
    }
}
