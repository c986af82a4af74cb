//! The one number that is not compared: `radix-tree-nodes` of XINFO STREAM.
//!
//! It counts the nodes of an index that only Redis has. Brooklet tells what the index would be if
//! it were built afresh; after removals Redis does not always join its nodes again.

use std::borrow::Cow;

const BEFORE: &[u8] = b"$16\r\nradix-tree-nodes\r\n:";

/// Replies with 0 for that number.
pub fn masked(mut bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut kept = Vec::new();
    while let Some(at) = find(bytes) {
        kept.extend_from_slice(&bytes[..at]);
        kept.push(b'0');
        let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        bytes = &bytes[at + digits..];
    }
    if kept.is_empty() {
        return Cow::Borrowed(bytes);
    }
    kept.extend_from_slice(bytes);
    Cow::Owned(kept)
}

/// Where the next such number begins.
fn find(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == b'$') {
        if bytes[from + at..].starts_with(BEFORE) {
            return Some(from + at + BEFORE.len());
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn only_the_number_of_nodes_is_replaced() {
        let reply =
            |nodes: &str| format!("%1\r\n$16\r\nradix-tree-nodes\r\n:{nodes}\r\n$1\r\nx\r\n");
        assert_eq!(&*masked(reply("12").as_bytes()), reply("0").as_bytes());
        assert_eq!(masked(reply("12").as_bytes()), masked(reply("7").as_bytes()));
        assert_eq!(&*masked(b"*1\r\n:12\r\n"), b"*1\r\n:12\r\n");
    }
}
