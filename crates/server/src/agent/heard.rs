//! What came of a reply under way: kept and booked if it is cut off.

use openclaw_core::Usage;

use crate::metrics::Metrics;
use crate::service::usage;

/// A reply from its beginning on.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Its text so far.
    pub(super) text: String,
    /// Bytes of the calls that it asks for so far.
    pub(super) calls_bytes: usize,
    /// What its vendor has told of tokens.
    pub(super) told: Usage,
    /// The vendor's name of the model; none while no reply has begun, or once its tokens are counted.
    model: Option<String>,
    prompt_bytes: usize,
}

impl Heard {
    /// Of a reply that has just begun.
    pub(super) fn new(model: String, prompt_bytes: usize) -> Self {
        Self { model: Some(model), prompt_bytes, ..Self::default() }
    }

    /// The vendor has told which model answers, and what was used so far.
    pub(super) fn learn(&mut self, model: String, told: Usage) {
        self.model = Some(model);
        self.told = told;
    }

    /// What it used if it ends here.
    pub(super) fn usage(&self) -> Usage {
        usage::of_cut_off(self.told, self.prompt_bytes, self.text.len() + self.calls_bytes)
    }

    /// Counts its tokens, unless they are counted already.
    pub(super) fn count(&mut self, metrics: &Metrics) {
        if let Some(model) = self.model.take() {
            metrics.tokens(&model, self.usage());
        }
    }

    /// Whether it has said nothing so far.
    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}
