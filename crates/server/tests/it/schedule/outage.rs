//! Slots that came while nobody was there: told, and the latest caught up with if it may be.

use openclaw_client::{CatchUp, CreateScheduleRequest, ScheduleRunStatus, SkipReason};

use super::{advance, create, every, gateway, runs, told, until};

#[tokio::test]
async fn of_what_was_missed_the_latest_fires_within_its_grace() {
    let gateway = gateway().await;
    let latest = create(&gateway, every(3600, "hi")).await.id;
    let none = create(&gateway, CreateScheduleRequest { catch_up: Some(CatchUp::None), ..every(3600, "hi") }).await.id;
    let short = create(&gateway, CreateScheduleRequest { grace: Some(600), ..every(3600, "hi") }).await.id;
    // Three hours and twenty minutes: slots at 00:59:30, 01:59:30 and 02:59:30.
    advance(&gateway, 3 * 3600 + 1200);
    let missed = |slot: &str| (slot.to_owned(), ScheduleRunStatus::Skipped, Some(SkipReason::Missed));
    let passed = [missed("2026-11-23T00:59:30Z"), missed("2026-11-23T01:59:30Z")];
    assert_eq!(told(&runs(&gateway, &latest, 2).await), passed, "the latest is put off");
    let all = [passed[0].clone(), passed[1].clone(), missed("2026-11-23T02:59:30Z")];
    assert_eq!(told(&runs(&gateway, &none, 3).await), all);
    assert_eq!(told(&runs(&gateway, &short, 3).await), all);

    advance(&gateway, 60);
    let three = runs(&gateway, &latest, 3).await;
    assert_eq!(told(&three)[2], ("2026-11-23T02:59:30Z".into(), ScheduleRunStatus::Fired, None));
    let agent_id = three[2].agent_id.as_deref().expect("an agent");
    gateway.client.agents().wait_for_completion(agent_id).await.expect("its end");
    advance(&gateway, 3600 - 1200 - 60);
    let four = until(&gateway, &latest, |runs| runs.len() == 4 && runs[3].status == ScheduleRunStatus::Fired).await;
    assert_eq!(four[3].slot.to_string(), "2026-11-23T03:59:30Z", "and goes on as before");
}

#[tokio::test]
async fn what_is_caught_up_with_after_an_outage_does_not_fire_all_at_once() {
    let gateway = gateway().await;
    let mut ids = Vec::new();
    for _ in 0..30 {
        ids.push(create(&gateway, every(3600, "hi")).await.id);
    }
    advance(&gateway, 3600 + 600);
    let mut fired = Vec::new();
    for _ in 0..60 {
        // What has come is settled or put off before the clock goes on.
        while gateway.app.store.next_slot_at().await.expect("a look").expect("a slot") <= gateway.app.clock.now() {
            tokio::task::yield_now().await;
        }
        advance(&gateway, 1);
    }
    for id in &ids {
        fired.push(runs(&gateway, id, 1).await[0].at);
    }
    fired.sort();
    let span = fired.last().expect("some").as_millis() - fired[0].as_millis();
    assert!(span > 20_000, "30 slots fired within {span} ms");
}

#[tokio::test]
async fn a_long_outage_is_one_entry_with_a_count() {
    let gateway = gateway().await;
    let id = create(&gateway, every(60, "hi")).await.id;
    advance(&gateway, 86_400);
    let both = runs(&gateway, &id, 2).await;
    assert_eq!((both[0].count, both[0].reason), (1439, Some(SkipReason::Missed)), "{both:?}");
    assert_eq!(both[0].slot.to_string(), "2026-11-23T00:00:30Z");
    assert_eq!(both[0].last_slot.expect("the last").to_string(), "2026-11-23T23:58:30Z");
    assert_eq!(both[1].slot.to_string(), "2026-11-23T23:59:30Z", "the slot of now fires");
    let events = gateway.client.events().list().events(["schedule.skipped"]).all().await.expect("events");
    assert_eq!((events.len(), &events[0].data["count"]), (1, &serde_json::json!(1439)));
}
