-- The seven of the dashboard: source, target, actual, status, trend.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES
	('edge', 'On the edge', 'UTC', 'USD'), ('feb', 'Spends by weekday', 'UTC', 'USD'), ('bare', 'Has nothing', 'UTC', 'USD'),
	('cash', 'Has cash alone', 'UTC', 'USD');

-- A brand without anything still has its seven rows.
SELECT momentum._refresh_matviews();
SELECT place, metric, unit, source, target, actual, status, attainment, trend, note FROM momentum.dashboard WHERE brand = 'bare' ORDER BY place;
-- A source that is there and has said nothing yet is another matter.
INSERT INTO momentum_state.source (brand, source, service) VALUES ('bare', 'shop', 'shopify');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence) VALUES
	('bare', 'shop', 'orders', 'orders', 's.orders', '1 min'), ('bare', 'shop', 'sessions_daily', 'sessions_daily', 's.sessions_daily', '1 min');
SELECT momentum._refresh_matviews();
SELECT metric, source, status, note FROM momentum.dashboard WHERE brand = 'bare' ORDER BY place;

-- Ad spend against plan: 9 days of February 2025 have used 33500 of 100000,
-- 0.333929 of the month by the weight of their weekdays: pacing
-- 1.00320855614973, landing 100320.855614973, in the band.
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'feb', 'ad_spend', d::date, 'meta', 33500 * (ARRAY[.85,.85,.9,.95,1.1,1.25,1.1])[extract(isodow FROM d)::integer] / 9.35, false
  FROM generate_series(timestamp '2024-12-01', '2025-02-09', '1 day') d;
SELECT momentum.set_target('feb', 'ad_spend', 100000, '2024-01-01');
SELECT momentum._refresh_matviews();
SELECT target, round(actual, 2) AS actual, round(pacing, 6) AS pacing, landing, status, round(attainment, 6) AS attainment, note, as_of
  FROM momentum.dashboard WHERE brand = 'feb' AND metric = 'ad_spend';
SELECT abs(pacing - 1.00320855614973) < 1e-12 AS pacing, abs(landing - 100320.855614973) < 1e-8 AS landing
  FROM momentum_state.dashboard WHERE brand = 'feb' AND metric = 'ad_spend';
