//! What stands in the holes of a command: names, IDs and numbers that meet one another often.

use super::chance::Chance;
use super::ids::Ids;

/// Every key that a session can make.
pub const KEYS: [&[u8]; 6] = [b"s", b"t", b"u", b"str", b"num", b""];

/// Databases of a server. A word that is out of place may select any.
pub const DATABASES: u32 = 16;

/// Groups that are asked for.
pub const GROUPS: [&str; 4] = ["g", "h", "", "none"];

/// What is known while words are chosen.
pub struct Words<'r> {
    /// Chance.
    pub random: &'r mut Chance,
    /// The IDs that were added.
    pub ids: &'r mut Ids,
    /// Payloads that a server gave.
    pub payloads: &'r [Vec<u8>],
    /// The command.
    pub command: &'r str,
    /// Whether the command is for streams.
    pub streams: bool,
    /// The stream that commands have in common for a while.
    pub pinned: Option<usize>,
    /// How many IDs the command names.
    pub named: usize,
    /// Who sends it.
    pub client: usize,
    /// Whether waits may end by time; keys expire in the other sessions, so that the order in
    /// which both happen is known.
    pub timeouts: bool,
}

impl Words<'_> {
    /// A word for a hole, after the word `after`.
    pub fn fill(&mut self, hole: &str, after: &str) -> Vec<u8> {
        match hole {
            "key" | "source" | "destination" | "newkey" => self.key().into(),
            "group" => self.group(),
            "consumer" => self.weighted(&["c", "c", "c", "c", "d", "d", "d", "e", ""]),
            "field" => self.weighted(&["f", "f", "f", "f", "g", "longer", "7", ""]),
            "value" | "message" | "ifeq-value" | "ifne-value" => self.value(),
            "channel" => self.weighted(&["__keyspace@0__:s", "__keyevent@0__:xadd", "c"]),
            "producer-id" => self.weighted(&["p", "p", "p", "p", "q", "q", "longer", "7", ""]),
            "idempotent-id" => self.iid(),
            "numids" => self.numids(),
            "serialized-value" => self.payload(),
            "maxsize" | "max-size" | "bytes" => self.size(),
            "threshold" if after == "MINID" => self.id(),
            "count" if after == "IDMP-MAXSIZE" => self.weighted(&["1", "2", "3", "3", "100", "0"]),
            "count" | "threshold" | "entries-added" | "entries-read" | "increment"
            | "decrement" | "maxcount" | "max-count" | "frequency" => self.count(),
            "min-idle-time" | "ms" => {
                self.weighted(&["0", "0", "0", "1", "4", "10", "30", "1000", "-1"])
            }
            "milliseconds" if after == "BLOCK" => self.block(),
            "seconds" if after == "IDMP-DURATION" => {
                self.weighted(&["1", "1", "2", "3", "86400", "0"])
            }
            "seconds" if after == "IDLETIME" => self.count(),
            "db" | "destination-db" | "index" | "index1" | "index2" => {
                self.weighted(&["0", "0", "0", "1", "2"])
            }
            "id" if self.command == "XADD" && self.random.chance(80) => self.explicit_id(),
            "id" if self.command == "XREADGROUP" => self.read_id(),
            "id" | "lastid" | "last-id" | "max-deleted-id" => self.id(),
            "start" | "end" => self.bound(),
            other => self.time(other),
        }
    }

    fn time(&mut self, hole: &str) -> Vec<u8> {
        let seconds = self.ids.clock / 1000;
        match hole {
            "ttl" if self.random.chance(80) => "0".into(),
            "milliseconds" | "ttl" => self.millis(),
            "unix-time-milliseconds" if self.command == "XCLAIM" => match self.random.below(8) {
                0 => self.count(),
                1 => (self.ids.clock + self.random.below(60) as u64).to_string().into(),
                _ => (self.ids.clock - self.random.below(60) as u64).to_string().into(),
            },
            "unix-time-milliseconds" if self.timeouts => "1000000000007".into(),
            "unix-time-milliseconds" => {
                (self.ids.clock + self.random.below(120) as u64).to_string().into()
            }
            "seconds" | "unix-time-seconds" if self.timeouts => {
                self.weighted(&["0", "900000000", "-1"])
            }
            "seconds" => self.weighted(&["0", "1", "1", "2", "5", "-1"]),
            "unix-time-seconds" => (seconds + self.random.below(4) as u64).to_string().into(),
            _ => self.any(),
        }
    }

    /// A key: mostly of the type that the command is for.
    pub fn key(&mut self) -> &'static [u8] {
        let of_streams = self.streams != self.random.chance(4);
        let keys: &[usize] = if of_streams { &[0, 0, 0, 0, 1, 1, 2, 5] } else { &[3, 3, 4, 4, 2] };
        let key = match self.pinned {
            Some(key) if of_streams && self.random.chance(85) => key,
            _ => *self.random.pick(keys),
        };
        self.ids.turn_to(key);
        KEYS[key]
    }

    /// A group: one of two, mostly the first.
    pub fn group(&mut self) -> Vec<u8> {
        match self.random.below(24) {
            0 => "".into(),
            1 => "none".into(),
            2..8 => "h".into(),
            _ => "g".into(),
        }
    }

    /// An ID that XADD mostly can take: higher than those before.
    pub fn new_id(&mut self) -> Vec<u8> {
        if self.random.chance(40) {
            let ms = self.ids.top().max(self.ids.clock);
            self.ids.add(ms, 0);
            return "*".into();
        }
        self.explicit_id()
    }

    fn explicit_id(&mut self) -> Vec<u8> {
        let seq = self.random.below(4) as u64;
        let kind = self.random.below(12);
        let ms = match kind {
            0 => self.random.below(12) as u64,
            _ => self.ids.top() + self.random.below(3) as u64,
        };
        self.ids.add(ms, if kind < 3 { 0 } else { seq });
        match kind {
            1 => ms.to_string().into(),
            2 => format!("{ms}-*").into(),
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
                "COUNT",
                "STREAMS",
                "MAXLEN",
                "MINID",
                "LIMIT",
                "~",
                "=",
                "*",
                "$",
                ">",
                "BLOCK",
                "GROUP",
                "NOACK",
                "JUSTID",
                "FORCE",
                "IDLE",
                "TIME",
                "LASTID",
                "MKSTREAM",
                "FULL",
                "NX",
                "KEEPREF",
                "DELREF",
                "ACKED",
                "IDMP",
                "IDMPAUTO",
                "IDS",
                "CLAIM",
                "MAXCOUNT",
                "MAXSIZE",
                "RETRYCOUNT",
                "SILENT",
                "FAIL",
                "FATAL",
                "REPLACE",
                "ABSTTL",
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
        match self.random.below(16) {
            0 => Vec::new(),
            1 => vec![b'x'; 1 + self.random.below(300)],
            2 => vec![0, 255, b'\r', b'\n'],
            3 => (self.random.number() as i64 >> self.random.below(64)).to_string().into(),
            4..8 => self.random.below(20).to_string().into(),
            _ => self.random.below(4).to_string().into(),
        }
    }

    fn iid(&mut self) -> Vec<u8> {
        match self.random.below(30) {
            0 => self.value(),
            1 => vec![b'i'; 60 + self.random.below(10)],
            _ => self.random.below(12).to_string().into(),
        }
    }

    /// How many IDs follow, mostly.
    fn numids(&mut self) -> Vec<u8> {
        if self.random.chance(4) { self.count() } else { self.named.to_string().into() }
    }

    fn count(&mut self) -> Vec<u8> {
        match self.random.below(20) {
            0 => self.weighted(&["-1", "-5", "100000", "576460752303423488"]),
            1 => self.weighted(&["9223372036854775807", "9223372036854775806", "4294967296"]),
            2 => "0".into(),
            3..7 => self.random.below(100).to_string().into(),
            _ => self.random.below(12).to_string().into(),
        }
    }

    /// Bytes of a reply.
    fn size(&mut self) -> Vec<u8> {
        match self.random.below(10) {
            0 => self.count(),
            1..4 => self.random.below(2000).to_string().into(),
            _ => self.random.below(300).to_string().into(),
        }
    }

    fn id(&mut self) -> Vec<u8> {
        let near = self.ids.top().saturating_sub(4) + self.random.below(8) as u64;
        let seq = self.random.below(4);
        match self.random.below(40) {
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
            2 | 3 => near.to_string().into(),
            4..8 => format!("{near}-{seq}").into(),
            _ if self.ids.added().is_empty() => "0".into(),
            _ => {
                let (ms, seq) = *self.random.pick(self.ids.added());
                format!("{ms}-{seq}").into()
            }
        }
    }

    /// An ID to read from: `>` for groups, the end, or one that was added.
    fn read_id(&mut self) -> Vec<u8> {
        match self.random.below(12) {
            0..=7 => ">".into(),
            8 | 9 => "0".into(),
            10 if self.random.chance(30) => "$".into(),
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

    /// Clocks are multiples of eight, and the ends of waits are odd: what a server does in the
    /// very millisecond in which a wait ends, or when the waits of two clients end at once, is
    /// nobody's business.
    fn block(&mut self) -> Vec<u8> {
        let millis = 8 * self.random.below(5) + 2 * self.client + 1;
        if self.timeouts { millis.to_string().into() } else { "0".into() }
    }

    fn millis(&mut self) -> Vec<u8> {
        let millis = if self.timeouts { 1_000_000_007 } else { self.random.below(120) };
        millis.to_string().into()
    }

    /// A payload for RESTORE, now and then a damaged one that must be refused.
    fn payload(&mut self) -> Vec<u8> {
        if self.payloads.is_empty() {
            return self.value();
        }
        let mut payload = self.random.pick(self.payloads).clone();
        let len = payload.len();
        match self.random.below(24) {
            0 => payload.truncate(self.random.below(len)),
            1 => payload[self.random.below(len)] ^= 1 << self.random.below(8),
            2 => payload.push(0),
            3 => return self.value(),
            _ => {}
        }
        payload
    }
}
