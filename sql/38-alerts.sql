-- Alerts: conditions that hold open a row of alert_log, and close it when
-- they no longer do.
--
-- What counts as a judgement.  A condition about days (anomaly, trend,
-- target, pacing, score) is judged once per day: that of the newest complete
-- day of what it is about.  However often a refresh runs meanwhile, a judgement
-- by the same day does not count again, so that half an hour cannot close
-- what a day has opened.  The runway is judged whenever it came out different,
-- for a cash sheet is mended in an hour; freshness and health at every refresh,
-- for their condition is the clock.
--
-- An alert closes by alert.close_after judgements in a row (2) by which its
-- condition does not hold.  Sooner only an anomaly whose own day was restated
-- to be none, and an alert that turned: a drop that became a jump closes as
-- one and opens as another.  What cannot be told any more stays open for
-- alert.unknown_days, or until nothing is known of its brand at all.
--
-- Whoever listens to momentum_alert is told of each row that opens, grows
-- graver or closes by its alert_id alone, for anybody may listen, and reads the
-- rest from the view momentum.alert, where may_see() judges.

-- In PL/pgSQL, which reads it once in a session: SQL would read it anew
-- wherever a view calls it.
CREATE FUNCTION momentum._figure(value double precision, unit text, currency text) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    after constant text := CASE unit WHEN 'money' THEN coalesce(' ' || currency, '') WHEN 'share' THEN ' %' WHEN 'days' THEN ' days' ELSE '' END;
    digits integer;
    rounded numeric;
BEGIN
    IF abs(value) >= 1e21 THEN
        RETURN value::text || after;
    END IF;
    digits := CASE unit WHEN 'money' THEN CASE WHEN abs(round(value::numeric, 2)) >= 1000 THEN 0
                                               WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW',
                                                                 'PYG', 'RWF', 'UGX', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0
                                               WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
                                               ELSE 2 END
                        WHEN 'share' THEN CASE WHEN abs(round((100 * value)::numeric, 2)) < 10 THEN 2 ELSE 1 END
                        WHEN 'count' THEN 0 WHEN 'days' THEN 0 ELSE 2 END;
    rounded := round((CASE unit WHEN 'share' THEN 100 * value WHEN 'days' THEN floor(value) ELSE value END)::numeric, digits);
    RETURN to_char(rounded, 'FM' || CASE WHEN unit = 'share' AND abs(rounded) < 10 THEN '990'
                                         WHEN unit = 'share' THEN repeat('9', 20) || '0'
                                         ELSE repeat('999,', 7) || '990' END
                                 || CASE WHEN digits > 0 THEN '.' || repeat('0', digits) ELSE '' END) || after;
END
$$;
COMMENT ON FUNCTION momentum._figure(double precision, text, text) IS 'A number in its unit, as a sentence says it.';

