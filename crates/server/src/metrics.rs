//! What is counted, for Prometheus.

mod endpoint;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use endpoint::EndpointMetrics;

/// Bounds of the gateway's own time, in seconds: a turn without a commit takes some 100 µs, a slow disk 100 ms.
const OVERHEAD_BUCKETS: [f64; 9] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5];
/// Bounds of a vendor's time, in seconds.
const PROVIDER_BUCKETS: [f64; 9] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 120.0];

/// Every counter of the gateway.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    turns: Family<TurnLabels, Counter>,
    tokens: Family<TokenLabels, Counter>,
    overhead: Histogram,
    provider_wait: Histogram,
    turns_running: Gauge<u64, AtomicU64>,
    writes_queued: Gauge<u64, AtomicU64>,
    agents: Family<AgentLabels, Counter>,
    agents_running: Gauge<u64, AtomicU64>,
    agents_queued: Gauge<u64, AtomicU64>,
    endpoints: EndpointMetrics,
    delivery_lag: Histogram,
    channel_messages: Family<ChannelLabels, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TurnLabels {
    ending: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct AgentLabels {
    status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ChannelLabels {
    channel: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TokenLabels {
    direction: &'static str,
    model: String,
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("openclaw"),
            requests: Family::default(),
            turns: Family::default(),
            tokens: Family::default(),
            overhead: Histogram::new(OVERHEAD_BUCKETS),
            provider_wait: Histogram::new(PROVIDER_BUCKETS),
            turns_running: Gauge::default(),
            writes_queued: Gauge::default(),
            agents: Family::default(),
            agents_running: Gauge::default(),
            agents_queued: Gauge::default(),
            endpoints: EndpointMetrics::default(),
            delivery_lag: Histogram::new(PROVIDER_BUCKETS),
            channel_messages: Family::default(),
        };
        metrics.registered()
    }
}

impl Metrics {
    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register("requests", "HTTP requests answered", self.requests.clone());
        registry.register("turns", "Chat turns by ending", self.turns.clone());
        registry.register("tokens", "Tokens booked", self.tokens.clone());
        let help = "The gateway's own share of a chat turn";
        registry.register_with_unit("turn_overhead", help, Unit::Seconds, self.overhead.clone());
        let help = "Time a chat turn waited for its provider";
        registry.register_with_unit("provider_wait", help, Unit::Seconds, self.provider_wait.clone());
        registry.register("turns_running", "Chat turns being answered now", self.turns_running.clone());
        registry.register("writes_queued", "Writes that wait for the store", self.writes_queued.clone());
        registry.register("agents", "Agents ended, by status", self.agents.clone());
        registry.register("agents_running", "Agents at work now", self.agents_running.clone());
        registry.register("agents_queued", "Agents that wait in line", self.agents_queued.clone());
        self.endpoints.register(registry);
        let help = "From an event to the end of an attempt at its delivery";
        registry.register_with_unit("webhook_lag", help, Unit::Seconds, self.delivery_lag.clone());
        registry.register("channel_messages", "Messages of channels by outcome", self.channel_messages.clone());
        self
    }

    /// Counts an answered request.
    pub fn request(&self, method: &str, route: &str, status: u16) {
        let labels = RequestLabels { method: method.to_owned(), route: route.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
    }

    /// Counts a turn that begins.
    pub fn turn_begun(&self) {
        self.turns_running.inc();
    }

    /// Counts a turn that ends, and where its time went.
    pub fn turn_ended(&self, ending: &'static str, overhead: Duration, provider_wait: Duration) {
        self.turns_running.dec();
        self.turns.get_or_create(&TurnLabels { ending }).inc();
        self.overhead.observe(overhead.as_secs_f64());
        self.provider_wait.observe(provider_wait.as_secs_f64());
    }

    /// Counts tokens booked.
    pub fn tokens(&self, model: &str, usage: openclaw_core::Usage) {
        for (direction, count) in [("input", usage.input_tokens), ("output", usage.output_tokens)] {
            self.tokens.get_or_create(&TokenLabels { direction, model: model.to_owned() }).inc_by(count);
        }
    }

    /// Counts an agent that ended.
    pub fn agent_ended(&self, status: &'static str) {
        self.agents.get_or_create(&AgentLabels { status }).inc();
    }

    /// Counts a webhook attempt, and how long after its event it ended.
    pub fn delivery_attempted(&self, endpoint: &str, received: bool, lag: Duration) {
        self.endpoints.attempted(endpoint, received);
        self.delivery_lag.observe(lag.as_secs_f64());
    }

    /// Counts a message of a channel that ended so: `answered`, `in_doubt`, `given_up` or `ignored`.
    pub fn channel_message(&self, channel: &'static str, outcome: &'static str) {
        self.channel_messages.get_or_create(&ChannelLabels { channel, outcome }).inc();
    }

    /// Takes note of the queues of all endpoints there are: each one's id, depth and lag in seconds.
    pub fn endpoint_queues(&self, queues: &[(&str, u64, u64)]) {
        self.endpoints.queues(queues);
    }

    /// Chat turns being answered now.
    pub fn turns_running(&self) -> u64 {
        self.turns_running.inner().load(Ordering::Relaxed)
    }

    /// Everything in Prometheus' text format.
    pub fn render(&self, writes_queued: u64, agents_running: u64, agents_queued: u64) -> String {
        self.writes_queued.set(writes_queued);
        self.agents_running.set(agents_running);
        self.agents_queued.set(agents_queued);
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            let _ = writeln!(text, "# a metric could not be written");
        }
        text
    }
}
