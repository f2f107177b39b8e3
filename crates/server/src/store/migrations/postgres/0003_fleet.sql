-- What gateways do for each other.

-- Keeps a gateway's lease for so many seconds more, or begins one if it has none that holds; gives its number.
CREATE FUNCTION keep_lease(p_gateway bigint, p_version text, p_seconds double precision) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_until timestamptz := clock_timestamp() + make_interval(secs => p_seconds);
    v_gateway bigint;
BEGIN
    UPDATE gateways SET held_until = v_until WHERE id = p_gateway AND held_until > clock_timestamp() RETURNING id INTO v_gateway;
    IF NOT FOUND THEN
        INSERT INTO gateways (version, held_until) VALUES (p_version, v_until) RETURNING id INTO v_gateway;
    END IF;
    RETURN v_gateway;
END $$;

-- Takes over what gateways held whose leases ran out: turns are booked as crashed, agents are in line again in a new epoch,
-- lanes are free. Whoever did so before leaves nothing to do.
CREATE FUNCTION take_over(p_now bigint, OUT turns_crashed bigint, OUT agents_freed bigint, OUT lanes_freed bigint)
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM gateways WHERE id IN
        (SELECT id FROM gateways WHERE held_until <= clock_timestamp() FOR UPDATE SKIP LOCKED);
    WITH crashed AS (
        UPDATE turns SET ending = 'crashed', estimated = TRUE, ended_at = p_now,
                         input_tokens = input_tokens + (message_bytes + 3) / 4
            WHERE ending IS NULL AND NOT EXISTS (SELECT 1 FROM gateways WHERE gateways.id = holder) RETURNING id
    ), freed AS (
        DELETE FROM idempotency WHERE answer IS NULL AND turn IN (SELECT id FROM crashed)
    )
    SELECT count(*) INTO turns_crashed FROM crashed;
    UPDATE agents SET place = 'ready', epoch = epoch + 1, holder = NULL
        WHERE place = 'held' AND NOT EXISTS (SELECT 1 FROM gateways WHERE gateways.id = holder);
    GET DIAGNOSTICS agents_freed = ROW_COUNT;
    DELETE FROM lanes WHERE NOT EXISTS (SELECT 1 FROM gateways WHERE gateways.id = holder);
    GET DIAGNOSTICS lanes_freed = ROW_COUNT;
END $$;

-- Counts a request of a key by GCRA, on the database's clock: each costs `p_interval` microseconds, and the debt may reach
-- `p_burst` of them. Gives the debt, how long a refused one would have to wait, and how many refusals are to be told of now.
CREATE FUNCTION take_rate(p_key_id text, p_interval bigint, p_burst bigint, p_tell_every bigint,
                          OUT debt bigint, OUT wait bigint, OUT told bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_now bigint;
    v_paid_at bigint;
    v_refused bigint;
    v_told_at bigint;
BEGIN
    INSERT INTO rates (key_id, paid_at) VALUES (p_key_id, 0) ON CONFLICT (key_id) DO NOTHING;
    SELECT paid_at, refused, told_at INTO v_paid_at, v_refused, v_told_at FROM rates WHERE key_id = p_key_id FOR UPDATE;
    v_now := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
    debt := greatest(v_paid_at - v_now, 0);
    wait := greatest(debt + p_interval - p_interval * p_burst, 0);
    told := 0;
    IF wait = 0 THEN
        debt := debt + p_interval;
        UPDATE rates SET paid_at = v_now + debt WHERE key_id = p_key_id;
        RETURN;
    END IF;
    v_refused := v_refused + 1;
    IF v_told_at + p_tell_every <= v_now THEN
        told := v_refused;
        v_refused := 0;
        v_told_at := v_now;
    END IF;
    UPDATE rates SET refused = v_refused, told_at = v_told_at WHERE key_id = p_key_id;
END $$;

-- Transactions are counted by the database server, from the beginning again after a dump was restored elsewhere: then what is
-- stored would seem to come from the future. Its order is kept by `seq` alone, and what was perhaps not dispatched is so again.
CREATE FUNCTION heal_order() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    -- Asked of one snapshot, which shows nothing of transactions beyond its end: others write at this moment.
    IF (SELECT greatest((SELECT max(tx) FROM events), (SELECT tx FROM dispatched))
               < pg_snapshot_xmax(pg_current_snapshot())::text::bigint) THEN
        RETURN FALSE;
    END IF;
    UPDATE dispatched SET tx = 0, seq = coalesce(
        (SELECT min(events.seq) - 1 FROM events WHERE (events.tx, events.seq) > (dispatched.tx, dispatched.seq)),
        (SELECT max(events.seq) FROM events), 0);
    UPDATE events SET tx = 0;
    RETURN TRUE;
END $$;

-- Every event of a transaction older than this is committed, and read by whoever reads after asking: the oldest transaction that
-- is writing in this database, as far as this user may see them (so all gateways are one user), else the next one.
-- `pg_snapshot_xmin` would also wait for transactions of the server's other databases. Numbers of running transactions are
-- told without their upper half.
CREATE FUNCTION settled_before() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT least(next.xact, min(CASE
            WHEN writing.xact - next.xact > 2147483648 THEN writing.xact - 4294967296
            WHEN next.xact - writing.xact > 2147483648 THEN writing.xact + 4294967296
            ELSE writing.xact END))
        FROM (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xact) AS next
            LEFT JOIN LATERAL (
                SELECT backend_xid::text::bigint + next.xact - next.xact % 4294967296 AS xact FROM pg_stat_get_activity(NULL)
                    WHERE backend_xid IS NOT NULL AND datid = (SELECT oid FROM pg_database WHERE datname = current_database())
            ) AS writing ON TRUE
        GROUP BY next.xact
$$;
