//! A host for the component: wasmtime, a clock that is set, and journals in memory.

mod bindings;
mod journals;
mod host;
mod player;
mod dynamic;
mod typed;
pub mod tasks;

pub use bindings::brooklet::streams::types;
pub use bindings::exports::brooklet::streams::{databases, groups, raw, streams};
pub use host::{Database, Host, compile, component, options};
pub use journals::{Journals, Stored};
pub use player::Player;
