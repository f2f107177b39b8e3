//! `openclaw`: one event a POST, signed three ways so that every receiver's check accepts it.

use openclaw_core::webhook::{body, body_signature, header, standard_signatures};

use super::verdict::{Answer, Verdict};
use super::{AttemptContext, Payload, RenderError, Rendered};

pub(super) fn render(
    payload: &Payload,
    secrets: &[String],
    url: &str,
    attempt: AttemptContext<'_>,
) -> Result<Rendered, RenderError> {
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).filter(|secret| !secret.is_empty()).collect();
    let primary = secrets.first().ok_or(RenderError::NoSecret)?;
    let body = body(&payload.unsigned, primary);
    let seconds = attempt.now.as_millis().div_euclid(1000);
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        (header::BODY_SIGNATURE, body_signature(&body, primary)),
        (header::ID, payload.id.clone()),
        (header::TIMESTAMP, seconds.to_string()),
        (header::SIGNATURES, standard_signatures(&payload.id, seconds, &body, &secrets)),
        (header::EVENT, payload.event.clone()),
        (header::DELIVERY, attempt.delivery_id.to_owned()),
        (header::ATTEMPT, attempt.number.to_string()),
    ];
    Ok(Rendered { url: url.to_owned(), headers, body: body.into_bytes() })
}

pub(super) fn judge(answer: Answer<'_>) -> Verdict {
    match answer.status {
        200..=299 => Verdict::Delivered,
        410 => Verdict::Disable { reason: "the receiver answered 410: it wants no more".to_owned() },
        status => Verdict::Retry {
            after: answer.retry_after,
            counts: true,
            reason: format!("the receiver answered {status}"),
        },
    }
}
