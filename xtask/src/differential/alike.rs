//! When replies count as the same: byte for byte, but for what is decided to differ.

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
                without_dead_nodes(oracle).is_some_and(|oracle| {
                    brooklet
                        .len()
                        .checked_sub(CHECKSUM)
                        .is_some_and(|end| brooklet[..end] == oracle)
                })
            }
            (Value::Array(oracle), Value::Array(brooklet)) => all(oracle, brooklet),
            _ => oracle == brooklet,
        })
}

/// Bytes at the end of a payload that depend on all others.
const CHECKSUM: usize = 8;

/// A payload of a stream, up to its checksum, without nodes in which nothing is alive; `None` when
/// it is no such payload, or has no such node.
fn without_dead_nodes(payload: &[u8]) -> Option<Vec<u8>> {
    let mut rest = payload.get(1..payload.len().checked_sub(CHECKSUM)?)?;
    let count = length(&mut rest)?;
    let (mut alive, mut nodes) = (0, Vec::new());
    for _ in 0..count {
        let start = rest;
        let id = length(&mut rest)?;
        rest = rest.get(id..)?;
        let listpack = length(&mut rest)?;
        // Behind six bytes of header comes the number of entries that are alive.
        let dead = rest.get(6) == Some(&0);
        rest = rest.get(listpack..)?;
        if !dead {
            alive += 1;
            nodes.extend_from_slice(&start[..start.len() - rest.len()]);
        }
    }
    let mut without = vec![payload[0]];
    match alive {
        0..64 => without.push(alive as u8),
        _ => without.extend([0x40 | (alive >> 8) as u8, alive as u8]),
    }
    without.extend(nodes);
    without.extend_from_slice(rest);
    (alive < count).then_some(without)
}

/// A length as payloads have it.
fn length(rest: &mut &[u8]) -> Option<usize> {
    let (len, read) = match **rest {
        [first, ..] if first < 0x40 => (usize::from(first), 1),
        [first, second, ..] if first < 0x80 => {
            (usize::from(first & 0x3f) << 8 | usize::from(second), 2)
        }
        [0x80, a, b, c, d, ..] => (u32::from_be_bytes([a, b, c, d]) as usize, 5),
        _ => return None,
    };
    *rest = &rest[read..];
    Some(len)
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
