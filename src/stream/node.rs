//! Nodes as they lie: blocks with their tombstones, walked to save a stream, made to load one.

use super::block::{Block, Draft, Names};
use super::entry::Entry;
use super::log::Log;
use crate::id::EntryId;
use crate::span::Spans;

/// A node of a log: a run of entries that Redis keeps in one listpack.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    primary: EntryId,
    block: &'a Block,
}

impl<'a> Node<'a> {
    /// The ID that the IDs of all entries are told from.
    #[must_use]
    pub const fn primary(&self) -> EntryId {
        self.primary
    }

    /// How many entries are alive.
    #[must_use]
    pub const fn live(&self) -> u64 {
        self.block.live()
    }

    /// How many entries are tombstones.
    #[must_use]
    pub const fn deleted(&self) -> u64 {
        self.block.deleted()
    }

    /// The size of the node as a listpack.
    #[must_use]
    pub fn listpack_size(&self) -> u64 {
        self.block.listpack_size()
    }

    /// The field names of the primary entry.
    #[must_use]
    pub fn names(&self) -> Names<'a> {
        self.block.names()
    }

    /// All entries in order, each with whether it is alive.
    pub fn entries(&self) -> impl Iterator<Item = (bool, Entry<'a>)> {
        self.block.physical(self.primary)
    }
}

/// A node that is being loaded.
#[derive(Debug)]
pub struct NewNode {
    primary: EntryId,
    block: Block,
    last_live: Option<EntryId>,
}

/// One entry to load.
#[derive(Clone, Copy, Debug)]
pub struct NewEntry<'a> {
    /// The ID.
    pub id: EntryId,
    /// Whether it is alive.
    pub live: bool,
    /// Whether it has the field names of the primary entry; those in `fields` then do not matter.
    pub primary_names: bool,
    /// Each field name followed by its value.
    pub fields: Spans<'a>,
}

impl NewNode {
    /// An empty node; of `fields`, which alternate with anything, only the names matter.
    #[must_use]
    pub fn new(primary: EntryId, fields: Spans<'_>) -> Self {
        let block = Block::new(primary, &Draft::new(fields), 0);
        Self { primary, block, last_live: None }
    }

    /// Adds an entry. `false`: it cannot be here, since it has no fields or is alive below another
    /// one that is, and the node is good for nothing.
    #[must_use]
    pub fn push(&mut self, entry: &NewEntry<'_>) -> bool {
        let in_order = !entry.live
            || entry.id >= self.primary && self.last_live.is_none_or(|last| last < entry.id);
        if !in_order || entry.fields.is_empty() {
            return false;
        }
        let offset = self.block.len_bytes();
        let draft = Draft::new(entry.fields);
        self.block.push_as(self.primary, entry.id, &draft, entry.primary_names);
        if entry.live {
            self.last_live = Some(entry.id);
        } else {
            self.block.delete_at(offset);
        }
        true
    }

    /// How many entries are alive.
    #[must_use]
    pub const fn live(&self) -> u64 {
        self.block.live()
    }

    /// How many entries are tombstones.
    #[must_use]
    pub const fn deleted(&self) -> u64 {
        self.block.deleted()
    }
}

impl Log {
    /// The nodes in the order of their primary IDs.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        self.blocks().map(|(primary, block)| Node { primary, block })
    }

    /// Adds a node behind all others. `false`: it does not belong there, or nothing in it is alive.
    #[must_use]
    pub fn load(&mut self, node: NewNode) -> bool {
        let NewNode { primary, block, last_live } = node;
        let apart = self.block_count() == 0 || self.last_live_id() < primary;
        if let Some(last) = last_live.filter(|_| apart) {
            self.adopt(primary, block, last);
        }
        apart && last_live.is_some()
    }
}
