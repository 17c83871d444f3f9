-- Retail: what stores sold, which days are complete, and what is a door.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
CREATE TABLE svc.sales (sales_id bigint, retailer text, store_id text, store text, product_id text, date_key date,
	sales_quantity numeric, sales_amount numeric);
CREATE FUNCTION svc.sell(store text, first integer, last integer, quantity numeric DEFAULT 1, retailer text DEFAULT 'Kiwi',
	product text DEFAULT 'balm') RETURNS void LANGUAGE sql AS $$
	INSERT INTO svc.sales (sales_id, retailer, store_id, product_id, date_key, sales_quantity, sales_amount)
	SELECT 1, retailer, store, product, (now() AT TIME ZONE 'America/New_York')::date - ago, quantity, 10 * quantity
	  FROM generate_series(last, first) ago
$$;
-- The metrics of a day so many days ago; NULL is no row.
CREATE FUNCTION svc.ago(VARIADIC ago integer[]) RETURNS TABLE (days_ago integer, retailer text, units numeric, dollars numeric, doors numeric, points numeric)
	LANGUAGE sql AS $$
	SELECT a, m.channel, sum(m.value) FILTER (WHERE m.metric = 'retail_units'), sum(m.value) FILTER (WHERE m.metric = 'retail_dollars'),
		   sum(m.value) FILTER (WHERE m.metric = 'retail_doors'), sum(m.value) FILTER (WHERE m.metric = 'retail_points')
	  FROM unnest(ago) a
	  LEFT JOIN momentum_state.metric_daily m
		ON m.brand = 'brez' AND m.day = (now() AT TIME ZONE 'America/New_York')::date - a AND m.metric LIKE 'retail%'
	 GROUP BY a, m.channel ORDER BY a, m.channel
$$;
-- Days since the last complete one.
CREATE FUNCTION svc.behind() RETURNS integer LANGUAGE sql AS $$
	SELECT (now() AT TIME ZONE 'America/New_York')::date - complete_through FROM momentum_state.stream WHERE source = 'stores'
$$;
SELECT svc.source('stores', 'crisp', current_date - 200) \g /dev/null
SELECT svc.stream('stores', 'crisp', 'sales', '{"sales": "svc.sales", "tab": "Sales"}') \g /dev/null
\set ECHO all

-- Nothing told is nothing known, not even of days long past.
CALL momentum.refresh();
SELECT * FROM svc.ago(30, 14);

-- Stores take two weeks to report: younger days are not complete.
SELECT svc.sell('1', 100, 1), svc.sell('2', 60, 1, 2);
SELECT momentum.resync('brez', 'stores', 'sales', current_date - 200, current_date);
CALL momentum.refresh();
SELECT svc.behind();
SELECT * FROM svc.ago(101, 100, 74, 73, 61, 60, 14, 13);

-- A row word for word the same counts once; others of a key are added up,
-- whatever their sales_id says.
INSERT INTO svc.sales SELECT * FROM svc.sales WHERE store_id = '1' AND date_key = (now() AT TIME ZONE 'America/New_York')::date - 14;
SELECT svc.sell('2', 14, 14, 3);
CALL momentum.refresh(force => true);
SELECT units, previous_units FROM hub.retail_sales WHERE day = (now() AT TIME ZONE 'America/New_York')::date - 14 ORDER BY store_id;
SELECT * FROM svc.ago(15, 14);

-- A day restated lately: its doors and points count in the 27 days after it.
SELECT svc.sell('3', 14, 14), svc.sell('4', 14, 14), svc.sell('4', 13, 13, -1);
CALL momentum.refresh(force => true);
SELECT * FROM svc.ago(15, 14);
UPDATE momentum_state.stream SET complete_through = NULL;
SELECT momentum.set_setting('brez', 'sync.retail_settle_days', '1');
CALL momentum.refresh(force => true);
SELECT svc.behind();
SELECT * FROM svc.ago(14, 13, 12, 1);
DELETE FROM svc.sales WHERE store_id = '3';
CALL momentum.refresh(force => true);
SELECT * FROM svc.ago(15, 14, 13);
-- What lies further back than two weeks is seen by the weekly reading.
UPDATE svc.sales SET sales_quantity = 7 WHERE store_id = '2' AND date_key = (now() AT TIME ZONE 'America/New_York')::date - 40;
CALL momentum.refresh(force => true);
SELECT * FROM svc.ago(40);
UPDATE momentum_state.stream SET weekly_read_at = now() - interval '7 days';
CALL momentum.refresh(force => true);
SELECT * FROM svc.ago(40);
SELECT units, previous_units, restated_at IS NOT NULL AS restated FROM hub.retail_sales WHERE previous_units IS NOT NULL ORDER BY day;

