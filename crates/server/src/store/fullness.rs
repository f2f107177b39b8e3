//! Whether the store has room: it is *full* from the first write that found none until somebody has stored something again.

use tokio::sync::watch;

/// A sign on the door; many look at it, the engine turns it.
#[derive(Clone, Debug)]
pub struct Fullness(watch::Sender<bool>);

impl Default for Fullness {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Fullness {
    /// A write found no room.
    pub fn fill(&self) {
        self.0.send_if_modified(|full| !std::mem::replace(full, true));
    }

    /// Something was stored that needed room.
    pub fn clear(&self) {
        self.0.send_if_modified(|full| std::mem::replace(full, false));
    }

    /// Whether a write found no room and none was stored since.
    pub fn is_full(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is full. Dropping the future changes nothing.
    pub async fn filled(&self) {
        let mut sign = self.0.subscribe();
        if sign.wait_for(|full| *full).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
