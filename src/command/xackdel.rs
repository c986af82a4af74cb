//! XACKDEL: acknowledges entries in one group and deletes them.

use alloc::vec::Vec;

use super::args::Args;
use super::context::{Context, View};
use super::id_block::{self, IdBlock};
use super::spec::{Flags, Keys, Spec};
use super::xack::record_ack;
use super::xdelex::record_deletion;
use super::{Command, finish};
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;
use crate::state::Events;
use crate::stream::{Deletion, References};

/// XACKDEL.
pub const XACKDEL: Spec = Spec {
    name: "xackdel",
    arity: -6,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &[],
    since: "8.2.0",
    group: "stream",
    summary: "Acknowledges entries in a group and deletes them.",
    complexity: "O(log N) for each ID, with N entries pending.",
    syntax: "key group [KEEPREF|DELREF|ACKED] IDS numids id [id ...]",
    handler: |ctx, args| {
        let command = Xackdel::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XACKDEL key group [KEEPREF|DELREF|ACKED] IDS numids id [id …]`
#[derive(Clone, Debug)]
pub struct Xackdel<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// The group.
    pub group: &'a [u8],
    /// What happens to entries that other groups refer to.
    pub references: References,
    /// The entries; empty where the key or the group is missing.
    pub ids: Vec<EntryId>,
    /// How many IDs were given.
    pub len: usize,
}

impl<'a> Xackdel<'a> {
    /// Parses the words. The key's type comes first, then the options; IDs for a missing key or
    /// group are not looked at.
    pub fn parse(ctx: &mut Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let (Some(key), Some(group)) = (words.get(1), words.get(2)) else {
            return Err(Error::SYNTAX);
        };
        let exists =
            ctx.read_stream(key)?.is_some_and(|stream| stream.groups().get(group).is_some());
        let block = IdBlock::parse(words, 3)?;
        let ids = if exists { block.ids()? } else { Vec::new() };
        Ok(Self { key, group, references: block.references, ids, len: block.len() })
    }
}

impl Command for Xackdel<'_> {
    /// What became of each entry; deleted means acknowledged and not there (any more).
    type Outcome = Vec<Deletion>;

    fn run(&self, ctx: &mut Context<'_>) -> Result<Self::Outcome, Error> {
        let Some(stream) = ctx.stream_mut(self.key)? else { return Ok(Vec::new()) };
        let (mut acknowledged, mut deleted) = (Vec::new(), Vec::new());
        let mut outcome = Vec::with_capacity(self.ids.len());
        for &id in &self.ids {
            let before = stream.log().len();
            let deletion = stream.ack_and_delete(self.group, id, self.references);
            if deletion != Deletion::NotFound {
                acknowledged.push(id);
            }
            if stream.log().len() < before {
                deleted.push(id);
            }
            outcome.push(deletion);
        }
        if self.references == References::Delete {
            // Erasing every reference to an entry acknowledges it as well.
            record_deletion(ctx, self.key, self.references, &acknowledged);
        } else {
            record_ack(ctx, self.key, self.group, &acknowledged);
            record_deletion(ctx, self.key, self.references, &deleted);
        }
        ctx.changed(acknowledged.len() as u64);
        if !deleted.is_empty() {
            ctx.touch(self.key);
            ctx.notify(Events::STREAM, "xdel", self.key);
        }
        Ok(outcome)
    }

    fn render(&self, outcome: &Self::Outcome, _: View<'_>, out: &mut Writer) {
        id_block::render(out, self.len, outcome);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Client;

    #[test]
    fn effects_are_those_of_older_versions_where_these_suffice() {
        let mut client = Client::new();
        client.transcript(
            r#"
            XADD s 1-0 f v => "1-0"
            XADD s 2-0 f v => "2-0"
            XADD s 3-0 f v => "3-0"
            XGROUP CREATE s g 0 => OK
            XGROUP CREATE s h 0 => OK
            XREADGROUP GROUP g c NOACK STREAMS s > => [["s", [["1-0", ["f", "v"]], ["2-0", ["f", "v"]], ["3-0", ["f", "v"]]]]]
            XCLAIM s g c 0 1-0 2-0 3-0 FORCE JUSTID => ["1-0", "2-0", "3-0"]
            "#,
        );
        client.effects();
        client.transcript("XACKDEL s g ACKED IDS 2 9-0 1-0 => [:-1, :2]");
        assert_eq!(client.effects(), ["XACK s g 1-0"]);
        client.transcript("XACKDEL s g IDS 1 2-0 => [:1]");
        assert_eq!(client.effects(), ["MULTI", "XACK s g 2-0", "XDEL s 2-0", "EXEC"]);
        client.transcript("XACKDEL s g DELREF IDS 1 3-0 => [:1]");
        assert_eq!(client.effects(), ["XDELEX s DELREF IDS 1 3-0"]);
    }
}
