//! XCFGSET: for how long, and how many, a stream keeps idempotent IDs.

use super::args::{Args, Cursor};
use super::context::{Context, View};
use super::spec::{Flags, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::reply::Writer;
use crate::stream::IdempotencyLimits;

/// XCFGSET.
pub const XCFGSET: Spec = Spec {
    name: "xcfgset",
    arity: -2,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@stream"],
    tips: &[],
    since: "8.6.0",
    group: "stream",
    summary: "Sets how long and how many idempotent IDs a stream keeps.",
    complexity: "O(N) with N idempotent IDs forgotten.",
    syntax: "key [IDMP-DURATION seconds] [IDMP-MAXSIZE count]",
    handler: |ctx, args| {
        let command = Xcfgset::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `XCFGSET key [IDMP-DURATION seconds] [IDMP-MAXSIZE n]`
#[derive(Clone, Copy, Debug)]
pub struct Xcfgset<'a> {
    /// The stream's key.
    pub key: &'a [u8],
    /// The limits: those given, the others as they are.
    pub limits: IdempotencyLimits,
}

impl<'a> Xcfgset<'a> {
    /// Parses the words, after a look at the key.
    pub fn parse(ctx: &Context<'_>, words: Args<'a>) -> Result<Self, Error> {
        let mut cursor = Cursor::new(words, 1);
        let key = cursor.expect()?;
        let stream = ctx.stream(key)?.ok_or(Error::NO_SUCH_KEY)?;
        let (mut seconds, mut entries) = (None, None);
        while cursor.left() > 0 {
            if cursor.keyword("IDMP-DURATION", 1) {
                let errors = (Error::DURATION_TWICE, Error::DURATION_OUT_OF_RANGE);
                limit(&mut cursor, &mut seconds, 86_400, errors)?;
            } else if cursor.keyword("IDMP-MAXSIZE", 1) {
                let errors = (Error::MAXSIZE_TWICE, Error::MAXSIZE_OUT_OF_RANGE);
                limit(&mut cursor, &mut entries, 10_000, errors)?;
            } else {
                return Err(Error::SYNTAX);
            }
        }
        if seconds.or(entries).is_none() {
            return Err(Error::XCFGSET_WITHOUT_PARAMETER);
        }
        let now = stream.idempotency().limits();
        let seconds = seconds.unwrap_or(now.seconds);
        Ok(Self {
            key,
            limits: IdempotencyLimits { seconds, entries: entries.unwrap_or(now.entries) },
        })
    }
}

/// Takes a number from 1 to `max`, once.
fn limit(
    cursor: &mut Cursor<'_>,
    seen: &mut Option<u32>,
    max: u32,
    (twice, out_of_range): (Error, Error),
) -> Result<(), Error> {
    if seen.is_some() {
        return Err(twice);
    }
    let number = u32::try_from(cursor.integer()?).ok().filter(|number| (1..=max).contains(number));
    *seen = Some(number.ok_or(out_of_range)?);
    Ok(())
}

impl Command for Xcfgset<'_> {
    type Outcome = ();

    fn run(&self, ctx: &mut Context<'_>) -> Result<(), Error> {
        let stream = ctx.stream_mut(self.key)?.ok_or(Error::NO_SUCH_KEY)?;
        if stream.idempotency_mut().configure(self.limits) {
            record_limits(ctx, self.key, self.limits);
            ctx.changed(1);
        }
        Ok(())
    }

    fn render(&self, (): &(), _: View<'_>, out: &mut Writer) {
        out.ok();
    }
}

/// `XCFGSET key IDMP-DURATION seconds IDMP-MAXSIZE n`
pub(super) fn record_limits(ctx: &mut Context<'_>, key: &[u8], limits: IdempotencyLimits) {
    if let Some(mut effect) = ctx.effects.begin(ctx.db, 6) {
        effect.word(b"XCFGSET").word(key);
        effect.word(b"IDMP-DURATION").integer(limits.seconds.into());
        effect.word(b"IDMP-MAXSIZE").integer(limits.entries.into());
    }
}
