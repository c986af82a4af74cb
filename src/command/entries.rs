//! How entries look in replies: `[id, [field, value, …]]`, alike in both protocols.

use crate::id::EntryId;
use crate::reply::Writer;
use crate::stream::{Entry, Stream};

/// Writes one entry.
pub(super) fn entry(out: &mut Writer, entry: &Entry<'_>) {
    out.array(2);
    out.id(entry.id);
    fields(out, entry);
}

/// Writes the flat list of an entry's fields and values.
pub(super) fn fields(out: &mut Writer, entry: &Entry<'_>) {
    out.array(2 * entry.len());
    for (field, value) in entry.fields() {
        out.bulk(field);
        out.bulk(value);
    }
}

/// Writes the entries from `first` to `last`, ascending, at most `count`; returns how many.
pub(super) fn range(
    out: &mut Writer,
    stream: &Stream,
    first: EntryId,
    last: EntryId,
    count: usize,
) -> usize {
    list(out, stream.log().range(first, last).take(count))
}

/// Writes an array of entries; returns how many.
pub(super) fn list<'a>(out: &mut Writer, entries: impl Iterator<Item = Entry<'a>>) -> usize {
    let array = out.begin_array();
    let mut written = 0;
    for found in entries {
        entry(out, &found);
        written += 1;
    }
    out.end_array(array, written);
    written
}
