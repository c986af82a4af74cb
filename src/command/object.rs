//! OBJECT: what a key's value is made of.

use super::args::{Args, Cursor};
use super::context::Context;
use super::help;
use super::spec::{Flags, Flow, Keys, Spec};
use crate::error::Error;
use crate::keyspace::Value;
use crate::reply::Writer;

/// OBJECT.
pub const OBJECT: Spec = Spec {
    name: "object",
    arity: -2,
    flags: Flags::NONE,
    keys: Keys::None,
    categories: &[],
    tips: &[],
    since: "2.2.3",
    group: "generic",
    summary: "Looks into the value of a key.",
    complexity: "O(1)",
    syntax: "",
    // Called without a subcommand only, which the arity forbids.
    handler: |_, _| Err(Error::SYNTAX),
    subcommands: &[&ENCODING, &FREQ, &HELP, &IDLETIME, &REFCOUNT],
};

const ENCODING: Spec = Spec {
    name: "encoding",
    arity: 3,
    flags: Flags::READONLY,
    keys: Keys::SECOND,
    categories: &["@keyspace"],
    tips: &["nondeterministic_output"],
    since: "2.2.3",
    group: "generic",
    summary: "Tells how a value is stored.",
    complexity: "O(1)",
    syntax: "key",
    handler: |ctx, args| {
        look(ctx, args, |key, value, out| {
            out.text(value.encoding(key));
            Ok(())
        })
    },
    subcommands: &[],
};

const FREQ: Spec = Spec {
    name: "freq",
    since: "4.0.0",
    summary: "Would tell how often a key is used, which is not counted here.",
    handler: |ctx, args| look(ctx, args, |_, _, _| Err(Error::NO_FREQUENCY)),
    ..ENCODING
};

const HELP: Spec = Spec {
    name: "help",
    arity: 2,
    flags: Flags::LOADING.with(Flags::STALE),
    keys: Keys::None,
    tips: &[],
    since: "6.2.0",
    summary: "Lists the subcommands.",
    syntax: "",
    handler: |ctx, _| {
        help::reply(ctx.out, "OBJECT", HELP_LINES);
        Ok(Flow::Done)
    },
    ..ENCODING
};

const IDLETIME: Spec = Spec {
    name: "idletime",
    summary: "Answers 0 seconds: nothing is evicted here, so nobody notes when a key was used.",
    handler: |ctx, args| {
        look(ctx, args, |_, _, out| {
            out.integer(0);
            Ok(())
        })
    },
    ..ENCODING
};

const REFCOUNT: Spec = Spec {
    name: "refcount",
    summary: "Answers 1: values are not shared between keys.",
    handler: |ctx, args| {
        look(ctx, args, |_, _, out| {
            out.integer(1);
            Ok(())
        })
    },
    ..ENCODING
};

const HELP_LINES: &str = concat!(
    "ENCODING <key>\n",
    "    Tell how the value of <key> is stored.\n",
    "FREQ <key>\n",
    "    Tell how often <key> is used; not counted here, so always an error.\n",
    "IDLETIME <key>\n",
    "    Tell for how many seconds <key> was not used; not noted here, so always 0.\n",
    "REFCOUNT <key>\n",
    "    Tell how many keys share the value of <key>; always 1.\n",
);

type Show = fn(&[u8], &Value, &mut Writer) -> Result<(), Error>;

/// Shows something of a value; a missing key has nothing to show.
fn look(ctx: &mut Context<'_>, args: Args<'_>, show: Show) -> Result<Flow, Error> {
    let key = Cursor::new(args, 2).expect()?;
    let value = ctx.state.keyspace.get(ctx.db, key);
    let found = value.is_some();
    let shown = if let Some(value) = value {
        show(key, value, ctx.out)
    } else {
        ctx.out.null();
        Ok(())
    };
    ctx.looked_up(found);
    shown.map(|()| Flow::Done)
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use crate::testing::Client;

    #[test]
    fn encodings_as_redis_names_them() {
        let mut client = Client::new();
        client.transcript(
            r#"
            MSET int 12345 text hello "" 007 => OK
            XADD stream 1-1 f v => "1-1"
            OBJECT ENCODING int => "int"
            OBJECT ENCODING text => "embstr"
            OBJECT ENCODING "" => "embstr"
            OBJECT ENCODING stream => "stream"
            OBJECT ENCODING none => nil
            "#,
        );
        for (len, encoding) in [(40, "embstr"), (41, "raw")] {
            client.run(&format!("SET k {}", "x".repeat(len)));
            assert_eq!(client.run("OBJECT ENCODING k"), format!("\"{encoding}\""));
        }
    }

    #[test]
    fn what_is_not_counted_is_said_so() {
        let mut client = Client::new();
        client.run("SET k v");
        assert!(client.run("OBJECT FREQ k").starts_with("-ERR An LFU maxmemory policy is not"));
        client.transcript(
            r"
            OBJECT REFCOUNT k => :1
            OBJECT IDLETIME k => :0
            OBJECT FREQ none => nil
            OBJECT FOO k => -ERR unknown subcommand 'FOO'. Try OBJECT HELP.
            OBJECT ENCODING => -ERR wrong number of arguments for 'object|encoding' command
            OBJECT => -ERR wrong number of arguments for 'object' command
            ",
        );
        assert!(client.run("OBJECT HELP").starts_with("[OBJECT <subcommand> [<arg>"));
    }
}
