//! What a suite prints: kept in a file, and shown when the suite fails.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Error, Result, bail};

use crate::{paths, process, report};

/// Lines of a log that a failure shows; the file has the rest.
const SHOWN: usize = 300;

/// The output of one suite.
pub struct Log {
    path: PathBuf,
    file: File,
    verbose: bool,
}

impl Log {
    /// An empty log; a `verbose` one lets everything through to the terminal instead.
    pub fn create(suite: &str, verbose: bool) -> Result<Self> {
        let folder = paths::scratch().join("logs");
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{suite}.log"));
        let file = File::create(&path)?;
        Ok(Self { path, file, verbose })
    }

    /// Runs `command` to its end; an exit code other than 0 is an error.
    pub fn run(&mut self, mut command: Command) -> Result<()> {
        self.attach(&mut command)?;
        let status = command.status()?;
        if !status.success() {
            bail!("`{}` failed ({status})", process::line(&command));
        }
        Ok(())
    }

    /// Lets what `command` will print go to this log.
    pub fn attach(&mut self, command: &mut Command) -> Result<()> {
        let line = process::line(command);
        if self.verbose {
            report::say(&format!("$ {line}"));
            return Ok(());
        }
        writeln!(self.file, "$ {line}")?;
        command.stdout(Stdio::from(self.file.try_clone()?));
        command.stderr(Stdio::from(self.file.try_clone()?));
        Ok(())
    }

    /// Shows the end of the log, and where all of it is.
    pub fn show(&self, error: &Error) {
        if self.verbose {
            return;
        }
        let text = fs::read(&self.path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        let left_out = lines.len().saturating_sub(SHOWN);
        lines[left_out..].iter().for_each(|line| report::say(line));
        report::say(&format!("{error:#}; whole output: {}", paths::shown(&self.path)));
    }
}
