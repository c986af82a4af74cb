//! An instance whose calls go on side by side.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

use wasmtime::component::{Accessor, Component, HasSelf, Linker, ResourceAny, ResourceTable};
use wasmtime::{Config, Engine as Runtime, OptLevel, Store, StoreLimitsBuilder};

use super::bindings::Engine;
use super::clock::Clock;
use super::world::{Disk, World};
use crate::journals::Journals;

/// Compiles a component that `cargo xtask component` has built; `variable` says where.
#[must_use]
pub fn compile(variable: &str, level: OptLevel) -> Component {
    let mut config = Config::new();
    config.cranelift_opt_level(level).wasm_component_model_async(true);
    let runtime = Runtime::new(&config).expect("a configuration that fits the features");
    let path = std::env::var_os(variable)
        .unwrap_or_else(|| panic!("{variable} names it: cargo xtask test component sets it"));
    Component::from_file(&runtime, path).expect("a component")
}

/// The component, compiled once for all tests, which run for a few seconds.
pub fn component() -> &'static Component {
    static COMPILED: OnceLock<Component> = OnceLock::new();
    COMPILED.get_or_init(|| compile("BROOKLET_ASYNC_COMPONENT", OptLevel::None))
}

type Going<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;
type Job = Box<dyn for<'a> FnOnce(&'a Accessor<World>, &'a Engine) -> Going<'a>>;

/// An instance. It goes on only in [`Host::settle`], and in whatever calls that.
pub struct Host {
    /// Its clock.
    pub clock: Clock,
    /// Its disk.
    pub disk: Disk,
    running: Pin<Box<dyn Future<Output = wasmtime::Result<()>>>>,
    jobs: Arc<Mutex<VecDeque<Job>>>,
    dropped: Arc<Mutex<Vec<ResourceAny>>>,
    woken: Arc<Woken>,
    /// How it has ended.
    pub trap: Option<wasmtime::Error>,
}

/// Whether something has happened since the instance was polled.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// What a call will return.
pub struct Reply<T>(Arc<Mutex<Option<T>>>);

impl<T> Reply<T> {
    /// What it has returned; `None`: it waits.
    #[must_use]
    pub fn take(&self) -> Option<T> {
        self.0.lock().expect("no test holds it").take()
    }
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
        let (clock, disk) = (Clock::default(), Disk::default());
        clock.set(1000);
        let world = World {
            clock: clock.clone(),
            disk: disk.clone(),
            journals: journals.clone(),
            table: ResourceTable::new(),
            limits: StoreLimitsBuilder::new().memory_size(memory).build(),
        };
        let jobs = Arc::<Mutex<VecDeque<Job>>>::default();
        let dropped = Arc::<Mutex<Vec<ResourceAny>>>::default();
        let running = run(component.clone(), world, Arc::clone(&jobs), Arc::clone(&dropped));
        let (running, woken) = (Box::pin(running), Arc::default());
        Self { clock, disk, running, jobs, dropped, woken, trap: None }
    }

    /// Makes a call, which goes on as far as it can.
    pub fn call<T: 'static>(
        &mut self,
        call: impl for<'a> AsyncFnOnce(&'a Accessor<World>, &'a Engine) -> T + 'static,
    ) -> Reply<T> {
        let reply = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&reply);
        let job: Job = Box::new(move |accessor, engine| {
            Box::pin(async move {
                let returned = call(accessor, engine).await;
                *slot.lock().expect("no test holds it") = Some(returned);
            })
        });
        self.jobs.lock().expect("no test holds it").push_back(job);
        self.woken.0.store(true, Ordering::SeqCst);
        self.settle();
        Reply(reply)
    }

    /// Drops a handle, as soon as no call waits.
    pub fn drop_handle(&mut self, handle: ResourceAny) {
        self.dropped.lock().expect("no test holds it").push(handle);
        self.woken.0.store(true, Ordering::SeqCst);
        self.settle();
    }

    /// Lets all calls go on as far as they can.
    pub fn settle(&mut self) {
        let waker = Waker::from(Arc::clone(&self.woken));
        while self.trap.is_none() && self.woken.0.swap(false, Ordering::SeqCst) {
            let polled = self.running.as_mut().poll(&mut Context::from_waker(&waker));
            if let Poll::Ready(ended) = polled {
                self.trap = Some(ended.expect_err("it goes on until it fails"));
            }
        }
    }

    /// Sets the clock.
    pub fn pass(&mut self, clock: u64) {
        self.clock.set(clock);
        self.settle();
    }
}

async fn run(
    component: Component,
    world: World,
    jobs: Arc<Mutex<VecDeque<Job>>>,
    dropped: Arc<Mutex<Vec<ResourceAny>>>,
) -> wasmtime::Result<()> {
    let mut linker = Linker::new(component.engine());
    Engine::add_to_linker::<_, HasSelf<_>>(&mut linker, |world: &mut World| world)?;
    let mut store = Store::new(component.engine(), world);
    store.limiter(|world| &mut world.limits);
    let engine = Engine::instantiate_async(&mut store, &component, &linker).await?;
    loop {
        let handles = store.run_concurrent(async |accessor| {
            let mut going: Vec<Going<'_>> = Vec::new();
            poll_fn(|cx| {
                let new = std::mem::take(&mut *jobs.lock().expect("no test holds it"));
                going.extend(new.into_iter().map(|job| job(accessor, &engine)));
                going.retain_mut(|it| it.as_mut().poll(cx).is_pending());
                let mut dropped = dropped.lock().expect("no test holds it");
                if going.is_empty() && !dropped.is_empty() {
                    return Poll::Ready(std::mem::take(&mut *dropped));
                }
                Poll::Pending
            })
            .await
        });
        // Wasmtime drops handles only while nothing else goes on.
        for handle in handles.await? {
            handle.resource_drop_async(&mut store).await?;
        }
    }
}
