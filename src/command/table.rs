//! The command table: every row.

use super::registry::{Registry, Row, Slots, Texts, slot};
use super::spec::Spec;
use super::{
    absent, auth, bgrewriteaof, client, config, connection, copy, debug, dump, expire, get, info,
    introspection, keys, memory, modify, mset, object, pubsub, rename, restore, scan, server, set,
    transaction, ttl, xack, xackdel, xadd, xautoclaim, xcfgset, xclaim, xdel, xdelex, xgroup,
    xidmprecord, xinfo, xnack, xpending, xrange, xread, xreadgroup, xsetid, xtrim,
};

/// The command table.
pub static COMMANDS: Registry =
    Registry { rows: &ROWS, texts: TEXTS, commands: &NUMBERS, slots: &SLOTS };

/// Every command, sorted by name.
const TABLE: &[&Spec] = &[
    &modify::APPEND,
    &auth::AUTH,
    &bgrewriteaof::BGREWRITEAOF,
    &client::CLIENT,
    &introspection::COMMAND,
    &config::CONFIG,
    &copy::COPY,
    &server::DBSIZE,
    &debug::DEBUG,
    &modify::DECR,
    &modify::DECRBY,
    &keys::DEL,
    &transaction::DISCARD,
    &dump::DUMP,
    &connection::ECHO,
    &transaction::EXEC,
    &keys::EXISTS,
    &expire::EXPIRE,
    &expire::EXPIREAT,
    &ttl::EXPIRETIME,
    &server::FLUSHALL,
    &server::FLUSHDB,
    &absent::FUNCTION,
    &get::GET,
    &get::GETDEL,
    &get::GETEX,
    &get::GETRANGE,
    &set::GETSET,
    &auth::HELLO,
    &modify::INCR,
    &modify::INCRBY,
    &info::INFO,
    &scan::KEYS,
    &memory::MEMORY,
    &mset::MGET,
    &rename::MOVE,
    &mset::MSET,
    &mset::MSETNX,
    &transaction::MULTI,
    &object::OBJECT,
    &expire::PERSIST,
    &expire::PEXPIRE,
    &expire::PEXPIREAT,
    &ttl::PEXPIRETIME,
    &connection::PING,
    &set::PSETEX,
    &pubsub::PSUBSCRIBE,
    &ttl::PTTL,
    &pubsub::PUBLISH,
    &pubsub::PUBSUB,
    &pubsub::PUNSUBSCRIBE,
    &connection::QUIT,
    &scan::RANDOMKEY,
    &rename::RENAME,
    &rename::RENAMENX,
    &connection::RESET,
    &restore::RESTORE,
    &scan::SCAN,
    &absent::SCRIPT,
    &connection::SELECT,
    &set::SET,
    &set::SETEX,
    &set::SETNX,
    &pubsub::SPUBLISH,
    &pubsub::SSUBSCRIBE,
    &get::STRLEN,
    &pubsub::SUBSCRIBE,
    &pubsub::SUNSUBSCRIBE,
    &server::SWAPDB,
    &server::TIME,
    &keys::TOUCH,
    &ttl::TTL,
    &keys::TYPE,
    &keys::UNLINK,
    &pubsub::UNSUBSCRIBE,
    &transaction::UNWATCH,
    &transaction::WATCH,
    &xack::XACK,
    &xackdel::XACKDEL,
    &xadd::XADD,
    &xautoclaim::XAUTOCLAIM,
    &xcfgset::XCFGSET,
    &xclaim::XCLAIM,
    &xdel::XDEL,
    &xdelex::XDELEX,
    &xgroup::XGROUP,
    &xidmprecord::XIDMPRECORD,
    &xinfo::XINFO,
    &xdel::XLEN,
    &xnack::XNACK,
    &xpending::XPENDING,
    &xrange::XRANGE,
    &xread::XREAD,
    &xreadgroup::XREADGROUP,
    &xrange::XREVRANGE,
    &xsetid::XSETID,
    &xtrim::XTRIM,
];

