//! Leases, lanes and rates in PostgreSQL, all by the database's clock.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use openclaw_core::Timestamp;

use super::row::count;
use super::{Postgres, args};
use crate::store::{CountedRate, Fleet, FleetStore, Hint, Rate, StoreError};

#[async_trait]
impl FleetStore for Postgres {
    fn lease(&self) -> Option<Duration> {
        Some(Duration::from_secs_f64(self.lease_seconds))
    }

    async fn keep_lease(&self, now: Timestamp) -> Result<Fleet, StoreError> {
        let before = self.holder();
        let gateway = self.renew().await?;
        // Not behind other writes, which may wait for somebody: the next renewal would come too late.
        let taken = self.row("SELECT * FROM take_over($1)", &[&now.as_millis()]).await?;
        let counted = self
            .row(
                "SELECT (SELECT count(*) FROM gateways WHERE held_until > clock_timestamp()), count(*),
                        count(*) FILTER (WHERE holder = $1) FROM lanes",
                &[&gateway],
            )
            .await?;
        let mut fleet = Fleet { is_back: before != 0 && before != gateway, ..Fleet::default() };
        if let Some(row) = taken {
            fleet.turns_crashed = row.number(0)?;
            fleet.agents_freed = row.number(1)?;
            fleet.lanes_freed = row.number(2)?;
        }
        if let Some(row) = counted {
            fleet.gateways = row.number(0)?;
            fleet.lanes = row.number(1)?;
            fleet.lanes_held = row.number(2)?;
        }
        self.hints.heed(fleet.gateways > 1);
        Ok(fleet)
    }

    async fn leave(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write("DELETE FROM gateways WHERE id = $1", args![self.holder()]).await?;
        self.write("SELECT take_over($1)", args![now.as_millis()]).await?;
        self.hints.send_now(Hint::Everything).await
    }

    async fn take_lane(&self, name: String) -> Result<bool, StoreError> {
        let mine = "SELECT 1 FROM lanes WHERE name = $1 AND holder = $2";
        if self.row(mine, &[&name, &self.holder()]).await?.is_some() {
            return Ok(true);
        }
        let taken = self
            .write_one(
                "INSERT INTO lanes (name, holder) VALUES ($1, $2)
                 ON CONFLICT (name) DO UPDATE SET holder = excluded.holder
                    WHERE lanes.holder = excluded.holder OR NOT EXISTS
                        (SELECT 1 FROM gateways WHERE id = lanes.holder AND held_until > clock_timestamp())
                 RETURNING 1",
                args![name, self.holder()],
            )
            .await?;
        Ok(taken.is_some())
    }

    async fn drop_lane(&self, name: String) -> Result<(), StoreError> {
        self.write("DELETE FROM lanes WHERE name = $1 AND holder = $2", args![name, self.holder()]).await.map(|_| ())
    }

    async fn take_rate(&self, key_id: String, rate: Rate) -> Result<Option<CountedRate>, StoreError> {
        let micros = |span: Duration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        let values = args![key_id, micros(rate.interval), i64::from(rate.burst), micros(rate.tell_every)];
        let rows = self.quick.write("SELECT * FROM take_rate($1, $2, $3, $4)", values).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let wait = row.number(1)?;
        let told: u64 = row.number(2)?;
        Ok(Some(CountedRate {
            debt: Duration::from_micros(row.number(0)?),
            wait: (wait > 0).then(|| Duration::from_micros(wait)),
            told: (told > 0).then_some(told),
        }))
    }

    async fn lost_agents(&self, held: Vec<(i64, u64)>) -> Result<Vec<i64>, StoreError> {
        let (rows, epochs): (Vec<i64>, Vec<i64>) = held.into_iter().map(|(row, epoch)| (row, count(epoch))).unzip();
        self.rows(
            "SELECT held.row FROM unnest($1::bigint[], $2::bigint[]) AS held (row, epoch)
             LEFT JOIN agents ON agents.row = held.row AND agents.epoch = held.epoch AND ended_at IS NULL
             WHERE agents.row IS NULL",
            &[&rows, &epochs],
        )
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect()
    }

    fn hint(&self, hint: Hint) {
        self.hints.send(hint);
    }

    async fn hinted(&self) -> Hint {
        self.hints.heard().await
    }
}

impl Postgres {
    /// Keeps the lease, or begins one; gives this gateway's number.
    pub(super) async fn renew(&self) -> Result<i64, StoreError> {
        let values = args![self.holder(), env!("CARGO_PKG_VERSION"), self.lease_seconds];
        let kept = self.quick.write("SELECT keep_lease($1, $2, $3)", values).await?;
        let gateway = kept.first().map_or(Ok(0), |row| row.get(0))?;
        self.gateway.store(gateway, Ordering::Relaxed);
        Ok(gateway)
    }
}
