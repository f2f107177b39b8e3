//! The house rules that no compiler holds: who may import whom, what stands where, how long a file may be.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of the server in the order in which they may import: each only from those before it, and its own.
const ROOMS: &[&[&str]] = &[
    &["calendar", "clock", "tasks"],
    &["config", "metrics", "outbound"],
    &["store", "provider", "format"],
    &["skill"],
    &["app"],
    &["service"],
    &["http", "agent", "webhook", "channel", "schedule"],
    &["cli"],
    &["main", "lib"],
];
/// The doors call services and never each other.
const DOORS: &[&[&str]] = &[&["http"], &["agent"], &["webhook"], &["channel"], &["schedule"]];
const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 80;
const NAMES_THAT_SAY_NOTHING: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc", "manager", "mod"];
/// A word, and the only rooms of the server where it may stand.
const KEPT_IN: &[(&str, &[&str])] = &[
    ("axum::", &["http"]),
    ("StatusCode", &["http", "outbound", "provider"]),
    ("rusqlite", &["store"]),
    ("tokio_postgres", &["store"]),
    ("hyper_util::client", &["outbound"]),
    ("reqwest", &[]),
    ("std::env", &["config"]),
    ("prometheus_client", &["metrics"]),
];

struct Source {
    path: PathBuf,
    text: String,
}

fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("text");
                found.push(Source { path: path.strip_prefix(&root).expect("inside").to_owned(), text });
            }
        }
    }
    assert!(!found.is_empty(), "there are sources in {folder}");
    found
}

/// The file without its tests, which may do what they like.
fn product(source: &Source) -> &str {
    source.text.split("#[cfg(test)]").next().unwrap_or_default()
}

fn room(source: &Source) -> String {
    let first = source.path.components().next().expect("a name").as_os_str().to_str().expect("text");
    first.trim_end_matches(".rs").to_owned()
}

fn level(room: &str) -> usize {
    ROOMS.iter().position(|rooms| rooms.contains(&room)).unwrap_or_else(|| panic!("{room} is no room of the house"))
}

#[test]
fn imports_point_one_way() {
    for source in sources("crates/server/src") {
        let room = room(&source);
        for import in product(&source).split("crate::").skip(1) {
            let other: String = import.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if other.is_empty() || other == room {
                continue;
            }
            let place = source.path.display();
            assert!(level(&other) <= level(&room), "{place} imports {other}, which lies above it");
            let doors: Vec<_> =
                DOORS.iter().filter(|door| door.contains(&room.as_str()) || door.contains(&other.as_str())).collect();
            assert!(doors.len() < 2, "{place}: the door {room} imports the door {other}");
        }
    }
}

#[test]
fn what_is_kept_in_a_room_stays_there() {
    for source in sources("crates/server/src") {
        let room = room(&source);
        for (word, rooms) in KEPT_IN {
            let found =
                product(&source).lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word));
            assert!(
                !found || rooms.contains(&room.as_str()),
                "{} has {word}, which belongs in {rooms:?}",
                source.path.display()
            );
        }
    }
}

#[test]
fn files_and_functions_are_of_a_size_to_read() {
    let folders = [
        "crates/core/src",
        "crates/client/src",
        "crates/client-ffi/src",
        "crates/server/src",
        "bench/src",
        "bindings/node/native",
        "bindings/python/src",
        "sdk-tests/harness/src",
        "sdk-tests/runners/rust/src",
    ];
    for folder in folders {
        for source in sources(folder) {
            let place = format!("{folder}/{}", source.path.display());
            let name = source.path.file_stem().expect("a name").to_str().expect("text");
            assert!(!NAMES_THAT_SAY_NOTHING.contains(&name), "{place}: a name that says nothing");
            assert!(source.text.starts_with("//!"), "{place} does not say what it is for");
            assert!(source.text.lines().count() <= FILE_LINES_MAX, "{place} is longer than {FILE_LINES_MAX} lines");
            check_functions(&place, product(&source));
        }
    }
}

fn check_functions(place: &str, text: &str) {
    let mut open: Option<(usize, usize, &str)> = None;
    for (number, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let starts = [
            "fn ",
            "pub fn ",
            "pub(crate) fn ",
            "pub(super) fn ",
            "async fn ",
            "pub async fn ",
            "pub(super) async fn ",
        ]
        .iter()
        .any(|start| line.trim_start().starts_with(start));
        if starts && open.is_none() {
            open = Some((number, indent, line));
        }
        if let Some((start, depth, head)) = open
            && indent == depth
            && (line.trim() == "}" || line.ends_with(';') || line.ends_with("{}"))
        {
            let lines = number - start;
            assert!(lines <= FUNCTION_LINES_MAX, "{place}: {} has {lines} lines", head.trim());
            open = None;
        }
    }
}

#[test]
fn an_event_name_is_typed_once() {
    for folder in ["crates/client/src", "crates/server/src"] {
        for source in sources(folder) {
            for event in openclaw_core::EventName::ALL {
                let quoted = format!("\"{}\"", event.as_str());
                assert!(!product(&source).contains(&quoted), "{folder}/{} spells {quoted}", source.path.display());
            }
        }
    }
}
