-- Do the daily values still follow from the facts?  Everything is computed
-- anew, aside, and compared with what is stored: two months of a brand at a
-- time, each in a transaction of its own, so that neither readers nor a
-- refresh are kept waiting, and a stop loses no more than two months' work.
--
-- Only metrics that a stream of the brand feeds are looked at: what somebody
-- wrote by hand stays.
CREATE FUNCTION momentum._fed_metrics(brand text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN QUERY
    SELECT ms.metric
      FROM momentum_state.stream st
      JOIN momentum_state.source c ON c.brand = st.brand AND c.source = st.source
      JOIN momentum_state.metric_stream ms ON ms.service = c.service AND ms.loader = st.loader
     WHERE st.brand = _fed_metrics.brand
       AND (ms.metric NOT IN ('cogs', 'shipping_cost', 'payment_fees', 'variable_costs')
            OR ms.metric IN (SELECT momentum._cost_metrics(_fed_metrics.brand)))
     UNION
    SELECT 'fixed_costs' WHERE 'fixed_costs' IN (SELECT momentum._cost_metrics(_fed_metrics.brand));
END
$$;
COMMENT ON FUNCTION momentum._fed_metrics(text) IS 'The metrics that streams of a brand feed, and those that the costs it has entered feed.';
REVOKE ALL ON FUNCTION momentum._fed_metrics(text) FROM PUBLIC;

CREATE FUNCTION momentum._begin_reconcile(brand text, heal boolean, OUT run_id bigint, OUT first_day date, OUT last_day date)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    SELECT min(x.first), max(x.last) INTO first_day, last_day
      FROM (SELECT st.first_day AS first, st.complete_through AS last
              FROM momentum_state.stream st
              JOIN momentum_state.source c ON c.brand = st.brand AND c.source = st.source
             WHERE st.brand = _begin_reconcile.brand
               AND EXISTS (SELECT FROM momentum_state.metric_stream ms
                            WHERE ms.service = c.service AND ms.loader = st.loader)
             UNION ALL
            SELECT (SELECT t.day FROM momentum_state.metric_daily t
                     WHERE t.brand = _begin_reconcile.brand AND t.metric = f.metric ORDER BY t.day LIMIT 1),
                   (SELECT t.day FROM momentum_state.metric_daily t
                     WHERE t.brand = _begin_reconcile.brand AND t.metric = f.metric ORDER BY t.day DESC LIMIT 1)
              FROM momentum._fed_metrics(_begin_reconcile.brand) f (metric)) x;
    INSERT INTO momentum_state.reconcile_log AS l (brand, first_day, last_day, is_healing)
    VALUES (_begin_reconcile.brand, _begin_reconcile.first_day, _begin_reconcile.last_day, heal)
    RETURNING l.run_id INTO _begin_reconcile.run_id;
END
$$;
COMMENT ON FUNCTION momentum._begin_reconcile(text, boolean) IS 'Enters a pass over a brand into reconcile_log; tells which days it is to compare.';
REVOKE ALL ON FUNCTION momentum._begin_reconcile(text, boolean) FROM PUBLIC;

-- Facts that came while this was computing are no drift: their days are in
-- the log of changed days, which nobody else takes while the lock is held.
-- A day may count in 27 more (doors).
CREATE FUNCTION momentum._reconcile_days(brand text, run_id bigint, first_day date, last_day date, heal boolean) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    n_compared bigint;
    n_drift bigint;
    n_flags bigint;
    sales record;
BEGIN
    PERFORM momentum._lock_metrics();
    IF EXISTS (SELECT FROM momentum_state.changed_day) THEN
        PERFORM momentum.recompute();
    END IF;
    PERFORM momentum._stage_metrics();
    INSERT INTO pg_temp.momentum_changed (brand, metric, day)
    SELECT _reconcile_days.brand, f.metric, d::date
      FROM momentum._fed_metrics(_reconcile_days.brand) f (metric),
           generate_series(_reconcile_days.first_day::timestamp, _reconcile_days.last_day::timestamp, interval '1 day') d;
    SELECT * INTO sales FROM momentum._reconcile_product_sales(_reconcile_days.brand, _reconcile_days.run_id, _reconcile_days.heal);
    PERFORM momentum._compute_metrics(from_facts => true);

    WITH wanted AS (
        SELECT v.metric, v.day, v.channel, coalesce(v.value, 0) AS value, d.provisional
          FROM pg_temp.momentum_day d
          JOIN pg_temp.momentum_value v ON v.brand = d.brand AND v.metric = d.metric AND v.day = d.day),
    stored AS (
        SELECT t.metric, t.day, t.channel, t.value, t.provisional
          FROM momentum._fed_metrics(_reconcile_days.brand) f (metric)
          JOIN momentum_state.metric_daily t
            ON t.brand = _reconcile_days.brand AND t.metric = f.metric
           AND t.day BETWEEN _reconcile_days.first_day AND _reconcile_days.last_day),
    compared AS MATERIALIZED (
        SELECT coalesce(s.metric, w.metric) AS metric, coalesce(s.day, w.day) AS day,
               coalesce(s.channel, w.channel) AS channel, s.value AS stored, w.value AS recomputed,
               s.provisional <> w.provisional AS is_flag_wrong
          FROM stored s
          FULL JOIN wanted w ON w.metric = s.metric AND w.day = s.day AND w.channel = s.channel),
    differing AS MATERIALIZED (
        SELECT c.*
          FROM compared c
         WHERE c.stored IS DISTINCT FROM c.recomputed
           AND NOT EXISTS (SELECT FROM momentum_state.changed_day g
                            WHERE g.brand = _reconcile_days.brand AND g.day BETWEEN c.day - 27 AND c.day)),
    found AS (
        INSERT INTO momentum_state.drift (brand, run_id, metric, day, channel, stored, recomputed, is_healed)
        SELECT _reconcile_days.brand, _reconcile_days.run_id, c.metric, c.day, c.channel, c.stored, c.recomputed,
               _reconcile_days.heal
          FROM differing c
         ORDER BY c.day, c.metric, c.channel LIMIT 1000)
    SELECT (SELECT count(*) FROM compared), (SELECT count(*) FROM differing),
           (SELECT count(*) FROM compared c WHERE c.is_flag_wrong) INTO n_compared, n_drift, n_flags;

    -- Which days are provisional changes with what a new version knows of a
    -- service: no drift, but mended with it.
    IF n_drift + n_flags > 0 AND heal THEN
        PERFORM momentum._store_metrics();
        PERFORM momentum._refresh_matviews();
    END IF;
    IF heal THEN
        PERFORM momentum._log_past_scores(_reconcile_days.brand, _reconcile_days.first_day, _reconcile_days.last_day);
    END IF;
    UPDATE momentum_state.reconcile_log l
       SET compared = l.compared + n_compared + sales.compared, drift = l.drift + n_drift + sales.differing,
           healed = l.healed + CASE WHEN heal THEN n_drift + sales.differing ELSE 0 END, through = _reconcile_days.last_day
     WHERE l.brand = _reconcile_days.brand AND l.run_id = _reconcile_days.run_id;
    RETURN n_drift + sales.differing;
END
$$;
COMMENT ON FUNCTION momentum._reconcile_days(text, bigint, date, date, boolean) IS
    'Compares the daily values of some days of a brand with the facts, and mends them on request, with the scores of these days; returns how many differed.';
REVOKE ALL ON FUNCTION momentum._reconcile_days(text, bigint, date, date, boolean) FROM PUBLIC;

CREATE FUNCTION momentum._end_reconcile(brand text, run_id bigint) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    UPDATE momentum_state.reconcile_log l SET finished_at = clock_timestamp()
     WHERE l.brand = _end_reconcile.brand AND l.run_id = _end_reconcile.run_id;
END
$$;
COMMENT ON FUNCTION momentum._end_reconcile(text, bigint) IS 'Enters that a pass over a brand has come to its end.';
REVOKE ALL ON FUNCTION momentum._end_reconcile(text, bigint) FROM PUBLIC;

-- It COMMITs, so it can carry neither SECURITY DEFINER nor SET: every name is
-- qualified.
CREATE PROCEDURE momentum.reconcile(heal boolean DEFAULT true, only_brand text DEFAULT NULL)
    LANGUAGE plpgsql
    AS $$
DECLARE
    b record;
    pass record;
    day date;
    drift bigint;
BEGIN
    PERFORM momentum._check_setup();
    PERFORM momentum._check_model_member('reconcile the metrics');
    IF heal IS NULL THEN
        RAISE EXCEPTION 'heal must be true or false' USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF only_brand IS NOT NULL THEN
        PERFORM momentum._check_brand(only_brand);
    END IF;
    FOR b IN
        SELECT t.brand FROM momentum_state.brand t
         WHERE only_brand IS NULL OR t.brand OPERATOR(pg_catalog.=) only_brand
         ORDER BY t.brand
    LOOP
        SELECT r.run_id, r.first_day, r.last_day INTO pass FROM momentum._begin_reconcile(b.brand, heal) r;
        COMMIT;
        drift := 0;
        day := pass.first_day;
        WHILE day OPERATOR(pg_catalog.<=) pass.last_day LOOP
            drift := drift OPERATOR(pg_catalog.+) momentum._reconcile_days(
                b.brand, pass.run_id, day, LEAST(day OPERATOR(pg_catalog.+) 59, pass.last_day), heal);
            COMMIT;
            day := day OPERATOR(pg_catalog.+) 60;
        END LOOP;
        PERFORM momentum._end_reconcile(b.brand, pass.run_id);
        COMMIT;
        RAISE NOTICE 'brand "%": % daily values differed from the facts', b.brand, drift;
    END LOOP;
    IF heal THEN
        PERFORM momentum._lock_metrics();
        PERFORM momentum._refresh_matviews();
        COMMIT;
    END IF;
END
$$;
COMMENT ON PROCEDURE momentum.reconcile(boolean, text) IS
    'Computes all daily values anew from the facts, compares them with those stored, and mends what differs unless heal is false; for one brand or all. What it found is in momentum.reconciliation and momentum.drift. Meant for once a night; may be stopped at any time.';
REVOKE ALL ON PROCEDURE momentum.reconcile(boolean, text) FROM PUBLIC;
