//! Calls that must not be done twice, by their callers' keys.

use openclaw_core::Timestamp;

use super::Tx;
use crate::store::{IdempotencyClaim, StoreError};

/// An earlier call with the same key.
pub(super) enum EarlierCall {
    /// It was another one.
    Another,
    /// It is being answered.
    UnderWay,
    /// It was answered so.
    Answered(String),
}

/// The earlier call that has the key, if there is one.
pub(super) async fn find_claim(
    tx: &Tx<'_>,
    workspace: &str,
    claim: &IdempotencyClaim,
) -> Result<Option<EarlierCall>, StoreError> {
    let found = tx
        .row(
            "SELECT request_hash, answer FROM idempotency WHERE workspace = $1 AND key = $2 AND created_at >= $3",
            &[&workspace, &claim.key, &claim.forget_before.as_millis()],
        )
        .await?;
    let Some(found) = found else { return Ok(None) };
    Ok(Some(match found.get::<Option<String>>(1)? {
        _ if found.get::<&[u8]>(0)? != claim.request_hash => EarlierCall::Another,
        Some(answer) => EarlierCall::Answered(answer),
        None => EarlierCall::UnderWay,
    }))
}

/// Claims the key for a call that is named by what it makes. One that another gateway claimed meanwhile is contended.
pub(super) async fn insert_claim(
    tx: &Tx<'_>,
    workspace: &str,
    claim: &IdempotencyClaim,
    made: &str,
    answer: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let claimed = tx
        .execute(
            "INSERT INTO idempotency AS earlier (workspace, key, request_hash, turn, answer, created_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (workspace, key) DO UPDATE
                SET request_hash = excluded.request_hash, turn = excluded.turn, answer = excluded.answer,
                    created_at = excluded.created_at
                WHERE earlier.created_at < $7",
            &[
                &workspace,
                &claim.key,
                &claim.request_hash.as_slice(),
                &made,
                &answer,
                &now.as_millis(),
                &claim.forget_before.as_millis(),
            ],
        )
        .await?;
    if claimed == 0 { Err(StoreError::Contended) } else { Ok(()) }
}
