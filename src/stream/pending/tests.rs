//! The order of deliveries, the zone, and the memory of the pending list.

use alloc::vec;
use alloc::vec::Vec;

use super::super::testing::ms;
use super::*;

const ALICE: ConsumerId = ConsumerId::new(0);
const BOB: ConsumerId = ConsumerId::new(1);

/// `count` entries delivered to Alice at 101, 102, ….
fn delivered(count: u64) -> PendingList {
    let mut list = PendingList::default();
    (1..=count).for_each(|number| list.append(ms(number), ALICE, 100 + number as i64));
    list
}

fn order(list: &PendingList) -> Vec<u64> {
    list.by_time().map(|pending| pending.id.ms).collect()
}

fn owned(list: &PendingList, consumer: ConsumerId) -> Vec<u64> {
    list.owned_from(consumer, EntryId::MIN).map(|pending| pending.id.ms).collect()
}

#[test]
fn redelivery_is_sorted_by_time_and_behind_its_equals() {
    let mut list = delivered(4);
    assert!(list.deliver(ms(4), BOB, 102, 2));
    assert_eq!(order(&list), [1, 2, 4, 3]);
    assert!(list.deliver(ms(1), BOB, 102, 2));
    assert_eq!(order(&list), [2, 4, 1, 3]);
    assert!(list.deliver(ms(3), BOB, 0, 2));
    assert_eq!(order(&list), [3, 2, 4, 1]);
    assert_eq!((owned(&list, ALICE), owned(&list, BOB)), (vec![2], vec![1, 3, 4]));
    assert!(!list.deliver(ms(9), BOB, 0, 2));
}

#[test]
fn the_zone_is_served_first_and_tracked_by_position() {
    let mut list = delivered(5);
    assert!(list.nack(ms(4), 1) && list.nack(ms(2), 1) && list.nack(ms(5), 0));
    assert_eq!(order(&list), [4, 2, 5, 1, 3]);
    assert!(list.nack(ms(4), 0));
    assert_eq!(order(&list), [2, 5, 4, 1, 3]);
    // An owned record of time 0 lies behind the zone.
    assert!(list.deliver(ms(3), BOB, 0, 1));
    assert_eq!(order(&list), [2, 5, 4, 3, 1]);
    assert_eq!(list.nacked(), 3);
    // Removing the end of the zone moves the end to its predecessor.
    assert!(list.remove(ms(4)));
    list.append_nacked(ms(9), 7);
    assert_eq!(order(&list), [2, 5, 9, 3, 1]);
    assert!(list.remove(ms(2)) && list.remove(ms(9)) && list.remove(ms(5)));
    assert_eq!((list.nacked(), order(&list)), (0, vec![3, 1]));
    list.append_nacked(ms(6), 0);
    assert_eq!(order(&list), [6, 3, 1]);
    assert_eq!(list.get(ms(6)).and_then(|pending| pending.consumer), None);
}

#[test]
fn deleting_a_consumer_leaves_the_others_and_the_zone() {
    let mut list = delivered(300);
    (1..=300).step_by(3).for_each(|number| assert!(list.deliver(ms(number), BOB, 900, 2)));
    assert!(list.nack(ms(1), 1));
    assert_eq!(list.remove_owned(ALICE), 200);
    assert_eq!((list.len(), list.owned(BOB), list.nacked()), (100, 99, 1));
    assert_eq!(list.remove_owned(ALICE), 0);
    assert_eq!(list.first().map(|pending| pending.id), Some(ms(1)));
    assert_eq!(list.last().map(|pending| pending.id), Some(ms(298)));
    assert_eq!(order(&list).len(), 100);
}

#[test]
fn a_pending_entry_takes_46_bytes() {
    let list = delivered(100_000);
    let bytes = list.memory_bytes();
    assert!(bytes <= 46 * 100_000, "{bytes} bytes for 100,000 pending entries");
    let mut empty = list;
    (1..=100_000).for_each(|number| assert!(empty.remove(ms(number))));
    assert!(empty.memory_bytes() < 100_000, "{} bytes stay", empty.memory_bytes());
}
