-- Long lists as a whole: the service's own jobs in place of pages.
\getenv sim MOMENTUM_SIM
\set shop_base :sim '/small/shopify'
SET client_min_messages = warning;
CREATE EXTENSION momentum;
RESET client_min_messages;
\pset null '-'
-- Rows are to be read, even where they are only counted.
SET momentum.enable_aggregate = off;

CREATE SERVER paged FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'shop_base', allow_insecure 'true', bulk_pages '0');
CREATE USER MAPPING FOR CURRENT_USER SERVER paged OPTIONS (credential 'shpat_test');
CREATE SERVER bulk FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'shop_base', allow_insecure 'true', bulk_pages '3', bulk_hosts 'localhost');
CREATE USER MAPPING FOR CURRENT_USER SERVER bulk OPTIONS (credential 'shpat_test');
CREATE SCHEMA paged;
CREATE SCHEMA bulk;
IMPORT FOREIGN SCHEMA api FROM SERVER paged INTO paged;
IMPORT FOREIGN SCHEMA api FROM SERVER bulk INTO bulk;

-- Nothing but what a plan says, without what differs from run to run.
CREATE FUNCTION explain(query text, options text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE format('EXPLAIN (%s, COSTS off) %s', options, query) LOOP
        CONTINUE WHEN line ~ 'Time|Byte |Wait|Received|Output';
        RETURN NEXT regexp_replace(regexp_replace(line, 'http://127.0.0.1:\d+', 'SIM'), '(Bulk (Bytes|Polls):|Requests:) \d+', '\1 N');
    END LOOP;
END $$;

--
-- When: more pages are expected than option "bulk_pages" says
--

-- Nothing is known of a table: four pages.
\! ctl clearlog
EXPLAIN (COSTS off) SELECT id FROM bulk.orders;
EXPLAIN (COSTS off) SELECT id FROM paged.orders;
\pset format unaligned
\pset tuples_only on
SELECT explain($$SELECT id, total_price FROM bulk.orders WHERE updated_at >= '2026-01-01' AND name = '#1"01'$$, 'VERBOSE');
SELECT explain($$SELECT id, total_price FROM bulk.orders WHERE updated_at >= '2026-01-01'$$, 'VERBOSE');
SELECT explain($$SELECT id, order_id, title FROM bulk.order_line_items$$, 'VERBOSE');
SELECT explain($$SELECT id, order_id FROM bulk.refunds$$, 'VERBOSE');
SELECT explain($$SELECT count(*) FROM bulk.inventory_levels$$, 'VERBOSE');
\pset format aligned
\pset tuples_only off
-- EXPLAIN asks for nothing.
\! ctl count small shopify

-- Not for few rows, one that may end early, a promised order, or lists within lists.
EXPLAIN (COSTS off) SELECT id FROM bulk.orders WHERE id = 11001;
EXPLAIN (COSTS off) SELECT id FROM bulk.orders LIMIT 5;
EXPLAIN (COSTS off) SELECT id FROM bulk.orders WHERE updated_at >= '2026-03-01' AND updated_at < '2026-03-02';
EXPLAIN (COSTS off) SELECT id FROM bulk.refund_line_items;

-- The usual limit is far above what a slice of a quarter of an hour has.
ALTER SERVER bulk OPTIONS (DROP bulk_pages);
EXPLAIN (COSTS off) SELECT id FROM bulk.orders;
ALTER SERVER bulk OPTIONS (ADD bulk_pages 'many');
ALTER SERVER bulk OPTIONS (ADD bulk_pages '3');
ALTER FOREIGN TABLE bulk.customers OPTIONS (ADD bulk_pages '0');
EXPLAIN (COSTS off) SELECT id FROM bulk.customers;
ALTER FOREIGN TABLE bulk.customers OPTIONS (DROP bulk_pages);

-- One page is always too many, but for a row known by its key.
ALTER SERVER bulk OPTIONS (SET bulk_pages '1');
EXPLAIN (COSTS off) SELECT id FROM bulk.orders WHERE updated_at >= '2026-03-01' AND updated_at < '2026-03-02';
EXPLAIN (COSTS off) SELECT id FROM bulk.orders WHERE id = 11001;

--
-- The same rows
--
CREATE FUNCTION compare(name text) RETURNS TABLE (resource text, rows bigint, missing bigint, more bigint)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'WITH p AS MATERIALIZED (SELECT x::text AS r FROM paged.%1$I x),
              b AS MATERIALIZED (SELECT x::text AS r FROM bulk.%1$I x)
         SELECT %1$L::text, (SELECT count(*) FROM b),
                (SELECT count(*) FROM (SELECT r FROM p EXCEPT ALL SELECT r FROM b) d),
                (SELECT count(*) FROM (SELECT r FROM b EXCEPT ALL SELECT r FROM p) d)', name);
END $$;
SELECT c.* FROM unnest('{orders,order_line_items,refunds,customers,products,product_variants,inventory_levels,subscription_contracts}'::text[]) AS n,
    compare(n) AS c;
\! ctl count small shopify bulkOperationRunQuery
SELECT count(*), sum(quantity) FROM bulk.order_line_items WHERE order_updated_at >= '2026-03-01';
SELECT count(*), sum(quantity) FROM paged.order_line_items WHERE order_updated_at >= '2026-03-01';
SELECT count(*) FROM bulk.orders WHERE note IS NOT NULL;
SELECT count(*) FROM paged.orders WHERE note IS NOT NULL;

-- No rows, no file.
SELECT count(*) FROM bulk.orders WHERE updated_at >= '2031-01-01';

-- One request makes the job, a few see how it stands, one reads its result.
CREATE SERVER again FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'shop_base', allow_insecure 'true', bulk_pages '1', bulk_hosts 'localhost');
CREATE USER MAPPING FOR CURRENT_USER SERVER again OPTIONS (credential 'shpat_test');
CREATE SCHEMA again;
IMPORT FOREIGN SCHEMA api LIMIT TO (orders, order_line_items) FROM SERVER again INTO again;
\! ctl clearlog
\pset format unaligned
\pset tuples_only on
SELECT explain('SELECT id, title FROM again.order_line_items', 'ANALYZE, TIMING off, SUMMARY off');
\pset format aligned
\pset tuples_only off
\! ctl count small shopify bulkOperationRunQuery
\! ctl count small storage

