//! `groups`: consumer groups.

use alloc::vec::Vec;

use super::Component;
use super::answer;
use super::database::{Handle, ask, deletions, done, entries, number};
use super::generated::brooklet::streams::types::{Deletion, Entry, EntryId, Error, References};
use super::generated::exports::brooklet::streams::databases::DatabaseBorrow;
use super::generated::exports::brooklet::streams::groups::{
    AutoClaimed, ClaimOptions, ConsumerInfo, DeliveryTime, GroupInfo, GroupOptions, GroupPosition,
    Guest, NackMode, PendingEntry, PendingQuery, PendingSummary, ReadGroupOptions,
};
use super::generated::exports::brooklet::streams::streams::{Found, Position, ReadLimits};
use super::read;
use super::streams::push_position;
use super::words::Words;
use crate::number::parse_i64;
use crate::reply::Unpacker;

impl Guest for Component {
    fn create(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        group: Vec<u8>,
        at: Position,
        options: GroupOptions,
    ) -> Result<(), Error> {
        let mut words = Words::of(&[b"XGROUP", b"CREATE", &key, &group]);
        push_position(&mut words, at);
        words.flag("MKSTREAM", options.create_stream);
        words.option("ENTRIESREAD", options.entries_read);
        done(&db, &words)
    }

    fn set_position(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        group: Vec<u8>,
        at: Position,
        entries_read: Option<u64>,
    ) -> Result<(), Error> {
        let mut words = Words::of(&[b"XGROUP", b"SETID", &key, &group]);
        push_position(&mut words, at);
        words.option("ENTRIESREAD", entries_read);
        done(&db, &words)
    }

    fn destroy(db: DatabaseBorrow<'_>, key: Vec<u8>, group: Vec<u8>) -> Result<bool, Error> {
        Ok(number(&db, &Words::of(&[b"XGROUP", b"DESTROY", &key, &group]))? > 0)
    }

    fn create_consumer(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        group: Vec<u8>,
        consumer: Vec<u8>,
    ) -> Result<bool, Error> {
        let words = Words::of(&[b"XGROUP", b"CREATECONSUMER", &key, &group, &consumer]);
        Ok(number(&db, &words)? > 0)
    }

    fn delete_consumer(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        group: Vec<u8>,
        consumer: Vec<u8>,
    ) -> Result<u64, Error> {
        let words = Words::of(&[b"XGROUP", b"DELCONSUMER", &key, &group, &consumer]);
        number(&db, &words)
    }

    fn read(
        db: DatabaseBorrow<'_>,
        group: Vec<u8>,
        consumer: Vec<u8>,
        sources: Vec<(Vec<u8>, GroupPosition)>,
        limits: ReadLimits,
        options: ReadGroupOptions,
        wait: Option<u64>,
    ) -> Result<Found, Error> {
        let mut words = Words::of(&[b"XREADGROUP", b"GROUP", &group, &consumer]);
        read::options(&mut words, &limits, wait);
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
        read::read(&db.get::<Handle>().0, &words, wait.is_some())
    }

    fn ack(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        group: Vec<u8>,
        ids: Vec<EntryId>,
    ) -> Result<u64, Error> {
        let mut words = Words::of(&[b"XACK", &key, &group]);
        words.ids(&ids);
        number(&db, &words)
    }

    fn ack_delete(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        group: Vec<u8>,
        references: References,
        ids: Vec<EntryId>,
    ) -> Result<Vec<Deletion>, Error> {
        let mut words = Words::of(&[b"XACKDEL", &key, &group]);
        words.references(references);
        words.id_block(&ids);
        deletions(&db, &words)
    }

    fn nack(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        group: Vec<u8>,
        mode: NackMode,
        ids: Vec<EntryId>,
    ) -> Result<u64, Error> {
        let mode: &[u8] = match mode {
            NackMode::Silent => b"SILENT",
            NackMode::Fail => b"FAIL",
            NackMode::Fatal => b"FATAL",
        };
        let mut words = Words::of(&[b"XNACK", &key, &group, mode]);
        words.id_block(&ids);
        number(&db, &words)
    }

    fn claim(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        group: Vec<u8>,
        consumer: Vec<u8>,
        min_idle: u64,
        ids: Vec<EntryId>,
        options: ClaimOptions,
    ) -> Result<Vec<Entry>, Error> {
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
        entries(&db, &words, options.ids_only)
    }

    fn auto_claim(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        group: Vec<u8>,
        consumer: Vec<u8>,
        min_idle: u64,
        start: EntryId,
        count: Option<u64>,
        ids_only: bool,
    ) -> Result<AutoClaimed, Error> {
        let mut words = Words::of(&[b"XAUTOCLAIM", &key, &group, &consumer]);
        words.number(min_idle);
        words.id(start);
        words.option("COUNT", count);
        words.flag("JUSTID", ids_only);
        let answer = ask(&db, &words)?;
        let reply = &mut answer.reply();
        reply.container();
        Ok(AutoClaimed {
            cursor: answer::id(reply),
            entries: answer::entries(reply, ids_only),
            deleted: answer::list(reply, answer::id),
        })
    }

    fn pending(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        group: Vec<u8>,
    ) -> Result<PendingSummary, Error> {
        let answer = ask(&db, &Words::of(&[b"XPENDING", &key, &group]))?;
        Ok(summary(&mut answer.reply()))
    }

    fn pending_entries(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        group: Vec<u8>,
        query: PendingQuery,
    ) -> Result<Vec<PendingEntry>, Error> {
        let mut words = Words::of(&[b"XPENDING", &key, &group]);
        words.option("IDLE", query.min_idle);
        words.bound(query.start, "-");
        words.bound(query.end, "+");
        words.number(query.count);
        if let Some(consumer) = &query.consumer {
            words.push(consumer);
        }
        Ok(answer::list(&mut ask(&db, &words)?.reply(), pending_entry))
    }

    fn info(db: DatabaseBorrow<'_>, key: Vec<u8>) -> Result<Vec<GroupInfo>, Error> {
        let words = Words::of(&[b"XINFO", b"GROUPS", &key]);
        Ok(answer::list(&mut ask(&db, &words)?.reply(), group_info))
    }

    fn consumers(
        db: DatabaseBorrow<'_>,
        key: Vec<u8>,
        group: Vec<u8>,
    ) -> Result<Vec<ConsumerInfo>, Error> {
        let words = Words::of(&[b"XINFO", b"CONSUMERS", &key, &group]);
        Ok(answer::list(&mut ask(&db, &words)?.reply(), consumer_info))
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

fn pending_entry(reply: &mut Unpacker<'_>) -> PendingEntry {
    reply.container();
    let (id, consumer) = (answer::id(reply), answer::bytes(reply));
    let idle = answer::maybe(reply);
    // An entry that was given back is shown with an empty name and no idle time.
    let consumer = idle.is_some().then_some(consumer);
    PendingEntry { id, consumer, idle, deliveries: answer::unsigned(reply) }
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

fn consumer_info(reply: &mut Unpacker<'_>) -> ConsumerInfo {
    let map = *reply;
    reply.skip();
    ConsumerInfo {
        name: answer::bytes(&mut answer::field(map, "name")),
        pending: answer::unsigned(&mut answer::field(map, "pending")),
        idle: answer::unsigned(&mut answer::field(map, "idle")),
        inactive: answer::maybe(&mut answer::field(map, "inactive")),
    }
}
