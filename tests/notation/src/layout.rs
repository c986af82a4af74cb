//! Prints replies: on one line where they fit, else with a line for each element.

use crate::Reply;
use crate::text::quote;

/// Lines aim to end here.
const WIDTH: usize = 100;

/// A reply, whose first line is already indented by `indent`.
pub fn reply(reply: &Reply, indent: usize) -> String {
    match reply {
        Reply::Error(text) if is_plain(text) => format!("-{}", String::from_utf8_lossy(text)),
        other => element(other, indent, indent),
    }
}

/// An error that can stand on a line as it is.
fn is_plain(text: &[u8]) -> bool {
    let printable = text.iter().all(|byte| matches!(byte, b' '..=b'~'));
    printable && !text.ends_with(b" ") && text.first().is_some_and(u8::is_ascii_alphabetic)
}

/// A reply that begins in `column` of a line that is indented by `indent`.
fn element(reply: &Reply, indent: usize, column: usize) -> String {
    let line = inline(reply);
    let Some((open, close, items)) = elements(reply).filter(|_| column + line.len() > WIDTH) else {
        return line;
    };
    let mut lines = vec![open.to_owned()];
    for (key, value) in items {
        let key = key.map_or(String::new(), |key| format!("{}: ", inline(key)));
        let value = element(value, indent + 2, indent + 2 + key.len());
        lines.push(format!("{:1$}{key}{value},", "", indent + 2));
    }
    lines.push(format!("{:indent$}{close}", ""));
    lines.join("\n")
}

fn inline(reply: &Reply) -> String {
    match reply {
        Reply::Simple(text) if is_word(text) => format!("+{}", String::from_utf8_lossy(text)),
        Reply::Simple(text) => format!("+{}", quote(text)),
        Reply::Error(text) => format!("-{}", quote(text)),
        Reply::Integer(number) => format!(":{number}"),
        Reply::Bulk(bytes) => quote(bytes),
        Reply::Text(text) => format!("txt{}", quote(text)),
        Reply::Nil => "nil".into(),
        Reply::NilArray => "nil-array".into(),
        container => {
            let (open, close, items) = elements(container).expect("every leaf stands above");
            let items = items.into_iter().map(|(key, value)| match key {
                Some(key) => format!("{}: {}", inline(key), inline(value)),
                None => inline(value),
            });
            format!("{open}{}{close}", items.collect::<Vec<_>>().join(", "))
        }
    }
}

fn is_word(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

type Items<'a> = Vec<(Option<&'a Reply>, &'a Reply)>;

/// Brackets and contents of a container.
fn elements(reply: &Reply) -> Option<(&'static str, char, Items<'_>)> {
    Some(match reply {
        Reply::Array(replies) => ("[", ']', unkeyed(replies)),
        Reply::Set(replies) => ("~[", ']', unkeyed(replies)),
        Reply::Push(replies) => (">[", ']', unkeyed(replies)),
        Reply::Map(pairs) => ("{", '}', keyed(pairs)),
        Reply::Pairs(pairs) => ("<", '>', keyed(pairs)),
        _ => return None,
    })
}

fn unkeyed(replies: &[Reply]) -> Items<'_> {
    replies.iter().map(|value| (None, value)).collect()
}

fn keyed(pairs: &[(Reply, Reply)]) -> Items<'_> {
    pairs.iter().map(|(key, value)| (Some(key), value)).collect()
}
