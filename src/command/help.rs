//! HELP of the containers, as lines of status replies.

use crate::reply::Writer;

/// Writes what `CONTAINER HELP` answers: a heading, the lines about subcommands, and HELP itself.
#[inline(never)]
pub(super) fn reply(out: &mut Writer, container: &str, lines: &str) {
    let lines = lines.split_terminator('\n');
    out.array(lines.clone().count() + 3);
    let heading = " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:";
    out.simple(&[container, heading].concat());
    for line in lines {
        out.simple(line);
    }
    out.simple("HELP");
    out.simple("    Print this help.");
}
