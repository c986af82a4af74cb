//! Debian packages, where we may install them: on Debian and Ubuntu as root.

use std::path::Path;

use anyhow::Result;

use crate::process::{self, command};
use crate::report::step;

/// Installs `package`; false where that is not for us to do.
pub fn install(package: &str) -> Result<bool> {
    if !Path::new("/etc/debian_version").exists() || !is_root() {
        return Ok(false);
    }
    step(&format!("Install the Debian package {package}"), || {
        process::quiet(apt(&["update"]))?;
        process::quiet(apt(&["install", "-y", "--no-install-recommends", package]))
    })?;
    Ok(true)
}

fn apt(arguments: &[&str]) -> std::process::Command {
    let mut apt = command("apt-get");
    apt.arg("-q").args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

#[cfg(unix)]
fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
