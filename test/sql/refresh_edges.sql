-- What is odd about one brand does not stop the answers of the others, and
-- the parts of the answers are refreshed in the order in which they are read.
\set ECHO none
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION momentum;
SELECT momentum.setup(), momentum.add_brand('odd', 'UTC', 'USD'), momentum.add_brand('plain', 'UTC', 'USD') \g /dev/null
-- Two brands with 100 days of visits, orders and ads.
INSERT INTO momentum_state.source (brand, source, service)
SELECT b, b || '_' || s, v FROM unnest(ARRAY['odd', 'plain']) b, (VALUES ('shop', 'shopify'), ('ads', 'meta_ads'), ('stores', 'crisp')) x (s, v);
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, first_day, complete_through, status, due_at)
SELECT b, b || '_' || s, l, l, 'none', '1 day', '2025-03-01', '2025-06-08', 'ok', 'infinity'
  FROM unnest(ARRAY['odd', 'plain']) b, (VALUES ('shop', 'orders'), ('shop', 'sessions_daily'), ('ads', 'insights'), ('stores', 'sales')) x (s, l);
INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, is_new_customer, has_selling_plan,
                        channel, currency, gross_sales, discounts, items_sold, content_hash)
SELECT b, b || '_shop', d::text || n, d, false, false, true, false, 'web', 'USD', 20 + n, 0, 1, 1
  FROM unnest(ARRAY['odd', 'plain']) b, generate_series(timestamp '2025-03-01', '2025-06-08', '1 day') d, generate_series(1, 3) n;
INSERT INTO hub.sessions_daily (brand, source, day, channel, sessions, content_hash)
SELECT b, b || '_shop', d, 'web', 100, 1 FROM unnest(ARRAY['odd', 'plain']) b, generate_series(timestamp '2025-03-01', '2025-06-08', '1 day') d;
INSERT INTO hub.ad_performance_daily (brand, source, level, account_id, day, object_id, platform, currency, spend, impressions,
                                      clicks, purchases, purchase_value, content_hash)
SELECT b, b || '_ads', 'account', '1', d, '1', 'meta', 'USD', 30, 1000, 20, 1, 20, 1
  FROM unnest(ARRAY['odd', 'plain']) b, generate_series(timestamp '2025-03-01', '2025-06-08', '1 day') d;
SELECT momentum.set_target(b, m, v, '2025-01-01')
  FROM unnest(ARRAY['odd', 'plain']) b, (VALUES ('cac', 12), ('ad_spend', 1000), ('conversion_rate', 0.03)) t (m, v) \g /dev/null
CREATE FUNCTION pg_temp.answer() RETURNS TABLE (brand text, as_of date, score_known boolean, cac numeric, cac_reason text, views_read boolean)
LANGUAGE plpgsql AS $f$
DECLARE
    relation regclass;
BEGIN
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT s.brand, s.source, s.stream, d FROM momentum_state.stream s, generate_series(s.first_day::timestamp, s.complete_through::timestamp, '1 day') d;
    PERFORM momentum.recompute();
    FOR relation IN SELECT momentum._reading_views() LOOP
        EXECUTE 'SELECT count(v::text) FROM ' || relation || ' v';
    END LOOP;
    RETURN QUERY
    SELECT s.brand, s.as_of, s.score IS NOT NULL, round(c.actual, 2), c.reason, true
      FROM momentum.score s JOIN momentum.score_component c ON c.brand = s.brand AND c.component = 'cac' ORDER BY s.brand;
END $f$;
\set ECHO all
SELECT * FROM pg_temp.answer();

-- Every materialized view is refreshed, and after all that it reads, be it
-- through views or through the functions they call.
WITH RECURSIVE place AS (
    SELECT trim(E' \n''' FROM x.name) AS name, x.place
      FROM pg_proc p,
           regexp_split_to_table(substring(p.prosrc FROM 'matviews constant text\[\] := ARRAY\[(.*?)\]'), ',') WITH ORDINALITY x (name, place)
     WHERE p.oid = 'momentum._refresh_matviews()'::regprocedure
), rule AS (
    SELECT r.ev_class AS reader, d.refclassid, d.refobjid
      FROM pg_rewrite r
      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refobjid <> r.ev_class
), reads AS (
    SELECT r.reader, r.refobjid AS read FROM rule r WHERE r.refclassid = 'pg_class'::regclass
    UNION
    SELECT r.reader, c.oid
      FROM rule r
      JOIN pg_proc p ON r.refclassid = 'pg_proc'::regclass AND p.oid = r.refobjid
      JOIN pg_class c ON c.relnamespace = 'momentum_state'::regnamespace AND p.prosrc ~ ('momentum_state\.' || c.relname || '\M')
), needs AS (
    SELECT c.oid AS matview, r.read FROM pg_class c JOIN reads r ON r.reader = c.oid
     WHERE c.relkind = 'm' AND c.relnamespace = 'momentum_state'::regnamespace
    UNION
    SELECT n.matview, r.read FROM needs n JOIN reads r ON r.reader = n.read
)
SELECT count(*) > 10 AS pairs_seen,
       count(*) FILTER (WHERE (b.place < a.place) IS NOT TRUE) AS refreshed_too_late,
       (SELECT array_agg(c.relname ORDER BY c.relname) FROM pg_class c LEFT JOIN place p ON p.name = c.relname
         WHERE c.relkind = 'm' AND c.relnamespace = 'momentum_state'::regnamespace AND p.name IS NULL) AS never_refreshed
  FROM needs n
  JOIN pg_class m ON m.oid = n.matview
  JOIN pg_class r ON r.oid = n.read AND r.relkind = 'm'
  LEFT JOIN place a ON a.name = m.relname
  LEFT JOIN place b ON b.name = r.relname;