-- One row per source: of its streams the one that is furthest past what is
-- allowed.  What feeds a component of the score may be as old as the
-- component; a load under way that went on within a day is not late.
CREATE FUNCTION momentum._stale_sources(at timestamptz)
    RETURNS TABLE (brand text, object text, day date, holds boolean, severity text, value double precision,
                   threshold double precision, sentence text, figures jsonb)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN QUERY
    WITH g AS MATERIALIZED (
        SELECT f.brand, f.max_age_revenue, f.max_age_cac, f.max_age_conversion, f.max_age_velocity, f.max_age_runway
          FROM momentum_state.config f)
    SELECT DISTINCT ON (x.brand, x.source) x.brand, x.source, x.yesterday, x.behind > x.allowed,
           CASE WHEN x.behind > 2 * x.allowed THEN 'fail' ELSE 'warn' END, x.behind, x.allowed,
           CASE WHEN x.complete_through IS NULL THEN format('%s has not delivered anything in %s days', x.source, x.behind)
                ELSE format('%s is complete through %s only, %s days behind', x.source, x.complete_through, x.behind) END
           || format(' (%s are allowed)', x.allowed)
           || CASE WHEN x.status = 'failed' THEN '; its last attempt failed: see source_health.' ELSE '.' END,
           jsonb_strip_nulls(jsonb_build_object('stream', x.stream, 'complete_through', x.complete_through,
               'days_behind', x.behind, 'allowed', x.allowed, 'failed', nullif(x.status = 'failed', false)))
      FROM (SELECT t.brand, t.source, t.stream, t.status, t.complete_through, z.yesterday,
                   (z.yesterday - coalesce(t.complete_through, (c.added_at AT TIME ZONE b.time_zone)::date - 1))::double precision AS behind,
                   coalesce(CASE WHEN c.service IN ('google_sheets', 'quickbooks') THEN g.max_age_runway END,
                            (SELECT min(CASE WHEN m.metric IN ('retail_units', 'retail_doors') THEN g.max_age_velocity
                                             WHEN m.metric = 'sessions' THEN g.max_age_conversion
                                             WHEN m.metric = 'ad_spend' THEN g.max_age_cac
                                             WHEN m.metric = 'net_revenue' THEN least(g.max_age_revenue, g.max_age_cac, g.max_age_conversion) END)
                               FROM momentum_state.metric_stream m
                              WHERE m.service = c.service AND m.loader = t.loader),
                            s.max_age) AS allowed
              FROM momentum_state.stream t
              JOIN momentum_state.source c ON c.brand = t.brand AND c.source = t.source
              JOIN momentum_state.brand b ON b.brand = t.brand
              JOIN g ON g.brand = t.brand
              JOIN momentum_state.alert_setting s ON s.brand = t.brand
             CROSS JOIN LATERAL (VALUES ((at AT TIME ZONE b.time_zone)::date - 1)) z (yesterday)
             WHERE ((t.status = 'loading' OR t.continuing) AND t.last_success_at > at - interval '1 day') IS NOT TRUE
            OFFSET 0) x                            -- the fence has what is allowed looked up once per stream
     ORDER BY x.brand, x.source, x.behind - x.allowed DESC, x.stream;
END
$$;
COMMENT ON FUNCTION momentum._stale_sources(timestamptz) IS 'How far each source is behind at an instant, and whether that is past its max_age.';
REVOKE ALL ON FUNCTION momentum._stale_sources(timestamptz) FROM PUBLIC;

CREATE FUNCTION momentum._judge_alerts() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET jit = off
    AS $$
DECLARE
    c record;
BEGIN
    FOR c IN
        SELECT n.*, s.close_after
          FROM momentum_state.alert_condition n
          JOIN momentum_state.alert_setting s ON s.brand = n.brand
         WHERE n.holds
            OR NOT n.holds AND EXISTS (SELECT FROM momentum_state.alert_log a
                                        WHERE a.brand = n.brand AND a.rule = n.rule AND a.object = n.object AND a.closed_at IS NULL)
    LOOP
        PERFORM momentum._judge_alert(c.brand, c.rule, c.object, c.metric, c.day, c.holds, c.sense, c.severity, c.unit,
                                      c.value, c.threshold, c.confidence, c.sentence, c.figures, c.close_after);
    END LOOP;
    FOR c IN
        SELECT a.brand, a.alert_id
          FROM momentum_state.alert_log a
          JOIN momentum_state.decision_input h ON h.brand = a.brand
          JOIN momentum_state.alert_setting s ON s.brand = a.brand
         WHERE a.closed_at IS NULL AND a.rule NOT IN ('freshness', 'health', 'sla') AND (a.judged_day < h.as_of - s.unknown_days) IS NOT FALSE
    LOOP
        PERFORM momentum._close_alert(c.brand, c.alert_id, 'unknown');
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._judge_alerts() IS 'Opens, updates and closes the alerts of all brands by their newest answers. Called when these are new.';
REVOKE ALL ON FUNCTION momentum._judge_alerts() FROM PUBLIC;

CREATE FUNCTION momentum._judge_freshness(at timestamptz DEFAULT now()) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET jit = off
    AS $$
DECLARE
    c record;
