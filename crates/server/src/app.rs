//! The tray that every door carries: store, providers, clock, limits; built once.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::clock::Clock;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::outbound::Outbound;
use crate::provider::{ProviderConfigError, Providers};
use crate::skill::{SkillConfigError, Skills};
use crate::store::{Hint, Store, StoredEndpoint};
use crate::tasks::Tasks;

mod agents;
mod bell;
mod faults;
mod fleet;
mod key_cache;
mod lanes;
mod queues;
mod rate;

pub use agents::{Agents, Running, Unbooked};
pub use bell::{Bell, Bells, Ear};
pub use faults::Faults;
pub use fleet::FleetView;
pub use key_cache::KeyCache;
pub use lanes::{Lane, LaneFull, Lanes};
pub use queues::{QueueMap, Queues};
pub use rate::{Allowance, Counted, RateLimits, rate};

/// What every service needs.
pub struct App {
    /// The time, and chance.
    pub clock: Clock,
    /// Where tasks are spawned.
    pub tasks: Tasks,
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// What a reload replaces.
    pub live: ArcSwap<Live>,
    /// Agents at work, and who waits for which.
    pub agents: Agents,
    /// One message at a time in each session.
    pub lanes: Lanes,
    /// Keys read lately.
    pub keys: KeyCache,
    /// How often each key called.
    pub rates: RateLimits,
    /// Rings when an event was stored.
    pub event_stored: Bell,
    /// Rings when a delivery became due by hand, or an endpoint changed.
    pub delivery_due: Bell,
    /// Rings when an endpoint has new deliveries; by its handle.
    pub delivery_stored: Bells,
    /// Rings when a channel's update was stored.
    pub update_stored: Bell,
    /// Rings when a new configuration is in force.
    pub reloaded: Bell,
    /// Rings when a schedule changed.
    pub schedule_changed: Bell,
    /// Everybody's endpoints, as of their last change, by their handles.
    pub endpoints: ArcSwap<Vec<Arc<StoredEndpoint>>>,
    /// The gateways that share the store.
    pub fleet: FleetView,
    /// What waits for each endpoint.
    pub queues: Queues,
    /// Which faults were told lately.
    pub faults: Faults,
    /// What is counted.
    pub metrics: Metrics,
    /// When it was built, in milliseconds since 1970.
    pub started_at: openclaw_core::Timestamp,
}

/// The configuration in force, and what is made from it.
pub struct Live {
    /// The configuration.
    pub config: Config,
    /// The way out, under its rules.
    pub outbound: Outbound,
    /// The vendors that it names.
    pub providers: Providers,
    /// What agents may be granted.
    pub skills: Skills,
}

/// The configuration asks for what cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppConfigError {
    /// Of models or their vendors.
    #[error(transparent)]
    Provider(#[from] ProviderConfigError),
    /// Of skills.
    #[error(transparent)]
    Skill(#[from] SkillConfigError),
}

impl App {
    /// Builds the tray.
    pub fn new(config: Config, store: Arc<dyn Store>, clock: Clock, tasks: Tasks) -> Result<Arc<Self>, AppConfigError> {
        let outbound = Outbound::new(&config.outbound, clock.clone());
        let providers = Providers::new(&config, &outbound, &clock)?;
        let skills = Skills::new(&config, &outbound, &clock, &tasks)?;
        let live = Live { config, outbound, providers, skills };
        Ok(Arc::new(Self {
            started_at: clock.now(),
            clock,
            tasks,
            live: ArcSwap::from_pointee(live),
            agents: Agents::new(&store),
            lanes: Lanes::default(),
            keys: KeyCache::default(),
            rates: RateLimits::default(),
            event_stored: Bell::heard_elsewhere(&store, Hint::Events),
            delivery_due: Bell::heard_elsewhere(&store, Hint::Endpoints),
            delivery_stored: Bells::heard_elsewhere(&store, |row| Hint::Deliveries(row.parse().unwrap_or_default())),
            update_stored: Bell::heard_elsewhere(&store, Hint::Updates),
            reloaded: Bell::default(),
            schedule_changed: Bell::heard_elsewhere(&store, Hint::Schedules),
            fleet: FleetView::default(),
            endpoints: ArcSwap::default(),
            queues: Queues::default(),
            faults: Faults::default(),
            metrics: Metrics::default(),
            store,
        }))
    }

    /// Puts a new configuration in force; what runs goes on with the old one. The old one stays if the new is refused.
    pub fn reload(&self, config: Config) -> Result<(), AppConfigError> {
        let old = self.live.load();
        // What was opened under other rules must not be used again: new rules begin with no connections.
        let same_way_out = old.config.outbound == config.outbound;
        let outbound =
            if same_way_out { old.outbound.clone() } else { Outbound::new(&config.outbound, self.clock.clone()) };
        // MCP servers that run go on where nothing changed for them.
        let skills = if same_way_out && old.config.skills == config.skills {
            old.skills.clone()
        } else {
            Skills::new(&config, &outbound, &self.clock, &self.tasks)?
        };
        let providers = Providers::new(&config, &outbound, &self.clock)?;
        self.live.store(Arc::new(Live { config, outbound, providers, skills }));
        self.reloaded.ring();
        Ok(())
    }
}
