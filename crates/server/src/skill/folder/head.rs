//! The head of a `SKILL.md`: YAML between two lines of `---`, read as leniently as the standard asks.

use serde::Deserialize;
use serde_json::Value;

/// The longest name by the standard.
const NAME_CHARACTERS_MAX: usize = 64;

/// The longest description by the standard; a longer one is cut.
const DESCRIPTION_CHARACTERS_MAX: usize = 1024;

/// What the head says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Absent if it has none that can be granted.
    pub(super) name: Option<String>,
    /// In one line, not empty.
    pub(super) description: String,
    pub(super) allowed_tools: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Keys {
    name: Option<String>,
    description: Option<String>,
    allowed_tools: Option<Value>,
}

/// Reads the head of a file, or says why the skill is left out.
pub(super) fn read(text: &str) -> Result<Head, &'static str> {
    let (yaml, _) = split(text).ok_or("it has no head between two lines of `---`")?;
    let keys = serde_saphyr::from_str::<Keys>(yaml).unwrap_or_else(|_| by_line(yaml));
    let description = keys.description.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let description = description.filter(|text| !text.is_empty()).ok_or("its head has no description")?;
    let allowed_tools = keys.allowed_tools.and_then(|tools| match tools {
        Value::String(tools) => Some(tools),
        Value::Array(tools) => Some(tools.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        _ => None,
    });
    Ok(Head {
        name: keys.name.filter(|name| is_name(name)),
        description: description.chars().take(DESCRIPTION_CHARACTERS_MAX).collect(),
        allowed_tools: allowed_tools.filter(|tools| !tools.is_empty()),
    })
}

/// The head and the body of a file.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches('\u{feff}');
    let rest = text.strip_prefix("---")?.trim_start_matches([' ', '\t', '\r']).strip_prefix('\n')?;
    let mut end = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((&rest[..end], &rest[end + line.len()..]));
        }
        end += line.len();
    }
    None
}

/// Whether a name can be granted: small letters, digits and single hyphens between them.
pub(super) fn is_name(name: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.len() <= NAME_CHARACTERS_MAX && name.split('-').all(is_part)
}

/// What can be saved of a head that is no YAML, mostly because of a colon in an unquoted description.
fn by_line(yaml: &str) -> Keys {
    let value = |key: &str| {
        let line = yaml.lines().find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix(':'))?;
        Some(line.trim().trim_matches(['"', '\'']).to_owned())
    };
    Keys {
        name: value("name"),
        description: value("description"),
        allowed_tools: value("allowed-tools").map(Value::String),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(name: Option<&str>, description: &str, allowed_tools: Option<&str>) -> Head {
        let text = |text: &str| text.to_owned();
        Head { name: name.map(text), description: text(description), allowed_tools: allowed_tools.map(text) }
    }

    #[test]
    fn a_head_is_read_leniently() {
        let plain = "---\nname: pdf-forms\ndescription: >\n  Fills\n  forms.\nlicense: MIT\nmetadata:\n  version: 1.0\n\
                     allowed-tools: web_fetch file_read\n---\n# Body\n";
        assert_eq!(read(plain), Ok(head(Some("pdf-forms"), "Fills forms.", Some("web_fetch file_read"))));
        let list = "\u{feff}---\r\nname: a\r\ndescription: b\r\nallowed-tools: [web_fetch, file_read]\r\n---\r\nBody";
        assert_eq!(read(list), Ok(head(Some("a"), "b", Some("web_fetch file_read"))));
        let colon = "---\nname: a\ndescription: Use this: when the user asks\n---\n";
        assert_eq!(read(colon), Ok(head(Some("a"), "Use this: when the user asks", None)));
        let wrong_name = "---\nname: My_Skill\ndescription: b\n---\n";
        assert_eq!(read(wrong_name), Ok(head(None, "b", None)));
    }

    #[test]
    fn what_has_no_description_is_left_out() {
        read("# no head").expect_err("no head");
        read("---\nname: a\ndescription: b\n").expect_err("no end");
        read("---\nname: a\n---\n").expect_err("no description");
        read("---\nname: a\ndescription: ''\n---\n").expect_err("an empty one");
    }

    #[test]
    fn a_name_is_never_that_of_a_built_in_skill() {
        for name in ["a", "quarterly-report", "pdf2", "2-pdf"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "-", "a-", "-a", "a--b", "A", "web_fetch", "mcp:a", "a b", "报告", &"a".repeat(65)] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn the_body_follows_the_head() {
        assert_eq!(split("---\na: b\n---\nBody\n---\n"), Some(("a: b\n", "Body\n---\n")));
        assert_eq!(split("---\n---"), Some(("", "")));
    }
}
