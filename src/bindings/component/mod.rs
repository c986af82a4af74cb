//! The component edge: `wit/` is its contract; here its types become words and replies theirs.
//!
//! Typed functions are calls of packed commands, as the JavaScript client makes them: one way into
//! the engine, whoever asks.

mod generated;
mod words;
mod answer;
mod log;
mod core;
mod database;
mod raw;
mod read;
mod streams;
mod groups;

/// What the component exports.
#[derive(Debug)]
struct Component;

#[allow(unsafe_code)]
mod exports {
    use super::Component;

    super::generated::export!(Component with_types_in super::generated);
}
