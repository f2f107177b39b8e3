//! `DingTalk` custom robots.
//!
//! Signed in the query, for an hour. Answers HTTP 200 to everything and tells the truth in `errcode`. Codes and their
//! meanings: <https://open.dingtalk.com/document/orgapp/custom-robot-access>, and what its users report.

use std::time::Duration;

use openclaw_core::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::markdown::{Dialect, without_tags};
use super::robot::{Message, Robot, json_bytes, json_post};
use super::sign::hmac_base64;
use super::verdict::{Answer, RobotAnswer, Verdict, quote};
use super::{Rate, Rendered, Window};

/// `errcode` 460101: "message too long, exceed 20000 bytes".
const BODY_BYTES_MAX: usize = 20_000;
/// More than the body without its text: title, names and punctuation.
const ENVELOPE_BYTES: usize = 512;

/// "Each robot sends at most 20 messages a minute; beyond that it is limited for 10 minutes."
const RATE: Rate =
    Rate { windows: &[Window { sends: 20, length: Duration::from_mins(1) }], pause: Duration::from_mins(10) };

/// Headings, quotes, bold, italic, links and lists are all that is documented; two blanks end a line.
static DIALECT: Dialect = Dialect {
    bold: "**",
    italic: "*",
    strike: "",
    code: "`",
    fences: false,
    headings: true,
    marks_stand_apart: false,
    bullet: "- ",
    quote: "> ",
    rule: "---",
    line_end: "  \n",
    escape: ToOwned::to_owned,
    disarm: without_tags,
    link: |text, url| format!("[{text}]({url})"),
};

pub(super) struct Dingtalk;

impl Robot for Dingtalk {
    fn dialect(&self) -> &'static Dialect {
        &DIALECT
    }

    /// The title is shown in notifications only.
    fn shows_title(&self) -> bool {
        false
    }

    fn text_max(&self) -> usize {
        BODY_BYTES_MAX - ENVELOPE_BYTES
    }

    fn measure(&self, text: &str) -> usize {
        json_bytes(text)
    }

    fn post(&self, message: &Message, secret: Option<&str>, url: &str, now: Timestamp) -> Rendered {
        let body = json!({
            "msgtype": "markdown",
            "markdown": {"title": message.title, "text": message.text},
            "at": {"atMobiles": [], "isAtAll": false},
        });
        json_post(secret.map_or(url.to_owned(), |secret| signed_url(url, secret, now)), &body)
    }

    fn judge(&self, answer: Answer<'_>) -> Verdict {
        let Some(RobotAnswer { code, msg }) = answer.robot_answer() else {
            // The firewall before the robots speaks another language: {"status":1111,"wait":5,"punish":"deny",…}.
            return match answer.quote() {
                blocked if blocked.contains("\"punish\"") => {
                    Verdict::too_fast(RATE.pause, format!("DingTalk blocks for a while: {blocked}"))
                }
                _ => answer.judge_by_status("DingTalk", RATE.pause),
            };
        };
        let said = format!("DingTalk answered {code}: {}", quote(&msg));
        match code {
            0 => Verdict::Delivered,
            130_101 | 410_100 | 660_026 => Verdict::too_fast(RATE.pause, said),
            310_000 => Verdict::give_up(format!("{said}; {}", security_advice(&msg))),
            300_001 | 300_005 | 400_101 | 400_106 => {
                Verdict::give_up(format!("{said}; no such robot: copy its webhook URL again"))
            }
            400_013 | 400_102 => Verdict::give_up(format!("{said}; the robot was stopped, or its group is gone")),
            40_035 | 43_004 | 400_105 | 460_101 => Verdict::give_up(said),
            _ => Verdict::retry(said),
        }
    }

    fn rate(&self) -> Rate {
        RATE
    }
}

/// One code stands for each of the robot's three security settings.
fn security_advice(msg: &str) -> &'static str {
    if msg.contains("keyword") || msg.contains("关键词") {
        "no keyword of the robot is in the message: set its keyword to OpenClaw, or put it in the endpoint's template"
    } else if msg.contains("whitelist") || msg.contains("白名单") {
        "add the gateway's public address to the robot's IP list"
    } else if msg.contains("timestamp") || msg.contains("时间戳") {
        "this machine's clock is off by more than an hour"
    } else {
        "check that the endpoint's secret is the robot's (SEC…)"
    }
}

/// The key is the secret, the message `milliseconds \n secret`; base64, then percent-encoded once.
fn signed_url(url: &str, secret: &str, now: Timestamp) -> String {
    let millis = now.as_millis();
    let sign = hmac_base64(secret, &format!("{millis}\n{secret}"));
    let sign = utf8_percent_encode(&sign, NON_ALPHANUMERIC);
    let url = url.split('#').next().unwrap_or_default();
    let separator = if url.contains('?') { '&' } else { '?' };
    format!("{url}{separator}timestamp={millis}&sign={sign}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_the_vector_of_the_documentation_says() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let url = signed_url("https://oapi.dingtalk.com/robot/send?access_token=T", "SECdemo", now);
        assert_eq!(
            url,
            "https://oapi.dingtalk.com/robot/send?access_token=T&timestamp=1700000000000&sign=lOvVf9TQCVugV68mGbSZCg0gzOl1SVjxWi1MyVZCUuA%3D"
        );
    }
}
