//! `cargo xtask journal`: random journals of Brooklet, loaded by a real Redis, and those of Redis,
//! loaded by Brooklet; both sides must then tell the same of every key. With an old Redis as well,
//! the same for exports that are made for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use brooklet::journal::{JournalFile, Profile};
use brooklet::reply::Form;
use brooklet::stream::{BlockLimits, IdempotencyLimits};
use brooklet::{Config, Durability, Engine};
use clap::Args;
use notation::Reply;
use notation::random::{Chance, Event, Generator, START, Session};
use notation::resp::{self, Value};
use notation::text::request;

use super::Oracle;
use crate::report::{say, seconds};

/// What may be said on the command line.
#[derive(Args)]
pub struct Options {
    /// The Redis that loads and writes (default: the environment's `REDIS_SERVER`)
    #[arg(long)]
    server: Option<PathBuf>,
    /// A Redis 7.0 that loads exports and writes journals too (default: `REDIS_7_SERVER`)
    #[arg(long)]
    oldest: Option<PathBuf>,
    /// How long to go on
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Where the random sessions begin
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The files of a journal.
#[derive(Default)]
struct Files {
    base: Vec<u8>,
    increment: Vec<u8>,
}

/// Numbers that a journal of commands does not keep, or that only Redis' index has.
const NOT_COMPARED: [&[u8]; 7] = [
    b"radix-tree-keys",
    b"radix-tree-nodes",
    b"seen-time",
    b"active-time",
    b"iids-added",
    b"iids-duplicates",
    // A producer whose only entry was refused is tracked, and in no journal.
    b"pids-tracked",
];

/// What Redis 7.0 does not tell of a stream, or counts otherwise.
const YOUNGER: [&[u8]; 8] = [
    b"idmp-duration",
    b"idmp-maxsize",
    b"pids-tracked",
    b"iids-tracked",
    b"iids-added",
    b"iids-duplicates",
    b"nacked-count",
    b"active-time",
];

/// Milliseconds after a journal's end at which both sides are asked: what is too old to be known
/// stays until time passes.
const AFTER: i64 = 1;

/// Compares until time is up.
pub fn run(options: &Options) -> Result<()> {
    let mut oracle = Oracle::start(options.server.as_deref())?;
    let oldest = options.oldest.clone();
    let oldest = oldest.or_else(|| std::env::var_os("REDIS_7_SERVER").map(Into::into));
    let mut oldest = oldest.map(Oracle::start_oldest).transpose()?;
    let mut generator = Generator::new(options.seed, super::compared());
    let mut chance = Chance::new(options.seed);
    let (begun, limit) = (Instant::now(), Duration::from_secs(options.seconds));
    let (mut journals, mut bytes) = (0, 0);
    while begun.elapsed() < limit {
        let mut session = generator.session();
        session.events.retain(is_expressible);
        let told = |error: anyhow::Error| {
            error.context(format!(
                "journal {journals}, seed {}:\n{}",
                options.seed,
                session.script()
            ))
        };
        bytes += ours_in_redis(&mut oracle, &session, &mut chance).map_err(told)?;
        theirs_in_ours(&mut oracle, &session).map_err(told)?;
        if let Some(oldest) = &mut oldest {
            export_in_redis(oldest, &session).map_err(told)?;
            theirs_in_ours(oldest, &session).map_err(told)?;
        }
        journals += 1;
    }
    let took = seconds(begun.elapsed());
    let who = if oldest.is_some() { ", with Redis 7.0 too" } else { "" };
    say(&format!(
        "{journals} journals each way{who}, {bytes} bytes of ours, no difference, in {took}"
    ));
    Ok(())
}

/// Whether commands can say again what a command does. Trims with ACKED and `~` depend on where
/// blocks begin, which a rewrite does not keep; settings are no part of a journal; Redis does not
/// load a group that has read more than was ever added, as these two options can make it seem.
fn is_expressible(event: &Event) -> bool {
    const WORDS: [&[u8]; 5] = [b"ACKED", b"~", b"CONFIG", b"ENTRIESADDED", b"ENTRIESREAD"];
    let Event::Send(_, words) = event else { return true };
    !words.iter().any(|word| WORDS.iter().any(|it| word.eq_ignore_ascii_case(it)))
}

/// Writes a journal, rewritten at some moment or not at all, and has Redis load it.
fn ours_in_redis(oracle: &mut Oracle, session: &Session, chance: &mut Chance) -> Result<usize> {
    let mut engine = engine(session);
    let sessions: Vec<_> = session
        .protocols
        .iter()
        .map(|_| engine.open_session(START, Form::Resp2).map_err(|_| anyhow!("no session")))
        .collect::<Result<_>>()?;
    engine.start_journal(1, 0, Durability::Immediate);
    let (mut files, mut clock) = (Files::default(), START);
    let rewrite_at = chance.below(2 * session.events.len() + 1);
    for (at, event) in session.events.iter().enumerate() {
        if at == rewrite_at {
            ensure!(engine.begin_rewrite(clock), "a rewrite begins");
            files = Files::default();
        }
        match event {
            Event::Pass(millis) => {
                clock += millis;
                engine.tick(clock);
            }
            Event::Send(client, words) => {
                engine.exchange(clock, sessions[*client], &request(words));
            }
        }
        while let Some(id) = engine.next_output() {
            engine.consume(id);
        }
        if let Some(frame) = engine.next_frame(clock) {
            files.increment.extend_from_slice(frame);
            engine.confirm_frame();
        }
        if let Some((frame, _)) = engine.next_base_frame(clock, 300) {
            files.base.extend_from_slice(&frame);
        }
    }
    while let Some((frame, _)) = engine.next_base_frame(clock, 300) {
        files.base.extend_from_slice(&frame);
    }
    // What a client has sent and waits for its turn would happen when time passes, in no journal.
    for id in sessions {
        engine.close_session(id);
    }
    let directory = write_files(oracle.directory(), &files)?;
    check(oracle, &directory)?;
    restart(oracle, session, &directory, clock)?;
    same_keys(&mut engine, clock, oracle).context("a journal of Brooklet")?;
    Ok(files.base.len() + files.increment.len())
}

/// Exports what a session leaves, and has a Redis of that profile load it; what it makes of it is
/// what Brooklet does.
fn export_in_redis(oracle: &mut Oracle, session: &Session) -> Result<()> {
    let mut engine = engine(session);
    let mut clock = START;
    let mut clients = Vec::new();
    for _ in &session.protocols {
        clients.push(engine.open_session(START, Form::Resp2).map_err(|_| anyhow!("no session"))?);
    }
    for event in &session.events {
        match event {
            Event::Pass(millis) => {
                clock += millis;
                engine.tick(clock);
            }
            Event::Send(client, words) => engine.exchange(clock, clients[*client], &request(words)),
        }
        while let Some(id) = engine.next_output() {
            engine.consume(id);
        }
    }
    let (mut export, mut file) = (engine.export(Profile::V7_0), Vec::new());
    while let Some(frame) = export.next_frame(clock, 300) {
        file.extend_from_slice(&frame);
    }
    let mut engine = self::engine(session);
    engine.begin_recovery(clock);
    engine.begin_file(JournalFile::Base);
    engine.recover(clock, &file).map_err(|error| anyhow!("an export: {error:?}"))?;
    engine.end_recovery();
    let files = Files { base: file, increment: Vec::new() };
    let directory = write_files(oracle.directory(), &files)?;
    check(oracle, &directory)?;
    restart(oracle, session, &directory, clock)?;
    same_keys(&mut engine, clock, oracle).context("an export of Brooklet")
}

/// Plays the commands of a session on Redis, which writes a journal, and loads that.
fn theirs_in_ours(oracle: &mut Oracle, session: &Session) -> Result<()> {
    let directory = oracle.directory().join("theirs");
    if directory.exists() {
        fs::remove_dir_all(&directory)?;
    }
    fs::create_dir_all(&directory)?;
    oracle.set_clock(START)?;
    oracle.restart(&settings(oracle, session, &directory)).context("it does not restart")?;
    let mut client = oracle.connect()?;
    let mut clock = START;
    for event in &session.events {
        match event {
            Event::Pass(millis) => {
                clock += millis;
                oracle.set_clock(clock)?;
                oracle.settle(16).context("it does not settle")?;
            }
            // Nobody is there to wake a reader.
            Event::Send(_, words) if words.iter().any(|it| it.eq_ignore_ascii_case(b"BLOCK")) => {}
            Event::Send(_, words) => {
                let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
                let said = || words.join(&b' ').escape_ascii().to_string();
                client.ask(&words).with_context(said)?;
            }
        }
    }
    oracle.settle(16).context("it does not settle")?;
    let mut engine = engine(session);
    engine.begin_recovery(clock);
    let folder = directory.join("appendonlydir");
    let mut names: Vec<_> =
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    names.sort();
    for path in names.iter().filter(|path| path.extension().is_some_and(|it| it == "aof")) {
        let bytes = fs::read(path)?;
        // A base that holds nothing yet is a snapshot all the same.
        if bytes.starts_with(b"REDIS") {
            continue;
        }
        engine.begin_file(JournalFile::Increment);
        let read = engine.recover(clock, &bytes);
        read.map_err(|error| anyhow!("{}: {error:?}", path.display()))?;
    }
    engine.end_recovery();
    // Redis loads it too: it leaves out what a history read and a claim of nothing change.
    restart(oracle, session, &directory, clock)?;
    same_keys(&mut engine, clock, oracle).context("a journal of Redis")
}

fn engine(session: &Session) -> Engine {
    let ((max_entries, max_bytes), (seconds, entries)) = (session.node_limits, session.idempotency);
    Engine::new(Config {
        block_limits: BlockLimits { max_entries, max_bytes },
        idempotency: IdempotencyLimits { seconds, entries },
        ..Config::default()
    })
}

/// Has the server load its files, and lets it forget what is over by then.
fn restart(oracle: &mut Oracle, session: &Session, directory: &Path, clock: i64) -> Result<()> {
    oracle.set_clock(clock + AFTER)?;
    oracle.restart(&settings(oracle, session, directory)).context("it does not restart")?;
    oracle.settle(16).context("it does not settle")
}

fn settings(oracle: &Oracle, session: &Session, directory: &Path) -> Vec<String> {
    let fixed = [
        ("--dir", directory.display().to_string()),
        ("--appendonly", "yes".to_owned()),
        ("--aof-use-rdb-preamble", "no".to_owned()),
        ("--appendfsync", "no".to_owned()),
    ];
    let own = session.settings().into_iter();
    let own = own.filter(|(name, _)| !(oracle.is_oldest() && name.contains("idmp")));
    let own = own.map(|(name, value)| (format!("--{name}"), value));
    let fixed = fixed.map(|(name, value)| (name.to_owned(), value));
    fixed.into_iter().chain(own).flat_map(|(name, value)| [name, value]).collect()
}

/// Lays the files out as Redis does.
fn write_files(parent: &Path, files: &Files) -> Result<PathBuf> {
    let directory = parent.join("ours");
    if directory.exists() {
        fs::remove_dir_all(&directory)?;
    }
    let folder = directory.join("appendonlydir");
    fs::create_dir_all(&folder)?;
    let mut manifest = String::new();
    if !files.base.is_empty() {
        fs::write(folder.join("appendonly.aof.1.base.aof"), &files.base)?;
        manifest.push_str("file appendonly.aof.1.base.aof seq 1 type b\n");
    }
    fs::write(folder.join("appendonly.aof.1.incr.aof"), &files.increment)?;
    manifest.push_str("file appendonly.aof.1.incr.aof seq 1 type i\n");
    fs::write(folder.join("appendonly.aof.manifest"), manifest)?;
    Ok(directory)
}

/// Has Redis' own checker look at the files, where it lies beside the server.
fn check(oracle: &Oracle, directory: &Path) -> Result<()> {
    let checker = oracle.server_path().with_file_name("redis-check-aof");
    if !checker.exists() {
        return Ok(());
    }
    let manifest = directory.join("appendonlydir/appendonly.aof.manifest");
    let output = Command::new(&checker).arg(&manifest).output().context("redis-check-aof")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "redis-check-aof: {said}");
    Ok(())
}

