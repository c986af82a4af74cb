//! The journal of a running engine: frames go out, confirmations come in, replies wait for them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Engine;
use crate::journal::{FrameWriter, Rewrite};
use crate::state::{Persistence, SessionId};
use crate::time::UnixMillis;

/// When a reply is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// When the frame with everything that it could tell of is confirmed (`appendfsync always`).
    Confirmed,
    /// At once (`appendfsync everysec`, `no`).
    Immediate,
}

/// The journal that an engine writes.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) writer: FrameWriter,
    durability: Durability,
    /// The frame that the host has been given and has not confirmed.
    in_flight: Option<Vec<u8>>,
    /// Sessions with replies that wait for a frame.
    waiting: Vec<SessionId>,
    pub(super) rewrite: Option<Rewrite>,
}

impl Engine {
    /// Begins to write a journal, behind the frame `sequence` and in an `epoch` that is higher
    /// than any before. From here on the contract has one more step: after every input, append
    /// what [`Engine::next_frame`] gives and tell [`Engine::confirm_frame`].
    pub fn start_journal(&mut self, epoch: u64, sequence: u64, durability: Durability) {
        self.state.config.record_effects = true;
        self.effects.set_enabled(true);
        self.effects.begin_file();
        let Persistence { enabled, bytes, base_bytes, .. } = &mut self.state.persistence;
        (*enabled, *base_bytes) = (true, *bytes);
        self.state.config.remembered.insert(b"appendonly", b"yes".as_slice().into());
        self.journal = Some(Box::new(Journal {
            writer: FrameWriter::new(epoch, sequence),
            durability,
            in_flight: None,
            waiting: Vec::new(),
            rewrite: None,
        }));
    }

    /// The frame to append now; `None` when there is none, or the one before it is not confirmed.
    /// Everything that happened while that one was on its way goes into the next.
    ///
    /// The same frame is given again until it is confirmed; where appending it failed, nothing may
    /// be appended behind it.
    pub fn next_frame(&mut self, now: UnixMillis) -> Option<&[u8]> {
        let journal = self.journal.as_deref_mut()?;
        if journal.in_flight.is_none() && !self.effects.bytes().is_empty() {
            let frame = journal.writer.next(self.effects.bytes(), now);
            self.state.persistence.appended(frame.len());
            journal.in_flight = Some(frame);
            self.effects.clear();
        }
        journal.in_flight.as_deref()
    }

    /// Whether a frame waits to be appended or confirmed.
    #[must_use]
    pub fn has_frame(&self) -> bool {
        let journal = self.journal.as_deref();
        journal.is_some_and(|it| it.in_flight.is_some() || !self.effects.bytes().is_empty())
    }

    /// The frame is where it survives what the host has promised: replies that waited for it go
    /// out.
    pub fn confirm_frame(&mut self) {
        let Some(journal) = self.journal.as_deref_mut() else { return };
        if journal.in_flight.take().is_none() {
            return;
        }
        let confirmed = journal.writer.sequence();
        for id in core::mem::take(&mut journal.waiting) {
            let Some(session) = self.state.sessions.get_mut(id) else { continue };
            session.release(confirmed);
            if !session.awaited.is_empty() {
                self.await_frame(id);
            }
            self.announce(id);
        }
    }

    /// The epoch that is written, and the number of the last frame.
    #[must_use]
    pub fn journal_position(&self) -> Option<(u64, u64)> {
        let writer = &self.journal.as_deref()?.writer;
        Some((writer.epoch(), writer.sequence()))
    }

    /// There is no room for more data, or there is again. Until then commands that could add some
    /// get a `MISCONF` error; reads, XACK and deletions go on.
    pub fn set_full(&mut self, full: bool) {
        self.state.persistence.full = full;
    }

    /// Tells clients what the host has decided of `appendfsync`: `always`, `everysec` or `no`.
    pub fn tell_appendfsync(&mut self, policy: &str) {
        self.state.config.remembered.insert(b"appendfsync", policy.as_bytes().into());
    }

    /// The frame that a reply must wait for which is written now.
    pub(super) fn awaited_frame(&self) -> Option<u64> {
        let journal = self.journal.as_deref()?;
        if journal.durability == Durability::Immediate {
            return None;
        }
        let next = u64::from(!self.effects.bytes().is_empty());
        (journal.in_flight.is_some() || next > 0).then(|| journal.writer.sequence() + next)
    }

