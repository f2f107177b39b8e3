//! The tray that every door carries: store, providers, clock, limits; built once.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::clock::Clock;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::outbound::Outbound;
use crate::provider::{ProviderConfigError, Providers};
use crate::store::{Store, StoredEndpoint};
use crate::tasks::Tasks;

mod bell;
mod faults;
mod key_cache;
mod lanes;
mod queues;
mod rate;

pub use bell::{Bell, Ear};
pub use faults::Faults;
pub use key_cache::KeyCache;
pub use lanes::{Lane, LaneFull, Lanes};
pub use queues::{QueueMap, Queues};
pub use rate::{Allowance, RateLimits};

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
    /// Everybody's endpoints, as of their last change.
    pub endpoints: ArcSwap<Vec<Arc<StoredEndpoint>>>,
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
}

impl App {
    /// Builds the tray.
    pub fn new(
        config: Config,
        store: Arc<dyn Store>,
        clock: Clock,
        tasks: Tasks,
    ) -> Result<Arc<Self>, ProviderConfigError> {
        let outbound = Outbound::new(&config.outbound, clock.clone());
        let live = Live::new(config, outbound, &clock)?;
        Ok(Arc::new(Self {
            started_at: clock.now(),
            clock,
            tasks,
            store,
            live: ArcSwap::from_pointee(live),
            lanes: Lanes::default(),
            keys: KeyCache::default(),
            rates: RateLimits::default(),
            event_stored: Bell::default(),
            delivery_due: Bell::default(),
            endpoints: ArcSwap::default(),
            queues: Queues::default(),
            faults: Faults::default(),
            metrics: Metrics::default(),
        }))
    }

    /// Puts a new configuration in force; what runs goes on with the old one. The old one stays if the new is refused.
    pub fn reload(&self, config: Config) -> Result<(), ProviderConfigError> {
        let old = self.live.load();
        // What was opened under other rules must not be used again: new rules begin with no connections.
        let outbound = if old.config.outbound == config.outbound {
            old.outbound.clone()
        } else {
            Outbound::new(&config.outbound, self.clock.clone())
        };
        self.live.store(Arc::new(Live::new(config, outbound, &self.clock)?));
        Ok(())
    }
}

impl Live {
    fn new(config: Config, outbound: Outbound, clock: &Clock) -> Result<Self, ProviderConfigError> {
        let providers = Providers::new(&config, &outbound, clock)?;
        Ok(Self { config, outbound, providers })
    }
}
