//! Typed results as the replies of the commands that say the same.
//!
//! Each returns `None` where a result has another shape than the contract says.

use super::json::{Json, to_bytes, to_name, to_number};
use crate::Reply;

type Told = Option<Reply>;

pub fn done(result: &Json) -> Told {
    result.is_null().then(|| Reply::Simple(b"OK".to_vec()))
}

pub fn number(result: &Json) -> Told {
    Some(Reply::Integer(to_number(result)?.cast_signed()))
}

pub fn flag(result: &Json) -> Told {
    Some(Reply::Integer(i64::from(result.as_bool()?)))
}

/// An ID, or nothing.
pub fn maybe_id(result: &Json) -> Told {
    or(result, Reply::Nil, id)
}

fn or(result: &Json, absent: Reply, present: fn(&Json) -> Told) -> Told {
    if result.is_null() { Some(absent) } else { present(result) }
}

fn id(id: &Json) -> Told {
    let (ms, seq) = (to_number(&id["ms"])?, to_number(&id["seq"])?);
    Some(Reply::Bulk(format!("{ms}-{seq}").into_bytes()))
}

fn bytes(bytes: &Json) -> Told {
    to_bytes(bytes).map(Reply::Bulk)
}

/// What hosts have for lists and tuples is an array.
fn each(list: &Json, one: fn(&Json) -> Told) -> Option<Vec<Reply>> {
    list.as_array()?.iter().map(one).collect()
}

fn array(list: &Json, one: fn(&Json) -> Told) -> Told {
    each(list, one).map(Reply::Array)
}

fn entry(entry: &Json) -> Told {
    let mut parts = vec![id(&entry["id"])?, or(&entry["fields"], Reply::NilArray, fields)?];
    let claimed = &entry["claimed"];
    if !claimed.is_null() {
        parts.extend([number(&claimed["idle"])?, number(&claimed["deliveries"])?]);
    }
    Some(Reply::Array(parts))
}

fn fields(fields: &Json) -> Told {
    let mut words = Vec::new();
    for field in fields.as_array()? {
        words.extend([bytes(&field["name"])?, bytes(&field["value"])?]);
    }
    Some(Reply::Array(words))
}

pub fn entries(result: &Json) -> Told {
    array(result, entry)
}

pub fn ids(result: &Json) -> Told {
    array(result, |entry| if entry["fields"].is_null() { id(&entry["id"]) } else { None })
}

/// What a read found; nothing is a null.
pub fn found(result: &Json) -> Told {
    let found = if to_name(&result["tag"]) == Some("entries") { &result["val"] } else { result };
    let streams = found.as_array()?.iter();
    let streams = streams.map(|it| Some((bytes(&it["key"])?, entries(&it["entries"])?)));
    let streams: Vec<_> = streams.collect::<Option<_>>()?;
    Some(if streams.is_empty() { Reply::NilArray } else { Reply::Pairs(streams) })
}

pub fn deletions(result: &Json) -> Told {
    array(result, |it| {
        let number = match to_name(it)? {
            "not-found" => -1,
            "deleted" => 1,
            "referenced" => 2,
            _ => return None,
        };
        Some(Reply::Integer(number))
    })
}

/// How many were deleted.
pub fn deleted(result: &Json) -> Told {
    let deletions = each(result, |it| Some(Reply::Integer((to_name(it)? == "deleted").into())))?;
    let deleted = deletions.iter().filter(|it| **it == Reply::Integer(1)).count();
    Some(Reply::Integer(deleted as i64))
}

pub fn auto_claimed(result: &Json) -> Told {
    step(result, entries)
}

pub fn auto_claimed_ids(result: &Json) -> Told {
    step(result, ids)
}

fn step(result: &Json, claimed: fn(&Json) -> Told) -> Told {
    let deleted = array(&result["deleted"], id)?;
    Some(Reply::Array(vec![id(&result["cursor"])?, claimed(&result["entries"])?, deleted]))
}

pub fn pending_summary(result: &Json) -> Told {
    let count = number(&result["count"])?;
    let nothing = vec![Reply::Nil, Reply::Nil];
    let ids = if result["ids"].is_null() { nothing } else { each(&result["ids"], id)? };
    let consumers = &result["consumers"];
    let consumers = match consumers.as_array()?.len() {
        0 => Reply::NilArray,
        _ => array(consumers, |pair| {
            let pending = to_number(&pair[1])?.to_string();
            Some(Reply::Array(vec![bytes(&pair[0])?, Reply::Bulk(pending.into_bytes())]))
        })?,
    };
    Some(Reply::Array([vec![count], ids, vec![consumers]].concat()))
}

pub fn pending_entries(result: &Json) -> Told {
    array(result, |row| {
        let nobody = Reply::Bulk(Vec::new());
        Some(Reply::Array(vec![
            id(&row["id"])?,
            or(&row["consumer"], nobody, bytes)?,
            or(&row["idle"], Reply::Integer(-1), number)?,
            number(&row["deliveries"])?,
        ]))
    })
}

/// What the contract tells of a stream, which is less than Redis does.
pub fn stream_info(result: &Json) -> Told {
    let entry = |name| or(&result[name], Reply::Nil, entry);
    map(vec![
        ("length", number(&result["length"])),
        ("last-generated-id", id(&result["last-generated-id"])),
        ("max-deleted-entry-id", id(&result["max-deleted-entry-id"])),
        ("entries-added", number(&result["entries-added"])),
        ("recorded-first-entry-id", id(&result["recorded-first-entry-id"])),
        ("groups", number(&result["groups"])),
        ("first-entry", entry("first-entry")),
        ("last-entry", entry("last-entry")),
    ])
}

pub fn group_infos(result: &Json) -> Told {
    array(result, |group| {
        map(vec![
            ("name", bytes(&group["name"])),
            ("consumers", number(&group["consumers"])),
            ("pending", number(&group["pending"])),
            ("last-delivered-id", id(&group["last-delivered-id"])),
            ("entries-read", or(&group["entries-read"], Reply::Nil, number)),
            ("lag", or(&group["lag"], Reply::Nil, number)),
        ])
    })
}

pub fn consumer_infos(result: &Json) -> Told {
    array(result, |consumer| {
        map(vec![
            ("name", bytes(&consumer["name"])),
            ("pending", number(&consumer["pending"])),
            ("idle", number(&consumer["idle"])),
            ("inactive", or(&consumer["inactive"], Reply::Integer(-1), number)),
        ])
    })
}

fn map(pairs: Vec<(&str, Told)>) -> Told {
    let pairs = pairs.into_iter();
    let pairs = pairs.map(|(key, value)| Some((Reply::Bulk(key.as_bytes().to_vec()), value?)));
    pairs.collect::<Option<_>>().map(Reply::Map)
}
