//! What is fuzzed, as functions that panic when something is wrong.
//!
//! `targets/` feeds them with what libFuzzer makes up, `tests/fuzz_seeds.rs` of the main workspace
//! with the seeds.

#[path = "../../tests/host/mod.rs"]
mod host;

use std::cell::RefCell;

use brooklet::journal::JournalFile;
use brooklet::keyspace::Value;
use brooklet::resp::{Decoder, Limits, Step};
use brooklet::{Config, Durability, Engine};
use host::Host;
use notation::random::{Event, Generator, Session};
use notation::{Protocol, resp, text};

/// One request of a decoder: its words; or why there is none.
type Decoded = Result<Vec<Vec<u8>>, Vec<u8>>;

/// The decoder reads requests that are cut anywhere as it reads them whole, and never keeps more
/// than it was given. The first byte says how long the pieces are.
pub fn decoder(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let piece = usize::from(first % 64) + 1;
    let limits = Limits {
        max_bulk_len: if first & 64 == 0 { 512 << 20 } else { 100 },
        authenticated: first & 128 == 0,
    };
    let whole = decode(std::iter::once(bytes), limits);
    assert_eq!(whole, decode(bytes.chunks(piece), limits));
    let kept: usize = whole.iter().flatten().flatten().map(Vec::len).sum();
    assert!(kept <= bytes.len(), "{kept} bytes of words in {} bytes", bytes.len());
}

fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>, limits: Limits) -> Vec<Decoded> {
    let (mut decoder, mut requests, mut buffer) = (Decoder::default(), Vec::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        let mut read = 0;
        while read < buffer.len() {
            match decoder.decode(&buffer[read..], limits) {
                Ok(Step::Request(len)) => {
                    let words = decoder.arguments(&buffer[read..]);
                    requests.push(Ok(words.iter().map(<[u8]>::to_vec).collect()));
                    read += len;
                    decoder.reset();
                }
                Ok(Step::Incomplete) => break,
                Err(error) => {
                    requests.push(Err(error.text().to_vec()));
                    return requests;
                }
            }
        }
        buffer.drain(..read);
    }
    requests
}

/// Any bytes that a client sends get well-formed replies, and their effects are what they did.
pub fn requests(data: &[u8]) {
    let mut host = Host::new(&clients(2));
    // A line that changes the client, and lets time pass.
    for (index, part) in data.split(|byte| *byte == 0xff).enumerate() {
        host.pass(7);
        host.send(index % 2, part);
    }
    host.assert_well_formed();
    if !data.windows(5).any(|word| word.eq_ignore_ascii_case(b"ACKED")) {
        host.assert_replays();
    }
}

/// A session of likely commands, which the bytes choose: the same holds.
pub fn session(data: &[u8]) {
    thread_local! {
        static GENERATOR: RefCell<Generator> = RefCell::new(Generator::new(0, host::commands()));
    }
    let mut session = GENERATOR.with_borrow_mut(|generator| generator.session_of(data));
    session.events.retain(|event| !host::is_beyond_effects(event));
    let host = Host::new(&session).play(&session, usize::MAX);
    host.assert_well_formed();
    host.assert_replays();
}

