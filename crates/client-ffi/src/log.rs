//! What calls tell of themselves, kept until it is taken.
//!
//! No thread of the runtime may call a language's logger, so a line waits here until its language has something to fetch
//! anyhow: a reply, a batch. It keeps the time at which it was told.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use openclaw_client::raw::LogRecord;

/// Lines that are kept at most, some 300 KiB; the oldest go first.
const RECORDS_MAX: usize = 1000;

/// The log of one client.
#[derive(Default)]
pub(crate) struct Log(Mutex<VecDeque<LogRecord>>);

impl Log {
    pub(crate) fn push(&self, record: LogRecord) {
        let mut records = self.lock();
        if records.len() == RECORDS_MAX {
            records.pop_front();
        }
        records.push_back(record);
    }

    /// All that was told since, as a JSON array; `None` if nothing was.
    pub(crate) fn take(&self) -> Option<String> {
        let records = std::mem::take(&mut *self.lock());
        (!records.is_empty()).then(|| serde_json::to_string(&records).expect("text and numbers can be written as JSON"))
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<LogRecord>> {
        // Nothing under the lock can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use openclaw_client::raw::LogLevel;

    use super::*;

    #[test]
    fn what_is_told_is_taken_once_and_the_newest_is_kept() {
        let log = Log::default();
        assert_eq!(log.take(), None);
        for attempt in 1..=1500 {
            log.push(LogRecord {
                level: LogLevel::Info,
                time_ms: 1,
                message: "told".into(),
                method: "GET".into(),
                path: "/api/v1/status".into(),
                attempt,
                status: Some(200),
                duration_ms: None,
                request_id: None,
                error: None,
                wait_ms: None,
            });
        }
        let records: Vec<serde_json::Value> = serde_json::from_str(&log.take().unwrap()).unwrap();
        assert_eq!(
            (records.len(), &records[0]["attempt"], &records[999]["attempt"]),
            (1000, &501.into(), &1500.into())
        );
        let first = r#"{"attempt":501,"level":"info","message":"told","method":"GET","path":"/api/v1/status","status":200,"time_ms":1}"#;
        assert_eq!(records[0].to_string(), first);
        assert_eq!(log.take(), None);
    }
}
