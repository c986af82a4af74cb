//! What durability costs: throughput by policy, bytes a job, opening and rewriting a million.

use anyhow::Result;

use super::Options;
use super::contender::Hall;
use super::samples::Verdicts;
use crate::report::step;
use crate::{paths, process};

const NOTE: &str = "Everything on one disk, in turns. Over loopback by redis-benchmark; in process \
                    by the typed client, whose calls are awaited one after the other or 64 at a \
                    time. Redis opens copies of what Brooklet wrote, and rewrites with \
                    `aof-use-rdb-preamble no`.";

/// Measured by a program of its own, beside Redis where there is one.
pub fn section(_: &Hall, options: &Options, _: &mut Verdicts) -> Result<Option<String>> {
    if !options.wants("durable") {
        return Ok(None);
    }
    let tables = step("Measure durability", || {
        let mut node = process::command("node");
        node.arg(paths::root().join("benches/durable/main.mjs"));
        if let Some(server) = &options.server {
            node.env("REDIS_SERVER", server);
        }
        process::output(node)
    })?;
    Ok(Some(format!("### Durability\n\n{NOTE}\n\n{}", tables.trim_end())))
}
