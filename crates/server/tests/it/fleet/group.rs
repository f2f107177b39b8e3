//! What many want at once is one call of the database's: each has its own answer, and none is mixed up with another's.

use futures_util::future::join_all;
use openclaw::store::{
    BegunTurn, EndTurn, Ending, HistoryBounds, IdempotencyClaim, NewEvent, NewReply, NewTurn, OpenedTurn,
};
use openclaw_core::{EventName, IdKind, MessageStatus, Role, Timestamp, Usage};

use crate::gateway::Gateway;

const SESSIONS: usize = 30;

fn event(gateway: &Gateway, name: EventName) -> NewEvent {
    let id = gateway.app.clock.id(IdKind::Event);
    let payload = format!(r#"{{"event":"{}","id":"{id}"}}"#, name.as_str());
    NewEvent { id, name, payload, deliver_to: Vec::new() }
}

fn turn(gateway: &Gateway, session: &str, content: &str, key: Option<&str>) -> NewTurn {
    let now = gateway.app.clock.now();
    NewTurn {
        workspace: "default".into(),
        key_id: "key".into(),
        session_id: session.into(),
        message_id: gateway.app.clock.id(IdKind::Message),
        content: content.into(),
        channel: "api".into(),
        user: None,
        metadata: None,
        model: "echo".into(),
        session_created: event(gateway, EventName::SessionCreated),
        message_received: event(gateway, EventName::MessageReceived),
        history: HistoryBounds { messages_max: 3, bytes_max: 1000 },
        idempotency: key.map(|key| IdempotencyClaim {
            key: key.into(),
            request_hash: [7; 32],
            forget_before: Timestamp::from_millis(now.as_millis() - 60_000),
        }),
        may_be_stored: false,
        now,
    }
}

fn end(gateway: &Gateway, turn: &NewTurn, opened: &OpenedTurn, content: &str) -> EndTurn {
    EndTurn {
        workspace: turn.workspace.clone(),
        message_id: turn.message_id.clone(),
        session: opened.session,
        ending: Ending::Completed,
        model: "echo".into(),
        provider: None,
        usage: Usage { input_tokens: 3, output_tokens: 4 },
        estimated: false,
        reply: Some(NewReply {
            id: gateway.app.clock.id(IdKind::Message),
            content: content.into(),
            status: MessageStatus::Complete,
            finish_reason: None,
            channel: "api".into(),
            message_sent: Some(event(gateway, EventName::MessageSent)),
        }),
        idempotency: turn.idempotency.as_ref().map(|claim| (claim.key.clone(), Some(format!("answer to {content}")))),
        answers: None,
        now: gateway.app.clock.now(),
    }
}

/// Begins them all at the same moment.
async fn begin(gateway: &Gateway, turns: &[NewTurn]) -> Vec<BegunTurn> {
    let begun = turns.iter().map(|turn| gateway.app.store.begin_turn(turn.clone()));
    join_all(begun).await.into_iter().map(|begun| begun.expect("an outcome")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_that_come_together_are_each_begun_and_ended_as_if_alone() {
    let gateway = Gateway::start().await;
    // Twice for each session at once, for three rounds.
    for round in 0..3 {
        let content = |number: usize| format!("s{} says {round}", number % SESSIONS);
        let turns: Vec<_> = (0..2 * SESSIONS)
            .map(|number| turn(&gateway, &format!("s{}", number % SESSIONS), &content(number), None))
            .collect();
        let mut opened = Vec::new();
        for (number, begun) in begin(&gateway, &turns).await.into_iter().enumerate() {
            match begun {
                BegunTurn::Begun(turn) => opened.push((number, turn)),
                BegunTurn::Busy => {}
                other => panic!("{other:?}"),
            }
        }
        let sessions: std::collections::HashSet<_> = opened.iter().map(|(number, _)| number % SESSIONS).collect();
        assert_eq!((opened.len(), sessions.len()), (SESSIONS, SESSIONS), "one of the two, in each session");
        for (number, opened) in &opened {
            // The latest three, of this session and no other.
            let before: Vec<_> = (0..round)
                .flat_map(|round| {
                    let says = format!("s{} says {round}", number % SESSIONS);
                    [(Role::User, says.clone()), (Role::Assistant, format!("to {says}"))]
                })
                .collect();
            assert_eq!(opened.history, before[before.len().saturating_sub(3)..], "session {}", number % SESSIONS);
        }
        let ends = opened.iter().chain(&opened).map(|(number, opened)| {
            let turn = end(&gateway, &turns[*number], opened, &format!("to {}", content(*number)));
            gateway.app.store.end_turn(turn)
        });
        let ended: Vec<_> = join_all(ends).await.into_iter().map(|ended| ended.expect("an outcome")).collect();
        assert_eq!(ended.iter().filter(|ended| **ended).count(), SESSIONS, "each once");
    }
    let counts =
        gateway.texts("SELECT DISTINCT concat_ws(' ', message_count, input_tokens, output_tokens) FROM sessions");
    assert_eq!(counts.await, ["6 9 12"]);
    let told = "SELECT concat_ws(' ', name, count(*)) FROM events GROUP BY name ORDER BY name";
    assert_eq!(gateway.texts(told).await, ["message.received 90", "message.sent 90", "session.created 30"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_comes_twice_at_once_is_claimed_once_and_what_comes_with_it_is_begun() {
    let gateway = Gateway::start().await;
    let mut turns: Vec<_> = (0..20)
        .map(|number| turn(&gateway, &format!("s{number}"), "hi", Some(&format!("key {}", number / 2))))
        .collect();
    turns.push(turn(&gateway, "apart", "hi", None));
    let begun = begin(&gateway, &turns).await;
    let outcome = |begun: &BegunTurn| match begun {
        BegunTurn::Begun(_) => "begun",
        BegunTurn::InProgress => "in progress",
        _ => "another",
    };
    for pair in begun[..20].chunks(2) {
        let mut outcomes = [outcome(&pair[0]), outcome(&pair[1])];
        outcomes.sort_unstable();
        assert_eq!(outcomes, ["begun", "in progress"]);
    }
    assert_eq!(outcome(&begun[20]), "begun");
    // Their answers are kept, each for its key.
    let ends = turns.iter().zip(&begun).filter_map(|(turn, begun)| match begun {
        BegunTurn::Begun(opened) => Some(end(&gateway, turn, opened, &turn.session_id)),
        _ => None,
    });
    for ended in join_all(ends.map(|turn| gateway.app.store.end_turn(turn))).await {
        assert!(ended.expect("an outcome"));
    }
    for (number, again) in begin(&gateway, &turns[..20]).await.iter().enumerate() {
        let BegunTurn::Replayed(answer) = again else { panic!("{again:?}") };
        let pair = number - number % 2;
        assert!([pair, pair + 1].iter().any(|of| *answer == format!("answer to s{of}")), "{number}: {answer}");
    }
    let other = NewTurn {
        idempotency: turns[0].idempotency.clone().map(|claim| IdempotencyClaim { request_hash: [8; 32], ..claim }),
        ..turn(&gateway, "elsewhere", "ho", None)
    };
    assert!(matches!(begin(&gateway, &[other]).await[..], [BegunTurn::KeyReused]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_whose_session_was_deleted_meanwhile_is_booked_and_no_message_is_stored() {
    let gateway = Gateway::start().await;
    let turns = [turn(&gateway, "kept", "hi", None), turn(&gateway, "gone", "hi", None)];
    let begun = begin(&gateway, &turns).await;
    assert!(gateway.app.store.delete_session("default".into(), "gone".into()).await.expect("an outcome"));
    let ends = turns.iter().zip(&begun).map(|(turn, begun)| {
        let BegunTurn::Begun(opened) = begun else { panic!("{begun:?}") };
        gateway.app.store.end_turn(end(&gateway, turn, opened, "ho"))
    });
    for ended in join_all(ends).await {
        assert!(ended.expect("an outcome"), "its tokens are booked all the same");
    }
    let booked = "SELECT ending || ' ' || output_tokens FROM turns";
    assert_eq!(gateway.texts(booked).await, ["completed 4", "completed 4"]);
    let kept = "SELECT content FROM messages ORDER BY row";
    assert_eq!(gateway.texts(kept).await, ["hi", "ho"], "nothing of what was deleted");
}
