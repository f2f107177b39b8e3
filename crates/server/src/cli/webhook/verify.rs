//! `openclaw webhooks verify`: whether a captured request is genuine, and if not, why.

use std::io::{Read, Write};

use clap::Args;
use openclaw_core::webhook::{header, unsigned_body};
use openclaw_core::{Timestamp, Webhook, verify_webhook};

use super::super::CliError;
use crate::clock::Clock;

/// More than any delivery has.
const BODY_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What is known of the request.
#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArguments {
    /// The endpoint's secret; give it again for each that may have signed.
    #[arg(long = "secret", value_name = "SECRET", required = true)]
    secrets: Vec<String>,
    /// The value of X-OpenClaw-Signature, or of `signature` in the body: sha256=….
    #[arg(long, value_name = "SIGNATURE")]
    signature: Option<String>,
    /// A header as it came, such as 'webhook-id: evt_…'; again for each.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header_line)]
    headers: Vec<(String, String)>,
    /// When the request came, for its age; RFC 3339 [default: now].
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Timestamp>,
}

/// Prints a line for each check; fails if one does, or if there is nothing to check.
pub(super) fn run(arguments: &VerifyArguments) -> Result<(), CliError> {
    let mut body = Vec::new();
    std::io::stdin().lock().take(BODY_BYTES_MAX).read_to_end(&mut body)?;
    let now = arguments.at.unwrap_or_else(|| Clock::system().now());
    let request = Request { body: &body, arguments, now };
    let findings = request.findings();
    if findings.is_empty() {
        let message = "nothing to check: the body holds no `signature`; give --signature or the headers with -H";
        return Err(CliError::Argument(message.into()));
    }
    let mut out = std::io::stdout().lock();
    for finding in &findings {
        match finding {
            Ok(what) => writeln!(out, "genuine: {what}")?,
            Err(why) => writeln!(out, "not genuine: {why}")?,
        }
    }
    if findings.iter().any(Result::is_err) {
        return Err(CliError::Argument("the request is not genuine".into()));
    }
    Ok(())
}

struct Request<'a> {
    body: &'a [u8],
    arguments: &'a VerifyArguments,
    now: Timestamp,
}

/// What was checked, or why it failed.
type Finding = Result<String, String>;

impl Request<'_> {
    fn findings(&self) -> Vec<Finding> {
        let given = self.arguments.signature.as_deref().or_else(|| self.header(header::BODY_SIGNATURE));
        let mut findings: Vec<Finding> = given.map(|signature| self.signature(signature)).into_iter().collect();
        let standard = [header::ID, header::TIMESTAMP, header::SIGNATURES];
        if standard.iter().any(|name| self.header(name).is_some()) {
            findings.push(self.standard());
        }
        if findings.is_empty()
            && let Some((unsigned, signature)) = self.text().and_then(unsigned_body)
        {
            let told = "the `signature` in the body; it tells nothing of when the request was made";
            let why = || "the `signature` in the body was made over another body or with another secret".to_owned();
            findings.push(if self.is_signed(&unsigned, signature) { Ok(told.to_owned()) } else { Err(why()) });
        }
        findings
    }

    /// A `sha256=…` over the whole body, or the one inside it.
    fn signature(&self, signature: &str) -> Finding {
        let Some(body) = self.text() else { return Err("the body is no UTF-8 text, which every delivery is".into()) };
        if self.is_signed(body, signature) {
            return Ok(format!("{signature} was made over this body"));
        }
        let inside = unsigned_body(body);
        if inside.is_some_and(|(unsigned, own)| own == signature && self.is_signed(&unsigned, signature)) {
            return Ok("it is the body's own `signature`, made over the rest of it".into());
        }
        Err(self.why(body, signature))
    }

    /// The headers of Standard Webhooks, which also tell the age.
    fn standard(&self) -> Finding {
        let checked = Webhook::with_secrets(&self.arguments.secrets)
            .and_then(|webhook| webhook.verify_signature(self.body, |name| self.header(name), self.now));
        checked
            .map(|()| "webhook-signature was made over this id, time and body".into())
            .map_err(|error| error.to_string())
    }

    /// What is most often wrong, tried in turn.
    fn why(&self, body: &str, signature: &str) -> String {
        if !signature.starts_with("sha256=") {
            return "the signature does not begin with `sha256=`".into();
        }
        let trimmed = body.trim_end();
        if trimmed != body && self.is_signed(trimmed, signature) {
            return "the body got a line break or blank at its end that was not signed: keep its bytes as they came"
                .into();
        }
        let is_padded = |secret: &String| secret.trim() != secret && verify_webhook(body, signature, secret.trim());
        if self.arguments.secrets.iter().any(is_padded) {
            return "the secret begins or ends with a blank or line break that does not belong to it".into();
        }
        if trimmed.contains("\": ") || trimmed.contains('\n') {
            return "the body was written anew (deliveries have no blanks between members): check the bytes as they came".into();
        }
        "another secret, another body, or another sender".into()
    }

    fn is_signed(&self, payload: &str, signature: &str) -> bool {
        self.arguments.secrets.iter().any(|secret| verify_webhook(payload, signature, secret))
    }

    fn text(&self) -> Option<&str> {
        std::str::from_utf8(self.body).ok()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self.arguments.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

fn header_line(line: &str) -> Result<(String, String), String> {
    let (name, value) = line.split_once(':').ok_or("write it as NAME: VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn moment(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "write a time like 2026-04-17T01:15:30Z".to_owned())
}
