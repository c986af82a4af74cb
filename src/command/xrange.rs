//! XRANGE and XREVRANGE: entries of an interval, oldest or newest first.

use super::args::{Args, Cursor, interval_end, interval_start};
use super::context::{Context, View};
use super::spec::{Flags, Keys, Spec};
use super::{Command, entries, finish};
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;

/// XRANGE.
pub const XRANGE: Spec = Spec {
    name: "xrange",
    arity: -4,
    flags: Flags::READONLY,
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &[],
    since: "5.0.0",
    group: "stream",
    summary: "Reads the entries of an interval of IDs, oldest first.",
    complexity: "O(log N + M) with N entries in the stream and M in the reply.",
    syntax: "key start end [COUNT count]",
    handler: |ctx, args| {
        let command = Xrange::parse(args, false)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// XREVRANGE.
pub const XREVRANGE: Spec = Spec {
    name: "xrevrange",
    arity: -4,
    flags: Flags::READONLY,
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &[],
    since: "5.0.0",
    group: "stream",
    summary: "Reads the entries of an interval of IDs, newest first.",
    complexity: "O(log N + M) with N entries in the stream and M in the reply.",
    syntax: "key end start [COUNT count]",
    handler: |ctx, args| {
        let command = Xrange::parse(args, true)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XRANGE key start end [COUNT n]`, `XREVRANGE key end start [COUNT n]`
#[derive(Clone, Copy, Debug)]
pub struct Xrange<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// The first ID of the interval.
    pub first: EntryId,
    /// The last ID of the interval.
    pub last: EntryId,
    /// How many entries at most. Zero and less give a null where the key exists.
    pub count: Option<i64>,
    /// Newest first.
    pub reverse: bool,
}

impl<'a> Xrange<'a> {
    /// Parses the words: start, end, options; then only comes the key.
    pub fn parse(words: Args<'a>, reverse: bool) -> Result<Self, Error> {
        let mut cursor = Cursor::new(words, 1);
        let key = cursor.expect()?;
        let (a, b) = (cursor.expect()?, cursor.expect()?);
        let (start, end) = if reverse { (b, a) } else { (a, b) };
        let (first, last) = (interval_start(start)?, interval_end(end)?);
        let mut count = None;
        while cursor.left() > 0 {
            if !cursor.keyword("COUNT", 1) {
                return Err(Error::SYNTAX);
            }
            count = Some(cursor.integer()?);
        }
        Ok(Self { key, first, last, count, reverse })
    }
}

/// What an interval read found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// No key.
    Missing,
    /// A key, and a COUNT of nothing.
    Nothing,
    /// At most so many entries, in the stream itself.
    Entries(usize),
}

impl Command for Xrange<'_> {
    type Outcome = Interval;

    fn run(&self, ctx: &mut Context<'_>) -> Result<Interval, Error> {
        let found = ctx.stream(self.key)?.is_some();
        ctx.read(self.key, found);
        Ok(match self.count {
            _ if !found => Interval::Missing,
            None => Interval::Entries(usize::MAX),
            Some(count) if count <= 0 => Interval::Nothing,
            Some(count) => Interval::Entries(usize::try_from(count).unwrap_or(usize::MAX)),
        })
    }

    fn render(&self, outcome: &Interval, view: View<'_>, out: &mut Writer) {
        match (outcome, view.stream(self.key)) {
            (Interval::Nothing, _) => out.null_array(),
            (Interval::Entries(count), Some(stream)) if self.reverse => {
                entries::list(out, stream.log().range(self.first, self.last).rev().take(*count));
            }
            (Interval::Entries(count), Some(stream)) => {
                entries::range(out, stream, self.first, self.last, *count);
            }
            _ => out.array(0),
        }
    }
}
