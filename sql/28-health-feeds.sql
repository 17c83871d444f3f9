-- The checks of what the database does: syncs, answers, backups, secrets,
-- letters, alerts.
CREATE FUNCTION momentum._health_refresh() RETURNS SETOF momentum.health_row
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    waiting timestamptz := (SELECT min(t.due_at) FROM momentum_state.stream t WHERE t.due_at < clock_timestamp());
    ran CONSTANT timestamptz := (SELECT max(u.finished_at) FROM momentum_state.run u);
    minutes float8;
    f record;
BEGIN
    IF EXISTS (SELECT FROM momentum_state.stream) THEN
        minutes := coalesce(floor(extract(epoch FROM clock_timestamp() - greatest(waiting, ran)) / 60), 0);
        IF waiting IS NULL THEN
            minutes := 0;
        END IF;
        RETURN NEXT momentum._health_grade('*', 'refresh', '', minutes,
            momentum._health_setting('refresh_minutes_warn'), momentum._health_setting('refresh_minutes_fail'), 'minutes',
            CASE WHEN waiting IS NULL THEN 'Nothing is due.'
                 ELSE format('Something is due, and nothing ran for %s minutes.', minutes) END,
            'Is pg_cron alive, and does its job run? CALL momentum.refresh() by hand shows what stops it.');
    END IF;
    SELECT r.* INTO f FROM momentum_state.recompute_failure r;
    IF FOUND THEN
        RETURN NEXT momentum._health_grade('*', 'recompute', '', floor(extract(epoch FROM clock_timestamp() - f.since) / 60)::float8,
            0, momentum._health_setting('recompute_minutes_fail'), 'minutes',
            format('The answers could not be computed by %s refreshes in a row, for %s minutes (%s).', f.failures,
                   floor(extract(epoch FROM clock_timestamp() - f.since) / 60), f.sqlstate),
            'They stay those of before. CALL momentum.refresh() shows the message.');
    ELSE
        RETURN NEXT momentum._health_grade('*', 'recompute', '', 0, momentum._health_setting('recompute_minutes_fail'), NULL, 'minutes',
                                           'The answers follow the facts.', NULL);
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._health_refresh() IS 'Checks refresh (something is due and nothing runs) and recompute (the answers cannot be computed).';
REVOKE ALL ON FUNCTION momentum._health_refresh() FROM PUBLIC;

