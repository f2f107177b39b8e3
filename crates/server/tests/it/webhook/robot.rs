//! Robots and restarts: what one was sent before counts after.

use std::sync::Arc;
use std::time::Duration;

use openclaw::clock::Clock;
use openclaw::config::EndpointConfig;
use openclaw::store::{self, Opener};
use openclaw::webhook;
use openclaw_bench::robot::{Robot, RobotKind};
use openclaw_core::{EndpointFormat, Timestamp};
use tempfile::TempDir;

use super::super::gateway::Gateway;
use super::{chat, named};

const START: Timestamp = Timestamp::from_millis(1_776_427_200_000);

async fn start(clock: &Clock, endpoint: EndpointConfig, folder: &TempDir) -> Gateway {
    let gateway = Gateway::at(clock.clone(), |config| {
        config.webhooks.endpoints = vec![endpoint];
        config.storage.url = format!("sqlite:{}", folder.path().join("openclaw.db").display());
    });
    let gateway = gateway.await;
    gateway.app.tasks.spawn(webhook::run(Arc::clone(&gateway.app)));
    while gateway.app.endpoints.load().is_empty() {
        tokio::task::yield_now().await;
    }
    gateway
}

/// Sends one message after the other until the robot has so many.
async fn tell(gateway: &Gateway, robot: &Robot, count: usize) {
    while robot.requests() < count {
        let before = robot.requests();
        gateway.app.clock.advance(Duration::from_millis(100));
        robot.set_time(gateway.app.clock.now().as_millis());
        chat(gateway, "hi").await;
        while robot.requests() == before {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_restart_does_not_make_the_gateway_overrun_a_robot() {
    let robot = Robot::start(RobotKind::Dingtalk).await;
    let clock = Clock::manual(START);
    let endpoint = EndpointConfig {
        format: Some(EndpointFormat::Dingtalk),
        secret: None,
        ..named(&robot.url(), &["message.sent"])
    };
    let folder = TempDir::new().expect("a folder");
    let first = start(&clock, endpoint.clone(), &folder).await;
    let storage = first.app.live.load().config.storage.clone();
    // DingTalk takes 20 a minute.
    tell(&first, &robot, 20).await;
    let done = async |gateway: &Gateway| super::deliveries(gateway, "status=succeeded&limit=100").await.len();
    while done(&first).await < 20 {
        tokio::task::yield_now().await;
    }
    first.app.tasks.drain(&Clock::system(), Duration::from_secs(10)).await;
    drop(first);
    while store::open(&storage, Opener::Gateway).await.is_err() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    let second = start(&clock, endpoint, &folder).await;
    chat(&second, "one more").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(robot.requests(), 20, "the minute is spent, also for the gateway that follows");
    let later = Duration::from_secs(67);
    clock.advance(later);
    robot.set_time(clock.now().as_millis());
    second.app.delivery_due.ring();
    while done(&second).await < 21 {
        tokio::task::yield_now().await;
    }
    assert_eq!(robot.requests(), 21);
}
