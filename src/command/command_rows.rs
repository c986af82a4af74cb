//! COMMAND INFO: the rows of the table, as clients and proxies read them.

use alloc::vec::Vec;

use super::key_specs::{Begin, KeySpec, key_specs};
use super::registry::Found;
use super::spec::{Flags, Keys};
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
pub(super) fn categories(found: Found) -> impl Iterator<Item = &'static str> {
    let flags = found.flags();
    let has = move |flag| flags.contains(flag);
    let own = found.categories();
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
        implied || own.split(' ').any(|it| it == *category)
    })
}

/// Writes one row, with its subcommands.
pub(super) fn row(out: &mut Writer, found: Found) {
    out.array(10);
    out.text(&found.full_name());
    out.integer(found.arity().into());
    let flags = found.flags();
    let names = Flags::NAMES.iter().filter(|(flag, _)| flags.contains(*flag));
    statuses(out, names.map(|(_, name)| *name));
    let (first, last, step) = match found.keys() {
        Keys::Range { first, last, step } => (first, last, step),
        Keys::None | Keys::Streams => (0, 0, 0),
    };
    out.integer(first.into());
    out.integer(last.into());
    out.integer(step.into());
    statuses(out, categories(found));
    let tips = found.tips().split_ascii_whitespace();
    out.set(tips.clone().count());
    tips.for_each(|tip| out.text(tip));
    let rules = key_specs(found);
    out.set(rules.len());
    for rule in &rules {
        key_spec(out, rule);
    }
    if found.is_container() {
        out.array(found.subcommands().len());
        found.subcommands().for_each(|subcommand| row(out, subcommand));
    } else {
        out.set(0);
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
    Number(i8),
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
