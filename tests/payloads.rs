//! What holds for every payload: a value comes back from it as it was, and bytes that were
//! tampered with are refused, or are some other value, but never fatal.

use brooklet::command::table::COMMANDS;
use brooklet::keyspace::Value;
use brooklet::reply::Form;
use brooklet::stream::{IdempotencyLimits, Producer};
use brooklet::{Config, Engine, EntryId, rdb};
use notation::random::{Command, DATABASES, Event, Generator};
use notation::text;
use proptest::prelude::*;

/// When sessions begin: later than what idempotent IDs are kept for.
const NOW: i64 = 1_700_000_000_000;

/// The values that a random session of stream commands leaves behind, and the time then.
fn values(seed: u64) -> (Engine, i64) {
    let rows = COMMANDS.all().filter(|found| {
        !found.is_container() && (found.group() == "stream" || found.name() == "set")
    });
    let commands = rows.map(|found| Command { name: found.full_name(), syntax: found.syntax() });
    let session = Generator::new(seed, commands).session();
    let mut config = Config::default();
    (config.block_limits.max_entries, config.block_limits.max_bytes) = session.node_limits;
    let mut engine = Engine::new(config);
    let clients: Vec<u64> = (0..session.protocols.len())
        .map(|_| engine.open_session(NOW, Form::Resp2).expect("a few clients"))
        .collect();
    let mut clock = NOW;
    for event in &session.events {
        match event {
            Event::Pass(millis) => clock += millis,
            Event::Send(client, words) => {
                engine.exchange(clock, clients[*client], &text::request(words));
            }
        }
    }
    (engine, clock)
}

fn load(payload: &[u8], now: i64) -> Option<Value> {
    rdb::load(payload, IdempotencyLimits::default(), now).ok()
}

/// Whether the two hold the same, but for the order of deliveries at one instant.
fn assert_same(one: &Value, other: &Value) {
    match (one, other) {
        (Value::String(one), Value::String(other)) => assert_eq!(one, other),
        (Value::Stream(one), Value::Stream(other)) => {
            assert!(one.log().same_state(other.log()));
            for (pid, producer) in other.idempotency().producers() {
                assert!(
                    producer.iter().all(|(iid, id)| one.idempotency().find(pid, iid) == Some(id))
                );
            }
            for ((name, one), (other_name, other)) in one.groups().iter().zip(other.groups().iter())
            {
                assert_eq!(
                    (name, one.last_delivered_id()),
                    (other_name, other.last_delivered_id())
                );
                let pending = one.pending_from(EntryId::MIN).zip(other.pending_from(EntryId::MIN));
                for (ours, theirs) in pending {
                    assert_eq!(one.owner_name(&ours), other.owner_name(&theirs));
                }
                let times = other.pending_by_time().skip(other.nacked_count());
                assert!(times.map(|pending| pending.delivered_at).is_sorted());
                assert_eq!(other.pending_by_time().count(), one.pending_count());
            }
        }
        _ => panic!("a value changed its type"),
    }
}

/// Whether no producer is without an idempotent ID, and none of these is too old: such go by
/// themselves, one way or the other.
fn is_settled(value: &Value, now: i64) -> bool {
    let Value::Stream(stream) = value else { return true };
    let idempotency = stream.idempotency();
    let settled = |producer: &Producer| {
        !producer.is_empty() && producer.iter().all(|(_, id)| !idempotency.is_past(id, now))
    };
    idempotency.producers().all(|(_, producer)| settled(producer))
}

/// XSETID can leave behind a group that has read more than was ever added. Redis, too, refuses to
/// load that.
fn is_loadable(value: &Value) -> bool {
    let Value::Stream(stream) = value else { return true };
    let added = stream.log().entries_added();
    stream.groups().iter().all(|(_, group)| group.entries_read().is_none_or(|read| read <= added))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_value_comes_back_as_it_was(seed: u64) {
        let (engine, now) = values(seed);
        for db in 0..DATABASES {
            for (_, slot) in engine.state().keyspace.database(db).iter() {
                let payload = rdb::dump(&slot.value, now);
                let loaded = load(&payload, now);
                prop_assert_eq!(loaded.is_some(), is_loadable(&slot.value));
                let Some(loaded) = loaded else { continue };
                assert_same(&slot.value, &loaded);
                if is_settled(&slot.value, now) {
                    prop_assert_eq!(rdb::dump(&loaded, now), payload);
                }
            }
        }
    }

    #[test]
    fn tampering_is_not_fatal(
        seed: u64,
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..4u8, any::<u8>()), 1..4),
    ) {
        let (engine, now) = values(seed);
        for (_, slot) in engine.state().keyspace.database(0).iter() {
            let mut payload = rdb::dump(&slot.value, now);
            for (at, kind, byte) in &changes {
                // Behind the value stand two bytes of a version and eight of a checksum.
                let at = at.index(payload.len() - 10);
                match kind {
                    0 => payload[at] = *byte,
                    1 => payload[at] = payload[at].wrapping_add(byte % 3).wrapping_sub(1),
                    2 => payload.insert(at, *byte),
                    _ if payload.len() > 11 => { payload.remove(at); }
                    _ => {}
                }
            }
            let footer = payload.len() - 8;
            payload[footer..].fill(0);
            // What is still a value is one that can be saved, loaded and changed like any other.
            let Some(mut value) = load(&payload, now) else { continue };
            let saved = rdb::dump(&value, now);
            let again = load(&saved, now).expect("what was loaded can be saved and loaded");
            assert_same(&value, &again);
            if let Value::Stream(stream) = &mut value {
                let all = stream.log().range(EntryId::MIN, EntryId::MAX);
                let ids: Vec<_> = all.map(|entry| entry.id).collect();
                prop_assert!(ids.is_sorted());
                prop_assert_eq!(ids.len() as u64, stream.log().len());
                let back = stream.log().range(EntryId::MIN, EntryId::MAX).rev().map(|it| it.id);
                prop_assert!(back.eq(ids.iter().rev().copied()));
                for id in ids {
                    prop_assert!(stream.log().contains(id));
                    prop_assert!(stream.log_mut().delete(id));
                }
                prop_assert!(stream.log().is_empty());
            }
        }
    }

    #[test]
    fn no_bytes_are_fatal(
        kind in prop::sample::select(vec![0_u8, 15, 19, 21, 26, 27]),
        bytes: Vec<u8>,
    ) {
        let payload = [&[kind], &bytes[..], &[0; 10]].concat();
        let _ = load(&payload, 0);
    }
}

/// A payload that promises more than it holds must not have memory taken for it.
#[test]
fn promises_are_checked_before_memory_is_taken() {
    let huge = [0x81, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let empty = [27, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let footer = [0; 10];
    for body in [
        [&[0][..], &huge].concat(),
        [&[0, 0xc3, 4][..], &huge, b"\x00a\x00a"].concat(),
        [&[27][..], &huge].concat(),
        [&empty[..], &huge].concat(),
        [&empty[..], &[1, 1, b'g', 0, 0, 0], &huge].concat(),
        [&empty[..], &[1, 1, b'g', 0, 0, 0, 0], &huge].concat(),
        [&empty[..], &[1, 1, b'g', 0, 0, 0, 0, 0], &huge].concat(),
        [&empty[..], &[0, 1, 1], &huge].concat(),
        [&empty[..], &[0, 1, 1, 1, 1, b'p'], &huge].concat(),
    ] {
        assert!(load(&[&body[..], &footer].concat(), 0).is_none(), "{body:?}");
    }
}
