//! Recovery: a journal's files, piece by piece, run on an empty engine.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::Engine;
use crate::command::Args;
use crate::error::Error;
use crate::journal::{Damage, IIDS, INTACT, JournalFile, MARK, Reader, SEEN};
use crate::keyspace::Value;
use crate::number::{parse_i64, push_u64};
use crate::reply::Form;
use crate::resp::{Decoder, Limits, Step};
use crate::state::{SessionId, Statistics};
use crate::time::UnixMillis;

/// A journal that is being read.
#[derive(Debug)]
pub(super) struct Recovery {
    reader: Reader,
    session: SessionId,
    commands: u64,
    /// Whether commands without a frame are ours too.
    ours: bool,
    /// What the next annotation is about: the group that was created last, and how many of its
    /// consumers were told of.
    group: (Vec<u8>, Vec<u8>, usize),
    /// What had been counted before.
    statistics: Statistics,
}

/// Why a journal was not read to its end. The state is that up to `offset`; nothing of the file
/// was changed.
#[derive(Clone, Debug)]
pub struct RecoveryError {
    /// Where in the present file the piece begins that could not be read, in bytes.
    pub offset: u64,
    /// What is wrong with it.
    pub damage: Damage,
    /// What a command in it answered.
    pub answer: Option<Error>,
}

impl RecoveryError {
    /// What is wrong, and what to do. The caller knows the name of the file.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::from(match self.damage {
            Damage::Corrupt => "it is not as it was written; restore the journal from a copy",
            Damage::OutOfOrder => "it does not follow what is before; is a file missing?",
            Damage::CutOff => "the file ends too early; restore it from a copy",
            Damage::NewerFormat(_) => "a newer Brooklet wrote it, use that one; its format is ",
            Damage::Snapshot => {
                "a Redis snapshot; set aof-use-rdb-preamble no there, and BGREWRITEAOF"
            }
            Damage::Refused => "a command in it was refused: ",
        });
        if let Damage::NewerFormat(version) = self.damage {
            push_u64(&mut text, version.into());
        }
        text.extend_from_slice(self.answer.as_ref().map_or(b"", Error::text));
        text
    }
}

impl core::fmt::Display for RecoveryError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.text()))
    }
}

#[cfg(feature = "std")]
impl std::error::Error for RecoveryError {}

/// How a file ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileEnd {
    /// Bytes of the file that are good; what lies behind them is to be cut off before anything is
    /// appended.
    pub good: u64,
    /// Bytes behind them: of an append that never ended, and that nobody was told of.
    pub torn: u64,
}

/// What a recovery came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Commands that ran.
    pub commands: u64,
    /// The highest epoch of a frame, 0 where there was none. A writer takes a higher one.
    pub epoch: u64,
    /// The number of the last frame, 0 where there was none.
    pub sequence: u64,
}

impl Engine {
    /// Begins to read a journal into this engine, which should be empty. Nothing is recorded, no
    /// limit of memory holds and no key expires until [`Engine::end_recovery`]; what runs is not
    /// counted.
    pub fn begin_recovery(&mut self, now: UnixMillis) {
        let session = self.state.sessions.open(Form::Resp2, true, now);
        self.with_session(session, |session| session.replaying = true);
        let statistics = core::mem::take(&mut self.state.statistics);
        self.effects.set_enabled(false);
        let group = (Vec::new(), Vec::new(), 0);
        let reader = Reader::new();
        let recovery = Recovery { reader, session, commands: 0, ours: false, group, statistics };
        self.recovery = Some(Box::new(recovery));
    }

    /// Begins a file of the journal: a base first if there is one, then increments in order.
    pub fn begin_file(&mut self, kind: JournalFile) {
        if let Some(recovery) = &mut self.recovery {
            recovery.reader.begin(kind);
        }
    }

    /// Takes in the next bytes of the file, in pieces of any size. Commands without a frame run as
    /// if at `now`.
    ///
    /// # Errors
    /// What is wrong with the file, and where. End the recovery then.
    pub fn recover(&mut self, now: UnixMillis, bytes: &[u8]) -> Result<(), RecoveryError> {
        let Some(mut recovery) = self.recovery.take() else { return Ok(()) };
        recovery.reader.push(bytes);
        let result = self.recover_pieces(now, &mut recovery);
        self.recovery = Some(recovery);
        result
    }

    /// Ends a file. Only the `last` one may end within something, which then never was.
    ///
    /// # Errors
    /// [`Damage::CutOff`].
    pub fn end_file(&mut self, last: bool) -> Result<FileEnd, RecoveryError> {
        let Some(recovery) = &mut self.recovery else { return Ok(FileEnd { good: 0, torn: 0 }) };
        let offset = recovery.reader.offset();
        match recovery.reader.end(last) {
            Ok((good, torn)) => {
                self.state.persistence.bytes += good;
                Ok(FileEnd { good, torn })
            }
            Err(damage) => Err(RecoveryError { offset, damage, answer: None }),
        }
    }

    /// Ends the recovery: a transaction without its end is forgotten.
    pub fn end_recovery(&mut self) -> Recovered {
        let Some(recovery) = self.recovery.take() else { return Recovered::default() };
        self.close_session(recovery.session);
        self.state.statistics = recovery.statistics;
        self.effects.set_enabled(self.state.config.record_effects);
        Recovered {
            commands: recovery.commands,
            epoch: recovery.reader.epoch(),
            sequence: recovery.reader.sequence(),
        }
    }

