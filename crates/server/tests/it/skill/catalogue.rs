//! What there is, and that an agent has what it was granted and nothing else.

use openclaw::app::AppConfigError;
use openclaw::config::{SearchKind, ToolApproval};
use openclaw::skill::{Control, Effect};
use openclaw_client::{Scope, SkillKind};
use reqwest::Method;

use super::super::gateway::Gateway;
use super::{gateway, open};

#[tokio::test]
async fn the_catalogue_tells_what_may_be_granted_and_why_not() {
    let gateway = gateway(|_| {}).await;
    let skills = gateway.client.skills().list().all().await.expect("skills");
    let named = |name: &str| skills.iter().find(|skill| skill.name == name).unwrap_or_else(|| panic!("no {name}"));
    let names: Vec<_> = skills.iter().map(|skill| skill.name.as_str()).collect();
    assert_eq!(names, ["agent_spawn", "ask_user", "file_list", "file_read", "file_write", "web_fetch", "web_search"]);
    assert!(skills.iter().all(|skill| skill.kind == SkillKind::Builtin && skill.name.contains('_')));
    assert_eq!(named("agent_spawn").tools, ["agent_spawn", "agent_wait"]);
    assert_eq!(named("web_fetch").tools, ["web_fetch"]);
    let search = named("web_search");
    assert!(!search.available && search.reason.as_ref().is_some_and(|why| why.contains("skills.web_search.url")));
    assert!(skills.iter().filter(|skill| skill.name != "web_search").all(|skill| skill.available));
}

#[tokio::test]
async fn the_page_for_people_tells_of_every_built_in_skill() {
    let gateway = gateway(|_| {}).await;
    let page = include_str!("../../../../../docs/skills.md");
    for skill in gateway.app.live.load().skills.list() {
        assert!(page.contains(&format!("| `{}` |", skill.name)), "docs/skills.md lacks {}", skill.name);
    }
}

#[tokio::test]
async fn the_catalogue_is_for_those_who_may_spawn() {
    let gateway = Gateway::start().await;
    let key = gateway.key_of("default", Some(vec![Scope::Chat])).await;
    let refused = gateway.anonymous(Method::GET, "/api/v1/skills").bearer_auth(key).send().await.expect("an answer");
    assert_eq!(refused.status(), 403);
}

#[tokio::test]
async fn an_agent_has_what_it_was_granted_and_nothing_else() {
    let gateway = gateway(|_| {}).await;
    let nothing = open(&gateway, &[]).await;
    assert!(nothing.definitions().is_empty() && nothing.instructions().is_none() && nothing.hashes().is_empty());
    assert!(!nothing.grants(Control::AgentSpawn) && !nothing.grants(Control::AskUser));

    let some = open(&gateway, &["file_write", "ask_user", "web_fetch", "file_write"]).await;
    let names: Vec<_> = some.definitions().into_iter().map(|definition| definition.name).collect();
    assert_eq!(names, ["file_write", "web_fetch"]);
    assert!(some.grants(Control::AskUser) && !some.grants(Control::AgentSpawn));
    assert!(some.find("file_read").is_none() && some.find("ask_user").is_none());
    assert_eq!(some.find("web_fetch").map(|tool| tool.effect()), Some(Effect::ReadOnly));
    assert_eq!(some.find("file_write").map(|tool| tool.effect()), Some(Effect::SideEffect));
}

#[tokio::test]
async fn a_name_that_cannot_be_granted_is_told_with_what_to_do() {
    let gateway = gateway(|_| {}).await;
    let skills = gateway.app.live.load().skills.clone();
    let refusal = |name: &str| skills.check(&["web_fetch".into(), name.into()]).expect_err(name).to_string();
    assert_eq!(refusal("web_fetsh"), "there is no skill `web_fetsh`; did you mean `web_fetch`, `web_search`?");
    assert_eq!(refusal("mcp:none"), "there is no skill `mcp:none`; GET /api/v1/skills lists them");
    assert!(refusal("web_search").starts_with("the skill `web_search` is not available: no search engine"));
    assert!(refusal(&"x".repeat(10_000)).len() < 200);
    let opened = skills.open(&["web_search".into()], "default").await;
    assert!(opened.err().expect("not available").to_string().contains("skills.web_search.url"));
}

#[tokio::test]
async fn an_approval_for_a_tool_that_is_none_is_refused() {
    let gateway = gateway(|config| {
        config.skills.approvals.insert("skill_read".into(), ToolApproval::Deny);
        config.skills.approvals.insert("agent_wait".into(), ToolApproval::AlwaysAsk);
    })
    .await;
    let mut config = gateway.app.live.load().config.clone();
    config.skills.web_search.kind = SearchKind::Brave;
    config.skills.approvals.insert("file_wirte".into(), ToolApproval::Deny);
    let refused = gateway.app.reload(config).expect_err("a slip");
    assert!(
        matches!(&refused, AppConfigError::Skill(error) if error.key == "skills.approvals.file_wirte"),
        "{refused}"
    );
    assert_eq!(gateway.app.live.load().config.skills.web_search.kind, SearchKind::Searxng, "the last good one stays");
}
