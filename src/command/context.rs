//! What a command runs in: one instant, one session, all state, and somewhere to reply.

use alloc::boxed::Box;

use super::effects::Effects;
use super::registry::Registry;
use crate::error::Error;
use crate::keyspace::{Database, Keyspace, Value};
use crate::reply::Writer;
use crate::state::{Events, Session, SessionId, State};
use crate::stream::{IdempotencyLimits, Stream};
use crate::time::UnixMillis;

/// What a command runs in.
pub struct Context<'e> {
    /// The instant at which the whole command (or transaction) happens.
    pub now: UnixMillis,
    /// The command table.
    pub commands: &'static Registry,
    /// Everything that commands read and change.
    pub state: &'e mut State,
    /// Where changes are recorded.
    pub effects: &'e mut Effects,
    /// Where the reply goes.
    pub out: &'e mut Writer,
    /// The session that called.
    pub session: SessionId,
    /// The database that it selected.
    pub db: u32,
    /// Whether a read may wait: not inside EXEC.
    pub may_block: bool,
    /// Whether the journal's loader calls: it may repeat what only effects say.
    pub replaying: bool,
    /// Whether that journal is ours: its counters are what they were, beyond any cap.
    pub exact: bool,
}

/// What a reply may look at while it is written.
#[derive(Clone, Copy)]
pub struct View<'e> {
    /// The keys.
    keyspace: &'e Keyspace,
    /// The database that the session selected.
    db: u32,
    /// The instant of the command.
    pub now: UnixMillis,
}

impl<'e> View<'e> {
    /// The database that the session selected.
    #[must_use]
    pub fn database(self) -> &'e Database {
        self.keyspace.database(self.db)
    }

    /// The stream at a key; `None` for a missing key and for another type.
    #[must_use]
    pub fn stream(self, key: &[u8]) -> Option<&'e Stream> {
        self.stream_at(self.keyspace.place(self.db, key)?)
    }

    /// The stream at a place that [`Context::find_stream`] told.
    #[must_use]
    pub fn stream_at(self, place: u32) -> Option<&'e Stream> {
        match self.keyspace.at(self.db, place) {
            Some(Value::Stream(stream)) => Some(stream),
            _ => None,
        }
    }
}