/// Asks both sides about every key of every database.
fn same_keys(engine: &mut Engine, clock: i64, oracle: &mut Oracle) -> Result<()> {
    let clock = clock + AFTER;
    let session = engine.open_session(clock, Form::Resp2).map_err(|_| anyhow!("no session"))?;
    let asked = |engine: &mut Engine, words: &[&[u8]]| -> Result<Vec<u8>> {
        engine.exchange(clock, session, &request(words));
        let heard = engine.output(session).map(|output| output.bytes.to_vec());
        engine.consume(session);
        heard.context("the engine answers")
    };
    for db in 0..16_u8 {
        let select: [&[u8]; 2] = [b"SELECT", &db.to_string().into_bytes()];
        asked(engine, &select)?;
        oracle.control(&select)?;
        let (ours, theirs) = (asked(engine, &[b"KEYS", b"*"])?, oracle.control(&[b"KEYS", b"*"])?);
        let (ours, theirs) = (sorted(&ours)?, sorted(&theirs)?);
        ensure!(ours == theirs, "the keys of database {db}: {theirs:?}, of Brooklet {ours:?}");
        for key in ours {
            let name = key.escape_ascii().to_string();
            let questions: [&[&[u8]]; 4] = [
                &[b"PEXPIRETIME", &key],
                &[b"GET", &key],
                &[b"XINFO", b"STREAM", &key, b"FULL", b"COUNT", b"0"],
                &[b"XINFO", b"GROUPS", &key],
            ];
            for question in questions {
                let oldest = oracle.is_oldest();
                let ours = compared(&asked(engine, question)?, oldest)?;
                let theirs = compared(&oracle.control(question)?, oldest)?;
                if ours != theirs {
                    let question = question[0].escape_ascii();
                    bail!("{question} of {name}:\n{}", where_they_part(&theirs, &ours));
                }
            }
        }
    }
    engine.close_session(session);
    Ok(())
}

