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

-- How sure, in per cent; never quite certain.
CREATE FUNCTION pg_temp.sure(p numeric) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN p > 0.99 AND p < 1 OR p = 1 THEN 'over 99 %' WHEN p < 0.01 THEN 'under 1 %'
                ELSE pg_catalog.to_char(100 * p, 'FM990') || ' %' END
$$;

\echo
\echo '━━━ Are we curving up or down? ━━━'
SELECT score_index AS score, direction, confidence,
       replace(phase, '_', ', ') AS phase,
       CASE WHEN is_turning_significant THEN turning_day END AS "turned on",
       to_char(100 * change_7d, 'FMS990') AS "7 days",
       to_char(100 * change_30d, 'FMS990') AS "30 days",
       to_char(100 * coverage, 'FM990') || ' %' AS known, as_of
  FROM momentum.score;
\t on
\pset format unaligned
SELECT pg_temp.fold(summary) FROM momentum.score;
SELECT '     Net revenue by week, half a year:  ' || pg_temp.curve(array_agg(value ORDER BY week))
  FROM (SELECT (as_of - day) / 7 AS ago, -((as_of - day) / 7) AS week, sum(value) AS value
          FROM momentum.metric_value
         WHERE metric = 'net_revenue' AND day > as_of - 182 AND day <= as_of
         GROUP BY 1, 2) weeks HAVING count(*) > 0;
SELECT '     CAC by week, half a year:          ' || pg_temp.curve(array_agg(value ORDER BY week))
  FROM (SELECT -((as_of - day) / 7) AS week,
               sum(value) FILTER (WHERE metric = 'ad_spend')
               / nullif(sum(value) FILTER (WHERE metric = 'new_customers'), 0) AS value
          FROM momentum.metric_value
         WHERE metric IN ('ad_spend', 'new_customers') AND day > as_of - 182 AND day <= as_of
         GROUP BY 1) weeks HAVING count(*) > 0;

\echo
\echo '━━━ What is driving it? ━━━'
SELECT pg_temp.fold(explanation) FROM momentum.driver_tree WHERE days_back = 30 AND level = 0;
\t off
\pset format aligned
SELECT c.component, to_char(100 * c.share, 'FM990') || ' %' AS weight,
       to_char(100 * d.value_from, 'FMS990') AS "30 days ago", to_char(100 * c.value, 'FMS990') AS now,
       to_char(100 * c.contribution, 'FMS990') AS "points of the score", to_char(100 * d.delta, 'FMS990') AS change,
       replace(coalesce(c.reason, c.phase, ''), '_', ', ') AS note
  FROM momentum.score_component c
  LEFT JOIN momentum.driver d ON d.brand = c.brand AND d.component = c.component AND d.days_back = 30
 ORDER BY d.rank, c.place;
\t on
\pset format unaligned
-- The number behind the input that changed most, and its channels.
SELECT pg_temp.fold(string_agg(explanation, ' ' ORDER BY place))
  FROM (SELECT t.place, t.explanation, t.level, min(t.place) FILTER (WHERE t.level = 2) OVER () AS first,
               EXISTS (SELECT FROM momentum.driver_tree f
                        WHERE f.brand = t.brand AND f.days_back = 30 AND f.level = 4 AND f.parent = t.label) AS is_channel
          FROM momentum.driver_tree t WHERE t.days_back = 30) t
 WHERE level = 2 AND place = first OR level = 3 AND is_channel HAVING count(*) > 0;
SELECT pg_temp.fold('What goes ahead of it: '
       || coalesce(string_agg(explanation, ' ' ORDER BY outcome, place) FILTER (WHERE leads),
                   'nothing that can be told from chance, in ' || max(tests) || ' tests of inputs and lags.'))
  FROM momentum.leading_indicator HAVING count(*) > 0;
\echo
\t off

