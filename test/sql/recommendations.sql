-- Recommendations: what is expected of them, what was given when, and what
-- came of those that were followed.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
SET extra_float_digits = 0;

CREATE FUNCTION pg_temp.near(got numeric, expected numeric) RETURNS boolean
LANGUAGE sql AS $$ SELECT abs(got - expected) <= 1e-6 * greatest(1, abs(expected)) $$;
-- Days of spend with a weekly pattern, and of customers at a CAC (that may
-- change by a step a day), off by a few percent, in no direction.
CREATE FUNCTION pg_temp.ads(brand text, from_day date, days integer, spend float8, cac float8, step float8 DEFAULT 0, noise float8 DEFAULT 0.02) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
    SELECT ads.brand, v.metric, ads.from_day + t, 'meta', v.value, false
      FROM generate_series(0, days - 1) t
     CROSS JOIN LATERAL (SELECT spend * ('{0.9,1,1.1,1,1,1.1,0.9}'::float8[])[t % 7 + 1] AS spend,
                                cac + step * t AS cac,
                                1 + noise * (2 * ('x' || left(md5(brand || (from_day + t)), 6))::bit(24)::integer / 16777216.0 - 1) AS off) d
     CROSS JOIN LATERAL (VALUES ('ad_spend', d.spend), ('new_customers', d.spend / d.cac * d.off)) v (metric, value)
$$;
INSERT INTO momentum_state.brand (brand, name, time_zone, currency)
SELECT b, initcap(b), 'UTC', 'USD' FROM unnest(ARRAY['won', 'lost', 'same', 'slide', 'saved', 'whole', 'boom', 'cash', 'none']) b;
SELECT momentum.set_target(b, 'cac', 45), momentum.set_setting(b, 'margin.first_order', '38')
  FROM unnest(ARRAY['won', 'lost', 'same', 'slide', 'saved', 'whole', 'boom']) b \g /dev/null
SELECT pg_temp.ads(b, '2026-03-01', 70, 1000, 60) FROM unnest(ARRAY['won', 'lost', 'saved']) b \g /dev/null
-- whole and boom have a score besides, of sales that fall and rise, and cash
-- that lasts.
SELECT pg_temp.ads(b, '2026-03-01', 70, 1000, cac, 0, 0) FROM (VALUES ('whole', 60), ('boom', 25)) v (b, cac) \g /dev/null
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT b, v.metric, date '2026-03-01' + t, 'shop', v.value, false
  FROM (VALUES ('whole', -0.004), ('boom', 0.004)) g (b, growth), generate_series(0, 69) t,
       LATERAL (VALUES ('net_revenue', 8000 * (1 + growth * t)), ('orders', 100), ('sessions', 4000)) v (metric, value);
INSERT INTO momentum_state.source (brand, source, service) SELECT b, b || '_sheet', 'google_sheets' FROM unnest(ARRAY['whole', 'boom']) b;
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through)
SELECT b, b || '_sheet', 'Cash', 'sheet', 's.cash', '15 min', '2026-05-09' FROM unnest(ARRAY['whole', 'boom']) b;
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
SELECT b, b || '_sheet', 'Cash', 2, '2026-05-10', 'Opening balance', 500000, 0 FROM unnest(ARRAY['whole', 'boom']) b;
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT b, b || '_sheet', 'Cash', 3, date '2026-05-09' + n, date '2026-05-09' + n, 'Payroll', 'cost', 100, '', 'sheet', 'expected', 0
  FROM unnest(ARRAY['whole', 'boom']) b, generate_series(1, 120) n;
SELECT pg_temp.ads('same', '2026-03-01', 70, 1000, 60, 0, 0.3), pg_temp.ads('slide', '2026-03-01', 70, 1000, 80, -0.25) \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null

--
-- What is expected
--
-- 30 days at 1000 a day and CAC 60.  At the target of 45 the same money would
-- bring 30000 * (1/45 - 1/60) * 38 more, at a target of 38.25 as much more
-- again; 20 % less of it saves 6000 and loses 100 customers at 38.
SELECT place, recommendation, topic, metric, expected_effect, effect_unit, confidence, figures::jsonb ->> 'to' AS to_value
  FROM momentum.recommendation WHERE brand = 'whole' ORDER BY place;
SELECT round(30000 * (1/45.0 - 1/60.0) * 38, 2) AS at_target, round(30000 * (1/38.25 - 1/60.0) * 38, 2) AS lower_target,
       round(6000 - 38 * 6000 / 60.0, 2) AS saved;
