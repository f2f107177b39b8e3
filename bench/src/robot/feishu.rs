//! Feishu: <https://open.larkoffice.com/document/ukTMukTMukTM/ucTM5YjL3ETO24yNxkjN.md>.

use serde_json::json;

use super::limit::Limit;
use super::platform::{Answer, Platform, Request, Settings, WINDOW_MS, failed, hmac_base64, text_at};
use super::{RobotFailure, RobotMessage};

const PATH: &str = "/open-apis/bot/v2/hook/robot-token";
const BODY_BYTES_MAX: usize = 20 * 1024;

#[derive(Debug)]
pub(super) struct Feishu;

impl Platform for Feishu {
    fn path(&self) -> &'static str {
        PATH
    }

    fn check(&self, request: &Request<'_>, settings: &Settings) -> Result<RobotMessage, Answer> {
        if request.path != PATH {
            return Err(code(19_001, "param invalid: incoming webhook access token invalid"));
        }
        if request.bytes.len() > BODY_BYTES_MAX {
            return Err(code(9_499, "Bad Request"));
        }
        if settings.secret.as_ref().is_some_and(|secret| !is_signed(request, secret)) {
            return Err(self.failure(RobotFailure::Denied));
        }
        if settings.refuses_address {
            return Err(code(19_022, "Ip Not Allowed"));
        }
        if settings.misses_keyword(request) {
            return Err(code(19_024, "Key Words Not Found"));
        }
        let title = text_at(&request.body, "/card/header/title/content");
        match (title, text_at(&request.body, "/card/elements/0/text/content")) {
            (Some(title), Some(text))
                if request.body["msg_type"] == "interactive"
                    && request.body["card"]["header"]["title"]["tag"] == "plain_text"
                    && request.body["card"]["elements"][0]["text"]["tag"] == "lark_md" =>
            {
                Ok(RobotMessage { title: title.into(), text: text.into(), body: request.body.clone() })
            }
            _ => Err(code(9_499, "Bad Request")),
        }
    }

    fn success(&self) -> Answer {
        Answer::json(&json!({"code": 0, "msg": "success", "data": {}, "StatusCode": 0, "StatusMessage": "success"}))
    }

    fn failure(&self, failure: RobotFailure) -> Answer {
        match failure {
            RobotFailure::TooFast => code(11_232, "frequency limited psm[lark.oapi.app_platform_runtime]"),
            RobotFailure::Denied => {
                code(19_021, "sign match fail or timestamp is not within one hour from current time")
            }
            RobotFailure::Busy => code(2_200, "internal error"),
            RobotFailure::Status(status) => failed(status),
        }
    }

    fn limit(&self) -> Limit {
        Limit::new(vec![(5, 1_000), (100, 60_000)], 0)
    }
}

fn code(code: i64, msg: &str) -> Answer {
    Answer::json(&json!({"code": code, "msg": msg, "data": {}}))
}

fn is_signed(request: &Request<'_>, secret: &str) -> bool {
    let timestamp = text_at(&request.body, "/timestamp").unwrap_or_default();
    let is_recent = timestamp.parse::<i64>().is_ok_and(|seconds| (request.now_ms - seconds * 1000).abs() <= WINDOW_MS);
    let expected = hmac_base64(&format!("{timestamp}\n{secret}"), "");
    is_recent && text_at(&request.body, "/sign") == Some(&expected)
}
