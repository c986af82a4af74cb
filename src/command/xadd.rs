//! XADD: appends an entry, and trims.

use super::args::{Args, Cursor};
use super::context::{Context, View};
use super::effects::Effect;
use super::fingerprint;
use super::spec::{Flags, Keys, Spec};
use super::trim_options::{TrimOptions, effect_words};
use super::xcfgset::record_limits;
use super::xidmprecord::record_idempotent_id;
use super::{Command, finish};
use crate::error::Error;
use crate::id::{EntryId, NewId};
use crate::reply::Writer;
use crate::state::Events;
use crate::stream::{AddError, References, Stream, Threshold, Trim};

/// XADD.
pub const XADD: Spec = Spec {
    name: "xadd",
    arity: -5,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &["nondeterministic_output"],
    since: "5.0.0",
    group: "stream",
    summary: "Appends an entry to a stream, which it creates if need be.",
    complexity: "O(1) to add; O(N) to trim, with N entries removed.",
    syntax: "key [NOMKSTREAM] [KEEPREF|DELREF|ACKED] [IDMPAUTO producer-id|IDMP producer-id idempotent-id] [<MAXLEN|MINID> [=|~] threshold [LIMIT count]] <*|id> field value [field value ...]",
    handler: |ctx, args| {
        let command = Xadd::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XADD key [NOMKSTREAM] [KEEPREF|DELREF|ACKED] [IDMPAUTO pid|IDMP pid iid]
/// [MAXLEN|MINID [=|~] threshold [LIMIT n]] <*|id> field value [field value …]`
#[derive(Clone, Copy, Debug)]
pub struct Xadd<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// Whether a missing key is left alone.
    pub no_mkstream: bool,
    /// What makes the same call, made again, add nothing.
    pub idempotent: Option<Idempotent<'a>>,
    /// What to trim afterwards.
    pub trim: Option<Trim>,
    /// The ID.
    pub id: NewId,
    /// Fields, each followed by its value.
    pub fields: Args<'a>,
}

/// IDMP or IDMPAUTO: what a producer calls an entry.
#[derive(Clone, Copy, Debug)]
pub struct Idempotent<'a> {
    /// The producer.
    pub producer: &'a [u8],
    /// Its idempotent ID for the entry; `None` to make one of the fields and values.
    pub id: Option<&'a [u8]>,
}

/// Fields and values of one entry may not be longer, in bytes.
const MAX_ENTRY: usize = 1 << 30;

impl<'a> Xadd<'a> {
    /// Parses the words. The first one that is no option is the ID; all after it is data.
    pub fn parse(ctx: &Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let mut cursor = Cursor::new(words, 1);
        let key = cursor.expect()?;
        let mut options = TrimOptions::default();
        let mut no_mkstream = false;
        let mut idempotent = None;
        let mut id = None;
        while id.is_none()
            && let Some(word) = cursor.peek()
        {
            // No option begins with a digit.
            let option = !word.first().is_some_and(u8::is_ascii_digit);
            if is_auto_id(word) {
                cursor.word();
                id = Some(NewId::Auto);
            } else if option && options.accept(&mut cursor)? {
            } else if option && cursor.keyword("NOMKSTREAM", 0) {
                no_mkstream = true;
            } else if option
                && let Some(found) = Idempotent::parse(&mut cursor, idempotent.is_some())?
            {
                idempotent = Some(found);
            } else {
                id = Some(NewId::parse(cursor.expect()?).ok_or(Error::INVALID_ID)?);
                if idempotent.is_some() && !ctx.replaying {
                    return Err(Error::IDEMPOTENT_NEEDS_AUTO_ID);
                }
            }
        }
        let trim = options.finish(false, ctx.replaying)?;
        let fields = cursor.rest();
        let id = id.filter(|_| fields.len() >= 2 && fields.len().is_multiple_of(2));
        let id = id.ok_or_else(|| Error::arity("xadd"))?;
        if id == NewId::Explicit(EntryId::MIN) {
            return Err(Error::ID_ZERO);
        }
        Ok(Self { key, no_mkstream, idempotent, trim, id, fields })
    }
}

