//! XIDMPRECORD: tells a stream which entry an idempotent ID stands for, as a journal does.

use super::args::{Args, entry_id};
use super::context::{Context, View};
use super::spec::{Flags, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::id::EntryId;
use crate::reply::Writer;

/// XIDMPRECORD.
pub const XIDMPRECORD: Spec = Spec {
    name: "xidmprecord",
    arity: 5,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &[],
    since: "8.6.2",
    group: "stream",
    summary: "Records which entry an idempotent ID stands for; for journals.",
    complexity: "O(log N) with N idempotent IDs of the producer.",
    syntax: "key producer-id idempotent-id id",
    handler: |ctx, args| {
        let command = Xidmprecord::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XIDMPRECORD key producer-id idempotent-id id`
#[derive(Clone, Copy, Debug)]
pub struct Xidmprecord<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// The producer.
    pub producer: &'a [u8],
    /// Its idempotent ID.
    pub idempotent_id: &'a [u8],
    /// The entry that it stands for.
    pub id: EntryId,
}

impl<'a> Xidmprecord<'a> {
    /// Parses the words: the ID first, then what may not be empty, then the key.
    pub fn parse(ctx: &Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let word = |index| words.get(index).ok_or(Error::SYNTAX);
        let (key, producer, idempotent_id) = (word(1)?, word(2)?, word(3)?);
        let id = entry_id(word(4)?)?;
        // Payloads have brought empty ones in, which a journal must be able to say.
        if producer.is_empty() && !ctx.replaying {
            return Err(Error::EMPTY_PRODUCER);
        }
        if idempotent_id.is_empty() && !ctx.replaying {
            return Err(Error::EMPTY_IDEMPOTENT_ID);
        }
        let stream = ctx.stream(key)?.ok_or(Error::NO_SUCH_KEY)?;
        // A journal names an entry that was trimmed in the very call that added it.
        let log = stream.log();
        let was_added = ctx.replaying && id != EntryId::MIN && id <= log.last_id();
        if !was_added && !log.contains(id) {
            return Err(Error::NO_SUCH_ENTRY);
        }
        Ok(Self { key, producer, idempotent_id, id })
    }
}

impl Command for Xidmprecord<'_> {
    type Outcome = ();

    fn run(&self, ctx: &mut Context<'_>) -> Result<(), Error> {
        let (now, replaying) = (ctx.now, ctx.replaying);
        let stream = ctx.stream_mut(self.key)?.ok_or(Error::NO_SUCH_KEY)?;
        let idempotency = stream.idempotency_mut();
        if !replaying {
            idempotency.expire(now);
        }
        match idempotency.find(self.producer, self.idempotent_id) {
            // A journal that says it again knows that the first one had expired by then.
            Some(id) if !replaying && id == self.id => Ok(()),
            Some(_) if !replaying => Err(Error::IDEMPOTENT_ID_TAKEN),
            _ => {
                idempotency.insert(self.producer, self.idempotent_id, self.id);
                record_idempotent_id(ctx, self.key, self.producer, self.idempotent_id, self.id);
                ctx.changed(1);
                Ok(())
            }
        }
    }

    fn render(&self, (): &(), _: View<'_>, out: &mut Writer) {
        out.ok();
    }
}

/// `XIDMPRECORD key producer-id idempotent-id id`
pub(super) fn record_idempotent_id(
    ctx: &mut Context<'_>,
    key: &[u8],
    producer: &[u8],
    idempotent_id: &[u8],
    id: EntryId,
) {
    if let Some(mut effect) = ctx.effects.begin(ctx.db, 5) {
        effect.word(b"XIDMPRECORD").word(key).word(producer).word(idempotent_id).id(id);
    }
}
