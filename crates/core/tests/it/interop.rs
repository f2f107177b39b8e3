//! Receivers that others wrote find what the vectors say: the documented function and the published libraries.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::vector::repository;
use crate::vectors;

/// Where `scripts/need-interop` installs the libraries.
fn installed(path: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder");
    let installed = target.join("interop").join(path);
    assert!(installed.exists(), "{} is missing: run scripts/need-interop", installed.display());
    installed
}

/// What a receiver says of each vector, by its name.
fn answers(receiver: &mut Command) -> BTreeMap<String, Value> {
    let mut receiver = receiver.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the receiver's language");
    let mut input = receiver.stdin.take().expect("piped");
    input.write_all(&serde_json::to_vec(&vectors::read()).expect("JSON")).expect("a receiver that reads");
    drop(input);
    let output = receiver.wait_with_output().expect("a receiver that ends");
    assert!(output.status.success(), "the receiver failed");
    serde_json::from_slice(&output.stdout).expect("answers")
}

#[test]
fn python_with_the_documented_function_and_the_published_library() {
    installed("python/lib");
    let answers =
        answers(Command::new(installed("python/bin/python")).arg("-B").arg(repository("sdk-tests/receivers/check.py")));
    for vector in vectors::read().vectors {
        let expected = json!({
            "body": vector.expected.body,
            "unsigned": vector.expected.unsigned,
            "standard": vector.expected.standard,
            "standard_utf8": vector.expected.standard_utf8,
        });
        assert_eq!(answers[&vector.name], expected, "{}", vector.name);
    }
}

#[test]
fn javascript_with_the_published_library() {
    installed("node_modules/standardwebhooks");
    let answers = answers(
        Command::new("node")
            .env("NODE_PATH", installed("node_modules"))
            .arg(repository("sdk-tests/receivers/check.cjs")),
    );
    for vector in vectors::read().vectors {
        let expected = json!({
            "standard": vector.expected.standard,
            "standard_utf8": vector.expected.standard_utf8,
        });
        assert_eq!(answers[&vector.name], expected, "{}", vector.name);
    }
}
