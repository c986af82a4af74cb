//! What is answered: a status, headers, a body.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::encode::push_error;

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether it tells what is in the database.
    pub(super) tells: bool,
}

impl Answer {
    /// A refusal, or a failure: `{"error": text}`.
    #[must_use]
    pub fn error(status: u16, text: &[&str]) -> Self {
        let mut body = Vec::new();
        push_error(&mut body, text.concat().as_bytes());
        Self::new(status, "application/json", body)
    }

    /// The same for whoever may try again in a second.
    #[must_use]
    pub fn busy(text: &[&str]) -> Self {
        Self::error(503, text).with("retry-after", "1")
    }

    pub(super) fn new(status: u16, kind: &'static str, body: Vec<u8>) -> Self {
        Self { status, headers: alloc::vec![("content-type", kind.into())], body, tells: false }
    }

    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What is refused before a command runs.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    status: u16,
    pub(super) text: String,
    header: Option<(&'static str, &'static str)>,
}

impl Refusal {
    /// The pieces of its text in a row.
    #[inline(never)]
    pub(super) fn new(status: u16, text: &[&str]) -> Self {
        Self { status, text: text.concat(), header: None }
    }

    #[must_use]
    pub(super) fn with(self, name: &'static str, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let mut answer = Self::error(refusal.status, &[&refusal.text]);
        let header = refusal.header.map(|(name, value)| (name, value.into()));
        answer.headers.extend(header);
        answer
    }
}
