//! Sessions: one per client, with everything that a connection remembers.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::call::{Arguments, BlockedCall, SessionId};
use super::config::Config;
use crate::reply::{Form, Position, Writer};
use crate::resp::Decoder;
use crate::time::UnixMillis;

/// What CLIENT REPLY asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReplyMode {
    /// Every command answers.
    #[default]
    On,
    /// No command answers until CLIENT REPLY ON.
    Off,
    /// The next command does not answer.
    SkipNext,
    /// The present command does not answer.
    Skip,
}

/// Commands queued since MULTI.
#[derive(Debug, Default)]
pub struct Transaction {
    /// The commands in order.
    pub queued: Vec<Arguments>,
    /// Bytes of the queued arguments, held against the query buffer limit.
    pub bytes: usize,
    /// Whether a command could not be queued, so that EXEC must refuse.
    pub aborted: bool,
    /// Whether a command in it is refused when memory is full; EXEC is refused then too.
    pub denyoom: bool,
}

/// One client.
#[derive(Debug)]
pub struct Session {
    /// The session's ID.
    pub id: SessionId,
    /// The database it selected.
    pub db: u32,
    /// Whether it passed AUTH, or none is needed.
    pub authenticated: bool,
    /// What CLIENT SETNAME set.
    pub name: Box<[u8]>,
    /// What CLIENT SETINFO set: library name and version.
    pub library: (Box<[u8]>, Box<[u8]>),
    /// Addresses of the peer and of our end, told by the host.
    pub peer: (String, String),
    /// CLIENT NO-EVICT and NO-TOUCH.
    pub no_evict: bool,
    /// See `no_evict`.
    pub no_touch: bool,
    /// CLIENT REPLY.
    pub reply_mode: ReplyMode,
    /// Commands queued since MULTI.
    pub transaction: Option<Transaction>,
    /// Keys that WATCH named: database and name.
    pub watching: Vec<(u32, Box<[u8]>)>,
    /// Whether a watched key changed.
    pub watch_broken: bool,
    /// The blocked read that this session waits for.
    pub blocked: Option<Box<BlockedCall>>,
    /// What it listens to: channels, patterns, shard channels; each sorted.
    pub(super) listening: [Vec<Box<[u8]>>; 3],
    /// Whether it was told something that the host has not heard of.
    pub told: bool,
    /// Whether to close once the replies are sent; no further request is read.
    pub closing: bool,
    /// Whether the host was told that output waits.
    pub announced: bool,
    /// Whether this is the journal's loader: it may repeat what only effects say.
    pub replaying: bool,
    /// Whether that journal is ours.
    pub exact: bool,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When its last command ran.
    pub last_command_at: UnixMillis,
    /// Its last command, by place in the command table.
    pub last_command: Option<u16>,
    /// Commands that it ran.
    pub commands: u64,
    /// Request bytes that are not a whole request yet, or wait for a blocked read to end.
    pub input: Vec<u8>,
    /// Its place in the present request.
    pub decoder: Decoder,
    /// Replies that the host has not taken yet.
    pub out: Writer,
    /// How much of `out` may be handed out.
    released: Position,
    /// Frames of the journal that more of it waits for, and how far each releases it.
    pub awaited: Vec<(u64, Position)>,
}

