//! DEBUG: what is left of it without a process behind it; shut unless the host opens it.

use super::args::{Args, Cursor, is};
use super::connection::ROW;
use super::context::Context;
use super::help;
use super::server::touch_existing;
use super::spec::{Flags, Flow, Spec};
use crate::error::Error;
use crate::rdb;

/// DEBUG. Its subcommands have no rows, as in Redis.
pub const DEBUG: Spec = Spec {
    name: "debug",
    arity: -2,
    flags: Flags::ADMIN
        .with(Flags::NOSCRIPT)
        .with(Flags::LOADING)
        .with(Flags::STALE)
        .with(Flags::PROTECTED),
    categories: &[],
    group: "server",
    summary: "Holds commands for tests, if `enable-debug-command` allows them.",
    complexity: "Depends on subcommand.",
    handler: debug,
    ..ROW
};

const HELP_LINES: &str = concat!(
    "LOADAOF\n",
    "    Answer OK. There is no file to load; the keys stay as they are.\n",
    "LOG <message>\n",
    "    Answer OK. There is no log.\n",
    "RELOAD [MERGE] [NOFLUSH]\n",
    "    Save and load every key, in memory.\n",
    "SET-ACTIVE-EXPIRE <0|1>\n",
    "    Answer OK. Keys expire when they are due, always.\n",
    "SLEEP <seconds>\n",
    "    Answer OK, at once: time is the host's.\n",
);

fn debug(ctx: &mut Context<'_>, args: Args<'_>) -> Result<Flow, Error> {
    let mut words = Cursor::new(args, 1);
    let word = words.expect()?;
    match (word.to_ascii_lowercase().as_slice(), words.left()) {
        (b"help", 0) => {
            help::reply(ctx.out, "DEBUG", HELP_LINES);
            return Ok(Flow::Done);
        }
        (b"reload", _) => {
            while let Some(option) = words.word() {
                if is(option, "NOSAVE") {
                    return Err(Error::NOTHING_TO_RELOAD);
                } else if !is(option, "MERGE") && !is(option, "NOFLUSH") {
                    return Err(Error::RELOAD_OPTIONS);
                }
            }
            reload(ctx);
            flushed_and_back(ctx);
        }
        (b"loadaof", _) => flushed_and_back(ctx),
        (b"set-active-expire" | b"sleep" | b"log", 1) => {}
        _ => return Err(Error::subcommand_syntax(word, "debug")),
    }
    ctx.out.ok();
    Ok(Flow::Done)
}

/// Replaces every value by what its payload gives: the same, but for nodes without a live entry,
/// which are gone, and the order of deliveries at one instant, which is that of their IDs. What
/// Redis would not load again stays: a group that has read more than XSETID says was ever added.
fn reload(ctx: &mut Context<'_>) {
    let limits = ctx.state.config.idempotency;
    for value in ctx.state.keyspace.values_mut() {
        if let Ok(loaded) = rdb::load(&rdb::dump(value, ctx.now), limits, ctx.now) {
            *value = loaded;
        }
    }
}

/// Watchers and readers see that everything went, and came again.
fn flushed_and_back(ctx: &mut Context<'_>) {
    for db in 0..ctx.state.keyspace.database_count() {
        touch_existing(ctx.state, db, db);
        ctx.state.blocked.signal_database(db);
    }
}

#[cfg(test)]
mod tests {
    use crate::state::{Config, DebugCommand};
    use crate::testing::Client;

    #[test]
    fn it_is_shut_unless_the_host_opens_it() {
        let shut = "-ERR DEBUG command not allowed.";
        assert!(Client::new().run("DEBUG SLEEP 0").starts_with(shut));
        let mut client = Client::new();
        client.run("MULTI");
        assert!(client.run("DEBUG SLEEP 0").starts_with(shut), "it is not queued");
        assert!(client.run("EXEC").starts_with("-EXECABORT"));
        let local = Config { debug_command: DebugCommand::Local, ..Config::default() };
        let mut client = Client::with(local);
        assert_eq!(client.run("DEBUG SLEEP 0"), "OK");
        for (peer, allowed) in
            [("127.0.0.1:5", true), ("[::1]:5", true), ("/tmp/s:0", true), ("10.0.0.1:5", false)]
        {
            let session = client.open();
            client.engine.set_peer(session, peer, "");
            assert_eq!(client.run_on(session, "DEBUG SLEEP 0") == "OK", allowed, "{peer}");
        }
    }
}
