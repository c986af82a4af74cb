//! BGREWRITEAOF: asks the host to rewrite the journal.

use super::args::Args;
use super::connection::ROW;
use super::context::Context;
use super::spec::{Flags, Flow, Spec};
use crate::error::Error;

/// BGREWRITEAOF.
pub const BGREWRITEAOF: Spec = Spec {
    name: "bgrewriteaof",
    arity: 1,
    flags: Flags::ADMIN.with(Flags::NOSCRIPT),
    categories: &[],
    group: "server",
    summary: "Has the journal rewritten in the fewest commands, where there is one.",
    handler: rewrite,
    ..ROW
};

/// Without a journal the answer is the same: test suites ask in passing.
fn rewrite(ctx: &mut Context<'_>, _: Args<'_>) -> Result<Flow, Error> {
    let journal = &mut ctx.state.persistence;
    if journal.scheduled || journal.rewriting_since.is_some() {
        return Err(Error::REWRITE_IN_PROGRESS);
    }
    journal.scheduled = journal.enabled;
    ctx.out.simple(if ctx.may_block {
        "Background append only file rewriting started"
    } else {
        "Background append only file rewriting scheduled"
    });
    Ok(Flow::Done)
}
