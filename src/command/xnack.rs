//! XNACK: gives entries back to their group, for anybody to claim.

use alloc::vec::Vec;

use super::args::{Args, Cursor, entry_id, is};
use super::context::{Context, View};
use super::spec::{Flags, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;
use crate::stream::{Nack, NackMode};

/// XNACK.
pub const XNACK: Spec = Spec {
    name: "xnack",
    arity: -7,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &[],
    since: "8.8.0",
    group: "stream",
    summary: "Gives pending entries back to their group, for the next claim to take first.",
    complexity: "O(log N) for each ID, with N entries pending.",
    syntax: "key group <SILENT|FAIL|FATAL> IDS numids id [id ...] [RETRYCOUNT count] [FORCE]",
    handler: |ctx, args| {
        let command = Xnack::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XNACK key group SILENT|FAIL|FATAL IDS numids id [id …] [RETRYCOUNT n] [FORCE]`
#[derive(Clone, Debug)]
pub struct Xnack<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// The group.
    pub group: &'a [u8],
    /// The entries.
    pub ids: Vec<EntryId>,
    /// How they are given back.
    pub nack: Nack,
}

impl<'a> Xnack<'a> {
    /// Parses the words. The group comes first, then the mode, then options in any order.
    pub fn parse(ctx: &Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let mut cursor = Cursor::new(words, 1);
        let (key, group) = (cursor.expect()?, cursor.expect()?);
        if ctx.stream(key)?.is_none_or(|stream| stream.groups().get(group).is_none()) {
            return Err(Error::no_group(key, group));
        }
        let mut nack = Nack { mode: mode(cursor.expect()?)?, retry_count: None, force: false };
        let mut ids = None;
        while let Some(word) = cursor.peek() {
            if cursor.keyword("IDS", 1) {
                ids = Some(counted(&mut cursor)?);
            } else if cursor.keyword("FORCE", 0) {
                nack.force = true;
            } else if cursor.keyword("RETRYCOUNT", 1) {
                let count = cursor.integer()?;
                let count = u64::try_from(count).map_err(|_| Error::NACK_RETRY_COUNT)?;
                nack.retry_count = Some(count);
            } else {
                return Err(Error::unrecognized_option("XNACK", word));
            }
        }
        let ids = ids.ok_or(Error::NACK_IDS_REQUIRED)?;
        Ok(Self { key, group, ids: ids.iter().map(entry_id).collect::<Result<_, _>>()?, nack })
    }
}

fn mode(word: &[u8]) -> Result<NackMode, Error> {
    let modes =
        [("SILENT", NackMode::Silent), ("FAIL", NackMode::Fail), ("FATAL", NackMode::Fatal)];
    let found = modes.into_iter().find(|(name, _)| is(word, name));
    found.map(|(_, mode)| mode).ok_or(Error::NACK_MODE)
}

/// Takes a count and as many words; the count fits 31 bits, as in Redis.
fn counted<'a>(cursor: &mut Cursor<'a>) -> Result<Args<'a>, Error> {
    let counts = 1..=i64::from(i32::MAX);
    let count = cursor.integer().ok().filter(|count| counts.contains(count));
    let count = count.ok_or(Error::NACK_IDS_NOT_POSITIVE)?;
    cursor.take(count as u64).ok_or(Error::NACK_IDS_MISSING)
}

impl Command for Xnack<'_> {
    /// How many entries were given back, repetitions included.
    type Outcome = u64;

    fn run(&self, ctx: &mut Context<'_>) -> Result<u64, Error> {
        let Some((group, log)) = ctx.stream_mut(self.key)?.and_then(|s| s.group_mut(self.group))
        else {
            return Err(Error::no_group(self.key, self.group));
        };
        let mut given_back = Vec::new();
        for &id in &self.ids {
            if group.nack(log, id, &self.nack)
                && let Some(pending) = group.pending(id)
            {
                given_back.push((id, pending.delivery_count));
            }
        }
        let count = given_back.len() as u64;
        if count > 0 {
            self.record(ctx, &given_back);
            ctx.changed(count);
            ctx.signal(self.key);
        }
        Ok(count)
    }

    fn render(&self, count: &u64, _: View<'_>, out: &mut Writer) {
        out.unsigned(*count);
    }
}

impl Xnack<'_> {
    /// `XNACK key group FAIL IDS numids id [id …] RETRYCOUNT n FORCE`, one for each run of entries
    /// with the same count, as Redis writes it when it rewrites its journal.
    fn record(&self, ctx: &mut Context<'_>, given_back: &[(EntryId, u64)]) {
        for run in given_back.chunk_by(|a, b| a.1 == b.1) {
            let Some(mut effect) = ctx.effects.begin(ctx.db, 9 + run.len()) else { return };
            effect.word(b"XNACK").word(self.key).word(self.group).word(b"FAIL");
            effect.word(b"IDS").integer(run.len() as i64);
            for &(id, _) in run {
                effect.id(id);
            }
            effect.word(b"RETRYCOUNT").integer(run[0].1 as i64).word(b"FORCE");
        }
    }
}
