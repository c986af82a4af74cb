//! XSETID: sets a stream's last ID and counters.

use super::args::{Args, Cursor, entry_id};
use super::context::{Context, View};
use super::spec::{Flags, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;
use crate::state::Events;

/// XSETID.
pub const XSETID: Spec = Spec {
    name: "xsetid",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &[],
    since: "5.0.0",
    group: "stream",
    summary: "Sets a stream's last ID and its counters; for replication and repair.",
    complexity: "O(1)",
    syntax: "key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]",
    handler: |ctx, args| {
        let command = Xsetid::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XSETID key id [ENTRIESADDED n] [MAXDELETEDID id]`
#[derive(Clone, Copy, Debug)]
pub struct Xsetid<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// The last ID.
    pub last_id: EntryId,
    /// How many entries were ever added.
    pub entries_added: Option<u64>,
    /// The greatest ID ever deleted.
    pub max_deleted_id: Option<EntryId>,
}

impl<'a> Xsetid<'a> {
    /// Parses the words; every error in them comes before a look at the key.
    pub fn parse(ctx: &Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let mut cursor = Cursor::new(words, 1);
        let (key, last_id) = (cursor.expect()?, entry_id(cursor.expect()?)?);
        let (mut entries_added, mut max_deleted_id) = (None, None);
        while cursor.left() > 0 {
            if cursor.keyword("ENTRIESADDED", 1) {
                let added = cursor.integer()?;
                let added = u64::try_from(added).map_err(|_| Error::ENTRIES_ADDED_NEGATIVE)?;
                entries_added = Some(added);
            } else if cursor.keyword("MAXDELETEDID", 1) {
                let id = entry_id(cursor.expect()?)?;
                if last_id < id {
                    return Err(Error::SETID_BELOW_GIVEN_MAX_DELETED);
                }
                max_deleted_id = Some(id);
            } else {
                return Err(Error::SYNTAX);
            }
        }
        let log = ctx.stream(key)?.ok_or(Error::NO_SUCH_KEY)?.log();
        // A journal may go back behind placeholders that it has just removed.
        if last_id < log.max_deleted_id() && !ctx.replaying {
            return Err(Error::SETID_BELOW_MAX_DELETED);
        }
        if !log.is_empty() && last_id < log.last_live_id() {
            return Err(Error::SETID_BELOW_TOP);
        }
        if !log.is_empty() && entries_added.is_some_and(|added| added < log.len()) {
            return Err(Error::ENTRIES_ADDED_BELOW_LENGTH);
        }
        Ok(Self { key, last_id, entries_added, max_deleted_id })
    }
}

impl Command for Xsetid<'_> {
    type Outcome = ();

    fn run(&self, ctx: &mut Context<'_>) -> Result<(), Error> {
        let stream = ctx.stream_mut(self.key)?.ok_or(Error::NO_SUCH_KEY)?;
        stream.log_mut().set_id(self.last_id, self.entries_added, self.max_deleted_id);
        let optional = [self.entries_added.is_some(), self.max_deleted_id.is_some()];
        let words = 3 + 2 * optional.into_iter().filter(|&given| given).count();
        if let Some(mut effect) = ctx.effects.begin(ctx.db, words) {
            effect.word(b"XSETID").word(self.key).id(self.last_id);
            if let Some(added) = self.entries_added {
                effect.word(b"ENTRIESADDED").integer(added as i64);
            }
            if let Some(id) = self.max_deleted_id {
                effect.word(b"MAXDELETEDID").id(id);
            }
        }
        ctx.notify(Events::STREAM, "xsetid", self.key);
        ctx.changed(1);
        Ok(())
    }

    fn render(&self, (): &(), _: View<'_>, out: &mut Writer) {
        out.ok();
    }
}
