-- What agents do. Whoever locks several agents locks them from the top of their tree down, so that nobody waits in a circle; what a
-- parent's lock guards (its living children, and whether it waits for them) is read in a statement after it was given.
--
-- Conditions that an index of few rows is made for are written in another way (`coalesce`, `IS NOT DISTINCT FROM`) where rows are
-- found by a better one: of a table that it has not counted yet, the planner might take the small one, and read all of it.

-- What a runner did and what it intends. With `actions`, its agent waits for its caller.
CREATE TYPE agent_progress AS (
    agent bigint, epoch bigint, entries text[], found bigint, input_tokens bigint, output_tokens bigint, steps bigint,
    tool_calls bigint, estimated boolean, answered_by text, actions text, events new_event[], now bigint
);

-- Stores the progress of several runners, of each whose claim holds: how far it is then, or nothing, a row for each, in their
-- order. No two are of the same agent.
CREATE FUNCTION append_progress(p_progress agent_progress[]) RETURNS TABLE (journal_length bigint, tokens_left bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_lengths bigint[];
    v_left bigint[];
    v_workspaces text[];
BEGIN
    IF cardinality(p_progress) > 1 THEN
        -- Parents have lower numbers than what they spawn.
        PERFORM 1 FROM agents WHERE row = ANY (ARRAY(SELECT agent FROM unnest(p_progress))) ORDER BY row FOR NO KEY UPDATE;
    END IF;
    WITH appended AS (
        UPDATE agents SET journal_length = journal_length + cardinality(new.entries),
                          found = coalesce(journal_length + new.found, agents.found),
                          input_tokens = agents.input_tokens + new.input_tokens,
                          output_tokens = agents.output_tokens + new.output_tokens,
                          steps = agents.steps + new.steps, tool_calls = agents.tool_calls + new.tool_calls,
                          estimated = agents.estimated OR new.estimated,
                          answered_by = coalesce(new.answered_by, agents.answered_by),
                          place = CASE WHEN actions IS NULL THEN place ELSE 'parked' END,
                          holder = CASE WHEN actions IS NULL THEN holder END,
                          status = CASE WHEN actions IS NULL THEN status ELSE 'requires_action' END,
                          required_actions = coalesce(actions, required_actions)
            FROM unnest(p_progress) WITH ORDINALITY AS new
            WHERE row = new.agent AND agents.epoch = new.epoch AND place IS NOT DISTINCT FROM 'held'
            RETURNING ordinality AS number, agents.journal_length, workspace,
                      max_tokens - agents.input_tokens - agents.output_tokens - children_used - children_reserved AS left_over
    )
    SELECT array_agg(appended.journal_length ORDER BY places.place), array_agg(left_over ORDER BY places.place),
           array_agg(workspace ORDER BY places.place)
        INTO v_lengths, v_left, v_workspaces
        FROM generate_subscripts(p_progress, 1) AS places (place) LEFT JOIN appended ON number = places.place;
    INSERT INTO journal (agent, seq, entry, created_at)
        SELECT agent, v_lengths[new.ordinality] - cardinality(entries) + number, entry, now
            FROM unnest(p_progress) WITH ORDINALITY AS new
                CROSS JOIN LATERAL unnest(entries) WITH ORDINALITY AS entries (entry, number)
            WHERE v_lengths[new.ordinality] IS NOT NULL;
    INSERT INTO events (id, workspace, name, payload, created_at, agent, deliver_to)
        SELECT event.id, v_workspaces[new.ordinality], event.name, event.payload, now, agent, event.deliver_to
            FROM unnest(p_progress) WITH ORDINALITY AS new CROSS JOIN LATERAL unnest(events) WITH ORDINALITY AS event
            WHERE v_lengths[new.ordinality] IS NOT NULL ORDER BY new.ordinality, event.ordinality;
    RETURN QUERY SELECT * FROM unnest(v_lengths, v_left);
END $$;

-- Parks a parent until its children have ended; FALSE if there is nothing to wait for. Its runner's progress was stored just
-- before, in the same transaction, so its row is locked and none of its children ends meanwhile.
CREATE FUNCTION await_children(p_row bigint, p_ids text[], p_all boolean) RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_living bigint;
BEGIN
    UPDATE agents SET awaited = TRUE WHERE parent = p_row AND coalesce(ended_at, 0) = 0 AND id = ANY (p_ids);
    GET DIAGNOSTICS v_living = ROW_COUNT;
    IF v_living = 0 OR (NOT p_all AND v_living < cardinality(p_ids)) THEN
        UPDATE agents SET awaited = FALSE WHERE parent = p_row AND awaited;
        RETURN FALSE;
    END IF;
    UPDATE agents SET place = 'parked', holder = NULL, wakes_after = CASE WHEN p_all THEN v_living ELSE 1 END WHERE row = p_row;
    RETURN TRUE;
END $$;

-- Locks the root of a tree and the parent of a new agent in it, and counts what the tree's caps bound. Gives the parent, or the
-- child that the same call has made before; nothing if the parent is gone.
CREATE FUNCTION hold_parent(p_parent bigint, p_call text)
RETURNS TABLE (is_child boolean, living bigint, below bigint, agent agents) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_root_id text;
BEGIN
    SELECT root_id INTO v_root_id FROM agents WHERE row = p_parent;
    PERFORM 1 FROM agents WHERE id = v_root_id FOR NO KEY UPDATE;
    PERFORM 1 FROM agents WHERE row = p_parent FOR NO KEY UPDATE;
    IF p_call IS NOT NULL THEN
        RETURN QUERY SELECT TRUE, 0::bigint, 0::bigint, agents FROM agents WHERE parent = p_parent AND parent_call = p_call;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    RETURN QUERY SELECT FALSE, (SELECT count(*) FROM agents WHERE parent = p_parent AND coalesce(ended_at, 0) = 0),
                        (SELECT count(*) - 1 FROM agents WHERE root_id = v_root_id), agents FROM agents WHERE row = p_parent;
END $$;

-- A runner's last progress and the end of its agent; `journal_length` is what the runner knows of the journal.
CREATE TYPE agent_end AS (
    progress agent_progress, journal_length bigint, status text, ending text, entry text, event new_event, cut_off_input bigint,
    cut_off_output bigint
);

-- Ends agents that no others wait for or depend on, as most are, in one way to the database and back; a row for each, in their
-- order. Nothing is done where `outcome` is before (it had ended, or another runner has it), spoken (its journal has another length)
-- or above (somebody living is below it: `hold_tree` is to be asked). Agents with a parent are not for this function: their parents
-- would have to be locked first.
CREATE FUNCTION end_alone(p_ends agent_end[]) RETURNS TABLE (outcome text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_end agent_end;
    v_new agent_progress;
    v_agent agents;
BEGIN
    IF cardinality(p_ends) > 1 THEN
        PERFORM 1 FROM agents WHERE row = ANY (ARRAY(SELECT (progress).agent FROM unnest(p_ends))) ORDER BY row FOR NO KEY UPDATE;
    END IF;
    FOREACH v_end IN ARRAY p_ends LOOP
        v_new := v_end.progress;
        SELECT * INTO v_agent FROM agents WHERE row = v_new.agent FOR NO KEY UPDATE;
        IF NOT FOUND OR v_agent.place IS DISTINCT FROM 'held' OR v_agent.epoch <> v_new.epoch THEN
            outcome := 'before';
        ELSIF v_agent.journal_length <> v_end.journal_length THEN
            outcome := 'spoken';
        ELSIF EXISTS (SELECT 1 FROM agents WHERE parent = v_new.agent AND coalesce(ended_at, 0) = 0) THEN
            outcome := 'above';
        ELSE
            outcome := 'ended';
            UPDATE agents SET journal_length = journal_length + cardinality(v_new.entries) + 1,
                              found = coalesce(journal_length + v_new.found, agents.found),
                              input_tokens = input_tokens + v_new.input_tokens + v_end.cut_off_input,
                              output_tokens = output_tokens + v_new.output_tokens + v_end.cut_off_output,
                              steps = steps + v_new.steps, tool_calls = tool_calls + v_new.tool_calls,
                              estimated = estimated OR v_new.estimated OR v_end.cut_off_input + v_end.cut_off_output > 0,
                              answered_by = coalesce(v_new.answered_by, answered_by), status = v_end.status, place = NULL,
                              holder = NULL, ending = v_end.ending, ended_at = v_new.now, required_actions = NULL
                WHERE row = v_new.agent RETURNING * INTO v_agent;
            INSERT INTO journal (agent, seq, entry, created_at)
                SELECT v_new.agent, v_agent.journal_length - cardinality(v_new.entries) - 1 + number, entry, v_new.now
                    FROM unnest(v_new.entries || v_end.entry) WITH ORDINALITY AS entries (entry, number);
            -- The ledger of turns is also that of agents: it outlives them.
            INSERT INTO turns (id, workspace, key_id, session, message_bytes, model, ending, input_tokens, output_tokens, estimated,
                               begun_at, ended_at)
                VALUES (v_agent.id, v_agent.workspace, v_agent.key_id, 0, 0, coalesce(v_agent.answered_by, v_agent.model),
                        v_agent.status, v_agent.input_tokens, v_agent.output_tokens, v_agent.estimated, v_agent.created_at,
                        v_agent.ended_at);
            INSERT INTO events (id, workspace, name, payload, created_at, agent, deliver_to)
                SELECT id, v_agent.workspace, name, payload, v_new.now, v_new.agent, deliver_to
                    FROM unnest(v_new.events || v_end.event) WITH ORDINALITY AS told ORDER BY ordinality;
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;

-- Locks an agent that is to end, its parent before it and what lives below it after it, and stores its runner's last progress
-- (without a runner there is none). Gives the tree from the top down, each agent with the entry of its journal that holds what
-- it found. Nothing if it had ended before, or another runner has it; `spoken` alone if its journal has another length.
CREATE FUNCTION hold_tree(
    p_row bigint, p_progress agent_progress, p_journal_length bigint
) RETURNS TABLE (spoken boolean, found_entry text, agent agents) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_agent agents;
    v_level bigint[] := ARRAY[p_row];
    v_tree bigint[] := v_level;
BEGIN
    PERFORM 1 FROM agents WHERE row = (SELECT parent FROM agents WHERE row = p_row) FOR NO KEY UPDATE;
    SELECT * INTO v_agent FROM agents WHERE row = p_row FOR NO KEY UPDATE;
    IF NOT FOUND OR v_agent.ended_at IS NOT NULL THEN
        RETURN;
    END IF;
    IF p_journal_length IS NOT NULL THEN
        IF v_agent.epoch <> p_progress.epoch THEN
            RETURN;
        END IF;
        IF v_agent.journal_length <> p_journal_length THEN
            RETURN QUERY SELECT TRUE, NULL::text, NULL::agents;
            RETURN;
        END IF;
        PERFORM 1 FROM append_progress(ARRAY[p_progress]) AS appended WHERE appended.journal_length IS NOT NULL;
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    LOOP
        -- With all of a level locked nobody below it is spawned, or ends.
        SELECT array_agg(locked.row) INTO v_level FROM
            (SELECT row FROM agents WHERE parent = ANY (v_level) AND coalesce(ended_at, 0) = 0 ORDER BY row FOR NO KEY UPDATE) AS locked;
        EXIT WHEN v_level IS NULL;
        v_tree := v_tree || v_level;
    END LOOP;
    RETURN QUERY SELECT FALSE, journal.entry, agents
        FROM agents LEFT JOIN journal ON journal.agent = agents.row AND journal.seq = agents.found
        WHERE agents.row = ANY (v_tree) ORDER BY agents.depth, agents.row;
END $$;

-- Ends the agents of a tree that `hold_tree` gave: status, last entry, the ledger, the event, the tokens of the parents. TRUE if
-- a parent that waited is in line again.
CREATE FUNCTION end_tree(
    p_rows bigint[], p_statuses text[], p_endings text[], p_entries text[], p_input_tokens bigint[], p_output_tokens bigint[],
    p_events new_event[], p_now bigint
) RETURNS boolean LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_woken bigint;
BEGIN
    UPDATE agents SET status = new.status, place = NULL, holder = NULL, ending = new.ending, ended_at = p_now,
                      required_actions = NULL, journal_length = journal_length + 1,
                      -- What the end cut off is booked with it, as an estimate.
                      input_tokens = input_tokens + new.input, output_tokens = output_tokens + new.output,
                      estimated = estimated OR new.input + new.output > 0
        FROM unnest(p_rows, p_statuses, p_endings, p_input_tokens, p_output_tokens) AS new (agent, status, ending, input, output)
        WHERE agents.row = new.agent;
    INSERT INTO journal (agent, seq, entry, created_at)
        SELECT agents.row, agents.journal_length, new.entry, p_now
            FROM unnest(p_rows, p_entries) AS new (agent, entry) JOIN agents ON agents.row = new.agent;
    -- The ledger of turns is also that of agents: it outlives them.
    INSERT INTO turns (id, workspace, key_id, session, message_bytes, model, ending, input_tokens, output_tokens, estimated,
                       begun_at, ended_at)
        SELECT id, workspace, key_id, 0, 0, coalesce(answered_by, model), status, input_tokens, output_tokens, estimated, created_at,
               ended_at
            FROM agents WHERE row = ANY (p_rows);
    INSERT INTO events (id, workspace, name, payload, created_at, agent, deliver_to)
        SELECT id, (SELECT workspace FROM agents WHERE row = p_rows[1]), name, payload, p_now, p_rows[ordinality], deliver_to
            FROM unnest(p_events) WITH ORDINALITY AS new ORDER BY ordinality;
    -- Each gives its parent back what was reserved and not used. Those whose own parent ends too have nobody to wake.
    WITH settled AS (
        UPDATE agents SET children_used = children_used + child.used, children_reserved = children_reserved - child.reserved,
                          wakes_after = greatest(0, wakes_after - child.awaited),
                          place = CASE WHEN place = 'parked' AND child.awaited > 0 AND wakes_after <= child.awaited
                                       THEN 'ready' ELSE place END
            FROM (SELECT parent, sum(input_tokens + output_tokens + children_used + children_reserved)::bigint AS used,
                         sum(max_tokens)::bigint AS reserved, count(*) FILTER (WHERE awaited) AS awaited
                  FROM agents WHERE row = ANY (p_rows) AND coalesce(parent, 0) <> 0 GROUP BY parent) AS child
            WHERE agents.row = child.parent RETURNING agents.row, place, child.awaited AS awaited_children
    ) SELECT settled.row INTO v_woken FROM settled WHERE place = 'ready' AND awaited_children > 0;
    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;
    UPDATE agents SET awaited = FALSE WHERE parent = v_woken AND awaited;
    RETURN TRUE;
END $$;
