//! A Python environment with the clients that tests drive, pinned by version and hash.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::apt;
use crate::paths;
use crate::process::{self, command};
use crate::report::step;

/// The Python of `tests/.venv`, made and filled from `tests/requirements.txt` when it is not.
pub fn python() -> Result<PathBuf> {
    let folder = paths::tests().join(".venv");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let requirements = paths::tests().join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)?;
    let installed = folder.join("installed.txt");
    if python.exists() && fs::read_to_string(&installed).is_ok_and(|it| it == wanted) {
        return Ok(python);
    }
    if let Err(error) = create(&folder) {
        // Debian splits the part of Python that makes environments into a package of its own.
        if !apt::install("python3-venv")? {
            return Err(error).context("install Python 3.10 or newer with its venv module");
        }
        create(&folder)?;
    }
    step("Install the Python packages of tests", || {
        let mut pip = command(&python);
        pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "-r"]);
        pip.arg(&requirements);
        process::quiet(pip)
    })?;
    fs::write(installed, wanted)?;
    Ok(python)
}

fn create(folder: &Path) -> Result<()> {
    step("Make a Python environment in tests/.venv", || {
        let mut venv = command(if cfg!(windows) { "python" } else { "python3" });
        venv.args(["-m", "venv", "--clear"]).arg(folder);
        process::quiet(venv)
    })
}
