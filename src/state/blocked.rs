//! Blocked readers: who waits for which key, in which order, and until when.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::call::{BlockedCall, SessionId};
use crate::agenda::Agenda;
use crate::named::Named;
use crate::time::{Millis, UnixMillis};

/// Why somebody else ends a session's wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// CLIENT UNBLOCK: as if its time had come.
    Timeout,
    /// CLIENT UNBLOCK … ERROR.
    Error,
    /// CLIENT KILL: the session is closed.
    Kill,
}

/// Somebody who waits for a key.
#[derive(Clone, Copy, Debug)]
struct Reader {
    place: u64,
    session: SessionId,
    wakes_on_missing: bool,
}

/// The readers of one key, by place.
#[derive(Debug, Default)]
struct Queue {
    readers: Vec<Reader>,
    /// Whether the key is in `Blocked::ready`.
    ready: bool,
    /// Whether the key is in `Blocked::changed`.
    changed: bool,
    /// When the readers try again although nothing happened. As in Redis this stays for a while
    /// when they have gone, and wakes those who came after them.
    wakes_at: Option<UnixMillis>,
}

/// For how long a key's time to try again is kept when nobody waits for it any more.
const KEPT: Millis = 60_000;

/// All blocked readers and the keys that became ready for them.
#[derive(Debug)]
pub struct Blocked {
    queues: Vec<Named<Queue>>,
    /// How many sessions wait.
    waiting: usize,
    /// When sessions give up, numbered by session.
    deadlines: Agenda,
    /// When readers try again, numbered by database, named by key.
    wakes: Agenda,
    /// The latest time that was heard of.
    now: UnixMillis,
    ready: Vec<(u32, Box<[u8]>)>,
    /// Keys with a time to try again that have changed, or have gone.
    changed: Vec<(u32, Box<[u8]>)>,
    next_place: u64,
    /// By session.
    interruptions: Vec<(SessionId, Interruption)>,
}

impl Blocked {
    /// Nobody waits.
    #[must_use]
    pub fn new(databases: u32) -> Self {
        Self {
            queues: (0..databases.max(1)).map(|_| Named::default()).collect(),
            waiting: 0,
            deadlines: Agenda::default(),
            wakes: Agenda::default(),
            now: 0,
            ready: Vec::new(),
            changed: Vec::new(),
            next_place: 0,
            interruptions: Vec::new(),
        }
    }

