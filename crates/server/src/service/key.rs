//! Keys: made, listed, revoked. The secret is shown once and stored as a hash.

use openclaw_core::{CreateKeyRequest, CreatedKey, IdKind, Key, KeySecret, Scope};

use super::{Caller, ServiceError};
use crate::app::App;
use crate::clock::Clock;
use crate::store::{PageQuery, Rows, Store, StoredKey};

const NAME_CHARS_MAX: usize = 100;
const WORKSPACE_CHARS_MAX: usize = 64;

/// Makes a key that may do no more than its maker.
pub async fn create(app: &App, caller: &Caller, request: CreateKeyRequest) -> Result<CreatedKey, ServiceError> {
    caller.require(Scope::Keys)?;
    let workspace = request.workspace.clone().unwrap_or_else(|| caller.workspace().to_owned());
    if workspace != caller.workspace() && !matches!(caller, Caller::Root) {
        let message = "only the root key makes keys for another workspace: leave `workspace` out".into();
        return Err(ServiceError::Forbidden { code: "workspace_forbidden", message });
    }
    let scopes = request.scopes.clone().unwrap_or_else(|| caller.scopes().to_vec());
    if let Some(scope) = scopes.iter().find(|scope| !caller.scopes().contains(scope)) {
        let message = format!("a key cannot give what it lacks: the scope `{}`", scope.as_str());
        return Err(ServiceError::Forbidden { code: "scope_missing", message });
    }
    create_unchecked(
        &*app.store,
        &app.clock,
        CreateKeyRequest { workspace: Some(workspace), scopes: Some(scopes), ..request },
    )
    .await
}

/// Makes a key without asking who wants it: for the command line, whose user owns the store.
pub async fn create_unchecked(
    store: &dyn Store,
    clock: &Clock,
    request: CreateKeyRequest,
) -> Result<CreatedKey, ServiceError> {
    let workspace = request.workspace.unwrap_or_else(|| openclaw_core::key::WORKSPACE_DEFAULT.to_owned());
    check_name("name", &request.name, NAME_CHARS_MAX)?;
    check_name("workspace", &workspace, WORKSPACE_CHARS_MAX)?;
    let mut scopes = request.scopes.unwrap_or_else(|| Scope::ALL.to_vec());
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(ServiceError::invalid("scopes_empty", "scopes", "name at least one scope, or leave `scopes` out"));
    }
    let now = clock.now();
    if request.expires_at.is_some_and(|end| end <= now) {
        return Err(ServiceError::invalid("expiry_past", "expires_at", "`expires_at` must be in the future"));
    }
    let secret = KeySecret::from_random(clock.random());
    let key = Key {
        id: clock.id(IdKind::Key),
        name: request.name,
        workspace,
        scopes,
        hint: secret.hint().to_owned(),
        created_at: now,
        expires_at: request.expires_at,
        revoked_at: None,
    };
    store.create_key(StoredKey { key: key.clone(), hash: secret.hash() }).await?;
    Ok(CreatedKey { secret: secret.expose().to_owned(), key })
}

/// Keys of the caller's workspace; the root key sees every workspace's.
pub async fn list(app: &App, caller: &Caller, page: PageQuery) -> Result<Rows<Key>, ServiceError> {
    caller.require(Scope::Keys)?;
    Ok(app.store.list_keys(reach(caller), page).await?)
}

/// Revokes a key of the caller's workspace; the root key, of any. Once more changes nothing.
pub async fn revoke(app: &App, caller: &Caller, id: String) -> Result<(), ServiceError> {
    caller.require(Scope::Keys)?;
    let found = app.store.revoke_key(reach(caller), id.clone(), app.clock.now()).await?;
    app.keys.clear();
    if found {
        return Ok(());
    }
    Err(ServiceError::NotFound { code: "key_not_found", message: format!("there is no key `{id}`") })
}

fn reach(caller: &Caller) -> Option<String> {
    match caller {
        Caller::Root | Caller::Channel(_) => None,
        Caller::Key(key) => Some(key.workspace.clone()),
    }
}

fn check_name(param: &'static str, name: &str, chars_max: usize) -> Result<(), ServiceError> {
    let chars = name.chars().count();
    if chars == 0 || chars > chars_max || name.chars().any(char::is_control) {
        let message = format!("`{param}` must have 1 to {chars_max} characters, none of them control characters");
        return Err(ServiceError::invalid("name_invalid", param, message));
    }
    Ok(())
}
