//! What a user of the bot sees, and what webhooks are told.

use openclaw_bench::telegram::TelegramFailure;
use openclaw_client::Role;
use serde_json::json;

use super::{ALLOWED, gateway, shown};

#[tokio::test]
async fn a_message_is_announced_as_documented_and_answered_in_its_chat() {
    let (gateway, telegram) = gateway(|_| {}).await;
    telegram.say(ALLOWED, "john_doe", "今天天气怎么样");
    telegram.wait_until(|telegram| telegram.sent().len() == 1).await;
    assert_eq!(shown(&telegram, ALLOWED), ["今天天气怎么样"]);
    assert!(telegram.calls("sendChatAction") >= 1, "typing is shown");
    telegram.wait_until(|telegram| telegram.unconfirmed().is_empty()).await;

    let events = gateway.client.events().list().all().await.expect("events");
    let received = events.iter().find(|event| event.event == "message.received").expect("an event");
    let id = received.data["message_id"].as_str().expect("an id").to_owned();
    assert_eq!(
        received.data,
        json!({
            "session_id": "telegram:789", "message_id": id, "content": "今天天气怎么样", "channel": "telegram",
            "user": {"id": "tg_user_789", "username": "john_doe"},
        })
    );
    let sent = events.iter().find(|event| event.event == "message.sent").expect("an event");
    assert_eq!((&sent.data["reply_to"], &sent.data["channel"]), (&json!(id), &json!("telegram")));
    let session = gateway.client.sessions().get("telegram:789").await.expect("a session");
    assert_eq!((session.channel.as_str(), session.message_count), ("telegram", 2));
    // It is counted once it has ended, which is stored after Telegram took the answer; the next message comes after that.
    telegram.say(ALLOWED, "john_doe", "and tomorrow?");
    telegram.wait_until(|telegram| telegram.sent().len() == 2).await;
    let metrics = gateway.anonymous(reqwest::Method::GET, "/metrics").send().await.expect("an answer");
    let metrics = metrics.text().await.expect("text");
    let counted = r#"openclaw_channel_messages_total{channel="telegram",outcome="answered"}"#;
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn only_people_on_the_list_are_answered_and_only_in_private() {
    let (gateway, telegram) = gateway(|_| {}).await;
    telegram.say(666, "mallory", "let me in");
    let from = json!({"id": ALLOWED, "is_bot": false, "username": "john_doe"});
    telegram.happen(&json!({"chat": {"id": -100, "type": "supergroup"}, "from": from, "text": "in a group"}));
    telegram.say(790, "JANE_doe", "by name");
    telegram.wait_until(|telegram| !telegram.sent().is_empty() && telegram.unconfirmed().is_empty()).await;
    assert_eq!(telegram.sent().iter().map(|sent| sent.chat).collect::<Vec<_>>(), [790]);
    let sessions = gateway.client.sessions().list().all().await.expect("sessions");
    assert_eq!(sessions.iter().map(|session| session.id.as_str()).collect::<Vec<_>>(), ["telegram:790"]);
}

#[tokio::test]
async fn what_is_no_text_gets_a_short_honest_answer() {
    let (gateway, telegram) = gateway(|_| {}).await;
    let photo = json!({
        "chat": {"id": ALLOWED, "type": "private"}, "from": {"id": ALLOWED, "is_bot": false}, "photo": [{"file_id": "x"}],
    });
    telegram.happen(&photo);
    telegram.say(ALLOWED, "john_doe", "/start");
    telegram.wait_until(|telegram| telegram.sent().len() == 2).await;
    let said = shown(&telegram, ALLOWED);
    assert!(said[0].contains("text only") && said[1].contains("Hello"), "{said:?}");
    assert!(gateway.client.sessions().list().all().await.expect("sessions").is_empty(), "no model was asked");
}

#[tokio::test]
async fn a_chat_is_answered_in_order_and_chats_at_the_same_time() {
    let (gateway, telegram) = gateway(|config| config.channels.telegram.chats_max = 2).await;
    telegram.say(ALLOWED, "john_doe", "[[echo delay_ms=1500]] slow");
    telegram.say(ALLOWED, "john_doe", "second");
    telegram.say(790, "jane_doe", "other");
    telegram.wait_until(|telegram| telegram.sent().len() == 3).await;
    assert_eq!(shown(&telegram, ALLOWED), ["slow", "second"]);
    assert_eq!(telegram.sent()[0].chat, 790, "a slow chat holds up no other");
    let messages = gateway.client.sessions().messages("telegram:789").all().await.expect("messages");
    let roles: Vec<_> = messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::User, Role::Assistant, Role::User, Role::Assistant]);
}

#[tokio::test]
async fn long_and_formatted_answers_arrive_whole() {
    let (_gateway, telegram) = gateway(|_| {}).await;
    telegram.say(ALLOWED, "john_doe", "[[echo words=3000]] **粗体** <b> `code` & more ");
    telegram.say(ALLOWED, "john_doe", "end");
    telegram.wait_until(|telegram| telegram.sent().last().is_some_and(|sent| sent.shown == "end")).await;
    let sent = telegram.sent();
    assert!(sent.len() >= 4, "the stand-in takes no more than 4096 units at once");
    assert!(sent.iter().all(|sent| sent.parse_mode.as_deref() == Some("HTML")));
    let text: String = sent.iter().map(|sent| sent.text.as_str()).collect();
    assert!(text.contains("<b>粗体</b> &lt;b&gt; <code>code</code> &amp; more"), "{text}");
}

