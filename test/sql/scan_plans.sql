-- What the planner leaves to a service: lists of values, keys from other tables,
-- orders and limits; and how many requests that takes.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/shopify'
\set mail :sim '/small/klaviyo'
\set ads :sim '/small/meta'
SET client_min_messages = warning;
CREATE EXTENSION momentum;
RESET client_min_messages;
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
CREATE SCHEMA shop;
IMPORT FOREIGN SCHEMA admin FROM SERVER shop INTO shop;
CREATE SERVER mail FOREIGN DATA WRAPPER klaviyo_fdw
    OPTIONS (base_url :'mail', allow_insecure 'true', fetch_size '3');
CREATE USER MAPPING FOR CURRENT_USER SERVER mail OPTIONS (credential 'pk_test');
CREATE SCHEMA mail;
IMPORT FOREIGN SCHEMA api FROM SERVER mail INTO mail;
CREATE SERVER ads FOREIGN DATA WRAPPER meta_ads_fdw
    OPTIONS (account 'act_1234567890', base_url :'ads', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER ads OPTIONS (credential 'EAAtest');
CREATE SCHEMA ads;
IMPORT FOREIGN SCHEMA api FROM SERVER ads INTO ads;
\pset format unaligned
\pset tuples_only on
\pset null '-'

-- A plan without the documents, and without the port of the day.
CREATE FUNCTION explain(query text, options text DEFAULT 'VERBOSE, COSTS off') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE format('EXPLAIN (%s) %s', options, query) LOOP
        CONTINUE WHEN line ~ '^ *(Output|Document|Body|Bytes Received|Retries):';
        RETURN NEXT regexp_replace(line, 'http://127.0.0.1:\d+', 'SIM');
    END LOOP;
END $$;
-- Requests, batches and rows that it took.
CREATE FUNCTION effort(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN SELECT explain(query, 'ANALYZE, COSTS off, TIMING off, SUMMARY off') LOOP
        IF line ~ '(Scan|Loop|Join|Lookup) |^ *(Requests|Batches|Keys Asked|Records)' THEN
            RETURN NEXT line;
        END IF;
    END LOOP;
END $$;

--
-- Lists of values
--
SELECT explain('SELECT id FROM shop.orders WHERE id IN (11003, 11001, 11001, NULL, 7)');
SELECT id FROM shop.orders WHERE id IN (11003, 11001, 11001, NULL, 7) ORDER BY number;
SELECT explain('SELECT id FROM shop.orders WHERE id = ANY (''{NULL}'') AND NOT test');
SELECT count(*) FROM shop.orders WHERE id = ANY ('{}');
SELECT explain('SELECT id FROM shop.product_variants WHERE sku IN (''SH-8'', ''it''''s'', ''"x"'', ''犬'', ''(a) OR b'')');
SELECT sku FROM shop.product_variants WHERE sku IN ('SH-8', 'it''s', 'SH-16', '(a) OR b') ORDER BY sku;
-- There is no word to look for in an empty text, so all are read.
SELECT explain('SELECT id FROM shop.product_variants WHERE sku IN (''SH-8'', '''')');
SELECT sku FROM shop.product_variants WHERE sku IN ('SH-8', '') ORDER BY sku;
SELECT explain('SELECT id FROM shop.orders WHERE id NOT IN (11001, 11002)');
SELECT explain('SELECT id FROM mail.profiles WHERE id IN (''a'', ''b"c'')');
SELECT explain('SELECT id FROM ads.ads WHERE effective_status IN (''PAUSED'', ''ARCHIVED'')');
SELECT explain('SELECT ad_id FROM ads.insights WHERE day = ''2026-01-01'' AND level = ''ad'' AND ad_id IN (''1'', ''2'')');
-- More values than one request takes: each part is asked for, no row comes twice.
SELECT effort('SELECT id FROM shop.orders WHERE id = ANY (ARRAY(SELECT generate_series(10900::bigint, 11199)))');
SELECT count(*), count(DISTINCT id) FROM shop.orders WHERE id = ANY (ARRAY(SELECT generate_series(10900::bigint, 11199)));
SELECT count(*), count(DISTINCT id) FROM shop.product_variants
 WHERE sku = ANY (ARRAY(SELECT 'sh-' || n FROM generate_series(0, 130) n) || ARRAY(SELECT 'SH-' || n FROM generate_series(0, 130) n));
-- Of two long lists one is asked for, and both are checked.
SELECT effort('SELECT id FROM shop.orders WHERE id = ANY (ARRAY(SELECT generate_series(10900::bigint, 11099))) AND customer_id = ANY (ARRAY(SELECT generate_series(6900::bigint, 7050)))');
-- One that ignores the list is found out.
\! ctl fault small shopify status status=200 'body={"data":{"orders":{"pageInfo":{"hasNextPage":false,"endCursor":null},"nodes":[{"legacyResourceId":"11005"}]}}}'
SELECT id FROM shop.orders WHERE id IN (11001, 11002);

--
-- Keys from other tables, one at a time
--
SET momentum.enable_lookup = off;
CREATE TABLE wanted (customer int, n int);
INSERT INTO wanted SELECT 7000 + n % 7, n FROM generate_series(1, 500) n;
ANALYZE wanted;
SELECT explain('SELECT o.name FROM (SELECT * FROM wanted LIMIT 2) w JOIN shop.orders o ON o.customer_id = w.customer');
-- A value that came before is not asked for again.
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off; SET enable_material = off;
SELECT effort('SELECT o.name FROM wanted w LEFT JOIN shop.orders o ON o.customer_id = w.customer');
RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_memoize; RESET enable_material;
-- A table that has to be asked for one value is asked for each of another table's.
SELECT explain('SELECT m.name, a.day, a.count FROM mail.metrics m JOIN mail.metric_aggregates a ON a.metric_id = m.id WHERE a.day >= ''2026-03-01''');
SELECT m.name, sum(a.count) FROM mail.metrics m LEFT JOIN mail.metric_aggregates a ON a.metric_id = m.id AND a.day BETWEEN '2026-01-01' AND '2026-03-31' GROUP BY m.id, 1 ORDER BY m.id;
-- Days of another table's rows are not: older ones than the table shows by itself would be read.
SET enable_hashjoin = off; SET enable_mergejoin = off;
SELECT explain('SELECT a.count FROM (VALUES (date ''2019-01-01''), (''2026-03-01'')) d(day) JOIN mail.metric_aggregates a ON a.metric_id = ''RESQ6t'' AND a.day = d.day');
RESET ALL;

--
-- Lookups: many keys at a time.  The shop is so small that reading all of it is as good.
--
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_nestloop = off;
SELECT explain('SELECT w.n, o.name FROM wanted w JOIN shop.orders o ON o.customer_id = w.customer AND o.number > w.n WHERE NOT o.test');
SELECT effort('SELECT w.n, o.name FROM wanted w JOIN shop.orders o ON o.customer_id = w.customer');
SELECT effort('SELECT w.n, o.name FROM wanted w LEFT JOIN shop.orders o ON o.customer_id = w.customer');
SELECT effort('SELECT n FROM wanted w WHERE EXISTS (SELECT FROM shop.orders o WHERE o.customer_id = w.customer AND o.number <> w.n)');
SELECT effort('SELECT n FROM wanted w WHERE NOT EXISTS (SELECT FROM shop.orders o WHERE o.customer_id = w.customer AND NOT o.test)');
-- 500 keys take five requests.
SELECT effort('SELECT k, o.name FROM generate_series(10801, 11300) k LEFT JOIN shop.orders o ON o.id = k');
SELECT count(*), count(o.id), min(o.name), max(o.name) FROM generate_series(10801, 11300) k LEFT JOIN shop.orders o ON o.id = k;
-- A query that may not need all rows begins with few.
SELECT effort('SELECT k, o.name FROM generate_series(10995, 11494) k JOIN shop.orders o ON o.id = k LIMIT 3');
-- Keys that are NULL match nothing, other conditions hold as in any join.
SELECT v.k, o.name, o.number FROM (VALUES (11001, 1000), (11001, 1001), (NULL, 1), (5, 5), (11002, 0)) v(k, n)
  LEFT JOIN shop.orders o ON o.id = v.k AND o.number > v.n ORDER BY 1, 2;
SELECT v.k FROM (VALUES (11001), (NULL), (5)) v(k) WHERE NOT EXISTS (SELECT FROM shop.orders o WHERE o.id = v.k) ORDER BY 1;
SELECT v.k, o.name FROM (VALUES (11001), (11003), (5)) v(k) LEFT JOIN shop.orders o ON o.id = v.k WHERE o.test IS NOT TRUE ORDER BY 1;
-- Both sides foreign, and one lookup above another.
SELECT explain('SELECT r.id, o.name, c.first_name FROM shop.refunds r JOIN shop.orders o ON o.id = r.order_id LEFT JOIN shop.customers c ON c.id = o.customer_id WHERE r.order_id = 11005');
SELECT r.id, o.name, c.first_name FROM shop.refunds r JOIN shop.orders o ON o.id = r.order_id LEFT JOIN shop.customers c ON c.id = o.customer_id ORDER BY 1;
-- Run again for each row of a third table, in plans that are kept, under a cursor.
SELECT x.n, (SELECT string_agg(o.name, ',' ORDER BY k) FROM generate_series(11000 + x.n, 11000 + x.n * 2) k JOIN shop.orders o ON o.id = k AND o.number > x.m)
  FROM (VALUES (1, 0), (2, 1003), (1, 0), (3, 0)) x(n, m);
PREPARE few(int, int) AS SELECT count(*), sum(o.number) FROM generate_series($1, $2) k JOIN shop.orders o ON o.id = k AND o.number <> $1 - 10000;
EXECUTE few(11001, 11003);
EXECUTE few(11001, 11003);
EXECUTE few(11004, 11009);
EXECUTE few(NULL, 11009);
EXECUTE few(11001, 11003);
EXECUTE few(11001, 11300);
EXECUTE few(11001, 11002);
SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = 'few';
BEGIN;
DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT k, o.name FROM generate_series(11001, 11009) k LEFT JOIN shop.orders o ON o.id = k;
FETCH 2 FROM c;
FETCH LAST FROM c;
FETCH PRIOR FROM c;
COMMIT;
FETCH FIRST FROM c;
CLOSE c;
-- Rows that are locked for a join are checked again when it waits; here it does not.
BEGIN;
SELECT w.n, o.name FROM wanted w JOIN shop.orders o ON o.customer_id = w.customer WHERE w.n = 2 ORDER BY 2 FOR UPDATE OF w;
ROLLBACK;
RESET ALL;

--
-- Orders and limits
--
SELECT explain('SELECT id, updated_at FROM shop.orders WHERE NOT test ORDER BY updated_at DESC LIMIT 2 OFFSET 1');
SELECT id, updated_at FROM shop.orders WHERE NOT test ORDER BY updated_at DESC LIMIT 2 OFFSET 1;
SELECT explain('SELECT id FROM shop.orders ORDER BY created_at, number LIMIT 2');
-- Not where the order is that of lists, or of a text, or goes on to another part of the query.
SELECT explain('SELECT id FROM shop.orders WHERE id IN (11001, 11002) ORDER BY id', 'COSTS off');
SELECT explain('SELECT id FROM shop.orders ORDER BY name LIMIT 1', 'COSTS off');
SELECT explain('SELECT id FROM mail.campaigns ORDER BY created_at LIMIT 1', 'COSTS off');
-- A limit is left to the scan if the service does all the rest; also one that is a parameter.
SELECT explain('SELECT id FROM shop.orders WHERE name = ''#1001'' LIMIT 1', 'COSTS off');
SELECT explain('SELECT id FROM shop.orders WHERE id > 11003 LIMIT 1', 'COSTS off');
SELECT explain('SELECT DISTINCT id FROM shop.orders LIMIT 1', 'COSTS off');
SELECT explain('SELECT id, generate_series(1, 2) FROM shop.orders LIMIT 1', 'COSTS off');
SELECT explain('SELECT id FROM shop.orders ORDER BY id FETCH FIRST 1 ROW WITH TIES', 'COSTS off');
SELECT explain('SELECT id FROM shop.orders LIMIT 1 FOR UPDATE', 'COSTS off');
-- A table of which no row can match is not planned at all.
SELECT explain('SELECT id FROM shop.orders WHERE id = NULL LIMIT 1', 'COSTS off');
SELECT explain('SELECT w.n FROM wanted w LEFT JOIN (SELECT * FROM shop.orders WHERE false) o ON o.customer_id = w.customer LIMIT 1', 'COSTS off');
SELECT explain('SELECT w.n FROM wanted w LEFT JOIN (SELECT * FROM shop.orders WHERE id = NULL) o ON o.customer_id = w.customer AND o.test LIMIT 1', 'COSTS off');
SET plan_cache_mode = force_generic_plan;
PREPARE page(bigint, bigint) AS SELECT id FROM shop.orders ORDER BY id LIMIT $1 OFFSET $2;
SELECT explain('EXECUTE page(2, 3)');
EXECUTE page(2, 3);
EXECUTE page(0, 0);
EXECUTE page(2, NULL);
EXECUTE page(NULL, 13);
EXECUTE page(2, 9223372036854775807);
EXECUTE page(-1, 0);
EXECUTE page(1, -1);
RESET plan_cache_mode;
\! ctl clearlog
EXECUTE page(1, 0);
\! ctl count small shopify
-- A service that does not keep the order is found out.
\! ctl fault small shopify status status=200 'body={"data":{"orders":{"pageInfo":{"hasNextPage":false,"endCursor":null},"nodes":[{"legacyResourceId":"11005"},{"legacyResourceId":"11004"}]}}}'
SELECT id FROM shop.orders ORDER BY id;

--
-- What a complete scan reads is known to the next plan
--
SELECT line ~ 'rows=1000 ' AS unknown FROM explain('SELECT id FROM shop.products', 'COSTS on') AS line;
SELECT count(title) FROM shop.products;
SELECT line ~ 'rows=4 ' AS learned FROM explain('SELECT id FROM shop.products', 'COSTS on') AS line;
SELECT count(title) FROM shop.products WHERE id = 2001;
SELECT id FROM shop.products LIMIT 1;
SELECT line ~ 'rows=4 ' AS learned FROM explain('SELECT id FROM shop.products', 'COSTS on') AS line;
SELECT line ~ 'rows=1 ' AS one FROM explain('SELECT title FROM shop.products WHERE id = 2001', 'COSTS on') AS line LIMIT 1;

--
-- A table that others inherit from: none of that is planned for it alone
--
CREATE TABLE kept_products () INHERITS (shop.products);
INSERT INTO kept_products (id, title) VALUES (1, 'kept');
SELECT count(*) FROM shop.products;
SELECT count(*) FROM ONLY shop.products;
SELECT id FROM shop.products WHERE id < 2002 ORDER BY id LIMIT 2;
SELECT count(*), count(p.id) FROM wanted w LEFT JOIN shop.products p ON p.id = w.n;
DROP TABLE kept_products;
\! ctl faults
