//! Markdown tables.

use std::fmt;

use crate::load::Report;

/// A table, with what must be read beside it.
#[derive(Debug)]
pub(super) struct Table {
    title: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    failures: Vec<String>,
}

impl Table {
    pub(super) fn new(title: impl Into<String>, columns: &[&'static str]) -> Self {
        Self { title: title.into(), columns: columns.to_vec(), rows: Vec::new(), failures: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Tells under the table of answers that failed: numbers with failures behind them are not numbers.
    pub(super) fn note_failures(&mut self, name: &str, report: &Report) {
        if let Some(failure) = &report.failure {
            self.failures.push(format!("{name}: {} failed, such as: {failure}", report.failed));
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### {}\n", self.title)?;
        writeln!(f, "| {} |", self.columns.join(" | "))?;
        writeln!(f, "|{}", "---|".repeat(self.columns.len()))?;
        for row in &self.rows {
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        if !self.failures.is_empty() {
            writeln!(f)?;
        }
        self.failures.iter().try_for_each(|failure| writeln!(f, "**{failure}**"))
    }
}

/// A number for people: `43,200`, `22.5`, or a dash if there is none.
pub(super) fn number(number: Option<f64>) -> String {
    let Some(number) = number.filter(|number| number.is_finite()) else { return "–".to_owned() };
    if number.abs() < 100.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{:.0}", number.abs());
    let mut grouped = if number < 0.0 { "-".to_owned() } else { String::new() };
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_people() {
        let numbers = [22.54, -3.0, 100.4, 1234.0, -43_200.0, 1_234_567.0, f64::NAN];
        let text = numbers.map(|value| number(Some(value)));
        assert_eq!(text, ["22.5", "-3.0", "100", "1,234", "-43,200", "1,234,567", "–"]);
        assert_eq!(number(None), "–");
    }

    #[test]
    fn a_table_is_markdown() {
        let mut table = Table::new("Chats", &["target", "p50"]);
        table.row(["direct".to_owned(), number(Some(21.0))]);
        assert_eq!(table.to_string(), "### Chats\n\n| target | p50 |\n|---|---|\n| direct | 21.0 |\n");
    }
}
