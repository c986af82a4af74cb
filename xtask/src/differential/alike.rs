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

#[cfg(test)]
mod tests {
    use super::alike;

    #[test]
    fn a_node_of_tombstones_does_not_matter_beside_other_replies() {
        const ORACLE: &[u8] = b"\x1b\x01\x10\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\
            \x00\x00\x00\x00**\x00\x00\x00\x0f\x00\x00\x01\x02\x01\x01\x01\x07\x01\x00\x01\x03\
            \x01\x00\x01\x00\x01\x81v\x02\x04\x01\x03\x01\xf3\xe7\xe8\xf5\x05\x05\x00\x01\x0f\
            \x01\x04\x01\xff\x00\x80\x05\xf5\xe8\xe8\x00\x00\x00\x80\x05\xf5\xe8\xe8\x00\x02\
            \x00@d@d\x00\x00\x00\x0f\x00Q\xa7\xee\xb1\x04~\x92\xf5";
        const OURS: &[u8] = b"\x1b\x00\x00\x80\x05\xf5\xe8\xe8\x00\x00\x00\x80\x05\xf5\xe8\xe8\
            \x00\x02\x00@d@d\x00\x00\x00\x0f\x00\xee\xa0\x87\xd2\n\xac{\xbc";
        let said = |nodes: u8, payload: &[u8]| {
            let nodes = format!("*2\r\n$16\r\nradix-tree-nodes\r\n:{nodes}\r\n");
            let dump = format!("${}\r\n", payload.len());
            [nodes.as_bytes(), dump.as_bytes(), payload, b"\r\n"].concat()
        };
        assert!(alike(&said(2, ORACLE), &said(1, OURS)));
        assert!(!alike(&said(2, OURS), &said(1, ORACLE)));
    }
}
