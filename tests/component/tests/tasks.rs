//! The flavour whose calls wait, as a host sees it.

use std::path::Path;

use component::Journals;
use component::tasks::databases::Options;
use component::tasks::{Host, Player, Reply, component, play};
use component::types::{
    AddOptions, EntryId, Error, Field, GroupOptions, GroupPosition, NewId, Position,
    ReadGroupOptions, ReadLimits, StreamEntries,
};
use notation::Protocol;
use notation::replay::{replay, scripts};
use notation::text::request;
use wasmtime::component::ResourceAny;

const PLENTY: usize = 1 << 30;
const NO_LIMITS: ReadLimits = ReadLimits { count: None, max_count: None, max_size: None };

/// Whoever runs the component must give it nothing but what `wit/wasi-0.3` says.
#[test]
fn it_imports_nothing_but_our_own_interfaces() {
    let component = component();
    let kind = component.component_type();
    let mut imports: Vec<_> =
        kind.imports(component.engine()).map(|(name, _)| name.to_owned()).collect();
    imports.sort();
    let ours = ["clock", "journal", "types"];
    assert_eq!(imports, ours.map(|it| format!("brooklet:streams/{it}@0.2.0")));
}

fn transcripts(durable: bool, protocols: &[Protocol]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../transcripts");
    let scripts = scripts(&folder).expect("transcripts");
    let outcome = replay(&scripts, &mut Player::new(durable), protocols, |_| true);
    assert_eq!(outcome.failed, 0, "{}", outcome.failures);
    assert!(outcome.played > 500, "{} scenarios", outcome.played);
}

/// Commands that block have their calls wait; other calls of the same instance wake them.
#[test]
fn raw_sessions_answer_as_redis_does() {
    transcripts(false, &[Protocol::Two, Protocol::Three]);
}

#[test]
fn raw_sessions_that_listen_answer_the_same_with_a_journal() {
    transcripts(true, &[Protocol::Three]);
}

type Added = Reply<Result<Option<EntryId>, Error>>;
type Read = Reply<Result<Vec<StreamEntries>, Error>>;

/// An instance with a database that has a stream `s` with a group `g`.
struct Jobs {
    host: Host,
    db: ResourceAny,
}

impl Jobs {
    fn in_memory() -> Self {
        Self::open(&Journals::default(), false).with_group()
    }

    fn durable(journals: &Journals) -> Self {
        Self::open(journals, true)
    }

    fn open(journals: &Journals, durable: bool) -> Self {
        let mut host = Host::new(journals, PLENTY);
        let db = open(&mut host, durable).expect("a database");
        Self { host, db }
    }

    fn with_group(mut self) -> Self {
        let (db, key, group) = (self.db, b"s".to_vec(), b"g".to_vec());
        let options = GroupOptions { create_stream: true, entries_read: None };
        let at = Position::After(EntryId { ms: 0, seq: 0 });
        let created = self.host.call(async move |accessor, engine| {
            let groups = engine.brooklet_streams_groups();
            groups.call_create(accessor, db, key, group, at, options).await.expect("no trap")
        });
        created.take().expect("it does not wait").expect("a group");
        self
    }

    fn add(&mut self, value: &[u8]) -> Added {
        let (db, key) = (self.db, b"s".to_vec());
        let fields = vec![Field { name: b"f".to_vec(), value: value.to_vec() }];
        let options = AddOptions { no_create: false, idempotency: None, trim: None };
        self.host.call(async move |accessor, engine| {
            let streams = engine.brooklet_streams_streams();
            let added = streams.call_add(accessor, db, key, NewId::Auto, fields, options).await;
            added.unwrap_or_else(|trap| Err(Error::Storage(trap.to_string())))
        })
    }

    fn read(&mut self, who: &str, wait: Option<u64>) -> Read {
        let (db, group, who) = (self.db, b"g".to_vec(), who.as_bytes().to_vec());
        let sources = vec![(b"s".to_vec(), GroupPosition::Undelivered)];
        let options = ReadGroupOptions { no_ack: false, claim: None };
        self.host.call(async move |accessor, engine| {
            let groups = engine.brooklet_streams_groups();
            let read =
                groups.call_read(accessor, db, group, who, sources, NO_LIMITS, options, wait);
            read.await.expect("no trap")
        })
    }

