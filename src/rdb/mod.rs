//! Values in Redis' own serialization: what DUMP gives, and RESTORE takes, from Redis 5 on.
//!
//! A payload is a type byte, the value, a version of two bytes and a checksum of eight. It is
//! checked whole, deeper than Redis does by default, before anything is made of it. Strings are
//! never compressed here; readers do not ask for it.
//!
//! Deliberately absent: files of many keys, types other than streams and strings, and keys.

mod crc64;
mod write;
mod read;
mod listpack;
mod save;
mod load;

use alloc::boxed::Box;
use alloc::vec::Vec;

use self::crc64::crc64;
use self::load::Form;
use self::read::Reader;
use crate::error::Error;
use crate::keyspace::Value;
use crate::stream::IdempotencyLimits;
use crate::time::UnixMillis;

/// The type byte of a string.
const STRING: u8 = 0;

/// The version of all that is written here, and the highest that is read.
const VERSION: u16 = 15;

/// The checksum that stands for none.
const UNCHECKED: u64 = 0;

/// The payload of a value at `now`: what idempotent IDs have expired by then is left out.
#[must_use]
pub fn dump(value: &Value, now: UnixMillis) -> Vec<u8> {
    let mut out = Vec::new();
    match value {
        Value::String(bytes) => {
            out.push(STRING);
            write::string(&mut out, bytes);
        }
        Value::Stream(stream) => {
            out.push(Form::NACKED.byte());
            save::stream(&mut out, stream, now);
        }
    }
    out.extend_from_slice(&VERSION.to_le_bytes());
    let checksum = crc64(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    out
}

/// The value of a payload. Bytes between the value and the version are not looked at; as in Redis,
/// neither does the value have to end where the version begins. `limits`
/// are for streams from before there were idempotent producers; what has expired at `now` stays
/// behind.
pub fn load(payload: &[u8], limits: IdempotencyLimits, now: UnixMillis) -> Result<Value, Error> {
    if !is_sound(payload) {
        return Err(Error::BAD_CHECKSUM);
    }
    value(payload, limits, now).ok_or(Error::BAD_PAYLOAD)
}

/// Whether the version is known and the checksum right.
fn is_sound(payload: &[u8]) -> bool {
    let Some((checked, checksum)) = payload.split_last_chunk() else { return false };
    let Some(version) = checked.last_chunk() else { return false };
    let checksum = u64::from_le_bytes(*checksum);
    u16::from_le_bytes(*version) <= VERSION && (checksum == UNCHECKED || checksum == crc64(checked))
}

fn value(payload: &[u8], limits: IdempotencyLimits, now: UnixMillis) -> Option<Value> {
    let mut reader = Reader::new(payload);
    match reader.byte()? {
        STRING => Some(Value::String(reader.string()?.into_owned())),
        byte => {
            let stream = load::stream(&mut reader, Form::of(byte)?, limits, now)?;
            Some(Value::Stream(Box::new(stream)))
        }
    }
}