--
-- What goes wrong
--
\set VERBOSITY terse
\! ctl set small shopify bulk_fail=INTERNAL_SERVER_ERROR
SELECT count(*) FROM again.orders;
\! ctl set small shopify bulk_fail=TIMEOUT
\set VERBOSITY default
SELECT count(*) FROM again.orders;
\set VERBOSITY terse
\! ctl reset
\! ctl set small shopify bulk_status=EXPIRED
SELECT count(*) FROM again.orders;
\! ctl set small shopify bulk_status=CANCELED
SELECT count(*) FROM again.orders;
\! ctl reset
\! ctl set small shopify 'scopes=["read_customers"]'
SELECT count(*) FROM again.orders;
\echo :LAST_ERROR_SQLSTATE
\! ctl reset
-- Lines are missing; a child is not behind its parent.
\! ctl set small shopify bulk_short=1
SELECT count(*) FROM again.orders;
\! ctl reset
\! ctl set small shopify bulk_stray=1
SELECT count(id) FROM again.order_line_items;
\! ctl reset
-- The file is cut off, and comes whole the next time; or is no longer there.
\! ctl fault small storage cut bytes=100
SELECT count(id) FROM again.orders;
\! ctl count small storage
\! ctl reset
\! ctl set small shopify bulk_url_seconds=-5
SELECT count(*) FROM again.order_line_items;
\! ctl reset
-- It leads elsewhere: nothing is asked there.
ALTER SERVER again OPTIONS (DROP bulk_hosts);
SELECT count(*) FROM again.order_line_items;
\! ctl count small storage
ALTER SERVER again OPTIONS (ADD bulk_hosts 'localhost');
-- Half a line, two in one, none.
\! ctl fault small storage status status=200 'body={"id":"gid://shopify/Order/1"}{"id":"gid://shopify/Order/2"}'
SELECT count(*) FROM again.order_line_items;
\! ctl fault small storage status status=200 'body={"id":"gid://shopify/Order/1"},{"id":"gid://shopify/Order/2"}'
SELECT count(*) FROM again.order_line_items;
\! ctl fault small storage status status=200 'body={"id":"gid://shopi'
SELECT count(*) FROM again.order_line_items;
\! ctl fault small storage html
SELECT count(*) FROM again.order_line_items;
\! ctl reset
-- No room for a job: by pages, when the budget for waiting is used up.
SET momentum.wait_budget = '100ms';
\! ctl set small shopify bulk_slots=0
SELECT count(*) FROM again.order_line_items;
\! ctl count small storage
\! ctl reset

