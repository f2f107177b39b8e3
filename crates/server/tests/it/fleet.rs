//! Gateways side by side on one PostgreSQL: what is one process's on SQLite is everybody's here.
//!
//! Run by `scripts/with-postgres`, with the profile `postgres` of nextest.

mod delivery;
mod failover;
mod group;
mod kill;
mod link;
mod load;
mod move_in;
mod outage;
mod takeover;
mod tls;

use std::collections::HashSet;
use std::future::IntoFuture;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use openclaw::config::Config;
use openclaw_client::{AgentStatus, CreateScheduleRequest, ErrorType, RequestOptions, Role, SpawnAgentRequest};
use reqwest::{Method, StatusCode};

use crate::agent::scripted;
use crate::gateway::{Gateway, message};

/// Three gateways, alike.
async fn three(configure: impl Fn(&mut Config)) -> [Gateway; 3] {
    let first = Gateway::with(&configure).await;
    let (second, third) = (first.beside(&configure).await, first.beside(&configure).await);
    [first, second, third]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_holds_over_all_gateways() {
    let gateways = three(|config| {
        config.gateway.api.rate_limit.requests_per_minute = 60;
        config.gateway.api.rate_limit.burst = 12;
    })
    .await;
    let key = &gateways[0].key;
    let asked = (0..60).map(|number| {
        let gateway = &gateways[number % 3];
        gateway.anonymous(Method::GET, "/api/v1/models").bearer_auth(key).send()
    });
    let answers: Vec<_> = join_all(asked).await.into_iter().map(|answer| answer.expect("an answer")).collect();
    let let_in = answers.iter().filter(|answer| answer.status() == StatusCode::OK).count();
    // The burst, and one more for each second that this took, which is fewer than four.
    assert!((12..=15).contains(&let_in), "{let_in} were let in");
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS).collect();
    assert_eq!(refused.len(), 60 - let_in);
    assert!(refused.iter().all(|answer| answer.headers().contains_key("retry-after")));
    // Told by whoever refused first, once for all.
    let mut told = Vec::new();
    for page in 0.. {
        let events = openclaw::service::event::list(
            &gateways[1].app,
            &openclaw::service::Caller::Root,
            vec![openclaw_core::EventPattern::parse("rate_limit.exceeded").expect("a pattern")],
            openclaw::store::PageQuery { limit: 100, after: None },
        );
        told = events.await.expect("events").data;
        if !told.is_empty() || page > 100 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(told.len(), 1, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_answers_one_message_at_a_time_wherever_it_is_asked() {
    let gateways = three(|_| {}).await;
    let asked = (0..9).map(|number| {
        let request = message("user_123", &format!("[[echo delay_ms=50]] {number}"), "echo");
        gateways[number % 3].client_of(&gateways[0].key).chat().send(request)
    });
    for answer in join_all(asked).await {
        answer.expect("each is answered in its turn");
    }
    let messages = gateways[2].client_of(&gateways[0].key).sessions().messages("user_123").all().await;
    let roles: Vec<_> = messages.expect("messages").into_iter().map(|message| message.role).collect();
    assert_eq!(roles.len(), 18);
    assert!(roles.chunks(2).all(|pair| pair == [Role::User, Role::Assistant]), "a reply follows its message");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_one_revokes_opens_no_other_a_second_later() {
    let gateways = three(|_| {}).await;
    let key = gateways[0].key_of("default", None).await;
    let clients = gateways.each_ref().map(|gateway| gateway.client_of(&key));
    for client in &clients {
        client.models().list().all().await.expect("it is valid");
    }
    let id = clients[0].keys().list().all().await.expect("keys").into_iter().next().expect("the latest key").id;
    clients[1].keys().revoke(&id).await.expect("revoked");
    tokio::time::sleep(Duration::from_secs(1)).await;
    for client in &clients {
        let refused = client.models().list().all().await.expect_err("it is revoked");
        assert_eq!(refused.kind(), Some(ErrorType::AuthenticationError));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_done_once_whichever_gateway_hears_it_again() {
    let gateways = three(|_| {}).await;
    let options = || RequestOptions::new().idempotency_key("ticket-4711");
    let asked = gateways.each_ref().map(|gateway| {
        gateway.client_of(&gateways[0].key).chat().with(options()).send(message("s", "Only once", "echo"))
    });
    let answers = join_all(asked).await;
    let first = gateways[0].client_of(&gateways[0].key).chat().with(options());
    let whole = first.send(message("s", "Only once", "echo")).await.expect("the stored answer");
    for answer in answers {
        match answer {
            Ok(reply) => assert_eq!(reply.id, whole.id),
            Err(error) => assert_eq!(error.code(), Some("idempotency_in_progress"), "{error}"),
        }
    }
    let messages = gateways[1].client_of(&gateways[0].key).sessions().messages("s").all().await.expect("messages");
    assert_eq!(messages.len(), 2, "one message and one reply");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_fires_once_among_many() {
    let gateways = three(|_| {}).await;
    let client = gateways[0].client_of(&gateways[0].key);
    let agent = SpawnAgentRequest { task: "tick".into(), ..SpawnAgentRequest::default() };
    let request =
        CreateScheduleRequest { name: "tick".into(), every: Some(1), agent, ..CreateScheduleRequest::default() };
    let schedule = client.schedules().create(request).await.expect("a schedule");
    let runs = loop {
        let runs = client.schedules().runs(&schedule.id).all().await.expect("runs");
        if runs.len() >= 4 {
            break runs;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    client.schedules().delete(&schedule.id).await.expect("deleted");
    let slots: HashSet<_> = runs.iter().map(|run| run.slot).collect();
    assert_eq!(slots.len(), runs.len(), "no slot twice: {runs:?}");
    let agents = client.agents().list().all().await.expect("agents");
    let fired: HashSet<_> = runs.iter().filter_map(|run| run.agent_id.clone()).collect();
    assert_eq!(fired.len(), runs.len(), "each with an agent of its own");
    assert!(agents.len() <= runs.len() + 2, "and no agent beside them: {} agents", agents.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_followed_from_another_gateway_and_resumed_from_a_third() {
    let gateways = three(|_| {}).await;
    // Only the first one takes agents.
    let [first, second, third] = gateways.each_ref().map(|gateway| gateway.client_of(&gateways[0].key));
    let task = "[[echo delay_ms=100]] [[tool file_list]] [[then]] [[tool file_list]] [[then]] [[tool file_list]] [[then]] done";
    let agent = first.agents().spawn(scripted(task, &["file_list"])).await.expect("an agent");
    let mut events = second.agents().events(agent.id()).await.expect("a stream");
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.push(events.next().await.expect("more").expect("an event"));
    }
    drop(events);
    let last = seen.last().expect("two").id.clone();
    let mut events = third.agents().events_after(agent.id(), last).await.expect("a stream");
    while let Some(event) = events.next().await {
        seen.push(event.expect("an event"));
    }
    let whole = first.agents().events(agent.id()).await.expect("a stream").map(|event| event.expect("an event").id);
    let whole: Vec<_> = whole.collect().await;
    assert_eq!(seen.iter().map(|event| event.id.clone()).collect::<Vec<_>>(), whole, "none missed, none twice");
    let ended = second.agents().wait_for_completion(agent.id()).await.expect("its end");
    assert_eq!(ended.status, AgentStatus::Completed);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_cancelled_and_waited_for_wherever() {
    let gateways = three(|_| {}).await;
    let [first, second, third] = gateways.each_ref().map(|gateway| gateway.client_of(&gateways[0].key));
    let agent = first.agents().spawn(scripted("[[echo delay_ms=60000]] late", &[])).await.expect("an agent");
    let id = agent.id().to_owned();
    while first.agents().get(&id).await.expect("the agent").status != AgentStatus::Running {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let waiting = third.agents().wait_for_completion(&id);
    let (ended, cancelled) = tokio::join!(waiting.into_future(), second.agents().cancel(&id).into_future());
    assert_eq!(cancelled.expect("cancelled").status, AgentStatus::Cancelled);
    assert_eq!(ended.expect("its end").status, AgentStatus::Cancelled);
    // Whoever ran it hears of it, and is free for the next one.
    for gateway in &gateways {
        while gateway.app.agents.running() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_streamed_by_every_gateway_without_a_gap() {
    let gateways = three(|_| {}).await;
    let [first, second, third] = gateways.each_ref().map(|gateway| gateway.client_of(&gateways[0].key));
    let mut stream = third.events().stream().events(["message.sent"]).await.expect("a stream");
    let chats = (0..20).map(|number| {
        let client = if number % 2 == 0 { &first } else { &second };
        client.chat().send(message(&format!("s{number}"), "hi", "echo"))
    });
    let replies: HashSet<_> = join_all(chats).await.into_iter().map(|reply| reply.expect("a reply").id).collect();
    let mut told = HashSet::new();
    while told.len() < replies.len() {
        let event = tokio::time::timeout(Duration::from_secs(20), stream.next()).await.expect("in time");
        let event = event.expect("more").expect("an event");
        let openclaw_client::EventData::Message(message) = event.typed() else { panic!("{event:?}") };
        assert!(told.insert(message.message_id), "twice: {event:?}");
    }
    assert_eq!(told, replies);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_was_restored_elsewhere_is_put_in_order_at_the_start() {
    let gateway = Gateway::start().await;
    for number in 0..3 {
        gateway.client.chat().send(message("user_123", &number.to_string(), "echo")).await.expect("a reply");
    }
    let before = gateway.client.events().list().limit(100).all().await.expect("events");
    // So it looks where transactions are counted from the beginning again.
    gateway.texts("UPDATE events SET tx = tx + 1000000000").await;
    gateway.texts("UPDATE dispatched SET tx = tx + 1000000000").await;
    let other = gateway.beside(|_| {}).await;
    gateway.client.chat().send(message("user_123", "on", "echo")).await.expect("a reply");
    let after = other.client_of(&gateway.key).events().list().limit(100).all().await.expect("events");
    assert_eq!(after[..before.len()], before[..], "in the order in which they were stored");
    assert_eq!(after.len(), before.len() + 2, "and what comes now comes after them");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_a_row_goes_with_it() {
    let gateway = Gateway::start().await;
    for statement in [
        "INSERT INTO sessions (row, workspace, id, channel, message_count, created_at, updated_at)
         SELECT n, 'default', n, 'api', 0, 0, 0 FROM generate_series(1, 2) AS n",
        "INSERT INTO messages (session, seq, id, role, status, content, channel, created_at)
         SELECT n, 1, n, 'user', 'complete', '', 'api', 0 FROM generate_series(1, 2) AS n",
        "INSERT INTO endpoints (row, id, url, events, format, secrets, source, status, created_at, updated_at)
         SELECT n, n, '', '', '', '', 'api', 'disabled', 0, 0 FROM generate_series(1, 2) AS n",
        "INSERT INTO deliveries (row, id, workspace, event, event_id, event_name, endpoint, status, created_at)
         SELECT n, n, '', n, '', '', n, 'dead', 0 FROM generate_series(1, 2) AS n",
        "INSERT INTO attempts (delivery, number, started_at, duration_ms) SELECT n, 1, 0, 0 FROM generate_series(1, 2) AS n",
        "INSERT INTO journal (agent, seq, entry, created_at) SELECT n, 1, '', 0 FROM generate_series(1, 2) AS n",
        "INSERT INTO agents (row, id, workspace, key_id, status, root_id, depth, model, request, max_steps, max_tokens, created_at,
                             ended_at, expires_at)
         SELECT n, n, '', '', 'completed', n, 0, '', '{}', 1, 1, 0, 0, 0 FROM generate_series(1, 2) AS n",
    ] {
        gateway.texts(statement).await;
    }
    for parents in ["sessions", "endpoints", "agents"] {
        gateway.texts(&format!("DELETE FROM {parents} WHERE row = 1")).await;
    }
    for (children, parent) in
        [("messages", "session"), ("deliveries", "endpoint"), ("attempts", "delivery"), ("journal", "agent")]
    {
        let left = gateway.texts(&format!("SELECT {parent}::text FROM {children}")).await;
        assert_eq!(left, ["2"], "{children}");
    }
}
