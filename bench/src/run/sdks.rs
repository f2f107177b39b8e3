//! What a call or a chunk costs an SDK's process, ours and OpenAI's in turn, against one stand-in.

use std::io;
use std::path::{Path, PathBuf};

use super::RunOptions;
use super::machine::Cores;
use super::peer;
use super::rig;
use super::rounds::median;
use super::table::{Table, number};

/// A language, its program, and what is measured in it.
struct Language {
    name: &'static str,
    program: PathBuf,
    script: &'static str,
    cases: &'static [&'static str],
}

const PYTHON: &[&str] =
    &["call", "async-call", "in-flight-32", "stream", "async-stream", "paced-stream", "paced-streams-64", "load"];
const NODE: &[&str] = &["call", "in-flight-32", "stream", "paced-stream", "paced-streams-64", "load"];

/// A table a language, where `scripts/need-peers` was run.
pub(super) fn measure(folder: &Path, cores: &Cores, options: &RunOptions) -> io::Result<Vec<Table>> {
    std::fs::create_dir_all(folder)?;
    let Some(peers) = &options.peers else { return Ok(Vec::new()) };
    let (_standin, address) = rig::start_standin(folder, &cores.load)?;
    let url = format!("http://{address}");
    let languages = [
        Language { name: "Python", program: peers.join("bin/python"), script: "python.py", cases: PYTHON },
        Language { name: "Node", program: "node".into(), script: "node.cjs", cases: NODE },
    ];
    languages.iter().map(|language| of_language(language, &url, cores, options)).collect()
}

fn of_language(language: &Language, url: &str, cores: &Cores, options: &RunOptions) -> io::Result<Table> {
    let title = format!("{} SDKs: CPU of their process, one core, the same stand-in", language.name);
    let columns = ["what", "openclaw, µs each", "openai, µs each", "openai over openclaw"];
    let mut table = Table::new(title, &columns);
    let seconds = options.seconds.to_string();
    for case in language.cases {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..options.rounds {
            for (sdk, rounds) in [("openclaw", &mut ours), ("openai", &mut theirs)] {
                let arguments = [sdk, case, url, &seconds];
                let report = peer::run(&language.program, &peer::script(language.script), &arguments, &cores.tested)?;
                rounds.push(report.cpu_us / report.count);
            }
        }
        let (ours, theirs) = (median(ours), median(theirs));
        let ratio = ours.zip(theirs).map(|(ours, theirs)| theirs / ours);
        table.row([(*case).to_owned(), number(ours), number(theirs), number(ratio)]);
    }
    Ok(table)
}
