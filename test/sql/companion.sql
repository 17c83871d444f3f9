-- What stands beside the trends of the score: longer windows, and the year
-- before.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES
	('year', 'Has two years', 'UTC', 'USD'), ('young', 'Has seven weeks', 'UTC', 'USD'), ('none', 'Has nothing', 'UTC', 'USD'),
	('grocer', 'Sells by the week', 'UTC', 'USD'), ('steady', 'Never changes', 'UTC', 'USD');

-- Two years to 30 June 2026.  Revenue has a weekly pattern and, each year, the
-- same swing from spring to summer (up by 1 % of its level a day in June); the
-- second year is a fifth above the first, and since 1 June falls by 4 a day.
CREATE TEMP TABLE series AS
SELECT d::date AS day, (d::date - date '2024-07-01') AS t,
	   1000 * (ARRAY[.85,.85,.9,.95,1.1,1.25,1.1])[extract(isodow FROM d)::integer] AS pattern,
	   CASE WHEN d >= '2025-07-02' THEN 1.2 ELSE 1 END AS grown,
	   1 + .01 * greatest(0, least(30, d::date - CASE WHEN d < '2026-05-01' THEN date '2025-06-02' ELSE '2026-06-01' END)) AS season
  FROM generate_series(timestamp '2024-07-01', '2026-06-30', '1 day') d;
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'year', v.metric, s.day, v.channel, v.value, false
  FROM series s
 CROSS JOIN LATERAL (VALUES
	('net_revenue', 'shop', round((s.pattern * s.grown * s.season * (1 - .002 * greatest(0, s.day - date '2026-06-01')))::numeric, 2)),
	('net_revenue', 'pos', 100),
	('orders', 'shop', 20 + s.t % 3), ('sessions', 'shop', 1000 - CASE WHEN s.day > '2026-03-01' THEN s.day - date '2026-03-01' ELSE 0 END)) v (metric, channel, value);
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'young', 'net_revenue', s.day, 'shop', 1000 + 10 * (s.t % 7) - 5 * (s.t - 680), false FROM series s WHERE s.day > '2026-05-12';
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'steady', 'net_revenue', s.day, 'shop', 500, false FROM series s;
-- Weekly rows of a growing chain: 10 units and one store more each week; before
-- that a tenth of the units in as many stores.
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'grocer', v.metric, date '2026-06-30' - 7 * w, 'chain', v.value, false
  FROM generate_series(0, 70) w
 CROSS JOIN LATERAL (VALUES ('retail_units', CASE WHEN w < 20 THEN 300 - 10 * w ELSE 30 END),
	('retail_doors', CASE WHEN w < 20 THEN 28 - w ELSE 28 END)) v (metric, value);
SELECT momentum._refresh_matviews();

-- Four rows for each of three components, once the brand has a day.
SELECT brand, count(*) AS rows, count(growth_30d) AS known FROM momentum.trend_companion GROUP BY brand ORDER BY brand;
SELECT component, companion, window_days, points, round(growth_30d, 4) AS growth_30d, round(p_up, 3) AS p_up, trend, round(growth_year, 4) AS growth_year,
	   days_compared, agreement, reason
  FROM momentum.trend_companion WHERE brand = 'year' ORDER BY component DESC, array_position('{base,60 days,90 days,year}', companion);
-- Each is the fit of its window; base is that of the score.
CREATE FUNCTION pg_temp.fit(brand text, days integer) RETURNS numeric LANGUAGE sql AS $$
	SELECT ((momentum.trend_fit(array_agg(day), array_agg(value::float8))).g)::numeric(18,6)
	  FROM (SELECT d.day, sum(d.value) AS value FROM momentum_state.metric_daily d
			 WHERE d.brand = $1 AND d.metric = 'net_revenue' AND d.day > date '2026-06-30' - days GROUP BY d.day) s
$$;
SELECT companion, growth_30d = pg_temp.fit('year', window_days::integer) AS as_fitted,
	   companion <> 'base' OR growth_30d = (SELECT raw FROM momentum.score_component c WHERE c.brand = 'year' AND c.component = 'revenue') AS as_scored
  FROM momentum.trend_companion WHERE brand = 'year' AND component = 'revenue' AND companion <> 'year' ORDER BY 1;
