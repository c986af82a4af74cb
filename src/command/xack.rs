//! XACK: takes entries off a group's pending entries list.

use alloc::vec::Vec;

use super::args::{Args, entry_id};
use super::context::{Context, View};
use super::spec::{Flags, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;

/// XACK.
pub const XACK: Spec = Spec {
    name: "xack",
    arity: -4,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &[],
    since: "5.0.0",
    group: "stream",
    summary: "Acknowledges entries: they are no longer pending in the group.",
    complexity: "O(log N) for each ID, with N entries pending.",
    syntax: "key group id [id ...]",
    handler: |ctx, args| {
        let command = Xack::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XACK key group id [id …]`
#[derive(Clone, Debug)]
pub struct Xack<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// The group.
    pub group: &'a [u8],
    /// The entries to acknowledge.
    pub ids: Vec<EntryId>,
}

impl<'a> Xack<'a> {
    /// Parses the words. IDs for a missing key or group are not looked at.
    pub fn parse(ctx: &mut Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let (Some(key), Some(group)) = (words.get(1), words.get(2)) else {
            return Err(Error::SYNTAX);
        };
        ctx.miss(key);
        let ids = words.from(3).iter().map(entry_id).collect::<Result<_, _>>();
        let ids = ids.or_else(|error| {
            let group = ctx.stream(key)?.and_then(|stream| stream.groups().get(group));
            if group.is_some() { Err(error) } else { Ok(Vec::new()) }
        })?;
        Ok(Self { key, group, ids })
    }
}

impl Command for Xack<'_> {
    /// How many entries were pending.
    type Outcome = u64;

    fn run(&self, ctx: &mut Context<'_>) -> Result<u64, Error> {
        let group = ctx.stream_mut(self.key)?.and_then(|stream| stream.group_mut(self.group));
        let Some((group, _)) = group else { return Ok(0) };
        let mut acknowledged = Vec::with_capacity(self.ids.len());
        acknowledged.extend(self.ids.iter().copied().filter(|&id| group.ack(id)));
        record_ack(ctx, self.key, self.group, &acknowledged);
        ctx.changed(acknowledged.len() as u64);
        Ok(acknowledged.len() as u64)
    }

    fn render(&self, acknowledged: &u64, _: View<'_>, out: &mut Writer) {
        out.unsigned(*acknowledged);
    }
}

/// `XACK key group id [id …]`, if there is any.
pub(super) fn record_ack(ctx: &mut Context<'_>, key: &[u8], group: &[u8], ids: &[EntryId]) {
    if ids.is_empty() {
        return;
    }
    if let Some(mut effect) = ctx.effects.begin(ctx.db, 3 + ids.len()) {
        effect.word(b"XACK").word(key).word(group);
        for &id in ids {
            effect.id(id);
        }
    }
}
