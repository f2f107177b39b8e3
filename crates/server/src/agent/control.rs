//! Tools that the runner itself carries out: sub-agents, and questions to the caller.

use openclaw_core::{Agent, SpawnAgentRequest};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::runner::{Runner, Stop};
use crate::provider::ToolDefinition;
use crate::service::agent::fold::Call;
use crate::service::agent::journal::{Entry, Outcome};
use crate::service::agent::spawn::spawn_child;
use crate::skill::{Control, ToolOutput, Toolbox};
use crate::store::{AfterProgress, AgentFilter, PageQuery};

const SPAWN: &str = "agent_spawn";
const WAIT: &str = "agent_wait";
const ASK: &str = "ask_user";

/// What a call of such a tool wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Steering {
    /// A sub-agent.
    Spawn,
    /// The ends of sub-agents.
    Wait,
    /// An answer of the caller.
    Ask,
}

#[derive(Deserialize)]
struct SpawnArguments {
    task: String,
    skills: Option<Vec<String>>,
    model: Option<String>,
    label: Option<String>,
    timeout: Option<u64>,
}

#[derive(Deserialize)]
struct WaitArguments {
    ids: Option<Vec<String>>,
    mode: Option<openclaw_core::WaitMode>,
}

/// What a call of that name wants, if it was granted.
pub(super) fn steering(toolbox: &Toolbox, name: &str) -> Option<Steering> {
    let (control, steering) = match name {
        SPAWN => (Control::AgentSpawn, Steering::Spawn),
        WAIT => (Control::AgentSpawn, Steering::Wait),
        ASK => (Control::AskUser, Steering::Ask),
        _ => return None,
    };
    toolbox.grants(control).then_some(steering)
}

/// What a model is told of those that were granted.
pub(super) fn definitions(toolbox: &Toolbox) -> Vec<ToolDefinition> {
    let mut definitions = Vec::new();
    if toolbox.grants(Control::AgentSpawn) {
        definitions.push(spawn_definition());
        definitions.push(wait_definition());
    }
    if toolbox.grants(Control::AskUser) {
        definitions.push(ask_definition());
    }
    definitions
}

/// What `ask_user` asks.
pub(super) fn question(arguments: &Map<String, Value>) -> String {
    arguments.get("question").and_then(Value::as_str).unwrap_or("What should I do?").to_owned()
}

impl Runner {
    /// Spawns a sub-agent; the same call finds the same one.
    pub(super) async fn spawn_child(&self, call: &Call, arguments: Map<String, Value>) -> ToolOutput {
        let arguments: SpawnArguments = match serde_json::from_value(Value::Object(arguments)) {
            Ok(arguments) => arguments,
            Err(error) => return ToolOutput::error(format!("The arguments are wrong: {error}.")),
        };
        let request = SpawnAgentRequest {
            task: arguments.task,
            skills: arguments.skills,
            model: arguments.model,
            label: arguments.label,
            timeout: arguments.timeout,
            ..SpawnAgentRequest::default()
        };
        match spawn_child(&self.app, &self.stored, call.key.to_string(), request).await {
            Ok(child) => ToolOutput::new(json!({"id": child.id, "status": child.status}).to_string()),
            Err(error) => ToolOutput::error(format!("The sub-agent was not spawned: {error}.")),
        }
    }

    /// Gives the sub-agents' ends if they are there; otherwise parks the agent until they are.
    pub(super) async fn await_children(&mut self, call: &Call) -> Result<(), Stop> {
        let waited = match self.children(call).await? {
            Ok((children, all)) => {
                let ended = |child: &Agent| child.status.is_ended();
                let over = if all { children.iter().all(ended) } else { children.iter().any(ended) };
                if !over {
                    let ids = children.into_iter().map(|child| child.id).collect();
                    // If they have ended meanwhile, this returns and the call is made once more.
                    return self.commit(AfterProgress::AwaitChildren { ids, all }).await;
                }
                ToolOutput::untrusted(results(&children, self.live.config.skills.output_bytes_max))
            }
            Err(why) => ToolOutput::error(why),
        };
        let ToolOutput { content, is_error, untrusted } = waited;
        self.note(&Entry::Result(Outcome { call: call.key.to_string(), content, is_error, untrusted }));
        Ok(())
    }

