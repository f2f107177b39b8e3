//! Who may be reached: each address is judged, and with it every IPv4 address that it carries.
//!
//! Pure rules over addresses; `connect` asks them before each connection. `docs/outbound.md` tells them to people, and a
//! test holds the two tables together.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use ipnet::IpNet;

use crate::config::Network;

/// Whose wish a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// The operator's, by the configuration file: private networks and loopback too.
    Operator,
    /// A caller's, by the API: the public internet, and what `outbound.allow` opens.
    Public,
}

/// Why somebody may not be reached: which address, which range, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub(super) String);

/// The rules, with the networks that the operator opened.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    allow: Vec<Network>,
}

impl Rules {
    /// The rules with those networks opened to [`Reach::Public`].
    pub fn new(allow: &[Network]) -> Self {
        Self { allow: allow.to_vec() }
    }

    /// Whether that address may be reached; both it and what it carries must be open.
    pub fn judge(&self, address: IpAddr, reach: Reach) -> Result<(), Refused> {
        let carried = carried_by(address).into_iter().flatten().map(IpAddr::V4);
        for part in std::iter::once(address).chain(carried) {
            let told = if part == address { part.to_string() } else { format!("{address} carries {part}, which") };
            if let Some(range) = Range::find(&NEVER, part) {
                return Err(Refused(format!("{told} is {range} and never reached")));
            }
            if reach == Reach::Operator || self.allow.iter().any(|network| network.contains(part)) {
                continue;
            }
            if let Some(range) = Range::find(&INWARD, part) {
                return Err(Refused(format!("{told} is {range}: if it may be reached, add it to outbound.allow")));
            }
        }
        Ok(())
    }
}

/// A range of addresses, what it is for, and where that is written.
pub(super) struct Range {
    network: IpNet,
    name: &'static str,
    source: &'static str,
}

impl Range {
    fn table(rows: &[(&str, &'static str, &'static str)]) -> Vec<Self> {
        let range = |&(network, name, source): &(&str, _, _)| Self {
            network: network.parse().expect("the tables below hold networks, as their test shows"),
            name,
            source,
        };
        rows.iter().map(range).collect()
    }

    /// The first range of a table that holds an address.
    fn find(table: &'static [Self], address: IpAddr) -> Option<&'static Self> {
        table.iter().find(|range| range.network.contains(&address))
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, {})", self.name, self.network, self.source)
    }
}

static NEVER: LazyLock<Vec<Range>> = LazyLock::new(|| Range::table(NEVER_ROWS));
static INWARD: LazyLock<Vec<Range>> = LazyLock::new(|| Range::table(INWARD_ROWS));

/// Closed to everyone: here a machine in a cloud is given its credentials by whoever asks.
const NEVER_ROWS: &[(&str, &str, &str)] = &[
    ("169.254.0.0/16", "link-local", "RFC 3927"),
    ("fe80::/10", "link-local", "RFC 4291"),
    ("100.100.100.200/32", "cloud metadata", "Alibaba Cloud"),
    ("168.63.129.16/32", "cloud metadata", "Azure WireServer"),
    ("192.0.0.192/32", "cloud metadata", "Oracle Cloud"),
    ("fd00:42::42/128", "cloud metadata", "Scaleway"),
    ("fd00:100::100:200/128", "cloud metadata", "Alibaba Cloud"),
    ("fd00:a9fe:a9fe::1/128", "cloud metadata", "Linode"),
    ("fd00:c1::a9fe:a9fe/128", "cloud metadata", "Oracle Cloud"),
    ("fd00:ec2::/32", "cloud metadata", "Amazon EC2"),
    ("fd20:ce::254/128", "cloud metadata", "Google Cloud"),
];

