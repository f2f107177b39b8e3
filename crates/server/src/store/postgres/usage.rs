//! Usage in PostgreSQL: sums over the ledger of turns and agents.

use async_trait::async_trait;
use openclaw_core::{IdKind, Timestamp, UsageBucket};

use super::Postgres;
use crate::store::{StoreError, UsageStore};

#[async_trait]
impl UsageStore for Postgres {
    async fn list_usage(
        &self,
        workspace: String,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<UsageBucket>, StoreError> {
        let prefix = IdKind::Agent.prefix();
        self.rows(
            "SELECT to_char(to_timestamp(begun_at / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, model,
                    count(*) FILTER (WHERE NOT starts_with(id, $4)), count(*) FILTER (WHERE starts_with(id, $4)),
                    sum(input_tokens)::bigint, sum(output_tokens)::bigint, count(*) FILTER (WHERE estimated)
             FROM turns WHERE workspace = $1 AND begun_at >= $2 AND begun_at < $3 AND ending IS NOT NULL
             GROUP BY day, model ORDER BY day, model",
            &[&workspace, &since.as_millis(), &until.as_millis(), &prefix],
        )
        .await?
        .iter()
        .map(|row| {
            Ok(UsageBucket {
                day: row.get(0)?,
                model: row.get(1)?,
                turns: row.number(2)?,
                agents: row.number(3)?,
                input_tokens: row.number(4)?,
                output_tokens: row.number(5)?,
                estimated_turns: row.number(6)?,
            })
        })
        .collect()
    }
}
