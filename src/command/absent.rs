//! What there is nothing of: scripts, functions. Test suites and tools flush them in passing,
//! whatever server they meet.

use super::args::{Args, is};
use super::connection::ROW;
use super::context::Context;
use super::spec::{Flags, Flow, Spec};
use crate::error::Error;

/// FUNCTION: there are no functions, so that removing all of them is done at once.
pub const FUNCTION: Spec = Spec {
    name: "function",
    arity: -2,
    flags: Flags::NONE,
    categories: &[],
    since: "7.0.0",
    group: "scripting",
    summary: "Holds what is left of the commands about functions.",
    complexity: "Depends on subcommand.",
    subcommands: &[&FUNCTION_FLUSH],
    ..ROW
};

const FUNCTION_FLUSH: Spec = Spec {
    name: "flush",
    arity: -2,
    flags: Flags::WRITE.with(Flags::NOSCRIPT),
    categories: &["@scripting"],
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    since: "7.0.0",
    group: "scripting",
    summary: "Removes all functions, of which there are none.",
    syntax: "[ASYNC|SYNC]",
    handler: function_flush,
    ..ROW
};

/// SCRIPT, in the same way.
pub const SCRIPT: Spec = Spec {
    name: "script",
    since: "2.6.0",
    summary: "Holds what is left of the commands about scripts.",
    subcommands: &[&SCRIPT_FLUSH],
    ..FUNCTION
};

const SCRIPT_FLUSH: Spec = Spec {
    flags: Flags::NOSCRIPT,
    tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
    since: "2.6.0",
    summary: "Removes all scripts, of which there are none.",
    handler: script_flush,
    ..FUNCTION_FLUSH
};

fn function_flush(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    match args.len() {
        2 | 3 => flush(ctx, args, Error::FUNCTION_FLUSH_MODE),
        _ => Err(Error::subcommand_syntax(args.get(1).unwrap_or_default(), "function")),
    }
}

fn script_flush(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    flush(ctx, args, Error::SCRIPT_FLUSH_MODE)
}

/// `FLUSH [ASYNC|SYNC]`.
fn flush(ctx: &mut Context<'_>, args: Args<'_>, wrong: Error) -> Result<Flow, Error> {
    match (args.get(2), args.len()) {
        (None, _) => {}
        (Some(word), 3) if is(word, "async") || is(word, "sync") => {}
        _ => return Err(wrong),
    }
    ctx.out.ok();
    Ok(Flow::Done)
}

#[cfg(test)]
mod tests {
    use crate::testing::Client;

    #[test]
    fn there_is_nothing_to_flush() {
        // Redis' own suite flushes functions and scripts before each file: an error ended the whole
        // run at its first line.
        Client::new().transcript(
            r"
            FUNCTION FLUSH => OK
            FUNCTION FLUSH ASYNC => OK
            FUNCTION FLUSH x => -ERR FUNCTION FLUSH only supports SYNC|ASYNC option
            FUNCTION FLUSH SYNC x
                => -ERR unknown subcommand or wrong number of arguments for 'FLUSH'. Try FUNCTION
                | HELP.
            FUNCTION LIST => -ERR unknown subcommand 'LIST'. Try FUNCTION HELP.
            SCRIPT FLUSH => OK
            SCRIPT FLUSH sync => OK
            SCRIPT FLUSH x => -ERR SCRIPT FLUSH only support SYNC|ASYNC option
            SCRIPT FLUSH SYNC x => -ERR SCRIPT FLUSH only support SYNC|ASYNC option
            ",
        );
    }
}
