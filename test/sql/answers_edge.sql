-- The answers at their edges: stale sources, empty denominators, colours on
-- the verge, odd data, matviews that were never filled.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
SET extra_float_digits = 0;

CREATE FUNCTION pg_temp.add(brand text, metric text, value numeric, from_day date, to_day date) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
	SELECT add.brand, add.metric, d::date, 'shop', add.value, false FROM generate_series(from_day, to_day, interval '1 day') d
$$;
INSERT INTO momentum_state.brand (brand, name, time_zone, currency)
SELECT b, b, 'UTC', 'USD' FROM unnest(ARRAY['c25', 'c40', 'c50', 'c60', 'c75', 'nonew', 'nospend', 'nothing', 'stale', 'odd', 'edge']) b;

-- CAC against a target of 50 (reference T11): 50 -> 0; 60 -> -0.449660286786791;
-- 40 -> 0.550339713213209; 75 -> -1; 25 -> +1.  Spend without customers is
-- the worst, customers without spend the best, neither is missing.
INSERT INTO momentum_state.target (brand, metric, valid_from, value)
SELECT brand, 'cac', '2026-01-01', 50 FROM momentum_state.brand WHERE brand LIKE 'c%' OR brand LIKE 'no%';
SELECT pg_temp.add('c' || k, 'ad_spend', 10 * k, '2026-06-01', '2026-06-30'), pg_temp.add('c' || k, 'new_customers', 10, '2026-06-01', '2026-06-30')
  FROM unnest(ARRAY[25, 40, 50, 60, 75]) k \g /dev/null
SELECT pg_temp.add('nonew', 'ad_spend', 100, '2026-06-01', '2026-06-30'), pg_temp.add('nonew', 'new_customers', 0, '2026-06-01', '2026-06-30'),
	   pg_temp.add('nospend', 'ad_spend', 0, '2026-06-01', '2026-06-30'), pg_temp.add('nospend', 'new_customers', 5, '2026-06-01', '2026-06-30'),
	   pg_temp.add('nothing', 'ad_spend', 0, '2026-06-01', '2026-06-30'), pg_temp.add('nothing', 'new_customers', 0, '2026-06-01', '2026-06-30') \g /dev/null

-- stale: sessions end 4 days before revenue, one more than conversion allows;
-- ads end 3 days before, which is still fresh.
SELECT pg_temp.add('stale', 'net_revenue', 1000, '2026-05-01', '2026-06-30'), pg_temp.add('stale', 'orders', 10, '2026-05-01', '2026-06-30'),
	   pg_temp.add('stale', 'sessions', 500, '2026-05-01', '2026-06-26'), pg_temp.add('stale', 'ad_spend', 200, '2026-05-01', '2026-06-27'),
	   pg_temp.add('stale', 'new_customers', 5, '2026-05-01', '2026-06-30') \g /dev/null
INSERT INTO momentum_state.target (brand, metric, valid_from, value) VALUES ('stale', 'cac', '2026-01-01', 50);

-- odd: a shop that sold nothing, with more orders than sessions on one day
-- and no sessions at all on another.
SELECT pg_temp.add('odd', 'net_revenue', 0, '2026-06-01', '2026-06-30'), pg_temp.add('odd', 'orders', 10, '2026-06-01', '2026-06-30'),
	   pg_temp.add('odd', 'sessions', 500, '2026-06-01', '2026-06-28'), pg_temp.add('odd', 'sessions', 5, '2026-06-29', '2026-06-29'),
	   pg_temp.add('odd', 'sessions', 0, '2026-06-30', '2026-06-30') \g /dev/null
SELECT momentum._refresh_matviews();
SELECT c.brand, round(c.c::numeric, 12) AS c, v.actual, c.newest, c.reason
  FROM momentum_state.component c JOIN momentum.score_component v USING (brand, component)
 WHERE c.back = 0 AND c.component = 'cac' AND c.brand <> 'odd' ORDER BY 1;
SELECT brand, component, value, complete_through, reason FROM momentum.score_component
 WHERE brand IN ('stale', 'odd') AND component IN ('revenue', 'cac', 'conversion') ORDER BY brand DESC, place;
SELECT brand, metric, actual, as_of, note FROM momentum.dashboard
 WHERE brand IN ('stale', 'nonew') AND metric IN ('cac', 'ad_spend', 'conversion_rate') ORDER BY brand, place;
