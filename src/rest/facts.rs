//! What the command table says of a command: whether it only reads, may wait, needs a connection.

use alloc::string::String;

use super::words::Words;
use crate::command::Flags;
use crate::command::registry::Found;
use crate::command::table::COMMANDS;

/// Reads that tell keys which nobody has named.
const SEARCHES: [&str; 3] = ["keys", "scan", "randomkey"];
/// They leave a connection that does not answer any more, or not as before.
const SILENCES: [&str; 3] = ["client|reply", "quit", "reset"];

/// What matters of a command over HTTP. One that the engine does not know can do no harm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts(Option<Found>);

impl Facts {
    /// The facts of a command.
    pub(super) fn of(words: &Words) -> Self {
        let mut words = words.iter();
        let command = COMMANDS.command(words.next().unwrap_or_default());
        let subcommand = words.next().and_then(|word| command?.subcommand(word));
        Self(subcommand.or(command))
    }

    fn has(self, flag: Flags) -> bool {
        self.0.is_some_and(|found| found.flags().contains(flag))
    }

    fn is_one_of(self, category: &str) -> bool {
        self.0.is_some_and(|found| found.categories().split(' ').any(|it| it == category))
    }

    /// In lower case, with the container of a subcommand: `xinfo|groups`.
    pub(super) fn name(self) -> String {
        self.0.map_or_else(String::new, |found| found.full_name())
    }

    /// Changes nothing.
    pub(super) fn reads(self) -> bool {
        self.0.is_none() || self.has(Flags::READONLY)
    }

    /// May wait for what is not there yet.
    pub(super) fn waits(self) -> bool {
        self.has(Flags::BLOCKING)
    }

    fn is_about_channels(self) -> bool {
        self.has(Flags::PUBSUB) && self.has(Flags::NOSCRIPT)
    }

    /// Is answered by messages from then on.
    pub(super) fn listens(self) -> bool {
        self.is_about_channels() && !self.name().contains("unsubscribe")
    }

    /// May be sent with a token that may only read.
    pub(super) fn is_open(self) -> bool {
        let harmless = self.reads() || self.listens() || self.is_one_of("@connection");
        let dangerous = self.has(Flags::ADMIN) || self.is_one_of("@dangerous");
        harmless && !dangerous && !SEARCHES.contains(&self.name().as_str())
    }

    /// Means something only to what comes after it on the same connection.
    pub(super) fn needs_connection(self) -> bool {
        self.is_about_channels()
            || self.is_one_of("@transaction")
            || SILENCES.contains(&self.name().as_str())
    }
}
