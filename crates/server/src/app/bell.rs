//! Bells: whoever listens hears that one rang, however often it rang meanwhile.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// Rung after a commit; heard by loops that then look into the store.
#[derive(Debug)]
pub struct Bell(watch::Sender<()>);

impl Default for Bell {
    fn default() -> Self {
        Self(watch::Sender::new(()))
    }
}

impl Bell {
    /// Wakes everyone who listens.
    pub fn ring(&self) {
        self.0.send_replace(());
    }

    /// An ear that hears every ring from now on.
    pub fn listen(&self) -> Ear {
        Ear(self.0.subscribe())
    }
}

/// A bell for each name, there while somebody listens.
#[derive(Debug, Default)]
pub struct Bells(Mutex<HashMap<String, watch::Sender<()>>>);

/// Bells kept before those that nobody hears any more are taken down.
const BELLS_IDLE_MAX: usize = 1024;

impl Bells {
    /// Wakes everyone who listens to that name.
    pub fn ring(&self, name: &str) {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(bell) = bells.get(name) else { return };
        if bell.receiver_count() == 0 {
            bells.remove(name);
        } else {
            bell.send_replace(());
        }
    }

    /// An ear that hears every ring of that name from now on.
    pub fn listen(&self, name: &str) -> Ear {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
