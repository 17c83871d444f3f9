-- Any JSON service as foreign tables, described by options alone.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/rest/'
\set bearer :base 'bearer'
\set basic :base 'basic'
\set key :base 'key'
\set open :base 'open'
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
RESET client_min_messages;
\pset null '-'

-- What a query asks of the service: its requests, decoded, without the port of the day.
CREATE FUNCTION asked(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS off) ' || query LOOP
        CONTINUE WHEN line !~ '^ +(Request|Body|Asked|Checked)';
        line := ltrim(regexp_replace(line, 'http://127.0.0.1:\d+/small/rest', ''));
        line := replace(replace(replace(replace(line, '%3A', ':'), '%22', '"'), '%20', ' '), '%3E', '>');
        RETURN NEXT replace(replace(line, '%2C', ','), '%24', '$');
    END LOOP;
END $$;

-- Rows, first and last of a table, and what it took to get them.
CREATE FUNCTION walked(tab regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE found text; line text; effort text;
BEGIN
    EXECUTE format('SELECT count(*) || '' rows, '' || min(id) || '' to '' || max(id) FROM %s', tab) INTO found;
    FOR line IN EXECUTE format('EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT * FROM %s', tab) LOOP
        effort := coalesce(substring(line FROM '^ +Requests: (\d+)'), effort);
    END LOOP;
    RETURN found || ', ' || effort || ' requests';
END $$;

--
-- A server: where the service is, and how one logs in
--
CREATE SERVER depot FOREIGN DATA WRAPPER rest_fdw;
CREATE SERVER depot FOREIGN DATA WRAPPER rest_fdw OPTIONS (base_url 'api.example.com');
CREATE SERVER depot FOREIGN DATA WRAPPER rest_fdw OPTIONS (base_url 'https://{tenant}.example.com');
CREATE SERVER depot FOREIGN DATA WRAPPER rest_fdw
    OPTIONS (base_url :'bearer', headers E'Accept: application/json\nX-Api-Key: 123');
CREATE SERVER depot FOREIGN DATA WRAPPER rest_fdw OPTIONS (base_url :'bearer', auth 'X-Depot-Key');
CREATE SERVER depot FOREIGN DATA WRAPPER rest_fdw OPTIONS (base_url :'bearer', rate '10 a second');
CREATE SERVER depot FOREIGN DATA WRAPPER rest_fdw
    OPTIONS (base_url :'bearer', allow_insecure 'true', headers E'Accept: application/json\nX-Reader: momentum');
CREATE USER MAPPING FOR CURRENT_USER SERVER depot OPTIONS (credential 'rest_test');
-- A table: what follows base_url, and where in the answer the records are.
CREATE FOREIGN TABLE items (
    id bigint OPTIONS (key 'true'),
    name text,
    price numeric,
    updated timestamptz,
    width int OPTIONS (path 'box.width'),
    label text OPTIONS (path 'box.label'),
    first_tag text OPTIONS (path 'tags[0]'),
    tags text[],
    odd int OPTIONS (path 'odd\.name'),
    box jsonb,
    missing text)
    SERVER depot OPTIONS (path '/all');
SELECT * FROM items WHERE id IN (1, 7, 8);
-- A column names what the service has not: NULL, as everywhere.
SELECT count(*), count(missing) FROM items;

-- Each way to log in; a credential of the wrong form says so before it is sent.
CREATE SERVER basic FOREIGN DATA WRAPPER rest_fdw
    OPTIONS (base_url :'basic', allow_insecure 'true', auth 'basic');
CREATE USER MAPPING FOR CURRENT_USER SERVER basic OPTIONS (credential 'no pair');
CREATE FOREIGN TABLE basic_items (id bigint) SERVER basic OPTIONS (path '/all');
SELECT count(*) FROM basic_items;
ALTER USER MAPPING FOR CURRENT_USER SERVER basic OPTIONS (SET credential 'depot:sim_password');
SELECT count(*) FROM basic_items;
ALTER USER MAPPING FOR CURRENT_USER SERVER basic
    OPTIONS (SET credential '{"username": "depot", "password": "sim_password"}');
SELECT count(*) FROM basic_items;
ALTER USER MAPPING FOR CURRENT_USER SERVER basic OPTIONS (SET credential 'depot:wrong_password');
SELECT count(*) FROM basic_items;
-- A service that repeats what it was sent: neither the password nor what Basic makes of it is shown.
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small rest status status=400 body='{"message": "Basic ZGVwb3Q6d3JvbmdfcGFzc3dvcmQ= is depot:wrong_password, wrong_password"}' > /dev/null
SELECT count(*) FROM basic_items;
CREATE SERVER key FOREIGN DATA WRAPPER rest_fdw
    OPTIONS (base_url :'key', allow_insecure 'true', auth 'X-Depot-Key: {token}');
CREATE USER MAPPING FOR CURRENT_USER SERVER key OPTIONS (credential 'rest_test');
CREATE FOREIGN TABLE key_items (id bigint) SERVER key OPTIONS (path '/all');
SELECT count(*) FROM key_items;
CREATE SERVER open FOREIGN DATA WRAPPER rest_fdw
    OPTIONS (base_url :'open', allow_insecure 'true', auth 'none');
CREATE FOREIGN TABLE open_items (id bigint) SERVER open OPTIONS (path '/all');
SELECT count(*) FROM open_items;

-- A credential has no name outside of the login: not in a URL, not in a body.
CREATE FOREIGN TABLE leaking (id bigint) SERVER depot OPTIONS (path '/all', query 'api_key={token}');
SELECT * FROM leaking;
DROP FOREIGN TABLE leaking;
-- Where the service is, how it is logged in and what could write: a superuser says so.
CREATE ROLE regress_rest_owner;
GRANT USAGE ON FOREIGN DATA WRAPPER rest_fdw TO regress_rest_owner;
GRANT USAGE ON FOREIGN SERVER depot TO regress_rest_owner;
GRANT CREATE ON SCHEMA public TO regress_rest_owner;
SET ROLE regress_rest_owner;
CREATE SERVER own FOREIGN DATA WRAPPER rest_fdw OPTIONS (base_url 'https://collector.example');
CREATE FOREIGN TABLE writing (id bigint) SERVER depot OPTIONS (path '/orders', body '{"order": 1}');
CREATE FOREIGN TABLE reading (id bigint) SERVER depot OPTIONS (path '/all');
RESET ROLE;
DROP OWNED BY regress_rest_owner;
DROP ROLE regress_rest_owner;

--
-- Paging
--
CREATE FOREIGN TABLE p (id bigint) SERVER depot OPTIONS (path '/page', paging 'pages');
CREATE FOREIGN TABLE p (id bigint) SERVER depot OPTIONS (path '/page', paging 'page');
CREATE FOREIGN TABLE p (id bigint) SERVER depot OPTIONS (path '/cursor', paging 'cursor', page_param 'after');
CREATE FOREIGN TABLE p (id bigint) SERVER depot OPTIONS (path '/cursor', cursor 'next');
CREATE FOREIGN TABLE p (id bigint) SERVER depot
    OPTIONS (path '/page', paging 'page', page_param 'page', page_size '50');
CREATE FOREIGN TABLE p (id bigint) SERVER depot
    OPTIONS (path '/page', paging 'page', page_param 'page', last_page 'short');

-- Numbered pages.  This service gives 10 at most, whatever it is asked for: who takes a short
-- page for the last one misses the rest, so pages are read until one is empty, or the answer
-- tells how many there are.
CREATE FOREIGN TABLE by_page (id bigint OPTIONS (key 'true')) SERVER depot
    OPTIONS (path '/page', records 'data', paging 'page', page_param 'page', size_param 'per_page', page_size '50');
SELECT walked('by_page');
ALTER FOREIGN TABLE by_page OPTIONS (ADD page_count 'meta.pages');
SELECT walked('by_page');
ALTER FOREIGN TABLE by_page OPTIONS (DROP page_count, ADD total 'meta.total');
SELECT walked('by_page');
ALTER FOREIGN TABLE by_page OPTIONS (DROP total, ADD last_page 'short');
SELECT walked('by_page');
SELECT * FROM asked('SELECT * FROM by_page');

-- Offsets, from 0 and, in a text of its own, from 1.
CREATE FOREIGN TABLE by_offset (id bigint) SERVER depot
    OPTIONS (path '/offset', records 'result.rows', paging 'offset', page_param 'skip',
             size_param 'take', page_size '7', total 'result.count');
SELECT walked('by_offset');
CREATE FOREIGN TABLE from_one (id bigint) SERVER depot
    OPTIONS (path '/from_one', query 'start={offset}&max={size}', records 'rows', records_optional 'true',
             sign 'time', paging 'offset', first_page '1', page_size '5');
SELECT walked('from_one');
SELECT * FROM asked('SELECT * FROM from_one');

-- A cursor; a link in the answer, whole or relative; a link in a header.
CREATE FOREIGN TABLE by_cursor (id bigint) SERVER depot
    OPTIONS (path '/cursor', records 'items', paging 'cursor', cursor 'next', more 'has_more',
             page_param 'after', size_param 'limit', page_size '8');
SELECT walked('by_cursor');
CREATE FOREIGN TABLE by_link (id bigint) SERVER depot
    OPTIONS (path '/odata', records 'value', paging 'link', cursor '@odata\.nextLink',
             size_param '$top', page_size '10');
SELECT walked('by_link');
ALTER FOREIGN TABLE by_link OPTIONS (ADD query 'relative=1');
SELECT walked('by_link');
CREATE FOREIGN TABLE by_header (id bigint) SERVER depot
    OPTIONS (path '/header', paging 'link_header', size_param 'per_page', page_size '6');
SELECT walked('by_header');
-- A POST that only reads.
CREATE FOREIGN TABLE search (id bigint, name text, text text OPTIONS (param 'optional')) SERVER depot
    OPTIONS (path '/search', body '{"text": "{text}", "page": {page}, "size": {size}}', records 'hits',
             paging 'page', first_page '0', page_size '4');
SELECT walked('search');
SELECT id, name, text FROM search WHERE text <> 'm 07';
SELECT id, name, text FROM search WHERE text = 'm 07';
SELECT * FROM asked($$SELECT * FROM search WHERE text = 'a "b"'$$);

-- Pages that never end, or lead away, are errors.
CREATE FOREIGN TABLE same (id bigint OPTIONS (key 'true')) SERVER depot
    OPTIONS (path '/same', records 'data', paging 'page', page_param 'page');
SELECT count(*) FROM same;
CREATE FOREIGN TABLE circle (id bigint) SERVER depot
    OPTIONS (path '/circle', records 'items', paging 'cursor', cursor 'next', page_param 'after');
SELECT count(*) FROM circle;
CREATE FOREIGN TABLE elsewhere (id bigint) SERVER depot
    OPTIONS (path '/elsewhere', records 'value', paging 'link', cursor '@odata\.nextLink');
SELECT count(*) FROM elsewhere;
-- So are pages that do not hold what the service says there is.
CREATE FOREIGN TABLE fewer (id bigint) SERVER depot
    OPTIONS (path '/fewer', records 'data', paging 'page', page_param 'page', total 'meta.total');
SELECT count(*) FROM fewer;
CREATE FOREIGN TABLE more (id bigint) SERVER depot
    OPTIONS (path '/more', records 'data', paging 'page', page_param 'page', total 'meta.total');
SELECT count(*) FROM more;
-- Of three items two are open: pages of three look alike without what tells their records apart.
CREATE FOREIGN TABLE alike (id bigint, status text) SERVER depot
    OPTIONS (path '/offset', records 'result.rows', paging 'offset', page_param 'skip', size_param 'take', page_size '3',
             fields_param 'fields');
SELECT status, count(*) FROM alike GROUP BY status ORDER BY status;
ALTER FOREIGN TABLE alike ALTER COLUMN id OPTIONS (ADD key 'true');
SELECT status, count(*) FROM alike GROUP BY status ORDER BY status;
SELECT * FROM asked('SELECT status FROM alike');
-- How fast it may be asked: what that leaves is seen in momentum.stat_limit.
ALTER SERVER depot OPTIONS (ADD rate '50/second, 100000/day');
SELECT walked('by_header');
SELECT bucket, capacity FROM momentum.stat_limit WHERE server = 'depot' AND capacity < 1e6 ORDER BY bucket;
-- A LIMIT needs no more pages than it needs.
SELECT id FROM by_page LIMIT 3;

--
-- Conditions
--
CREATE FOREIGN TABLE f (
    id bigint OPTIONS (filter_eq 'id:5')) SERVER depot OPTIONS (path '/all');
CREATE FOREIGN TABLE filtered (
    id bigint,
    name text,
    status text OPTIONS (filter_eq 'status=%s', exact 'eq'),
    updated timestamptz OPTIONS (filter_ge 'since=%t', filter_le 'until=%t'))
    SERVER depot OPTIONS (path '/all', query 'fixed=1', fields_param 'fields');
SELECT * FROM asked($$SELECT id FROM filtered WHERE status = 'open' AND updated >= '2026-03-20 10:30+02' AND name = 'item 20'$$);
SELECT id, updated FROM filtered WHERE status = 'open' AND updated >= '2026-03-20 10:30+02' AND updated < '2026-03-22 12:00Z';
-- Terms that are joined to a filter; a text comes between quotes there.
CREATE FOREIGN TABLE joined (
    id bigint OPTIONS (filter_ge 'id:>=%s', filter_le 'id:<=%s', filter_eq 'id:%s'),
    name text OPTIONS (filter_eq 'name:%s'))
    SERVER depot OPTIONS (path '/all', filter_param 'filter', filter_join ' AND ');
SELECT * FROM joined;
ALTER FOREIGN TABLE joined ALTER COLUMN name OPTIONS (SET filter_eq 'name:%q');
SELECT * FROM asked($$SELECT * FROM joined WHERE id >= 3 AND name = 'a "b"'$$);
SELECT * FROM joined WHERE id >= 3 AND id <= 5;
SELECT * FROM joined WHERE name = 'item 03';
-- A service with a query language: what is between [[ ]] is left out when there are no conditions.
CREATE FOREIGN TABLE bills (id text, due date OPTIONS (filter_le 'DueDate <= ''%s'''), vendor text OPTIONS (filter_eq 'Vendor = %a'))
    SERVER depot
    OPTIONS (path '/query', query 'query=select * from Bill[[{filter}]] startposition {offset} maxresults {size}',
             records 'QueryResponse.Bill', records_optional 'true', sign 'time', paging 'offset', first_page '1', page_size '1000',
             last_page 'short', filter_open ' where ', filter_join ' and ');
SELECT * FROM asked('SELECT id FROM bills');
SELECT * FROM asked($$SELECT id FROM bills WHERE due <= '2026-03-31' AND vendor = 'O''Hara'$$);
-- Values are written alike in every session, and those that no service knows are kept from it.
CREATE FOREIGN TABLE styles (due date OPTIONS (filter_ge 'due=%s'), at timestamp OPTIONS (filter_ge 'at=%s'),
    share float8 OPTIONS (filter_ge 'share=%s'), price numeric OPTIONS (filter_le 'price=%s'))
    SERVER depot OPTIONS (path '/all');
SET datestyle = 'German';
SET extra_float_digits = -10;
SELECT line FROM asked($$SELECT * FROM styles WHERE due >= '2026-03-31' AND at >= '2026-03-31 10:00' AND share >= 0.1234567890123$$) AS line
 WHERE line LIKE 'Request:%';
RESET datestyle;
RESET extra_float_digits;
SELECT line FROM asked($$SELECT * FROM styles WHERE due >= '-infinity' AND at >= '-infinity' AND share >= '-infinity' AND price <= 'NaN'$$) AS line
 WHERE line LIKE 'Request:%';
-- Which texts come before others is the service's opinion, unless it is their bytes that count.
CREATE FOREIGN TABLE texts (name text OPTIONS (filter_lt 'before=%s')) SERVER depot OPTIONS (path '/all');
SELECT * FROM asked($$SELECT * FROM texts WHERE name < 'b' COLLATE "C"$$);
SELECT * FROM asked($$SELECT * FROM texts WHERE name < 'b' COLLATE "en-x-icu"$$);
-- A way to write a value that does not fit the column.
ALTER FOREIGN TABLE joined ALTER COLUMN id OPTIONS (SET filter_ge 'id:>=%t');
SELECT * FROM joined;

-- A value that the path needs.
CREATE FOREIGN TABLE stock (place text OPTIONS (param 'required'), item bigint, count int)
    SERVER depot OPTIONS (path '/stock/{place}', records 'stock');
SELECT * FROM stock WHERE place = 'north';
SELECT * FROM stock;
SELECT * FROM stock WHERE place = 'a/b';
CREATE FOREIGN TABLE typo (place text OPTIONS (param 'required'), item bigint)
    SERVER depot OPTIONS (path '/stock/{plaec}', records 'stock');
SELECT * FROM typo WHERE place = 'north';

-- Days: asked for in windows as long as the service allows.
CREATE FOREIGN TABLE days (day date, sent int) SERVER depot
    OPTIONS (path '/days', query 'from={since}&to={until}', records 'days', range_column 'day', range_days '31');
SELECT count(*), min(day), max(day) FROM days WHERE day BETWEEN '2026-01-01' AND '2026-03-31';
SELECT * FROM asked($$SELECT * FROM days WHERE day BETWEEN '2026-01-01' AND '2026-03-31'$$);
ALTER FOREIGN TABLE days OPTIONS (SET range_days '40');
SELECT count(*) FROM days WHERE day BETWEEN '2026-01-01' AND '2026-03-31';
CREATE FOREIGN TABLE days_of_text (day text) SERVER depot
    OPTIONS (path '/days', query 'from={since}&to={until}', records 'days', range_column 'day');
SELECT count(*) FROM days_of_text;

--
-- Answers that are errors
--
CREATE FOREIGN TABLE coded (id bigint) SERVER depot OPTIONS (path '/coded', records 'list');
SELECT count(*) FROM coded;
-- Without "trouble" a refusal within a good status looks like no rows: say what a good answer has.
ALTER FOREIGN TABLE coded OPTIONS (ADD query 'fail=40100');
SELECT count(*) FROM coded;
ALTER FOREIGN TABLE coded OPTIONS (ADD trouble 'code!=0');
SELECT count(*) FROM coded;
-- What its codes mean: one that passes is asked again.
ALTER SERVER depot OPTIONS (ADD errors '40100=throttle');
ALTER SERVER depot OPTIONS (ADD error_code 'code', ADD errors '40100=slow');
ALTER SERVER depot OPTIONS (ADD error_code 'code', ADD errors '40100=throttle, 50000-59999=retry');
ALTER FOREIGN TABLE coded OPTIONS (SET query 'fail=40105');
SELECT count(*) FROM coded;
ALTER FOREIGN TABLE coded OPTIONS (SET query 'fail=40100&once=1');
SELECT count(*) FROM coded;
CREATE FOREIGN TABLE nowhere (id bigint) SERVER depot OPTIONS (path '/nowhere');
SELECT count(*) FROM nowhere;
CREATE FOREIGN TABLE nothing (id bigint) SERVER depot OPTIONS (path '/page', records 'rows');
SELECT count(*) FROM nothing;

--
-- Columns from the records themselves
--
IMPORT FOREIGN SCHEMA api FROM SERVER depot INTO public;
IMPORT FOREIGN SCHEMA api LIMIT TO (learned) FROM SERVER depot INTO public
    OPTIONS (path '/page', records 'data', pages '3');
IMPORT FOREIGN SCHEMA api LIMIT TO (learned) FROM SERVER depot INTO public
    OPTIONS (path '/page', query 'status=lost', records 'data');
IMPORT FOREIGN SCHEMA api LIMIT TO (learned) FROM SERVER depot INTO public
    OPTIONS (path '/page', records 'data', paging 'page', page_param 'page', total 'meta.total');
SELECT attname, format_type(atttypid, NULL), attfdwoptions FROM pg_attribute
 WHERE attrelid = 'learned'::regclass AND attnum > 0 ORDER BY attnum;
SELECT count(*), count(price), min(updated), max(box_width), max(odd_name) FROM learned;
IMPORT FOREIGN SCHEMA api LIMIT TO (mixed) FROM SERVER depot INTO public
    OPTIONS (path '/mixed', records 'list');
SELECT * FROM mixed;

-- A list may be absent, but then the answer has to show that it is one.
CREATE FOREIGN TABLE absent (id bigint) SERVER depot OPTIONS (path '/from_one', query 'start=99', records 'rows', records_optional 'true');
CREATE FOREIGN TABLE absent (id bigint) SERVER depot
    OPTIONS (path '/from_one', query 'start=99', records 'rows', records_optional 'true', sign 'time');
SELECT count(*) FROM absent;
ALTER FOREIGN TABLE absent OPTIONS (SET sign 'moment');
SELECT count(*) FROM absent;

-- Unknown options list the known ones.
CREATE FOREIGN TABLE unknown (id bigint) SERVER depot OPTIONS (path '/all', pagination 'page');
CREATE FOREIGN TABLE unknown (id bigint OPTIONS (filter '=')) SERVER depot OPTIONS (path '/all');
CREATE FOREIGN TABLE unknown (id bigint) SERVER depot OPTIONS (records 'data');
CREATE FOREIGN TABLE unknown (id bigint) SERVER depot OPTIONS (path 'all');
CREATE FOREIGN TABLE unknown (id bigint) SERVER depot OPTIONS (path '/all', records 'data[0]');

-- Prepared often enough to become generic, the statement still asks for what it is told.
PREPARE of_status(text) AS SELECT count(*) FROM filtered WHERE status = $1;
EXECUTE of_status('open'); EXECUTE of_status('open'); EXECUTE of_status('open');
EXECUTE of_status('open'); EXECUTE of_status('open'); EXECUTE of_status('closed');
EXECUTE of_status('closed');
-- And follows the options.
ALTER FOREIGN TABLE filtered OPTIONS (SET query 'since=2026-03-20T00:00:00Z');
EXECUTE of_status('closed');

-- A part of a path that leads upwards would ask for something else, with the credential.
CREATE FOREIGN TABLE place (item bigint, id bigint, place text OPTIONS (param 'required'))
    SERVER depot OPTIONS (path '/stock/{place}/all');
SELECT count(*) FROM place WHERE place = '..';
SELECT count(*) FROM place WHERE place = '.';
ALTER FOREIGN TABLE place OPTIONS (SET path '/stock/{place}/%2E./all');
SELECT count(*) FROM place WHERE place = 'north';
-- A password is not shown either as JSON spells it, within an object that the error is.
CREATE SERVER spelled FOREIGN DATA WRAPPER rest_fdw
    OPTIONS (base_url :'basic', allow_insecure 'true', auth 'basic');
CREATE USER MAPPING FOR CURRENT_USER SERVER spelled OPTIONS (credential E'depot:pass"word\\1');
CREATE FOREIGN TABLE spelled_items (id int) SERVER spelled OPTIONS (path '/all');
\! printf '%s' 'HTTP/1.1 400 Bad@@Content-Length: 45@@@@{"message": {"was": "pass\"word\\1", "n": 1}}' | sed 's/@@/\r\n/g' | "$PG_ABS_SRCDIR/simulator/ctl" raw small rest
SELECT count(*) FROM spelled_items;
\! printf '%s' '[{"id": "pass\"word\\1"}]' | "$PG_ABS_SRCDIR/simulator/ctl" answer small rest
SELECT id FROM spelled_items;
