-- Whatever the shape of a query: a foreign table gives the rows that a local
-- copy of it gives.  Every line below is "same", and the number of rows.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/shopify'
SET client_min_messages = warning;
CREATE EXTENSION momentum;
RESET client_min_messages;
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
CREATE SCHEMA shop;
IMPORT FOREIGN SCHEMA admin FROM SERVER shop INTO shop;
\pset format unaligned
\pset tuples_only on

-- The copies.
CREATE SCHEMA copy;
CREATE FUNCTION copy_shop() RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relname <> 'sessions_daily' LOOP
        EXECUTE format('CREATE TABLE copy.%I AS SELECT * FROM shop.%I', name, name);
    END LOOP;
    CREATE TABLE copy.sessions_daily AS SELECT * FROM shop.sessions_daily WHERE day BETWEEN '2026-01-01' AND '2026-03-31';
END $$;
SELECT copy_shop();

-- Rows of a query whose tables are looked up in a schema, as text, in their order.
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

--
-- Conditions: each column that the service filters by, each operator, values
-- just before, at and after each that occurs, of each type it may be compared with
--
CREATE FUNCTION compare(queries text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    query text; answer text; n int := 0; total bigint := 0;
BEGIN
    FOREACH query IN ARRAY queries LOOP
        answer := same(query);
        IF answer NOT LIKE 'same%' THEN
            RETURN concat_ws(E'\n', query, answer);
        END IF;
        n := n + 1;
        total := total + substr(answer, 6)::int;
    END LOOP;
    RETURN format('same in %s queries, %s rows', n, total);
END $$;
CREATE FUNCTION instants(tab text, col text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE queries text[];
BEGIN
    EXECUTE format($q$
        SELECT array_agg(CASE WHEN turned THEN format('SELECT id FROM %1$s WHERE %%s %%s %2$s', v, op)
                              ELSE format('SELECT id FROM %1$s WHERE %2$s %%s %%s', op, v) END)
          FROM (SELECT DISTINCT %2$s AS t FROM copy.%1$s WHERE %2$s IS NOT NULL ORDER BY 1 LIMIT 6) x,
               LATERAL (VALUES (format('%%L::timestamptz', t)), (format('%%L::timestamptz', t + interval '0.4 s')),
                               (format('%%L::timestamptz', t - interval '0.6 s')), (format('%%L::date', t::date)),
                               (format('%%L::timestamp', t AT TIME ZONE current_setting('timezone')))) y(v),
               unnest('{<,<=,=,>=,>,<>}'::text[]) AS op, unnest('{f,t}'::boolean[]) AS turned
    $q$, tab, col) INTO queries;
    RETURN compare(queries);
END $$;
SELECT instants('orders', 'updated_at');
SELECT instants('orders', 'processed_at');
SELECT instants('orders', 'cancelled_at');
SELECT instants('order_line_items', 'order_processed_at');
SELECT instants('customers', 'updated_at');
SELECT instants('customers', 'created_at');
SELECT instants('products', 'created_at');
SELECT instants('product_variants', 'updated_at');
SELECT instants('inventory_levels', 'item_updated_at');
SELECT instants('subscription_contracts', 'updated_at');
SET timezone = 'Pacific/Kiritimati';
SELECT instants('customers', 'updated_at');
SET timezone = 'America/New_York';
SELECT instants('orders', 'created_at');

SELECT compare(array_agg(format('SELECT day, sessions FROM sessions_daily WHERE day %s %s AND day BETWEEN %L AND %L', op, v, since, '2026-03-31')))
  FROM unnest('{<,<=,=,>=,>,<>}'::text[]) AS op,
       unnest(ARRAY['''2026-01-03''', 'date ''2026-03-31''', 'timestamp ''2026-01-03''', 'timestamp ''2026-01-03 00:00:01''',
                    'timestamptz ''2026-01-03 00:00+00''', 'timestamptz ''2026-03-08 23:59:59-05''', '''infinity''', '''-infinity''', 'NULL']) AS v,
       unnest(ARRAY['2026-01-01', '2026-02-27']) AS since;
-- Instants of years that no service knows; days of a list, and an end far in the future.
SELECT compare(array_agg(format('SELECT id FROM %s WHERE %s %s %L', tab, col, op, v)))
  FROM (VALUES ('orders', 'created_at'), ('customers', 'updated_at'), ('product_variants', 'updated_at')) x(tab, col),
       unnest('{<,<=,=,>=,>,<>}'::text[]) AS op,
       unnest(ARRAY['4713-01-01 BC', '0044-03-15 BC', '0001-01-01 00:00+00', '9999-12-31 23:59:59.5+00', '20000-01-01', '294276-12-31 23:59:59.5+00']) AS v;
SELECT compare(array_agg('SELECT day, sessions FROM sessions_daily WHERE day ' || c))
  FROM unnest(ARRAY['IN (''2026-01-03'', ''2026-03-08'')', 'IN (''2026-03-08'', NULL, ''infinity'')', '= ANY (''{}''::date[])', '= ANY (NULL::date[])',
                    'IN (NULL, NULL)', '= ANY (ARRAY[''2026-03-31'', ''2026-01-01'']::date[]) AND sessions > 0',
                    'IN (''2026-01-03'', ''2026-01-09'') AND day > ''2026-01-04''']) AS c;
PREPARE list_of_days(date[]) AS SELECT min(day), max(day), count(*) FROM shop.sessions_daily WHERE day = ANY ($1);
EXECUTE list_of_days('{2026-01-03,2026-01-05}');
SET plan_cache_mode = force_generic_plan;
EXECUTE list_of_days('{2026-02-03,2026-02-05}');
RESET plan_cache_mode;
SET statement_timeout = '10s';
SELECT min(day), max(day) <= current_date + 2 AS ends FROM shop.sessions_daily WHERE day BETWEEN '2026-01-01' AND '9999-12-31';
RESET statement_timeout;
-- A choice of days that cannot be asked needs a bound: only the latest ones would be looked at.
SELECT sessions FROM shop.sessions_daily WHERE day = '2019-05-05' OR day = '2026-01-03';
SELECT count(*) FROM shop.sessions_daily WHERE extract(dow FROM day) = 1;
SELECT same('SELECT day FROM sessions_daily WHERE extract(dow FROM day) = 1 AND day >= ''2026-01-01'' AND day < ''2026-03-31''');
SELECT count(*) > 0 FROM shop.sessions_daily WHERE day IS NOT NULL;

SET timezone = 'Asia/Tokyo';
SELECT same('SELECT day FROM sessions_daily WHERE day >= timestamptz ''2026-01-03 00:00+00'' AND day < timestamptz ''2026-01-05 00:00+00''');
RESET timezone;

SELECT compare(array_agg(format('SELECT id, %2$s FROM %1$s WHERE %2$s = %3$L', tab, col, v)))
  FROM (VALUES ('orders', 'name'), ('orders', 'email'), ('customers', 'email'), ('products', 'vendor'), ('products', 'product_type'),
               ('product_variants', 'sku'), ('product_variants', 'barcode'), ('inventory_levels', 'sku'), ('subscription_contracts', 'status')) x(tab, col),
       unnest(ARRAY['#1001', '#100', '1001', 'ann@example.com', 'ANN@example.com', 'example.com', 'Small & Co', 'small & co', 'Shampoo', 'Gift Cards', 'Gift',
                    'SH-8', 'sh-8', 'SH', '', ' ', '''', '"', '\', 'it''s', 'a"b', 'x\''y', '*', 'SH*', 'a OR b', '-SH-8', '(', ')', ':', '>1', 'ACTIVE', 'active', 'PAUSED',
                    'ACTIVE OR PAUSED', 'ünï 犬 🐶', E'two\nlines', E'tab\t', '4000000001', 'null', '%', '{cursor}', 'updated_at:>''2026''']) AS v;
SELECT compare(array_agg(format('SELECT id, %2$s FROM %1$s WHERE %2$s = %3$s', tab, col, v)))
  FROM (VALUES ('orders', 'id'), ('orders', 'customer_id'), ('order_line_items', 'order_id'), ('refunds', 'order_id'), ('refund_line_items', 'order_id'),
               ('customers', 'id'), ('products', 'id'), ('product_variants', 'id'), ('product_variants', 'product_id'), ('inventory_levels', 'inventory_item_id')) x(tab, col),
       unnest(ARRAY['11001', '11005', '7001', '2001', '3003', '4001', '0', '-1', '9223372036854775807', '9223372036854775806', '12::smallint', '11004::bigint', '11005.0', '11005.5',
                    'NULL', 'NULL::bigint', '(SELECT 11005)', '(SELECT 11005::bigint WHERE false)']) AS v;
SELECT compare(array_agg('SELECT id, test FROM orders WHERE ' || c))
  FROM unnest(ARRAY['test', 'NOT test', 'test = true', 'test <> true', 'test IS TRUE', 'test IS NOT TRUE', 'test = NULL', 'test IS NOT NULL', 'test = (id > 0)', 'confirmed AND NOT test']) AS c;
-- A collation to which different texts are equal is not the service's.
CREATE COLLATION public.any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
SELECT same('SELECT id FROM customers WHERE email = ''ANN@example.com'' COLLATE any_case');
-- Bounds no instant is beyond, ranges that are empty, lists, alternatives.
SELECT compare(array_agg('SELECT id FROM orders WHERE ' || c))
  FROM unnest(ARRAY['updated_at < ''infinity''', 'updated_at <= ''infinity''', 'updated_at > ''infinity''', 'updated_at = ''infinity''',
                    'updated_at > ''-infinity''', 'updated_at >= ''-infinity''', 'updated_at < ''-infinity''', 'updated_at > date ''infinity''', 'updated_at < timestamp ''infinity''',
                    'updated_at > ''2026-03-01'' AND updated_at < ''2026-02-01''', 'updated_at BETWEEN ''2026-01-07'' AND ''2026-02-03''',
                    'updated_at BETWEEN SYMMETRIC ''2026-02-03'' AND ''2026-01-07''', 'updated_at > ''2026-01-01'' AND updated_at > ''2026-02-01'' AND updated_at >= ''2026-01-15''',
                    'id IN (11001, 11003, 1)', 'id NOT IN (11001, 11003)', 'id = ANY (ARRAY[11001, 11003])', 'id = ANY (NULL)', 'id > ALL (ARRAY[11001, 11003])',
                    'id = 11001 OR id = 11002', 'id = 11001 AND id = 11002', 'NOT id = 11001', 'id <> 11001', 'id IS DISTINCT FROM 11001', '(id, test) = (11001, false)',
                    'id IS NULL', 'customer_id IS NULL', 'coalesce(customer_id, 0) = 0', 'updated_at = created_at', 'updated_at > processed_at + interval ''1 day''',
                    'updated_at - interval ''1 day'' > ''2026-03-01''', 'updated_at::date = ''2026-03-10''', 'date_trunc(''month'', updated_at) = ''2026-03-01''',
                    'name > ''#1005''', 'name LIKE ''#101%''', 'name = ''#1001'' COLLATE "C"', '''x'' || name = ''x#1001''', 'tags @> ARRAY[''first'']', 'true', 'NULL', '1 = 0', 'random() < 2']) AS c;

--
-- Shapes, with small pages: the service thinks larger ones too costly
--
\! ctl set small shopify max_cost=4
-- Limits and offsets, with conditions that stay here and that do not.
SELECT same('SELECT count(*) FROM (SELECT id FROM orders LIMIT 5) o');
SELECT same('SELECT count(*) FROM (SELECT id FROM orders LIMIT 0) o');
SELECT same('SELECT count(*) FROM (SELECT id FROM orders LIMIT 100) o');
SELECT same('SELECT count(*) FROM (SELECT id FROM orders LIMIT NULL) o');
SELECT same('SELECT count(*) FROM (SELECT id FROM orders LIMIT (SELECT 9)) o');
SELECT same('SELECT count(*) FROM (SELECT id FROM orders OFFSET 12) o');
SELECT same('SELECT count(*) FROM (SELECT id FROM orders OFFSET 10 LIMIT 3) o');
SELECT same('SELECT count(*) FROM (SELECT id FROM orders WHERE note IS NULL LIMIT 9) o');
SELECT same('SELECT id FROM orders WHERE number > 1008 AND updated_at > ''2026-03-01'' LIMIT 50');
SELECT same('SELECT id FROM orders ORDER BY number LIMIT 3', true);
SELECT same('SELECT id FROM orders ORDER BY number DESC OFFSET 2 LIMIT 4', true);
SELECT same('SELECT id, number FROM orders ORDER BY number FETCH FIRST 2 ROWS WITH TIES', true);
SELECT same('SELECT number, id FROM orders WHERE NOT test ORDER BY 1', true);
SELECT same('SELECT max(id), min(id), max(updated_at), count(*), count(customer_id) FROM orders');
SELECT same('SELECT max(id) FROM orders WHERE id = 11005');
-- Distinct, groups, windows, sets.
SELECT same('SELECT DISTINCT source_name FROM orders');
SELECT same('SELECT count(*) FROM (SELECT DISTINCT source_name FROM orders LIMIT 2) o');
SELECT same('SELECT DISTINCT ON (source_name) source_name, id FROM orders ORDER BY source_name, id DESC', true);
SELECT same('SELECT source_name, count(*), min(number) FROM orders GROUP BY source_name HAVING count(*) > 1');
SELECT same('SELECT test, source_name, count(*) FROM orders GROUP BY CUBE (test, source_name)');
SELECT same('SELECT number, row_number() OVER (ORDER BY number) FROM orders ORDER BY number LIMIT 4', true);
SELECT same('SELECT count(*) FROM (SELECT count(*) OVER () AS n FROM orders LIMIT 3) o WHERE n = 14');
SELECT same('SELECT id FROM orders UNION SELECT id FROM customers');
SELECT same('SELECT id FROM orders WHERE id < 11004 UNION ALL SELECT id FROM orders WHERE id > 11003');
SELECT same('SELECT count(*) FROM (SELECT id FROM orders UNION ALL SELECT id FROM customers LIMIT 17) u');
SELECT same('SELECT id FROM orders EXCEPT SELECT id FROM orders WHERE test');
SELECT same('SELECT customer_id FROM orders INTERSECT ALL SELECT id FROM customers');
SELECT same('SELECT generate_series(1, 2), id FROM orders WHERE number < 1004');
SELECT same('SELECT count(*) FROM (SELECT generate_series(1, 3), id FROM orders LIMIT 8) o');
-- Joins: the same table twice, another one, one that is asked again for each row.
SELECT same('SELECT a.id, b.id FROM orders a JOIN orders b ON a.updated_at = b.updated_at AND a.id < b.id');
SELECT same('SELECT a.number, b.number FROM orders a CROSS JOIN orders b WHERE b.id = 11001');
SELECT same('SELECT o.number, c.first_name FROM orders o LEFT JOIN customers c ON c.id = o.customer_id');
SELECT same('SELECT c.first_name, count(o.id) FROM orders o RIGHT JOIN customers c ON c.id = o.customer_id AND NOT o.test GROUP BY 1');
SELECT same('SELECT o.id, c.id FROM orders o FULL JOIN customers c ON c.id = o.customer_id AND c.first_name = ''Ann''');
SELECT same('SELECT count(*) FROM (SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id LIMIT 5) j');
SELECT same('SELECT o.number FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.first_name = ''Bob'' ORDER BY 1 LIMIT 2', true);
SELECT same('SELECT c.id, o.number FROM customers c, LATERAL (SELECT number FROM orders WHERE customer_id = c.id ORDER BY number DESC LIMIT 2) o');
SELECT same('SELECT v.t, o.id FROM (VALUES (timestamptz ''2026-01-06''), (''2026-03-10 12:00''), (NULL), (''infinity'')) v(t) LEFT JOIN LATERAL (SELECT id FROM orders WHERE updated_at < v.t OFFSET 0) o ON true');
SELECT same('SELECT c.id, (SELECT count(*) FROM orders o WHERE o.customer_id = c.id AND o.updated_at > c.updated_at) FROM customers c');
SELECT same('SELECT c.id, (SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY o.id LIMIT 1) FROM customers c');
SELECT same('SELECT id FROM customers c WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id)');
SELECT same('SELECT id FROM customers c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id)');
SELECT same('SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE first_name IS NOT NULL)');
SELECT same('SELECT id FROM orders WHERE id = (SELECT max(id) FROM orders WHERE updated_at < ''2026-02-01'')');
SELECT same('SELECT id FROM orders WHERE updated_at = ANY (SELECT updated_at FROM orders WHERE id = 11008)');
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
SELECT same('SELECT a.number, b.number FROM orders a JOIN orders b ON a.customer_id = b.customer_id');
SELECT same('SELECT o.number, c.first_name FROM orders o LEFT JOIN customers c ON c.id = o.customer_id');
SELECT same('SELECT id FROM customers c WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.test = false)');
RESET enable_hashjoin; RESET enable_material;
SET enable_hashjoin = off; SET enable_nestloop = off; RESET enable_mergejoin;
SELECT same('SELECT a.number, b.number FROM orders a JOIN orders b ON a.customer_id = b.customer_id');
RESET ALL;
-- Whole rows, no columns at all, system columns.
\! ctl set small shopify max_cost=60
SELECT same('SELECT o FROM orders o WHERE id = 11007');
SELECT same('SELECT o.*, c.* FROM orders o JOIN customers c ON c.id = o.customer_id');
SELECT same('SELECT FROM orders');
SELECT same('SELECT count(*) FROM (SELECT o.tableoid = ''orders''::regclass FROM orders o) x');
SELECT same('SELECT to_jsonb(c) - ''updated_at'' FROM customers c');
-- Lists within records.
SELECT same('SELECT order_id, id, quantity FROM order_line_items');
\! ctl set small shopify max_cost=120
SELECT same('SELECT a.id FROM order_line_items a JOIN refund_line_items r ON r.line_item_id = a.id');
SELECT same('SELECT o.name, l.id FROM orders o, LATERAL (SELECT id FROM order_line_items WHERE order_id = o.id AND quantity > 1 ORDER BY id LIMIT 3) l');
SELECT same('SELECT o.name, (SELECT sum(quantity) FROM order_line_items l WHERE l.order_id = o.id) FROM orders o');
SELECT same('SELECT count(*) FROM (SELECT id FROM order_line_items WHERE order_id = 11005 LIMIT 55) l');
SELECT same('SELECT count(*) FROM (SELECT id FROM order_line_items OFFSET 3 LIMIT 52) l');
SELECT same('SELECT refund_id, id, subtotal FROM refund_line_items WHERE order_updated_at > ''2026-01-10''');
SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
SELECT same('SELECT id FROM orders o WHERE EXISTS (SELECT FROM order_line_items l WHERE l.order_id = o.id AND l.id > 20130)');
SELECT same('SELECT v, l.id FROM generate_series(1, 3) v LEFT JOIN order_line_items l ON l.quantity = v AND l.order_id <> 11005');
RESET ALL;
SELECT same('SELECT inventory_item_id, location_id, available FROM inventory_levels WHERE available <> 0');
-- A table under a parent whose columns stand in another order, and one that lost a column.
CREATE FUNCTION make_family(source text, foreign_table boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE %I.parent (name text, id bigint, updated_at timestamptz)', source);
    IF foreign_table THEN
        CREATE FOREIGN TABLE shop.child (lost text, updated_at timestamptz, id bigint, test boolean, name text) SERVER shop OPTIONS (resource 'orders');
    ELSE
        CREATE TABLE copy.child AS SELECT NULL::text AS lost, updated_at, id, test, name FROM copy.orders;
    END IF;
    EXECUTE format('ALTER TABLE %I.child DROP COLUMN lost', source);
    EXECUTE format('ALTER TABLE %1$I.child INHERIT %1$I.parent', source);
    EXECUTE format('INSERT INTO %I.parent VALUES (''#0'', 0, ''2026-03-20'')', source);
END $$;
SELECT make_family('shop', true);
SELECT make_family('copy', false);
SELECT same('SELECT * FROM parent');
SELECT same('SELECT name FROM parent WHERE updated_at > ''2026-03-10'' AND id <> 11013');
SELECT same('SELECT p FROM parent p WHERE id = 11001');
SELECT same('SELECT c FROM child c WHERE NOT test AND updated_at < ''2026-01-08''');
SELECT same('SELECT count(*) FROM (SELECT id FROM parent LIMIT 7) p');
-- Views, CTEs, functions.
CREATE VIEW shop.good AS SELECT id, number, customer_id FROM shop.orders WHERE NOT test AND cancelled_at IS NULL;
CREATE VIEW copy.good AS SELECT id, number, customer_id FROM copy.orders WHERE NOT test AND cancelled_at IS NULL;
CREATE VIEW shop.safe WITH (security_barrier) AS SELECT id, name FROM shop.orders WHERE id > 11004;
CREATE VIEW copy.safe WITH (security_barrier) AS SELECT id, name FROM copy.orders WHERE id > 11004;
SELECT same('SELECT * FROM good WHERE customer_id = 7002');
SELECT same('SELECT * FROM safe WHERE name = ''#1001'' OR name = ''#1007''');
SELECT same('SELECT * FROM safe WHERE name = ''#1001''');
SELECT same('WITH o AS MATERIALIZED (SELECT id, number FROM orders) SELECT a.id FROM o a JOIN o b ON b.number = a.number + 1 WHERE a.id <> 11003');
SELECT same('WITH RECURSIVE r(number) AS (SELECT 1001::bigint UNION ALL SELECT o.number FROM r JOIN orders o ON o.number = r.number + 1) SELECT * FROM r');

--
-- Plans that are kept
--
\! ctl set small shopify max_cost=6
CREATE FUNCTION same_prepared(name text, arguments text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    a text; there text[]; here text[]; n int := 0;
BEGIN
    FOREACH a IN ARRAY arguments LOOP
        there := sorted(rows_of('shop', format('EXECUTE shop_%s(%s)', name, a)));
        here := sorted(rows_of('copy', format('EXECUTE copy_%s(%s)', name, a)));
        IF there <> here THEN
            RETURN format(E'DIFFERENT for %s\n there %s\n here  %s', a, there, here);
        END IF;
        n := n + cardinality(here);
    END LOOP;
    RETURN format('same in %s, %s rows', cardinality(arguments), n);
END $$;
PREPARE shop_by_id(bigint) AS SELECT id, name FROM shop.orders WHERE id = $1;
PREPARE copy_by_id(bigint) AS SELECT id, name FROM copy.orders WHERE id = $1;
SELECT same_prepared('by_id', '{11001,11002,11005,"NULL",11007,11008,9223372036854775806,11010,11011,1,11013,11014}');
PREPARE shop_span(timestamptz, timestamptz, boolean) AS SELECT id, name FROM shop.orders WHERE updated_at >= $1 AND $2 > updated_at AND test = $3;
PREPARE copy_span(timestamptz, timestamptz, boolean) AS SELECT id, name FROM copy.orders WHERE updated_at >= $1 AND $2 > updated_at AND test = $3;
SELECT same_prepared('span', ARRAY['''2026-01-01'', ''2026-02-01'', false', '''2026-01-01'', ''2026-02-01'', true', '''2026-03-10 12:00'', ''2026-03-10 12:00:00.1'', false',
    '''-infinity'', ''infinity'', false', '''infinity'', ''-infinity'', false', 'NULL, ''2026-02-01'', false', '''2026-01-01'', ''2026-02-01'', NULL', '''2026-03-20'', ''2026-03-20'', false',
    '''2026-03-01'', ''2026-05-01'', false', '''2025-03-01'', ''2026-01-06'', false']);
PREPARE shop_text(text, int) AS SELECT id FROM shop.orders WHERE email = $1 LIMIT $2;
PREPARE copy_text(text, int) AS SELECT id FROM copy.orders WHERE email = $1 LIMIT $2;
SELECT same_prepared('text', ARRAY['''ann@example.com'', 9', '''bob@example.com'', 0', '''bob@example.com'', NULL', 'NULL, 9', ''''', 9', '''zoe@example.com'', 5', '''eve@example.com'', 1', '''x'', 1']);
SET plan_cache_mode = force_generic_plan;
SELECT same_prepared('by_id', '{11001,"NULL",11005}');
EXPLAIN (COSTS off) EXECUTE shop_by_id(11001);
RESET plan_cache_mode;
PREPARE shop_days(date, date) AS SELECT day, sessions FROM shop.sessions_daily WHERE day BETWEEN $1 AND $2;
PREPARE copy_days(date, date) AS SELECT day, sessions FROM copy.sessions_daily WHERE day BETWEEN $1 AND $2;
SELECT same_prepared('days', array_agg(format('%L, %L', d, d + n))) FROM unnest(ARRAY[date '2026-01-01', '2026-01-16', '2026-03-05']) d, unnest('{0,1,20,-3}'::int[]) n;

-- A plan outlives changes of its server, its mapping and its table, and sees them.
EXECUTE shop_by_id(11001);
SELECT regexp_replace(:'base', 'small', 'empty') AS empty \gset
ALTER SERVER shop OPTIONS (SET base_url :'empty');
EXECUTE shop_by_id(11001);
ALTER SERVER shop OPTIONS (SET base_url :'base');
EXECUTE shop_by_id(11001);
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (SET credential 'shpat_wrong');
\set VERBOSITY terse
EXECUTE shop_by_id(11001);
\set VERBOSITY default
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (SET credential 'shpat_test');
ALTER FOREIGN TABLE shop.orders ALTER COLUMN name OPTIONS (ADD path 'note');
EXECUTE shop_by_id(11002);
ALTER FOREIGN TABLE shop.orders ALTER COLUMN name OPTIONS (DROP path);
SELECT same_prepared('by_id', '{11001,11002,"NULL",11005}');

-- In a loop of PL/pgSQL, with a value that changes.
CREATE FUNCTION loop_over(ids bigint[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint; found text; result text[] := '{}';
BEGIN
    FOREACH wanted IN ARRAY ids LOOP
        SELECT name INTO found FROM orders WHERE id = wanted;
        result := result || coalesce(found, 'none');
    END LOOP;
    RETURN result;
END $$;
SELECT same('SELECT loop_over(ARRAY[11001, 11002, 1, 11005, NULL, 11007, 11008, 11010, 11011, 11012, 11013, 11014])');
CREATE FUNCTION loop_within() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    c record; o record;
BEGIN
    FOR c IN SELECT id FROM customers LOOP
        FOR o IN SELECT number FROM orders WHERE customer_id = c.id AND updated_at >= '2026-01-07' LOOP
            RETURN NEXT c.id || ' ' || o.number;
        END LOOP;
    END LOOP;
END $$;
SELECT same('SELECT loop_within()');

--
-- Cursors
--
\! ctl set small shopify max_cost=20
CREATE FUNCTION fetch_pattern(source text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    c SCROLL CURSOR FOR SELECT number FROM orders WHERE updated_at > '2026-01-08' ORDER BY number;
    r bigint; result text[] := '{}';
BEGIN
    PERFORM set_config('search_path', source || ', public', true);
    OPEN c;
    FETCH c INTO r; result := result || ('first ' || r);
    MOVE FORWARD 3 FROM c;
    FETCH NEXT FROM c INTO r; result := result || ('after 3 ' || r);
    FETCH PRIOR FROM c INTO r; result := result || ('prior ' || r);
    FETCH LAST FROM c INTO r; result := result || ('last ' || r);
    FETCH NEXT FROM c INTO r; result := result || coalesce('beyond ' || r, 'end');
    FETCH FIRST FROM c INTO r; result := result || ('first ' || r);
    FETCH ABSOLUTE 5 FROM c INTO r; result := result || ('fifth ' || r);
    FETCH RELATIVE -2 FROM c INTO r; result := result || ('third ' || r);
    CLOSE c;
    RETURN result;
END $$;
SELECT fetch_pattern('shop') = fetch_pattern('copy') AS same;
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT number FROM shop.orders WHERE number BETWEEN 1003 AND 1008;
MOVE FORWARD ALL IN c;
FETCH BACKWARD ALL FROM c;
FETCH FORWARD 2 FROM c;
DECLARE one CURSOR FOR SELECT number FROM shop.orders;
DECLARE two CURSOR FOR SELECT id FROM shop.order_line_items WHERE order_id = 11005;
DECLARE three CURSOR WITH HOLD FOR SELECT number FROM shop.orders;
FETCH 2 FROM one;
FETCH 2 FROM two;
FETCH 1 FROM three;
FETCH 1 FROM one;
FETCH 51 FROM two \g |tail -1
CLOSE one;
FETCH 2 FROM two;
-- An error in a subtransaction, while scans are open, leaves them as they were.
SAVEPOINT s;
DECLARE four CURSOR FOR SELECT number FROM shop.orders;
FETCH 2 FROM four;
SELECT number / 0 FROM shop.orders;
ROLLBACK TO s;
FETCH 1 FROM two;
COMMIT;
FETCH 20 FROM three;
CLOSE three;
-- One that fails is over; the others go on.
BEGIN;
DECLARE one CURSOR FOR SELECT number FROM shop.orders;
FETCH 1 FROM one;
SAVEPOINT s;
DECLARE two CURSOR FOR SELECT number FROM shop.orders;
\! ctl fault small shopify html
FETCH 1 FROM two;
ROLLBACK TO s;
FETCH 1 FROM two;
ROLLBACK TO s;
FETCH 20 FROM one;
COMMIT;
-- Exceptions caught in the middle of a scan.
CREATE FUNCTION caught() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    r record; result text[] := '{}';
BEGIN
    FOR r IN SELECT number FROM orders ORDER BY number LOOP
        BEGIN
            IF r.number % 3 = 0 THEN
                PERFORM 1 / (number - number) FROM customers c, orders o WHERE o.number = r.number;
            END IF;
            result := result || r.number::text;
        EXCEPTION WHEN division_by_zero THEN
            result := result || ('not ' || r.number);
        END;
    END LOOP;
    RETURN result;
END $$;
SELECT same('SELECT caught()');

--
-- Writing what was read
--
\! ctl set small shopify max_cost=60
CREATE TABLE taken (id bigint PRIMARY KEY, number bigint, updated_at timestamptz);
INSERT INTO taken SELECT id, number, updated_at FROM shop.orders WHERE NOT test;
INSERT INTO taken SELECT id, -number, updated_at FROM shop.orders ON CONFLICT (id) DO UPDATE SET number = excluded.number WHERE taken.updated_at > '2026-03-01';
SELECT count(*), sum(number) FROM taken;
SELECT count(*), sum(CASE WHEN test OR updated_at > '2026-03-01' THEN -number ELSE number END) FROM copy.orders;
UPDATE taken t SET number = o.number FROM shop.orders o WHERE o.id = t.id;
DELETE FROM taken t USING shop.orders o WHERE o.id = t.id AND o.test;
MERGE INTO taken t USING shop.orders o ON o.id = t.id
  WHEN MATCHED AND o.number < 1003 THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (o.id, o.number, o.updated_at);
SELECT (SELECT array_agg(number ORDER BY number) FROM taken) = (SELECT array_agg(number ORDER BY number) FROM copy.orders WHERE number >= 1003) AS same;
CREATE MATERIALIZED VIEW kept AS SELECT id, name FROM shop.orders;
REFRESH MATERIALIZED VIEW kept;
SELECT count(*) FROM kept;
COPY (SELECT number FROM shop.orders WHERE id = 11001) TO STDOUT;
BEGIN READ ONLY;
SELECT count(*) FROM shop.orders;
COMMIT;
\! ctl faults
