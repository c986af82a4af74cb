//! What one command costs in the native engine: alone, or as one side of `cargo xtask bench`.
//!
//! Alone (`cargo bench --bench engine -- xclaim`) every figure is the best of several rounds, since
//! noise only ever adds time. With `--answer` it reads requests, a line each, and answers each with
//! a line of numbers.

mod contender;
mod workload;

use std::io::BufRead as _;

use contender::{Contender, Memory};
use workload::{COMMANDS, Request, Sample, Stage};

const ROUNDS: u64 = 5;

fn main() {
    // Cargo adds `--bench` to what it was given.
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    match words.next() {
        Some(word) if word == "--answer" => answer(),
        filter => alone(&filter.unwrap_or_default().to_lowercase()),
    }
}

fn answer() {
    let mut contender = None;
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        match line.parse().expect("a request") {
            Request::Fill(stage) => {
                let (filled, Memory { entry, pending }) = Contender::fill(stage);
                contender = Some(filled);
                println!("{entry} {pending}");
            }
            Request::Sample(sample) => {
                let contender = contender.as_mut().expect("a stage before its samples");
                println!("{}", contender.sample(sample));
            }
        }
    }
}

/// Prints what the filter names: words of an operation's title, or `memory`.
fn alone(filter: &str) {
    let (mut contender, _) = Contender::fill(Stage::COMMANDS);
    for (workload, times) in COMMANDS {
        let title = workload.title();
        if title.to_lowercase().contains(filter) {
            let rounds =
                (0..ROUNDS).map(|round| contender.sample(Sample { workload, times, round }));
            println!("{title:<40} {:>10.0} ns", rounds.fold(f64::INFINITY, f64::min));
        }
    }
    if "memory".contains(filter) {
        for fields in [1, 5] {
            let stage = Stage { entries: 1_000_000, fields, pending: 1_000_000 };
            let (_, Memory { entry, pending }) = Contender::fill(stage);
            println!("memory, {fields} field(s): {entry:.1} bytes an entry, {pending:.1} pending");
        }
    }
}
