//! CLIENT KILL: closes connections, by address or by filters.

use alloc::vec::Vec;

use super::args::{Args, Cursor, is};
use super::auth::DEFAULT_USER;
use super::client_list::Kind;
use super::connection::ROW;
use super::context::Context;
use super::spec::{Flags, Flow, Spec};
use crate::error::Error;
use crate::number::parse_i64;
use crate::state::{Interruption, Session, SessionId};
use crate::time::{UnixMillis, elapsed};

/// CLIENT KILL.
pub(super) const KILL: Spec = Spec {
    name: "kill",
    arity: -3,
    flags: Flags::ADMIN.with(Flags::NOSCRIPT).with(Flags::LOADING).with(Flags::STALE),
    since: "2.4.0",
    summary: "Closes connections.",
    complexity: "O(N) with N connections.",
    syntax: "<ip:port|[ID client-id] [TYPE <NORMAL|MASTER|SLAVE|REPLICA|PUBSUB>] [USER username] [ADDR ip:port] [LADDR ip:port] [SKIPME <YES|NO>] [MAXAGE maxage]>",
    handler: kill,
    ..ROW
};

/// Which connections to close.
#[derive(Clone, Copy, Default)]
struct Filter<'a> {
    id: Option<SessionId>,
    kind: Option<Kind>,
    address: Option<&'a [u8]>,
    local_address: Option<&'a [u8]>,
    /// Seconds since it was opened, at least.
    max_age: Option<i64>,
    skip: Option<SessionId>,
}

fn kill(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    if args.len() == 3 {
        let filter = Filter { address: args.get(2), ..Filter::default() };
        if close(ctx, &filter) == 0 {
            return Err(Error::NO_SUCH_CLIENT);
        }
        ctx.out.ok();
    } else {
        let filter = Filter::parse(args, ctx.session)?;
        let closed = close(ctx, &filter);
        ctx.out.integer(closed as i64);
    }
    Ok(Flow::Done)
}

/// Closes what the filter accepts; the caller's own connection once it has its reply.
fn close(ctx: &mut Context<'_>, filter: &Filter<'_>) -> usize {
    let now = ctx.now;
    let accepted: Vec<SessionId> = ctx
        .state
        .sessions
        .iter_mut()
        .filter(|session| !session.closing && filter.accepts(session, now))
        .map(|session| {
            session.closing = true;
            session.id
        })
        .collect();
    for id in accepted.iter().filter(|id| **id != ctx.session) {
        ctx.state.blocked.interrupt(*id, Interruption::Kill);
    }
    accepted.len()
}

impl<'a> Filter<'a> {
    fn parse(args: Args<'a>, caller: SessionId) -> Result<Self, Error> {
        let mut words = Cursor::new(args, 2);
        let mut filter = Self { skip: Some(caller), ..Self::default() };
        while words.left() > 0 {
            if words.keyword("id", 1) {
                filter.id = Some(positive_id(words.expect()?)?);
            } else if words.keyword("maxage", 1) {
                filter.max_age = Some(positive_age(words.expect()?)?);
            } else if words.keyword("type", 1) {
                filter.kind = Some(Kind::parse(words.expect()?)?);
            } else if words.keyword("addr", 1) {
                filter.address = words.word();
            } else if words.keyword("laddr", 1) {
                filter.local_address = words.word();
            } else if words.keyword("user", 1) {
                let user = words.expect()?;
                if user != DEFAULT_USER {
                    return Err(Error::no_such_user(user));
                }
            } else if words.keyword("skipme", 1) {
                filter.skip = match words.expect()? {
                    word if is(word, "yes") => Some(caller),
                    word if is(word, "no") => None,
                    _ => return Err(Error::SYNTAX),
                };
            } else {
                return Err(Error::SYNTAX);
            }
        }
        Ok(filter)
    }

    fn accepts(&self, session: &Session, now: UnixMillis) -> bool {
        let (peer, local) = &session.peer;
        self.id.is_none_or(|id| id == session.id)
            && self.kind.is_none_or(|kind| kind.includes(session))
            && self.address.is_none_or(|address| address == peer.as_bytes())
            && self.local_address.is_none_or(|address| address == local.as_bytes())
            && self.max_age.is_none_or(|age| elapsed(now, session.opened_at) / 1000 >= age)
            && self.skip != Some(session.id)
    }
}

fn positive_id(word: &[u8]) -> Result<SessionId, Error> {
    let id = parse_i64(word).filter(|id| *id > 0).ok_or(Error::CLIENT_ID_NOT_POSITIVE)?;
    Ok(id as SessionId)
}

fn positive_age(word: &[u8]) -> Result<i64, Error> {
    let age = parse_i64(word).ok_or(Error::MAXAGE_NOT_AN_INTEGER)?;
    if age > 0 { Ok(age) } else { Err(Error::MAXAGE_NOT_POSITIVE) }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use crate::testing::Client;

    #[test]
    fn by_number_even_while_it_waits() {
        let mut client = Client::new();
        let reader = client.open();
        client.run_on(reader, "XREAD BLOCK 0 STREAMS s $");
        assert_eq!(client.run(&format!("CLIENT KILL ID {reader}")), ":1");
        let output = client.engine.output(reader).expect("to close");
        assert!(output.close && output.bytes.is_empty());
        assert_eq!(client.run(&format!("CLIENT KILL ID {reader}")), ":0", "it is closing");
        assert_eq!(client.run("CLIENT LIST").matches("id=").count(), 1);
        assert_eq!(client.run("XADD s * f v\r\nXLEN s").matches(':').count(), 1);
        assert_eq!(client.heard(reader), "", "nothing is delivered to it any more");
    }

    #[test]
    fn by_address_in_the_old_form() {
        let mut client = Client::new();
        let other = client.open();
        client.engine.set_peer(other, "10.0.0.1:7", "10.0.0.2:6379");
        client.transcript(
            r"
            CLIENT KILL 10.0.0.9:1 => -ERR No such client
            CLIENT KILL 10.0.0.1:7 => OK
            CLIENT KILL ADDR 10.0.0.1:7 => :0
            ",
        );
    }

    #[test]
    fn filters_must_all_hold() {
        let mut client = Client::new();
        let old = client.open();
        client.advance(10_000);
        client.open();
        client.transcript(
            r"
            CLIENT KILL MAXAGE 11 => :0
            CLIENT KILL MAXAGE 5 USER default TYPE normal => :1
            CLIENT KILL TYPE pubsub => :0
            CLIENT KILL ID => -ERR No such client
            CLIENT KILL ID 0 => -ERR client-id should be greater than 0
            CLIENT KILL ID 7 ID => -ERR syntax error
            CLIENT KILL MAXAGE x => -ERR maxage is not an integer or out of range
            CLIENT KILL MAXAGE 0 => -ERR maxage should be greater than 0
            CLIENT KILL TYPE foo => -ERR Unknown client type 'foo'
            CLIENT KILL USER nobody => -ERR No such user 'nobody'
            CLIENT KILL SKIPME maybe => -ERR syntax error
            CLIENT KILL FOO bar => -ERR syntax error
            ",
        );
        assert!(client.engine.output(old).expect("to close").close);
    }

    #[test]
    fn oneself_after_the_reply() {
        let mut client = Client::new();
        assert_eq!(client.run("CLIENT KILL ID 1"), ":0", "skipped unless asked for");
        assert_eq!(client.run("CLIENT KILL ID 1 SKIPME no\r\nPING"), ":1");
        assert!(client.engine.output(1).expect("to close").close);
    }
}
