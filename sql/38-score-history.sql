-- The score of days past: those that no refresh told, because the server was
-- down or the facts came later, and those whose facts have changed since.
--
-- What runway was expected then can no longer be known: a day that was told
-- keeps the one it was told with, any other is without, and its coverage says
-- so.
CREATE FUNCTION momentum._past_components(brand text, days date[]) RETURNS SETOF momentum._component
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN QUERY
    SELECT p.*
      FROM (SELECT array_agg(d.day ORDER BY d.day) AS days,
                   array_agg(CASE WHEN k.c IS NULL THEN NULL
                                  WHEN k.raw IS NULL THEN 'Infinity'
                                  ELSE c.runway_target * (1 + k.raw) END ORDER BY d.day) AS runway_days,
                   array_agg(k.newest ORDER BY d.day) AS read_through,
                   array_agg(coalesce(k.reason, 'not_kept') ORDER BY d.day) AS reason
              FROM unnest(_past_components.days) d (day)
              JOIN momentum_state.config c ON c.brand = _past_components.brand
              LEFT JOIN LATERAL (
                SELECT e.c, e.raw, e.newest, e.reason
                  FROM (SELECT g.components
                          FROM momentum_state.score_log g
                         WHERE g.brand = _past_components.brand AND g.as_of = d.day AND g.is_told
                         ORDER BY g.logged_at DESC LIMIT 1) l
                 CROSS JOIN LATERAL jsonb_to_recordset(l.components)
                       AS e (component text, c double precision, raw double precision, newest date, reason text)
                 WHERE e.component = 'runway') k ON true) a
     CROSS JOIN LATERAL momentum._components(_past_components.brand, a.days, a.runway_days,
                                             array_fill(NULL::double precision, ARRAY[cardinality(a.days)]),
                                             a.read_through, a.reason) p;
END
$$;
COMMENT ON FUNCTION momentum._past_components(text, date[]) IS 'The components of the score as of days past, with the runway that was told then.';
REVOKE ALL ON FUNCTION momentum._past_components(text, date[]) FROM PUBLIC;

-- Days that have passed by since the first daily value of any component.
CREATE FUNCTION momentum._past_days(brand text, OUT first_day date, OUT last_day date)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    SELECT min(l.day) INTO first_day
      FROM unnest(ARRAY['net_revenue', 'orders', 'new_customers', 'sessions', 'ad_spend', 'retail_units', 'retail_doors']) m (metric)
     CROSS JOIN LATERAL (
        SELECT d.day FROM momentum_state.metric_daily d
         WHERE d.brand = _past_days.brand AND d.metric = m.metric ORDER BY d.day LIMIT 1) l;
    SELECT h.as_of - 1 INTO last_day FROM momentum_state.horizon h WHERE h.brand = _past_days.brand AND h.back = 0;
END
$$;
COMMENT ON FUNCTION momentum._past_days(text) IS 'The days of a brand before the newest complete one that can have a score.';
REVOKE ALL ON FUNCTION momentum._past_days(text) FROM PUBLIC;

CREATE FUNCTION momentum._log_past_scores(brand text, first_day date, last_day date) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    span record;
    days date[];
BEGIN
    SELECT greatest(_log_past_scores.first_day, p.first_day) AS first_day, least(_log_past_scores.last_day, p.last_day) AS last_day
      INTO span FROM momentum._past_days(_log_past_scores.brand) p;
    IF span.first_day <= span.last_day THEN
        days := ARRAY(SELECT d::date FROM generate_series(span.first_day::timestamp, span.last_day::timestamp, interval '1 day') d);
        RETURN (SELECT momentum._log_scores(array_agg(past), false)
                  FROM momentum._past_components(_log_past_scores.brand, days) past);
    END IF;
    RETURN 0;
END
$$;
COMMENT ON FUNCTION momentum._log_past_scores(text, date, date) IS 'Writes the scores of past days that nobody was told, or that are now others; returns their number.';
REVOKE ALL ON FUNCTION momentum._log_past_scores(text, date, date) FROM PUBLIC;

-- The newest days first: the levers look at the last 180.
CREATE FUNCTION momentum._log_untold_scores(brand text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    untold date[];
BEGIN
    SELECT array_agg(u.day) INTO untold
      FROM (SELECT d::date AS day
              FROM momentum._past_days(_log_untold_scores.brand) p
             CROSS JOIN LATERAL generate_series(p.first_day::timestamp, p.last_day::timestamp, interval '1 day') d
             WHERE NOT EXISTS (SELECT FROM momentum_state.score_log g
                                WHERE g.brand = _log_untold_scores.brand AND g.as_of = d::date)
             ORDER BY d DESC LIMIT 60) u;
    IF untold IS NULL THEN
        RETURN 0;
    END IF;
    -- Years may lie between two gaps; the days between them cost nothing but a look.
    RETURN (SELECT momentum._log_scores(array_agg(past), false)
              FROM momentum._past_components(_log_untold_scores.brand,
                       ARRAY(SELECT u FROM unnest(untold) u WHERE u > untold[1] - 120)) past);
END
$$;
COMMENT ON FUNCTION momentum._log_untold_scores(text) IS 'Writes scores of past days that nobody was told, 60 at most, the newest first; returns how many.';
REVOKE ALL ON FUNCTION momentum._log_untold_scores(text) FROM PUBLIC;

CREATE FUNCTION momentum.backfill_scores(brand text, from_day date DEFAULT NULL, to_day date DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    past record;
    day date;
    written bigint := 0;
BEGIN
    PERFORM momentum._check_setup();
    PERFORM momentum._check_model_member('fill the history of scores');
    PERFORM momentum._check_brand(backfill_scores.brand);
    PERFORM momentum._lock_metrics();
    SELECT * INTO past FROM momentum._past_days(backfill_scores.brand);
    day := greatest(from_day, past.first_day);
    WHILE day <= least(to_day, past.last_day) LOOP
        written := written + momentum._log_past_scores(backfill_scores.brand, day, least(day + 59, to_day));
        day := day + 60;
    END LOOP;
    RETURN written;
END
$$;
COMMENT ON FUNCTION momentum.backfill_scores(text, date, date) IS
    'Computes the score of past days from what is known today, and adds to score_history what nobody was told and what is now different; all days unless said otherwise. Refreshes and reconcile() do so by themselves. Returns the number of rows.';
REVOKE ALL ON FUNCTION momentum.backfill_scores(text, date, date) FROM PUBLIC;
