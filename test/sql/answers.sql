-- The answers: what the reading views say of facts whose answers are known.
--
-- Every expected number was computed outside of the database, from the
-- formulas of the method: see the comments.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
SET extra_float_digits = 0;

-- Three brands: full knows everything, shop has a shop and nothing else,
-- none has nothing at all.
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES
	('full', 'Knows everything', 'America/New_York', 'USD'),
	('shop', 'Has a shop alone', 'Europe/London', 'GBP'),
	('none', 'Has nothing', 'UTC', 'EUR');
INSERT INTO momentum_state.source (brand, source, service) VALUES
	('full', 'full_shop', 'shopify'), ('full', 'full_ads', 'meta_ads'), ('full', 'full_sheet', 'google_sheets'),
	('shop', 'shop_shop', 'shopify');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through) VALUES
	('full', 'full_shop', 'orders', 'orders', 's.orders', '15 min', '2026-06-30'),
	('full', 'full_shop', 'sessions_daily', 'sessions_daily', 's.sessions_daily', '15 min', '2026-06-30'),
	('full', 'full_ads', 'insights', 'insights', 'a.insights', '15 min', '2026-06-30'),
	('full', 'full_sheet', 'Cash flow', 'sheet', 'c.cash', '15 min', '2026-06-30'),
	('shop', 'shop_shop', 'orders', 'orders', 's.orders', '15 min', '2026-06-30');

-- 30 days from Monday 1 June 2026: revenue (reference series A30), sessions
-- and orders (reference T9), 1040 of spend a day for 520 new customers in all.
CREATE TEMP TABLE june (t integer, net_revenue numeric, sessions numeric, orders numeric);
INSERT INTO june
SELECT u.t - 1, u.net_revenue, u.sessions, u.orders
  FROM unnest(
	ARRAY[830,902,947,985,1056,1221,1159,930,914,972,1023,1107,1184,1135,919,916,987,1051,1148,1238,1202,999,1009,992,1069,1179,1282,1158,968,991],
	ARRAY[2000,2010,1963,1959,2199,2482,2559,2028,2192,1998,2148,2241,2678,2307,2231,1947,1907,2211,2157,2447,2531,2007,2178,1991,2148,2248,2692,2328,2259,1982],
	ARRAY[49,50,50,50,57,65,68,48,53,49,53,56,68,59,51,45,45,53,52,60,63,44,49,45,50,53,64,56,48,43])
	WITH ORDINALITY AS u (net_revenue, sessions, orders, t);
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'full', v.metric, date '2026-06-01' + j.t, v.channel, v.value, false
  FROM june j
 CROSS JOIN LATERAL (VALUES
	('net_revenue', 'online_store', j.net_revenue - 100), ('net_revenue', 'pos', 100),
	('orders', 'online_store', j.orders), ('sessions', 'online_store', j.sessions),
	('ad_spend', 'meta', 1040), ('new_customers', 'online_store', CASE WHEN j.t < 20 THEN 17 ELSE 18 END),
	('new_subscribers', 'online_store', 3)) v (metric, channel, value);
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'shop', v.metric, date '2026-06-01' + j.t, 'online_store', v.value, false
  FROM june j
 CROSS JOIN LATERAL (VALUES ('net_revenue', j.net_revenue), ('orders', j.orders)) v (metric, value);

-- 8 weeks of retail (reference T10), each on its last day.
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'full', v.metric, date '2026-05-12' + 7 * (w.t::integer - 1), 'grocer', v.value, false
  FROM unnest(ARRAY[5040,5180,5225,5390,5340,5610,5720,5655], ARRAY[420,425,430,440,440,455,460,460])
	WITH ORDINALITY AS w (units, doors, t)
 CROSS JOIN LATERAL (VALUES ('retail_units', w.units), ('retail_doors', w.doors)) v (metric, value);

-- Cash: reference T12, 90 days from 1 July on.
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash) VALUES
	('full', 'full_sheet', 'Cash flow', 2, '2026-07-01', 'Opening balance', 50000, 0);
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT 'full', 'full_sheet', 'Cash flow', v.line, date '2026-06-30' + d, date '2026-06-30' + d, v.item, v.kind, v.amount, v.channel, 'sheet', 'expected', 0
  FROM generate_series(1, 90) d
 CROSS JOIN LATERAL (VALUES
	(3, 'Shopify payouts', 'in', 1800 + (ARRAY[-120,-100,-80,-40,60,180,100])[(d - 1) % 7 + 1], 'shop'),
	(4, 'Advertising', 'cost', 1000, 'ads'), (5, 'Payroll', 'cost', 500, ''),
	(6, 'Supplier', 'cost', CASE WHEN d IN (5,19,33,47,61,75,89) THEN 9000 END, ''),
	(7, 'Loan', 'loan', CASE WHEN d IN (15,45,75) THEN 4000 END, '')) v (line, item, kind, amount, channel)
 WHERE v.amount IS NOT NULL;
INSERT INTO momentum_state.target (brand, metric, valid_from, value) VALUES
	('full', 'cac', '2026-01-01', 40), ('full', 'cac', '2026-06-01', 50), ('full', 'cac', '2026-07-01', 70),
	('full', 'ad_spend', '2026-01-01', 30000), ('full', 'conversion_rate', '2026-01-01', 0.025),
	('full', 'aov', '2026-01-01', 19);
SELECT momentum._refresh_matviews();

