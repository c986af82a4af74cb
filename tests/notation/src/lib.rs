//! Sessions with a server: what clients say and what they hear, written down, played, or made up.
//!
//! `tests/transcripts/README.md` describes the notation for people. Both who records (`cargo xtask
//! record`, against Redis) and who replays (`tests/transcripts.rs`, against Brooklet) read it with
//! this.

pub mod resp;
pub mod text;
pub mod reply;
mod layout;
mod origin;
pub mod script;
pub mod play;
pub mod replay;
pub mod typed;
pub mod edge;
pub mod coverage;
pub mod differences;
pub mod random;

pub use origin::Origin;
pub use reply::Reply;
pub use resp::Value;
pub use script::{Action, Scenario, Script, Step};

/// The two protocols in which every session is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// RESP2.
    Two,
    /// RESP3.
    Three,
}