    fn length(&mut self) -> Reply<Result<u64, Error>> {
        let (db, key) = (self.db, b"s".to_vec());
        self.host.call(async move |accessor, engine| {
            engine.brooklet_streams_streams().call_length(accessor, db, key).await.expect("no trap")
        })
    }

    fn pending(&mut self) -> u64 {
        let (db, key, group) = (self.db, b"s".to_vec(), b"g".to_vec());
        let pending = self.host.call(async move |accessor, engine| {
            let groups = engine.brooklet_streams_groups();
            groups.call_pending(accessor, db, key, group).await.expect("no trap")
        });
        pending.take().expect("it does not wait").expect("a group").count
    }

    fn rewrite(&mut self) -> Reply<Result<(), Error>> {
        let db = self.db;
        self.host.call(async move |accessor, engine| {
            let databases = engine.brooklet_streams_databases().database();
            databases.call_rewrite(accessor, db).await.expect("no trap")
        })
    }

    /// Reads that wait: a plain function, which never waits itself.
    fn blocked(&mut self) -> u64 {
        let db = self.db;
        let figures = self.host.call(async move |accessor, engine| {
            let databases = engine.brooklet_streams_databases().database();
            databases.call_figures(accessor, db).await.expect("no trap")
        });
        figures.take().expect("it never waits").blocked
    }
}

fn open(host: &mut Host, durable: bool) -> Result<ResourceAny, Error> {
    let settings = vec![("enable-debug-command".into(), "yes".into())];
    let opened = host.call(async move |accessor, engine| {
        let databases = engine.brooklet_streams_databases().database();
        let options = Options { durable, settings };
        databases.call_open(accessor, "jobs".into(), options).await.expect("no trap")
    });
    opened.take().expect("it does not wait")
}

fn now<T>(reply: &Reply<Result<T, Error>>) -> T {
    reply.take().expect("it has returned").expect("no error")
}

fn ids(found: &[StreamEntries]) -> Vec<EntryId> {
    found.iter().flat_map(|it| &it.entries).map(|entry| entry.id).collect()
}

#[test]
fn a_read_waits_until_another_call_adds_the_entry() {
    let mut jobs = Jobs::in_memory();
    let read = jobs.read("one", Some(0));
    assert!(read.take().is_none(), "it waits");
    assert_eq!(jobs.blocked(), 1);
    let added = now(&jobs.add(b"first")).expect("a stream");
    let found = now(&read);
    assert_eq!(ids(&found), [added]);
    assert_eq!(found[0].entries[0].fields.as_ref().expect("fields")[0].value, b"first");
    assert_eq!((jobs.blocked(), jobs.pending()), (0, 1));
}

#[test]
fn readers_are_served_in_the_order_in_which_they_came() {
    let mut jobs = Jobs::in_memory();
    let names: Vec<_> = (0..20).map(|it| format!("reader {it}")).collect();
    let reads: Vec<_> = names.iter().map(|name| jobs.read(name, Some(0))).collect();
    for place in 0..reads.len() {
        let added = now(&jobs.add(b"v")).expect("a stream");
        assert_eq!(ids(&now(&reads[place])), [added]);
        assert!(reads[place + 1..].iter().all(|it| it.take().is_none()), "one entry, one reader");
    }
}

/// A host that only makes calls: nobody calls anything to let time pass.
#[test]
fn a_wait_ends_by_itself() {
    let mut jobs = Jobs::in_memory();
    let (late, early) = (jobs.read("late", Some(700)), jobs.read("early", Some(500)));
    assert_eq!(jobs.host.clock.awaited(), [1500], "one call of the host for all who wait");
    jobs.host.pass(1499);
    assert!(early.take().is_none());
    jobs.host.pass(1500);
    assert_eq!(now(&early), []);
    assert_eq!(jobs.host.clock.awaited(), [1700]);
    now(&jobs.add(b"v"));
    assert_eq!(ids(&now(&late)).len(), 1);
    assert_eq!(jobs.host.clock.awaited(), [0; 0], "nobody waits for anything");
    // Who keeps the time can be woken by an earlier one.
    let (long, short) = (jobs.read("long", Some(0)), jobs.read("short", Some(100)));
    jobs.host.pass(1600);
    assert_eq!(now(&short), []);
    assert!(long.take().is_none());
}

/// What the host wrote in one increment: how many frames.
fn frames(journals: &Journals) -> usize {
    journals.with("jobs", |it| {
        let last = it.increments.last().expect("an increment");
        last.windows(10).filter(|window| window == b"#BROOKLET:").count()
    })
}

