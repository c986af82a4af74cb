//! A connection to the oracle, read as far as is known to come.

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use notation::resp;
use notation::text::request;

/// Who says nothing for so long is asked whether there is anything left to say.
const PAUSE: Duration = Duration::from_millis(20);

/// Who says nothing for so long is broken.
const PATIENCE: Duration = Duration::from_secs(10);

/// One client of the oracle.
pub struct Connection {
    stream: UnixStream,
    heard: Vec<u8>,
    closed: bool,
}

impl Connection {
    /// Takes a stream.
    pub fn new(stream: UnixStream) -> Result<Self> {
        stream.set_read_timeout(Some(PAUSE))?;
        Ok(Self { stream, heard: Vec::new(), closed: false })
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
        self.hear_values(1)?;
        Ok(self.take().0)
    }

    /// Waits for `count` replies.
    pub fn hear_values(&mut self, count: usize) -> Result<()> {
        let begun = Instant::now();
        loop {
            let frames = resp::frames(&self.heard);
            let frames = frames.map_err(|fault| anyhow!("the oracle's reply: {fault}"))?;
            if frames.len() >= count {
                return Ok(());
            }
            let late = !self.read()? && begun.elapsed() > PATIENCE;
            ensure!(!late && !self.closed, "the oracle does not answer");
        }
    }

    /// Waits for as many bytes as `expected`, or until other bytes or a pause come.
    pub fn hear_like(&mut self, expected: &[u8]) -> Result<bool> {
        let mut same = 0;
        loop {
            let end = self.heard.len().min(expected.len());
            if self.heard[same..end] != expected[same..end] {
                return Ok(false);
            }
            if self.heard.len() >= expected.len() {
                return Ok(self.heard.len() == expected.len());
            }
            same = end;
            if self.closed || !self.read()? {
                return Ok(false);
            }
        }
    }

    /// Reads what has come, without waiting for more; says whether there was anything.
    pub fn hear_now(&mut self) -> Result<bool> {
        let before = self.heard.len();
        self.stream.set_nonblocking(true)?;
        while !self.closed && self.read()? {}
        self.stream.set_nonblocking(false)?;
        Ok(self.heard.len() > before)
    }

    /// What was heard since the last call, and whether the connection is closed.
    pub fn take(&mut self) -> (Vec<u8>, bool) {
        (std::mem::take(&mut self.heard), self.closed)
    }

    /// Reads once; `false` when nothing came in time.
    fn read(&mut self) -> Result<bool> {
        const AT_ONCE: usize = 64 * 1024;
        let len = self.heard.len();
        self.heard.resize(len + AT_ONCE, 0);
        let read = self.stream.read(&mut self.heard[len..]);
        self.heard.truncate(len + read.as_ref().map_or(0, |read| *read));
        match read {
            Ok(0) => self.closed = true,
            Ok(_) => {}
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => return Ok(false),
                ErrorKind::ConnectionReset => self.closed = true,
                _ => return Err(error.into()),
            },
        }
        Ok(true)
    }
}
