-- Times are milliseconds since 1970. Released migrations are never edited.

CREATE TABLE keys (
    row        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    workspace  TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    hash       BLOB    NOT NULL UNIQUE,
    hint       TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE TABLE sessions (
    row           INTEGER PRIMARY KEY,
    workspace     TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    title         TEXT,
    channel       TEXT    NOT NULL,
    metadata      TEXT    NOT NULL DEFAULT '{}',
    model         TEXT,
    message_count INTEGER NOT NULL,
    input_tokens  INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    UNIQUE (workspace, id)
) STRICT;
CREATE INDEX sessions_in_order ON sessions (workspace, row);

CREATE TABLE messages (
    row           INTEGER PRIMARY KEY,
    session       INTEGER NOT NULL REFERENCES sessions (row) ON DELETE CASCADE,
    seq           INTEGER NOT NULL,
    id            TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    content       TEXT    NOT NULL,
    channel       TEXT    NOT NULL,
    user_id       TEXT,
    username      TEXT,
    model         TEXT,
    input_tokens  INTEGER,
    output_tokens INTEGER,
    finish_reason TEXT,
    metadata      TEXT,
    created_at    INTEGER NOT NULL,
    UNIQUE (session, seq)
) STRICT;

-- The ledger: one row a turn, named by the user's message, and one ending. It outlives the session.
CREATE TABLE turns (
    id            TEXT    NOT NULL PRIMARY KEY,
    workspace     TEXT    NOT NULL,
    key_id        TEXT    NOT NULL,
    session       INTEGER NOT NULL,
    message_bytes INTEGER NOT NULL,
    model         TEXT    NOT NULL,
    provider      TEXT,
    ending        TEXT,
    input_tokens  INTEGER NOT NULL DEFAULT 0,
    output_tokens INTEGER NOT NULL DEFAULT 0,
    estimated     INTEGER NOT NULL DEFAULT 0,
    begun_at      INTEGER NOT NULL,
    ended_at      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX turns_open ON turns (session) WHERE ending IS NULL;
CREATE INDEX turns_by_day ON turns (workspace, begun_at);

-- Facts, in the order in which they were committed; `payload` is what is sent, unsigned.
CREATE TABLE events (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT    NOT NULL UNIQUE,
    workspace  TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    payload    TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- `answer` is NULL while the call is under way.
CREATE TABLE idempotency (
    workspace    TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    request_hash BLOB    NOT NULL,
    turn         TEXT    NOT NULL,
    answer       TEXT,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (workspace, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