-- A retailer that goes silent keeps the days open that it owes, until it has
-- been silent for four weeks: then it no longer sells.
SELECT svc.sell('9', 60, 9, 1, 'Plum'), svc.sell('8', 9, 9, 1, 'Rare');
UPDATE momentum_state.stream SET complete_through = complete_through - 30, weekly_read_at = now() - interval '7 days';
CALL momentum.refresh(force => true);
SELECT svc.behind();
SELECT regexp_replace(warnings, '\d{4}-\d\d-\d\d', 'that day', 'g') AS warnings FROM momentum.source_health WHERE source = 'stores';
UPDATE svc.sales SET date_key = date_key - 25 WHERE retailer = 'Plum';
UPDATE momentum_state.stream SET weekly_read_at = now() - interval '7 days';
CALL momentum.refresh(force => true);
SELECT svc.behind();
SELECT * FROM svc.ago(7, 1);

-- Velocity is units per store and week: the score has it, the dashboard the doors.
SELECT c IS NOT NULL AS known, reason, round(actual::numeric, 3) AS actual FROM momentum_state.component WHERE component = 'velocity' AND back = 0;
SELECT metric, source, actual, status FROM momentum.dashboard WHERE metric = 'retail_doors';

-- What is not told: sales without an amount are no sales of nothing; a store
-- that is not named is no door, a product that is not named no point.
SELECT svc.sell(NULL, 3, 3, 5), svc.sell('1', 4, 4, 2, 'Kiwi', NULL), svc.sell('1', 5, 5, NULL);
INSERT INTO svc.sales SELECT 2, 'Kiwi', '2', NULL, 'balm', (now() AT TIME ZONE 'America/New_York')::date - 6, 2, NULL;
CALL momentum.refresh(force => true);
SELECT * FROM svc.ago(6, 5, 4, 3) WHERE retailer = 'Kiwi';
SELECT * FROM (SELECT unnest(string_to_array(warnings, E'\n')) FROM momentum.source_health WHERE source = 'stores') w (warning)
 WHERE warning ~ 'rows';
-- A day without its sales does not make units cheaper.
SELECT i.unit_price FROM momentum_state.decision_input i;

-- The stores, and the field of work.
SELECT retailer, store_id, last_day - first_day AS days FROM hub.retail_doors ORDER BY retailer, store_id;
SELECT retailer, doors, doors_before, doors_gained, doors_lost, points, units, round(velocity, 3) AS velocity, income
  FROM momentum.retail_velocity ORDER BY retailer;
SELECT d.metric, d.value = v.value AS same
  FROM (SELECT metric, sum(value) AS value FROM momentum_state.metric_daily
         WHERE metric IN ('retail_doors', 'retail_points') AND day = (now() AT TIME ZONE 'America/New_York')::date - 1 GROUP BY metric) d
  JOIN (SELECT 'retail_doors', sum(doors) FROM momentum.retail_velocity
         UNION ALL SELECT 'retail_points', sum(points) FROM momentum.retail_velocity) v (metric, value) USING (metric)
 ORDER BY 1;

-- A second data set begins: what its stores sold before nobody tells either, so
-- for four weeks the doors are not known.  Its sales are.
CREATE TABLE svc.sales2 (LIKE svc.sales);
INSERT INTO svc.sales2 (sales_id, retailer, store_id, product_id, date_key, sales_quantity, sales_amount)
SELECT 1, 'Fig', store, 'balm', (now() AT TIME ZONE 'America/New_York')::date - ago, 1, 10
  FROM (VALUES ('1', 40), ('2', 30), ('1', 13), ('2', 13), ('1', 6), ('2', 4)) v (store, ago);
SELECT momentum._add_stream('brez', 'stores', 'sales Sales2', momentum._loader_of('crisp', 'sales'),
	'{"sales": "svc.sales2", "tab": "Sales2"}', 2);
CALL momentum.refresh(force => true);
CALL momentum.refresh(force => true);
SELECT days_ago, sum(units) FILTER (WHERE retailer = 'Fig') AS units, sum(doors) FILTER (WHERE retailer = 'Fig') AS doors, count(doors)
  FROM svc.ago(41, 40, 30, 14, 13) GROUP BY days_ago ORDER BY days_ago DESC;

--
-- The feed itself: what the hub makes of it is what adding it up by hand gives
--
\getenv sim MOMENTUM_SIM
\set base :sim '/small/crisp/odata/accounts/4711/connector_configurations/815/v1/feed.svc'
CREATE SERVER feed FOREIGN DATA WRAPPER crisp_fdw
	OPTIONS (account '4711', connector '815', base_url :'base', allow_insecure 'true', fetch_size '200');
