//! Commands: one family a file, each in three short halves: parse, run, render.
//!
//! - **parse** turns words into a struct that is valid once it exists, in Redis' order of checks;
//! - **run** changes state, pushes effects and returns what happened;
//! - **render** writes the reply.
//!
//! Deliberately absent: sockets, stores, clocks, and the order of steps around a command (that is
//! the engine's dispatch).

pub mod args;
pub mod effects;
pub mod spec;
pub mod registry;
pub mod context;
mod trim_options;
mod id_block;
mod fingerprint;
mod read_options;
mod read_budget;
mod entries;
mod xcfgset;
mod xidmprecord;
mod xadd;
mod xtrim;
mod xdel;
mod xrange;
mod xread;
mod help;
mod figures;
mod xgroup;
mod xack;
mod xdelex;
mod xackdel;
mod xnack;
mod claims;
mod xreadgroup;
mod xclaim;
mod xautoclaim;
mod xpending;
mod xsetid;
mod xinfo;
mod place;
mod expiry;
mod keys;
mod scan;
mod rename;
mod copy;
mod dump;
mod restore;
mod expire;
mod ttl;
mod object;
mod set;
mod mset;
mod get;
mod modify;
mod connection;
mod auth;
mod client_list;
mod client_kill;
mod client;
mod pubsub;
mod transaction;
mod server;
mod absent;
mod bgrewriteaof;
mod debug;
mod memory;
mod output_limits;
mod setting;
mod parameters;
mod config;
mod info_sections;
mod info;
mod key_specs;
mod syntax;
mod command_rows;
mod command_docs;
mod introspection;
pub mod table;

pub use args::Args;
pub use context::{Context, View};
pub use effects::Effects;
pub use spec::{Flags, Flow, Keys, Spec};

use crate::error::Error;
use crate::reply::Writer;

/// A parsed command: callers with types build it directly, the table's handlers by parsing words.
pub trait Command {
    /// What happened.
    type Outcome;

    /// Changes state and pushes effects. An error has changed nothing.
    fn run(&self, ctx: &mut Context<'_>) -> Result<Self::Outcome, Error>;

    /// Writes the reply.
    fn render(&self, outcome: &Self::Outcome, view: View<'_>, out: &mut Writer);
}

/// Runs a parsed command and writes its reply.
pub fn finish<C: Command>(ctx: &mut Context<'_>, command: &C) -> Result<Flow, Error> {
    let outcome = command.run(ctx)?;
    let (view, out) = ctx.reply();
    command.render(&outcome, view, out);
    Ok(Flow::Done)
}
