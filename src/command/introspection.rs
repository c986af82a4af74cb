//! COMMAND: the command table told to clients.

use alloc::string::String;
use alloc::vec::Vec;

use super::args::{Args, Cursor, is};
use super::connection::ROW;
use super::context::Context;
use super::key_specs::{FoundKey, keys_of};
use super::registry::{Found, Registry};
use super::spec::{Flags, Flow, Spec};
use super::{command_docs, command_rows, help};
use crate::error::Error;
use crate::glob;

/// COMMAND.
pub const COMMAND: Spec = Spec {
    name: "command",
    arity: -1,
    tips: ANY_ORDER,
    since: "2.8.13",
    summary: "Tells all about all commands.",
    complexity: "O(N) with N commands.",
    handler: |ctx, args| {
        info(ctx, args.from(1));
        Ok(Flow::Done)
    },
    subcommands: &[&COUNT, &DOCS, &GETKEYS, &GETKEYSANDFLAGS, &HELP, &INFO, &LIST],
    ..COMMANDS
};

const COUNT: Spec = Spec {
    name: "count",
    arity: 2,
    summary: "Counts the commands.",
    handler: |ctx, _| {
        ctx.out.integer(ctx.commands.len() as i64);
        Ok(Flow::Done)
    },
    ..COMMANDS
};

const DOCS: Spec = Spec {
    name: "docs",
    arity: -2,
    tips: ANY_ORDER,
    since: "7.0.0",
    summary: "Tells what commands are for and what they take.",
    complexity: "O(N) with N commands.",
    syntax: "[command-name [command-name ...]]",
    handler: |ctx, args| {
        docs(ctx, args);
        Ok(Flow::Done)
    },
    ..COMMANDS
};

const GETKEYS: Spec = Spec {
    name: "getkeys",
    arity: -3,
    summary: "Finds the keys in a whole command.",
    complexity: "O(N) with N words.",
    syntax: "command [arg [arg ...]]",
    handler: get_keys,
    ..COMMANDS
};

const GETKEYSANDFLAGS: Spec = Spec {
    name: "getkeysandflags",
    arity: -3,
    since: "7.0.0",
    summary: "Finds the keys in a whole command, and what it does with each.",
    complexity: "O(N) with N words.",
    syntax: "command [arg [arg ...]]",
    handler: get_keys_and_flags,
    ..COMMANDS
};

const HELP: Spec = Spec {
    name: "help",
    arity: 2,
    since: "5.0.0",
    summary: "Lists the subcommands.",
    handler: |ctx, _| {
        help::reply(ctx.out, "COMMAND", HELP_LINES);
        Ok(Flow::Done)
    },
    ..COMMANDS
};

const INFO: Spec = Spec {
    name: "info",
    arity: -2,
    tips: ANY_ORDER,
    summary: "Tells the properties of commands.",
    complexity: "O(N) with N commands.",
    syntax: "[command-name [command-name ...]]",
    handler: |ctx, args| {
        info(ctx, args.from(2));
        Ok(Flow::Done)
    },
    ..COMMANDS
};

const LIST: Spec = Spec {
    name: "list",
    arity: -2,
    tips: ANY_ORDER,
    since: "7.0.0",
    summary: "Lists the names of commands.",
    complexity: "O(N) with N commands.",
    syntax: "[FILTERBY <MODULE module-name|ACLCAT category|PATTERN pattern>]",
    handler: list,
    ..COMMANDS
};

const ANY_ORDER: &[&str] = &["nondeterministic_output_order"];
const COMMANDS: Spec =
    Spec { flags: Flags::LOADING.with(Flags::STALE), since: "2.8.13", group: "server", ..ROW };

const HELP_LINES: &str = concat!(
    "(no subcommand)\n",
    "    Return details about all Redis commands.\n",
    "COUNT\n",
    "    Return the total number of commands in this Redis server.\n",
    "LIST\n",
    "    Return a list of all commands in this Redis server.\n",
    "INFO [<command-name> ...]\n",
    "    Return details about multiple Redis commands.\n",
    "    If no command names are given, documentation details for all\n",
    "    commands are returned.\n",
    "DOCS [<command-name> ...]\n",
    "    Return documentation details about multiple Redis commands.\n",
    "    If no command names are given, documentation details for all\n",
    "    commands are returned.\n",
    "GETKEYS <full-command>\n",
    "    Return the keys from a full Redis command.\n",
    "GETKEYSANDFLAGS <full-command>\n",
    "    Return the keys and the access flags from a full Redis command.\n",
);