/// Others are called while the journal is waited for, and share its next append; nobody hears of
/// anything before it would survive.
#[test]
fn calls_go_on_while_the_journal_is_written() {
    let journals = Journals::default();
    let mut jobs = Jobs::durable(&journals).with_group();
    let read = jobs.read("one", Some(0));
    let before = frames(&journals);
    jobs.host.disk.hold();
    let first = jobs.add(b"first");
    assert_eq!(jobs.host.disk.writing(), 1);
    let others: Vec<_> = (0..10).map(|_| jobs.add(b"other")).collect();
    let length = jobs.length();
    assert_eq!(jobs.host.disk.writing(), 1, "one append at a time");
    assert!(first.take().is_none() && length.take().is_none() && read.take().is_none());
    assert_eq!(jobs.blocked(), 0, "the entry was delivered, and nobody told of it");

    jobs.host.disk.release();
    jobs.host.settle();
    let added: Vec<_> = others.iter().map(|it| now(it).expect("a stream")).collect();
    assert!(added.is_sorted_by_key(|id| (id.ms, id.seq)));
    assert_eq!((ids(&now(&read)).len(), now(&length)), (1, 11));
    now(&first);
    assert_eq!(frames(&journals) - before, 2, "the others shared an append");
}

#[test]
fn a_failed_append_ends_the_database_and_everybody_hears_of_it() {
    let journals = Journals::default();
    let mut jobs = Jobs::durable(&journals).with_group();
    now(&jobs.add(b"safe"));
    now(&jobs.read("one", None));
    let read = jobs.read("one", Some(0));
    jobs.host.disk.hold();
    let (one, other, length) = (jobs.add(b"unsafe"), jobs.add(b"unsafe"), jobs.length());
    journals.with("jobs", |it| it.fails = Some("the disk is gone".into()));
    jobs.host.disk.release();
    jobs.host.settle();
    for failed in [one, other] {
        let failed = failed.take().expect("it has returned");
        assert!(matches!(&failed, Err(Error::Storage(why)) if why == "the disk is gone"));
    }
    assert!(matches!(length.take(), Some(Err(Error::Storage(_)))));
    assert!(matches!(read.take(), Some(Err(Error::Storage(_)))), "who waited hears of it");
    assert!(matches!(jobs.add(b"later").take(), Some(Err(Error::Storage(_)))));
    // The same instance opens it again: what is in the journal is what there is.
    jobs.db = open(&mut jobs.host, true).expect("a database");
    assert_eq!((now(&jobs.length()), jobs.pending()), (1, 1));
}

/// Two instances of one database: hosts start a second one before they know that the first is gone.
/// The first must not acknowledge anything that the second does not have.
#[test]
fn a_later_instance_fences_the_one_before() {
    let journals = Journals::default();
    let mut first = Jobs::durable(&journals).with_group();
    now(&first.add(b"before"));
    now(&first.read("one", None));
    let read = first.read("one", Some(0));
    let mut second = Jobs::durable(&journals);
    assert!(matches!(first.add(b"lost").take(), Some(Err(Error::Fenced(2)))));
    assert!(matches!(read.take(), Some(Err(Error::Fenced(2)))), "it has stopped");
    now(&second.add(b"after"));
    let mut third = Jobs::durable(&journals);
    assert_eq!(now(&third.length()), 2);
}

#[test]
fn a_journal_is_written_anew_while_others_are_called() {
    let journals = Journals::default();
    let mut jobs = Jobs::durable(&journals).with_group();
    for _ in 0..100 {
        now(&jobs.add(b"value"));
    }
    assert_eq!(ids(&now(&jobs.read("one", None))).len(), 100);
    jobs.host.disk.hold();
    let rewrite = jobs.rewrite();
    let meanwhile = jobs.add(b"meanwhile");
    assert!(rewrite.take().is_none() && meanwhile.take().is_none());
    jobs.host.disk.release();
    jobs.host.settle();
    now(&meanwhile);
    now(&rewrite);
    journals.with("jobs", |it| {
        assert!(it.base.is_some(), "the base is the journal's");
        assert_eq!(it.increments.len(), 1);
    });
    now(&jobs.add(b"afterwards"));
    drop(jobs);

    // An append that a crash has cut off was acknowledged to nobody.
    journals.with("jobs", |it| it.increments[0].extend(b"#BROOKLET:1 1 "));
    let mut jobs = Jobs::durable(&journals);
    assert_eq!((now(&jobs.length()), jobs.pending()), (102, 100));
}

