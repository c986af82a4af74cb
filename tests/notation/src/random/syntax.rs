//! The arguments of a command, read from the syntax line of its row in the command table.

/// A part of a syntax line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// A word that stands for itself: `MAXLEN`, `*`.
    Literal(String),
    /// A word to fill in: `key`.
    Hole(String),
    /// Parts one after another.
    All(Vec<Syntax>),
    /// One of several parts.
    Either(Vec<Syntax>),
    /// Perhaps.
    Optional(Box<Syntax>),
    /// Any number of times.
    Repeated(Box<Syntax>),
}

impl Syntax {
    /// Reads a syntax line.
    #[must_use]
    pub fn parse(line: &str) -> Self {
        let mut spaced = String::new();
        for char in line.chars() {
            if "[]<>|".contains(char) {
                spaced.extend([' ', char, ' ']);
            } else {
                spaced.push(char);
            }
        }
        let mut tokens = spaced.split_whitespace().peekable();
        either(&mut tokens)
    }
}

type Tokens<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(tokens: &mut Tokens<'_>) -> Syntax {
    let mut choices = vec![all(tokens)];
    while tokens.next_if_eq(&"|").is_some() {
        choices.push(all(tokens));
    }
    if choices.len() == 1 { choices.remove(0) } else { Syntax::Either(choices) }
}

fn all(tokens: &mut Tokens<'_>) -> Syntax {
    let mut parts = Vec::new();
    let mut repeated = false;
    while let Some(token) = tokens.next_if(|token| !["|", "]", ">"].contains(token)) {
        match token {
            "..." => repeated = true,
            "[" => {
                let inner = either(tokens);
                tokens.next();
                parts.push(match inner {
                    Syntax::Repeated(_) => inner,
                    inner => Syntax::Optional(Box::new(inner)),
                });
            }
            "<" => {
                parts.push(either(tokens));
                tokens.next();
            }
            hole if hole.starts_with(|char: char| char.is_ascii_lowercase()) => {
                parts.push(Syntax::Hole(hole.into()));
            }
            literal => parts.push(Syntax::Literal(literal.into())),
        }
    }
    let whole = if parts.len() == 1 { parts.remove(0) } else { Syntax::All(parts) };
    if repeated { Syntax::Repeated(Box::new(whole)) } else { whole }
}

#[cfg(test)]
mod tests {
    use super::Syntax;

    fn hole(name: &str) -> Syntax {
        Syntax::Hole(name.into())
    }

    fn literal(word: &str) -> Syntax {
        Syntax::Literal(word.into())
    }

    #[test]
    fn brackets_bars_and_dots() {
        let syntax = Syntax::parse("key [=|~] <*|id> [LIMIT count] field value [field value ...]");
        let sign = Syntax::Either(vec![literal("="), literal("~")]);
        let limit = Syntax::All(vec![literal("LIMIT"), hole("count")]);
        let pair = Syntax::All(vec![hole("field"), hole("value")]);
        assert_eq!(
            syntax,
            Syntax::All(vec![
                hole("key"),
                Syntax::Optional(Box::new(sign)),
                Syntax::Either(vec![literal("*"), hole("id")]),
                Syntax::Optional(Box::new(limit)),
                hole("field"),
                hole("value"),
                Syntax::Repeated(Box::new(pair)),
            ])
        );
    }
}