/// A command by its full name, such as `xgroup|create`.
fn named(commands: &'static Registry, name: &[u8]) -> Option<Found> {
    let mut parts = name.splitn(2, |byte| *byte == b'|');
    let command = commands.command(parts.next()?)?;
    match parts.next() {
        None => Some(command),
        Some(name) => command.subcommand(name),
    }
}

fn info(ctx: &mut Context<'_>, names: Args<'_>) {
    let commands = ctx.commands;
    if names.is_empty() {
        ctx.out.array(commands.len());
        commands.commands().for_each(|found| command_rows::row(ctx.out, found));
    } else {
        ctx.out.array(names.len());
        for name in names.iter() {
            match named(commands, name) {
                Some(found) => command_rows::row(ctx.out, found),
                None => ctx.out.null(),
            }
        }
    }
}

fn docs(ctx: &mut Context<'_>, args: Args<'_>) {
    let commands = ctx.commands;
    let wanted: Vec<Found> = match args.len() {
        2 => commands.commands().collect(),
        _ => args.from(2).iter().filter_map(|name| named(commands, name)).collect(),
    };
    ctx.out.map(wanted.len());
    for found in wanted {
        command_docs::entry(ctx.out, found);
    }
}

fn list(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 2);
    let accepts: &dyn Fn(&Found) -> bool = if words.left() == 0 {
        &|_| true
    } else if words.left() == 3 && words.keyword("filterby", 2) {
        let (filter, value) = (words.expect()?, words.expect()?);
        if is(filter, "pattern") {
            &move |found| glob::matches_ignoring_case(value, found.full_name().as_bytes())
        } else if is(filter, "aclcat") {
            &move |found| {
                let mut categories = command_rows::categories(*found);
                categories
                    .any(|category| category.strip_prefix('@').is_some_and(|it| is(value, it)))
            }
        } else if is(filter, "module") {
            &|_| false
        } else {
            return Err(Error::SYNTAX);
        }
    } else {
        return Err(Error::SYNTAX);
    };
    let names: Vec<String> =
        ctx.commands.all().filter(accepts).map(|found| found.full_name()).collect();
    ctx.out.array(names.len());
    for name in names {
        ctx.out.text(&name);
    }
    Ok(Flow::Done)
}

fn get_keys(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let call = args.from(2);
    let keys = find_keys(ctx.commands, call)?;
    ctx.out.array(keys.len());
    for key in keys {
        ctx.out.bulk(call.get(key.index).unwrap_or_default());
    }
    Ok(Flow::Done)
}

fn get_keys_and_flags(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let call = args.from(2);
    let keys = find_keys(ctx.commands, call)?;
    ctx.out.array(keys.len());
    for key in keys {
        ctx.out.array(2);
        ctx.out.bulk(call.get(key.index).unwrap_or_default());
        command_rows::statuses(ctx.out, key.flags.iter().copied());
    }
    Ok(Flow::Done)
}

fn find_keys(commands: &'static Registry, call: Args<'_>) -> Result<Vec<FoundKey>, Error> {
    let name = call.get(0).unwrap_or_default();
    let mut found = commands.command(name).ok_or(Error::INVALID_COMMAND)?;
    if let Some(word) = call.get(1).filter(|_| found.is_container()) {
        found = found.subcommand(word).ok_or(Error::INVALID_COMMAND)?;
    }
    // Shard channels stand where keys do, and are none.
    let no_keys = found.flags().contains(Flags::PUBSUB);
    if no_keys || found.keys() == super::spec::Keys::None {
        return Err(Error::COMMAND_WITHOUT_KEYS);
    }
    if !found.accepts(call.len()) {
        return Err(Error::COMMAND_WITH_WRONG_ARITY);
    }
    keys_of(found, call).ok_or(Error::COMMAND_WITH_WRONG_ARGUMENTS)
}

#[cfg(test)]
mod tests {
    use crate::testing::Client;

