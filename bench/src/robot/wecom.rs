//! `WeCom`: <https://developer.work.weixin.qq.com/document/path/91770>.

use super::limit::Limit;
use super::platform::{Answer, Platform, Request, Settings, failed, text_at};
use super::{RobotFailure, RobotMessage};

const KEY: &str = "robot-key";
const TEXT_BYTES_MAX: usize = 4096;

#[derive(Debug)]
pub(super) struct Wecom;

impl Platform for Wecom {
    fn path(&self) -> &'static str {
        "/cgi-bin/webhook/send?key=robot-key"
    }

    fn check(&self, request: &Request<'_>, _settings: &Settings) -> Result<RobotMessage, Answer> {
        if request.path != "/cgi-bin/webhook/send" || request.query.get("key").is_none_or(|key| key != KEY) {
            return Err(self.failure(RobotFailure::Denied));
        }
        if request.body["msgtype"] != "markdown" {
            return Err(Answer::errcode(40_008, "invalid message type"));
        }
        let Some(text) = text_at(&request.body, "/markdown/content") else {
            return Err(Answer::errcode(44_004, "empty content"));
        };
        if text.len() > TEXT_BYTES_MAX {
            return Err(Answer::errcode(40_058, "markdown.content exceed max length 4096. invalid Request Parameter"));
        }
        Ok(RobotMessage { title: String::new(), text: text.into(), body: request.body.clone() })
    }

    fn success(&self) -> Answer {
        Answer::errcode(0, "ok")
    }

    fn failure(&self, failure: RobotFailure) -> Answer {
        match failure {
            RobotFailure::TooFast => Answer::errcode(45_009, "api freq out of limit"),
            RobotFailure::Denied => {
                Answer::errcode(93_000, "invalid webhook url, hint: [1755605200], from ip: 127.0.0.1")
            }
            RobotFailure::Busy => Answer::errcode(-1, "system busy"),
            RobotFailure::Status(status) => failed(status),
        }
    }

    fn limit(&self) -> Limit {
        Limit::new(vec![(20, 60_000)], 0)
    }
}
