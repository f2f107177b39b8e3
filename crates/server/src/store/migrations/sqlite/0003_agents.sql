-- Agents: one row each. `place` says who may move it on: `ready` (it waits for a runner), `held` (a runner has it, in the
-- epoch of its claim), `parked` (it waits for children or for its caller); NULL once it has ended.
CREATE TABLE agents (
    row               INTEGER PRIMARY KEY AUTOINCREMENT,
    id                TEXT    NOT NULL UNIQUE,
    workspace         TEXT    NOT NULL,
    key_id            TEXT    NOT NULL,
    status            TEXT    NOT NULL,
    place             TEXT,
    epoch             INTEGER NOT NULL DEFAULT 0,
    -- Entries of its journal, and the latest one whose text a limit would keep.
    journal_length    INTEGER NOT NULL DEFAULT 0,
    found             INTEGER,
    parent            INTEGER,
    parent_id         TEXT,
    parent_call       TEXT,
    root_id           TEXT    NOT NULL,
    depth             INTEGER NOT NULL,
    session_id        TEXT,
    model             TEXT    NOT NULL,
    -- The vendor's name of the model that answered last.
    answered_by       TEXT,
    -- The request as it was taken, JSON: defaults and the parent's bounds filled in.
    request           TEXT    NOT NULL,
    max_steps         INTEGER NOT NULL,
    max_tokens        INTEGER NOT NULL,
    input_tokens      INTEGER NOT NULL DEFAULT 0,
    output_tokens     INTEGER NOT NULL DEFAULT 0,
    steps             INTEGER NOT NULL DEFAULT 0,
    tool_calls        INTEGER NOT NULL DEFAULT 0,
    -- Tokens that ended children used, and that living ones may still use.
    children_used     INTEGER NOT NULL DEFAULT 0,
    children_reserved INTEGER NOT NULL DEFAULT 0,
    -- Of a parent that waits: how many of the children it awaits must still end. Of a child: whether it is awaited.
    wakes_after       INTEGER NOT NULL DEFAULT 0,
    awaited           INTEGER NOT NULL DEFAULT 0,
    required_actions  TEXT,
    -- How it ended, JSON.
    ending            TEXT,
    created_at        INTEGER NOT NULL,
    started_at        INTEGER,
    ended_at          INTEGER,
    expires_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX agents_in_order ON agents (workspace, row);
CREATE INDEX agents_ready ON agents (row) WHERE place = 'ready';
CREATE INDEX agents_by_deadline ON agents (expires_at) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX agents_of_parent ON agents (parent, parent_call) WHERE parent_call IS NOT NULL;
CREATE INDEX agents_below ON agents (parent) WHERE parent IS NOT NULL;
CREATE INDEX agents_of_root ON agents (root_id);

-- What an agent did, in order: intent, effect, outcome. Only ever appended to.
CREATE TABLE journal (
    agent      INTEGER NOT NULL REFERENCES agents (row) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    entry      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (agent, seq)
) STRICT, WITHOUT ROWID;

-- Whose event it is, where it is an agent's.
ALTER TABLE events ADD COLUMN agent INTEGER;
CREATE INDEX events_of_agent ON events (agent, seq) WHERE agent IS NOT NULL;
