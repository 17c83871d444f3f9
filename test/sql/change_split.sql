-- Why the numbers of a business changed: facts whose split is known.
--
-- Every expected number was computed by hand or is a reference number of the
-- method: see the comments.
\set SHOW_CONTEXT never
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
SET extra_float_digits = 0;

-- Two windows of 28 days: 4 to 31 May, 1 to 28 June 2026.
CREATE FUNCTION pg_temp.add(brand text, metric text, channel text, before numeric, now numeric,
	from_day date DEFAULT '2026-05-04', turn date DEFAULT '2026-06-01', to_day date DEFAULT '2026-06-28', step integer DEFAULT 1) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
	SELECT add.brand, add.metric, from_day + d, add.channel, v.value, false
	  FROM generate_series(0, to_day - from_day, step) d
	 CROSS JOIN LATERAL (VALUES (CASE WHEN from_day + d < turn THEN add.before ELSE add.now END)) v (value)
	 WHERE v.value IS NOT NULL
$$;
CREATE FUNCTION pg_temp.near(got float8, expected float8) RETURNS boolean
LANGUAGE sql AS $$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;
INSERT INTO momentum_state.brand (brand, name, time_zone, currency)
SELECT b, b, 'UTC', 'USD'
  FROM unnest(ARRAY['shop', 'mix', 'shelf', 'market', 'ads', 'gap', 'late', 'dark', 'short', 'old', 'noone', 'none', 'lead', 'turn', 'cash']) b;

-- shop: each day 40000 sessions, 1000 orders, 80 each; then 44000, 968, 82
-- (reference T14, times 28).  1000 of discounts, 500 and then 700 of returns.
-- Wholesale has orders but no sessions, 10 and then 12 of 100; a stall is new,
-- 5 orders of 30; a popup is gone, 4 orders of 20.
SELECT pg_temp.add('shop', 'sessions', 'online', 40000, 44000), pg_temp.add('shop', 'orders', 'online', 1000, 968),
	   pg_temp.add('shop', 'gross_sales', 'online', 81000, 80376), pg_temp.add('shop', 'discounts', 'online', 1000, 1000),
	   pg_temp.add('shop', 'returns', 'online', 500, 700), pg_temp.add('shop', 'net_revenue', 'online', 79500, 78676),
	   pg_temp.add('shop', 'orders', 'wholesale', 10, 12), pg_temp.add('shop', 'gross_sales', 'wholesale', 1000, 1200),
	   pg_temp.add('shop', 'discounts', 'wholesale', 0, 0), pg_temp.add('shop', 'net_revenue', 'wholesale', 1000, 1200),
	   pg_temp.add('shop', 'orders', 'stall', NULL, 5), pg_temp.add('shop', 'gross_sales', 'stall', NULL, 150),
	   pg_temp.add('shop', 'discounts', 'stall', NULL, 0), pg_temp.add('shop', 'net_revenue', 'stall', NULL, 150),
	   pg_temp.add('shop', 'orders', 'popup', 4, 0), pg_temp.add('shop', 'gross_sales', 'popup', 80, 0),
	   pg_temp.add('shop', 'discounts', 'popup', 0, 0), pg_temp.add('shop', 'net_revenue', 'popup', 80, 0) \g /dev/null
-- Its ads: CPM 12 to 13.5, clicks per impression .012 to .0115, customers per
-- click .02 to .0185: CAC 50 to 63.454759106933 (T14).
SELECT pg_temp.add('shop', 'ad_spend', 'meta', 12000, 13500), pg_temp.add('shop', 'impressions', 'meta', 1000000, 1000000),
	   pg_temp.add('shop', 'clicks', 'meta', 12000, 11500), pg_temp.add('shop', 'new_customers', 'online', 240, 212.75) \g /dev/null

-- mix: three channels with sessions (T15).
SELECT pg_temp.add('mix', 'sessions', 'web', 10000, 9000), pg_temp.add('mix', 'sessions', 'app', 5000, 7000), pg_temp.add('mix', 'sessions', 'social', 5000, 6000),
	   pg_temp.add('mix', 'orders', 'web', 300, 279), pg_temp.add('mix', 'orders', 'app', 100, 133), pg_temp.add('mix', 'orders', 'social', 50, 66) \g /dev/null

