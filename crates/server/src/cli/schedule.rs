//! `openclaw schedules`: the schedules of a running gateway.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use openclaw_core::{
    CatchUp, CreateScheduleRequest, Overlap, Page, Schedule, ScheduleRun, SpawnAgentRequest, Timestamp,
    UpdateScheduleRequest,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::CliError;
use super::remote::{Remote, RemoteArguments, RemoteError};

/// What to do with schedules.
#[derive(Debug, Subcommand)]
pub(super) enum ScheduleCommand {
    /// List schedules, newest first.
    List {
        #[command(flatten)]
        remote: RemoteArguments,
        /// How many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
    /// Print a schedule as JSON.
    Get(One),
    /// Make a schedule; prints its id and its next five slots.
    Create(Box<CreateArguments>),
    /// Run a schedule now, beside its slots.
    Run(One),
    /// Let no slot of a schedule come any more.
    Pause(One),
    /// Let a paused schedule go on, from its next slot on.
    Resume(One),
    /// Delete a schedule and its history; its agents stay.
    Delete(One),
    /// List what became of a schedule's slots, newest first.
    Runs {
        #[command(flatten)]
        one: One,
        /// How many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
}

/// Which schedule.
#[derive(Debug, Args)]
pub(super) struct One {
    #[command(flatten)]
    remote: RemoteArguments,
    /// The schedule's id, sch_….
    id: String,
}

/// What a new schedule is.
#[derive(Debug, Args)]
pub(super) struct CreateArguments {
    #[command(flatten)]
    remote: RemoteArguments,
    /// What it is called.
    #[arg(long)]
    name: String,
    /// Five fields: minute hour day month weekday.
    #[arg(long, required_unless_present_any = ["at", "every"])]
    cron: Option<String>,
    /// One moment, such as 2026-04-17T01:15:30Z.
    #[arg(long, value_parser = moment)]
    at: Option<Timestamp>,
    /// Seconds from one slot to the next.
    #[arg(long)]
    every: Option<u64>,
    /// The IANA zone of the cron line.
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// What its agent is to do.
    #[arg(long)]
    task: String,
    /// The model that its agent asks.
    #[arg(long)]
    model: Option<String>,
    /// What its agent is granted; may be repeated.
    #[arg(long = "skill", value_name = "SKILL")]
    skills: Vec<String>,
    /// Seconds that its agent has.
    #[arg(long)]
    timeout: Option<u64>,
    /// An endpoint that is sent what its agent found, whe_…; may be repeated.
    #[arg(long = "deliver-to", value_name = "ENDPOINT")]
    deliver_to: Vec<String>,
    #[arg(
        long,
        value_parser = overlap,
        help = "A slot that comes while the agent before it runs: skip, enqueue or cancel_running"
    )]
    overlap: Option<Overlap>,
    /// What was missed: none or latest.
    #[arg(long = "catch-up", value_parser = catch_up)]
    catch_up: Option<CatchUp>,
    /// Seconds that a slot may be late.
    #[arg(long)]
    grace: Option<u64>,
    /// The most seconds that are added to a slot.
    #[arg(long)]
    jitter: Option<u64>,
}

/// Runs one.
pub(super) async fn run(command: ScheduleCommand, config_path: Option<PathBuf>) -> Result<(), CliError> {
    let mut out = std::io::stdout();
    match command {
        ScheduleCommand::List { remote, limit } => {
            let remote = Remote::find(remote, config_path)?;
            let page: Page<Schedule> = told(&remote, remote.get(&format!("/api/v1/schedules?limit={limit}")).await)?;
            writeln!(out, "{:<30}  {:<20}  {:<24}  NAME", "ID", "NEXT", "WHEN")?;
            for schedule in &page.data {
                writeln!(
                    out,
                    "{:<30}  {:<20}  {:<24}  {}",
                    schedule.id,
                    next(schedule),
                    when(schedule),
                    schedule.name
                )?;
            }
        }
        ScheduleCommand::Get(one) => {
            let (remote, path) = one.find(config_path)?;
            let schedule: Schedule = told(&remote, remote.get(&path).await)?;
            let json = serde_json::to_string_pretty(&schedule).expect("our own types serialise");
            writeln!(out, "{json}")?;
        }
        ScheduleCommand::Create(arguments) => {
            let (remote, request) = arguments.request(config_path)?;
            let schedule: Schedule = told(&remote, remote.post("/api/v1/schedules", &request).await)?;
            writeln!(out, "{}", schedule.id)?;
            for slot in &schedule.next_fire_times {
                writeln!(out, "  {slot}")?;
            }
        }
        ScheduleCommand::Run(one) => {
            let (remote, path) = one.find(config_path)?;
            let run: ScheduleRun = told(&remote, remote.post(&format!("{path}/run"), &json!({})).await)?;
            writeln!(out, "{}", line(&run))?;
        }
        ScheduleCommand::Pause(one) => enable(one, config_path, false).await?,
        ScheduleCommand::Resume(one) => enable(one, config_path, true).await?,
        ScheduleCommand::Delete(one) => {
            let (remote, path) = one.find(config_path)?;
            told(&remote, remote.delete(&path).await)?;
            writeln!(out, "{} is deleted", one.id)?;
        }
        ScheduleCommand::Runs { one, limit } => {
            let (remote, path) = one.find(config_path)?;
            let page: Page<ScheduleRun> = told(&remote, remote.get(&format!("{path}/runs?limit={limit}")).await)?;
            for run in &page.data {
                writeln!(out, "{}", line(run))?;
            }
        }
    }
    Ok(())
}

