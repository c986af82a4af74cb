//! What a suite prints: kept in a file, and shown when the suite fails.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Error, Result, bail};

use crate::background::Background;
use crate::{paths, process, report};

/// Lines of a log that a failure shows; the file has the rest.
const SHOWN: usize = 300;

/// How long one command of a suite may take: hanging tests must not hang the run.
const LIMIT: Duration = Duration::from_mins(10);

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

    /// Runs `command` to its end; an exit code other than 0 is an error, and so is taking too long.
    pub fn run(&mut self, mut command: Command) -> Result<()> {
        self.attach(&mut command)?;
        let line = format!("`{}`", process::line(&command));
        let status = Background::start(&line, command)?.finish(LIMIT)?;
        if !status.success() {
            bail!("{line} failed ({status})");
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
