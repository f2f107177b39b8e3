//! What an endpoint's answer means for the delivery.
//!
//! Robots answer HTTP 200 to what they refuse, with a code in the body, so each format reads its own answers.

use std::time::Duration;

use openclaw_core::EndpointFormat;
use serde::Deserialize;

use super::openclaw;
use super::robot::robot;

/// The most characters of an endpoint's own words that a reason quotes.
const QUOTE_CHARS_MAX: usize = 200;

/// What becomes of a delivery after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was received.
    Delivered,
    /// Try again.
    Retry {
        /// How long the endpoint asked to wait, not yet capped; absent: as the schedule says.
        after: Option<Duration>,
        /// Whether the attempt counts against the schedule. False: the platform only asked for patience, and everything
        /// else for this robot should wait as well.
        counts: bool,
        /// What the answer was.
        reason: String,
    },
    /// Trying again cannot help until its operator changes something.
    GiveUp {
        /// What was refused, and what to change.
        reason: String,
    },
    /// The receiver is gone: disable the endpoint.
    Disable {
        /// How it said so.
        reason: String,
    },
}

impl Verdict {
    pub(super) fn retry(reason: String) -> Self {
        Self::Retry { after: None, counts: true, reason }
    }

    pub(super) fn too_fast(after: Duration, reason: String) -> Self {
        Self::Retry { after: Some(after), counts: false, reason }
    }

    pub(super) fn give_up(reason: String) -> Self {
        Self::GiveUp { reason }
    }
}

/// An answer as it arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) body: &'a [u8],
}

/// Says what an answer means; `retry_after` is the header of that name, `body` at least its first kilobytes.
pub fn judge(format: EndpointFormat, status: u16, retry_after: Option<Duration>, body: &[u8]) -> Verdict {
    let answer = Answer { status, retry_after, body };
    match robot(format) {
        Some(robot) => robot.judge(answer),
        None => openclaw::judge(answer),
    }
}

/// The code and the words in a robot's answer.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(super) struct RobotAnswer {
    #[serde(alias = "errcode")]
    pub(super) code: i64,
    #[serde(alias = "errmsg", default, deserialize_with = "text_or_null")]
    pub(super) msg: String,
}

fn text_or_null<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl Answer<'_> {
    /// The robot's own code; an error code is believed whatever the HTTP status, a success only with a 2xx.
    pub(super) fn robot_answer(&self) -> Option<RobotAnswer> {
        let answer: RobotAnswer = serde_json::from_slice(self.body).ok()?;
        (answer.code != 0 || self.is_success()).then_some(answer)
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What an answer without a code of the platform's means.
    pub(super) fn judge_by_status(&self, platform: &str, patience: Duration) -> Verdict {
        match self.status {
            410 => Verdict::Disable { reason: format!("{platform} answered 410: the robot is gone") },
            429 => Verdict::too_fast(self.retry_after.unwrap_or(patience), format!("{platform} answered 429")),
            _ => Verdict::Retry {
                after: self.retry_after,
                counts: true,
                reason: format!(
                    "{platform} answered {} and nothing that it is known to say: {}",
                    self.status,
                    self.quote()
                ),
            },
        }
    }

    /// The beginning of the body, fit for one line of a log.
    pub(super) fn quote(&self) -> String {
        quote(&String::from_utf8_lossy(self.body))
    }
}

