//! Events become one POST.

use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use openclaw_core::{EndpointFormat, Timestamp};

use super::notice::Notice;
use super::robot::robot;
use super::{Payload, Template, digest, openclaw};

/// What is known of the attempt that a POST is made for.
#[derive(Clone, Copy, Debug)]
pub struct AttemptContext<'a> {
    /// The delivery, `dlv_…`; of a digest, the first one.
    pub delivery_id: &'a str,
    /// Which attempt of it this is, from 1.
    pub number: u32,
    /// The workspace whose event it is, for templates.
    pub workspace: &'a str,
    /// When the attempt is made: signatures are valid for minutes (`openclaw`) or an hour (robots).
    pub now: Timestamp,
}

/// A POST to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Where to: the endpoint's URL, with a signature in its query where the platform wants one there. A secret.
    pub url: String,
    /// Headers in lower case, `content-type` among them.
    pub headers: Vec<(&'static str, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Rendered {
    /// The headers as they are sent; one that no header can carry is left out.
    pub fn header_map(&self) -> HeaderMap {
        let header = |(name, value): &(&'static str, String)| {
            Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
        };
        self.headers.iter().filter_map(header).collect()
    }
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendered").field("body_bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// Why nothing can be sent.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// There was no event.
    #[error("there is no event to send")]
    NoEvent,
    /// `openclaw` takes one event a POST.
    #[error("format openclaw sends one event a POST, not {0}")]
    SeveralEvents(usize),
    /// `openclaw` without a secret would be forgeable.
    #[error("format openclaw cannot send unsigned: the endpoint has no secret")]
    NoSecret,
}

/// Renders events as one POST of that format: one event for `openclaw`, any number merged into a digest for robots.
///
/// `secrets` begin with the primary one; a robot without a secret is sent unsigned messages (WeCom and Slack always are).
/// `template` takes the place of a robot's own wording.
pub fn render(
    format: EndpointFormat,
    payloads: &[Payload],
    template: Option<&Template>,
    secrets: &[String],
    url: &str,
    attempt: AttemptContext<'_>,
) -> Result<Rendered, RenderError> {
    let Some(robot) = robot(format) else {
        return match payloads {
            [] => Err(RenderError::NoEvent),
            [payload] => openclaw::render(payload, secrets, url, attempt),
            _ => Err(RenderError::SeveralEvents(payloads.len())),
        };
    };
    let notice = |payload: &Payload| match template {
        Some(template) => Notice::templated(payload, template.fill(payload, attempt.workspace)),
        None => Notice::of(payload),
    };
    let notices: Vec<_> = payloads.iter().map(notice).collect();
    let message = digest::message(robot, &notices).ok_or(RenderError::NoEvent)?;
    let secret = secrets.first().map(String::as_str).filter(|secret| !secret.is_empty());
    Ok(robot.post(&message, secret, url, attempt.now))
}

/// An endpoint's URL as logs and the API may show it: robots' URLs hold their key, so of those only the host.
pub fn shown_url(format: EndpointFormat, url: &str) -> String {
    if robot(format).is_none() {
        return url.to_owned();
    }
    match url.parse::<Uri>().ok().as_ref().map(|uri| (uri.scheme_str(), uri.authority())) {
        Some((Some(scheme), Some(authority))) => {
            let host = authority.as_str().rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}/…")
        }
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_robots_url_is_shown_down_to_its_host() {
        let shown = |url| shown_url(EndpointFormat::Dingtalk, url);
        assert_eq!(shown("https://oapi.dingtalk.com/robot/send?access_token=T"), "https://oapi.dingtalk.com/…");
        assert_eq!(shown("http://ann:pass@127.0.0.1:8080/x"), "http://127.0.0.1:8080/…");
        assert_eq!(shown("not a url"), "…");
        assert_eq!(shown_url(EndpointFormat::Openclaw, "https://a.com/hooks"), "https://a.com/hooks");
    }
}