--
-- Meta: a report run instead of a window of thirty days after the other
--
RESET momentum.wait_budget;
\set ads_base :sim '/small/meta'
CREATE SERVER ads_paged FOREIGN DATA WRAPPER meta_ads_fdw
    OPTIONS (account 'act_1234567890', base_url :'ads_base', allow_insecure 'true', bulk_pages '0');
CREATE USER MAPPING FOR CURRENT_USER SERVER ads_paged OPTIONS (credential 'EAAtest');
CREATE SERVER ads_bulk FOREIGN DATA WRAPPER meta_ads_fdw
    OPTIONS (account 'act_1234567890', base_url :'ads_base', allow_insecure 'true', bulk_pages '3');
CREATE USER MAPPING FOR CURRENT_USER SERVER ads_bulk OPTIONS (credential 'EAAtest');
CREATE SCHEMA ads_paged;
CREATE SCHEMA ads_bulk;
IMPORT FOREIGN SCHEMA api LIMIT TO (insights) FROM SERVER ads_paged INTO ads_paged;
IMPORT FOREIGN SCHEMA api LIMIT TO (insights) FROM SERVER ads_bulk INTO ads_bulk;

-- A window has thirty days.
EXPLAIN (COSTS off) SELECT day, spend FROM ads_bulk.insights WHERE day BETWEEN '2025-12-01' AND '2026-04-01';
EXPLAIN (COSTS off) SELECT day, spend FROM ads_bulk.insights WHERE day BETWEEN '2026-01-01' AND '2026-02-10';

CREATE FUNCTION sums(name text, days text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT concat_ws('' '', count(*), md5(string_agg(i::text, '';'' ORDER BY i::text))) FROM %I.insights i WHERE %s', name, days);
END $$;
ALTER SERVER ads_bulk OPTIONS (ADD fetch_size '5');
\! ctl clearlog
SELECT sums('ads_bulk', $$day BETWEEN '2025-06-01' AND '2026-04-01' AND level = 'ad'$$) =
       sums('ads_paged', $$day BETWEEN '2025-06-01' AND '2026-04-01' AND level = 'ad'$$) AS same;
-- One run, read in pages; a year and a half are two, one after the other.
\! ctl log small meta | grep -c POST
\! ctl count small meta after=
\! ctl clearlog
SELECT sums('ads_bulk', $$day BETWEEN '2024-12-01' AND '2026-04-01' AND level = 'campaign'$$) =
       sums('ads_paged', $$day BETWEEN '2024-12-01' AND '2026-04-01' AND level = 'campaign'$$) AS same;
\! ctl log small meta | grep -c POST

-- A run that fails, is skipped, or is not quite complete.
\set VERBOSITY default
\! ctl set small meta 'run_ends=Job Failed'
SELECT count(day) FROM ads_bulk.insights WHERE day BETWEEN '2025-12-01' AND '2026-04-01';
\set VERBOSITY terse
\! ctl set small meta 'run_ends=Job Skipped'
SELECT count(day) FROM ads_bulk.insights WHERE day BETWEEN '2025-12-01' AND '2026-04-01';
\! ctl reset
\! ctl set small meta run_percent=99
SET statement_timeout = '3s';
SELECT count(day) FROM ads_bulk.insights WHERE day BETWEEN '2025-12-01' AND '2026-04-01';
RESET statement_timeout;
\! ctl reset
