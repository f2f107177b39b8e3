//! Who calls: a credential checked, and what it may do.

use std::sync::Arc;

use openclaw_core::event::RateLimitEvent;
use openclaw_core::key::WORKSPACE_DEFAULT;
use openclaw_core::{EventName, Key, KeySecret, Scope, Timestamp};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{ServiceError, event};
use crate::app::{Allowance, App, Counted, rate};

/// The id under which the root key is counted and logged.
pub const ROOT_KEY_ID: &str = "root";

/// The authenticated key of a request.
#[derive(Clone, Debug)]
pub enum Caller {
    /// The configured `gateway.api.auth.secret`: the default workspace, every scope, keys of every workspace.
    Root,
    /// A generated key.
    Key(Arc<Key>),
    /// A channel of the configuration, by its account: it chats in the default workspace.
    Channel(Arc<str>),
}

impl Caller {
    /// The key's id.
    pub fn key_id(&self) -> &str {
        match self {
            Self::Root => ROOT_KEY_ID,
            Self::Key(key) => &key.id,
            Self::Channel(account) => account,
        }
    }

    /// The workspace that the key opens.
    pub fn workspace(&self) -> &str {
        match self {
            Self::Root | Self::Channel(_) => WORKSPACE_DEFAULT,
            Self::Key(key) => &key.workspace,
        }
    }

    /// Whether it is the operator who calls: a key to the default workspace, where the gateway tells of itself.
    pub fn is_operator(&self) -> bool {
        self.workspace() == WORKSPACE_DEFAULT
    }

    /// What the key may do.
    pub fn scopes(&self) -> &[Scope] {
        match self {
            Self::Root => &Scope::ALL,
            Self::Key(key) => &key.scopes,
            Self::Channel(_) => &[Scope::Chat],
        }
    }

    /// Fails unless the key has the scope.
    pub fn require(&self, scope: Scope) -> Result<(), ServiceError> {
        if self.scopes().contains(&scope) {
            return Ok(());
        }
        let message = format!("this key may not do that: it lacks the scope `{}`; make one with it", scope.as_str());
        Err(ServiceError::Forbidden { code: "scope_missing", message })
    }

    /// Whether the key still opens anything; for streams, which outlive the check at their start.
    pub async fn is_still_valid(&self, app: &App) -> Result<bool, ServiceError> {
        let Self::Key(key) = self else { return Ok(true) };
        let found = app.store.find_key_by_id(key.id.clone()).await?;
        Ok(found.is_some_and(|key| is_valid(&key, app.clock.now())))
    }

    /// Counts the request against the key's rate, over all gateways; `None` if there is no limit. A refusal is told by
    /// `rate_limit.exceeded` once a minute, with a count.
    pub async fn count(&self, app: &App) -> Result<Option<Allowance>, ServiceError> {
        let live = app.live.load();
        let config = &live.config.gateway.api.rate_limit;
        let Some(rate) = rate(config) else { return Ok(None) };
        let counted = match app.store.take_rate(self.key_id().to_owned(), rate).await? {
            Some(counted) => Some(Counted::shared(counted, rate)),
            None => app.rates.count(self.key_id(), config, app.clock.now()),
        };
        if let Some(count) = counted.and_then(|counted| counted.told) {
            let key_id = self.key_id().to_owned();
            let told = RateLimitEvent { key_id, count, requests_per_minute: config.requests_per_minute };
            if let Err(error) = event::announce(app, self.workspace(), EventName::RateLimitExceeded, told).await {
                tracing::warn!(%error, "a spent rate could not be announced");
            }
        }
        Ok(counted.map(|counted| counted.allowance))
    }
}

/// Finds out who holds a credential. Every refusal reads the same, so that nothing can be learnt from it.
pub async fn authenticate(app: &App, credential: &str) -> Result<Caller, ServiceError> {
    if is_root(app, credential) {
        return Ok(Caller::Root);
    }
    let Some(secret) = KeySecret::parse(credential) else { return Err(refused()) };
    let hash = secret.hash();
    let now = app.clock.now();
    let key = match app.keys.find(&hash, now) {
        Some(key) => key,
        None => {
            let key = Arc::new(app.store.find_key(hash).await?.ok_or_else(refused)?);
            app.keys.remember(hash, Arc::clone(&key), now);
            key
        }
    };
    if is_valid(&key, now) { Ok(Caller::Key(key)) } else { Err(refused()) }
}

fn is_valid(key: &Key, now: Timestamp) -> bool {
    key.revoked_at.is_none() && key.expires_at.is_none_or(|end| end > now)
}

/// Compares hashes, in constant time, so that neither content nor length of the secret leaks.
pub(super) fn is_same_secret(one: &str, other: &str) -> bool {
    Sha256::digest(one.as_bytes()).ct_eq(&Sha256::digest(other.as_bytes())).into()
}

fn is_root(app: &App, credential: &str) -> bool {
    let live = app.live.load();
    let Some(secret) = &live.config.gateway.api.auth.secret else { return false };
    is_same_secret(secret, credential)
}

fn refused() -> ServiceError {
    ServiceError::Unauthenticated {
        code: "key_invalid",
        message: "the API key is not valid: it may be mistyped, revoked or expired".into(),
    }
}