    /// Runs effects as if they happened at `now`, and records none. The same commands that
    /// clients send do the work; only the checks that refuse a canonical form are left out.
    ///
    /// Returns how many commands ran. An incomplete command at the end is not run.
    ///
    /// # Errors
    /// The first error that a command answered, with the state as it was before that command.
    pub fn replay(&mut self, now: UnixMillis, effects: &[u8]) -> Result<u64, Error> {
        self.begin_recovery(now);
        if let Some(recovery) = &mut self.recovery {
            recovery.ours = true;
        }
        let result = self.recover(now, effects);
        let recovered = self.end_recovery();
        match result {
            Ok(()) => Ok(recovered.commands),
            Err(RecoveryError { answer: Some(answer), .. }) => Err(answer),
            Err(_) => Err(Error::protocol(b"not a journal")),
        }
    }

    fn recover_pieces(
        &mut self,
        now: UnixMillis,
        recovery: &mut Recovery,
    ) -> Result<(), RecoveryError> {
        loop {
            let Recovery { reader, session, commands, ours, group, .. } = recovery;
            let offset = reader.offset();
            let failed = |damage, answer| RecoveryError { offset, damage, answer };
            match reader.next() {
                Ok(None) => return Ok(()),
                Ok(Some(piece)) => {
                    let (at, exact) = (piece.at.unwrap_or(now), *ours || piece.at.is_some());
                    self.with_session(*session, |session| session.exact = exact);
                    *commands += self
                        .run_piece(at, *session, piece.commands, group)
                        .map_err(|(damage, answer)| failed(damage, answer))?;
                }
                Err(damage) => return Err(failed(damage, None)),
            }
        }
    }

    /// Runs the commands of a piece; returns how many.
    fn run_piece(
        &mut self,
        now: UnixMillis,
        session: SessionId,
        mut rest: &[u8],
        group: &mut (Vec<u8>, Vec<u8>, usize),
    ) -> Result<u64, (Damage, Option<Error>)> {
        let mut decoder = Decoder::default();
        let limits = Limits { max_bulk_len: u64::MAX, authenticated: true };
        let mut commands = 0;
        while let Some(first) = rest.first() {
            if *first == b'#' {
                let end = rest.iter().position(|&byte| byte == b'\n');
                let (line, behind) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
                self.annotation(session, line.trim_ascii_end(), group);
                rest = behind;
                continue;
            }
            let Ok(Step::Request(len)) = decoder.decode(rest, limits) else {
                return Err((Damage::Corrupt, None));
            };
            let words = decoder.arguments(rest);
            remember_group(words, group);
            self.request(now, session, words);
            rest = &rest[len..];
            decoder.reset();
            commands += 1;
            self.check_answer(session).map_err(|answer| (Damage::Refused, Some(answer)))?;
        }
        Ok(commands)
    }

    fn check_answer(&mut self, id: SessionId) -> Result<(), Error> {
        let reply = self.output(id).map(|output| output.bytes).unwrap_or_default();
        let failed = match reply {
            [b'-', text @ ..] => Some(Error::of(&[text.trim_ascii_end()])),
            _ => None,
        };
        self.consume(id);
        failed.map_or(Ok(()), Err)
    }

    /// What no command can say of the group that was created last, or of its stream.
    fn annotation(
        &mut self,
        session: SessionId,
        line: &[u8],
        (key, name, told): &mut (Vec<u8>, Vec<u8>, usize),
    ) {
        let Some(line) = line.strip_prefix(MARK) else { return };
        let db = self.state.sessions.get(session).map_or(0, |session| session.db);
        let Some(Value::Stream(stream)) = self.state.keyspace.get_mut(db, key) else { return };
        let words = |text: &'_ [u8], at: u8| -> Vec<i64> {
            text.split(|&byte| byte == at).filter_map(parse_i64).collect()
        };
        if let Some(counters) = line.strip_prefix(IIDS) {
            if let [added, duplicates] = words(counters, b' ')[..] {
                stream.idempotency_mut().set_counters(added as u64, duplicates as u64);
            }
        } else if line == INTACT {
            stream.log_mut().forget_deleted();
        } else if let Some(times) = line.strip_prefix(SEEN)
            && let Some((group, _)) = stream.group_mut(name)
        {
            for pair in times.split(|&byte| byte == b' ').filter(|pair| !pair.is_empty()) {
                if let [seen_at, active_at] = words(pair, b',')[..] {
                    let active_at = Some(active_at).filter(|&at| at >= 0);
                    group.set_consumer_times(*told, seen_at, active_at);
                }
                *told += 1;
            }
        }
    }
}

/// Notes what an annotation that follows is about.
fn remember_group(words: Args<'_>, group: &mut (Vec<u8>, Vec<u8>, usize)) {
    let is = |index: usize, name: &[u8]| {
        words.get(index).is_some_and(|word| word.eq_ignore_ascii_case(name))
    };
    let key = if is(0, b"xgroup") && is(1, b"create") { 2 } else { 1 };
    if key == 2 || is(0, b"xsetid") {
        let word = |index| words.get(index).unwrap_or_default().to_vec();
        *group = (word(key), word(key + 1), 0);
    }
}
