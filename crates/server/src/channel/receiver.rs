//! Fetches updates and stores them; only what is stored is confirmed.

use std::time::Duration;

use super::{AGAIN_AFTER, ChannelError, Post};
use crate::service::{channel, event};

/// The waits after failures that follow each other.
const WAITS: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(30),
];
/// How long a refused credential is not tried again; a changed configuration is tried at once.
const DENIED_WAIT: Duration = Duration::from_mins(1);
/// How long somebody else who fetches the same updates is left alone.
const CONFLICT_WAIT: Duration = Duration::from_secs(10);
/// The longest wait that a platform may ask for.
const ASKED_MAX: Duration = Duration::from_hours(1);

/// Runs until the channel stops.
pub(super) async fn run(post: Post) {
    let mut failures = 0;
    let mut is_prepared = false;
    let mut confirmed = None;
    while !post.stopped.is_cancelled() {
        if !post.holds().await.unwrap_or(false) {
            post.pause(AGAIN_AFTER).await;
            continue;
        }
        let outcome = tokio::select! {
            outcome = round(&post, is_prepared, confirmed) => outcome,
            () = post.stopped.cancelled() => return,
        };
        match outcome {
            Ok(last) => (failures, is_prepared, confirmed) = (0, true, last),
            Err(error) => {
                let wait = wait_after(&error, failures, is_prepared);
                tell(&post, &error, wait).await;
                failures += 1;
                is_prepared = false;
                post.pause(wait).await;
            }
        }
    }
}

/// Fetches once and stores; gives the last update to confirm. A platform may number anew after a silence, so what was
/// confirmed once is not confirmed again.
async fn round(post: &Post, is_prepared: bool, confirmed: Option<i64>) -> Result<Option<i64>, ChannelError> {
    if !is_prepared {
        post.channel.prepare().await?;
    }
    let updates = post.channel.fetch(confirmed).await?;
    let Some(last) = updates.iter().map(|update| update.id).max() else { return Ok(None) };
    let updates = updates.into_iter().map(|update| (update.id, update.payload)).collect();
    let account = post.channel.account().to_owned();
    let stored = channel::receive(&post.app, account, updates).await;
    stored.map_err(|error| ChannelError::Failed(format!("what came could not be stored: {error}")))?;
    Ok(Some(last))
}

fn wait_after(error: &ChannelError, failures: usize, was_well: bool) -> Duration {
    match error {
        ChannelError::Conflict(_) => CONFLICT_WAIT,
        ChannelError::Denied(_) => DENIED_WAIT,
        ChannelError::TooFast(asked) => (*asked).min(ASKED_MAX),
        // A connection that was kept too long breaks now and then.
        ChannelError::Failed(_) if was_well => Duration::from_millis(100),
        ChannelError::Failed(_) => WAITS[failures.min(WAITS.len() - 1)],
    }
}

/// Tells the log each time, and the operator of what does not pass by itself.
async fn tell(post: &Post, error: &ChannelError, wait: Duration) {
    let name = post.channel.name();
    tracing::warn!(channel = name, %error, wait = wait.as_secs_f32(), "no messages could be fetched");
    let code = match error {
        ChannelError::Conflict(_) => "channel_conflict",
        ChannelError::Denied(_) => "channel_denied",
        ChannelError::TooFast(_) | ChannelError::Failed(_) => return,
    };
    event::announce_fault(&post.app, code, format!("the channel {name} gets no messages: {error}")).await;
}
