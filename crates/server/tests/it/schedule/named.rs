//! Schedules of the configuration: seen and run by API, changed in the file alone.

use openclaw::config::{Config, ScheduleConfig, ScheduledAgentConfig};
use openclaw::service::{endpoint, schedule};
use openclaw_client::{Error, ScheduleRunStatus, ScheduleSource, UpdateScheduleRequest};

use super::{Gateway, advance, gateway, runs};

fn morning(task: &str) -> ScheduleConfig {
    ScheduleConfig {
        cron: Some("0 8 * * *".into()),
        at: None,
        every: None,
        timezone: Some("Asia/Shanghai".into()),
        agent: ScheduledAgentConfig {
            task: task.into(),
            instructions: None,
            model: None,
            skills: Vec::new(),
            timeout: None,
            max_steps: None,
            max_tokens: None,
        },
        deliver_to: Vec::new(),
        overlap: None,
        catch_up: None,
        grace: None,
        jitter: None,
        enabled: true,
    }
}

/// Puts a configuration in force as a reload does.
async fn reload(gateway: &Gateway, change: impl FnOnce(&mut Config)) {
    let mut config = gateway.app.live.load().config.clone();
    change(&mut config);
    gateway.app.reload(config.clone()).expect("it is in force");
    endpoint::apply(&gateway.app, &config).await.expect("its endpoints");
    schedule::apply(&gateway.app, &config).await.expect("its schedules");
}

#[tokio::test]
async fn the_file_s_schedules_fire_and_only_the_file_changes_them() {
    let gateway = gateway().await;
    reload(&gateway, |config| {
        config.schedules.insert("morning".into(), morning("good morning"));
    })
    .await;
    let schedules = gateway.client.schedules();
    let listed = schedules.list().all().await.expect("a list");
    let [named] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((named.name.as_str(), named.source), ("morning", ScheduleSource::Config));
    let pause = UpdateScheduleRequest { enabled: Some(false), ..UpdateScheduleRequest::default() };
    let code = |error: Error| error.code().map(str::to_owned);
    let refused = schedules.update(&named.id, pause).await.expect_err("the file's");
    assert_eq!(code(refused).as_deref(), Some("schedule_of_configuration"));
    assert!(schedules.delete(&named.id).await.is_err());
    assert_eq!(schedules.run(&named.id).await.expect("a run").status, ScheduleRunStatus::Fired);

    advance(&gateway, 30);
    runs(&gateway, &named.id, 2).await;
    // The same again: what has fired is not forgotten.
    reload(&gateway, |_| {}).await;
    let again = schedules.get(&named.id).await.expect("it");
    assert_eq!(again.next_fire_times[0].to_string(), "2026-11-24T00:00:00Z");
    reload(&gateway, |config| {
        config.schedules.insert("morning".into(), ScheduleConfig { cron: Some("0 9 * * *".into()), ..morning("hi") });
    })
    .await;
    let changed = schedules.get(&named.id).await.expect("it");
    assert_eq!(
        (changed.agent.task.as_str(), changed.next_fire_times[0].to_string()),
        ("hi", "2026-11-23T01:00:00Z".into())
    );
    assert_eq!(runs(&gateway, &named.id, 2).await.len(), 2, "its history stays");
    reload(&gateway, |config| config.schedules.clear()).await;
    assert!(schedules.list().all().await.expect("a list").is_empty());
}
