//! Who is there: AUTH and HELLO.

use super::args::{Args, Cursor, is, is_plain};
use super::connection::{HANDSHAKE, ROW};
use super::context::Context;
use super::spec::{Flow, Spec};
use crate::error::Error;
use crate::number::parse_i64;
use crate::reply::Form;

/// The version of Redis whose behaviour this is.
pub(super) const REDIS_VERSION: &str = "8.10.2";

/// The only user there is.
pub(super) const DEFAULT_USER: &[u8] = b"default";

/// AUTH.
pub const AUTH: Spec = Spec {
    name: "auth",
    arity: -2,
    flags: HANDSHAKE,
    summary: "Shows the password, where one is needed.",
    syntax: "[username] password",
    handler: auth,
    ..ROW
};

/// HELLO.
pub const HELLO: Spec = Spec {
    name: "hello",
    arity: -1,
    flags: HANDSHAKE,
    since: "6.0.0",
    summary: "Agrees on the protocol, and tells who answers.",
    syntax: "[protover [AUTH username password] [SETNAME clientname]]",
    handler: |ctx, args| {
        let hello = Hello::parse(args)?;
        hello.run(ctx)?;
        Hello::render(ctx);
        Ok(Flow::Done)
    },
    ..ROW
};

fn auth(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 1);
    let (user, password) = match words.left() {
        1 if ctx.state.config.password.is_none() => return Err(Error::NO_PASSWORD_SET),
        1 => (DEFAULT_USER, words.expect()?),
        2 => (words.expect()?, words.expect()?),
        _ => return Err(Error::SYNTAX),
    };
    authenticate(ctx, user, password)?;
    ctx.out.ok();
    Ok(Flow::Done)
}

fn authenticate(ctx: &mut Context<'_>, user: &[u8], password: &[u8]) -> Result<(), Error> {
    let matches = match &ctx.state.config.password {
        None => true,
        Some(expected) => same_secret(expected, password),
    };
    if !matches || user != DEFAULT_USER {
        return Err(Error::WRONG_PASSWORD);
    }
    ctx.session().authenticated = true;
    Ok(())
}

/// Compares in a time that depends on the length of what was given, and on nothing else.
fn same_secret(expected: &[u8], given: &[u8]) -> bool {
    let mut difference = expected.len() ^ given.len();
    for (index, byte) in given.iter().enumerate() {
        let other = expected.get(index % expected.len().max(1)).copied().unwrap_or_default();
        difference |= usize::from(byte ^ other);
    }
    core::hint::black_box(difference) == 0
}

struct Hello<'a> {
    form: Option<Form>,
    /// User and password.
    auth: Option<(&'a [u8], &'a [u8])>,
    name: Option<&'a [u8]>,
}

impl<'a> Hello<'a> {
    fn parse(args: Args<'a>) -> Result<Self, Error> {
        let mut words = Cursor::new(args, 1);
        let mut hello = Self { form: None, auth: None, name: None };
        if let Some(version) = words.word() {
            hello.form = Some(match parse_i64(version).ok_or(Error::PROTOCOL_NOT_AN_INTEGER)? {
                2 => Form::Resp2,
                3 => Form::Resp3,
                _ => return Err(Error::PROTOCOL_UNSUPPORTED),
            });
        }
        while let Some(option) = words.word() {
            if is(option, "auth") && words.left() >= 2 {
                hello.auth = Some((words.expect()?, words.expect()?));
            } else if is(option, "setname") && words.left() >= 1 {
                let name = words.expect()?;
                if !is_plain(name) {
                    return Err(Error::INVALID_CLIENT_NAME);
                }
                hello.name = Some(name);
            } else {
                return Err(Error::hello_option(option));
            }
        }
        Ok(hello)
    }

    fn run(&self, ctx: &mut Context<'_>) -> Result<(), Error> {
        if let Some((user, password)) = self.auth {
            authenticate(ctx, user, password)?;
        }
        if !ctx.session().authenticated {
            return Err(Error::HELLO_NEEDS_AUTH);
        }
        if let Some(name) = self.name {
            ctx.session().name = name.into();
        }
        if let Some(form) = self.form {
            ctx.session().out.set_form(form);
            ctx.out.set_form(form);
        }
        Ok(())
    }

