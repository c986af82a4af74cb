//! Commands that functions of `groups` say, too.

use serde_json::json;

use super::Call;
use super::json::{self, Json};
use super::replies;
use super::streams::{Reading, once, position, references, sources};
use super::words::{Words, id};

pub fn create(words: &mut Words) -> Option<Call> {
    let mut arguments = place(words)?;
    let (mut create_stream, mut entries_read) = (None, None);
    while words.end().is_none() {
        match words.eat_any(&["MKSTREAM", "ENTRIESREAD"])? {
            "MKSTREAM" => once(&mut create_stream, true.into())?,
            _ => once(&mut entries_read, words.count()?)?,
        }
    }
    let create_stream = create_stream.is_some();
    arguments.push(json!({ "create-stream": create_stream, "entries-read": entries_read }));
    Some(Call::new("groups.create", arguments, replies::done))
}

pub fn set_position(words: &mut Words) -> Option<Call> {
    let mut arguments = place(words)?;
    arguments.push(if words.eat("ENTRIESREAD") { words.count()? } else { Json::Null });
    Some(Call::new("groups.set-position", arguments, replies::done))
}

/// A key, a group, and from where it goes on.
fn place(words: &mut Words) -> Option<Vec<Json>> {
    Some(vec![words.bytes()?, words.bytes()?, position(words.word()?)?])
}

pub fn destroy(words: &mut Words) -> Option<Call> {
    Some(Call::new("groups.destroy", names(words, 2)?, replies::flag))
}

pub fn create_consumer(words: &mut Words) -> Option<Call> {
    Some(Call::new("groups.create-consumer", names(words, 3)?, replies::flag))
}

pub fn delete_consumer(words: &mut Words) -> Option<Call> {
    Some(Call::new("groups.delete-consumer", names(words, 3)?, replies::number))
}

/// So many names: a key, a group, a consumer.
fn names(words: &mut Words, count: usize) -> Option<Vec<Json>> {
    (0..count).map(|_| words.bytes()).collect()
}

pub fn xreadgroup(words: &mut Words) -> Option<Call> {
    if !words.eat("GROUP") {
        return None;
    }
    let (group, consumer) = (words.bytes()?, words.bytes()?);
    let (mut reading, mut no_ack, mut claim) = (Reading::default(), false, None);
    loop {
        if words.eat("NOACK") {
            no_ack = true;
        } else if words.eat("CLAIM") {
            claim = Some(words.count()?);
        } else if !reading.option(words)? {
            break;
        }
    }
    let sources = sources(words, group_position)?;
    let sized = reading.is_sized();
    let (limits, wait) = reading.arguments();
    let options = json!({ "no-ack": no_ack, "claim": claim });
    let arguments = vec![group, consumer, sources, limits, options, wait];
    Some(Call { sized, ..Call::new("groups.read", arguments, replies::found) })
}

fn group_position(word: &[u8]) -> Option<Json> {
    match word {
        b">" => Some(json::case("undelivered", Json::Null)),
        word => Some(json::case("own-pending", json::id(id(word, 0)?))),
    }
}

pub fn xack(words: &mut Words) -> Option<Call> {
    let arguments = vec![words.bytes()?, words.bytes()?, words.ids()?];
    Some(Call::new("groups.ack", arguments, replies::number))
}

pub fn xackdel(words: &mut Words) -> Option<Call> {
    let mut arguments = names(words, 2)?;
    arguments.push(references(words).unwrap_or_else(|| json::name("keep")));
    arguments.push(words.id_block()?);
    Some(Call::new("groups.ack-delete", arguments, replies::deletions))
}

pub fn xnack(words: &mut Words) -> Option<Call> {
    let mut arguments = names(words, 2)?;
    let mode = words.eat_any(&["SILENT", "FAIL", "FATAL"])?;
    arguments.push(json::name(&mode.to_ascii_lowercase()));
    arguments.push(words.id_block()?);
    Some(Call::new("groups.nack", arguments, replies::number))
}

pub fn xclaim(words: &mut Words) -> Option<Call> {
    let mut arguments = names(words, 3)?;
    arguments.push(words.count()?);
    let ids = words.0.iter().take_while(|word| id(word, 0).is_some()).count();
    let (ids, options) = words.0.split_at(ids);
    arguments.push(Words(ids).ids()?);
    words.0 = options;
    let (mut delivered, mut retry_count, mut force, mut ids_only) = (None, None, false, false);
    while words.end().is_none() {
        match words.eat_any(&["IDLE", "TIME", "RETRYCOUNT", "FORCE", "JUSTID"])? {
            "IDLE" => delivered = Some(json::case("idle", words.count()?)),
            "TIME" => delivered = Some(json::case("at", words.count()?)),
            "RETRYCOUNT" => retry_count = Some(words.count()?),
            "FORCE" => force = true,
            _ => ids_only = true,
        }
    }
    arguments.push(json!({
        "delivered": delivered,
        "retry-count": retry_count,
        "force": force,
        "ids-only": ids_only,
    }));
    let reply = if ids_only { replies::ids } else { replies::entries };
    Some(Call::new("groups.claim", arguments, reply))
}

pub fn xautoclaim(words: &mut Words) -> Option<Call> {
    let mut arguments = names(words, 3)?;
    arguments.extend([words.count()?, words.id()?]);
    let (mut count, mut ids_only) = (Json::Null, false);
    while words.end().is_none() {
        match words.eat_any(&["COUNT", "JUSTID"])? {
            "COUNT" => count = words.count()?,
            _ => ids_only = true,
        }
    }
    arguments.extend([count, ids_only.into()]);
    let reply = if ids_only { replies::auto_claimed_ids } else { replies::auto_claimed };
    Some(Call::new("groups.auto-claim", arguments, reply))
}

pub fn xpending(words: &mut Words) -> Option<Call> {
    let mut arguments = names(words, 2)?;
    if words.end().is_some() {
        return Some(Call::new("groups.pending", arguments, replies::pending_summary));
    }
    let min_idle = if words.eat("IDLE") { words.count()? } else { Json::Null };
    let (start, end) = (words.bound(b"-", 0)?, words.bound(b"+", u64::MAX)?);
    let (count, consumer) = (words.count()?, words.bytes());
    arguments.push(json!({
        "start": start,
        "end": end,
        "count": count,
        "min-idle": min_idle,
        "consumer": consumer,
    }));
    Some(Call::new("groups.pending-entries", arguments, replies::pending_entries))
}

pub fn xinfo_groups(words: &mut Words) -> Option<Call> {
    Some(Call::new("groups.info", names(words, 1)?, replies::group_infos))
}

pub fn xinfo_consumers(words: &mut Words) -> Option<Call> {
    Some(Call::new("groups.consumers", names(words, 2)?, replies::consumer_infos))
}
