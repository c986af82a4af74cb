//! The component as a host sees it: its imports, its replies, its journal, its end.

use std::path::Path;

use component::groups::{
    ClaimOptions, GroupOptions, GroupPosition, NackMode, PendingQuery, ReadGroupOptions,
};
use component::streams::{AddOptions, Found, NewId, Position, ReadLimits, Threshold, TrimOptions};
use component::types::{Bound, Deletion, EntryId, Error, Field, References};
use component::{Database, Host, Journals, Player, component, options};
use notation::Protocol;
use notation::replay::{replay, scripts};
use notation::typed;

const PLENTY: usize = 1 << 30;
const NO_LIMITS: ReadLimits = ReadLimits { count: None, max_count: None, max_size: None };
const NEW_ONLY: ReadGroupOptions = ReadGroupOptions { no_ack: false, claim: None };

fn id(ms: u64, seq: u64) -> EntryId {
    EntryId { ms, seq }
}

/// An instance with a database that has a journal.
fn durable(journals: &Journals) -> (Host, Database) {
    let mut host = Host::new(journals, PLENTY);
    let database = host.open("jobs", &options(true)).expect("a database");
    (host, database)
}

fn in_memory() -> (Host, Database) {
    let mut host = Host::new(&Journals::default(), PLENTY);
    let database = host.open("jobs", &options(false)).expect("a database");
    (host, database)
}

/// Short words for what the tests do most.
trait Doing {
    fn add(&mut self, db: Database, new: NewId, value: &[u8]) -> Result<Option<EntryId>, Error>;
    fn create(&mut self, db: Database) -> Result<(), Error>;
    fn read(&mut self, db: Database, who: &str, wait: Option<u64>) -> Result<Found, Error>;
    fn length(&mut self, db: Database) -> u64;
    fn pending(&mut self, db: Database) -> u64;
}

impl Doing for Host {
    fn add(&mut self, db: Database, new: NewId, value: &[u8]) -> Result<Option<EntryId>, Error> {
        let fields = [Field { name: b"f".to_vec(), value: value.to_vec() }];
        let options = AddOptions { no_create: false, idempotency: None, trim: None };
        let streams = self.engine.brooklet_streams_streams();
        let key = b"s".to_vec();
        streams.call_add(&mut self.store, db, &key, new, &fields, &options).expect("no trap")
    }

    fn create(&mut self, db: Database) -> Result<(), Error> {
        let options = GroupOptions { create_stream: true, entries_read: None };
        let (key, group) = (b"s".to_vec(), b"g".to_vec());
        let groups = self.engine.brooklet_streams_groups();
        let at = Position::After(id(0, 0));
        groups.call_create(&mut self.store, db, &key, &group, at, options).expect("no trap")
    }

    fn read(&mut self, db: Database, who: &str, wait: Option<u64>) -> Result<Found, Error> {
        let sources = [(b"s".to_vec(), GroupPosition::Undelivered)];
        let (group, who) = (b"g".to_vec(), who.as_bytes().to_vec());
        let (store, groups) = (&mut self.store, self.engine.brooklet_streams_groups());
        let read = groups.call_read(store, db, &group, &who, &sources, NO_LIMITS, NEW_ONLY, wait);
        read.expect("no trap")
    }

    fn length(&mut self, db: Database) -> u64 {
        let streams = self.engine.brooklet_streams_streams();
        let length = streams.call_length(&mut self.store, db, &b"s".to_vec());
        length.expect("no trap").expect("a stream")
    }

    fn pending(&mut self, db: Database) -> u64 {
        let groups = self.engine.brooklet_streams_groups();
        let (key, group) = (b"s".to_vec(), b"g".to_vec());
        let pending = groups.call_pending(&mut self.store, db, &key, &group);
        pending.expect("no trap").expect("a group").count
    }
}

/// The IDs that a read found at once.
fn ids(found: Result<Found, Error>) -> Vec<EntryId> {
    match found.expect("a reply") {
        Found::Entries(streams) => {
            streams.iter().flat_map(|it| &it.entries).map(|entry| entry.id).collect()
        }
        Found::Pending(_) => panic!("the read waits"),
    }
}

