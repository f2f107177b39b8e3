//! Other gateways on the same store: leases, lanes, rates, hints.
//!
//! What stands here as the default is what a store of one gateway does, which is alone: it holds everything, counts in its
//! memory, and has nobody to hint to. An engine that several gateways share has all of it in the database.

use std::time::Duration;

use async_trait::async_trait;
use openclaw_core::Timestamp;

use super::StoreError;

/// How the fleet stands, as of the last look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fleet {
    /// Gateways at work, this one too.
    pub gateways: u64,
    /// Lanes that anybody holds.
    pub lanes: u64,
    /// Lanes that this gateway holds.
    pub lanes_held: u64,
    /// Whether this gateway had lost its lease: what it held is others' now.
    pub is_back: bool,
    /// Turns that were cut off with a gateway that is gone.
    pub turns_crashed: u64,
    /// Agents that such a gateway ran, in line again.
    pub agents_freed: u64,
    /// Lanes that such a gateway held.
    pub lanes_freed: u64,
}

/// How often a key may call.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// What a request costs.
    pub interval: Duration,
    /// How many may come at once.
    pub burst: u32,
    /// How often its refusals are told at the most.
    pub tell_every: Duration,
}

/// What came of a request's count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedRate {
    /// What the key still owes.
    pub debt: Duration,
    /// Refused: how long until the next one is let in.
    pub wait: Option<Duration>,
    /// Refusals since the key was last told of, if it is to be told of now.
    pub told: Option<u64>,
}

/// What others should look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hint {
    /// Events were stored.
    Events,
    /// An endpoint changed, or deliveries became due by hand.
    Endpoints,
    /// Deliveries were stored for the endpoint of that handle.
    Deliveries(i64),
    /// A channel's update was stored.
    Updates,
    /// A schedule changed.
    Schedules,
    /// An agent came in line.
    AgentsReady,
    /// Something happened to the agent of that id.
    Agent(String),
    /// The agent of that id has ended or needs an action.
    AgentAtRest(String),
    /// Agents ended by another's hand than their runner's.
    AgentsEnded,
    /// Hints may have been lost: everything.
    Everything,
}

/// Keeps gateways from doing each other's work.
#[async_trait]
pub trait FleetStore {
    /// How long this gateway's lease holds; `None`: nobody else can be at work.
    fn lease(&self) -> Option<Duration> {
        None
    }

    /// Keeps the lease and takes over from gateways whose leases ran out.
    async fn keep_lease(&self, _now: Timestamp) -> Result<Fleet, StoreError> {
        Ok(Fleet { gateways: 1, ..Fleet::default() })
    }

    /// Gives the lease up, so that nobody waits for it to run out.
    async fn leave(&self, _now: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    /// Takes or keeps a lane; `false` if another gateway has it.
    async fn take_lane(&self, _name: String) -> Result<bool, StoreError> {
        Ok(true)
    }

    /// Lets a lane go.
    async fn drop_lane(&self, _name: String) -> Result<(), StoreError> {
        Ok(())
    }

    /// Counts a request of a key over all gateways; `None`: this process alone counts.
    async fn take_rate(&self, _key_id: String, _rate: Rate) -> Result<Option<CountedRate>, StoreError> {
        Ok(None)
    }

    /// Which of these agents, by row and epoch, this gateway no longer runs.
    async fn lost_agents(&self, _held: Vec<(i64, u64)>) -> Result<Vec<i64>, StoreError> {
        Ok(Vec::new())
    }

    /// Tells the others to look; may be lost.
    fn hint(&self, _hint: Hint) {}

    /// Waits for a hint of another gateway. Dropping the future loses nothing.
    async fn hinted(&self) -> Hint {
        std::future::pending().await
    }
}
