//! An instance of the component, and the ground that it stands on.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use wasmtime::component::{Component, HasSelf, Instance, Linker, ResourceAny, ResourceTable};
use wasmtime::{Config, Engine as Runtime, OptLevel, Store, StoreLimits, StoreLimitsBuilder};

use crate::bindings::Engine;
use crate::bindings::brooklet::streams::{clock, types, wake};
use crate::databases::Options;
use crate::journals::Journals;

/// What the component imports: a clock, journals, and what it has to tell.
pub struct Ground {
    /// Milliseconds since 1970.
    pub clock: u64,
    /// Who has something to take, in order; by their numbers.
    pub ready: Vec<u64>,
    /// When each database wants its next tick.
    pub ticks: BTreeMap<String, u64>,
    pub(crate) journals: Journals,
    pub(crate) table: ResourceTable,
    limits: StoreLimits,
}

impl clock::Host for Ground {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.clock)
    }
}

impl wake::Host for Ground {
    fn ready(&mut self, _: String, id: u64) -> wasmtime::Result<()> {
        self.ready.push(id);
        Ok(())
    }

    fn schedule(&mut self, database: String, at: Option<u64>) -> wasmtime::Result<()> {
        self.ticks.remove(&database);
        self.ticks.extend(at.map(|at| (database, at)));
        Ok(())
    }
}

impl types::Host for Ground {}

/// Compiles the component that `cargo xtask component` has built; `BROOKLET_COMPONENT` says where.
#[must_use]
pub fn compile(level: OptLevel) -> Component {
    let mut config = Config::new();
    config.cranelift_opt_level(level).concurrency_support(false);
    let runtime = Runtime::new(&config).expect("a configuration that fits the features");
    let path = std::env::var_os("BROOKLET_COMPONENT")
        .expect("BROOKLET_COMPONENT names the component: cargo xtask test component sets it");
    Component::from_file(&runtime, path).expect("a component")
}

/// The component, compiled once for all tests, which run for a few seconds.
pub fn component() -> &'static Component {
    static COMPILED: OnceLock<Component> = OnceLock::new();
    COMPILED.get_or_init(|| compile(OptLevel::None))
}

/// A database of an instance.
pub type Database = ResourceAny;

/// An instance.
pub struct Host {
    /// Its store, with the ground that it stands on.
    pub store: Store<Ground>,
    /// Its exports.
    pub engine: Engine,
    /// The same, to be looked up by name.
    pub(crate) instance: Instance,
}

/// In memory, or with a journal.
#[must_use]
pub fn options(durable: bool) -> Options {
    Options { durable, settings: vec![("enable-debug-command".into(), "yes".into())] }
}

impl Host {
    /// An instance at the time 1000 with these journals and so many bytes of memory at most.
    #[must_use]
    pub fn new(journals: &Journals, memory: usize) -> Self {
        Self::of(component(), journals, memory)
    }

    /// The same of another compilation.
    #[must_use]
    pub fn of(component: &Component, journals: &Journals, memory: usize) -> Self {
        let mut linker = Linker::new(component.engine());
        Engine::add_to_linker::<_, HasSelf<_>>(&mut linker, |ground: &mut Ground| ground)
            .expect("every import is there once");
        let ground = Ground {
            clock: 1000,
            ready: Vec::new(),
            ticks: BTreeMap::new(),
            journals: journals.clone(),
            table: ResourceTable::new(),
            limits: StoreLimitsBuilder::new().memory_size(memory).build(),
        };
        let mut store = Store::new(component.engine(), ground);
        store.limiter(|ground| &mut ground.limits);
        let instance = linker.instantiate(&mut store, component).expect("an instance");
        let engine = Engine::new(&mut store, &instance).expect("every export");
        Self { store, engine, instance }
    }

    /// Opens a database.
    pub fn open(&mut self, name: &str, options: &Options) -> Result<Database, types::Error> {
        let databases = self.engine.brooklet_streams_databases().database();
        databases.call_open(&mut self.store, name, options).expect("no trap")
    }

    /// Lets time pass up to `clock`.
    pub fn pass(&mut self, database: Database, clock: u64) -> Result<(), types::Error> {
        self.store.data_mut().clock = clock;
        let databases = self.engine.brooklet_streams_databases().database();
        databases.call_tick(&mut self.store, database).expect("no trap")
    }

    /// Who has something to take, since this was asked last.
    pub fn take_ready(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.store.data_mut().ready)
    }
}