-- shelf: weekly data, windows of 7 weeks: 120 doors, 9.5 units per store and
-- week, 4 a unit; then 132, 9.1, 4.2 (T14).
SELECT momentum.set_setting('shelf', 'split.days', '49');
SELECT pg_temp.add('shelf', 'retail_doors', 'Grocer', 120, 132, '2026-03-29', '2026-05-17', '2026-06-28', 7),
	   pg_temp.add('shelf', 'retail_units', 'Grocer', 1140, 1201.2, '2026-03-29', '2026-05-17', '2026-06-28', 7),
	   pg_temp.add('shelf', 'retail_dollars', 'Grocer', 4560, 5045.04, '2026-03-29', '2026-05-17', '2026-06-28', 7) \g /dev/null

-- market: 100 sessions, 2 units each, 3 a unit; then nothing at all.
SELECT pg_temp.add('market', 'market_sessions', 'amazon', 100, 0), pg_temp.add('market', 'market_units', 'amazon', 200, 0),
	   pg_temp.add('market', 'market_revenue', 'amazon', 600, 0) \g /dev/null

-- ads: a second platform is new; CAC 1000 / 20 = 50 to 1300 / 25 = 52.
SELECT pg_temp.add('ads', 'ad_spend', 'meta', 1000, 1000), pg_temp.add('ads', 'impressions', 'meta', 100000, 80000), pg_temp.add('ads', 'clicks', 'meta', 1000, 900),
	   pg_temp.add('ads', 'ad_spend', 'tiktok', NULL, 300), pg_temp.add('ads', 'impressions', 'tiktok', NULL, 50000), pg_temp.add('ads', 'clicks', 'tiktok', NULL, 350),
	   pg_temp.add('ads', 'new_customers', 'online', 20, 25) \g /dev/null

-- gap: the same every day, but five days of May and two other days of June
-- are not known.
SELECT pg_temp.add('gap', 'net_revenue', 'online', 100, 100), pg_temp.add('gap', 'orders', 'online', 10, 10) \g /dev/null
DELETE FROM momentum_state.metric_daily WHERE brand = 'gap' AND day IN ('2026-05-04', '2026-05-05', '2026-05-06', '2026-05-07', '2026-05-08', '2026-06-27', '2026-06-26');

-- late: sessions end two days before the orders do; dark: ten days before, and
-- of another channel they count nothing while it sells.
SELECT pg_temp.add('late', 'net_revenue', 'online', 100, 120), pg_temp.add('late', 'orders', 'online', 10, 12),
	   pg_temp.add('late', 'sessions', 'online', 500, 500, '2026-05-02', '2026-05-30', '2026-06-26'),
	   pg_temp.add('late', 'net_revenue', 'online', 100, 120, '2026-05-02', '2026-05-30', '2026-05-03'), pg_temp.add('late', 'orders', 'online', 10, 12, '2026-05-02', '2026-05-30', '2026-05-03'),
	   pg_temp.add('dark', 'net_revenue', 'online', 100, 120), pg_temp.add('dark', 'orders', 'online', 10, 12),
	   pg_temp.add('dark', 'sessions', 'online', 500, 0, '2026-04-20', '2026-06-01', '2026-06-18') \g /dev/null

-- short: 20 days alone; old: retail that ended six weeks ago beside a shop
-- that goes on; noone: spend, and no new customer any more; none: nothing.
SELECT pg_temp.add('short', 'net_revenue', 'online', NULL, 120, '2026-06-09'), pg_temp.add('short', 'orders', 'online', NULL, 12, '2026-06-09'),
	   pg_temp.add('old', 'net_revenue', 'online', 100, 100), pg_temp.add('old', 'orders', 'online', 10, 10),
	   pg_temp.add('old', 'retail_units', 'Grocer', 50, 60, '2026-03-01', '2026-04-20', '2026-05-17'), pg_temp.add('old', 'retail_dollars', 'Grocer', 200, 240, '2026-03-01', '2026-04-20', '2026-05-17'),
	   pg_temp.add('noone', 'ad_spend', 'meta', 100, 100), pg_temp.add('noone', 'impressions', 'meta', 1000, 1000), pg_temp.add('noone', 'clicks', 'meta', 10, 10),
	   pg_temp.add('noone', 'new_customers', 'online', 5, 0) \g /dev/null
