//! A program that runs in the background until we stop it.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::{interrupt, process};

/// How long a program may take to begin listening, and to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(15);

/// How often we look: neither the programs nor Ctrl-C have a way to wake us.
pub const LOOK: Duration = Duration::from_millis(25);

/// A running program, stopped when this is dropped.
pub struct Background {
    name: String,
    child: Child,
}

impl Background {
    /// Starts `command` apart from our terminal: Ctrl-C reaches us alone, and we stop it.
    pub fn start(name: &str, mut command: Command) -> Result<Self> {
        let line = process::line(&command);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().with_context(|| format!("cannot run `{line}`"))?;
        Ok(Self { name: name.to_owned(), child })
    }

    /// Waits until the program accepts connections on `port` of this machine.
    pub fn wait_until_listening(&mut self, port: u16) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect_timeout(&local(port), LOOK).is_err() {
            interrupt::check()?;
            self.expect_running()?;
            if deadline < Instant::now() {
                bail!("{} does not listen on port {port} after {PATIENCE:?}", self.name);
            }
            sleep(LOOK);
        }
        Ok(())
    }

    /// Fails when the program has ended.
    pub fn expect_running(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended by itself ({status})", self.name),
        }
    }

    /// Waits until the program has ended by itself; one that takes longer than `limit` is stopped.
    pub fn finish(mut self, limit: Duration) -> Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            interrupt::check()?;
            if deadline < Instant::now() {
                self.stop()?;
                bail!("{} took longer than {limit:?}", self.name);
            }
            sleep(LOOK);
        }
    }

    /// Asks the program to end and waits for it; a deaf program is killed.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        let deadline = Instant::now() + PATIENCE;
        let mut asked = false;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if !asked {
                end(&mut self.child, Manner::Ask)?;
                asked = true;
            }
            if deadline < Instant::now() {
                end(&mut self.child, Manner::Kill)?;
                self.child.wait()?;
                bail!("{} did not end within {PATIENCE:?} and was killed", self.name);
            }
            sleep(LOOK);
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Whoever cares about the way it ended has called `stop` before.
        let _ = self.stop();
    }
}

/// Whether nothing listens on `port` of this machine.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind(local(port)).is_ok()
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

#[derive(Clone, Copy)]
enum Manner {
    Ask,
    Kill,
}

/// Ends the program and whatever it started.
#[cfg(unix)]
fn end(child: &mut Child, manner: Manner) -> Result<()> {
    use nix::sys::signal::{Signal, killpg};
    let signal = match manner {
        Manner::Ask => Signal::SIGTERM,
        Manner::Kill => Signal::SIGKILL,
    };
    let group = nix::unistd::Pid::from_raw(i32::try_from(child.id())?);
    killpg(group, signal).context("cannot stop a program that we started")
}

/// Ends the program, in the one way there is.
#[cfg(not(unix))]
fn end(child: &mut Child, _: Manner) -> Result<()> {
    Ok(child.kill()?)
}

#[cfg(all(test, unix))]
mod tests {
    use std::net::TcpListener;
    use std::time::Duration;

    use super::{Background, is_free};
    use crate::process::command;

    fn start(script: &str) -> Background {
        let mut shell = command("/bin/sh");
        shell.args(["-c", script]);
        Background::start("the test's shell", shell).unwrap()
    }

    #[test]
    fn stopping_ends_the_program_and_what_it_started() {
        use std::os::unix::process::ExitStatusExt as _;
        let mut shell = start("sleep 600; echo never");
        shell.expect_running().unwrap();
        assert_eq!(shell.stop().unwrap().signal(), Some(15));
        assert!(shell.expect_running().is_err());
    }

    #[test]
    fn a_program_has_its_time_and_no_more() {
        let limit = Duration::from_millis(50);
        let error = start("sleep 600").finish(limit).unwrap_err().to_string();
        assert!(error.contains("longer than 50ms"), "{error}");
        assert!(start("exit 0").finish(Duration::from_mins(1)).unwrap().success());
    }

    #[test]
    fn a_program_that_ends_is_not_waited_for() {
        // Port 1 is reserved: nobody listens there.
        let error = start("exit 7").wait_until_listening(1).unwrap_err().to_string();
        assert!(error.contains("the test's shell") && error.contains('7'), "{error}");
    }

    #[test]
    fn a_port_in_use_is_noticed() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!is_free(port));
        start("sleep 600").wait_until_listening(port).unwrap();
        drop(listener);
        assert!(is_free(port));
    }
}
