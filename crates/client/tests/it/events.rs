//! Events: read back, and followed over as many connections as it takes.

use std::time::Duration;

use futures_util::StreamExt;
use openclaw_client::{Error, ErrorType, EventData};

use crate::stand_in::{Act, STREAM_END, STREAM_HEAD, StandIn, failure, ok, piece};

fn event(id: u32) -> String {
    format!(
        r#"{{"event":"system.error","timestamp":"2026-04-17T01:20:00Z","data":{{"code":"c","message":"m"}},"id":"evt_{id}"}}"#
    )
}

fn sent(id: u32) -> String {
    piece(&format!("event: system.error\nid: evt_{id}\ndata: {}\n\n", event(id)))
}

fn stream(pieces: &[String]) -> String {
    STREAM_HEAD.to_owned() + &pieces.concat()
}

#[tokio::test]
async fn events_are_listed_by_name_and_got_by_id() {
    let page = ok(&format!(r#"{{"data":[{}],"has_more":false}}"#, event(1)));
    let gateway = StandIn::start(vec![page, ok(&event(1))]).await;
    let events = gateway.client().events();
    let listed = events.list().events(["message.*", "system.error"]).after("evt_0").all().await.unwrap();
    assert!(matches!(listed[0].typed(), EventData::Fault(_)));
    assert_eq!(events.get("evt_1").await.unwrap(), listed[0]);
    let lines: Vec<String> = gateway.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(lines, ["GET /api/v1/events?events=message.*%2Csystem.error&after=evt_0", "GET /api/v1/events/evt_1"]);
}

#[tokio::test]
async fn a_broken_stream_is_taken_up_after_the_last_event() {
    let ping = piece(": ping\n\n");
    let gateway = StandIn::start(vec![
        Act::Answer(stream(&[sent(1), sent(2)]) + STREAM_END),
        failure("503 Service Unavailable", "", "overloaded_error", "shutting_down"),
        Act::Cut(String::new()),
        Act::Cut(stream(&[ping])),
        Act::Stall(stream(&[sent(3)])),
    ])
    .await;
    let client = gateway.builder().idle_timeout(Duration::from_secs(5)).build().unwrap();
    let mut events = client.events().stream().events(["system.*"]).after("evt_0").await.unwrap();
    for id in ["evt_1", "evt_2", "evt_3"] {
        assert_eq!(events.next().await.unwrap().unwrap().id, id);
        assert_eq!(events.last_id(), Some(id));
    }
    let seen = gateway.seen();
    let after: Vec<_> = seen.iter().map(|request| request.header("last-event-id").unwrap()).collect();
    assert_eq!(after, ["evt_0", "evt_2", "evt_2", "evt_2", "evt_2"]);
    assert!(seen.iter().all(|request| request.line == "GET /api/v1/events/stream?events=system.*"), "{seen:?}");
}

#[tokio::test]
async fn a_stream_that_breaks_before_its_first_event_goes_on_where_it_began() {
    let begun = stream(&[piece(": ping\n\n")]).replacen("\r\n", "\r\nlast-event-id: evt_0\r\n", 1);
    let gateway = StandIn::start(vec![Act::Cut(begun), Act::Stall(stream(&[sent(1)]))]).await;
    let mut events = gateway.client().events().stream().await.unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().id, "evt_1");
    let seen = gateway.seen();
    assert_eq!((seen[0].header("last-event-id"), seen[1].header("last-event-id")), (None, Some("evt_0")));
}

#[tokio::test]
async fn the_events_of_an_agent_whose_last_is_past_end_at_once() {
    let none = || Act::Answer("HTTP/1.1 204 No Content\r\n\r\n".into());
    let gateway = StandIn::start(vec![none(), Act::Cut(stream(&[sent(1)])), none()]).await;
    let agents = gateway.client().agents();
    assert!(agents.events_after("agt_1", "evt_9").await.unwrap().next().await.is_none());
    let mut broken = agents.events("agt_1").await.unwrap();
    assert_eq!(broken.next().await.unwrap().unwrap().id, "evt_1");
    assert!(broken.next().await.is_none());
    assert_eq!(gateway.seen().len(), 3);
}

#[tokio::test]
async fn a_silent_stream_is_taken_up_and_a_dropped_one_is_closed() {
    let mut gateway = StandIn::start(vec![Act::Stall(stream(&[sent(1)])), Act::Stall(stream(&[sent(2)]))]).await;
    let client = gateway.builder().idle_timeout(Duration::from_millis(50)).build().unwrap();
    let mut events = client.events().stream().await.unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().id, "evt_1");
    assert_eq!(events.next().await.unwrap().unwrap().id, "evt_2");
    gateway.hung_up().await;
    drop(events);
    gateway.hung_up().await;
    let seen = gateway.seen();
    assert_eq!((seen[0].header("last-event-id"), seen[1].header("last-event-id")), (None, Some("evt_1")));
}

#[tokio::test]
async fn what_does_not_pass_ends_the_stream_once() {
    let refused = failure("401 Unauthorized", "", "authentication_error", "key_invalid");
    let nonsense = Act::Stall(stream(&[piece("event: x\ndata: {\n\n")]));
    for (act, kind) in [(refused, Some(ErrorType::AuthenticationError)), (nonsense, None), (ok("{}"), None)] {
        let gateway = StandIn::start(vec![Act::Cut(stream(&[sent(1)])), act]).await;
        let events = gateway.client().events().stream().await.unwrap().collect::<Vec<_>>().await;
        assert_eq!(events.len(), 2, "{events:?}");
        let error = events[1].as_ref().unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
        assert!(kind.is_some() || matches!(error, Error::Decode { .. }), "{error:?}");
        assert_eq!(gateway.seen().len(), 2);
    }
}

#[tokio::test]
async fn a_gateway_that_never_says_anything_is_given_up() {
    let gateway = StandIn::start(vec![Act::Cut(stream(&[sent(1)])), Act::Cut(stream(&[]))]).await;
    let client = gateway.builder().max_retries(0).build().unwrap();
    let events = client.events().stream().await.unwrap().collect::<Vec<_>>().await;
    assert!(matches!(events[..], [Ok(_), Err(Error::Interrupted { .. })]), "{events:?}");
    assert_eq!(gateway.seen().len(), 1 + 10, "ten connections brought nothing");
}
