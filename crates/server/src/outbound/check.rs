//! What a URL must look like before anybody is asked: told when an endpoint is made, and again at each delivery.
//!
//! The URL is read by the parser that the connection uses, so that nothing is judged as one host and reached as another.
//! A host name is judged only when it is resolved, at every connect; here it is enough that it is one.

use std::net::{IpAddr, Ipv4Addr};

use http::Uri;

use super::reach::{Reach, Refused, Rules};

/// Reads a URL that may be asked as far as can be told without asking DNS.
pub(super) fn check_url(url: &str, reach: Reach, rules: &Rules) -> Result<Uri, Refused> {
    let refuse = |why: &str| Err(Refused(why.to_owned()));
    let Ok(uri) = url.parse::<Uri>() else {
        return refuse("this is no URL: write it like https://example.com/path, in ASCII (xn--… for other letters)");
    };
    let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return refuse("the URL must begin with http:// or https:// and a host");
    };
    if authority.as_str().contains('@') {
        return refuse("the URL holds a user name or password before an `@`, which would not be sent: take it out");
    }
    let host = authority.host();
    let rest = authority.as_str().strip_prefix(host).unwrap_or_default();
    if !rest.is_empty() && !rest.strip_prefix(':').is_some_and(is_port) {
        return refuse("the URL's port must be a number from 1 to 65535");
    }
    check_host(host, reach, rules)?;
    Ok(uri)
}

/// The address that a URL names literally, as the connection reads it: IPv4 in four decimal parts, or IPv6 in brackets.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse().ok()
}

fn check_host(host: &str, reach: Reach, rules: &Rules) -> Result<(), Refused> {
    let is_in_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if let Some(address) = literal(host) {
        return rules.judge(address, reach);
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let labels = || name.split('.');
    if host.starts_with('[') {
        return Err(Refused(format!("{host} is not an IPv6 address (one with a zone cannot be reached)")));
    }
    if !host.bytes().all(is_in_host) || labels().any(|label| label.is_empty() || label.len() > 63) || name.len() > 253 {
        return Err(Refused(format!("`{host}` is not a host name")));
    }
    if labels().next_back().is_some_and(is_number) {
        return Err(Refused(format!("{host} ends in a number: write the address in full, such as 192.0.2.1")));
    }
    // Such a name is this machine by definition, whatever DNS says (RFC 6761, 6.3).
    if labels().next_back().is_some_and(|label| label.eq_ignore_ascii_case("localhost")) {
        let named = |refused: Refused| Refused(format!("{host} stands for 127.0.0.1, and {refused}"));
        return rules.judge(Ipv4Addr::LOCALHOST.into(), reach).map_err(named);
    }
    Ok(())
}

fn is_port(digits: &str) -> bool {
    digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Whether the system's resolver would read it as a part of an IPv4 address: `2130706433`, `0177`, `0x7f`.
fn is_number(label: &str) -> bool {
    let is_hex = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    label.bytes().all(|byte| byte.is_ascii_digit())
        || label.strip_prefix("0x").or_else(|| label.strip_prefix("0X")).is_some_and(is_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(url: &str, reach: Reach) -> String {
        check_url(url, reach, &Rules::default()).expect_err(url).to_string()
    }

    #[test]
    fn good_urls_pass() {
        for url in [
            "https://example.com/hook?key=1",
            "http://example.com:8080",
            "HTTPS://Example.com./x#y",
            "http://8.8.8.8/",
            "http://[2606:4700::1111]:443/",
            "https://xn--fiq228c.com/",
            "https://my_host-1.internal/",
            "http://1.example/",
        ] {
            for reach in [Reach::Operator, Reach::Public] {
                check_url(url, reach, &Rules::default()).expect(url);
            }
        }
        for url in ["http://localhost:3000/", "http://127.0.0.1/", "http://[::1]/", "http://10.0.0.1/"] {
            check_url(url, Reach::Operator, &Rules::default()).expect(url);
        }
        let allow = Rules::new(&["127.0.0.0/8".parse().expect("a network")]);
        check_url("http://localhost/", Reach::Public, &allow).expect("opened");
    }

    #[test]
    fn what_is_no_url_to_ask_is_refused_and_never_repeated() {
        for (url, told) in [
            ("", "no URL"),
            ("/canary", "must begin with"),
            ("canary.com", "must begin with"),
            ("ftp://a.com/canary", "must begin with"),
            ("file:///canary", "no URL"),
            ("http:///canary", "no URL"),
            ("http://a.com\\@127.0.0.1/canary", "no URL"),
            ("http://me:canary@a.com/", "user name"),
            ("http://a.com@127.0.0.1/canary", "user name"),
            ("http://a.com:0/canary", "port"),
            ("http://a.com:/canary", "port"),
            ("http://a.com:99999/canary", "port"),
            ("http://a.com:+80/canary", "port"),
            ("http://[::1]x/canary", "port"),
            ("http://[zz]/canary", "not an IPv6 address"),
            ("http://[fe80::1%25eth0]/canary", "not an IPv6 address"),
            ("http://./canary", "not a host name"),
            ("http://a..b/canary", "not a host name"),
            ("http://$a/canary", "not a host name"),
            ("http://a b/canary", "no URL"),
        ] {
            for reach in [Reach::Operator, Reach::Public] {
                let why = why(url, reach);
                assert!(why.contains(told) && !why.contains("canary"), "{url}: {why}");
            }
        }
    }

    #[test]
    fn no_spelling_of_an_inward_address_passes() {
        for url in [
            "http://127.0.0.1/",
            "http://127.0.0.1./",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://0/",
            "http://0x/",
            "http://00000177.1/",
            "http://127.0.0.0x1/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[::127.0.0.1]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://a.localhost/",
            "http://127。0。0。1/",
            "http://127%2e0%2e0%2e1/",
            "http://①②⑦.0.0.1/",
            "http://a.com:80@127.0.0.1/",
            "http://0.0.0.0/",
        ] {
            why(url, Reach::Public);
        }
        assert!(why("http://169.254.169.254./latest", Reach::Operator).contains("ends in a number"));
        assert!(why("http://[::ffff:a9fe:a9fe]/", Reach::Operator).contains("carries 169.254.169.254"));
        assert!(why("http://localhost/", Reach::Public).contains("stands for 127.0.0.1, and 127.0.0.1 is loopback"));
    }
}
