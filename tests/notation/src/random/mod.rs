//! Random sessions: what `cargo xtask differential` compares and the property tests run.

mod chance;
mod ids;
mod generate;
mod session;
mod syntax;
mod words;

pub use chance::Chance;
pub use generate::{Command, Generator};
pub use session::{Event, NAMES, START, Session};
pub use syntax::Syntax;
pub use words::{DATABASES, KEYS};
