//! Reads the notation of arguments in the command table: `key [COUNT count] id [id ...]`.
//!
//! - lower case is a value, anything else a token (`COUNT`, `*`, `$`);
//! - a token and the values right behind it belong together;
//! - `[ ]` is optional, `< >` groups, `|` stands between alternatives;
//! - `[id ...]` says that what stands before it may be repeated.

use alloc::string::String;
use alloc::vec::Vec;

/// One argument, or a group of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Argument {
    /// Its name.
    pub name: String,
    /// What stands there.
    pub kind: Kind,
    /// The word before it, or the word that it is.
    pub token: Option<&'static str>,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it may be repeated.
    pub multiple: bool,
    /// Whether the token is repeated with it.
    pub multiple_token: bool,
    /// Its parts.
    pub parts: Vec<Argument>,
}

/// What stands at an argument's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word of a kind that COMMAND DOCS has a name for: `key`, `string`, `integer`, ….
    Value(&'static str),
    /// Its token and nothing else.
    Token,
    /// One of its parts.
    OneOf,
    /// All of its parts.
    Block,
}

/// Reads a row's notation.
pub(super) fn arguments(notation: &'static str) -> Vec<Argument> {
    Reader { rest: notation }.sequence()
}

struct Reader {
    rest: &'static str,
}

impl Argument {
    fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.into(),
            kind,
            token: None,
            optional: false,
            multiple: false,
            multiple_token: false,
            parts: Vec::new(),
        }
    }

    fn value(name: &'static str) -> Self {
        Self::new(name, Kind::Value(value_kind(name)))
    }

    fn token(token: &'static str) -> Self {
        Self { token: Some(token), ..Self::new(&token_name(token), Kind::Token) }
    }

    fn block(name: &str, parts: Vec<Self>) -> Self {
        Self { parts, ..Self::new(name, Kind::Block) }
    }

    /// A group of one is what it holds.
    fn group(mut parts: Vec<Self>) -> Self {
        match parts.len() {
            1 => parts.remove(0),
            _ => Self::block("block", parts),
        }
    }

    fn one_of(mut alternatives: Vec<Self>) -> Self {
        match alternatives.len() {
            1 => alternatives.remove(0),
            _ => Self { parts: alternatives, ..Self::new("choice", Kind::OneOf) },
        }
    }
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.rest.trim_start().chars().next()
    }

    fn skip(&mut self, expected: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(expected);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn word(&mut self) -> &'static str {
        let rest = self.rest.trim_start();
        let end = rest.find([' ', '[', ']', '<', '>', '|']).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        word
    }

    /// Reads up to the end, a `|` or a closing bracket.
    fn sequence(&mut self) -> Vec<Argument> {
        let mut sequence = Vec::new();
        while let Some(next) = self.peek().filter(|next| !"]>|".contains(*next)) {
            if let Some(words) = self.repetition() {
                repeat(&mut sequence, &words);
            } else if next == '[' || next == '<' {
                let group = self.brackets();
                sequence.push(group);
            } else {
                let word = self.word();
                let argument =
                    if is_token(word) { self.after_token(word) } else { Argument::value(word) };
                sequence.push(argument);
            }
        }
        sequence
    }

    /// The values right behind a token belong to it.
    fn after_token(&mut self, token: &'static str) -> Argument {
        let mut values = Vec::new();
        loop {
            if let Some(words) = self.repetition() {
                repeat(&mut values, &words);
            } else if self.peek() == Some('<') && values.is_empty() {
                values.push(self.brackets());
            } else if self.peek().is_some_and(|next| next.is_ascii_lowercase()) {
                values.push(Argument::value(self.word()));
            } else {
                break;
            }
        }
        match values.len() {
            0 => Argument::token(token),
            1 => Argument { token: Some(token), ..values.remove(0) },
            _ => Argument {
                token: Some(token),
                ..Argument::block(&token.to_ascii_lowercase(), values)
            },
        }
    }

    fn brackets(&mut self) -> Argument {
        let optional = self.skip('[');
        if !optional {
            self.skip('<');
        }
        let mut alternatives = Vec::new();
        loop {
            alternatives.push(Argument::group(self.sequence()));
            if !self.skip('|') {
                break;
            }
        }
        self.skip(if optional { ']' } else { '>' });
        let mut group = Argument::one_of(alternatives);
        group.optional |= optional;
        group
    }

    /// Takes `[id ...]` if it comes next, and returns its words without the dots.
    fn repetition(&mut self) -> Option<Vec<&'static str>> {
        let inner = self.rest.trim_start().strip_prefix('[')?;
        let (words, rest) = inner.split_once(']')?;
        let words = words.strip_suffix("...").filter(|words| !words.contains(['[', '<', '|']))?;
        self.rest = rest;
        Some(words.split_ascii_whitespace().collect())
    }
}

