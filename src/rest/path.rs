//! Commands in URLs: a word a segment, more of them in the query, binary ones percent-encoded.

use super::answer::Refusal;
use super::text::unescape;
use super::words::Words;

/// Adds the words of a path.
pub(super) fn push_path(words: &mut Words, path: &str) -> Result<(), Refusal> {
    path.split('/').try_for_each(|segment| push(words, segment, segment, false))
}

/// Adds the words of a query: `?NX&EX=100` are three. The token is none.
pub(super) fn push_query(words: &mut Words, query: &str) -> Result<(), Refusal> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (pair, None),
        };
        if name == "_token" {
            continue;
        }
        push(words, name, pair, true)?;
        if let Some(value) = value {
            push(words, value, pair, true)?;
        }
    }
    Ok(())
}

fn push(words: &mut Words, text: &str, whole: &str, plus: bool) -> Result<(), Refusal> {
    let word = unescape(text.as_bytes(), plus, false);
    let word =
        word.ok_or_else(|| Refusal::new(400, &["ERR bad percent-encoding in '", whole, "'"]))?;
    words.push(&word);
    Ok(())
}