-- A denominator of zero has no row; spend over no customers is no number.
SELECT brand, metric, count(*) FROM momentum.metric_value WHERE brand IN ('nonew', 'odd') GROUP BY brand, metric ORDER BY brand, metric;

-- A better colour needs 2 % more than its threshold, a worse one comes at
-- once.  Target 20, attainment after each day: 0.895 red, 0.905 still red,
-- 0.925 yellow, 0.90 yellow, 0.89 red.
INSERT INTO momentum_state.target (brand, metric, valid_from, value) VALUES ('edge', 'aov', '2026-01-01', 20);
SELECT pg_temp.add('edge', 'orders', 1000, '2026-06-01', '2026-06-01'), pg_temp.add('edge', 'net_revenue', 17900, '2026-06-01', '2026-06-01') \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT actual, status, as_of FROM momentum.dashboard WHERE brand = 'edge' AND metric = 'aov';
SELECT pg_temp.add('edge', 'orders', 1000, '2026-06-02', '2026-06-02'), pg_temp.add('edge', 'net_revenue', 18300, '2026-06-02', '2026-06-02') \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT actual, status, as_of FROM momentum.dashboard WHERE brand = 'edge' AND metric = 'aov';
SELECT pg_temp.add('edge', 'orders', 1000, '2026-06-03', '2026-06-03'), pg_temp.add('edge', 'net_revenue', 19300, '2026-06-03', '2026-06-03') \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT actual, status, as_of FROM momentum.dashboard WHERE brand = 'edge' AND metric = 'aov';
SELECT pg_temp.add('edge', 'orders', 1000, '2026-06-04', '2026-06-04'), pg_temp.add('edge', 'net_revenue', 16500, '2026-06-04', '2026-06-04') \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT actual, status, as_of FROM momentum.dashboard WHERE brand = 'edge' AND metric = 'aov';
SELECT pg_temp.add('edge', 'orders', 1000, '2026-06-05', '2026-06-05'), pg_temp.add('edge', 'net_revenue', 17000, '2026-06-05', '2026-06-05') \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT actual, status, as_of FROM momentum.dashboard WHERE brand = 'edge' AND metric = 'aov';
SELECT metric, as_of, status FROM momentum_state.status_log WHERE brand = 'edge' ORDER BY as_of;

-- Only the last 150 days are looked at: five years more of them change
-- nothing.
CREATE TEMP TABLE before AS SELECT brand, back, component, raw, c, se, newest FROM momentum_state.component;
SELECT pg_temp.add('stale', 'net_revenue', 5, '2021-01-01', '2026-01-15') \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT count(*) AS changed FROM (TABLE before EXCEPT SELECT brand, back, component, raw, c, se, newest FROM momentum_state.component) x;

-- A matview that was never filled, or left empty by a restore, is filled.
REFRESH MATERIALIZED VIEW momentum_state.decision_input WITH NO DATA;
\set VERBOSITY terse
SELECT count(*) FROM momentum.decision;
SELECT momentum._refresh_matviews() \g /dev/null
SELECT count(*) FROM momentum.decision;

-- What DROP EXTENSION takes along, setup() makes again; what was told stays.
DROP MATERIALIZED VIEW momentum_state.component CASCADE;
SELECT momentum._refresh_matviews();
SELECT momentum.setup();
SELECT momentum._refresh_matviews() \g /dev/null
SELECT count(*) > 0 AS has_levers FROM momentum.lever;
SELECT count(*) > 0 AS has_advice FROM momentum.recommendation;

-- A target is known though the spend it is for is not.
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES ('noads', 'Noads', 'UTC', 'USD');
INSERT INTO momentum_state.target (brand, metric, valid_from, value) VALUES ('noads', 'cac', '2026-01-01', 50);
SELECT pg_temp.add('noads', 'net_revenue', 1000, '2026-05-01', '2026-06-30'), pg_temp.add('noads', 'new_customers', 5, '2026-05-01', '2026-06-30') \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT component, target, actual, value, reason FROM momentum.score_component WHERE brand = 'noads' AND component = 'cac';
SELECT decision, from_value, reasons FROM momentum.decision WHERE brand = 'noads' AND place < 3 ORDER BY place;

