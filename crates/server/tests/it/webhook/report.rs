//! Reports: an agent's end is sent to the endpoints that its schedule or its caller names, in their own formats.

use openclaw_bench::robot::{Robot, RobotKind};
use openclaw_client::{AgentCallback, CreateScheduleRequest, Error, SpawnAgentRequest};
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{Method, call, gateway, named};
use openclaw_core::CreatedEndpoint;

const REPORT: &str = "## 昨日销售\n\n| 城市 | 销售额 |\n|---|--:|\n| 上海 | 640 |\n| 杭州 | 410 |\n\n见 [完整报告](https://reports.example.com/1?a=b&c=d)";

const ROBOTS: [(RobotKind, &str, &str); 4] = [
    (RobotKind::Dingtalk, "dingtalk", "- **上海** · 销售额：640"),
    (RobotKind::Feishu, "feishu", "• **上海** · 销售额：640"),
    (RobotKind::Wecom, "wecom", "• **上海** · 销售额：640"),
    (RobotKind::Slack, "slack", "• *上海* · 销售额：640"),
];

fn reporting() -> SpawnAgentRequest {
    SpawnAgentRequest { task: REPORT.into(), ..SpawnAgentRequest::default() }
}

#[tokio::test]
async fn a_schedule_s_report_reads_well_in_every_robot_and_is_the_signed_event_elsewhere() {
    let receiver = Receiver::start().await;
    let gateway = gateway(Vec::new()).await;
    let mut robots = Vec::new();
    let mut ids = Vec::new();
    for (kind, format, row) in ROBOTS {
        let robot = Robot::start(kind).await;
        // They subscribe to something else.
        let body = json!({"url": robot.url(), "events": ["system.error"], "format": format});
        let created: CreatedEndpoint = call(&gateway, Method::POST, "/webhooks/endpoints", body).await;
        ids.push(created.endpoint.id);
        robots.push((robot, row));
    }
    // This one subscribes to the end too, and is told once.
    let created = super::create(&gateway, &receiver.url(), &["agent.completed", "agent.error"]).await;
    ids.push(created.endpoint.id);
    let schedule = CreateScheduleRequest {
        name: "晨报".into(),
        every: Some(86_400),
        agent: reporting(),
        deliver_to: Some(ids.clone()),
        ..CreateScheduleRequest::default()
    };
    let schedule = gateway.client.schedules().create(schedule).await.expect("a schedule");
    assert_eq!(schedule.deliver_to, ids);
    let run = gateway.client.schedules().run(&schedule.id).await.expect("a run");
    for (robot, row) in &robots {
        robot.wait_until(|robot| !robot.messages().is_empty()).await;
        let text = robot.messages()[0].text.clone();
        assert!(text.contains(row) && text.contains("任务 Task") && text.contains("晨报"), "{text}");
        let link = if text.contains("](https") {
            "[完整报告](https://reports.example.com/1?a=b&c=d)"
        } else {
            "|完整报告>"
        };
        assert!(text.contains(link) && !text.contains("|---|"), "{text}");
    }
    let event: Value = serde_json::from_str(&receiver.wait_for(1).await[0].body).expect("JSON");
    assert_eq!(event["event"], "agent.completed");
    assert_eq!(
        (event["data"]["agent_id"].as_str(), &event["data"]["output"]),
        (run.agent_id.as_deref(), &json!(REPORT))
    );

    // Another agent, which names nobody: the subscriber alone is told, and by then the report has not come twice.
    gateway.client.agents().spawn(reporting()).await.expect("an agent");
    receiver.wait_for(2).await;
    assert_eq!(receiver.count(), 2);
    assert!(robots.iter().all(|(robot, _)| robot.messages().len() == 1));
}

#[tokio::test]
async fn a_spawn_s_callback_tells_of_a_failure_too() {
    let receiver = Receiver::start().await;
    let gateway = gateway(vec![named(&receiver.url(), &["system.error"])]).await;
    receiver.ready(&gateway).await;
    let endpoint = gateway.client.webhooks().endpoints().list().all().await.expect("endpoints")[0].id.clone();
    let spawn = async |endpoint: &str| {
        let callback = Some(AgentCallback { endpoints: vec![endpoint.to_owned()] });
        let request =
            SpawnAgentRequest { callback, task: "[[echo status=400]]".into(), ..SpawnAgentRequest::default() };
        gateway.client.agents().spawn(request).await
    };
    spawn(&endpoint).await.expect("an agent");
    let event: Value = serde_json::from_str(&receiver.wait_for(1).await[0].body).expect("JSON");
    assert_eq!(event["event"], "agent.error", "{event}");
    let refused: Error = spawn("whe_none").await.map(|agent| agent.id().to_owned()).expect_err("nobody");
    assert_eq!(refused.code(), Some("endpoint_not_found"));
}
