//! Keys that go away by themselves: EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT, PERSIST.

use super::args::{Args, Cursor, integer};
use super::context::{Context, View};
use super::expiry::Measure;
use super::spec::{Flags, Flow, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::number::Decimal;
use crate::reply::Writer;
use crate::state::Events;
use crate::time::UnixMillis;

/// EXPIRE.
pub const EXPIRE: Spec = Spec {
    name: "expire",
    arity: -3,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@keyspace"],
    tips: &[],
    since: "1.0.0",
    group: "generic",
    summary: "Lets a key go away after some seconds.",
    complexity: "O(1)",
    syntax: "key seconds [NX|XX|GT|LT]",
    handler: |ctx, args| expire(ctx, args, Measure::EX, "expire"),
    subcommands: &[],
};

/// PEXPIRE.
pub const PEXPIRE: Spec = Spec {
    name: "pexpire",
    since: "2.6.0",
    summary: "Lets a key go away after some milliseconds.",
    syntax: "key milliseconds [NX|XX|GT|LT]",
    handler: |ctx, args| expire(ctx, args, Measure::PX, "pexpire"),
    ..EXPIRE
};

/// EXPIREAT.
pub const EXPIREAT: Spec = Spec {
    name: "expireat",
    since: "1.2.0",
    summary: "Lets a key go away at a time in Unix seconds.",
    syntax: "key unix-time-seconds [NX|XX|GT|LT]",
    handler: |ctx, args| expire(ctx, args, Measure::EXAT, "expireat"),
    ..EXPIRE
};

/// PEXPIREAT.
pub const PEXPIREAT: Spec = Spec {
    name: "pexpireat",
    since: "2.6.0",
    summary: "Lets a key go away at a time in Unix milliseconds.",
    syntax: "key unix-time-milliseconds [NX|XX|GT|LT]",
    handler: |ctx, args| expire(ctx, args, Measure::PXAT, "pexpireat"),
    ..EXPIRE
};

/// PERSIST.
pub const PERSIST: Spec = Spec {
    name: "persist",
    arity: 2,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@keyspace"],
    tips: &[],
    since: "2.2.0",
    group: "generic",
    summary: "Lets a key stay that would have gone away by itself.",
    complexity: "O(1)",
    syntax: "key",
    handler: persist,
    subcommands: &[],
};

/// `EXPIRE key seconds [NX|XX|GT|LT]` and its three relatives.
#[derive(Clone, Copy, Debug)]
pub struct Expire<'a> {
    /// The key.
    pub key: &'a [u8],
    /// When it is to go away; a time that has passed removes it at once.
    pub at: UnixMillis,
    /// On which present expiry time this depends.
    pub condition: Condition,
}

/// What must be true of the present expiry time, all of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Condition {
    /// NX: there is none.
    pub none: bool,
    /// XX: there is one.
    pub some: bool,
    /// GT: it is earlier than the new one. No expiry time is later than any.
    pub earlier: bool,
    /// LT: it is later than the new one.
    pub later: bool,
}

impl Condition {
    fn parse(words: &mut Cursor<'_>) -> Result<Self, Error> {
        let mut condition = Self::default();
        while words.left() > 0 {
            let flag = if words.keyword("NX", 0) {
                &mut condition.none
            } else if words.keyword("XX", 0) {
                &mut condition.some
            } else if words.keyword("GT", 0) {
                &mut condition.earlier
            } else if words.keyword("LT", 0) {
                &mut condition.later
            } else {
                return Err(Error::unsupported_option(words.expect()?));
            };
            *flag = true;
        }
        let Self { none, some, earlier, later } = condition;
        if none && (some || earlier || later) {
            Err(Error::EXPIRE_NX_AND_OTHERS)
        } else if earlier && later {
            Err(Error::EXPIRE_GT_AND_LT)
        } else {
            Ok(condition)
        }
    }

    fn holds(self, present: Option<UnixMillis>, new: UnixMillis) -> bool {
        !(self.none && present.is_some()
            || self.some && present.is_none()
            || self.earlier && present.is_none_or(|present| new <= present)
            || self.later && present.is_some_and(|present| new >= present))
    }
}

fn expire(
    ctx: &mut Context<'_>,
    args: Args<'_>,
    measure: Measure,
    name: &str,
) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 1);
    let (key, number) = (words.expect()?, words.expect()?);
    let condition = Condition::parse(&mut words)?;
    let number = integer(number)?;
    let at = measure.resolve(ctx.now, number).ok_or_else(|| Error::invalid_expire_time(name))?;
    finish(ctx, &Expire { key, at, condition })
}

impl Command for Expire<'_> {
    /// Whether the key exists and the condition held.
    type Outcome = bool;

    fn run(&self, ctx: &mut Context<'_>) -> Result<bool, Error> {
        let Some(slot) = ctx.slot(ctx.db, self.key) else { return Ok(false) };
        if !self.condition.holds(slot.expires_at(), self.at) {
            return Ok(false);
        }
        ctx.changed(1);
        ctx.expire(self.key, self.at);
        Ok(true)
    }

    fn render(&self, done: &bool, _: View<'_>, out: &mut Writer) {
        out.integer((*done).into());
    }
}

