//! A RESP connection that keeps many commands on their way.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use notation::resp::{self, Fault, Value};

/// How many commands are sent before their replies are read.
const DEPTH: usize = 64;

/// No reply takes longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// One connection.
pub struct Pipeline {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Pipeline {
    /// Connects to `port` of this machine.
    pub fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, heard: Vec::new() })
    }

    /// Runs commands, one a line; returns how many bulk strings their replies hold.
    pub fn run(&mut self, lines: impl IntoIterator<Item = String>) -> Result<u64> {
        let mut lines = lines.into_iter().peekable();
        let mut bulks = 0;
        while lines.peek().is_some() {
            let (mut batch, mut count) = (Vec::new(), 0);
            for line in lines.by_ref().take(DEPTH) {
                encode(&line, &mut batch)?;
                count += 1;
            }
            self.stream.write_all(&batch)?;
            for value in self.replies(count)? {
                bulks += bulk_strings(&value)?;
            }
        }
        Ok(bulks)
    }

    /// Runs one command and returns its reply.
    pub fn ask(&mut self, line: &str) -> Result<Value> {
        let mut request = Vec::new();
        encode(line, &mut request)?;
        self.stream.write_all(&request)?;
        match self.replies(1)?.pop() {
            Some(Value::Error(text)) => bail!("`{line}`: {}", String::from_utf8_lossy(&text)),
            Some(value) => Ok(value),
            None => bail!("no reply to `{line}`"),
        }
    }

    /// A section of INFO.
    pub fn info(&mut self, section: &str) -> Result<String> {
        match self.ask(&format!("INFO {section}"))? {
            Value::Bulk(text) => Ok(String::from_utf8_lossy(&text).into_owned()),
            other => bail!("INFO answered {other:?}"),
        }
    }

    fn replies(&mut self, count: usize) -> Result<Vec<Value>> {
        let (mut values, mut at) = (Vec::with_capacity(count), 0);
        while values.len() < count {
            match resp::parse(&self.heard[at..]) {
                Ok((value, len)) => {
                    values.push(value);
                    at += len;
                }
                Err(Fault::Incomplete) => self.read()?,
                Err(Fault::Malformed(why)) => bail!("a malformed reply: {why}"),
            }
        }
        self.heard.drain(..at);
        Ok(values)
    }

    fn read(&mut self) -> Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        let len = self.stream.read(&mut buffer)?;
        ensure!(len > 0, "the server closed the connection");
        self.heard.extend_from_slice(&buffer[..len]);
        Ok(())
    }
}

/// Appends a request. It happens by the million in a debug build, so nothing else is allocated.
fn encode(line: &str, request: &mut Vec<u8>) -> Result<()> {
    let spaces = line.bytes().filter(|byte| *byte == b' ').count();
    write!(request, "*{}\r\n", spaces + 1)?;
    for word in line.split(' ') {
        write!(request, "${}\r\n{word}\r\n", word.len())?;
    }
    Ok(())
}

fn bulk_strings(value: &Value) -> Result<u64> {
    match value {
        Value::Bulk(_) => Ok(1),
        Value::Array(values) => values.iter().map(bulk_strings).sum(),
        Value::Error(text) => bail!("{}", String::from_utf8_lossy(text)),
        _ => Ok(0),
    }
}