/// A payload for RESTORE, however damaged, is refused or makes a key that works: it can be dumped
/// and restored again, read, trimmed and written, and effects can tell all of it. The footer is
/// made here, since no damaged payload would get further.
pub fn restore(data: &[u8]) {
    const FOOTER: [u8; 10] = [15, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let payload = [data, &FOOTER].concat();
    let mut host = Host::new(&clients(1));
    host.send(0, &text::request(&[&b"RESTORE"[..], b"s", b"0", &payload]));
    let heard = std::mem::take(&mut host.heard[0].0);
    if heard != b"+OK\r\n" {
        assert!(heard.starts_with(b"-"), "{}", heard.escape_ascii());
        return;
    }
    let dump = ask(&mut host, "DUMP s");
    let Ok((resp::Value::Bulk(again), _)) = resp::parse(&dump) else {
        panic!("{}", dump.escape_ascii())
    };
    host.send(0, &text::request(&[&b"RESTORE"[..], b"t", b"0", &again]));
    assert_eq!(std::mem::take(&mut host.heard[0].0), b"+OK\r\n");
    assert_eq!(ask(&mut host, "DUMP t"), dump);
    // Entries that will be delivered in the future are no history that effects could tell.
    let replays = !is_pending_in_future(&host);
    for line in WORK {
        ask(&mut host, line);
    }
    if replays {
        host.assert_replays();
        host.engine.consume_effects();
        host.engine.start_journal(2, 1, Durability::Immediate);
        // A payload can say what no command can, but the base must be read in any case.
        rewrite(&mut host.engine, 100);
    }
}

/// Whether an entry of the stream will have been delivered.
fn is_pending_in_future(host: &Host) -> bool {
    let value = host.engine.state().keyspace.get(0, b"s");
    let Some(Value::Stream(stream)) = value else { return false };
    let mut pending = stream.groups().iter().flat_map(|(_, group)| group.pending_by_time());
    pending.any(|pending| pending.delivered_at > host.clock)
}

/// A journal of any commands and annotations, in frames whose checksums are right, is read cut
/// anywhere as it is read whole; and a rewrite of what it came to is read as the same. Lines are
/// commands, or annotations as they are; 0xff begins another frame.
pub fn journal(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let mut file = Vec::new();
    for (index, lines) in bytes.split(|byte| *byte == 0xff).enumerate() {
        let commands = lines.split(|byte| *byte == b'\n').map(|line| match line {
            [b'#', ..] => [line, b"\r\n"].concat(),
            [] => Vec::new(),
            _ => text::request(&line.split(|byte| *byte == b' ').collect::<Vec<_>>()),
        });
        file.extend(frame(index + 1, &commands.collect::<Vec<_>>().concat()));
    }
    let (whole, mut engine) = recover(JournalFile::Increment, &file, file.len());
    let (cut, other) = recover(JournalFile::Increment, &file, usize::from(first % 64) + 1);
    assert_eq!(whole, cut);
    host::assert_same_keys(&engine, &other, NOW);
    if whole.is_ok() && !bytes.windows(5).any(|word| word.eq_ignore_ascii_case(b"ACKED")) {
        engine.start_journal(2, 1, Durability::Immediate);
        let rewritten = rewrite(&mut engine, 1 + usize::from(*first));
        host::assert_same_keys(&engine, &rewritten, NOW);
    }
}

/// What is read of a rewrite in such slices.
fn rewrite(engine: &mut Engine, slice: usize) -> Engine {
    assert!(engine.begin_rewrite(NOW));
    let mut base = Vec::new();
    while let Some((frame, _)) = engine.next_base_frame(NOW, slice) {
        base.extend(frame);
    }
    let (read, rewritten) = recover(JournalFile::Base, &base, base.len());
    assert_eq!(read.err(), None, "{}", base.escape_ascii());
    rewritten
}

/// When a journal is read.
const NOW: i64 = 2_000_000;

/// Reads a file in pieces; tells where it went wrong, and how.
fn recover(kind: JournalFile, file: &[u8], piece: usize) -> (Result<u64, String>, Engine) {
    let mut engine = Engine::new(Config::default());
    engine.begin_recovery(NOW);
    engine.begin_file(kind);
    let read = file.chunks(piece.max(1)).try_for_each(|piece| engine.recover(NOW, piece));
    let end = read.and_then(|()| engine.end_file(true));
    engine.end_recovery();
    (end.map(|end| end.good).map_err(|error| format!("{}: {error}", error.offset)), engine)
}

/// A frame of an increment.
fn frame(sequence: usize, commands: &[u8]) -> Vec<u8> {
    let (time, len, crc) = (1_000_000 + 7 * sequence, commands.len(), crc32c(commands));
    let line = format!("#BROOKLET:1 e1 s{sequence} t{time} n{len} c{crc:08x}");
    let crc = crc32c(line.as_bytes());
    [format!("{line} h{crc:08x}\r\n").as_bytes(), commands].concat()
}

fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0x82f6_3b78 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// What a stream is asked for when it came from a payload.
const WORK: [&str; 18] = [
    "XINFO STREAM s FULL COUNT 0",
    "XRANGE s - +",
    "XREVRANGE s + - COUNT 3",
    "XPENDING s g",
    "XGROUP CREATE s fresh 0",
    "XREADGROUP GROUP fresh c COUNT 5 STREAMS s >",
    "XREADGROUP GROUP g c CLAIM 0 COUNT 5 STREAMS s >",
    "XREADGROUP GROUP g c STREAMS s 0",
    "XAUTOCLAIM s g d 0 0 COUNT 5",
    "XADD s MAXLEN ~ 5 * f v",
    "XADD s IDMP p i * f v",
    "XTRIM s MAXLEN 3 DELREF",
    "XACK s g 1-1 2-2",
    "XNACK s g FAIL IDS 1 1-1 FORCE",
    "XDEL s 1-1",
    "XSETID s 99999999999999-0",
    "APPEND s x",
    "XINFO STREAM s",
];

fn ask(host: &mut Host, line: &str) -> Vec<u8> {
    host.send(0, format!("{line}\r\n").as_bytes());
    host.assert_well_formed();
    std::mem::take(&mut host.heard[0].0)
}

/// A session in which nothing happens yet.
fn clients(count: usize) -> Session {
    Session {
        node_limits: (3, 200),
        idempotency: (100, 100),
        protocols: [Protocol::Two, Protocol::Three].into_iter().cycle().take(count).collect(),
        events: Vec::<Event>::new(),
    }
}
