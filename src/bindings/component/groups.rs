//! `groups`: consumer groups.

use alloc::vec::Vec;

use super::Component;
use super::answer;
use super::flavour::{reading, typed};
use super::generated::brooklet::streams::types::{
    AutoClaimed, ClaimOptions, ConsumerInfo, Deletion, DeliveryTime, Entry, EntryId, Error,
    GroupInfo, GroupOptions, GroupPosition, NackMode, PendingEntry, PendingQuery, PendingSummary,
    Position, ReadGroupOptions, ReadLimits, References,
};
use super::generated::exports::brooklet::streams::databases::DatabaseBorrow;
use super::generated::exports::brooklet::streams::groups::Guest;
use super::streams::push_position;
use super::words::Words;
use crate::number::parse_i64;
use crate::reply::Unpacker;

impl Guest for Component {
    typed! {
        fn create(key: Vec<u8>, group: Vec<u8>, at: Position, options: GroupOptions)
            -> () = answer::nothing
        {
            let mut words = Words::of(&[b"XGROUP", b"CREATE", &key, &group]);
            push_position(&mut words, at);
            words.flag("MKSTREAM", options.create_stream);
            words.option("ENTRIESREAD", options.entries_read);
            words
        }

        fn set_position(key: Vec<u8>, group: Vec<u8>, at: Position, entries_read: Option<u64>)
            -> () = answer::nothing
        {
            let mut words = Words::of(&[b"XGROUP", b"SETID", &key, &group]);
            push_position(&mut words, at);
            words.option("ENTRIESREAD", entries_read);
            words
        }

        fn destroy(key: Vec<u8>, group: Vec<u8>) -> bool = answer::flag
        {
            Words::of(&[b"XGROUP", b"DESTROY", &key, &group])
        }

        fn create_consumer(key: Vec<u8>, group: Vec<u8>, consumer: Vec<u8>) -> bool = answer::flag
        {
            Words::of(&[b"XGROUP", b"CREATECONSUMER", &key, &group, &consumer])
        }

        fn delete_consumer(key: Vec<u8>, group: Vec<u8>, consumer: Vec<u8>)
            -> u64 = answer::unsigned
        {
            Words::of(&[b"XGROUP", b"DELCONSUMER", &key, &group, &consumer])
        }

        fn ack(key: Vec<u8>, group: Vec<u8>, ids: Vec<EntryId>) -> u64 = answer::unsigned
        {
            let mut words = Words::of(&[b"XACK", &key, &group]);
            words.ids(&ids);
            words
        }

        fn ack_delete(key: Vec<u8>, group: Vec<u8>, references: References, ids: Vec<EntryId>)
            -> Vec<Deletion> = answer::deletions
        {
            let mut words = Words::of(&[b"XACKDEL", &key, &group]);
            words.references(references);
            words.id_block(&ids);
            words
        }

        fn nack(key: Vec<u8>, group: Vec<u8>, mode: NackMode, ids: Vec<EntryId>)
            -> u64 = answer::unsigned
        {
            let mode: &[u8] = match mode {
                NackMode::Silent => b"SILENT",
                NackMode::Fail => b"FAIL",
                NackMode::Fatal => b"FATAL",
            };
            let mut words = Words::of(&[b"XNACK", &key, &group, mode]);
            words.id_block(&ids);
            words
        }

        fn claim(
            key: Vec<u8>,
            group: Vec<u8>,
            consumer: Vec<u8>,
            min_idle: u64,
            ids: Vec<EntryId>,
            options: ClaimOptions
        ) -> Vec<Entry> = answer::entries
        {
            let mut words = Words::of(&[b"XCLAIM", &key, &group, &consumer]);
            words.number(min_idle);
            words.ids(&ids);
            match options.delivered {
                None => {}
                Some(DeliveryTime::Idle(span)) => words.option("IDLE", Some(span)),
                Some(DeliveryTime::At(time)) => words.option("TIME", Some(time)),
            }
            words.option("RETRYCOUNT", options.retry_count);
            words.flag("FORCE", options.force);
            words.flag("JUSTID", options.ids_only);
            words
        }

        fn auto_claim(
            key: Vec<u8>,
            group: Vec<u8>,
            consumer: Vec<u8>,
            min_idle: u64,
            start: EntryId,
            count: Option<u64>,
            ids_only: bool
        ) -> AutoClaimed = auto_claimed
        {
            let mut words = Words::of(&[b"XAUTOCLAIM", &key, &group, &consumer]);
            words.number(min_idle);
            words.id(start);
            words.option("COUNT", count);
            words.flag("JUSTID", ids_only);
            words
        }

        fn pending(key: Vec<u8>, group: Vec<u8>) -> PendingSummary = summary
        {
            Words::of(&[b"XPENDING", &key, &group])
        }

        fn pending_entries(key: Vec<u8>, group: Vec<u8>, query: PendingQuery)
            -> Vec<PendingEntry> = pending_entries
        {
            let mut words = Words::of(&[b"XPENDING", &key, &group]);
            words.option("IDLE", query.min_idle);
            words.bound(query.start, "-");
            words.bound(query.end, "+");
            words.number(query.count);
            if let Some(consumer) = &query.consumer {
                words.push(consumer);
            }
            words
        }

        fn info(key: Vec<u8>) -> Vec<GroupInfo> = group_infos
        {
            Words::of(&[b"XINFO", b"GROUPS", &key])
        }

        fn consumers(key: Vec<u8>, group: Vec<u8>) -> Vec<ConsumerInfo> = consumer_infos
        {
            Words::of(&[b"XINFO", b"CONSUMERS", &key, &group])
        }
    }

