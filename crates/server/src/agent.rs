//! The door through which agents move on: it takes them out of the line and runs them to their ends.
//!
//! Cast: the *dispatcher* claims agents in line, as many as may run at once; each has a *runner*, a task of its own, that
//! asks the model, makes the calls it asks for, and goes on until there is an answer or a limit; the *watchdog* ends
//! those whose time is up and who have no runner that would. Order of events within a runner: what was found out and
//! what is intended next are stored in one transaction, then it is done (`runner`). An agent that waits for its children
//! or for its caller is parked in the store and has no runner; what it waits for puts it in line again. After a crash
//! every agent that was held is in line again, and its journal says where it stood.

mod ask;
mod call;
mod control;
mod dispatcher;
mod heard;
mod prompt;
mod runner;
mod watchdog;

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;

/// How long to wait when the store does not answer.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Runs until the gateway shuts down.
pub async fn run(app: Arc<App>) {
    loop {
        match app.store.recover_agents().await {
            Ok(0) => break,
            Ok(agents) => {
                tracing::info!(agents, "agents that ran when the gateway last stopped go on");
                break;
            }
            Err(error) => tracing::error!(%error, "the agents could not be read; trying again"),
        }
        app.clock.sleep(AGAIN_AFTER).await;
        if app.tasks.draining().is_cancelled() {
            return;
        }
    }
    app.tasks.spawn(watchdog::run(Arc::clone(&app)));
    dispatcher::run(app).await;
}
