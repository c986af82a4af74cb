//! The Idempotency-Key header: a request that is sent again adds no entry again.

use alloc::vec::Vec;

use super::answer::Refusal;
use super::facts::Facts;
use super::head::Head;
use super::words::Words;
use crate::number::Decimal;

/// The producer of keys that name none.
const PRODUCER: &[u8] = b"rest";
const LONGEST_KEY: usize = 255;

/// `producer/id`, or an ID alone. In quotation marks or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdempotencyKey<'a> {
    producer: &'a [u8],
    id: &'a [u8],
}

impl<'a> IdempotencyKey<'a> {
    /// The key of a request, if it has one.
    pub(super) fn of(head: &Head<'a>) -> Result<Option<Self>, Refusal> {
        let Some(value) = head.header("idempotency-key") else { return Ok(None) };
        let unquoted = value.strip_prefix(b"\"").and_then(|it| it.strip_suffix(b"\""));
        let key = unquoted.unwrap_or(value);
        let slash = key.iter().rposition(|&byte| byte == b'/');
        let producer = slash.map_or(PRODUCER, |at| &key[..at]);
        let id = slash.map_or(key, |at| &key[at + 1..]);
        if producer.is_empty() || id.is_empty() || key.len() > LONGEST_KEY {
            const WRONG: &str =
                "ERR Idempotency-Key must be an ID, or a producer/ID, of 1 to 255 characters";
            return Err(Refusal::new(400, &[WRONG]));
        }
        Ok(Some(Self { producer, id }))
    }

    /// The command with the key in it; `index` is its place in a request of several.
    pub(super) fn onto(
        self,
        command: Words,
        facts: Facts,
        index: Option<usize>,
    ) -> Result<Words, Refusal> {
        if facts.reads() {
            return Ok(command);
        }
        if facts.name() != "xadd" {
            let text = ["ERR Idempotency-Key goes with XADD and with reads: '", &facts.name()];
            return Err(Refusal::new(400, &[text[0], text[1], "' would be run again"]));
        }
        if command.len() < 2 {
            return Ok(command);
        }
        let mut id = Vec::from(self.id);
        if let Some(index) = index {
            id.push(b'#');
            id.extend_from_slice(Decimal::unsigned(index as u64).as_bytes());
        }
        let mut words = Words::new();
        let key = [&b"IDMP"[..], self.producer, &id];
        for word in command.iter().take(2).chain(key).chain(command.iter().skip(2)) {
            words.push(word);
        }
        Ok(words)
    }
}
