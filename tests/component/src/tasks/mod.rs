//! A host for the flavour whose calls wait: calls that are made go on side by side, as far as they
//! can, whenever the test looks.

mod bindings;
mod clock;
mod world;
mod host;
mod player;
mod guest;

pub use bindings::exports::brooklet::streams::{databases, groups, raw, streams};
pub use clock::Clock;
pub use guest::play;
pub use host::{Host, Reply, compile, component};
pub use player::Player;
pub use world::{Disk, World};
