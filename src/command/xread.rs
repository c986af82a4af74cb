//! XREAD: entries after an ID, of several streams, waiting for them if asked to.

use alloc::vec::Vec;

use super::Command;
use super::args::{Args, entry_id};
use super::context::{Context, View};
use super::entries;
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
    syntax: "[COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]",
    handler: xread,
    subcommands: &[],
};

/// `XREAD [COUNT n] [BLOCK ms] STREAMS key [key …] id [id …]`
#[derive(Clone, Debug)]
pub struct Xread<'a> {
    /// Entries of each stream at most.
    pub count: usize,
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
    fn parse(ctx: &Context<'_>, options: &ReadOptions<'a>) -> Result<Self, Error> {
        let streams = options
            .pairs()
            .map(|(key, id)| Ok((key, after(ctx.stream(key)?, id)?)))
            .collect::<Result<_, Error>>()?;
        let count = if options.count == 0 { usize::MAX } else { options.count };
        Ok(Self { count, streams })
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
    /// Which of the streams have entries to show, by index.
    type Outcome = Vec<usize>;

    fn run(&self, ctx: &mut Context<'_>) -> Result<Vec<usize>, Error> {
        let mut served = Vec::new();
        for (index, (key, after)) in self.streams.iter().enumerate() {
            let stream = ctx.stream(key)?;
            let has_entries = stream.is_some_and(|stream| stream.log().last_live_id() > *after);
            ctx.looked_up(has_entries);
            if has_entries {
                served.push(index);
            }
        }
        Ok(served)
    }

    fn render(&self, served: &Vec<usize>, view: View<'_>, out: &mut Writer) {
        if served.is_empty() {
            return out.null_array();
        }
        let keyed = out.begin_keyed();
        for &(key, after) in served.iter().filter_map(|&index| self.streams.get(index)) {
            out.key(key);
            let first = after.successor().unwrap_or(EntryId::MAX);
            match view.stream(key) {
                Some(stream) => {
                    entries::range(out, stream, first, EntryId::MAX, self.count);
                }
                None => out.array(0),
            }
        }
        out.end_keyed(keyed, served.len());
    }
}
