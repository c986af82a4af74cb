//! COMMAND DOCS: what commands are for and what they take, as prompts and their hints read it.

use super::registry::Found;
use super::syntax::{Argument, Kind, arguments};
use crate::reply::Writer;

/// Writes a command's full name and its page.
pub(super) fn entry(out: &mut Writer, found: Found) {
    out.text(&found.full_name());
    page(out, found);
}

fn page(out: &mut Writer, found: Found) {
    let map = out.begin_map();
    let mut pairs = 0;
    for (name, text) in [
        ("summary", found.summary()),
        ("since", found.since()),
        ("group", found.group()),
        ("complexity", found.complexity()),
    ] {
        if !text.is_empty() {
            out.text(name);
            out.text(text);
            pairs += 1;
        }
    }
    let arguments = arguments(found.syntax());
    if !arguments.is_empty() {
        out.text("arguments");
        list(out, &arguments, &mut 0);
        pairs += 1;
    }
    if found.is_container() {
        out.text("subcommands");
        out.map(found.subcommands().len());
        found.subcommands().for_each(|subcommand| entry(out, subcommand));
        pairs += 1;
    }
    out.end_map(map, pairs);
}

/// Writes arguments; `keys` counts those that are keys.
fn list(out: &mut Writer, arguments: &[Argument], keys: &mut i64) {
    out.array(arguments.len());
    for argument in arguments {
        write(out, argument, keys);
    }
}

fn write(out: &mut Writer, argument: &Argument, keys: &mut i64) {
    let kind = match argument.kind {
        Kind::Value(kind) => kind,
        Kind::Token => "pure-token",
        Kind::OneOf => "oneof",
        Kind::Block => "block",
    };
    let flags = [
        (argument.optional, "optional"),
        (argument.multiple, "multiple"),
        (argument.multiple_token, "multiple_token"),
    ];
    let flags = flags.iter().filter(|(is_set, _)| *is_set);
    let map = out.begin_map();
    let mut pairs = 2;
    out.text("name");
    out.text(&argument.name);
    out.text("type");
    out.text(kind);
    if argument.parts.is_empty() {
        out.text("display_text");
        out.text(&argument.name);
        pairs += 1;
    }
    if kind == "key" {
        out.text("key_spec_index");
        out.integer(*keys);
        *keys += 1;
        pairs += 1;
    }
    if let Some(token) = argument.token {
        out.text("token");
        out.text(token);
        pairs += 1;
    }
    if flags.clone().next().is_some() {
        out.text("flags");
        out.set(flags.clone().count());
        flags.for_each(|(_, name)| out.simple(name));
        pairs += 1;
    }
    if !argument.parts.is_empty() {
        out.text("arguments");
        list(out, &argument.parts, keys);
        pairs += 1;
    }
    out.end_map(map, pairs);
}
