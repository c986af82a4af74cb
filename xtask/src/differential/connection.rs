//! A connection to the oracle, read as far as is known to come.

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use notation::resp;
use notation::text::request;

/// One client of the oracle.
pub struct Connection {
    stream: UnixStream,
    heard: Vec<u8>,
    closed: bool,
}

impl Connection {
    /// Takes a stream.
    pub fn new(stream: UnixStream) -> Self {
        Self { stream, heard: Vec::new(), closed: false }
    }

    /// Sends bytes. A connection that the server has closed takes them as the network would.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        match self.stream.write_all(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// Sends a command and waits for its reply.
    pub fn ask(&mut self, words: &[&[u8]]) -> Result<Vec<u8>> {
        self.send(&request(words))?;
        self.stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        loop {
            match resp::parse(&self.heard) {
                Ok(_) => return Ok(self.take().0),
                Err(resp::Fault::Incomplete) => {
                    ensure!(self.read()? && !self.closed, "the oracle does not answer");
                }
                Err(fault) => {
                    return Err(anyhow::anyhow!("{fault:?}")).context("the oracle's reply");
                }
            }
        }
    }

    /// Waits for as many bytes as `expected`, or until other bytes or a pause come.
    pub fn hear_like(&mut self, expected: &[u8], pause: Duration) -> Result<bool> {
        self.stream.set_read_timeout(Some(pause))?;
        loop {
            if self.heard.len() >= expected.len() || !expected.starts_with(&self.heard) {
                return Ok(self.heard == expected);
            }
            if self.closed || !self.read()? {
                return Ok(false);
            }
        }
    }

    /// Reads what has come, without waiting for more.
    pub fn hear_now(&mut self) -> Result<()> {
        self.stream.set_nonblocking(true)?;
        while !self.closed && self.read()? {}
        self.stream.set_nonblocking(false)?;
        Ok(())
    }

    /// What was heard since the last call, and whether the connection is closed.
    pub fn take(&mut self) -> (Vec<u8>, bool) {
        (std::mem::take(&mut self.heard), self.closed)
    }

    /// Reads once; `false` when nothing came in time.
    fn read(&mut self) -> Result<bool> {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => self.closed = true,
            Ok(len) => self.heard.extend_from_slice(&buffer[..len]),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => return Ok(false),
                ErrorKind::ConnectionReset => self.closed = true,
                _ => return Err(error.into()),
            },
        }
        Ok(true)
    }
}
