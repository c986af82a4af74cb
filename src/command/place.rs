//! Whole keys of any database: put, taken, moved; watchers and blocked readers hear of it.

use alloc::vec::Vec;

use super::context::Context;
use crate::error::Error;
use crate::keyspace::{Slot, Value};
use crate::number::parse_i64;
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
    pub(super) fn put(&mut self, db: u32, key: &[u8], slot: Slot) -> Option<Value> {
        let old = self.state.keyspace.insert_slot(db, key, slot);
        self.replaced(db, key);
        old
    }

    /// Moves a key, expiry time included, over whatever was in its new place; `false` when there
    /// is no such key.
    pub(super) fn relocate(&mut self, from: (u32, &[u8]), to: (u32, &[u8])) -> bool {
        let Some(slot) = self.state.keyspace.remove(from.0, from.1) else { return false };
        self.put(to.0, to.1, slot);
        self.replaced(from.0, from.1);
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
    use alloc::string::String;

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
}
