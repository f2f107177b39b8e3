-- Who is told of events. `workspace` is NULL for the operator's own, who is told of every workspace.
CREATE TABLE endpoints (
    row             INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE,
    workspace       TEXT,
    url             TEXT    NOT NULL,
    events          TEXT    NOT NULL,
    format          TEXT    NOT NULL,
    template        TEXT,
    description     TEXT,
    secrets         TEXT    NOT NULL,
    source          TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    disabled_reason TEXT,
    failing_since   INTEGER,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX endpoints_in_order ON endpoints (workspace, row);

-- One event to one endpoint; `due_at` is NULL once it has ended.
CREATE TABLE deliveries (
    row           INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL UNIQUE,
    workspace     TEXT    NOT NULL,
    event         INTEGER NOT NULL,
    event_id      TEXT    NOT NULL,
    event_name    TEXT    NOT NULL,
    endpoint      INTEGER NOT NULL REFERENCES endpoints (row) ON DELETE CASCADE,
    status        TEXT    NOT NULL,
    attempt_count INTEGER NOT NULL DEFAULT 0,
    due_at        INTEGER,
    created_at    INTEGER NOT NULL,
    ended_at      INTEGER
) STRICT;
CREATE INDEX deliveries_due ON deliveries (endpoint, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_of_event ON deliveries (endpoint, event);
CREATE INDEX deliveries_in_order ON deliveries (workspace, row);
CREATE INDEX deliveries_dead ON deliveries (workspace, row) WHERE status = 'dead';

CREATE TABLE attempts (
    delivery      INTEGER NOT NULL REFERENCES deliveries (row) ON DELETE CASCADE,
    number        INTEGER NOT NULL,
    started_at    INTEGER NOT NULL,
    duration_ms   INTEGER NOT NULL,
    status_code   INTEGER,
    response_body TEXT,
    error         TEXT,
    PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

-- How far events have been turned into deliveries. What was stored before webhooks is not told now.
CREATE TABLE dispatched (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL
) STRICT;
INSERT INTO dispatched SELECT 1, coalesce(max(seq), 0) FROM events;

-- Events are looked for by name, and rare ones lie far apart.
CREATE INDEX events_by_name ON events (workspace, name);
