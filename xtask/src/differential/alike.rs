//! When replies count as the same: byte for byte, but for what is decided to differ.

use brooklet::stream::IdempotencyLimits;
use brooklet::{Error, rdb};
use notation::{Value, resp};

use super::mask::masked;

/// Whether both sides said the same. A payload that Redis wrote and would not load again, since it
/// has nodes of nothing but tombstones, is the same as one without these.
pub fn alike(oracle: &[u8], brooklet: &[u8]) -> bool {
    let (oracle, brooklet) = (masked(oracle), masked(brooklet));
    if oracle == brooklet {
        return true;
    }
    match (resp::parse_all(&oracle), resp::parse_all(&brooklet)) {
        (Ok(oracle), Ok(brooklet)) => all(&oracle, &brooklet),
        _ => false,
    }
}

fn all(oracle: &[Value], brooklet: &[Value]) -> bool {
    oracle.len() == brooklet.len()
        && oracle.iter().zip(brooklet).all(|(oracle, brooklet)| match (oracle, brooklet) {
            (Value::Bulk(oracle), Value::Bulk(brooklet)) if oracle != brooklet => {
                loaded(oracle) == Some(Error::BAD_PAYLOAD) && loaded(brooklet).is_none()
            }
            (Value::Array(oracle), Value::Array(brooklet)) => all(oracle, brooklet),
            _ => oracle == brooklet,
        })
}

fn loaded(payload: &[u8]) -> Option<Error> {
    rdb::load(payload, IdempotencyLimits::default(), 0).err()
}
