//! Replies: one writer that commands speak to, three forms that it writes.
//!
//! There is no tree of values in between. RESP2 and RESP3 are bytes for a socket; the packed form
//! is words and one blob of text for a host in the same process, always in RESP3's shapes.
//!
//! The writing methods stay calls: commands have hundreds of them, and a copy of each in every
//! place doubled the Wasm module.

mod packed;
mod resp;
mod unpack;

pub use unpack::{Unpacked, Unpacker};

use alloc::vec::Vec;

use crate::error::Error;
use crate::id::EntryId;

/// How replies are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// RESP2 bytes: maps are flat arrays, there are two nulls.
    Resp2,
    /// RESP3 bytes.
    Resp3,
    /// Words and one blob, decoded where they lie (see the JavaScript binding).
    Packed,
}

/// The replies of one session that the host has not taken yet.
#[derive(Debug)]
pub struct Writer {
    form: Form,
    bytes: Vec<u8>,
    words: Vec<u32>,
}

/// Where a container with a length that is known only later begins.
#[derive(Clone, Copy, Debug)]
#[must_use = "the container has no header until it is ended"]
pub struct Mark(usize);

/// How much was written so far; see [`Writer::rewind`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    bytes: usize,
    words: usize,
}

impl Position {
    /// The same place after everything up to `taken` was forgotten.
    #[must_use]
    pub const fn behind(self, taken: Self) -> Self {
        Self { bytes: self.bytes - taken.bytes, words: self.words - taken.words }
    }
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub const fn new(form: Form) -> Self {
        Self { form, bytes: Vec::new(), words: Vec::new() }
    }

    /// The form that is written from here on.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// Changes between RESP2 and RESP3. A packed session stays packed: it has RESP3's shapes.
    pub fn set_form(&mut self, form: Form) {
        if self.form != Form::Packed {
            self.form = form;
        }
    }

    /// The bytes: RESP, or the blob of the packed form.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The words of the packed form; empty in RESP.
    #[must_use]
    pub fn words(&self) -> &[u32] {
        &self.words
    }

