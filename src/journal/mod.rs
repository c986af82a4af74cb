//! The journal: a Redis append-only file with annotations that Redis skips.
//!
//! A journal is files of frames: a base with the state at some place, then increments with what
//! happened since. Each frame is an annotation and plain commands (`frame`); a reader believes a
//! frame only when length, place and checksum are right (`read`). Files of Redis without
//! annotations are read as well. `rewrite` makes a new base of the state, `export` a file for
//! another place or for an older Redis (`profile`).
//!
//! Deliberately absent: files, names, clocks, and running commands; the engine does that.

mod crc32c;
mod frame;
mod read;
mod write;
mod profile;
mod rewrite;
mod export;

pub use export::Export;
pub use frame::FORMAT_VERSION;
pub(crate) use frame::MARK;
pub use profile::{Losses, Profile};
pub(crate) use read::Reader;
pub use read::{Damage, JournalFile};
pub(crate) use rewrite::{IIDS, INTACT, Rewrite, SEEN};
pub(crate) use write::FrameWriter;
