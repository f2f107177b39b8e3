//! What chat robots are sent: against a stand-in of each platform over real HTTP, and word for word.

use openclaw::format::{
    AttemptContext, Bucket, Payload, RenderError, Rendered, Template, Verdict, WaitUntil, judge, rate, render,
};
use openclaw_bench::robot::{Robot, RobotFailure, RobotKind};
use openclaw_core::{EndpointFormat, EventName, Timestamp, Webhook};
use serde_json::{Value, json};

const SECRET: &str = "SECdemo";
const NOW: Timestamp = Timestamp::from_millis(1_776_388_800_000);

const ROBOTS: [(EndpointFormat, RobotKind); 4] = [
    (EndpointFormat::Dingtalk, RobotKind::Dingtalk),
    (EndpointFormat::Feishu, RobotKind::Feishu),
    (EndpointFormat::Wecom, RobotKind::Wecom),
    (EndpointFormat::Slack, RobotKind::Slack),
];

/// An agent's report as models write them.
const REPORT: &str = "# 周报：华东区销售

**结论：**本周销售额 **1,280 万元**，环比 +12%（见 [完整报告](https://reports.example.com/w16?team=east&lang=zh)）。

| 城市 | 销售额（万元） | 环比 |
|---|--:|--:|
| 上海 | 640 | +15% |
| 杭州 | 410 | *+9%* |
| 南京 | 230 | -2% |

## 下一步
1. 跟进 <南京> 的大客户 & 渠道
2. 更新 `forecast.xlsx`

> @all 请周五前确认
";

fn payload(event: EventName, data: &Value) -> Payload {
    let event = json!({"event": event, "timestamp": "2026-04-17T01:20:00Z", "data": data, "id": "evt_1"});
    Payload::parse(event.to_string()).expect("an event")
}

fn report() -> Payload {
    let data = json!({
        "agent_id": "agt_01k8z6v3m2t7q4c9x5b1n0d8ra", "task": "分析本周销售数据\n并写周报", "model": "gpt-4o", "output": REPORT,
        "usage": {"input_tokens": 1200, "output_tokens": 345},
    });
    payload(EventName::AgentCompleted, &data)
}

fn message(content: &str) -> Payload {
    let data = json!({
        "session_id": "user_123", "message_id": "msg_abc456", "content": content, "channel": "telegram",
        "user": {"id": "tg_user_789", "username": "john_doe"},
    });
    payload(EventName::MessageReceived, &data)
}

fn attempt(now: Timestamp) -> AttemptContext<'static> {
    AttemptContext { delivery_id: "dlv_1", number: 1, workspace: "default", now }
}

fn rendered(format: EndpointFormat, payloads: &[Payload], url: &str) -> Rendered {
    render(format, payloads, None, &[SECRET.to_owned()], url, attempt(NOW)).expect("a message")
}

/// Sends it as the deliverer would, and gives what its answer means.
async fn sent(format: EndpointFormat, rendered: Rendered) -> Verdict {
    let mut request = super::gateway::http().post(&rendered.url).body(rendered.body);
    for (name, value) in rendered.headers {
        request = request.header(name, value);
    }
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    judge(format, status, None, &answer.bytes().await.expect("a body"))
}

async fn robot(kind: RobotKind) -> Robot {
    let robot = Robot::start(kind).await;
    robot.require_secret(SECRET);
    robot.require_keyword("OpenClaw");
    robot.set_time(NOW.as_millis());
    robot
}

#[tokio::test]
async fn every_platform_takes_a_report_and_a_digest_of_long_ones() {
    for (format, kind) in ROBOTS {
        let robot = robot(kind).await;
        assert_eq!(sent(format, rendered(format, &[report()], &robot.url())).await, Verdict::Delivered, "{format:?}");
        robot.set_time(NOW.as_millis() + 2_000);
        let long = message(&REPORT.repeat(200));
        let many = [long.clone(), report(), long, message("短")];
        assert_eq!(sent(format, rendered(format, &many, &robot.url())).await, Verdict::Delivered, "{format:?}");
        let messages = robot.messages();
        assert!(messages[0].text.contains("完整报告") && messages[0].text.contains("上海"), "{format:?}");
        assert!(messages[1].text.contains("短") && messages[1].text.contains("left out"), "{format:?}");
        for message in messages {
            assert!(!message.text.contains("@all") && !message.text.contains("|---"), "{format:?}");
        }
    }
}

#[tokio::test]
async fn refusals_and_haste_are_understood() {
    for (format, kind) in ROBOTS {
        let robot = robot(kind).await;
        let send = || sent(format, rendered(format, &[message("好")], &robot.url()));
        robot.fail_next(1, RobotFailure::TooFast);
        assert!(matches!(send().await, Verdict::Retry { after: Some(_), counts: false, .. }), "{format:?}");
        robot.fail_next(1, RobotFailure::Denied);
        assert!(matches!(send().await, Verdict::GiveUp { .. }), "{format:?}");
        robot.fail_next(1, RobotFailure::Busy);
        assert!(matches!(send().await, Verdict::Retry { after: None, counts: true, .. }), "{format:?}");
        robot.fail_next(1, RobotFailure::Status(502));
        assert!(matches!(send().await, Verdict::Retry { after: None, counts: true, .. }), "{format:?}");
        assert_eq!(send().await, Verdict::Delivered, "{format:?}");
    }
}

