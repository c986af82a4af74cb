//! XDEL: deletes entries by ID. XLEN: how many there are.

use alloc::vec::Vec;

use super::args::{Args, entry_id};
use super::context::{Context, View};
use super::spec::{Flags, Flow, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;
use crate::state::Events;
use crate::stream::{Deletion, References};

/// XDEL.
pub const XDEL: Spec = Spec {
    name: "xdel",
    arity: -3,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &[],
    since: "5.0.0",
    group: "stream",
    summary: "Deletes entries by ID; pending entries lists keep what they owe.",
    complexity: "O(1) for each ID.",
    syntax: "key id [id ...]",
    handler: |ctx, args| {
        let command = Xdel::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// XLEN.
pub const XLEN: Spec = Spec {
    name: "xlen",
    arity: 2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &[],
    since: "5.0.0",
    group: "stream",
    summary: "Tells how many entries a stream has.",
    complexity: "O(1)",
    syntax: "key",
    handler: xlen,
    subcommands: &[],
};

/// `XDEL key id [id …]`
#[derive(Clone, Debug)]
pub struct Xdel<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// The entries to delete.
    pub ids: Vec<EntryId>,
}

impl<'a> Xdel<'a> {
    /// Parses the words. IDs of a missing key are not looked at.
    pub fn parse(ctx: &Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let key = words.get(1).ok_or(Error::SYNTAX)?;
        let ids = match ctx.stream(key)? {
            None => Vec::new(),
            Some(_) => words.from(2).iter().map(entry_id).collect::<Result<_, _>>()?,
        };
        Ok(Self { key, ids })
    }
}

impl Command for Xdel<'_> {
    /// How many entries were deleted.
    type Outcome = u64;

    fn run(&self, ctx: &mut Context<'_>) -> Result<u64, Error> {
        let Some(stream) = ctx.stream_mut(self.key)? else { return Ok(0) };
        let mut deleted = Vec::new();
        for &id in &self.ids {
            if stream.delete(id, References::Keep) == Deletion::Deleted {
                deleted.push(id);
            }
        }
        if deleted.is_empty() {
            return Ok(0);
        }
        if let Some(mut effect) = ctx.effects.begin(ctx.db, 2 + deleted.len()) {
            effect.word(b"XDEL").word(self.key);
            for &id in &deleted {
                effect.id(id);
            }
        }
        ctx.touch(self.key);
        ctx.notify(Events::STREAM, "xdel", self.key);
        ctx.changed(deleted.len() as u64);
        Ok(deleted.len() as u64)
    }

    fn render(&self, deleted: &u64, _: View<'_>, out: &mut Writer) {
        out.unsigned(*deleted);
    }
}

fn xlen(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let key = args.get(1).ok_or(Error::SYNTAX)?;
    let length = ctx.stream(key)?.map(|stream| stream.log().len());
    ctx.read(key, length.is_some());
    ctx.out.unsigned(length.unwrap_or(0));
    Ok(Flow::Done)
}
