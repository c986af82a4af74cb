//! Groups at work on a log: the surprises of the reference, one test each.

use alloc::vec::Vec;

use super::testing::{add, entries, ms};
use super::*;
use crate::time::UnixMillis;

const NOW: UnixMillis = 1_795_311_718_399;

/// The entries 1-0 … 5-0, and the group `g` at 0.
fn fresh() -> Stream {
    let mut stream = Stream::default();
    (1..=5).for_each(|number| add(stream.log_mut(), ms(number), entries(100)));
    assert!(stream.create_group(b"g", EntryId::MIN, None));
    stream
}

/// The same, everything delivered to `c` at [`NOW`].
fn delivered() -> Stream {
    let mut stream = fresh();
    let (group, log) = group(&mut stream);
    let (consumer, _) = group.see_consumer(b"c", NOW);
    group.read_new(log, consumer, 0, false, NOW).expect("five entries");
    stream
}

fn group(stream: &mut Stream) -> (&mut Group, &Log) {
    stream.group_mut(b"g").expect("the group is there")
}

fn shown(group: &Group) -> Vec<(u64, &[u8], u64)> {
    let row =
        |pending: Pending| (pending.id.ms, group.owner_name(&pending), pending.delivery_count);
    group.pending_from(EntryId::MIN).map(row).collect()
}

fn plain_claim(consumer: ConsumerId) -> Claim {
    Claim {
        consumer,
        min_idle: 0,
        delivered_at: NOW,
        retry_count: None,
        force: false,
        just_id: false,
    }
}

#[test]
fn new_entries_go_to_one_consumer_each() {
    let mut stream = fresh();
    let (group, log) = group(&mut stream);
    let (alice, created) = group.see_consumer(b"alice", NOW);
    assert!(created);
    let (bob, _) = group.see_consumer(b"bob", NOW);
    let two = group.read_new(log, alice, 2, false, NOW);
    assert_eq!(two, Some(Delivered { first: ms(1), last: ms(2), count: 2 }));
    let rest = group.read_new(log, bob, 0, false, NOW + 5);
    assert_eq!(rest, Some(Delivered { first: ms(3), last: ms(5), count: 3 }));
    assert_eq!(group.read_new(log, alice, 1, false, NOW + 9), None);
    assert_eq!((group.owned_count(alice), group.owned_count(bob)), (2, 3));
    assert_eq!((group.entries_read(), group.lag(log)), (Some(5), Some(0)));
    let active = |consumer| group.consumer(consumer).and_then(Consumer::active_at);
    assert_eq!((active(alice), active(bob)), (Some(NOW), Some(NOW + 5)));
}

#[test]
fn reading_without_acknowledgement_leaves_no_trace_but_the_position() {
    let mut stream = fresh();
    let (group, log) = group(&mut stream);
    let (consumer, _) = group.see_consumer(b"c", NOW);
    assert_eq!(group.read_new(log, consumer, 0, true, NOW).map(|run| run.count), Some(5));
    assert_eq!((group.pending_count(), group.last_delivered_id()), (0, ms(5)));
    assert_eq!(group.consumer(consumer).and_then(Consumer::active_at), None);
}

#[test]
fn reading_again_after_setid_changes_the_owner_and_counts_one() {
    let mut stream = delivered();
    let (group, log) = group(&mut stream);
    let (other, _) = group.see_consumer(b"d", NOW);
    group.set_position(ms(3), None);
    let (claimer, _) = group.see_consumer(b"c", NOW);
    group.claim(&mut log.cursor(), ms(4), &plain_claim(claimer), NOW);
    group.read_new(log, other, 1, false, NOW).expect("4-0 again");
    assert_eq!(shown(group)[3], (4, &b"d"[..], 1));
    assert_eq!(group.pending_count(), 5);
}

#[test]
fn history_lists_what_is_gone_and_leaves_it_alone() {
    let mut stream = delivered();
    stream.delete(ms(2), References::Keep);
    let (group, log) = group(&mut stream);
    let (consumer, _) = group.see_consumer(b"c", NOW);
    let history = group.read_history(log, consumer, ms(1), 2, NOW + 7, &mut |_, _| true);
    let gone = Redelivered { id: ms(2), exists: false };
    assert_eq!(history, [gone, Redelivered { id: ms(3), exists: true }]);
    assert_eq!(shown(group)[1].2, 1);
    let again = group.pending(ms(3)).expect("pending");
    assert_eq!((again.delivered_at, again.delivery_count), (NOW + 7, 2));
    assert!(group.read_history(log, consumer, EntryId::MAX, 0, NOW, &mut |_, _| true).is_empty());
}

