//! Markdown as Telegram shows it: the HTML of <https://core.telegram.org/bots/api#html-style>, in which nothing can fail.
//!
//! Headings become bold lines, lists get bullets, tables become one line a row, and HTML in the text is text.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::split::units;

/// Tags within tags beyond this are not written: Telegram gives up on deep ones.
const DEPTH_MAX: usize = 8;

/// A reply as Telegram's HTML.
pub(super) fn render(markdown: &str) -> String {
    let written = Writer::default().write(markdown);
    if written.is_empty() { escape(markdown) } else { written }
}

/// UTF-16 units of what is shown of a reply.
pub(super) fn visible_units(markdown: &str) -> usize {
    let html = render(markdown);
    let mut shown = 0;
    let mut rest = html.as_str();
    while let Some((before, tag)) = rest.split_once('<') {
        shown += units(before);
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    shown + units(rest)
}

#[derive(Default)]
struct Writer {
    html: String,
    /// Ends of the tags that are open.
    open: Vec<&'static str>,
    /// How many tags within the deepest one are not written.
    flattened: usize,
    /// The next number of each open list, if it is numbered.
    lists: Vec<Option<u64>>,
    /// What stands between this block and the one before.
    gap: &'static str,
    cells: usize,
    is_code: bool,
}

impl Writer {
    fn write(mut self, markdown: &str) -> String {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        for event in TextMergeStream::new(Parser::new_ext(markdown, options)) {
            self.event(event);
        }
        self.html.trim_end().to_owned()
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) | Event::FootnoteReference(text) => {
                self.text(&text);
            }
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.open_tag("<code>", "</code>");
                self.text(&text);
                self.close_tag();
            }
            Event::SoftBreak | Event::HardBreak => self.html.push('\n'),
            Event::Rule => {
                self.begin_block();
                self.html.push_str("————");
                self.gap = "\n\n";
            }
            Event::TaskListMarker(is_done) => self.text(if is_done { "☑ " } else { "☐ " }),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock | Tag::Table(_) => self.begin_block(),
            Tag::Heading { .. } => {
                self.begin_block();
                self.open_tag("<b>", "</b>");
            }
            Tag::BlockQuote(_) => {
                self.begin_block();
                // Telegram has no quotes within quotes.
                let is_within = self.open.contains(&"</blockquote>");
                self.open_tag(
                    if is_within { "" } else { "<blockquote>" },
                    if is_within { "" } else { "</blockquote>" },
                );
            }
            Tag::CodeBlock(kind) => self.start_code(&kind),
            Tag::List(first) => {
                if !self.lists.is_empty() {
                    self.gap = "\n";
                }
                self.lists.push(first);
            }
            Tag::Item => self.start_item(),
            Tag::TableRow => self.html.push_str("\n• "),
            Tag::TableCell => {
                if self.cells > 0 {
                    self.html.push_str(" · ");
                }
                self.cells += 1;
            }
            Tag::Strong | Tag::TableHead => self.open_tag("<b>", "</b>"),
            Tag::Emphasis => self.open_tag("<i>", "</i>"),
            Tag::Strikethrough => self.open_tag("<s>", "</s>"),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.start_link(&dest_url),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.end_block(),
            TagEnd::Heading(_) => {
                self.close_tag();
                self.end_block();
            }
            TagEnd::BlockQuote(_) => {
                self.close_tag();
                self.gap = "\n\n";
            }
            TagEnd::CodeBlock => {
                self.is_code = false;
                while self.html.ends_with('\n') {
                    self.html.pop();
                }
                self.close_tag();
                self.close_tag();
                self.gap = "\n\n";
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.end_block();
            }
            TagEnd::Item => self.gap = "\n",
            TagEnd::TableHead => {
                self.close_tag();
                self.cells = 0;
            }
            TagEnd::TableRow => self.cells = 0,
            TagEnd::Table => self.gap = "\n\n",
            TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image => {
                self.close_tag();
            }
            _ => {}
        }
    }

    fn start_code(&mut self, kind: &CodeBlockKind<'_>) {
        self.begin_block();
        self.is_code = true;
        self.open_tag("<pre>", "</pre>");
        let language = match kind {
            CodeBlockKind::Fenced(language) => language.split_whitespace().next().unwrap_or_default(),
            CodeBlockKind::Indented => "",
        };
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "+-_#.".contains(character);
        if !language.is_empty() && language.chars().all(is_plain) && self.flattened == 0 {
            self.open_tag(&format!("<code class=\"language-{language}\">"), "</code>");
        } else {
            self.open_tag("", "");
        }
    }

    fn start_item(&mut self) {
        self.begin_block();
        let depth = self.lists.len().saturating_sub(1);
        self.html.push_str(&"   ".repeat(depth.min(DEPTH_MAX)));
        let marker = match self.lists.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{number}. ");
                *number += 1;
                marker
            }
            _ => "• ".to_owned(),
        };
        self.html.push_str(&marker);
        self.gap = "";
    }

    /// A link to the web or a mailbox; any other is its text.
    fn start_link(&mut self, url: &str) {
        let lower = url.to_ascii_lowercase();
        if ["http://", "https://", "mailto:", "tg://"].iter().any(|scheme| lower.starts_with(scheme)) {
            self.open_tag(&format!("<a href=\"{}\">", escape(url)), "</a>");
        } else {
            self.open_tag("", "");
        }
    }

    fn text(&mut self, text: &str) {
        if !self.gap.is_empty() && !self.is_code && !text.trim().is_empty() {
            // Text of a tight list's item stands in no paragraph.
            self.begin_block();
        }
        self.html.push_str(&escape(text));
    }

    fn begin_block(&mut self) {
        if !self.html.is_empty() {
            self.html.push_str(self.gap);
        }
        self.gap = "";
    }

    fn end_block(&mut self) {
        self.gap = if self.lists.is_empty() { "\n\n" } else { "\n" };
    }

    fn open_tag(&mut self, tag: &str, end: &'static str) {
        if self.open.len() >= DEPTH_MAX {
            self.flattened += 1;
            return;
        }
        self.html.push_str(tag);
        self.open.push(end);
    }

    fn close_tag(&mut self) {
        if self.flattened > 0 {
            self.flattened -= 1;
        } else if let Some(end) = self.open.pop() {
            self.html.push_str(end);
        }
    }
}

