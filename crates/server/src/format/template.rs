//! An endpoint's own words for a robot: markdown with `{{placeholders}}`.

use openclaw_core::EndpointFormat;
use serde_json::Value;

use super::Payload;

/// The most bytes of a template; what it says must fit a message with room to spare.
const BYTES_MAX: usize = 8 * 1024;

/// The placeholders there are, for messages.
const PLACEHOLDERS: &str =
    "{{event}}, {{timestamp}}, {{id}}, {{workspace}} and {{data.field}}, as in {{data.error.message}}";

/// A template that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// Why a template is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `openclaw` events are signed as they are.
    #[error("a template is for chat robots; format openclaw sends the event itself, signed")]
    NotForOpenclaw,
    /// It says nothing.
    #[error("the template is empty")]
    Empty,
    /// It is too long.
    #[error("the template has {0} bytes; at most {BYTES_MAX} are allowed")]
    TooLong(usize),
    /// A placeholder without an end; how it begins.
    #[error("the placeholder `{0}` has no end: write }}}} after it")]
    Unclosed(String),
    /// A placeholder that means nothing.
    #[error("there is no placeholder `{{{{{0}}}}}`; there are {PLACEHOLDERS}")]
    Unknown(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Event,
    Timestamp,
    Id,
    Workspace,
    /// The way to a value: names, and for lists positions.
    Data(Vec<String>),
}

impl Template {
    /// Checks a template for that format; the error names the placeholder that is wrong.
    pub fn parse(format: EndpointFormat, text: &str) -> Result<Self, TemplateError> {
        if format == EndpointFormat::Openclaw {
            return Err(TemplateError::NotForOpenclaw);
        }
        if text.trim().is_empty() {
            return Err(TemplateError::Empty);
        }
        if text.len() > BYTES_MAX {
            return Err(TemplateError::TooLong(text.len()));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                return Err(TemplateError::Unclosed(format!("{{{{{}", after.chars().take(20).collect::<String>())));
            };
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::parse(name.trim()).ok_or_else(|| TemplateError::Unknown(name.trim().to_owned()))?);
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        pieces.retain(|piece| *piece != Piece::Text(String::new()));
        Ok(Self(pieces))
    }

    /// The markdown for an event; a field that it does not have is left empty.
    pub(super) fn fill(&self, payload: &Payload, workspace: &str) -> String {
        let data = payload.stored().data;
        let filled = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Event => payload.event.clone(),
            Piece::Timestamp => payload.timestamp.to_string(),
            Piece::Id => payload.id.clone(),
            Piece::Workspace => workspace.to_owned(),
            Piece::Data(path) => text_at(&data, path),
        });
        filled.collect()
    }
}

impl Piece {
    fn parse(name: &str) -> Option<Self> {
        let is_field =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        match name {
            "event" => Some(Self::Event),
            "timestamp" => Some(Self::Timestamp),
            "id" => Some(Self::Id),
            "workspace" => Some(Self::Workspace),
            "data" => Some(Self::Data(Vec::new())),
            _ => {
                let path: Vec<String> = name.strip_prefix("data.")?.split('.').map(ToOwned::to_owned).collect();
                path.iter().all(|name| is_field(name)).then_some(Self::Data(path))
            }
        }
    }
}

fn text_at(data: &Value, path: &[String]) -> String {
    let step = |value: &'_ Value, name: &String| match value {
        Value::Array(items) => name.parse().ok().and_then(|index: usize| items.get(index)).cloned(),
        other => other.get(name).cloned(),
    };
    match path.iter().try_fold(data.clone(), |value, name| step(&value, name)) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Template, TemplateError> {
        Template::parse(EndpointFormat::Dingtalk, text)
    }

    #[test]
    fn placeholders_are_filled_from_the_event() {
        let payload = Payload::parse(
            r#"{"event":"agent.error","timestamp":"2026-04-17T01:20:00Z","data":{"agent_id":"agt_1","error":{"code":"timed_out"},"steps":[{"n":7}],"none":null},"id":"evt_1"}"#.into(),
        )
        .expect("an event");
        let template = parse(
            "{{event}} {{ timestamp }} {{id}} {{workspace}} {{data.error.code}} {{data.steps.0.n}} [{{data.none}}{{data.x.y}}] {{data.error}}",
        );
        let filled = template.expect("a template").fill(&payload, "default");
        assert_eq!(filled, r#"agent.error 2026-04-17T01:20:00Z evt_1 default timed_out 7 [] {"code":"timed_out"}"#);
    }

    #[test]
    fn a_wrong_one_is_refused_by_name() {
        for (text, says) in [
            ("报告 {{data.output}", "the placeholder `{{data.output}` has no end: write }} after it"),
            ("{{output}}", "there is no placeholder `{{output}}`; there are {{event}}"),
            ("{{data.}}", "there is no placeholder `{{data.}}`"),
            ("{{data.a b}}", "there is no placeholder `{{data.a b}}`"),
            (" \n", "the template is empty"),
        ] {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.starts_with(says), "{error}");
        }
        assert_eq!(parse(&"x".repeat(9_000)), Err(TemplateError::TooLong(9_000)));
        assert_eq!(Template::parse(EndpointFormat::Openclaw, "x"), Err(TemplateError::NotForOpenclaw));
    }
}