#[test]
fn a_forced_claim_counts_as_the_second_delivery() {
    let mut stream = fresh();
    let (group, log) = group(&mut stream);
    let (consumer, _) = group.see_consumer(b"d", NOW);
    let mut entries = log.cursor();
    let mut claim = |id, just_id, force| {
        let claim = Claim { force, just_id, ..plain_claim(consumer) };
        let claimed = group.claim(&mut entries, id, &claim, NOW);
        matches!(claimed, Claimed::Entry(entry) if entry.id == id)
    };
    assert!(claim(ms(1), false, true) && claim(ms(2), true, true));
    assert!(!claim(ms(3), false, false) && !claim(ms(9), false, true));
    assert_eq!(shown(group), [(1, &b"d"[..], 2), (2, b"d", 1)]);
    assert_eq!(group.last_delivered_id(), EntryId::MIN);
    assert!(group.advance(ms(500)) && !group.advance(ms(499)));
}

#[test]
fn claims_respect_idle_time_but_not_for_what_is_gone() {
    let mut stream = delivered();
    stream.delete(ms(2), References::Keep);
    let (group, log) = group(&mut stream);
    let (owner, _) = group.see_consumer(b"c", NOW);
    let (consumer, _) = group.see_consumer(b"d", NOW);
    let patient = Claim { min_idle: 999_999, ..plain_claim(consumer) };
    let mut entries = log.cursor();
    let mut outcome = |id| group.claim(&mut entries, id, &patient, NOW);
    assert_eq!(outcome(ms(1)), Claimed::Skipped);
    assert_eq!(outcome(ms(2)), Claimed::Dropped(Dropped { id: ms(2), consumer: Some(owner) }));
    assert_eq!(outcome(ms(2)), Claimed::Skipped);
    assert_eq!(shown(group).len(), 4);
    let timed = Claim { delivered_at: NOW - 1, retry_count: Some(7), ..plain_claim(consumer) };
    group.claim(&mut log.cursor(), ms(3), &timed, NOW);
    let past = Claim { delivered_at: 5, ..plain_claim(consumer) };
    group.claim(&mut log.cursor(), ms(4), &past, NOW);
    let delivery = |number| {
        let pending = group.pending(ms(number)).expect("pending");
        (pending.delivered_at, pending.delivery_count)
    };
    assert_eq!((delivery(3), delivery(4)), ((NOW - 1, 7), (5, 2)));
}

#[test]
fn autoclaim_looks_at_ten_records_a_result() {
    let mut stream = Stream::default();
    (1..=50).for_each(|number| add(stream.log_mut(), ms(number), entries(100)));
    stream.create_group(b"g", EntryId::MIN, None);
    let (group, log) = group(&mut stream);
    let (consumer, _) = group.see_consumer(b"c", NOW);
    group.read_new(log, consumer, 0, false, NOW);
    let patient =
        AutoClaim { consumer, min_idle: 9, start: EntryId::MIN, count: 1, just_id: false };
    let mut next = |count, start| {
        let claim = AutoClaim { start, count, ..patient };
        group.autoclaim(log, &claim, NOW).next
    };
    assert_eq!(next(1, EntryId::MIN), Some(ms(11)));
    assert_eq!(next(4, EntryId::MIN), Some(ms(41)));
    assert_eq!(next(4, ms(11)), None);
    assert_eq!(next(5, EntryId::MIN), None);
    assert_eq!(next(0, EntryId::MIN), Some(ms(1)));
    let eager = AutoClaim { min_idle: 0, count: 2, start: ms(49), ..patient };
    let last = group.autoclaim(log, &eager, NOW);
    assert_eq!((last.next, last.claimed), (None, [ms(49), ms(50)].to_vec()));
}

#[test]
fn what_is_gone_uses_up_the_count_of_autoclaim() {
    let mut stream = delivered();
    stream.delete(ms(1), References::Keep);
    let (group, log) = group(&mut stream);
    let (consumer, _) = group.see_consumer(b"d", NOW);
    let claim = AutoClaim { consumer, min_idle: 0, start: EntryId::MIN, count: 1, just_id: true };
    let found = group.autoclaim(log, &claim, NOW);
    assert_eq!(found.next, Some(ms(2)));
    assert_eq!(found.dropped.iter().map(|dropped| dropped.id).collect::<Vec<_>>(), [ms(1)]);
    assert!(found.claimed.is_empty());
    assert_eq!(group.autoclaim(log, &claim, NOW).claimed, [ms(2)]);
    assert_eq!(shown(group)[0], (2, &b"d"[..], 1));
}

