//! Where Brooklet is not what Redis is, on purpose; and what no scenario can show.

/// Words of syntax lines that no scenario has a command accept: the command, the word (empty for
/// the command itself), and why.
pub const UNSHOWN_WORDS: &[(&str, &str, &str)] = &[
    ("bgrewriteaof", "", "makes a server write files"),
    ("client help", "", "lists the subcommands that there are"),
    ("client info", "", "tells of the server and its host"),
    ("client list", "NORMAL", "tells of the server and its host"),
    ("command count", "", "counts the commands that there are"),
    ("config rewrite", "", "is refused, as by a Redis without a configuration file"),
    ("memory help", "", "lists the subcommands that there are"),
    ("object help", "", "tells what is not counted here"),
];

/// Errors that no scenario has: how the text begins in the source, and why.
pub const UNSHOWN_ERRORS: &[(&str, &str)] = &[
    (
        "ERR the transaction is larger than client-query-buffer-limit, send it in parts",
        "Redis closes the connection instead",
    ),
    (
        "ERR Protocol error: too much input waits, see client-query-buffer-limit",
        "Redis closes the connection instead",
    ),
    ("ERR Elements are too large to be stored", "it takes a gigabyte"),
    (
        "ERR DEBUG command not allowed. If the enable-debug-command option is set to \\",
        "scenarios are with DEBUG allowed",
    ),
    ("ERR Error trying to load the RDB dump, check server logs.", "Redis has a file or ends"),
    (
        "ERR Protocol error: too big bulk count string",
        "Redis 8.10.2 says nothing where the request does not come in one piece",
    ),
    ("ERR Protocol error: invalid packed request", "no client of a server sends one"),
    ("ERR Protocol error: not a journal", "hosts hear it, not clients"),
    ("MISCONF Errors writing to the AOF file", "it takes a disk without room"),
    ("ERR Background append only file rewriting already in progress", "makes a server write files"),
    ("ERR max number of clients reached", "who is refused is no client of a scenario"),
];
