//! How the command table lies in memory, and how a request finds its row.

use alloc::string::String;

use super::args::Args;
use super::spec::{Flags, Handler, Keys, Spec};
use crate::error::Error;

/// A row of the command table: numbers, and the place of its texts. All texts of the table are one
/// string, since two words for each text of each row would be as long as the texts.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    flags: Flags,
    handler: Handler,
    /// Where its texts begin.
    texts: u16,
    arity: i8,
    keys: Keys,
    /// How many of the rows behind it are its subcommands.
    subcommands: u8,
}

impl Row {
    /// A row whose texts begin at this place of the table's.
    #[must_use]
    pub const fn new(spec: &Spec, texts: usize) -> Self {
        Self {
            flags: spec.flags,
            handler: spec.handler,
            texts: texts as u16,
            arity: spec.arity,
            keys: spec.keys,
            subcommands: spec.subcommands.len() as u8,
        }
    }
}

/// The texts of a row, in the order in which they lie in the table's.
#[derive(Clone, Copy)]
enum Text {
    Name,
    Since,
    Group,
    Summary,
    Complexity,
    Syntax,
    Categories,
    Tips,
}

/// The texts of rows, each with a line break behind it. With room for none it only counts.
pub(super) struct Texts<const LENGTH: usize> {
    /// The texts so far.
    pub bytes: [u8; LENGTH],
    /// How long they are.
    pub length: usize,
}

impl<const LENGTH: usize> Texts<LENGTH> {
    pub const fn new() -> Self {
        Self { bytes: [0; LENGTH], length: 0 }
    }

    /// Adds those of a row.
    pub const fn add(&mut self, spec: &Spec) {
        self.line(&[spec.name]);
        self.line(&[spec.since]);
        self.line(&[spec.group]);
        self.line(&[spec.summary]);
        self.line(&[spec.complexity]);
        self.line(&[spec.syntax]);
        self.line(spec.categories);
        self.line(spec.tips);
    }

    const fn line(&mut self, words: &[&str]) {
        let mut index = 0;
        while index < words.len() {
            if index > 0 {
                self.push(b' ');
            }
            let word = words[index].as_bytes();
            let mut place = 0;
            while place < word.len() {
                self.push(word[place]);
                place += 1;
            }
            index += 1;
        }
        self.push(b'\n');
    }

    const fn push(&mut self, byte: u8) {
        if self.length < LENGTH {
            self.bytes[self.length] = byte;
        }
        self.length += 1;
    }
}

/// The command table, ready for lookups. Commands that speak of commands (COMMAND, INFO, CLIENT
/// LIST) get it through their context, because the table is made of them.
#[derive(Debug)]
pub struct Registry {
    /// Commands sorted by name, each with its subcommands behind it.
    pub rows: &'static [Row],
    /// The texts of all rows.
    pub texts: &'static str,
    /// The number of each command's row.
    pub commands: &'static [u16],
    /// Where to look for a name: at its hash, or in the next slots up to the first empty one.
    pub slots: &'static Slots,
}

/// Places in the list of commands by the hash of a name, each one more than it is; 0 is empty.
pub type Slots = [u8; 256];

/// The slot of a name in any case: of its length, its first two bytes and its last two. The factor
/// is one that leaves every stream command in the slot that is its own.
pub(super) const fn slot(name: &[u8]) -> usize {
    let ([first, second, ..], [.., before, last]) = (name, name) else { return 0 };
    let ends = u32::from_be_bytes([*first, *second, *before, *last]) | 0x2020_2020;
    let ends = ends.wrapping_add((name.len() as u32).wrapping_mul(0x0101_0101));
    (ends.wrapping_mul(0x6508_61c9) >> 24) as usize
}

/// A row that a request has found.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    registry: &'static Registry,
    /// The number of the row of the command, or of its subcommand.
    pub number: u16,
    /// The number of the container's row, where it is a subcommand; else the same number.
    container: u16,
}