#[test]
fn negative_acknowledgement_gives_entries_back() {
    let mut stream = delivered();
    stream.delete(ms(5), References::Keep);
    let (group, log) = group(&mut stream);
    let fail = Nack { mode: NackMode::Fail, retry_count: None, force: false };
    let silent = Nack { mode: NackMode::Silent, ..fail };
    assert!(group.nack(log, ms(3), &silent) && group.nack(log, ms(3), &silent));
    assert!(group.nack(log, ms(5), &Nack { mode: NackMode::Fatal, ..fail }));
    assert!(group.nack(log, ms(2), &Nack { retry_count: Some(4), ..fail }));
    assert!(group.ack(ms(1)) && !group.nack(log, ms(1), &fail));
    assert!(group.nack(log, ms(1), &Nack { force: true, ..fail }));
    assert!(!group.nack(log, ms(9), &Nack { force: true, ..fail }));
    let order: Vec<u64> = group.pending_by_time().map(|pending| pending.id.ms).collect();
    assert_eq!((order, group.nacked_count()), ([3, 5, 2, 1, 4].to_vec(), 4));
    let rows =
        [(1, &b""[..], 0), (2, b"", 4), (3, b"", 0), (4, b"c", 1), (5, b"", MAX_DELIVERY_COUNT)];
    assert_eq!(shown(group), rows);
    assert_eq!(group.delete_consumer(b"c"), Some(1));
    assert_eq!(group.delete_consumer(b"c"), None);
    assert_eq!(group.pending_count(), 4, "nobody's entries stay");
}

#[test]
fn idle_entries_are_read_longest_idle_first() {
    let mut stream = delivered();
    stream.delete(ms(4), References::Keep);
    let (group, log) = group(&mut stream);
    let fail = Nack { mode: NackMode::Fail, retry_count: None, force: false };
    group.nack(log, ms(3), &fail);
    let (consumer, _) = group.see_consumer(b"d", NOW);
    assert!(group.has_claimable(log, 999_999_999, NOW), "nobody's entry is always idle");
    let nobodys = group.read_idle(log, consumer, 999_999_999, 0, NOW, &mut |_, _| true);
    assert_eq!(nobodys, [ReadClaimed { id: ms(3), idle: NOW, delivery_count: 1 }]);
    assert!(!group.has_claimable(log, 10, NOW + 9));
    let old = group.read_idle(log, consumer, 10, 2, NOW + 10, &mut |_, _| true);
    assert_eq!(old.iter().map(|claimed| claimed.id.ms).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(old[0], ReadClaimed { id: ms(1), idle: 10, delivery_count: 1 });
    assert_eq!(shown(group)[3], (4, &b"c"[..], 1), "what is gone is passed over and stays");
    assert_eq!(group.next_claimable(log).map(|pending| pending.id), Some(ms(5)));
}

/// A host's clock stepped back while entries were pending. Their idle time is then taken for
/// endless, and each claim put the entry in front of the rest: one read went on for ever.
#[test]
fn a_clock_that_stepped_back_claims_each_entry_once() {
    let mut stream = delivered();
    let (group, log) = group(&mut stream);
    let (consumer, _) = group.see_consumer(b"d", 5);
    let claimed = group.read_idle(log, consumer, 0, 0, 5, &mut |_, _| true);
    assert_eq!(claimed.iter().map(|claimed| claimed.id.ms).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(claimed[0].idle, 5 - NOW);
}

#[test]
fn deletion_by_reference() {
    let mut stream = delivered();
    assert_eq!(stream.delete(ms(99), References::Acked), Deletion::Referenced);
    assert_eq!(stream.delete(EntryId::new(0, 5), References::Acked), Deletion::NotFound);
    assert_eq!(stream.delete(ms(1), References::Acked), Deletion::Referenced);
    assert_eq!(stream.delete(ms(2), References::Keep), Deletion::Deleted);
    assert_eq!(stream.delete(ms(2), References::Delete), Deletion::NotFound);
    assert_eq!(stream.groups().get(b"g").map(Group::pending_count), Some(4), "erased all the same");
    assert_eq!(stream.ack_and_delete(b"g", ms(2), References::Keep), Deletion::NotFound);
    stream.delete(ms(3), References::Keep);
    assert_eq!(stream.ack_and_delete(b"g", ms(3), References::Keep), Deletion::Deleted);
    stream.create_group(b"h", EntryId::MIN, None);
    assert_eq!(stream.ack_and_delete(b"g", ms(4), References::Acked), Deletion::Referenced);
    assert_eq!(stream.ack_and_delete(b"g", ms(5), References::Delete), Deletion::Deleted);
    assert!(stream.log().contains(ms(4)));
}

#[test]
fn copies_are_equal_until_one_changes() {
    let mut stream = delivered();
    let fail = Nack { mode: NackMode::Fail, retry_count: None, force: false };
    let (group, log) = group(&mut stream);
    group.nack(log, ms(2), &fail);
    group.nack(log, ms(1), &fail);
    let mut copy = stream.clone();
    assert!(copy.same_state(&stream));
    let (group, log) = self::group(&mut copy);
    group.see_consumer(b"c", NOW + 99);
    group.nack(log, ms(2), &fail);
    assert!(!copy.same_state(&stream), "the order among nobody's entries is state");
    let (group, log) = self::group(&mut copy);
    group.nack(log, ms(1), &fail);
    assert!(copy.same_state(&stream), "when consumers were seen is not");
    copy.create_group(b"h", EntryId::MIN, Some(5));
    assert!(!copy.same_state(&stream));
}
