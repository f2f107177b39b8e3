//! Making the three signatures, and cutting the first of them off again.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, PAD_INDIFFERENT, STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a Standard Webhooks secret begins with; the rest is its key in base64.
pub const SECRET_PREFIX: &str = "whsec_";

/// How many bytes longer a body is than the unsigned event without its last `}`.
pub const TAIL_BYTES: usize = TAIL_HEAD.len() + HEX_DIGITS + TAIL_END.len();

/// Writes 256 random bits as a secret, `whsec_…`.
pub fn secret_from_random(random: [u8; 32]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(random))
}

/// The body to POST: the unsigned event with its signature as the last member.
///
/// # Panics
/// If `unsigned` does not end in `}`, as every JSON object written compactly does.
pub fn body(unsigned: &str, secret: &str) -> String {
    let head = unsigned.strip_suffix('}').expect("an event is a JSON object");
    let mut body = String::with_capacity(head.len() + TAIL_BYTES);
    body.push_str(head);
    body.push_str(TAIL_HEAD);
    push_hex(&mut body, &hmac(secret.as_bytes(), &[unsigned.as_bytes()]));
    body.push_str(TAIL_END);
    body
}

/// The unsigned event and its signature (`sha256=<hex>`), from a body; `None` if it does not end in such a signature.
///
/// Nothing else of the body is looked at, so whoever alters a byte of it alters what was signed.
pub fn unsigned_body(body: &str) -> Option<(String, &str)> {
    let (head, tail) = body.split_at_checked(body.len().checked_sub(TAIL_BYTES)?)?;
    let signature = tail.strip_prefix(MEMBER)?.strip_suffix(TAIL_END)?;
    let digits = signature.strip_prefix(SCHEME)?;
    let is_hex = digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    is_hex.then(|| (format!("{head}}}"), signature))
}

/// The value of `X-OpenClaw-Signature`: `sha256=<hex>` over the whole body.
pub fn body_signature(body: impl AsRef<[u8]>, secret: &str) -> String {
    let mut signature = String::with_capacity(SCHEME.len() + HEX_DIGITS);
    signature.push_str(SCHEME);
    push_hex(&mut signature, &hmac(secret.as_bytes(), &[body.as_ref()]));
    signature
}

/// The value of `webhook-signature`, for an attempt made at that second of Unix time.
///
/// One `v1,<base64>` for each secret, the primary first, and for each reading of it: as its UTF-8 bytes, as the
/// documented function reads it, and as base64, as Standard Webhooks does. `openssl rand -hex 32` makes a text
/// that is both, so that a receiver cannot tell which was meant, and need not.
pub fn standard_signatures(id: &str, unix_seconds: i64, body: impl AsRef<[u8]>, secrets: &[impl AsRef<str>]) -> String {
    let secrets = secrets.iter().map(AsRef::as_ref);
    signatures_of(id, &unix_seconds.to_string(), body.as_ref(), secrets).join(" ")
}

/// The same one by one, with the timestamp as the header spells it.
pub(super) fn signatures_of<'a>(
    id: &str,
    timestamp: &str,
    body: &[u8],
    secrets: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let signed: [&[u8]; 5] = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    let mut signatures = Vec::new();
    for key in secrets.flat_map(readings) {
        let signature = format!("v1,{}", STANDARD.encode(hmac(&key, &signed)));
        if !signatures.contains(&signature) {
            signatures.push(signature);
        }
    }
    signatures
}

const MEMBER: &str = ",\"signature\":\"";
const SCHEME: &str = "sha256=";
const TAIL_HEAD: &str = ",\"signature\":\"sha256=";
const TAIL_END: &str = "\"}";
const HEX_DIGITS: usize = 64;
/// The lengths that Standard Webhooks 1.0.0 allows a key; shorter texts are base64 by accident.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Reads what the published libraries for Python and JavaScript read: padding may be absent, spare bits may be set.
const LENIENT: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, PAD_INDIFFERENT.with_decode_allow_trailing_bits(true));

