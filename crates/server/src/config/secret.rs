//! Which values are secret, and what is shown in their place.

use super::webhooks::Secrets;
use super::{Config, EndpointConfig};

/// What stands for a secret.
pub(super) const MASK: &str = "…";

/// Keys whose values are secret.
const SECRET_KEYS: [&str; 6] = ["secret", "api_key", "env", "headers", "token", "secret_token"];
/// Keys of mappings that hold one: who forgets the key below writes the secret right here.
const SECRET_SECTIONS: [&str; 1] = ["auth"];

impl Config {
    /// The same with every secret masked, and every webhook URL down to its host: for many receivers the URL is the secret.
    #[must_use]
    pub fn masked(&self) -> Self {
        let mut config = self.clone();
        mask(&mut config.gateway.api.auth.secret);
        if config.storage.is_shared() {
            config.storage.url = mask_url(&config.storage.url);
        }
        for provider in config.providers.values_mut() {
            mask(&mut provider.api_key);
        }
        for EndpointConfig { url, secret, .. } in &mut config.webhooks.endpoints {
            *url = mask_url(url);
            *secret = secret.as_ref().map(|secret| Secrets::new(vec![MASK.into(); secret.as_slice().len()]));
        }
        mask(&mut config.channels.telegram.token);
        mask(&mut config.channels.telegram.webhook.secret_token);
        for schedule in config.schedules.values_mut() {
            schedule.deliver_to.iter_mut().for_each(|word| *word = mask_url(word));
        }
        config.skills.web_search.url = config.skills.web_search.url.as_deref().map(mask_url);
        mask(&mut config.skills.web_search.api_key);
        for server in config.skills.mcp.values_mut() {
            server.url = server.url.as_deref().map(mask_url);
            server.env.values_mut().chain(server.headers.values_mut()).for_each(|value| *value = MASK.into());
        }
        config
    }
}

/// Whether the value at a key path is secret.
pub(super) fn is_secret(path: &str) -> bool {
    let key = path.rsplit('.').next().unwrap_or(path);
    let key = key.split('[').next().unwrap_or(key);
    SECRET_KEYS.contains(&key) || SECRET_SECTIONS.contains(&key)
}

/// A line of a file as it may be shown: literal secrets masked, `${NAME}` left as it is. Absent past the end.
///
/// It works on text alone, since the line may be one that cannot be parsed.
pub(super) fn mask_line(lines: &[&str], index: usize) -> Option<String> {
    let line = *lines.get(index)?;
    if let Some(start) = secret_start(line).or_else(|| section_start(line)) {
        return Some(line[..start].to_owned() + mask_value(&line[start..]));
    }
    if continues_secret(lines, index) {
        let start = key_column(line);
        return Some(line[..start].to_owned() + mask_value(&line[start..]));
    }
    if let Some(start) = value_start(line, "deliver_to").and_then(|start| Some(start + line[start..].find("http")?)) {
        return Some(line[..start].to_owned() + MASK);
    }
    Some(match value_start(line, "url").or_else(|| item_start(line)) {
        Some(start) => line[..start].to_owned() + &mask_url(&line[start..]),
        None => line.to_owned(),
    })
}

/// Where the value of the first secret key of a line begins.
fn secret_start(line: &str) -> Option<usize> {
    SECRET_KEYS.iter().filter_map(|key| value_start(line, key)).min()
}

/// Where a value begins that was given to a section instead of to a key in it.
fn section_start(line: &str) -> Option<usize> {
    SECRET_SECTIONS.iter().find_map(|key| value_start(line, key)).filter(|start| !line[*start..].starts_with('{'))
}

/// Where the value of a key begins: after `key:`, `"key":` or `'key' :`, wherever on the line.
fn value_start(line: &str, key: &str) -> Option<usize> {
    line.match_indices(key).find_map(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + key.len()..]);
        let is_whole = !before.ends_with(|character: char| character.is_alphanumeric() || character == '_');
        let value = after.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')?.trim_start();
        is_whole.then(|| line.len() - value.len())
    })
}

/// Where an item of a list begins that is a URL.
fn item_start(line: &str) -> Option<usize> {
    let start = line.len() - line.trim_start_matches([' ', '\t', '-', '"', '\'']).len();
    (line.trim_start().starts_with('-') && line[start..].starts_with("http")).then_some(start)
}

