//! Every error text that Redis clients can see, once.

use alloc::borrow::Cow;
use alloc::vec::Vec;

/// An error reply: a code, a blank, and a text for people, exactly as Redis words it.
///
/// ```
/// use brooklet::Error;
/// assert_eq!(Error::NO_SUCH_KEY.code(), b"ERR");
/// assert_eq!(Error::NO_SUCH_KEY.text(), b"ERR no such key");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Cow<'static, [u8]>);

/// Texts without arguments.
impl Error {
    /// Unknown option, missing value, wrong combination.
    pub const SYNTAX: Self = Self::fixed("ERR syntax error");
    /// Not a canonical 64-bit integer.
    pub const NOT_AN_INTEGER: Self = Self::fixed("ERR value is not an integer or out of range");
    /// Not an entry ID in the grammar of this argument.
    pub const INVALID_ID: Self =
        Self::fixed("ERR Invalid stream ID specified as stream command argument");
    /// The key holds another type.
    pub const WRONG_TYPE: Self =
        Self::fixed("WRONGTYPE Operation against a key holding the wrong kind of value");
    /// The key does not exist, where a command demands it.
    pub const NO_SUCH_KEY: Self = Self::fixed("ERR no such key");
    /// XADD with an ID that is not above the last one.
    pub const ID_NOT_GREATER: Self = Self::fixed(
        "ERR The ID specified in XADD is equal or smaller than the target stream top item",
    );
    /// XADD with 0-0.
    pub const ID_ZERO: Self = Self::fixed("ERR The ID specified in XADD must be greater than 0-0");
    /// XADD on a stream whose last ID is the greatest one.
    pub const ID_EXHAUSTED: Self =
        Self::fixed("ERR The stream has exhausted the last possible ID, unable to add more items");
    /// XADD with more than 1 GiB of fields and values.
    pub const ENTRY_TOO_LARGE: Self = Self::fixed("ERR Elements are too large to be stored");
    /// MAXLEN or MINID given twice, or both.
    pub const TRIM_TWICE: Self = Self::fixed(
        "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
    );
    /// A negative MAXLEN.
    pub const NEGATIVE_MAXLEN: Self = Self::fixed("ERR The MAXLEN argument must be >= 0.");
    /// A negative LIMIT.
    pub const NEGATIVE_LIMIT: Self = Self::fixed("ERR The LIMIT argument must be >= 0.");
    /// LIMIT without MAXLEN or MINID.
    pub const LIMIT_WITHOUT_STRATEGY: Self = Self::fixed(
        "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
    );
    /// LIMIT without `~`.
    pub const LIMIT_WITHOUT_APPROXIMATE: Self =
        Self::fixed("ERR syntax error, LIMIT cannot be used without the special ~ option");
    /// XTRIM without MAXLEN or MINID.
    pub const TRIM_WITHOUT_STRATEGY: Self =
        Self::fixed("ERR syntax error, XTRIM must be called with a trimming strategy");
    /// An exclusive interval start above the greatest ID.
    pub const INVALID_START: Self = Self::fixed("ERR invalid start ID for the interval");
    /// An exclusive interval end below 0-0.
    pub const INVALID_END: Self = Self::fixed("ERR invalid end ID for the interval");
    /// BLOCK is not an integer.
    pub const TIMEOUT_NOT_AN_INTEGER: Self =
        Self::fixed("ERR timeout is not an integer or out of range");
    /// BLOCK is negative.
    pub const TIMEOUT_NEGATIVE: Self = Self::fixed("ERR timeout is negative");
    /// BLOCK overflows the clock.
    pub const TIMEOUT_OUT_OF_RANGE: Self = Self::fixed("ERR timeout is out of range");
    /// XREAD with a key and no ID for it.
    pub const UNBALANCED_XREAD: Self = Self::fixed(
        "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.",
    );
    /// XREADGROUP with a key and no ID for it.
    pub const UNBALANCED_XREADGROUP: Self = Self::fixed(
        "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.",
    );
    /// XREAD with `>`.
    pub const NEW_ID_IN_XREAD: Self = Self::fixed(
        "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
    );
    /// XREADGROUP with `$`.
    pub const LAST_ID_IN_XREADGROUP: Self = Self::fixed(
        "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.",
    );
    /// XREADGROUP with `+`.
    pub const LAST_ENTRY_IN_XREADGROUP: Self = Self::fixed(
        "ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.",
    );
    /// XREADGROUP without GROUP.
    pub const MISSING_GROUP: Self = Self::fixed("ERR Missing GROUP option for XREADGROUP");
    /// XGROUP on a missing key without MKSTREAM.
    pub const XGROUP_NEEDS_KEY: Self = Self::fixed(
        "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
    );
    /// XGROUP CREATE of a group that exists.
    pub const BUSY_GROUP: Self = Self::fixed("BUSYGROUP Consumer Group name already exists");
    /// ENTRIESREAD below −1.
    pub const INVALID_ENTRIES_READ: Self =
        Self::fixed("ERR value for ENTRIESREAD must be positive or -1");
    /// A COUNT that must be positive.
    pub const COUNT_NOT_POSITIVE: Self = Self::fixed("ERR COUNT must be > 0");
    /// XSETID with a negative ENTRIESADDED.
    pub const ENTRIES_ADDED_NEGATIVE: Self = Self::fixed("ERR entries_added must be positive");
    /// XSETID with an ID below its own MAXDELETEDID.
    pub const SETID_BELOW_GIVEN_MAX_DELETED: Self = Self::fixed(
        "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
    );
    /// XSETID with an ID below the stream's greatest deleted ID.
    pub const SETID_BELOW_MAX_DELETED: Self =
        Self::fixed("ERR The ID specified in XSETID is smaller than current max_deleted_entry_id");
    /// XSETID with an ID below the last entry.
    pub const SETID_BELOW_TOP: Self =
        Self::fixed("ERR The ID specified in XSETID is smaller than the target stream top item");
    /// XSETID with fewer entries added than there are.
    pub const ENTRIES_ADDED_BELOW_LENGTH: Self = Self::fixed(
        "ERR The entries_added specified in XSETID is smaller than the target stream length",
    );
    /// A write while memory is full.
    pub const OUT_OF_MEMORY: Self =
        Self::fixed("OOM command not allowed when used memory > 'maxmemory'.");
    /// A write while the journal has no room.
    pub const DISK_FULL: Self =
        Self::fixed("MISCONF Errors writing to the AOF file: No space left on device");
    /// BGREWRITEAOF while a rewrite goes on.
    pub const REWRITE_IN_PROGRESS: Self =
        Self::fixed("ERR Background append only file rewriting already in progress");
    /// A command before AUTH where a password is set.
    pub const NO_AUTH: Self = Self::fixed("NOAUTH Authentication required.");
    /// A wrong password.
    pub const WRONG_PASSWORD: Self =
        Self::fixed("WRONGPASS invalid username-password pair or user is disabled.");
    /// EXEC after a command that could not be queued.
    pub const EXEC_ABORTED: Self =
        Self::fixed("EXECABORT Transaction discarded because of previous errors.");
    /// MULTI in MULTI.
    pub const NESTED_MULTI: Self = Self::fixed("ERR MULTI calls can not be nested");
    /// EXEC without MULTI.
    pub const EXEC_WITHOUT_MULTI: Self = Self::fixed("ERR EXEC without MULTI");
    /// DISCARD without MULTI.
    pub const DISCARD_WITHOUT_MULTI: Self = Self::fixed("ERR DISCARD without MULTI");
    /// WATCH in MULTI.
    pub const WATCH_IN_MULTI: Self = Self::fixed("ERR WATCH inside MULTI is not allowed");
    /// A blocked command ended by CLIENT UNBLOCK … ERROR.
    pub const UNBLOCKED: Self = Self::fixed("UNBLOCKED client unblocked via CLIENT UNBLOCK");
    /// A database number outside the configured ones.
    pub const DB_OUT_OF_RANGE: Self = Self::fixed("ERR DB index is out of range");
    /// COPY or MOVE of a key onto itself.
    pub const SAME_KEY: Self = Self::fixed("ERR source and destination objects are the same");
    /// A SCAN cursor that is no number.
    pub const INVALID_CURSOR: Self = Self::fixed("ERR invalid cursor");
    /// A database number that does not even fit 32 bits.
    pub const NOT_A_SMALL_INTEGER: Self =
        Self::fixed("ERR value is out of range, value must between -2147483648 and 2147483647");
    /// INCR and its relatives beyond 64 bits.
    pub const INCREMENT_OVERFLOW: Self = Self::fixed("ERR increment or decrement would overflow");
    /// DECRBY by a number that has no negative.
    pub const DECREMENT_OVERFLOW: Self = Self::fixed("ERR decrement would overflow");
    /// APPEND beyond the longest string.
    pub const STRING_TOO_LONG: Self =
        Self::fixed("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    /// EXPIRE with NX and another condition.
    pub const EXPIRE_NX_AND_OTHERS: Self =
        Self::fixed("ERR NX and XX, GT or LT options at the same time are not compatible");
    /// EXPIRE with GT and LT.
    pub const EXPIRE_GT_AND_LT: Self =
        Self::fixed("ERR GT and LT options at the same time are not compatible");
    /// OBJECT FREQ: keys are not counted by use here.
    pub const NO_FREQUENCY: Self = Self::fixed(
        "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
    );
    /// AUTH with a password where none is set.
    pub const NO_PASSWORD_SET: Self = Self::fixed(
        "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
    );
    /// HELLO with a version that is no number.
    pub const PROTOCOL_NOT_AN_INTEGER: Self =
        Self::fixed("ERR Protocol version is not an integer or out of range");
    /// HELLO with a version that is not spoken.
    pub const PROTOCOL_UNSUPPORTED: Self = Self::fixed("NOPROTO unsupported protocol version");
    /// HELLO before AUTH.
    pub const HELLO_NEEDS_AUTH: Self = Self::fixed(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
    );
    /// A connection's name that would not be one word in CLIENT LIST.
    pub const INVALID_CLIENT_NAME: Self =
        Self::fixed("ERR Client names cannot contain spaces, newlines or special characters.");
    /// CLIENT LIST with an ID that is none.
    pub const INVALID_CLIENT_ID: Self = Self::fixed("ERR Invalid client ID");
    /// CLIENT KILL with an ID that is none.
    pub const CLIENT_ID_NOT_POSITIVE: Self = Self::fixed("ERR client-id should be greater than 0");
    /// CLIENT KILL with an age that is no number.
    pub const MAXAGE_NOT_AN_INTEGER: Self =
        Self::fixed("ERR maxage is not an integer or out of range");
    /// CLIENT KILL with an age below 1.
    pub const MAXAGE_NOT_POSITIVE: Self = Self::fixed("ERR maxage should be greater than 0");
    /// CLIENT KILL of an address that nobody has.
    pub const NO_SUCH_CLIENT: Self = Self::fixed("ERR No such client");
    /// SSUBSCRIBE in a transaction.
    pub const SSUBSCRIBE_IN_MULTI: Self =
        Self::fixed("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
    /// CLIENT UNBLOCK with another reason.
    pub const INVALID_UNBLOCK_REASON: Self =
        Self::fixed("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    /// SWAPDB, first argument.
    pub const INVALID_FIRST_DB: Self = Self::fixed("ERR invalid first DB index");
    /// SWAPDB, second argument.
    pub const INVALID_SECOND_DB: Self = Self::fixed("ERR invalid second DB index");
    /// DEBUG is not for clients.
    pub const DEBUG_NOT_ALLOWED: Self = Self::fixed(
        "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.",
    );
    /// RESTORE of a key that exists, without REPLACE.
    pub const BUSY_KEY: Self = Self::fixed("BUSYKEY Target key name already exists.");
    /// RESTORE with a negative IDLETIME.
    pub const INVALID_IDLETIME: Self = Self::fixed("ERR Invalid IDLETIME value, must be >= 0");
    /// RESTORE with a FREQ that is no byte.
    pub const INVALID_FREQ: Self = Self::fixed("ERR Invalid FREQ value, must be >= 0 and <= 255");
    /// RESTORE with a negative time to live.
    pub const INVALID_TTL: Self = Self::fixed("ERR Invalid TTL value, must be >= 0");
    /// RESTORE of a payload that is not what somebody once wrote.
    pub const BAD_CHECKSUM: Self = Self::fixed("ERR DUMP payload version or checksum are wrong");
    /// RESTORE of a payload that makes no sense.
    pub const BAD_PAYLOAD: Self = Self::fixed("ERR Bad data format");
    /// DEBUG RELOAD without saving first: there is no file.
    pub const NOTHING_TO_RELOAD: Self =
        Self::fixed("ERR Error trying to load the RDB dump, check server logs.");
    /// DEBUG RELOAD with another word.
    pub const RELOAD_OPTIONS: Self =
        Self::fixed("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
    /// CONFIG REWRITE.
    pub const NO_CONFIG_FILE: Self = Self::fixed("ERR The server is running without a config file");
    /// SCRIPT FLUSH with another word.
    pub const SCRIPT_FLUSH_MODE: Self =
        Self::fixed("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
    /// FUNCTION FLUSH with another word.
    pub const FUNCTION_FLUSH_MODE: Self =
        Self::fixed("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
    /// COMMAND GETKEYS of a command that does not exist.
    pub const INVALID_COMMAND: Self = Self::fixed("ERR Invalid command specified");
    /// COMMAND GETKEYS of a command without keys.
    pub const COMMAND_WITHOUT_KEYS: Self = Self::fixed("ERR The command has no key arguments");
    /// COMMAND GETKEYS with the wrong number of words.
    pub const COMMAND_WITH_WRONG_ARITY: Self =
        Self::fixed("ERR Invalid number of arguments specified for command");
    /// COMMAND GETKEYS of a call whose keys cannot be told.
    pub const COMMAND_WITH_WRONG_ARGUMENTS: Self =
        Self::fixed("ERR Invalid arguments specified for command");
    /// XADD with two idempotent IDs.
    pub const IDEMPOTENT_TWICE: Self =
        Self::fixed("ERR syntax error, IDMP/IDMPAUTO specified multiple times");
    /// IDMPAUTO with an empty producer ID.
    pub const IDMPAUTO_NEEDS_PRODUCER: Self =
        Self::fixed("ERR syntax error, IDMPAUTO requires a non-empty producer ID");
    /// IDMP with an empty producer ID.
    pub const IDMP_NEEDS_PRODUCER: Self =
        Self::fixed("ERR syntax error, IDMP requires a non-empty producer ID");
    /// IDMP with an empty idempotent ID.
    pub const IDMP_NEEDS_ID: Self =
        Self::fixed("ERR syntax error, IDMP requires a non-empty idempotent ID");
    /// IDMP or IDMPAUTO with an explicit entry ID.
    pub const IDEMPOTENT_NEEDS_AUTO_ID: Self =
        Self::fixed("ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs");
    /// XIDMPRECORD with an empty producer ID.
    pub const EMPTY_PRODUCER: Self = Self::fixed("ERR producer ID must be non-empty");
    /// XIDMPRECORD with an empty idempotent ID.
    pub const EMPTY_IDEMPOTENT_ID: Self = Self::fixed("ERR idempotent ID must be non-empty");
    /// XIDMPRECORD of an entry that does not exist.
    pub const NO_SUCH_ENTRY: Self = Self::fixed("ERR No such message in stream");
    /// XIDMPRECORD of an idempotent ID that stands for another entry.
    pub const IDEMPOTENT_ID_TAKEN: Self =
        Self::fixed("ERR IID already exists for this producer with a different stream ID");
    /// XCFGSET without a parameter.
    pub const XCFGSET_WITHOUT_PARAMETER: Self =
        Self::fixed("ERR At least one parameter must be specified");
    /// XCFGSET with IDMP-DURATION outside its range.
    pub const DURATION_OUT_OF_RANGE: Self =
        Self::fixed("ERR IDMP-DURATION must be between 1 and 86400 seconds");
    /// XCFGSET with IDMP-MAXSIZE outside its range.
    pub const MAXSIZE_OUT_OF_RANGE: Self =
        Self::fixed("ERR IDMP-MAXSIZE must be between 1 and 10000 entries");
    /// XCFGSET with IDMP-DURATION twice.
    pub const DURATION_TWICE: Self = Self::fixed("ERR IDMP-DURATION specified multiple times");
    /// XCFGSET with IDMP-MAXSIZE twice.
    pub const MAXSIZE_TWICE: Self = Self::fixed("ERR IDMP-MAXSIZE specified multiple times");
    /// XDELEX and XACKDEL with a count of IDs that is none.
    pub const IDS_NOT_POSITIVE: Self = Self::fixed("ERR Number of IDs must be a positive integer");
    /// XDELEX and XACKDEL with fewer IDs than the count says.
    pub const IDS_MISSING: Self =
        Self::fixed("ERR The `numids` parameter must match the number of arguments");
    /// XNACK with another mode.
    pub const NACK_MODE: Self = Self::fixed("ERR mode must be SILENT, FAIL, or FATAL");
    /// XNACK with a count of IDs that is none.
    pub const NACK_IDS_NOT_POSITIVE: Self = Self::fixed("ERR numids must be a positive integer");
    /// XNACK with fewer IDs than the count says.
    pub const NACK_IDS_MISSING: Self = Self::fixed("ERR number of IDs doesn't match numids");
    /// XNACK with a negative RETRYCOUNT.
    pub const NACK_RETRY_COUNT: Self = Self::fixed("ERR Invalid RETRYCOUNT value, must be >= 0");
    /// XNACK without IDS.
    pub const NACK_IDS_REQUIRED: Self = Self::fixed("ERR syntax error, expected IDS keyword");
    /// XREADGROUP with CLAIM and no number.
    pub const MIN_IDLE_NOT_AN_INTEGER: Self =
        Self::fixed("ERR min-idle-time is not an integer or out of range");
    /// XREADGROUP with a negative CLAIM.
    pub const MIN_IDLE_NEGATIVE: Self = Self::fixed("ERR min-idle-time must be a positive integer");
    /// MAXCOUNT below 1.
    pub const MAXCOUNT_NOT_POSITIVE: Self = Self::fixed("ERR MAXCOUNT must be a positive integer");
    /// MAXSIZE below 1.
    pub const MAXSIZE_NOT_POSITIVE: Self = Self::fixed("ERR MAXSIZE must be a positive integer");
    /// MAXCOUNT below COUNT.
    pub const MAXCOUNT_BELOW_COUNT: Self =
        Self::fixed("ERR MAXCOUNT must be greater than or equal to COUNT");
    /// One session more than `maxclients`.
    pub const TOO_MANY_SESSIONS: Self = Self::fixed("ERR max number of clients reached");
}

impl Error {
    /// An error with a text known at compile time; it begins with its code.
    #[must_use]
    pub const fn fixed(text: &'static str) -> Self {
        Self(Cow::Borrowed(text.as_bytes()))
    }

    /// An error text put together from parts; the first part begins with the code. Line breaks at
    /// its end are left out.
    #[must_use]
    #[inline(never)]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut text = parts.concat();
        while let Some(b'\r' | b'\n') = text.last() {
            text.pop();
        }
        Self(Cow::Owned(text))
    }

    /// The whole text, code first. Line breaks inside go out as blanks.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.0
    }

    /// The code: everything before the first blank.
    #[must_use]
    pub fn code(&self) -> &[u8] {
        self.0.split(|&byte| byte == b' ').next().unwrap_or_default()
    }

    /// Wrong number of arguments; `name` is the full name, such as `xgroup|create`.
    #[must_use]
    #[inline(never)]
    pub fn arity(name: &str) -> Self {
        Self::of(&[b"ERR wrong number of arguments for '", name.as_bytes(), b"' command"])
    }

    /// A subcommand that the container does not have.
    #[must_use]
    #[inline(never)]
    pub fn unknown_subcommand(subcommand: &[u8], container: &str) -> Self {
        let upper = container.to_ascii_uppercase();
        Self::of(&[
            b"ERR unknown subcommand '",
            shorten(subcommand),
            b"'. Try ",
            upper.as_bytes(),
            b" HELP.",
        ])
    }

    /// A command that a listener may not call in RESP2.
    #[must_use]
    pub fn listens_only(command: &str) -> Self {
        Self::of(&[
            b"ERR Can't execute '",
            command.as_bytes(),
            b"': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this \
              context",
        ])
    }

    /// A subcommand whose arguments make no sense.
    #[must_use]
    #[inline(never)]
    pub fn subcommand_syntax(subcommand: &[u8], container: &str) -> Self {
        let upper = container.to_ascii_uppercase();
        Self::of(&[
            b"ERR unknown subcommand or wrong number of arguments for '",
            shorten(subcommand),
            b"'. Try ",
            upper.as_bytes(),
            b" HELP.",
        ])
    }

    /// A command that does not exist, with the first of its arguments.
    #[must_use]
    pub fn unknown_command<'a>(name: &[u8], arguments: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut text = Vec::with_capacity(64);
        text.extend_from_slice(b"ERR unknown command '");
        text.extend_from_slice(shorten(name));
        text.push(b'\'');
        let mut listed = 0;
        for argument in arguments {
            if listed == 0 {
                text.extend_from_slice(b", with args beginning with: ");
            }
            if listed >= 128 {
                break;
            }
            let shown = &argument[..argument.len().min(128 - listed)];
            let before = text.len();
            text.push(b'\'');
            text.extend_from_slice(c_string(shown));
            text.extend_from_slice(b"' ");
            listed += text.len() - before;
        }
        Self(Cow::Owned(text))
    }

    /// Key or group missing, as XACK's relatives say it.
    #[must_use]
    #[inline(never)]
    pub fn no_group(key: &[u8], group: &[u8]) -> Self {
        Self::of(&[
            b"NOGROUP No such key '",
            c_string(key),
            b"' or consumer group '",
            c_string(group),
            b"'",
        ])
    }

    /// Key or group missing, as XREADGROUP says it.
    #[must_use]
    #[inline(never)]
    pub fn no_group_in_read(key: &[u8], group: &[u8]) -> Self {
        Self::of(&[
            b"NOGROUP No such key '",
            c_string(key),
            b"' or consumer group '",
            c_string(group),
            b"' in XREADGROUP with GROUP option",
        ])
    }

    /// Group missing in a key that exists, as XGROUP and XINFO say it.
    #[must_use]
    #[inline(never)]
    pub fn no_group_for_key(group: &[u8], key: &[u8]) -> Self {
        Self::of(&[
            b"NOGROUP No such consumer group '",
            c_string(group),
            b"' for key name '",
            c_string(key),
            b"'",
        ])
    }

    /// An option of XREADGROUP given to XREAD.
    #[must_use]
    pub fn only_in_xreadgroup(option: &str) -> Self {
        Self::of(&[
            b"ERR The ",
            option.as_bytes(),
            b" option is only supported by XREADGROUP. You called XREAD instead.",
        ])
    }

    /// An argument that XCLAIM and its relatives name in the error.
    #[must_use]
    pub fn invalid_argument(argument: &str, command: &str) -> Self {
        Self::of(&[b"ERR Invalid ", argument.as_bytes(), b" argument for ", command.as_bytes()])
    }

    /// A word that XCLAIM does not know, ID or option.
    #[must_use]
    pub fn unrecognized_option(command: &str, word: &[u8]) -> Self {
        Self::of(&[b"ERR Unrecognized ", command.as_bytes(), b" option '", c_string(word), b"'"])
    }

    /// An expiry time that is not positive where it must be, or that overflows the clock.
    #[must_use]
    pub fn invalid_expire_time(command: &str) -> Self {
        Self::of(&[b"ERR invalid expire time in '", command.as_bytes(), b"' command"])
    }

    /// A word that EXPIRE and its relatives do not know.
    #[must_use]
    pub fn unsupported_option(word: &[u8]) -> Self {
        Self::of(&[b"ERR Unsupported option ", c_string(word)])
    }

    /// A word of HELLO that is no option, or lacks its value.
    #[must_use]
    pub fn hello_option(option: &[u8]) -> Self {
        Self::of(&[b"ERR Syntax error in HELLO option '", c_string(option), b"'"])
    }

    /// CLIENT SETINFO of something else.
    #[must_use]
    pub fn unrecognized_attribute(attribute: &[u8]) -> Self {
        Self::of(&[b"ERR Unrecognized option '", c_string(attribute), b"'"])
    }

    /// CLIENT SETINFO with a value that would not be one word in CLIENT LIST.
    #[must_use]
    pub fn invalid_attribute_value(attribute: &[u8]) -> Self {
        let why = b" cannot contain spaces, newlines or special characters.";
        Self::of(&[b"ERR ", c_string(attribute), why])
    }

    /// A kind of client that there is not.
    #[must_use]
    pub fn unknown_client_type(kind: &[u8]) -> Self {
        Self::of(&[b"ERR Unknown client type '", c_string(kind), b"'"])
    }

    /// A user that there is not.
    #[must_use]
    pub fn no_such_user(user: &[u8]) -> Self {
        Self::of(&[b"ERR No such user '", c_string(user), b"'"])
    }

    /// CONFIG SET of a parameter that there is not.
    #[must_use]
    pub fn unknown_parameter(name: &[u8]) -> Self {
        let what = b"ERR Unknown option or number of arguments for CONFIG SET - '";
        Self::of(&[what, c_string(name), b"'"])
    }

    /// CONFIG SET with a value that the parameter cannot take; nothing was set.
    #[must_use]
    pub fn invalid_parameter(name: &str, why: &str) -> Self {
        let what = b"ERR CONFIG SET failed (possibly related to argument '";
        Self::of(&[what, name.as_bytes(), b"') - ", why.as_bytes()])
    }

    /// EXEC itself was refused; its transaction is gone.
    #[must_use]
    pub fn exec_discarded(why: &Self) -> Self {
        let text = why.text().strip_prefix(b"ERR ").unwrap_or(why.text());
        Self::of(&[b"EXECABORT Transaction discarded because of: ", text])
    }

    /// Bytes that are no request; the session is closed after this reply.
    #[must_use]
    #[inline(never)]
    pub fn protocol(what: &[u8]) -> Self {
        Self::of(&[b"ERR Protocol error: ", what])
    }
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&alloc::string::String::from_utf8_lossy(&self.0))
    }
}

#[cfg(feature = "std")]
impl std::error::Error for Error {}

/// What a C format string would print: the bytes before the first NUL.
fn c_string(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// Names are echoed up to 128 bytes.
fn shorten(text: &[u8]) -> &[u8] {
    c_string(&text[..text.len().min(128)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_at_the_first_nul() {
        let error = Error::no_group(b"k", b"g\0x");
        assert_eq!(error.text(), b"NOGROUP No such key 'k' or consumer group 'g'");
        assert_eq!(error.code(), b"NOGROUP");
    }

    #[test]
    fn unknown_commands_quote_their_arguments() {
        let arguments = [&b"a"[..], b"b"];
        let error = Error::unknown_command(b"FOO", arguments.into_iter());
        assert_eq!(error.text(), b"ERR unknown command 'FOO', with args beginning with: 'a' 'b' ");
        let error = Error::unknown_command(b"FOO", core::iter::empty());
        assert_eq!(error.text(), b"ERR unknown command 'FOO'");
    }
}
