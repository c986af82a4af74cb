//! Journals on WASI's files: `wit/files` is the contract. Knows nothing of engines.

mod generated;
mod folder;
mod chain;
mod log;

/// What the component exports.
#[derive(Debug)]
struct Component;

#[allow(unsafe_code)]
mod exports {
    use super::Component;

    super::generated::export!(Component with_types_in super::generated);
}
