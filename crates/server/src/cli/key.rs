//! `openclaw api key`: keys straight in the store, whether the gateway runs or not.

use std::io::Write;

use clap::Subcommand;
use openclaw_core::{CreateKeyRequest, Scope, Timestamp};

use super::CliError;
use crate::clock::Clock;
use crate::config::Config;
use crate::service::key::create_unchecked;
use crate::store::{self, Opener, PageQuery};

/// Rows read at a time.
const PAGE: u32 = 100;

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key. Standard output is the key alone, so that KEY=$(openclaw api key generate --name laptop) works.
    Generate {
        /// What it is for.
        #[arg(long)]
        name: String,
        /// The workspace it opens.
        #[arg(long, default_value = openclaw_core::key::WORKSPACE_DEFAULT)]
        workspace: String,
        /// What it may do; give it again for more than one [default: everything].
        #[arg(long = "scope", value_parser = scope)]
        scopes: Vec<Scope>,
        /// How long it works: a number with s, m, h or d, such as 90d [default: for ever].
        #[arg(long, value_parser = span_ms)]
        expires: Option<i64>,
    },
    /// List every workspace's keys, newest first; never their secrets.
    List,
    /// Revoke a key; a running gateway stops taking it within a second.
    Revoke {
        /// The key's id, key_….
        id: String,
    },
}

/// Runs one.
pub(super) async fn run(command: KeyCommand, config: Config) -> Result<(), CliError> {
    let store = store::open(&config.storage, Opener::Command).await?;
    let clock = Clock::system();
    match command {
        KeyCommand::Generate { name, workspace, scopes, expires } => {
            let request = CreateKeyRequest {
                name,
                workspace: Some(workspace),
                scopes: Some(scopes).filter(|scopes| !scopes.is_empty()),
                expires_at: expires.map(|span| clock.now().plus_millis(span)),
            };
            let created = create_unchecked(&*store, &clock, request).await?;
            let key = &created.key;
            let until = key.expires_at.map_or_else(|| "for ever".to_owned(), |end| format!("until {end}"));
            writeln!(
                std::io::stderr(),
                "made {} \"{}\" for workspace {}, valid {until}; shown this once:",
                key.id,
                key.name,
                key.workspace
            )?;
            writeln!(std::io::stdout(), "{}", created.secret)?;
            Ok(())
        }
        KeyCommand::List => {
            let mut out = std::io::stdout();
            let mut after = None;
            writeln!(
                out,
                "{:<30}  {:<16}  {:<12}  {:<20}  {:<9}  SCOPES",
                "ID", "KEY", "WORKSPACE", "CREATED", "STATE"
            )?;
            loop {
                let rows = store.list_keys(None, PageQuery { limit: PAGE, after }).await?;
                for key in &rows.data {
                    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
                    let scopes = if scopes.len() == Scope::ALL.len() { "all".to_owned() } else { scopes.join(",") };
                    writeln!(
                        out,
                        "{:<30}  {:<16}  {:<12}  {:<20}  {:<9}  {scopes}  {}",
                        key.id,
                        format!("{}…", key.hint),
                        key.workspace,
                        key.created_at.to_string(),
                        state(key, clock.now()),
                        key.name
                    )?;
                }
                after = rows.next;
                if after.is_none() {
                    return Ok(());
                }
            }
        }
        KeyCommand::Revoke { id } => {
            if !store.revoke_key(None, id.clone(), clock.now()).await? {
                return Err(CliError::Argument(format!("there is no key {id}; `openclaw api key list` shows them")));
            }
            Ok(writeln!(std::io::stderr(), "revoked {id}")?)
        }
    }
}

fn state(key: &openclaw_core::Key, now: Timestamp) -> &'static str {
    match (key.revoked_at, key.expires_at) {
        (Some(_), _) => "revoked",
        (None, Some(end)) if end <= now => "expired",
        _ => "active",
    }
}

fn scope(word: &str) -> Result<Scope, String> {
    let words: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    Scope::parse(word).ok_or_else(|| format!("the scopes are {}", words.join(", ")))
}

fn span_ms(text: &str) -> Result<i64, String> {
    let wrong = || "write a number with s, m, h or d, such as 90d".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let unit_ms = match unit {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return Err(wrong()),
    };
    let number: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    number.checked_mul(unit_ms).filter(|span| *span > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_numbers_with_a_unit() {
        assert_eq!(span_ms("90d"), Ok(7_776_000_000));
        assert_eq!(span_ms("15m"), Ok(900_000));
        for wrong in ["", "d", "90", "-1d", "0s", "1w", "9999999999999999d", "1日"] {
            assert!(span_ms(wrong).is_err(), "{wrong}");
        }
    }
}
