//! The writer: one pass over the parsed events, blocks folded into the block around them as they end.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::Dialect;
use super::text::{url_encoded, without_calls};

/// Quotes and lists deeper than this are flat: folding costs their size at every level.
const DEPTH_MAX: usize = 8;

/// A row's second and later lines stand under the first one's text, and under four blanks they would be code.
const INDENT: &str = "   ";

/// Markdown in that dialect.
pub(in super::super) fn write(markdown: &str, dialect: &Dialect) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer::new(dialect);
    for event in TextMergeStream::new(Parser::new_ext(markdown, options)) {
        writer.event(event);
    }
    writer.finish()
}

/// A block that holds blocks.
enum Container {
    Quote,
    /// The number of the next item, if they are numbered.
    List(Option<u64>),
    Item,
}

/// A mark around a part of a line.
#[derive(Clone, Copy)]
enum Mark {
    Bold,
    Italic,
    Strike,
}

#[derive(Default)]
struct Table {
    head: Vec<String>,
    row: Vec<String>,
    lines: Vec<String>,
    in_head: bool,
}

struct Writer<'d> {
    dialect: &'d Dialect,
    /// The containers that are open, each with its finished blocks; the first is the text itself.
    open: Vec<(Container, Vec<String>)>,
    /// Containers within the deepest one that are not written.
    flattened: usize,
    /// The line, or lines, of the block that is being written.
    line: String,
    /// How many of each mark are open, as a mark within itself is not written; and where the line stood before the first.
    marks: [(usize, usize); 3],
    /// Where the line stood after the last mark was opened.
    text_start: usize,
    /// A mark was just closed, and must not touch a letter.
    is_after_mark: bool,
    is_code: bool,
    /// Whether a break must not break the line: in headings and cells.
    is_one_line: bool,
    /// Where the text of each open link begins, and where it leads.
    links: Vec<(usize, String)>,
    table: Table,
}

