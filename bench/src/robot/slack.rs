//! Slack: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.

use super::limit::Limit;
use super::platform::{Answer, Platform, Request, Settings, failed, text_at};
use super::{RobotFailure, RobotMessage};

const PATH: &str = "/services/T0/B0/robot-token";
const TEXT_CHARS_MAX: usize = 40_000;

#[derive(Debug)]
pub(super) struct Slack;

impl Platform for Slack {
    fn path(&self) -> &'static str {
        PATH
    }

    fn check(&self, request: &Request<'_>, _settings: &Settings) -> Result<RobotMessage, Answer> {
        if request.path != PATH {
            return Err(self.failure(RobotFailure::Denied));
        }
        if !request.body.is_object() {
            return Err(Answer::text(400, "invalid_payload"));
        }
        let Some(text) = text_at(&request.body, "/text") else {
            return Err(Answer::text(400, "no_text"));
        };
        // Slack itself cuts it, without a word; a test should hear of it.
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(Answer::text(400, "msg_too_long"));
        }
        Ok(RobotMessage { title: String::new(), text: text.into(), body: request.body.clone() })
    }

    fn success(&self) -> Answer {
        Answer::text(200, "ok")
    }

    fn failure(&self, failure: RobotFailure) -> Answer {
        match failure {
            RobotFailure::TooFast => Answer::text(429, "rate_limited"),
            RobotFailure::Denied => Answer::text(404, "no_service"),
            RobotFailure::Busy => Answer::text(500, "rollup_error"),
            RobotFailure::Status(status) => failed(status),
        }
    }

    fn limit(&self) -> Limit {
        Limit::new(vec![(1, 1_000)], 0)
    }
}
