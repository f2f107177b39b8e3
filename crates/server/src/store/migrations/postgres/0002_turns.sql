-- What a chat writes. Each function takes all that wait for the same at once, and gives a row for each, in their order: to run a
-- statement costs more than to store a row. No two of them are of the same session. Which of them a statement is about is said by
-- their places in the array.

-- An event to store; `deliver_to` are ids of endpoints with blanks between them.
CREATE TYPE new_event AS (id text, name text, payload text, deliver_to text);

CREATE TYPE turn_to_begin AS (
    workspace text, key_id text, session_id text, message_id text, content text, channel text, user_id text, username text,
    metadata text, model text, created new_event, received new_event, messages_max bigint, bytes_max bigint,
    idempotency_key text, request_hash bytea, forget_before bigint, holder bigint, now bigint
);

-- The latest messages of a session before one, oldest first, within both bounds.
CREATE FUNCTION history(p_session bigint, p_before bigint, p_messages_max bigint, p_bytes_max bigint)
RETURNS TABLE (roles text[], contents text[]) LANGUAGE sql STABLE AS $$
    SELECT array_agg(role ORDER BY seq), array_agg(content ORDER BY seq) FROM (
        SELECT seq, role, content, sum(octet_length(content)) OVER (ORDER BY seq DESC) AS bytes FROM messages
            WHERE session = p_session AND seq < p_before ORDER BY seq DESC LIMIT p_messages_max) AS latest
        WHERE bytes <= p_bytes_max
$$;

-- Stores messages with their events and opens their turns, or says why not: `outcome` is begun, busy (another turn of the session
-- is open), replayed, in_progress or key_reused.
CREATE FUNCTION begin_turns(p_turns turn_to_begin[])
RETURNS TABLE (outcome text, answer text, handle bigint, roles text[], contents text[]) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    -- Why a turn is not begun, the answer that was given before, its session, and the number of its message, by place.
    v_outcomes text[];
    v_answers text[];
    v_sessions bigint[];
    v_numbers bigint[];
    v_keys bigint;
    v_claimed bigint;
