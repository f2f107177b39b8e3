//! Reloading, with the time moved by hand.

use std::future::Future;
use std::os::unix::fs::symlink;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use openclaw::clock::Clock;
use openclaw::config::{Config, Source, Watcher};
use openclaw_core::Timestamp;

use super::{File, environment};

/// A watched file and the clock of its watcher; one at a time, since a hangup reaches every watcher of the process.
struct Watched {
    clock: Clock,
    watcher: Watcher,
    _alone: MutexGuard<'static, ()>,
}

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watched {
    fn new(source: Source) -> Self {
        let clock = Clock::manual(Timestamp::from_millis(0));
        let loaded = source.load().unwrap();
        Self { _alone: alone(), watcher: Watcher::new(source, &loaded, clock.clone()).unwrap(), clock }
    }

    /// The port of the configuration that some seconds bring, if they bring one. Each second the wait is dropped.
    fn port_after(&mut self, seconds: u32) -> Option<u16> {
        (0..seconds).find_map(|_| {
            let config = poll(self.watcher.changed());
            self.clock.advance(Duration::from_secs(1));
            config.map(|config| config.gateway.api.port)
        })
    }
}

fn poll(changed: impl Future<Output = Config>) -> Option<Config> {
    match pin!(changed).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(config) => Some(config),
        Poll::Pending => None,
    }
}

fn yaml(port: u16) -> String {
    format!("gateway:\n  api:\n    port: {port}\n")
}

#[tokio::test]
async fn an_edited_file_is_read_once_it_stands_still() {
    let file = File::new(&yaml(1));
    let mut watched = Watched::new(file.source());
    assert_eq!(watched.port_after(5), None);

    file.write("");
    assert_eq!(watched.port_after(1), None, "an editor has emptied the file and is about to fill it");
    file.write(&yaml(2));
    assert_eq!(watched.port_after(1), None);
    assert_eq!(watched.port_after(1), Some(2));
    file.write(&yaml(2));
    assert_eq!(watched.port_after(5), None, "the same text again is no change");
}

#[tokio::test]
async fn a_change_between_loading_and_watching_is_seen() {
    let file = File::new(&yaml(1));
    let source = file.source();
    let loaded = source.load().unwrap();
    file.write(&yaml(2));
    let clock = Clock::manual(Timestamp::from_millis(0));
    let watcher = Watcher::new(source, &loaded, clock.clone()).unwrap();
    assert_eq!(Watched { _alone: alone(), clock, watcher }.port_after(2), Some(2));
}

#[tokio::test]
async fn a_bad_file_changes_nothing_until_it_is_mended() {
    let file = File::new(&yaml(1));
    let mut watched = Watched::new(file.source());
    file.write("gateway:\n  api:\n    prot: 2\n");
    assert_eq!(watched.port_after(5), None);
    std::fs::remove_file(file.path()).unwrap();
    assert_eq!(watched.port_after(5), None);
    file.write(&yaml(3));
    assert_eq!(watched.port_after(2), Some(3));
}

#[tokio::test]
async fn a_replaced_file_is_seen() {
    let file = File::new(&yaml(1));
    let mut watched = Watched::new(file.source());
    assert_eq!(watched.port_after(3), None);
    let other = file.folder.path().join("new.yaml");
    std::fs::write(&other, yaml(2)).unwrap();
    std::fs::rename(&other, file.path()).unwrap();
    assert_eq!(watched.port_after(2), Some(2));
}

#[tokio::test]
async fn a_swapped_kubernetes_volume_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (version, port) in [("..1", 1), ("..2", 2)] {
        std::fs::create_dir(at(version)).unwrap();
        std::fs::write(at(version).join("config.yaml"), yaml(port)).unwrap();
    }
    symlink("..1", at("..data")).unwrap();
    symlink("..data/config.yaml", at("config.yaml")).unwrap();
    let mut watched = Watched::new(Source::find(Some(at("config.yaml")), environment()));
    assert_eq!(watched.port_after(3), None);

    symlink("..2", at("..data_tmp")).unwrap();
    std::fs::rename(at("..data_tmp"), at("..data")).unwrap();
    std::fs::remove_dir_all(at("..1")).unwrap();
    assert_eq!(watched.port_after(2), Some(2));
}

#[tokio::test]
async fn a_hangup_reads_the_file_at_once() {
    let file = File::new(&yaml(1));
    let mut watched = Watched::new(file.source());
    assert_eq!(watched.port_after(3), None);
    file.write(&yaml(2));
    let kill = std::process::Command::new("kill").args(["-HUP", &std::process::id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(watched.watcher.changed().await.gateway.api.port, 2);
}
