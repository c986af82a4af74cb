//! MAXCOUNT and MAXSIZE: how much of a read's reply is left, in the bytes that it will have.

use super::read_options::ReadOptions;
use crate::id::EntryId;
use crate::number::Decimal;
use crate::reply::Form;
use crate::stream::Entry;

/// What a read may still show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    protocol: Form,
    /// COUNT; 0 for all.
    count: u64,
    /// MAXCOUNT; 0 for none.
    max_count: u64,
    /// MAXSIZE; 0 for none.
    max_size: u64,
    /// Entries in the reply, and of these in the present stream.
    entries: u64,
    of_stream: u64,
    /// Bytes of the reply, but for the headers of the arrays that are not complete.
    bytes: u64,
}

/// Which integers follow an entry's fields.
pub(super) type IdleAndCount = Option<(i64, u64)>;

impl Budget {
    /// All that the options allow. A packed reply has the size of the same in RESP3.
    pub(super) const fn new(options: &ReadOptions<'_>, protocol: Form) -> Self {
        Self {
            protocol,
            count: options.count,
            max_count: options.max_count,
            max_size: options.max_size,
            entries: 0,
            of_stream: 0,
            bytes: 0,
        }
    }

    /// Whether no further stream is looked at.
    pub(super) const fn is_spent(&self) -> bool {
        self.max_count > 0 && self.entries >= self.max_count || self.is_full()
    }

    /// The first entry is always shown, however large it is.
    const fn is_full(&self) -> bool {
        self.max_size > 0 && self.entries > 0 && self.bytes >= self.max_size
    }

    /// Whether entries need not be counted.
    pub(super) const fn is_unlimited(&self) -> bool {
        self.max_count == 0 && self.max_size == 0
    }

    /// Begins a stream of the reply and returns how many of its entries may be shown; 0 for all.
    pub(super) fn begin_stream(&mut self, key: &[u8]) -> u64 {
        self.of_stream = 0;
        self.bytes += bulk(key.len());
        if self.protocol == Form::Resp2 {
            self.bytes += header(2);
        }
        match (self.count, self.max_count) {
            (count, 0) => count,
            (0, max) => max - self.entries,
            (count, max) => count.min(max - self.entries),
        }
    }

    /// Whether an entry still fits; it then counts. `None` is one that is gone.
    pub(super) fn admit(
        &mut self,
        id: EntryId,
        entry: Option<&Entry<'_>>,
        idle_and_count: IdleAndCount,
    ) -> bool {
        if self.is_full() {
            return false;
        }
        self.entries += 1;
        self.of_stream += 1;
        if self.max_size > 0 {
            self.bytes += header(2) + bulk(id.text().as_bytes().len());
            self.bytes += entry.map_or(self.null_array(), fields);
            if let Some((idle, count)) = idle_and_count {
                self.bytes += integer(idle) + integer(count as i64);
            }
        }
        true
    }

    /// Ends a stream of the reply: the header of its entries is known now.
    pub(super) fn end_stream(&mut self) {
        self.bytes += header(self.of_stream);
    }

    const fn null_array(&self) -> u64 {
        match self.protocol {
            Form::Resp2 => 5,
            Form::Resp3 | Form::Packed => 3,
        }
    }
}

fn fields(entry: &Entry<'_>) -> u64 {
    let pairs = entry.fields().map(|(field, value)| bulk(field.len()) + bulk(value.len()));
    header(2 * entry.len() as u64) + pairs.sum::<u64>()
}

/// The bytes of `:1` and its line end.
fn integer(value: i64) -> u64 {
    3 + Decimal::signed(value).as_bytes().len() as u64
}

/// The bytes of `*1` and its line end.
fn header(len: u64) -> u64 {
    integer(len as i64)
}

/// The bytes of a string with its header.
fn bulk(len: usize) -> u64 {
    integer(len as i64) + len as u64 + 2
}
