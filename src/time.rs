//! Time as the engine sees it: wall-clock Unix milliseconds that the host passes in.

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, by the host's wall clock.
///
/// The engine never reads a clock. It samples this value once for each input, so everything that
/// one command (or one transaction) does happens at the same instant, as in Redis.
pub type UnixMillis = i64;

/// A span of time in milliseconds.
pub type Millis = i64;

/// How long ago `then` was, never negative: a clock that stepped back gives zero.
#[must_use]
pub fn elapsed(now: UnixMillis, then: UnixMillis) -> Millis {
    now.saturating_sub(then).max(0)
}
