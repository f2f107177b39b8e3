//! Calls that must not be done twice, by their callers' keys.

use openclaw_core::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::IdempotencyClaim;

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
pub(super) fn find_claim(
    connection: &Connection,
    workspace: &str,
    claim: &IdempotencyClaim,
) -> rusqlite::Result<Option<EarlierCall>> {
    let found = connection
        .prepare_cached(
            "SELECT request_hash, answer FROM idempotency WHERE workspace = ?1 AND key = ?2 AND created_at >= ?3",
        )?
        .query_row(params![workspace, claim.key, claim.forget_before.as_millis()], |row| {
            Ok((row.get::<_, [u8; 32]>(0)?, row.get::<_, Option<String>>(1)?))
        })
        .optional()?;
    Ok(found.map(|(hash, answer)| match answer {
        _ if hash != claim.request_hash => EarlierCall::Another,
        Some(answer) => EarlierCall::Answered(answer),
        None => EarlierCall::UnderWay,
    }))
}

/// Claims the key for a call that is named by what it makes, answered already or not.
pub(super) fn insert_claim(
    connection: &Connection,
    workspace: &str,
    claim: &IdempotencyClaim,
    made: &str,
    answer: Option<&str>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO idempotency (workspace, key, request_hash, turn, answer, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![workspace, claim.key, claim.request_hash, made, answer, now.as_millis()])
        .map(|_| ())
}