\echo '━━━ Where do we stand? ━━━'
\pset format aligned
SELECT name AS metric, coalesce(replace(source, brand || '_', ''), '') AS source, pg_temp.show(actual, unit) AS actual,
       pg_temp.show(target, unit) AS target, status,
       trend || CASE WHEN trend IN ('up', 'down') THEN to_char(100 * growth_30d, ' FMS999990.0') || ' %' ELSE '' END AS "trend, 30 days",
       to_char(100 * pacing, 'FM990') || ' %' AS pacing
  FROM momentum.dashboard ORDER BY place;

\echo '━━━ How long does the cash last? ━━━'
SELECT pg_temp.show(working_capital, 'money') AS today,
       pg_temp.show(working_capital_30d, 'money') AS "in 30 days",
       pg_temp.show(working_capital_60d, 'money') AS "in 60 days",
       pg_temp.show(working_capital_90d, 'money') AS "in 90 days",
       pg_temp.show(trough, 'money') AS lowest, trough_day AS "on",
       CASE WHEN is_endless THEN 'no end' ELSE floor(runway_days) || ' days' END AS runway,
       status
  FROM momentum.cash_summary;
\t on
\pset format unaligned
SELECT pg_temp.fold('In 8 of 10 cases ' || pg_temp.show(working_capital_30d_p10, 'money') || ' to ' || pg_temp.show(working_capital_30d_p90, 'money')
       || ' in 30 days, ' || pg_temp.show(working_capital_90d_p10, 'money') || ' to ' || pg_temp.show(working_capital_90d_p90, 'money')
       || ' in 90; below the floor within 90 days: ' || pg_temp.sure(p_breach) || ' likely.')
  FROM momentum.cash_summary WHERE p_breach IS NOT NULL;
SELECT pg_temp.fold('Runway if: ' || string_agg(lower(left(name, 1)) || substr(name, 2) || ': '
       || CASE WHEN is_endless THEN 'no end' ELSE floor(runway_days) || ' days' END, '; ' ORDER BY place) || '.')
  FROM momentum.cash_scenario WHERE scenario <> 'base' AND (runway_days IS NOT NULL OR is_endless) HAVING count(*) > 0;

\echo
\echo '━━━ What do we decide? ━━━'
SELECT place || '. ' || question || '  ' || replace(decision, '_', ' ')
       || coalesce('  (' || pg_temp.show(from_value, unit) || ' → ' || pg_temp.show(to_value, unit)
                   || ')', '')
       || coalesce(', confidence ' || to_char(confidence, 'FM0.0'), '')
       || E'\n' || pg_temp.fold(CASE place WHEN 3 THEN g.said ELSE regexp_replace(reasons, '\m[a-z]+_[a-z_]+: ', '', 'g') END)
  FROM momentum.decision d
  LEFT JOIN LATERAL (
    SELECT string_agg(replace(c.component, '_', ' ')
               || CASE WHEN c.severity IS NULL THEN ': not known, it has no target or no figure'
                       WHEN c.severity = 0 THEN ': on target'
                       ELSE ': severity ' || to_char(c.severity, 'FM0.00')
                            || coalesce(', ' || pg_temp.show(c.value_at_stake, 'money') || ' of profit in 30 days at stake', '')
                       END, '; ' ORDER BY c.place) || '.' AS said
      FROM momentum.growth_constraint c WHERE c.brand = d.brand) g ON true
 ORDER BY place;

\echo
\echo '━━━ What do we need to do to curve back up while creating profit? ━━━'
-- Why is told above; here is what, and what for.
SELECT place || '. ' || pg_catalog.btrim(pg_temp.fold(regexp_replace(action, '\. From the .*$', '.') || coalesce(' ' || effect, '')))
  FROM momentum.recommendation ORDER BY place;
SELECT pg_temp.fold('One thing alone brings the score to zero: '
       || coalesce(string_agg(replace(component, 'cac', 'CAC') || ' ' || CASE unit WHEN 'share per 30 days'
              THEN to_char(100 * now_at, 'FMS990.0') || ' → ' || to_char(100 * needed, 'FMS990.0') || ' % in 30 days'
              WHEN 'days' THEN floor(now_at) || ' → ' || ceil(needed) || ' days'
              ELSE pg_temp.show(now_at, unit) || ' → ' || pg_temp.show(needed, unit) END, ', or ' ORDER BY place)
              FILTER (WHERE reachable), 'none')
       || coalesce('; out of reach: ' || string_agg(component, ', ' ORDER BY place) FILTER (WHERE NOT reachable), '') || '.')
  FROM momentum.lever WHERE explanation IS NOT NULL AND EXISTS (SELECT FROM momentum.score WHERE score < 0) HAVING count(*) > 0;

