//! `${NAME}` and `${NAME:-default}`: environment variables in values.
//!
//! Variables are replaced after the YAML was read, in the text of each value, quoted or not. So a value with `#`, `:`
//! or a line break in it stays that one value, and whatever a variable holds is never read as YAML or expanded again.

use super::environment::Environment;
use super::error::Problem;
use super::secret;
use super::yaml::{Node, Value};

/// Replaces variables in every value below; a variable that is not set becomes a problem.
pub(super) fn expand(node: &mut Node, environment: &Environment, problems: &mut Vec<Problem>) {
    let place = node.pointer();
    match &mut node.value {
        Value::Blank => {}
        Value::List(items) => items.iter_mut().for_each(|item| expand(item, environment, problems)),
        Value::Mapping(entries) => entries.iter_mut().for_each(|(_, node)| expand(node, environment, problems)),
        Value::Scalar(scalar) if !scalar.text.contains("${") => {}
        Value::Scalar(scalar) => match replace(&scalar.text, environment) {
            Ok(text) => scalar.source = Some(std::mem::replace(&mut scalar.text, text)),
            Err(fault) => problems.push(fault.problem(&node.path).at(Some(place))),
        },
    }
}

#[derive(Debug, PartialEq)]
enum Fault {
    Unset(String),
    Malformed,
}

impl Fault {
    fn problem(self, path: &str) -> Problem {
        match self {
            Self::Unset(name) => {
                let help = if secret::is_secret(path) {
                    format!("set it before the gateway starts: export {name}=\"$(openssl rand -hex 32)\"")
                } else {
                    format!("set it before the gateway starts, or write a default: ${{{name}:-default}}")
                };
                Problem::new(format!("`{path}` takes the environment variable {name}, which is not set")).help(help)
            }
            Self::Malformed => Problem::new(format!("`{path}` holds a `${{` that does not name a variable"))
                .help("write ${NAME} or ${NAME:-default}; for the characters themselves, $${"),
        }
    }
}

fn replace(text: &str, environment: &Environment) -> Result<String, Fault> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, reference) = (&rest[..start], &rest[start + 2..]);
        if let Some(before) = before.strip_suffix('$') {
            expanded.push_str(before);
            expanded.push_str("${");
            rest = reference;
            continue;
        }
        let (body, after) = reference.split_once('}').ok_or(Fault::Malformed)?;
        expanded.push_str(before);
        expanded.push_str(&resolve(body, environment)?);
        rest = after;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

fn resolve(body: &str, environment: &Environment) -> Result<String, Fault> {
    let (name, default) = body.split_once(":-").map_or((body, None), |(name, default)| (name, Some(default)));
    let is_name = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    let is_nested = default.is_some_and(|default| default.contains("${"));
    if !is_name || is_nested {
        return Err(Fault::Malformed);
    }
    match (environment.get(name), default) {
        (Some(value), None) => Ok(value),
        (Some(value), Some(_)) if !value.is_empty() => Ok(value),
        (_, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err(Fault::Unset(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str) -> Result<String, Fault> {
        let environment = Environment::from_fn(|name| match name {
            "NAME" => Some("value".into()),
            "EMPTY" => Some(String::new()),
            "NESTED" => Some("${NAME} $${x}".into()),
            _ => None,
        });
        replace(text, &environment)
    }

    #[test]
    fn variables_are_replaced_once() {
        assert_eq!(replaced("a ${NAME} b ${NAME}"), Ok("a value b value".into()));
        assert_eq!(replaced("${EMPTY}"), Ok(String::new()));
        assert_eq!(replaced("${NESTED}"), Ok("${NAME} $${x}".into()));
        assert_eq!(replaced("${UNSET:-3000}${EMPTY:-x}${NAME:-y}"), Ok("3000xvalue".into()));
        assert_eq!(replaced("${UNSET:-}"), Ok(String::new()));
        assert_eq!(replaced("${UNSET:-http://a:1/#}"), Ok("http://a:1/#".into()));
    }

    #[test]
    fn dollars_stay_as_they_are() {
        assert_eq!(replaced("pa$$w0rd $NAME {}"), Ok("pa$$w0rd $NAME {}".into()));
        assert_eq!(replaced("$${NAME} ${NAME}"), Ok("${NAME} value".into()));
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        assert_eq!(replaced("${UNSET}"), Err(Fault::Unset("UNSET".into())));
        for text in ["${", "${}", "${NAME", "${1A}", "${A-b}", "${A?b}", "${a b}", "${ NAME }", "${:-x}", "${A:-${B}}"]
        {
            assert_eq!(replaced(text), Err(Fault::Malformed), "{text}");
        }
    }
}