SELECT action, effect FROM momentum.recommendation WHERE brand = 'whole' ORDER BY place;
-- A CAC of 25 leaves 13 of each new customer's 38: 200 more a day bring
-- 30 * 200 * (38 / 25 - 1) = 3120, and the cash can carry them.
SELECT recommendation, expected_effect, affordable_extra > 200 AS affordable, action, effect FROM momentum.recommendation WHERE brand = 'boom' ORDER BY place;
SELECT bool_and(sentence = action || ' ' || because || ' ' || effect) AS says_it_all FROM momentum.recommendation;
-- Without a margin its worth is not known, and says so.
SELECT momentum.set_setting('whole', 'margin.first_order', NULL), momentum._refresh_matviews() \g /dev/null
SELECT recommendation, expected_effect, effect, metric FROM momentum.recommendation WHERE brand = 'whole' AND effect_unit LIKE 'money%' ORDER BY place;
SELECT momentum.set_setting('whole', 'margin.first_order', '38'), momentum._refresh_matviews() \g /dev/null

-- The cash runs out in 20 days: the money that lifts its trough, the days it buys.
INSERT INTO momentum_state.source (brand, source, service) VALUES ('cash', 'cash_sheet', 'google_sheets');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through)
VALUES ('cash', 'cash_sheet', 'Cash', 'sheet', 's.cash', '15 min', '2026-05-31');
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
VALUES ('cash', 'cash_sheet', 'Cash', 2, '2026-06-01', 'Opening balance', 2050, 0);
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT 'cash', 'cash_sheet', 'Cash', 3, date '2026-05-31' + n, date '2026-05-31' + n, 'Payroll', 'cost', 100, '', 'sheet', 'expected', 0
  FROM generate_series(1, 120) n;
SELECT momentum._refresh_matviews() \g /dev/null
SELECT recommendation, action, because, effect, expected_effect, effect_unit FROM momentum.recommendation WHERE brand IN ('cash', 'none') ORDER BY 1;

--
-- What was given when
--
-- A refresh that says the same writes nothing; by the same day other words
-- take the place of the last ones; what is not said any more ends.
CREATE TEMP TABLE told AS SELECT count(*) AS rows FROM momentum_state.recommendation_log;
SELECT momentum._refresh_matviews() \g /dev/null
SELECT count(*) - min(rows) AS more FROM momentum_state.recommendation_log, told;
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
VALUES ('cash', 'cash_sheet', 'Cash', 4, '2026-06-10', '2026-06-10', 'Loan', 'in', 3000, 'financing', 'sheet', 'expected', 0);
SELECT momentum._refresh_matviews() \g /dev/null
UPDATE hub.cash_flow SET amount = 300000 WHERE brand = 'cash' AND row_number = 4;
SELECT momentum._refresh_matviews() \g /dev/null
SELECT recommendation, action, ended_at IS NOT NULL AS ended FROM momentum_state.recommendation_log WHERE brand = 'cash' AND topic = 'cash' ORDER BY log_id;
-- Words that were followed stay as they were, and so do those of another day.
SELECT momentum.follow('whole', 'constraint:cac'), momentum.set_setting('whole', 'margin.first_order', '40'), momentum._refresh_matviews() \g /dev/null
SELECT momentum.set_setting('whole', 'margin.first_order', '42'), momentum._refresh_matviews() \g /dev/null
SELECT effect, ended_at IS NOT NULL AS ended FROM momentum_state.recommendation_log WHERE brand = 'whole' AND recommendation = 'constraint:cac' ORDER BY log_id;
UPDATE momentum_state.recommendation_log SET as_of = as_of - 1 WHERE brand = 'whole' AND ended_at IS NULL;
SELECT momentum.set_setting('whole', 'margin.first_order', '38'), momentum._refresh_matviews() \g /dev/null
SELECT effect, ended_at IS NOT NULL AS ended FROM momentum_state.recommendation_log WHERE brand = 'whole' AND recommendation = 'constraint:cac' ORDER BY log_id;
DELETE FROM momentum_state.recommendation_follow WHERE brand = 'whole';

--
-- What came of it
--
-- Followed on Saturday, 2026-05-09, the newest day.
SELECT momentum.follow(b, 'constraint:cac', note => 'new creative') FROM unnest(ARRAY['won', 'lost', 'same', 'slide']) b;
SELECT momentum.follow('saved', 'spend:decrease', '2026-05-09');
SELECT brand, recommendation, followed_on FROM momentum.recommendation WHERE followed_on IS NOT NULL ORDER BY 1;
-- A week since is too early, whatever it looks like.
SELECT pg_temp.ads('won', '2026-05-10', 10, 1000, 50) \g /dev/null
SELECT weeks, days_after, verdict, sentence FROM momentum.recommendation_outcome WHERE brand = 'won' AND followed_on IS NOT NULL;

