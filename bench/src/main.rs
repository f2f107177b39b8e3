//! `openclaw-bench`: the stand-in, the bare proxy and the load as programs, the whole benchmark as one, and the killer.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool on the command line talks to its user")]

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use clap::{Parser, Subcommand};
use openclaw_bench::kill::{self, KillOptions};
use openclaw_bench::load::{Amount, Call, Load, Report};
use openclaw_bench::proxy;
use openclaw_bench::run::{self, RunOptions};
use openclaw_bench::standin::Standin;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// Measures the OpenClaw gateway.
#[derive(Debug, Parser)]
#[command(name = "openclaw-bench", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer as the vendors do, on loopback.
    Standin {
        /// The port; 0 takes a free one and prints it.
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Pass everything on: the bare peer.
    Proxy {
        /// Where to listen, such as `127.0.0.1:4000`.
        #[arg(long)]
        listen: SocketAddr,
        /// Whom to pass it to.
        #[arg(long)]
        to: SocketAddr,
    },
    /// Ask one server, and print what that took.
    Load(LoadOptions),
    /// Run the whole benchmark and print it as Markdown.
    Run(RunOptions),
    /// Kill the gateway under load, again and again, and count what was lost.
    Kill(KillOptions),
}

#[derive(Debug, clap::Args)]
struct LoadOptions {
    /// Who is asked, such as `127.0.0.1:3000`.
    #[arg(long)]
    address: SocketAddr,
    /// The path to POST to.
    #[arg(long, default_value = "/api/v1/chat")]
    path: String,
    /// The JSON sent; `{caller}` and `{number}` become the connection's and the request's number.
    #[arg(long)]
    body: String,
    /// Sent as `Authorization: Bearer` and as `x-api-key`.
    #[arg(long)]
    key: Option<String>,
    /// Expect a stream whose last event begins so, such as `event: done`.
    #[arg(long)]
    ending: Option<String>,
    /// Connections at once.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Seconds to measure.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Seconds before that do not count.
    #[arg(long, default_value_t = 1)]
    warm_up: u64,
    /// Ask that often instead of for a time.
    #[arg(long)]
    count: Option<u64>,
    /// Requests a second over all connections; absent: as many as can be.
    #[arg(long)]
    rate: Option<f64>,
    /// The process whose CPU time is told.
    #[arg(long)]
    pid: Option<u32>,
}

fn main() -> ExitCode {
    match run_command(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run_command(command: Command) -> io::Result<()> {
    // The load and the stand-in have one core between them; the proxy has a gateway's runtime, to be its peer.
    match command {
        Command::Standin { port } => Builder::new_current_thread().enable_all().build()?.block_on(standin(port)),
        Command::Proxy { listen, to } => Builder::new_multi_thread().enable_all().build()?.block_on(async {
            let listener = TcpListener::bind(listen).await?;
            println!("listening on {}", listener.local_addr()?);
            proxy::serve(listener, to).await
        }),
        Command::Load(options) => {
            let report = Builder::new_current_thread().enable_all().build()?.block_on(options.into_load().run())?;
            print_report(&report);
            Ok(())
        }
        Command::Run(options) => Builder::new_current_thread().enable_all().build()?.block_on(run::run(&options)),
        Command::Kill(options) => Builder::new_current_thread().enable_all().build()?.block_on(kill::kill(&options)),
    }
}

async fn standin(port: u16) -> io::Result<()> {
    let mut standin = Standin::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), false).await?;
    println!("{}", standin.base_url());
    standin.served().await;
    Ok(())
}

impl LoadOptions {
    fn into_load(self) -> Load {
        let body = self.body;
        let is_template = body.contains("{caller}") || body.contains("{number}");
        let fixed = Bytes::from(body.clone());
        let mut call = Call::post(&self.path, move |caller, number| {
            if !is_template {
                return fixed.clone();
            }
            body.replace("{caller}", &caller.to_string()).replace("{number}", &number.to_string()).into()
        })
        .header("anthropic-version", "2023-06-01");
        if let Some(key) = self.key {
            call = call.header("authorization", &format!("Bearer {key}")).header("x-api-key", &key);
        }
        call.ending = self.ending;
        let window =
            Amount::Window { warm_up: Duration::from_secs(self.warm_up), measured: Duration::from_secs(self.seconds) };
        Load {
            address: self.address,
            call: call.into(),
            connections: self.connections,
            amount: self.count.map_or(window, Amount::Count),
            rate: self.rate,
            pid: self.pid,
        }
    }
}

fn print_report(report: &Report) {
    println!("completed    {} ({:.0}/s) in {:?}", report.completed, report.per_second(), report.elapsed);
    println!("failed       {} {}", report.failed, report.failure.as_deref().unwrap_or_default());
    println!("latency      p50 {:?}, p99 {:?}", report.latency.p50(), report.latency.p99());
    if report.events > 0 {
        println!("events       {} ({:.0}/s)", report.events, report.events_per_second());
        println!("first event  p50 {:?}, p99 {:?}", report.first_event.p50(), report.first_event.p99());
        println!("gap          p50 {:?}, p99 {:?}", report.gap.p50(), report.gap.p99());
    }
    if let Some(cpu) = report.cpu_us_each(report.completed) {
        println!("CPU          {cpu:.1} µs each");
    }
}