-- The band is open to both sides: 5 % are green, 10 % yellow.  Each colour is
-- told on a day of its own; back from red it takes 8 %.
CREATE TABLE shown (step integer, metric text, attainment numeric, status text);
CREATE PROCEDURE say(step integer, brand text, metric text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM momentum._refresh_matviews();
	INSERT INTO shown SELECT $1, d.metric, round(d.attainment, 4), d.status FROM momentum.dashboard d WHERE d.brand = $2 AND d.metric = $3;
END $$;
DO $$
DECLARE
	aim numeric;
	step integer := 0;
BEGIN
	FOREACH aim IN ARRAY ARRAY[1.05, 0.95, 1.06, 1.11, 1.09, 1.08, 0.94, 0.96, 0.97] LOOP
		step := step + 1;
		INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
		SELECT 'feb', 'ad_spend', max(day) + 1, 'meta', 33500 * (ARRAY[.85,.85,.9,.95,1.1,1.25,1.1])[extract(isodow FROM max(day) + 1)::integer] / 9.35, false
		  FROM momentum_state.metric_daily WHERE brand = 'feb';
		UPDATE momentum_state.target SET value = 100320.855614973 / aim WHERE brand = 'feb';
		CALL say(step, 'feb', 'ad_spend');
	END LOOP;
END $$;
SELECT * FROM shown ORDER BY step;
TRUNCATE shown;

-- Hysteresis: an AOV against 100.  A worse colour shows at once, a better one
-- takes 2 % more than the line; within a day that is told again it does not count.
SELECT momentum.set_target('edge', 'aov', 100, '2024-01-01');
DO $$
DECLARE
	aov numeric;
	step integer := 0;
BEGIN
	FOREACH aov IN ARRAY ARRAY[89, 91, 92, 90, 89.9, 99.9, 100, 101.9, 102, 100, 99.9] LOOP
		step := step + 1;
		INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
		SELECT 'edge', m, date '2026-06-01' + step, 'shop', 1, false FROM unnest('{net_revenue,orders}'::text[]) m;
		UPDATE momentum_state.metric_daily SET value = CASE metric WHEN 'orders' THEN 10 ELSE 10 * aov END WHERE brand = 'edge';
		CALL say(step, 'edge', 'aov');
	END LOOP;
END $$;
SELECT * FROM shown ORDER BY step;
UPDATE momentum_state.metric_daily SET value = 1005 WHERE brand = 'edge' AND metric = 'net_revenue';
SELECT momentum._refresh_matviews();
SELECT attainment, status FROM momentum.dashboard WHERE brand = 'edge' AND metric = 'aov';
UPDATE momentum_state.metric_daily SET value = 1020 WHERE brand = 'edge' AND metric = 'net_revenue';
SELECT momentum._refresh_matviews();
SELECT attainment, status FROM momentum.dashboard WHERE brand = 'edge' AND metric = 'aov';
-- Of a metric of which less is better the target stands above.
SELECT momentum.set_target('edge', 'cac', 50, '2024-01-01');
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'edge', v.metric, day, 'x', v.value, false
  FROM momentum_state.metric_daily d, (VALUES ('ad_spend', 550), ('new_customers', 10)) v (metric, value)
 WHERE d.brand = 'edge' AND d.metric = 'orders';
SELECT momentum._refresh_matviews();
SELECT metric, target, actual, attainment, status FROM momentum.dashboard WHERE brand = 'edge' AND metric = 'cac';

-- Growth comes with how sure it is: the fit of the 30 days by hand.
DELETE FROM momentum_state.metric_daily WHERE brand = 'edge';
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'edge', v.metric, date '2026-06-01' + t, 'shop', v.value, false
  FROM generate_series(0, 29) t, LATERAL (VALUES ('net_revenue', 5000 + 20 * t + (37 * t * t + 11 * t) % 101), ('orders', 100 + t % 7)) v (metric, value);
SELECT momentum._refresh_matviews();
SELECT d.trend, d.growth_30d = (f.fit).g::numeric(18,6) AS growth, d.p_up = (f.fit).p_up::numeric(9,6) AS p_up, d.p_up > 0.9 AS is_sure
  FROM momentum.dashboard d,
	   LATERAL (SELECT momentum.trend_fit(array_agg(r.day), array_agg((r.value / o.value)::float8), array_agg(o.value::float8)) AS fit
				  FROM momentum_state.metric_daily r JOIN momentum_state.metric_daily o USING (brand, day)
				 WHERE r.brand = 'edge' AND r.metric = 'net_revenue' AND o.metric = 'orders') f
 WHERE d.brand = 'edge' AND d.metric = 'aov';

-- Working capital takes its colour from the runway: 95 days, 70, 50, none below
-- the floor; without costs the runway is not known.
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash) VALUES
	('cash', 'sheet', 'Cash', 2, '2026-06-09', 'Opening balance', 9500, 0);
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT 'cash', 'sheet', 'Cash', 3, date '2026-06-09' + d, date '2026-06-09' + d, 'Rent', 'cost', 100, '', 'sheet', 'expected', 0
  FROM generate_series(1, 90) d;
INSERT INTO momentum_state.source (brand, source, service) VALUES ('cash', 'sheet', 'google_sheets');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, complete_through) VALUES
	('cash', 'sheet', 'sheet Cash', 'sheet', 's.cash', '1 min', '2026-06-09');
CREATE FUNCTION pg_temp.capital(balance numeric) RETURNS TABLE (actual numeric, target numeric, status text, trend text, runway_days numeric, attainment numeric, note text)
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE hub.cash_balance SET amount = balance WHERE brand = 'cash';
	PERFORM momentum._refresh_matviews();
	RETURN QUERY SELECT d.actual, d.target, d.status, d.trend, d.runway_days, d.attainment, d.note
				   FROM momentum.dashboard d WHERE d.brand = 'cash' AND d.metric = 'working_capital';
END $$;
SELECT * FROM pg_temp.capital(9500);
SELECT * FROM pg_temp.capital(7000);
SELECT * FROM pg_temp.capital(5000);
SELECT * FROM pg_temp.capital(-1);
SELECT momentum.set_setting('cash', 'runway.target', '40');
SELECT momentum.set_setting('cash', 'runway.min', '20');
SELECT * FROM pg_temp.capital(5000);
DELETE FROM hub.cash_flow WHERE brand = 'cash';
SELECT * FROM pg_temp.capital(5000);
