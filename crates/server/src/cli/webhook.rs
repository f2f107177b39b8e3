//! `openclaw webhooks`: a receiver's best friend; it needs a gateway to talk to, and no public URL.
//!
//! Cast: `remote` is the running gateway, asked over HTTP like any other client does; `listen` follows its events; `forward`
//! POSTs one as the gateway would deliver it; `trigger` sends samples; `verify` judges a captured request; `screen` prints.

mod forward;
mod listen;
mod screen;
mod trigger;
mod verify;

use std::path::PathBuf;

use clap::Subcommand;

use super::CliError;

/// What to do about webhooks.
#[derive(Debug, Subcommand)]
pub(super) enum WebhookCommand {
    /// Print every event of a running gateway as it happens, and forward it if asked, signed as a delivery is.
    Listen(listen::ListenArguments),
    /// Send a sample of an event to an endpoint of the gateway, or straight to a URL.
    Trigger(trigger::TriggerArguments),
    /// Say whether a request is genuine: its body on standard input, its signature or headers as arguments.
    Verify(verify::VerifyArguments),
}

/// Runs one.
pub(super) async fn run(command: WebhookCommand, config_path: Option<PathBuf>) -> Result<(), CliError> {
    let outcome = match command {
        WebhookCommand::Listen(arguments) => listen::run(arguments, config_path).await,
        WebhookCommand::Trigger(arguments) => trigger::run(arguments, config_path).await,
        WebhookCommand::Verify(arguments) => verify::run(&arguments),
    };
    match outcome {
        // Whoever read our output has seen enough: `openclaw webhooks listen | head`.
        Err(CliError::Io(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}
