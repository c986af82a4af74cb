//! What a request asks for: its form, its commands, the form of the answer.

use alloc::string::String;
use alloc::vec::Vec;

use super::answer::Refusal;
use super::head::Head;
use super::json::Json;
use super::path::{push_path, push_query};
use super::text::{contains, unescape};
use super::words::Words;

/// Whether commands are one, a pipeline or a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Command,
    Pipeline,
    Transaction,
}

/// How the answer is to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) in_base64: bool,
    pub(super) is_resp2: bool,
    /// Whether events are wanted, as they come.
    pub(super) is_events: bool,
}

impl Form {
    /// Reads the headers that say how to answer.
    pub(super) fn of(head: &Head<'_>) -> Result<Self, Refusal> {
        let told = |name| String::from_utf8_lossy(head.header(name).unwrap_or_default());
        let encoding = told("upstash-encoding");
        if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("base64") {
            let text = ["ERR unknown Upstash-Encoding '", &encoding, "': there is base64"];
            return Err(Refusal::new(400, &text));
        }
        let format = told("upstash-response-format").to_lowercase();
        let has_format = head.header("upstash-response-format").is_some();
        let is_resp2 = format == "resp2";
        if has_format && !is_resp2 && format != "json" {
            let text = ["ERR unknown Upstash-Response-Format '", &format, "': json or resp2"];
            return Err(Refusal::new(400, &text));
        }
        if is_resp2 && !encoding.is_empty() {
            const BOTH: &str = "ERR Upstash-Encoding base64 does not go with the format resp2";
            return Err(Refusal::new(400, &[BOTH]));
        }
        let accept = head.header("accept").unwrap_or_default();
        let is_events = contains(accept, b"text/event-stream");
        Ok(Self { in_base64: !encoding.is_empty(), is_resp2, is_events })
    }
}

/// Reads the commands of a request.
pub(super) fn commands(
    head: &Head<'_>,
    body: &[u8],
    most: usize,
) -> Result<(Kind, Vec<Result<Words, Refusal>>), Refusal> {
    let kind = match head.path() {
        "pipeline" if head.method == "POST" => Kind::Pipeline,
        "multi-exec" if head.method == "POST" => Kind::Transaction,
        "" if head.has_body() => {
            return Ok((Kind::Command, alloc::vec![Ok(Json::parse(body)?.command()?)]));
        }
        "" => {
            const NONE: &str = "ERR no command: name it in the path, or POST it as a JSON array";
            return Err(Refusal::new(400, &[NONE]));
        }
        path => return Ok((Kind::Command, alloc::vec![Ok(in_path(head, path, body)?)])),
    };
    Ok((kind, Json::parse(body)?.commands(most)?))
}

fn in_path(head: &Head<'_>, path: &str, body: &[u8]) -> Result<Words, Refusal> {
    const LISTENERS: [&str; 3] = ["subscribe", "psubscribe", "ssubscribe"];
    let mut words = Words::new();
    let name = path.split('/').next().unwrap_or_default();
    // Upstash's client sends a body that means nothing with these, and does not encode channels.
    if LISTENERS.iter().any(|it| it.eq_ignore_ascii_case(name)) {
        for channel in path.split('/') {
            words.push(&unescape(channel.as_bytes(), false, true).unwrap_or_default());
        }
        return Ok(words);
    }
    push_path(&mut words, path)?;
    if !body.is_empty() {
        words.push(body);
    }
    push_query(&mut words, head.query())?;
    Ok(words)
}