-- cash: nothing changes but the cash, 50000 on 25 May, 1000 a day in and 1500
-- out, and a bill of 6000 on 10 September.
SELECT pg_temp.add('cash', 'net_revenue', 'online', 1000, 1000, '2026-03-01'), pg_temp.add('cash', 'orders', 'online', 10, 10, '2026-03-01'),
	   pg_temp.add('cash', 'sessions', 'online', 500, 500, '2026-03-01') \g /dev/null
INSERT INTO momentum_state.source (brand, source, service) VALUES ('cash', 'sheet', 'google_sheets');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through) VALUES
	('cash', 'sheet', 'Cash flow', 'sheet', 'c.cash', '15 min', '2026-06-28');
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash) VALUES
	('cash', 'sheet', 'Cash flow', 2, '2026-05-25', 'Opening balance', 50000, 0);
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT 'cash', 'sheet', 'Cash flow', v.line, date '2026-05-25' + d, date '2026-05-25' + d, v.item, v.kind, v.amount, v.channel, 'sheet', 'expected', 0
  FROM generate_series(0, 130) d
 CROSS JOIN LATERAL (VALUES (3, 'Payouts', 'in', 1000, 'shop'), (4, 'Payroll', 'cost', 1500, ''),
	(5, 'Supplier', 'cost', CASE WHEN date '2026-05-25' + d = '2026-09-10' THEN 6000 END, '')) v (line, item, kind, amount, channel)
 WHERE v.amount IS NOT NULL;
SELECT pg_temp.add('ads', 'net_revenue', 'online', 1000, 1000, '2026-04-20') \g /dev/null
INSERT INTO momentum_state.target (brand, metric, valid_from, value) VALUES ('shop', 'cac', '2026-01-01', 55), ('ads', 'cac', '2026-01-01', 60);
SELECT momentum._refresh_matviews();

-- Net revenue of the shop, by hand: 28 * (7595.03879892422, -10186.7336564485,
-- 1967.69485752418); returns -28 * 200; wholesale +28 * 200, all by orders;
-- the stall +28 * 150 and the popup -28 * 80, all by orders as well: where
-- there are none their value is not defined and counts as unchanged.
SELECT rank, channel, factor, value_from, value_to, contribution, share, method, explanation
  FROM momentum.change_split WHERE brand = 'shop' AND tree = 'net_revenue' ORDER BY rank;
SELECT factor, pg_temp.near(contribution, 28 * reference) AS is_t14
  FROM momentum_state.change_split
  JOIN (VALUES ('sessions', 7595.03879892422), ('conversion_rate', -10186.7336564485), ('order_value', 1967.69485752418)) v (factor, reference) USING (factor)
 WHERE brand = 'shop' AND tree = 'net_revenue' AND channel = 'online' ORDER BY factor;
SELECT tree, total_from, total_to, total_change, days, days_compared, first_day, as_of, summary
  FROM momentum.change_split WHERE brand = 'shop' AND rank = 1 ORDER BY tree;

-- CAC (T14): 6.650081819234, 2.40293448460382, 4.4017428030952.
SELECT factor, value_from, value_to, contribution, explanation FROM momentum.change_split WHERE brand = 'shop' AND tree = 'cac' ORDER BY rank;
SELECT factor, pg_temp.near(contribution, reference) AS is_t14
  FROM momentum_state.change_split
  JOIN (VALUES ('cpm', 6.650081819234), ('click_rate', 2.40293448460382), ('click_conversion', 4.4017428030952)) v (factor, reference) USING (factor)
 WHERE brand = 'shop' AND tree = 'cac' ORDER BY factor;

-- Conversion (T15): mix -0.00120454545454545, rate 0.000431818181818182.
-- Orders of channels without sessions are a part of their own.
SELECT channel, factor, value_from, value_to, contribution, explanation FROM momentum.change_split WHERE brand = 'mix' ORDER BY rank;
SELECT factor, pg_temp.near(sum(contribution), CASE factor WHEN 'share_of_sessions' THEN -0.00120454545454545 ELSE 0.000431818181818182 END) AS is_t15
  FROM momentum_state.change_split WHERE brand = 'mix' AND tree = 'conversion_rate' GROUP BY factor ORDER BY factor;
SELECT channel, factor, value_from, value_to, contribution FROM momentum.change_split WHERE brand = 'shop' AND tree = 'conversion_rate' ORDER BY rank;

