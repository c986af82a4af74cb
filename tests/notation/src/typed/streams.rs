//! Commands that functions of `streams` say, too.

use serde_json::json;

use super::Call;
use super::json::{self, Json};
use super::replies;
use super::words::{Words, id};

/// What becomes of references, as commands and the contract name it.
const REFERENCES: [(&str, &str); 3] =
    [("KEEPREF", "keep"), ("DELREF", "delete"), ("ACKED", "acked")];

/// The next word if it is about references.
pub fn references(words: &mut Words) -> Option<Json> {
    let found = REFERENCES.iter().find(|(word, _)| words.eat(word))?;
    Some(json::name(found.1))
}

/// How a stream is trimmed, as it is read.
#[derive(Default)]
struct Trim {
    threshold: Option<Json>,
    approximate: bool,
    limit: Option<Json>,
    references: Option<Json>,
}

impl Trim {
    /// Reads an option about trimming, if one is next.
    fn option(&mut self, words: &mut Words) -> Option<bool> {
        if let Some(kind) = words.eat_any(&["MAXLEN", "MINID"]) {
            self.approximate = words.eat("~");
            let _exact = !self.approximate && words.eat("=");
            let threshold = match kind {
                "MAXLEN" => json::case("max-length", words.count()?),
                _ => json::case("min-id", words.id()?),
            };
            once(&mut self.threshold, threshold)?;
        } else if words.eat("LIMIT") {
            self.limit = Some(words.count()?);
        } else if let Some(references) = references(words) {
            once(&mut self.references, references)?;
        } else {
            return Some(false);
        }
        Some(true)
    }

    fn argument(self) -> Option<Json> {
        Some(json!({
            "threshold": self.threshold?,
            "approximate": self.approximate,
            "limit": self.limit,
            "references": self.references.unwrap_or_else(|| json::name("keep")),
        }))
    }

    fn is_given(&self) -> bool {
        self.threshold.is_some() || self.limit.is_some() || self.references.is_some()
    }
}

/// Sets an option that is not set yet.
pub fn once(option: &mut Option<Json>, value: Json) -> Option<()> {
    option.replace(value).is_none().then_some(())
}

pub fn xadd(words: &mut Words) -> Option<Call> {
    let key = words.bytes()?;
    let (mut no_create, mut idempotency, mut trim) = (false, None, Trim::default());
    loop {
        if words.eat("NOMKSTREAM") {
            no_create = true;
        } else if words.eat("IDMP") {
            let pair = json::tuple(&[words.bytes()?, words.bytes()?]);
            once(&mut idempotency, json::case("explicit", pair))?;
        } else if words.eat("IDMPAUTO") {
            once(&mut idempotency, json::case("automatic", words.bytes()?))?;
        } else if !trim.option(words)? {
            break;
        }
    }
    let id = new_id(words.word()?)?;
    let mut fields = Vec::new();
    while words.end().is_none() {
        fields.push(json!({ "name": words.bytes()?, "value": words.bytes()? }));
    }
    let trim = if trim.is_given() { Some(trim.argument()?) } else { None };
    let options = json!({ "no-create": no_create, "idempotency": idempotency, "trim": trim });
    let arguments = vec![key, id, Json::Array(fields), options];
    Some(Call::new("streams.add", arguments, replies::maybe_id))
}

fn new_id(word: &[u8]) -> Option<Json> {
    if word == b"*" {
        return Some(json::case("auto", Json::Null));
    }
    match word.strip_suffix(b"-*") {
        Some(ms) => Some(json::case("auto-seq", json::number(id(ms, 0)?.ms))),
        None => Some(json::case("explicit", json::id(id(word, 0)?))),
    }
}

pub fn xlen(words: &mut Words) -> Option<Call> {
    Some(Call::new("streams.length", vec![words.bytes()?], replies::number))
}

pub fn xrange(words: &mut Words) -> Option<Call> {
    let arguments = vec![words.bytes()?, words.bound(b"-", 0)?, words.bound(b"+", u64::MAX)?];
    ranged(words, "streams.range", arguments)
}

pub fn xrevrange(words: &mut Words) -> Option<Call> {
    let arguments = vec![words.bytes()?, words.bound(b"+", u64::MAX)?, words.bound(b"-", 0)?];
    ranged(words, "streams.reverse-range", arguments)
}

fn ranged(words: &mut Words, function: &'static str, mut arguments: Vec<Json>) -> Option<Call> {
    arguments.push(if words.eat("COUNT") { words.count()? } else { Json::Null });
    // Redis tells no entries of a stream from no stream here; the contract does not.
    let none_asked = arguments.last() == Some(&json::number(0));
    (!none_asked).then(|| Call::new(function, arguments, replies::entries))
}

