//! The journal: state that was read from it is the state that wrote it, wherever a rewrite or a
//! crash came in between, and no damage goes unnoticed.

#[allow(dead_code, reason = "other tests need the rest of it")]
mod host;

use brooklet::journal::{Damage, JournalFile, Losses, Profile};
use brooklet::reply::Form;
use brooklet::stream::{BlockLimits, Idempotency, IdempotencyLimits, Stream};
use brooklet::{Config, Durability, Engine};
use notation::random::{Event, Generator, Session};
use notation::text;
use proptest::prelude::*;

use host::{Host, assert_alike, assert_same_keys, expired, is_beyond_effects};

/// A random session without what no command can say again.
fn session(seed: u64) -> Session {
    let mut session = Generator::new(seed, host::commands()).session();
    session.events.retain(|event| !is_beyond_effects(event));
    session
}

/// An engine that writes a journal, with its files.
struct Writer {
    host: Host,
    base: Vec<u8>,
    increment: Vec<u8>,
    /// Where each frame of the increment ends.
    ends: Vec<usize>,
}

impl Writer {
    fn new(session: &Session) -> Self {
        let mut host = Host::new(session);
        host.engine.start_journal(1, 0, Durability::Immediate);
        Self { host, base: Vec::new(), increment: Vec::new(), ends: vec![0] }
    }

    fn play(&mut self, events: &[Event]) {
        for event in events {
            match event {
                Event::Pass(millis) => self.host.pass(*millis),
                Event::Send(client, words) => self.host.send(*client, &text::request(words)),
            }
            self.append();
        }
    }

    fn append(&mut self) {
        if let Some(frame) = self.host.engine.next_frame(self.host.clock) {
            self.increment.extend_from_slice(frame);
            self.ends.push(self.increment.len());
            self.host.engine.confirm_frame();
        }
    }

    /// Makes the state so far a base, in slices of a few bytes, and begins another increment.
    fn rewrite(&mut self) {
        assert!(self.host.engine.begin_rewrite(self.host.clock));
        (self.base, self.increment, self.ends) = (Vec::new(), Vec::new(), vec![0]);
    }

    fn slice_of_base(&mut self, bytes: usize) -> bool {
        let next = self.host.engine.next_base_frame(self.host.clock, bytes);
        let Some((frame, last)) = next else { return false };
        self.base.extend_from_slice(&frame);
        !last
    }
}

fn config(session: &Session) -> Config {
    let (max_entries, max_bytes) = session.node_limits;
    let (seconds, entries) = session.idempotency;
    Config {
        block_limits: BlockLimits { max_entries, max_bytes },
        idempotency: IdempotencyLimits { seconds, entries },
        ..Config::default()
    }
}

/// Reads a base, if there is one, and an increment in pieces. Returns what was torn off.
fn recover(
    config: Config,
    now: i64,
    base: &[u8],
    increment: &[u8],
    piece: usize,
) -> Result<(Engine, u64), (u64, Damage)> {
    let mut engine = Engine::new(config);
    engine.begin_recovery(now);
    let failed = |error: brooklet::RecoveryError| {
        if let Some(answer) = error.answer {
            eprintln!("at {}: {answer}", error.offset);
        }
        (error.offset, error.damage)
    };
    if !base.is_empty() {
        engine.begin_file(JournalFile::Base);
        for bytes in base.chunks(piece) {
            engine.recover(now, bytes).map_err(failed)?;
        }
        engine.end_file(false).map_err(failed)?;
    }
    engine.begin_file(JournalFile::Increment);
    for bytes in increment.chunks(piece) {
        engine.recover(now, bytes).map_err(failed)?;
    }
    let end = engine.end_file(true).map_err(failed)?;
    engine.end_recovery();
    Ok((engine, end.torn))
}

