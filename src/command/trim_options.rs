//! The trimming options that XADD and XTRIM share.

use super::args::{Cursor, entry_id, integer};
use crate::error::Error;
use crate::stream::{References, Threshold, Trim};

/// Trimming options as far as they were scanned.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TrimOptions {
    threshold: Option<Threshold>,
    approximate: bool,
    limit: Option<u64>,
    references: Option<References>,
}

impl TrimOptions {
    /// Takes the next words if they are a trimming option; says whether they were.
    ///
    /// A keyword that lacks its value is not one, and a second reference strategy is not one
    /// either: the caller then reads the word as something else, as Redis does.
    pub(super) fn accept(&mut self, words: &mut Cursor<'_>) -> Result<bool, Error> {
        if words.keyword("MAXLEN", 1) {
            self.once(words)?;
            let length = words.integer()?;
            let length = u64::try_from(length).map_err(|_| Error::NEGATIVE_MAXLEN)?;
            self.threshold = Some(Threshold::MaxLength(length));
        } else if words.keyword("MINID", 1) {
            self.once(words)?;
            self.threshold = Some(Threshold::MinId(entry_id(words.expect()?)?));
        } else if words.keyword("LIMIT", 1) {
            let limit = integer(words.expect()?)?;
            self.limit = Some(u64::try_from(limit).map_err(|_| Error::NEGATIVE_LIMIT)?);
        } else {
            return Ok(accept_references(words, &mut self.references));
        }
        Ok(true)
    }

    /// The second of two strategies is an error. Then comes `~` or `=`, if a threshold follows it.
    fn once(&mut self, words: &mut Cursor<'_>) -> Result<(), Error> {
        if self.threshold.is_some() {
            return Err(Error::TRIM_TWICE);
        }
        if words.left() >= 2 && matches!(words.peek(), Some(b"~" | b"=")) {
            self.approximate = words.word() == Some(b"~");
        }
        Ok(())
    }

    /// What to trim, `None` when nothing was asked for. Effects may name LIMIT without `~`.
    pub(super) fn finish(self, required: bool, replaying: bool) -> Result<Option<Trim>, Error> {
        if self.threshold.is_none() && self.limit.is_some_and(|limit| limit != 0) {
            return Err(Error::LIMIT_WITHOUT_STRATEGY);
        }
        if self.threshold.is_none() && required {
            return Err(Error::TRIM_WITHOUT_STRATEGY);
        }
        if self.limit.is_some() && !self.approximate && !replaying {
            return Err(Error::LIMIT_WITHOUT_APPROXIMATE);
        }
        Ok(self.threshold.map(|threshold| Trim {
            threshold,
            approximate: self.approximate,
            limit: self.limit,
            references: self.references.unwrap_or(References::Keep),
        }))
    }
}

/// Takes the next word if it is a reference strategy and none was seen; says whether it was.
pub(super) fn accept_references(words: &mut Cursor<'_>, seen: &mut Option<References>) -> bool {
    let strategies = [
        ("KEEPREF", References::Keep),
        ("DELREF", References::Delete),
        ("ACKED", References::Acked),
    ];
    let found = strategies
        .into_iter()
        .find(|(keyword, _)| seen.is_none() && words.keyword(keyword, 0))
        .map(|(_, references)| references);
    *seen = seen.or(found);
    found.is_some()
}

/// The words of a trim in an effect: exact, with what is left as the threshold.
pub(super) fn effect_words(
    trim: &Trim,
    threshold: Threshold,
) -> (&'static str, Option<&'static str>) {
    let option = match threshold {
        Threshold::MaxLength(_) => "MAXLEN",
        Threshold::MinId(_) => "MINID",
    };
    let references = match trim.references {
        References::Keep => None,
        References::Delete => Some("DELREF"),
        References::Acked => Some("ACKED"),
    };
    (option, references)
}
