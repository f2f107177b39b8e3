//! The folders that are there now: looked for at start, and again every few seconds.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;

use super::scan::{Found, scan};
use super::{Folder, FolderSkill};
use crate::clock::Clock;
use crate::tasks::Tasks;

/// Between two looks: soon enough for somebody who writes a skill, seldom enough to cost nothing.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Every `SKILL.md` folder.
pub(in crate::skill) struct Shelf {
    roots: Vec<PathBuf>,
    folders: ArcSwap<BTreeMap<String, Folder>>,
    /// What was told in the log.
    warned: Mutex<Vec<String>>,
    tasks: Tasks,
}

impl Shelf {
    /// Looks once, and then from time to time for as long as it is kept.
    pub(in crate::skill) fn new(roots: Vec<PathBuf>, clock: Clock, tasks: &Tasks) -> Arc<Self> {
        let shelf =
            Arc::new(Self { roots, folders: ArcSwap::default(), warned: Mutex::default(), tasks: tasks.clone() });
        shelf.take(scan(&shelf.roots));
        tasks.spawn(watch(Arc::downgrade(&shelf), clock, tasks.clone()));
        shelf
    }

    /// The folder of that name.
    pub(in crate::skill) fn find(&self, name: &str) -> Option<FolderSkill> {
        let folder = self.folders.load().get(name)?.clone();
        Some(FolderSkill { folder, tasks: self.tasks.clone() })
    }

    /// All of them, sorted by name.
    pub(in crate::skill) fn all(&self) -> Vec<FolderSkill> {
        let folders = self.folders.load();
        folders.values().map(|folder| FolderSkill { folder: folder.clone(), tasks: self.tasks.clone() }).collect()
    }

    fn take(&self, found: Found) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        for warning in found.warnings.iter().filter(|warning| !warned.contains(warning)) {
            tracing::warn!("{warning}");
        }
        *warned = found.warnings;
        if **self.folders.load() != found.folders {
            self.folders.store(Arc::new(found.folders));
        }
    }
}

async fn watch(shelf: Weak<Shelf>, clock: Clock, tasks: Tasks) {
    loop {
        tokio::select! {
            () = clock.sleep(LOOK_EVERY) => {}
            () = tasks.draining().cancelled() => return,
        }
        let Some(roots) = shelf.upgrade().map(|shelf| shelf.roots.clone()) else { return };
        let found = tasks.block(move || scan(&roots)).await;
        if let (Some(shelf), Ok(found)) = (shelf.upgrade(), found) {
            shelf.take(found);
        }
    }
}