    /// The children that a call waits for, oldest first, and whether for all of them; or why it cannot wait.
    async fn children(&self, call: &Call) -> Result<Result<(Vec<Agent>, bool), String>, Stop> {
        let written = if call.call.arguments.trim().is_empty() { "{}" } else { &call.call.arguments };
        let arguments: WaitArguments = match serde_json::from_str(written) {
            Ok(arguments) => arguments,
            Err(error) => return Ok(Err(format!("The arguments are wrong: {error}."))),
        };
        let filter = AgentFilter { parent_id: Some(self.stored.agent.id.clone()), ..AgentFilter::default() };
        let page = PageQuery { limit: self.live.config.agents.descendants_max, after: None };
        let found = self.app.store.list_agents(self.stored.workspace.clone(), filter, page).await;
        let mut children = found.map_err(|error| Stop::Fault(error.to_string()))?.data;
        children.reverse();
        if let Some(ids) = &arguments.ids {
            if let Some(stranger) = ids.iter().find(|id| !children.iter().any(|child| child.id == **id)) {
                return Ok(Err(format!("`{stranger}` is no sub-agent of yours.")));
            }
            children.retain(|child| ids.contains(&child.id));
        }
        if children.is_empty() {
            return Ok(Err(format!("There is no sub-agent to wait for: spawn one with `{SPAWN}`.")));
        }
        Ok(Ok((children, arguments.mode.unwrap_or_default() == openclaw_core::WaitMode::All)))
    }
}

/// How sub-agents stand, for the model; each output has an equal share of the bound.
fn results(children: &[Agent], bytes_max: usize) -> String {
    let share = bytes_max / children.len();
    let shown = children.iter().map(|child| {
        let output = child.output.as_deref().map(|output| {
            let end = output.floor_char_boundary(share);
            if end < output.len() { format!("{}…", &output[..end]) } else { output.to_owned() }
        });
        json!({
            "id": child.id,
            "label": child.label,
            "status": child.status,
            "output": output,
            "partial": child.partial,
            "error": child.error,
        })
    });
    Value::Array(shown.collect()).to_string()
}

fn spawn_definition() -> ToolDefinition {
    ToolDefinition {
        name: SPAWN.into(),
        description: format!(
            "Spawns a sub-agent that works on a task of its own while you go on. It knows nothing but its task, so \
             write down all it needs. Spawn several before you wait for them with `{WAIT}`."
        ),
        parameters: json!({
            "type": "object",
            "properties": {
                "task": {"type": "string", "description": "What to do, with everything that is needed to do it."},
                "label": {"type": "string", "description": "A short name."},
                "skills": {"type": "array", "items": {"type": "string"}, "description": "What it is granted, of what you were granted; by default all but sub-agents and questions."},
                "model": {"type": "string", "description": "The model to ask; by default yours."},
                "timeout": {"type": "integer", "minimum": 1, "description": "Seconds until it is stopped."},
            },
            "required": ["task"],
        }),
    }
}

fn wait_definition() -> ToolDefinition {
    ToolDefinition {
        name: WAIT.into(),
        description: "Waits until sub-agents have ended and gives their outputs.".into(),
        parameters: json!({
            "type": "object",
            "properties": {
                "ids": {"type": "array", "items": {"type": "string"}, "description": "Which; by default all of yours."},
                "mode": {"type": "string", "enum": ["all", "any"], "description": "Until all have ended, which is the default, or any."},
            },
        }),
    }
}

fn ask_definition() -> ToolDefinition {
    ToolDefinition {
        name: ASK.into(),
        description:
            "Asks the person who gave you the task, and waits for the answer. Use it only for what you cannot find out."
                .into(),
        parameters: json!({
            "type": "object",
            "properties": {"question": {"type": "string", "description": "The question."}},
            "required": ["question"],
        }),
    }
}
