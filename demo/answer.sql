-- The answer, printed: demo/answer.sql reads nothing but the views.
\pset footer off
\pset linestyle unicode
\pset border 1
\pset format wrapped
\pset columns 98
\pset null '·'

-- A value in its unit, short enough for a column.
CREATE FUNCTION pg_temp.show(value numeric, unit text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE
        WHEN value IS NULL THEN NULL
        WHEN unit = 'share' THEN pg_catalog.to_char(100 * value, 'FM999990.0') || ' %'
        WHEN unit = 'money' AND abs(value) >= 1000 THEN pg_catalog.to_char(value, 'FM999,999,990')
        WHEN unit = 'money' THEN pg_catalog.to_char(value, 'FM990.00')
        WHEN unit IN ('count', 'days', 'rank') THEN pg_catalog.to_char(value, 'FM999,999,990')
        ELSE pg_catalog.to_char(value, 'FM999,990.00')
    END
$$;

-- A curve of bars, oldest first.
CREATE FUNCTION pg_temp.curve(points numeric[]) RETURNS text LANGUAGE sql AS $$
    SELECT pg_catalog.string_agg(CASE WHEN p IS NULL THEN ' '
               ELSE pg_catalog.substr('▁▂▃▄▅▆▇█',
                    1 + least(7, floor(8 * (p - low) / nullif(high - low, 0)))::integer, 1)
           END, '' ORDER BY place)
      FROM pg_catalog.unnest(points) WITH ORDINALITY AS u(p, place),
           LATERAL (SELECT min(v) AS low, max(v) AS high FROM pg_catalog.unnest(points) v) range
$$;

-- Long sentences, broken between words and set in.
CREATE FUNCTION pg_temp.fold(sentences text) RETURNS text LANGUAGE sql AS $$
    SELECT '     ' || pg_catalog.regexp_replace(
        pg_catalog.btrim(pg_catalog.regexp_replace(sentences, '(.{1,90})(\s+|$)', E'\\1\n', 'g'), E'\n '),
        E'\n', E'\n     ', 'g')
$$;

\echo
\echo '━━━ Are we curving up or down? ━━━'
SELECT score_index AS score, direction, confidence,
       replace(phase, '_', ', ') AS phase,
       to_char(100 * change_7d, 'FMS990') AS "7 days",
       to_char(100 * change_30d, 'FMS990') AS "30 days",
       to_char(100 * coverage, 'FM990') || ' %' AS known, as_of
  FROM momentum.score;
\t on
\pset format unaligned
SELECT pg_temp.fold(summary) FROM momentum.score;
\echo
SELECT '     Net revenue by week, half a year:  ' || pg_temp.curve(array_agg(value ORDER BY week))
  FROM (SELECT (as_of - day) / 7 AS ago, -((as_of - day) / 7) AS week, sum(value) AS value
          FROM momentum.metric_value
         WHERE metric = 'net_revenue' AND day > as_of - 182 AND day <= as_of
         GROUP BY 1, 2) weeks;
SELECT '     CAC by week, half a year:          ' || pg_temp.curve(array_agg(value ORDER BY week))
  FROM (SELECT -((as_of - day) / 7) AS week,
               sum(value) FILTER (WHERE metric = 'ad_spend')
               / nullif(sum(value) FILTER (WHERE metric = 'new_customers'), 0) AS value
          FROM momentum.metric_value
         WHERE metric IN ('ad_spend', 'new_customers') AND day > as_of - 182 AND day <= as_of
         GROUP BY 1) weeks;
\echo
\t off
\pset format wrapped

\echo '━━━ What is driving it? ━━━'
SELECT component, to_char(100 * share, 'FM990') || ' %' AS weight,
       to_char(value, 'FMS0.00') AS value,
       to_char(100 * contribution, 'FMS990') AS points,
       coalesce(reason, '') AS note
  FROM momentum.score_component ORDER BY place;

\echo '━━━ What moved it, against a month ago? ━━━'
\t on
\pset format unaligned
SELECT to_char(100 * delta, 'S990') || '  ' || component || E'\n' || pg_temp.fold(explanation)
  FROM momentum.driver WHERE days_back = 30 AND explanation IS NOT NULL ORDER BY rank;
\echo
\echo '━━━ What is behind the first of them? ━━━'
SELECT CASE level WHEN 2 THEN label || E'\n' ELSE '' END || pg_temp.fold(explanation)
  FROM momentum.driver_tree WHERE days_back = 30 AND level IN (2, 3) ORDER BY place;
\echo
\t off
\pset format wrapped

\echo '━━━ Where do we stand? ━━━'
\pset format aligned
SELECT name AS metric, coalesce(replace(source, brand || '_', ''), '') AS source, pg_temp.show(actual, unit) AS actual,
       pg_temp.show(target, unit) AS target, status, trend,
       to_char(100 * pacing, 'FM990') || ' %' AS pacing
  FROM momentum.dashboard ORDER BY place;
\pset format wrapped

\echo '━━━ How long does the cash last? ━━━'
\pset format aligned
SELECT pg_temp.show(working_capital, 'money') AS today,
       pg_temp.show(working_capital_30d, 'money') AS "in 30 days",
       pg_temp.show(working_capital_60d, 'money') AS "in 60 days",
       pg_temp.show(working_capital_90d, 'money') AS "in 90 days",
       pg_temp.show(trough, 'money') AS lowest, trough_day AS "on",
       CASE WHEN is_endless THEN 'no end' ELSE floor(runway_days) || ' days' END AS runway,
       status
  FROM momentum.cash_summary;
\pset format wrapped

\t on
\pset format unaligned
\echo '━━━ What do we decide? ━━━'
SELECT place || '. ' || question || '  ' || decision
       || coalesce('  (' || pg_temp.show(from_value, unit) || ' → ' || pg_temp.show(to_value, unit)
                   || ')', '')
       || coalesce(', ' || to_char(100 * confidence, 'FM990') || ' % sure', '')
       || E'\n' || pg_temp.fold(reasons)
  FROM momentum.decision ORDER BY place;

\echo
\echo '━━━ What would bring the curve back up? ━━━'
SELECT place || '. ' || component || CASE WHEN reachable THEN '' ELSE ' (out of reach)' END
       || E'\n' || pg_temp.fold(explanation)
  FROM momentum.lever WHERE explanation IS NOT NULL ORDER BY place;

\echo
\echo '━━━ What to do next ━━━'
SELECT place || '. ' || pg_catalog.btrim(pg_temp.fold(action)) || coalesce(E'\n' || pg_temp.fold(effect), '')
  FROM momentum.recommendation ORDER BY place;

\echo
\echo '━━━ What needs a look? ━━━'
SELECT pg_catalog.rpad(severity, 4) || ' ' || pg_catalog.btrim(pg_temp.fold(sentence))
  FROM momentum.alert WHERE is_open AND NOT is_silent
 ORDER BY pg_catalog.array_position(ARRAY['fail', 'warn', 'info'], severity), rule, object;
\echo
\t off
\pset format wrapped

\echo '━━━ How fresh is it? ━━━'
SELECT source, max(service) AS service, count(*) AS streams,
       string_agg(DISTINCT status, ', ') AS status, max(complete_through) AS "complete to",
       max(minutes_since_success) AS "minutes ago", sum(row_count) AS rows,
       coalesce(string_agg(DISTINCT stream || ': ' || error, '; '),
                nullif(sum(warning_count), 0) || ' warnings', '') AS note
  FROM momentum.source_health GROUP BY source ORDER BY source;