BEGIN
    FOR c IN
        SELECT n.*, s.close_after
          FROM momentum._stale_sources(_judge_freshness.at) n
          JOIN momentum_state.alert_setting s ON s.brand = n.brand
         WHERE n.holds
            OR EXISTS (SELECT FROM momentum_state.alert_log a
                        WHERE a.brand = n.brand AND a.rule = 'freshness' AND a.object = n.object AND a.closed_at IS NULL)
    LOOP
        PERFORM momentum._judge_alert(c.brand, 'freshness', c.object, NULL, c.day, c.holds, 'late', c.severity, 'days',
                                      c.value, c.threshold, NULL, c.sentence, c.figures, c.close_after);
    END LOOP;
    FOR c IN
        SELECT a.brand, a.alert_id
          FROM momentum_state.alert_log a
         WHERE a.closed_at IS NULL AND a.rule = 'freshness'
           AND NOT EXISTS (SELECT FROM momentum_state.source s WHERE s.brand = a.brand AND s.source = a.object)
    LOOP
        PERFORM momentum._close_alert(c.brand, c.alert_id, 'gone');
    END LOOP;
END
$$;
COMMENT ON FUNCTION momentum._judge_freshness(timestamptz) IS 'Opens, updates and closes the alerts of sources past their max_age. Called by every refresh, whether anything is new or not.';
REVOKE ALL ON FUNCTION momentum._judge_freshness(timestamptz) FROM PUBLIC;

