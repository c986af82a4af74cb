//! How a request finds its row of the command table.

use alloc::string::String;

use super::args::Args;
use super::spec::Spec;
use crate::error::Error;

/// The command table, ready for lookups. Commands that speak of commands (COMMAND, INFO, CLIENT
/// LIST) get it through their context, because the table is made of them.
#[derive(Debug)]
pub struct Registry {
    rows: &'static [&'static Spec],
    /// The [`name_key`] of each row, to search in.
    keys: &'static [u128],
    /// The number of each row: a row has one, and so has each of its subcommands after it.
    numbers: &'static [u16],
}

/// A row that a request has found.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// The row of the command, or of its subcommand.
    pub spec: &'static Spec,
    /// The row of the container, where `spec` is a subcommand.
    pub container: Option<&'static Spec>,
    /// The number of `spec`, for counters.
    pub number: u16,
}

impl Found {
    /// `xadd`, or `xgroup|create`.
    #[must_use]
    #[inline(never)]
    pub fn full_name(&self) -> String {
        match self.container {
            Some(container) => [container.name, "|", self.spec.name].concat(),
            None => self.spec.name.into(),
        }
    }
}

impl Registry {
    /// A table of rows sorted by name, with the key and the number of each.
    #[must_use]
    pub const fn new(
        rows: &'static [&'static Spec],
        keys: &'static [u128],
        numbers: &'static [u16],
    ) -> Self {
        Self { rows, keys, numbers }
    }

    /// How many commands there are, subcommands not counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no commands.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Every command, sorted by name.
    #[must_use]
    pub fn commands(&self) -> impl ExactSizeIterator<Item = Found> + Clone {
        self.rows.iter().zip(self.numbers).map(|(spec, number)| Found {
            spec,
            container: None,
            number: *number,
        })
    }

    /// Every row: commands, each followed by its subcommands.
    pub fn all(&self) -> impl Iterator<Item = Found> {
        self.commands().flat_map(|command| core::iter::once(command).chain(subcommands(command)))
    }

    /// A command by name, in any case.
    #[must_use]
    pub fn command(&self, name: &[u8]) -> Option<Found> {
        let mut lower = [0; LONGEST_NAME];
        lower.get_mut(..name.len())?.copy_from_slice(name);
        lower.make_ascii_lowercase();
        let index = self.keys.binary_search(&u128::from_be_bytes(lower)).ok()?;
        Some(Found { spec: self.rows[index], container: None, number: self.numbers[index] })
    }

    /// A row by its number.
    #[must_use]
    pub fn numbered(&self, number: u16) -> Option<Found> {
        let index = self.numbers.partition_point(|first| *first <= number).checked_sub(1)?;
        let command =
            Found { spec: self.rows[index], container: None, number: self.numbers[index] };
        core::iter::once(command)
            .chain(subcommands(command))
            .nth(usize::from(number - command.number))
    }

    /// The row that a request means; an error when there is none or the number of words is wrong.
    #[inline(never)]
    pub fn find(&self, words: Args<'_>) -> Result<Found, Error> {
        let name = words.get(0).unwrap_or_default();
        let mut found =
            self.command(name).ok_or_else(|| Error::unknown_command(name, words.from(1).iter()))?;
        if let Some(word) = words.get(1).filter(|_| !found.spec.subcommands.is_empty()) {
            found = subcommand(found, word)
                .ok_or_else(|| Error::unknown_subcommand(word, found.spec.name))?;
        }
        if found.spec.accepts(words.len()) {
            Ok(found)
        } else {
            Err(Error::arity(&found.full_name()))
        }
    }
}

/// The longest name of a command, in bytes.
pub const LONGEST_NAME: usize = 16;

/// A name as one number, ordered as names are: a lookup compares numbers, not strings.
#[must_use]
pub const fn name_key(name: &str) -> u128 {
    let bytes = name.as_bytes();
    let mut padded = [0; LONGEST_NAME];
    let mut index = 0;
    while index < bytes.len() {
        padded[index] = bytes[index];
        index += 1;
    }
    u128::from_be_bytes(padded)
}

/// The subcommands of a container.
pub fn subcommands(container: Found) -> impl Iterator<Item = Found> + Clone {
    container.spec.subcommands.iter().zip(container.number + 1..).map(move |(spec, number)| Found {
        spec,
        container: Some(container.spec),
        number,
    })
}

/// A subcommand of a container by name, in any case.
#[must_use]
pub fn subcommand(container: Found, name: &[u8]) -> Option<Found> {
    subcommands(container).find(|found| name.eq_ignore_ascii_case(found.spec.name.as_bytes()))
}
