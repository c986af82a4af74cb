//! The npm packages of one lock file, installed when they are not what the lock file says.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};

use crate::paths::shown;
use crate::process::{self, command, probe};
use crate::report::step;

/// The oldest major version of Node that everything here runs on.
const NODE: u32 = 20;

/// Runs `npm ci` in `folder` unless its packages are installed as its lock file says.
pub fn npm(folder: &Path) -> Result<()> {
    node()?;
    let lock = folder.join("package-lock.json");
    let lock = fs::read_to_string(&lock).with_context(|| format!("no {}", shown(&lock)))?;
    let installed = fs::read_to_string(folder.join("node_modules/.package-lock.json"));
    if installed.is_ok_and(|installed| agrees(&lock, &installed)) {
        return Ok(());
    }
    step(&format!("Install the npm packages of {}", shown(folder)), || {
        let mut npm = process::npm(folder);
        // No dependency of ours needs a script at installation, so none gets to run one.
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"]);
        process::quiet(npm)
    })
}

/// Fails when Node is missing or too old.
fn node() -> Result<()> {
    let mut node = command("node");
    node.arg("--version");
    let hint = format!("install Node {NODE} or newer (with npm) from https://nodejs.org");
    let Some(version) = probe(node) else { bail!("cannot run node: {hint}") };
    let major = version.trim_start_matches('v').split('.').next().and_then(|it| it.parse().ok());
    match major {
        Some(major) if NODE <= major => Ok(()),
        _ => bail!("node {version} is too old: {hint}"),
    }
}

/// Whether what npm notes as `installed` is what `lock` asks for.
///
/// Optional packages (builds for other platforms) may be absent.
fn agrees(lock: &str, installed: &str) -> bool {
    let (Some(lock), Some(installed)) = (packages(lock), packages(installed)) else {
        return false;
    };
    let wanted = lock.iter().filter(|(place, _)| place.contains("node_modules/"));
    wanted.into_iter().all(|(place, package)| match installed.get(place) {
        Some(found) => {
            found["version"] == package["version"] && found["integrity"] == package["integrity"]
        }
        None => package["optional"] == true,
    })
}

fn packages(lock: &str) -> Option<Map<String, Value>> {
    let mut lock = serde_json::from_str::<Value>(lock).ok()?;
    match lock["packages"].take() {
        Value::Object(packages) => Some(packages),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::agrees;
    use crate::paths;

    const LOCK: &str = r#"{"packages": {
        "": {"name": "root"},
        "package": {"version": "0.1.0"},
        "node_modules/brooklet": {"resolved": "package", "link": true},
        "node_modules/a": {"version": "1.0.0", "integrity": "x"},
        "node_modules/b": {"version": "2.0.0", "integrity": "y", "optional": true}}}"#;

    fn installed(packages: &str) -> String {
        format!(r#"{{"packages": {{"node_modules/brooklet": {{"link": true}}{packages}}}}}"#)
    }

    #[test]
    fn optional_packages_may_be_absent() {
        let here = installed(r#", "node_modules/a": {"version": "1.0.0", "integrity": "x"}"#);
        assert!(agrees(LOCK, &here));
    }

    #[test]
    fn missing_and_different_packages_are_noticed() {
        assert!(!agrees(LOCK, &installed("")));
        let other = installed(r#", "node_modules/a": {"version": "1.0.1", "integrity": "z"}"#);
        assert!(!agrees(LOCK, &other));
        assert!(!agrees(LOCK, "not JSON"));
    }

    #[test]
    fn lock_files_hold_no_download_addresses() {
        let example = paths::examples().join("host-node");
        for folder in [paths::www(), paths::edge(), paths::tests(), example] {
            let lock = std::fs::read_to_string(folder.join("package-lock.json")).unwrap();
            assert!(!lock.contains(r#""resolved": "http"#), "see {}/.npmrc", folder.display());
        }
    }
}
