//! Strings that are set whole: SET, SETNX, SETEX, PSETEX, GETSET.

use alloc::vec::Vec;

use super::args::{Args, Cursor};
use super::context::{Context, View};
use super::expiry::{ExpiryOption, Measure, resolve_positive};
use super::spec::{Flags, Flow, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::keyspace::{Slot, Value};
use crate::number::Decimal;
use crate::reply::Writer;
use crate::state::Events;
use crate::time::UnixMillis;

/// SET.
pub const SET: Spec = Spec {
    name: "set",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::FIRST,
    categories: &["@string"],
    tips: &[],
    since: "1.0.0",
    group: "string",
    summary: "Sets a key to a string, whatever it held, if the condition holds.",
    complexity: "O(1)",
    syntax: "key value [NX|XX|IFEQ ifeq-value|IFNE ifne-value] [GET] [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT unix-time-milliseconds|KEEPTTL]",
    handler: |ctx, args| {
        let command = Set::parse(ctx.now, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// SETNX.
pub const SETNX: Spec = Spec {
    name: "setnx",
    arity: 3,
    flags: Flags::WRITE.with(Flags::DENYOOM).with(Flags::FAST),
    summary: "Sets a key to a string if there is no such key.",
    syntax: "key value",
    handler: setnx,
    ..SET
};

/// SETEX.
pub const SETEX: Spec = Spec {
    name: "setex",
    arity: 4,
    since: "2.0.0",
    summary: "Sets a key to a string that goes away after some seconds.",
    syntax: "key seconds value",
    handler: |ctx, args| set_expiring(ctx, args, Measure::EX, "setex"),
    ..SET
};

/// PSETEX.
pub const PSETEX: Spec = Spec {
    name: "psetex",
    arity: 4,
    since: "2.6.0",
    summary: "Sets a key to a string that goes away after some milliseconds.",
    syntax: "key milliseconds value",
    handler: |ctx, args| set_expiring(ctx, args, Measure::PX, "psetex"),
    ..SET
};

/// GETSET.
pub const GETSET: Spec = Spec {
    name: "getset",
    summary: "Sets a key to a string and returns the string that it held.",
    handler: |ctx, args| {
        let mut words = Cursor::new(args, 1);
        let (key, value) = (words.expect()?, words.expect()?);
        finish(ctx, &Set { get: true, ..Set::new(key, value) })
    },
    ..SETNX
};

/// `SET key value [NX|XX|IFEQ v|IFNE v] [GET] [EX s|PX ms|EXAT s|PXAT ms|KEEPTTL]`
#[derive(Clone, Copy, Debug)]
pub struct Set<'a> {
    /// The key.
    pub key: &'a [u8],
    /// The string.
    pub value: &'a [u8],
    /// When to set it.
    pub condition: Condition<'a>,
    /// How long it stays.
    pub lifetime: Lifetime,
    /// Whether the reply is the string that the key held.
    pub get: bool,
}

/// When SET sets.
#[derive(Clone, Copy, Debug)]
pub enum Condition<'a> {
    /// In any case.
    Always,
    /// NX: there is no such key.
    Missing,
    /// XX: the key exists, with any type.
    Present,
    /// IFEQ: it holds this string.
    Equal(&'a [u8]),
    /// IFNE: it holds another string, or nothing.
    Different(&'a [u8]),
}

/// How long a string stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// Until it is removed.
    Unlimited,
    /// As long as what the key held before.
    Kept,
    /// Until then; a time that has passed removes the key at once.
    Until(UnixMillis),
}

/// What SET did.
#[derive(Debug)]
pub enum Outcome {
    /// It has set the key.
    Set,
    /// The condition did not hold.
    Refused,
    /// The string that the key held, asked for with GET.
    Held(Option<Vec<u8>>),
}

impl<'a> Set<'a> {
    /// Sets a key to a string in any case, for good.
    #[must_use]
    pub fn new(key: &'a [u8], value: &'a [u8]) -> Self {
        let (condition, lifetime) = (Condition::Always, Lifetime::Unlimited);
        Self { key, value, condition, lifetime, get: false }
    }

    /// Parses the words.
    pub fn parse(now: UnixMillis, args: Args<'a>) -> Result<Self, Error> {
        let mut words = Cursor::new(args, 1);
        let mut set = Self::new(words.expect()?, words.expect()?);
        let mut expiry: Option<ExpiryOption<'a>> = None;
        while words.left() > 0 {
            if words.keyword("GET", 0) {
                set.get = true;
            } else if let Some(condition) = Condition::take(&mut words)? {
                set.condition = set.condition.replaced_by(condition)?;
            } else if words.keyword("KEEPTTL", 0) {
                set.lifetime = Lifetime::Kept;
            } else {
                let option = ExpiryOption::take(&mut words).ok_or(Error::SYNTAX)?;
                if expiry.is_some_and(|given| !given.is_same_option(&option)) {
                    return Err(Error::SYNTAX);
                }
                expiry = Some(option);
            }
        }
        if let Some(option) = expiry {
            if set.lifetime == Lifetime::Kept {
                return Err(Error::SYNTAX);
            }
            set.lifetime = Lifetime::Until(option.resolve(now, "set")?);
        }
        Ok(set)
    }
}

impl<'a> Condition<'a> {
    fn take(words: &mut Cursor<'a>) -> Result<Option<Self>, Error> {
        Ok(Some(if words.keyword("NX", 0) {
            Self::Missing
        } else if words.keyword("XX", 0) {
            Self::Present
        } else if words.keyword("IFEQ", 1) {
            Self::Equal(words.expect()?)
        } else if words.keyword("IFNE", 1) {
            Self::Different(words.expect()?)
        } else {
            return Ok(None);
        }))
    }

    /// The same condition may be given again, another may not.
    fn replaced_by(self, other: Self) -> Result<Self, Error> {
        let same = core::mem::discriminant(&self) == core::mem::discriminant(&other);
        if same || matches!(self, Self::Always) { Ok(other) } else { Err(Error::SYNTAX) }
    }

    fn compares(self) -> bool {
        matches!(self, Self::Equal(_) | Self::Different(_))
    }

    fn holds(self, present: Option<&Value>) -> Result<bool, Error> {
        let equals = |wanted: &[u8]| match present {
            None => Ok(false),
            Some(Value::String(held)) => Ok(held == wanted),
            Some(Value::Stream(_)) => Err(Error::WRONG_TYPE),
        };
        match self {
            Self::Always => Ok(true),
            Self::Missing => Ok(present.is_none()),
            Self::Present => Ok(present.is_some()),
            Self::Equal(wanted) => equals(wanted),
            Self::Different(wanted) => equals(wanted).map(|equal| !equal),
        }
    }
}

impl Command for Set<'_> {
    type Outcome = Outcome;

    fn run(&self, ctx: &mut Context<'_>) -> Result<Outcome, Error> {
        let found = ctx.value(self.key).is_some();
        if self.get {
            ctx.read(self.key, found);
        }
        let held = if self.get { ctx.string(self.key)?.map(<[u8]>::to_vec) } else { None };
        if found && self.condition.compares() {
            ctx.looked_up(true);
        }
        let set = self.condition.holds(ctx.value(self.key))?;
        if set {
            self.set(ctx, found);
        }
        Ok(match (self.get, set) {
            (true, _) => Outcome::Held(held),
            (false, true) => Outcome::Set,
            (false, false) => Outcome::Refused,
        })
    }

    fn render(&self, outcome: &Outcome, _: View<'_>, out: &mut Writer) {
        match outcome {
            Outcome::Set => out.ok(),
            Outcome::Refused | Outcome::Held(None) => out.null(),
            Outcome::Held(Some(held)) => out.bulk(held),
        }
    }
}

impl Set<'_> {
    /// Sets the key. A string that is gone before it comes removes what the key held.
    fn set(&self, ctx: &mut Context<'_>, found: bool) {
        let expires_at = match self.lifetime {
            Lifetime::Unlimited => None,
            Lifetime::Kept => ctx.slot(ctx.db, self.key).and_then(Slot::expires_at),
            Lifetime::Until(at) => Some(at),
        };
        // A time that is kept is not looked at, although it may have come in this millisecond.
        let gone = matches!(self.lifetime, Lifetime::Until(at) if at <= ctx.now);
        if gone && !ctx.replaying {
            if found {
                ctx.remove(self.key);
                ctx.changed(1);
                ctx.effect(&[b"DEL", self.key]);
            }
            return;
        }
        let value = Value::String(self.value.to_vec());
        let old = ctx.put(ctx.db, self.key, Slot::new(value, expires_at));
        ctx.notify_placed(self.key, old.as_ref(), "set");
        if matches!(self.lifetime, Lifetime::Until(_)) {
            ctx.notify(Events::GENERIC, "expire", self.key);
        }
        ctx.changed(1);
        match self.lifetime {
            Lifetime::Unlimited => ctx.effect(&[b"SET", self.key, self.value]),
            Lifetime::Kept => ctx.effect(&[b"SET", self.key, self.value, b"KEEPTTL"]),
            Lifetime::Until(at) => {
                let at = Decimal::signed(at);
                ctx.effect(&[b"SET", self.key, self.value, b"PXAT", at.as_bytes()]);
            }
        }
    }
}

fn setnx(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 1);
    let (key, value) = (words.expect()?, words.expect()?);
    let set = Set { condition: Condition::Missing, ..Set::new(key, value) };
    let done = matches!(set.run(ctx)?, Outcome::Set);
    ctx.out.integer(done.into());
    Ok(Flow::Done)
}

