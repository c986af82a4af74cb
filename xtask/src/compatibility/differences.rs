//! Where Brooklet is not what Redis is, on purpose: the one list of it.

/// Where, what Brooklet does, and why.
pub const DIFFERENCES: &[(&str, &str, &str)] = &[
    (
        "`XINFO STREAM`",
        "`radix-tree-nodes` is what an index with these keys has; Redis' may have more after removals",
        "Redis does not always join nodes of its index again; Brooklet has no such index",
    ),
    (
        "entries-read",
        "stops at 2⁶³−1; in Redis it wraps to a negative number",
        "an effect could not say the negative number again",
    ),
    (
        "`XADD IDMP`, `IDMPAUTO`",
        "an ID is forgotten in the millisecond in which it is old enough; Redis looks once a second",
        "the engine is told the time and needs no periodic work",
    ),
    (
        "`WATCH`",
        "forgetting idempotent IDs breaks no watch; in Redis it does, at the next look",
        "nothing that a client has asked for has changed",
    ),
    (
        "`BLOCK`, `CLAIM`",
        "a wait ends in its millisecond; an idle Redis answers up to 100 ms later",
        "hosts set a timer for the engine's next deadline",
    ),
    (
        "`XREADGROUP … CLAIM 0`",
        "claims each entry once where a delivery lies in the future, which only a payload can say; \
         Redis claims the same ones again without end",
        "nobody wants a server that hangs",
    ),
    (
        "Expiry",
        "a key is gone, with its event, at the first input after its time; in Redis when it is \
         looked at, or some time later",
        "one place where keys expire, and lookups without a clock",
    ),
    (
        "`DUMP`",
        "compresses no string, as Redis with `rdbcompression no`; leaves out nodes in which \
         nothing is alive",
        "a compressor costs more than it saves here; Redis does not load what it writes of such \
         nodes",
    ),
    (
        "`RESTORE`",
        "checks every element, as Redis with `sanitize-dump-payload yes`; also refuses entries \
         out of order or without fields, pending IDs out of order, a last ID below the last entry, \
         and strings that come to more than 512 MiB unpacked",
        "no payload that a Redis wrote has these, and nothing later has to doubt what was loaded",
    ),
    (
        "`DEBUG`",
        "has RELOAD, LOADAOF, LOG, SET-ACTIVE-EXPIRE and SLEEP; the last four do nothing",
        "the rest is about a process; RELOAD sends every value through its payload",
    ),
    (
        "`SCAN`, `KEYS`, `RANDOMKEY`",
        "another order of keys, the same on every host",
        "Redis orders them by a hash with a random seed",
    ),
    (
        "Patterns of `KEYS`, `SCAN` and others",
        "any number of `*` matches; behind the thousandth, Redis matches nothing",
        "ours are matched without recursion, in bounded time",
    ),
    (
        "`OBJECT ENCODING`",
        "a number that APPEND has written is `int`; in Redis `raw`, until it is changed again",
        "values have one form, and its name is found when it is asked for",
    ),
    (
        "`PUBSUB CHANNELS`, `UNSUBSCRIBE` without names",
        "channels in the order of their names",
        "Redis orders them by a hash with a random seed",
    ),
    (
        "`client-output-buffer-limit`",
        "the hard limits of normal clients and of listeners have an effect, the others are told",
        "hosts take output at once; there are no replicas",
    ),
    (
        "`CONFIG`",
        "has the parameters that mean something here, and those that clients ask for",
        "there are no files, no replicas and no threads to set",
    ),
    (
        "`INFO`, `CLIENT LIST`, `CLIENT INFO`, `MEMORY USAGE`, `COMMAND COUNT`",
        "tell of Brooklet: its own figures, in Redis' form",
        "they describe the server",
    ),
    (
        "`CLIENT HELP`, `MEMORY HELP`, `OBJECT HELP`",
        "list what there is here",
        "help on what is absent helps nobody",
    ),
    (
        "`OBJECT IDLETIME`, `OBJECT FREQ`",
        "0, and the error that Redis gives where frequencies are not counted",
        "there is no eviction that would need them",
    ),
    ("`HELLO`", "lists no modules", "there are none"),
    (
        "`AUTH`, `HELLO AUTH`",
        "one user, `default`, with one password",
        "access lists are for servers that many share",
    ),
    (
        "A request that is cut and then broken",
        "is answered with its protocol error; Redis 8.10.2 stays silent and waits",
        "a client should learn of its mistake",
    ),
    (
        "Inline requests",
        "end within 64 KiB; Redis takes some longer ones, as the network cuts them",
        "what a request means does not depend on how it arrives",
    ),
    (
        "`client-query-buffer-limit`",
        "an error is sent before the connection closes; a transaction that is too large is refused",
        "a client should learn of its mistake",
    ),
    (
        "Persistence and replication",
        "an append-only file, where the database was opened with one; `SAVE`, `BGSAVE`, \
         `REPLICAOF` are unknown commands; without a file, `BGREWRITEAOF` rewrites nothing",
        "test suites ask for the rewrite of a file in passing",
    ),
    (
        "`CONFIG SET appendonly`, `CONFIG SET appendfsync`",
        "may not change anything where there is an append-only file; elsewhere they are remembered",
        "whoever opens the database decides",
    ),
    (
        "A full disk (`MISCONF`)",
        "refuses the commands that may add data (those with the flag `denyoom`); `XACK`, `XDEL`, \
         `XTRIM`, `DEL`, `PING` go on, for which the store keeps a reserve; Redis refuses all writes",
        "what makes room must not be refused for lack of it",
    ),
    (
        "Effects",
        "a history read and a claim that only makes a consumer are recorded; Redis leaves them out \
         of its log",
        "replaying the effects must give the same state",
    ),
];