CREATE FUNCTION momentum._note_recompute(failure text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF failure IS NULL THEN
        DELETE FROM momentum_state.recompute_failure;
    ELSE
        INSERT INTO momentum_state.recompute_failure AS r (since, last_failed_at, failures, sqlstate)
        VALUES (clock_timestamp(), clock_timestamp(), 1, failure)
        ON CONFLICT ((true)) DO UPDATE
           SET last_failed_at = excluded.last_failed_at, failures = r.failures + 1, sqlstate = excluded.sqlstate;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._note_recompute(text) IS 'Remembers that the answers could not be computed, by its SQLSTATE; NULL: they could.';
REVOKE ALL ON FUNCTION momentum._note_recompute(text) FROM PUBLIC;

-- The rule of the freshness alerts: one row per source.
CREATE FUNCTION momentum._health_source() RETURNS SETOF momentum.health_row
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN QUERY
    SELECT s.brand, 'source', s.object, CASE WHEN s.holds THEN s.severity ELSE 'ok' END, s.value, s.threshold, 'days', s.sentence,
           CASE WHEN s.holds THEN 'momentum.source_health says what ails its streams.' END
      FROM momentum._stale_sources(clock_timestamp()) s;
END
$$;
COMMENT ON FUNCTION momentum._health_source() IS 'Check source: is each source as fresh as it has to be?';
REVOKE ALL ON FUNCTION momentum._health_source() FROM PUBLIC;

CREATE FUNCTION momentum._health_dead_letter() RETURNS SETOF momentum.health_row
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF to_regclass('momentum_state.dead_letter') IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE $q$
        SELECT g.*
          FROM (SELECT x.brand FROM momentum_state.brand x UNION SELECT '*') b
         CROSS JOIN LATERAL (SELECT count(*) AS waiting, min(d.first_at) AS oldest
                               FROM momentum_state.dead_letter d
                              WHERE d.brand = CASE b.brand WHEN '*' THEN '' ELSE b.brand END AND d.replayed_at IS NULL) n
         CROSS JOIN LATERAL momentum._health_grade(b.brand, 'dead_letter', '', n.waiting::float8, momentum._health_setting('dead_letters_warn'),
                momentum._health_setting('dead_letters_fail'), 'count',
                CASE n.waiting WHEN 0 THEN 'No row was refused.'
                     WHEN 1 THEN format('1 row was refused and waits since %s.', to_char(n.oldest AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'))
                     ELSE format('%s rows were refused and wait, the oldest since %s.', n.waiting, to_char(n.oldest AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')) END,
                format('momentum_state.dead_letter has the reasons; mend the cause, then SELECT * FROM momentum.replay(brand => %L).',
                       CASE b.brand WHEN '*' THEN '' ELSE b.brand END)) g
         WHERE b.brand <> '*' OR n.waiting > 0$q$;
END
$$;
COMMENT ON FUNCTION momentum._health_dead_letter() IS 'Check dead_letter: rows that were refused and wait for somebody.';
REVOKE ALL ON FUNCTION momentum._health_dead_letter() FROM PUBLIC;

-- A new database has until then to make its first one.
CREATE FUNCTION momentum._health_backup() RETURNS SETOF momentum.health_row
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    born CONSTANT timestamptz := (SELECT min(b.added_at) FROM momentum_state.brand b);
    b record;
    n record;
    failed timestamptz;
    age float8;
BEGIN
    IF to_regclass('momentum_state.backup_log') IS NULL OR born IS NULL THEN
        RETURN;
    END IF;
    FOR b IN SELECT * FROM (VALUES ('backup', 3600, 'hours', 'backup_hours'), ('drill', 86400, 'days', 'drill_days')) v ("check", seconds, unit, setting) LOOP
        EXECUTE 'SELECT l.finished_at, l.is_encrypted FROM momentum_state.backup_log l WHERE l.status = ''ok'' AND (l.kind = ''drill'') = $1 ORDER BY l.finished_at DESC LIMIT 1'
           INTO n USING b."check" = 'drill';
        EXECUTE 'SELECT max(l.finished_at) FROM momentum_state.backup_log l WHERE l.status <> ''ok'' AND (l.kind = ''drill'') = $1'
           INTO failed USING b."check" = 'drill';
        age := round((extract(epoch FROM clock_timestamp() - coalesce(n.finished_at, born)) / b.seconds)::numeric, 1);
        IF failed > coalesce(n.finished_at, '-infinity') THEN
            RETURN NEXT ROW('*', b."check", '', CASE WHEN b."check" = 'drill' OR age >= momentum._health_setting(b.setting || '_fail') THEN 'fail' ELSE 'warn' END,
                age, momentum._health_setting(b.setting || '_warn'), b.unit,
                format('The last %s failed; the last good one is %s %s old.', CASE b."check" WHEN 'drill' THEN 'restore drill' ELSE 'backup' END,
                       age, b.unit),
                'momentum.backup_status says why; run it again by hand.')::momentum.health_row;
        ELSE
            RETURN NEXT momentum._health_grade('*', b."check", '', age, momentum._health_setting(b.setting || '_warn'),
                momentum._health_setting(b.setting || '_fail'), b.unit,
                CASE WHEN n.finished_at IS NULL
                     THEN format('No %s was reported in %s %s.', CASE b."check" WHEN 'drill' THEN 'restore drill' ELSE 'backup' END, age, b.unit)
                     ELSE format('The newest %s is %s %s old.', CASE b."check" WHEN 'drill' THEN 'restore drill' ELSE 'backup' END, age, b.unit) END,
                CASE b."check" WHEN 'drill' THEN 'Run scripts/restore-drill; its timer should do so each week.'
                               ELSE 'Run scripts/backup; its timer should do so each day.' END);
        END IF;
        IF b."check" = 'backup' AND n.is_encrypted IS FALSE THEN
            RETURN NEXT ROW('*', 'encryption', 'backup', 'fail', 0, 1, 'count', 'The newest backup is not encrypted.',
                            'Set repo1-cipher-type=aes-256-cbc in pgbackrest.conf; see docs/operations.md.')::momentum.health_row;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._health_backup() IS 'Checks backup and drill: how old the newest good ones are.';
REVOKE ALL ON FUNCTION momentum._health_backup() FROM PUBLIC;

-- A secret says itself when it ends, in a member "expires_at", or somebody
-- said so with set_secret_expiry().  Bought access tokens are bought anew.
CREATE FUNCTION momentum._health_secret() RETURNS SETOF momentum.health_row
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    s record;
    days float8;
BEGIN
    FOR s IN SELECT * FROM momentum.secret_names() LOOP
        CONTINUE WHEN s.expires IS NULL;
        days := round((extract(epoch FROM s.expires - clock_timestamp()) / 86400)::numeric, 1);
        RETURN NEXT momentum._health_grade('*', 'secret', s.name, days, momentum._health_setting('secret_days_warn'),
            momentum._health_setting('secret_days_fail'), 'days',
            CASE WHEN days <= 0 THEN format('Secret "%s" has expired.', s.name) ELSE format('Secret "%s" expires in %s days.', s.name, days) END,
            'Have the service make another one, and \copy it into momentum.secret_entry.');
    END LOOP;
    IF NOT FOUND THEN
        RETURN NEXT ROW('*', 'secret', '', 'ok', NULL, NULL, 'days', 'No secret has a date on which it ends.', NULL)::momentum.health_row;
    END IF;
EXCEPTION WHEN object_not_in_prerequisite_state THEN
    RETURN NEXT ROW('*', 'secret', '', 'ok', NULL, NULL, 'days', 'There is no secret store.', NULL)::momentum.health_row;
END
$$;
COMMENT ON FUNCTION momentum._health_secret() IS 'Check secret: how many days until one expires.';
REVOKE ALL ON FUNCTION momentum._health_secret() FROM PUBLIC;

CREATE FUNCTION momentum._health_drift() RETURNS SETOF momentum.health_row
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN QUERY
    SELECT b.brand, 'drift', '', CASE WHEN n.open > 0 THEN 'fail' WHEN n.healed > 0 THEN 'warn' ELSE 'ok' END,
           (n.open + n.healed)::float8, 1::float8, 'count',
           CASE WHEN n.open + n.healed = 0 THEN 'Daily values follow from the facts.'
                WHEN n.open > 0 THEN format('%s daily values differ from the facts.', n.open)
                ELSE format('%s daily values differed from the facts and were mended.', n.healed) END,
           CASE WHEN n.open > 0 THEN 'CALL momentum.reconcile() mends them; momentum.drift shows them.'
                WHEN n.healed > 0 THEN 'Who changed hub or metric_daily by hand? momentum.drift shows them.' END
      FROM momentum_state.brand b
     CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE NOT d.is_healed AND d.run_id = l.run_id) AS open,
                                count(*) FILTER (WHERE d.is_healed) AS healed
                           FROM momentum_state.drift d
                           LEFT JOIN LATERAL (SELECT max(g.run_id) AS run_id FROM momentum_state.reconcile_log g
                                               WHERE g.brand = b.brand AND g.finished_at IS NOT NULL) l ON true
                          WHERE d.brand = b.brand
                            AND d.found_at > now() - momentum._health_setting('drift_days') * interval '1 day') n;
END
$$;
COMMENT ON FUNCTION momentum._health_drift() IS 'Check drift: daily values that reconcile() found to differ from the facts.';
REVOKE ALL ON FUNCTION momentum._health_drift() FROM PUBLIC;

-- Without the ledger's file an older backup brings erased persons back for good.
CREATE FUNCTION momentum._health_ledger() RETURNS SETOF momentum.health_row
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    mark text;
    problem text;
    alien bigint;
BEGIN
    IF NOT EXISTS (SELECT FROM momentum_state.erasure) THEN
        RETURN NEXT ROW('*', 'ledger', '', 'ok', 0, 1, 'count', 'Nobody was erased yet.', NULL)::momentum.health_row;
        RETURN;
    END IF;
    BEGIN
        mark := momentum._ledger_mark(false);
    EXCEPTION WHEN OTHERS THEN
        problem := SQLERRM;
    END;
    SELECT count(*) INTO alien FROM momentum_state.erasure e WHERE e.ledger IS DISTINCT FROM mark;
    RETURN NEXT ROW('*', 'ledger', '', CASE WHEN alien > 0 THEN 'fail' ELSE 'ok' END, alien, 1, 'count',
                    CASE WHEN problem IS NOT NULL THEN format('The erasure ledger cannot be read: %s.', problem)
                         WHEN mark IS NULL THEN 'The file of the erasure ledger is not there, and persons were erased.'
                         WHEN alien > 0 THEN format('%s erasures were written to another ledger than this one.', alien)
                         ELSE 'The erasure ledger is there, and fits the erasures.' END,
                    CASE WHEN alien > 0 THEN 'Bring the file that "momentum.erasure_ledger" names back from its safe.' END)::momentum.health_row;
END
$$;
COMMENT ON FUNCTION momentum._health_ledger() IS 'Check ledger: is the file there that replays erasures after a restore?';
REVOKE ALL ON FUNCTION momentum._health_ledger() FROM PUBLIC;

CREATE FUNCTION momentum._health_alert() RETURNS SETOF momentum.health_row
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    late CONSTANT interval := momentum._health_setting('delivery_minutes_warn') * interval '1 minute';
    t record;
    n bigint;
BEGIN
    FOR t IN
        SELECT g.brand, g.kind, g.target_id, g.last_ok_at, g.added_at, u.given_up, u.late
          FROM momentum_state.alert_target g
          LEFT JOIN (SELECT d.target_id, count(*) FILTER (WHERE d.given_up_at IS NOT NULL) AS given_up,
                            count(*) FILTER (WHERE d.given_up_at IS NULL AND d.queued_at < clock_timestamp() - late) AS late
                       FROM momentum_state.alert_delivery d
                      WHERE d.delivered_at IS NULL
                      GROUP BY d.target_id) u ON u.target_id = g.target_id
         ORDER BY g.target_id
    LOOP
        IF t.kind = 'webhook' THEN
            n := coalesce(t.given_up, 0) + coalesce(t.late, 0);
            RETURN NEXT ROW(t.brand, 'alert', format('target %s', t.target_id), CASE WHEN t.given_up > 0 THEN 'fail' WHEN t.late > 0 THEN 'warn' ELSE 'ok' END,
                n, 1, 'count',
                CASE WHEN n = 0 THEN format('Target %s has taken its alerts.', t.target_id)
                     ELSE format('%s alerts did not reach target %s.', n, t.target_id) END,
                CASE WHEN n > 0 THEN 'momentum_state.alert_delivery says why; then CALL momentum.deliver_alerts(again => true).' END)::momentum.health_row;
        ELSE
            RETURN NEXT ROW(t.brand, 'alert', format('watch %s', t.target_id),
                CASE WHEN coalesce(t.last_ok_at, t.added_at) < clock_timestamp() - 3 * momentum._health_setting('watch_minutes') * interval '1 minute' THEN 'warn' ELSE 'ok' END,
                floor(extract(epoch FROM clock_timestamp() - coalesce(t.last_ok_at, t.added_at)) / 60)::float8,
                3 * momentum._health_setting('watch_minutes'), 'minutes',
                format('Watch %s last had a sign of life %s minutes ago.', t.target_id,
                       floor(extract(epoch FROM clock_timestamp() - coalesce(t.last_ok_at, t.added_at)) / 60)),
                CASE WHEN coalesce(t.last_ok_at, t.added_at) < clock_timestamp() - 3 * momentum._health_setting('watch_minutes') * interval '1 minute'
                     THEN 'Does the job that calls momentum.deliver_alerts() run? momentum_state.alert_target has the error.' END)::momentum.health_row;
        END IF;
    END LOOP;
    IF NOT FOUND THEN
        RETURN NEXT ROW('*', 'alert', '', 'ok', 0, NULL, 'count', 'Nobody is told outside: there is no alert target.', NULL)::momentum.health_row;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._health_alert() IS 'Check alert: are alerts delivered to those outside, and did the watches hear of us?';
REVOKE ALL ON FUNCTION momentum._health_alert() FROM PUBLIC;

CREATE FUNCTION momentum.health() RETURNS TABLE (brand text, "check" text, object text, status text, value double precision,
        threshold double precision, unit text, since timestamptz, sentence text, hint text)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET jit = off
    AS $$
DECLARE
    part text;
    message text;
    state text;
BEGIN
    PERFORM momentum._check_setup();
    FOREACH part IN ARRAY ARRAY['server', 'refresh', 'source', 'dead_letter', 'backup', 'disk', 'secret', 'drift', 'ledger', 'denied', 'alert'] LOOP
        BEGIN
            RETURN QUERY EXECUTE format($q$
                SELECT h.brand, h."check", h.object, h.status, h.value, h.threshold, h.unit,
                       coalesce(l.since, clock_timestamp()), h.sentence, h.hint
                  FROM momentum.%I() h
                  LEFT JOIN momentum_state.health_log l
                    ON l.brand = h.brand AND l."check" = h."check" AND l.object = h.object AND l.status = h.status$q$,
                '_health_' || part);
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE;
            RETURN QUERY
            SELECT '*', part, '(check)', 'fail', NULL::float8, NULL::float8, NULL::text,
                   coalesce((SELECT l.since FROM momentum_state.health_log l
                              WHERE l.brand = '*' AND l."check" = part AND l.object = '(check)' AND l.status = 'fail'), clock_timestamp()),
                   format('The check itself failed: %s (%s).', message, state),
                   format('SELECT * FROM momentum.%I() shows it; what it looks at is not known meanwhile.', '_health_' || part);
        END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum.health() IS
    'Is all well? One row per check and object, as it is now: ok, warn or fail, what was measured by which threshold, since when, and what to do. momentum.health_check shows what the last refresh found.';
REVOKE ALL ON FUNCTION momentum.health() FROM PUBLIC;
