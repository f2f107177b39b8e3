//! Ids: a prefix that names the noun, then 26 characters that sort by time.

use crate::Timestamp;

/// What an id names; each has its own prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdKind {
    /// A spawned worker.
    Agent,
    /// One event to one endpoint.
    Delivery,
    /// A webhook receiver.
    Endpoint,
    /// A stored fact.
    Event,
    /// An API credential; the id may be shown, the secret may not.
    Key,
    /// One stored turn of a session.
    Message,
    /// One HTTP request.
    Request,
    /// A cron line.
    Schedule,
    /// A session that its caller did not name.
    Session,
}

impl IdKind {
    /// The prefix with its underscore, as in `msg_`.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Agent => "agt_",
            Self::Delivery => "dlv_",
            Self::Endpoint => "whe_",
            Self::Event => "evt_",
            Self::Key => "key_",
            Self::Message => "msg_",
            Self::Request => "req_",
            Self::Schedule => "sch_",
            Self::Session => "ses_",
        }
    }

    /// Makes an id from a moment and 80 random bits: 48 bits of milliseconds first, so that ids sort by time.
    pub fn id(self, now: Timestamp, random: [u8; 10]) -> String {
        let millis = u64::try_from(now.as_millis()).unwrap_or(0) & 0xFFFF_FFFF_FFFF;
        let mut bits = [0u8; 16];
        bits[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        bits[6..].copy_from_slice(&random);
        let mut value = u128::from_be_bytes(bits);
        let mut digits = [0u8; 26];
        for digit in digits.iter_mut().rev() {
            *digit = ALPHABET[(value & 31) as usize];
            value >>= 5;
        }
        let mut id = String::with_capacity(self.prefix().len() + digits.len());
        id.push_str(self.prefix());
        id.extend(digits.iter().map(|&digit| digit as char));
        id
    }

    /// Whether the text has the form of such an id.
    pub fn matches(self, text: &str) -> bool {
        text.strip_prefix(self.prefix())
            .is_some_and(|rest| rest.len() == 26 && rest.bytes().all(|byte| ALPHABET.contains(&byte)))
    }
}

/// Crockford's base 32 in lower case: no `i`, `l`, `o`, `u`, so that an id can be read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_match_their_kind_alone_and_sort_by_time(early in 0i64..1 << 47, gap in 1i64..1 << 40, a: [u8; 10], b: [u8; 10]) {
            let first = IdKind::Message.id(Timestamp::from_millis(early), a);
            let second = IdKind::Message.id(Timestamp::from_millis(early + gap), b);
            prop_assert!(IdKind::Message.matches(&first));
            prop_assert!(!IdKind::Event.matches(&first));
            prop_assert!(first < second);
        }
    }
}
