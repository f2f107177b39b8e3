-- Schedules. `request` is what was asked for, JSON, the defaults filled in. Spans of `every` are counted from `anchor`.
-- `next_slot` is the slot to settle next and `next_at` when; `is_late` if it is being caught up with. NULL: there is none.
CREATE TABLE schedules (
    row        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL UNIQUE,
    workspace  TEXT    NOT NULL,
    key_id     TEXT    NOT NULL,
    source     TEXT    NOT NULL,
    request    TEXT    NOT NULL,
    anchor     INTEGER NOT NULL,
    next_slot  INTEGER,
    next_at    INTEGER,
    is_late    INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX schedules_due ON schedules (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX schedules_in_order ON schedules (workspace, row);

-- What became of slots. A slot has one row, whoever settles it: that is what keeps it from firing twice. A row may tell of
-- several slots that were skipped in a row, up to `last_slot`.
CREATE TABLE schedule_runs (
    row       INTEGER PRIMARY KEY AUTOINCREMENT,
    schedule  INTEGER NOT NULL REFERENCES schedules (row) ON DELETE CASCADE,
    slot      INTEGER NOT NULL,
    last_slot INTEGER,
    slots     INTEGER NOT NULL,
    status    TEXT    NOT NULL,
    cause     TEXT    NOT NULL,
    agent_id  TEXT,
    reason    TEXT,
    message   TEXT,
    at        INTEGER NOT NULL,
    UNIQUE (schedule, slot)
) STRICT;
CREATE INDEX schedule_runs_in_order ON schedule_runs (schedule, row);
CREATE INDEX schedule_runs_waiting ON schedule_runs (schedule, row) WHERE status = 'waiting';

-- Whose slot spawned it.
ALTER TABLE agents ADD COLUMN schedule INTEGER;
CREATE INDEX agents_of_schedule ON agents (schedule) WHERE schedule IS NOT NULL AND ended_at IS NULL;

-- Ids of endpoints that are told whatever they subscribe to, with blanks between them.
ALTER TABLE events ADD COLUMN deliver_to TEXT;
