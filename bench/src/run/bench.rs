//! What can be measured, by name.

/// A part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Bench {
    /// Chats answered as JSON, beside direct calls and a bare proxy.
    Chats,
    /// Streamed chats, beside the same.
    Streams,
    /// Many slow streams at once.
    OpenStreams,
    /// Start, memory, size.
    Footprint,
    /// Durable chats on all cores.
    Durable,
    /// A long session beside short ones.
    LongSession,
    /// Webhooks from the API to their receiver.
    Deliveries,
    /// Webhooks beside an endpoint that hangs, trickles or floods.
    Neighbours,
    /// Hundreds of endpoints.
    Endpoints,
    /// Agents of instant steps, beside LangGraph.
    Agents,
    /// What a call and a chunk cost the SDKs, beside OpenAI's; only by name.
    Sdks,
    /// Gateways side by side on one PostgreSQL, with `--database`; only by name.
    Fleet,
    /// Millions of stored events: minutes, and some 10 GiB of disk; only by name.
    History,
}

impl Bench {
    /// Those that share one core for the load and one for what is measured.
    pub(super) const ON_ONE_CORE: [Self; 3] = [Self::Chats, Self::Streams, Self::OpenStreams];
    /// Those of chats on all cores.
    pub(super) const OF_CHATS: [Self; 3] = [Self::Footprint, Self::Durable, Self::LongSession];
}
