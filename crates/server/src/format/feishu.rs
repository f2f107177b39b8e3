//! Feishu (Lark) custom robots.
//!
//! Signed in the body, for an hour. Rules, rate, size and codes:
//! <https://open.larkoffice.com/document/ukTMukTMukTM/ucTM5YjL3ETO24yNxkjN.md>. Text is `lark_md` in a card of JSON 1.0: lists
//! and fences of the newer card component show a placeholder in clients before 7.6, and tables need JSON 2.0.

use std::time::Duration;

use openclaw_core::Timestamp;
use serde_json::json;

use super::markdown::Dialect;
use super::robot::{Message, Robot, json_bytes, json_post};
use super::sign::hmac_base64;
use super::verdict::{Answer, RobotAnswer, Verdict, quote};
use super::{Rate, Rendered, Window};

/// "The body must not be larger than 20 KB."
const BODY_BYTES_MAX: usize = 20_000;
/// More than the body without its text: title, signature, names and punctuation.
const ENVELOPE_BYTES: usize = 512;

/// "100 a minute and 5 a second"; told that it was too much, the longer window is let pass.
const RATE: Rate = Rate {
    windows: &[
        Window { sends: 5, length: Duration::from_secs(1) },
        Window { sends: 100, length: Duration::from_mins(1) },
    ],
    pause: Duration::from_mins(1),
};

/// Bold, italic, struck text and links; the rest is written plainly.
static DIALECT: Dialect = Dialect {
    bold: "**",
    italic: "*",
    strike: "~~",
    code: "",
    fences: false,
    headings: false,
    marks_stand_apart: false,
    bullet: "• ",
    quote: "┃ ",
    rule: "————",
    line_end: "\n",
    escape,
    disarm: ToOwned::to_owned,
    link: |text, url| format!("[{text}]({url})"),
};

pub(super) struct Feishu;

impl Robot for Feishu {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn shows_title(&self) -> bool {
        true
    }

    fn text_max(&self) -> usize {
        BODY_BYTES_MAX - ENVELOPE_BYTES
    }

    fn measure(&self, text: &str) -> usize {
        json_bytes(text)
    }

    fn post(&self, message: &Message, secret: Option<&str>, url: &str, now: Timestamp) -> Rendered {
        let mut body = json!({
            "msg_type": "interactive",
            "card": {
                "config": {"wide_screen_mode": true},
                "header": {"title": {"tag": "plain_text", "content": message.title}},
                "elements": [{"tag": "div", "text": {"tag": "lark_md", "content": message.text}}],
            },
        });
        if let Some(secret) = secret {
            let seconds = now.as_millis().div_euclid(1000);
            body["timestamp"] = seconds.to_string().into();
            body["sign"] = sign(secret, seconds).into();
        }
        json_post(url.to_owned(), &body)
    }

    /// Too many requests are refused with HTTP 400, everything else with 200; the code counts.
    fn judge(&self, answer: Answer<'_>) -> Verdict {
        let Some(RobotAnswer { code, msg }) = answer.robot_answer() else {
            // What robots answered before they had codes, and a few still do.
            return match answer.quote() {
                said if answer.is_success() && said.contains(r#""StatusMessage":"success""#) => Verdict::Delivered,
                _ => answer.judge_by_status("Feishu", RATE.pause),
            };
        };
        let said = format!("Feishu answered {code}: {}", quote(&msg));
        match code {
            0 => Verdict::Delivered,
            11_232 | 99_991_400 => Verdict::too_fast(RATE.pause, said),
            9_499 if msg.contains("too many") => Verdict::too_fast(RATE.pause, said),
            19_001 => Verdict::give_up(format!("{said}; no such robot: copy its webhook URL again")),
            19_007 => Verdict::give_up(format!("{said}; the robot was stopped")),
            19_021 => Verdict::give_up(format!("{said}; check the endpoint's secret and this machine's clock")),
            19_022 => Verdict::give_up(format!("{said}; add the gateway's public address to the robot's IP list")),
            19_024 => Verdict::give_up(format!(
                "{said}; set the robot's keyword to OpenClaw, or put it in the endpoint's template"
            )),
            9_499 | 19_002 | 19_036 => Verdict::give_up(said),
            _ => Verdict::retry(said),
        }
    }

    fn rate(&self) -> Rate {
        RATE
    }
}

/// The key is `seconds \n secret`, and the message is empty: the reverse of what `DingTalk` does.
fn sign(secret: &str, seconds: i64) -> String {
    hmac_base64(&format!("{seconds}\n{secret}"), "")
}

/// Entities as the card documentation lists them; an `&` that would begin one is kept from it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '<' => escaped.push_str("&#60;"),
            '>' => escaped.push_str("&#62;"),
            '*' => escaped.push_str("&#42;"),
            '~' => escaped.push_str("&#126;"),
            '[' => escaped.push_str("&#91;"),
            ']' => escaped.push_str("&#93;"),
            '`' => escaped.push_str("&#96;"),
            '&' if characters.peek().is_some_and(|next| next.is_ascii_alphabetic() || *next == '#') => {
                escaped.push_str("&\u{200B}");
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_the_guides_sample_does() {
        assert_eq!(sign("demo", 100), "jquNHnVOwmDRfw+vqTIrY5dooJAgi5EcRtLsQE4wfXg=");
    }
}