-- Retail (T14): 3201.37786664881, -1444.912859998478, 1638.81499334968, times
-- one; units per store and week 9.5 to 9.1.
SELECT tree, channel, factor, value_from, value_to, contribution, days, days_compared FROM momentum.change_split WHERE brand = 'shelf' ORDER BY tree, rank;
SELECT factor, pg_temp.near(contribution, reference) AS is_t14
  FROM momentum_state.change_split
  JOIN (VALUES ('doors', 3201.37786664881), ('velocity', -1444.912859998478), ('unit_price', 1638.81499334968)) v (factor, reference) USING (factor)
 WHERE brand = 'shelf' AND tree = 'retail_dollars' ORDER BY factor;

-- Zero sessions: units per session and price count as unchanged, -16800 is due
-- to the sessions.
SELECT factor, value_from, value_to, contribution, method, explanation FROM momentum.change_split WHERE brand = 'market' ORDER BY rank;

-- Two platforms, one of them new: together the change of CAC, 2.
SELECT channel, factor, value_from, value_to, contribution, method FROM momentum.change_split WHERE brand = 'ads' AND tree = 'cac_by_platform' ORDER BY channel, rank;
SELECT tree, total_from, total_to, sum(contribution) AS parts FROM momentum.change_split WHERE brand = 'ads' GROUP BY tree, total_from, total_to ORDER BY tree;

-- Missing days change nothing: 21 days are known in both windows.
SELECT factor, total_from, total_to, contribution, days_compared, as_of FROM momentum.change_split WHERE brand = 'gap' ORDER BY factor;
-- Sessions two days late: the windows end there.  Ten days late: without them.
SELECT brand, factor, total_from, total_to, contribution, days_compared, as_of FROM momentum.change_split WHERE brand IN ('late', 'dark') AND tree = 'net_revenue' ORDER BY brand DESC, rank;
-- Nothing is made up.
SELECT b AS brand, count(c.tree) AS rows, string_agg(DISTINCT c.tree, ' ') AS trees
  FROM unnest(ARRAY['short', 'old', 'noone', 'none']) b LEFT JOIN momentum.change_split c ON c.brand = b GROUP BY b ORDER BY b;

-- All of it adds up: to 1e-9 of the larger total, in the view to the cent; and
-- the totals are those of the facts.
SELECT count(*) AS trees, count(*) FILTER (WHERE abs(parts - change) > 1e-9 * larger) AS inexact
  FROM (SELECT sum(contribution) AS parts, min(total1 - total0) AS change, max(greatest(abs(total0), abs(total1))) AS larger
		  FROM momentum_state.change_split GROUP BY brand, tree) x;
SELECT count(*) FILTER (WHERE round(parts, 2) <> round(total_change, 2)) AS off_by_a_cent
  FROM (SELECT sum(contribution) AS parts, total_change FROM momentum.change_split WHERE unit = 'money' GROUP BY brand, tree, total_change) x;
SELECT s.brand, s.total_from = f.before AS before, s.total_to = f.now AS now
  FROM (SELECT DISTINCT brand, total_from, total_to FROM momentum.change_split WHERE tree = 'net_revenue' AND brand IN ('shop', 'old')) s
  JOIN (SELECT brand, sum(value) FILTER (WHERE day < '2026-06-01') AS before, sum(value) FILTER (WHERE day >= '2026-06-01') AS now
		  FROM momentum_state.metric_daily WHERE metric = 'net_revenue' GROUP BY brand) f USING (brand) ORDER BY brand;

-- Whole weeks: 20 days are two, which a week later compare only with June.
SELECT momentum.set_setting('shop', 'split.days', '20');
SELECT momentum._refresh_matviews();
SELECT DISTINCT days, first_day, as_of, total_change FROM momentum.change_split WHERE brand = 'shop' AND tree = 'net_revenue';
SELECT momentum.set_setting('shop', 'split.days', NULL);
SELECT momentum._refresh_matviews();
\set ON_ERROR_STOP 0
SELECT momentum.set_setting('shop', 'split.days', '6');
\set ON_ERROR_STOP 1

