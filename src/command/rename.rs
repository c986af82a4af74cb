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
    ctx.relocate((ctx.db, key), (ctx.db, new));
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
    let moved = ctx.slot(db, key).is_none() && ctx.relocate((ctx.db, key), (db, key));
    if moved {
        ctx.changed(1);
        ctx.effects.verbatim(ctx.db, args);
    }
    ctx.out.integer(moved.into());
    Ok(Flow::Done)
}