/// A journal of forty frames, for damage that a test tries out everywhere.
fn short_history() -> (Session, Writer) {
    const FRAMES: usize = 40;
    let histories = (0..).map(|seed| {
        let session = session(seed);
        let mut writer = Writer::new(&session);
        let mut events = session.events.iter();
        while writer.ends.len() <= FRAMES
            && let Some(event) = events.next()
        {
            writer.play(std::slice::from_ref(event));
        }
        (session, writer)
    });
    histories.into_iter().find(|(_, writer)| writer.ends.len() > FRAMES).expect("there is one")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_what_was_written(seed: u64, piece in 1_usize..2000) {
        let session = session(seed);
        let mut writer = Writer::new(&session);
        writer.play(&session.events);
        let read = recover(config(&session), writer.host.clock, b"", &writer.increment, piece);
        let (engine, torn) = read.expect("a journal without fault");
        prop_assert_eq!(torn, 0);
        assert_same_keys(&writer.host.engine, &engine, writer.host.clock + 1);
    }

    #[test]
    fn a_rewrite_at_any_moment_loses_nothing(
        seed: u64,
        at: prop::sample::Index,
        bytes in 1_usize..3000,
    ) {
        let mut session = session(seed);
        session.events.retain(|event| !depends_on_blocks(event));
        let (before, after) = session.events.split_at(at.index(session.events.len()));
        let mut writer = Writer::new(&session);
        writer.play(before);
        writer.rewrite();
        // What happens while the base is written goes into the increment.
        for event in after {
            writer.slice_of_base(bytes);
            writer.play(std::slice::from_ref(event));
        }
        while writer.slice_of_base(bytes) {}
        let (config, now) = (config(&session), writer.host.clock);
        let read = recover(config, now, &writer.base, &writer.increment, 1000);
        let (engine, _) = read.expect("a journal without fault");
        assert_same_keys(&writer.host.engine, &engine, writer.host.clock + 1);
    }

    #[test]
    fn an_export_holds_everything_and_needs_no_journal(seed: u64, bytes in 1_usize..3000) {
        let mut session = session(seed);
        session.events.retain(|event| !depends_on_blocks(event));
        let host = Host::new(&session).play(&session, usize::MAX);
        let (file, losses) = export(&host.engine, Profile::default(), host.clock, bytes);
        prop_assert_eq!(losses, Losses::default());
        let (engine, _) = recover(elsewhere(&session), host.clock, &file, b"", 1000).expect("whole");
        assert_same_keys(&host.engine, &engine, host.clock + 1);
    }

    #[test]
    fn an_export_for_redis_7_0_loses_only_what_it_says(seed: u64) {
        let mut session = session(seed);
        session.events.retain(|event| !depends_on_blocks(event) && !is_younger_than_7_0(event));
        let host = Host::new(&session).play(&session, usize::MAX);
        let (file, losses) = export(&host.engine, Profile::V7_0, host.clock, 500);
        prop_assert_eq!(losses, Losses::default());
        let (engine, _) = recover(elsewhere(&session), host.clock, &file, b"", 1000).expect("whole");
        assert_alike(&host.engine, &engine, |stream| timeless(expired(stream, host.clock + 1)));
    }
}

/// Where an export goes to, idempotency has the limits that a server begins with.
fn elsewhere(session: &Session) -> Config {
    Config { idempotency: IdempotencyLimits::default(), ..config(session) }
}

/// Everything in an engine as one file, and what it could not say.
fn export(engine: &Engine, profile: Profile, now: i64, bytes: usize) -> (Vec<u8>, Losses) {
    let (mut export, mut file) = (engine.export(profile), Vec::new());
    while let Some(frame) = export.next_frame(now, bytes) {
        file.extend_from_slice(&frame);
    }
    (file, export.losses())
}

/// Whether a command needs a Redis that is newer than the oldest profile.
fn is_younger_than_7_0(event: &Event) -> bool {
    const WORDS: [&[u8]; 5] = [b"XNACK", b"IDMP", b"IDMPAUTO", b"XIDMPRECORD", b"XCFGSET"];
    let Event::Send(_, words) = event else { return false };
    words.iter().any(|word| WORDS.iter().any(|it| word.eq_ignore_ascii_case(it)))
}

/// A stream without what Redis 7.0 has no command for: when consumers were seen and active, and
/// how long it would keep idempotent IDs.
fn timeless(mut stream: Stream) -> Stream {
    *stream.idempotency_mut() = Idempotency::default();
    let names: Vec<_> = stream.groups().iter().map(|(name, _)| name.to_vec()).collect();
    for name in names {
        let Some((group, _)) = stream.group_mut(&name) else { continue };
        (0..group.consumer_count()).for_each(|place| group.set_consumer_times(place, 0, None));
    }
    stream
}

/// Whether a command tells blocks apart, which a rewrite does not keep, as in Redis.
fn depends_on_blocks(event: &Event) -> bool {
    matches!(event, Event::Send(_, words) if words.iter().any(|word| word == b"~"))
}

#[test]
fn every_prefix_recovers_to_the_end_of_a_frame() {
    let (session, writer) = short_history();
    for len in 0..=writer.increment.len() {
        let whole = *writer.ends.iter().rfind(|&&end| end <= len).expect("0 is one");
        let read =
            recover(config(&session), writer.host.clock, b"", &writer.increment[..len], 4096);
        let (_, torn) = read.unwrap_or_else(|error| panic!("{len}: {error:?}"));
        assert_eq!(torn as usize, len - whole);
    }
}

