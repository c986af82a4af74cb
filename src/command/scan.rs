//! Keys by search: KEYS, SCAN, RANDOMKEY.

use alloc::vec::Vec;

use super::args::{Args, Cursor};
use super::context::{Context, View};
use super::spec::{Flags, Flow, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::glob;
use crate::keyspace::Slot;
use crate::number::{Decimal, parse_i64, parse_u64_lenient};
use crate::reply::Writer;

/// KEYS.
pub const KEYS: Spec = Spec {
    name: "keys",
    arity: 2,
    flags: Flags::READONLY.with(Flags::ALL_KEYS),
    keys: Keys::None,
    categories: &["@keyspace", "@dangerous"],
    tips: &["request_policy:all_shards", "nondeterministic_output_order"],
    since: "1.0.0",
    group: "generic",
    summary: "Lists every key that matches a pattern; SCAN does the same in small steps.",
    complexity: "O(N) with all N keys of the database, times the lengths of pattern and key.",
    syntax: "pattern",
    handler: keys,
    subcommands: &[],
};

/// SCAN.
pub const SCAN: Spec = Spec {
    name: "scan",
    arity: -2,
    flags: Flags::READONLY.with(Flags::ALL_KEYS),
    keys: Keys::None,
    categories: &["@keyspace"],
    tips: &["nondeterministic_output", "request_policy:special", "response_policy:special"],
    since: "2.8.0",
    group: "generic",
    summary: "Lists keys step by step, from cursor 0 until the reply's cursor is 0 again.",
    complexity: "O(COUNT) for a call, O(N) for an iteration over N keys.",
    syntax: "cursor [MATCH pattern] [COUNT count] [TYPE type]",
    handler: |ctx, args| finish(ctx, &Scan::parse(args)?),
    subcommands: &[],
};

/// RANDOMKEY.
pub const RANDOMKEY: Spec = Spec {
    name: "randomkey",
    arity: 1,
    flags: Flags::READONLY.with(Flags::ALL_KEYS),
    keys: Keys::None,
    categories: &["@keyspace"],
    tips: &["request_policy:all_shards", "response_policy:special", "nondeterministic_output"],
    since: "1.0.0",
    group: "generic",
    summary: "Names some key, or none when the database is empty.",
    complexity: "O(log N) with N keys.",
    syntax: "",
    handler: |ctx, args| Ok(random_key(ctx, args)),
    subcommands: &[],
};

/// `SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]`
///
/// Keys are visited in the order of their hashes, and the cursor is the hash to go on from. A
/// key's hash never changes, so a whole iteration returns every key that exists all the while,
/// and exactly once. Keys with equal hashes are never split between two calls.
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    /// The hash to start from.
    pub cursor: u64,
    /// How many keys to visit, matching or not; at least 1.
    pub count: u64,
    /// What names must match.
    pub pattern: Option<&'a [u8]>,
    /// What type values must have, in any case.
    pub type_name: Option<&'a [u8]>,
}

