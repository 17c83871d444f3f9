-- Aggregates of what a service has added up by itself, and ANALYZE: with them as
-- without them, rows are the same.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/shopify'
\set meta :sim '/small/meta'
SET client_min_messages = warning;
CREATE EXTENSION momentum;
RESET client_min_messages;
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
CREATE SCHEMA shop;
IMPORT FOREIGN SCHEMA admin FROM SERVER shop INTO shop;
CREATE SERVER ads FOREIGN DATA WRAPPER meta_ads_fdw
    OPTIONS (account 'act_1234567890', base_url :'meta', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER ads OPTIONS (credential 'EAAtest');
CREATE SCHEMA ads;
IMPORT FOREIGN SCHEMA admin FROM SERVER ads INTO ads;
SET search_path = public, shop;
\pset null '-'
\pset format unaligned
\pset tuples_only on

-- The plan, without the port of the day.
CREATE FUNCTION plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS off) ' || query LOOP
        CONTINUE WHEN line ~ '^ *Output:';
        RETURN NEXT regexp_replace(line, 'http://127.0.0.1:\d+', 'SIM');
    END LOOP;
END $$;
-- What the service has added up for a query, or "rows"; and whether the result is
-- that of the rows, with the number of requests of each.
CREATE FUNCTION summary_of(query text) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(max(substring(p FROM 'Aggregate: (.*)')), 'rows') FROM plan_of(query) p $$;
CREATE FUNCTION result_of(query text, OUT result text[], OUT requests int) LANGUAGE plpgsql AS $$
DECLARE r record; plan json;
BEGIN
    result := '{}';
    FOR r IN EXECUTE query LOOP
        result := result || r::text;
    END LOOP;
    result := array(SELECT x FROM unnest(result) x ORDER BY x COLLATE "C");
    EXECUTE 'EXPLAIN (ANALYZE, FORMAT json) ' || query INTO plan;
    requests := jsonb_path_query_first(plan::jsonb, '$.**.Requests')::int;