-- Costs that are not known are not zero: no runway, and no extra spend that
-- cash could carry.  Money that is not there lasts no day, whatever it costs.
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) SELECT b, b, 'UTC', 'USD' FROM unnest(ARRAY['overdrawn', 'nocosts', 'burning']) b;
SELECT pg_temp.add('nocosts', 'net_revenue', 1000, '2026-05-01', '2026-06-30'), pg_temp.add('nocosts', 'ad_spend', 200, '2026-05-01', '2026-06-30'),
	   pg_temp.add('burning', 'ad_spend', 200, '2026-05-01', '2026-06-30'),
	   pg_temp.add('overdrawn', 'net_revenue', 1000, '2026-06-30', '2026-06-30') \g /dev/null
SELECT momentum.set_setting('nocosts', 'margin.first_order', '30') \g /dev/null
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
VALUES ('overdrawn', 'sheet', 'Cash', 2, '2026-07-01', 'Opening', -300, 0), ('nocosts', 'sheet', 'Cash', 2, '2026-07-01', 'Opening', 30000, 0),
       ('burning', 'sheet', 'Cash', 2, '2026-07-01', 'Opening', 1000, 0);
SELECT momentum._refresh_matviews() \g /dev/null
SELECT brand, status, runway_days, note FROM momentum.dashboard WHERE brand IN ('overdrawn', 'nocosts', 'burning') AND metric = 'working_capital' ORDER BY brand;
SELECT brand, reason, working_capital_30d, runway_days FROM momentum.cash_summary WHERE brand IN ('overdrawn', 'nocosts', 'burning') ORDER BY brand;
SELECT brand, component, severity, value_at_stake, is_binding, remedy FROM momentum.growth_constraint
 WHERE brand IN ('overdrawn', 'nocosts', 'burning') AND component = 'working_capital' ORDER BY brand;
SELECT affordable_extra_per_day, explanation FROM momentum.unit_economics WHERE brand = 'nocosts';
SELECT brand, topic, action, because FROM momentum.recommendation WHERE brand IN ('overdrawn', 'nocosts', 'burning') AND topic <> 'data' ORDER BY brand, place;
SELECT count(*) AS without_action FROM momentum.recommendation WHERE action IS NULL OR because IS NULL;

-- Ads that brought nobody: the decisions know it as the score does.
SELECT place, decision, from_value, to_value, reasons FROM momentum.decision WHERE brand = 'nonew' AND place > 1 ORDER BY place;

-- Ads in another currency are loaded, and no number of them is told; where
-- others are not, the number says what it leaves out.
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES ('abroad', 'Abroad', 'UTC', 'USD');
INSERT INTO momentum_state.source (brand, source, service, currency) VALUES ('abroad', 'abroad_ads', 'meta_ads', 'EUR');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, first_day, complete_through)
SELECT 'abroad', 'abroad_ads', loader, loader, 's.insights', '15 min', '2026-01-01', '2026-06-30'
  FROM momentum_state.metric_stream WHERE service = 'meta_ads' AND metric = 'ad_spend';
SELECT pg_temp.add('abroad', 'clicks', 500, '2026-05-01', '2026-06-30') \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT metric, source, actual, status, note FROM momentum.dashboard WHERE brand = 'abroad' AND metric = 'ad_spend';
INSERT INTO momentum_state.source (brand, source, service, currency) VALUES ('abroad', 'home_ads', 'tiktok_ads', 'USD');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, first_day, complete_through)
SELECT 'abroad', 'home_ads', loader, loader, 's.insights', '15 min', '2026-01-01', '2026-06-30'
  FROM momentum_state.metric_stream WHERE service = 'tiktok_ads' AND metric = 'ad_spend';
SELECT pg_temp.add('abroad', 'ad_spend', 100, '2026-05-01', '2026-06-30') \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT metric, source, actual, status, note FROM momentum.dashboard WHERE brand = 'abroad' AND metric = 'ad_spend';

-- A platform that gives back more than it takes stops nobody's answers: no CAC
-- comes of it, nor a marginal one, and a weekday below zero is no pattern to pace by.
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) SELECT b, b, 'UTC', 'USD' FROM unnest(ARRAY['credit', 'wednesdays']) b;
INSERT INTO momentum_state.target (brand, metric, valid_from, value) SELECT b, m, '2026-01-01', v
  FROM unnest(ARRAY['credit', 'wednesdays']) b, (VALUES ('cac', 50), ('ad_spend', 0.00000001)) t (m, v);