-- Four weeks since.  won: CAC 50 instead of 60; lost: 70; same: 60 as ever, of
-- much noise; slide: 0.25 a day less, as it was before; saved: 800 a day
-- instead of 1000, at the same CAC.
SELECT pg_temp.ads('won', '2026-05-20', 20, 1000, 50), pg_temp.ads('lost', '2026-05-10', 30, 1000, 70),
       pg_temp.ads('same', '2026-05-10', 30, 1000, 60, 0, 0.3), pg_temp.ads('slide', '2026-05-10', 30, 1000, 62.5, -0.25),
       pg_temp.ads('saved', '2026-05-10', 30, 800, 60) \g /dev/null
SELECT brand, weeks, days_before AS before, days_after AS after, round(before, 1) AS was, round(after, 1) AS is, round(expected, 1) AS expected,
       round(difference, 1) AS difference, round(standard_error, 1) AS se, verdict
  FROM momentum.recommendation_outcome WHERE followed_on IS NOT NULL ORDER BY brand;
SELECT brand, sentence FROM momentum.recommendation_outcome WHERE followed_on IS NOT NULL ORDER BY brand;
-- saved: the 200 a day that are not spent, less 200/60 customers at 38, times 30
-- is what was expected of it.
SELECT round(expected_effect, -2) AS expected_effect, round(effect_so_far, -2) AS effect_so_far, round(30 * (200 - 38 * 200 / 60.0), -2) AS by_hand
  FROM momentum.recommendation_outcome WHERE brand = 'saved' AND followed_on IS NOT NULL;
-- The days themselves, whole weeks of them, give the same numbers.
SELECT pg_temp.near(o.after, d.spend / d.customers) AS after, pg_temp.near(o.before, e.spend / e.customers) AS before
  FROM momentum.recommendation_outcome o,
       (SELECT sum(value) FILTER (WHERE metric = 'ad_spend') AS spend, sum(value) FILTER (WHERE metric = 'new_customers') AS customers
          FROM momentum_state.metric_daily WHERE brand = 'lost' AND day BETWEEN '2026-05-10' AND '2026-06-06') d,
       (SELECT sum(value) FILTER (WHERE metric = 'ad_spend') AS spend, sum(value) FILTER (WHERE metric = 'new_customers') AS customers
          FROM momentum_state.metric_daily WHERE brand = 'lost' AND day BETWEEN '2026-04-11' AND '2026-05-08') e
 WHERE o.brand = 'lost' AND o.followed_on IS NOT NULL;

-- The runway, as it was told day by day: 20 days, then 50.
INSERT INTO momentum_state.score_log (brand, as_of, score, components)
SELECT 'cash', date '2026-04-05' + t, NULL, jsonb_build_array(jsonb_build_object('component', 'runway', 'raw', (CASE WHEN t < 29 THEN 20 ELSE 50 END - 90) / 90.0))
  FROM generate_series(0, 55) t;
SELECT momentum.follow('cash', 'cash:find', '2026-05-03');
SELECT days_before, days_after, before, after, difference, likelihood, verdict, sentence FROM momentum.recommendation_outcome WHERE brand = 'cash' AND followed_on IS NOT NULL;

-- What changes nothing is not measured; what was not followed says so; too
-- little before is not enough.
SELECT momentum.follow('won', 'constraint:cac', '2026-03-10'), momentum.follow('boom', 'cac_target:hold');
SELECT brand, recommendation, followed_on, verdict, sentence FROM momentum.recommendation_outcome
 WHERE brand IN ('won', 'boom') ORDER BY 1, 2, 3;

-- Days that never came are no days: of slide only the last is known.
DELETE FROM momentum_state.metric_daily WHERE brand = 'slide' AND day BETWEEN '2026-05-10' AND '2026-06-07';
SELECT weeks, days_before, days_after, verdict, sentence, as_of FROM momentum.recommendation_outcome WHERE brand = 'slide' AND followed_on IS NOT NULL;

-- It is followed as it was given then; again for that day is another note.
SELECT momentum.follow('won', 'constraint:cac', '2026-05-09', 'a second look');
SELECT followed_on, note, recommended_on FROM momentum.recommendation_outcome WHERE brand = 'won' AND followed_on IS NOT NULL ORDER BY 1;
SELECT action, detail FROM momentum_state.audit WHERE action = 'follow' AND brand = 'won' ORDER BY audit_id;

\set VERBOSITY terse
SELECT momentum.follow('won', 'constraint:luck');
SELECT momentum.follow('won', NULL);
SELECT momentum.follow('nobody', 'constraint:cac');
SELECT momentum.follow('none', 'data:connect');
SELECT momentum.follow('won', 'constraint:cac', 'infinity');
SELECT momentum.follow('won', 'constraint:cac', '-infinity');
SELECT momentum.follow('won', 'constraint:cac', '4713-01-01 BC');
\set VERBOSITY sqlstate
SELECT momentum.follow('won', 'constraint:cac', current_date + 7);
