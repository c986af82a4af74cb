//! RESP2 and RESP3 as bytes.

use super::Writer;
use crate::number::Decimal;

impl Writer {
    pub(super) fn resp_line(&mut self, kind: u8, text: &[u8]) {
        self.bytes.push(kind);
        self.bytes.extend_from_slice(text);
        self.bytes.extend_from_slice(b"\r\n");
    }

    pub(super) fn resp_error(&mut self, text: &[u8]) {
        self.bytes.push(b'-');
        self.bytes.extend(text.iter().map(|&byte| match byte {
            b'\r' | b'\n' => b' ',
            other => other,
        }));
        self.bytes.extend_from_slice(b"\r\n");
    }

    pub(super) fn resp_number(&mut self, kind: u8, value: i64) {
        if (0..10).contains(&value) {
            self.bytes.extend_from_slice(&[kind, b'0' + value as u8, b'\r', b'\n']);
        } else {
            self.resp_line(kind, Decimal::signed(value).as_bytes());
        }
    }

    pub(super) fn resp_bulk(&mut self, bytes: &[u8]) {
        self.bytes.reserve(bytes.len() + 16);
        self.resp_number(b'$', bytes.len() as i64);
        self.bytes.extend_from_slice(bytes);
        self.bytes.extend_from_slice(b"\r\n");
    }

    pub(super) fn resp_verbatim(&mut self, text: &[u8]) {
        self.resp_number(b'=', text.len() as i64 + 4);
        self.bytes.extend_from_slice(b"txt:");
        self.bytes.extend_from_slice(text);
        self.bytes.extend_from_slice(b"\r\n");
    }

    /// Puts a header before what was written since `start`: one move of those bytes.
    pub(super) fn resp_insert_header(&mut self, start: usize, kind: u8, len: usize) {
        let end = self.bytes.len();
        self.resp_number(kind, len as i64);
        let header = self.bytes.len() - end;
        self.bytes[start..].rotate_right(header);
    }
}
