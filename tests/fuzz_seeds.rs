//! The seeds of the fuzz targets, run through the same functions without a fuzzer.

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::path::Path;

/// Runs a target on each of its seeds.
fn run(name: &str, target: fn(&[u8])) {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let files = fs::read_dir(&seeds).expect("every target has seeds");
    let mut count = 0;
    for file in files {
        let path = file.expect("a seed can be listed").path();
        println!("{}", path.display());
        target(&fs::read(&path).expect("a seed can be read"));
        count += 1;
    }
    assert!(count > 0, "{} is empty", seeds.display());
}

#[test]
fn decoder() {
    run("decoder", fuzz::decoder);
}

#[test]
fn requests() {
    run("requests", fuzz::requests);
}

#[test]
fn session() {
    run("session", fuzz::session);
}

#[test]
fn restore() {
    run("restore", fuzz::restore);
}

#[test]
fn journal() {
    run("journal", fuzz::journal);
}
