//! A bell: whoever listens hears that it rang, however often it rang meanwhile.

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
