-- What health() finds is kept, and opens and closes alerts: at every refresh
-- that did something, and once a minute when nothing is due.  Sources have alerts of their own, by the same
-- rule (freshness).
CREATE FUNCTION momentum._judge_health() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET jit = off
    AS $$
DECLARE
    h record;
    close_after CONSTANT integer := momentum._setting('', 'alert.close_after')::integer;
BEGIN
    -- Of several refreshes side by side one looks.
    IF NOT pg_try_advisory_xact_lock(7240, 2) THEN
        RETURN;
    END IF;
    -- A check that failed says nothing of its objects: they stay as they were.
    WITH found AS MATERIALIZED (SELECT * FROM momentum.health()),
    gone AS (
        DELETE FROM momentum_state.health_log l
         WHERE NOT EXISTS (SELECT FROM found f WHERE f.brand = l.brand AND f."check" = l."check" AND f.object = l.object)
           AND (l.object = '(check)' OR NOT EXISTS (SELECT FROM found f WHERE f.object = '(check)'))
    )
    INSERT INTO momentum_state.health_log AS l (brand, "check", object, status, value, threshold, unit, since, sentence, hint, checked_at)
    SELECT f.brand, f."check", f.object, f.status, f.value, f.threshold, f.unit, f.since, f.sentence, f.hint, clock_timestamp()
      FROM found f
     ORDER BY f.brand, f."check", f.object
    ON CONFLICT (brand, "check", object) DO UPDATE
       SET status = excluded.status, value = excluded.value, threshold = excluded.threshold, unit = excluded.unit,
           since = excluded.since, sentence = excluded.sentence, hint = excluded.hint, checked_at = excluded.checked_at;

    FOR h IN
        SELECT l.brand, l."check" || CASE WHEN l.object = '' THEN '' ELSE '/' || l.object END AS object, l.status, l.unit, l.value,
               l.threshold, l.sentence, l."check", l.hint, (l.checked_at AT TIME ZONE coalesce(b.time_zone, 'UTC'))::date AS day
          FROM momentum_state.health_log l
          LEFT JOIN momentum_state.brand b ON b.brand = l.brand
         WHERE l."check" <> 'source'
           AND (l.status <> 'ok'
                OR EXISTS (SELECT FROM momentum_state.alert_log a
                            WHERE a.brand = l.brand AND a.rule = 'health' AND a.closed_at IS NULL
                              AND a.object = l."check" || CASE WHEN l.object = '' THEN '' ELSE '/' || l.object END))
         ORDER BY 1, 2
    LOOP
        PERFORM momentum._judge_alert(h.brand, 'health', h.object, NULL, h.day, h.status <> 'ok', 'failing',
                                      CASE h.status WHEN 'fail' THEN 'fail' ELSE 'warn' END, h.unit, h.value, h.threshold, NULL,
                                      h.sentence, jsonb_strip_nulls(jsonb_build_object('check', h."check", 'hint', h.hint)), close_after);
    END LOOP;
    FOR h IN
        SELECT a.brand, a.alert_id
          FROM momentum_state.alert_log a
         WHERE a.closed_at IS NULL AND a.rule = 'health'
           AND NOT EXISTS (SELECT FROM momentum_state.health_log l
                            WHERE l.brand = a.brand AND l."check" || CASE WHEN l.object = '' THEN '' ELSE '/' || l.object END = a.object)
    LOOP
        PERFORM momentum._close_alert(h.brand, h.alert_id, 'gone');
    END LOOP;
    DELETE FROM momentum_state.alert_delivery d
     WHERE d.queued_at < now() - momentum._health_setting('delivery_days') * interval '1 day';
END
$$;
COMMENT ON FUNCTION momentum._judge_health() IS 'Keeps what momentum.health() finds, and opens, updates and closes the alerts of rule health. Called by every refresh that did something, and by others once a minute.';
REVOKE ALL ON FUNCTION momentum._judge_health() FROM PUBLIC;