/// A variable without a default may be seen, and so may what holds no value yet.
fn mask_value(value: &str) -> &str {
    let bare = value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']);
    let is_variable = bare
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .map(|name| name.strip_suffix(":-").unwrap_or(name))
        .is_some_and(|name| name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_'));
    let is_empty = bare.starts_with('#') || matches!(bare, "" | "|" | ">" | "[" | "]" | "[]");
    if is_variable || is_empty { value } else { MASK }
}

/// Whether a line goes on with a secret from above: as a list item, as indented text, or as text that can be no key.
fn continues_secret(lines: &[&str], index: usize) -> bool {
    let line = lines[index];
    let column = line.len() - line.trim_start().len();
    let is_item = |line: &str| line.trim_start().starts_with('-');
    let is_above =
        |above: &&&str| key_column(above) < column || (key_column(above) == column && is_item(line) && !is_item(above));
    let above = || lines[..index].iter().rev().filter(|above| !above.trim().is_empty());
    let holds_secret = |line: &&str| secret_start(line).is_some();
    let is_text = !is_item(line) && !line.contains(':');
    above().find(is_above).is_some_and(holds_secret)
        || (is_text && above().find(|above| above.contains(':')).is_some_and(holds_secret))
}

/// Where the text of a line begins after its blanks and the dashes of list items.
fn key_column(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t', '-']).len()
}

/// Keeps a URL's scheme and host.
fn mask_url(url: &str) -> String {
    let (url, after) = url.split_at(url.find(char::is_whitespace).unwrap_or(url.len()));
    let (scheme, rest) = url.split_at(url.find("://").map_or(url.len(), |start| start + 3));
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = host.rsplit_once('@').map_or(host.to_owned(), |(_, host)| format!("{MASK}@{host}"));
    let path = if path.len() > 1 { "/…" } else { path };
    format!("{scheme}{host}{path}{after}")
}

fn mask(secret: &mut Option<String>) {
    if secret.is_some() {
        *secret = Some(MASK.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let lines: Vec<&str> = text.lines().collect();
        let masked: Vec<_> = (0..lines.len()).map(|index| mask_line(&lines, index).unwrap()).collect();
        masked.join("\n")
    }

    #[test]
    fn literal_secrets_are_masked_wherever_they_stand() {
        for (text, expected) in [
            ("secret: hunter2", "secret: …"),
            ("  - secret: \"hunter2\"  # old", "  - secret: …"),
            ("\"api_key\" : hunter2", "\"api_key\" : …"),
            ("auth: hunter2", "auth: …"),
            ("auth: {type: bearer, secret: hunter2}", "auth: {type: bearer, secret: …"),
            ("secret:\n  - hunter2\n  - hunter3\nport: 1", "secret:\n  - …\n  - …\nport: 1"),
            ("secret:\n- hunter2\n- url: x", "secret:\n- …\n- …"),
            ("secret: [\n  hunter2,\n]", "secret: [\n  …\n]"),
            ("secret: |\n  hunter2\n\n  hunter3", "secret: |\n  …\n\n  …"),
            ("secret: ${API_SECRET:-hunter2}", "secret: …"),
            ("secret: ${A}hunter2", "secret: …"),
            ("deliver_to: [reports, https://a.com/robot?key=hunter2]", "deliver_to: [reports, …"),
            ("deliver_to:\n  - https://a.com/robot?key=hunter2", "deliver_to:\n  - https://a.com/…"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn what_is_no_secret_is_shown() {
        for text in [
            "secret: ${API_SECRET}  # from the vault",
            "secret: \"${API_SECRET}\"",
            "secret:   # none yet",
            "secret: ${API_SECRET:-}",
            "secret: []",
            "url: sqlite:~/.openclaw/openclaw.db",
            "auth:\n  type: bearer",
            "- secret: ${A}\n  events: [agent.error]",
            "secrets_of: none",
            "my_secret: x",
            "auth: {type: bearer}",
            "url: https://your-app.com/",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn a_url_keeps_its_host() {
        assert_eq!(mask_url("https://oapi.dingtalk.com/robot/send?access_token=1"), "https://oapi.dingtalk.com/…");
        assert_eq!(
            mask_url("https://ann:pass@a.com:8443?x  # why"),
            "https://…@a.com:8443?x  # why".replace("?x", "/…")
        );
        assert_eq!(mask_url("http://localhost:3000"), "http://localhost:3000");
    }
}
