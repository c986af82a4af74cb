//! Exports over the JavaScript edge: a copy of the state that is written frame by frame.

use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::{JsEngine, object};
use crate::journal::{Export, Profile};
use crate::time::UnixMillis;

/// State on its way into a file.
#[wasm_bindgen(js_name = Export)]
#[derive(Debug)]
pub struct JsExport {
    export: Export,
    frame: Vec<u8>,
}

#[wasm_bindgen(js_class = Engine)]
impl JsEngine {
    /// Begins an export for the Redis of this place among the profiles.
    #[must_use]
    pub fn export(&self, profile: u32) -> JsExport {
        let profile = Profile::ALL.get(profile as usize).copied().unwrap_or_default();
        JsExport { export: self.engine.export(profile), frame: Vec::new() }
    }
}

#[wasm_bindgen(js_class = Export)]
impl JsExport {
    /// Makes the next frame, of about so many `bytes`, and returns its length; 0 behind the last.
    pub fn next(&mut self, now: f64, bytes: u32) -> u32 {
        let frame = self.export.next_frame(now as UnixMillis, bytes as usize);
        self.frame = frame.unwrap_or_default();
        self.frame.len() as u32
    }

    /// Where the frame lies, until the next one is made.
    #[must_use]
    pub fn address(&self) -> u32 {
        self.frame.as_ptr() as u32
    }

    /// What the profile could not say: givenBack, idempotentIds.
    pub fn losses(&self) -> Result<JsValue, JsValue> {
        let losses = self.export.losses();
        object(&[
            ("givenBack", losses.given_back as f64),
            ("idempotentIds", losses.idempotent_ids as f64),
        ])
    }
}