/// Closed to the public: what is not the public internet, the narrower range before the wider.
const INWARD_ROWS: &[(&str, &str, &str)] = &[
    ("0.0.0.0/8", "this machine or network", "RFC 791"),
    ("10.0.0.0/8", "private", "RFC 1918"),
    ("100.64.0.0/10", "carrier-grade NAT", "RFC 6598"),
    ("127.0.0.0/8", "loopback", "RFC 1122"),
    ("172.16.0.0/12", "private", "RFC 1918"),
    ("192.0.0.0/24", "protocol assignments", "RFC 6890"),
    ("192.0.2.0/24", "documentation", "RFC 5737"),
    ("192.88.99.0/24", "6to4 relay", "RFC 7526"),
    ("192.168.0.0/16", "private", "RFC 1918"),
    ("198.18.0.0/15", "benchmarking", "RFC 2544"),
    ("198.51.100.0/24", "documentation", "RFC 5737"),
    ("203.0.113.0/24", "documentation", "RFC 5737"),
    ("224.0.0.0/4", "multicast", "RFC 5771"),
    ("255.255.255.255/32", "broadcast", "RFC 919"),
    ("240.0.0.0/4", "reserved", "RFC 1112"),
    ("::/128", "unspecified", "RFC 4291"),
    ("::1/128", "loopback", "RFC 4291"),
    ("::/96", "IPv4-compatible", "RFC 4291"),
    ("::ffff:0:0/96", "IPv4-mapped", "RFC 4291"),
    ("::ffff:0:0:0/96", "IPv4-translated", "RFC 7915"),
    ("64:ff9b::/96", "NAT64", "RFC 6052"),
    ("64:ff9b:1::/48", "NAT64", "RFC 8215"),
    ("100::/64", "discard-only", "RFC 6666"),
    ("2001::/32", "Teredo", "RFC 4380"),
    ("2001:2::/48", "benchmarking", "RFC 5180"),
    ("2001:10::/28", "ORCHID", "RFC 4843"),
    ("2001:20::/28", "ORCHIDv2", "RFC 7343"),
    ("2001::/23", "protocol assignments", "RFC 2928"),
    ("2001:db8::/32", "documentation", "RFC 3849"),
    ("2002::/16", "6to4", "RFC 3056"),
    ("3fff::/20", "documentation", "RFC 9637"),
    ("5f00::/16", "segment routing", "RFC 9602"),
    ("fc00::/7", "private (ULA)", "RFC 4193"),
    ("fec0::/10", "site-local", "RFC 3879"),
    ("ff00::/8", "multicast", "RFC 4291"),
    // Global addresses are given out of 2000::/3 alone; the three below are the rest.
    ("::/3", "not in use", "RFC 4291"),
    ("4000::/2", "not in use", "RFC 4291"),
    ("8000::/1", "not in use", "RFC 4291"),
];

