//! What a call or a chunk costs an SDK's process, ours and OpenAI's in turn, against one stand-in; and what an SDK weighs.

use std::io;
use std::path::{Path, PathBuf};

use super::RunOptions;
use super::machine::Cores;
use super::peer::{self, Peer};
use super::rig;
use super::rounds::median;
use super::table::{Table, number};

const OURS: &str = "openclaw";
const THEIRS: &str = "openai";

/// What is measured in a language.
struct Language {
    name: &'static str,
    /// The other SDK's name among its users.
    theirs: &'static str,
    /// The interpreter and the script of `bench/peers`; without it, each SDK has a program of its own.
    interpreter: Option<(PathBuf, &'static str)>,
    /// Each case, and what is asked of it: theirs over ours.
    cases: &'static [(&'static str, &'static str)],
}

const PYTHON: &[(&str, &str)] = &[
    ("call", "8"),
    ("async-call", ""),
    ("in-flight-32", "25"),
    ("stream", ""),
    ("async-stream", ""),
    ("paced-stream", ""),
    ("paced-streams-64", "6"),
    ("load", "20, and at most 30,000 µs"),
];
const NODE: &[(&str, &str)] = &[
    ("call", "5"),
    ("in-flight-32", "12"),
    ("stream", "5"),
    ("paced-stream", ""),
    ("paced-streams-64", "1.8"),
    ("load", "at most 15,000 µs"),
];
const GO: &[(&str, &str)] =
    &[("call", "0.85"), ("in-flight-32", "2.5"), ("stream", "5"), ("paced-stream", "1.0"), ("paced-streams-64", "1.0")];
const RUST: &[(&str, &str)] = &[
    ("call", "1.0"),
    ("in-flight-32", "1.0"),
    ("stream", "1.0"),
    ("paced-stream", "1.0"),
    ("paced-streams-64", "1.0"),
];

/// A table a language and one of weights, of what `scripts/need-peers sdks` has installed.
pub(super) fn measure(folder: &Path, cores: &Cores, options: &RunOptions) -> io::Result<Vec<Table>> {
    std::fs::create_dir_all(folder)?;
    let Some(peers) = &options.peers else {
        return Err(io::Error::other("SDKs: say with --peers what `scripts/need-peers sdks` has installed"));
    };
    let (_standin, address) = rig::start_standin(folder, &cores.load)?;
    let url = format!("http://{address}");
    let languages = [
        Language {
            name: "Python",
            theirs: "openai",
            interpreter: Some((peers.join("bin/python"), "python.py")),
            cases: PYTHON,
        },
        Language { name: "Node", theirs: "openai", interpreter: Some(("node".into(), "node.cjs")), cases: NODE },
        Language { name: "Go", theirs: "openai-go", interpreter: None, cases: GO },
        Language { name: "Rust", theirs: "async-openai", interpreter: None, cases: RUST },
    ];
    let mut tables = Vec::new();
    for language in &languages {
        tables.push(of_language(language, peers, &url, cores, options)?);
    }
    tables.push(weights(peers)?);
    Ok(tables)
}

fn of_language(language: &Language, peers: &Path, url: &str, cores: &Cores, options: &RunOptions) -> io::Result<Table> {
    let title = format!("{}: CPU of the SDK's process beside {}, one core", language.name, language.theirs);
    let columns = ["what", "openclaw, µs each", "theirs, µs each", "theirs over ours", "asked"];
    let mut table = Table::new(title, &columns);
    let seconds = options.seconds.to_string();
    for &(case, asked) in language.cases {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..options.rounds {
            for (sdk, rounds) in [(OURS, &mut ours), (THEIRS, &mut theirs)] {
                let report = language.run(sdk, peers, &[case, url, &seconds], cores)?;
                rounds.push(report.cpu_us / report.count);
            }
        }
        let (ours, theirs) = (median(ours), median(theirs));
        table.row([case.to_owned(), number(ours), number(theirs), number(over(theirs, ours)), asked.to_owned()]);
    }
    Ok(table)
}

impl Language {
    /// Runs the peer of one SDK: a script that is told which, or a program of its own.
    fn run(&self, sdk: &str, peers: &Path, arguments: &[&str], cores: &Cores) -> io::Result<peer::Report> {
        let Some((interpreter, script)) = &self.interpreter else {
            let program = peers.join("programs").join(format!("{}-{sdk}", self.name.to_lowercase()));
            return peer::run(&Peer { program: &program, script: None, modules: None }, arguments, &cores.tested);
        };
        let (script, modules) = (peer::script(script), peers.join("node/node_modules"));
        let peer = Peer { program: interpreter, script: Some(&script), modules: Some(&modules) };
        peer::run(&peer, &[&[sdk], arguments].concat(), &cores.tested)
    }
}

/// What an install downloads, and what a program grows by.
fn weights(peers: &Path) -> io::Result<Table> {
    let columns = ["what", "openclaw, MiB", "theirs, MiB", "theirs over ours", "asked, MB"];
    let mut table = Table::new("Weight of the SDKs", &columns);
    let packages = peers.join("packages");
    let of_package = |language: &str, sdk: &str| weight(&packages.join(language).join(sdk));
    let program = |name: &str| weight(&peers.join("programs").join(name));
    let without = program("go-nethttp")?;
    let rows = [
        (
            "Python: what `pip install` downloads",
            of_package("python", OURS)?,
            of_package("python", THEIRS)?,
            "at most 4",
        ),
        ("Node: what `npm install` downloads", of_package("node", OURS)?, of_package("node", THEIRS)?, "at most 3"),
        (
            "Go: a stripped program, over one of net/http alone",
            program("go-openclaw")? - without,
            program("go-openai")? - without,
            "at most 2.5",
        ),
    ];
    for (what, ours, theirs, asked) in rows {
        let (ours, theirs) = (Some(ours), Some(theirs));
        table.row([what.to_owned(), number(ours), number(theirs), number(over(theirs, ours)), asked.to_owned()]);
    }
    Ok(table)
}

/// MiB of a file, or of the files in a folder.
fn weight(path: &Path) -> io::Result<f64> {
    const MEBIBYTE: f64 = 1_048_576.0;
    if path.is_file() {
        return Ok(bytes(path)? / MEBIBYTE);
    }
    let files: io::Result<Vec<_>> = std::fs::read_dir(path)?.collect();
    let sizes: io::Result<Vec<f64>> = files?.iter().map(|file| bytes(&file.path())).collect();
    Ok(sizes?.iter().sum::<f64>() / MEBIBYTE)
}

#[expect(clippy::cast_precision_loss, reason = "no file here has 2^53 bytes")]
fn bytes(file: &Path) -> io::Result<f64> {
    Ok(std::fs::metadata(file)?.len() as f64)
}

fn over(numerator: Option<f64>, denominator: Option<f64>) -> Option<f64> {
    numerator.zip(denominator).map(|(numerator, denominator)| numerator / denominator)
}
