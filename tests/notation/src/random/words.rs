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
    /// The IDs that were added, as far as can be guessed; the last is about the highest.
    pub ids: &'r mut Ids,
    /// Whether the command is for streams.
    pub streams: bool,
    /// Whether it reads after IDs.
    pub reads: bool,
    /// Whether waits may end by time; keys expire in the other sessions, so that the order in
    /// which both happen is known.
    pub timeouts: bool,
}

/// What is known of the IDs in a session's streams.
#[derive(Debug, Default)]
pub struct Ids {
    added: Vec<(u64, u64)>,
    /// The highest millisecond.
    pub top: u64,
    /// The time.
    pub clock: u64,
}

impl Ids {
    /// None yet.
    pub fn new(clock: u64) -> Self {
        Self { clock, ..Self::default() }
    }

    fn add(&mut self, ms: u64, seq: u64) {
        const KEPT: usize = 40;
        if self.added.len() == KEPT {
            self.added.remove(0);
        }
        self.added.push((ms, seq));
        self.top = self.top.max(ms);
    }
}

impl Words<'_> {
    /// A word for a hole, after the literal `after`.
    pub fn fill(&mut self, hole: &str, after: &str) -> Vec<u8> {
        match hole {
            "key" | "source" | "destination" | "newkey" => self.key().into(),
            "group" => {
                self.weighted(&["g", "g", "g", "g", "g", "g", "g", "g", "g", "h", "h", "", "none"])
            }
            "consumer" => self.weighted(&["c", "c", "d", "d", "e", ""]),
            "field" => self.weighted(&["f", "f", "f", "g", "longer", "7", ""]),
            "value" | "message" | "ifeq-value" | "ifne-value" => self.value(),
            "threshold" if after == "MINID" => self.id(),
            "count" | "threshold" | "entries-added" | "entries-read" | "increment"
            | "decrement" => self.count(),
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
            "id" if self.reads => self.read_id(),
            "id" | "lastid" | "last-id" | "max-deleted-id" => self.id(),
            "start" | "end" => self.bound(),
            _ => self.any(),
        }
    }

    /// A key: mostly of the type that the command is for.
    pub fn key(&mut self) -> &'static [u8] {
        let of_streams = self.streams != self.random.chance(4);
        let keys: &[usize] = if of_streams { &[0, 0, 0, 0, 1, 1, 2, 5] } else { &[3, 3, 4, 4, 2] };
        KEYS[*self.random.pick(keys)]
    }

    /// An ID that XADD mostly can take: higher than those before.
    pub fn new_id(&mut self) -> Vec<u8> {
        let seq = self.random.below(4) as u64;
        let kind = self.random.below(10);
        let ms = match kind {
            0..4 => self.ids.top.max(self.ids.clock),
            4 => self.random.below(12) as u64,
            _ => self.ids.top + self.random.below(3) as u64,
        };
        self.ids.add(ms, if kind < 6 { 0 } else { seq });
        match kind {
            0..=3 => "*".into(),
            5 => ms.to_string().into(),
            6 => format!("{ms}-*").into(),
            _ => format!("{ms}-{seq}").into(),
        }
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
            3 => (self.random.number() as i64 >> self.random.below(64)).to_string().into(),
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
        let (ms, seq) = (self.random.below(self.ids.top as usize + 3), self.random.below(4));
        match self.random.below(24) {
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
            4..8 => format!("{ms}-{seq}").into(),
            _ if self.ids.added.is_empty() => "0".into(),
            _ => {
                let (ms, seq) = *self.random.pick(&self.ids.added);
                format!("{ms}-{seq}").into()
            }
        }
    }

    /// An ID to read from: `>` for groups, the end, or one that was added.
    fn read_id(&mut self) -> Vec<u8> {
        match self.random.below(10) {
            0..=4 => ">".into(),
            5 | 6 => "0".into(),
            7 if self.random.chance(30) => "$".into(),
            _ => self.id(),
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