impl<'d> Writer<'d> {
    fn new(dialect: &'d Dialect) -> Self {
        Self {
            dialect,
            open: vec![(Container::Quote, Vec::new())],
            flattened: 0,
            line: String::new(),
            marks: [(0, 0); 3],
            text_start: 0,
            is_after_mark: false,
            is_code: false,
            is_one_line: false,
            links: Vec::new(),
            table: Table::default(),
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.is_code => self.line.push_str(&text),
            Event::Text(text) => self.text(&text),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.code(&text),
            Event::Html(text) | Event::InlineHtml(text) | Event::FootnoteReference(text) => self.plain(&text),
            Event::SoftBreak | Event::HardBreak => self.line.push(if self.is_one_line { ' ' } else { '\n' }),
            Event::Rule => {
                self.end_block();
                self.add_block(self.dialect.rule.to_owned());
            }
            Event::TaskListMarker(is_done) => self.line.push_str(if is_done { "☑ " } else { "☐ " }),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::BlockQuote(_) => self.open_container(Container::Quote),
            Tag::List(first) => self.open_container(Container::List(first)),
            Tag::Item => self.open_container(Container::Item),
            Tag::Heading { .. } => {
                self.end_block();
                self.is_one_line = true;
                if !self.dialect.headings {
                    self.open_mark(Mark::Bold);
                }
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                self.end_block();
                self.is_code = true;
            }
            Tag::Table(_) => {
                self.end_block();
                self.table = Table::default();
                self.is_one_line = true;
            }
            Tag::TableHead => self.table.in_head = true,
            Tag::TableCell if !self.table.in_head && self.table.row.is_empty() => self.open_mark(Mark::Bold),
            Tag::Strong => self.open_mark(Mark::Bold),
            Tag::Emphasis => self.open_mark(Mark::Italic),
            Tag::Strikethrough => self.open_mark(Mark::Strike),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push((self.line.len(), dest_url.into_string()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item => self.close_container(),
            TagEnd::Heading(level) => self.end_heading(level),
            TagEnd::CodeBlock => self.end_code_block(),
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.end_block(),
            TagEnd::TableCell => self.end_cell(),
            TagEnd::TableHead => {
                self.table.in_head = false;
                self.table.head = std::mem::take(&mut self.table.row);
            }
            TagEnd::TableRow => self.end_row(),
            TagEnd::Table => {
                self.is_one_line = false;
                let lines = std::mem::take(&mut self.table.lines);
                self.add_block(lines.join("\n"));
            }
            TagEnd::Strong => self.close_mark(Mark::Bold),
            TagEnd::Emphasis => self.close_mark(Mark::Italic),
            TagEnd::Strikethrough => self.close_mark(Mark::Strike),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
    }

    /// Text of which the parser left `**` alone: it does so beside Chinese punctuation, where people still mean bold.
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some((before, inner, after)) = bold_left_alone(rest) {
            self.plain(before);
            self.open_mark(Mark::Bold);
            self.plain(inner);
            self.close_mark(Mark::Bold);
            rest = after;
        }
        self.plain(rest);
    }

    fn plain(&mut self, text: &str) {
        if std::mem::take(&mut self.is_after_mark) && text.starts_with(char::is_alphanumeric) {
            self.stand_apart();
        }
        self.line.push_str(&(self.dialect.escape)(text));
    }

    fn code(&mut self, text: &str) {
        let mark = if text.contains('`') { "" } else { self.dialect.code };
        self.line.push_str(mark);
        self.plain(text);
        self.line.push_str(mark);
    }

    fn open_mark(&mut self, mark: Mark) {
        let (depth, start) = &mut self.marks[mark as usize];
        *depth += 1;
        if *depth > 1 {
            return;
        }
        *start = self.line.len();
        if self.line.ends_with(char::is_alphanumeric) {
            self.stand_apart();
        }
        self.line.push_str(self.mark(mark));
        self.text_start = self.line.len();
    }

    fn close_mark(&mut self, mark: Mark) {
        let (depth, start) = &mut self.marks[mark as usize];
        *depth -= 1;
        if *depth > 0 {
            return;
        }
        if self.line.len() == self.text_start {
            // Nothing stands between the marks.
            self.line.truncate(*start);
            return;
        }
        self.line.push_str(self.mark(mark));
        self.is_after_mark = !self.mark(mark).is_empty();
    }

    fn mark(&self, mark: Mark) -> &'static str {
        match mark {
            Mark::Bold => self.dialect.bold,
            Mark::Italic => self.dialect.italic,
            Mark::Strike => self.dialect.strike,
        }
    }

    fn stand_apart(&mut self) {
        if self.dialect.marks_stand_apart {
            self.line.push('\u{200B}');
        }
    }

    fn end_link(&mut self) {
        let (start, url) = self.links.pop().expect("links end after they begin");
        let text = self.line.split_off(start.min(self.line.len()));
        let written = match url_encoded(&url) {
            Some(url) if text.trim().is_empty() => (self.dialect.link)(&(self.dialect.escape)(&url), &url),
            Some(url) => (self.dialect.link)(text.trim(), &url),
            None => text,
        };
        self.line.push_str(&written);
    }

    fn end_heading(&mut self, level: HeadingLevel) {
        self.is_one_line = false;
        if self.dialect.headings {
            let hashes = "#".repeat(level as usize);
            if !self.line.trim().is_empty() {
                self.line.insert_str(0, &format!("{hashes} "));
            }
        } else {
            self.close_mark(Mark::Bold);
        }
        self.end_block();
    }

    fn end_code_block(&mut self) {
        self.is_code = false;
        let code = std::mem::take(&mut self.line);
        let code = (self.dialect.escape)(code.trim_end_matches('\n'));
        let block = if self.dialect.fences {
            format!("```\n{}\n```", code.replace("```", "`\u{200B}`\u{200B}`"))
        } else {
            prefixed(&code, self.dialect.quote, self.dialect.quote)
        };
        self.add_block(block);
    }

    fn end_cell(&mut self) {
        if !self.table.in_head && self.table.row.is_empty() {
            self.close_mark(Mark::Bold);
        }
        self.is_after_mark = false;
        let cell = std::mem::take(&mut self.line);
        self.table.row.push(cell.trim().to_owned());
    }

    /// A row as an item of a list: its first cell, then each further one after the name of its column.
    fn end_row(&mut self) {
        let row = std::mem::take(&mut self.table.row);
        let mut cells = row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()).map(|(column, cell)| {
            match self.table.head.get(column).filter(|name| column > 0 && !name.is_empty()) {
                Some(name) if name.is_ascii() => format!("{name}: {cell}"),
                Some(name) => format!("{name}：{cell}"),
                None => cell.clone(),
            }
        });
        let Some(first) = cells.next() else { return };
        let line = cells.fold(format!("{}{first}", self.dialect.bullet), |line, cell| line + " · " + &cell);
        self.table.lines.push(line);
    }

