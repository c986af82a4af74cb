//! What stands in the holes of a command: names, IDs and numbers that meet one another often.

use super::chance::Chance;

/// Every key that a session can make.
pub const KEYS: [&[u8]; 6] = [b"s", b"t", b"u", b"str", b"num", b""];

/// Keys are made in the databases below this one.
pub const DATABASES: u32 = 3;

/// Groups that are asked for.
pub const GROUPS: [&str; 4] = ["g", "h", "", "none"];

/// What is known while words are chosen.
pub struct Words<'r> {
    /// Chance.
    pub random: &'r mut Chance,
    /// About the highest ID that was added.
    pub top: &'r mut u64,
    /// Whether waits may end by time; keys expire in the other sessions, so that the order in
    /// which both happen is known.
    pub timeouts: bool,
}

impl Words<'_> {
    /// A word for a hole, after the literal `after`.
    pub fn fill(&mut self, hole: &str, after: &str) -> Vec<u8> {
        match hole {
            "key" | "source" | "destination" | "newkey" => self.key().into(),
            "group" => self.weighted(&["g", "g", "g", "h", "h", "", "none"]),
            "consumer" => self.weighted(&["c", "c", "d", "d", "e", ""]),
            "field" => self.weighted(&["f", "f", "f", "g", "longer", "7", ""]),
            "value" | "message" | "ifeq-value" | "ifne-value" => self.value(),
            "count" | "entries-added" | "entries-read" | "increment" | "decrement" => self.count(),
            "threshold" if after == "MINID" => self.id(),
            "threshold" => self.count(),
            "min-idle-time" | "ms" => self.weighted(&["0", "0", "1", "4", "10", "30", "-1"]),
            "milliseconds" if after == "BLOCK" => self.block(),
            "milliseconds" | "unix-time-milliseconds" => self.millis(),
            "seconds" | "unix-time-seconds" if self.timeouts => {
                self.weighted(&["0", "900000", "-1"])
            }
            "seconds" | "unix-time-seconds" => self.weighted(&["0", "1", "1", "2", "5", "-1"]),
            "db" | "destination-db" | "index" | "index1" | "index2" => {
                self.weighted(&["0", "0", "0", "1", "2"])
            }
            "id" | "lastid" | "last-id" | "max-deleted-id" => self.id(),
            "start" | "end" => self.bound(),
            _ => self.any(),
        }
    }

    /// A key: mostly of a stream.
    pub fn key(&mut self) -> &'static [u8] {
        KEYS[*self.random.pick(&[0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 5])]
    }

    /// An ID that XADD can take: higher than those before.
    pub fn new_id(&mut self) -> Vec<u8> {
        *self.top += self.random.below(3) as u64;
        let seq = self.random.below(4);
        match self.random.below(8) {
            0 => format!("{}-*", self.top),
            1 => self.top.to_string(),
            2 => format!("{}-{seq}", self.random.below(12)),
            _ => format!("{}-{seq}", self.top),
        }
        .into()
    }

    /// Any word, to put where it does not belong.
    pub fn any(&mut self) -> Vec<u8> {
        match self.random.below(8) {
            0 => self.key().into(),
            1 => self.id(),
            2 => self.bound(),
            3 => self.count(),
            4 => self.value(),
            5 => self.weighted(&[
                "COUNT", "STREAMS", "MAXLEN", "LIMIT", "~", "=", "*", "$", ">", "BLOCK", "GROUP",
                "NOACK", "JUSTID", "FORCE", "IDLE", "TIME", "LASTID", "MKSTREAM", "FULL", "NX",
            ]),
            6 => self.weighted(&[
                "18446744073709551615",
                "18446744073709551616",
                "9223372036854775807",
                "9223372036854775808",
                "-9223372036854775808",
                "-9223372036854775809",
                "1.5",
                "1e3",
                "0x10",
                "+1",
                "-0",
                "007",
                " 1",
                "1 ",
                "٣",
            ]),
            _ => self.weighted(&["", "\0", "a\0b", "\r\n", "'", "\"", "words of text", "-", "+"]),
        }
    }

    fn weighted(&mut self, words: &[&str]) -> Vec<u8> {
        (*self.random.pick(words)).into()
    }

    fn value(&mut self) -> Vec<u8> {
        match self.random.below(12) {
            0 => Vec::new(),
            1 => vec![b'x'; 1 + self.random.below(300)],
            2 => vec![0, 255, b'\r', b'\n'],
            3 => (self.random.next() as i64 >> self.random.below(64)).to_string().into(),
            _ => self.random.below(20).to_string().into(),
        }
    }

    fn count(&mut self) -> Vec<u8> {
        match self.random.below(10) {
            0 => {
                self.weighted(&["-1", "-5", "9223372036854775807", "100000", "576460752303423488"])
            }
            1 => "0".into(),
            _ => self.random.below(12).to_string().into(),
        }
    }

    fn id(&mut self) -> Vec<u8> {
        let (ms, seq) = (self.random.below(*self.top as usize + 3), self.random.below(4));
        match self.random.below(16) {
            0 => {
                self.weighted(&["0", "0-0", "0-1", "-", "+", "$", ">", "*", "(1-1", "5-", "1-2-3"])
            }
            1 => self.weighted(&[
                "18446744073709551615-18446744073709551615",
                "18446744073709551615",
                "007-+2",
                "10--05",
                "10--5",
                "18446744073709551616-1",
            ]),
            2 | 3 => ms.to_string().into(),
            _ => format!("{ms}-{seq}").into(),
        }
    }

    fn bound(&mut self) -> Vec<u8> {
        match self.random.below(6) {
            0 | 1 => "-".into(),
            2 => "+".into(),
            3 => [b"(".to_vec(), self.id()].concat(),
            _ => self.id(),
        }
    }

    /// Odd, while clocks are even: what a server does in the very millisecond in which a wait
    /// ends is nobody's business.
    fn block(&mut self) -> Vec<u8> {
        let millis = if self.timeouts { 2 * self.random.below(20) + 1 } else { 0 };
        millis.to_string().into()
    }

    fn millis(&mut self) -> Vec<u8> {
        let millis = if self.timeouts { 1_000_000_007 } else { self.random.below(120) };
        millis.to_string().into()
    }
}