    /// Whether nothing waits for the host.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.words.is_empty()
    }

    /// What was written up to `position`.
    #[must_use]
    pub fn until(&self, position: Position) -> (&[u8], &[u32]) {
        (&self.bytes[..position.bytes], &self.words[..position.words])
    }

    /// Forgets what was written up to `position`. A large buffer that is empty then is given back
    /// to the allocator.
    pub fn forget(&mut self, position: Position) {
        const KEPT: usize = 64 * 1024;
        // Nearly always that is all.
        if position == self.position() {
            self.rewind(Position::default());
        } else {
            self.bytes.drain(..position.bytes);
            self.words.drain(..position.words);
        }
        if self.bytes.is_empty() && self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
        }
        if self.words.is_empty() && self.words.capacity() > KEPT {
            self.words = Vec::new();
        }
    }

    /// The present position.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { bytes: self.bytes.len(), words: self.words.len() }
    }

    /// Takes back everything written after `position`.
    pub fn rewind(&mut self, position: Position) {
        self.bytes.truncate(position.bytes);
        self.words.truncate(position.words);
    }

    /// A status such as `OK`.
    #[inline(never)]
    pub fn simple(&mut self, text: &str) {
        match self.form {
            Form::Packed => self.packed_text(packed::SIMPLE, text.as_bytes()),
            _ => self.resp_line(b'+', text.as_bytes()),
        }
    }

    /// The status `OK`.
    pub fn ok(&mut self) {
        self.simple("OK");
    }

    /// An error. Line breaks in its text become blanks.
    #[inline(never)]
    pub fn error(&mut self, error: &Error) {
        match self.form {
            Form::Packed => self.packed_error(error.text()),
            _ => self.resp_error(error.text()),
        }
    }

    /// An integer.
    #[inline(never)]
    pub fn integer(&mut self, value: i64) {
        match self.form {
            Form::Packed => self.packed_integer(value),
            _ => self.resp_number(b':', value),
        }
    }

    /// An unsigned integer; values above the signed range wrap as Redis' replies do.
    pub fn unsigned(&mut self, value: u64) {
        self.integer(value as i64);
    }

    /// A byte string.
    #[inline(never)]
    pub fn bulk(&mut self, bytes: &[u8]) {
        match self.form {
            Form::Packed => self.packed_text(packed::BULK, bytes),
            _ => self.resp_bulk(bytes),
        }
    }

    /// A byte string that is text in the source.
    pub fn text(&mut self, text: &str) {
        self.bulk(text.as_bytes());
    }

    /// An entry ID as a byte string.
    #[inline(never)]
    pub fn id(&mut self, id: EntryId) {
        self.bulk(id.text().as_bytes());
    }

    /// A longer text for people (INFO, CLIENT LIST): a verbatim string in RESP3.
    #[inline(never)]
    pub fn verbatim(&mut self, text: &[u8]) {
        match self.form {
            Form::Resp2 => self.resp_bulk(text),
            Form::Resp3 => self.resp_verbatim(text),
            Form::Packed => self.packed_verbatim(text),
        }
    }

    /// The absent byte string.
    #[inline(never)]
    pub fn null(&mut self) {
        match self.form {
            Form::Resp2 => self.bytes.extend_from_slice(b"$-1\r\n"),
            Form::Resp3 => self.bytes.extend_from_slice(b"_\r\n"),
            Form::Packed => self.words.push(packed::NULL),
        }
    }

    /// The absent array. RESP3 has only one null.
    #[inline(never)]
    pub fn null_array(&mut self) {
        match self.form {
            Form::Resp2 => self.bytes.extend_from_slice(b"*-1\r\n"),
            Form::Resp3 => self.bytes.extend_from_slice(b"_\r\n"),
            Form::Packed => self.words.push(packed::NULL | 1 << packed::TAG_BITS),
        }
    }

    /// The header of an array; `len` elements follow.
    #[inline(never)]
    pub fn array(&mut self, len: usize) {
        match self.form {
            Form::Packed => self.packed_container(packed::ARRAY, len),
            _ => self.resp_number(b'*', len as i64),
        }
    }

    /// The header of a map; `len` pairs follow, key first.
    #[inline(never)]
    pub fn map(&mut self, len: usize) {
        match self.form {
            Form::Resp2 => self.resp_number(b'*', 2 * len as i64),
            Form::Resp3 => self.resp_number(b'%', len as i64),
            Form::Packed => self.packed_container(packed::MAP, len),
        }
    }

    /// The header of a set (an array in RESP2); `len` elements follow.
    #[inline(never)]
    pub fn set(&mut self, len: usize) {
        match self.form {
            Form::Resp2 => self.resp_number(b'*', len as i64),
            Form::Resp3 => self.resp_number(b'~', len as i64),
            Form::Packed => self.packed_extended(packed::EXTENDED_SET, len),
        }
    }

    /// The header of what nobody asked for (an array in RESP2); `len` elements follow.
    #[inline(never)]
    pub fn push(&mut self, len: usize) {
        match self.form {
            Form::Resp2 => self.resp_number(b'*', len as i64),
            Form::Resp3 => self.resp_number(b'>', len as i64),
            Form::Packed => self.packed_extended(packed::EXTENDED_PUSH, len),
        }
    }

    /// Appends what another writer of the same session has written.
    pub fn append(&mut self, other: &Self) {
        self.bytes.extend_from_slice(&other.bytes);
        self.words.extend_from_slice(&other.words);
    }

    /// Begins an array whose length [`Writer::end_array`] tells.
    #[inline(never)]
    pub fn begin_array(&mut self) -> Mark {
        match self.form {
            Form::Packed => {
                self.words.push(packed::ARRAY);
                Mark(self.words.len() - 1)
            }
            _ => Mark(self.bytes.len()),
        }
    }

    /// Ends the array begun at `mark`: `len` elements were written since.
    #[inline(never)]
    pub fn end_array(&mut self, mark: Mark, len: usize) {
        match self.form {
            Form::Packed => self.packed_patch(mark.0, packed::ARRAY, len),
            _ => self.resp_insert_header(mark.0, b'*', len),
        }
    }

    /// Begins a map whose length [`Writer::end_keyed`] tells, as XREAD replies: a map in RESP3, an
    /// array of pairs in RESP2.
    pub fn begin_keyed(&mut self) -> Mark {
        self.begin_array()
    }

    /// Writes the next key of such a map; its value follows.
    #[inline(never)]
    pub fn key(&mut self, key: &[u8]) {
        if self.form == Form::Resp2 {
            self.array(2);
        }
        self.bulk(key);
    }

    /// Ends such a map: `len` keys were written since.
    pub fn end_keyed(&mut self, mark: Mark, len: usize) {
        match self.form {
            Form::Resp2 => self.end_array(mark, len),
            _ => self.end_map(mark, len),
        }
    }

    /// Begins a map whose length [`Writer::end_map`] tells.
    pub fn begin_map(&mut self) -> Mark {
        self.begin_array()
    }

    /// Ends the map begun at `mark`: `len` pairs were written since.
    #[inline(never)]
    pub fn end_map(&mut self, mark: Mark, len: usize) {
        match self.form {
            Form::Resp2 => self.resp_insert_header(mark.0, b'*', 2 * len),
            Form::Resp3 => self.resp_insert_header(mark.0, b'%', len),
            Form::Packed => self.packed_patch(mark.0, packed::MAP, len),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(form: Form, fill: impl Fn(&mut Writer)) -> Vec<u8> {
        let mut writer = Writer::new(form);
        fill(&mut writer);
        writer.bytes().to_vec()
    }

    #[test]
    fn both_protocols_in_their_own_shapes() {
        let reply = |writer: &mut Writer| {
            let map = writer.begin_map();
            writer.text("k");
            let array = writer.begin_array();
            writer.integer(-7);
            writer.null();
            writer.null_array();
            writer.end_array(array, 3);
            writer.end_map(map, 1);
        };
        assert_eq!(write(Form::Resp2, reply), b"*2\r\n$1\r\nk\r\n*3\r\n:-7\r\n$-1\r\n*-1\r\n");
        assert_eq!(write(Form::Resp3, reply), b"%1\r\n$1\r\nk\r\n*3\r\n:-7\r\n_\r\n_\r\n");
    }

    #[test]
    fn errors_stay_on_one_line() {
        let error = Error::of(&[b"ERR a\r\nb"]);
        assert_eq!(write(Form::Resp2, |writer| writer.error(&error)), b"-ERR a  b\r\n");
        let error = Error::of(&[b"ERR a\n", b"\r\n"]);
        assert_eq!(write(Form::Resp2, |writer| writer.error(&error)), b"-ERR a\r\n");
    }

    #[test]
    fn verbatim_text_has_a_format_in_resp3() {
        assert_eq!(write(Form::Resp3, |writer| writer.verbatim(b"ab")), b"=6\r\ntxt:ab\r\n");
        assert_eq!(write(Form::Resp2, |writer| writer.verbatim(b"ab")), b"$2\r\nab\r\n");
    }

    #[test]
    fn packed_words_point_into_one_blob() {
        let mut writer = Writer::new(Form::Packed);
        let array = writer.begin_array();
        writer.text("ab");
        writer.integer(-3);
        writer.integer(i64::MAX);
        writer.null_array();
        writer.end_array(array, 4);
        let words: Vec<u32> = writer.words().to_vec();
        assert_eq!(words[0], 4 << 3 | 5, "array of four");
        assert_eq!(words[1], 2 << 3 | 4, "bulk of two bytes");
        assert_eq!((words[2] as i32) >> 3, -3);
        assert_eq!(words[3], 7, "64-bit integer in the next two words");
        assert_eq!((u64::from(words[5]) << 32 | u64::from(words[4])) as i64, i64::MAX);
        assert_eq!(words[6], 1 << 3, "null array");
        assert_eq!(writer.bytes(), b"ab");
    }
}
