//! An event in words, for people: a title, what happened, and a small print.
//!
//! Every title holds `OpenClaw`, so that a robot that asks for a keyword can be given that one. Both languages stand in it:
//! nobody told us which one the group speaks.

use openclaw_core::event::{AgentEvent, EventData, FaultEvent, MessageEvent, RateLimitEvent};
use openclaw_core::{EventName, StoredEvent};
use serde_json::Value;

use super::Payload;
use super::markdown::literal;

/// The most characters of a task, and of a name in the small print.
const TASK_CHARS_MAX: usize = 200;
const NAME_CHARS_MAX: usize = 64;

/// What a test says.
const TEST: &str = "看到这条消息，说明这个地址已配置好。\n\nIf you can read this, the endpoint works.";

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
        let stored = payload.stored();
        let (body, facts) = match stored.typed() {
            EventData::Message(told) => message(told),
            EventData::Agent(told) => agent(told),
            EventData::Fault(told) => (said(&told), Vec::new()),
            EventData::RateLimit(told) => rate_limit(told),
            EventData::Test(_) => (TEST.to_owned(), Vec::new()),
            _ => (fields(&stored), Vec::new()),
        };
        let facts = facts.iter().map(|fact| shortened(fact, NAME_CHARS_MAX)).filter(|fact| !fact.is_empty());
        let footer: Vec<_> = facts.chain([payload.timestamp.to_string()]).map(|fact| literal(&fact)).collect();
        Self { title: title(&stored), body, footer: footer.join(" · "), is_whole: false }
    }

    /// The words of an endpoint's template.
    pub(super) fn templated(payload: &Payload, body: String) -> Self {
        Self { title: title(&payload.stored()), body, footer: String::new(), is_whole: true }
    }
}

fn title(stored: &StoredEvent) -> String {
    let words = match stored.name() {
        Some(EventName::MessageReceived) => "收到消息 Message received",
        Some(EventName::MessageSent) => "已回复 Reply sent",
        Some(EventName::AgentSpawned) => "智能体已创建 Agent spawned",
        Some(EventName::AgentCompleted) => "智能体已完成 Agent completed",
        Some(EventName::AgentError) => "智能体出错 Agent failed",
        Some(EventName::SystemError) => "系统故障 System error",
        Some(EventName::RateLimitExceeded) => "超出频率限制 Rate limit exceeded",
        Some(EventName::WebhookTest) => "测试消息 Webhook test",
        _ => &stored.event,
    };
    format!("OpenClaw · {words}")
}

fn message(message: MessageEvent) -> (String, Vec<String>) {
    let user = message.user.map(|user| user.username.unwrap_or(user.id));
    let author = message.model.clone().or(user);
    let author = author.map(|author| format!("**{}**\n\n", literal(&shortened(&author, NAME_CHARS_MAX))));
    let body = format!("{}{}", author.unwrap_or_default(), message.content);
    (body, vec![message.session_id, message.channel])
}

fn agent(agent: AgentEvent) -> (String, Vec<String>) {
    // A short name says more than the first line of a long task.
    let named = agent.label.as_ref().unwrap_or(&agent.task);
    let task = format!("**任务 Task**：{}", literal(&shortened(named, TASK_CHARS_MAX)));
    let error = agent.error.as_ref().map(said);
    let heading = error.as_ref().and(agent.output.as_ref()).map(|_| "**已有结果 Partial result**".to_owned());
    let body: Vec<String> = [Some(task), error, heading, agent.output].into_iter().flatten().collect();
    let tokens = agent.usage.map(|usage| format!("{} tokens", usage.input_tokens + usage.output_tokens));
    (body.join("\n\n"), vec![agent.agent_id, agent.model, tokens.unwrap_or_default()])
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
fn fields(stored: &StoredEvent) -> String {
    let summary = stored.name().map(|name| format!("{}\n\n", name.summary())).unwrap_or_default();
    let line = |(name, value): (&String, &Value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        format!("- **{}**：{}\n", literal(name), literal(&shortened(&text, TASK_CHARS_MAX)))
    };
    summary + &stored.data.as_object().into_iter().flatten().map(line).collect::<String>()
}

/// The first line of a text, and no more of it than that.
fn shortened(text: &str, chars_max: usize) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    let kept: String = line.chars().take(chars_max).collect();
    if kept.len() < text.trim().len() { kept + "…" } else { kept }
}
