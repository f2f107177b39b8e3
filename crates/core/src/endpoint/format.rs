//! Formats: the receivers that the gateway knows how to speak to.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is sent to an endpoint, and what counts as received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointFormat {
    /// The signed event, for a program; any 2xx is success.
    #[default]
    Openclaw,
    /// A message to a robot of DingTalk (钉钉).
    Dingtalk,
    /// A message to a robot of Feishu (飞书) or Lark.
    Feishu,
    /// A message to a robot of WeCom (企业微信).
    Wecom,
    /// A message to an incoming webhook of Slack.
    Slack,
}

impl EndpointFormat {
    /// Every format there is.
    pub const ALL: [Self; 5] = [Self::Openclaw, Self::Dingtalk, Self::Feishu, Self::Wecom, Self::Slack];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openclaw => "openclaw",
            Self::Dingtalk => "dingtalk",
            Self::Feishu => "feishu",
            Self::Wecom => "wecom",
            Self::Slack => "slack",
        }
    }

    /// The format of that word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// What is meant where no format was given: a chat vendor's own for its robots' host, else [`Openclaw`](Self::Openclaw).
    pub fn guess(host: &str) -> Self {
        match host.trim_end_matches('.').to_ascii_lowercase().as_str() {
            "oapi.dingtalk.com" => Self::Dingtalk,
            "open.feishu.cn" | "open.larksuite.com" => Self::Feishu,
            "qyapi.weixin.qq.com" => Self::Wecom,
            "hooks.slack.com" | "hooks.slack-gov.com" => Self::Slack,
            _ => Self::Openclaw,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_guessed_from_a_whole_host() {
        for (host, format) in [
            ("oapi.dingtalk.com", EndpointFormat::Dingtalk),
            ("Open.Feishu.CN.", EndpointFormat::Feishu),
            ("open.larksuite.com", EndpointFormat::Feishu),
            ("qyapi.weixin.qq.com", EndpointFormat::Wecom),
            ("hooks.slack.com", EndpointFormat::Slack),
            ("hooks.slack.com.evil.example", EndpointFormat::Openclaw),
            ("your-app.com", EndpointFormat::Openclaw),
        ] {
            assert_eq!(EndpointFormat::guess(host), format, "{host}");
        }
    }

    #[test]
    fn a_word_reads_back_and_is_the_one_of_json() {
        for format in EndpointFormat::ALL {
            assert_eq!(EndpointFormat::parse(format.as_str()), Some(format));
            assert_eq!(serde_json::to_value(format).expect("json"), format.as_str());
        }
    }
}