impl<'a> Scan<'a> {
    /// Parses the words.
    pub fn parse(args: Args<'a>) -> Result<Self, Error> {
        let mut words = Cursor::new(args, 1);
        let cursor = cursor(words.expect()?).ok_or(Error::INVALID_CURSOR)?;
        let mut scan = Self { cursor, count: 10, pattern: None, type_name: None };
        while words.left() > 0 {
            if words.keyword("COUNT", 1) {
                let count = words.integer()?;
                scan.count = count.try_into().ok().filter(|&n| n > 0).ok_or(Error::SYNTAX)?;
            } else if words.keyword("MATCH", 1) {
                scan.pattern = words.word();
            } else if words.keyword("TYPE", 1) {
                scan.type_name = words.word();
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(scan)
    }

    fn selects(&self, name: &[u8], slot: &Slot) -> bool {
        let type_name = slot.value.type_name().as_bytes();
        self.type_name.is_none_or(|wanted| wanted.eq_ignore_ascii_case(type_name))
            && self.pattern.is_none_or(|pattern| glob::matches(pattern, name))
    }
}

/// A cursor is unsigned; what is no canonical integer may still be one for C's `strtoull`.
fn cursor(word: &[u8]) -> Option<u64> {
    match parse_i64(word) {
        Some(number) => u64::try_from(number).ok(),
        None => parse_u64_lenient(word),
    }
}

impl Command for Scan<'_> {
    type Outcome = ();

    fn run(&self, _: &mut Context<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn render(&self, (): &(), view: View<'_>, out: &mut Writer) {
        let (mut next, mut last, mut visited) = (0, 0, 0);
        let mut found: Vec<&[u8]> = Vec::new();
        for (hash, name, slot) in view.database().scan(self.cursor) {
            if visited >= self.count && hash != last {
                next = hash;
                break;
            }
            visited += 1;
            last = hash;
            if self.selects(name, slot) {
                found.push(name);
            }
        }
        out.array(2);
        out.bulk(Decimal::unsigned(next).as_bytes());
        out.array(found.len());
        for name in found {
            out.bulk(name);
        }
    }
}

fn keys(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let pattern = Cursor::new(args, 1).expect()?;
    let list = ctx.out.begin_array();
    let mut count = 0;
    for (name, _) in ctx.state.keyspace.database(ctx.db).iter() {
        if glob::matches(pattern, name) {
            ctx.out.bulk(name);
            count += 1;
        }
    }
    ctx.out.end_array(list, count);
    Ok(Flow::Done)
}

/// The first key from a random place on. A key behind a wider gap of hashes comes up more often,
/// as in Redis a key of a fuller bucket comes up less often.
fn random_key(ctx: &mut Context<'_>, _: Args<'_>) -> Flow {
    const HASH_BITS: u32 = 48;
    let place = ctx.state.next_random() >> (u64::BITS - HASH_BITS);
    let database = ctx.state.keyspace.database(ctx.db);
    match database.scan(place).chain(database.scan(0)).next() {
        Some((_, name, _)) => ctx.out.bulk(name),
        None => ctx.out.null(),
    }
    Flow::Done
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;
    use alloc::format;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use crate::testing::Client;

    /// The cursor of a reply, and its keys.
    fn parts(reply: &str) -> (String, Vec<String>) {
        let (cursor, keys) = reply[1..reply.len() - 2].split_once(", [").expect("[cursor, [keys]]");
        let keys = keys.split(", ").filter(|key| !key.is_empty());
        (cursor.replace('"', ""), keys.map(|key| key.replace('"', "")).collect())
    }

    #[test]
    fn every_key_that_stays_comes_once_while_others_come_and_go() {
        let mut client = Client::new();
        for i in 0..200 {
            client.run(&format!("SET stays:{i} v"));
            client.run(&format!("SET goes:{i} v"));
        }
        let (mut cursor, mut seen, mut calls) = ("0".to_string(), Vec::new(), 0);
        loop {
            let reply = client.run(&format!("SCAN {cursor} MATCH stays:* COUNT 7"));
            let (next, keys) = parts(&reply);
            assert!(keys.len() <= 7, "a call visits no more than COUNT keys");
            seen.extend(keys);
            if next == "0" {
                break;
            }
            client.run(&format!("DEL goes:{calls}"));
            client.run(&format!("SET comes:{calls} v"));
            (cursor, calls) = (next, calls + 1);
        }
        assert_eq!(seen.len(), 200);
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 200, "none comes twice");
    }

    #[test]
    fn options_and_their_errors() {
        let mut client = Client::new();
        client.transcript(
            r#"
            SCAN 0 => ["0", []]
            SET a 1 => OK
            XADD s 1-1 f v => "1-1"
            SCAN 0 TYPE STREAM => ["0", ["s"]]
            SCAN 0 TYPE string MATCH a* COUNT 100 => ["0", ["a"]]
            SCAN 0 MATCH b* MATCH a => ["0", ["a"]]
            SCAN 0 TYPE list => ["0", []]
            SCAN 0 COUNT 9223372036854775807 TYPE string => ["0", ["a"]]
            SCAN 18446744073709551615 => ["0", []]
            SCAN 18446744073709551616 => -ERR invalid cursor
            SCAN -1 => -ERR invalid cursor
            SCAN x FOO => -ERR invalid cursor
            SCAN 0 COUNT 0 => -ERR syntax error
            SCAN 0 COUNT x => -ERR value is not an integer or out of range
            SCAN 0 COUNT => -ERR syntax error
            SCAN 0 FOO 1 => -ERR syntax error
            "#,
        );
    }

    #[test]
    fn keys_by_pattern() {
        let mut client = Client::new();
        client.transcript(
            r#"
            KEYS * => []
            MSET one 1 two 2 "" 3 => OK
            KEYS t* => ["two"]
            KEYS "" => [""]
            KEYS [a-o]* => ["one"]
            "#,
        );
        assert_eq!(client.run("KEYS *").matches('"').count(), 6);
    }

    #[test]
    fn random_keys_reach_every_key() {
        let mut client = Client::new();
        client.transcript("RANDOMKEY => nil\nMSET a 1 b 2 c 3 => OK");
        let seen: BTreeSet<_> = (0..200).map(|_| client.run("RANDOMKEY")).collect();
        assert_eq!(seen.len(), 3);
    }
}