    fn open_container(&mut self, container: Container) {
        self.end_block();
        if self.open.len() > DEPTH_MAX {
            self.flattened += 1;
        } else {
            self.open.push((container, Vec::new()));
        }
    }

    fn close_container(&mut self) {
        self.end_block();
        if self.flattened > 0 {
            self.flattened -= 1;
            return;
        }
        let (container, blocks) = self.open.pop().expect("containers end after they begin");
        match container {
            Container::Quote => self.add_block(prefixed(&blocks.join("\n\n"), self.dialect.quote, self.dialect.quote)),
            Container::List(_) => self.add_block(blocks.join("\n")),
            Container::Item => {
                let marker = self.next_marker();
                self.add_block(prefixed(&blocks.join("\n"), &marker, INDENT));
            }
        }
    }

    fn next_marker(&mut self) -> String {
        match self.open.last_mut() {
            Some((Container::List(Some(number)), _)) => {
                let marker = format!("{number}. ");
                *number += 1;
                marker
            }
            _ => self.dialect.bullet.to_owned(),
        }
    }

    /// Ends the lines that are being written, if there are any.
    fn end_block(&mut self) {
        self.is_after_mark = false;
        let line = std::mem::take(&mut self.line);
        self.add_block(line.trim().to_owned());
    }

    fn add_block(&mut self, block: String) {
        if !block.is_empty() {
            self.open.last_mut().expect("the text itself stays open").1.push(block);
        }
    }

    fn finish(mut self) -> String {
        self.end_block();
        let blocks = self.open.into_iter().flat_map(|(_, blocks)| blocks).collect::<Vec<_>>();
        // Only now, as what stands in one piece here may have come in two: marks that a dialect lacks leave no gap.
        let text = (self.dialect.disarm)(&without_calls(&blocks.join("\n\n")));
        if self.dialect.line_end == "\n" { text } else { with_line_ends(&text, self.dialect.line_end) }
    }
}

/// The first `**…**` in a text: what stands before, within and after it.
fn bold_left_alone(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("**")?;
    let (inner, after) = rest.split_once("**")?;
    let is_bold = !inner.is_empty() && !inner.starts_with(char::is_whitespace) && !inner.ends_with(char::is_whitespace);
    is_bold.then_some((before, inner, after))
}

fn prefixed(text: &str, first: &str, others: &str) -> String {
    let mut prefixed = String::with_capacity(text.len() + first.len());
    for (index, line) in text.lines().enumerate() {
        if index > 0 {
            prefixed.push('\n');
        }
        let prefix = if index == 0 { first } else { others };
        prefixed.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
        prefixed.push_str(line);
    }
    prefixed
}

/// The text with that at the end of every line that another line of its paragraph follows.
fn with_line_ends(text: &str, line_end: &str) -> String {
    let mut lines = text.lines().peekable();
    let mut written = String::with_capacity(text.len());
    while let Some(line) = lines.next() {
        written.push_str(line);
        let Some(next) = lines.peek() else { break };
        written.push_str(if line.is_empty() || next.is_empty() { "\n" } else { line_end });
    }
    written
}