--
-- From the score down: the parts of a parent add up to it
--
SELECT place, level, parent, label, unit, contribution, share, explanation FROM momentum.driver_tree WHERE brand = 'shop' AND days_back = 30 ORDER BY place;
-- Platforms stand between CAC and its factors; the runway follows the cash.
SELECT level, parent, label, contribution FROM momentum.driver_tree WHERE brand = 'ads' AND days_back = 30 AND level > 1 ORDER BY place;
SELECT level, parent, label, contribution, share, explanation FROM momentum.driver_tree WHERE brand = 'cash' AND days_back = 30 AND level <> 1 ORDER BY place;
SELECT brand, days_back, level, parent, count(*) AS parts,
	   abs(sum(contribution) - (SELECT p.contribution FROM momentum.driver_tree p
								 WHERE p.brand = t.brand AND p.days_back = t.days_back AND p.label = t.parent AND p.level = t.level - 1)) < 0.00001 AS adds_up
  FROM momentum.driver_tree t WHERE level IN (1, 3, 4) AND brand IN ('ads', 'cash', 'shop') GROUP BY brand, days_back, level, parent ORDER BY brand, days_back, level, parent;

--
-- What goes ahead: reference T17, spend leads revenue by 3 days, r
-- 0.781823280422937; of 15 lags q is 15 p.  The other input is noise.
--
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'lead', v.metric, date '2026-04-30' + t, 'all', v.value, false
  FROM generate_series(0, 59) t
 CROSS JOIN LATERAL (SELECT (((37 * t * t + 11 * t) % 101) - 50) / 10.0 AS e, (((37 * (t + 3) * (t + 3) + 11 * (t + 3)) % 101) - 50) / 10.0 AS ahead,
							(((53 * t * t + 29 * t) % 97) - 48) / 10.0 AS h) s
 CROSS JOIN LATERAL (VALUES ('ad_spend', 100 + s.ahead), ('net_revenue', 200 + 0.8 * s.e + 0.5 * s.h)) v (metric, value);
SELECT momentum._refresh_matviews();
SELECT outcome, driver, lag_days, leads, correlation, pairs, effective_pairs, tests, explanation FROM momentum.leading_indicator WHERE brand = 'lead';
SELECT pg_temp.near(r, 0.781823280422937) AS r, pg_temp.near(p, 1.46385044982799e-10) AS p, pg_temp.near(q, 15 * 1.46385044982799e-10) AS q
  FROM momentum_state.leading WHERE brand = 'lead';
-- With another driver q counts its lags too, and what is chance is not said to lead.
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'lead', 'list_joins', date '2026-04-30' + t, 'email', 50 + (((89 * t * t + 7 * t) % 83) - 41) / 10.0, false FROM generate_series(0, 59) t;
SELECT momentum._refresh_matviews();
SELECT place, driver, leads, tests, explanation FROM momentum.leading_indicator WHERE brand = 'lead' ORDER BY place;
SELECT count(*) AS too_short FROM momentum.leading_indicator WHERE brand IN ('short', 'none');
SELECT count(*) AS without_the_word FROM momentum.leading_indicator WHERE explanation !~ 'association';

--
-- The turning point: reference T19, day 37 of 60, slopes 8.03101528128832 and
-- -9.026344163977 a day.
--
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'turn', 'net_revenue', date '2026-04-27' + t, 'online',
	   1000 + CASE WHEN t <= 38 THEN 8 * t ELSE 304 - 10 * (t - 38) END + (ARRAY[-120,-100,-80,-40,60,180,100])[t % 7 + 1]
	   + ((37 * t * t + 11 * t) % 101) - 50, false
  FROM generate_series(0, 59) t;
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'turn', m, date '2026-04-27' + t, 'online', v, false FROM generate_series(0, 59) t, (VALUES ('orders', 10), ('sessions', 500)) x (m, v);
SELECT momentum._refresh_matviews();
SELECT turning_day, turning_day - date '2026-04-27' AS day_number, is_turning_significant, growth_before_turning, growth_after_turning, phase, summary
  FROM momentum.score WHERE brand = 'turn';
SELECT pg_temp.near(growth_before, 30 * 8.03101528128832 / level) AS before, pg_temp.near(growth_after, -30 * 9.026344163977 / level) AS after
  FROM momentum_state.turning
  JOIN (SELECT avg(value)::float8 AS level FROM momentum_state.metric_daily WHERE brand = 'turn' AND metric = 'net_revenue') l ON true WHERE brand = 'turn';
-- A lever of retail counts 30 days of its units: 1000 a week are 4285.71.
SELECT pg_temp.add('turn', 'retail_units', 'Grocer', 1000, 1000, '2026-04-26', '2026-04-26', '2026-06-21', 7), pg_temp.add('turn', 'retail_doors', 'Grocer', 100, 104, '2026-04-26', '2026-05-20', '2026-06-21', 7),
	   pg_temp.add('turn', 'retail_dollars', 'Grocer', 4000, 4000, '2026-04-26', '2026-04-26', '2026-06-21', 7), momentum.set_setting('turn', 'margin.retail_share', '0.5') \g /dev/null
