//! What a key can hold.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::number::parse_i64;
use crate::stream::Stream;

/// The value of a key.
#[derive(Clone, Debug)]
pub enum Value {
    /// A byte string.
    String(Vec<u8>),
    /// A stream with its consumer groups.
    Stream(Box<Stream>),
}

impl Value {
    /// What TYPE says.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::String(_) => "string",
            Self::Stream(_) => "stream",
        }
    }

    /// What OBJECT ENCODING says of a value under this name. Strings are all stored alike here;
    /// this is how Redis would store them after SET.
    #[must_use]
    pub fn encoding(&self, name: &[u8]) -> &'static str {
        /// Redis keeps a short name and a short value in one allocation.
        const EMBEDDED: usize = 41;
        match self {
            Self::Stream(_) => "stream",
            Self::String(bytes) if parse_i64(bytes).is_some() => "int",
            Self::String(bytes) if name.len() + bytes.len() <= EMBEDDED => "embstr",
            Self::String(_) => "raw",
        }
    }

    /// Bytes of memory that the value keeps, estimated in constant time per group.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        match self {
            Self::String(bytes) => bytes.capacity(),
            Self::Stream(stream) => stream.memory_bytes(),
        }
    }
}