/// Whoever runs the component must give it nothing but what `wit/` says.
#[test]
fn it_imports_nothing_but_our_own_interfaces() {
    let component = component();
    let kind = component.component_type();
    let imports: Vec<String> =
        kind.imports(component.engine()).map(|(name, _)| name.to_owned()).collect();
    let ours = ["clock", "journal", "types", "wake"];
    let mut ours: Vec<_> = ours.map(|it| format!("brooklet:streams/{it}@0.1.0")).into();
    ours.sort();
    let mut sorted = imports;
    sorted.sort();
    assert_eq!(sorted, ours);
}

fn transcripts(durable: bool, protocols: &[Protocol]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../transcripts");
    let scripts = scripts(&folder).expect("transcripts");
    let outcome = replay(&scripts, &mut Player::new(durable), protocols, |_| true);
    assert_eq!(outcome.failed, 0, "{}", outcome.failures);
    assert!(outcome.played > 500, "{} scenarios", outcome.played);
}

#[test]
fn typed_functions_answer_as_redis_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../transcripts");
    let scripts = scripts(&folder).expect("transcripts");
    let both = [Protocol::Two, Protocol::Three];
    let mut player = typed::Player::new(Player::new(false));
    let outcome = replay(&scripts, &mut player, &both, typed::is_playable);
    assert_eq!(outcome.failed, 0, "{}", outcome.failures);
    let share = player.share();
    println!("{share}");
    assert!(share.is_enough(), "{share}");
    let outcome = replay(&scripts, &mut player, &both, |it| !typed::is_playable(it));
    assert_eq!(outcome.failed, 2 * outcome.played, "what is played otherwise need not be left out");
    assert_eq!(outcome.played, typed::APART.len(), "every scenario that is left out is there");
}

#[test]
fn raw_sessions_answer_as_redis_does() {
    transcripts(false, &[Protocol::Two, Protocol::Three]);
}

#[test]
fn raw_sessions_answer_the_same_when_replies_wait_for_a_journal() {
    transcripts(true, &[Protocol::Three]);
}

