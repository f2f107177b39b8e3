//! What `openclaw webhooks` prints: for people, in colour on a terminal; or one line of JSON each.
//!
//! What an event tells was written by strangers, so nothing of it may steer the terminal: control characters and those
//! that turn the direction of text are shown as their codes.

use std::io::{self, IsTerminal, Write};

use openclaw_core::StoredEvent;
use serde_json::Value;

use super::forward::Forwarded;
use crate::config::Environment;
use crate::format::Payload;

/// The most characters of a value that are shown.
const VALUE_CHARS_MAX: usize = 400;

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const CYAN: &str = "\x1b[1;36m";
const RESET: &str = "\x1b[0m";

/// Standard output for events; standard error for notices.
pub(super) struct Screen {
    json: bool,
    colours: bool,
}

impl Screen {
    /// For people, unless JSON is asked for.
    pub(super) fn new(json: bool) -> Self {
        let colours = !json && io::stdout().is_terminal() && !Environment::process().no_color();
        Self { json, colours }
    }

    /// Prints an event, and what came of forwarding it.
    pub(super) fn event(&self, payload: &Payload, forwarded: Option<&Forwarded>) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            let whole = match (forwarded, payload.unsigned.strip_suffix('}')) {
                (Some(forwarded), Some(head)) => {
                    let forwarded = serde_json::to_string(forwarded).expect("our own types serialise");
                    format!("{head},\"forwarded\":{forwarded}}}")
                }
                _ => payload.unsigned.clone(),
            };
            writeln!(out, "{whole}")?;
            return out.flush();
        }
        let time = self.painted(DIM, &payload.timestamp.to_string());
        let (name, id) = (self.painted(CYAN, &plain(&payload.event)), self.painted(DIM, &plain(&payload.id)));
        writeln!(out, "{time}  {name}  {id}")?;
        if let Ok(event) = serde_json::from_str::<StoredEvent>(&payload.unsigned) {
            self.data(&mut out, &event.data)?;
        }
        if let Some(forwarded) = forwarded {
            writeln!(out, "    {}", self.outcome(forwarded))?;
        }
        out.flush()
    }

    /// Prints what came of one POST.
    pub(super) fn forwarded(&self, forwarded: &Forwarded) -> io::Result<()> {
        writeln!(io::stdout(), "{}", self.outcome(forwarded))
    }

    /// Tells something beside the events.
    pub(super) fn notice(text: &str) -> io::Result<()> {
        writeln!(io::stderr(), "{}", plain(text))
    }

    fn data(&self, out: &mut impl Write, data: &Value) -> io::Result<()> {
        let Some(members) = data.as_object() else { return Ok(()) };
        let width = members.keys().map(|name| name.chars().count()).max().unwrap_or(0);
        for (name, value) in members {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let name = self.painted(BOLD, &format!("{:width$}", plain(name)));
            writeln!(out, "    {name}  {}", shortened(&text))?;
        }
        Ok(())
    }

    fn outcome(&self, forwarded: &Forwarded) -> String {
        let took = format!("in {} ms", forwarded.duration_ms);
        match (&forwarded.error, forwarded.status) {
            (None, Some(status)) => self.painted(GREEN, &format!("→ {status} {took}")),
            (error, _) => {
                let error = shortened(error.as_deref().unwrap_or("no answer"));
                self.painted(RED, &format!("→ {error} ({took})"))
            }
        }
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if self.colours { format!("{colour}{text}{RESET}") } else { text.to_owned() }
    }
}

fn shortened(text: &str) -> String {
    let kept: String = text.chars().take(VALUE_CHARS_MAX).collect();
    let rest = text.chars().count() - kept.chars().count();
    if rest == 0 { plain(&kept) } else { format!("{}… ({rest} more characters)", plain(&kept)) }
}

/// The text on one line, without power over the terminal.
fn plain(text: &str) -> String {
    let is_steering = |char: char| {
        char.is_control() || matches!(char, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\n' => shown.push('⏎'),
            char if is_steering(char) => shown.extend(char.escape_unicode()),
            char => shown.push(char),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_wrote_cannot_steer_the_terminal() {
        assert_eq!(plain("好\n\x1b[2J\u{9b}1m\u{202e}x"), "好⏎\\u{1b}[2J\\u{9b}1m\\u{202e}x");
    }

    #[test]
    fn a_long_value_says_how_much_is_left_out() {
        assert!(shortened(&"好".repeat(450)).ends_with("好… (50 more characters)"));
        assert_eq!(shortened("short"), "short");
    }
}