-- The score: S -0.0808249980636003, SE 0.0506713572320894, p_up
-- 0.0553468877651295 (reference T13).  Two brands cannot have one: 30 % of the
-- weights are known of a shop alone, nothing of nothing.
SELECT brand, score, coverage, standard_error, p_up, direction, confidence, phase, reason FROM momentum.score ORDER BY brand;
SELECT brand, abs(score - -0.0808249980636003) < 1e-9 AS is_t13, abs(se - 0.0506713572320894) < 1e-9 AS se_is_t13
  FROM momentum_state.score WHERE brand = 'full' AND back = 0;
SELECT component, weight, value, contribution, actual, target, complete_through, reason
  FROM momentum.score_component WHERE brand = 'full' ORDER BY place;
SELECT component, value, reason FROM momentum.score_component WHERE brand = 'shop' ORDER BY place;
-- The parts add up to the whole, exactly.
SELECT abs(sum(c.contribution) - min(s.score)) < 1e-15 AS adds_up
  FROM momentum_state.component c JOIN momentum_state.score s USING (brand, back)
 WHERE c.brand = 'full' AND c.back = 0;

-- What moved it.  7 days before there was no balance yet: the runway became
-- known, which is coverage, not value.
SELECT days_back, rank, component, delta, value_part, coverage_part FROM momentum.driver WHERE brand = 'full' ORDER BY days_back, rank;
SELECT back, abs(sum(delta) - (min(score_to) - min(score_from))) < 1e-15 AS adds_up
  FROM momentum_state.driver WHERE brand = 'full' GROUP BY back;

-- What would bring it to zero (T13): CAC 60 to 52.6284946217253, or growth of
-- revenue +0.0538833320424002, of conversion +0.0808249980636003, or
-- +72.7424982572402 days of runway.
SELECT component, now_at, needed, needed - now_at AS change, reachable FROM momentum.lever WHERE brand = 'full' ORDER BY place;
SELECT explanation FROM momentum.lever WHERE brand = 'full' AND component = 'cac';

-- Always seven rows.  AOV 31473 / 1596 = 19.719925; conversion 1596 / 66028;
-- spend on its last day of June is 31200 of 30000, 4 % over: green.
SELECT brand, metric, source, target, actual, status, trend, pacing, landing, runway_days, as_of FROM momentum.dashboard ORDER BY brand, place;

-- Cash (T12): 36780, 23660, 1900; trough 1420 on day 89; runway 93.555.
SELECT brand, as_of, working_capital, working_capital_30d, working_capital_60d, working_capital_90d, trough, trough_day, runway_days, status, reason
  FROM momentum.cash_summary ORDER BY brand;
SELECT day, day_number, working_capital, inflow, cost, loan, origin FROM momentum.cash_path WHERE day_number IN (0, 1, 5, 15, 89, 90) ORDER BY day;

-- Decisions: three rows for each brand, whatever is known.
SELECT brand, place, question, decision, from_value, to_value, confidence FROM momentum.decision ORDER BY brand, place;
SELECT brand, component, is_binding, severity FROM momentum.growth_constraint WHERE brand = 'full' ORDER BY place;
SELECT brand, place, topic, action FROM momentum.recommendation ORDER BY brand, place;
SELECT brand, summary FROM momentum.score ORDER BY brand;

-- Every metric by day; the ratio of a day is numerator over denominator.
SELECT metric, unit, channel, day, value FROM momentum.metric_value WHERE brand = 'full' AND day = '2026-06-30' ORDER BY metric, channel;

-- Told once: a second refresh of the same facts writes nothing.  A day that
-- is restated is told anew, in a row of its own.
SELECT momentum._refresh_matviews();
SELECT brand, as_of, score, revision, is_current FROM momentum.score_history ORDER BY 1, 2, revision;
UPDATE momentum_state.metric_daily SET value = value + 500 WHERE brand = 'full' AND metric = 'net_revenue' AND day = '2026-06-20' AND channel = 'pos';
SELECT momentum._refresh_matviews();
SELECT brand, as_of, revision, is_current FROM momentum.score_history ORDER BY 1, 2, revision;
UPDATE momentum_state.metric_daily SET value = value - 500 WHERE brand = 'full' AND metric = 'net_revenue' AND day = '2026-06-20' AND channel = 'pos';

-- Less and less is known.  Without retail the score is -0.108710623708246 at
-- 0.85; with revenue and conversion alone 0.0321218751891695 at 0.5; with
-- revenue alone there is none.  A target of zero cannot be set, and without
-- a target the CAC is missing.
DELETE FROM momentum_state.metric_daily WHERE metric LIKE 'retail%';
SELECT momentum._refresh_matviews();
SELECT round(score::numeric, 12) AS score, coverage FROM momentum_state.score WHERE brand = 'full' AND back = 0;
\set ON_ERROR_STOP 0
INSERT INTO momentum_state.target (brand, metric, valid_from, value) VALUES ('full', 'cac', '2026-06-15', 0);
\set ON_ERROR_STOP 1
DELETE FROM momentum_state.target WHERE brand = 'full' AND metric = 'cac';
DELETE FROM hub.cash_balance;
SELECT momentum._refresh_matviews();
SELECT round(score::numeric, 12) AS score, coverage FROM momentum_state.score WHERE brand = 'full' AND back = 0;
SELECT component, value, reason FROM momentum.score_component WHERE brand = 'full' ORDER BY place;
DELETE FROM momentum_state.metric_daily WHERE metric = 'sessions';
SELECT momentum._refresh_matviews();
SELECT score, coverage, reason, summary FROM momentum.score WHERE brand = 'full';
SELECT metric, actual, status, note FROM momentum.dashboard WHERE brand = 'full' ORDER BY place;
SELECT count(*) AS drivers FROM momentum.driver;
