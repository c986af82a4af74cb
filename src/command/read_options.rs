//! The words that XREAD and XREADGROUP share: options, then keys and IDs after STREAMS.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::args::{Args, Cursor, integer};
use super::context::Context;
use crate::error::Error;
use crate::id::EntryId;
use crate::state::{Arguments, BlockedCall};
use crate::time::{Millis, UnixMillis};

/// Which of the two commands is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// XREAD.
    Plain,
    /// XREADGROUP.
    Group,
}

/// What BLOCK asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wait {
    /// Until there is something to read.
    Forever,
    /// Until then at most.
    Until(UnixMillis),
}

/// Options as far as they were scanned.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadOptions<'a> {
    /// Entries of each stream at most; 0 is all.
    pub count: u64,
    /// MAXCOUNT: entries of all streams at most; 0 is all.
    pub max_count: u64,
    /// MAXSIZE: bytes of the reply after which no entry begins; 0 is any number.
    pub max_size: u64,
    /// CLAIM: how long pending entries must have been idle to be delivered again.
    pub min_idle: Option<Millis>,
    /// How long the read may wait; `None` not at all.
    pub block: Option<Wait>,
    /// The group and the consumer.
    pub group: Option<(&'a [u8], &'a [u8])>,
    /// Whether deliveries leave no pending entry.
    pub no_ack: bool,
    /// The keys.
    pub keys: Args<'a>,
    /// An ID for each key.
    pub ids: Args<'a>,
}

impl<'a> ReadOptions<'a> {
    /// Scans from left to right; STREAMS ends the scan.
    pub(super) fn parse(words: Args<'a>, reader: Reader, now: UnixMillis) -> Result<Self, Error> {
        let empty = words.first(0);
        let mut options = Self {
            count: 0,
            max_count: 0,
            max_size: 0,
            min_idle: None,
            block: None,
            group: None,
            no_ack: false,
            keys: empty,
            ids: empty,
        };
        let mut cursor = Cursor::new(words, 1);
        while cursor.left() > 0 && options.keys.is_empty() {
            options.accept(&mut cursor, reader, now)?;
        }
        if options.keys.is_empty() {
            return Err(Error::SYNTAX);
        }
        if reader == Reader::Group && options.group.is_none() {
            return Err(Error::MISSING_GROUP);
        }
        if options.max_count > 0 && options.max_count < options.count {
            return Err(Error::MAXCOUNT_BELOW_COUNT);
        }
        Ok(options)
    }

    fn accept(
        &mut self,
        cursor: &mut Cursor<'a>,
        reader: Reader,
        now: UnixMillis,
    ) -> Result<(), Error> {
        let only_in_groups = |option| match reader {
            Reader::Plain => Err(Error::only_in_xreadgroup(option)),
            Reader::Group => Ok(()),
        };
        // The usual ones first.
        if cursor.keyword("STREAMS", 1) {
            let rest = cursor.rest();
            if !rest.len().is_multiple_of(2) {
                return Err(match reader {
                    Reader::Plain => Error::UNBALANCED_XREAD,
                    Reader::Group => Error::UNBALANCED_XREADGROUP,
                });
            }
            self.keys = rest.first(rest.len() / 2);
            self.ids = rest.from(rest.len() / 2);
        } else if cursor.keyword("GROUP", 2) {
            only_in_groups("GROUP")?;
            self.group = Some((cursor.expect()?, cursor.expect()?));
        } else if cursor.keyword("COUNT", 1) {
            self.count = cursor.integer()?.max(0) as u64;
        } else if cursor.keyword("BLOCK", 1) {
            self.block = Some(wait(cursor.expect()?, now)?);
        } else if cursor.keyword("MAXCOUNT", 1) {
            self.max_count = positive(cursor, Error::MAXCOUNT_NOT_POSITIVE)?;
        } else if cursor.keyword("MAXSIZE", 1) {
            self.max_size = positive(cursor, Error::MAXSIZE_NOT_POSITIVE)?;
        } else if cursor.keyword("CLAIM", 1) {
            only_in_groups("CLAIM")?;
            let min_idle = cursor.integer().map_err(|_| Error::MIN_IDLE_NOT_AN_INTEGER)?;
            self.min_idle = Some(min_idle).filter(|&it| it >= 0);
            self.min_idle.ok_or(Error::MIN_IDLE_NEGATIVE)?;
        } else if cursor.keyword("NOACK", 0) {
            only_in_groups("NOACK")?;
            self.no_ack = true;
        } else {
            return Err(Error::SYNTAX);
        }
        Ok(())
    }

    /// Keys, each with its ID.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        self.keys.iter().zip(self.ids.iter())
    }

    /// The call to wait with; `None` when the read must not wait. `resolved` replaces IDs that
    /// mean something else later.
    pub(super) fn blocked_call(
        &self,
        ctx: &Context<'_>,
        words: Args<'a>,
        wakes_on_missing: bool,
        resolved: impl Fn(usize) -> Option<EntryId>,
    ) -> Option<BlockedCall> {
        let deadline = match self.block.filter(|_| ctx.may_block)? {
            Wait::Forever => None,
            Wait::Until(deadline) => Some(deadline),
        };
        let first_id = words.len() - self.ids.len();
        let texts: Vec<_> = (0..self.ids.len()).map(|at| resolved(at).map(EntryId::text)).collect();
        let words = words.iter().enumerate().map(|(at, word)| {
            let text = at.checked_sub(first_id).and_then(|at| texts.get(at)?.as_ref());
            text.map_or(word, |text| text.as_bytes())
        });
        let keys = self.keys.iter().map(Box::from).collect();
        Some(BlockedCall::new(Arguments::new(words), keys, ctx.db, deadline, wakes_on_missing))
    }
}

fn positive(cursor: &mut Cursor<'_>, error: Error) -> Result<u64, Error> {
    let number = cursor.integer()?;
    if number > 0 { Ok(number as u64) } else { Err(error) }
}

/// The argument of BLOCK: milliseconds, 0 for ever.
fn wait(word: &[u8], now: UnixMillis) -> Result<Wait, Error> {
    let millis = integer(word).map_err(|_| Error::TIMEOUT_NOT_AN_INTEGER)?;
    match millis {
        ..0 => Err(Error::TIMEOUT_NEGATIVE),
        0 => Ok(Wait::Forever),
        _ => now.checked_add(millis).map(Wait::Until).ok_or(Error::TIMEOUT_OUT_OF_RANGE),
    }
}