impl Context<'_> {
    /// The writer, and what the reply may look at.
    pub fn reply(&mut self) -> (View<'_>, &mut Writer) {
        let view = View { keyspace: &self.state.keyspace, db: self.db, now: self.now };
        (view, self.out)
    }

    /// The session that called.
    ///
    /// # Panics
    /// Never: a session that runs a command is open until the command has ended.
    pub fn session(&mut self) -> &mut Session {
        self.state.sessions.get_mut(self.session).expect("the calling session is open")
    }

    /// The value of a key.
    #[must_use]
    pub fn value(&self, key: &[u8]) -> Option<&Value> {
        self.state.keyspace.get(self.db, key)
    }

    /// The stream at a key, `None` when the key is missing; an error for another type.
    pub fn stream(&self, key: &[u8]) -> Result<Option<&Stream>, Error> {
        Ok(self.find_stream(key)?.map(|(_, stream)| stream))
    }

    /// The stream at a key, to change in place.
    pub fn stream_mut(&mut self, key: &[u8]) -> Result<Option<&mut Stream>, Error> {
        let Some((place, _)) = self.find_stream(key)? else { return Ok(None) };
        Ok(self.stream_at(place))
    }

    /// As [`Context::stream`], with the place of the key, for who needs it again and takes no key
    /// away in between.
    #[inline(never)]
    pub fn find_stream(&self, key: &[u8]) -> Result<Option<(u32, &Stream)>, Error> {
        let Some(place) = self.state.keyspace.place(self.db, key) else { return Ok(None) };
        match self.state.keyspace.at(self.db, place) {
            Some(Value::Stream(stream)) => Ok(Some((place, stream))),
            _ => Err(Error::WRONG_TYPE),
        }
    }

    /// The stream at a place, to change it.
    pub fn stream_at(&mut self, place: u32) -> Option<&mut Stream> {
        match self.state.keyspace.at_mut(self.db, place) {
            Some(Value::Stream(stream)) => Some(stream),
            _ => None,
        }
    }

    /// The stream at a key, and whether it was made now; `None` where that was not to be done. One
    /// search, where the key is there.
    pub fn stream_or_create(
        &mut self,
        key: &[u8],
        may_create: bool,
    ) -> Result<Option<(&mut Stream, bool)>, Error> {
        let mut place = self.state.keyspace.place(self.db, key);
        let missing = place.is_none();
        if missing {
            if !may_create {
                return Ok(None);
            }
            let stream = Box::new(Stream::new(self.state.config.idempotency));
            self.state.keyspace.insert(self.db, key, Value::Stream(stream));
            self.notify(Events::NEW, "new", key);
            place = self.state.keyspace.place(self.db, key);
        }
        let stream = place.and_then(|place| self.stream_at(place)).ok_or(Error::WRONG_TYPE)?;
        Ok(Some((stream, missing)))
    }

    /// The idempotency limits of a stream that was just created, where a journal must name them:
    /// where they are others than those that an engine starts with.
    #[must_use]
    pub fn new_stream_limits(&self, created: bool) -> Option<IdempotencyLimits> {
        let limits = self.state.config.idempotency;
        (created && limits != self.state.initial_idempotency).then_some(limits)
    }

    /// The byte string at a key, `None` when the key is missing; an error for another type.
    pub fn string(&self, key: &[u8]) -> Result<Option<&[u8]>, Error> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::String(bytes)) => Ok(Some(bytes)),
            Some(Value::Stream(_)) => Err(Error::WRONG_TYPE),
        }
    }

    /// Sets a key, whatever it held; it then does not expire. Tells watchers, blocked readers and,
    /// by that event, listeners.
    pub fn set(&mut self, key: &[u8], value: Value, event: &str) {
        let old = self.state.keyspace.insert(self.db, key, value);
        self.touch(key);
        self.signal(key);
        self.notify_placed(key, old.as_ref(), event);
    }

    /// Removes a key; tells watchers, blocked readers and listeners. `false` when it was missing.
    pub fn remove(&mut self, key: &[u8]) -> bool {
        let removed = self.state.keyspace.remove(self.db, key).is_some();
        if removed {
            self.touch(key);
            self.signal(key);
            self.notify(Events::GENERIC, "del", key);
        }
        removed
    }

    /// Breaks the transactions that watch a key.
    pub fn touch(&mut self, key: &[u8]) {
        self.state.watched.touch(&mut self.state.sessions, self.db, key);
    }

    /// Ends all that the session watches.
    pub fn unwatch(&mut self) {
        let State { sessions, watched, .. } = &mut *self.state;
        if let Some(session) = sessions.get_mut(self.session) {
            watched.clear(session);
        }
    }

    /// Wakes those who wait for a key, once the command has ended.
    pub fn signal(&mut self, key: &[u8]) {
        self.state.blocked.signal(self.db, key);
    }

    /// Tells listeners of something that happened to a key.
    #[inline(never)]
    pub fn notify(&mut self, class: Events, event: &str, key: &[u8]) {
        self.state.notify(class, event, self.db, key);
    }

    /// Tells listeners of a string that was put under a key, after what became of the key.
    pub fn notify_placed(&mut self, key: &[u8], old: Option<&Value>, event: &str) {
        if old.is_none() {
            self.notify(Events::NEW, "new", key);
        }
        self.notify_replaced(self.db, key, old);
        self.notify(Events::STRING, event, key);
    }

    /// Tells listeners that a key held something else before.
    pub fn notify_replaced(&mut self, db: u32, key: &[u8], old: Option<&Value>) {
        let Some(old) = old else { return };
        self.state.notify(Events::OVERWRITTEN, "overwritten", db, key);
        let new = self.state.keyspace.get(db, key).map(Value::type_name);
        if new != Some(old.type_name()) {
            self.state.notify(Events::TYPE_CHANGED, "type_changed", db, key);
        }
    }

    /// Counts changes (`rdb_changes_since_last_save`).
    pub fn changed(&mut self, count: u64) {
        self.state.statistics.changes = self.state.statistics.changes.wrapping_add(count);
    }

    /// The stream at a key, as [`Context::stream`]; tells listeners where there is no key.
    pub fn read_stream(&mut self, key: &[u8]) -> Result<Option<&Stream>, Error> {
        self.miss(key);
        self.stream(key)
    }

    /// Counts a read command's lookup of a key; tells listeners where there is none.
    pub fn read(&mut self, key: &[u8], found: bool) {
        self.looked_up(found);
        self.miss(key);
    }

    /// Tells listeners of a read of a key that is not there.
    pub fn miss(&mut self, key: &[u8]) {
        if self.state.config.events.intersects(Events::MISSED) && self.value(key).is_none() {
            self.notify(Events::MISSED, "keymiss", key);
        }
    }

    /// Counts a read command's lookup.
    pub fn looked_up(&mut self, found: bool) {
        let statistics = &mut self.state.statistics;
        if found {
            statistics.keyspace_hits += 1;
        } else {
            statistics.keyspace_misses += 1;
        }
    }

    /// Records one command as the effect of this one, in its database.
    pub fn effect(&mut self, words: &[&[u8]]) {
        self.effects.command(self.db, words);
    }
}
