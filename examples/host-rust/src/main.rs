//! Hosts the component: opens a database in `data`, adds a job and works it off.

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
use types::{Error, Field};
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
    let (done, length) = work(&component, "data")?;
    println!("worked off {done}; there were {length} jobs so far");
    Ok(())
}

/// Adds a job to the stream `jobs`, reads it for a worker, acknowledges it.
fn work(component: &Component, folder: &str) -> Result<(String, u64)> {
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
    let (key, group, worker) = (b"jobs".to_vec(), b"workers".to_vec(), b"alice".to_vec());
    let options = GroupOptions { create_stream: true, entries_read: None };
    match groups.call_create(&mut *store, db, &key, &group, Position::Latest, options)? {
        Ok(()) | Err(Error::BusyGroup) => {}
        Err(error) => return Err(error.into()),
    }
    let fields = [Field { name: b"task".to_vec(), value: b"resize".to_vec() }];
    let options = AddOptions { no_create: false, idempotency: None, trim: None };
    streams.call_add(&mut *store, db, &key, NewId::Auto, &fields, &options)??;

    let sources = [(key.clone(), GroupPosition::Undelivered)];
    let limits = ReadLimits { count: Some(10), max_count: None, max_size: None };
    let options = ReadGroupOptions { no_ack: false, claim: None };
    let found =
        groups.call_read(&mut *store, db, &group, &worker, &sources, limits, options, None)??;
    let mut done = Vec::new();
    if let Found::Entries(found) = found {
        for entry in found.into_iter().flat_map(|stream| stream.entries) {
            groups.call_ack(&mut *store, db, &key, &group, &[entry.id])??;
            done.push(format!("{}-{}", entry.id.ms, entry.id.seq));
        }
    }
    let length = streams.call_length(&mut *store, db, &key)??;
    Ok((done.join(", "), length))
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
        for run in 1..=2 {
            let work = super::work(&component, folder.to_str().expect("text"));
            let (done, length) = work.expect("a run");
            assert_eq!((done.split(", ").count(), length), (1, run));
        }
        std::fs::remove_dir_all(folder).expect("its files");
    }
}
