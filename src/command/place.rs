//! Whole keys of any database: put, taken, moved; watchers and blocked readers hear of it.

use alloc::vec::Vec;

use super::context::Context;
use crate::error::Error;
use crate::keyspace::{Slot, Value};
use crate::number::parse_i64;
use crate::state::Events;
use crate::time::UnixMillis;

/// The number of a database, as COPY and MOVE read it.
pub(super) fn database(ctx: &Context<'_>, word: &[u8]) -> Result<u32, Error> {
    let number = parse_i64(word).ok_or(Error::NOT_AN_INTEGER)?;
    let number = i32::try_from(number).map_err(|_| Error::NOT_A_SMALL_INTEGER)?;
    let number = u32::try_from(number).map_err(|_| Error::DB_OUT_OF_RANGE)?;
    if number < ctx.state.keyspace.database_count() {
        Ok(number)
    } else {
        Err(Error::DB_OUT_OF_RANGE)
    }
}

impl Context<'_> {
    /// The value of a key and when it expires.
    pub(super) fn slot(&self, db: u32, key: &[u8]) -> Option<&Slot> {
        self.state.keyspace.database(db).get(key)
    }

    /// Puts a slot under a key, whatever it held, and returns that.
    pub(super) fn put(&mut self, db: u32, key: &[u8], mut slot: Slot) -> Option<Value> {
        if let Value::Stream(stream) = &mut slot.value {
            stream.idempotency_mut().settle(self.now);
        }
        let old = self.state.keyspace.insert_slot(db, key, slot);
        self.replaced(db, key);
        old
    }

    /// Moves a key, expiry time included, over whatever was in its new place, with an event for
    /// each of the two; `false` when there is no such key.
    pub(super) fn relocate(
        &mut self,
        from: (u32, &[u8]),
        to: (u32, &[u8]),
        events: [&str; 2],
    ) -> bool {
        let Some(slot) = self.state.keyspace.remove(from.0, from.1) else { return false };
        let old = self.put(to.0, to.1, slot);
        self.replaced(from.0, from.1);
        self.state.notify(Events::NEW, "new", to.0, to.1);
        self.state.notify(Events::GENERIC, events[0], from.0, from.1);
        self.state.notify(Events::GENERIC, events[1], to.0, to.1);
        self.notify_replaced(to.0, to.1, old.as_ref());
        true
    }

    /// Sets or clears the expiry time of a key that exists. Readers do not care, watchers do.
    pub(super) fn set_expiry(&mut self, key: &[u8], at: Option<UnixMillis>) {
        self.state.keyspace.set_expiry(self.db, key, at);
        self.touch(key);
    }

    /// The byte string at a key, to change in place.
    pub(super) fn string_mut(&mut self, key: &[u8]) -> Result<Option<&mut Vec<u8>>, Error> {
        match self.state.keyspace.get_mut(self.db, key) {
            None => Ok(None),
            Some(Value::String(bytes)) => Ok(Some(bytes)),
            Some(Value::Stream(_)) => Err(Error::WRONG_TYPE),
        }
    }

    fn replaced(&mut self, db: u32, key: &[u8]) {
        self.state.watched.touch(&mut self.state.sessions, db, key);
        self.state.blocked.signal(db, key);
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use crate::testing::Client;

    const NO_GROUP: &str = "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with \
        GROUP option";
    const WRONG_TYPE: &str = "-WRONGTYPE Operation against a key holding the wrong kind of value";
    const DATA: &str = r#"[["s", [["5-5", ["f", "v"]]]]]"#;
    const DATA_IN_MISSING: &str = r#"[["missing", [["5-5", ["f", "v"]]]]]"#;

    /// What three readers hear when a key changes: XREADGROUP on `s`, XREAD on `s`, and XREAD on a
    /// key that is missing.
    fn heard(change: &str) -> [String; 3] {
        let mut client = Client::new();
        for line in [
            "XGROUP CREATE s g $ MKSTREAM",
            "XADD full 5-5 f v",
            "XGROUP CREATE full g 0",
            "SET string 1",
        ] {
            client.run(line);
        }
        let readers = [
            "XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
            "XREAD BLOCK 0 STREAMS s 0",
            "XREAD BLOCK 0 STREAMS missing 0",
        ]
        .map(|line| {
            let session = client.open();
            assert_eq!(client.run_on(session, line), "", "{line} waits");
            session
        });
        client.run(change);
        readers.map(|session| client.heard(session))
    }

    #[test]
    fn a_key_that_goes_ends_the_wait_for_its_group() {
        for change in [
            "DEL s",
            "UNLINK s",
            "EXPIRE s -1",
            "PEXPIREAT s 1",
            "RENAME s elsewhere",
            "RENAME s missing",
            "RENAMENX s missing",
            "MOVE s 1",
            "SET s 1 PXAT 1",
        ] {
            assert_eq!(heard(change), [NO_GROUP, "", ""], "{change}");
        }
    }

    #[test]
    fn a_key_of_another_type_ends_it_too() {
        for change in
            ["SET s 1", "MSET s 1", "SETEX s 100 1", "RENAME string s", "COPY string s REPLACE"]
        {
            assert_eq!(heard(change), [WRONG_TYPE, "", ""], "{change}");
        }
    }

    #[test]
    fn a_stream_that_comes_is_read() {
        for change in ["RENAME full s", "COPY full s REPLACE"] {
            assert_eq!(heard(change), [DATA, DATA, ""], "{change}");
        }
        for change in ["RENAME full missing", "RENAMENX full missing", "COPY full missing"] {
            assert_eq!(heard(change), ["", "", DATA_IN_MISSING], "{change}");
        }
    }

    #[test]
    fn a_stream_that_comes_from_another_database_is_read() {
        for change in ["MOVE s 1", "COPY s s DB 1"] {
            let mut client = Client::new();
            client.run("XADD s 5-5 f v");
            let reader = client.open();
            client.run_on(reader, "SELECT 1");
            assert_eq!(client.run_on(reader, "XREAD BLOCK 0 STREAMS s 0"), "", "it waits");
            assert_eq!(client.run(change), ":1");
            assert_eq!(client.heard(reader), DATA, "{change}");
        }
    }

    #[test]
    fn other_changes_wake_nobody() {
        for change in [
            "SET s 1 NX",
            "GETDEL s",
            "INCR s",
            "EXPIRE s 100",
            "PERSIST s",
            "TOUCH s",
            "RENAME s s",
            "RENAME string missing",
            "COPY full s",
            "COPY s missing",
            "COPY s s DB 1",
        ] {
            assert_eq!(heard(change), ["", "", ""], "{change}");
        }
    }

    /// The keys whose watchers lose their transaction. `1/a` is `a` of database 1.
    fn broken(change: &str) -> String {
        let watched = [(0, "a"), (0, "b"), (0, "none"), (0, "timed"), (1, "a")];
        let broken = watched.into_iter().filter(|(db, key)| {
            let mut client = Client::new();
            client.run("MSET a 1 b 2");
            client.run("SET timed 3 EX 1000");
            let session = client.open();
            for line in [format!("SELECT {db}"), format!("WATCH {key}"), "MULTI".into()] {
                assert_eq!(client.run_on(session, &line), "OK");
            }
            client.run(change);
            client.run_on(session, "EXEC") == "nil-array"
        });
        let names =
            broken.map(|(db, key)| if db == 0 { key.into() } else { format!("{db}/{key}") });
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn watchers_hear_of_every_change_and_of_nothing_else() {
        for (change, keys) in [
            ("EXPIRE a 100", "a"),
            ("EXPIRE a 100 XX", ""),
            ("PEXPIREAT a 1", "a"),
            ("PERSIST a", ""),
            ("PERSIST timed", "timed"),
            ("SET a 1", "a"),
            ("SET a 1 NX", ""),
            ("SET a 1 PXAT 1", "a"),
            ("SET none 1 PXAT 1", ""),
            ("SET a 2 IFEQ 9", ""),
            ("RENAME a a", ""),
            ("RENAME a none", "a none"),
            ("RENAME a b", "a b"),
            ("RENAMENX a b", ""),
            ("COPY a none", "none"),
            ("COPY a b", ""),
            ("COPY a b REPLACE", "b"),
            ("COPY a a DB 1", "1/a"),
            ("MOVE a 1", "a 1/a"),
            ("GETEX a", ""),
            ("GETEX a EX 100", "a"),
            ("GETEX a PERSIST", ""),
            ("GETEX timed PERSIST", "timed"),
            ("GETDEL a", "a"),
            ("GETDEL none", ""),
            ("APPEND a \"\"", "a"),
            ("APPEND none \"\"", "none"),
            ("INCR a", "a"),
            ("MSET a 1 none 2", "a none"),
            ("MSETNX a 1 none 2", ""),
            ("DEL a none", "a"),
            ("TOUCH a", ""),
            ("SETNX a 1", ""),
            ("SETNX none 1", "none"),
            ("SETEX a 100 1", "a"),
            ("SCAN 0", ""),
            ("OBJECT ENCODING a", ""),
        ] {
            assert_eq!(broken(change), keys, "{change}");
        }
    }
}
