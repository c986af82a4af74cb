//! Brooklet: Redis Streams without the server.
//!
//! **The engine is a function from (time, bytes) to bytes.** Requests come in as arguments, replies
//! go out as bytes, changes go out as the commands of a Redis append-only file, and the next
//! deadline goes out as a number. Clock, sockets, storage and threads belong to the host.
//!
//! # The contract
//!
//! - **Every input carries the time**, in Unix milliseconds by the host's wall clock. All that one
//!   command or transaction does happens at that instant. When the clock steps back, generated IDs
//!   still grow and idle times are never negative.
//! - **After every input, drain the output**: ask [`Engine::next_output`] until it is `None`, send
//!   each session's [`Engine::output`], then [`Engine::consume`] it, and close the session where
//!   [`Output::close`] says so. One input can produce output for many sessions: an XADD wakes
//!   blocked readers.
//! - **After every input, ask for the next [`Engine::deadline`]** and call [`Engine::tick`] then.
//!   Early, late and repeated ticks are harmless.
//! - **The same inputs give the same outputs**, on every host. Nothing in the engine reads a clock,
//!   draws chance or spawns a thread; no input makes it panic.
//! - **Changes are a journal**, which is a Redis append-only file: canonical commands with explicit
//!   IDs, times and counts, in frames with a checksum. After [`Engine::start_journal`], append what
//!   [`Engine::next_frame`] gives after every input and then call [`Engine::confirm_frame`]; with
//!   [`Durability::Confirmed`] no reply goes out before everything that it could tell of is
//!   confirmed. When [`Engine::rewrite_due`], write a base: [`Engine::begin_rewrite`], slice by
//!   slice [`Engine::next_base_frame`], [`Engine::end_rewrite`]. [`Engine::begin_recovery`] and its
//!   companions read such files into an empty engine, and the state is the same.
//! - What can grow without end has a limit in [`Config`], with a unit, a default and an error text.
//!
//! # Run loop
//!
//! ```
//! use brooklet::reply::Form;
//! use brooklet::{Config, Engine};
//!
//! let mut engine = Engine::new(Config::default());
//! let now = 1_700_000_000_000;
//! let reader = engine.open_session(now, Form::Resp2)?;
//! let writer = engine.open_session(now, Form::Resp2)?;
//!
//! // The reader finds nothing and waits; there is no reply yet.
//! engine.exchange(now, reader, b"XREAD BLOCK 5000 STREAMS s $\r\n");
//! assert_eq!(engine.next_output(), None);
//! assert_eq!(engine.deadline(), Some(now + 5000));
//!
//! // Requests come inline or as arrays, whole or in pieces.
//! engine.exchange(now + 7, writer, b"XADD s * field value\r\n");
//! let mut sent = Vec::new();
//! while let Some(session) = engine.next_output() {
//!     if let Some(output) = engine.output(session) {
//!         sent.push((session, output.bytes.to_vec()));
//!     }
//!     engine.consume(session);
//! }
//! assert_eq!(sent.len(), 2, "the writer has its ID, the reader its entry");
//! assert_eq!(sent[0], (writer, b"$15\r\n1700000000007-0\r\n".to_vec()));
//! # Ok::<(), brooklet::Error>(())
//! ```
//!
//! # Features
//!
//! - `std` (default): [`Error`] implements `std::error::Error`. The core itself is `no_std` with
//!   `alloc`, and has one dependency: the hash that idempotent IDs are made with.
//! - `js`: the wasm-bindgen binding that the npm package `brooklet` is built from.
//! - `component`: the WebAssembly component; `wit/` is its contract.
//! - `component-async`: the same with calls that wait; `wit/wasi-0.3`.
//! - `http`: the component that answers HTTP; `wit/http` is its contract.
//! - `http-async`: the same with reads that wait; `wit/http-0.3`.
//! - `files`: the component that keeps journals in WASI's files; `wit/files` is its contract.
#![no_std]
#![cfg_attr(
    not(any(feature = "js", feature = "component", feature = "http", feature = "files")),
    forbid(unsafe_code)
)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod number;
pub mod glob;
pub mod time;
pub mod span;
pub mod id;
pub mod ordered;
pub mod named;
pub mod agenda;
pub mod error;
pub mod stream;
pub mod keyspace;
pub mod rdb;
pub mod reply;
pub mod resp;
pub mod state;
pub mod command;
pub mod journal;
pub mod engine;
pub mod rest;
#[cfg(test)]
mod testing;
#[cfg(any(feature = "js", feature = "component", feature = "http", feature = "files"))]
pub mod bindings;

pub use engine::{Durability, Engine, FileEnd, Output, Recovered, RecoveryError};
pub use error::Error;
pub use id::EntryId;
pub use state::Config;
