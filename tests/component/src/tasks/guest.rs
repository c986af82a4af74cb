//! The component in one with another that uses it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

use wasmtime::component::{Component, HasSelf, Linker, ResourceTable};
use wasmtime::{OptLevel, Store, StoreLimits};

use super::bindings::brooklet::streams::{clock, journal};
use super::clock::Clock;
use super::host;
use super::world::{Disk, World};
use crate::journals::Journals;

/// Plays a scenario of `tests/guest`. Appends return when nobody can go on without them, and time
/// passes when not even that helps.
pub fn play(scenario: &str) -> wasmtime::Result<Result<(), String>> {
    let (clock, disk) = (Clock::default(), Disk::default());
    clock.set(1000);
    disk.hold();
    let world = World {
        clock: clock.clone(),
        disk: disk.clone(),
        journals: Journals::default(),
        table: ResourceTable::new(),
        limits: StoreLimits::default(),
    };
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut playing = Box::pin(run(world, scenario.to_owned()));
    loop {
        woken.0.store(false, Ordering::SeqCst);
        if let Poll::Ready(played) = playing.as_mut().poll(&mut Context::from_waker(&waker)) {
            assert_eq!(disk.writing(), 0, "an append was not seen to its end");
            return played;
        }
        if woken.0.load(Ordering::SeqCst) {
            continue;
        }
        if disk.writing() > 0 {
            disk.turn();
        } else {
            let next = clock.awaited().into_iter().min();
            clock.set(next.expect("something that is waited for"));
        }
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

async fn run(world: World, scenario: String) -> wasmtime::Result<Result<(), String>> {
    static COMPILED: OnceLock<Component> = OnceLock::new();
    let component = COMPILED.get_or_init(|| host::compile("BROOKLET_GUEST", OptLevel::None));
    let mut linker = Linker::new(component.engine());
    clock::add_to_linker::<_, HasSelf<_>>(&mut linker, |world: &mut World| world)?;
    journal::add_to_linker::<_, HasSelf<_>>(&mut linker, |world: &mut World| world)?;
    let mut store = Store::new(component.engine(), world);
    let instance = linker.instantiate_async(&mut store, component).await?;
    let play = instance.get_typed_func::<(String,), (Result<(), String>,)>(&mut store, "play")?;
    let played =
        store.run_concurrent(async |accessor| play.call_concurrent(accessor, (scenario,)).await);
    Ok(played.await??.0)
}