impl<'a> Idempotent<'a> {
    /// Takes the next words if they are IDMP or IDMPAUTO, which may come once.
    fn parse(cursor: &mut Cursor<'a>, seen: bool) -> Result<Option<Self>, Error> {
        let auto = cursor.keyword("IDMPAUTO", 1);
        if !auto && !cursor.keyword("IDMP", 2) {
            return Ok(None);
        }
        if seen {
            return Err(Error::IDEMPOTENT_TWICE);
        }
        let producer = cursor.expect()?;
        if producer.is_empty() {
            return Err(if auto {
                Error::IDMPAUTO_NEEDS_PRODUCER
            } else {
                Error::IDMP_NEEDS_PRODUCER
            });
        }
        let id = if auto { None } else { Some(cursor.expect()?) };
        if id.is_some_and(<[u8]>::is_empty) {
            return Err(Error::IDMP_NEEDS_ID);
        }
        Ok(Some(Self { producer, id }))
    }
}

/// `*`, also with a NUL and anything behind it.
fn is_auto_id(word: &[u8]) -> bool {
    word == b"*" || word.starts_with(b"*\0")
}

impl Command for Xadd<'_> {
    /// The new entry's ID; `None` when the key is missing and NOMKSTREAM left it so.
    type Outcome = Option<EntryId>;

    fn run(&self, ctx: &mut Context<'_>) -> Result<Self::Outcome, Error> {
        if self.fields.iter().map(<[u8]>::len).sum::<usize>() > MAX_ENTRY {
            let exists = ctx.stream(self.key)?.is_some();
            return if exists || !self.no_mkstream {
                Err(Error::ENTRY_TOO_LARGE)
            } else {
                Ok(None)
            };
        }
        match self.idempotent {
            None => self.add(ctx, None),
            Some(Idempotent { producer, id: Some(id) }) => self.add(ctx, Some((producer, id))),
            Some(Idempotent { producer, id: None }) => {
                let id = fingerprint::of_fields(self.fields);
                self.add(ctx, Some((producer, &id)))
            }
        }
    }

    fn render(&self, outcome: &Self::Outcome, _: View<'_>, out: &mut Writer) {
        match outcome {
            Some(id) => out.id(*id),
            None => out.null(),
        }
    }
}

/// A producer and its idempotent ID.
type Iid<'a> = (&'a [u8], &'a [u8]);