BEGIN
    SELECT array_agg(CASE WHEN known.key IS NULL THEN NULL WHEN known.request_hash <> turn.request_hash THEN 'key_reused'
                          WHEN known.answer IS NULL THEN 'in_progress' ELSE 'replayed' END ORDER BY ordinality),
           array_agg(known.answer ORDER BY ordinality), count(turn.idempotency_key) FILTER (WHERE known.key IS NULL)
        INTO v_outcomes, v_answers, v_keys
        FROM unnest(p_turns) WITH ORDINALITY AS turn LEFT JOIN idempotency AS known
            ON known.workspace = turn.workspace AND known.key = turn.idempotency_key AND known.created_at >= turn.forget_before;

    -- Sessions are locked first, in the order of their rows: whoever waited for one then sees the turn that was opened meanwhile.
    WITH locked AS MATERIALIZED (
        SELECT ordinality AS place, sessions.row FROM unnest(p_turns) WITH ORDINALITY AS turn
            JOIN sessions ON sessions.workspace = turn.workspace AND sessions.id = turn.session_id
            WHERE v_outcomes[ordinality] IS NULL ORDER BY sessions.row FOR NO KEY UPDATE OF sessions
    )
    SELECT array_agg(locked.row ORDER BY place) INTO v_sessions
        FROM generate_subscripts(p_turns, 1) AS places (place) LEFT JOIN locked USING (place);
    SELECT array_agg(CASE WHEN EXISTS (SELECT 1 FROM turns WHERE session = v_sessions[place] AND ending IS NULL) THEN 'busy'
                          ELSE v_outcomes[place] END ORDER BY place) INTO v_outcomes
        FROM generate_subscripts(p_turns, 1) AS places (place);

    WITH counted AS (
        UPDATE sessions SET message_count = message_count + 1, channel = turn.channel, updated_at = turn.now
            FROM unnest(p_turns) WITH ORDINALITY AS turn
            WHERE sessions.row = v_sessions[ordinality] AND v_outcomes[ordinality] IS NULL
            RETURNING ordinality AS place, message_count
    ), made AS (
        INSERT INTO sessions (workspace, id, channel, message_count, created_at, updated_at)
            SELECT workspace, session_id, channel, 1, now, now FROM unnest(p_turns) WITH ORDINALITY AS turn
                WHERE v_sessions[ordinality] IS NULL AND v_outcomes[ordinality] IS NULL ORDER BY workspace, session_id
            ON CONFLICT (workspace, id) DO NOTHING RETURNING row, workspace, id
    )
    SELECT array_agg(coalesce(v_sessions[ordinality], made.row) ORDER BY ordinality),
           array_agg(CASE WHEN made.row IS NULL THEN counted.message_count ELSE 1 END ORDER BY ordinality)
        INTO v_sessions, v_numbers
        FROM unnest(p_turns) WITH ORDINALITY AS turn LEFT JOIN counted ON counted.place = ordinality
            LEFT JOIN made ON made.workspace = turn.workspace AND made.id = turn.session_id;
    IF EXISTS (SELECT 1 FROM generate_subscripts(p_turns, 1) AS places (place)
               WHERE v_numbers[place] IS NULL AND v_outcomes[place] IS NULL) THEN
        -- Made or deleted by another gateway since this one looked: undone, and looked at again.
        RAISE EXCEPTION 'a session was made meanwhile' USING ERRCODE = '40001';
    END IF;

    INSERT INTO messages (session, seq, id, role, status, content, channel, user_id, username, metadata, created_at)
        SELECT v_sessions[ordinality], v_numbers[ordinality], message_id, 'user', 'complete', content, channel, user_id, username,
               metadata, now
            FROM unnest(p_turns) WITH ORDINALITY AS turn WHERE v_numbers[ordinality] IS NOT NULL;
    INSERT INTO turns (id, workspace, key_id, session, message_bytes, model, begun_at, holder)
        SELECT message_id, workspace, key_id, v_sessions[ordinality], octet_length(content), model, now, holder
            FROM unnest(p_turns) WITH ORDINALITY AS turn WHERE v_numbers[ordinality] IS NOT NULL;
    INSERT INTO events (id, workspace, name, payload, created_at)
        SELECT (event).id, workspace, (event).name, (event).payload, now
            FROM unnest(p_turns) WITH ORDINALITY AS turn
                CROSS JOIN LATERAL (VALUES (1, created), (2, received)) AS told (number, event)
            WHERE v_numbers[ordinality] = 1 OR (v_numbers[ordinality] IS NOT NULL AND number = 2)
            ORDER BY ordinality, number;
    IF v_keys > 0 THEN
        WITH claimed AS (
            INSERT INTO idempotency AS known (workspace, key, request_hash, turn, created_at)
                SELECT workspace, idempotency_key, request_hash, message_id, now
                    FROM unnest(p_turns) WITH ORDINALITY AS turn
                    WHERE v_numbers[ordinality] IS NOT NULL AND idempotency_key IS NOT NULL ORDER BY workspace, idempotency_key
                ON CONFLICT (workspace, key) DO UPDATE
                    SET request_hash = excluded.request_hash, turn = excluded.turn, answer = NULL,
                        created_at = excluded.created_at
                    WHERE known.created_at < (SELECT min(forget_before) FROM unnest(p_turns))
                RETURNING 1
        )
        SELECT count(*) INTO v_claimed FROM claimed;
        IF v_claimed < (SELECT count(idempotency_key) FROM unnest(p_turns) WITH ORDINALITY AS turn
                        WHERE v_numbers[ordinality] IS NOT NULL) THEN
            RAISE EXCEPTION 'a key was claimed meanwhile' USING ERRCODE = '40001';
        END IF;
    END IF;

    RETURN QUERY
        SELECT coalesce(v_outcomes[ordinality], 'begun'), v_answers[ordinality], v_sessions[ordinality], before.roles, before.contents
            FROM unnest(p_turns) WITH ORDINALITY AS turn
                LEFT JOIN LATERAL history(v_sessions[ordinality], v_numbers[ordinality], messages_max, bytes_max) AS before
                    ON v_numbers[ordinality] > 1
            ORDER BY ordinality;
END $$;

-- Opens a turn again whose message was stored before its gateway died: what was booked for it stays booked, and nothing is stored
-- or told anew. Gives nothing if there is no such turn. Its own message is in the session: the latest one of a user, which is not
-- history.
CREATE FUNCTION reopen_turn(p_message_id text, p_messages_max bigint, p_bytes_max bigint, p_holder bigint)
RETURNS TABLE (outcome text, answer text, handle bigint, roles text[], contents text[]) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_session bigint;
BEGIN
    SELECT session INTO v_session FROM turns WHERE id = p_message_id;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM 1 FROM sessions WHERE row = v_session FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM turns WHERE session = v_session AND ending IS NULL AND id <> p_message_id) THEN
        RETURN QUERY SELECT 'busy', NULL::text, NULL::bigint, NULL::text[], NULL::text[];
        RETURN;
    END IF;
    UPDATE turns SET ending = NULL, ended_at = NULL, holder = p_holder WHERE id = p_message_id;
    RETURN QUERY SELECT 'begun', NULL::text, v_session, before.roles, before.contents
        FROM history(v_session, 9223372036854775807, p_messages_max, p_bytes_max) AS before;
