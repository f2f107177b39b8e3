-- What came in by channels, from its receipt until its reply was taken. One row an update, so none is stored twice; the
-- latest rows are how far the platform has been read. `message_id` names the turn before it begins. A row that has ended
-- holds no text.
CREATE TABLE channel_messages (
    row        INTEGER PRIMARY KEY AUTOINCREMENT,
    account    TEXT    NOT NULL,
    update_id  INTEGER NOT NULL,
    message_id TEXT    NOT NULL,
    payload    TEXT    NOT NULL,
    reply      TEXT,
    sent       INTEGER NOT NULL DEFAULT 0,
    phase      TEXT    NOT NULL DEFAULT 'idle',
    created_at INTEGER NOT NULL,
    ended_at   INTEGER,
    UNIQUE (account, update_id)
) STRICT;
CREATE INDEX channel_messages_open ON channel_messages (account, row) WHERE ended_at IS NULL;
