//! `openclaw config`: check, show and describe the configuration.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::config::{Config, ConfigError, Environment, Source};

/// The exit code of a configuration that is refused, as `sysexits.h` has it.
pub const EX_CONFIG: u8 = 78;

/// What to do with the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Check the file and say what to change.
    Check,
    /// Print every key as it applies, defaults included, secrets masked.
    Show,
    /// Print the JSON Schema, for editors that complete and check YAML.
    Schema,
}

/// Runs `openclaw config`; the path is that of `--config`.
pub fn run(command: ConfigCommand, config_path: Option<PathBuf>) -> ExitCode {
    let source = Source::find(config_path, Environment::process());
    match execute(command, &source, &mut io::stdout().lock(), &mut io::stderr().lock()) {
        Ok(code) => ExitCode::from(code),
        Err(_) => ExitCode::FAILURE,
    }
}

/// Runs a command on given streams; gives the exit code, or why it could not write.
pub fn execute(
    command: ConfigCommand,
    source: &Source,
    output: &mut impl Write,
    errors: &mut impl Write,
) -> io::Result<u8> {
    let result = match command {
        ConfigCommand::Check => check(source, output, errors)?,
        ConfigCommand::Show => show(source, output)?,
        ConfigCommand::Schema => {
            writeln!(output, "{:#}", Config::schema())?;
            Ok(())
        }
    };
    output.flush()?;
    match result {
        Ok(()) => Ok(0),
        Err(error) => {
            writeln!(errors, "{error}")?;
            Ok(EX_CONFIG)
        }
    }
}

fn check(source: &Source, output: &mut impl Write, errors: &mut impl Write) -> io::Result<Result<(), ConfigError>> {
    let loaded = match source.load() {
        Ok(loaded) => loaded,
        Err(error) => return Ok(Err(error)),
    };
    for warning in &loaded.warnings {
        writeln!(errors, "warning: {warning}")?;
    }
    match &loaded.path {
        Some(path) => writeln!(output, "ok: {}", path.display())?,
        None => writeln!(output, "ok: there is no file, every key has its default")?,
    }
    Ok(Ok(()))
}

fn show(source: &Source, output: &mut impl Write) -> io::Result<Result<(), ConfigError>> {
    let loaded = match source.load() {
        Ok(loaded) => loaded,
        Err(error) => return Ok(Err(error)),
    };
    let yaml = serde_saphyr::to_string(&loaded.config.masked()).map_err(io::Error::other)?;
    writeln!(output, "{}", yaml.trim_end())?;
    Ok(Ok(()))
}
