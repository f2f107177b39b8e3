//! `DingTalk`: <https://open.dingtalk.com/document/orgapp/custom-robot-access>.

use super::limit::Limit;
use super::platform::{Answer, Platform, Request, Settings, WINDOW_MS, failed, hmac_base64, text_at};
use super::{RobotFailure, RobotMessage};

const TOKEN: &str = "robot-token";
const BODY_BYTES_MAX: usize = 20_000;

#[derive(Debug)]
pub(super) struct Dingtalk;

impl Platform for Dingtalk {
    fn path(&self) -> &'static str {
        "/robot/send?access_token=robot-token"
    }

    fn check(&self, request: &Request<'_>, settings: &Settings) -> Result<RobotMessage, Answer> {
        if request.path != "/robot/send" || request.query.get("access_token").is_none_or(|token| token != TOKEN) {
            return Err(Answer::errcode(300_005, "token is not exist"));
        }
        if let Some(secret) = &settings.secret {
            check_signature(request, secret)?;
        }
        if settings.refuses_address {
            return Err(Answer::errcode(310_000, "ip 127.0.0.1 not in whitelist"));
        }
        if settings.misses_keyword(request) {
            return Err(Answer::errcode(310_000, "keywords not in content"));
        }
        if request.bytes.len() > BODY_BYTES_MAX {
            return Err(Answer::errcode(460_101, "message too long, exceed 20000 bytes"));
        }
        match (text_at(&request.body, "/markdown/title"), text_at(&request.body, "/markdown/text")) {
            (Some(title), Some(text)) if request.body["msgtype"] == "markdown" => {
                Ok(RobotMessage { title: title.into(), text: text.into(), body: request.body.clone() })
            }
            _ => Err(Answer::errcode(40_035, "缺少参数 json")),
        }
    }

    fn success(&self) -> Answer {
        Answer::errcode(0, "ok")
    }

    fn failure(&self, failure: RobotFailure) -> Answer {
        match failure {
            RobotFailure::TooFast => Answer::errcode(130_101, "send too fast, exceed 20 times per minute"),
            RobotFailure::Denied => Answer::errcode(310_000, "sign not match"),
            RobotFailure::Busy => Answer::errcode(-1, "系统繁忙"),
            RobotFailure::Status(status) => failed(status),
        }
    }

    fn limit(&self) -> Limit {
        Limit::new(vec![(20, 60_000)], 600_000)
    }
}

fn check_signature(request: &Request<'_>, secret: &str) -> Result<(), Answer> {
    let timestamp = request.query.get("timestamp").and_then(|text| text.parse::<i64>().ok());
    let Some(timestamp) = timestamp.filter(|timestamp| (request.now_ms - timestamp).abs() <= WINDOW_MS) else {
        return Err(Answer::errcode(310_000, "invalid timestamp"));
    };
    let expected = hmac_base64(secret, &format!("{timestamp}\n{secret}"));
    if request.query.get("sign") != Some(&expected) {
        return Err(Answer::errcode(310_000, "sign not match"));
    }
    Ok(())
}
