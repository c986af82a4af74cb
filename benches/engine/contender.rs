//! The native engine under measurement, called as hosts in the same process call it.

use std::time::Instant;

use brooklet::reply::Form;
use brooklet::{Config, Engine};

use crate::workload::{A_MILLISECOND, FIRST, Sample, Stage};

/// The low three bits of a packed reply's first word when the reply is an error.
const ERROR: u32 = 2;

/// An entry with one field takes five words of a packed reply: array, ID, array, field, value.
const WORDS_OF_AN_ENTRY: u64 = 5;

/// When the engine begins: after every ID that the stage and the samples name.
const BEGIN: i64 = FIRST as i64 + 1_000_000_000;

/// Bytes of data by the engine's own count.
pub struct Memory {
    /// For each entry.
    pub entry: f64,
    /// For each pending entry, beyond the entry itself.
    pub pending: f64,
}

/// One engine with one packed session.
pub struct Contender {
    engine: Engine,
    session: u64,
    calls: u64,
    stage: Stage,
}

impl Contender {
    /// An engine that holds the stage.
    pub fn fill(stage: Stage) -> (Self, Memory) {
        let mut engine = Engine::new(Config::default());
        let session = engine.open_session(BEGIN, Form::Packed).expect("room for one session");
        let mut contender = Self { engine, session, calls: 0, stage };
        stage.filling().for_each(|line| contender.run(&line));
        let entries = contender.bytes();
        stage.delivery().for_each(|line| contender.run(&line));
        let pending = contender.bytes() - entries;
        let each = |bytes: usize, count: u64| bytes as f64 / count.max(1) as f64;
        let memory =
            Memory { entry: each(entries, stage.entries), pending: each(pending, stage.pending) };
        (contender, memory)
    }

    /// Nanoseconds that one operation takes. Requests are packed before the clock starts, as Redis
    /// has parsed its own before its clock does.
    pub fn sample(&mut self, sample: Sample) -> f64 {
        sample.preparation(self.stage).iter().for_each(|line| self.run(line));
        let requests: Vec<_> =
            sample.commands(self.stage).iter().map(|line| packed(line)).collect();
        let start = Instant::now();
        let words: u64 = requests.iter().map(|request| self.call(request)).sum();
        let elapsed = start.elapsed();
        let least = sample.times * sample.workload.entries() * WORDS_OF_AN_ENTRY;
        assert!(words >= least, "replies miss entries: {words} words of at least {least}");
        elapsed.as_nanos() as f64 / sample.times as f64
    }

    fn run(&mut self, line: &str) {
        self.call(&packed(line));
    }

    /// Runs one request and returns how many words its reply has.
    fn call(&mut self, request: &[u8]) -> u64 {
        self.calls += 1;
        let now = BEGIN + (self.calls / A_MILLISECOND) as i64;
        assert!(self.engine.call(now, self.session, request), "nothing blocks here");
        let output = self.engine.output(self.session).expect("a reply");
        assert!(output.words.first().is_some_and(|word| word & 7 != ERROR), "an error reply");
        let words = output.words.len() as u64;
        self.engine.consume(self.session);
        while self.engine.next_output().is_some() {}
        words
    }

    fn bytes(&self) -> usize {
        self.engine.state().keyspace.memory_bytes()
    }
}

/// A command in the form of packed sessions: the number of words, then each with its length.
fn packed(line: &str) -> Vec<u8> {
    let mut request = vec![0; 4];
    let mut count: u32 = 0;
    for word in line.split(' ') {
        request.extend_from_slice(&(word.len() as u32).to_le_bytes());
        request.extend_from_slice(word.as_bytes());
        count += 1;
    }
    request[..4].copy_from_slice(&count.to_le_bytes());
    request
}