#[tokio::test]
async fn a_wrong_secret_or_clock_is_given_up_with_advice() {
    for (format, kind) in &ROBOTS[..2] {
        let robot = robot(*kind).await;
        let post =
            |secret: &str, now| render(*format, &[report()], None, &[secret.to_owned()], &robot.url(), attempt(now));
        for post in [post("SECother", NOW), post(SECRET, NOW.plus_millis(-3_700_000)), post("", NOW)] {
            let verdict = sent(*format, post.expect("a message")).await;
            assert!(
                matches!(&verdict, Verdict::GiveUp { reason } if reason.contains("check") || reason.contains("clock")),
                "{verdict:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_sender_that_heeds_the_rate_is_never_told_off() {
    for (format, kind) in ROBOTS {
        let robot = robot(kind).await;
        let mut bucket = Bucket::new(rate(format).expect("a robot"));
        let mut now = NOW;
        for number in 0..45 {
            while let Err(WaitUntil(moment)) = bucket.try_take(now) {
                now = moment;
            }
            robot.set_time(now.as_millis());
            let post = render(format, &[message("好")], None, &[SECRET.to_owned()], &robot.url(), attempt(now));
            assert_eq!(sent(format, post.expect("a message")).await, Verdict::Delivered, "{format:?} {number}");
        }
    }
}

#[test]
fn the_report_is_worded_as_accepted() {
    for (format, _) in ROBOTS {
        let body: Value = serde_json::from_slice(&rendered(format, &[report()], "https://robot/").body).expect("JSON");
        let name = format!("src/format/golden/{}.json", format.as_str());
        let accepted = std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap_or_default();
        let accepted: Value = serde_json::from_str(&accepted).unwrap_or_default();
        let body_text = serde_json::to_string_pretty(&body).expect("JSON");
        assert_eq!(body, accepted, "{name}: if this is as it should be, make it the file:\n{body_text}");
    }
}

#[test]
fn every_event_has_words_within_every_bound() {
    for event in EventName::ALL {
        for (format, _) in ROBOTS {
            let data = json!({"code": "disk_full", "message": "磁盘已满 <!channel>", "key_id": "key_1", "count": 7,
                "requests_per_minute": 60, "agent_id": "agt_1", "task": "t", "model": "m", "session_id": "s",
                "message_id": "msg_1", "content": "", "channel": "api", "endpoint_id": "whe_1", "reason": "failing"});
            let body = rendered(format, &[payload(*event, &data)], "https://robot/").body;
            let text = String::from_utf8(body).expect("UTF-8");
            assert!(text.contains("OpenClaw · ") && !text.contains("<!channel>"), "{event:?} {text}");
        }
    }
    let newer = r#"{"event":"moon.risen","timestamp":"2026-04-17T01:20:00Z","data":{"phase":"full"},"id":"evt_1"}"#;
    let newer = Payload::parse(newer.to_owned()).expect("an event");
    let text = String::from_utf8(rendered(EndpointFormat::Wecom, &[newer], "https://robot/").body).expect("UTF-8");
    assert!(text.contains("moon.risen") && text.contains("**phase**：full"), "{text}");
}

#[test]
fn a_template_takes_the_place_of_our_words() {
    let template = Template::parse(
        EndpointFormat::Slack,
        "**{{data.user.username}}** 在 {{workspace}} 说：{{data.content}} {{data.x}}",
    );
    let template = template.expect("a template");
    let post =
        render(EndpointFormat::Slack, &[message("好 <!here>")], Some(&template), &[], "https://x/", attempt(NOW));
    let body: Value = serde_json::from_slice(&post.expect("a message").body).expect("JSON");
    assert_eq!(body["text"], "*john_doe* 在 default 说：好 &lt;!here&gt;");
    let nothing = Template::parse(EndpointFormat::Wecom, "{{data.x}}").expect("a template");
    let post = render(EndpointFormat::Wecom, &[message("好")], Some(&nothing), &[], "https://x/", attempt(NOW));
    let body: Value = serde_json::from_slice(&post.expect("a message").body).expect("JSON");
    assert_eq!(body["markdown"]["content"], "OpenClaw · 收到消息 Message received", "a robot refuses an empty message");
}

#[test]
fn our_own_format_is_one_signed_event() {
    let render = |payloads: &[Payload], secrets: &[&str]| {
        let secrets: Vec<String> = secrets.iter().map(ToString::to_string).collect();
        render(EndpointFormat::Openclaw, payloads, None, &secrets, "https://a.com/hook", attempt(NOW))
    };
    let event = message("今天天气怎么样");
    let post = render(std::slice::from_ref(&event), &["old-and-long-enough-secret", "new"]).expect("a POST");
    let header = |name: &str| post.headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str());
    assert_eq!(post.url, "https://a.com/hook");
    let body = String::from_utf8(post.body.clone()).expect("UTF-8");
    assert_eq!(openclaw_core::webhook::unsigned_body(&body).expect("signed").0, event.unsigned);
    let is_signed = |signature| openclaw_core::verify_webhook(&body, signature, "old-and-long-enough-secret");
    assert!(is_signed(header("x-openclaw-signature").expect("a signature")));
    assert_eq!(header("webhook-id"), Some("evt_1"));
    assert_eq!(header("webhook-timestamp"), Some("1776388800"));
    assert_eq!(header("x-openclaw-event"), Some("message.received"));
    assert_eq!((header("x-openclaw-delivery"), header("x-openclaw-attempt")), (Some("dlv_1"), Some("1")));
    assert!(header("webhook-signature").expect("signatures").split(' ').count() >= 2, "one for each secret");
    let receiver = Webhook::new("new").expect("a secret");
    receiver.verify(&post.body, header, NOW).expect("the second secret signs too");

    assert_eq!(render(&[], &["x"]), Err(RenderError::NoEvent));
    assert_eq!(render(&[event.clone(), event.clone()], &["x"]), Err(RenderError::SeveralEvents(2)));
    assert_eq!(render(&[event], &[""]), Err(RenderError::NoSecret));
}
