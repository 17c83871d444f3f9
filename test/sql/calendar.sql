-- The calendar: promotions and the like, whose days no trend is fitted to.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES
	('tea', 'Tea', 'America/New_York', 'USD'), ('milk', 'Milk', 'UTC', 'USD');

--
-- Adding and removing
--
-- Nothing is guessed: no brand has an event before somebody adds one.
SELECT count(*) FROM momentum.calendar;
SELECT momentum.add_event('tea', 'Black Friday', '2025-11-28', '2025-12-01', note => '25 % off');
SELECT momentum.add_event('tea', 'Black Friday', '2026-11-27', '2026-11-30');
SELECT momentum.add_event('tea', 'New flavour', '2026-05-04', kind => 'launch');
SELECT momentum.add_event('tea', 'Memorial Day', '2026-05-25', kind => 'holiday');
SELECT momentum.add_event('tea', 'Out of mint', '2026-05-10', '2026-05-12', 'stockout');
SELECT momentum.add_event('tea', 'New agency', '2026-05-20', kind => 'other');
SELECT momentum.add_event('tea', 'Small sale', '2026-05-21', excluded => false);
-- The kinds that move sales are excluded unless told otherwise.
SELECT event, from_day, to_day, kind, excluded, note FROM momentum_state.event ORDER BY from_day;
-- Written again, it is written anew.
SELECT momentum.add_event('tea', 'New agency', '2026-05-20', '2026-05-21', 'other', true, 'in charge of Meta');
SELECT day, "time", event, kind, is_excluded, from_day, to_day, day_number, note FROM momentum.calendar WHERE kind IN ('other', 'stockout') ORDER BY day, event;
-- A day counts once, however many events it has.
SELECT day FROM momentum_state.excluded_day WHERE brand = 'tea' AND day BETWEEN '2026-05-01' AND '2026-05-31' ORDER BY day;
SELECT momentum.remove_event('tea', 'New agency');
SELECT momentum.remove_event('tea', 'Black Friday', '2026-11-27');
SELECT event, from_day FROM momentum_state.event ORDER BY from_day;
SELECT action, detail FROM momentum_state.audit WHERE action ~ 'event' ORDER BY audit_id DESC LIMIT 3;

-- Wrong input
SELECT momentum.add_event('coffee', 'Sale', '2026-05-01');
SELECT momentum.add_event('tea', ' ', '2026-05-01');
SELECT momentum.add_event('tea', E'\t\n', '2026-05-01');
SELECT momentum.add_event('tea', repeat('x', 501), '2026-05-01');
SELECT momentum.add_event('tea', 'Sale', NULL);
SELECT momentum.add_event('tea', 'Sale', '2026-05-02', '2026-05-01');
SELECT momentum.add_event('tea', 'Sale', '2026-05-02', '2027-05-03');
SELECT momentum.add_event('tea', 'Sale', '-infinity');
SELECT momentum.add_event('tea', 'Sale', '2026-05-02', 'infinity');
SELECT momentum.add_event('tea', 'Sale', '2026-05-02', kind => 'party');
SELECT momentum.add_event('tea', 'Sale', '2026-05-02', kind => NULL);
SELECT momentum.remove_event('tea', 'Sale');
SELECT momentum.remove_event('tea', 'Small sale', '2020-01-01');
DELETE FROM momentum_state.event;

--
-- What leaves the days out
--
-- 56 days to 30 June: revenue, conversion and velocity that fall by a steady
-- step a day, but for the eight days of a sale from 23 June on that quadruples
-- all of them.  The same brand without the sale is milk.
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT b.brand, v.metric, date '2026-06-30' - d, v.channel, v.value * CASE WHEN b.brand = 'tea' AND d < 8 AND v.moved THEN 4 ELSE 1 END, false
  FROM (VALUES ('tea'), ('milk')) b (brand), generate_series(0, 80) d
 CROSS JOIN LATERAL (VALUES ('net_revenue', 'shop', 1000 + 5 * d, true), ('orders', 'shop', 100 + d, true), ('sessions', 'shop', 4000, false),
	('retail_units', 'grocer', 500 + d, true), ('retail_doors', 'grocer', 50, false),
	('ad_spend', 'meta', 100 + 100 * (extract(isodow FROM date '2026-06-30' - d) = 1)::integer, true), ('new_customers', 'shop', 10, true)) v (metric, channel, value, moved);
