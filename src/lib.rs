//! Brooklet: Redis Streams without the server.
#![no_std]
#![cfg_attr(not(feature = "js"), forbid(unsafe_code))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod number;
pub mod glob;
pub mod time;
pub mod span;
pub mod named;
pub mod agenda;
pub mod id;
pub mod error;
pub mod stream;
pub mod keyspace;
pub mod reply;
pub mod resp;
pub mod state;
pub mod command;
pub mod engine;
#[cfg(test)]
mod testing;
#[cfg(feature = "js")]
pub mod bindings;

pub use engine::{Engine, Output};
pub use error::Error;
pub use id::EntryId;
pub use state::Config;
