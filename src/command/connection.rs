//! Connections: PING, ECHO, SELECT and what a session remembers.

use super::args::Args;
use super::context::Context;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;

/// PING.
pub const PING: Spec = Spec {
    name: "ping",
    arity: -1,
    flags: Flags::FAST,
    keys: Keys::None,
    categories: &["@connection"],
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    since: "1.0.0",
    group: "connection",
    summary: "Answers PONG, or the message given.",
    complexity: "O(1)",
    syntax: "[message]",
    handler: ping,
    subcommands: &[],
};

fn ping(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    match (args.get(1), args.len()) {
        (None, _) => ctx.out.simple("PONG"),
        (Some(message), 2) => ctx.out.bulk(message),
        _ => return Err(Error::arity("ping")),
    }
    Ok(Flow::Done)
}
