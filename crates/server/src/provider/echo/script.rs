//! A message read as a script: its text, its directives, and the tools to ask for, step by step.
//!
//! `[[then]]` parts a script. Each part is a step that asks for the tools of its `[[tool …]]` directives all at once; the
//! text of the last part is the answer after the last step, the text of an earlier part is said beside its calls.

use serde_json::value::RawValue;

use super::directive::Directive;
use crate::provider::tool::CALLS_MAX;

/// How a directive begins.
const OPEN: &str = "[[";

/// How it ends.
const CLOSE: &str = "]]";

/// What a message asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Script {
    /// Never empty.
    parts: Vec<Part>,
}

/// What lies between two `[[then]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Part {
    text: String,
    tools: Vec<ScriptedTool>,
    is_loop: bool,
    directive: Directive,
}

/// A tool to ask for, as it stands in the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ScriptedTool {
    /// The tool's name.
    pub(super) name: String,
    /// Its arguments, with placeholders.
    pub(super) arguments: String,
}

/// What to reply at one step.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cue<'a> {
    /// What to say; beside calls it may be empty.
    pub(super) text: &'a str,
    /// What to ask for after it.
    pub(super) tools: &'a [ScriptedTool],
    /// What the reply is to be like.
    pub(super) directive: &'a Directive,
}

enum Token<'a> {
    Text(&'a str),
    Echo(&'a str),
    Tool { tool: ScriptedTool, is_loop: bool },
    Then,
}

impl Script {
    /// Reads a message; the error says what in it is wrong.
    pub(super) fn read(message: &str) -> Result<Self, String> {
        let tokens = tokens(message);
        if let [] | [Token::Text(_)] = tokens[..] {
            return Ok(Self { parts: vec![Part { text: message.to_owned(), ..Part::default() }] });
        }
        let asks = tokens.iter().any(|token| matches!(token, Token::Tool { .. }));
        let mut has_asked = false;
        let mut everywhere = Directive::default();
        let mut parts = vec![Part::default()];
        for token in tokens {
            let part = parts.last_mut().expect("it begins with one and only grows");
            match token {
                Token::Text(text) => part.text.push_str(text),
                Token::Then if !asks => part.text.push_str("[[then]]"),
                Token::Echo(pairs) => {
                    for pair in pairs.split_whitespace() {
                        part.directive.set(pair)?;
                    }
                    if !has_asked {
                        everywhere = part.directive.clone();
                    }
                }
                Token::Tool { tool, is_loop } => {
                    has_asked = true;
                    part.tools.push(tool);
                    part.is_loop |= is_loop;
                }
                Token::Then => parts.push(Part { directive: everywhere.clone(), ..Part::default() }),
            }
        }
        for part in &mut parts {
            part.text = part.text.trim().to_owned();
        }
        check(&parts)?;
        Ok(Self { parts })
    }

    /// What to reply once that many replies have asked for tools.
    pub(super) fn cue(&self, step: usize) -> Cue<'_> {
        let last = self.parts.last().expect("there is one");
        let endless = self.parts.iter().take(step).find(|part| part.is_loop);
        let part = endless.or_else(|| self.parts.get(step));
        match part {
            Some(part) if !part.tools.is_empty() => {
                let text = if std::ptr::eq(part, last) { "" } else { &part.text };
                Cue { text, tools: &part.tools, directive: &part.directive }
            }
            _ => Cue { text: &last.text, tools: &[], directive: &last.directive },
        }
    }
}

fn check(parts: &[Part]) -> Result<(), String> {
    let (_, before) = parts.split_last().expect("there is one");
    if before.iter().any(|part| part.tools.is_empty()) {
        return Err("echo: before each `[[then]]` stands a `[[tool NAME {…}]]`".into());
    }
    if parts.iter().any(|part| part.tools.len() > CALLS_MAX) {
        return Err(format!("echo: one reply asks for at most {CALLS_MAX} tools; part them by `[[then]]`"));
    }
    Ok(())
}

/// Cuts a message into text and directives; what only looks like a directive is text.
fn tokens(message: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    // Where the text begins that is not yet cut, and how far it was searched. No directive begins after the last end.
    let (mut uncut, mut searched) = (0, 0);
    let end = message.rfind(CLOSE).unwrap_or(0);
    while searched < end
        && let Some(found) = message[searched..end].find(OPEN)
    {
        let start = searched + found;
        let inside = start + OPEN.len();
        let Some((token, length)) = directive(&message[inside..]) else {
            searched = start + 1;
            continue;
        };
        if start > uncut {
            tokens.push(Token::Text(&message[uncut..start]));
        }
        tokens.push(token);
        uncut = inside + length;
        searched = uncut;
    }
    if uncut < message.len() {
        tokens.push(Token::Text(&message[uncut..]));
    }
    tokens
}

/// The directive that a text begins with, after its brackets, and its length with the closing ones.
fn directive(text: &str) -> Option<(Token<'_>, usize)> {
    if text.starts_with("then]]") {
        return Some((Token::Then, "then]]".len()));
    }
    if let Some(pairs) = text.strip_prefix("echo") {
        // `[[echoes]]` is text.
        if !pairs.starts_with(CLOSE) && !pairs.starts_with(char::is_whitespace) {
            return None;
        }
        let end = pairs.find(CLOSE)?;
        return Some((Token::Echo(&pairs[..end]), "echo".len() + end + CLOSE.len()));
    }
    let (rest, is_loop) = match text.strip_prefix("loop ") {
        Some(rest) => (rest.trim_start(), true),
        None => (text, false),
    };
    let rest = rest.strip_prefix("tool")?.strip_prefix(char::is_whitespace)?.trim_start();
    let name_end = rest.find(CLOSE).into_iter().chain(rest.find(char::is_whitespace)).min()?;
    let (name, rest) = rest.split_at(name_end);
    if name.is_empty() {
        return None;
    }
    let (arguments, rest) = arguments(rest)?;
    let tool = ScriptedTool { name: name.to_owned(), arguments: arguments.to_owned() };
    Some((Token::Tool { tool, is_loop }, text.len() - rest.len()))
}

