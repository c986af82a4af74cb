//! Hosts the component: opens a database in `data`, adds two jobs, and has two workers at them.

mod bindings;
mod directory;

use std::time::{SystemTime, UNIX_EPOCH};

use bindings::Engine;
use bindings::brooklet::streams::{clock, types, wake};
use bindings::exports::brooklet::streams::databases::Options;
use bindings::exports::brooklet::streams::groups::{GroupOptions, GroupPosition, ReadGroupOptions};
use bindings::exports::brooklet::streams::streams::{
    AddOptions, Found, NewId, Position, ReadLimits,
};
use types::{Entry, EntryId, Error, Field};
use wasmtime::component::{Component, HasSelf, Linker, ResourceTable};
use wasmtime::{Result, Store};

/// What the component imports.
#[derive(Default)]
struct Ground {
    table: ResourceTable,
    /// When to call `tick`, in milliseconds since 1970. A program that goes on sets a timer.
    tick: Option<u64>,
}

impl clock::Host for Ground {
    fn now(&mut self) -> Result<u64> {
        Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as u64)
    }
}

impl wake::Host for Ground {
    /// A read or a session that waited has something to take. Nothing waits here.
    fn ready(&mut self, _database: String, _id: u64) -> Result<()> {
        Ok(())
    }

    fn schedule(&mut self, _database: String, at: Option<u64>) -> Result<()> {
        self.tick = at;
        Ok(())
    }
}

impl types::Host for Ground {}

fn main() -> Result<()> {
    let component = std::env::args().nth(1).expect("usage: host-rust COMPONENT");
    let component = Component::from_file(&wasmtime::Engine::default(), component)?;
    println!("{}", work(&component, "data")?);
    Ok(())
}

/// Alice takes a job and vanishes; Bob works off his own and hers.
fn work(component: &Component, folder: &str) -> Result<String> {
    let runtime = component.engine();
    let mut linker = Linker::new(runtime);
    Engine::add_to_linker::<_, HasSelf<_>>(&mut linker, |ground: &mut Ground| ground)?;
    let mut store = Store::new(runtime, Ground::default());
    let store = &mut store;
    let brooklet = Engine::instantiate(&mut *store, component, &linker)?;

    let durable = Options { durable: true, settings: Vec::new() };
    let databases = brooklet.brooklet_streams_databases().database();
    let db = databases.call_open(&mut *store, folder, &durable)??;

    let (streams, groups) =
        (brooklet.brooklet_streams_streams(), brooklet.brooklet_streams_groups());
    let (key, group) = (b"jobs".to_vec(), b"workers".to_vec());
    let options = GroupOptions { create_stream: true, entries_read: None };
    match groups.call_create(&mut *store, db, &key, &group, Position::Latest, options)? {
        Ok(()) | Err(Error::BusyGroup) => {}
        Err(error) => return Err(error.into()),
    }
    for task in ["resize", "upload"] {
        let fields = [Field { name: b"task".to_vec(), value: task.into() }];
        let options = AddOptions { no_create: false, idempotency: None, trim: None };
        streams.call_add(&mut *store, db, &key, NewId::Auto, &fields, &options)??;
    }

    // The entries that a worker is delivered, one at most.
    let read = |store: &mut Store<Ground>, worker: &Vec<u8>| -> Result<Vec<Entry>> {
        let sources = [(key.clone(), GroupPosition::Undelivered)];
        let limits = ReadLimits { count: Some(1), max_count: None, max_size: None };
        let options = ReadGroupOptions { no_ack: false, claim: None };
        let found =
            groups.call_read(store, db, &group, worker, &sources, limits, options, None)??;
        let Found::Entries(found) = found else { return Ok(Vec::new()) };
        Ok(found.into_iter().flat_map(|stream| stream.entries).collect())
    };
    let (alice, bob) = (b"alice".to_vec(), b"bob".to_vec());
    read(store, &alice)?; // and never comes back.
    let done = ids(&read(store, &bob)?);
    groups.call_ack(&mut *store, db, &key, &group, &done)??;

    // Bob takes over what has been idle; a minute is more usual than no time at all.
    let start = EntryId { ms: 0, seq: 0 };
    let left =
        groups.call_auto_claim(&mut *store, db, &key, &group, &bob, 0, start, None, false)??;
    let claimed = ids(&left.entries);
    groups.call_ack(&mut *store, db, &key, &group, &claimed)??;

    let length = streams.call_length(&mut *store, db, &key)??;
    let (done, claimed) = (shown(&done), shown(&claimed));
    Ok(format!("bob worked off {done}, and {claimed} for alice; {length} jobs so far"))
}

fn ids(entries: &[Entry]) -> Vec<EntryId> {
    entries.iter().map(|entry| entry.id).collect()
}

fn shown(ids: &[EntryId]) -> String {
    ids.iter().map(|id| format!("{}-{}", id.ms, id.seq)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn jobs_are_there_in_the_next_run() {
        let path = std::env::var("BROOKLET_COMPONENT").expect("the path of the component");
        let mut config = wasmtime::Config::new();
        // What is compiled runs for a moment.
        config.cranelift_opt_level(wasmtime::OptLevel::None);
        let runtime = wasmtime::Engine::new(&config).expect("a runtime");
        let component = wasmtime::component::Component::from_file(&runtime, path).expect("one");
        let folder = std::env::temp_dir().join(format!("host-rust-{}", std::process::id()));
        for jobs in [2, 4] {
            let said = super::work(&component, folder.to_str().expect("text")).expect("a run");
            let (worked, length) = said.split_once("; ").expect("two parts");
            assert_eq!(worked.matches('-').count(), 2, "{said}");
            assert_eq!(length, format!("{jobs} jobs so far"));
        }
        std::fs::remove_dir_all(folder).expect("its files");
    }
}
