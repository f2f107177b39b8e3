//! Bells: whoever listens hears that one rang, however often it rang meanwhile; some are heard in other gateways too.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::store::{Hint, Store};

/// Rung after a commit; heard by loops that then look into the store.
pub struct Bell {
    here: watch::Sender<()>,
    elsewhere: Option<(Arc<dyn Store>, Hint)>,
}

impl Default for Bell {
    fn default() -> Self {
        Self { here: watch::Sender::new(()), elsewhere: None }
    }
}

impl Bell {
    /// One that is heard in other gateways too, as that hint.
    pub fn heard_elsewhere(store: &Arc<dyn Store>, hint: Hint) -> Self {
        Self { elsewhere: Some((Arc::clone(store), hint)), ..Self::default() }
    }

    /// Wakes everyone who listens.
    pub fn ring(&self) {
        self.ring_here();
        if let Some((store, hint)) = &self.elsewhere {
            store.hint(hint.clone());
        }
    }

    /// Wakes those who listen in this gateway.
    pub fn ring_here(&self) {
        self.here.send_replace(());
    }

    /// An ear that hears every ring from now on.
    pub fn listen(&self) -> Ear {
        Ear(self.here.subscribe())
    }
}

/// The hint of a bell's name.
type HintOf = fn(&str) -> Hint;

/// A bell for each name, there while somebody listens.
#[derive(Default)]
pub struct Bells {
    here: Mutex<HashMap<String, watch::Sender<()>>>,
    elsewhere: Option<(Arc<dyn Store>, HintOf)>,
}

/// Bells kept before those that nobody hears any more are taken down.
const BELLS_IDLE_MAX: usize = 1024;

impl Bells {
    /// Bells that are heard in other gateways too, each as the hint of its name.
    pub fn heard_elsewhere(store: &Arc<dyn Store>, hint: HintOf) -> Self {
        Self { elsewhere: Some((Arc::clone(store), hint)), ..Self::default() }
    }

    /// Wakes everyone who listens to that name.
    pub fn ring(&self, name: &str) {
        self.ring_here(name);
        if let Some((store, hint)) = &self.elsewhere {
            store.hint(hint(name));
        }
    }

    /// Wakes those who listen to any name in this gateway.
    pub fn ring_all_here(&self) {
        for bell in self.here.lock().unwrap_or_else(PoisonError::into_inner).values() {
            bell.send_replace(());
        }
    }

    /// Wakes those who listen to that name in this gateway.
    pub fn ring_here(&self, name: &str) {
        let mut bells = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(bell) = bells.get(name) else { return };
        if bell.receiver_count() == 0 {
            bells.remove(name);
        } else {
            bell.send_replace(());
        }
    }

    /// An ear that hears every ring of that name from now on.
    pub fn listen(&self, name: &str) -> Ear {
        let mut bells = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        if bells.len() >= BELLS_IDLE_MAX {
            bells.retain(|_, bell| bell.receiver_count() > 0);
        }
        Ear(bells.entry(name.to_owned()).or_insert_with(|| watch::Sender::new(())).subscribe())
    }
}

/// Hears a [`Bell`].
#[derive(Debug)]
pub struct Ear(watch::Receiver<()>);

impl Ear {
    /// Waits for a ring since the last one heard. Dropping the future loses nothing.
    pub async fn heard(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