#[test]
fn typed_functions_do_what_their_commands_do() {
    let (mut host, db) = in_memory();
    host.create(db).expect("a group");
    assert!(matches!(host.create(db), Err(Error::BusyGroup)));
    for ms in 1..=4 {
        let added = host.add(db, NewId::AutoSeq(ms), b"v").expect("an ID");
        assert_eq!(added, Some(id(ms, 0)));
    }
    assert!(matches!(
        host.add(db, NewId::Explicit(id(1, 0)), b"v"),
        Err(Error::Refused(refusal)) if refusal.code == "ERR"
    ));
    assert_eq!(ids(host.read(db, "c", None)), [id(1, 0), id(2, 0), id(3, 0), id(4, 0)]);
    assert_eq!(ids(host.read(db, "c", None)), []);

    let groups = host.engine.brooklet_streams_groups();
    let (store, key, group) = (&mut host.store, b"s".to_vec(), b"g".to_vec());
    let acked = groups.call_ack(&mut *store, db, &key, &group, &[id(1, 0), id(9, 0)]);
    assert_eq!(acked.unwrap().unwrap(), 1);
    let given = groups.call_nack(&mut *store, db, &key, &group, NackMode::Fail, &[id(2, 0)]);
    assert_eq!(given.unwrap().unwrap(), 1);
    let query = PendingQuery {
        start: Bound::Unbounded,
        end: Bound::Exclusive(id(4, 0)),
        count: 9,
        min_idle: None,
        consumer: None,
    };
    let rows = groups.call_pending_entries(&mut *store, db, &key, &group, &query);
    let rows = rows.unwrap().unwrap();
    let told: Vec<_> = rows.iter().map(|it| (it.id, it.consumer.as_deref(), it.idle)).collect();
    assert_eq!(told, [(id(2, 0), None, None), (id(3, 0), Some(&b"c"[..]), Some(0))]);

    let options =
        ClaimOptions { delivered: None, retry_count: Some(7), force: false, ids_only: false };
    let name = b"d".to_vec();
    let claimed = groups.call_claim(&mut *store, db, &key, &group, &name, 0, &[id(2, 0)], options);
    assert_eq!(claimed.unwrap().unwrap()[0].fields.as_ref().unwrap()[0].value, b"v");
    let step =
        groups.call_auto_claim(&mut *store, db, &key, &group, &name, 0, id(0, 0), None, true);
    let step = step.unwrap().unwrap();
    assert_eq!((step.cursor, step.entries.len()), (id(0, 0), 3));
    let summary = groups.call_pending(&mut *store, db, &key, &group).unwrap().unwrap();
    assert_eq!(summary.ids, Some((id(2, 0), id(4, 0))));
    assert_eq!(summary.consumers, [(b"d".to_vec(), 3)]);
    let infos = groups.call_info(&mut *store, db, &key).unwrap().unwrap();
    assert_eq!((infos[0].consumers, infos[0].pending, infos[0].lag), (2, 3, Some(0)));
    let consumers = groups.call_consumers(&mut *store, db, &key, &group).unwrap().unwrap();
    assert_eq!(consumers.iter().map(|it| it.pending).collect::<Vec<_>>(), [0, 3]);
    let missing = b"no".to_vec();
    assert!(matches!(
        groups.call_pending(&mut *store, db, &key, &missing).unwrap(),
        Err(Error::NoGroup)
    ));

    let streams = host.engine.brooklet_streams_streams();
    let deleted = streams.call_delete(
        &mut *store,
        db,
        &key,
        References::Acked,
        &[id(1, 0), id(2, 0), id(0, 9)],
    );
    let expected = [Deletion::Deleted, Deletion::Referenced, Deletion::NotFound];
    assert_eq!(deleted.unwrap().unwrap(), expected);
    let trim = TrimOptions {
        threshold: Threshold::MinId(id(3, 0)),
        approximate: false,
        limit: None,
        references: References::Keep,
    };
    assert_eq!(streams.call_trim(&mut *store, db, &key, trim).unwrap().unwrap(), 1);
    let back = streams.call_reverse_range(
        &mut *store,
        db,
        &key,
        Bound::Unbounded,
        Bound::Unbounded,
        Some(1),
    );
    assert_eq!(back.unwrap().unwrap()[0].id, id(4, 0));
    let info = streams.call_info(&mut *store, db, &key).unwrap().unwrap();
    assert_eq!((info.length, info.entries_added, info.groups), (2, 4, 1));
    assert_eq!(info.first_entry.unwrap().id, id(3, 0));
    assert!(streams.call_remove(&mut *store, db, &key).unwrap().unwrap());
}

/// An instance cannot be entered while it waits, so a read that waits is a handle: the call that
/// adds the entry goes through the same instance.
#[test]
fn a_read_that_waits_is_woken_by_another_call() {
    let (mut host, db) = in_memory();
    host.create(db).expect("a group");
    let Ok(Found::Pending(one)) = host.read(db, "one", Some(0)) else { panic!("it waits") };
    let Ok(Found::Pending(two)) = host.read(db, "two", Some(500)) else { panic!("it waits") };
    let Ok(Found::Pending(gone)) = host.read(db, "gone", Some(0)) else { panic!("it waits") };
    assert_eq!(host.store.data().ticks["jobs"], 1500);

    gone.resource_drop(&mut host.store).expect("no trap");
    let added = host.add(db, NewId::Auto, b"first").expect("an ID").expect("a stream");
    let reads = host.engine.brooklet_streams_streams().pending_read();
    let number = reads.call_id(&mut host.store, one).unwrap();
    assert_eq!(host.take_ready(), [number], "first come, first served");
    let reads = host.engine.brooklet_streams_streams().pending_read();
    let taken = reads.call_take(&mut host.store, one).unwrap().expect("a result").unwrap();
    assert_eq!(taken[0].entries[0].id, added);
    assert!(matches!(reads.call_take(&mut host.store, one).unwrap(), Some(Err(Error::Closed))));
    assert!(reads.call_take(&mut host.store, two).unwrap().is_none());

    host.pass(db, 1500).expect("a tick");
    assert_eq!(host.take_ready().len(), 1);
    let reads = host.engine.brooklet_streams_streams().pending_read();
    let taken = reads.call_take(&mut host.store, two).unwrap().expect("the wait is over");
    assert_eq!(taken.unwrap().len(), 0);
    assert!(!host.store.data().ticks.contains_key("jobs"));
    assert_eq!(host.pending(db), 1, "who had gone was delivered nothing");
}

