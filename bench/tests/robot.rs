//! The robots are as strict as their platforms, and fail exactly as told.
#![expect(clippy::disallowed_methods, reason = "a tool's test spawns its own connections")]
#![expect(clippy::unwrap_used, reason = "a test's helper fails the test by it")]

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use openclaw_bench::robot::{Robot, RobotFailure, RobotKind};
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// POSTs a body to a robot's URL, with more in its query, and gives status and body.
async fn post(robot: &Robot, more: &str, body: &Value) -> (u16, String) {
    let url = robot.url() + more;
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let stream = TcpStream::connect(host).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::post(format!("/{path}"))
        .header("host", "robot")
        .header("content-type", "application/json; charset=utf-8")
        .body(Full::<Bytes>::from(body.to_string()))
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    let status = response.status().as_u16();
    (status, String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

/// The code that a robot answered with, HTTP 200 in any case.
async fn code(robot: &Robot, more: &str, body: &Value) -> i64 {
    let (status, body) = post(robot, more, body).await;
    assert_eq!(status, 200, "{body}");
    let body: Value = serde_json::from_str(&body).unwrap();
    body["errcode"].as_i64().or(body["code"].as_i64()).unwrap()
}

fn dingtalk() -> Value {
    json!({"msgtype": "markdown", "markdown": {"title": "报告", "text": "### 报告"}})
}

fn feishu() -> Value {
    json!({"msg_type": "interactive", "card": {
        "header": {"title": {"tag": "plain_text", "content": "报告"}},
        "elements": [{"tag": "div", "text": {"tag": "lark_md", "content": "**好**"}}],
    }})
}

#[tokio::test]
async fn dingtalk_checks_the_signature_of_the_query_and_its_hour() {
    let robot = Robot::start(RobotKind::Dingtalk).await;
    robot.require_secret("SECdemo");
    robot.set_time(1_700_000_000_000);
    let signed = "&timestamp=1700000000000&sign=lOvVf9TQCVugV68mGbSZCg0gzOl1SVjxWi1MyVZCUuA%3D";
    assert_eq!(code(&robot, signed, &dingtalk()).await, 0);
    assert_eq!(code(&robot, "", &dingtalk()).await, 310_000);
    assert_eq!(code(&robot, &signed.replace("lOv", "lOw"), &dingtalk()).await, 310_000);
    assert_eq!(code(&robot, &signed.replace("%3D", "%253D"), &dingtalk()).await, 310_000, "encoded twice");
    robot.set_time(1_700_000_000_000 + 3_600_001);
    let (_, refused) = post(&robot, signed, &dingtalk()).await;
    assert!(refused.contains("invalid timestamp"), "{refused}");
    assert_eq!((robot.messages().len(), robot.requests()), (1, 5));
    assert_eq!((robot.messages()[0].title.as_str(), robot.messages()[0].text.as_str()), ("报告", "### 报告"));
}

#[tokio::test]
async fn dingtalk_checks_key_keyword_address_size_and_shape() {
    let robot = Robot::start(RobotKind::Dingtalk).await;
    assert_eq!(code(&robot, "x", &dingtalk()).await, 300_005);
    assert_eq!(code(&robot, "", &json!({"msgtype": "markdown"})).await, 40_035);
    let long = json!({"msgtype": "markdown", "markdown": {"title": "t", "text": "长".repeat(7_000)}});
    assert_eq!(code(&robot, "", &long).await, 460_101);
    robot.require_keyword("OpenClaw");
    assert_eq!(code(&robot, "", &dingtalk()).await, 310_000);
    robot.require_keyword("报告");
    assert_eq!(code(&robot, "", &dingtalk()).await, 0);
    robot.refuse_address();
    assert_eq!(code(&robot, "", &dingtalk()).await, 310_000);
}

#[tokio::test]
async fn one_message_too_many_silences_dingtalk_for_ten_minutes() {
    let robot = Robot::start(RobotKind::Dingtalk).await;
    robot.set_time(1_000_000);
    for _ in 0..20 {
        assert_eq!(code(&robot, "", &dingtalk()).await, 0);
    }
    robot.set_time(1_059_999);
    assert_eq!(code(&robot, "", &dingtalk()).await, 130_101);
    robot.set_time(1_200_000);
    assert_eq!(code(&robot, "", &dingtalk()).await, 130_101, "the minute is over, the silence is not");
    robot.set_time(1_660_000);
    assert_eq!(code(&robot, "", &dingtalk()).await, 0);
}

#[tokio::test]
async fn feishu_checks_the_signature_of_the_body() {
    let robot = Robot::start(RobotKind::Feishu).await;
    robot.require_secret("demo");
    robot.set_time(100_000);
    let mut signed = feishu();
    signed["timestamp"] = "100".into();
    signed["sign"] = "jquNHnVOwmDRfw+vqTIrY5dooJAgi5EcRtLsQE4wfXg=".into();
    assert_eq!(code(&robot, "", &signed).await, 0);
    assert_eq!(code(&robot, "", &feishu()).await, 19_021);
    robot.set_time(100_000 + 3_600_001);
    assert_eq!(code(&robot, "", &signed).await, 19_021);
}

#[tokio::test]
async fn feishu_takes_five_a_second_of_twenty_kilobytes() {
    let robot = Robot::start(RobotKind::Feishu).await;
    robot.set_time(0);
    for _ in 0..5 {
        assert_eq!(code(&robot, "", &feishu()).await, 0);
    }
    assert_eq!(code(&robot, "", &feishu()).await, 11_232);
    robot.set_time(1_000);
    assert_eq!(code(&robot, "", &feishu()).await, 0);
    let mut long = feishu();
    long["card"]["elements"][0]["text"]["content"] = "x".repeat(20_480).into();
    assert_eq!(code(&robot, "", &long).await, 9_499);
    assert_eq!(code(&robot, "", &json!({"msg_type": "text"})).await, 9_499);
    robot.require_keyword("OpenClaw");
    assert_eq!(code(&robot, "", &feishu()).await, 19_024);
    robot.refuse_address();
    assert_eq!(code(&robot, "", &feishu()).await, 19_022);
}

#[tokio::test]
async fn wecom_takes_twenty_a_minute_of_4096_bytes() {
    let robot = Robot::start(RobotKind::Wecom).await;
    robot.set_time(0);
    let message = |text: &str| json!({"msgtype": "markdown", "markdown": {"content": text}});
    assert_eq!(code(&robot, "x", &message("好")).await, 93_000);
    assert_eq!(code(&robot, "", &message(&"x".repeat(4_097))).await, 40_058);
    assert_eq!(code(&robot, "", &message("")).await, 44_004);
    for _ in 0..20 {
        assert_eq!(code(&robot, "", &message(&"x".repeat(4_096))).await, 0);
    }
    assert_eq!(code(&robot, "", &message("好")).await, 45_009);
    robot.set_time(60_000);
    assert_eq!(code(&robot, "", &message("好")).await, 0);
}

#[tokio::test]
async fn slack_tells_failure_by_the_status() {
    let robot = Robot::start(RobotKind::Slack).await;
    robot.set_time(0);
    let answer = |status, body: &str| (status, body.to_owned());
    assert_eq!(post(&robot, "", &json!({"text": "好"})).await, answer(200, "ok"));
    assert_eq!(post(&robot, "", &json!({"text": "好"})).await, answer(429, "rate_limited"));
    assert_eq!(post(&robot, "", &json!({})).await, answer(400, "no_text"));
    assert_eq!(post(&robot, "", &json!("好")).await, answer(400, "invalid_payload"));
    assert_eq!(post(&robot, "x", &json!({"text": "好"})).await, answer(404, "no_service"));
}

#[tokio::test]
async fn it_fails_as_told_and_then_no_more() {
    let robot = Robot::start(RobotKind::Wecom).await;
    let message = json!({"msgtype": "markdown", "markdown": {"content": "好"}});
    robot.fail_next(2, RobotFailure::Busy);
    robot.fail_next(1, RobotFailure::TooFast);
    robot.fail_next(1, RobotFailure::Status(502));
    assert_eq!(code(&robot, "", &message).await, -1);
    assert_eq!(code(&robot, "", &message).await, -1);
    assert_eq!(code(&robot, "", &message).await, 45_009);
    assert_eq!(post(&robot, "", &message).await.0, 502);
    assert_eq!(code(&robot, "", &message).await, 0);
    robot.wait_until(|robot| robot.requests() == 5).await;
    assert_eq!(robot.messages().len(), 1);
}
