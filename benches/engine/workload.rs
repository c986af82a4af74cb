//! What every contender is asked: the same streams, the same commands, the same IDs.
//!
//! The task runner compiles this file too (`xtask/src/bench`): it asks a real Redis with the very
//! lines that the native engine gets. `benches/node.mjs` asks the same through the typed client.

use std::fmt;
use std::str::FromStr;

/// The milliseconds of the first entry's ID.
pub const FIRST: u64 = 1_700_000_000_000;

/// How many entries share a millisecond: a hundred thousand a second, as busy producers make them.
pub const A_MILLISECOND: u64 = 100;

/// How many entries one XREADGROUP delivers while a stage is set up.
const DELIVERY: u64 = 1_000;

/// A prime that divides none of our sizes: multiples of it visit every entry in a scattered order.
const STRIDE: u64 = 7_919;

const VALUE: &str = "0123456789abcdef";

/// The commands that are compared, and how many operations make one sample.
pub const COMMANDS: [(Workload, u64); 12] = [
    (Workload::Xadd { fields: 1 }, 20_000),
    (Workload::Xadd { fields: 5 }, 20_000),
    (Workload::Idmp { known: false }, 20_000),
    (Workload::Idmp { known: true }, 20_000),
    (Workload::Read { count: 1 }, 5_000),
    (Workload::Read { count: 100 }, 200),
    (Workload::Xrange, 1_000),
    (Workload::Xclaim, 5_000),
    (Workload::Xautoclaim, 500),
    (Workload::Claim, 200),
    (Workload::Xackdel, 5_000),
    (Workload::Xnack, 5_000),
];

/// Milliseconds after which an entry is idle.
const IDLE: u64 = 3_600_000;

/// How many entries one XREADGROUP CLAIM is given.
const CLAIMED: u64 = 10;

/// The stream `s` that commands meet: its entries, the first of which are pending in group `g`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    pub entries: u64,
    pub fields: u64,
    pub pending: u64,
}

impl Stage {
    /// The stage of the comparison of commands.
    pub const COMMANDS: Self = Self { entries: 100_000, fields: 1, pending: 100_000 };

    /// The commands that append every entry.
    pub fn filling(self) -> impl Iterator<Item = String> {
        let message = message(self.fields);
        (0..self.entries).map(move |index| format!("XADD s {} {message}", id(index)))
    }

    /// The commands that make the first entries pending.
    pub fn delivery(self) -> impl Iterator<Item = String> {
        let create = (self.pending > 0).then(|| "XGROUP CREATE s g 0".to_owned());
        create.into_iter().chain(deliveries("s", self.pending))
    }
}

/// One kind of operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// XADD with a generated ID.
    Xadd { fields: u64 },
    /// XADD with an idempotent ID that its producer has, or has not, used before.
    Idmp { known: bool },
    /// XREADGROUP of new entries, which stay pending.
    Deliver { count: u64 },
    /// XREADGROUP of new entries, then XACK of all of them.
    Read { count: u64 },
    /// XRANGE COUNT 100 from anywhere in the stream.
    Xrange,
    /// XCLAIM of one pending entry of another consumer.
    Xclaim,
    /// XAUTOCLAIM COUNT 100 of entries of another consumer, from anywhere in the pending list.
    Xautoclaim,
    /// XREADGROUP CLAIM of idle entries, of which there are few among many that are not.
    Claim,
    /// XACKDEL of one pending entry.
    Xackdel,
    /// XNACK of one pending entry.
    Xnack,
}

