//! One process owns the file, so there is no fleet.

use super::Sqlite;
use crate::store::FleetStore;

impl FleetStore for Sqlite {}
