//! Runs other programs: quietly, keeping their output for the failure, or in the foreground.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail};

/// A command for `program`, run at the root of the repository.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::paths::root()).stdin(Stdio::null());
    command
}

/// The Cargo that runs this task runner.
pub fn cargo() -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    if crate::report::coloured() {
        // Its output is kept for later, so it cannot see the terminal that will show it.
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    cargo
}

/// npm, in the directory of a `package.json`.
pub fn npm(directory: &Path) -> Command {
    let mut command = command(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(directory);
    command
}

/// Runs `command` without showing its output; a failure tells the command and its whole output.
pub fn quiet(mut command: Command) -> Result<()> {
    let line = line(&command);
    let (mut reader, writer) = std::io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("cannot run `{line}`"))?;
    // Our ends of the pipe live in the command: while they do, reading never comes to an end.
    drop(command);
    let mut output = Vec::new();
    reader.read_to_end(&mut output)?;
    succeeded(&line, child.wait()?, &output)
}

/// Runs `command` and returns its standard output; a failure tells the command and its errors.
pub fn output(mut command: Command) -> Result<String> {
    let line = line(&command);
    let output = command.output().with_context(|| format!("cannot run `{line}`"))?;
    succeeded(&line, output.status, &output.stderr)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn succeeded(line: &str, status: ExitStatus, said: &[u8]) -> Result<()> {
    if !status.success() {
        bail!("`{line}` failed ({status}):\n{}", String::from_utf8_lossy(said).trim_end());
    }
    Ok(())
}

/// What `command` prints on standard output, or nothing when it cannot run or fails.
pub fn probe(mut command: Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs `command` in the foreground and ends with its exit code.
///
/// On Unix the command takes this process' place: signals and the terminal are its own.
pub fn foreground(mut command: Command) -> Result<ExitCode> {
    command.stdin(Stdio::inherit());
    let line = line(&command);
    #[cfg(unix)]
    {
        let error = std::os::unix::process::CommandExt::exec(&mut command);
        Err(error).with_context(|| format!("cannot run `{line}`"))
    }
    #[cfg(not(unix))]
    {
        let status = command.status().with_context(|| format!("cannot run `{line}`"))?;
        let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
        Ok(ExitCode::from(code))
    }
}

/// `command` as one line, with the program's bare name.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(all(test, unix))]
mod tests {
    use super::{command, line, output, quiet};

    fn shell(script: &str) -> std::process::Command {
        let mut shell = command("/bin/sh");
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn a_failure_tells_the_command_and_its_output_in_order() {
        let error = quiet(shell("echo one; echo two >&2; echo three; exit 3")).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with("`sh -c echo one"), "{error}");
        assert!(error.ends_with("(exit status: 3):\none\ntwo\nthree"), "{error}");
    }

    #[test]
    fn output_is_apart_from_what_a_failure_tells() {
        assert_eq!(output(shell("echo one; echo two >&2")).unwrap(), "one\n");
        let error = output(shell("echo one; echo two >&2; exit 3")).unwrap_err().to_string();
        assert!(error.ends_with(":\ntwo"), "{error}");
    }

    #[test]
    fn a_line_shows_the_bare_program() {
        assert_eq!(line(&shell("true")), "sh -c true");
    }
}
