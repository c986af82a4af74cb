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
    ctx.read(key, found);
    if is_stream { Err(Error::WRONG_TYPE) } else { Ok(found) }
}

fn strlen(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let key = Cursor::new(args, 1).expect()?;
    ctx.read(key, ctx.value(key).is_some());
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
    ctx.read(key, found);
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

#[cfg(test)]
mod tests {
    use super::part;
    use crate::testing::Client;

    #[test]
    fn parts_of_a_string() {
        for (start, end, text) in [
            (0, -1, "abcd"),
            (1, 2, "bc"),
            (-3, -2, "bc"),
            (-100, 100, "abcd"),
            (3, i64::MAX, "d"),
            (4, 4, ""),
            (2, 1, ""),
            (-1, -2, ""),
            (-6, -5, "a"),
            (-5, -6, ""),
            (i64::MAX, i64::MIN, ""),
        ] {
            assert_eq!(part(b"abcd", start, end), text.as_bytes(), "{start} {end}");
        }
        assert_eq!(part(b"", 0, -1), b"");
    }

    #[test]
    fn reading_and_removing() {
        let mut client = Client::new();
        client.transcript(
            r#"
            SET k hello => OK
            STRLEN k => :5
            STRLEN none => :0
            GETRANGE k 1 -2 => "ell"
            GETRANGE none 0 -1 => ""
            GETDEL k => "hello"
            GETDEL k => nil
            GET k => nil
            "#,
        );
        assert_eq!(client.effects(), ["SET k hello", "DEL k"]);
    }

    #[test]
    fn reading_and_changing_the_expiry_time() {
        let mut client = Client::new();
        client.transcript(
            r#"
            SET k v => OK
            GETEX k => "v"
            GETEX k PERSIST => "v"
            GETEX k EX 10 => "v"
            PTTL k => :10000
            GETEX k PERSIST => "v"
            PTTL k => :-1
            GETEX k PXAT 1 => "v"
            GETEX k EX x => nil
            "#,
        );
        let effects = ["SET k v", "PEXPIREAT k 1010000", "PERSIST k", "DEL k"];
        assert_eq!(client.effects(), effects);
        assert_eq!(client.engine.state().statistics.changes, 4);
    }

    #[test]
    fn errors_in_their_order() {
        Client::new().transcript(
            r#"
            XADD s 1-1 f v => "1-1"
            GET s => -WRONGTYPE Operation against a key holding the wrong kind of value
            STRLEN s => -WRONGTYPE Operation against a key holding the wrong kind of value
            GETRANGE s x 0 => -ERR value is not an integer or out of range
            GETRANGE s 0 0 => -WRONGTYPE Operation against a key holding the wrong kind of value
            GETDEL s => -WRONGTYPE Operation against a key holding the wrong kind of value
            GETEX s EX 10 PERSIST => -ERR syntax error
            GETEX s KEEPTTL => -ERR syntax error
            GETEX s EX 0 => -WRONGTYPE Operation against a key holding the wrong kind of value
            SET k v => OK
            GETEX k EX 0 => -ERR invalid expire time in 'getex' command
            "#,
        );
    }
}