impl Workload {
    /// The operation as people write it.
    pub fn title(self) -> String {
        match self {
            Self::Xadd { fields: 1 } => "XADD, 1 field".into(),
            Self::Xadd { fields } => format!("XADD, {fields} fields"),
            Self::Idmp { known: false } => "XADD IDMP, new".into(),
            Self::Idmp { known: true } => "XADD IDMP, duplicate".into(),
            Self::Deliver { count } => format!("XREADGROUP COUNT {count}"),
            Self::Read { count: 1 } => "XREADGROUP COUNT 1 + XACK".into(),
            Self::Read { count } => format!("XREADGROUP COUNT {count} + XACK of {count}"),
            Self::Xrange => "XRANGE COUNT 100".into(),
            Self::Xclaim => "XCLAIM".into(),
            Self::Xautoclaim => "XAUTOCLAIM COUNT 100".into(),
            Self::Claim => format!("XREADGROUP CLAIM COUNT {CLAIMED}, few idle"),
            Self::Xackdel => "XACKDEL".into(),
            Self::Xnack => "XNACK".into(),
        }
    }

    /// How many entries the replies of one operation hold.
    pub fn entries(self) -> u64 {
        match self {
            Self::Xadd { .. } | Self::Idmp { .. } | Self::Xackdel | Self::Xnack => 0,
            Self::Deliver { count } | Self::Read { count } => count,
            Self::Xclaim => 1,
            Self::Claim => CLAIMED,
            Self::Xrange | Self::Xautoclaim => 100,
        }
    }
}

/// So many operations of one kind. A sample of its own round claims for a consumer of its own, so
/// that every claim moves an entry.
#[derive(Clone, Copy)]
pub struct Sample {
    pub workload: Workload,
    pub times: u64,
    pub round: u64,
}

impl Sample {
    /// What happens before the clock starts.
    pub fn preparation(self, stage: Stage) -> Vec<String> {
        match self.workload {
            Workload::Deliver { count } | Workload::Read { count } => {
                group("r", self.times * count)
            }
            Workload::Xackdel | Workload::Xnack => {
                let mut lines = group("r", self.times);
                lines.extend(deliveries("r", self.times));
                lines
            }
            Workload::Claim => {
                let (idle, all) = (self.times * CLAIMED, stage.pending);
                let mut lines = group("q", all);
                lines.extend(deliveries("q", idle));
                // Before the others are delivered: a claim looks for its place from the last on.
                lines.push(format!("XCLAIM q g c 0 {} IDLE {IDLE} JUSTID", ids(0, idle)));
                lines.extend(deliveries("q", all - idle));
                lines
            }
            Workload::Idmp { .. } => vec!["DEL i".into(), idempotent("known")],
            _ => Vec::new(),
        }
    }

    /// What is timed: one line a command, words without spaces.
    pub fn commands(self, stage: Stage) -> Vec<String> {
        let scattered = |index: u64, all: u64| index * STRIDE % all;
        let commands = (0..self.times).map(|index| match self.workload {
            Workload::Xadd { fields: 1 } => vec![format!("XADD s * {}", message(1))],
            Workload::Xadd { fields } => vec![format!("XADD wide * {}", message(fields))],
            Workload::Deliver { count } => {
                vec![format!("XREADGROUP GROUP g c COUNT {count} STREAMS r >")]
            }
            Workload::Read { count } => vec![
                format!("XREADGROUP GROUP g c COUNT {count} STREAMS r >"),
                format!("XACK r g {}", ids(index * count, count)),
            ],
            Workload::Xrange => {
                let start = scattered(index, stage.entries - 100);
                vec![format!("XRANGE s {} + COUNT 100", id(start))]
            }
            Workload::Xclaim => {
                let entry = scattered(index, stage.pending);
                vec![format!("XCLAIM s g d{} 0 {}", self.round, id(entry))]
            }
            Workload::Xautoclaim => {
                let start = 100 * scattered(index, stage.pending / 100);
                vec![format!("XAUTOCLAIM s g e{} 0 {} COUNT 100", self.round, id(start))]
            }
            Workload::Idmp { known: true } => vec![idempotent("known")],
            Workload::Idmp { known: false } => vec![idempotent(&format!("n{index}"))],
            Workload::Claim => {
                vec![format!("XREADGROUP GROUP g d COUNT {CLAIMED} CLAIM {IDLE} STREAMS q >")]
            }
            Workload::Xackdel => vec![format!("XACKDEL r g IDS 1 {}", id(index))],
            Workload::Xnack => vec![format!("XNACK r g FAIL IDS 1 {}", id(index))],
        });
        commands.flatten().collect()
    }
}