    reading! {
        fn read(
            group: Vec<u8>,
            consumer: Vec<u8>,
            sources: Vec<(Vec<u8>, GroupPosition)>,
            limits: ReadLimits,
            options: ReadGroupOptions;
            wait
        ) of Some(&group);
        {
            let mut words = Words::of(&[b"XREADGROUP", b"GROUP", &group, &consumer]);
            words.limits(&limits);
            words.option("BLOCK", wait);
            words.option("CLAIM", options.claim);
            words.flag("NOACK", options.no_ack);
            words.push(b"STREAMS");
            for (key, _) in &sources {
                words.push(key);
            }
            for (_, position) in &sources {
                match position {
                    GroupPosition::Undelivered => words.push(b">"),
                    GroupPosition::OwnPending(id) => words.id(*id),
                }
            }
            words
        }
    }
}

fn auto_claimed(reply: &mut Unpacker<'_>) -> AutoClaimed {
    reply.container();
    AutoClaimed {
        cursor: answer::id(reply),
        entries: answer::entries(reply),
        deleted: answer::list(reply, answer::id),
    }
}

fn summary(reply: &mut Unpacker<'_>) -> PendingSummary {
    reply.container();
    let count = answer::unsigned(reply);
    let (first, last) = (answer::id(reply), answer::id(reply));
    let consumers = answer::list(reply, |reply| {
        reply.container();
        let name = answer::bytes(reply);
        (name, parse_i64(reply.text()).unwrap_or(0) as u64)
    });
    PendingSummary { count, ids: (count > 0).then_some((first, last)), consumers }
}

fn pending_entries(reply: &mut Unpacker<'_>) -> Vec<PendingEntry> {
    answer::list(reply, pending_entry)
}

fn pending_entry(reply: &mut Unpacker<'_>) -> PendingEntry {
    reply.container();
    let (id, consumer) = (answer::id(reply), answer::bytes(reply));
    let idle = answer::maybe(reply);
    // An entry that was given back is shown with an empty name and no idle time.
    let consumer = idle.is_some().then_some(consumer);
    PendingEntry { id, consumer, idle, deliveries: answer::unsigned(reply) }
}

fn group_infos(reply: &mut Unpacker<'_>) -> Vec<GroupInfo> {
    answer::list(reply, group_info)
}

fn group_info(reply: &mut Unpacker<'_>) -> GroupInfo {
    let map = *reply;
    reply.skip();
    GroupInfo {
        name: answer::bytes(&mut answer::field(map, "name")),
        consumers: answer::unsigned(&mut answer::field(map, "consumers")),
        pending: answer::unsigned(&mut answer::field(map, "pending")),
        last_delivered_id: answer::id(&mut answer::field(map, "last-delivered-id")),
        entries_read: answer::maybe(&mut answer::field(map, "entries-read")),
        lag: answer::maybe(&mut answer::field(map, "lag")),
    }
}

fn consumer_infos(reply: &mut Unpacker<'_>) -> Vec<ConsumerInfo> {
    answer::list(reply, consumer_info)
}

fn consumer_info(reply: &mut Unpacker<'_>) -> ConsumerInfo {
    let map = *reply;
    reply.skip();
    ConsumerInfo {
        name: answer::bytes(&mut answer::field(map, "name")),
        pending: answer::unsigned(&mut answer::field(map, "pending")),
        idle: answer::unsigned(&mut answer::field(map, "idle")),
        inactive: since(&mut answer::field(map, "inactive")),
    }
}

/// How long ago, -1 being never: not at all where the clock has stepped back meanwhile.
fn since(reply: &mut Unpacker<'_>) -> Option<u64> {
    let elapsed = reply.integer();
    (elapsed != -1).then_some(elapsed.max(0) as u64)
}
