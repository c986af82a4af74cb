//! The command table: every row, and how a request finds its own.

use super::args::Args;
use super::spec::Spec;
use super::{connection, xadd, xdel, xrange, xread, xtrim};
use crate::error::Error;

/// Every command, sorted by name.
pub const TABLE: &[&Spec] = &[
    &connection::PING,
    &xadd::XADD,
    &xdel::XDEL,
    &xdel::XLEN,
    &xrange::XRANGE,
    &xread::XREAD,
    &xrange::XREVRANGE,
    &xtrim::XTRIM,
];

/// Where the numbers of a command's subcommands begin: each row of the table has a number, and so
/// has each subcommand after it.
const OFFSETS: [u16; TABLE.len()] = offsets();

const fn offsets() -> [u16; TABLE.len()] {
    let mut offsets = [0; TABLE.len()];
    let mut index = 0;
    let mut next = 0;
    while index < TABLE.len() {
        offsets[index] = next;
        next += 1 + TABLE[index].subcommands.len() as u16;
        index += 1;
    }
    offsets
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
    pub fn full_name(&self) -> alloc::string::String {
        match self.container {
            Some(container) => alloc::format!("{}|{}", container.name, self.spec.name),
            None => self.spec.name.into(),
        }
    }
}

/// A command by name, in any case.
#[must_use]
pub fn command(name: &[u8]) -> Option<Found> {
    const LONGEST: usize = 16;
    let mut lower = [0; LONGEST];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    let index = TABLE.binary_search_by(|spec| spec.name.as_bytes().cmp(lower)).ok()?;
    Some(Found { spec: TABLE[index], container: None, number: OFFSETS[index] })
}

/// A subcommand of a container by name, in any case.
#[must_use]
pub fn subcommand(container: Found, name: &[u8]) -> Option<Found> {
    let subcommands = container.spec.subcommands;
    let index =
        subcommands.iter().position(|spec| name.eq_ignore_ascii_case(spec.name.as_bytes()))?;
    Some(Found {
        spec: subcommands[index],
        container: Some(container.spec),
        number: container.number + 1 + index as u16,
    })
}

/// The row that a request means; an error when there is none or the number of words is wrong.
pub fn find(words: Args<'_>) -> Result<Found, Error> {
    let name = words.get(0).unwrap_or_default();
    let mut found = command(name)
        .ok_or_else(|| Error::unknown_command(name, words.from(1).iter()))?;
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

/// Every row with its number: containers, then their subcommands.
pub fn all() -> impl Iterator<Item = Found> {
    TABLE.iter().zip(OFFSETS).flat_map(|(spec, number)| {
        let container = Found { spec, container: None, number };
        let subcommands = spec.subcommands.iter().zip(number + 1..);
        core::iter::once(container).chain(subcommands.map(move |(sub, number)| Found {
            spec: sub,
            container: Some(container.spec),
            number,
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_numbered_one_by_one() {
        assert!(TABLE.is_sorted_by(|a, b| a.name < b.name), "lookup is a binary search");
        assert!(all().zip(0..).all(|(found, number)| found.number == number));
        assert!(all().all(|found| found.spec.name.len() <= 16));
    }

    #[test]
    fn names_in_any_case() {
        assert_eq!(command(b"PiNg").expect("there").spec.name, "ping");
        assert!(command(b"pin").is_none());
        assert!(command(&[b'p'; 99]).is_none());
    }
}