impl Session {
    /// Whether the other end is on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let peer = self.peer.0.as_str();
        ["127.", "[::1]", "/"].iter().any(|start| peer.starts_with(start)) || peer.is_empty()
    }

    fn new(id: SessionId, form: Form, authenticated: bool, now: UnixMillis) -> Self {
        Self {
            id,
            db: 0,
            authenticated,
            name: Box::default(),
            library: (Box::default(), Box::default()),
            peer: (String::new(), String::new()),
            no_evict: false,
            no_touch: false,
            reply_mode: ReplyMode::On,
            transaction: None,
            watching: Vec::new(),
            watch_broken: false,
            blocked: None,
            listening: Default::default(),
            told: false,
            closing: false,
            announced: false,
            replaying: false,
            exact: false,
            opened_at: now,
            last_command_at: now,
            last_command: None,
            commands: 0,
            input: Vec::new(),
            decoder: Decoder::default(),
            out: Writer::new(form),
            released: Position::default(),
            awaited: Vec::new(),
        }
    }

    /// Releases what was written, or holds it until a frame of the journal is confirmed.
    pub fn hold(&mut self, frame: Option<u64>) {
        let end = self.out.position();
        match (frame, self.awaited.last_mut()) {
            (None, None) => self.released = end,
            (None, Some((_, upto))) => *upto = end,
            (Some(frame), Some((last, upto))) if *last == frame => *upto = end,
            (Some(frame), _) if end != self.released => self.awaited.push((frame, end)),
            (Some(_), _) => {}
        }
    }

    /// Releases what waits for frames up to this one.
    pub fn release(&mut self, frame: u64) {
        let confirmed = self.awaited.iter().take_while(|(awaited, _)| *awaited <= frame).count();
        if let Some((_, upto)) = self.awaited.drain(..confirmed).next_back() {
            self.released = upto;
        }
    }

    /// The bytes and words of `out` that may be handed out.
    #[must_use]
    pub fn released(&self) -> (&[u8], &[u32]) {
        self.out.until(self.released)
    }

    /// Whether some may be.
    #[must_use]
    pub fn has_released(&self) -> bool {
        self.released != Position::default()
    }

    /// Forgets all output.
    pub fn drop_output(&mut self) {
        self.out.forget(self.out.position());
        self.released = Position::default();
        self.awaited.clear();
    }

    /// Forgets what was handed out.
    pub fn consume(&mut self) {
        let taken = core::mem::take(&mut self.released);
        self.out.forget(taken);
        for (_, upto) in &mut self.awaited {
            *upto = upto.behind(taken);
        }
    }

    /// Closes the session if its replies grew past what may wait; they are dropped.
    pub fn limit_output(&mut self, config: &Config) {
        let limit =
            if self.listens() { config.listener_buffer_limit } else { config.output_buffer_limit };
        let waiting = self.out.bytes().len() + 4 * self.out.words().len();
        if waiting as u64 > limit {
            self.drop_output();
            self.input = Vec::new();
            self.closing = true;
        }
    }
}

/// The open sessions, oldest first.
///
/// IDs only grow, so a sorted list takes new ones at its end. Closing leaves a gap; gaps go when
/// they are half of the list, so a session costs the same however many there are.
#[derive(Debug, Default)]
pub struct Sessions {
    list: Vec<(SessionId, Option<Box<Session>>)>,
    gaps: usize,
    opened: u64,
}

impl Sessions {
    /// How many are open.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len() - self.gaps
    }

    /// Whether none is open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many were ever opened.
    #[must_use]
    pub fn opened(&self) -> u64 {
        self.opened
    }

    /// Opens a session.
    pub fn open(&mut self, form: Form, authenticated: bool, now: UnixMillis) -> SessionId {
        self.opened += 1;
        let session = Session::new(self.opened, form, authenticated, now);
        self.list.push((self.opened, Some(Box::new(session))));
        self.opened
    }

    /// Takes a session out.
    pub fn remove(&mut self, id: SessionId) -> Option<Box<Session>> {
        let index = self.find(id)?;
        let session = self.list[index].1.take()?;
        self.gaps += 1;
        if self.gaps > self.list.len() / 2 {
            self.list.retain(|(_, session)| session.is_some());
            self.gaps = 0;
        }
        Some(session)
    }

    /// A session by ID.
    #[must_use]
    pub fn get(&self, id: SessionId) -> Option<&Session> {
        self.list[self.find(id)?].1.as_deref()
    }

    /// A session by ID.
    pub fn get_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        let index = self.find(id)?;
        self.list[index].1.as_deref_mut()
    }

    /// All sessions, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Session> {
        self.list.iter().filter_map(|(_, session)| session.as_deref())
    }

    /// All sessions, oldest first.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Session> {
        self.list.iter_mut().filter_map(|(_, session)| session.as_deref_mut())
    }

    fn find(&self, id: SessionId) -> Option<usize> {
        self.list.binary_search_by_key(&id, |(id, _)| *id).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_found_however_many_have_closed() {
        let mut sessions = Sessions::default();
        let ids: Vec<_> = (0..100).map(|_| sessions.open(Form::Resp2, true, 0)).collect();
        for id in ids.iter().filter(|id| **id % 7 != 0) {
            assert_eq!(sessions.remove(*id).map(|session| session.id), Some(*id));
            assert!(sessions.remove(*id).is_none(), "once");
        }
        let left: Vec<_> = sessions.iter().map(|session| session.id).collect();
        assert_eq!(left, (1..=14).map(|n| n * 7).collect::<Vec<_>>());
        assert_eq!(sessions.len(), 14);
        assert!(left.iter().all(|id| sessions.get(*id).is_some_and(|found| found.id == *id)));
        assert_eq!(sessions.open(Form::Resp2, true, 0), 101, "no ID comes twice");
    }
}