SELECT momentum.set_target('tea', 'cac', 12, '2026-01-01'), momentum.set_target('milk', 'cac', 12, '2026-01-01');
SELECT momentum._refresh_matviews();
CREATE TEMP VIEW trends AS
SELECT c.brand, c.component, c.raw, c.actual, c.days_excluded, c.reason FROM momentum.score_component c WHERE c.component <> 'runway';
CREATE TEMP TABLE before AS SELECT * FROM trends;
-- Eight days at the end are too many to be taken for wild ones: it looks as if tea grew.
SELECT brand, component, raw > 0 AS grows, days_excluded, reason FROM trends ORDER BY brand DESC, component;
CREATE TEMP VIEW unusual AS
SELECT brand, string_agg(metric, ', ' ORDER BY metric) AS metrics FROM momentum_state.daily_anomaly WHERE holds GROUP BY brand;
SELECT * FROM unusual;
SELECT momentum.add_event('tea', 'Quadruple days', '2026-06-23', '2026-06-30');
-- Nothing changes before the next refresh, which is due.
SELECT count(*) > 0 AS is_due FROM momentum_state.changed_day;
SELECT momentum.recompute();
-- The trends are those of the days before the sale, by hand; the last complete
-- day stays.  Sums keep every day: spend, CAC, orders per session.
SELECT t.component, t.raw < 0 AS falls, t.days_excluded, t.reason, t.actual = b.actual AS actual_as_before, s.complete_through,
	   t.raw = (f.fit).g::numeric(24,6) AS as_fitted
  FROM trends t
  JOIN before b USING (brand, component)
  JOIN momentum.score_component s USING (brand, component)
 CROSS JOIN LATERAL (
	SELECT momentum.trend_fit(array_agg(n.day), array_agg((n.value / coalesce(d.value, 1))::float8), array_agg(coalesce(d.value, 1)::float8)) AS fit
	  FROM momentum_state.metric_daily n
	  LEFT JOIN momentum_state.metric_daily d ON d.brand = n.brand AND d.day = n.day
	   AND d.metric = CASE t.component WHEN 'conversion' THEN 'sessions' WHEN 'velocity' THEN 'retail_doors' END
	 WHERE n.brand = 'tea' AND n.metric = CASE t.component WHEN 'revenue' THEN 'net_revenue' WHEN 'conversion' THEN 'orders' ELSE 'retail_units' END
	   AND n.day < '2026-06-23' AND n.day > date '2026-06-30' - CASE t.component WHEN 'velocity' THEN 56 ELSE 30 END) f
 WHERE t.brand = 'tea' AND t.component <> 'cac' ORDER BY 1;
SELECT t.component, t.raw = b.raw AS raw_as_before, t.days_excluded FROM trends t JOIN before b USING (brand, component)
 WHERE t.brand = 'milk' OR t.component = 'cac' ORDER BY t.brand, 1;
-- A day of which one knows why it is unlike others is no anomaly.
SELECT * FROM unusual;
-- So on the dashboard, whose actual keeps them too.
SELECT brand, metric, actual, round(growth_30d, 4) AS growth_30d, days_excluded FROM momentum.dashboard
 WHERE metric IN ('ad_spend', 'aov', 'conversion_rate') ORDER BY brand DESC, place;