-- Money that comes back from an ad platform: more in the last weeks than was spent.
BEGIN;
UPDATE hub.ad_performance_daily SET spend = -40 WHERE brand = 'odd' AND day > '2025-05-01';
SELECT * FROM pg_temp.answer();
ROLLBACK;
-- On one day of the week alone
BEGIN;
UPDATE hub.ad_performance_daily SET spend = -40 WHERE brand = 'odd' AND extract(isodow FROM day) = 2;
SELECT * FROM pg_temp.answer();
SELECT brand, pacing IS NOT NULL AS has_pacing FROM momentum.dashboard WHERE metric = 'ad_spend' ORDER BY brand;
ROLLBACK;

-- More is given back than is sold, and ever more of it: a trend that no percent tells.
BEGIN;
INSERT INTO hub.refunds (brand, source, refund_id, order_id, refund_day, refunded_at, returns)
SELECT 'odd', 'odd_shop', 'back' || d, d::text || 1, d, d, 200 + 2 * (d::date - date '2025-05-01')
  FROM generate_series(timestamp '2025-05-01', '2025-06-08', '1 day') d;
SELECT * FROM pg_temp.answer();
SELECT (f).p_up < 0.05 AS sure_to_fall, (f).g AS growth
  FROM (SELECT momentum.trend(d.day, -200.0 - 2 * (d.day - date '2025-05-01')) AS f
          FROM (SELECT d::date AS day FROM generate_series(timestamp '2025-05-10', '2025-06-08', '1 day') d) d) t;
ROLLBACK;

-- A cost dated ahead makes nothing stale.
BEGIN;
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional) VALUES ('odd', 'fixed_costs', '2026-12-31', 'office', 900, false);
SELECT * FROM pg_temp.answer();
ROLLBACK;

-- What no answer could be made of is not taken, by hand no more than from facts.
\set VERBOSITY terse
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional) VALUES ('odd', 'cogs', '2025-06-01', 'x', 'NaN', false);
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional) VALUES ('odd', 'cogs', '2025-06-01', 'x', 1e300, false);
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional) VALUES ('odd', 'cogs', 'infinity', 'x', 1, false);
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional) VALUES ('odd', 'sessions', '2025-06-01', 'x', -1, false);
INSERT INTO hub.sessions_daily (brand, source, day, channel, sessions, content_hash) VALUES ('odd', 'odd_shop', '2025-06-01', 'app', -1, 1);
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
VALUES ('odd', 'sheet', 'cash', 1, 'infinity', '2025-06-01', 'rent', 'cost', 1, '', 'sheet', 'expected', 1);
\set VERBOSITY default
-- A day whose sum is past all measure is not known, to a refresh and to reconcile().
BEGIN;
INSERT INTO hub.retail_sales (brand, source, dataset, retailer, store_id, product_id, day, units, dollars, content_hash)
SELECT 'odd', 'odd_stores', 'sales', 'mart', s::text, 'p', d, 1, CASE WHEN d = '2025-06-07' THEN 9e11 ELSE 5 END, 1
  FROM generate_series(1, 12) s, generate_series(timestamp '2025-06-06', '2025-06-08', '1 day') d;
SELECT as_of FROM pg_temp.answer();
SELECT day, value FROM momentum_state.metric_daily WHERE brand = 'odd' AND metric = 'retail_dollars' AND day >= '2025-06-06' ORDER BY day;
SELECT momentum._reconcile_days('odd', 1, '2025-03-01', '2025-06-08', false);
ROLLBACK;

-- Settings and targets at the edge of what is allowed
SELECT momentum.set_setting('odd', 'profit.share', '1');
SELECT momentum.set_setting('odd', 'cash.horizon', '-1000000000000');
SELECT momentum.set_setting('odd', 'books.known_days', '-1000000000000');
BEGIN;
SELECT momentum.set_setting('odd', s.key, trim_scale(lower(momentum._setting_range(s.key)))::text)
  FROM momentum_state.setting s WHERE s.brand = '' AND s.value ~ '^[0-9.]+$' \g /dev/null
SELECT brand, as_of FROM pg_temp.answer();
SELECT momentum.set_setting('odd', s.key, trim_scale(upper(momentum._setting_range(s.key)) - CASE WHEN upper_inc(momentum._setting_range(s.key)) THEN 0 ELSE 0.001 END)::text)
  FROM momentum_state.setting s WHERE s.brand = '' AND s.value ~ '^[0-9.]+$' \g /dev/null
SELECT brand, as_of FROM pg_temp.answer();
ROLLBACK;
BEGIN;
SELECT momentum.set_target('odd', 'ad_spend', 0.000000001, '2025-01-01');
SELECT brand, as_of FROM pg_temp.answer();
SELECT brand, status, attainment IS NULL AS past_all_measure FROM momentum.dashboard WHERE metric = 'ad_spend' ORDER BY brand;
ROLLBACK;

-- When the answers cannot be computed, refresh() fails, and the days wait; but
-- which source is late, and how late, is told before.
DELETE FROM momentum_state.alert_log;
INSERT INTO momentum_state.changed_day (brand, source, stream, day) VALUES ('plain', 'plain_shop', 'orders', '2025-06-08');
ALTER MATERIALIZED VIEW momentum_state.change_split RENAME TO change_split_away;
CALL momentum.refresh();
SELECT brand, object FROM momentum.alert WHERE rule = 'freshness' AND is_open ORDER BY brand, object;
SELECT count(*) FROM momentum_state.changed_day;
ALTER MATERIALIZED VIEW momentum_state.change_split_away RENAME TO change_split;
CALL momentum.refresh();
SELECT count(*) FROM momentum_state.changed_day;
