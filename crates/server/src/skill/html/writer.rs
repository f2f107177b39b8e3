//! Markdown as it is written: blanks collapsed, blocks apart, each line with the marks of what it stands in.

use std::fmt::Write as _;

/// How deep lists and quotes are shown; deeper ones are shown at this depth.
const DEPTH_MAX: usize = 8;

/// The Markdown so far, and what the next text begins with.
#[derive(Default)]
pub(super) struct Writer {
    out: String,
    /// Line breaks owed before the next text: 1 ends a line, 2 a paragraph.
    breaks: usize,
    /// A blank owed before the next text.
    blank: bool,
    /// `- `, `3. ` or `## `, owed before the next text.
    mark: Option<String>,
    /// For each open list, the number of its next item, if it counts.
    lists: Vec<Option<u64>>,
    quotes: usize,
    /// How many quotes the last line stood in.
    quotes_before: usize,
    /// Where the text of the open link begins, once it has any, and its address.
    link: Option<(Option<usize>, String)>,
    in_code: bool,
    /// The text of an open `pre`.
    pre: Option<String>,
    /// In a cell of a table all is one line.
    in_cell: bool,
    bytes_max: usize,
}

impl Writer {
    /// An empty page that is full at that many bytes.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { bytes_max, ..Self::default() }
    }

    /// Whether nothing more should be written.
    pub(super) fn is_full(&self) -> bool {
        self.out.len() > self.bytes_max
    }

    /// The whole, with what was left open closed.
    pub(super) fn finish(mut self) -> String {
        self.close_pre();
        self.close_code();
        self.close_link();
        self.out.truncate(self.out.trim_end().len());
        self.out
    }

    pub(super) fn text(&mut self, text: &str) {
        if let Some(pre) = &mut self.pre {
            pre.push_str(text);
            return;
        }
        self.blank |= text.starts_with(char::is_whitespace);
        let mut words = text.split_whitespace().peekable();
        while let Some(word) = words.next() {
            self.push(word);
            self.blank = words.peek().is_some() || text.ends_with(char::is_whitespace);
        }
    }

    /// What follows begins a line.
    pub(super) fn line(&mut self) {
        self.break_off(1);
    }

    /// What follows begins a paragraph.
    pub(super) fn paragraph(&mut self) {
        self.break_off(2);
    }

    pub(super) fn rule(&mut self) {
        self.paragraph();
        self.push("---");
        self.paragraph();
    }

    pub(super) fn heading(&mut self, level: usize) {
        self.paragraph();
        if !self.in_cell && self.mark.is_none() {
            self.mark = Some(format!("{} ", "#".repeat(level)));
        }
    }

    pub(super) fn close_heading(&mut self) {
        self.mark.take_if(|mark| mark.starts_with('#'));
        self.paragraph();
    }

    /// A list; the number of its first item if it counts.
    pub(super) fn open_list(&mut self, first: Option<u64>) {
        self.paragraph();
        self.lists.push(first);
    }

    pub(super) fn close_list(&mut self) {
        self.lists.pop();
        self.mark = None;
        self.paragraph();
    }

    pub(super) fn item(&mut self) {
        self.line();
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number = number.saturating_add(1);
                format!("{}. ", number.saturating_sub(1))
            }
            _ => "- ".into(),
        };
        if !self.in_cell {
            self.mark = Some(mark);
        }
    }

    pub(super) fn open_quote(&mut self) {
        self.paragraph();
        self.quotes += 1;
    }

    pub(super) fn close_quote(&mut self) {
        self.quotes = self.quotes.saturating_sub(1);
        self.paragraph();
    }

    pub(super) fn open_pre(&mut self) {
        self.close_pre();
        self.paragraph();
        self.pre = Some(String::new());
    }

    pub(super) fn close_pre(&mut self) {
        let Some(text) = self.pre.take() else { return };
        let text = text.trim_matches(['\n', '\r']);
        if text.trim().is_empty() {
            return;
        }
        if self.in_cell {
            self.text(text);
            return;
        }
        let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
        let fence = "`".repeat(longest.max(2) + 1);
        self.push(&fence);
        let prefix = self.prefix();
        for line in text.lines() {
            if self.is_full() {
                break;
            }
            let _ = write!(self.out, "\n{prefix}{line}");
        }
        let _ = write!(self.out, "\n{prefix}{fence}");
        self.paragraph();
    }

    pub(super) fn open_code(&mut self) {
        if !self.in_code && self.pre.is_none() {
            self.push("`");
            self.in_code = true;
        }
    }

    pub(super) fn close_code(&mut self) {
        if std::mem::take(&mut self.in_code) {
            self.blank = false;
            self.out.push('`');
        }
    }

    /// A link; without an address its text is text.
    pub(super) fn open_link(&mut self, address: Option<String>) {
        self.close_link();
        self.link = address.filter(|_| self.pre.is_none()).map(|address| (None, address));
    }

    pub(super) fn close_link(&mut self) {
        if let Some((Some(start), address)) = self.link.take() {
            self.out.insert(start, '[');
            let _ = write!(self.out, "]({address})");
        }
    }

    /// An image that says what it shows.
    pub(super) fn image(&mut self, alt: &str, address: Option<String>) {
        if !alt.is_empty() {
            let alt = alt.split_whitespace().collect::<Vec<_>>().join(" ");
            match address {
                Some(address) if self.link.is_none() => self.push(&format!("![{alt}]({address})")),
                _ => self.push(&format!("![{alt}]")),
            }
        }
    }

    /// Begins a cell, the first of its row or a further one.
    pub(super) fn open_cell(&mut self, is_first: bool) {
        self.close_link();
        self.close_code();
        self.in_cell = false;
        if is_first {
            self.line();
        }
        self.blank = false;
        self.push(if is_first { "| " } else { " | " });
        self.in_cell = true;
    }

    /// Ends a row, and beneath the first one of a table draws the line that makes it one.
    pub(super) fn close_row(&mut self, head_cells: Option<usize>) {
        self.close_link();
        self.close_code();
        self.in_cell = false;
        self.blank = false;
        self.push(" |");
        self.line();
        if let Some(cells) = head_cells {
            self.push(&format!("|{}", " --- |".repeat(cells)));
            self.line();
        }
    }

    /// Text as it is, after what is owed.
    fn push(&mut self, text: &str) {
        if self.breaks > 0 || self.out.is_empty() {
            self.begin_line();
        } else if self.blank && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
        self.blank = false;
        if let Some((start @ None, _)) = &mut self.link {
            *start = Some(self.out.len());
        }
        self.out.push_str(text);
    }

    /// A link or code ends with its line: whoever forgot to close it shall not swallow the page.
    fn break_off(&mut self, breaks: usize) {
        if let Some(pre) = &mut self.pre {
            pre.push('\n');
            return;
        }
        if self.in_cell {
            self.blank = true;
            return;
        }
        if self.link.as_ref().is_some_and(|(start, _)| start.is_some()) {
            self.close_link();
        }
        self.close_code();
        self.blank = false;
        // The mark of an item waits for its text, wherever in the item that is; items stand close together.
        if self.mark.is_none() {
            self.breaks = self.breaks.max(if self.lists.is_empty() { breaks } else { 1 });
        }
    }

    fn begin_line(&mut self) {
        if !self.out.is_empty() {
            for _ in 1..self.breaks {
                self.out.push('\n');
                let quotes = self.quotes.min(self.quotes_before).min(DEPTH_MAX);
                self.out.push_str("> ".repeat(quotes).trim_end());
            }
            self.out.push('\n');
        }
        self.breaks = 0;
        self.quotes_before = self.quotes;
        let mark = self.mark.take();
        let is_item = mark.as_ref().is_some_and(|mark| !mark.starts_with('#'));
        let prefix = if is_item { self.prefix_of(self.lists.len().saturating_sub(1)) } else { self.prefix() };
        self.out.push_str(&prefix);
        self.out.push_str(&mark.unwrap_or_default());
    }

    /// What a line begins with that goes on in an item.
    fn prefix(&self) -> String {
        self.prefix_of(self.lists.len())
    }

    fn prefix_of(&self, lists: usize) -> String {
        "> ".repeat(self.quotes.min(DEPTH_MAX)) + &"  ".repeat(lists.min(DEPTH_MAX))
    }
}
