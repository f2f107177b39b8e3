-- What a chat writes, each a statement of its own: one way to the database and back.

-- Stores a message with its events and opens its turn, or says why not: `outcome` is begun, busy (another turn of the session
-- is open), replayed, in_progress or key_reused.
CREATE FUNCTION begin_turn(
    p_workspace text, p_key_id text, p_session_id text, p_message_id text, p_content text, p_channel text,
    p_user_id text, p_username text, p_metadata text, p_model text,
    p_created_id text, p_created_name text, p_created_payload text,
    p_received_id text, p_received_name text, p_received_payload text,
    p_messages_max bigint, p_bytes_max bigint,
    p_key text, p_request_hash bytea, p_forget_before bigint,
    p_may_be_stored boolean, p_holder bigint, p_now bigint,
    OUT outcome text, OUT answer text, OUT handle bigint, OUT roles text[], OUT contents text[]
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_hash bytea;
    v_number bigint;
BEGIN
    IF p_key IS NOT NULL THEN
        SELECT request_hash, i.answer INTO v_hash, begin_turn.answer FROM idempotency i
            WHERE workspace = p_workspace AND key = p_key AND created_at >= p_forget_before;
        IF FOUND THEN
            outcome := CASE WHEN v_hash <> p_request_hash THEN 'key_reused'
                            WHEN begin_turn.answer IS NULL THEN 'in_progress' ELSE 'replayed' END;
            RETURN;
        END IF;
    END IF;

    IF p_may_be_stored THEN
        SELECT session INTO handle FROM turns WHERE id = p_message_id;
        IF FOUND THEN
            PERFORM 1 FROM sessions WHERE row = begin_turn.handle FOR NO KEY UPDATE;
            IF EXISTS (SELECT 1 FROM turns WHERE session = begin_turn.handle AND ending IS NULL AND id <> p_message_id) THEN
                outcome := 'busy';
                RETURN;
            END IF;
            -- Opened again: what was booked for it stays booked, and nothing is stored or told anew.
            UPDATE turns SET ending = NULL, ended_at = NULL, holder = p_holder WHERE id = p_message_id;
            v_number := 9223372036854775807;
        END IF;
    END IF;

    IF v_number IS NULL THEN
        -- The session's row is locked first: whoever waited for it then sees the turn that was opened meanwhile.
        LOOP
            SELECT row INTO handle FROM sessions WHERE workspace = p_workspace AND id = p_session_id FOR NO KEY UPDATE;
            IF FOUND THEN
                IF EXISTS (SELECT 1 FROM turns WHERE session = begin_turn.handle AND ending IS NULL) THEN
                    outcome := 'busy';
                    RETURN;
                END IF;
                UPDATE sessions SET message_count = message_count + 1, channel = p_channel, updated_at = p_now
                    WHERE row = begin_turn.handle RETURNING message_count INTO v_number;
                EXIT;
            END IF;
            INSERT INTO sessions (workspace, id, channel, message_count, created_at, updated_at)
                VALUES (p_workspace, p_session_id, p_channel, 1, p_now, p_now)
                ON CONFLICT (workspace, id) DO NOTHING RETURNING row INTO handle;
            IF FOUND THEN
                v_number := 1;
                EXIT;
            END IF;
        END LOOP;

        IF v_number = 1 THEN
            INSERT INTO events (id, workspace, name, payload, created_at)
                VALUES (p_created_id, p_workspace, p_created_name, p_created_payload, p_now);
        END IF;
        INSERT INTO messages (session, seq, id, role, status, content, channel, user_id, username, metadata, created_at)
            VALUES (handle, v_number, p_message_id, 'user', 'complete', p_content, p_channel, p_user_id, p_username,
                    p_metadata, p_now);
        INSERT INTO turns (id, workspace, key_id, session, message_bytes, model, begun_at, holder)
            VALUES (p_message_id, p_workspace, p_key_id, handle, octet_length(p_content), p_model, p_now, p_holder);
        INSERT INTO events (id, workspace, name, payload, created_at)
            VALUES (p_received_id, p_workspace, p_received_name, p_received_payload, p_now);
        IF p_key IS NOT NULL THEN
            INSERT INTO idempotency AS i (workspace, key, request_hash, turn, created_at)
                VALUES (p_workspace, p_key, p_request_hash, p_message_id, p_now)
                ON CONFLICT (workspace, key) DO UPDATE
                    SET request_hash = excluded.request_hash, turn = excluded.turn, answer = NULL,
                        created_at = excluded.created_at
                    WHERE i.created_at < p_forget_before;
            IF NOT FOUND THEN
                -- Claimed by another gateway since this one looked: undone, and looked at again.
                RAISE EXCEPTION 'the key was claimed meanwhile' USING ERRCODE = '40001';
            END IF;
        END IF;
    END IF;

    outcome := 'begun';
    -- A reopened turn has its own message in the session: the latest one of a user, which is not history.
    SELECT array_agg(role ORDER BY seq), array_agg(content ORDER BY seq) INTO roles, contents FROM (
        SELECT seq, role, content, sum(octet_length(content)) OVER (ORDER BY seq DESC) AS bytes FROM messages
            WHERE session = handle AND seq < v_number ORDER BY seq DESC LIMIT p_messages_max) latest
        WHERE bytes <= p_bytes_max;
END $$;

-- Ends a turn: reply, event, tokens and idempotent answer at once. FALSE if it had ended before.
CREATE FUNCTION end_turn(
    p_workspace text, p_message_id text, p_session bigint, p_ending text, p_model text, p_provider text,
    p_input_tokens bigint, p_output_tokens bigint, p_estimated boolean,
    p_reply_id text, p_content text, p_status text, p_finish_reason text, p_channel text,
    p_sent_id text, p_sent_name text, p_sent_payload text,
    p_key text, p_answer text, p_answers bigint, p_now bigint
) RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_number bigint;
BEGIN
    -- Booked on top of what a cut-off try had booked.
    UPDATE turns SET ending = p_ending, model = p_model, provider = p_provider, input_tokens = input_tokens + p_input_tokens,
                     output_tokens = output_tokens + p_output_tokens, estimated = p_estimated, ended_at = p_now
        WHERE id = p_message_id AND ending IS NULL;
    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;
    IF p_reply_id IS NOT NULL THEN
        UPDATE sessions SET message_count = message_count + 1, model = p_model, input_tokens = input_tokens + p_input_tokens,
                            output_tokens = output_tokens + p_output_tokens, updated_at = p_now
            WHERE row = p_session RETURNING message_count INTO v_number;
        -- Unless the session was deleted meanwhile.
        IF FOUND THEN
            INSERT INTO messages (session, seq, id, role, status, content, channel, model, input_tokens, output_tokens,
                                  finish_reason, created_at)
                VALUES (p_session, v_number, p_reply_id, 'assistant', p_status, p_content, p_channel, p_model,
                        p_input_tokens, p_output_tokens, p_finish_reason, p_now);
            IF p_sent_id IS NOT NULL THEN
                INSERT INTO events (id, workspace, name, payload, created_at)
                    VALUES (p_sent_id, p_workspace, p_sent_name, p_sent_payload, p_now);
            END IF;
        END IF;
        IF p_answers IS NOT NULL AND p_ending = 'completed' THEN
            UPDATE channel_messages SET reply = p_content WHERE row = p_answers AND reply IS NULL AND ended_at IS NULL;
        END IF;
    END IF;
    IF p_key IS NOT NULL THEN
        IF p_answer IS NULL THEN
            DELETE FROM idempotency WHERE workspace = p_workspace AND key = p_key AND turn = p_message_id;
        ELSE
            UPDATE idempotency SET answer = p_answer
                WHERE workspace = p_workspace AND key = p_key AND turn = p_message_id;
        END IF;
    END IF;
    RETURN TRUE;
END $$;
