//! A server that is a program: its own process group, an environment that holds only what was named, its words of
//! complaint in our log.
//!
//! End of a program: its input is closed, then its group is asked to end (SIGTERM), then killed (SIGKILL), whatever it
//! started with it. That begins when nobody holds the connection any more, when it ends by itself, or when the gateway
//! shuts down and the agents that use it have ended.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use super::McpServer;
use crate::clock::Clock;
use crate::tasks::Tasks;

/// How long a program may take to end after each of the gentler ways.
const GRACE: Duration = Duration::from_secs(2);

/// The longest line of a program's complaints that is logged whole.
const LINE_BYTES_MAX: u64 = 2000;

/// What a server and we say to each other.
pub(super) type Pipes = (ChildStdout, ChildStdin);

/// Starts a server's program. It ends soon after the guard is dropped.
pub(super) fn start(server: &McpServer, command: &str) -> io::Result<(Pipes, DropGuard)> {
    let mut child = Command::new(command)
        .args(&server.config.args)
        .env_clear()
        .envs(server.config.child_environment())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let missing = || io::Error::other("it has no pipe to talk through");
    let pipes = (child.stdout.take().ok_or_else(missing)?, child.stdin.take().ok_or_else(missing)?);
    let complaints = child.stderr.take().ok_or_else(missing)?;
    let (unused, gone) = (CancellationToken::new(), CancellationToken::new());
    let guard = unused.clone().drop_guard();

    tracing::info!(server = server.name, process = child.id(), "an MCP server was started");
    server.tasks.spawn(log(server.name.clone(), complaints, gone.clone()));
    let program = Program { group: child.id().and_then(pid), child };
    let keeper = Keeper { name: server.name.clone(), program, unused, gone: gone.drop_guard() };
    server.tasks.spawn(keeper.keep(server.users.clone(), server.clock.clone(), server.tasks.clone()));
    Ok((pipes, guard))
}

/// Who sees a program to its end.
struct Keeper {
    name: String,
    program: Program,
    unused: CancellationToken,
    gone: DropGuard,
}

impl Keeper {
    async fn keep(mut self, users: TaskTracker, clock: Clock, tasks: Tasks) {
        let shut_down = async {
            tasks.draining().cancelled().await;
            users.close();
            tokio::select! {
                () = users.wait() => {}
                () = tasks.aborting().cancelled() => {}
            }
        };
        tokio::select! {
            biased;
            // Its input is closed with the connection, which most servers take for the end.
            () = self.unused.cancelled() => self.program.end_within(GRACE, &clock).await,
            status = self.program.child.wait() => {
                let status = status.map(|status| status.to_string()).unwrap_or_default();
                tracing::warn!(server = self.name, status, "an MCP server ended by itself");
            }
            () = shut_down => {}
        }
        self.program.signal(Signal::TERM);
        self.program.end_within(GRACE, &clock).await;
        drop(self.program);
        drop(self.gone);
    }
}

/// A process and all that it started; dropping it kills them.
struct Program {
    group: Option<Pid>,
    child: Child,
}

impl Program {
    async fn end_within(&mut self, grace: Duration, clock: &Clock) {
        // Whether it did shows at the next, harder step.
        let _ = clock.timeout(grace, self.child.wait()).await;
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // That there is nobody left to hear it is what is wanted.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

fn pid(id: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(id).ok()?)
}

/// Writes what a program complains of into the log, line by line.
async fn log(server: String, complaints: ChildStderr, gone: CancellationToken) {
    let mut complaints = BufReader::new(complaints);
    loop {
        let mut line = Vec::new();
        let mut bounded = (&mut complaints).take(LINE_BYTES_MAX);
        let read = tokio::select! {
            read = bounded.read_until(b'\n', &mut line) => read,
            () = gone.cancelled() => return,
        };
        if !read.is_ok_and(|bytes| bytes > 0) {
            return;
        }
        tracing::info!(server, "{}", String::from_utf8_lossy(&line).trim_end());
    }
}