/// The arguments that a text begins with, and what follows the closing brackets. JSON may hold such brackets itself; what
/// is no JSON is passed on as a clumsy model would write it.
fn arguments(text: &str) -> Option<(&str, &str)> {
    let mut json = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    if let Some(Ok(value)) = json.next()
        && let Some(rest) = text[json.byte_offset()..].trim_start().strip_prefix(CLOSE)
    {
        return Some((value.get(), rest));
    }
    let (arguments, rest) = text.split_once(CLOSE)?;
    let arguments = arguments.trim();
    Some((if arguments.is_empty() { "{}" } else { arguments }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::StatusCode;
    use std::time::Duration;

    fn read(message: &str) -> Script {
        Script::read(message).expect("a good script")
    }

    /// `text|name arguments|…` of a step.
    fn cue(script: &Script, step: usize) -> String {
        let cue = script.cue(step);
        let tools = cue.tools.iter().map(|tool| format!("|{} {}", tool.name, tool.arguments));
        cue.text.to_owned() + &tools.collect::<String>()
    }

    #[test]
    fn directives_are_taken_out_wherever_they_stand() {
        let script = read("Tell [[echo delay_ms=5 words=7]]me[[echo status=529]] [[echo]]");
        let status = StatusCode::from_u16(529).ok();
        let directive = Directive { delay: Duration::from_millis(5), words: Some(7), status, ..Directive::default() };
        assert_eq!(script.cue(0), Cue { text: "Tell me", tools: &[], directive: &directive });
    }

    #[test]
    fn what_is_no_directive_stays_as_it_is() {
        for message in [
            " plain ",
            "",
            "[[echoes]]",
            "[[echo delay_ms=5",
            "[echo]",
            "[[ echo]]",
            "[[tool]]",
            "[[tool ]]",
            "[[tools look]]",
            "[[tool look {",
            "[[loop look]]",
        ] {
            let script = read(message);
            assert_eq!(script.cue(0), Cue { text: message, tools: &[], directive: &Directive::default() });
        }
        assert_eq!(cue(&read("[[echoes]] [[[echo]]"), 0), "[[echoes]] [");
        assert_eq!(cue(&read("a [[then]] b[[echo]]"), 0), "a [[then]] b", "without tools there are no steps");
    }

    #[test]
    fn steps_follow_each_other_up_to_the_answer() {
        let script = read(
            "I look [[tool look {\"q\":1}]] twice\n[[tool look {\"q\":2}]]\n[[then]]\n[[tool write]]\n[[then]] Done: {{result}}",
        );
        let said = [0, 1, 2, 3].map(|step| cue(&script, step));
        assert_eq!(
            said,
            [r#"I look  twice|look {"q":1}|look {"q":2}"#, "|write {}", "Done: {{result}}", "Done: {{result}}"]
        );
        let script = read("Sum: [[tool look]]");
        assert_eq!([0, 1].map(|step| cue(&script, step)), ["|look {}", "Sum:"], "the last part's text is the answer");
    }

    #[test]
    fn a_loop_never_ends() {
        let script = read("[[tool first]] [[then]] [[loop tool look {\"q\":1}]] never said [[then]] nor this");
        let said = [0, 1, 2, 99].map(|step| cue(&script, step));
        let looks = r#"never said|look {"q":1}"#;
        assert_eq!(said, ["|first {}", looks, looks, looks]);
    }

    #[test]
    fn arguments_are_read_as_json_and_passed_on_as_they_stand() {
        for (written, arguments) in [
            (r#"{"q": "]] [[then]] \"]]"}"#, r#"{"q": "]] [[then]] \"]]"}"#),
            (" {\"a\":\n{\"b\":[[1]]}} ", "{\"a\":\n{\"b\":[[1]]}}"),
            (r#"{"cut": "#, r#"{"cut":"#),
            ("[[1]]", "[[1]]"),
            ("7 8", "7 8"),
            ("", "{}"),
        ] {
            let script = read(&format!("[[tool look {written}]] end"));
            assert_eq!(cue(&script, 0), format!("|look {arguments}"), "{written}");
            assert_eq!(cue(&script, 1), "end", "{written}");
        }
    }

    #[test]
    fn keys_before_the_first_tool_count_everywhere_and_others_in_their_part() {
        let script = read(
            "[[echo chunk_ms=7]] [[tool a]] [[echo delay_ms=1]] [[then]] [[tool b]] [[then]] [[echo words=3]] end",
        );
        let pause = Duration::from_millis(7);
        let everywhere = Directive { pause, ..Directive::default() };
        let delay = Duration::from_millis(1);
        assert_eq!(script.cue(0).directive, &Directive { delay, ..everywhere.clone() });
        assert_eq!(script.cue(1).directive, &everywhere);
        assert_eq!(script.cue(2).directive, &Directive { words: Some(3), ..everywhere });
    }

    #[test]
    fn mistakes_are_named() {
        for (message, named) in [
            ("[[then]] [[tool a]]".to_owned(), "[[then]]"),
            ("[[tool a]] [[then]] b [[then]] c".to_owned(), "[[then]]"),
            ("[[tool a]]".repeat(129), "128"),
            ("[[echo dealy_ms=1]]".to_owned(), "`dealy_ms`"),
        ] {
            let error = Script::read(&message).expect_err("a mistake");
            assert!(error.contains(named), "{error}");
        }
    }
}
