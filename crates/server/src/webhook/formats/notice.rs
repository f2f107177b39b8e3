//! An event in words, for people: a title, what happened, and a small print.
//!
//! Every title holds `OpenClaw`, so that a robot that asks for a keyword can be given that one. Both languages stand in it:
//! nobody told us which one the group speaks.

use openclaw_core::EventName;
use openclaw_core::event::{AgentEvent, FaultEvent, MessageEvent, RateLimitEvent};
use serde_json::Value;

use super::Payload;
use super::markdown::literal;

/// The most characters of a task, and of a name in the small print.
const TASK_CHARS_MAX: usize = 200;
const NAME_CHARS_MAX: usize = 64;

/// An event in words.
#[derive(Debug)]
pub(super) struct Notice {
    /// Plain text.
    pub(super) title: String,
    /// Markdown.
    pub(super) body: String,
    /// Markdown; one line, or nothing.
    pub(super) footer: String,
    /// Whether the body is all that there is to say, down to its heading: a template.
    pub(super) is_whole: bool,
}

impl Notice {
    /// Our own words.
    pub(super) fn of(payload: &Payload) -> Self {
        let (body, facts) = words(payload).unwrap_or_else(|| (fields(payload), Vec::new()));
        let facts = facts.iter().map(|fact| shortened(fact, NAME_CHARS_MAX)).filter(|fact| !fact.is_empty());
        let footer = facts.chain([payload.timestamp.to_string()]).map(|fact| literal(&fact)).collect::<Vec<_>>();
        Self { title: title(payload.event), body, footer: footer.join(" · "), is_whole: false }
    }

    /// The words of an endpoint's template.
    pub(super) fn templated(payload: &Payload, body: String) -> Self {
        Self { title: title(payload.event), body, footer: String::new(), is_whole: true }
    }
}

fn title(event: EventName) -> String {
    let words = match event {
        EventName::MessageReceived => "收到消息 Message received",
        EventName::MessageSent => "已回复 Reply sent",
        EventName::AgentSpawned => "智能体已创建 Agent spawned",
        EventName::AgentCompleted => "智能体已完成 Agent completed",
        EventName::AgentError => "智能体出错 Agent failed",
        EventName::SystemError => "系统故障 System error",
        EventName::RateLimitExceeded => "超出频率限制 Rate limit exceeded",
        EventName::WebhookTest => "测试消息 Webhook test",
        other => other.as_str(),
    };
    format!("OpenClaw · {words}")
}

/// The body and the facts of the small print, for the events that have words of their own.
fn words(payload: &Payload) -> Option<(String, Vec<String>)> {
    match payload.event {
        EventName::MessageReceived | EventName::MessageSent => payload.data_as().map(message),
        EventName::AgentSpawned | EventName::AgentCompleted | EventName::AgentError => payload.data_as().map(agent),
        EventName::SystemError => payload.data_as().map(|fault: FaultEvent| (said(&fault), Vec::new())),
        EventName::RateLimitExceeded => payload.data_as().map(rate_limit),
        EventName::WebhookTest => Some((
            "看到这条消息，说明这个地址已配置好。\n\nIf you can read this, the endpoint works.".to_owned(),
            Vec::new(),
        )),
        _ => None,
    }
}

fn message(message: MessageEvent) -> (String, Vec<String>) {
    let user = message.user.map(|user| user.username.unwrap_or(user.id));
    let author = message.model.clone().or(user);
    let author = author.map(|author| format!("**{}**\n\n", literal(&shortened(&author, NAME_CHARS_MAX))));
    let body = format!("{}{}", author.unwrap_or_default(), message.content);
    (body, vec![message.session_id, message.channel])
}

fn agent(agent: AgentEvent) -> (String, Vec<String>) {
    let mut body = format!("**任务 Task**：{}", literal(&shortened(&agent.task, TASK_CHARS_MAX)));
    if let Some(error) = &agent.error {
        body += &format!("\n\n{}", said(error));
    }
    if let Some(output) = &agent.output {
        let heading = if agent.error.is_some() { "**已有结果 Partial result**\n\n" } else { "" };
        body += &format!("\n\n{heading}{output}");
    }
    let tokens = agent.usage.map(|usage| format!("{} tokens", usage.input_tokens + usage.output_tokens));
    (body, vec![agent.agent_id, agent.model, tokens.unwrap_or_default()])
}

fn said(fault: &FaultEvent) -> String {
    format!("**{}**：{}", literal(&fault.code), literal(&fault.message))
}

fn rate_limit(limit: RateLimitEvent) -> (String, Vec<String>) {
    let RateLimitEvent { key_id, count, requests_per_minute } = limit;
    let body = format!(
        "密钥已被拒绝 {count} 次（限 {requests_per_minute} 次/分钟）\n\nThe key was refused {count} times (limit {requests_per_minute} a minute)"
    );
    (body, vec![key_id])
}

/// What an event without words of its own tells, field by field.
fn fields(payload: &Payload) -> String {
    let Value::Object(data) = payload.data() else { return payload.event.summary().to_owned() };
    let line = |(name, value): (&String, &Value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        format!("- **{}**：{}", literal(name), literal(&shortened(&text, TASK_CHARS_MAX)))
    };
    let lines: Vec<String> = data.iter().map(line).collect();
    format!("{}\n\n{}", payload.event.summary(), lines.join("\n"))
}

/// The first line of a text, and no more of it than that.
fn shortened(text: &str, chars_max: usize) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    let kept: String = line.chars().take(chars_max).collect();
    if kept.len() < text.trim().len() { kept + "…" } else { kept }
}
