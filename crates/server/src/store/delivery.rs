//! Deliveries and attempts as they are stored.
//!
//! A delivery is claimed in the deliverer's memory, never in the store: one gateway owns the file, and after a crash every
//! delivery that had not ended is due again, which is what "at least once" means.

use std::collections::HashSet;

use async_trait::async_trait;
use openclaw_core::{Attempt, Delivery, DeliveryStatus, DeliveryWithAttempts, EventPattern, Timestamp};

use super::{NewEvent, PageQuery, Rows, StoreError};

/// Deliveries that one page of a filtered list looks at: some 20 ms.
pub(super) const LOOKED_AT_MAX: usize = 10_000;

/// A delivery to make.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// Its id.
    pub id: String,
    /// The event's place.
    pub event_seq: i64,
    /// The endpoint's handle.
    pub endpoint: i64,
}

/// A delivery whose time has come.
#[derive(Clone, Debug)]
pub struct DueDelivery {
    /// The engine's own handle.
    pub row: i64,
    /// Its id.
    pub id: String,
    /// Whose event it is.
    pub workspace: String,
    /// Attempts made so far.
    pub attempt_count: u32,
    /// The event as it is sent, unsigned.
    pub payload: String,
}

/// What of an endpoint is due now, and when to look again.
#[derive(Clone, Debug, Default)]
pub struct DueDeliveries {
    /// Deliveries whose time has come, the longest due first.
    pub deliveries: Vec<DueDelivery>,
    /// When the next one is due that is neither here nor claimed.
    pub next_at: Option<Timestamp>,
}

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct AttemptOutcome {
    /// The delivery's handle.
    pub delivery: i64,
    /// The endpoint's handle.
    pub endpoint: i64,
    /// The attempt; `None` if it is not charged.
    pub attempt: Option<Attempt>,
    /// What becomes of the delivery.
    pub next: NextStep,
    /// When.
    pub now: Timestamp,
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// It was received.
    Succeed,
    /// It is tried again then.
    Retry(Timestamp),
    /// It is given up.
    Die,
}

impl NextStep {
    /// How the delivery stands then.
    pub(super) const fn status(self) -> DeliveryStatus {
        match self {
            Self::Succeed => DeliveryStatus::Succeeded,
            Self::Retry(_) => DeliveryStatus::Pending,
            Self::Die => DeliveryStatus::Dead,
        }
    }

    /// When it is due again; `None`: it has ended.
    pub(super) const fn due_at(self) -> Option<Timestamp> {
        match self {
            Self::Retry(due_at) => Some(due_at),
            Self::Succeed | Self::Die => None,
        }
    }
}

/// Which deliveries to list.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Of that endpoint's id.
    pub endpoint_id: Option<String>,
    /// In that status.
    pub status: Option<DeliveryStatus>,
    /// Of events of that name.
    pub event: Option<String>,
}

impl DeliveryFilter {
    /// Whether it asks for that delivery.
    pub fn lets_through(&self, delivery: &Delivery) -> bool {
        self.endpoint_id.as_ref().is_none_or(|id| *id == delivery.endpoint_id)
            && self.status.is_none_or(|status| status == delivery.status)
            && self.event.as_ref().is_none_or(|event| *event == delivery.event)
    }
}

/// Keeps deliveries.
#[async_trait]
pub trait DeliveryStore {
    /// Stores an event and one delivery of it, beside those that subscriptions will make.
    async fn deliver_event(
        &self,
        workspace: String,
        event: NewEvent,
        delivery: NewDelivery,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Stores deliveries of every event up to that place, and that they are dispatched.
    async fn dispatch(&self, up_to: i64, deliveries: Vec<NewDelivery>, now: Timestamp) -> Result<(), StoreError>;

    /// An endpoint's deliveries that are due and not claimed, by their handles, yet.
    async fn due_deliveries(
        &self,
        endpoint: i64,
        now: Timestamp,
        claimed: HashSet<i64>,
        limit: usize,
    ) -> Result<DueDeliveries, StoreError>;

    /// Books an attempt and what becomes of each delivery that it carried, all or nothing.
    async fn end_attempt(&self, outcomes: Vec<AttemptOutcome>) -> Result<(), StoreError>;

    /// The workspace's deliveries, newest first. A page may hold fewer than asked for, even none, though more follow.
    async fn list_deliveries(
        &self,
        workspace: String,
        filter: DeliveryFilter,
        page: PageQuery,
    ) -> Result<Rows<Delivery>, StoreError>;

    /// The workspace's delivery of that id, with its attempts.
    async fn find_delivery(&self, workspace: String, id: String) -> Result<Option<DeliveryWithAttempts>, StoreError>;

    /// Makes a delivery due now, whatever became of it; `false` if there is none.
    async fn retry_delivery(&self, workspace: String, id: String, now: Timestamp) -> Result<bool, StoreError>;

    /// Makes due now what the endpoint did not receive in a span: dead deliveries and retries, and matching events that
    /// were never delivered to it, under the given ids. Says how many; no more than there are ids.
    async fn recover_deliveries(
        &self,
        endpoint: i64,
        since: Timestamp,
        until: Timestamp,
        patterns: Vec<EventPattern>,
        ids: Vec<String>,
        now: Timestamp,
    ) -> Result<u64, StoreError>;
}
