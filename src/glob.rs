//! Glob patterns as Redis matches them: `*`, `?`, `[a-z]`, `[^a]`, `\x`.

/// Whether a pattern matches a whole text.
///
/// `*` stands for any bytes, `?` for one byte, `[…]` for one byte of a class with ranges (`[^…]`
/// for one that is not in it), and `\` takes the meaning from the byte after it. A class that is
/// not closed ends with the pattern.
///
/// The cost is at most the length of the pattern times that of the text: a mismatch goes back to
/// the last `*` only, which is enough because everything else matches exactly one byte.
///
/// ```
/// use brooklet::glob::matches;
/// assert!(matches(b"orders:[0-9]*", b"orders:7:eu"));
/// assert!(!matches(b"orders:?", b"orders:"));
/// ```
#[must_use]
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    search(pattern, text, |byte| byte)
}

/// [`matches()`], with upper and lower case of ASCII letters taken as the same.
#[must_use]
pub fn matches_ignoring_case(pattern: &[u8], text: &[u8]) -> bool {
    search(pattern, text, |byte| byte.to_ascii_lowercase())
}

fn search(pattern: &[u8], text: &[u8], fold: impl Fn(u8) -> u8) -> bool {
    let (mut rest, mut at) = (pattern, 0);
    // Behind the last `*`, and the text that it has not swallowed yet.
    let mut retry: Option<(&[u8], usize)> = None;
    loop {
        if let [b'*', after @ ..] = rest {
            rest = after;
            retry = Some((after, at));
        } else if let Some(&byte) = text.get(at) {
            if let Some(after) = step(rest, byte, &fold) {
                rest = after;
                at += 1;
            } else if let Some((after, swallowed)) = retry {
                rest = after;
                at = swallowed + 1;
                retry = Some((after, at));
            } else {
                return false;
            }
        } else {
            return rest.is_empty();
        }
    }
}

/// Matches one byte; returns the pattern behind what matched it.
fn step<'p>(pattern: &'p [u8], byte: u8, fold: &impl Fn(u8) -> u8) -> Option<&'p [u8]> {
    let (literal, rest) = match pattern {
        [] => return None,
        [b'?', rest @ ..] => return Some(rest),
        [b'[', class @ ..] => return in_class(class, byte, fold),
        [b'\\', literal, rest @ ..] | [literal, rest @ ..] => (*literal, rest),
    };
    (fold(literal) == fold(byte)).then_some(rest)
}

/// Matches one byte with a class, whose `[` is already gone.
fn in_class<'p>(class: &'p [u8], byte: u8, fold: &impl Fn(u8) -> u8) -> Option<&'p [u8]> {
    let byte = fold(byte);
    let (negated, mut rest) = match class {
        [b'^', rest @ ..] => (true, rest),
        _ => (false, class),
    };
    let mut found = false;
    loop {
        (found, rest) = match rest {
            [b']', after @ ..] => return (found != negated).then_some(after),
            [] => return (found != negated).then_some(rest),
            [b'\\', member, after @ ..] => (found | (fold(*member) == byte), after),
            [a, b'-', b, after @ ..] => {
                let (low, high) = (fold(*a.min(b)), fold(*a.max(b)));
                (found | (low..=high).contains(&byte), after)
            }
            [member, after @ ..] => (found | (fold(*member) == byte), after),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        for text in yes {
            assert!(matches(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
        for text in no {
            assert!(!matches(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
    }

    #[test]
    fn stars_and_question_marks() {
        check("*", &["", "a", "ab"], &[]);
        check("", &[""], &["a"]);
        check("a*c", &["ac", "abc", "acbc"], &["a", "acb", "bac"]);
        check("*a*b*", &["ab", "xaxbx"], &["ba", ""]);
        check("a?c", &["abc", "a?c"], &["ac", "abbc"]);
        check("***?", &["a", "ab"], &[""]);
    }

    #[test]
    fn classes() {
        check("h[ae]llo", &["hello", "hallo"], &["hillo", "hllo"]);
        check("h[^e]llo", &["hallo"], &["hello"]);
        check("[a-c]x", &["bx"], &["dx"]);
        check("[c-a]x", &["bx"], &["dx"]);
        check("[\\]]", &["]"], &["\\"]);
        check("[]a]", &[], &["]", "a", "a]"]);
        check("[^]", &["x"], &[""]);
    }

    #[test]
    fn a_class_that_is_not_closed_ends_with_the_pattern() {
        check("[ab", &["a", "b"], &["[ab", "c"]);
        check("[", &[], &["["]);
        // The `]` is the end of the range here, so the class runs on.
        check("[a-]", &["]", "^", "a"], &["-", "b"]);
    }

    #[test]
    fn escapes() {
        check("\\*", &["*"], &["a", "\\*"]);
        check("a\\", &["a\\"], &["a"]);
        check("[\\-a]", &["-", "a"], &["b"]);
    }

    #[test]
    fn upper_and_lower_case_when_asked() {
        assert!(matches_ignoring_case(b"MAX[a-c]*", b"maxCLIENTS"));
        assert!(!matches(b"MAX*", b"maxclients"));
    }

    /// A backtracking matcher takes longer than the universe for this one.
    #[test]
    fn many_stars_cost_no_more_than_pattern_times_text() {
        let pattern = b"a*".repeat(5_000);
        let text = [&b"a".repeat(20_000)[..], b"b"].concat();
        assert!(matches(&pattern, &text));
        assert!(!matches(&[&pattern[..], b"c"].concat(), &text));
    }
}
