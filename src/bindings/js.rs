//! The JavaScript edge: numbers and bytes in linear memory, configuration and statistics as
//! objects.
//!
//! A host writes a request at [`JsEngine::reserve`]'s address, calls with its length, and reads
//! the reply where the descriptor says that it lies. No reply value is built on this side.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::engine::Engine;
use crate::reply::Form;
use crate::state::{Config, SessionId};
use crate::time::UnixMillis;

/// Settings as JavaScript passes them; what is missing keeps its default.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Settings {
    maxclients: Option<u64>,
    maxmemory: Option<u64>,
    requirepass: Option<String>,
    proto_max_bulk_len: Option<u64>,
    query_buffer_limit: Option<u64>,
    output_buffer_limit: Option<u64>,
    databases: Option<u32>,
    port: Option<u16>,
    seed: Option<u64>,
    stream_node_max_entries: Option<u64>,
    stream_node_max_bytes: Option<u64>,
}

impl From<Settings> for Config {
    fn from(settings: Settings) -> Self {
        let mut config = Self::default();
        let set = |target: &mut u64, value: Option<u64>| *target = value.unwrap_or(*target);
        set(&mut config.max_sessions, settings.maxclients);
        set(&mut config.max_memory, settings.maxmemory);
        set(&mut config.max_bulk_len, settings.proto_max_bulk_len);
        set(&mut config.query_buffer_limit, settings.query_buffer_limit);
        set(&mut config.output_buffer_limit, settings.output_buffer_limit);
        set(&mut config.seed, settings.seed);
        set(&mut config.block_limits.max_entries, settings.stream_node_max_entries);
        set(&mut config.block_limits.max_bytes, settings.stream_node_max_bytes);
        config.databases = settings.databases.unwrap_or(config.databases);
        config.port = settings.port.unwrap_or(config.port);
        config.password = settings
            .requirepass
            .filter(|password| !password.is_empty())
            .map(|password| password.into_bytes().into_boxed_slice());
        config
    }
}

/// Counters as JavaScript reads them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Statistics {
    sessions: usize,
    blocked_readers: usize,
    keys: usize,
    used_memory: usize,
    commands_processed: f64,
}

/// Words of the descriptor: where the output of a session lies in linear memory.
const DESCRIPTOR_WORDS: usize = 8;
const CLOSE: u32 = 1;

/// An engine in a Wasm instance.
#[wasm_bindgen(js_name = Engine)]
#[derive(Debug)]
pub struct JsEngine {
    engine: Engine,
    request: Vec<u8>,
    descriptor: alloc::boxed::Box<[u32; DESCRIPTOR_WORDS]>,
    now: UnixMillis,
}

#[wasm_bindgen(js_class = Engine)]
impl JsEngine {
    /// An empty engine. Throws on a setting that does not exist or has the wrong type.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: JsValue) -> Result<JsEngine, JsError> {
        let settings: Settings = if settings.is_undefined() || settings.is_null() {
            Settings::default()
        } else {
            serde_wasm_bindgen::from_value(settings)?
        };
        Ok(Self {
            engine: Engine::new(settings.into()),
            request: Vec::new(),
            descriptor: Default::default(),
            now: 0,
        })
    }

    /// Opens a session: kind 0 speaks RESP bytes, kind 1 gets packed replies.
    #[wasm_bindgen(js_name = openSession)]
    pub fn open_session(&mut self, now: f64, kind: u32) -> Result<f64, JsError> {
        self.now = now as UnixMillis;
        let form = if kind == 0 { Form::Resp2 } else { Form::Packed };
        let session = self.engine.open_session(self.now, form)?;
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

    /// The address of a request buffer of at least `bytes` bytes, good until the next call.
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

    /// Runs one packed command of `length` bytes in the request buffer. `true`: the descriptor
    /// tells the reply. `false`: the session is blocked.
    pub fn call(&mut self, now: f64, session: f64, length: u32) -> bool {
        let request = &self.request[..self.request.len().min(length as usize)];
        self.engine.call(now as UnixMillis, session as SessionId, request) && self.output(session)
    }

    /// Ends a blocked read without a reply; `true`: it was blocked and has delivered nothing.
    pub fn cancel(&mut self, now: f64, session: f64) -> bool {
        self.engine.cancel(now as UnixMillis, session as SessionId)
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: f64) {
        self.engine.tick(now as UnixMillis);
    }

    /// When the next tick is needed, in Unix milliseconds; infinite when never.
    pub fn deadline(&self) -> f64 {
        self.engine.deadline().map_or(f64::INFINITY, |deadline| deadline as f64)
    }

    /// A session that has output; 0 when there is none left.
    #[wasm_bindgen(js_name = nextOutput)]
    pub fn next_output(&mut self) -> f64 {
        self.engine.next_output().map_or(0.0, |session| session as f64)
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

    /// Forgets output that was decoded or copied.
    pub fn consume(&mut self, session: f64) {
        self.engine.consume(session as SessionId);
    }

    /// The address of the descriptor, the same for the engine's life.
    pub fn descriptor(&self) -> u32 {
        self.descriptor.as_ptr() as u32
    }

    /// Counters.
    pub fn statistics(&self) -> Result<JsValue, JsError> {
        let state = self.engine.state();
        let keys =
            (0..state.keyspace.database_count()).map(|db| state.keyspace.database(db).len()).sum();
        let statistics = Statistics {
            sessions: state.sessions.len(),
            blocked_readers: state.blocked.len(),
            keys,
            used_memory: state.keyspace.memory_bytes(),
            commands_processed: state.statistics.commands_processed as f64,
        };
        Ok(serde_wasm_bindgen::to_value(&statistics)?)
    }
}