END $$;
CREATE FUNCTION compare(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE told text := summary_of(query); added record; rows record;
BEGIN
    added := result_of(query);
    SET LOCAL momentum.enable_aggregate = off;
    rows := result_of(query);
    SET LOCAL momentum.enable_aggregate = on;
    RETURN format('%s: %s, %s', told,
        CASE WHEN added.result = rows.result THEN 'same ' || left(added.result::text, 60)
             ELSE format('DIFFERENT %s %s', added.result, rows.result) END,
        CASE WHEN added.requests IS NULL THEN 'no request'
             ELSE format('%s request(s) for %s', added.requests, rows.requests) END);
END $$;

--
-- Counts
--

-- The count is asked for, by the conditions of the query; EXPLAIN asks nothing.
\! "$PG_ABS_SRCDIR/simulator/ctl" clearlog
SELECT plan_of('SELECT count(*) FROM orders');
SELECT plan_of($$SELECT count(*) FROM orders WHERE updated_at >= '2026-02-01' AND NOT test$$);
\! "$PG_ABS_SRCDIR/simulator/ctl" count small shopify
SELECT count(*) FROM orders;
\! "$PG_ABS_SRCDIR/simulator/ctl" count small shopify
SELECT pg_typeof(count(*)) FROM orders;

-- Pages of ten records: one request in place of many.
\! "$PG_ABS_SRCDIR/simulator/ctl" set small shopify max_cost=5
SELECT compare('SELECT count(*) FROM orders');
\! "$PG_ABS_SRCDIR/simulator/ctl" set small shopify max_cost=1000
SELECT compare('SELECT count(*) FROM customers');
SELECT compare('SELECT count(*) FROM products');
SELECT compare('SELECT count(*) FROM product_variants');

-- Conditions that the service applies exactly, of any kind.
SELECT compare(format('SELECT count(*) FROM orders WHERE %s', c)) FROM unnest(ARRAY[
    'id = 11003', 'id = 1', 'id = 11003 AND customer_id = 1', 'customer_id IS NOT NULL AND false',
    'id IN (11001, 11002, 11002, 5, NULL)', 'id = ANY (ARRAY[11001, 11004]::int[])',
    'updated_at >= ''2026-01-07''', 'updated_at < ''2026-01-07'' AND created_at >= ''2026-01-02''',
    'processed_at <= ''2026-01-07 08:00:00+00''', 'test', 'NOT test', 'test = NULL', 'id = NULL',
    'updated_at >= (SELECT timestamptz ''2026-01-07'')', '''2026-01-07'' <= updated_at']) c;
SELECT compare('SELECT count(*) FROM products WHERE updated_at >= ''2026-01-01'' AND id > 0 OR id = 1');
SELECT compare('SELECT count(*) FROM products WHERE updated_at >= ''2020-01-01''');
SELECT compare('SELECT count(*) FROM customers WHERE id IN (5001, 5002)');

-- Shapes that only need the number of rows.
SELECT compare('SELECT count(*) + 1, count(*)::text, ''x'' FROM orders');
SELECT compare('SELECT count(*) FROM orders HAVING count(*) > 3');
SELECT compare('SELECT count(*) FROM orders HAVING count(*) < 3');
SELECT compare('SELECT count(*) FROM orders ORDER BY 1 LIMIT 1');
SELECT compare('SELECT sum(n) FROM (SELECT count(*) AS n FROM orders UNION ALL SELECT count(*) FROM customers) x');
SELECT compare('SELECT c.id, (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) FROM customers c');
SELECT compare('WITH n AS MATERIALIZED (SELECT count(*) AS n FROM orders) SELECT a.n + b.n FROM n a, n b');

-- Whatever needs the rows has them read: conditions checked here or not exactly asked ...
SELECT compare(format('SELECT count(*) FROM orders WHERE %s', c)) FROM unnest(ARRAY[
    'number > 1003', 'email = ''ann@example.com''', 'updated_at > ''2026-01-07''', 'id > 11003',
    'id <> 11003', 'customer_id IS NULL', 'test IS NOT TRUE', 'id % 2 = 0 AND NOT test',
    'id = 11003 OR id = 11004 AND test', 'random() >= 0']) c;
-- ... aggregates of columns ...
SELECT compare(format('SELECT %s FROM orders', a)) FROM unnest(ARRAY[
    'count(id)', 'count(customer_id)', 'count(DISTINCT currency)', 'count(*) FILTER (WHERE id > 11003)',
    'count(*), max(id)', 'sum(total_price)', 'count(orders)', 'count(tableoid)', 'array_agg(id ORDER BY id)']) a;
SELECT compare('SELECT currency, count(*) FROM orders GROUP BY currency');
SELECT compare('SELECT count(*) FROM orders GROUP BY test HAVING test');
SELECT compare('SELECT test, count(*) FROM orders GROUP BY GROUPING SETS ((), (test))');
SELECT compare('SELECT count(*) OVER () FROM orders WHERE id = 11003');
-- ... joins, limits, lists within records, and variants, whose count heeds no condition.
SELECT compare('SELECT count(*) FROM orders JOIN customers ON customers.id = customer_id');
SELECT compare('SELECT count(*) FROM (SELECT FROM orders LIMIT 3) x');
SELECT compare('SELECT count(*) FROM order_line_items');
SELECT compare('SELECT count(*) FROM product_variants WHERE id = 7001');
-- A column that is not the service's any more is checked here.
ALTER FOREIGN TABLE orders ALTER COLUMN id OPTIONS (ADD path 'customer.legacyResourceId');
SELECT compare('SELECT count(*) FROM orders WHERE id = 11003');
ALTER FOREIGN TABLE orders ALTER COLUMN id OPTIONS (DROP path);

-- Values that cannot be asked exactly, known in the run only: the rows are read and checked.
PREPARE since(timestamptz) AS SELECT count(*) FROM orders WHERE updated_at >= $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE since('2026-01-07');
EXECUTE since('infinity');
EXECUTE since('-infinity');
EXECUTE since(NULL);
EXECUTE since('2026-01-07 09:00:00.5+00');
RESET plan_cache_mode;
SELECT count(*) FROM orders WHERE updated_at >= '2026-01-07 09:00:00.5+00';
DEALLOCATE since;
SELECT compare('SELECT count(*) FROM orders WHERE updated_at >= ''infinity''');
SELECT compare('SELECT count(*) FROM orders WHERE updated_at < ''infinity''');
-- a list that is asked for in parts
SELECT compare('SELECT count(*) FROM orders WHERE id = ANY (ARRAY(SELECT 10900 + n FROM generate_series(1, 250) n))');
-- a plan that is kept, and a cursor
PREPARE numbered AS SELECT count(*) FROM orders;
EXECUTE numbered;
SET momentum.enable_aggregate = off;
EXECUTE numbered;
RESET momentum.enable_aggregate;
DEALLOCATE numbered;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT count(*) FROM orders;
FETCH c;
MOVE BACKWARD ALL IN c;
FETCH c;
COMMIT;

--
-- Sums over days
--
SELECT plan_of($$SELECT sum(spend) FROM ads.insights WHERE day BETWEEN '2026-01-01' AND '2026-03-10'$$);
SELECT plan_of($$SELECT date_trunc('month', day), campaign_id, sum(spend) FROM ads.insights
                  WHERE day BETWEEN '2026-01-01' AND '2026-03-10' AND level = 'campaign' GROUP BY 1, 2$$);
-- The service leaves out zeros at the end of amounts, of the sum as of the summands.
CREATE FUNCTION over_days(what text, rest text) RETURNS text LANGUAGE sql AS
$$ SELECT compare(format('SELECT %s FROM ads.insights WHERE day BETWEEN ''2026-01-01'' AND ''2026-03-10'' %s', what, rest)) $$;
SELECT over_days('trim_scale(sum(spend)), sum(impressions), sum(clicks)', '');
SELECT over_days('pg_typeof(sum(spend)), pg_typeof(sum(clicks))', '');
SELECT over_days('level, account_currency, trim_scale(sum(spend))', 'AND level = ''ad'' GROUP BY 1, 2');
SELECT over_days('campaign_id, adset_id, ad_id, trim_scale(sum(spend))', 'AND level = ''ad'' GROUP BY 1, 2, 3');
SELECT over_days('campaign_id, sum(clicks)', 'AND level = ''ad'' GROUP BY 1 HAVING sum(clicks) > 100 ORDER BY 2 DESC LIMIT 2');
SELECT over_days('campaign_id, sum(clicks)', 'AND level = ''campaign'' AND campaign_id LIKE ''%1'' GROUP BY 1');
SELECT over_days('sum(clicks)', 'AND level = ''ad'' AND campaign_id = ''12020000000000001''');
SELECT over_days('sum(clicks)', 'AND level = ''ad'' AND campaign_id IN (''12020000000000001'', ''12020000000000002'')');
SELECT over_days('sum(clicks)', 'AND level = ''ad'' AND campaign_id = ''''');
SELECT over_days(format('date_trunc(%L, day%s), trim_scale(sum(spend))', unit, type), 'GROUP BY 1')
  FROM unnest(ARRAY['month', 'quarter', 'year', 'week', 'day']) unit, unnest(ARRAY['', '::timestamp']) type;
SELECT over_days('date_trunc(''month'', day), level, sum(clicks)', 'AND level = ''ad'' AND day > ''2026-01-05'' GROUP BY 2, 1');
-- nothing delivered: no sum, no group
SELECT compare('SELECT sum(spend), sum(clicks) FROM ads.insights WHERE day BETWEEN ''2024-01-01'' AND ''2024-03-01''');
SELECT compare('SELECT campaign_id, sum(clicks) FROM ads.insights WHERE day BETWEEN ''2024-01-01'' AND ''2024-03-01'' GROUP BY 1');
SELECT compare('SELECT sum(clicks) FROM ads.insights WHERE day > ''2026-01-05'' AND day < ''2026-01-05''');
-- what does not add up, or is of single days, comes from the rows
SELECT over_days(a, '') FROM unnest(ARRAY['sum(reach)', 'sum(frequency)', 'sum(purchases)', 'avg(clicks)', 'max(clicks)',
    'count(*)', 'sum(clicks) + count(*)', 'sum(DISTINCT clicks)', 'sum(clicks) FILTER (WHERE clicks > 5)', 'sum(clicks * 2)',
    'min(day), sum(clicks)']) a;
SELECT over_days('sum(clicks)', 'AND impressions > 100');
SELECT over_days('day, sum(clicks)', 'GROUP BY 1 ORDER BY 2 DESC LIMIT 2');
SELECT over_days('sum(clicks)', 'AND day IN (''2026-01-05'', ''2026-01-09'')');
SELECT over_days('campaign_name, sum(clicks)', 'AND level = ''campaign'' GROUP BY 1');

-- An answer that is not a count, or not one of these rows, is an error.
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small shopify html
SELECT count(*) FROM orders;
\! echo '{"data": {"ordersCount": {"count": 10000, "precision": "AT_LEAST"}}}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small shopify
SELECT count(*) FROM orders;
\! echo '{"data": {"ordersCount": {"count": 10000}}}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small shopify
SELECT count(*) FROM orders;
\! echo '{"data": {"ordersCount": {"count": -1, "precision": "EXACT"}}}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small shopify
SELECT count(*) FROM orders;
\! echo '{"data": {"ordersCount": null}}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small shopify
SELECT count(*) FROM orders;
\! echo '{"data": {"ordersCount": {"count": 3, "precision": "EXACT"}}, "errors": [{"message": "no"}]}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small shopify
SELECT count(*) FROM orders;
-- As many as there are, in one request.
\! "$PG_ABS_SRCDIR/simulator/ctl" clearlog
\! echo '{"data": {"ordersCount": {"count": 500, "precision": "EXACT"}}}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small shopify
SELECT count(*) FROM orders;
\! "$PG_ABS_SRCDIR/simulator/ctl" count small shopify

--
-- ANALYZE
--
ANALYZE orders;
SELECT reltuples, relpages > 0 FROM pg_class WHERE oid = 'orders'::regclass;
SELECT attname, null_frac, n_distinct FROM pg_stats
 WHERE schemaname = 'shop' AND tablename = 'orders' AND attname IN ('id', 'test', 'customer_id', 'tags') ORDER BY attname;
-- The planner goes by it.
CREATE FUNCTION estimate(query text) RETURNS float LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
    RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;
SELECT estimate('SELECT FROM orders'), estimate('SELECT FROM orders WHERE cancel_reason IS NULL'),
       (SELECT count(*) FROM orders WHERE cancel_reason IS NULL);
-- Of a longer table no more is read than allowed; what the service counts is its size.
ALTER FOREIGN TABLE orders DROP COLUMN number;
SET momentum.analyze_rows = 5;
ANALYZE orders;
SELECT reltuples FROM pg_class WHERE oid = 'orders'::regclass;
SELECT attname, null_frac FROM pg_stats
 WHERE schemaname = 'shop' AND tablename = 'orders' AND attname IN ('id', 'test', 'name') ORDER BY attname;
-- Where nobody counts, it is as much as was found; a scan of all of it tells.
SELECT momentum.stat_reset('shop');
ANALYZE refunds;
SELECT reltuples FROM pg_class WHERE oid = 'refunds'::regclass;
SELECT count(*) FROM refunds;
ANALYZE refunds;
SELECT reltuples FROM pg_class WHERE oid = 'refunds'::regclass;
RESET momentum.analyze_rows;
ANALYZE customers (email);
SELECT attname FROM pg_stats WHERE schemaname = 'shop' AND tablename = 'customers';
-- By day: what the table gives when it is not told of days.
ANALYZE sessions_daily;
SELECT reltuples > 0 FROM pg_class WHERE oid = 'sessions_daily'::regclass;
-- What has to be told more before it gives a row has no statistics.
CREATE SERVER mail FOREIGN DATA WRAPPER klaviyo_fdw OPTIONS (base_url :'base', allow_insecure 'true');
CREATE FOREIGN TABLE aggregates (metric_id text, day date, count numeric) SERVER mail OPTIONS (resource 'metric_aggregates');
ANALYZE aggregates;
-- A failure is one of ANALYZE, which changes nothing.
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small shopify html
\set VERBOSITY terse
ANALYZE orders;
\set VERBOSITY default
SELECT reltuples FROM pg_class WHERE oid = 'orders'::regclass;
