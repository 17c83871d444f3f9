-- Brings the answers up to date: the matviews, all in the caller's
-- transaction so that the parts of a dashboard agree, then the logs.
--
-- Run by the owner of the matviews or a member of it.  CONCURRENTLY needs a
-- matview that was filled before: the first time, and after a restore that
-- left it empty, it is filled plainly.
--
-- What was never analyzed is: without statistics the plans of small tables
-- look so dear that they are compiled, which takes longer than they do.  For
-- the same reason the refresh itself never compiles.
CREATE FUNCTION momentum._refresh_matviews() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET jit = off
    AS $$
DECLARE
    -- each after those that it reads
    matviews constant text[] := ARRAY[
        'recent_day',
        'cash_path',
        'cash_summary',
        'component',
        'dashboard',
        'decision_input',
        'change_split'];
    matview text;
    is_filled boolean;
BEGIN
    PERFORM momentum._analyze_new('r');
    PERFORM momentum._hold_catalog();
    FOREACH matview IN ARRAY matviews LOOP
        SELECT c.relispopulated INTO is_filled
          FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'momentum_state' AND c.relname = matview AND c.relkind = 'm';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'materialized view "momentum_state.%" does not exist', matview
                USING ERRCODE = 'object_not_in_prerequisite_state',
                      HINT = 'Run SELECT momentum.setup() to make it again.';
        END IF;
        EXECUTE format('REFRESH MATERIALIZED VIEW %s momentum_state.%I',
                       CASE WHEN is_filled THEN 'CONCURRENTLY' ELSE '' END, matview);
    END LOOP;
    PERFORM momentum._analyze_new('m');
    PERFORM momentum._log_answers();
END
$$;
COMMENT ON FUNCTION momentum._refresh_matviews() IS
    'Refreshes the materialized views of the answers in their order, and writes what was told into score_log and status_log.';
REVOKE ALL ON FUNCTION momentum._refresh_matviews() FROM PUBLIC;

CREATE FUNCTION momentum._analyze_new(kind "char") RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT c.oid
          FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname IN ('momentum_state', 'hub') AND c.relkind = kind AND c.reltuples < 0
           AND pg_has_role(c.relowner, 'USAGE')
    LOOP
        EXECUTE format('ANALYZE %s', relation);
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._analyze_new("char") IS 'Analyzes the tables (r) or materialized views (m) of the model that never were.';
REVOKE ALL ON FUNCTION momentum._analyze_new("char") FROM PUBLIC;

-- A score is written when it differs from what was last told for its day:
-- nine digits tell a change from the noise of summing in another order.  A day
-- that is past is told anew when it makes a difference that can be seen.
CREATE FUNCTION momentum._log_scores(parts momentum._component[], is_told boolean) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    written bigint;
BEGIN
    INSERT INTO momentum_state.score_log
           (brand, as_of, score, coverage, se, p_up, direction, confidence, reason, components, is_told)
    SELECT s.brand, s.as_of, (s.r).score, (s.r).coverage, (s.r).se, (s.r).p_up, (s.r).direction, (s.r).confidence,
           (s.r).reason, s.components, _log_scores.is_told
      FROM (SELECT c.brand, c.as_of,
                   momentum.momentum_score(array_agg(c.component ORDER BY c.place), array_agg(c.weight ORDER BY c.place),
                                           array_agg(c.c ORDER BY c.place), array_agg(c.se ORDER BY c.place)) AS r,
                   jsonb_agg(jsonb_build_object(
                       'component', c.component, 'c', round(c.c::numeric, 9), 'share', round(c.share::numeric, 9),
                       'contribution', round(c.contribution::numeric, 9),
                       'raw', CASE WHEN abs(c.raw) < 'Infinity' THEN round(c.raw::numeric, 9) END,
                       'newest', c.newest, 'reason', c.reason) ORDER BY c.place) AS components
              FROM unnest(parts) c
             GROUP BY c.brand, c.as_of) s
      LEFT JOIN LATERAL (
            SELECT g.score, g.coverage, g.components
              FROM momentum_state.score_log g
             WHERE g.brand = s.brand AND g.as_of = s.as_of
             ORDER BY g.logged_at DESC LIMIT 1) l ON true
     WHERE l.components IS NULL
        OR CASE WHEN _log_scores.is_told
                THEN round(l.score::numeric, 9) IS DISTINCT FROM round((s.r).score::numeric, 9)
                     OR round(l.coverage::numeric, 9) IS DISTINCT FROM round((s.r).coverage::numeric, 9)
                     OR l.components IS DISTINCT FROM s.components
                ELSE l.score IS NULL <> ((s.r).score IS NULL)
                     OR abs(l.score - (s.r).score) >= 0.001 OR abs(l.coverage - (s.r).coverage) >= 0.001 END;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;
COMMENT ON FUNCTION momentum._log_scores(momentum._component[], boolean) IS
    'Writes scores into score_log, each from the components of its day, unless that is what it says already. is_told: as told by a refresh, not computed afterwards. Returns the number of rows.';
REVOKE ALL ON FUNCTION momentum._log_scores(momentum._component[], boolean) FROM PUBLIC;

CREATE FUNCTION momentum._log_answers() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._log_scores(array_agg((c.brand, c.as_of, c.place, c.component, c.newest, c.weight, c.full_scale, c.raw, c.c,
                                            c.se, c.actual, c.target, c.level, c.p_up, c.accel, c.t_accel, c.reason,
                                            c.share, c.contribution, c.days_excluded)::momentum._component), true)
       FROM momentum_state.component c WHERE c.back = 0;

    INSERT INTO momentum_state.status_log AS l (brand, metric, as_of, status)
    SELECT d.brand, d.metric, d.as_of, d.status
      FROM momentum_state.dashboard d
     WHERE d.status IN ('green', 'yellow', 'red') AND d.as_of IS NOT NULL
    ON CONFLICT (brand, metric, as_of) DO UPDATE
       SET status = excluded.status, logged_at = excluded.logged_at
     WHERE l.status <> excluded.status;

    PERFORM momentum._judge_alerts();
    PERFORM momentum._log_recommendations();
END
$$;
COMMENT ON FUNCTION momentum._log_answers() IS 'Writes what the answers say into score_log, status_log and recommendation_log, and judges the alerts by it.';
REVOKE ALL ON FUNCTION momentum._log_answers() FROM PUBLIC;
