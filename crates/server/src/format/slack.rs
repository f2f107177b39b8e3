//! Slack incoming webhooks.
//!
//! Not signed: the URL is all that there is. Unlike the others it tells success and failure by the HTTP status:
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>. The message is one `text` in mrkdwn, which holds
//! 40,000 characters; blocks hold 3,000 each, and are refused at some 13,200 together (slackapi/bolt-js issue 2509).

use std::time::Duration;

use openclaw_core::Timestamp;
use serde_json::json;

use super::markdown::Dialect;
use super::robot::{Message, Robot, json_post};
use super::verdict::{Answer, Verdict};
use super::{Rate, Rendered, Window};

/// Longer messages are cut by Slack, without a word.
const TEXT_CHARS_MAX: usize = 40_000;

/// "1 per second", for incoming webhooks: <https://docs.slack.dev/apis/web-api/rate-limits>.
const RATE: Rate =
    Rate { windows: &[Window { sends: 1, length: Duration::from_secs(1) }], pause: Duration::from_secs(30) };

static DIALECT: Dialect = Dialect {
    bold: "*",
    italic: "_",
    strike: "~",
    code: "`",
    fences: true,
    headings: false,
    marks_stand_apart: true,
    bullet: "• ",
    quote: "> ",
    rule: "————",
    line_end: "\n",
    escape,
    disarm: ToOwned::to_owned,
    link: |text, url| format!("<{}|{text}>", escape(url)),
};

pub(super) struct Slack;

impl Robot for Slack {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn shows_title(&self) -> bool {
        false
    }

    fn text_max(&self) -> usize {
        TEXT_CHARS_MAX
    }

    fn measure(&self, text: &str) -> usize {
        text.chars().count()
    }

    fn post(&self, message: &Message, _secret: Option<&str>, url: &str, _now: Timestamp) -> Rendered {
        json_post(url.to_owned(), &json!({"text": message.text, "unfurl_links": false, "unfurl_media": false}))
    }

    fn judge(&self, answer: Answer<'_>) -> Verdict {
        let said = format!("Slack answered {}: {}", answer.status, answer.quote());
        match answer.status {
            200 if answer.quote() == "ok" => Verdict::Delivered,
            400 => Verdict::give_up(said),
            403 => Verdict::give_up(format!("{said}; the workspace does not let this webhook post")),
            404 => Verdict::give_up(format!("{said}; the channel or the webhook is gone: make a new one")),
            _ => answer.judge_by_status("Slack", RATE.pause),
        }
    }

    fn rate(&self) -> Rate {
        RATE
    }
}

/// The three characters that Slack reads commands by.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