CREATE USER MAPPING FOR CURRENT_USER SERVER feed OPTIONS (credential 'crisp_user:s1m:p@ss');
SELECT momentum.remove_source('brez', 'stores');
SELECT count(*) FROM hub.retail_sales;
SELECT momentum.add_source('brez', 'feed', '{"start": "2025-12-01"}');
CREATE SCHEMA crisp;
IMPORT FOREIGN SCHEMA api FROM SERVER feed INTO crisp;
SELECT momentum.add_source('brez', 'feed', '{"start": "2025-12-01"}');
CALL momentum.refresh();
SELECT stream, status, error FROM momentum.source_health;
SELECT count(*), sum(units), sum(dollars) FROM hub.retail_sales;
-- Units and sales day by day, doors and points over the 28 days to it.
CREATE FUNCTION svc.told(answer jsonb) RETURNS TABLE (compared bigint, different bigint, first text) LANGUAGE sql AS $$
	SELECT count(*), count(*) FILTER (WHERE d.is_different), min(d.words) FILTER (WHERE d.is_different)
	  FROM (SELECT format('%s %s %s: told %s, computed %s', t.retailer, t.day, v.metric, v.value, m.value) AS words,
				   coalesce(v.value, 0) <> coalesce(m.value, 0) OR (v.value IS NULL) <> (m.value IS NULL)
				   AND (t.day >= s.first_day OR m.value IS NOT NULL) AS is_different
			  FROM jsonb_to_recordset(answer) t (retailer text, day date, units numeric, dollars numeric, doors numeric, points numeric)
			  JOIN (SELECT channel, first_day FROM momentum_state.channel WHERE brand = 'brez' AND source = 'feed') s ON s.channel = t.retailer
			  JOIN LATERAL (VALUES ('retail_units', t.units), ('retail_dollars', t.dollars),
							('retail_doors', CASE WHEN t.day >= '2026-02-01' THEN t.doors END),
							('retail_points', CASE WHEN t.day >= '2026-02-01' THEN t.points END)) v (metric, value) ON true
			  LEFT JOIN momentum_state.metric_daily m ON m.brand = 'brez' AND m.metric = v.metric AND m.day = t.day AND m.channel = t.retailer) d
$$;
\set told `ctl get retail`
SELECT * FROM svc.told(:'told');
-- Of the first four weeks nobody tells what was sold before: their doors are
-- absent.  So are the sales of a day of which a row tells no amount.
SELECT metric, min(day), max(day) > '2026-04-01' AS goes_on, count(DISTINCT day) FILTER (WHERE day <= '2026-03-29') AS days
  FROM momentum_state.metric_daily WHERE metric LIKE 'retail%' GROUP BY metric ORDER BY metric;
-- Nothing told later: zeros, for the days are long past and complete.
SELECT metric, count(DISTINCT channel) AS retailers, sum(value) FROM momentum_state.metric_daily
 WHERE metric LIKE 'retail%' AND day = '2026-06-01' GROUP BY metric ORDER BY metric;

-- Restated, added, taken back: a reading of those days brings the hub in line.
\! ctl post sale world=small retailer='"Oakline Pets"' store=201 product=balm day=2026-03-09 quantity=9 amount=124.2 > /dev/null
\! ctl post sale world=small retailer='"Corner & Co"' store=900 product=chews day=2026-03-02 quantity=1 amount=13.8 > /dev/null
\! ctl post sale world=small retailer='"Larkspur Market"' store=102 product=balm day=2026-03-14 > /dev/null
\set told `ctl get retail`
SELECT different > 0 AS moved FROM svc.told(:'told');
SELECT momentum.resync('brez', 'feed', 'sales Harmonized_Retailer_Sales', '2026-03-01', '2026-03-20');
CALL momentum.refresh();
SELECT * FROM svc.told(:'told');
SELECT store_id, day, units, previous_units FROM hub.retail_sales WHERE previous_units IS NOT NULL;
SELECT retailer, count(*), min(first_day), max(last_day) FROM hub.retail_doors GROUP BY retailer ORDER BY retailer;

-- Where the feed filters by days, only those of the pass are asked for.
ALTER FOREIGN TABLE crisp.harmonized_retailer_sales ALTER date_key OPTIONS (ADD filter 'DateKey');
\! ctl set small crisp filter=apply
SELECT momentum.resync('brez', 'feed', 'sales Harmonized_Retailer_Sales', '2026-03-01', '2026-03-20');
CALL momentum.refresh();
SELECT rows_read, rows_changed >= rows_read AS written, pages FROM momentum_state.run WHERE source = 'feed' ORDER BY run_id DESC LIMIT 1;
\set told `ctl get retail`
SELECT * FROM svc.told(:'told');
ALTER FOREIGN TABLE crisp.harmonized_retailer_sales ALTER date_key OPTIONS (DROP filter);

-- Rows cut off in the middle of the feed change nothing.
\! ctl fault small crisp cut bytes=4000 after=1 times=-1 match=skiptoken
SELECT count(*) AS before FROM hub.retail_sales \gset
UPDATE momentum_state.stream SET due_at = now();
CALL momentum.refresh();
SELECT status, sqlstate FROM momentum.source_health;
SELECT count(*) = :before AS unchanged FROM hub.retail_sales;
\! ctl reset
-- A feed that has no filter is read whole, in one slice, however it fared.
CALL momentum.refresh(force => true);
SELECT status, failures FROM momentum.source_health;
SELECT DISTINCT slice_to - slice_from > '14 days' AS wide FROM momentum_state.run
 WHERE source = 'feed' AND status = 'ok' AND slice_to > now() AND run_id > (SELECT min(run_id) FROM momentum_state.run WHERE source = 'feed');

-- What came bit by bit is what all of it comes to.
CALL momentum.reconcile(heal => false);
SELECT brand, status, drift_found FROM momentum.reconciliation ORDER BY run_id;