#[test]
fn every_flipped_byte_is_refused_where_it_is() {
    let (session, writer) = short_history();
    let mut starts = writer.ends.iter().peekable();
    let mut start = 0;
    for at in 0..writer.increment.len() {
        while starts.next_if(|&&begin| begin <= at).map(|&begin| start = begin).is_some() {}
        let flip = [1, 0x20, 0x80, 0xff][at % 4];
        let mut damaged = writer.increment.clone();
        damaged[at] ^= flip;
        let read = recover(config(&session), writer.host.clock, b"", &damaged, 1 << 20);
        let (offset, damage) = read.err().unwrap_or_else(|| panic!("{at} ^ {flip}"));
        assert_eq!((offset, damage), (start as u64, Damage::Corrupt), "{at} ^ {flip}");
    }
}

#[test]
fn zeros_behind_the_last_frame_are_torn_off() {
    let (session, writer) = short_history();
    for len in [0, 30, writer.ends[1], writer.ends[1] + 10, writer.ends[1] + 150] {
        let whole = *writer.ends.iter().rfind(|&&end| end <= len).expect("0 is one");
        let zeros = [&writer.increment[..len], &[0; 5000]].concat();
        let read = recover(config(&session), writer.host.clock, b"", &zeros, 700);
        let (_, torn) = read.unwrap_or_else(|error| panic!("{len}: {error:?}"));
        assert_eq!(torn as usize, zeros.len() - whole, "cut at {len}");
    }
}

#[test]
fn a_frame_that_is_missing_or_of_an_older_writer_is_refused() {
    let (session, writer) = short_history();
    let ends = &writer.ends;
    let without = [&writer.increment[..ends[3]], &writer.increment[ends[4]..]].concat();
    let read = recover(config(&session), writer.host.clock, b"", &without, 4096);
    assert_eq!(read.err(), Some((ends[3] as u64, Damage::OutOfOrder)));
    let twice = [&writer.increment[..ends[4]], &writer.increment[ends[3]..]].concat();
    let read = recover(config(&session), writer.host.clock, b"", &twice, 4096);
    assert_eq!(read.err(), Some((ends[4] as u64, Damage::OutOfOrder)));
}

/// A stream can know of entries behind its last one: XSETID goes back below what was trimmed. Their
/// placeholders can only be deleted by name, so the rewritten stream had a greatest deleted ID, and
/// groups no lag any more.
#[test]
fn a_rewrite_knows_that_nothing_was_deleted() {
    for history in [
        "XADD s IDMP p i * f v|XTRIM s MAXLEN 0|XSETID s 1-1|XADD s 1-2 f v",
        "XGROUP CREATE s g 0 MKSTREAM|XADD s 2-0 f v|XREADGROUP GROUP g c STREAMS s >|\
         XTRIM s MAXLEN 0|XSETID s 1-1|XADD s 1-2 f v",
    ] {
        let (session, _) = short_history();
        let mut writer = Writer::new(&session);
        for line in history.split('|') {
            writer.host.send(0, format!("{line}\r\n").as_bytes());
            writer.append();
        }
        writer.rewrite();
        while writer.slice_of_base(50) {}
        let (base, now) = (&writer.base, writer.host.clock);
        let (engine, _) = recover(config(&session), now, base, b"", 4096).expect("no fault");
        assert_same_keys(&writer.host.engine, &engine, now);
    }
}

#[test]
fn a_base_must_be_whole() {
    let (session, mut writer) = short_history();
    writer.rewrite();
    while writer.slice_of_base(200) {}
    for len in 1..writer.base.len() {
        let read = recover(config(&session), writer.host.clock, &writer.base[..len], b"", 4096);
        assert_eq!(read.err().map(|(_, damage)| damage), Some(Damage::CutOff), "cut at {len}");
    }
    let snapshot = recover(config(&session), 0, b"REDIS0011", b"", 4096);
    assert_eq!(snapshot.err(), Some((0, Damage::Snapshot)));
}