/// The characters by which Telegram reads tags.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_construct_is_written_as_telegram_shows_it() {
        for (markdown, html) in [
            (
                "# 标题 *斜*\n一行\n二行 **粗** ~~删~~ `a<b`",
                "<b>标题 <i>斜</i></b>\n\n一行\n二行 <b>粗</b> <s>删</s> <code>a&lt;b</code>",
            ),
            ("1. 甲\n   - 乙\n2. 丙\n\n> 引", "1. 甲\n   • 乙\n2. 丙\n\n<blockquote>引</blockquote>"),
            ("```rust\na < b\n```\nend", "<pre><code class=\"language-rust\">a &lt; b</code></pre>\n\nend"),
            ("```\nx\n```", "<pre>x</pre>"),
            ("| 城市 | 销量 |\n|---|--:|\n| 北京 | 1,200 |\n", "<b>城市 · 销量</b>\n• 北京 · 1,200"),
            (
                "[看](https://a.com/?x=1&y=\"2\") [不](javascript:x)",
                "<a href=\"https://a.com/?x=1&amp;y=&quot;2&quot;\">看</a> 不",
            ),
            ("<script>x</script> & 1_000_000", "&lt;script&gt;x&lt;/script&gt; &amp; 1_000_000"),
            ("- [x] 完成\n- 余", "• ☑ 完成\n• 余"),
        ] {
            assert_eq!(render(markdown), html, "{markdown}");
        }
    }

    #[test]
    fn what_is_shown_is_counted_in_utf_16() {
        assert_eq!(visible_units("**🦀** <"), 4 + "&lt;".len() - 1);
    }
}
