//! The engine behind a player's clients: each has a session, of RESP bytes or of packed replies.

use std::collections::BTreeMap;

use brooklet::reply::Form;
use brooklet::state::DebugCommand;
use brooklet::{Config, Engine};
use notation::play::Server;
use notation::{Protocol, Value};

use super::packed;

/// An engine and who is connected to it.
pub struct Host {
    engine: Engine,
    clock: i64,
    packed: bool,
    sessions: BTreeMap<String, u64>,
    heard: BTreeMap<String, (Vec<u8>, bool)>,
}

impl Host {
    /// Clients send and hear RESP.
    pub fn resp() -> Self {
        Self {
            engine: Engine::new(Config { debug_command: DebugCommand::Yes, ..Config::default() }),
            clock: 0,
            packed: false,
            sessions: BTreeMap::new(),
            heard: BTreeMap::new(),
        }
    }

    /// Clients are in the same process: calls come as packed words, replies go out packed.
    pub fn packed() -> Self {
        Self { packed: true, ..Self::resp() }
    }

    fn session(&self, client: &str) -> Result<u64, String> {
        self.sessions.get(client).copied().ok_or_else(|| format!("{client} is not connected"))
    }

    /// Takes what the engine has to say to anybody.
    fn drain(&mut self) {
        while let Some(id) = self.engine.next_output() {
            let Some(output) = self.engine.output(id) else { continue };
            let name = self.sessions.iter().find(|(_, session)| **session == id);
            let name = name.expect("every session has a client").0.clone();
            let (bytes, closed) = self.heard.entry(name).or_default();
            if self.packed {
                let values: Vec<Value> = packed::replies(output.words, output.bytes);
                for value in &values {
                    value.write(bytes);
                }
            } else {
                bytes.extend_from_slice(output.bytes);
            }
            *closed |= output.close;
            self.engine.consume(id);
            if *closed {
                self.engine.close_session(id);
            }
        }
    }
}

impl Server for Host {
    fn reset(&mut self, clock: i64) -> Result<(), String> {
        *self = Self { clock, packed: self.packed, ..Self::resp() };
        Ok(())
    }

    fn open(&mut self, client: &str, protocol: Protocol) -> Result<i64, String> {
        let form = match protocol {
            _ if self.packed => Form::Packed,
            Protocol::Two => Form::Resp2,
            Protocol::Three => Form::Resp3,
        };
        let opened = self.engine.open_session(self.clock, form);
        let id = opened.map_err(|error| error.text().escape_ascii().to_string())?;
        self.sessions.insert(client.into(), id);
        Ok(id.cast_signed())
    }

    fn command(&mut self, client: &str, words: &[Vec<u8>]) -> Result<(), String> {
        if !self.packed {
            return self.send(client, &notation::text::request(words));
        }
        self.engine.call(self.clock, self.session(client)?, &packed::request(words));
        self.drain();
        Ok(())
    }

    fn send(&mut self, client: &str, bytes: &[u8]) -> Result<(), String> {
        self.engine.exchange(self.clock, self.session(client)?, bytes);
        self.drain();
        Ok(())
    }

    fn leave(&mut self, client: &str) -> Result<(), String> {
        self.engine.close_session(self.session(client)?);
        self.sessions.remove(client);
        Ok(())
    }

    fn set_clock(&mut self, clock: i64) -> Result<(), String> {
        self.clock = clock;
        self.engine.tick(clock);
        self.drain();
        Ok(())
    }

    fn heard(&mut self, client: &str) -> Result<(Vec<u8>, bool), String> {
        Ok(self.heard.remove(client).unwrap_or_default())
    }
}