/// The IPv4 addresses that a translator, a tunnel or the kernel may make of an IPv6 one.
fn carried_by(address: IpAddr) -> [Option<Ipv4Addr>; 2] {
    let IpAddr::V6(address) = address else {
        return [None, None];
    };
    if address.is_unspecified() || address.is_loopback() {
        return [None, None];
    }
    let bytes = address.octets();
    let at = |start: usize| Some(Ipv4Addr::new(bytes[start], bytes[start + 1], bytes[start + 2], bytes[start + 3]));
    match address.segments() {
        // IPv4-compatible, -mapped, -translated, and NAT64 of RFC 6052.
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            [at(12), None]
        }
        // The network's own translator has the whole /48 or a /96 of it as its prefix (RFC 6052, 2.2): both are read,
        // unless there is nothing to read.
        [0x64, 0xff9b, 1, ..] => {
            let by_48 = Ipv4Addr::new(bytes[6], bytes[7], bytes[9], bytes[10]);
            [Some(by_48).filter(|_| bytes[6..8] != [0, 0]), at(12).filter(|v4| !v4.is_unspecified())]
        }
        // Teredo: the server, and the client with every bit turned (RFC 4380, 4).
        [0x2001, 0, ..] => [at(4), at(12).map(|client| Ipv4Addr::from_bits(!client.to_bits()))],
        [0x2002, ..] => [at(2), None],
        _ => [None, None],
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn rules(allow: &[&str]) -> Rules {
        Rules { allow: allow.iter().map(|network| network.parse().expect("a network")).collect() }
    }

    fn why(rules: &Rules, text: &str, reach: Reach) -> String {
        rules.judge(address(text), reach).expect_err(text).to_string()
    }

    /// One before or after an address, unless there is none.
    fn beside(address: IpAddr, after: bool) -> Option<IpAddr> {
        let step = |bits: u128| if after { bits.checked_add(1) } else { bits.checked_sub(1) };
        match address {
            IpAddr::V4(v4) => {
                u32::try_from(step(v4.to_bits().into())?).ok().map(|bits| Ipv4Addr::from_bits(bits).into())
            }
            IpAddr::V6(v6) => step(v6.to_bits()).map(|bits| Ipv6Addr::from_bits(bits).into()),
        }
    }

    #[test]
    fn every_range_is_closed_from_edge_to_edge_and_no_further() {
        let closed = |address| NEVER.iter().chain(&*INWARD).any(|range| range.network.contains(&address));
        for range in NEVER.iter().chain(&*INWARD) {
            assert_eq!(range.network, range.network.trunc(), "{range} begins elsewhere");
            let (first, last) = (range.network.network(), range.network.broadcast());
            for edge in [first, last] {
                rules(&[]).judge(edge, Reach::Public).expect_err("an edge");
            }
            for outside in [beside(first, false), beside(last, true)].into_iter().flatten() {
                assert_eq!(rules(&[]).judge(outside, Reach::Public).is_err(), closed(outside), "{outside}");
            }
        }
    }

    #[test]
    fn the_edges_that_are_easily_missed() {
        for open in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "8.8.8.8",
            "2000::",
            "2001:200::",
            "2001:db9::",
            "2003::",
            "3ffe:ffff::",
            "3fff:1000::",
            "2606:4700::1111",
            "2a01:4f8::1",
        ] {
            assert_eq!(rules(&[]).judge(address(open), Reach::Public), Ok(()), "{open}");
        }
        for closed in [
            "0.0.0.0",
            "0.255.255.255",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.255.255.255",
            "172.31.255.255",
            "192.0.0.255",
            "198.19.255.255",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "::8.8.8.8",
            "::ffff:8.8.8.8",
            "::ffff:0:8.8.8.8",
            "64:ff9b::808:808",
            "64:ff9b:1::808:808",
            "2001::1",
            "2001:1ff:ffff::",
            "2002:808:808::1",
            "4000::1",
            "5f00::1",
            "fbff::1",
            "fdff::1",
            "fe00::1",
            "fec0::1",
            "ff02::1",
        ] {
            rules(&[]).judge(address(closed), Reach::Public).expect_err(closed);
        }
    }

    #[test]
    fn a_refusal_names_the_address_the_range_and_the_way_out() {
        let none = rules(&[]);
        assert_eq!(
            why(&none, "10.1.2.3", Reach::Public),
            "10.1.2.3 is private (10.0.0.0/8, RFC 1918): if it may be reached, add it to outbound.allow"
        );
        assert_eq!(
            why(&none, "169.254.169.254", Reach::Operator),
            "169.254.169.254 is link-local (169.254.0.0/16, RFC 3927) and never reached"
        );
        assert_eq!(
            why(&none, "64:ff9b::a9fe:a9fe", Reach::Operator),
            "64:ff9b::a9fe:a9fe carries 169.254.169.254, which is link-local (169.254.0.0/16, RFC 3927) and never reached"
        );
        assert!(why(&none, "255.255.255.255", Reach::Public).contains("broadcast"));
        assert!(why(&none, "2001::1", Reach::Public).contains("Teredo"));
    }

    #[test]
    fn the_operator_reaches_inward_but_never_metadata() {
        let open = rules(&["0.0.0.0/0", "::/0"]);
        for inward in ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "fd12::1", "100.64.0.1", "0.0.0.0"] {
            assert_eq!(rules(&[]).judge(address(inward), Reach::Operator), Ok(()), "{inward}");
            assert_eq!(open.judge(address(inward), Reach::Public), Ok(()), "{inward}");
        }
        for never in [
            "169.254.169.254",
            "169.254.170.2",
            "fe80::a9fe:a9fe",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "::ffff:0:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a9fe:a9fe",
            "64:ff9b:1:a9fe:a9:fe00::1",
            "64:ff9b:1:a9fe:a9:fe00::",
            "2002:a9fe:a9fe::1",
            "2001:0:a9fe:a9fe::",
            "2001:0:808:808::5601:5601",
        ] {
            for reach in [Reach::Operator, Reach::Public] {
                assert!(why(&open, never, reach).ends_with("never reached"), "{never} {reach:?}");
            }
        }
    }

    #[test]
    fn what_is_allowed_is_open_and_nothing_beside_it() {
        let some = rules(&["10.20.0.0/16", "fd12::/16", "64:ff9b::/96"]);
        for open in ["10.20.0.0", "10.20.255.255", "fd12::1", "64:ff9b::808:808", "64:ff9b::a14:1"] {
            assert_eq!(some.judge(address(open), Reach::Public), Ok(()), "{open}");
        }
        for closed in ["10.19.255.255", "10.21.0.0", "fd13::1", "::ffff:10.20.0.1", "64:ff9b::7f00:1", "127.0.0.1"] {
            some.judge(address(closed), Reach::Public).expect_err(closed);
        }
        assert!(
            why(&some, "64:ff9b::7f00:1", Reach::Public).starts_with("64:ff9b::7f00:1 carries 127.0.0.1, which is")
        );
    }

    #[test]
    fn what_carries_ipv4_is_as_closed_as_what_it_carries() {
        // Every wrapping opened: only the carried address decides.
        let wrappings = rules(&["::/16", "64::/16", "2002::/16", "2001::/16"]);
        for range in NEVER.iter().chain(&*INWARD).filter(|range| range.network.addr().is_ipv4()) {
            for edge in [range.network.network(), range.network.broadcast()] {
                let IpAddr::V4(v4) = edge else { unreachable!("filtered") };
                let [a, b, c, d] = v4.octets().map(u16::from);
                let (high, low) = ((a << 8) | b, (c << 8) | d);
                for wrapped in [
                    v4.to_ipv6_mapped(),
                    Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, low),
                    Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                    Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                    Ipv6Addr::new(0x2001, 0, high, low, 0, 0, !0x808, !0x808),
                    Ipv6Addr::new(0x2001, 0, 0x808, 0x808, 0, 0, !high, !low),
                ] {
                    wrappings.judge(wrapped.into(), Reach::Public).expect_err("a carried address");
                }
            }
        }
        assert_eq!(wrappings.judge(address("2002:808:808::1"), Reach::Public), Ok(()));
    }

    #[test]
    fn the_page_for_people_has_every_row() {
        let page = include_str!("../../../../docs/outbound.md");
        for (network, name, source) in NEVER_ROWS.iter().chain(INWARD_ROWS) {
            let row = format!("| `{network}` | {name} | {source} |");
            assert!(page.contains(&row), "docs/outbound.md lacks {row}");
        }
        assert_eq!(page.lines().filter(|line| line.starts_with("| `")).count(), NEVER_ROWS.len() + INWARD_ROWS.len());
    }
}
