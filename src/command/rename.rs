//! Keys that move: RENAME, RENAMENX, MOVE.

use super::args::{Args, Cursor};
use super::context::Context;
use super::place::database;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;

/// RENAME.
pub const RENAME: Spec = Spec {
    name: "rename",
    arity: 3,
    flags: Flags::WRITE,
    keys: Keys::PAIR,
    categories: &["@keyspace"],
    tips: &[],
    since: "1.0.0",
    group: "generic",
    summary: "Gives a key another name, over whatever had that name.",
    complexity: "O(1), and what freeing the overwritten value costs.",
    syntax: "key newkey",
    handler: |ctx, args| {
        rename(ctx, args, false)?;
        ctx.out.ok();
        Ok(Flow::Done)
    },
    subcommands: &[],
};

/// RENAMENX.
pub const RENAMENX: Spec = Spec {
    name: "renamenx",
    flags: Flags::WRITE.with(Flags::FAST),
    summary: "Gives a key another name if no key has it.",
    complexity: "O(1)",
    handler: |ctx, args| {
        let renamed = rename(ctx, args, true)?;
        ctx.out.integer(renamed.into());
        Ok(Flow::Done)
    },
    ..RENAME
};

/// MOVE.
pub const MOVE: Spec = Spec {
    name: "move",
    arity: 3,
    flags: Flags::WRITE.with(Flags::FAST),
    keys: Keys::FIRST,
    categories: &["@keyspace"],
    tips: &[],
    since: "1.0.0",
    group: "generic",
    summary: "Moves a key to another database if that has no such key.",
    complexity: "O(1)",
    syntax: "key db",
    handler: move_key,
    subcommands: &[],
};

/// Returns whether the key has a new name.
fn rename(ctx: &mut Context<'_>, args: Args<'_>, only_if_free: bool) -> Result<bool, Error> {
    let mut words = Cursor::new(args, 1);
    let (key, new) = (words.expect()?, words.expect()?);
    if ctx.value(key).is_none() {
        return Err(Error::NO_SUCH_KEY);
    }
    if key == new || (only_if_free && ctx.value(new).is_some()) {
        return Ok(false);
    }
    ctx.relocate((ctx.db, key), (ctx.db, new), ["rename_from", "rename_to"]);
    ctx.changed(1);
    ctx.effect(&[b"RENAME", key, new]);
    Ok(true)
}

fn move_key(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 1);
    let key = words.expect()?;
    let db = database(ctx, words.expect()?)?;
    if db == ctx.db {
        return Err(Error::SAME_KEY);
    }
    let events = ["move_from", "move_to"];
    let moved = ctx.slot(db, key).is_none() && ctx.relocate((ctx.db, key), (db, key), events);
    if moved {
        ctx.changed(1);
        ctx.effects.verbatim(ctx.db, args);
    }
    ctx.out.integer(moved.into());
    Ok(Flow::Done)
}

#[cfg(test)]
mod tests {
    use crate::testing::Client;

    #[test]
    fn values_move_with_their_expiry_time() {
        let mut client = Client::new();
        client.transcript(
            r#"
            SET a 1 PX 5000 => OK
            SET b 2 => OK
            RENAMENX a b => :0
            RENAME a b => OK
            GET b => "1"
            PTTL b => :5000
            RENAMENX b c => :1
            PTTL c => :5000
            RENAME c c => OK
            RENAMENX c c => :0
            RENAME none none => -ERR no such key
            RENAMENX none c => -ERR no such key
            MOVE c 1 => :1
            EXISTS c => :0
            SET c 2 => OK
            MOVE c 1 => :0
            MOVE none 1 => :0
            "#,
        );
        assert_eq!(
            client.effects(),
            ["SET a 1 PXAT 1005000", "SET b 2", "RENAME a b", "RENAME b c", "MOVE c 1", "SET c 2"]
        );
        client.advance(5001);
        assert_eq!(client.run("MOVE c 1"), ":1", "the key there has expired under its new name");
    }

    #[test]
    fn databases_that_are_none() {
        Client::new().transcript(
            r"
            MOVE none 0 => -ERR source and destination objects are the same
            MOVE none 16 => -ERR DB index is out of range
            MOVE none -1 => -ERR DB index is out of range
            MOVE none x => -ERR value is not an integer or out of range
            ",
        );
        // One line of the transcript would be longer than the house allows.
        let reply = Client::new().run("MOVE none 4294967297");
        let range = "value must between -2147483648 and 2147483647";
        assert_eq!(reply, alloc::format!("-ERR value is out of range, {range}"));
    }
}
