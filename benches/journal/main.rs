//! What the journal costs: bytes of a job's life, and the time to read and to rewrite a million
//! entries with a hundred thousand pending. `cargo bench --bench journal`
//!
//! Files are left out: bytes go to memory, as fast as a host could hand them on.

use std::time::{Duration, Instant};

use brooklet::journal::JournalFile;
use brooklet::reply::Form;
use brooklet::{Config, Durability, Engine};

const ENTRIES: u64 = 1_000_000;
const PENDING: u64 = 100_000;
const NOW: i64 = 1_795_312_615_000;
/// A frame holds what so many inputs did, where commits are grouped.
const GROUPED: u64 = 100;

/// An engine that writes a journal into memory.
struct Writer {
    engine: Engine,
    session: u64,
    journal: Vec<u8>,
}

impl Writer {
    fn new() -> Self {
        let mut engine = Engine::new(Config::default());
        let session = engine.open_session(NOW, Form::Resp2).expect("a session");
        engine.start_journal(1, 0, Durability::Immediate);
        Self { engine, session, journal: Vec::new() }
    }

    fn run(&mut self, at: i64, request: &str) {
        self.engine.exchange(at, self.session, request.as_bytes());
        self.engine.consume(self.session);
    }

    fn append(&mut self, at: i64) {
        if let Some(frame) = self.engine.next_frame(at) {
            self.journal.extend_from_slice(frame);
            self.engine.confirm_frame();
        }
    }
}

fn main() {
    job_lives();
    let (writer, took) = timed(million);
    let megabytes = writer.journal.len() as f64 / 1e6;
    println!("write {ENTRIES} entries, {PENDING} pending: {took:.2?}, {megabytes:.1} MB");
    report_reading("read what was written", &[(JournalFile::Increment, &writer.journal)]);
    let (base, pause, took) = rewrite(writer);
    let megabytes = base.len() as f64 / 1e6;
    println!("rewrite: {took:.2?}, of it {pause:.2?} to begin with, {megabytes:.1} MB");
    report_reading("read the base", &[(JournalFile::Base, &base)]);
}

/// A job with 64 bytes is added, delivered and acknowledged.
fn job_lives() {
    const JOBS: u64 = 10_000;
    for grouped in [1, GROUPED] {
        let mut writer = Writer::new();
        writer.run(NOW, "XGROUP CREATE jobs workers 0 MKSTREAM\r\n");
        let body = "x".repeat(64);
        let begun = Instant::now();
        for job in 0..JOBS {
            let at = NOW + job as i64;
            for request in [
                format!("XADD jobs * body {body}\r\n"),
                "XREADGROUP GROUP workers w1 COUNT 1 STREAMS jobs >\r\n".into(),
                format!("XACK jobs workers {at}-0\r\n"),
            ] {
                writer.run(at, &request);
                if grouped == 1 {
                    writer.append(at);
                }
            }
            if job % grouped == grouped - 1 {
                writer.append(at);
            }
        }
        let nanos = begun.elapsed().as_nanos() as u64 / JOBS;
        let bytes = writer.journal.len() as u64 / JOBS;
        let frames = if grouped == 1 { "a frame a command" } else { "a frame a hundred jobs" };
        println!(
            "a job of 64 bytes added, delivered, acknowledged, {frames}: {bytes} bytes, {nanos} ns"
        );
    }
}

fn million() -> Writer {
    let mut writer = Writer::new();
    writer.run(NOW, "XGROUP CREATE s g 0 MKSTREAM\r\n");
    for entry in 0..ENTRIES {
        let at = NOW + (entry / 100) as i64;
        writer.run(at, "XADD s * field sixteen-bytes-ok\r\n");
        if entry % GROUPED == GROUPED - 1 {
            writer.append(at);
        }
    }
    for _ in 0..PENDING / 100 {
        writer.run(NOW, "XREADGROUP GROUP g c COUNT 100 STREAMS s >\r\n");
        writer.append(NOW);
    }
    writer
}

/// The base, how long it took to begin it, and how long in all.
fn rewrite(mut writer: Writer) -> (Vec<u8>, Duration, Duration) {
    let begun = Instant::now();
    assert!(writer.engine.begin_rewrite(NOW), "everything is in a frame");
    let pause = begun.elapsed();
    let mut base = Vec::new();
    while let Some((frame, _)) = writer.engine.next_base_frame(NOW, 256 << 10) {
        base.extend_from_slice(&frame);
    }
    (base, pause, begun.elapsed())
}

fn report_reading(what: &str, files: &[(JournalFile, &[u8])]) {
    let (engine, took) = timed(|| {
        let mut engine = Engine::new(Config::default());
        engine.begin_recovery(NOW);
        for (kind, bytes) in files {
            engine.begin_file(*kind);
            for piece in bytes.chunks(1 << 20) {
                engine.recover(NOW, piece).expect("a journal without fault");
            }
            engine.end_file(true).expect("a whole file");
        }
        engine.end_recovery();
        engine
    });
    assert_eq!(engine.state().keyspace.database(0).len(), 1, "the stream is there");
    println!("{what}: {took:.2?}");
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let result = work();
    (result, begun.elapsed())
}