-- The forecast of what will be sold goes on from before the sale: the first
-- payouts of July were sold in it, those after are of usual days (a little more
-- than milk's, whose newest days are its lowest).
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash)
SELECT b, 'sheet', 'Cash', 2, '2026-06-30', 'Opening balance', 1000, 0 FROM unnest('{tea,milk}'::text[]) b;
SELECT momentum._refresh_matviews();
SELECT t.day_number, round(t.inflow / m.inflow, 2) AS inflow_of_tea, round(t.cost / m.cost, 2) AS cost_of_tea
  FROM momentum.cash_path t JOIN momentum.cash_path m ON m.brand = 'milk' AND m.day_number = t.day_number
 WHERE t.brand = 'tea' AND t.day_number IN (1, 2, 3, 10, 30) ORDER BY 1;

-- Nor is a sale that everybody knows of an anomaly, or a turn; alerts watch the
-- trends of the dashboard; and what lies exactly on its line, but for the sale,
-- leads nothing.
SELECT a.metric, a.day, a.n FROM momentum_state.daily_anomaly a WHERE a.brand = 'tea' AND a.holds ORDER BY 1;
SELECT t.metric, t.growth = d.growth AS as_on_dashboard FROM momentum_state.sure_trend t JOIN momentum_state.dashboard d USING (brand, metric) WHERE brand = 'tea' ORDER BY 1;
SELECT brand, turning_day, is_turning_significant, round(growth_after_turning, 2) AS growth_after FROM momentum.score ORDER BY brand DESC;
SELECT count(*) AS leading FROM momentum.leading_indicator WHERE brand = 'tea' AND outcome = 'net_revenue';

-- Leaving out too much is told, not hidden: with 18 of 30 days gone there are
-- 12 left, and no trend; retail has 38 of its 56.
SELECT momentum.add_event('tea', 'Long sale', '2026-06-13', '2026-06-22');
SELECT momentum._refresh_matviews();
SELECT component, raw, days_excluded, reason FROM trends WHERE brand = 'tea' ORDER BY component;
SELECT metric, trend, growth_30d, p_up, days_excluded FROM momentum.dashboard WHERE brand = 'tea' AND metric = 'conversion_rate';
-- Shown, not excluded: the days are fitted again.
SELECT momentum.add_event('tea', 'Long sale', '2026-06-13', '2026-06-22', excluded => false);
SELECT momentum.remove_event('tea', 'Quadruple days');
SELECT momentum._refresh_matviews();
SELECT t.component, t.raw = b.raw AS as_before, t.days_excluded FROM trends t JOIN before b USING (brand, component) WHERE brand = 'tea' ORDER BY 1;
-- Nor is it what others are compared with: six Tuesdays that were dear make a
-- dear one usual, until it is known that they were sales.
UPDATE momentum_state.metric_daily SET value = 3 * value
 WHERE brand = 'milk' AND metric = 'net_revenue' AND extract(isodow FROM day) = 2 AND day > '2026-05-15';
SELECT momentum._refresh_matviews();
SELECT metrics ~ 'net_revenue' AS is_unusual FROM unusual WHERE brand = 'milk';
SELECT momentum.add_event('milk', 'Tuesday', d::date) FROM generate_series(timestamp '2026-05-19', '2026-06-23', '7 days') d \g /dev/null
SELECT momentum._refresh_matviews();
SELECT metrics ~ 'net_revenue' AS is_unusual FROM unusual WHERE brand = 'milk';
-- A chart of revenue with its events beside it.
SELECT v.day, v.value, c.event FROM momentum.metric_value v LEFT JOIN momentum.calendar c USING (brand, day)
 WHERE v.brand = 'tea' AND v.metric = 'net_revenue' AND v.day BETWEEN '2026-06-21' AND '2026-06-24' ORDER BY v.day;

-- A reader sees the events of his brand; who may not write the model writes none.
CREATE ROLE regress_calendar_reader;
SELECT momentum.grant_access('regress_calendar_reader', 'reader', 'milk');
SET ROLE regress_calendar_reader;
SELECT count(*) FROM momentum.calendar;
SELECT momentum.add_event('milk', 'Mine', '2026-06-01');
RESET ROLE;
SELECT momentum.revoke_access('regress_calendar_reader');
DROP ROLE regress_calendar_reader;
