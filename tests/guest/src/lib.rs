//! A component that uses the component whose calls wait, and calls them off.
//!
//! Hosts of wasmtime 48 cannot cancel calls; components can. Scenarios that need the host to do
//! something in between are told so by what the host sees: which appends are under way.

#[allow(unsafe_code, missing_docs, clippy::pedantic)]
mod generated {
    wit_bindgen::generate!({
        path: ["../../wit/wasi-0.3", "wit"],
        world: "brooklet:guest/guest",
        generate_all,
    });

    use super::Scenarios;

    export!(Scenarios);
}

use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use generated::brooklet::streams::databases::{Database, Options};
use generated::brooklet::streams::types::{
    AddOptions, Bound, EntryId, Error, Field, GroupOptions, GroupPosition, NewId, PendingEntry,
    PendingQuery, PendingSummary, Position, ReadGroupOptions, ReadLimits, StreamEntries,
};
use generated::brooklet::streams::{groups, streams};

struct Scenarios;

impl generated::Guest for Scenarios {
    async fn play(scenario: String) -> Result<(), String> {
        let played = match scenario.as_str() {
            "a read that waits" => a_read_that_waits().await,
            "a read that has found something" => a_read_that_has_found_something().await,
            "an append under way" => an_append_under_way().await,
            "whoever drives for others" => whoever_drives_for_others().await,
            _ => return Err("an unknown scenario".into()),
        };
        played.map_err(|error| format!("{error:?}"))
    }
}

/// What a scenario comes to: an error of the component, or something that is not as it should be.
type Played = Result<(), Wrong>;

#[derive(Debug)]
enum Wrong {
    #[expect(dead_code, reason = "it is printed")]
    Error(Error),
    #[expect(dead_code, reason = "it is printed")]
    Is(&'static str),
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

fn expect(what: &'static str, is: bool) -> Played {
    if is { Ok(()) } else { Err(Wrong::Is(what)) }
}

/// Has a call go on as far as it can; `true`: it waits.
fn waits<T>(call: Pin<&mut impl Future<Output = T>>) -> bool {
    call.poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

/// A call that was cancelled while it waited has delivered nothing, to nobody.
async fn a_read_that_waits() -> Played {
    let db = open(false).await?;
    {
        let mut read = pin!(read(&db, "gone", Some(0)));
        expect("it does not wait", waits(read.as_mut()))?;
        expect("it is not blocked", db.figures().blocked == 1)?;
    }
    expect("it is blocked after it was cancelled", db.figures().blocked == 0)?;
    add(&db).await?;
    expect("something is pending", pending(&db).await?.count == 0)?;
    expect("nobody else gets it", read(&db, "other", None).await?.len() == 1)
}

/// The entry is found and in the journal, which the host holds: the caller has not heard of it.
async fn a_read_that_has_found_something() -> Played {
    let db = open(true).await?;
    let mut other = pin!(read(&db, "other", Some(0)));
    {
        let mut gone = pin!(read(&db, "gone", Some(0)));
        expect("it does not wait", waits(gone.as_mut()))?;
        expect("nor the other", waits(other.as_mut()))?;
        let mut added = pin!(add(&db));
        expect("the journal is not held", waits(added.as_mut()))?;
        expect("nothing was found", db.figures().blocked == 1)?;
    }
    // The host lets the journal go on as soon as this call waits for it.
    let summary = pending(&db).await?;
    expect("it is not pending", summary.count == 1)?;
    let entries = pending_entries(&db).await?;
    expect("it is somebody's", entries[0].consumer.is_none())?;
    expect("the delivery counts", entries[0].deliveries == 0)?;
    expect("the other got it, which had asked for new ones", waits(other.as_mut()))?;
    // The clock says 1000; what was given back is idle since 1970.
    let options = ReadGroupOptions { no_ack: false, claim: Some(1000) };
    let found = read_with(&db, "third", None, options).await?;
    expect("it cannot be claimed", found.len() == 1 && found[0].entries.len() == 1)
}

/// A call that is cancelled has its append go on; the next call sees to its end.
async fn an_append_under_way() -> Played {
    let db = open(true).await?;
    {
        let mut gone = pin!(add(&db));
        expect("the journal is not held", waits(gone.as_mut()))?;
    }
    add(&db).await?;
    let length = streams::length(&db, b"s".to_vec()).await?;
    expect("an entry is missing", length == 2)
}

/// Who drives the append for all, and who keeps the time for all, are called off.
async fn whoever_drives_for_others() -> Played {
    let db = open(true).await?;
    let mut reads: Vec<_> = ["a", "b", "c"].map(|who| Box::pin(read(&db, who, Some(500)))).into();
    for read in &mut reads {
        expect("it does not wait", waits(read.as_mut()))?;
    }
    drop(reads.remove(0));
    let mut adds: Vec<_> = (0..3).map(|_| Box::pin(add(&db))).collect();
    for add in &mut adds {
        expect("the journal is not held", waits(add.as_mut()))?;
    }
    drop(adds.remove(0));
    for add in adds {
        add.await?;
    }
    for read in reads {
        expect("it got nothing", read.await?.len() == 1)?;
    }
    // One more waits for its time, which the host lets come.
    expect("it got something", read(&db, "d", None).await?.len() == 1)?;
    expect("it got something", read(&db, "d", Some(500)).await?.is_empty())
}

async fn open(durable: bool) -> Result<Database, Error> {
    let db = Database::open("jobs".into(), Options { durable, settings: Vec::new() }).await?;
    let options = GroupOptions { create_stream: true, entries_read: None };
    let at = Position::After(EntryId { ms: 0, seq: 0 });
    groups::create(&db, b"s".to_vec(), b"g".to_vec(), at, options).await?;
    Ok(db)
}

async fn add(db: &Database) -> Result<Option<EntryId>, Error> {
    let fields = vec![Field { name: b"f".to_vec(), value: b"v".to_vec() }];
    let options = AddOptions { no_create: false, idempotency: None, trim: None };
    streams::add(db, b"s".to_vec(), NewId::Auto, fields, options).await
}

async fn read(db: &Database, who: &str, wait: Option<u64>) -> Result<Vec<StreamEntries>, Error> {
    read_with(db, who, wait, ReadGroupOptions { no_ack: false, claim: None }).await
}

async fn read_with(
    db: &Database,
    who: &str,
    wait: Option<u64>,
    options: ReadGroupOptions,
) -> Result<Vec<StreamEntries>, Error> {
    let limits = ReadLimits { count: Some(1), max_count: None, max_size: None };
    let sources = vec![(b"s".to_vec(), GroupPosition::Undelivered)];
    groups::read(db, b"g".to_vec(), who.into(), sources, limits, options, wait).await
}

async fn pending(db: &Database) -> Result<PendingSummary, Error> {
    groups::pending(db, b"s".to_vec(), b"g".to_vec()).await
}

async fn pending_entries(db: &Database) -> Result<Vec<PendingEntry>, Error> {
    let query = PendingQuery {
        start: Bound::Unbounded,
        end: Bound::Unbounded,
        count: 10,
        min_idle: None,
        consumer: None,
    };
    groups::pending_entries(db, b"s".to_vec(), b"g".to_vec(), query).await
}
