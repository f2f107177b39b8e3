//! What was acknowledged, what is stored, what came: and whether they agree.

use std::collections::{HashMap, HashSet};
use std::io;

use bytes::Bytes;
use openclaw_core::webhook::{unsigned_body, verify_webhook};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::run::gateway::WEBHOOK_SECRET;

/// A page of events, each as it was written.
#[derive(Debug, Deserialize)]
pub(super) struct Page<'a> {
    #[serde(borrow)]
    pub(super) data: Vec<&'a RawValue>,
    pub(super) next: Option<String>,
}

/// The books of a run.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// The ids of replies that callers were given.
    acknowledged: HashSet<String>,
    /// By event, the unsigned event that came first.
    events: HashMap<String, String>,
    posts: usize,
    changed: usize,
    forged: usize,
}

/// What the books say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    acknowledged: usize,
    stored: usize,
    /// Replies that a caller was given and of which no event is stored: the message's or the reply's.
    lost: usize,
    /// Stored events that never came.
    pub(super) undelivered: usize,
    /// Posts of an event with other bytes than the first one, or than what is stored.
    changed: usize,
    /// Posts whose signature is wrong.
    forged: usize,
    /// Posts of an event that had come already.
    duplicates: usize,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    data: Message,
}

#[derive(Deserialize)]
struct Message {
    message_id: String,
    reply_to: Option<String>,
}

impl Account {
    /// Books an answered chat.
    pub(super) fn acknowledged(&mut self, answer: &[u8]) -> io::Result<()> {
        let answer: Answer = serde_json::from_slice(answer)?;
        self.acknowledged.insert(answer.id);
        Ok(())
    }

    /// Books a POST.
    pub(super) fn received(&mut self, body: &Bytes) {
        self.posts += 1;
        let text = String::from_utf8_lossy(body);
        let read =
            unsigned_body(&text).filter(|(unsigned, signature)| verify_webhook(unsigned, signature, WEBHOOK_SECRET));
        let Some((unsigned, _)) = read else {
            self.forged += 1;
            return;
        };
        let Ok(event) = serde_json::from_str::<Event>(&unsigned) else {
            self.forged += 1;
            return;
        };
        let first = self.events.entry(event.id).or_insert_with(|| unsigned.clone());
        self.changed += usize::from(*first != unsigned);
    }

    /// How many events came, each counted once.
    pub(super) fn distinct(&self) -> usize {
        self.events.len()
    }

    /// Compares all of it with what is stored.
    pub(super) fn verdict(&self, stored: &[String]) -> Verdict {
        let mut verdict = Verdict {
            acknowledged: self.acknowledged.len(),
            stored: stored.len(),
            lost: 0,
            undelivered: 0,
            changed: self.changed,
            forged: self.forged,
            duplicates: self.posts - self.forged - self.events.len(),
        };
        let mut told = HashSet::new();
        let mut answered = HashMap::new();
        for stored in stored {
            let event: Event = serde_json::from_str(stored).expect("the gateway's own event");
            match self.events.get(&event.id) {
                Some(came) => verdict.changed += usize::from(came != stored),
                None => verdict.undelivered += 1,
            }
            if let Some(message) = event.data.reply_to {
                answered.insert(event.data.message_id, message);
            } else {
                told.insert(event.data.message_id);
            }
        }
        let is_whole = |reply: &&String| answered.get(*reply).is_some_and(|message| told.contains(message));
        verdict.lost = self.acknowledged.len() - self.acknowledged.iter().filter(is_whole).count();
        verdict
    }
}

impl Verdict {
    /// Nothing was lost, changed or forged.
    pub(super) fn is_good(&self) -> bool {
        (self.lost, self.undelivered, self.changed, self.forged) == (0, 0, 0, 0)
    }

    /// For people.
    pub(super) fn table(&self, rounds: u32) -> String {
        let rows = [
            ("times killed", rounds as usize),
            ("chats acknowledged", self.acknowledged),
            ("events stored", self.stored),
            ("acknowledged chats without both their events", self.lost),
            ("stored events that never came", self.undelivered),
            ("POSTs with other bytes than what is stored", self.changed),
            ("POSTs with a wrong signature", self.forged),
            ("POSTs of an event that had come already", self.duplicates),
        ];
        let rows = rows.map(|(what, count)| format!("| {what} | {count} |\n"));
        format!("### Killed under load\n\n| what | count |\n|---|---|\n{}", rows.concat())
    }
}

#[cfg(test)]
mod tests {
    use openclaw_core::webhook::body;

    use super::*;

    fn event(id: &str, message: &str, reply_to: Option<&str>) -> String {
        serde_json::json!({"id": id, "data": {"message_id": message, "reply_to": reply_to}}).to_string()
    }

    fn post(account: &mut Account, event: &str) {
        account.received(&Bytes::from(body(event, WEBHOOK_SECRET)));
    }

    #[test]
    fn what_is_lost_changed_forged_or_twice_is_found() {
        let (asked, replied) = (event("evt_1", "msg_1", None), event("evt_2", "msg_2", Some("msg_1")));
        let stored = [asked.clone(), replied.clone()];
        let mut account = Account::default();
        account.acknowledged(br#"{"id":"msg_2"}"#).expect("an answer");
        assert_eq!(account.verdict(&stored).undelivered, 2);
        assert_eq!(account.verdict(&stored[1..]).lost, 1, "the message's event is not stored");

        post(&mut account, &asked);
        post(&mut account, &replied);
        post(&mut account, &replied);
        let verdict = account.verdict(&stored);
        assert!(verdict.is_good() && verdict.duplicates == 1, "{verdict:?}");

        post(&mut account, &event("evt_2", "msg_3", Some("msg_1")));
        account.received(&Bytes::from(body(&asked, "another secret")));
        let verdict = account.verdict(&stored);
        assert_eq!((verdict.changed, verdict.forged), (1, 1));
    }
}