/// A stream of its own, and a group that has read nothing of it.
fn group(key: &str, entries: u64) -> Vec<String> {
    let message = message(1);
    let mut lines = vec![format!("DEL {key}")];
    lines.extend((0..entries).map(|index| format!("XADD {key} {} {message}", id(index))));
    lines.push(format!("XGROUP CREATE {key} g 0"));
    lines
}

/// The commands that make so many more entries pending.
fn deliveries(key: &str, entries: u64) -> impl Iterator<Item = String> {
    let mut left = entries;
    std::iter::from_fn(move || {
        let count = left.min(DELIVERY);
        left -= count;
        (count > 0).then(|| format!("XREADGROUP GROUP g c COUNT {count} STREAMS {key} >"))
    })
}

fn idempotent(iid: &str) -> String {
    format!("XADD i IDMP p {iid} * {}", message(1))
}

fn id(index: u64) -> String {
    format!("{}-{}", FIRST + index / A_MILLISECOND, index % A_MILLISECOND)
}

fn ids(first: u64, count: u64) -> String {
    (first..first + count).map(id).collect::<Vec<_>>().join(" ")
}

fn message(fields: u64) -> String {
    match fields {
        1 => format!("f {VALUE}"),
        _ => (0..fields).map(|at| format!("f{at} {VALUE}")).collect::<Vec<_>>().join(" "),
    }
}

/// One line that a contender reads; it answers each with one line.
pub enum Request {
    /// Start anew with this stage. The answer: bytes an entry, bytes a pending entry.
    Fill(Stage),
    /// Take a sample. The answer: nanoseconds an operation.
    Sample(Sample),
}

impl fmt::Display for Request {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Fill(Stage { entries, fields, pending }) => {
                write!(out, "fill {entries} {fields} {pending}")
            }
            Self::Sample(Sample { workload, times, round }) => {
                let (name, size) = match workload {
                    Workload::Xadd { fields } => ("xadd", *fields),
                    Workload::Deliver { count } => ("deliver", *count),
                    Workload::Read { count } => ("read", *count),
                    Workload::Xrange => ("xrange", 100),
                    Workload::Xclaim => ("xclaim", 1),
                    Workload::Xautoclaim => ("xautoclaim", 100),
                    Workload::Idmp { known } => ("idmp", u64::from(*known)),
                    Workload::Claim => ("claim", CLAIMED),
                    Workload::Xackdel => ("xackdel", 1),
                    Workload::Xnack => ("xnack", 1),
                };
                write!(out, "{name} {size} {times} {round}")
            }
        }
    }
}

impl FromStr for Request {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let wrong = || format!("not understood: {line}");
        let (name, numbers) = line.split_once(' ').ok_or_else(wrong)?;
        let numbers: Result<Vec<u64>, _> = numbers.split(' ').map(str::parse).collect();
        let [first, second, third] = numbers.map_err(|_| wrong())?[..] else { return Err(wrong()) };
        let workload = match name {
            "fill" => {
                let stage = Stage { entries: first, fields: second, pending: third };
                return Ok(Self::Fill(stage));
            }
            "xadd" => Workload::Xadd { fields: first },
            "deliver" => Workload::Deliver { count: first },
            "read" => Workload::Read { count: first },
            "xrange" => Workload::Xrange,
            "xclaim" => Workload::Xclaim,
            "xautoclaim" => Workload::Xautoclaim,
            "idmp" => Workload::Idmp { known: first > 0 },
            "claim" => Workload::Claim,
            "xackdel" => Workload::Xackdel,
            "xnack" => Workload::Xnack,
            _ => return Err(wrong()),
        };
        Ok(Self::Sample(Sample { workload, times: second, round: third }))
    }
}