#[test]
fn a_damaged_journal_is_refused_and_left_alone() {
    let journals = Journals::default();
    let mut jobs = Jobs::durable(&journals);
    now(&jobs.add(b"value"));
    drop(jobs);
    let damaged = journals.with("jobs", |it| {
        it.increments[0][60] ^= 1;
        it.increments[0].clone()
    });
    let refused = open(&mut Host::new(&journals, PLENTY), true).expect_err("damage");
    assert!(
        matches!(&refused, Error::Storage(why) if why.contains("file 0: byte 0")),
        "{refused:?}"
    );
    journals.with("jobs", |it| assert_eq!((it.epoch, &it.increments[0]), (1, &damaged)));
}

/// An instance that runs out of memory traps in the middle of a command. Nothing of it may be used
/// any more, and nothing that was acknowledged may be lost.
#[test]
fn a_trap_ends_the_instance_and_replay_brings_everything_back() {
    let journals = Journals::default();
    let mut host = Host::new(&journals, 4 << 20);
    let db = open(&mut host, true).expect("a database");
    let mut jobs = Jobs { host, db };
    let value = vec![b'x'; 100_000];
    let mut acknowledged = 0;
    while jobs.host.trap.is_none() {
        if let Some(Ok(Some(_))) = jobs.add(&value).take() {
            acknowledged += 1;
        }
        assert!(acknowledged < 100, "four megabytes hold no ten");
    }
    assert!(acknowledged > 3);
    drop(jobs);
    let mut jobs = Jobs::durable(&journals);
    assert_eq!(now(&jobs.length()), acknowledged);
}

/// A host of sockets: one task hands over what a client sends, one waits for what it is to hear.
#[test]
fn one_call_of_a_session_takes_its_replies() {
    let mut jobs = Jobs::in_memory();
    let db = jobs.db;
    let opened = jobs.host.call(async move |accessor, engine| {
        engine.brooklet_streams_raw().session().call_open(accessor, db).await.expect("no trap")
    });
    let session = now(&opened);
    let receive = |jobs: &mut Jobs| {
        jobs.host.call(async move |accessor, engine| {
            let sessions = engine.brooklet_streams_raw().session();
            sessions.call_receive(accessor, session).await.expect("no trap")
        })
    };
    let send = |jobs: &mut Jobs, words: &[&[u8]]| {
        let bytes = request(words);
        jobs.host.call(async move |accessor, engine| {
            let sessions = engine.brooklet_streams_raw().session();
            sessions.call_exchange(accessor, session, bytes).await.expect("no trap")
        })
    };
    // Alone, a call waits for its reply.
    let blocked = send(&mut jobs, &[b"XREAD", b"BLOCK", b"50", b"STREAMS", b"s", b"$"]);
    assert!(blocked.take().is_none());
    assert_eq!(now(&receive(&mut jobs)), b"", "one waits already");
    jobs.host.pass(1050);
    assert_eq!(now(&blocked), b"*-1\r\n");

    let heard = receive(&mut jobs);
    assert_eq!(now(&send(&mut jobs, &[b"PING"])), b"");
    assert_eq!(now(&heard), b"+PONG\r\n");
    // A session ends although a call of it waits.
    let heard = receive(&mut jobs);
    assert_eq!(now(&send(&mut jobs, &[b"XREAD", b"BLOCK", b"0", b"STREAMS", b"s", b"$"])), b"");
    assert_eq!(jobs.blocked(), 1);
    jobs.host.call(async move |accessor, engine| {
        engine.brooklet_streams_raw().session().call_close(accessor, session).await
    });
    assert!(matches!(heard.take(), Some(Err(Error::Closed))));
    assert_eq!(jobs.blocked(), 0);
}

/// Hosts of wasmtime cannot cancel calls yet, so a component does that uses this one.
#[test]
fn calls_are_called_off() {
    for scenario in [
        "a read that waits",
        "a read that has found something",
        "an append under way",
        "whoever drives for others",
    ] {
        let played = play(scenario).unwrap_or_else(|trap| Err(format!("{trap:?}")));
        assert_eq!(played, Ok(()), "{scenario}");
    }
}
