//! What browsers are told about pages of other origins.

use alloc::string::String;
use alloc::vec::Vec;

use super::answer::Answer;
use super::head::Head;

const METHODS: &str = "GET, HEAD, POST, PUT";
/// Every header that a request can have a meaning by, and those of Upstash's client.
const HEADERS: &str = "accept, authorization, cache-control, content-type, idempotency-key, \
    last-event-id, upstash-encoding, upstash-response-format, upstash-sync-token, \
    upstash-telemetry-platform, upstash-telemetry-retry, upstash-telemetry-runtime, \
    upstash-telemetry-sdk";
const A_DAY_IN_SECONDS: &str = "86400";

/// Adds what every answer says. Where there is no token, pages of this machine may see why.
pub(super) fn add_headers(answer: Answer, head: &Head<'_>, only_local: bool) -> Answer {
    const EXPOSED: (&str, &str) =
        ("access-control-expose-headers", "upstash-sync-token, retry-after");
    const ALLOWED: &str = "access-control-allow-origin";
    if !only_local {
        return answer.with(EXPOSED.0, EXPOSED.1).with(ALLOWED, "*");
    }
    let answer = answer.with("vary", "origin");
    let origin = head.header("origin").and_then(|origin| str::from_utf8(origin).ok());
    match origin.filter(|origin| is_local(origin)) {
        Some(origin) => answer.with(EXPOSED.0, EXPOSED.1).with(ALLOWED, String::from(origin)),
        None => answer,
    }
}

/// The answer to a browser that asks before it sends.
pub(super) fn preflight() -> Answer {
    Answer { status: 204, headers: Vec::new(), body: Vec::new(), tells: false }
        .with("access-control-allow-methods", METHODS)
        .with("access-control-allow-headers", HEADERS)
        .with("access-control-max-age", A_DAY_IN_SECONDS)
}

/// Whether a page of this origin comes from this machine.
fn is_local(origin: &str) -> bool {
    let Some((_, host)) = origin.split_once("://") else { return false };
    let host = match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let parts = || host.split('.');
    let is_number = |part: &str| part.parse::<u8>().is_ok();
    host.eq_ignore_ascii_case("localhost")
        || host == "::1"
        || (parts().count() == 4 && parts().next() == Some("127") && parts().all(is_number))
}
