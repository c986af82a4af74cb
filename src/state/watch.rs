//! Watched keys: whose transactions a change breaks.

use alloc::vec::Vec;

use super::call::SessionId;
use super::session::{Session, Sessions};
use crate::named::Named;

/// Who watches which key.
#[derive(Debug)]
pub struct Watched {
    keys: Vec<Named<Vec<SessionId>>>,
    watchers: usize,
}

impl Watched {
    /// Nothing is watched.
    #[must_use]
    pub fn new(databases: u32) -> Self {
        Self { keys: (0..databases.max(1)).map(|_| Named::default()).collect(), watchers: 0 }
    }

    /// How many sessions watch something.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.watchers
    }

    /// Adds a key to what a session watches.
    pub fn add(&mut self, session: &mut Session, db: u32, key: &[u8]) {
        let watchers = self.keys[db as usize].get_or_default(key);
        if watchers.contains(&session.id) {
            return;
        }
        watchers.push(session.id);
        if session.watching.is_empty() {
            self.watchers += 1;
        }
        session.watching.push((db, key.into()));
    }

    /// Ends all that a session watches and forgives what broke.
    pub fn clear(&mut self, session: &mut Session) {
        session.watch_broken = false;
        if session.watching.is_empty() {
            return;
        }
        self.watchers -= 1;
        for (db, key) in session.watching.drain(..) {
            let keys = &mut self.keys[db as usize];
            if let Some(sessions) = keys.get_mut(&key) {
                sessions.retain(|id| *id != session.id);
                if sessions.is_empty() {
                    keys.remove(&key);
                }
            }
        }
    }

    /// Breaks the transactions of those who watch a key.
    pub fn touch(&self, sessions: &mut Sessions, db: u32, key: &[u8]) {
        if self.watchers == 0 {
            return;
        }
        for id in self.keys[db as usize].get(key).into_iter().flatten() {
            if let Some(session) = sessions.get_mut(*id) {
                session.watch_broken = true;
            }
        }
    }

    /// How many keys are watched, each once a watcher.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.iter().flat_map(Named::iter).map(|(_, _, sessions)| sessions.len()).sum()
    }

    /// Whether nothing is watched.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.watchers == 0
    }

    /// The watched keys of a database.
    pub fn keys(&self, db: u32) -> impl Iterator<Item = &[u8]> {
        self.keys[db as usize].names()
    }
}
