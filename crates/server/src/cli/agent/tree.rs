//! A tree of agents, drawn with lines.

use std::fmt::Write as _;

use openclaw_core::{Agent, Timestamp};

/// Characters of a task that stand for its agent where it has no label.
const TASK_CHARS_SHOWN: usize = 60;

/// The agent of that id and all below it, a line each; of agents as they are listed, the newest first.
pub(super) fn draw(agents: &[Agent], top: &str, now: Timestamp) -> String {
    let mut lines = String::new();
    if let Some(agent) = agents.iter().find(|agent| agent.id == top) {
        branch(agents, agent, "", "", now, &mut lines);
    }
    lines
}

/// What a line tells of an agent.
pub(super) fn facts(agent: &Agent, now: Timestamp) -> String {
    let end = agent.ended_at.unwrap_or(now);
    let seconds = agent.started_at.map_or(0, |start| (end.as_millis() - start.as_millis()).max(0) / 1000);
    let code = agent.error.as_ref().map(|error| format!("  [{}]", error.code)).unwrap_or_default();
    let tokens = format!("{} tok", agent.usage.tokens());
    format!("{:<15}  {:>6} s  {tokens:>10}  {}{code}", agent.status.as_str(), seconds, name(agent))
}

fn branch(agents: &[Agent], agent: &Agent, lead: &str, below: &str, now: Timestamp, lines: &mut String) {
    let _ = writeln!(lines, "{lead}{}  {}", agent.id, facts(agent, now));
    // Ids made within one millisecond do not tell which came first; the list does.
    let children: Vec<&Agent> =
        agents.iter().rev().filter(|child| child.parent_id.as_deref() == Some(&agent.id)).collect();
    let last = children.len().saturating_sub(1);
    for (index, child) in children.into_iter().enumerate() {
        let (mark, gap) = if index == last { ("└── ", "    ") } else { ("├── ", "│   ") };
        branch(agents, child, &format!("{below}{mark}"), &format!("{below}{gap}"), now, lines);
    }
}

/// The label, or the beginning of the task's first line.
fn name(agent: &Agent) -> String {
    if let Some(label) = &agent.label {
        return label.clone();
    }
    let line = agent.task.trim().lines().next().unwrap_or_default();
    match line.char_indices().nth(TASK_CHARS_SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    fn agent(id: &str, parent: Option<&str>) -> Agent {
        from_value(json!({
            "id": id, "parent_id": parent, "root_id": "agt_top", "status": "queued", "task": id, "model": "echo",
            "depth": u32::from(parent.is_some()), "skills": [], "partial": false, "required_actions": [], "metadata": {},
            "usage": {"input_tokens": 0, "output_tokens": 0, "steps": 0, "tool_calls": 0},
            "budget": {"max_steps": 1, "max_tokens": 1},
            "created_at": "2026-04-17T01:15:30Z", "expires_at": "2026-04-17T01:20:30Z",
        }))
        .expect("an agent")
    }

    #[test]
    fn children_are_drawn_as_they_were_spawned_whatever_their_ids() {
        let top = Some("agt_top");
        let listed = ["agt_a", "agt_c", "agt_b"].map(|id| agent(id, top)).into_iter().chain([agent("agt_top", None)]);
        let drawn = draw(&listed.collect::<Vec<_>>(), "agt_top", Timestamp::default());
        let order: Vec<&str> = drawn.lines().filter_map(|line| line.split_whitespace().last()).collect();
        assert_eq!(order, ["agt_top", "agt_b", "agt_c", "agt_a"], "{drawn}");
    }
}
