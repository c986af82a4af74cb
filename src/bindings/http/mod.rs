//! The HTTP edge: `wit/http` is its contract; a request of `wasi:http` in, a response out.

mod generated;
mod journal;
mod database;
mod exchange;
mod server;

/// What the component exports.
#[derive(Debug)]
struct Component;

#[allow(unsafe_code)]
mod exports {
    use super::Component;

    super::generated::export!(Component with_types_in super::generated);
}
