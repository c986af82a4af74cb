//! The component edge: `wit/` is its contract; here its types become words and replies theirs.
//!
//! Typed functions are calls of packed commands, as the JavaScript client makes them: one way into
//! the engine, whoever asks. What depends on who waits, the host or the call, is in `polled`.

mod generated;
mod words;
mod answer;
mod journal;
mod session;
mod polled;
mod streams;
mod groups;

use polled as flavour;

/// What the component exports.
#[derive(Debug)]
struct Component;

#[allow(unsafe_code)]
mod exports {
    use super::Component;

    super::generated::export!(Component with_types_in super::generated);
}