/// The beginning of someone else's words, fit for one line of a log.
pub(super) fn quote(words: &str) -> String {
    let line: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(QUOTE_CHARS_MAX).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use EndpointFormat::{Dingtalk, Feishu, Openclaw, Slack, Wecom};

    /// The verdict in one word, and how long to wait.
    fn verdict(format: EndpointFormat, status: u16, body: &str) -> (&'static str, Option<u64>) {
        match judge(format, status, None, body.as_bytes()) {
            Verdict::Delivered => ("delivered", None),
            Verdict::Retry { after, counts: true, .. } => ("retry", after.map(|after| after.as_secs())),
            Verdict::Retry { after, counts: false, .. } => ("too fast", after.map(|after| after.as_secs())),
            Verdict::GiveUp { .. } => ("give up", None),
            Verdict::Disable { .. } => ("disable", None),
        }
    }

    #[test]
    fn robots_are_judged_by_what_they_say() {
        for (format, status, body, expected) in [
            (Dingtalk, 200, r#"{"errcode":0,"errmsg":"ok"}"#, ("delivered", None)),
            (Dingtalk, 200, r#"{"errcode":310000,"errmsg":"sign not match"}"#, ("give up", None)),
            (Dingtalk, 200, r#"{"errcode":300005,"errmsg":"token is not exist"}"#, ("give up", None)),
            (Dingtalk, 200, r#"{"status":1111,"punish":"deny","errcode":130101}"#, ("too fast", Some(600))),
            (Dingtalk, 200, r#"{"status":1111,"wait":5,"punish":"deny"}"#, ("too fast", Some(600))),
            (Dingtalk, 200, r#"{"errcode":-1,"errmsg":"系统繁忙"}"#, ("retry", None)),
            (Dingtalk, 502, "<html>", ("retry", None)),
            (Dingtalk, 200, "<html>log in</html>", ("retry", None)),
            (Dingtalk, 500, r#"{"errcode":0}"#, ("retry", None)),
            (Feishu, 200, r#"{"code":0,"msg":"success","data":{}}"#, ("delivered", None)),
            (Feishu, 200, r#"{"Extra":null,"StatusCode":0,"StatusMessage":"success"}"#, ("delivered", None)),
            (
                Feishu,
                200,
                r#"{"StatusCode":0,"StatusMessage":"","code":19007,"msg":"Bot Not Enabled"}"#,
                ("give up", None),
            ),
            (Feishu, 200, r#"{"code":19021,"msg":"sign match fail"}"#, ("give up", None)),
            (Feishu, 200, r#"{"code":19022,"msg":"Ip Not Allowed"}"#, ("give up", None)),
            (Feishu, 200, r#"{"code":19024,"msg":"Key Words Not Found"}"#, ("give up", None)),
            (Feishu, 200, r#"{"code":9499,"msg":"Bad Request","data":{}}"#, ("give up", None)),
            (Feishu, 400, r#"{"code":9499,"msg":"too many request","data":{}}"#, ("too fast", Some(60))),
            (Feishu, 200, r#"{"code":11232,"msg":"frequency limited"}"#, ("too fast", Some(60))),
            (Wecom, 200, r#"{"errcode":0,"errmsg":"ok"}"#, ("delivered", None)),
            (Wecom, 200, r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#, ("give up", None)),
            (Wecom, 200, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#, ("too fast", Some(60))),
            (Wecom, 200, r#"{"errcode":40058,"errmsg":"markdown.content exceed max length 4096"}"#, ("give up", None)),
            (Wecom, 200, r#"{"errcode":77,"errmsg":null}"#, ("retry", None)),
            (Slack, 200, "ok", ("delivered", None)),
            (Slack, 200, "<html>", ("retry", None)),
            (Slack, 400, "invalid_payload", ("give up", None)),
            (Slack, 403, "action_prohibited", ("give up", None)),
            (Slack, 404, "no_service", ("give up", None)),
            (Slack, 410, "channel_is_archived", ("disable", None)),
            (Slack, 429, "rate_limited", ("too fast", Some(30))),
            (Slack, 500, "rollup_error", ("retry", None)),
        ] {
            assert_eq!(verdict(format, status, body), expected, "{format:?} {status} {body}");
        }
    }

    #[test]
    fn our_own_format_is_judged_by_the_status() {
        for (status, expected) in
            [(200, "delivered"), (204, "delivered"), (302, "retry"), (404, "retry"), (410, "disable"), (500, "retry")]
        {
            assert_eq!(verdict(Openclaw, status, "").0, expected, "{status}");
        }
        let asked = judge(Openclaw, 503, Some(Duration::from_secs(9)), b"");
        assert!(matches!(asked, Verdict::Retry { after: Some(after), counts: true, .. } if after.as_secs() == 9));
    }

    #[test]
    fn a_reason_is_one_line_and_tells_what_to_do() {
        let body = format!(r#"{{"errcode":310000,"errmsg":"keywords not in content\n{}"}}"#, "x".repeat(999));
        let Verdict::GiveUp { reason } = judge(Dingtalk, 200, None, body.as_bytes()) else { panic!("it gives up") };
        assert!(
            reason.contains("set its keyword to OpenClaw") && reason.len() < 500 && !reason.contains('\n'),
            "{reason}"
        );
    }
}
