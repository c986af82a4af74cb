//! Who may do what, by tokens.

use alloc::vec::Vec;

use super::answer::Refusal;
use super::head::Head;
use super::settings::Settings;
use super::text::unescape;

/// What a request may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Everything.
    All,
    /// Read.
    Reader,
}

impl Settings {
    /// Whether there is no token.
    pub(super) fn is_open_to_nobody(&self) -> bool {
        self.tokens.is_empty() && self.read_only_tokens.is_empty()
    }
}

/// What the request may do; a refusal when that is nothing.
pub(super) fn role(settings: &Settings, head: &Head<'_>) -> Result<Role, Refusal> {
    if settings.is_open_to_nobody() {
        const NOT_KNOWN: &str = "WRONGPASS no token is configured, so only requests from this \
            machine are served, and who sent this one is not known: configure a token";
        return Err(Refusal::new(401, &[NOT_KNOWN]));
    }
    let token = bearer(head).or_else(|| in_query(head.query())).unwrap_or_default();
    let all = settings.tokens.iter().map(|it| (it, Role::All));
    let readers = settings.read_only_tokens.iter().map(|it| (it, Role::Reader));
    let mut role = None;
    for (known, its) in all.chain(readers) {
        if is_same(known.as_bytes(), &token) {
            role = Some(its);
        }
    }
    role.ok_or_else(|| {
        Refusal::new(401, &["WRONGPASS invalid or missing auth token"])
            .with("www-authenticate", "Bearer")
    })
}

fn bearer(head: &Head<'_>) -> Option<Vec<u8>> {
    let (scheme, token) = head.header("authorization")?.split_at_checked(b"bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii_start().to_vec())
}

fn in_query(query: &str) -> Option<Vec<u8>> {
    let token = query.split('&').find_map(|pair| pair.strip_prefix("_token="))?;
    unescape(token.as_bytes(), true, true)
}

/// Takes as long for a wrong guess as for a right one: how much of it is right does not show.
fn is_same(known: &[u8], guess: &[u8]) -> bool {
    if known.is_empty() {
        return false;
    }
    let mut difference = known.len() ^ guess.len();
    for (at, byte) in guess.iter().enumerate() {
        difference |= usize::from(known[at % known.len()] ^ byte);
    }
    core::hint::black_box(difference) == 0
}
