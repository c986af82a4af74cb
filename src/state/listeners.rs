//! Listeners: who hears what is published on which channel, events of keys among it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::State;
use super::call::SessionId;
use super::config::Config;
use super::events::Events;
use super::session::{Session, Sessions};
use crate::glob;
use crate::named::Named;
use crate::number::Decimal;

/// How a name is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listening {
    /// A channel by its name (SUBSCRIBE).
    Channel,
    /// Channels by a pattern (PSUBSCRIBE).
    Pattern,
    /// A shard channel by its name (SSUBSCRIBE).
    Shard,
}

/// Who listens to what.
#[derive(Debug, Default)]
pub struct Listeners {
    /// By kind and name: the sessions, sorted.
    names: [Named<Vec<SessionId>>; 3],
    /// Sessions that were told something since the host was last told of them.
    told: Vec<SessionId>,
}

impl Listeners {
    /// Lets a session listen, if it does not already.
    pub fn join(&mut self, session: &mut Session, kind: Listening, name: &[u8]) {
        let Err(place) = session.find(kind, name) else { return };
        session.listening[kind as usize].insert(place, name.into());
        let sessions = self.names[kind as usize].get_or_default(name);
        if let Err(place) = sessions.binary_search(&session.id) {
            sessions.insert(place, session.id);
        }
    }

    /// Ends that a session listens, if it does.
    pub fn leave(&mut self, session: &mut Session, kind: Listening, name: &[u8]) {
        let Ok(place) = session.find(kind, name) else { return };
        session.listening[kind as usize].remove(place);
        let names = &mut self.names[kind as usize];
        if let Some(sessions) = names.get_mut(name) {
            if let Ok(place) = sessions.binary_search(&session.id) {
                sessions.remove(place);
            }
            if sessions.is_empty() {
                names.remove(name);
            }
        }
    }

    /// Ends everything that a session listens to.
    pub fn clear(&mut self, session: &mut Session) {
        for kind in [Listening::Channel, Listening::Pattern, Listening::Shard] {
            for name in session.listened(kind) {
                self.leave(session, kind, &name);
            }
        }
    }

    /// What is listened to, in order of the names, each with how many listen.
    pub fn iter(&self, kind: Listening) -> impl Iterator<Item = (&[u8], usize)> {
        self.names[kind as usize].iter().map(|(name, _, sessions)| (name, sessions.len()))
    }

    /// How many sessions listen to a name.
    #[must_use]
    pub fn count(&self, kind: Listening, name: &[u8]) -> usize {
        self.names[kind as usize].get(name).map_or(0, Vec::len)
    }

    /// How many names are listened to.
    #[must_use]
    pub fn len(&self, kind: Listening) -> usize {
        self.names[kind as usize].len()
    }

    /// Bytes that the names take, here and in the sessions.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        2 * self.names.iter().map(Named::memory_bytes).sum::<usize>()
    }

    /// The sessions that were told something since the last call.
    pub fn take_told(&mut self) -> Vec<SessionId> {
        core::mem::take(&mut self.told)
    }

    /// Tells everybody who listens to a channel, and who listens by a pattern after them; returns
    /// how many were told. Walks over all patterns.
    pub(super) fn publish(
        &mut self,
        sessions: &mut Sessions,
        config: &Config,
        (shard, channel): (bool, &[u8]),
        message: &[u8],
    ) -> usize {
        let Self { names: [channels, patterns, shards], told } = self;
        let mut tell = |ids: &[SessionId], words: &[&[u8]]| {
            ids.iter().filter(|id| tell_one(sessions, config, told, **id, words)).count()
        };
        if shard {
            let ids = shards.get(channel).map_or(&[][..], |ids| ids);
            return tell(ids, &[b"smessage", channel, message]);
        }
        let ids = channels.get(channel).map_or(&[][..], |ids| ids);
        let mut count = tell(ids, &[b"message", channel, message]);
        for (pattern, _, ids) in patterns.iter() {
            if glob::matches(pattern, channel) {
                count += tell(ids, &[b"pmessage", pattern, channel, message]);
            }
        }
        count
    }
}

/// Tells one session, if it still takes messages.
#[inline(never)]
fn tell_one(
    sessions: &mut Sessions,
    config: &Config,
    told: &mut Vec<SessionId>,
    id: SessionId,
    words: &[&[u8]],
) -> bool {
    let Some(session) = sessions.get_mut(id).filter(|session| !session.closing) else {
        return false;
    };
    session.out.push(words.len());
    for word in words {
        session.out.bulk(word);
    }
    session.limit_output(config);
    if !session.told {
        session.told = true;
        told.push(id);
    }
    true
}

impl Session {
    /// What the session listens to, in order.
    #[must_use]
    pub fn listened(&self, kind: Listening) -> Vec<Box<[u8]>> {
        self.listening[kind as usize].clone()
    }

    fn find(&self, kind: Listening, name: &[u8]) -> Result<usize, usize> {
        self.listening[kind as usize].binary_search_by(|known| (**known).cmp(name))
    }

    /// How much it listens to in one way.
    #[must_use]
    pub fn listening_count(&self, kind: Listening) -> usize {
        self.listening[kind as usize].len()
    }

    /// Whether it listens to anything.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.listening.iter().any(|names| !names.is_empty())
    }
}

impl State {
    /// Publishes a message; returns how many were told.
    pub fn publish(&mut self, channel: &[u8], message: &[u8], shard: bool) -> usize {
        let Self { listeners, sessions, config, .. } = self;
        listeners.publish(sessions, config, (shard, channel), message)
    }

    /// Publishes an event of a key, if events of its class are asked for.
    pub fn notify(&mut self, class: Events, event: &str, db: u32, key: &[u8]) {
        if self.config.events.intersects(class) {
            self.publish_event(event, db, key);
        }
    }

    #[inline(never)]
    fn publish_event(&mut self, event: &str, db: u32, key: &[u8]) {
        let event = event.as_bytes();
        let db = Decimal::unsigned(db.into());
        for (class, kind, name, message) in [
            (Events::KEYSPACE, "__keyspace@", key, event),
            (Events::KEYEVENT, "__keyevent@", event, key),
        ] {
            if self.config.events.intersects(class) {
                let channel = [kind.as_bytes(), db.as_bytes(), b"__:", name].concat();
                self.publish(&channel, message, false);
            }
        }
    }
}
