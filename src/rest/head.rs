//! The head of a request: method, target, headers.

/// What comes before a request's body.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// In capital letters.
    pub method: &'a str,
    /// Path and query, as they were sent.
    pub target: &'a str,
    /// Names, in whatever case, and values.
    pub headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> Head<'a> {
    /// The value of a header, without blanks around it.
    pub(super) fn header(&self, name: &str) -> Option<&'a [u8]> {
        let mut headers = self.headers.iter();
        headers.find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim_ascii())
    }

    /// The path without its first slash.
    pub(super) fn path(&self) -> &'a str {
        let path = self.target.split('?').next().unwrap_or_default();
        path.strip_prefix('/').unwrap_or(path)
    }

    /// What is behind the question mark.
    pub(super) fn query(&self) -> &'a str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// Whether a body belongs to it.
    pub(super) fn has_body(&self) -> bool {
        self.method == "POST" || self.method == "PUT"
    }
}
