-- What webhooks write and read most, each a statement of its own: one way to the database and back.

-- Stores deliveries of a batch of events, in the order given, and that the events up to `p_up_to` are dispatched. Whoever comes
-- while another gateway is at it waits and stores only what that one did not read yet.
CREATE FUNCTION dispatch(p_up_to bigint, p_ids text[], p_events bigint[], p_endpoints bigint[], p_now bigint) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_tx bigint;
    v_seq bigint;
    v_last_tx bigint;
BEGIN
    SELECT tx, seq INTO v_tx, v_seq FROM dispatched FOR UPDATE;
    SELECT tx INTO v_last_tx FROM events WHERE seq = p_up_to;
    -- An event that was forgotten meanwhile has no place any more: the batch is read anew, without it.
    IF NOT FOUND OR (v_last_tx, p_up_to) <= (v_tx, v_seq) THEN
        RETURN;
    END IF;
    -- Nothing is stored for an endpoint that is gone, and none goes while something is.
    PERFORM 1 FROM endpoints WHERE row = ANY (p_endpoints) ORDER BY row FOR KEY SHARE;
    -- OFFSET 0: event by event by its number, whatever the planner thinks of a table that it has not counted yet.
    INSERT INTO deliveries (id, workspace, event, event_id, event_name, endpoint, status, due_at, created_at)
        SELECT made.id, told.workspace, made.event, told.id, told.name, made.endpoint, 'pending', p_now, p_now
        FROM unnest(p_ids, p_events, p_endpoints) WITH ORDINALITY AS made (id, event, endpoint, place)
            CROSS JOIN LATERAL (SELECT tx, id, workspace, name FROM events WHERE seq = made.event OFFSET 0) AS told
        WHERE (told.tx, made.event) > (v_tx, v_seq) AND EXISTS (SELECT 1 FROM endpoints WHERE row = made.endpoint)
        ORDER BY place;
    UPDATE dispatched SET tx = v_last_tx, seq = p_up_to;
END $$;

-- An endpoint's deliveries that have not ended and are not claimed, the longest due first; what is not due yet has no payload.
-- Always straight along the index, which also forgets what has left the queue as it goes: sorted or by bitmap, a queue would be
-- read as a whole for each look.
CREATE FUNCTION due_deliveries(p_endpoint bigint, p_claimed bigint[], p_limit bigint, p_now bigint)
RETURNS TABLE (delivery bigint, due_at bigint, id text, workspace text, attempt_count bigint, payload text)
LANGUAGE plpgsql STABLE SET enable_sort = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT queue.row, queue.due_at, queue.id, queue.workspace, queue.attempt_count,
               CASE WHEN queue.due_at <= p_now THEN told.payload END
        FROM deliveries AS queue
            CROSS JOIN LATERAL (SELECT payload FROM events WHERE seq = queue.event OFFSET 0) AS told
        WHERE endpoint = p_endpoint AND due_at IS NOT NULL AND row NOT IN (SELECT unnest(p_claimed))
        ORDER BY due_at, row LIMIT p_limit;
END $$;

-- Books what became of deliveries that were sent as one: an attempt each, if one is charged (its number is not NULL), and how
-- each stands now. Nothing is booked of one that is gone, nor of one that has ended if this is the failure of a gateway that no
-- longer holds it. When the endpoint began to fail is written only when that changes. Somebody who writes it at this moment is
-- not waited for: had this attempt ended a moment earlier, it would have been overtaken as well, and commits with outcomes of
-- several endpoints would wait for each other in circles.
CREATE FUNCTION end_attempt(
    p_deliveries bigint[], p_endpoints bigint[], p_statuses text[], p_due_at bigint[], p_numbers bigint[], p_started_at bigint[],
    p_duration_ms bigint[], p_status_codes bigint[], p_response_bodies text[], p_errors text[], p_now bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_received boolean;
    v_failing boolean;
BEGIN
    FOR i IN 1 .. cardinality(p_deliveries) LOOP
        v_received := p_statuses[i] = 'succeeded';
        UPDATE deliveries SET status = p_statuses[i], due_at = p_due_at[i],
                              ended_at = CASE WHEN p_due_at[i] IS NULL THEN p_now[i] END,
                              attempt_count = greatest(attempt_count, p_numbers[i])
            WHERE row = p_deliveries[i] AND (v_received OR due_at IS NOT NULL);
        CONTINUE WHEN NOT FOUND;
        IF p_numbers[i] IS NOT NULL THEN
            INSERT INTO attempts (delivery, number, started_at, duration_ms, status_code, response_body, error)
                VALUES (p_deliveries[i], p_numbers[i], p_started_at[i], p_duration_ms[i], p_status_codes[i],
                        p_response_bodies[i], p_errors[i])
                ON CONFLICT (delivery, number) DO UPDATE
                    SET started_at = excluded.started_at, duration_ms = excluded.duration_ms,
                        status_code = excluded.status_code, response_body = excluded.response_body, error = excluded.error;
        END IF;
        SELECT failing_since IS NOT NULL INTO v_failing FROM endpoints WHERE row = p_endpoints[i];
        IF v_failing = v_received THEN
            UPDATE endpoints SET failing_since = CASE WHEN NOT v_received THEN p_now[i] END
                WHERE row = (SELECT row FROM endpoints
                             WHERE row = p_endpoints[i] AND (failing_since IS NOT NULL) = v_received
                             FOR NO KEY UPDATE SKIP LOCKED);
        END IF;
    END LOOP;
END $$;