impl Found {
    #[inline(never)]
    fn text(&self, which: Text) -> &'static str {
        let texts = self.registry.texts.get(usize::from(self.row().texts)..).unwrap_or_default();
        texts.split('\n').nth(which as usize).unwrap_or_default()
    }

    /// Whether this is its name, in any case.
    fn is_named(&self, name: &[u8]) -> bool {
        let start = usize::from(self.row().texts);
        let texts = self.registry.texts.as_bytes();
        let own = texts.get(start..start + name.len()).unwrap_or_default();
        own.eq_ignore_ascii_case(name) && texts.get(start + name.len()) == Some(&b'\n')
    }

    fn row(&self) -> &'static Row {
        &self.registry.rows[usize::from(self.number)]
    }

    /// Properties.
    #[must_use]
    pub fn flags(&self) -> Flags {
        self.row().flags
    }

    /// Name in lower case; of a subcommand without its container.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.text(Text::Name)
    }

    /// `xadd`, or `xgroup|create`.
    #[must_use]
    #[inline(never)]
    pub fn full_name(&self) -> String {
        match self.container() {
            Some(container) => [container.name(), "|", self.name()].concat(),
            None => self.name().into(),
        }
    }

    /// The Redis version that had it first.
    #[must_use]
    pub fn since(&self) -> &'static str {
        self.text(Text::Since)
    }

    /// COMMAND DOCS' group.
    #[must_use]
    pub fn group(&self) -> &'static str {
        self.text(Text::Group)
    }

    /// One sentence for people.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.text(Text::Summary)
    }

    /// Cost, for people.
    #[must_use]
    pub fn complexity(&self) -> &'static str {
        self.text(Text::Complexity)
    }

    /// Its arguments in Redis' notation.
    #[must_use]
    pub fn syntax(&self) -> &'static str {
        self.text(Text::Syntax)
    }

    /// ACL categories beyond those that the flags imply, with blanks between them.
    #[must_use]
    pub fn categories(&self) -> &'static str {
        self.text(Text::Categories)
    }

    /// Hints for clients and proxies, with blanks between them.
    #[must_use]
    pub fn tips(&self) -> &'static str {
        self.text(Text::Tips)
    }

    /// Number of words with the name; negative: at least so many.
    #[must_use]
    pub fn arity(&self) -> i8 {
        self.row().arity
    }

    /// Where its keys stand.
    #[must_use]
    pub fn keys(&self) -> Keys {
        self.row().keys
    }

    /// What runs it.
    #[must_use]
    pub fn handler(&self) -> Handler {
        self.row().handler
    }

    /// Whether it has subcommands.
    #[must_use]
    pub fn is_container(&self) -> bool {
        self.row().subcommands > 0
    }

    /// The command that a subcommand is one of.
    #[must_use]
    pub fn container(&self) -> Option<Self> {
        (self.container != self.number).then_some(Self { number: self.container, ..*self })
    }

    /// Its subcommands.
    #[must_use]
    pub fn subcommands(self) -> impl ExactSizeIterator<Item = Self> + Clone {
        let numbers = self.number + 1..self.number + 1 + u16::from(self.row().subcommands);
        numbers.map(move |number| Self { number, container: self.number, ..self })
    }

    /// A subcommand by name, in any case.
    #[must_use]
    #[inline(never)]
    pub fn subcommand(self, name: &[u8]) -> Option<Self> {
        self.subcommands().find(|found| found.is_named(name))
    }

    /// Whether a request of so many words is well-formed for this row.
    #[must_use]
    pub fn accepts(&self, words: usize) -> bool {
        let arity = usize::from(self.row().arity.unsigned_abs());
        if self.row().arity < 0 { words >= arity } else { words == arity }
    }
}

impl Registry {
    /// How many commands there are, subcommands not counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether there are no commands.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    fn at(&'static self, number: u16, container: u16) -> Found {
        Found { registry: self, number, container }
    }

    /// Every command, sorted by name.
    pub fn commands(&'static self) -> impl Iterator<Item = Found> {
        self.commands.iter().map(|&number| self.at(number, number))
    }

    /// Every row: commands, each followed by its subcommands.
    pub fn all(&'static self) -> impl Iterator<Item = Found> {
        (0..self.rows.len()).filter_map(|number| self.numbered(number as u16))
    }

    /// A command by name, in any case.
    #[must_use]
    pub fn command(&'static self, name: &[u8]) -> Option<Found> {
        let number = self.number(name)?;
        Some(self.at(number, number))
    }

    /// The number of a command's row.
    #[inline(never)]
    fn number(&'static self, name: &[u8]) -> Option<u16> {
        let mut numbers = self.slots[slot(name)..]
            .iter()
            .map_while(|&place| self.commands.get(usize::from(place).checked_sub(1)?).copied());
        numbers.find(|&number| self.at(number, number).is_named(name))
    }

    /// A row by its number.
    #[must_use]
    #[inline(never)]
    pub fn numbered(&'static self, number: u16) -> Option<Found> {
        let index = self.commands.partition_point(|first| *first <= number).checked_sub(1)?;
        let there = usize::from(number) < self.rows.len();
        there.then(|| self.at(number, self.commands[index]))
    }

    /// The row that a request means; an error when there is none or the number of words is wrong.
    #[inline(never)]
    pub fn find(&'static self, words: Args<'_>) -> Result<Found, Error> {
        let name = words.get(0).unwrap_or_default();
        let mut found =
            self.command(name).ok_or_else(|| Error::unknown_command(name, words.from(1).iter()))?;
        if let Some(word) = words.get(1).filter(|_| found.is_container()) {
            found = found
                .subcommand(word)
                .ok_or_else(|| Error::unknown_subcommand(word, found.name()))?;
        }
        if found.accepts(words.len()) { Ok(found) } else { Err(Error::arity(&found.full_name())) }
    }
}