fn set_expiring(
    ctx: &mut Context<'_>,
    args: Args<'_>,
    measure: Measure,
    name: &str,
) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 1);
    let (key, number, value) = (words.expect()?, words.expect()?, words.expect()?);
    let lifetime = Lifetime::Until(resolve_positive(measure, number, ctx.now, name)?);
    finish(ctx, &Set { lifetime, ..Set::new(key, value) })
}

#[cfg(test)]
mod tests {
    use crate::testing::Client;

    #[test]
    fn conditions() {
        let mut client = Client::new();
        client.transcript(
            r#"
            SET k 1 XX => nil
            SET k 1 NX => OK
            SET k 2 NX => nil
            SET k 2 NX GET => "1"
            SET k 2 XX GET => "1"
            SET k 3 IFEQ 1 => nil
            SET k 3 IFEQ 1 GET => "2"
            SET k 3 IFEQ 1 IFEQ 2 => OK
            SET k 4 IFNE 3 => nil
            SET k 4 IFNE 9 => OK
            SET none 1 IFEQ 1 => nil
            SET new 1 IFNE 1 GET => nil
            GET new => "1"
            SETNX k 5 => :0
            SETNX newer 5 => :1
            GETSET k 6 => "4"
            GETSET newest 6 => nil
            "#,
        );
        assert_eq!(
            client.effects(),
            [
                "SET k 1",
                "SET k 2",
                "SET k 3",
                "SET k 4",
                "SET new 1",
                "SET newer 5",
                "SET k 6",
                "SET newest 6"
            ]
        );
    }

