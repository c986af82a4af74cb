//! The settings of the handler: tokens and limits.

use alloc::string::String;
use alloc::vec::Vec;

/// Who may do what, and how much at once.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who may do everything. With no token of either kind nobody may do anything.
    pub tokens: Vec<String>,
    /// Who may only read.
    pub read_only_tokens: Vec<String>,
    /// Longest body of a request, in bytes (10 MiB); more is answered with 413.
    pub body_bytes: usize,
    /// Most commands of a pipeline or a transaction (10,000); more is answered with 413.
    pub commands: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tokens: Vec::new(),
            read_only_tokens: Vec::new(),
            body_bytes: 10 << 20,
            commands: 10_000,
        }
    }
}
