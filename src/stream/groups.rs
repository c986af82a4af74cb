//! The consumer groups of a stream by name, and whether any of them still needs an entry.

use super::group::Group;
use crate::id::EntryId;
use crate::named::Named;

/// What a deletion does about groups that still refer to the entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum References {
    /// KEEPREF: nothing; the entry stays pending though it is gone.
    #[default]
    Keep,
    /// DELREF: it is no longer pending anywhere.
    Delete,
    /// ACKED: such an entry is not deleted.
    Acked,
}

/// The groups of a stream, iterated in the byte order of their names.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    by_name: Named<Group>,
}

impl Groups {
    /// How many groups there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The group of that name.
    #[must_use]
    pub fn get(&self, name: &[u8]) -> Option<&Group> {
        self.by_name.get(name)
    }

    /// The group of that name, to change it.
    pub fn get_mut(&mut self, name: &[u8]) -> Option<&mut Group> {
        self.by_name.get_mut(name)
    }

    /// Names and groups.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Group)> {
        self.by_name.iter().map(|(name, _, group)| (name, group))
    }

    /// Creates a group. Says whether the name was free.
    pub(super) fn create(
        &mut self,
        name: &[u8],
        last_delivered_id: EntryId,
        entries_read: Option<u64>,
    ) -> bool {
        let free = self.by_name.find(name).is_none();
        if free {
            self.by_name.insert(name, Group::new(last_delivered_id, entries_read));
        }
        free
    }

    /// Destroys a group with all it has. Says whether it existed.
    pub fn destroy(&mut self, name: &[u8]) -> bool {
        self.by_name.remove(name).is_some()
    }

    /// Whether some group was not delivered `id` yet, going by the IDs alone, or has it pending.
    /// Costs a look-up a group.
    #[must_use]
    pub fn refer_to(&self, id: EntryId) -> bool {
        self.iter()
            .any(|(_, group)| group.last_delivered_id < id || group.pending.get(id).is_some())
    }

    /// Whether some group has `id` pending. Costs a look-up a group.
    #[must_use]
    pub fn has_pending(&self, id: EntryId) -> bool {
        self.iter().any(|(_, group)| group.pending.get(id).is_some())
    }

    /// Makes `id` no longer pending in any group.
    pub fn erase(&mut self, id: EntryId) {
        for group in self.by_name.things_mut() {
            group.pending.remove(id);
        }
    }

    /// The bytes that the groups hold.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let groups: usize = self.iter().map(|(_, group)| group.memory_bytes()).sum();
        groups + self.by_name.memory_bytes()
    }

    /// Whether both have the same groups in the same state.
    #[must_use]
    pub fn same_state(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .zip(other.iter())
                .all(|(ours, theirs)| ours.0 == theirs.0 && ours.1.same_state(theirs.1))
    }
}
