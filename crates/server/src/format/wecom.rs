//! `WeCom` (企业微信) group robots.
//!
//! Not signed: the key in the URL is all that there is. Rules: <https://developer.work.weixin.qq.com/document/path/91770>;
//! codes: <https://developer.work.weixin.qq.com/document/path/90313>.

use std::time::Duration;

use openclaw_core::Timestamp;
use serde_json::json;

use super::markdown::{Dialect, without_tags};
use super::robot::{Message, Robot, json_post};
use super::verdict::{Answer, RobotAnswer, Verdict, quote};
use super::{Rate, Rendered, Window};

/// "Markdown content, at most 4096 bytes of UTF-8"; `errcode` 40058 beyond.
const TEXT_BYTES_MAX: usize = 4096;

/// "A robot must not send more than 20 messages a minute"; a refusal lasts until the minute is over.
const RATE: Rate =
    Rate { windows: &[Window { sends: 20, length: Duration::from_mins(1) }], pause: Duration::from_mins(1) };

/// Headings, bold, links, code within a line and quotes are all that is documented.
static DIALECT: Dialect = Dialect {
    bold: "**",
    italic: "",
    strike: "",
    code: "`",
    fences: false,
    headings: true,
    marks_stand_apart: false,
    bullet: "• ",
    quote: "> ",
    rule: "————",
    line_end: "\n",
    escape: ToOwned::to_owned,
    disarm: without_tags,
    link: |text, url| format!("[{text}]({url})"),
};

pub(super) struct Wecom;

impl Robot for Wecom {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    fn shows_title(&self) -> bool {
        false
    }

    fn text_max(&self) -> usize {
        TEXT_BYTES_MAX
    }

    fn measure(&self, text: &str) -> usize {
        text.len()
    }

    fn post(&self, message: &Message, _secret: Option<&str>, url: &str, _now: Timestamp) -> Rendered {
        json_post(url.to_owned(), &json!({"msgtype": "markdown", "markdown": {"content": message.text}}))
    }

    fn judge(&self, answer: Answer<'_>) -> Verdict {
        let Some(RobotAnswer { code, msg }) = answer.robot_answer() else {
            return answer.judge_by_status("WeCom", RATE.pause);
        };
        let said = format!("WeCom answered {code}: {}", quote(&msg));
        match code {
            0 => Verdict::Delivered,
            45_009 | 45_033 => Verdict::too_fast(RATE.pause, said),
            93_000 => Verdict::give_up(format!("{said}; no such robot: copy its webhook URL again")),
            93_004 | 93_008 => Verdict::give_up(format!("{said}; the robot was stopped, or is no longer in its group")),
            40_008 | 40_058 | 44_004 => Verdict::give_up(said),
            _ => Verdict::retry(said),
        }
    }

    fn rate(&self) -> Rate {
        RATE
    }
}