/// Where two replies part, line by line.
fn where_they_part(theirs: &[Value], ours: &[Value]) -> String {
    const CONTEXT: usize = 4;
    let text = |values: &[Value]| -> Vec<String> {
        let texts = values.iter().map(|value| Reply::alone(value).text(2));
        texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
    };
    let (theirs, ours) = (text(theirs), text(ours));
    let same = theirs.iter().zip(&ours).take_while(|(one, other)| one == other).count();
    let around = |lines: &[String], who: &str| -> Vec<String> {
        let from = same.saturating_sub(CONTEXT);
        let lines = lines.iter().skip(from).take(2 * CONTEXT);
        lines.map(|line| format!("  {who}: {line}")).collect()
    };
    [around(&theirs, "Redis"), around(&ours, "Brooklet")].concat().join("\n")
}

fn sorted(reply: &[u8]) -> Result<Vec<Vec<u8>>> {
    let values = resp::parse_all(reply).map_err(|fault| anyhow!("{fault:?}"))?;
    let Some(Value::Array(names)) = values.into_iter().next() else { bail!("KEYS is a list") };
    let mut names: Vec<_> = names
        .into_iter()
        .filter_map(|name| match name {
            Value::Bulk(name) => Some(name),
            _ => None,
        })
        .collect();
    names.sort();
    Ok(names)
}

/// A reply without the numbers that are not compared.
fn compared(reply: &[u8], oldest: bool) -> Result<Vec<Value>> {
    let values = resp::parse_all(reply).map_err(|fault| anyhow!("{fault:?}"))?;
    Ok(without(values, oldest))
}

fn without(values: Vec<Value>, oldest: bool) -> Vec<Value> {
    let mut kept = Vec::new();
    let mut values = values.into_iter();
    while let Some(value) = values.next() {
        match value {
            Value::Array(values) => kept.push(Value::Array(without(values, oldest))),
            Value::Bulk(name) if oldest && YOUNGER.contains(&&name[..]) => drop(values.next()),
            // It counts otherwise where entries were deleted.
            Value::Bulk(name) if NOT_COMPARED.contains(&&name[..]) || oldest && name == b"lag" => {
                kept.extend([Value::Bulk(name), Value::Null]);
                values.next();
            }
            Value::Bulk(name) if oldest && name == b"pel" => {
                kept.push(Value::Bulk(b"pending".to_vec()));
            }
            other => kept.push(other),
        }
    }
    kept
}
