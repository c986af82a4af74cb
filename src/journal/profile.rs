//! Which Redis an export is for, and what it could not say to one so old.

/// The oldest Redis that can load an export.
///
/// What a server does not know it refuses as a whole, so an export for it leaves out what is
/// younger, and [`Losses`] counts that. Streams, groups, consumers, pending entries with their
/// times and counts, and entries that are gone and still pending are in every profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// Redis 7.0 and 7.2, Valkey. Without negative acknowledgement: an entry that was given back
    /// to its group belongs to the consumer with the empty name, as newer servers show it, and
    /// was delivered at time 0, so that every claim finds it idle enough. Without idempotent IDs.
    V7_0,
    /// Redis 8.2 and 8.4: as 7.0. What 8.2 brought are other ways to delete.
    V8_2,
    /// Redis 8.6 from 8.6.2 on: with idempotent IDs.
    V8_6,
    /// Redis 8.8 and 8.10: everything. What no command can say stands in annotations.
    #[default]
    V8_10,
}

impl Profile {
    /// Every profile, oldest first.
    pub const ALL: [Self; 4] = [Self::V7_0, Self::V8_2, Self::V8_6, Self::V8_10];

    /// Whether there is XNACK.
    pub(super) fn gives_back(self) -> bool {
        self >= Self::V8_10
    }

    /// Whether there are XCFGSET and XIDMPRECORD.
    pub(super) fn is_idempotent(self) -> bool {
        self >= Self::V8_6
    }
}

/// What an export for an older Redis could not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Pending entries that belonged to nobody, and now to the consumer with the empty name.
    pub given_back: u64,
    /// Idempotent IDs that are left out: the same production again would be an entry again.
    pub idempotent_ids: u64,
}
