//! API keys: what they are made of, what they may do.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use utoipa::ToSchema;

use crate::Timestamp;

/// The workspace of whoever names none.
pub const WORKSPACE_DEFAULT: &str = "default";

/// What a key may do. A key without a scope gets 403 where it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Send messages, list models.
    Chat,
    /// Read, change and delete sessions.
    Sessions,
    /// Spawn and steer agents.
    Agents,
    /// Manage webhook endpoints and deliveries.
    Webhooks,
    /// Read events.
    Events,
    /// Manage schedules.
    Schedules,
    /// Read usage.
    Usage,
    /// Make and revoke keys.
    Keys,
}

impl Scope {
    /// Every scope; what a key has when none is named.
    pub const ALL: [Self; 8] = [
        Self::Chat,
        Self::Sessions,
        Self::Agents,
        Self::Webhooks,
        Self::Events,
        Self::Schedules,
        Self::Usage,
        Self::Keys,
    ];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Sessions => "sessions",
            Self::Agents => "agents",
            Self::Webhooks => "webhooks",
            Self::Events => "events",
            Self::Schedules => "schedules",
            Self::Usage => "usage",
            Self::Keys => "keys",
        }
    }

    /// The scope of that word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// A key as it may be shown: never the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// The key's id; revoke by this.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// The workspace it opens.
    pub workspace: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Its first characters, to know it by.
    #[schema(example = "oc_api_sk_7Kd9")]
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// A key to make.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreateKeyRequest {
    /// What it is for, 1 to 100 characters.
    #[schema(example = "production")]
    pub name: String,
    /// The workspace it opens; absent: the caller's. Only the root key may name another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// What it may do; absent: all that the caller may. Never more than the caller may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<Scope>>,
    /// When it is to stop working; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// A key just made, with the secret that is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedKey {
    /// The secret: the only copy.
    #[schema(example = "oc_api_sk_abc123...")]
    pub secret: String,
    /// The key as it may be shown.
    pub key: Key,
}

impl fmt::Debug for CreatedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedKey").field("key", &self.key).finish_non_exhaustive()
    }
}

/// The secret text of a key, `oc_api_sk_…`: 256 random bits and a checksum, in base 62. Printed only by [`KeySecret::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct KeySecret(String);

impl KeySecret {
    /// What every key begins with.
    pub const PREFIX: &str = "oc_api_sk_";

    /// Writes 256 random bits as a key.
    pub fn from_random(random: [u8; 32]) -> Self {
        let mut text = String::with_capacity(Self::PREFIX.len() + RANDOM_DIGITS + CHECK_DIGITS);
        text.push_str(Self::PREFIX);
        push_base62(&mut text, &random, RANDOM_DIGITS);
        let check = checksum(&text);
        text.push_str(&check);
        Self(text)
    }

    /// Takes a key as a caller sent it; `None` if it can be none, so that a slip costs no look-up.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(Self::PREFIX)?;
        if digits.len() != RANDOM_DIGITS + CHECK_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let (body, check) = text.split_at(text.len() - CHECK_DIGITS);
        (checksum(body) == check).then(|| Self(text.to_owned()))
    }

    /// The text itself, to hand to its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored in its place. Plain SHA-256: 256 random bits need no slow hash.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// Its first characters, to know it by.
    pub fn hint(&self) -> &str {
        &self.0[..Self::PREFIX.len() + 4]
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.hint())
    }
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 62^43 > 2^256.
const RANDOM_DIGITS: usize = 43;
/// 62^6 > 2^32.
const CHECK_DIGITS: usize = 6;

fn checksum(text: &str) -> String {
    let mut check = String::with_capacity(CHECK_DIGITS);
    push_base62(&mut check, &Sha256::digest(text.as_bytes())[..4], CHECK_DIGITS);
    check
}

/// Appends a big-endian number in base 62, in just that many digits.
fn push_base62(text: &mut String, number: &[u8], digits: usize) {
    let mut number = number.to_vec();
    let mut reversed = Vec::with_capacity(digits);
    for _ in 0..digits {
        let mut remainder = 0u32;
        for byte in &mut number {
            let value = (remainder << 8) | u32::from(*byte);
            *byte = u8::try_from(value / 62).expect("the remainder is under 62, so the quotient is under 256");
            remainder = value % 62;
        }
        reversed.push(BASE62[remainder as usize] as char);
    }
    text.extend(reversed.iter().rev());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_key_reads_back_and_a_slip_in_it_does_not(random: [u8; 32], at in 10usize..59, to in 0usize..62) {
            let secret = KeySecret::from_random(random);
            prop_assert_eq!(secret.expose().len(), 59);
            prop_assert_eq!(KeySecret::parse(secret.expose()), Some(secret.clone()));
            let mut slip = secret.expose().as_bytes().to_vec();
            slip[at] = BASE62[to];
            let slip = String::from_utf8(slip).expect("ascii");
            if slip != secret.expose() {
                prop_assert_eq!(KeySecret::parse(&slip), None);
            }
        }
    }

    #[test]
    fn debug_never_shows_the_secret() {
        let secret = KeySecret::from_random([7; 32]);
        assert!(!format!("{secret:?}").contains(&secret.expose()[20..]));
        assert_eq!(Scope::ALL.map(|scope| Scope::parse(scope.as_str())), Scope::ALL.map(Some));
    }
}
