-- A session in a zone whose clocks change at midnight, so that a day of the year
-- has none (Havana: 9 March 2025, 8 March 2026): days are counted as days.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
CREATE TABLE svc.sales (sales_id bigint, retailer text, store_id text, store text, product_id text, date_key date,
	sales_quantity numeric, sales_amount numeric);
SELECT svc.source('shop', 'shopify') \g /dev/null
SELECT svc.shop_orders() \g /dev/null
SELECT svc.source('stores', 'crisp') \g /dev/null
SELECT svc.stream('stores', 'crisp', 'sales', '{"sales": "svc.sales", "tab": "Sales"}') \g /dev/null
\set ECHO all
SET timezone = 'America/Havana';
SELECT timestamptz '2025-03-09 00:00' AS no_midnight, count(*) AS of_four FROM generate_series(date '2025-03-07', date '2025-03-10', interval '1 day');

SELECT svc.put_order(1, '2025-03-03 12:00-05', 7, 2, 10) \g /dev/null
INSERT INTO svc.sales SELECT 1, 'Kiwi', '1', NULL, 'balm', d::date, 2, 20 FROM generate_series(timestamp '2025-03-01', now()::timestamp, '1 day') d;
CALL momentum.refresh();
-- Every metric goes through the last complete day.
SELECT m.metric, max(m.day) = s.complete_through AS to_the_end, count(DISTINCT m.day) = max(m.day) - min(m.day) + 1 AS without_gap
  FROM momentum_state.metric_daily m
  JOIN momentum_state.stream s ON s.stream = CASE WHEN m.metric LIKE 'retail%' THEN 'sales' ELSE 'orders' END
 WHERE m.metric IN ('orders', 'retail_units', 'retail_doors') GROUP BY m.metric, s.complete_through ORDER BY m.metric;
-- The last day is looked at by reconcile(), too.
DELETE FROM momentum_state.metric_daily m USING momentum_state.stream s WHERE s.stream = 'orders' AND m.metric = 'orders' AND m.day = s.complete_through;
CALL momentum.reconcile();
SELECT drift_found, healed FROM momentum.reconciliation;
SELECT metric, channel, count(*), count(*) FILTER (WHERE stored IS NULL) AS lost FROM momentum_state.drift GROUP BY 1, 2 ORDER BY 1, 2;
