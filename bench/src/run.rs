//! The whole benchmark: starts everything, measures in interleaved rounds, prints Markdown.
//!
//! Cast: the stand-in and this process (the load) share one core, whatever is measured has another one to itself; where
//! a row says so, all share all. A round asks each target once, so that the machine's moods hit all alike; a table's
//! number is the median of the rounds.

mod chat_cost;
mod durable;
mod footprint;
mod gateway;
mod long_session;
mod machine;
mod open_streams;
mod rig;
mod rounds;
mod streams;
mod table;
mod target;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use gateway::GatewaySetup;
use machine::Cores;
use rig::Rig;
use table::Table;

/// What to measure, and for how long.
#[derive(Clone, Debug, clap::Args)]
pub struct RunOptions {
    /// The gateway's binary; without it only the stand-in and the bare proxy are measured.
    #[arg(long, value_name = "PATH")]
    pub gateway: Option<PathBuf>,
    /// Seconds that each window is measured.
    #[arg(long, default_value_t = 3)]
    pub seconds: u64,
    /// Seconds before each window that do not count.
    #[arg(long, default_value_t = 1)]
    pub warm_up: u64,
    /// Windows of each row; the median is printed.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// Chats in a session before a caller begins a new one.
    #[arg(long, default_value_t = 10)]
    pub turns_per_session: u64,
    /// Messages of the long session; 0 leaves it out.
    #[arg(long, default_value_t = 10_000)]
    pub long_session: u64,
    /// The gateway's `storage.synchronous`.
    #[arg(long, default_value = "full")]
    pub synchronous: String,
    /// Where the databases go: a folder on a real disk [default: the system's folder for temporary files].
    #[arg(long, value_name = "PATH")]
    pub folder: Option<PathBuf>,
}

impl RunOptions {
    fn warm_up(&self) -> Duration {
        Duration::from_secs(self.warm_up)
    }

    fn measured(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

/// Measures everything and prints it to standard output as it comes.
pub async fn run(options: &RunOptions) -> io::Result<()> {
    let folder = match &options.folder {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir()?,
    };
    let cores = Cores::of_this_machine()?;
    let setup = options.gateway.clone().map(|program| GatewaySetup::new(program, &options.synchronous));
    print(&machine::describe(&cores, setup.as_ref(), folder.path())?);

    cores.pin_load()?;
    let rig = Rig::start(&folder.path().join("one-core"), setup.as_ref(), &cores.load, &cores.tested)?;
    print_table(&chat_cost::measure(&rig, options).await?);
    let (back_to_back, paced) = streams::measure(&rig, options).await?;
    print_table(&back_to_back);
    print_table(&paced);
    print_table(&open_streams::measure(&rig).await?);
    drop(rig);

    let Some(setup) = setup else { return Ok(()) };
    cores.unpin_load()?;
    print_table(&footprint::measure(&folder.path().join("footprint"), &setup).await?);
    let rig = Rig::start(&folder.path().join("all-cores"), Some(&setup), &[], &[])?;
    print_table(&durable::measure(&rig, options).await?);
    if options.long_session > 0 {
        print_table(&long_session::measure(&rig, options).await?);
    }
    Ok(())
}

fn print_table(table: &Table) {
    print(&table.to_string());
}

#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
fn print(text: &str) {
    println!("{text}");
}