#[tokio::test]
async fn formatting_that_is_refused_is_sent_as_it_is() {
    let (_gateway, telegram) = gateway(|_| {}).await;
    let words = "Bad Request: can't parse entities: Unsupported start tag \"b\"";
    telegram.fail_next("sendMessage", 1, TelegramFailure::Refused(400, words));
    telegram.say(ALLOWED, "john_doe", "**bold**");
    telegram.wait_until(|telegram| telegram.sent().len() == 1).await;
    assert_eq!((telegram.sent()[0].text.as_str(), &telegram.sent()[0].parse_mode), ("**bold**", &None));
}

#[tokio::test]
async fn haste_and_failures_are_waited_out() {
    let (_gateway, telegram) = gateway(|_| {}).await;
    telegram.fail_next("getUpdates", 1, TelegramFailure::TooFast(1));
    telegram.fail_next("sendMessage", 1, TelegramFailure::TooFast(1));
    telegram.fail_next("sendMessage", 1, TelegramFailure::Refused(502, "Bad Gateway"));
    telegram.say(ALLOWED, "john_doe", "patience");
    telegram.wait_until(|telegram| telegram.sent().len() == 1).await;
    assert_eq!(shown(&telegram, ALLOWED), ["patience"]);
}

#[tokio::test]
async fn a_reply_that_may_have_arrived_is_not_sent_again_but_spoken_of() {
    let (gateway, telegram) = gateway(|_| {}).await;
    telegram.fail_next("sendMessage", 1, TelegramFailure::Unheard);
    telegram.say(ALLOWED, "john_doe", "once");
    telegram.wait_until(|telegram| telegram.sent().len() == 2).await;
    telegram.say(ALLOWED, "john_doe", "next");
    telegram.wait_until(|telegram| telegram.sent().len() == 3).await;
    let sent = telegram.sent();
    assert_eq!((sent[0].shown.as_str(), sent[2].shown.as_str()), ("once", "next"));
    assert!(sent[1].shown.contains("interrupted") && sent[1].reply_to.is_some(), "{sent:?}");
    let messages = gateway.client.sessions().messages("telegram:789").all().await.expect("messages");
    assert_eq!(messages.len(), 4, "the model was asked once each");
}

#[tokio::test]
async fn a_model_that_fails_is_told_of_and_one_that_is_blocked_is_dropped() {
    let (_gateway, telegram) = gateway(|_| {}).await;
    telegram.say(ALLOWED, "john_doe", "[[echo status=500]] x");
    telegram.wait_until(|telegram| telegram.sent().len() == 1).await;
    assert!(shown(&telegram, ALLOWED)[0].contains("cannot answer"), "{:?}", telegram.sent());
    telegram.fail_next("sendMessage", 1, TelegramFailure::Refused(403, "Forbidden: bot was blocked by the user"));
    telegram.say(ALLOWED, "john_doe", "blocked");
    telegram.say(ALLOWED, "john_doe", "back");
    telegram.wait_until(|telegram| telegram.sent().len() == 2).await;
    assert_eq!(shown(&telegram, ALLOWED)[1], "back");
}

#[tokio::test]
async fn another_poller_is_told_to_the_operator() {
    let (gateway, telegram) = gateway(|_| {}).await;
    telegram.wait_until(|telegram| telegram.calls("getUpdates") >= 1).await;
    // Another program with the same bot.
    let other = format!("{}/bot{}/getUpdates", telegram.url(), openclaw_bench::telegram::Telegram::TOKEN);
    let other = super::super::gateway::http().post(other).json(&json!({"timeout": 1})).send();
    other.await.expect("an answer");
    let mut events = gateway.client.events().stream().after("0").await.expect("a stream");
    loop {
        let event = events.next().await.expect("an event").expect("an event");
        if event.event == "system.error" {
            assert_eq!(event.data["code"], "channel_conflict");
            let message = event.data["message"].as_str().expect("text");
            assert!(message.contains("another program") && !message.contains("AAE"), "{message}");
            return;
        }
    }
}

#[tokio::test]
async fn a_reload_changes_who_is_answered() {
    let (gateway, telegram) = gateway(|_| {}).await;
    telegram.wait_until(|telegram| telegram.calls("getUpdates") >= 1).await;
    let mut config = gateway.app.live.load().config.clone();
    config.channels.telegram.allow.push("791".into());
    config.channels.telegram.system = Some("Be brief.".into());
    gateway.app.reload(config).expect("a configuration");
    telegram.wait_until(|telegram| telegram.calls("getUpdates") >= 2).await;
    telegram.say(791, "new_one", "hello");
    telegram.wait_until(|telegram| telegram.sent().len() == 1).await;
    assert_eq!(shown(&telegram, 791), ["hello"]);
}
