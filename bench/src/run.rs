//! The whole benchmark: starts everything, measures in interleaved rounds, prints Markdown.
//!
//! Cast: the stand-in and this process (the load) share one core, whatever is measured has another one to itself; where
//! a row says so, all share all. A round asks each target once, so that the machine's moods hit all alike; a table's
//! number is the median of the rounds.

mod agents;
mod audience;
mod bench;
mod chat_cost;
mod database;
mod deliveries;
mod durable;
mod endpoints;
mod fleet;
mod footprint;
pub(crate) mod gateway;
mod history;
mod long_session;
mod machine;
mod neighbours;
mod open_streams;
mod peer;
mod reception;
mod rig;
mod rounds;
mod sdks;
mod streams;
mod table;
mod target;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use bench::Bench;

use gateway::GatewaySetup;
use machine::Cores;
use rig::Rig;
use table::Table;

/// What to measure, and for how long.
#[derive(Clone, Debug, clap::Args)]
pub struct RunOptions {
    /// What to measure: names, separated by commas or blanks; all but `history` if none is named.
    #[arg(value_enum, value_delimiter = ',')]
    pub only: Vec<Bench>,
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
    /// Events stored in the bench `history`.
    #[arg(long, default_value_t = 10_000_000)]
    pub events: u64,
    /// The gateway's `storage.synchronous`.
    #[arg(long, default_value = "full")]
    pub synchronous: String,
    /// What `scripts/need-peers` has installed; without it the peers are left out.
    #[arg(long, value_name = "PATH")]
    pub peers: Option<PathBuf>,
    /// A PostgreSQL server on which the bench `fleet` makes databases, as `scripts/with-postgres` names one.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Where the databases go: a folder on a real disk [default: the system's folder for temporary files].
    #[arg(long, value_name = "PATH")]
    pub folder: Option<PathBuf>,
}

impl RunOptions {
    /// Whether one of these is to be measured.
    fn want(&self, benches: &[Bench]) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| benches.contains(only))
    }

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

    if options.want(&Bench::ON_ONE_CORE) {
        cores.pin_load()?;
        on_one_core(options, &folder.path().join("one-core"), setup.as_ref(), &cores).await?;
        cores.unpin_load()?;
    }
    if options.only.contains(&Bench::Sdks) {
        sdks::measure(&folder.path().join("sdks"), &cores, options)?.iter().for_each(print_table);
    }
    let Some(setup) = setup else { return Ok(()) };
    if options.only.contains(&Bench::Fleet) {
        fleet::measure(&folder.path().join("fleet"), &setup, options).await?.iter().for_each(print_table);
    }
    if options.want(&Bench::OF_CHATS) {
        of_chats(options, folder.path(), &setup).await?;
    }
    if options.want(&[Bench::Agents]) {
        agents::measure(&folder.path().join("agents"), &setup, &cores, options).await?.iter().for_each(print_table);
    }
    of_webhooks(options, folder.path(), &setup).await
}

async fn on_one_core(
    options: &RunOptions,
    folder: &Path,
    setup: Option<&GatewaySetup>,
    cores: &Cores,
) -> io::Result<()> {
    let rig = Rig::start(folder, setup, &cores.load, &cores.tested)?;
    if options.want(&[Bench::Chats]) {
        print_table(&chat_cost::measure(&rig, options).await?);
    }
    if options.want(&[Bench::Streams]) {
        streams::measure(&rig, options).await?.iter().for_each(print_table);
    }
    if options.want(&[Bench::OpenStreams]) {
        print_table(&open_streams::measure(&rig).await?);
    }
    Ok(())
}

async fn of_chats(options: &RunOptions, folder: &Path, setup: &GatewaySetup) -> io::Result<()> {
    if options.want(&[Bench::Footprint]) {
        print_table(&footprint::measure(&folder.join("footprint"), setup).await?);
    }
    let rig = Rig::start(&folder.join("all-cores"), Some(setup), &[], &[])?;
    if options.want(&[Bench::Durable]) {
        print_table(&durable::measure(&rig, options).await?);
    }
    if options.want(&[Bench::LongSession]) && options.long_session > 0 {
        print_table(&long_session::measure(&rig, options).await?);
    }
    Ok(())
}

async fn of_webhooks(options: &RunOptions, folder: &Path, setup: &GatewaySetup) -> io::Result<()> {
    if options.want(&[Bench::Deliveries]) {
        deliveries::measure(&folder.join("deliveries"), setup, options).await?.iter().for_each(print_table);
    }
    if options.want(&[Bench::Neighbours]) {
        print_table(&neighbours::measure(&folder.join("neighbours"), setup, options).await?);
    }
    if options.want(&[Bench::Endpoints]) {
        print_table(&endpoints::measure(&folder.join("endpoints"), setup, options).await?);
    }
    if options.only.contains(&Bench::History) {
        history::measure(&folder.join("history"), setup, options).await?.iter().for_each(print_table);
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
