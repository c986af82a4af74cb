//! The component edge: `wit/` is its contract; here its types become words and replies theirs.
//!
//! Typed functions are calls of packed commands, as the JavaScript client makes them: one way into
//! the engine, whoever asks. The contract has two flavours, which differ in who waits: the host
//! (`polled`) or the call (`tasks`). All else is the same for both.

mod generated;
mod words;
mod answer;
mod journal;
mod session;
#[cfg(not(feature = "component-async"))]
mod polled;
#[cfg(feature = "component-async")]
mod tasks;
mod streams;
mod groups;

#[cfg(not(feature = "component-async"))]
use polled as flavour;
#[cfg(feature = "component-async")]
use tasks as flavour;

/// What the component exports.
#[derive(Debug)]
struct Component;

#[allow(unsafe_code)]
mod exports {
    use super::Component;

    super::generated::export!(Component with_types_in super::generated);
}
