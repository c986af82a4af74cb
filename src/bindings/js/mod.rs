//! The JavaScript edge: numbers and bytes in linear memory; configuration and statistics, which
//! are not hot, as objects.
//!
//! A host writes a request at [`JsEngine::reserve`]'s address, calls with its length, and reads
//! the reply where the descriptor says that it lies. No reply value is built on this side.

mod settings;
mod journal;
mod export;

use alloc::boxed::Box;
use alloc::vec::Vec;

use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::engine::Engine;
use crate::reply::Form;
use crate::state::SessionId;
use crate::time::UnixMillis;
use settings::Settings;

/// Words of the descriptor: where the output of a session lies in linear memory.
const DESCRIPTOR_WORDS: usize = 8;
const CLOSE: u32 = 1;

/// An engine in a Wasm instance.
#[wasm_bindgen(js_name = Engine)]
#[derive(Debug)]
pub struct JsEngine {
    engine: Engine,
    request: Vec<u8>,
    descriptor: Box<[u32; DESCRIPTOR_WORDS]>,
    /// The frame of a base that the host takes.
    base: Vec<u8>,
}

#[wasm_bindgen(js_class = Engine)]
impl JsEngine {
    /// An empty engine. Throws on a setting that does not exist or has the wrong type.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &JsValue) -> Result<JsEngine, JsError> {
        Ok(Self {
            engine: Engine::new(Settings(settings).config()?),
            request: Vec::new(),
            descriptor: Box::default(),
            base: Vec::new(),
        })
    }

    /// Opens a session: kind 0 speaks RESP bytes, kind 1 gets packed replies.
    #[wasm_bindgen(js_name = openSession)]
    pub fn open_session(&mut self, now: f64, kind: u32) -> Result<f64, JsError> {
        let form = if kind == 0 { Form::Resp2 } else { Form::Packed };
        let session = self
            .engine
            .open_session(now as UnixMillis, form)
            .map_err(|error| thrown(error.text()))?;
        Ok(session as f64)
    }

    /// Forgets a session whose client is gone.
    #[wasm_bindgen(js_name = closeSession)]
    pub fn close_session(&mut self, session: f64) {
        self.engine.close_session(session as SessionId);
    }

    /// Tells what CLIENT LIST shows of a session's two ends.
    #[wasm_bindgen(js_name = setPeer)]
    pub fn set_peer(&mut self, session: f64, peer: &str, local: &str) {
        self.engine.set_peer(session as SessionId, peer, local);
    }

    /// The address of a request buffer of at least `bytes` bytes (and 4096), which is good until
    /// this is called again. Whoever was given more than a megabyte asks for each request.
    pub fn reserve(&mut self, bytes: u32) -> u32 {
        /// A larger buffer is given back once a small request comes again.
        const KEPT: usize = 1 << 20;
        let bytes = bytes as usize;
        if self.request.len() > KEPT && bytes <= KEPT {
            self.request = Vec::new();
        }
        if self.request.len() < bytes {
            self.request.resize(bytes.max(4096), 0);
        }
        self.request.as_ptr() as u32
    }

    /// Takes in `length` bytes of the request buffer, RESP from this session.
    pub fn exchange(&mut self, now: f64, session: f64, length: u32) {
        let request = &self.request[..self.request.len().min(length as usize)];
        self.engine.exchange(now as UnixMillis, session as SessionId, request);
    }

    /// Runs one packed command of `length` bytes in the request buffer. 1: the descriptor tells
    /// the reply. 0: the session is blocked. 2: the reply waits for a frame of the journal, and
    /// the session can be called again.
    pub fn call(&mut self, now: f64, session: f64, length: u32) -> u32 {
        let request = &self.request[..self.request.len().min(length as usize)];
        if self.engine.call(now as UnixMillis, session as SessionId, request) {
            return u32::from(self.output(session));
        }
        let session = self.engine.state().sessions.get(session as SessionId);
        if session.is_some_and(|session| session.blocked.is_none()) { 2 } else { 0 }
    }

    /// Ends a blocked read without a reply; `true`: it was blocked and has delivered nothing.
    pub fn cancel(&mut self, now: f64, session: f64) -> bool {
        self.engine.cancel(now as UnixMillis, session as SessionId)
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: f64) {
        self.engine.tick(now as UnixMillis);
    }

    /// A session that has output, as a positive number. Where there is none left: when the next
    /// tick is needed, in Unix milliseconds, as a negative number; negative infinity when never.
    #[wasm_bindgen(js_name = nextOutput)]
    pub fn next_output(&mut self) -> f64 {
        if let Some(session) = self.engine.next_output() {
            return session as f64;
        }
        // The time 0 is as good as 1, and has no sign.
        self.engine.deadline().map_or(f64::NEG_INFINITY, |at| -at.max(1) as f64)
    }

    /// Forgets output that was decoded or copied.
    pub fn consume(&mut self, session: f64) {
        self.engine.consume(session as SessionId);
    }

    /// As `consume`, then as `nextOutput`: one crossing for the end of nearly every call.
    pub fn finish(&mut self, session: f64) -> f64 {
        self.consume(session);
        self.next_output()
    }

    /// Fills the descriptor with a session's output; `false` when nothing waits.
    pub fn output(&mut self, session: f64) -> bool {
        let Some(output) = self.engine.output(session as SessionId) else { return false };
        *self.descriptor = [
            output.words.as_ptr() as u32,
            output.words.len() as u32,
            output.bytes.as_ptr() as u32,
            output.bytes.len() as u32,
            if output.close { CLOSE } else { 0 },
            0,
            0,
            0,
        ];
        true
    }

    /// The address of the descriptor, the same for the engine's life.
    #[must_use]
    pub fn descriptor(&self) -> u32 {
        self.descriptor.as_ptr() as u32
    }

    /// Counters: sessions, blockedReaders, keys, usedMemory (bytes), commandsProcessed.
    pub fn statistics(&self) -> Result<JsValue, JsValue> {
        let state = self.engine.state();
        let databases = 0..state.keyspace.database_count();
        let keys: usize = databases.map(|db| state.keyspace.database(db).len()).sum();
        object(&[
            ("sessions", state.sessions.len() as f64),
            ("blockedReaders", state.blocked.len() as f64),
            ("keys", keys as f64),
            ("usedMemory", state.keyspace.memory_bytes() as f64),
            ("commandsProcessed", state.statistics.commands_processed as f64),
        ])
    }
}

/// An object of numbers.
fn object(numbers: &[(&str, f64)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, value) in numbers {
        Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_f64(*value))?;
    }
    Ok(object.into())
}

fn thrown(text: &[u8]) -> JsError {
    JsError::new(str::from_utf8(text).unwrap_or_default())
}