    /// How many sessions wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting
    }

    /// Whether nobody waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// How many keys are waited for, and for how many of them somebody wants to hear that they
    /// are gone.
    #[must_use]
    pub fn key_counts(&self) -> (usize, usize) {
        let queues = || {
            let all = self.queues.iter().flat_map(Named::iter).map(|(_, _, queue)| queue);
            all.filter(|queue| !queue.readers.is_empty())
        };
        let on_missing =
            queues().filter(|queue| queue.readers.iter().any(|reader| reader.wakes_on_missing));
        (queues().count(), on_missing.count())
    }

    /// Puts a session at the end of the queue of each of its keys.
    pub fn add(&mut self, session: SessionId, call: &mut BlockedCall) {
        self.next_place += 1;
        self.waiting += 1;
        call.place = self.next_place;
        let (place, wakes_on_missing) = (call.place, call.wakes_on_missing);
        for key in &call.keys {
            let queue = self.queues[call.db as usize].get_or_default(key);
            // A key that is listed twice is waited for once.
            if queue.readers.last().is_none_or(|reader| reader.place != place) {
                queue.readers.push(Reader { place, session, wakes_on_missing });
            }
        }
        if let Some(deadline) = call.deadline {
            self.deadlines.insert(deadline, session, b"");
        }
        self.wake_at(call);
    }

    /// Notes when a read that waits is worth another try: the earliest time of all readers counts.
    fn wake_at(&mut self, call: &BlockedCall) {
        let Some(at) = call.wakes_at else { return };
        for key in &call.keys {
            let Some(queue) = self.queues[call.db as usize].get_mut(key) else { continue };
            if queue.wakes_at.is_none_or(|earlier| at < earlier) {
                if let Some(later) = queue.wakes_at.replace(at) {
                    self.wakes.remove(later, call.db.into(), key);
                }
                self.wakes.insert(at, call.db.into(), key);
            }
        }
    }

    /// A key whose time to try again has passed, once each.
    pub fn next_wake(&mut self, now: UnixMillis) -> Option<(u32, Box<[u8]>)> {
        self.now = now;
        let (at, db, key) = self.wakes.first().filter(|(at, _, _)| *at < now)?;
        let (db, key) = (db as u32, Box::from(key));
        self.wakes.remove(at, db.into(), &key);
        let queues = &mut self.queues[db as usize];
        if let Some(queue) = queues.get_mut(&key) {
            queue.wakes_at = None;
            if queue.readers.is_empty() {
                queues.remove(&key);
            }
        }
        Some((db, key))
    }

    /// Keys with a time to try again that changed since the last call. Where one is no stream any
    /// more, Redis forgets that time before it hears from anybody again.
    pub fn take_changed(&mut self) -> Vec<(u32, Box<[u8]>)> {
        let changed = core::mem::take(&mut self.changed);
        for (db, key) in &changed {
            if let Some(queue) = self.queues[*db as usize].get_mut(key) {
                queue.changed = false;
            }
        }
        changed
    }

    /// Forgets a key's time to try again.
    pub fn forget_wake(&mut self, db: u32, key: &[u8]) {
        let queues = &mut self.queues[db as usize];
        let Some(queue) = queues.get_mut(key) else { return };
        if let Some(at) = queue.wakes_at.take() {
            self.wakes.remove(at, db.into(), key);
        }
        if queue.readers.is_empty() {
            queues.remove(key);
        }
    }

    /// Takes a session out of all queues; `false` when it was in none.
    pub fn remove(&mut self, session: SessionId, call: &BlockedCall) -> bool {
        if call.place == 0 {
            return false;
        }
        self.waiting -= 1;
        if let Some(deadline) = call.deadline {
            self.deadlines.remove(deadline, session, b"");
        }
        let queues = &mut self.queues[call.db as usize];
        for key in &call.keys {
            let Some(queue) = queues.get_mut(key) else { continue };
            if let Ok(index) = queue.readers.binary_search_by_key(&call.place, |r| r.place) {
                queue.readers.remove(index);
            }
            let wakes_at = queue.wakes_at.filter(|at| at.saturating_sub(KEPT) > self.now);
            if queue.readers.is_empty() && (queue.wakes_at.is_none() || wakes_at.is_some()) {
                queues.remove(key);
                if let Some(at) = wakes_at {
                    self.wakes.remove(at, call.db.into(), key);
                }
            }
        }
        true
    }

    /// Notes that a key changed in a way that readers wait for; once a round.
    pub fn signal(&mut self, db: u32, key: &[u8]) {
        if self.waiting == 0 && self.wakes.is_empty() {
            return;
        }
        let Some(queue) = self.queues[db as usize].get_mut(key) else { return };
        if queue.wakes_at.is_some() && !queue.changed {
            queue.changed = true;
            self.changed.push((db, key.into()));
        }
        if !queue.ready && !queue.readers.is_empty() {
            queue.ready = true;
            self.ready.push((db, key.into()));
        }
    }

    /// Notes that every key of a database may have changed.
    pub fn signal_database(&mut self, db: u32) {
        let keys: Vec<Box<[u8]>> = self.queues[db as usize].names().map(Box::from).collect();
        for key in keys {
            self.signal(db, &key);
        }
    }

    /// Asks for an end to another session's wait (or to the session), once the command has ended.
    /// `false` when somebody has already asked; the first word counts, but the end of a session.
    pub fn interrupt(&mut self, session: SessionId, why: Interruption) -> bool {
        match self.interruptions.binary_search_by_key(&session, |(id, _)| *id) {
            Ok(index) if why == Interruption::Kill => {
                self.interruptions[index].1 = why;
                false
            }
            Ok(_) => false,
            Err(index) => {
                self.interruptions.insert(index, (session, why));
                true
            }
        }
    }

    /// The interruptions asked for since the last call, in the order of the sessions.
    pub fn take_interruptions(&mut self) -> Vec<(SessionId, Interruption)> {
        core::mem::take(&mut self.interruptions)
    }

    /// The keys that became ready since the last call, in the order of their first signal.
    pub fn take_ready(&mut self) -> Vec<(u32, Box<[u8]>)> {
        let ready = core::mem::take(&mut self.ready);
        for (db, key) in &ready {
            if let Some(queue) = self.queues[*db as usize].get_mut(key) {
                queue.ready = false;
            }
        }
        ready
    }

    /// Who waits for a key, first come first; with whether a missing key wakes them.
    #[must_use]
    pub fn readers(&self, db: u32, key: &[u8]) -> Vec<(SessionId, bool)> {
        self.queues[db as usize]
            .get(key)
            .map(|queue| queue.readers.iter().map(|r| (r.session, r.wakes_on_missing)).collect())
            .unwrap_or_default()
    }

    /// How many sessions have a deadline.
    #[must_use]
    pub fn deadline_count(&self) -> usize {
        self.deadlines.len()
    }

    /// When somebody gives up, or tries again.
    #[must_use]
    pub fn next_deadline(&self) -> Option<UnixMillis> {
        let wake = self.wakes.next().filter(|_| self.waiting > 0).map(|at| at.saturating_add(1));
        [self.deadlines.next(), wake].into_iter().flatten().min()
    }

    /// A session whose deadline has passed; remove it and ask again.
    #[must_use]
    pub fn due(&self, now: UnixMillis) -> Option<SessionId> {
        self.deadlines.first().filter(|(at, _, _)| *at <= now).map(|(_, session, _)| session)
    }
}
