//! Usage in SQLite: sums over the ledger of turns and agents.

use async_trait::async_trait;
use openclaw_core::{IdKind, Timestamp, UsageBucket};
use rusqlite::params;

use super::Sqlite;
use crate::store::{StoreError, UsageStore};

#[async_trait]
impl UsageStore for Sqlite {
    async fn list_usage(
        &self,
        workspace: String,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<UsageBucket>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT date(begun_at / 1000, 'unixepoch') AS day, model,
                                count(*) FILTER (WHERE id NOT LIKE ?4), count(*) FILTER (WHERE id LIKE ?4), sum(input_tokens),
                                sum(output_tokens), sum(estimated)
                         FROM turns WHERE workspace = ?1 AND begun_at >= ?2 AND begun_at < ?3 AND ending IS NOT NULL
                         GROUP BY day, model ORDER BY day, model",
                    )?
                    .query_map(params![workspace, since.as_millis(), until.as_millis(), format!("{}%", IdKind::Agent.prefix())], |row| {
                        Ok(UsageBucket {
                            day: row.get(0)?,
                            model: row.get(1)?,
                            turns: row.get(2)?,
                            agents: row.get(3)?,
                            input_tokens: row.get(4)?,
                            output_tokens: row.get(5)?,
                            estimated_turns: row.get(6)?,
                        })
                    })?
                    .collect()
            })
            .await
    }
}
