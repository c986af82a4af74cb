//! Strings that are read: GET, GETDEL, GETEX, GETRANGE, STRLEN.

use super::args::{Args, Cursor};
use super::context::Context;
use super::expiry::ExpiryOption;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;
use crate::keyspace::Value;

/// GET.
pub const GET: Spec = Spec {
    name: "get",
    arity: 2,
    flags: Flags::READONLY.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@string"],
    tips: &[],
    since: "1.0.0",
    group: "string",
    summary: "Returns the string of a key.",
    complexity: "O(1)",
    syntax: "key",
    handler: |ctx, args| {
        reply_string(ctx, Cursor::new(args, 1).expect()?)?;
        Ok(Flow::Done)
    },
    subcommands: &[],
};

/// STRLEN.
pub const STRLEN: Spec = Spec {
    name: "strlen",
    since: "2.2.0",
    summary: "Returns the length of a key's string in bytes; 0 for a missing key.",
    handler: strlen,
    ..GET
};

/// GETRANGE.
pub const GETRANGE: Spec = Spec {
    name: "getrange",
    arity: 4,
    flags: Flags::READONLY,
    since: "2.4.0",
    summary: "Returns a part of a key's string; negative places count from its end.",
    complexity: "O(N) with N bytes returned.",
    syntax: "key start end",
    handler: getrange,
    ..GET
};

/// GETDEL.
pub const GETDEL: Spec = Spec {
    name: "getdel",
    flags: Flags::WRITE.with(Flags::FAST),
    since: "6.2.0",
    summary: "Returns the string of a key and removes the key.",
    handler: getdel,
    ..GET
};

/// GETEX.
pub const GETEX: Spec = Spec {
    name: "getex",
    arity: -2,
    flags: Flags::WRITE.with(Flags::FAST),
    since: "6.2.0",
    summary: "Returns the string of a key and changes when the key goes away.",
    syntax: "key [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT unix-time-milliseconds|PERSIST]",
    handler: getex,
    ..GET
};

/// Replies with the string at a key, or null; returns whether there is one.
fn reply_string(ctx: &mut Context<'_>, key: &[u8]) -> Result<bool, Error> {
    let value = ctx.state.keyspace.get(ctx.db, key);
    let found = value.is_some();
    let is_stream = matches!(value, Some(Value::Stream(_)));
    match value {
        Some(Value::String(bytes)) => ctx.out.bulk(bytes),
        Some(Value::Stream(_)) => {}
        None => ctx.out.null(),
    }
    ctx.looked_up(found);
    if is_stream { Err(Error::WRONG_TYPE) } else { Ok(found) }
}

fn strlen(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let key = Cursor::new(args, 1).expect()?;
    ctx.looked_up(ctx.value(key).is_some());
    let len = ctx.string(key)?.map_or(0, <[u8]>::len);
    ctx.out.unsigned(len as u64);
    Ok(Flow::Done)
}

fn getrange(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 1);
    let key = words.expect()?;
    let (start, end) = (words.integer()?, words.integer()?);
    let value = ctx.state.keyspace.get(ctx.db, key);
    let found = value.is_some();
    let bytes = match value {
        None => Ok(&[][..]),
        Some(Value::String(bytes)) => Ok(&bytes[..]),
        Some(Value::Stream(_)) => Err(Error::WRONG_TYPE),
    };
    let part = bytes.map(|bytes| ctx.out.bulk(part(bytes, start, end)));
    ctx.looked_up(found);
    part.map(|()| Flow::Done)
}

/// From one place to another, both included; a negative place counts from the end.
fn part(bytes: &[u8], start: i64, end: i64) -> &[u8] {
    let len = bytes.len() as i64;
    let place = |at: i64| if at < 0 { (len + at).max(0) } else { at };
    if start < 0 && end < 0 && start > end {
        return &[];
    }
    let (start, end) = (place(start), place(end).min(len - 1));
    if start > end { &[] } else { &bytes[start as usize..=end as usize] }
}

fn getdel(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let key = Cursor::new(args, 1).expect()?;
    if reply_string(ctx, key)? {
        ctx.remove(key);
        ctx.changed(1);
        ctx.effect(&[b"DEL", key]);
    }
    Ok(Flow::Done)
}

/// What GETEX does besides reading.
enum Change<'a> {
    Nothing,
    Expire(ExpiryOption<'a>),
    Persist,
}

fn getex(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 1);
    let key = words.expect()?;
    let mut change = Change::Nothing;
    while words.left() > 0 {
        change = if words.keyword("PERSIST", 0) {
            Change::Persist.instead_of(&change)?
        } else {
            let option = ExpiryOption::take(&mut words).ok_or(Error::SYNTAX)?;
            Change::Expire(option).instead_of(&change)?
        };
    }
    if reply_string(ctx, key)? {
        change.apply(ctx, key)?;
    }
    Ok(Flow::Done)
}

impl Change<'_> {
    /// The same option may be given again, another may not.
    fn instead_of(self, earlier: &Self) -> Result<Self, Error> {
        match (&self, earlier) {
            (_, Self::Nothing) | (Self::Persist, Self::Persist) => Ok(self),
            (Self::Expire(this), Self::Expire(earlier)) if this.is_same_option(earlier) => Ok(self),
            _ => Err(Error::SYNTAX),
        }
    }

    fn apply(&self, ctx: &mut Context<'_>, key: &[u8]) -> Result<(), Error> {
        match self {
            Self::Nothing => {}
            Self::Expire(option) => {
                let at = option.resolve(ctx.now, "getex")?;
                ctx.expire(key, at);
                ctx.changed(1);
            }
            Self::Persist => {
                let persisted = ctx.persist(key);
                ctx.changed(persisted.into());
            }
        }
        Ok(())
    }
}
