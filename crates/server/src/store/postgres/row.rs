//! Rows read: columns by number, each as what the services take it for.

use openclaw_core::Timestamp;
use serde::de::DeserializeOwned;
use tokio_postgres::types::FromSql;

use crate::store::{PageQuery, Rows, StoreError};

/// Whose id is `$2` in the workspace `$1`. Written so, a row is found by its id, whatever the planner thinks of a table that it has
/// not counted yet, and not by going through all of the workspace.
pub(super) const BY_ID: &str = "id = $2 AND coalesce(workspace, '') = $1";

/// A row of an answer.
pub(super) struct Row(pub(super) tokio_postgres::Row);

impl Row {
    /// A column of that very type.
    pub(super) fn get<'a, T: FromSql<'a>>(&'a self, column: usize) -> Result<T, StoreError> {
        self.0.try_get(column).map_err(StoreError::from)
    }

    /// A whole number of any size.
    pub(super) fn number<T: TryFrom<i64>>(&self, column: usize) -> Result<T, StoreError> {
        let number: i64 = self.get(column)?;
        T::try_from(number).map_err(|_| unreadable(column, format!("{number} is out of range")))
    }

    /// A whole number, if there is one.
    pub(super) fn number_or_none<T: TryFrom<i64>>(&self, column: usize) -> Result<Option<T>, StoreError> {
        match self.get::<Option<i64>>(column)? {
            None => Ok(None),
            Some(_) => self.number(column).map(Some),
        }
    }

    /// A moment.
    pub(super) fn moment(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.get(column).map(Timestamp::from_millis)
    }

    /// A moment, if there is one.
    pub(super) fn moment_or_none(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.get::<Option<i64>>(column)?.map(Timestamp::from_millis))
    }

    /// A word of a closed set.
    pub(super) fn word<T>(&self, column: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let word: &str = self.get(column)?;
        parse(word).ok_or_else(|| unreadable(column, format!("an unknown word: {word}")))
    }

    /// A value of ours, kept as JSON, if there is one.
    pub(super) fn json_or_none<T: DeserializeOwned>(&self, column: usize) -> Result<Option<T>, StoreError> {
        let Some(text) = self.get::<Option<&str>>(column)? else { return Ok(None) };
        serde_json::from_str(text).map(Some).map_err(|error| unreadable(column, error.to_string()))
    }
}

fn unreadable(column: usize, why: impl std::fmt::Display) -> StoreError {
    StoreError::Engine(format!("column {column} cannot be read: {why}"))
}

/// A number as a column holds it; what is larger than the largest is that.
pub(super) fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A text as a column can hold it: PostgreSQL keeps no NUL, which becomes the mark of what cannot be shown.
pub(super) fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Reads a cursor as the row number that it holds.
pub(super) fn cursor(page: &PageQuery) -> Result<Option<i64>, StoreError> {
    page.after.as_deref().map(|after| after.parse().map_err(|_| StoreError::BadCursor)).transpose()
}

/// Rows of a page and one more, which tells that there is more.
pub(super) fn limit(page: &PageQuery) -> i64 {
    i64::from(page.limit) + 1
}

/// Makes a page of up to one row more than was asked for; the first column is the row number.
pub(super) fn page<T>(
    found: &[Row],
    limit: u32,
    read: impl Fn(&Row) -> Result<T, StoreError>,
) -> Result<Rows<T>, StoreError> {
    let shown = &found[..found.len().min(limit as usize)];
    let next = if found.len() > shown.len() { shown.last() } else { None };
    let next = next.map(|row| row.get::<i64>(0)).transpose()?.map(|row| row.to_string());
    Ok(Rows { data: shown.iter().map(read).collect::<Result<_, _>>()?, next })
}
