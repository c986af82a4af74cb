//! Puts a report into `benches/README.md`, between its two markers.

use std::fs;

use anyhow::{Context as _, Result};

use crate::paths;

const BEGIN: &str = "<!-- bench:begin -->\n";
const END: &str = "<!-- bench:end -->";

/// Replaces the report that stands there.
pub fn write(report: &str) -> Result<()> {
    let path = paths::root().join("benches/README.md");
    let page = fs::read_to_string(&path)?;
    let page = replaced(&page, report).context("benches/README.md lacks its markers")?;
    Ok(fs::write(&path, page)?)
}

fn replaced(page: &str, report: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{report}\n\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn only_what_stands_between_the_markers_changes() {
        let page = "a\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nb\n";
        let expected = "a\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nb\n";
        assert_eq!(replaced(page, "new").as_deref(), Some(expected));
        assert_eq!(replaced(expected, "new").as_deref(), Some(expected));
        assert!(replaced("no markers", "new").is_none());
    }
}
