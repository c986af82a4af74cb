//! Ctrl-C, and being asked to end: noted, so that we can stop what we started before we end.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, ensure};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C is only noted.
pub fn listen() -> Result<()> {
    let note = || REQUESTED.store(true, Ordering::Relaxed);
    ctrlc::set_handler(note).context("cannot listen for Ctrl-C")
}

/// Whether we were asked to end.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// Fails when we were asked to end.
pub fn check() -> Result<()> {
    ensure!(!requested(), "interrupted");
    Ok(())
}
