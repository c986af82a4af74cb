//! A stream as a payload's value, in the form of Redis 8.10.

use alloc::vec::Vec;

use super::listpack::ListpackWriter;
use super::write;
use crate::id::EntryId;
use crate::stream::{Group, Idempotency, Node, Stream};
use crate::time::UnixMillis;

/// How an unknown number of entries read is told.
const UNKNOWN: u64 = u64::MAX;

/// How the time of what never happened is told.
const NEVER: i64 = -1;

/// Appends a stream as it is at `now`. Nodes of nothing but tombstones, which trimming can leave
/// behind, are left out: Redis writes them, and then refuses to load what it has written.
pub(super) fn stream(out: &mut Vec<u8>, stream: &Stream, now: UnixMillis) {
    let log = stream.log();
    let nodes = || log.nodes().filter(|node| node.live() > 0);
    write::length(out, nodes().count() as u64);
    nodes().for_each(|node| self::node(out, &node));
    write::length(out, log.len());
    for id in [log.last_id(), log.first_id(), log.max_deleted_id()] {
        write::id(out, id);
    }
    write::length(out, log.entries_added());
    write::length(out, stream.groups().len() as u64);
    for (name, group) in stream.groups().iter() {
        write::string(out, name);
        self::group(out, group);
    }
    idempotency(out, stream.idempotency(), now);
}

fn node(out: &mut Vec<u8>, node: &Node<'_>) {
    let primary = node.primary();
    write::length(out, 16);
    write::raw_id(out, primary);
    write::length(out, node.listpack_size());
    let mut list = ListpackWriter::new(out);
    list.integer(node.live() as i64);
    list.integer(node.deleted() as i64);
    list.integer(node.names().len() as i64);
    node.names().for_each(|name| list.string(name));
    list.integer(0);
    for (live, entry) in node.entries() {
        let (same, pairs) = (entry.has_primary_names(), entry.len() as i64);
        list.integer(i64::from(!live) | i64::from(same) << 1);
        list.integer(entry.id.ms.wrapping_sub(primary.ms) as i64);
        list.integer(entry.id.seq.wrapping_sub(primary.seq) as i64);
        if !same {
            list.integer(pairs);
        }
        for (name, value) in entry.fields() {
            if !same {
                list.string(name);
            }
            list.string(value);
        }
        list.integer(if same { 3 + pairs } else { 4 + 2 * pairs });
    }
    list.finish();
}

fn group(out: &mut Vec<u8>, group: &Group) {
    write::id(out, group.last_delivered_id());
    write::length(out, group.entries_read().unwrap_or(UNKNOWN));
    write::length(out, group.pending_count() as u64);
    for pending in group.pending_from(EntryId::MIN) {
        write::raw_id(out, pending.id);
        write::millis(out, pending.delivered_at);
        write::length(out, pending.delivery_count);
    }
    write::length(out, group.consumer_count() as u64);
    for (id, consumer) in group.consumers() {
        write::string(out, consumer.name());
        write::millis(out, consumer.seen_at());
        write::millis(out, consumer.active_at().unwrap_or(NEVER));
        write::length(out, group.owned_count(id) as u64);
        for pending in group.owned_from(id, EntryId::MIN) {
            write::raw_id(out, pending.id);
        }
    }
    write::length(out, group.nacked_count() as u64);
    for pending in group.pending_by_time().take(group.nacked_count()) {
        write::raw_id(out, pending.id);
    }
}

fn idempotency(out: &mut Vec<u8>, idempotency: &Idempotency, now: UnixMillis) {
    let limits = idempotency.limits();
    write::length(out, limits.seconds.into());
    write::length(out, limits.entries.into());
    write::length(out, idempotency.producer_count() as u64);
    for (pid, producer) in idempotency.producers() {
        write::string(out, pid);
        let kept = || producer.iter().skip_while(|(_, id)| idempotency.is_past(*id, now));
        write::length(out, kept().count() as u64);
        for (iid, id) in kept() {
            write::string(out, iid);
            write::id(out, id);
        }
    }
    write::length(out, idempotency.added());
    write::length(out, idempotency.duplicates());
}
