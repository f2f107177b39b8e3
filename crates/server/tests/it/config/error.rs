//! What is refused, in which words.

use super::{File, refusal};

/// After `====` and what it shows: a file, `~~~~`, and what a terminal shows.
const REFUSED: &str = include_str!("refused.txt");

#[test]
fn every_refusal_reads_as_written() {
    let cases: Vec<&str> = REFUSED.split("==== ").skip(1).collect();
    assert_eq!(cases.len(), 64);
    for case in cases {
        let (title, texts) = case.split_once('\n').unwrap();
        let (yaml, expected) = texts.split_once("~~~~\n").unwrap();
        assert_eq!(refusal(yaml), expected.trim_end(), "{title}:\n{yaml}");
        assert!(!expected.contains("hunter2"), "a secret is shown");
    }
}

#[test]
fn a_tab_is_told_as_a_tab() {
    assert_eq!(
        refusal("gateway:\n\tapi:\n\t\tport: 1\n"),
        "error: a tab is used to indent\n --> config.yaml:2:2\n  |\n2 |  api:\n  |  ^\nhelp: indent by spaces"
    );
}

#[test]
fn no_control_character_reaches_the_terminal() {
    for yaml in ["gateway:\n  api:\n    host: \u{1b}[31mred\n", "gateway:\n  api:\n    \"\\e[31mred\": 1\n"] {
        let refusal = refusal(yaml);
        assert!(!refusal.contains(|character: char| character.is_control() && character != '\n'), "{refusal:?}");
    }
}

/// A file with one slip, at every place: it loads or is refused, and an untouched secret is never shown.
#[test]
fn no_slip_shows_a_secret() {
    let yaml = "gateway:\n  api:\n    auth:\n      type: bearer\n      secret: hunter2hunter2hunter2\nwebhooks:\n  endpoints:\n    - url: http://a.com\n      secret:\n        - hunter2hunter2hunter2hunter2\n      events: [\"*\"]\n";
    let file = File::new(yaml);
    for place in 0..yaml.len() {
        for slip in ["", "\t", "\n", ":", "\""] {
            let (before, after) = yaml.split_at(place);
            let text = format!("{before}{slip}{}", if slip.is_empty() { &after[1..] } else { after });
            if text.matches("secret: hunter2").count() + text.matches("secret:\n        - hunter2").count() < 2 {
                continue;
            }
            file.write(&text);
            if let Err(error) = file.source().load() {
                assert!(!error.to_string().contains("hunter2"), "{error}\nof\n{text}");
            }
        }
    }
}