    #[test]
    fn rows_of_the_table() {
        Client::new().transcript(
            r#"
            COMMAND INFO xadd nosuch CLIENT|id
                => [["xadd", :-5, [write, denyoom, fast], :1, :1, :1, [@write, @stream, @fast],
                | ["nondeterministic_output"], [["flags", [RW, update], "begin_search", ["type",
                | "index", "spec", ["index", :1]], "find_keys", ["type", "range", "spec",
                | ["lastkey", :0, "keystep", :1, "limit", :0]]]], []], nil, ["client|id", :2,
                | [noscript, loading, stale], :0, :0, :0, [@slow, @connection], [], [], []]]
            "#,
        );
        let mut client = Client::new();
        let count: usize = client.run("COMMAND COUNT")[1..].parse().expect("a number");
        assert_eq!(client.run("COMMAND").matches("\"get\"").count(), 1);
        assert!(count > 60);
    }

    #[test]
    fn keys_of_a_call() {
        Client::new().transcript(
            r#"
            COMMAND GETKEYS GET a => ["a"]
            COMMAND GETKEYS MSET a 1 b 2 => ["a", "b"]
            COMMAND GETKEYS XGROUP CREATE k g $ => ["k"]
            COMMAND GETKEYS XREAD COUNT 1 STREAMS a b 0 0 => ["a", "b"]
            COMMAND GETKEYS XREADGROUP GROUP streams streams STREAMS STREAMS > => ["STREAMS"]
            COMMAND GETKEYS XREAD STREAMS a b 0 => -ERR Invalid arguments specified for command
            COMMAND GETKEYS XREAD FOO 1 x => -ERR Invalid arguments specified for command
            COMMAND GETKEYS XREAD COUNT 1 => -ERR Invalid number of arguments specified for command
            COMMAND GETKEYS GET => -ERR Invalid number of arguments specified for command
            COMMAND GETKEYS FOO => -ERR Invalid command specified
            COMMAND GETKEYS XGROUP FOO k => -ERR Invalid command specified
            COMMAND GETKEYS XGROUP => -ERR The command has no key arguments
            COMMAND GETKEYS PING => -ERR The command has no key arguments
            COMMAND GETKEYSANDFLAGS RENAME a b => [["a", [RW, access, delete]], ["b", [OW, update]]]
            COMMAND GETKEYSANDFLAGS XREAD STREAMS a 0 => [["a", [RO, access]]]
            COMMAND GETKEYSANDFLAGS SET a b => [["a", [OW, update]]]
            COMMAND GETKEYSANDFLAGS SET a b GET => [["a", [RW, access, update]]]
            "#,
        );
    }

    #[test]
    fn names_by_pattern_and_category() {
        Client::new().transcript(
            r#"
            COMMAND LIST FILTERBY PATTERN client|S* => ["client|setinfo", "client|setname"]
            COMMAND LIST FILTERBY ACLCAT Transaction
                => ["discard", "exec", "multi", "unwatch", "watch"]
            COMMAND LIST FILTERBY ACLCAT foo => []
            COMMAND LIST FILTERBY MODULE x => []
            COMMAND LIST FILTERBY FOO x => -ERR syntax error
            COMMAND LIST FILTERBY PATTERN => -ERR syntax error
            COMMAND LIST FILTERBY PATTERN a b => -ERR syntax error
            "#,
        );
    }

    #[test]
    fn pages_of_the_manual() {
        Client::new().transcript(
            r#"
            COMMAND DOCS nothing => []
            COMMAND DOCS watch
                => ["watch", ["summary", "Makes the next EXEC do nothing if one of these keys
                | changes before.", "since", "2.2.0", "group", "transactions", "complexity", "O(1)
                | for every key.", "arguments", [["name", "key", "type", "key", "display_text",
                | "key", "key_spec_index", :0, "flags", [multiple]]]]]
            "#,
        );
        let mut client = Client::new();
        client.run("HELLO 3");
        let page = client.run("COMMAND DOCS client");
        assert!(page.starts_with(r#"{"client": {"summary": "#), "{page}");
        assert!(page.contains(r#""subcommands": {"client|getname": {"#), "{page}");
        let all = client.run("COMMAND DOCS");
        assert_eq!(all.matches(r#""xadd": {"summary""#).count(), 1);
    }
}