END $$;

CREATE TYPE turn_to_end AS (
    workspace text, message_id text, session bigint, ending text, model text, provider text, input_tokens bigint,
    output_tokens bigint, estimated boolean, reply_id text, content text, status text, finish_reason text, channel text,
    sent new_event, idempotency_key text, answer text, answers bigint, now bigint
);

-- Ends turns: reply, event, tokens and idempotent answer at once. FALSE for one that had ended before.
CREATE FUNCTION end_turns(p_turns turn_to_end[]) RETURNS TABLE (ended boolean) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_ended boolean[];
    -- The numbers of the replies.
    v_numbers bigint[];
BEGIN
    IF cardinality(p_turns) > 1 THEN
        PERFORM 1 FROM sessions WHERE row = ANY (ARRAY(SELECT session FROM unnest(p_turns))) ORDER BY row FOR NO KEY UPDATE;
    END IF;
    -- Booked on top of what a cut-off try had booked. Written so, they are found by their ids and not by the index of open turns.
    WITH ended AS (
        UPDATE turns SET ending = turn.ending, model = turn.model, provider = turn.provider,
                         input_tokens = turns.input_tokens + turn.input_tokens,
                         output_tokens = turns.output_tokens + turn.output_tokens, estimated = turn.estimated, ended_at = turn.now
            FROM unnest(p_turns) WITH ORDINALITY AS turn WHERE turns.id = turn.message_id AND coalesce(turns.ending, '') = ''
            RETURNING ordinality AS place
    )
    SELECT array_agg(ended.place IS NOT NULL ORDER BY places.place) INTO v_ended
        FROM generate_subscripts(p_turns, 1) AS places (place) LEFT JOIN ended ON ended.place = places.place;
    -- A session may have been deleted meanwhile.
    WITH counted AS (
        UPDATE sessions SET message_count = message_count + 1, model = turn.model,
                            input_tokens = sessions.input_tokens + turn.input_tokens,
                            output_tokens = sessions.output_tokens + turn.output_tokens, updated_at = turn.now
            FROM unnest(p_turns) WITH ORDINALITY AS turn
            WHERE sessions.row = turn.session AND v_ended[ordinality] AND turn.reply_id IS NOT NULL
            RETURNING ordinality AS place, message_count
    )
    SELECT array_agg(message_count ORDER BY places.place) INTO v_numbers
        FROM generate_subscripts(p_turns, 1) AS places (place) LEFT JOIN counted ON counted.place = places.place;
    INSERT INTO messages (session, seq, id, role, status, content, channel, model, input_tokens, output_tokens, finish_reason,
                          created_at)
        SELECT session, v_numbers[ordinality], reply_id, 'assistant', status, content, channel, model, input_tokens, output_tokens,
               finish_reason, now
            FROM unnest(p_turns) WITH ORDINALITY AS turn WHERE v_numbers[ordinality] IS NOT NULL;
    INSERT INTO events (id, workspace, name, payload, created_at)
        SELECT (sent).id, workspace, (sent).name, (sent).payload, now
            FROM unnest(p_turns) WITH ORDINALITY AS turn
            WHERE v_numbers[ordinality] IS NOT NULL AND (sent).id IS NOT NULL ORDER BY ordinality;
    IF EXISTS (SELECT 1 FROM unnest(p_turns) AS turn WHERE answers IS NOT NULL) THEN
        UPDATE channel_messages SET reply = turn.content FROM unnest(p_turns) WITH ORDINALITY AS turn
            WHERE row = turn.answers AND v_ended[ordinality] AND turn.reply_id IS NOT NULL AND turn.ending = 'completed'
              AND channel_messages.reply IS NULL AND channel_messages.ended_at IS NULL;
    END IF;
    IF EXISTS (SELECT 1 FROM unnest(p_turns) AS turn WHERE idempotency_key IS NOT NULL) THEN
        DELETE FROM idempotency AS known USING unnest(p_turns) WITH ORDINALITY AS turn
            WHERE known.workspace = turn.workspace AND known.key = turn.idempotency_key AND known.turn = turn.message_id
              AND v_ended[ordinality] AND turn.answer IS NULL;
        UPDATE idempotency AS known SET answer = turn.answer FROM unnest(p_turns) WITH ORDINALITY AS turn
            WHERE known.workspace = turn.workspace AND known.key = turn.idempotency_key AND known.turn = turn.message_id
              AND v_ended[ordinality] AND turn.answer IS NOT NULL;
    END IF;
    RETURN QUERY SELECT unnest(v_ended);
END $$;
