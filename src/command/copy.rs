//! COPY: a value under a second key, streams with groups and pending entries.

use super::args::{Args, Cursor};
use super::context::{Context, View};
use super::place::database;
use super::spec::{Flags, Keys, Spec};
use super::{Command, finish};
use crate::error::Error;
use crate::number::Decimal;
use crate::reply::Writer;
use crate::state::Events;

/// COPY.
pub const COPY: Spec = Spec {
    name: "copy",
    arity: -3,
    flags: Flags::WRITE.with(Flags::DENYOOM),
    keys: Keys::PAIR,
    categories: &["@keyspace"],
    tips: &[],
    since: "6.2.0",
    group: "generic",
    summary: "Copies a key's value and expiry time to another key.",
    complexity: "O(N) with the N bytes of the value.",
    syntax: "source destination [DB destination-db] [REPLACE]",
    handler: |ctx, args| {
        let command = Copy::parse(ctx, args)?;
        finish(ctx, &command)
    },
    subcommands: &[],
};

/// `COPY source destination [DB n] [REPLACE]`
#[derive(Clone, Copy, Debug)]
pub struct Copy<'a> {
    /// The key that is copied, in the selected database.
    pub source: &'a [u8],
    /// The key that gets the copy; not the source itself.
    pub destination: &'a [u8],
    /// The database that gets the copy.
    pub db: u32,
    /// Whether the destination may exist.
    pub replace: bool,
}

impl<'a> Copy<'a> {
    /// Parses the words.
    pub fn parse(ctx: &Context<'_>, args: Args<'a>) -> Result<Self, Error> {
        let mut words = Cursor::new(args, 1);
        let (source, destination) = (words.expect()?, words.expect()?);
        let mut copy = Self { source, destination, db: ctx.db, replace: false };
        while words.left() > 0 {
            if words.keyword("REPLACE", 0) {
                copy.replace = true;
            } else if words.keyword("DB", 1) {
                copy.db = database(ctx, words.expect()?)?;
            } else {
                return Err(Error::SYNTAX);
            }
        }
        if copy.db == ctx.db && source == destination {
            return Err(Error::SAME_KEY);
        }
        Ok(copy)
    }

    fn record(&self, ctx: &mut Context<'_>) {
        let db = Decimal::unsigned(self.db.into());
        let words: [&[u8]; 6] =
            [b"COPY", self.source, self.destination, b"DB", db.as_bytes(), b"REPLACE"];
        ctx.effect(&words[..if self.replace { 6 } else { 5 }]);
    }
}

impl Command for Copy<'_> {
    /// Whether there is a copy: the source exists, and the destination was free or replaced.
    type Outcome = bool;

    fn run(&self, ctx: &mut Context<'_>) -> Result<bool, Error> {
        let source = ctx.slot(ctx.db, self.source);
        let found = source.is_some();
        let free = self.replace || ctx.slot(self.db, self.destination).is_none();
        let copy = source.filter(|_| free).cloned();
        ctx.read(self.source, found);
        let Some(copy) = copy else { return Ok(false) };
        ctx.state.unseen_bytes += copy.value.memory_bytes() as u64;
        let old = ctx.put(self.db, self.destination, copy);
        ctx.state.notify(Events::NEW, "new", self.db, self.destination);
        ctx.state.notify(Events::GENERIC, "copy_to", self.db, self.destination);
        ctx.notify_replaced(self.db, self.destination, old.as_ref());
        ctx.changed(1);
        self.record(ctx);
        Ok(true)
    }

    fn render(&self, copied: &bool, _: View<'_>, out: &mut Writer) {
        out.integer((*copied).into());
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use crate::state::Config;
    use crate::testing::Client;

    #[test]
    fn copies_are_independent() {
        let mut client = Client::new();
        client.transcript(
            r#"
            SET a 1 PX 5000 => OK
            COPY a b => :1
            PTTL b => :5000
            APPEND a 2 => :2
            GET b => "1"
            COPY a b => :0
            COPY none b REPLACE => :0
            COPY a b replace => :1
            GET b => "12"
            COPY a a DB 1 => :1
            COPY a a DB 1 => :0
            COPY a c DB 0 DB 2 => :1
            EXISTS c => :0
            "#,
        );
        assert_eq!(
            client.effects()[1..],
            [
                "COPY a b DB 0",
                "APPEND a 2",
                "COPY a b DB 0 REPLACE",
                "COPY a a DB 1",
                "COPY a c DB 2"
            ]
        );
    }

    #[test]
    fn streams_keep_groups_and_pending_entries() {
        let mut client = Client::new();
        client.transcript(
            r#"
            XADD s 1-1 f v => "1-1"
            XGROUP CREATE s g 0 => OK
            XREADGROUP GROUP g c STREAMS s > => [["s", [["1-1", ["f", "v"]]]]]
            COPY s t => :1
            XACK s g 1-1 => :1
            XPENDING t g => [:1, "1-1", "1-1", [["c", "1"]]]
            "#,
        );
    }

    /// A copy adds more memory than its request shows: a client could fill the host with copies
    /// of one large value long before the limit was looked at again.
    #[test]
    fn copies_count_as_memory() {
        let limit = Config { max_memory: 1 << 20, ..Config::default() };
        let mut client = Client::with(limit);
        assert_eq!(client.run(&format!("APPEND k {}", "x".repeat(60_000))), ":60000");
        let copied = (0..100).take_while(|i| client.run(&format!("COPY k {i}")) == ":1").count();
        assert!((15..20).contains(&copied), "{copied} copies of 60,000 bytes in a MiB");
        assert!(client.run("COPY k more").starts_with("-OOM"));
    }

    #[test]
    fn errors_in_their_order() {
        Client::new().transcript(
            r"
            COPY a a => -ERR source and destination objects are the same
            COPY a a DB 0 REPLACE => -ERR source and destination objects are the same
            COPY a a FOO => -ERR syntax error
            COPY a a DB => -ERR syntax error
            COPY a a DB x FOO => -ERR value is not an integer or out of range
            COPY a a DB 99 => -ERR DB index is out of range
            ",
        );
    }
}