/// The number of each command's row; the subcommands of a row take the numbers behind it.
const NUMBERS: [u16; TABLE.len()] = numbers();

const fn numbers() -> [u16; TABLE.len()] {
    let mut numbers = [0; TABLE.len()];
    let mut index = 0;
    let mut next = 0;
    while index < TABLE.len() {
        numbers[index] = next;
        next += 1 + TABLE[index].subcommands.len() as u16;
        index += 1;
    }
    numbers
}

/// Each command in the first free slot from that of its name on.
static SLOTS: Slots = {
    let mut slots = [0; 256];
    let mut index = 0;
    while index < TABLE.len() {
        let mut at = slot(TABLE[index].name.as_bytes());
        while slots[at] != 0 {
            at += 1;
        }
        index += 1;
        slots[at] = index as u8;
    }
    assert!(TABLE.len() < 256 && slots[255] == 0, "a place is a u8, and a search ends");
    slots
};

const LAST: usize = TABLE.len() - 1;
const ROW_COUNT: usize = NUMBERS[LAST] as usize + 1 + TABLE[LAST].subcommands.len();

/// Every row, and what the texts of all rows are.
const ROWS: [Row; ROW_COUNT] = pack(&mut Texts::<0>::new());
const TEXTS: &str = match str::from_utf8(&PACKED.bytes) {
    Ok(texts) => texts,
    Err(_) => panic!("texts are text"),
};

static PACKED: Texts<TEXTS_LENGTH> = {
    let mut texts = Texts::new();
    pack(&mut texts);
    texts
};

const TEXTS_LENGTH: usize = {
    let mut texts = Texts::<0>::new();
    pack(&mut texts);
    assert!(texts.length <= u16::MAX as usize, "a row's place in them is a u16");
    texts.length
};

const fn pack<const LENGTH: usize>(texts: &mut Texts<LENGTH>) -> [Row; ROW_COUNT] {
    let mut rows = [Row::new(TABLE[0], 0); ROW_COUNT];
    let mut index = 0;
    let mut next = 0;
    while index < TABLE.len() {
        let command = TABLE[index];
        rows[next] = Row::new(command, texts.length);
        texts.add(command);
        next += 1;
        let mut subcommand = 0;
        while subcommand < command.subcommands.len() {
            rows[next] = Row::new(command.subcommands[subcommand], texts.length);
            texts.add(command.subcommands[subcommand]);
            next += 1;
            subcommand += 1;
        }
        index += 1;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_numbered_one_by_one() {
        assert!(TABLE.is_sorted_by(|a, b| a.name < b.name), "lookup is a binary search");
        for (number, found) in (0..).zip(COMMANDS.all()) {
            assert_eq!(found.number, number);
            assert_eq!(COMMANDS.numbered(number).expect("there").name(), found.name());
        }
        assert!(COMMANDS.numbered(COMMANDS.all().count() as u16).is_none());
    }

    /// Whoever adds a command that takes such a slot looks for another factor.
    #[test]
    fn stream_commands_are_found_in_the_first_slot() {
        for (index, command) in (1..).zip(TABLE).filter(|(_, it)| it.name.starts_with('x')) {
            assert_eq!(SLOTS[slot(command.name.as_bytes())], index, "{}", command.name);
        }
    }

    #[test]
    fn names_in_any_case() {
        assert_eq!(COMMANDS.command(b"PiNg").expect("there").name(), "ping");
        assert!(COMMANDS.command(b"pin").is_none());
        assert!(COMMANDS.command(b"pingg").is_none());
        assert!(COMMANDS.command(b"").is_none());
        for found in COMMANDS.commands() {
            let again = COMMANDS.command(found.name().as_bytes()).expect("not too long");
            assert_eq!(again.number, found.number);
        }
        assert!(COMMANDS.command(&[b'p'; 99]).is_none());
    }
}
