//! What is printed: a line for each scenario, a column for each language, and why something is not as it should be.

use std::fmt;

use crate::judge::Verdict;

/// The verdicts of all scenarios in all languages.
#[derive(Debug, Default)]
pub struct Grid {
    scenarios: Vec<String>,
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    language: String,
    verdicts: Vec<Verdict>,
    /// What was wrong with the runner besides its answers.
    problem: Option<String>,
}

impl Grid {
    /// With a line for each scenario.
    pub fn new(scenarios: Vec<String>) -> Self {
        Self { scenarios, columns: Vec::new() }
    }

    /// Adds a language: a verdict on each scenario, in their order.
    pub fn add(&mut self, language: String, verdicts: Vec<Verdict>, problem: Option<String>) {
        assert_eq!(verdicts.len(), self.scenarios.len(), "every scenario has a verdict");
        self.columns.push(Column { language, verdicts, problem });
    }

    /// Whether every language passed, or explained, every scenario.
    pub fn is_good(&self) -> bool {
        let good = |column: &Column| {
            column.problem.is_none() && !column.verdicts.iter().any(|verdict| matches!(verdict, Verdict::Failed(_)))
        };
        !self.columns.is_empty() && !self.scenarios.is_empty() && self.columns.iter().all(good)
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.scenarios.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        write!(f, "{:width$}", "")?;
        for column in &self.columns {
            write!(f, "  {:>8}", column.language)?;
        }
        writeln!(f)?;
        for (row, name) in self.scenarios.iter().enumerate() {
            write!(f, "{name:width$}")?;
            for column in &self.columns {
                let word = match &column.verdicts[row] {
                    Verdict::Passed => "ok",
                    Verdict::Skipped(_) => "skip",
                    Verdict::Failed(_) => "FAILED",
                };
                write!(f, "  {word:>8}")?;
            }
            writeln!(f)?;
        }
        for column in &self.columns {
            let language = &column.language;
            for (name, verdict) in self.scenarios.iter().zip(&column.verdicts) {
                match verdict {
                    Verdict::Passed => {}
                    Verdict::Skipped(reason) => writeln!(f, "\n{language} skips `{name}`: {reason}")?,
                    Verdict::Failed(problem) => writeln!(f, "\n{language} FAILED `{name}`:\n  {problem}")?,
                }
            }
            if let Some(problem) = &column.problem {
                writeln!(f, "\n{language} FAILED: {problem}")?;
            }
        }
        Ok(())
    }
}
