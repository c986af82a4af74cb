//! RESTORE: a value from Redis' own serialization, under any key.

use super::args::{Args, Cursor, integer};
use super::context::{Context, View};
use super::spec::{Flags, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::keyspace::Slot;
use crate::number::Decimal;
use crate::rdb;
use crate::reply::Writer;
use crate::state::Events;
use crate::time::UnixMillis;

/// RESTORE.
pub const RESTORE: Spec = Spec {
    name: "restore",
    arity: -4,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::FIRST,
    categories: &["@keyspace", "@dangerous"],
    tips: &[],
    since: "2.6.0",
    group: "generic",
    summary: "Creates a key from what DUMP gave, here or in Redis.",
    complexity: "O(N) with the N bytes of the value.",
    syntax: "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]",
    handler: |ctx, args| {
        let command = Restore::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `RESTORE key ttl payload [REPLACE] [ABSTTL]`
#[derive(Clone, Copy, Debug)]
pub struct Restore<'a> {
    /// The key; what it holds is replaced.
    pub key: &'a [u8],
    /// When the key goes away by itself.
    pub expires_at: Option<UnixMillis>,
    /// What DUMP gave.
    pub payload: &'a [u8],
}

impl<'a> Restore<'a> {
    /// Parses the words. How idle or how much in use the key was is checked and forgotten.
    pub fn parse(ctx: &Context<'_>, args: Args<'a>) -> Result<Self, Error> {
        let mut words = Cursor::new(args, 1);
        let (key, ttl, payload) = (words.expect()?, words.expect()?, words.expect()?);
        let (mut replace, mut absolute) = (false, false);
        let (mut idle, mut frequency) = (false, false);
        while words.left() > 0 {
            if words.keyword("REPLACE", 0) {
                replace = true;
            } else if words.keyword("ABSTTL", 0) {
                absolute = true;
            } else if !frequency && words.keyword("IDLETIME", 1) {
                idle = true;
                if words.integer()? < 0 {
                    return Err(Error::INVALID_IDLETIME);
                }
            } else if !idle && words.keyword("FREQ", 1) {
                frequency = true;
                if !(0..=255).contains(&words.integer()?) {
                    return Err(Error::INVALID_FREQ);
                }
            } else {
                return Err(Error::SYNTAX);
            }
        }
        if !replace && ctx.value(key).is_some() {
            return Err(Error::BUSY_KEY);
        }
        let expires_at = match integer(ttl)? {
            0 => None,
            ttl if ttl < 0 => return Err(Error::INVALID_TTL),
            ttl if absolute => Some(ttl),
            ttl => Some(ttl.saturating_add(ctx.now)),
        };
        Ok(Self { key, expires_at, payload })
    }
}

impl Command for Restore<'_> {
    type Outcome = ();

    /// What should have gone by now takes what was there along.
    fn run(&self, ctx: &mut Context<'_>) -> Result<(), Error> {
        let value = rdb::load(self.payload, ctx.state.config.idempotency, ctx.now)?;
        if self.expires_at.is_some_and(|at| at <= ctx.now) && !ctx.replaying {
            ctx.state.statistics.expired_keys += 1;
            if ctx.remove(self.key) {
                ctx.changed(1);
                ctx.effect(&[b"DEL", self.key]);
            }
            return Ok(());
        }
        ctx.state.unseen_bytes += value.memory_bytes() as u64;
        if ctx.effects.enabled() {
            // Written anew: an old payload does not say for how long idempotent IDs are kept.
            let payload = rdb::dump(&value, ctx.now);
            let at = Decimal::signed(self.expires_at.unwrap_or(0));
            ctx.effect(&[b"RESTORE", self.key, at.as_bytes(), &payload, b"REPLACE", b"ABSTTL"]);
        }
        let old = ctx.put(ctx.db, self.key, Slot::new(value, self.expires_at));
        ctx.notify(Events::NEW, "new", self.key);
        ctx.notify(Events::GENERIC, "restore", self.key);
        ctx.notify_replaced(ctx.db, self.key, old.as_ref());
        ctx.changed(1);
        Ok(())
    }

    fn render(&self, (): &(), _: View<'_>, out: &mut Writer) {
        out.ok();
    }
}