impl Xadd<'_> {
    /// Adds the entry, unless its idempotent ID stands for one already.
    fn add(&self, ctx: &mut Context<'_>, iid: Option<Iid<'_>>) -> Result<Option<EntryId>, Error> {
        let (now, limits, replaying) = (ctx.now, ctx.state.config.block_limits, ctx.replaying);
        let found = ctx.stream_or_create(self.key, !self.no_mkstream)?;
        let Some((stream, created)) = found else { return Ok(None) };
        if let Some((producer, iid)) = iid {
            let idempotency = stream.idempotency_mut();
            // Nothing expires while a journal is read: what it repeats was known back then.
            if !replaying {
                idempotency.expire(now);
            }
            let known = idempotency.find(producer, iid);
            // A journal that gives another ID knows that the first one had expired by then. Redis
            // writes a repetition down as it came, with `*`.
            let other = |id| replaying && matches!(self.id, NewId::Explicit(given) if given != id);
            if let Some(id) = known.filter(|&id| !other(id)) {
                idempotency.count_duplicate();
                self.record_duplicate(ctx, (producer, iid), id);
                ctx.changed(1);
                return Ok(Some(id));
            }
            idempotency.see_producer(producer);
        }
        let id = stream.log().resolve(self.id, now).map_err(add_error)?;
        stream.log_mut().append(id, self.fields, limits).map_err(add_error)?;
        if let Some((producer, iid)) = iid {
            stream.idempotency_mut().insert(producer, iid, id);
        }
        let trimmed = self.trim.as_ref().map_or(0, |trim| stream.trim(trim, limits));
        if ctx.effects.enabled() {
            self.record(ctx, iid, id, trimmed, created)?;
        }
        ctx.touch(self.key);
        ctx.signal(self.key);
        ctx.notify(Events::STREAM, "xadd", self.key);
        if trimmed > 0 {
            ctx.notify(Events::STREAM, "xtrim", self.key);
        }
        ctx.changed(1);
        Ok(Some(id))
    }

    /// `XADD key [IDMP pid iid] [strategy] [MAXLEN|MINID = what is left] id fields`
    fn record(
        &self,
        ctx: &mut Context<'_>,
        iid: Option<Iid<'_>>,
        id: EntryId,
        trimmed: u64,
        created: bool,
    ) -> Result<(), Error> {
        // Limits of its own come after its first entry, and would forget what that entry is called.
        let limits = ctx.new_stream_limits(created);
        let said = iid.filter(|_| limits.is_none());
        let trim = self.trim.as_ref().filter(|_| trimmed > 0);
        let threshold = match (trim, ctx.stream(self.key)?) {
            (Some(trim), Some(stream)) => Some((trim, exact_threshold(trim, stream))),
            _ => None,
        };
        let words = 3 + self.fields.len() + threshold.map_or(0, |(trim, _)| trim_words(trim));
        if let Some(mut effect) = ctx.effects.begin(ctx.db, words + 3 * usize::from(said.is_some()))
        {
            effect.word(b"XADD").word(self.key);
            if let Some((producer, iid)) = said {
                effect.word(b"IDMP").word(producer).word(iid);
            }
            if let Some((trim, threshold)) = threshold {
                push_trim(&mut effect, trim, threshold);
            }
            effect.id(id);
            for word in self.fields.iter() {
                effect.word(word);
            }
        }
        if let Some(limits) = limits {
            record_limits(ctx, self.key, limits);
            if let Some((producer, iid)) = iid {
                record_idempotent_id(ctx, self.key, producer, iid, id);
            }
        }
        Ok(())
    }

    /// `XADD key IDMP pid iid id fields`, with the ID of the entry that is there.
    fn record_duplicate(&self, ctx: &mut Context<'_>, (producer, iid): Iid<'_>, id: EntryId) {
        if let Some(mut effect) = ctx.effects.begin(ctx.db, 6 + self.fields.len()) {
            effect.word(b"XADD").word(self.key);
            effect.word(b"IDMP").word(producer).word(iid).id(id);
            for word in self.fields.iter() {
                effect.word(word);
            }
        }
    }
}

/// How many words [`push_trim`] adds.
pub(super) fn trim_words(trim: &Trim) -> usize {
    3 + usize::from(effect_words(trim, trim.threshold).1.is_some())
}

/// Adds a trim to an effect.
pub(super) fn push_trim(effect: &mut Effect<'_>, trim: &Trim, threshold: Threshold) {
    let (option, references) = effect_words(trim, threshold);
    if let Some(references) = references {
        effect.word(references.as_bytes());
    }
    effect.word(option.as_bytes()).word(b"=");
    match threshold {
        Threshold::MaxLength(length) => effect.integer(length as i64),
        Threshold::MinId(id) => effect.id(id),
    };
}

/// The exact threshold that leaves what a trim has left, whatever blocks the other side has.
pub(super) fn exact_threshold(trim: &Trim, stream: &Stream) -> Threshold {
    match trim.threshold {
        threshold if !trim.approximate => threshold,
        Threshold::MinId(_) if trim.references == References::Keep => {
            Threshold::MinId(stream.log().first_physical_id().unwrap_or(EntryId::MAX))
        }
        // Trims that look at references delete within a block, behind its first ID.
        _ => Threshold::MaxLength(stream.log().len()),
    }
}

fn add_error(error: AddError) -> Error {
    match error {
        AddError::Exhausted => Error::ID_EXHAUSTED,
        AddError::NotGreater => Error::ID_NOT_GREATER,
    }
}