/// The keys that a secret may mean: its own bytes, and what it decodes to.
fn readings(secret: &str) -> impl Iterator<Item = Vec<u8>> {
    let decoded = LENIENT.decode(secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret)).ok();
    std::iter::once(secret.as_bytes().to_vec()).chain(decoded.filter(|key| KEY_BYTES.contains(&key.len())))
}

fn hmac(key: &[u8], pieces: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for piece in pieces {
        mac.update(piece);
    }
    mac.finalize().into_bytes().into()
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)] as char);
        text.push(DIGITS[usize::from(byte & 15)] as char);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_tail_is_87_bytes() {
        assert_eq!(TAIL_BYTES, 87);
        assert_eq!(TAIL_HEAD, format!("{MEMBER}{SCHEME}"));
        assert_eq!(body("{\"a\":1}", "s").len(), "{\"a\":1".len() + 87);
    }

    #[test]
    fn each_secret_signs_once_a_reading_the_primary_first() {
        let count = |secrets: &[&str]| standard_signatures("evt_1", 1, "{}", secrets).split(' ').count();
        let hex = "5f3c9a7d5f3c9a7d5f3c9a7d5f3c9a7d5f3c9a7d5f3c9a7d5f3c9a7d5f3c9a7d";
        assert_eq!(count(&[hex]), 2, "hex digits are base64 too");
        assert_eq!(count(&["not base64!"]), 1);
        assert_eq!(count(&["c2hvcnQ="]), 1, "decodes to fewer than 24 bytes");
        assert_eq!(count(&[hex, hex]), 2, "the same secret twice");
        assert_eq!(count(&[hex, &format!("whsec_{hex}")]), 3, "one reading in common");
        let both = standard_signatures("evt_1", 1, "{}", &["new one!", "old one!"]);
        assert!(both.starts_with(&standard_signatures("evt_1", 1, "{}", &["new one!"])));
    }

    #[test]
    fn a_made_secret_is_read_as_its_256_bits() {
        let secret = secret_from_random([7; 32]);
        assert_eq!(readings(&secret).nth(1), Some(vec![7; 32]));
        assert_eq!(secret.len(), 50);
    }

    #[test]
    fn a_tail_is_cut_only_if_it_is_one() {
        let whole = body("{\"a\":\"当然\"}", "s");
        assert!(unsigned_body(&whole).is_some());
        assert_eq!(unsigned_body(&format!("{whole} ")), None);
        assert_eq!(unsigned_body(&whole.replace("sha256=", "sha512=")), None);
        let digits = whole.len() - HEX_DIGITS - TAIL_END.len();
        let upper = format!("{}{}{TAIL_END}", &whole[..digits], "A".repeat(HEX_DIGITS));
        assert_eq!(unsigned_body(&upper), None);
        assert_eq!(unsigned_body(&format!("{}x", "当".repeat(30))), None, "87 bytes from its end is inside a letter");
        assert_eq!(unsigned_body("{}"), None);
    }

    proptest! {
        #[test]
        fn cutting_undoes_signing(head in "\\PC{0,200}", secret in "\\PC{1,80}") {
            let unsigned = format!("{{{head}}}");
            let whole = body(&unsigned, &secret);
            let (cut, signature) = unsigned_body(&whole).expect("it has a tail");
            prop_assert_eq!(&cut, &unsigned);
            prop_assert_eq!(signature, body_signature(&unsigned, &secret));
            prop_assert_eq!(body(&cut, &secret), whole);
        }

        #[test]
        fn signing_undoes_cutting(head in "\\PC{0,200}", digits in "[0-9a-f]{64}") {
            let whole = format!("{head}{TAIL_HEAD}{digits}{TAIL_END}");
            let (unsigned, signature) = unsigned_body(&whole).expect("it has a tail");
            let again = format!("{}{MEMBER}{signature}{TAIL_END}", &unsigned[..unsigned.len() - 1]);
            prop_assert_eq!(again, whole);
        }
    }
}
