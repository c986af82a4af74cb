//! XTRIM: removes the oldest entries.

use super::args::{Args, Cursor};
use super::context::{Context, View};
use super::spec::{Flags, Keys, Spec};
use super::trim_options::TrimOptions;
use super::xadd::{exact_threshold, push_trim, trim_words};
use super::{Command, finish};
use crate::error::Error;
use crate::reply::Writer;
use crate::state::Events;
use crate::stream::Trim;

/// XTRIM.
pub const XTRIM: Spec = Spec {
    name: "xtrim",
    arity: -4,
    flags: Flags::WRITE,
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &["nondeterministic_output"],
    since: "5.0.0",
    group: "stream",
    summary: "Removes the oldest entries of a stream, by length or by ID.",
    complexity: "O(N) with N entries removed; whole blocks go in one step.",
    syntax: "key <MAXLEN|MINID> [=|~] threshold [LIMIT count] [KEEPREF|DELREF|ACKED]",
    handler: |ctx, args| {
        let command = Xtrim::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XTRIM key MAXLEN|MINID [=|~] threshold [LIMIT n] [KEEPREF|DELREF|ACKED]`
#[derive(Clone, Copy, Debug)]
pub struct Xtrim<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// What to trim.
    pub trim: Trim,
}

impl<'a> Xtrim<'a> {
    /// Parses the words; every error in them comes before a look at the key.
    pub fn parse(ctx: &Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let mut cursor = Cursor::new(words, 1);
        let key = cursor.expect()?;
        let mut options = TrimOptions::default();
        while cursor.left() > 0 {
            if !options.accept(&mut cursor)? {
                return Err(Error::SYNTAX);
            }
        }
        let trim = options.finish(true, ctx.replaying)?;
        Ok(Self { key, trim: trim.ok_or(Error::TRIM_WITHOUT_STRATEGY)? })
    }
}

impl Command for Xtrim<'_> {
    /// How many entries were removed.
    type Outcome = u64;

    fn run(&self, ctx: &mut Context<'_>) -> Result<u64, Error> {
        let limits = ctx.state.config.block_limits;
        let Some(stream) = ctx.stream_mut(self.key)? else { return Ok(0) };
        let removed = stream.trim(&self.trim, limits);
        if removed == 0 {
            return Ok(0);
        }
        let threshold = exact_threshold(&self.trim, stream);
        if let Some(mut effect) = ctx.effects.begin(ctx.db, 2 + trim_words(&self.trim)) {
            effect.word(b"XTRIM").word(self.key);
            push_trim(&mut effect, &self.trim, threshold);
        }
        ctx.touch(self.key);
        ctx.notify(Events::STREAM, "xtrim", self.key);
        ctx.changed(removed);
        Ok(removed)
    }

    fn render(&self, removed: &u64, _: View<'_>, out: &mut Writer) {
        out.unsigned(*removed);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Client;

    /// The ID of a block's first entry, which Redis writes down here, may be that of an entry that
    /// this very trim has deleted: a journal with it would bring the entry back.
    #[test]
    fn the_effect_of_an_approximate_trim_by_references_deletes_the_same_entries() {
        let mut client = Client::new();
        client.transcript("XADD s 1-0 f v => \"1-0\"\nXADD s 2-0 f v => \"2-0\"");
        client.effects();
        client.transcript("XTRIM s MINID ~ 2-0 DELREF => :1");
        assert_eq!(client.effects(), ["XTRIM s DELREF MAXLEN = 1"]);
    }
}
