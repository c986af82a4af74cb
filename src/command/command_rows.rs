//! COMMAND INFO: the rows of the table, as clients and proxies read them.

use alloc::vec::Vec;

use super::key_specs::{Begin, KeySpec, key_specs};
use super::registry::{Found, subcommands};
use super::spec::{Flags, Keys, Spec};
use crate::reply::Writer;

/// The ACL categories in Redis' order.
const CATEGORIES: &[&str] = &[
    "@keyspace",
    "@read",
    "@write",
    "@string",
    "@stream",
    "@pubsub",
    "@admin",
    "@fast",
    "@slow",
    "@blocking",
    "@dangerous",
    "@connection",
    "@transaction",
    "@scripting",
];

/// The ACL categories of a command: those of its row, and those that its flags imply.
pub(super) fn categories(spec: &'static Spec) -> impl Iterator<Item = &'static str> {
    let has = |flag| spec.flags.contains(flag);
    CATEGORIES.iter().copied().filter(move |category| {
        let implied = match *category {
            "@read" => has(Flags::READONLY),
            "@write" => has(Flags::WRITE),
            "@admin" | "@dangerous" => has(Flags::ADMIN),
            "@pubsub" => has(Flags::PUBSUB),
            "@fast" => has(Flags::FAST),
            "@slow" => !has(Flags::FAST),
            "@blocking" => has(Flags::BLOCKING),
            _ => false,
        };
        implied || spec.categories.contains(category)
    })
}

/// Writes one row, with its subcommands.
pub(super) fn row(out: &mut Writer, found: Found) {
    let spec = found.spec;
    out.array(10);
    out.text(&found.full_name());
    out.integer(spec.arity.into());
    let flags = Flags::NAMES.iter().filter(|(flag, _)| spec.flags.contains(*flag));
    statuses(out, flags.map(|(_, name)| *name));
    let (first, last, step) = match spec.keys {
        Keys::Range { first, last, step } => (first, last, step),
        Keys::None | Keys::Streams => (0, 0, 0),
    };
    out.integer(first.into());
    out.integer(last.into());
    out.integer(step.into());
    statuses(out, categories(spec));
    out.set(spec.tips.len());
    for tip in spec.tips {
        out.text(tip);
    }
    let rules = key_specs(found);
    out.set(rules.len());
    for rule in &rules {
        key_spec(out, rule);
    }
    if spec.subcommands.is_empty() {
        out.set(0);
    } else {
        out.array(spec.subcommands.len());
        subcommands(found).for_each(|subcommand| row(out, subcommand));
    }
}

/// Writes a set of statuses.
pub(super) fn statuses<'a>(out: &mut Writer, names: impl Iterator<Item = &'a str>) {
    let names: Vec<&str> = names.collect();
    out.set(names.len());
    for name in names {
        out.simple(name);
    }
}

fn key_spec(out: &mut Writer, rule: &KeySpec) {
    out.map(3);
    out.text("flags");
    statuses(out, rule.flags.iter().copied());
    out.text("begin_search");
    match rule.begin {
        Begin::Index(index) => search(out, "index", &[("index", Term::Number(index))]),
        Begin::Keyword(keyword, from) => {
            let terms = [("keyword", Term::Text(keyword)), ("startfrom", Term::Number(from))];
            search(out, "keyword", &terms);
        }
    }
    out.text("find_keys");
    let terms = [("lastkey", rule.last), ("keystep", rule.step), ("limit", rule.limit)];
    search(out, "range", &terms.map(|(name, number)| (name, Term::Number(number))));
}

enum Term {
    Text(&'static str),
    Number(i32),
}

fn search(out: &mut Writer, kind: &str, terms: &[(&str, Term)]) {
    out.map(2);
    out.text("type");
    out.text(kind);
    out.text("spec");
    out.map(terms.len());
    for (name, term) in terms {
        out.text(name);
        match term {
            Term::Text(text) => out.text(text),
            Term::Number(number) => out.integer((*number).into()),
        }
    }
}