/// What Redis 8.10.2 wrote with `appendonly yes` and `aof-use-rdb-preamble no`.
#[test]
fn a_journal_of_redis_is_read_up_to_its_last_whole_transaction() {
    let redis = b"#TS:1795312615\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n\
        *5\r\n$4\r\nXADD\r\n$1\r\ns\r\n$3\r\n1-0\r\n$1\r\nf\r\n$1\r\nv\r\n\
        *1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*1\r\n$4\r\nEXEC\r\n";
    let whole = recover(Config::default(), 5, b"", redis, 3).expect("a journal without fault");
    assert_eq!((whole.0.state().keyspace.database(0).len(), whole.1), (2, 0));
    let multi = b"*1\r\n$5\r\nMULTI\r\n";
    let transaction = redis.windows(multi.len()).position(|it| it == multi).expect("it is there");
    for len in transaction..redis.len() {
        let read = recover(Config::default(), 5, b"", &redis[..len], 4096);
        let (engine, torn) = read.unwrap_or_else(|error| panic!("{len}: {error:?}"));
        assert_eq!(engine.state().keyspace.database(0).len(), 1, "cut at {len}");
        assert_eq!(torn as usize, len - transaction, "cut at {len}");
    }
}

/// Files of format 1, as they were first written: every later version reads them to the same state.
#[test]
fn files_of_format_1_are_read() {
    let base = include_bytes!("journals/format-1.base.aof");
    let increment = include_bytes!("journals/format-1.incr.aof");
    let now = 1_795_312_700_000;
    let read = recover(Config::default(), now, base, increment, 100).expect("no fault");
    let (mut engine, torn) = read;
    assert_eq!(torn, 0);
    assert_eq!(engine.state().statistics.commands_processed, 0, "nobody sent them");
    let session = engine.open_session(now, Form::Resp3).expect("a session");
    engine.exchange(now, session, b"XINFO STREAM jobs FULL COUNT 0\r\nGET checkpoint\r\n");
    let heard = engine.output(session).expect("a reply").bytes.to_vec();
    let values = notation::resp::parse_all(&heard).expect("well-formed");
    let text: Vec<_> = values.iter().map(|value| notation::Reply::alone(value).text(0)).collect();
    assert_eq!(text.join("\n") + "\n", include_str!("journals/format-1.txt"));
}

/// What Redis before 8.8 has no command for is said otherwise or left out, and counted.
#[test]
fn an_export_for_an_older_redis_says_what_it_could_not_say() {
    const NOW: i64 = 1_795_312_700_000;
    let mut engine = Engine::new(Config::default());
    let session = engine.open_session(NOW, Form::Resp2).expect("a session");
    let requests = b"XADD s 1-0 f v\r\nXADD s 2-0 f v\r\nXADD s 3-0 f v\r\n\
        XADD s IDMP p b * f v\r\nXADD s IDMP p c * f v\r\nXGROUP CREATE s g 0\r\n\
        XREADGROUP GROUP g alice COUNT 3 STREAMS s >\r\nXDEL s 2-0\r\n\
        XNACK s g FATAL IDS 1 2-0\r\nXNACK s g SILENT IDS 1 3-0\r\n";
    engine.exchange(NOW, session, requests);
    engine.consume(session);
    for (profile, given_back, idempotent_ids) in [
        (Profile::V7_0, 2, 2),
        (Profile::V8_2, 2, 2),
        (Profile::V8_6, 2, 0),
        (Profile::V8_10, 0, 0),
    ] {
        let (file, losses) = export(&engine, profile, NOW, 100);
        assert_eq!(losses, Losses { given_back, idempotent_ids }, "{profile:?}");
        let has = |word: &[u8]| file.windows(word.len()).any(|it| it == word);
        assert_eq!(has(b"XNACK"), given_back == 0, "{profile:?}");
        assert_eq!(has(b"XIDMPRECORD"), idempotent_ids == 0, "{profile:?}");
        let (mut read, _) = recover(Config::default(), NOW, &file, b"", 100).expect("whole");
        let session = read.open_session(NOW, Form::Resp2).expect("a session");
        read.exchange(NOW, session, b"XPENDING s g - + 10\r\n");
        let heard = read.output(session).expect("a reply").bytes.to_vec();
        let idle = if given_back > 0 { NOW.to_string() } else { "-1".to_owned() };
        let values = notation::resp::parse_all(&heard).expect("well-formed");
        let text = notation::Reply::alone(&values[0]).text(0);
        let words: Vec<_> = text.split_whitespace().collect();
        let expected = format!(
            r#"["1-0", "alice", :0, :1], ["2-0", "", :{idle}, :{}], ["3-0", "", :{idle}, :0]"#,
            i64::MAX
        );
        let rows = words.join(" ").replace("[ ", "[").replace("], ]", "]]");
        assert_eq!(rows, format!("[{expected}]"), "{profile:?}");
    }
}
