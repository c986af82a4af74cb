//! What the component imports: a clock that is set, and journals on a disk that may be slow.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use wasmtime::StoreLimits;
use wasmtime::component::{Accessor, HasSelf, Resource, ResourceTable};

use super::bindings::brooklet::streams::{clock, journal};
use super::clock::Clock;
use crate::bindings::brooklet::streams::journal as other;
use crate::bindings::brooklet::streams::types;
use crate::journals::{Journals, OpenLog, Stored};
use journal::{Error, File, Kind};

/// Whether calls that write return, or wait until the disk is released.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<Hold>>);

#[derive(Debug, Default)]
struct Hold {
    held: bool,
    /// How often the calls were let through that had been made by then.
    turns: u64,
    writing: usize,
    wakers: Vec<Waker>,
}

impl Disk {
    /// From now on, calls that write do not return.
    pub fn hold(&self) {
        self.lock().held = true;
    }

    /// They do again.
    pub fn release(&self) {
        let mut hold = self.lock();
        hold.held = false;
        hold.wakers.drain(..).for_each(Waker::wake);
    }

    /// The calls that were made until now return, those that come do not.
    pub fn turn(&self) {
        let mut hold = self.lock();
        hold.turns += 1;
        hold.wakers.drain(..).for_each(Waker::wake);
    }

    /// Calls that write and have not returned.
    #[must_use]
    pub fn writing(&self) -> usize {
        self.lock().writing
    }

    fn lock(&self) -> MutexGuard<'_, Hold> {
        // A test that failed elsewhere leaves a whole state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(&self) {
        let _writing = Writing::on(self);
        let turns = self.lock().turns;
        poll_fn(|cx| {
            let mut hold = self.lock();
            if hold.held && hold.turns == turns {
                hold.wakers.push(cx.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }
}

/// A write that has not returned; nor was it cancelled.
struct Writing<'a>(&'a Disk);

impl<'a> Writing<'a> {
    fn on(disk: &'a Disk) -> Self {
        disk.lock().writing += 1;
        Self(disk)
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.lock().writing -= 1;
    }
}

/// The data of an instance's store.
pub struct World {
    pub(super) clock: Clock,
    pub(super) disk: Disk,
    pub(super) journals: Journals,
    pub(super) table: ResourceTable,
    pub(super) limits: StoreLimits,
}

impl types::Host for World {}

impl clock::Host for World {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.clock.now())
    }
}

impl clock::HostWithStore<World> for HasSelf<World> {
    async fn wait_until(accessor: &Accessor<World, Self>, at: u64) -> wasmtime::Result<()> {
        let wait = accessor.with(|mut access| access.get().clock.wait_until(at));
        wait.await;
        Ok(())
    }
}

type Log = Resource<OpenLog>;
type Done<T> = wasmtime::Result<Result<T, Error>>;

impl World {
    fn log<T>(&mut self, log: &Log, act: impl FnOnce(&mut Stored) -> T) -> wasmtime::Result<T> {
        let name = &self.table.get(log)?.name;
        Ok(self.journals.with(name, act))
    }
}

/// Waits for the disk, then acts on a journal.
async fn write(
    accessor: &Accessor<World, HasSelf<World>>,
    log: Log,
    act: impl FnOnce(&mut Stored) -> Result<(), other::Error>,
) -> Done<()> {
    let disk = accessor.with(|mut access| access.get().disk.clone());
    disk.write().await;
    let written = accessor.with(|mut access| access.get().log(&log, act))?;
    Ok(written.map_err(Error::from))
}

impl From<other::Error> for Error {
    fn from(error: other::Error) -> Self {
        match error {
            other::Error::Fenced(epoch) => Self::Fenced(epoch),
            other::Error::Conflict(end) => Self::Conflict(end),
            other::Error::Full => Self::Full,
            other::Error::Failed(why) => Self::Failed(why),
        }
    }
}

impl journal::Host for World {}

impl journal::HostLog for World {
    fn files(&mut self, log: Log) -> wasmtime::Result<Vec<File>> {
        self.log(&log, |stored| {
            let files = stored.files();
            files
                .enumerate()
                .map(|(place, (kind, bytes))| File {
                    name: format!("file {place}"),
                    kind: match kind {
                        other::Kind::Base => Kind::Base,
                        other::Kind::Increment => Kind::Increment,
                    },
                    length: bytes.len() as u64,
                })
                .collect()
        })
    }

    fn epoch(&mut self, log: Log) -> wasmtime::Result<u64> {
        self.log(&log, |stored| stored.epoch)
    }

    fn drop(&mut self, log: Log) -> wasmtime::Result<()> {
        self.table.delete(log)?;
        Ok(())
    }
}

impl journal::HostLogWithStore<World> for HasSelf<World> {
    async fn open(accessor: &Accessor<World, Self>, name: String) -> Done<Log> {
        accessor.with(|mut access| {
            let world = access.get();
            Ok(Ok(world.table.push(OpenLog::new(name, &world.journals))?))
        })
    }

    async fn read(
        accessor: &Accessor<World, Self>,
        log: Log,
        file: u32,
        offset: u64,
        length: u32,
    ) -> Done<Vec<u8>> {
        accessor.with(|mut access| {
            access.get().log(&log, |stored| Ok(stored.read(file, offset, length)))
        })
    }

    async fn start(accessor: &Accessor<World, Self>, log: Log, epoch: u64, end: u64) -> Done<()> {
        let writes =
            accessor.with(|mut access| access.get().table.get(&log).map(|it| it.writes))?;
        write(accessor, log, |stored| stored.start(epoch, end as usize, writes)).await
    }

    async fn append(
        accessor: &Accessor<World, Self>,
        log: Log,
        epoch: u64,
        end: u64,
        frame: Vec<u8>,
    ) -> Done<()> {
        write(accessor, log, |stored| stored.write(epoch)?.append(end, &frame)).await
    }

    async fn begin_base(accessor: &Accessor<World, Self>, log: Log, epoch: u64) -> Done<()> {
        write(accessor, log, |stored| stored.write(epoch).map(Stored::begin_base)).await
    }

    async fn write_base(
        accessor: &Accessor<World, Self>,
        log: Log,
        epoch: u64,
        bytes: Vec<u8>,
    ) -> Done<()> {
        write(accessor, log, |stored| stored.write(epoch)?.write_base(&bytes)).await
    }

    async fn commit_base(accessor: &Accessor<World, Self>, log: Log, epoch: u64) -> Done<()> {
        write(accessor, log, |stored| stored.write(epoch).map(Stored::commit_base)).await
    }
}