/// Options of a read: how much, and how long it waits.
#[derive(Default)]
pub struct Reading {
    limits: [Json; 3],
    wait: Json,
}

impl Reading {
    /// Reads one of them, if one is next.
    pub fn option(&mut self, words: &mut Words) -> Option<bool> {
        match words.eat_any(&["COUNT", "MAXCOUNT", "MAXSIZE", "BLOCK"]) {
            Some("COUNT") => self.limits[0] = words.count()?,
            Some("MAXCOUNT") => self.limits[1] = words.count()?,
            Some("MAXSIZE") => self.limits[2] = words.count()?,
            Some(_) => self.wait = words.count()?,
            None => return Some(false),
        }
        Some(true)
    }

    /// The limits and the wait as arguments.
    pub fn arguments(self) -> (Json, Json) {
        let [count, max_count, max_size] = self.limits;
        let limits = json!({ "count": count, "max-count": max_count, "max-size": max_size });
        (limits, self.wait)
    }

    /// Whether bytes of the reply are counted, which are those of RESP3.
    pub fn is_sized(&self) -> bool {
        !self.limits[2].is_null()
    }
}

/// `STREAMS`, keys, and as many positions.
pub fn sources(words: &mut Words, position: fn(&[u8]) -> Option<Json>) -> Option<Json> {
    if !words.eat("STREAMS") || words.0.is_empty() || !words.0.len().is_multiple_of(2) {
        return None;
    }
    let (keys, positions) = words.0.split_at(words.0.len() / 2);
    words.0 = &[];
    let sources = keys.iter().zip(positions);
    let sources: Option<Vec<Json>> =
        sources.map(|(key, at)| Some(json::tuple(&[json::bytes(key), position(at)?]))).collect();
    sources.map(Json::Array)
}

pub fn xread(words: &mut Words) -> Option<Call> {
    let mut reading = Reading::default();
    while reading.option(words)? {}
    let sources = sources(words, position)?;
    let sized = reading.is_sized();
    let (limits, wait) = reading.arguments();
    Some(Call { sized, ..Call::new("streams.read", vec![sources, limits, wait], replies::found) })
}

/// From where a read or a group goes on.
pub fn position(word: &[u8]) -> Option<Json> {
    match word {
        b"$" => Some(json::case("latest", Json::Null)),
        b"+" => Some(json::case("last-entry", Json::Null)),
        word => Some(json::case("after", json::id(id(word, 0)?))),
    }
}

pub fn xdel(words: &mut Words) -> Option<Call> {
    let arguments = vec![words.bytes()?, json::name("keep"), words.ids()?];
    Some(Call::new("streams.delete", arguments, replies::deleted))
}

pub fn xdelex(words: &mut Words) -> Option<Call> {
    let key = words.bytes()?;
    let references = references(words).unwrap_or_else(|| json::name("keep"));
    let arguments = vec![key, references, words.id_block()?];
    Some(Call::new("streams.delete", arguments, replies::deletions))
}

pub fn xtrim(words: &mut Words) -> Option<Call> {
    let (key, mut trim) = (words.bytes()?, Trim::default());
    while trim.option(words)? {}
    Some(Call::new("streams.trim", vec![key, trim.argument()?], replies::number))
}

pub fn xsetid(words: &mut Words) -> Option<Call> {
    let (key, last) = (words.bytes()?, words.id()?);
    let (mut added, mut deleted) = (None, None);
    while let Some(option) = words.eat_any(&["ENTRIESADDED", "MAXDELETEDID"]) {
        match option {
            "ENTRIESADDED" => once(&mut added, words.count()?)?,
            _ => once(&mut deleted, words.id()?)?,
        }
    }
    let options = [added, deleted].map(Option::unwrap_or_default);
    Some(Call::new(
        "streams.set-last-id",
        [vec![key, last], options.into()].concat(),
        replies::done,
    ))
}

pub fn xcfgset(words: &mut Words) -> Option<Call> {
    let key = words.bytes()?;
    let (mut seconds, mut ids) = (None, None);
    while let Some(option) = words.eat_any(&["IDMP-DURATION", "IDMP-MAXSIZE"]) {
        let limit = if option == "IDMP-MAXSIZE" { &mut ids } else { &mut seconds };
        once(limit, words.count()?)?;
    }
    let options = [seconds, ids].map(Option::unwrap_or_default);
    Some(Call::new("streams.configure", [vec![key], options.into()].concat(), replies::done))
}

pub fn xinfo_stream(words: &mut Words) -> Option<Call> {
    Some(Call::new("streams.info", vec![words.bytes()?], replies::stream_info))
}

pub fn del(words: &mut Words) -> Option<Call> {
    Some(Call::new("streams.remove", vec![words.bytes()?], replies::flag))
}
