//! The HTTP edge: `wit/http` is its contract; a request of `wasi:http` in, a response out.
//!
//! The contract has two flavours: where a call cannot wait, a read answers at once (`at_once`); a
//! host of WASI 0.3 calls others meanwhile (`waiting`).

mod generated;
mod journal;
mod database;
mod server;
#[cfg(not(feature = "http-async"))]
mod at_once;
#[cfg(feature = "http-async")]
mod waiting;

/// What the component exports.
#[derive(Debug)]
struct Component;

#[allow(unsafe_code)]
mod exports {
    use super::Component;

    super::generated::export!(Component with_types_in super::generated);
}
