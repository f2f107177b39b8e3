//! The configuration: what loads, what is refused in which words, and what is reloaded.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

mod command;
mod error;
mod example;
mod load;
mod watch;

use std::path::PathBuf;

use openclaw::config::{Config, Environment, Loaded, Source};

/// A configuration file in a folder of its own.
struct File {
    folder: tempfile::TempDir,
}

impl File {
    fn new(yaml: &str) -> Self {
        let file = Self { folder: tempfile::tempdir().unwrap() };
        file.write(yaml);
        file
    }

    fn write(&self, yaml: &str) {
        std::fs::write(self.path(), yaml).unwrap();
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("config.yaml")
    }

    fn source(&self) -> Source {
        Source::find(Some(self.path()), environment())
    }
}

const API_SECRET: &str = "0123456789abcdef0123456789abcdef";
const WEBHOOK_SECRET: &str = "fedcba9876543210fedcba9876543210";

/// The variables of the documentation, and some that hold trouble.
fn environment() -> Environment {
    Environment::from_fn(|name| {
        let value = match name {
            "HOME" => "/home/ann",
            "API_SECRET" => API_SECRET,
            "WEBHOOK_SECRET" => WEBHOOK_SECRET,
            "ANTHROPIC_API_KEY" => "sk-ant-0000",
            "SEARCH_API_KEY" | "TICKETS_TOKEN" => "0000",
            "TELEGRAM_BOT_TOKEN" => "123456:AAE-canary",
            "TELEGRAM_SECRET_TOKEN" => "0123456789abcdef",
            "PORT" => "3001",
            "TRUE" => "true",
            "NULL" => "null",
            "EMPTY" => "",
            "YAML" => "a: b # c\n- \"d\" ${PORT} {e}",
            "WORD" => "hunter2",
            _ => return None,
        };
        Some(value.to_owned())
    })
}

fn load(yaml: &str) -> Loaded {
    File::new(yaml).source().load().unwrap_or_else(|error| panic!("{error}"))
}

fn config(yaml: &str) -> Config {
    load(yaml).config
}

/// The whole text of a refusal, with the file's name alone.
fn refusal(yaml: &str) -> String {
    let file = File::new(yaml);
    let error = file.source().load().expect_err("the configuration is refused");
    let folder = format!("{}/", file.folder.path().display());
    assert!(!error.summary().contains('\n'));
    error.to_string().replace(&folder, "")
}