#[test]
fn a_consumer_was_active_though_the_clock_has_stepped_back() {
    let (mut host, db) = in_memory();
    host.create(db).expect("a group");
    host.add(db, NewId::Auto, b"first").expect("an ID");
    host.read(db, "one", None).expect("an entry");
    host.read(db, "two", None).expect("no entry");
    host.pass(db, 400).expect("a tick");
    let groups = host.engine.brooklet_streams_groups();
    let (key, group) = (b"s".to_vec(), b"g".to_vec());
    let told = groups.call_consumers(&mut host.store, db, &key, &group).expect("no trap");
    let inactive: Vec<_> = told.expect("a group").iter().map(|it| it.inactive).collect();
    assert_eq!(inactive, [Some(0), None]);
}

#[test]
fn a_database_comes_back_from_its_journal() {
    let journals = Journals::default();
    let (mut host, db) = durable(&journals);
    host.create(db).expect("a group");
    for _ in 0..100 {
        host.add(db, NewId::Auto, b"value").expect("an ID");
    }
    assert_eq!(ids(host.read(db, "c", None)).len(), 100);

    // A rewrite goes on in ticks, between other calls.
    let databases = host.engine.brooklet_streams_databases().database();
    databases.call_rewrite(&mut host.store, db).unwrap().expect("it is due");
    assert_eq!(host.store.data().ticks["jobs"], 1000);
    host.pass(db, 1000).expect("a slice");
    host.add(db, NewId::Auto, b"meanwhile").expect("an ID");
    while host.store.data().ticks.contains_key("jobs") {
        host.pass(db, 1000).expect("a slice");
    }
    journals.with("jobs", |it| {
        assert!(it.base.is_some(), "the base is the journal's");
        assert_eq!(it.increments.len(), 1);
    });
    host.add(db, NewId::Auto, b"afterwards").expect("an ID");
    let sessions = host.engine.brooklet_streams_raw().session();
    let session = sessions.call_open(&mut host.store, db).unwrap().expect("a session");
    let request = b"SET k v PX 60000\r\n".to_vec();
    let reply = sessions.call_exchange(&mut host.store, session, &request);
    assert_eq!(reply.unwrap().unwrap(), b"+OK\r\n");
    drop(host);

    // An append that a crash has cut off was acknowledged to nobody.
    journals.with("jobs", |it| it.increments[0].extend(b"#BROOKLET:1 1 "));
    let (mut host, db) = durable(&journals);
    assert_eq!((host.length(db), host.pending(db)), (102, 100));
    let databases = host.engine.brooklet_streams_databases().database();
    let recovered = databases.call_recovered(&mut host.store, db).unwrap();
    assert_eq!((recovered.torn, recovered.epoch), (14, 2));
    assert_eq!(host.store.data().ticks["jobs"], 61_001, "a key expires, and the host knows when");
}

#[test]
fn a_damaged_journal_is_refused_and_left_alone() {
    let journals = Journals::default();
    let (mut host, db) = durable(&journals);
    for _ in 0..3 {
        host.add(db, NewId::Auto, b"value").expect("an ID");
    }
    drop(host);
    let damaged = journals.with("jobs", |it| {
        it.increments[0][60] ^= 1;
        it.increments[0].clone()
    });
    let mut host = Host::new(&journals, PLENTY);
    let refused = host.open("jobs", &options(true)).expect_err("damage");
    assert!(
        matches!(&refused, Error::Storage(why) if why.contains("file 0: byte 0")),
        "{refused:?}"
    );
    journals.with("jobs", |it| assert_eq!((it.epoch, &it.increments[0]), (1, &damaged)));
}

