//! `kill -9` around updates: none is lost, none is answered twice.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use openclaw_bench::telegram::Telegram;
use openclaw_client::{Client, Role};
use tempfile::TempDir;

use super::super::program::{Program, configure, run, text};

/// How often it is killed; `OPENCLAW_TEST_KILLS` says another number, for longer runs.
const KILLS: usize = 6;
const CHATS: i64 = 4;
const UPDATES_A_ROUND: i64 = 3;
/// Answers to wait for before each kill, which then falls anywhere in the next ones.
const ANSWERS_BEFORE_KILL: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_at_any_point_lose_no_update_and_answer_none_twice() {
    let kills = std::env::var("OPENCLAW_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let telegram = Telegram::start().await;
    let folder = TempDir::new().expect("a folder");
    configure(
        folder.path(),
        &format!(
            "gateway: {{api: {{port: 0}}}}\nchannels: {{telegram: {{token: \"{}\", base_url: \"{}\", allow: [\"1\", \"2\", \"3\", \"4\"]}}}}\n",
            Telegram::TOKEN,
            telegram.url()
        ),
    );
    let key = run(folder.path(), &["api", "key", "generate", "--name", "load"]);
    let key = text(&key.stdout).trim().to_owned();
    let mut said = Vec::new();
    for round in 0..kills {
        let program = Program::serve(folder.path());
        let before = telegram.sent().len();
        for number in 0..UPDATES_A_ROUND {
            for chat in 1..=CHATS {
                let words = format!("{round}-{chat}-{number}");
                telegram.say(chat, "john_doe", &words);
                said.push((chat, words));
            }
        }
        telegram.wait_until(|telegram| telegram.sent().len() >= before + ANSWERS_BEFORE_KILL).await;
        // Somewhere within the commits and calls of the next answers.
        tokio::time::sleep(Duration::from_micros((round as u64 * 7919) % 9000)).await;
        program.kill();
    }

    let program = Program::serve(folder.path());
    let settled = |telegram: &Telegram| account(telegram, &said).values().all(|(answers, told)| answers + told > 0);
    telegram.wait_until(|telegram| settled(telegram) && telegram.unconfirmed().is_empty()).await;
    // Whatever is still on its way comes before this.
    for chat in 1..=CHATS {
        telegram.say(chat, "john_doe", "last");
    }
    let last = |telegram: &Telegram| telegram.sent().iter().filter(|sent| sent.shown == "last").count();
    telegram.wait_until(|telegram| last(telegram) == usize::try_from(CHATS).expect("a few")).await;

    let account = account(&telegram, &said);
    let twice: Vec<_> = account.iter().filter(|(_, (answers, _))| *answers > 1).collect();
    assert!(twice.is_empty(), "answered twice: {twice:?}");
    let in_doubt = account.values().filter(|(_, told)| *told > 0).count();
    check_sessions(&program, &key, &said).await;
    let _ = writeln!(std::io::stderr(), "{kills} kills, {} updates, {in_doubt} told as in doubt", said.len());
}

/// Of each update: how often its answer arrived, and how often it was told that it may have been cut off.
fn account(telegram: &Telegram, said: &[(i64, String)]) -> BTreeMap<String, (usize, usize)> {
    let sent = telegram.sent();
    let mut account: BTreeMap<String, (usize, usize)> = said.iter().map(|(_, words)| (words.clone(), (0, 0))).collect();
    for sent in sent {
        match sent.reply_to {
            None => account.entry(sent.shown).and_modify(|(answers, _)| *answers += 1).or_default(),
            // The API numbers messages of users and of the bot together, so the update is found by its number.
            Some(message) => {
                let words = telegram.said(message).expect("it answers a message that came");
                account.entry(words).and_modify(|(_, told)| *told += 1).or_default()
            }
        };
    }
    account.retain(|words, _| said.iter().any(|(_, said)| said == words));
    account
}

/// Each message stands once in its session, in order, and was told once.
async fn check_sessions(program: &Program, key: &str, said: &[(i64, String)]) {
    let client = Client::builder().base_url(&program.url).api_key(key).no_proxy().build().expect("a client");
    for chat in 1..=CHATS {
        let messages =
            client.sessions().messages(&format!("telegram:{chat}")).limit(100).all().await.expect("messages");
        let kept: Vec<_> =
            messages.iter().filter(|message| message.role == Role::User).map(|m| m.content.clone()).collect();
        let mut expected: Vec<_> = said.iter().filter(|(of, _)| *of == chat).map(|(_, words)| words.clone()).collect();
        expected.push("last".into());
        assert_eq!(kept, expected, "chat {chat}");
    }
    let events = client.events().list().limit(100).all().await.expect("events");
    let received = events.iter().filter(|event| event.event == "message.received").count();
    assert_eq!(received, said.len() + usize::try_from(CHATS).expect("a few"), "each update is told once");
}
