-- The number of the latest transaction that was committed with each mark: whoever does not hear what became of a commit asks here.
-- PostgreSQL's own transaction numbers would not do: one that a crashed server had not logged, or a stand-by had not received, is
-- given to another transaction afterwards.
CREATE TABLE commit_marks (
    id     BIGINT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    at     TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