SELECT momentum._refresh_matviews();
SELECT round(profit_30d / (needed - now_at) / 0.5 / 4, 1) AS units FROM momentum.lever WHERE brand = 'turn' AND component = 'velocity';
-- What does not turn does not say so.
SELECT brand, turning_day, is_turning_significant, summary FROM momentum.score WHERE brand IN ('shop', 'short', 'none') ORDER BY brand;
SELECT component, phase FROM momentum.score_component WHERE brand = 'turn' ORDER BY place;

-- The phase of a curve: by its growth and its bend, if that is more than its error.
SELECT g, accel, t, momentum.trend_phase(g, accel, t)
  FROM (VALUES (0.1, 0.2, 2.0), (0.1, -0.2, -2.0), (0.1, -0.2, -0.5), (0.1, NULL, NULL), (-0.1, -0.2, -2.0), (-0.1, 0.2, 2.0), (-0.1, 0.2, 0.99),
			   (-0.1, 0.2, NULL), (-0.1, 0.0, NULL), (0.0, 0.2, 2.0), (1e-14, 0.2, 2.0), (NULL, 0.2, 2.0), ('NaN', 0.2, 2.0)) v (g, accel, t);

--
-- Levers: only what the brand has shown is within reach
--
SELECT component, reachable, value_change FROM momentum.lever WHERE brand = 'shop' ORDER BY place;
INSERT INTO momentum_state.score_log (brand, as_of, score, coverage, components)
SELECT 'shop', date '2026-05-01' + d, 0, 1, format('[{"component": "cac", "c": %s}]', -0.2 + 0.01 * (d % 40))::jsonb FROM generate_series(0, 39) d;
SELECT momentum._refresh_matviews();
SELECT component, reachable, value_change FROM momentum.lever WHERE brand = 'shop' ORDER BY place;

--
-- Unit economics: (75 + 10) * 0.8 = 68 is what a customer may cost
--
SELECT momentum.set_setting('shop', 'margin.first_order', '75'), momentum.set_setting('shop', 'margin.repeat', '10') \g /dev/null
SELECT momentum._refresh_matviews();
SELECT first_order_margin, repeat_margin, profit_share, allowable_cac, cac_target, cac_actual, marginal_cac, marginal_cac_reason, spend_per_day,
	   affordable_extra_per_day, payback_days, explanation FROM momentum.unit_economics WHERE brand = 'shop';
SELECT first_order_margin, allowable_cac, cac_actual, marginal_cac_reason, explanation FROM momentum.unit_economics WHERE brand = 'none';

--
-- A reader of one brand sees that brand
--
CREATE ROLE regress_split_reader;
SELECT momentum.grant_access('regress_split_reader', 'reader', 'shop') \g /dev/null
SET ROLE regress_split_reader;
SELECT (SELECT string_agg(DISTINCT brand, ' ') FROM momentum.change_split) AS change_split, (SELECT string_agg(DISTINCT brand, ' ') FROM momentum.driver_tree) AS driver_tree,
	   (SELECT string_agg(DISTINCT brand, ' ') FROM momentum.leading_indicator) AS leading_indicator, (SELECT string_agg(DISTINCT brand, ' ') FROM momentum.unit_economics) AS unit_economics,
	   (SELECT string_agg(DISTINCT brand, ' ') FROM momentum.score WHERE turning_day IS NOT NULL) AS score;
RESET ROLE;
DROP OWNED BY regress_split_reader;
DROP ROLE regress_split_reader;