/// Marks the last arguments of a sequence as repeated.
fn repeat(sequence: &mut Vec<Argument>, words: &[&str]) {
    let tokens = words.iter().take_while(|word| is_token(word)).count();
    let start = sequence.len().saturating_sub(words.len() - tokens);
    let mut repeated = Argument::group(sequence.split_off(start));
    if repeated.kind == Kind::Block {
        repeated.name = "data".into();
    }
    repeated.multiple = true;
    repeated.multiple_token = tokens > 0;
    sequence.push(repeated);
}

fn is_token(word: &str) -> bool {
    !word.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn token_name(token: &str) -> String {
    match token {
        "=" => "equal".into(),
        "~" => "approximately".into(),
        "*" => "auto-id".into(),
        "$" => "new-id".into(),
        _ => token.to_ascii_lowercase(),
    }
}

/// The kind of a value by its name, which Redis' notation does not say.
fn value_kind(name: &str) -> &'static str {
    const INTEGERS: &[&str] = &[
        "client-id",
        "count",
        "cursor",
        "db",
        "decrement",
        "destination-db",
        "entries-added",
        "entries-read",
        "idmp-duration",
        "idmp-maxsize",
        "increment",
        "index",
        "index1",
        "index2",
        "maxage",
        "maxcount",
        "maxsize",
        "milliseconds",
        "ms",
        "numids",
        "protover",
        "seconds",
    ];
    match name {
        "key" | "newkey" | "source" | "destination" => "key",
        "pattern" => "pattern",
        _ if name.starts_with("unix-time") => "unix-time",
        _ if INTEGERS.contains(&name) => "integer",
        _ => "string",
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::{Argument, Kind, arguments};

    /// The tree as text: `?` optional, `+` repeated, `(a b)` block, `(a|b)` one of.
    fn shape(argument: &Argument) -> String {
        let parts = |between| argument.parts.iter().map(shape).collect::<Vec<_>>().join(between);
        let body = match argument.kind {
            Kind::Value(kind) => format!("{}:{kind}", argument.name),
            Kind::Token => String::new(),
            Kind::OneOf => format!("({})", parts("|")),
            Kind::Block => format!("({})", parts(" ")),
        };
        let optional = if argument.optional { "?" } else { "" };
        let multiple = match (argument.multiple, argument.multiple_token) {
            (false, _) => "",
            (true, false) => "+",
            (true, true) => "++",
        };
        format!("{}{body}{optional}{multiple}", argument.token.unwrap_or_default())
    }

    fn shapes(notation: &'static str) -> String {
        arguments(notation).iter().map(shape).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn values_tokens_and_what_may_be_left_out() {
        assert_eq!(shapes(""), "");
        assert_eq!(shapes("key [COUNT count] [JUSTID]"), "key:key COUNTcount:integer? JUSTID?");
        assert_eq!(shapes("<id|$> [MKSTREAM]"), "(id:string|$) MKSTREAM?");
        assert_eq!(shapes("[FULL [COUNT count]]"), "(FULL COUNTcount:integer?)?");
        assert_eq!(shapes("[TYPE <A|B>]"), "TYPE(A|B)?");
    }

    #[test]
    fn every_row_is_read_to_its_end() {
        for found in crate::command::table::COMMANDS.all() {
            let mut reader = super::Reader { rest: found.syntax() };
            let arguments = reader.sequence();
            assert_eq!(reader.rest.trim(), "", "{}", found.full_name());
            assert_eq!(arguments.is_empty(), found.syntax().is_empty());
        }
    }

    #[test]
    fn repetitions() {
        assert_eq!(shapes("key id [id ...]"), "key:key id:string+");
        assert_eq!(shapes("[name [name ...]]"), "name:string?+");
        assert_eq!(shapes("key value [key value ...]"), "(key:key value:string)+");
        assert_eq!(shapes("[PREFIX p [PREFIX p ...]]"), "PREFIXp:string?++");
        assert_eq!(
            shapes("GROUP group consumer [NOACK] STREAMS key [key ...] id [id ...]"),
            "GROUP(group:string consumer:string) NOACK? STREAMS(key:key+ id:string+)"
        );
    }

    #[test]
    fn nested_choices() {
        assert_eq!(
            shapes(
                "key [NOMKSTREAM] [<MAXLEN|MINID> [=|~] threshold [LIMIT count]] <*|id> field value [field value ...]"
            ),
            "key:key NOMKSTREAM? ((MAXLEN|MINID) (=|~)? threshold:string LIMITcount:integer?)? (*|id:string) (field:string value:string)+"
        );
        assert_eq!(
            shapes("[EX seconds|PX milliseconds|KEEPTTL]"),
            "(EXseconds:integer|PXmilliseconds:integer|KEEPTTL)?"
        );
        assert_eq!(
            shapes("<SILENT|FAIL> IDS numids id [id ...] [FORCE]"),
            "(SILENT|FAIL) IDS(numids:integer id:string+) FORCE?"
        );
    }
}