-- Severities in their order: an open alert grows graver, never milder.
CREATE FUNCTION momentum._judge_alert(brand text, rule text, object text, metric text, day date, holds boolean, sense text,
        severity text, unit text, value double precision, threshold double precision, confidence double precision,
        sentence text, figures jsonb, close_after integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    grave CONSTANT text[] := ARRAY['info', 'warn', 'fail'];
    open record;
    is_new boolean;
    reason text;
    opened bigint;
BEGIN
    -- Words that lack a figure are no reason to stop: this is one brand of many.
    sentence := coalesce(_judge_alert.sentence, initcap(_judge_alert.rule) || ' of ' || _judge_alert.object || '.');
    SELECT a.* INTO open
      FROM momentum_state.alert_log a
     WHERE a.brand = _judge_alert.brand AND a.rule = _judge_alert.rule AND a.object = _judge_alert.object AND a.closed_at IS NULL
       FOR UPDATE;
    IF FOUND AND holds AND open.sense = _judge_alert.sense THEN
        UPDATE momentum_state.alert_log a
           SET severity = grave[greatest(array_position(grave, a.severity), array_position(grave, _judge_alert.severity))],
               message = _judge_alert.sentence, unit = _judge_alert.unit, value = _judge_alert.value,
               threshold = _judge_alert.threshold, confidence = _judge_alert.confidence, figures = _judge_alert.figures,
               day = _judge_alert.day, judged_day = _judge_alert.day, judged_value = _judge_alert.value,
               last_seen_at = now(), false_count = 0
         WHERE a.brand = open.brand AND a.alert_id = open.alert_id
           AND (a.message, a.day, a.value, a.false_count, a.severity)
               IS DISTINCT FROM (_judge_alert.sentence, _judge_alert.day, _judge_alert.value, 0, _judge_alert.severity);
        IF array_position(grave, _judge_alert.severity) > array_position(grave, open.severity) THEN
            UPDATE momentum_state.alert_log a
               SET acknowledged_at = NULL, acknowledged_by = NULL
             WHERE a.brand = open.brand AND a.alert_id = open.alert_id;
            PERFORM momentum._tell_alert(open.brand, open.alert_id);
        END IF;
        RETURN;
    END IF;

    IF open.alert_id IS NOT NULL THEN
        is_new := open.judged_day IS NULL OR _judge_alert.day > open.judged_day OR _judge_alert.rule IN ('freshness', 'health')
                  OR _judge_alert.rule = 'runway' AND _judge_alert.value IS DISTINCT FROM open.judged_value;
        reason := CASE WHEN holds THEN 'turned'
                       WHEN _judge_alert.rule = 'anomaly' AND _judge_alert.day = open.day THEN 'restated'
                       WHEN open.false_count + is_new::integer >= close_after THEN 'ended' END;
        IF is_new OR reason IS NOT NULL THEN
            UPDATE momentum_state.alert_log a
               SET false_count = a.false_count + is_new::integer,
                   judged_day = _judge_alert.day, judged_value = _judge_alert.value
             WHERE a.brand = open.brand AND a.alert_id = open.alert_id;
        END IF;
        IF reason IS NOT NULL THEN
            PERFORM momentum._close_alert(open.brand, open.alert_id, reason);
        END IF;
    END IF;
    IF NOT holds THEN
        RETURN;
    END IF;
    INSERT INTO momentum_state.alert_log (brand, rule, object, metric, sense, severity, message, unit, value, threshold,
                                          confidence, figures, opened_day, day, judged_day, judged_value)
    VALUES (_judge_alert.brand, _judge_alert.rule, _judge_alert.object, _judge_alert.metric, _judge_alert.sense,
            _judge_alert.severity, _judge_alert.sentence, _judge_alert.unit, _judge_alert.value, _judge_alert.threshold,
            _judge_alert.confidence, _judge_alert.figures, _judge_alert.day, _judge_alert.day, _judge_alert.day, _judge_alert.value)
    ON CONFLICT (brand, rule, object) WHERE closed_at IS NULL DO NOTHING
    RETURNING alert_id INTO opened;
    IF opened IS NOT NULL THEN
        PERFORM momentum._tell_alert(_judge_alert.brand, opened);
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._judge_alert(text, text, text, text, date, boolean, text, text, text, double precision,
    double precision, double precision, text, jsonb, integer) IS 'Brings the alert of one condition up to date.';
REVOKE ALL ON FUNCTION momentum._judge_alert(text, text, text, text, date, boolean, text, text, text, double precision,
    double precision, double precision, text, jsonb, integer) FROM PUBLIC;

CREATE FUNCTION momentum._close_alert(brand text, alert_id bigint, reason text) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    UPDATE momentum_state.alert_log a
       SET closed_at = now(), close_reason = _close_alert.reason
     WHERE a.brand = _close_alert.brand AND a.alert_id = _close_alert.alert_id;
    PERFORM momentum._tell_alert(_close_alert.brand, _close_alert.alert_id);
END
$$;
COMMENT ON FUNCTION momentum._close_alert(text, bigint, text) IS 'Closes one alert and tells whoever listens.';
REVOKE ALL ON FUNCTION momentum._close_alert(text, bigint, text) FROM PUBLIC;

CREATE FUNCTION momentum.acknowledge_alert(brand text, alert_id bigint, note text DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    closed timestamptz;
BEGIN
    IF acknowledge_alert.brand IS DISTINCT FROM '*' THEN
        PERFORM momentum._check_brand(acknowledge_alert.brand);
    END IF;
    SELECT a.closed_at INTO closed
      FROM momentum_state.alert_log a
     WHERE a.brand = acknowledge_alert.brand AND a.alert_id = acknowledge_alert.alert_id
       FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'alert % of brand "%" does not exist', acknowledge_alert.alert_id, acknowledge_alert.brand
            USING ERRCODE = 'undefined_object',
                  HINT = 'The view momentum.alert lists the alerts.';
    END IF;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'alert % of brand "%" is closed', acknowledge_alert.alert_id, acknowledge_alert.brand
            USING ERRCODE = 'object_not_in_prerequisite_state',
                  DETAIL = format('It was closed at %s.', closed);
    END IF;
    UPDATE momentum_state.alert_log a
       SET acknowledged_at = now(), acknowledged_by = session_user, note = acknowledge_alert.note
     WHERE a.brand = acknowledge_alert.brand AND a.alert_id = acknowledge_alert.alert_id;
    PERFORM momentum._audit(acknowledge_alert.brand, 'acknowledge_alert',
                            jsonb_build_object('alert_id', acknowledge_alert.alert_id, 'note', acknowledge_alert.note));
END
$$;
COMMENT ON FUNCTION momentum.acknowledge_alert(text, bigint, text) IS
    'Marks an open alert as seen: is_silent in momentum.alert is true until it grows graver or closes.';
REVOKE ALL ON FUNCTION momentum.acknowledge_alert(text, bigint, text) FROM PUBLIC;