\echo
\echo '━━━ What needs a look? ━━━'
-- Colours are told above.
SELECT pg_catalog.rpad(severity, 4) || ' ' || pg_catalog.btrim(pg_temp.fold(sentence))
  FROM momentum.alert WHERE is_open AND NOT is_silent AND rule <> 'target'
 ORDER BY pg_catalog.array_position(ARRAY['fail', 'warn', 'info'], severity), rule = 'health', rule, object;
SELECT 'and  ' || count(*) || ' below target, as above: ' || string_agg(metric, ', ' ORDER BY severity, metric)
  FROM momentum.alert WHERE is_open AND NOT is_silent AND rule = 'target' HAVING count(*) > 0;

\echo
\echo '━━━ What needs doing? ━━━'
SELECT pg_temp.fold(i.waiting || ' inquiries wait, ' || i.late || ' of them too long; of ' || i.answered || ' answered in 30 days '
       || round(100.0 * i.met / nullif(i.answered, 0)) || ' % were in time. ' || round(100 * r.routine_share) || ' % of the routine work needed no person.')
  FROM (SELECT brand, count(*) FILTER (WHERE is_open AND NOT response_sent) AS waiting,
               count(*) FILTER (WHERE is_open AND NOT response_sent AND sla_status = 'Breached') AS late,
               count(*) FILTER (WHERE response_sent AND responded_at > as_of - interval '30 days') AS answered,
               count(*) FILTER (WHERE response_sent AND responded_at > as_of - interval '30 days' AND sla_status = 'Met') AS met
          FROM hub.inquiry_sla GROUP BY brand) i
  JOIN hub.routine_share r ON r.brand = i.brand AND r.month = (SELECT max(m.month) FROM hub.routine_share m WHERE m.brand = i.brand);
SELECT '     ' || rpad(t.who, 11) || t.what || coalesce(': ' || left(coalesce(i.subject, i.message), 34), '')
  FROM (SELECT *, row_number() OVER (ORDER BY priority, until_when, todo_id) AS place FROM hub.todo WHERE kind IN ('inquiry', 'sla', 'reorder')) t
  LEFT JOIN hub.inquiry_sla i ON i.brand = t.brand AND i.inquiry_id = t.object_id AND i.source = t.object_source
 WHERE t.place <= 6 ORDER BY t.place;
SELECT pg_temp.fold('Besides: ' || string_agg(to_char(n, 'FM999,990') || ' ' || said, ', ' ORDER BY place) || '.')
  FROM (SELECT count(*) AS n, k.said, k.place
          FROM hub.todo t
          JOIN (VALUES ('notify', 'customers to tell of their order', 1), ('review', 'reviews to ask for', 2), ('winback', 'customers to win back', 3),
                       ('reorder', 'products to reorder', 4), ('dead letter', 'refused rows to look at', 5)) k (kind, said, place) ON k.kind = t.kind
         GROUP BY k.said, k.place) x HAVING count(*) > 0;
\echo
\echo '━━━ How fresh is it? ━━━'
SELECT pg_temp.fold(string_agg(said, '; ' ORDER BY through DESC NULLS LAST, said) || '.')
  FROM (SELECT through, string_agg(replace(source, brand || '_', ''), ', ' ORDER BY source)
               || coalesce(' through ' || through, ' without a complete day') AS said
          FROM (SELECT brand, source, max(complete_through) AS through FROM momentum.source_health GROUP BY 1, 2) s
         GROUP BY through) t HAVING count(*) > 0;
SELECT pg_temp.fold(replace(source, brand || '_', '') || ', ' || stream || ': ' || coalesce(error, warnings))
  FROM momentum.source_health WHERE error IS NOT NULL OR warning_count > 0 ORDER BY source, stream;
\t off
