//! A Chromium for the browser tests: CHROME, a known name, or Debian's package.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::apt;
use crate::process::{command, probe};

/// Names and places where Chromium and Chrome are found.
const KNOWN: [&str; 6] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// The program to start; installs it where it is missing and we may.
pub fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROME").filter(|it| !it.is_empty()) {
        let named = PathBuf::from(named);
        if runs(&named) {
            return Ok(named);
        }
        bail!("CHROME names {}, which does not run", named.display());
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    if apt::install("chromium")? {
        if let Some(found) = find() {
            return Ok(found);
        }
        bail!("the Debian package chromium brought no Chromium that runs: install Google Chrome");
    }
    bail!("no Chromium: install Chromium or Google Chrome, or name its program in CHROME")
}

fn find() -> Option<PathBuf> {
    KNOWN.into_iter().find_map(located).filter(|program| runs(program))
}

/// The whole path of `program`, as the browser driver wants it.
fn located(program: &str) -> Option<PathBuf> {
    let search = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&search);
    folders.map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn runs(program: &std::path::Path) -> bool {
    let mut version = command(program);
    version.arg("--version");
    probe(version).is_some()
}