-- The year: every day over that of 364 days before, computed here by hand.
SELECT t.growth_30d = f.g AS growth, t.growth_year = y.growth AS growth_year
  FROM momentum.trend_companion t,
	   LATERAL (SELECT ((momentum.trend_fit(array_agg(a.day), array_agg((a.value / b.value)::float8))).g)::numeric(18,6) AS g
				  FROM (SELECT day, sum(value) AS value FROM momentum_state.metric_daily WHERE brand = 'year' AND metric = 'net_revenue' GROUP BY day) a
				  JOIN (SELECT day, sum(value) AS value FROM momentum_state.metric_daily WHERE brand = 'year' AND metric = 'net_revenue' GROUP BY day) b
					ON b.day = a.day - 364
				 WHERE a.day > '2026-05-31') f,
	   LATERAL (SELECT (sum(value) FILTER (WHERE day > '2026-06-02') / sum(value) FILTER (WHERE day <= '2025-07-01') - 1)::numeric(18,6) AS growth
				  FROM momentum_state.metric_daily
				 WHERE brand = 'year' AND metric = 'net_revenue'
				   AND (day > '2026-06-02' OR day BETWEEN '2025-06-04' AND '2025-07-01')) y
 WHERE t.brand = 'year' AND t.component = 'revenue' AND t.companion = 'year';
SELECT explanation FROM momentum.trend_companion WHERE brand = 'year' ORDER BY component DESC, array_position('{base,60 days,90 days,year}', companion);

-- Seven weeks: 90 days are what there is of them, a year is not.
SELECT companion, points, trend, agreement, reason, explanation FROM momentum.trend_companion
 WHERE brand = 'young' AND component = 'revenue' ORDER BY array_position('{base,60 days,90 days,year}', companion);
-- What never changes grows by nothing, over any window.
SELECT companion, growth_30d, p_up, trend, growth_year, agreement, reason FROM momentum.trend_companion
 WHERE brand = 'steady' AND component = 'revenue' ORDER BY array_position('{base,60 days,90 days,year}', companion);
-- Weekly rows: units per store and week, and 4 weeks are 4 pairs.  More stores
-- sell more units and less each.
SELECT companion, points, trend, round(growth_year, 4) AS growth_year, days_compared, agreement, reason,
	   round((SELECT sum(units)::numeric / sum(doors) FROM (VALUES (300, 28), (290, 27), (280, 26), (270, 25)) v (units, doors)) / (30.0 / 28) - 1, 4) AS by_hand
  FROM momentum.trend_companion WHERE brand = 'grocer' AND component = 'velocity' ORDER BY array_position('{base,60 days,90 days,year}', companion);

-- A day that is missing on either side is in neither: a year ago, then now.
DELETE FROM momentum_state.metric_daily WHERE brand = 'year' AND metric = 'net_revenue' AND day = date '2026-06-20' - 364;
SELECT momentum._refresh_matviews();
SELECT companion, points, days_compared FROM momentum.trend_companion WHERE brand = 'year' AND component = 'revenue' AND companion IN ('base', 'year') ORDER BY 1;
-- So are the days of an excluded event, on either side.
SELECT momentum.add_event('year', 'Sale', '2026-06-10', '2026-06-11');
SELECT momentum.add_event('year', 'Sale', date '2026-06-24' - 364);
SELECT momentum._refresh_matviews();
SELECT companion, points, days_compared FROM momentum.trend_companion WHERE brand = 'year' AND component = 'revenue' ORDER BY array_position('{base,60 days,90 days,year}', companion);
-- A year with a dozen days left has no trend, and says so.
DELETE FROM momentum_state.metric_daily WHERE brand = 'year' AND metric = 'net_revenue' AND day BETWEEN '2025-06-01' AND '2025-06-18';
SELECT momentum._refresh_matviews();
SELECT companion, points, growth_30d, days_compared, reason, explanation FROM momentum.trend_companion WHERE brand = 'year' AND component = 'revenue' AND companion = 'year';

CREATE ROLE regress_companion_reader;
SELECT momentum.grant_access('regress_companion_reader', 'reader', 'young');
SET ROLE regress_companion_reader;
SELECT brand, count(*) FROM momentum.trend_companion GROUP BY brand;
RESET ROLE;
SELECT momentum.revoke_access('regress_companion_reader');
DROP ROLE regress_companion_reader;