impl Context<'_> {
    /// Lets a key that exists go away at that time, and records it. What should have gone before
    /// now goes now, except in a journal: there the removal has its own place.
    pub(super) fn expire(&mut self, key: &[u8], at: UnixMillis) {
        if at <= self.now && !self.replaying {
            self.remove(key);
            self.effect(&[b"DEL", key]);
        } else {
            self.set_expiry(key, Some(at));
            self.notify(Events::GENERIC, "expire", key);
            self.effect(&[b"PEXPIREAT", key, Decimal::signed(at).as_bytes()]);
        }
    }

    /// Lets a key stay, and records it; `false` when it would not have gone.
    pub(super) fn persist(&mut self, key: &[u8]) -> bool {
        let expires = self.slot(self.db, key).is_some_and(|slot| slot.expires_at().is_some());
        if expires {
            self.set_expiry(key, None);
            self.notify(Events::GENERIC, "persist", key);
            self.effect(&[b"PERSIST", key]);
        }
        expires
    }
}

fn persist(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let persisted = ctx.persist(Cursor::new(args, 1).expect()?);
    ctx.changed(persisted.into());
    ctx.out.integer(persisted.into());
    Ok(Flow::Done)
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use crate::command::Effects;
    use crate::testing::Client;

    #[test]
    fn keys_go_away_at_their_time_and_not_before() {
        let mut client = Client::new();
        client.transcript("SET k v => OK\nPEXPIRE k 1500 => :1\nTTL k => :2\nPTTL k => :1500");
        assert_eq!(client.engine.deadline(), Some(1_001_501));
        client.advance(1500);
        assert_eq!(client.run("GET k"), "\"v\"");
        client.advance(1);
        assert_eq!(client.run("GET k"), "nil");
        assert_eq!(client.engine.deadline(), None);
        assert_eq!(client.effects(), ["SET k v", "PEXPIREAT k 1001500", "DEL k"]);
        assert_eq!(client.engine.state().statistics.expired_keys, 1);
    }

    #[test]
    fn conditions_on_the_present_time() {
        let mut client = Client::new();
        client.transcript(
            r"
            SET k v => OK
            EXPIRE k 100 XX => :0
            EXPIRE k 100 GT => :0
            EXPIRE k 100 LT => :1
            EXPIRE k 200 NX => :0
            EXPIRE k 100 GT => :0
            EXPIRE k 200 xx gt => :1
            EXPIRE k 200 LT => :0
            EXPIRE k 100 LT LT => :1
            EXPIRETIME k => :1100
            PERSIST k => :1
            PERSIST k => :0
            PEXPIRETIME k => :-1
            TTL none => :-2
            EXPIRE none 100 => :0
            ",
        );
        assert_eq!(
            client.effects()[1..],
            ["PEXPIREAT k 1100000", "PEXPIREAT k 1200000", "PEXPIREAT k 1100000", "PERSIST k"]
        );
    }

    #[test]
    fn a_time_that_has_passed_removes_at_once() {
        let mut client = Client::new();
        for command in ["EXPIRE k 0", "EXPIRE k -1", "EXPIREAT k 1", "PEXPIREAT k 1000000"] {
            client.transcript(&format!("SET k v => OK\n{command} => :1\nEXISTS k => :0"));
            assert_eq!(client.effects(), ["SET k v", "DEL k"], "{command}");
        }
    }

    /// While a journal is read, the removal of an expired key comes as a command of its own. A
    /// key that went earlier would come back half: with what was added after its time was set.
    #[test]
    fn nothing_expires_in_a_journal() {
        let commands = [
            "APPEND k ab",
            "PEXPIREAT k 999999",
            "APPEND k cd",
            "PERSIST k",
            "SET gone v PXAT 999999",
        ];
        let mut journal = Effects::new(true);
        for command in commands {
            let words: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
            journal.command(0, &words);
        }
        let mut client = Client::new();
        assert_eq!(client.engine.replay(client.now, journal.bytes()), Ok(6));
        client.transcript("GET k => \"abcd\"\nEXISTS gone => :0");
    }

    #[test]
    fn errors_in_their_order() {
        Client::new().transcript(
            r"
            EXPIRE k x FOO => -ERR Unsupported option FOO
            EXPIRE k x NX XX => -ERR NX and XX, GT or LT options at the same time are not compatible
            EXPIRE k x NX GT => -ERR NX and XX, GT or LT options at the same time are not compatible
            EXPIRE k x GT LT => -ERR GT and LT options at the same time are not compatible
            EXPIRE k x => -ERR value is not an integer or out of range
            EXPIRE k 9223372036854775 => -ERR invalid expire time in 'expire' command
            PEXPIRE k 9223372036854775807 => -ERR invalid expire time in 'pexpire' command
            EXPIREAT k 9223372036854775807 => -ERR invalid expire time in 'expireat' command
            PEXPIREAT k 9223372036854775807 => :0
            PEXPIREAT k -9223372036854775808 => :0
            ",
        );
    }
}
