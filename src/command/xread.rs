//! XREAD: entries after an ID, of several streams, waiting for them if asked to.

use alloc::vec::Vec;

use super::Command;
use super::args::{Args, entry_id};
use super::context::{Context, View};
use super::entries;
use super::read_budget::Budget;
use super::read_options::{ReadOptions, Reader};
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;
use crate::stream::Stream;

/// XREAD.
pub const XREAD: Spec = Spec {
    name: "xread",
    arity: -4,
    flags: Flags::READONLY.with(Flags::BLOCKING).with(Flags::MOVABLE_KEYS),
    keys: Keys::Streams,
    categories: &["@stream"],
    tips: &[],
    since: "5.0.0",
    group: "stream",
    summary: "Reads entries after the given IDs, of one or several streams; can wait for new ones.",
    complexity: "O(M) with M entries in the reply.",
    syntax: "[COUNT count] [MAXCOUNT count] [MAXSIZE bytes] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]",
    handler: xread,
    subcommands: &[],
};

/// `XREAD [COUNT n] [MAXCOUNT n] [MAXSIZE bytes] [BLOCK ms] STREAMS key [key …] id [id …]`
#[derive(Clone, Debug)]
pub struct Xread<'a> {
    /// How much the reply may show.
    budget: Budget,
    /// Keys, each with the ID after which to read.
    pub streams: Vec<(&'a [u8], EntryId)>,
}

fn xread(ctx: &mut Context<'_>, words: Args<'_>) -> Result<Flow, Error> {
    let options = ReadOptions::parse(words, Reader::Plain, ctx.now)?;
    let command = Xread::parse(ctx, &options)?;
    let served = command.run(ctx)?;
    if served.is_empty() {
        // `$` keeps the meaning that it had when the read began; `+` is looked up again.
        let resolved = |at: usize| match options.ids.get(at) {
            Some(b"$") => command.streams.get(at).map(|(_, after)| *after),
            _ => None,
        };
        if let Some(call) = options.blocked_call(ctx, words, false, resolved) {
            return Ok(Flow::Block(call));
        }
    }
    let (view, out) = ctx.reply();
    command.render(&served, view, out);
    Ok(Flow::Done)
}

impl<'a> Xread<'a> {
    fn parse(ctx: &mut Context<'_>, options: &ReadOptions<'a>) -> Result<Self, Error> {
        let streams = options
            .pairs()
            .map(|(key, id)| Ok((key, after(ctx.read_stream(key)?, id)?)))
            .collect::<Result<_, Error>>()?;
        Ok(Self { budget: Budget::new(options, ctx.out.form()), streams })
    }
}

/// The ID after which a read of this stream begins.
fn after(stream: Option<&Stream>, word: &[u8]) -> Result<EntryId, Error> {
    match word {
        b"$" => Ok(stream.map_or(EntryId::MIN, |stream| stream.log().last_id())),
        b"+" => {
            let last = stream.map_or(EntryId::MIN, |stream| stream.log().last_live_id());
            Ok(last.predecessor().unwrap_or(EntryId::MIN))
        }
        b">" => Err(Error::NEW_ID_IN_XREAD),
        word => entry_id(word),
    }
}

impl Command for Xread<'_> {
    /// Which of the streams have entries to show, by index, and how many of them at most.
    type Outcome = Vec<(usize, usize)>;

    fn run(&self, ctx: &mut Context<'_>) -> Result<Self::Outcome, Error> {
        let mut served = Vec::new();
        let mut budget = self.budget;
        for (index, (key, after)) in self.streams.iter().enumerate() {
            if budget.is_spent() {
                break;
            }
            let stream =
                ctx.read_stream(key)?.filter(|stream| stream.log().last_live_id() > *after);
            if let Some(stream) = stream {
                served.push((index, allowed(&mut budget, key, *after, stream)));
            }
            let found = stream.is_some();
            ctx.looked_up(found);
        }
        Ok(served)
    }

    fn render(&self, served: &Self::Outcome, view: View<'_>, out: &mut Writer) {
        if served.is_empty() {
            return out.null_array();
        }
        let keyed = out.begin_keyed();
        for &(index, count) in served {
            let Some(&(key, after)) = self.streams.get(index) else { continue };
            out.key(key);
            let first = after.successor().unwrap_or(EntryId::MAX);
            match view.stream(key) {
                Some(stream) => {
                    entries::range(out, stream, first, EntryId::MAX, count);
                }
                None => out.array(0),
            }
        }
        out.end_keyed(keyed, served.len());
    }
}

/// How many entries of a stream the budget allows to be shown.
fn allowed(budget: &mut Budget, key: &[u8], after: EntryId, stream: &Stream) -> usize {
    let count = match budget.begin_stream(key) {
        0 => usize::MAX,
        count => usize::try_from(count).unwrap_or(usize::MAX),
    };
    if budget.is_unlimited() {
        return count;
    }
    let first = after.successor().unwrap_or(EntryId::MAX);
    let entries = stream.log().range(first, EntryId::MAX).take(count);
    let admitted = entries.take_while(|entry| budget.admit(entry.id, Some(entry), None)).count();
    budget.end_stream();
    admitted
}
