//! What is counted of each webhook endpoint, with a bound on how many of them have a name of their own.

use std::collections::HashSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

/// Endpoints with a name of their own; callers may make any number, and each name costs the scraper memory for ever.
const NAMED_MAX: usize = 500;
/// The name that the others share.
const OTHERS: &str = "other";
const OUTCOMES: [&str; 2] = ["received", "failed"];

#[derive(Default)]
pub(super) struct EndpointMetrics {
    attempts: Family<AttemptLabels, Counter>,
    depth: Family<EndpointLabels, Gauge<u64, AtomicU64>>,
    lag: Family<EndpointLabels, Gauge<u64, AtomicU64>>,
    named: Mutex<HashSet<String>>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct AttemptLabels {
    endpoint: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct EndpointLabels {
    endpoint: String,
}

impl EndpointMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("webhook_attempts", "Webhook attempts by endpoint and outcome", self.attempts.clone());
        registry.register("webhook_queue_depth", "Deliveries to an endpoint that have not ended", self.depth.clone());
        let help = "How long the longest due delivery to an endpoint has been due";
        registry.register_with_unit("webhook_queue_lag", help, Unit::Seconds, self.lag.clone());
    }

    pub(super) fn attempted(&self, endpoint: &str, received: bool) {
        let endpoint = self.name(endpoint);
        self.attempts.get_or_create(&AttemptLabels { endpoint, outcome: OUTCOMES[usize::from(!received)] }).inc();
    }

    /// Sets the gauges of all endpoints there are; of those that are gone, every series goes.
    pub(super) fn queues(&self, queues: &[(&str, u64, u64)]) {
        self.forget_all_but(&queues.iter().map(|(id, ..)| *id).collect());
        let mut others = None;
        for (id, depth, lag) in queues {
            let endpoint = self.name(id);
            if endpoint == OTHERS {
                let (depth_sum, lag_max) = others.unwrap_or((0, 0));
                others = Some((depth_sum + depth, u64::max(lag_max, *lag)));
                continue;
            }
            let labels = EndpointLabels { endpoint };
            self.depth.get_or_create(&labels).set(*depth);
            self.lag.get_or_create(&labels).set(*lag);
        }
        let labels = EndpointLabels { endpoint: OTHERS.to_owned() };
        if let Some((depth, lag)) = others {
            self.depth.get_or_create(&labels).set(depth);
            self.lag.get_or_create(&labels).set(lag);
        } else {
            self.depth.remove(&labels);
            self.lag.remove(&labels);
        }
    }

    /// The endpoint's own name while there is room for one.
    fn name(&self, endpoint: &str) -> String {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if named.contains(endpoint) {
            return endpoint.to_owned();
        }
        if named.len() == NAMED_MAX {
            return OTHERS.to_owned();
        }
        named.insert(endpoint.to_owned());
        endpoint.to_owned()
    }

    fn forget_all_but(&self, present: &HashSet<&str>) {
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        named.retain(|endpoint| {
            let stays = present.contains(endpoint.as_str());
            if !stays {
                let labels = EndpointLabels { endpoint: endpoint.clone() };
                self.depth.remove(&labels);
                self.lag.remove(&labels);
                for outcome in OUTCOMES {
                    self.attempts.remove(&AttemptLabels { endpoint: endpoint.clone(), outcome });
                }
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::encoding::text::encode;

    #[test]
    fn endpoints_beyond_the_bound_share_a_name_and_those_that_are_gone_leave_room() {
        let metrics = EndpointMetrics::default();
        let mut registry = Registry::default();
        metrics.register(&mut registry);
        let ids: Vec<String> = (0..NAMED_MAX + 2).map(|number| format!("whe_{number}")).collect();
        for id in &ids {
            metrics.attempted(id, true);
        }
        let queues: Vec<_> = ids.iter().map(|id| (id.as_str(), 2, 7)).collect();
        metrics.queues(&queues);
        let text = || {
            let mut text = String::new();
            encode(&mut text, &registry).expect("text");
            text
        };
        let shown = text();
        assert_eq!(shown.matches("webhook_queue_depth{").count(), NAMED_MAX + 1);
        for line in [
            "webhook_queue_depth{endpoint=\"other\"} 4",
            "webhook_queue_lag_seconds{endpoint=\"other\"} 7",
            "webhook_attempts_total{endpoint=\"other\",outcome=\"received\"} 2",
        ] {
            assert!(shown.contains(line), "{line}");
        }
        metrics.queues(&queues[NAMED_MAX..]);
        let shown = text();
        assert_eq!(shown.matches("webhook_queue_depth{").count(), 2);
        assert!(shown.contains("webhook_queue_depth{endpoint=\"whe_501\"} 2") && !shown.contains("whe_0"), "{shown}");
    }
}
