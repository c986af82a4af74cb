//! The journal over the JavaScript edge: frames go out, confirmations and files come in.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::{JsEngine, object, thrown};
use crate::engine::{Durability, RecoveryError};
use crate::journal::JournalFile;
use crate::time::UnixMillis;

#[wasm_bindgen(js_class = Engine)]
impl JsEngine {
    /// Begins to write a journal: replies wait for the frames that they tell of. `fsync` is what
    /// the host makes of `appendfsync`: 0 `no`, 1 `everysec`, 2 `always`.
    #[wasm_bindgen(js_name = startJournal)]
    pub fn start_journal(&mut self, epoch: f64, sequence: f64, fsync: u32) {
        self.engine.tell_appendfsync(match fsync {
            0 => "no",
            1 => "everysec",
            _ => "always",
        });
        self.engine.start_journal(epoch as u64, sequence as u64, Durability::Confirmed);
    }

    /// `true`: the descriptor tells the frame to append now, the same until it is confirmed.
    #[wasm_bindgen(js_name = nextFrame)]
    pub fn next_frame(&mut self, now: f64) -> bool {
        let Some(frame) = self.engine.next_frame(now as UnixMillis) else { return false };
        (self.descriptor[2], self.descriptor[3]) = (frame.as_ptr() as u32, frame.len() as u32);
        true
    }

    /// What there is to do: 1, a frame waits to be appended or confirmed; 2, it is time for a
    /// rewrite; 3, both.
    pub fn pending(&self) -> u32 {
        u32::from(self.engine.has_frame()) | u32::from(self.engine.rewrite_due()) << 1
    }

    /// The frame is safe: what waited for it goes out.
    #[wasm_bindgen(js_name = confirmFrame)]
    pub fn confirm_frame(&mut self) {
        self.engine.confirm_frame();
    }

    /// Begins a new base; `false` while one is written, or when a change is in no frame.
    #[wasm_bindgen(js_name = beginRewrite)]
    pub fn begin_rewrite(&mut self, now: f64) -> bool {
        self.engine.begin_rewrite(now as UnixMillis)
    }

    /// The next frame of the base, of about so many `bytes`, told by the descriptor: 1, or 2 when
    /// it is the last. 0 when no rewrite goes on.
    #[wasm_bindgen(js_name = nextBaseFrame)]
    pub fn next_base_frame(&mut self, now: f64, bytes: u32) -> u32 {
        let next = self.engine.next_base_frame(now as UnixMillis, bytes as usize);
        let Some((frame, last)) = next else { return 0 };
        (self.descriptor[2], self.descriptor[3]) = (frame.as_ptr() as u32, frame.len() as u32);
        self.base = frame;
        1 + u32::from(last)
    }

    /// The base is the journal's now, or was given up.
    #[wasm_bindgen(js_name = endRewrite)]
    pub fn end_rewrite(&mut self, now: f64, done: bool) {
        self.engine.end_rewrite(now as UnixMillis, done);
    }

    /// Has commands that add data refused, for lack of room, or not any more.
    #[wasm_bindgen(js_name = setFull)]
    pub fn set_full(&mut self, full: bool) {
        self.engine.set_full(full);
    }

    /// Begins to read a journal into this engine, which is empty.
    #[wasm_bindgen(js_name = beginRecovery)]
    pub fn begin_recovery(&mut self, now: f64) {
        self.engine.begin_recovery(now as UnixMillis);
    }

    /// Begins a file of it.
    #[wasm_bindgen(js_name = beginFile)]
    pub fn begin_file(&mut self, base: bool) {
        self.engine.begin_file(if base { JournalFile::Base } else { JournalFile::Increment });
    }

    /// Takes in `length` bytes of the file from the request buffer. Throws an error that has the
    /// `offset` of the damage.
    pub fn recover(&mut self, now: f64, length: u32) -> Result<(), JsValue> {
        let bytes = &self.request[..self.request.len().min(length as usize)];
        self.engine.recover(now as UnixMillis, bytes).map_err(|error| damaged(&error))
    }

    /// Ends the file. Returns how many of its bytes are good; what lies behind them was being
    /// appended when its writer died.
    #[wasm_bindgen(js_name = endFile)]
    pub fn end_file(&mut self, last: bool) -> Result<f64, JsValue> {
        self.engine.end_file(last).map(|end| end.good as f64).map_err(|error| damaged(&error))
    }

    /// Ends the recovery and tells what it came to: commands, epoch, sequence.
    #[wasm_bindgen(js_name = endRecovery)]
    pub fn end_recovery(&mut self) -> Result<JsValue, JsValue> {
        let recovered = self.engine.end_recovery();
        object(&[
            ("commands", recovered.commands as f64),
            ("epoch", recovered.epoch as f64),
            ("sequence", recovered.sequence as f64),
        ])
    }
}

fn damaged(damage: &RecoveryError) -> JsValue {
    let error = JsValue::from(thrown(&damage.text()));
    let offset = JsValue::from_f64(damage.offset as f64);
    // A new error takes any property.
    let _ = Reflect::set(&error, &JsValue::from_str("offset"), &offset);
    error
}