async fn enable(one: One, config_path: Option<PathBuf>, enabled: bool) -> Result<(), CliError> {
    let (remote, path) = one.find(config_path)?;
    let change = UpdateScheduleRequest { enabled: Some(enabled), ..UpdateScheduleRequest::default() };
    let schedule: Schedule = told(&remote, remote.patch(&path, &change).await)?;
    Ok(writeln!(std::io::stdout(), "{}: next {}", schedule.id, next(&schedule))?)
}

impl One {
    fn find(&self, config_path: Option<PathBuf>) -> Result<(Remote, String), CliError> {
        let remote = Remote::find(self.remote.clone(), config_path)?;
        Ok((remote, format!("/api/v1/schedules/{}", utf8_percent_encode(&self.id, NON_ALPHANUMERIC))))
    }
}

impl CreateArguments {
    fn request(self, config_path: Option<PathBuf>) -> Result<(Remote, CreateScheduleRequest), CliError> {
        let remote = Remote::find(self.remote, config_path)?;
        let agent = SpawnAgentRequest {
            task: self.task,
            model: self.model,
            skills: Some(self.skills),
            timeout: self.timeout,
            ..SpawnAgentRequest::default()
        };
        let request = CreateScheduleRequest {
            name: self.name,
            cron: self.cron,
            at: self.at,
            every: self.every,
            timezone: self.timezone,
            agent,
            deliver_to: Some(self.deliver_to),
            overlap: self.overlap,
            catch_up: self.catch_up,
            grace: self.grace,
            jitter: self.jitter,
            ..CreateScheduleRequest::default()
        };
        Ok((remote, request))
    }
}

fn told<T>(remote: &Remote, answer: Result<T, RemoteError>) -> Result<T, CliError> {
    answer.map_err(|error| CliError::Argument(format!("{}: {error}", remote.url)))
}

fn next(schedule: &Schedule) -> String {
    match schedule.next_fire_times.first() {
        Some(slot) => slot.to_string(),
        None if schedule.enabled => "never again".into(),
        None => "paused".into(),
    }
}

fn when(schedule: &Schedule) -> String {
    match (&schedule.cron, schedule.at, schedule.every) {
        (Some(cron), ..) => format!("{cron} {}", schedule.timezone),
        (None, Some(at), _) => format!("at {at}"),
        (None, None, every) => format!("every {} s", every.unwrap_or_default()),
    }
}

/// A run on one line.
fn line(run: &ScheduleRun) -> String {
    let slots = if run.count > 1 { format!(" and {} more", run.count - 1) } else { String::new() };
    let outcome = match (&run.agent_id, &run.reason) {
        (Some(agent), _) => agent.clone(),
        (None, Some(reason)) => format!("{}: {}", reason.as_str(), run.message.as_deref().unwrap_or_default()),
        (None, None) => String::new(),
    };
    format!("{}{slots}  {:<7}  {:<6}  {outcome}", run.slot, run.status.as_str(), run.trigger.as_str())
}

fn moment(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "a time is written like 2026-04-17T01:15:30Z".into())
}

fn overlap(word: &str) -> Result<Overlap, String> {
    Overlap::parse(word).ok_or_else(|| "it is skip, enqueue or cancel_running".into())
}

fn catch_up(word: &str) -> Result<CatchUp, String> {
    CatchUp::parse(word).ok_or_else(|| "it is none or latest".into())
}