--
-- 12 brands of noise: channels that come and go, days that are not known, days
-- without sessions, orders or customers, returns, platforms without clicks.
-- Drawn by a hash: every run draws the same.
--
CREATE FUNCTION pg_temp.draw(VARIADIC key integer[]) RETURNS float8
LANGUAGE sql AS $$ SELECT (hashtextextended(array_to_string(key, ','), 42) & 1073741823) / 1073741824.0 $$;
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) SELECT 'noise' || n, 'Noise', 'UTC', 'USD' FROM generate_series(1, 12) n;
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'noise' || n, m.metric, date '2026-04-20' + d, 'channel ' || c,
	   CASE WHEN pg_temp.draw(n, m.k, c, d, 1) < 0.1 * (n % 3) THEN 0 ELSE round((m.size * pg_temp.draw(n, m.k, c, d, 2))::numeric, m.digits) END, false
  FROM generate_series(1, 12) n, generate_series(1, 3) c, generate_series(0, 69) d,
	   (VALUES ('net_revenue', 1, 5000, 2), ('gross_sales', 2, 7000, 2), ('discounts', 3, 500, 2), ('orders', 4, 60, 0), ('sessions', 5, 3000, 0),
			   ('ad_spend', 6, 900, 2), ('impressions', 7, 90000, 0), ('clicks', 8, 1000, 0), ('new_customers', 9, 30, 0),
			   ('retail_units', 10, 400, 0), ('retail_dollars', 11, 1600, 2), ('retail_doors', 12, 90, 0),
			   ('market_revenue', 13, 900, 2), ('market_units', 14, 50, 0), ('market_sessions', 15, 800, 0)) m (metric, k, size, digits)
 WHERE pg_temp.draw(n, m.k / 4, d) > 0.02 * (n % 4)					-- a day that is not known
   AND (c = 1 OR d BETWEEN 70 * pg_temp.draw(n, c, 3) - 20 AND 90 * pg_temp.draw(n, c, 4) + 10);	-- a channel comes and goes
SELECT momentum._refresh_matviews();
SELECT tree, count(DISTINCT brand) AS brands, max(days_compared) AS most_days, min(days_compared) AS fewest_days, count(*) FILTER (WHERE method = 'lmdi') > 0 AS lmdi,
	   count(*) FILTER (WHERE method = 'shapley') > 0 AS shapley, count(*) FILTER (WHERE method = 'difference') > 0 AS difference
  FROM momentum.change_split WHERE brand LIKE 'noise%' GROUP BY tree ORDER BY tree;
SELECT count(*) AS trees, count(*) FILTER (WHERE abs(parts - change) > 1e-9 * larger) AS inexact, count(*) FILTER (WHERE ranks <> leaves) AS badly_ranked
  FROM (SELECT sum(contribution) AS parts, min(total1 - total0) AS change, max(greatest(abs(total0), abs(total1))) AS larger, max(rank) AS ranks, count(*) AS leaves
		  FROM momentum_state.change_split WHERE brand LIKE 'noise%' GROUP BY brand, tree) x;
SELECT count(*) AS off_by_a_cent
  FROM (SELECT sum(contribution) AS parts, total_change FROM momentum.change_split WHERE unit = 'money' GROUP BY brand, tree, total_change) x
 WHERE round(parts, 2) <> round(total_change, 2) AND abs(parts - total_change) > 0.0001;
-- CAC by hand, over the days that are known in both windows.
SELECT count(*) AS brands, count(*) FILTER (WHERE abs(total_from - before) > 0.000001 OR abs(total_to - now) > 0.000001) AS wrong
  FROM (SELECT DISTINCT brand, total_from, total_to, days_compared FROM momentum.change_split WHERE brand LIKE 'noise%' AND tree = 'cac') s
  JOIN (SELECT d.brand, count(DISTINCT d.day) AS days, sum(value) FILTER (WHERE metric = 'ad_spend' AND is_before) / nullif(sum(value) FILTER (WHERE metric = 'new_customers' AND is_before), 0) AS before,
			   sum(value) FILTER (WHERE metric = 'ad_spend' AND NOT is_before) / nullif(sum(value) FILTER (WHERE metric = 'new_customers' AND NOT is_before), 0) AS now
		  FROM (SELECT brand, day, day <= max(day) OVER (PARTITION BY brand) - 28 AS is_before, array_agg(day) OVER (PARTITION BY brand) AS days, max(day) OVER (PARTITION BY brand) AS newest
				  FROM (SELECT brand, day FROM momentum_state.metric_daily WHERE metric IN ('ad_spend', 'impressions', 'clicks', 'new_customers')
						 GROUP BY brand, day HAVING count(DISTINCT metric) = 4) k) d
		  JOIN momentum_state.metric_daily f ON f.brand = d.brand AND f.day = d.day
		 WHERE d.day > d.newest - 56 AND CASE WHEN is_before THEN d.day + 28 ELSE d.day - 28 END = ANY (d.days)
		 GROUP BY d.brand) x USING (brand)
 WHERE 2 * days_compared = days;
