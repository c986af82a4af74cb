//! Plays commands as calls of typed functions, wherever the contract (`wit/`) has some that say the
//! same; every other command goes raw, in a session of the same database.

pub mod json;
mod words;
mod replies;
mod streams;
mod groups;
mod client;
mod player;

pub use player::{Player, Share};

use self::json::Json;
use self::words::Words;
use crate::play::Server;
use crate::{Reply, Scenario};

/// What a call came to: a result, or the contract's `error`.
pub type Outcome = Result<Json, Json>;

/// A server whose typed functions can be called. They act on its database 0.
pub trait Calls: Server {
    /// Calls a function, `streams.add` for instance, with everything behind the database. A read
    /// that waits is the case `pending` with its number.
    fn call(&mut self, function: &str, arguments: &[Json]) -> Result<Outcome, String>;
    /// Takes what a read has found, if it has.
    fn take(&mut self, read: u64) -> Result<Option<Outcome>, String>;
    /// Ends a read that waits.
    fn end(&mut self, read: u64) -> Result<(), String>;
}

/// Scenarios that show something else when their commands are calls, by name, and why.
pub const APART: [(&str, &str); 11] = [
    ("CLIENT UNBLOCK", UNBLOCK),
    ("A wait is ended by somebody else", UNBLOCK),
    ("A wait is ended once", UNBLOCK),
    ("Given up and served in one transaction", UNBLOCK),
    ("From Redis 5", INACTIVE),
    ("From Redis 7.0", INACTIVE),
    ("Time that steps back", INACTIVE),
    ("Errors are counted by their code", TWICE),
    ("A wait that ends in an error counts once", TWICE),
    ("Reads of streams that are not there", TWICE),
    ("Who was woken for nothing waits at the end of its other queues", BEHIND),
];
const UNBLOCK: &str = "CLIENT UNBLOCK ends what a session waits for, and a call is no session's";
const INACTIVE: &str = "the contract tells no times that are still to come";
const TWICE: &str = "a call that fails is asked for the text once more, which is counted";
const BEHIND: &str = "what is sent behind a wait goes out when its end was seen";

/// Whether a scenario hears the same when its commands are calls.
#[must_use]
pub fn is_playable(scenario: &Scenario) -> bool {
    APART.iter().all(|(name, _)| *name != scenario.name)
}

/// A command as a call.
#[derive(Debug)]
struct Call {
    function: &'static str,
    arguments: Vec<Json>,
    /// The command's reply, from the call's result.
    reply: fn(&Json) -> Option<Reply>,
    /// It counts bytes of the reply, as RESP3 has them.
    sized: bool,
}

impl Call {
    fn new(
        function: &'static str,
        arguments: Vec<Json>,
        reply: fn(&Json) -> Option<Reply>,
    ) -> Self {
        Self { function, arguments, reply, sized: false }
    }
}

/// Reads the words behind a command's name.
type Read = fn(&mut Words) -> Option<Call>;

/// The commands that typed functions say, and how.
const COMMANDS: [(&str, Read); 26] = [
    ("DEL", streams::del),
    ("XACK", groups::xack),
    ("XACKDEL", groups::xackdel),
    ("XADD", streams::xadd),
    ("XAUTOCLAIM", groups::xautoclaim),
    ("XCFGSET", streams::xcfgset),
    ("XCLAIM", groups::xclaim),
    ("XDEL", streams::xdel),
    ("XDELEX", streams::xdelex),
    ("XGROUP CREATE", groups::create),
    ("XGROUP CREATECONSUMER", groups::create_consumer),
    ("XGROUP DELCONSUMER", groups::delete_consumer),
    ("XGROUP DESTROY", groups::destroy),
    ("XGROUP SETID", groups::set_position),
    ("XINFO CONSUMERS", groups::xinfo_consumers),
    ("XINFO GROUPS", groups::xinfo_groups),
    ("XINFO STREAM", streams::xinfo_stream),
    ("XLEN", streams::xlen),
    ("XNACK", groups::xnack),
    ("XPENDING", groups::xpending),
    ("XRANGE", streams::xrange),
    ("XREAD", streams::xread),
    ("XREADGROUP", groups::xreadgroup),
    ("XREVRANGE", streams::xrevrange),
    ("XSETID", streams::xsetid),
    ("XTRIM", streams::xtrim),
];

/// The row of a command, and the words behind its name.
fn find(words: &[Vec<u8>]) -> Option<(Read, Words<'_>)> {
    COMMANDS.iter().find_map(|(name, read)| {
        let mut rest = Words(words);
        name.split(' ').all(|part| rest.eat(part)).then_some((*read, rest))
    })
}

/// The call that says what a command says; `None` where there is none.
fn call(read: Read, mut words: Words) -> Option<Call> {
    let call = read(&mut words)?;
    words.end().map(|()| call)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{call, find};
    use crate::text::words;

    fn said(command: &str) -> Option<(&'static str, serde_json::Value)> {
        let words = words(command).unwrap();
        let (read, rest) = find(&words)?;
        call(read, rest).map(|call| (call.function, call.arguments.into()))
    }

    #[test]
    fn commands_become_calls() {
        let id = json!({ "ms": "n5", "seq": "n1" });
        let fields = json!([{ "name": "x66", "value": "x76" }]);
        let options = json!({ "no-create": true, "idempotency": null, "trim": null });
        let explicit = json!({ "tag": "=explicit", "val": id });
        let add = ("streams.add", json!(["x73", explicit, fields, options]));
        assert_eq!(said("xadd s nomkstream 5-1 f v"), Some(add));
        assert_eq!(said("XACK s g 5-1"), Some(("groups.ack", json!(["x73", "x67", [id]]))));
    }

    #[test]
    fn what_no_function_says_stays_a_command() {
        for command in ["SET k v", "XADD s", "XADD s * f", "XACK s g x", "XINFO STREAM s FULL"] {
            assert_eq!(said(command), None, "{command}");
        }
    }
}
