//! HTML to Markdown in one pass over its tokens.
//!
//! No tree is built, since a tree is what hostile pages attack: nesting of any depth costs a counter here, not a stack
//! frame, and a page costs time and memory in proportion to its length, whatever is in it. What comes out is structure
//! (headings, lists, links, tables, code), not decoration; scripts, styles and what pages embed are left out, as are links
//! that are no addresses (`javascript:`).

mod link;
mod table;
mod writer;

use std::collections::BTreeMap;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{EndTag, HtmlString, Spanned, StartTag, Token, Tokenizer};

use link::address;
use table::Table;
use writer::Writer;

/// A page as text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// Its title, in one line; empty if it has none.
    pub(super) title: String,
    /// Its body as Markdown.
    pub(super) markdown: String,
}

/// Elements that are left out with all that is in them.
const LEFT_OUT: &[&[u8]] = &[
    b"script",
    b"style",
    b"noscript",
    b"template",
    b"svg",
    b"math",
    b"iframe",
    b"object",
    b"canvas",
    b"select",
    b"audio",
    b"video",
];

/// Elements that stand on lines of their own.
const BLOCKS: &[&[u8]] = &[
    b"address",
    b"article",
    b"aside",
    b"center",
    b"dd",
    b"details",
    b"dialog",
    b"div",
    b"dl",
    b"dt",
    b"fieldset",
    b"figcaption",
    b"figure",
    b"footer",
    b"form",
    b"header",
    b"legend",
    b"main",
    b"nav",
    b"option",
    b"section",
    b"summary",
];

/// Reads a page; links are told as seen from `base`. At most `bytes_max` of Markdown are made, then the page ends.
pub(super) fn to_page(html: &str, base: &str, bytes_max: usize) -> Page {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut reader = Reader { base, writer: Writer::new(bytes_max), ..Reader::default() };
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Token::StartTag(tag) => reader.open(&tag),
            Token::EndTag(tag) => reader.close(&tag),
            Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
        if reader.writer.is_full() {
            break;
        }
    }
    let title = reader.title.split_whitespace().collect::<Vec<_>>().join(" ");
    Page { title, markdown: reader.writer.finish() }
}

/// The text of a piece of HTML, such as a search engine's snippet, in one line.
pub(super) fn to_line(html: &str) -> String {
    to_page(html, "", html.len()).markdown.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Default)]
struct Reader<'a> {
    base: &'a str,
    writer: Writer,
    title: String,
    in_title: bool,
    /// The element that is being left out, and how many of its name are open.
    left_out: Option<(Vec<u8>, usize)>,
    table: Table,
}

impl Reader<'_> {
    fn open(&mut self, tag: &StartTag<()>) {
        let name: &[u8] = &tag.name;
        if let Some((left_out, depth)) = &mut self.left_out {
            *depth += usize::from(left_out == name && !tag.self_closing);
            return;
        }
        if LEFT_OUT.contains(&name) {
            self.left_out = (!tag.self_closing).then(|| (name.to_vec(), 1));
            return;
        }
        let writer = &mut self.writer;
        match name {
            b"title" => self.in_title = self.title.is_empty(),
            b"p" => writer.paragraph(),
            b"br" => writer.line(),
            b"hr" => writer.rule(),
            b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => writer.heading(usize::from(name[1] - b'0')),
            b"ul" | b"menu" => writer.open_list(None),
            b"ol" => writer.open_list(Some(attribute(&tag.attributes, b"start").parse().unwrap_or(1))),
            b"li" => writer.item(),
            b"blockquote" => writer.open_quote(),
            b"pre" => writer.open_pre(),
            b"code" | b"kbd" | b"samp" => writer.open_code(),
            b"a" => writer.open_link(address(&attribute(&tag.attributes, b"href"), self.base)),
            b"img" => {
                let alt = attribute(&tag.attributes, b"alt");
                writer.image(alt.trim(), address(&attribute(&tag.attributes, b"src"), self.base));
            }
            b"table" => self.table.open(writer),
            b"tr" => self.table.row(writer),
            b"td" | b"th" => self.table.cell(writer),
            _ if BLOCKS.contains(&name) => writer.line(),
            _ => {}
        }
    }

    fn close(&mut self, tag: &EndTag<()>) {
        let name: &[u8] = &tag.name;
        if let Some((left_out, depth)) = &mut self.left_out {
            *depth -= usize::from(left_out == name);
            if *depth == 0 {
                self.left_out = None;
            }
            return;
        }
        let writer = &mut self.writer;
        match name {
            b"title" => self.in_title = false,
            b"p" => writer.paragraph(),
            b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => writer.close_heading(),
            b"ul" | b"ol" | b"menu" => writer.close_list(),
            b"blockquote" => writer.close_quote(),
            b"pre" => writer.close_pre(),
            b"code" | b"kbd" | b"samp" => writer.close_code(),
            b"a" => writer.close_link(),
            b"table" => self.table.close(writer),
            b"tr" => self.table.end_row(writer),
            _ if BLOCKS.contains(&name) => writer.line(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.left_out.is_some() {
            return;
        }
        if self.in_title {
            self.title.push_str(text);
        } else {
            self.writer.text(text);
        }
    }
}

fn attribute(attributes: &BTreeMap<HtmlString, Spanned<HtmlString, ()>>, name: &[u8]) -> String {
    attributes.get(name).map_or_else(String::new, |value| String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests;
