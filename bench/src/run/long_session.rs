//! A long session beside short ones: reading it and chatting in it must not cost more for its length.

use std::io;

use super::RunOptions;
use super::gateway::ROOT_KEY;
use super::rig::Rig;
use super::rounds::micros;
use super::table::{Table, number};
use super::target::{MODEL, Target, gateway_chat, message};
use crate::load::{Amount, Call, Load, Report};

/// Short sessions: each is chatted in once, because a second chat would lengthen it.
const SHORT_SESSIONS: u64 = 300;

/// Chats in a short session before it is measured: ten messages.
const SHORT_TURNS: u64 = 5;

/// Callers that make the short sessions, each its share of them.
const MAKERS: u64 = 15;

/// Reads of a session.
const READS: u64 = 2000;

/// GET and chat on both, one at a time.
pub(super) async fn measure(rig: &Rig, options: &RunOptions) -> io::Result<Table> {
    let title = format!("A session of {} messages beside sessions of 10, one caller", options.long_session);
    let columns = ["call", "messages", "p50 µs", "p99 µs", "CPU µs", "CPU, long over short"];
    let mut table = Table::new(title, &columns);
    let Some(gateway) = rig.gateway() else { return Ok(table) };
    let filled = [
        ask(gateway, chat(|_, _| "long".to_owned()), 1, options.long_session / 2).await?,
        ask(gateway, chat(short_in_the_making), MAKERS, SHORT_SESSIONS * SHORT_TURNS).await?,
    ];
    for report in &filled {
        table.note_failures("filling", report);
    }

    for (name, long, short, count) in [
        ("GET session", read(|_, _| "long".to_owned()), read(short_made), READS),
        ("chat", chat(|_, _| "long".to_owned()), chat(short_made), SHORT_SESSIONS),
    ] {
        let short = ask(gateway, short, 1, count).await?;
        let long = ask(gateway, long, 1, count).await?;
        let cpu = |report: &Report| report.cpu_us_each(report.completed);
        let ratio = cpu(&long).zip(cpu(&short)).map(|(long, short)| long / short);
        for (messages, report, ratio) in [("10", &short, None), ("many", &long, ratio)] {
            table.row([
                name.to_owned(),
                messages.to_owned(),
                number(micros(report.latency.p50())),
                number(micros(report.latency.p99())),
                number(cpu(report)),
                number(ratio),
            ]);
            table.note_failures(name, report);
        }
    }
    Ok(table)
}

/// The session that a maker's chat goes to.
fn short_in_the_making(maker: usize, number: u64) -> String {
    format!("short_{maker}_{}", number / SHORT_TURNS)
}

/// The n-th of the sessions made.
fn short_made(_: usize, number: u64) -> String {
    format!("short_{}_{}", number % MAKERS, number / MAKERS % (SHORT_SESSIONS / MAKERS))
}

fn chat(session: impl Fn(usize, u64) -> String + Send + Sync + 'static) -> Call {
    gateway_chat(&message(""), MODEL, false, session)
}

fn read(session: impl Fn(usize, u64) -> String + Send + Sync + 'static) -> Call {
    Call::get(move |caller, number| format!("/api/v1/sessions/{}", session(caller, number)))
        .header("authorization", &format!("Bearer {ROOT_KEY}"))
}

async fn ask(gateway: &Target, call: Call, connections: u64, count: u64) -> io::Result<Report> {
    let connections = usize::try_from(connections).expect("a handful");
    let amount = Amount::Count(count);
    let pid = gateway.pid();
    Load { address: gateway.address, call: call.into(), connections, amount, rate: None, pid }.run().await
}
