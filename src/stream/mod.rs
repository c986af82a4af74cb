//! The stream data type: entries, consumer groups and what they owe each other. It knows no key
//! names, no clock and no protocol.

mod varint;
mod listpack;
mod radix;
mod entry;
mod block;
mod range;
mod log;
#[cfg(test)]
mod testing;

pub use block::BlockLimits;
pub use entry::{Entry, Fields};
pub use log::{AddError, Log, MAX_ENTRIES_ADDED};
pub use range::{Cursor, Range};