SELECT pg_temp.add('credit', 'ad_spend', 300, '2026-02-01', '2026-06-20'), pg_temp.add('credit', 'ad_spend', -900, '2026-06-21', '2026-06-30'),
	   pg_temp.add('credit', 'new_customers', 5, '2026-02-01', '2026-06-30'), pg_temp.add('wednesdays', 'new_customers', 5, '2026-02-01', '2026-06-30') \g /dev/null
SELECT pg_temp.add('wednesdays', 'ad_spend', CASE WHEN isodow = 3 THEN -300 ELSE 300 END, day, day)
  FROM (SELECT d::date AS day, extract(isodow FROM d) AS isodow FROM generate_series(timestamp '2026-02-01', '2026-06-30', '1 day') d) x \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT brand, value, actual, reason FROM momentum.score_component WHERE brand IN ('credit', 'wednesdays') AND component = 'cac' ORDER BY brand;
SELECT brand, marginal_cac_reason FROM momentum.unit_economics WHERE brand IN ('credit', 'wednesdays') ORDER BY brand;
SELECT brand, metric, actual, status, attainment, pacing, note FROM momentum.dashboard
 WHERE brand IN ('credit', 'wednesdays') AND metric IN ('cac', 'ad_spend') ORDER BY brand, place;

-- Cash that goes down to the floor and not below it: 0.30 less 0.10 three times
-- is zero, not a rounding below it, and the runway is endless.
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES ('brink', 'Brink', 'UTC', 'USD');
SELECT pg_temp.add('brink', 'list_joins', 1, '2026-06-30', '2026-06-30') \g /dev/null
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash) VALUES ('brink', 'sheet', 'Cash', 2, '2026-07-01', 'Opening', 0.3, 0);
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT 'brink', 'sheet', 'Cash', CASE v.kind WHEN 'in' THEN 4 WHEN 'cost' THEN 3 ELSE 5 END, v.day, v.day, v.item, v.kind, v.amount, '', 'sheet', 'expected', 0
  FROM (VALUES (date '2026-07-01', 'Rent', 'cost', 0.1), ('2026-07-02', 'Rent', 'cost', 0.1), ('2026-07-03', 'Loan', 'loan', 0.1), ('2026-07-10', 'Grant', 'in', 500), ('2026-09-20', 'Rent', 'cost', 0.1)) v (day, item, kind, amount);
SELECT momentum._refresh_matviews() \g /dev/null
SELECT trough, runway_days, is_endless FROM momentum.cash_summary WHERE brand = 'brink';
SELECT count(*) AS advice FROM momentum.recommendation WHERE brand = 'brink' AND topic = 'cash';
SELECT due_day, working_capital, is_covered FROM momentum.loan WHERE brand = 'brink';

-- What has always been zero and is not has no deviation in percent, and is an
-- anomaly all the more.
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES ('launch', 'Launch', 'UTC', 'USD');
SELECT pg_temp.add('launch', 'ad_spend', 0, '2026-04-01', '2026-06-29'), pg_temp.add('launch', 'ad_spend', 500, '2026-06-30', '2026-06-30') \g /dev/null
SELECT momentum._refresh_matviews() \g /dev/null
SELECT rule, object, message FROM momentum_state.alert_log WHERE brand = 'launch';

-- Two days running are next to each other: a sign that is not clear, told again
-- five days later, does not count yet.
DELETE FROM momentum_state.score_log WHERE brand = 'stale' AND as_of < '2026-06-30';
INSERT INTO momentum_state.score_log (brand, as_of, score, coverage, direction, confidence, components, is_told)
VALUES ('stale', '2026-06-10', -0.3, 1, 'down', 'clear', '[]', true), ('stale', '2026-06-15', 0.1, 1, 'up', 'unclear', '[]', true),
       ('stale', '2026-06-20', 0.1, 1, 'up', 'unclear', '[]', true);
SELECT turned_on, sign FROM momentum_state.score_turn WHERE brand = 'stale';
INSERT INTO momentum_state.score_log (brand, as_of, score, coverage, direction, confidence, components, is_told)
VALUES ('stale', '2026-06-21', 0.1, 1, 'up', 'unclear', '[]', true);
SELECT turned_on, sign FROM momentum_state.score_turn WHERE brand = 'stale';
