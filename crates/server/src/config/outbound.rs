//! `outbound`: who may be reached from here, and how long it may take.

use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// `outbound`. A change closes the connections that are kept for reuse; `ca_file` is read again then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OutboundConfig {
    /// Networks of your own that endpoints made by API may reach, such as `10.20.0.0/16`. Link-local and cloud metadata addresses stay closed.
    pub allow: Vec<Network>,
    /// A PEM file of roots of trust beside the machine's own, such as your company's. Read with the first `https` address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The most seconds for one delivery, from its start to the end of the answer.
    #[schemars(range(min = 1, max = 300))]
    pub deliver_timeout_seconds: u64,
    /// The most seconds of them for the connection: name, TCP and TLS together.
    #[schemars(range(min = 1, max = 300))]
    pub connect_timeout_seconds: u64,
    /// The most unused connections kept to one host.
    pub connections_per_host_idle_max: usize,
}

impl Default for OutboundConfig {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            ca_file: None,
            deliver_timeout_seconds: 15,
            connect_timeout_seconds: 5,
            connections_per_host_idle_max: 256,
        }
    }
}

/// A network as `address/bits`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Whether an address lies in it.
    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

/// It is no network, or its address has bits beyond its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a network such as 10.20.0.0/16")]
pub struct NotANetwork;

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self(address.into()));
        }
        // `10.20.30.0/16` may be meant as /24: whoever opens a network should see which.
        text.parse::<IpNet>().ok().filter(|network| network.trunc() == *network).map(Self).ok_or(NotANetwork)
    }
}

impl Display for Network {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl de::Visitor<'_> for Text {
            type Value = Network;

            fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("a network that begins at its own address, such as 10.20.0.0/16, or one address")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Network, E> {
                text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

impl JsonSchema for Network {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Network".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "minLength": 2})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_begins_at_its_own_address() {
        for (text, shown) in [
            ("10.20.0.0/16", "10.20.0.0/16"),
            ("10.20.30.40", "10.20.30.40/32"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("fd00::/8", "fd00::/8"),
            ("::1", "::1/128"),
        ] {
            assert_eq!(text.parse::<Network>().map(|network| network.to_string()).as_deref(), Ok(shown));
        }
        for text in ["", "10.20.30.0/16", "10.0.0.0/33", "10.0.0/8", "fd00::1/8", "intranet", "10.0.0.0/8 ", "/8"] {
            assert_eq!(text.parse::<Network>(), Err(NotANetwork), "{text}");
        }
    }
}