    #[test]
    fn expiry_times_are_recorded_as_points_in_time() {
        let mut client = Client::new();
        client.transcript(
            r"
            SET k 1 EX 10 => OK
            SET k 2 KEEPTTL => OK
            PTTL k => :10000
            SET k 3 => OK
            PTTL k => :-1
            SET k 4 PX 10 => OK
            SET k 5 EXAT 2000 => OK
            SET k 6 PXAT 2000001 => OK
            SETEX k 20 7 => OK
            PSETEX k 20 8 => OK
            PTTL k => :20
            ",
        );
        assert_eq!(
            client.effects(),
            [
                "SET k 1 PXAT 1010000",
                "SET k 2 KEEPTTL",
                "SET k 3",
                "SET k 4 PXAT 1000010",
                "SET k 5 PXAT 2000000",
                "SET k 6 PXAT 2000001",
                "SET k 7 PXAT 1020000",
                "SET k 8 PXAT 1000020"
            ]
        );
    }

    #[test]
    fn a_time_that_has_passed_removes_what_was_there() {
        let mut client = Client::new();
        client.transcript(
            r#"
            SET k 1 => OK
            SET k 2 PXAT 1 GET => "1"
            EXISTS k => :0
            SET k 3 PXAT 1 => OK
            EXISTS k => :0
            "#,
        );
        assert_eq!(client.effects(), ["SET k 1", "DEL k"]);
    }

    #[test]
    fn any_type_is_overwritten_but_only_strings_are_read() {
        Client::new().transcript(
            r#"
            XADD s 1-1 f v => "1-1"
            SET s 1 NX => nil
            SET s 1 NX GET => -WRONGTYPE Operation against a key holding the wrong kind of value
            SET s 1 IFNE 1 => -WRONGTYPE Operation against a key holding the wrong kind of value
            GETSET s 1 => -WRONGTYPE Operation against a key holding the wrong kind of value
            SET s 1 XX => OK
            TYPE s => string
            "#,
        );
    }

    #[test]
    fn errors_in_their_order() {
        Client::new().transcript(
            r"
            SET k v NX XX => -ERR syntax error
            SET k v IFEQ 1 IFNE 1 => -ERR syntax error
            SET k v XX IFEQ 1 => -ERR syntax error
            SET k v IFEQ => -ERR syntax error
            SET k v EX 1 PX 1 => -ERR syntax error
            SET k v EX 1 KEEPTTL => -ERR syntax error
            SET k v KEEPTTL EX 1 => -ERR syntax error
            SET k v EX => -ERR syntax error
            SET k v EX 0 FOO => -ERR syntax error
            SET k v PERSIST => -ERR syntax error
            SET k v EX x => -ERR value is not an integer or out of range
            SET k v EX 0 => -ERR invalid expire time in 'set' command
            SET k v PXAT -1 => -ERR invalid expire time in 'set' command
            SET k v EX 9223372036854775 => -ERR invalid expire time in 'set' command
            SETEX k x v => -ERR value is not an integer or out of range
            SETEX k 0 v => -ERR invalid expire time in 'setex' command
            PSETEX k 9223372036854775807 v => -ERR invalid expire time in 'psetex' command
            SET k v EX 1 EX 2 KEEPTTL => -ERR syntax error
            SET k v EX 1 EX 2 => OK
            TTL k => :2
            ",
        );
    }
}
