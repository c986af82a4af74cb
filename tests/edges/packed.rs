//! Packed requests written and packed replies read, as a host in the same process does it.

use notation::Value;

/// A call: how many words, then the length and the bytes of each.
pub fn request(words: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = (words.len() as u32).to_le_bytes().to_vec();
    for word in words {
        bytes.extend((word.len() as u32).to_le_bytes());
        bytes.extend(word);
    }
    bytes
}

/// All replies in `words`, whose texts lie in `blob`.
pub fn replies(words: &[u32], blob: &[u8]) -> Vec<Value> {
    let mut reader = Reader { words, blob };
    let mut values = Vec::new();
    while !reader.words.is_empty() {
        values.push(reader.value());
    }
    assert!(reader.blob.is_empty(), "every text belongs to a word");
    values
}

struct Reader<'a> {
    words: &'a [u32],
    blob: &'a [u8],
}

impl Reader<'_> {
    fn value(&mut self) -> Value {
        let word = self.word();
        let len = (word >> 3) as usize;
        match word & 7 {
            0 => Value::Null,
            1 => Value::Simple(self.text(len)),
            2 => Value::Error(self.text(len)),
            3 => Value::Integer(i64::from(word.cast_signed() >> 3)),
            4 => Value::Bulk(self.text(len)),
            5 => Value::Array(self.values(len)),
            6 => Value::Map((0..len).map(|_| (self.value(), self.value())).collect()),
            _ => self.extended(len),
        }
    }

    fn extended(&mut self, kind: usize) -> Value {
        let first = self.word();
        let len = first as usize;
        match kind {
            0 => Value::Integer((u64::from(self.word()) << 32 | u64::from(first)).cast_signed()),
            1 => Value::Verbatim(self.text(len)),
            2 => Value::Set(self.values(len)),
            3 => Value::Push(self.values(len)),
            other => panic!("there is no kind {other} of extended words"),
        }
    }

    fn word(&mut self) -> u32 {
        let (word, rest) = self.words.split_first().expect("a value needs a word");
        self.words = rest;
        *word
    }

    fn text(&mut self, len: usize) -> Vec<u8> {
        let (text, rest) = self.blob.split_at(len);
        self.blob = rest;
        text.to_vec()
    }

    fn values(&mut self, len: usize) -> Vec<Value> {
        (0..len).map(|_| self.value()).collect()
    }
}
