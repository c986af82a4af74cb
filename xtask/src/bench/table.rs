//! Tables in Markdown that can be read as they are.

use std::fmt::Write as _;

/// Rows of cells below a row of headings; the first column is text, the others are figures.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new<H: ToString>(headings: impl IntoIterator<Item = H>) -> Self {
        Self { rows: vec![headings.into_iter().map(|heading| heading.to_string()).collect()] }
    }

    /// Adds a row, as long as the headings.
    pub fn push(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.rows[0].len(), "a cell for each heading");
        self.rows.push(cells);
    }

    /// The table in Markdown.
    pub fn text(&self) -> String {
        let columns = 0..self.rows[0].len();
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max();
        let widths: Vec<usize> = columns.map(|column| width(column).unwrap_or(0).max(3)).collect();
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                let cell = if column == 0 {
                    format!("| {cell:<width$} ")
                } else {
                    format!("| {cell:>width$} ")
                };
                text.push_str(&cell);
            }
            text.push_str("|\n");
            if number == 0 {
                text.push_str(&rule(&widths));
            }
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// The line under the headings: figures stand on the right.
fn rule(widths: &[usize]) -> String {
    let mut rule = String::new();
    for (column, &width) in widths.iter().enumerate() {
        let end = if column == 0 { '-' } else { ':' };
        write!(rule, "|-{}{end}", "-".repeat(width)).expect("a String takes everything");
    }
    rule + "|\n"
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(["", "µs"]);
        table.push(vec!["XADD".into(), "1.25".into()]);
        assert_eq!(table.text(), "|      |   µs |\n|------|-----:|\n| XADD | 1.25 |");
    }
}
