//! Why a configuration is refused, as text for a terminal: what, where, the line with a caret, and help.

use std::fmt::Write as _;
use std::path::Path;

use super::secret;
use super::yaml::{Node, Place};

/// Why the configuration was refused. `Display` is the whole text for a terminal, without any secret.
#[derive(Debug, thiserror::Error)]
#[error("{}", .reports.join("\n\n"))]
pub struct ConfigError {
    reports: Vec<String>,
    summaries: Vec<String>,
}

impl ConfigError {
    /// The same in one line, for a log.
    pub fn summary(&self) -> String {
        self.summaries.join("; ")
    }

    /// About the file as a whole.
    pub(super) fn of_file(message: &str, help: Option<&str>) -> Self {
        let mut problem = Problem::new(message);
        problem.help = help.map(str::to_owned);
        Self::new(None, "", vec![problem])
    }

    /// About places in a file's text.
    pub(super) fn new(file: Option<&Path>, text: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.place);
        let reports = problems.iter().map(|problem| problem.report(file, text)).collect();
        let summaries = problems.iter().map(|problem| problem.summary(file)).collect();
        Self { reports, summaries }
    }
}

/// One thing that is wrong.
#[derive(Debug)]
pub(super) struct Problem {
    message: String,
    place: Option<Place>,
    help: Option<String>,
    hides_value: bool,
}

impl Problem {
    /// Says what is wrong; never a secret, never what a variable holds.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), place: None, help: None, hides_value: false }
    }

    /// Says what to do.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says where.
    pub(super) fn at(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// Points at a node.
    pub(super) fn at_node(self, node: &Node) -> Self {
        self.at(Some(node.pointer()))
    }

    /// Shows only the key of the line: its value may be a secret under a wrong name.
    pub(super) fn hide(mut self) -> Self {
        self.hides_value = true;
        self
    }

    fn summary(&self, file: Option<&Path>) -> String {
        let mut summary = printable(&self.message);
        if let (Some(file), Some(place)) = (file, self.place) {
            let _ = write!(summary, " ({}:{}:{})", file.display(), place.line, place.column);
        }
        if let Some(help) = &self.help {
            let _ = write!(summary, ": {}", printable(help));
        }
        summary
    }

    fn report(&self, file: Option<&Path>, text: &str) -> String {
        let mut report = format!("error: {}", printable(&self.message));
        if let (Some(file), None) = (file, self.place) {
            let _ = write!(report, "\n --> {}", file.display());
        }
        if let (Some(file), Some(place)) = (file, self.place) {
            let margin = " ".repeat(place.line.to_string().len());
            let _ = write!(report, "\n{margin}--> {}:{}:{}", file.display(), place.line, place.column);
            if let Some((line, caret)) = self.snippet(place, text) {
                let _ = write!(report, "\n{margin} |\n{} | {line}\n{margin} | {caret}", place.line);
            }
        }
        if let Some(help) = &self.help {
            let _ = write!(report, "\nhelp: {}", printable(help));
        }
        report
    }

    /// The line and, below it, carets.
    fn snippet(&self, place: Place, text: &str) -> Option<(String, String)> {
        let lines: Vec<&str> = text.strip_prefix('\u{feff}').unwrap_or(text).lines().collect();
        let mut line = secret::mask_line(&lines, place.line.checked_sub(1)?)?;
        if self.hides_value {
            line = hide_value(&line, place);
        }
        let line: String = printable(&line).chars().take(LINE_CHARACTERS_MAX).collect();
        let length = line.chars().count();
        let before = place.column.saturating_sub(1).min(length);
        let width = place.width.clamp(1, length.saturating_sub(before).max(1));
        Some((line, " ".repeat(before) + &"^".repeat(width)))
    }
}

/// Cuts a line after the colon of the key at a place, or before the value that begins there.
fn hide_value(line: &str, place: Place) -> String {
    let before = place.column.saturating_sub(1);
    let end = |count: usize| line.char_indices().nth(count).map_or(line.len(), |(end, _)| end);
    let key_end = end(before + place.width);
    match line[key_end..]
        .find(':')
        .filter(|colon| line[key_end..key_end + colon].trim_matches(['"', '\'', ' ']).is_empty())
    {
        Some(colon) if line[key_end + colon + 1..].trim().is_empty() => line.to_owned(),
        _ if line.ends_with(secret::MASK) => line.to_owned(),
        Some(colon) => format!("{} {}", &line[..=key_end + colon], secret::MASK),
        None => line[..end(before)].to_owned() + secret::MASK,
    }
}

/// A line is cut here: nothing worth pointing at is further right.
const LINE_CHARACTERS_MAX: usize = 200;

/// No control character may reach a terminal; a tab becomes one blank, so that the caret stays in its column.
fn printable(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' => ' ',
            character if character.is_control() => '\u{fffd}',
            character => character,
        })
        .collect()
}
