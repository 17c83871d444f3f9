-- Foreign tables below one Append are read side by side: the rows are those of
-- local copies, whatever stands above and beside them.  "same N" says so.
\getenv sim MOMENTUM_SIM
\set small :sim '/small/shopify'
\set empty :sim '/empty/shopify'
\set meta :sim '/small/meta'
SET client_min_messages = warning;
CREATE EXTENSION momentum;
RESET client_min_messages;
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'small', allow_insecure 'true');
CREATE SERVER other FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'empty', base_url :'empty', allow_insecure 'true');
CREATE SERVER ads FOREIGN DATA WRAPPER meta_ads_fdw
    OPTIONS (account 'act_1234567890', base_url :'meta', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
CREATE USER MAPPING FOR CURRENT_USER SERVER other OPTIONS (credential 'shpat_test');
CREATE USER MAPPING FOR CURRENT_USER SERVER ads OPTIONS (credential 'EAAtest');
CREATE SCHEMA shop;
IMPORT FOREIGN SCHEMA admin LIMIT TO (orders, order_line_items, customers, products) FROM SERVER shop INTO shop;
IMPORT FOREIGN SCHEMA api LIMIT TO (campaigns) FROM SERVER ads INTO shop;
CREATE SCHEMA empty;
IMPORT FOREIGN SCHEMA admin LIMIT TO (orders) FROM SERVER other INTO empty;
ALTER FOREIGN TABLE empty.orders RENAME TO no_orders;
ALTER FOREIGN TABLE empty.no_orders SET SCHEMA shop;
\pset format unaligned
\pset tuples_only on

CREATE SCHEMA copy;
SELECT count(*) FROM shop.orders;
CREATE TABLE copy.orders AS SELECT * FROM shop.orders;
CREATE TABLE copy.order_line_items AS SELECT * FROM shop.order_line_items;
CREATE TABLE copy.customers AS SELECT * FROM shop.customers;
CREATE TABLE copy.products AS SELECT * FROM shop.products;
CREATE TABLE copy.campaigns AS SELECT * FROM shop.campaigns;
CREATE TABLE copy.no_orders AS SELECT * FROM shop.no_orders;
CREATE TABLE public.mine (id bigint, name text);
INSERT INTO mine SELECT v, 'mine ' || v FROM generate_series(1, 40) v;

-- The same partitions there and here: a shop, one without orders, a table.
CREATE FUNCTION make_partitions(source text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE %1$I.by_id (LIKE %1$I.orders) PARTITION BY RANGE (id)', source);
    IF source = 'shop' THEN
        CREATE FOREIGN TABLE shop.by_id_1 PARTITION OF shop.by_id FOR VALUES FROM (0) TO (MAXVALUE) SERVER shop OPTIONS (resource 'orders');
        CREATE FOREIGN TABLE shop.by_id_2 PARTITION OF shop.by_id FOR VALUES FROM (-1000) TO (0) SERVER other OPTIONS (resource 'orders');
    ELSE
        CREATE TABLE copy.by_id_1 PARTITION OF copy.by_id FOR VALUES FROM (0) TO (MAXVALUE);
        CREATE TABLE copy.by_id_2 PARTITION OF copy.by_id FOR VALUES FROM (-1000) TO (0);
        INSERT INTO copy.by_id SELECT * FROM copy.orders;
    END IF;
    EXECUTE format('CREATE TABLE %1$I.by_id_3 PARTITION OF %1$I.by_id FOR VALUES FROM (-2000) TO (-1000)', source);
    EXECUTE format('INSERT INTO %1$I.by_id (id, name) VALUES (-1001, ''local''), (-1002, ''local too'')', source);
END $$;
SELECT make_partitions('shop');
SELECT make_partitions('copy');

-- Rows of a query whose tables are looked up in a schema, as text.
CREATE FUNCTION rows_of(source text, query text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    r record;
    result text[] := '{}';
BEGIN
    PERFORM set_config('search_path', source || ', public', true);
    FOR r IN EXECUTE query LOOP
        result := result || r::text;
    END LOOP;
    RETURN result;
END $$;
CREATE FUNCTION sorted(a text[]) RETURNS text[] LANGUAGE sql AS
$$ SELECT array(SELECT x FROM unnest(a) AS x ORDER BY x COLLATE "C") $$;
CREATE FUNCTION same(query text, ordered boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    there text[] := rows_of('shop', query);
    here text[] := rows_of('copy', query);
BEGIN
    IF NOT ordered THEN
        there := sorted(there);
        here := sorted(here);
    END IF;
    IF there = here THEN
        RETURN format('same %s', cardinality(here));
    END IF;
    RETURN format(E'DIFFERENT\n there %s\n here  %s', there, here);
END $$;

-- What the plans look like.
EXPLAIN (COSTS off) SELECT id FROM shop.orders UNION ALL SELECT id FROM shop.customers;
EXPLAIN (COSTS off) SELECT id, name FROM shop.by_id;
EXPLAIN (COSTS off) SELECT id, name FROM shop.by_id WHERE id = 11005;
ALTER SERVER other OPTIONS (ADD async_capable 'false');
EXPLAIN (COSTS off) SELECT id, name FROM shop.by_id;
ALTER FOREIGN TABLE shop.by_id_1 OPTIONS (ADD async_capable 'no');
ALTER SERVER other OPTIONS (SET async_capable 'true');
EXPLAIN (COSTS off) SELECT id, name FROM shop.by_id;
ALTER FOREIGN TABLE shop.by_id_1 OPTIONS (DROP async_capable);
ALTER SERVER other OPTIONS (SET async_capable 'perhaps');
SET enable_async_append = off;
EXPLAIN (COSTS off) SELECT id FROM shop.orders UNION ALL SELECT id FROM shop.customers;
RESET enable_async_append;
-- In an order of their own they are merged or sorted, and read in turn.
EXPLAIN (COSTS off) SELECT id FROM shop.orders UNION ALL SELECT id FROM shop.customers ORDER BY id;

-- Of pages of one or two records, so that there is something to wait for.
\! ctl set small shopify max_cost=4
\! ctl fault small shopify delay ms=3 times=-1
SELECT same('SELECT id FROM orders UNION ALL SELECT id FROM customers');
SELECT same('SELECT id, name FROM orders UNION ALL SELECT id, email FROM customers UNION ALL SELECT id, title FROM products UNION ALL SELECT id, name FROM mine');
SELECT same('SELECT id FROM orders UNION ALL SELECT id FROM no_orders UNION ALL SELECT length(name) FROM campaigns');
SELECT same('SELECT id FROM no_orders UNION ALL SELECT id FROM no_orders');
SELECT same('SELECT id FROM orders UNION SELECT id FROM orders UNION SELECT id FROM customers');
SELECT same('SELECT id FROM by_id');
SELECT same('SELECT id FROM by_id WHERE id > 11010');
SELECT same('SELECT count(*), sum(id), max(name COLLATE "C") FROM by_id');
SELECT same('SELECT tableoid::regclass::text ~ ''by_id_[123]'', count(*) FROM by_id GROUP BY 1');
SELECT same('SELECT id FROM by_id ORDER BY id DESC LIMIT 5', true);
SELECT same('SELECT id FROM orders UNION ALL SELECT id FROM customers ORDER BY id OFFSET 3', true);
-- Limits above.
SELECT same('SELECT count(*) FROM (SELECT id FROM orders UNION ALL SELECT id FROM customers LIMIT 9) x');
SELECT same('SELECT count(*) FROM (SELECT id FROM orders UNION ALL SELECT id FROM customers OFFSET 4 LIMIT 100) x');
SELECT same('SELECT count(*) FROM (SELECT id FROM by_id LIMIT 3) x');
SELECT same('SELECT EXISTS (SELECT id FROM no_orders UNION ALL SELECT id FROM orders)');
SELECT same('SELECT EXISTS (SELECT id FROM orders WHERE id < 0 UNION ALL SELECT id FROM no_orders)');
-- Joins: between two Appends, and as the inner side, run again with and without a change.
SELECT same('SELECT a.id, b.id FROM by_id a JOIN by_id b USING (customer_id) WHERE a.id < b.id');
SELECT same('SELECT m.id, x.n FROM mine m, LATERAL (SELECT count(*) AS n FROM (SELECT id FROM orders WHERE number > m.id + 1000 UNION ALL SELECT id FROM customers WHERE id > m.id OFFSET 0 LIMIT 4) y) x WHERE m.id < 8');
SELECT same('SELECT m.id, (SELECT count(*) FROM (SELECT id FROM orders UNION ALL SELECT id FROM customers) u WHERE u.id % 40 = m.id) FROM mine m WHERE id < 5');
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
SELECT same('SELECT m.id, x.id FROM mine m LEFT JOIN (SELECT id FROM orders UNION ALL SELECT id FROM customers) x ON x.id % 40 = m.id WHERE m.id < 4');
SELECT same('SELECT count(*) FROM mine m WHERE m.id < 6 AND EXISTS (SELECT FROM (SELECT id FROM customers UNION ALL SELECT id FROM orders) x WHERE x.id % 40 >= m.id)');
RESET ALL;
-- Below other things, and twice in a query.
SELECT same('WITH u AS MATERIALIZED (SELECT id FROM orders UNION ALL SELECT id FROM customers) SELECT a.id FROM u a JOIN u b USING (id)');
SELECT same('SELECT (SELECT count(*) FROM by_id), (SELECT count(*) FROM (SELECT id FROM customers UNION ALL SELECT id FROM products) x)');
SELECT same('SELECT id, row_number() OVER (ORDER BY id) FROM (SELECT id FROM orders UNION ALL SELECT id FROM mine) x');
SELECT same('SELECT id FROM (SELECT id FROM orders UNION ALL SELECT id FROM customers) x EXCEPT SELECT id FROM orders');
-- Wider records, and lists within them.
\! ctl set small shopify max_cost=60
SELECT same('SELECT ''order'', id::text FROM orders UNION ALL SELECT ''line'', id::text FROM order_line_items UNION ALL SELECT ''campaign'', name FROM campaigns');
SELECT same('SELECT * FROM orders WHERE id < 11007 UNION ALL SELECT * FROM orders WHERE id >= 11007');
SELECT same('SELECT * FROM by_id WHERE name <> ''#1001''');
SELECT same('SELECT c.id, x.id FROM customers c, LATERAL (SELECT o.id FROM orders o WHERE o.customer_id = c.id UNION ALL SELECT l.id FROM order_line_items l WHERE l.order_id % 7 = c.id % 7) x');
\! ctl reset

-- Cursors, two at a time and out of step; closed early; held.
BEGIN;
DECLARE a CURSOR FOR SELECT id FROM shop.orders UNION ALL SELECT id FROM shop.customers;
DECLARE b CURSOR FOR SELECT id FROM shop.by_id;
CREATE TEMP TABLE fetched (id bigint);
CREATE FUNCTION take(name refcursor, n int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v bigint;
    found_rows int := 0;
BEGIN
    FOR i IN 1 .. n LOOP
        FETCH name INTO v;
        EXIT WHEN NOT FOUND;
        INSERT INTO fetched VALUES (v);
        found_rows := found_rows + 1;
    END LOOP;
    RETURN found_rows;
END $$;
SELECT take('a', 3), take('b', 2), take('a', 4), take('b', 100), take('a', 100);
SELECT count(*), count(DISTINCT id) FROM fetched;
DECLARE c CURSOR FOR SELECT id FROM shop.orders UNION ALL SELECT id FROM shop.order_line_items;
SELECT take('c', 1);
CLOSE c;
DECLARE d CURSOR WITH HOLD FOR SELECT id FROM shop.orders UNION ALL SELECT id FROM shop.customers;
COMMIT;
SELECT take('d', 100);
CLOSE d;

-- Plans that are kept: seven times, with a change of the server between.
PREPARE q(bigint) AS SELECT count(*), min(id) FROM (SELECT id FROM shop.orders WHERE id > $1 UNION ALL SELECT id FROM shop.customers WHERE id > $1) x;
EXECUTE q(0); EXECUTE q(11003); EXECUTE q(7001); EXECUTE q(99999); EXECUTE q(0); EXECUTE q(11003);
ALTER SERVER shop OPTIONS (ADD async_capable 'false');
EXPLAIN (COSTS off) EXECUTE q(1);
EXECUTE q(0);
ALTER SERVER shop OPTIONS (DROP async_capable);
EXECUTE q(0);
CREATE FUNCTION counted(i int) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT count(*) FROM (SELECT id FROM shop.orders WHERE id > i UNION ALL SELECT id FROM shop.customers) x);
END $$;
SELECT i, counted(11000 + i) FROM generate_series(1, 10) i;
-- Scans stay with the leader of a parallel query.
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET force_parallel_mode = on;
SELECT same('SELECT id FROM by_id');
EXPLAIN (COSTS off) SELECT count(*) FROM shop.by_id;
RESET ALL;
