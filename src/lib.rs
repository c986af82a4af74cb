//! Brooklet: Redis Streams without the server.
#![no_std]
#![cfg_attr(not(feature = "js"), forbid(unsafe_code))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod number;
pub mod time;
pub mod span;
pub mod id;
pub mod stream;

pub use id::EntryId;