/// Two instances of one database: hosts start a second one before they know that the first is gone.
/// The first must not acknowledge anything that the second does not have.
#[test]
fn a_later_instance_fences_the_one_before() {
    let journals = Journals::default();
    let (mut first, old) = durable(&journals);
    first.add(old, NewId::Auto, b"before").expect("an ID");
    let (mut second, new) = durable(&journals);
    assert!(matches!(first.add(old, NewId::Auto, b"lost"), Err(Error::Fenced(2))));
    assert!(matches!(first.read(old, "c", None), Err(Error::Fenced(2))), "it has stopped");
    second.add(new, NewId::Auto, b"after").expect("an ID");
    drop((first, second));
    let (mut third, db) = durable(&journals);
    assert_eq!(third.length(db), 2);
}

/// The writer before goes on until the next one has started. What it acknowledged while the next
/// one read the journal must neither be cut off nor be missing in what that one opens.
#[test]
fn what_is_appended_while_another_opens_is_not_lost() {
    let journals = Journals::default();
    let (mut first, old) = durable(&journals);
    first.add(old, NewId::Auto, b"before").expect("an ID");
    let read = journals.with("jobs", |it| it.increments[0].len());
    first.add(old, NewId::Auto, b"meanwhile").expect("an ID");
    journals.with("jobs", |it| it.meanwhile = Some(it.increments[0].split_off(read)));
    let mut second = Host::new(&journals, PLENTY);
    let refused = second.open("jobs", &options(true)).expect_err("the journal has grown");
    assert!(
        matches!(&refused, Error::Storage(why) if why.contains("somebody else wrote")),
        "{refused:?}"
    );
    let db = second.open("jobs", &options(true)).expect("a database");
    assert_eq!(second.length(db), 2);
}

#[test]
fn a_failed_append_stops_the_database() {
    let journals = Journals::default();
    let (mut host, db) = durable(&journals);
    host.add(db, NewId::Auto, b"safe").expect("an ID");
    journals.with("jobs", |it| it.fails = Some("the disk is gone".into()));
    let failed = host.add(db, NewId::Auto, b"unsafe");
    assert!(matches!(&failed, Err(Error::Storage(why)) if why == "the disk is gone"));
    assert!(matches!(host.add(db, NewId::Auto, b"later"), Err(Error::Storage(_))));
    // The same instance opens it again: what is in the journal is what there is.
    let again = host.open("jobs", &options(true)).expect("a database");
    assert_eq!(host.length(again), 1);
}

/// An instance that runs out of memory traps in the middle of a command. Nothing of it may be used
/// any more, and nothing that was acknowledged may be lost.
#[test]
fn a_trap_ends_the_instance_and_replay_brings_everything_back() {
    let journals = Journals::default();
    let mut host = Host::new(&journals, 4 << 20);
    let db = host.open("jobs", &options(true)).expect("a database");
    let value = vec![b'x'; 100_000];
    let options_of_add = AddOptions { no_create: false, idempotency: None, trim: None };
    let fields = [Field { name: b"f".to_vec(), value }];
    let mut acknowledged = 0;
    let trap = loop {
        let streams = host.engine.brooklet_streams_streams();
        let key = b"s".to_vec();
        match streams.call_add(&mut host.store, db, &key, NewId::Auto, &fields, &options_of_add) {
            Ok(added) => acknowledged += u64::from(added.expect("an ID").is_some()),
            Err(trap) => break trap,
        }
        assert!(acknowledged < 100, "four megabytes hold no ten");
    };
    assert!(acknowledged > 3, "{trap:?}");
    let streams = host.engine.brooklet_streams_streams();
    streams.call_length(&mut host.store, db, &b"s".to_vec()).expect_err("it cannot be entered");
    drop(host);
    let (mut host, db) = durable(&journals);
    assert_eq!(host.length(db), acknowledged);
}
