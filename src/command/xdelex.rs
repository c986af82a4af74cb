//! XDELEX: deletes entries by ID, and says what becomes of references to them.

use alloc::vec::Vec;

use super::args::Args;
use super::context::{Context, View};
use super::id_block::{self, IdBlock};
use super::spec::{Flags, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;
use crate::state::Events;
use crate::stream::{Deletion, References};

/// XDELEX.
pub const XDELEX: Spec = Spec {
    name: "xdelex",
    arity: -5,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &[],
    since: "8.2.0",
    group: "stream",
    summary: "Deletes entries by ID; keeps, erases or respects references to them.",
    complexity: "O(1) for each ID.",
    syntax: "key [KEEPREF|DELREF|ACKED] IDS numids id [id ...]",
    handler: |ctx, args| {
        let command = Xdelex::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XDELEX key [KEEPREF|DELREF|ACKED] IDS numids id [id …]`
#[derive(Clone, Debug)]
pub struct Xdelex<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// What happens to entries that groups refer to.
    pub references: References,
    /// The entries to delete; empty where the key is missing.
    pub ids: Vec<EntryId>,
    /// How many IDs were given.
    pub len: usize,
}

impl<'a> Xdelex<'a> {
    /// Parses the words. The key's type comes first, then the options; IDs of a missing key are
    /// not looked at.
    pub fn parse(ctx: &Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let key = words.get(1).ok_or(Error::SYNTAX)?;
        let exists = ctx.stream(key)?.is_some();
        let block = IdBlock::parse(words, 2)?;
        let ids = if exists { block.ids()? } else { Vec::new() };
        Ok(Self { key, references: block.references, ids, len: block.len() })
    }
}

impl Command for Xdelex<'_> {
    /// What became of each entry.
    type Outcome = Vec<Deletion>;

    fn run(&self, ctx: &mut Context<'_>) -> Result<Self::Outcome, Error> {
        let Some(stream) = ctx.stream_mut(self.key)? else { return Ok(Vec::new()) };
        let mut outcome = Vec::with_capacity(self.ids.len());
        let mut changed = Vec::new();
        for &id in &self.ids {
            // An entry that is gone may still be pending, and DELREF erases that.
            let erases = self.references == References::Delete && stream.groups().has_pending(id);
            let deletion = stream.delete(id, self.references);
            if erases || deletion == Deletion::Deleted {
                changed.push(id);
            }
            outcome.push(deletion);
        }
        let deleted = outcome.iter().filter(|&&it| it == Deletion::Deleted).count() as u64;
        record_deletion(ctx, self.key, self.references, &changed);
        if deleted > 0 {
            ctx.touch(self.key);
            ctx.notify(Events::STREAM, "xdel", self.key);
            ctx.changed(deleted);
        }
        Ok(outcome)
    }

    fn render(&self, outcome: &Self::Outcome, _: View<'_>, out: &mut Writer) {
        id_block::render(out, self.len, outcome);
    }
}

/// `XDEL key id [id …]`, which older versions have too, or `XDELEX key DELREF IDS numids id [id …]`
/// where references went as well.
pub(super) fn record_deletion(
    ctx: &mut Context<'_>,
    key: &[u8],
    references: References,
    ids: &[EntryId],
) {
    let erases = references == References::Delete;
    let words = if erases { 5 } else { 2 } + ids.len();
    if ids.is_empty() {
        return;
    }
    if let Some(mut effect) = ctx.effects.begin(ctx.db, words) {
        if erases {
            effect.word(b"XDELEX").word(key).word(b"DELREF");
            effect.word(b"IDS").integer(ids.len() as i64);
        } else {
            effect.word(b"XDEL").word(key);
        }
        for &id in ids {
            effect.id(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Client;

    /// Redis forgets to write down that a reference to an entry that is long gone was erased: after
    /// a restart the entry is pending again.
    #[test]
    fn erased_references_are_recorded_though_nothing_was_deleted() {
        let mut client = Client::new();
        client.transcript(
            r#"
            XADD s 1-0 f v => "1-0"
            XGROUP CREATE s g 0 => OK
            XREADGROUP GROUP g c STREAMS s > => [["s", [["1-0", ["f", "v"]]]]]
            XDEL s 1-0 => :1
            "#,
        );
        client.effects();
        client.transcript("XDELEX s DELREF IDS 2 1-0 7-0 => [:-1, :-1]");
        assert_eq!(client.effects(), ["XDELEX s DELREF IDS 1 1-0"]);
    }
}
