//! What a link or an image points at.

use crate::outbound::resolve;

/// The longest address that is told; what is longer carries data, not a place.
const BYTES_MAX: usize = 1000;

/// The address that a link means, seen from the page it stands in; `None` if it is none that can be fetched.
pub(super) fn address(reference: &str, base: &str) -> Option<String> {
    // Browsers pass over control characters in a scheme, so `java\nscript:` must not pass here.
    let reference: String = reference.chars().filter(|character| !character.is_control()).collect();
    let reference = reference.trim();
    if reference.is_empty() || reference.starts_with('#') {
        return None;
    }
    let address = match base.parse() {
        Ok(base) => resolve(&base, reference),
        Err(_) => reference.to_owned(),
    };
    let scheme = address.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let is_place = matches!(scheme.as_str(), "http" | "https" | "mailto");
    (is_place && address.len() <= BYTES_MAX)
        .then(|| address.replace(' ', "%20").replace('(', "%28").replace(')', "%29"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_pass() {
        let base = "https://a.com/b/c";
        assert_eq!(address("d", base).as_deref(), Some("https://a.com/b/d"));
        assert_eq!(address(" /d (1)#x ", base).as_deref(), Some("https://a.com/d%20%281%29"));
        assert_eq!(address("mailto:ann@a.com", base).as_deref(), Some("mailto:ann@a.com"));
        for nothing in [
            "",
            "#top",
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
        ] {
            assert_eq!(address(nothing, base), None, "{nothing:?}");
        }
        assert_eq!(address(&format!("/{}", "a".repeat(2000)), base), None);
    }
}