    /// The reply is already in the new protocol.
    fn render(ctx: &mut Context<'_>) {
        let (session, out) = (ctx.session, &mut *ctx.out);
        out.map(7);
        out.text("server");
        out.text("redis");
        out.text("version");
        out.text(REDIS_VERSION);
        out.text("proto");
        out.integer(protocol(out.form()));
        out.text("id");
        out.integer(session as i64);
        out.text("mode");
        out.text("standalone");
        out.text("role");
        out.text("master");
        out.text("modules");
        out.array(0);
    }
}

/// The number of a protocol; packed replies have RESP3's shapes.
pub(super) const fn protocol(form: Form) -> i64 {
    match form {
        Form::Resp2 => 2,
        Form::Resp3 | Form::Packed => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::same_secret;
    use crate::state::Config;
    use crate::testing::Client;

    fn locked() -> Client {
        Client::with(Config { password: Some((*b"pw").into()), ..Config::default() })
    }

    #[test]
    fn secrets_are_the_same_or_not() {
        assert!(same_secret(b"abc", b"abc"));
        assert!(same_secret(b"", b""));
        for wrong in [&b""[..], b"ab", b"abd", b"abcabc", b"abca"] {
            assert!(!same_secret(b"abc", wrong), "{wrong:?}");
        }
        assert!(!same_secret(b"", b"a"));
    }

    #[test]
    fn without_a_password_everybody_is_in() {
        Client::new().transcript(
            r"
            AUTH x
                => -ERR AUTH <password> called without any password configured for the default
                | user. Are you sure your configuration is correct?
            AUTH default x => OK
            AUTH other x => -WRONGPASS invalid username-password pair or user is disabled.
            AUTH a b c => -ERR syntax error
            ",
        );
    }

    #[test]
    fn a_password_is_asked_for() {
        locked().transcript(
            r#"
            PING => -NOAUTH Authentication required.
            FOO => -ERR unknown command 'FOO'
            GET => -ERR wrong number of arguments for 'get' command
            EXEC => -EXECABORT Transaction discarded because of: NOAUTH Authentication required.
            HELLO 4 => -NOPROTO unsupported protocol version
            HELLO 3
                => -NOAUTH HELLO must be called with the client already authenticated, otherwise
                | the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the
                | client and select the RESP protocol version at the same time
            AUTH x => -WRONGPASS invalid username-password pair or user is disabled.
            AUTH other pw => -WRONGPASS invalid username-password pair or user is disabled.
            AUTH pw => OK
            PING => PONG
            RESET => RESET
            PING => -NOAUTH Authentication required.
            HELLO 2 AUTH default x SETNAME me
                => -WRONGPASS invalid username-password pair or user is disabled.
            HELLO 2 AUTH default pw SETNAME me
                => ["server", "redis", "version", "8.10.2", "proto", :2, "id", :1, "mode",
                | "standalone", "role", "master", "modules", []]
            CLIENT GETNAME => "me"
            "#,
        );
    }

    #[test]
    fn hello_agrees_on_the_protocol() {
        Client::new().transcript(
            r#"
            HELLO a => -ERR Protocol version is not an integer or out of range
            HELLO 1 => -NOPROTO unsupported protocol version
            HELLO 3 FOO => -ERR Syntax error in HELLO option 'FOO'
            HELLO 3 AUTH a => -ERR Syntax error in HELLO option 'AUTH'
            HELLO 2 SETNAME "a b"
                => -ERR Client names cannot contain spaces, newlines or special characters.
            HELLO 3
                => {"server": "redis", "version": "8.10.2", "proto": :3, "id": :1, "mode":
                | "standalone", "role": "master", "modules": []}
            HELLO
                => {"server": "redis", "version": "8.10.2", "proto": :3, "id": :1, "mode":
                | "standalone", "role": "master", "modules": []}
            GET none => nil
            "#,
        );
    }
}