    /// Notes a session that has replies which wait for a frame.
    pub(super) fn await_frame(&mut self, id: SessionId) {
        if let Some(journal) = self.journal.as_deref_mut() {
            journal.waiting.push(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::reply::Form;
    use crate::state::Config;
    use crate::testing::told;

    fn engine(durability: Durability) -> (Engine, SessionId, SessionId) {
        let mut engine = Engine::new(Config::default());
        let one = engine.open_session(0, Form::Resp2).expect("a session");
        let other = engine.open_session(0, Form::Resp2).expect("a session");
        engine.start_journal(3, 7, durability);
        (engine, one, other)
    }

    fn outputs(engine: &mut Engine) -> Vec<(SessionId, Vec<u8>)> {
        let mut outputs = Vec::new();
        while let Some(id) = engine.next_output() {
            outputs.push((id, engine.output(id).expect("it was announced").bytes.to_vec()));
            engine.consume(id);
        }
        outputs
    }

    #[test]
    fn replies_wait_for_the_frame_that_they_tell_of() {
        let (mut engine, one, other) = engine(Durability::Confirmed);
        engine.exchange(1, one, b"PING\r\n");
        assert_eq!(outputs(&mut engine), [(one, b"+PONG\r\n".to_vec())]);
        engine.exchange(1, one, b"XADD s 1-0 f v\r\n");
        engine.exchange(1, other, b"XLEN s\r\n");
        assert_eq!(outputs(&mut engine), []);
        assert!(engine.output(one).is_none());
        let first = engine.next_frame(2).expect("a frame").to_vec();
        assert!(first.starts_with(b"#BROOKLET:1 e3 s8 t2 n"));
        // What comes meanwhile waits for the frame after it.
        engine.exchange(3, one, b"XADD s 2-0 f v\r\n");
        assert_eq!(engine.next_frame(3), Some(&first[..]), "the same until it is confirmed");
        engine.confirm_frame();
        let released = [(one, b"$3\r\n1-0\r\n".to_vec()), (other, b":1\r\n".to_vec())];
        assert_eq!(outputs(&mut engine), released);
        engine.exchange(3, other, b"PING\r\n");
        assert_eq!(outputs(&mut engine), [], "it could tell of the second entry");
        assert!(engine.next_frame(4).is_some_and(|it| it.starts_with(b"#BROOKLET:1 e3 s9 ")));
        engine.confirm_frame();
        let released = [(one, b"$3\r\n2-0\r\n".to_vec()), (other, b"+PONG\r\n".to_vec())];
        assert_eq!(outputs(&mut engine), released);
        assert_eq!((engine.has_frame(), engine.journal_position()), (false, Some((3, 9))));
    }

    #[test]
    fn replies_that_need_not_wait_do_not() {
        let (mut engine, one, _) = engine(Durability::Immediate);
        engine.exchange(1, one, b"XADD s 1-0 f v\r\n");
        assert_eq!(outputs(&mut engine), [(one, b"$3\r\n1-0\r\n".to_vec())]);
        assert!(engine.has_frame());
    }

    /// A reader that a write wakes hears of that write; so does whoever is closed after a write.
    #[test]
    fn woken_readers_and_closed_sessions_wait_too() {
        let (mut engine, one, other) = engine(Durability::Confirmed);
        engine.exchange(1, other, b"XREAD BLOCK 0 STREAMS s $\r\n");
        engine.exchange(1, one, b"XADD s 1-0 f v\r\nQUIT\r\n");
        assert_eq!(outputs(&mut engine), []);
        assert!(engine.output(one).is_none(), "it is not closed before it has its reply");
        engine.next_frame(1);
        engine.confirm_frame();
        let first = engine.output(one).expect("released");
        assert_eq!((first.bytes, first.close), (&b"$3\r\n1-0\r\n+OK\r\n"[..], true));
        assert_eq!(outputs(&mut engine).len(), 2);
    }

    #[test]
    fn a_packed_call_says_that_its_reply_comes_later() {
        let (mut engine, ..) = engine(Durability::Confirmed);
        let packed = engine.open_session(0, Form::Packed).expect("a session");
        let mut call = 5_u32.to_le_bytes().to_vec();
        for word in [&b"XADD"[..], b"s", b"1-0", b"f", b"v"] {
            call.extend_from_slice(&(word.len() as u32).to_le_bytes());
            call.extend_from_slice(word);
        }
        assert!(!engine.call(1, packed, &call));
        assert!(engine.output(packed).is_none());
        engine.next_frame(1);
        engine.confirm_frame();
        assert_eq!(engine.next_output(), Some(packed));
        assert_eq!(engine.output(packed).map(|output| output.bytes), Some(&b"1-0"[..]));
    }

    /// Redis refuses whatever writes; then nothing could make room either.
    #[test]
    fn without_room_deletions_go_on() {
        const REFUSED: &str =
            "-MISCONF Errors writing to the AOF file: No space left on device\r\n";
        let (mut engine, one, _) = engine(Durability::Confirmed);
        told(&mut engine, one, "XADD s 1-0 f v\r\nXGROUP CREATE s g 0\r\n");
        told(&mut engine, one, "XREADGROUP GROUP g c STREAMS s >\r\n");
        engine.set_full(true);
        assert_eq!(told(&mut engine, one, "XADD s 2-0 f v\r\n"), REFUSED);
        assert_eq!(told(&mut engine, one, "XACK s g 1-0\r\n"), ":1\r\n");
        assert_eq!(told(&mut engine, one, "XDEL s 1-0\r\n"), ":1\r\n");
        assert_eq!(
            told(&mut engine, one, "MULTI\r\nSET a 1\r\nEXEC\r\n"),
            [
                "+OK\r\n",
                REFUSED,
                "-EXECABORT Transaction discarded because of previous errors.\r\n"
            ]
            .concat()
        );
        assert!(told(&mut engine, one, "INFO persistence\r\n").contains("last_write_status:err"));
        engine.set_full(false);
        assert_eq!(told(&mut engine, one, "XADD s 2-0 f v\r\n"), "$3\r\n2-0\r\n");
    }
}
