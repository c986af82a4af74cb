//! Events of keys: their classes, and which of them are asked for.

/// Classes of events, a bit each, and the two kinds of channels (`notify-keyspace-events`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Events(pub u32);

impl Events {
    /// The letters of the classes in the order of their bits, those first that `A` stands for.
    pub const LETTERS: &[u8] = b"g$lshzxetdanocKEmSTIV";
    /// How many of them `A` stands for.
    pub const IN_ALL: usize = 11;
    /// Keys of any type: `del`, `expire`, `rename_from`.
    pub const GENERIC: Self = Self(1);
    /// Strings.
    pub const STRING: Self = Self(1 << 1);
    /// A key's time has come.
    pub const EXPIRED: Self = Self(1 << 6);
    /// Streams.
    pub const STREAM: Self = Self(1 << 8);
    /// A key that was not there.
    pub const NEW: Self = Self(1 << 11);
    /// A value that takes another's place.
    pub const OVERWRITTEN: Self = Self(1 << 12);
    /// A value that takes the place of one of another type.
    pub const TYPE_CHANGED: Self = Self(1 << 13);
    /// On the channel of the key.
    pub const KEYSPACE: Self = Self(1 << 14);
    /// On the channel of the event.
    pub const KEYEVENT: Self = Self(1 << 15);
    /// A read of a key that is not there.
    pub const MISSED: Self = Self(1 << 16);

    /// Whether one of `other` is among these.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}
