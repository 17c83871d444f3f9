-- What goes wrong at a service becomes an error, never fewer rows; and the
-- same query works as soon as the service does.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/shopify'
SET client_min_messages = warning;
CREATE EXTENSION momentum;
RESET client_min_messages;
-- Rows are to be read, even where they are only counted.
SET momentum.enable_aggregate = off;
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
CREATE SCHEMA shop;
IMPORT FOREIGN SCHEMA admin FROM SERVER shop INTO shop;
\pset format unaligned
\pset tuples_only on
\pset null '-'

-- The error of a query with its SQLSTATE and all it says, but for what changes from run to run.
CREATE FUNCTION try(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
    state text; message text; detail text; hint text; context text;
BEGIN
    EXECUTE query INTO result;
    RETURN 'ok: ' || coalesce(result, '-');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
    detail := regexp_replace(detail, 'sim-[\d-]+', 'sim-n');
    detail := regexp_replace(detail, '(at )[-0-9]{10} [0-9:.]+\+00(, in )?[0-9.]*', '\1...\2');
    IF message LIKE 'could not read%' THEN  -- what libcurl says depends on its version
        detail := regexp_replace(detail, '^.*, after', '..., after');
    END IF;
    RETURN concat_ws(E'\n', state || ': ' || message, '  detail: ' || nullif(detail, ''), '  hint: ' || nullif(hint, ''),
        '  context: ' || nullif(split_part(regexp_replace(context, '(SQL statement|PL/pgSQL).*', ''), E'\n', 1), ''));
END $$;
-- Seconds that a query took, and its result or error.
CREATE FUNCTION timed(query text, OUT seconds numeric, OUT result text) LANGUAGE plpgsql AS $$
DECLARE began timestamptz := clock_timestamp();
BEGIN
    result := split_part(try(query), E'\n', 1);
    seconds := extract(epoch FROM clock_timestamp() - began);
END $$;

SELECT try('SELECT count(*) FROM shop.orders');

--
-- Who asks, and for what
--
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (SET credential 'shpat_wrong');
SELECT try('SELECT count(*) FROM shop.orders');
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (DROP credential);
SELECT try('SELECT count(*) FROM shop.orders');
DROP USER MAPPING FOR CURRENT_USER SERVER shop;
SELECT try('SELECT count(*) FROM shop.orders');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
SELECT try('SELECT count(*) FROM shop.orders');

-- A service that repeats the token, just where its words are cut off: nothing of it is left.
SELECT format('{"errors": [{"message": "%sshpat_test"}]}', repeat('x', 504)) \g |ctl answer small shopify
SELECT replace(try('SELECT count(*) FROM shop.orders'), repeat('x', 504), '...');
SELECT format('{"errors": ["%sshpat_test"]}', repeat('x', 502)) \g |ctl answer small shopify
SELECT replace(try('SELECT count(*) FROM shop.orders'), repeat('x', 502), '...');

-- What the service says is passed on, but never the credential.
\! ctl fault small shopify status status=401 'body={"errors":"unknown token shpat_test"}'
SELECT try('SELECT count(*) FROM shop.orders');

-- A token that was bought is bought anew when the service no longer takes it; once.
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (SET credential '{"client_id": "sim_client", "client_secret": "sim_secret"}');
SELECT try('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify status match=graphql status=401 'body={"errors":"Invalid access token"}'
SELECT try('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify status match=graphql status=401 'body={"errors":"Invalid access token"}' times=2
SELECT try('SELECT count(*) FROM shop.orders');
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (SET credential '{"client_id": "sim_client", "client_secret": "wrong"}');
SELECT try('SELECT count(*) FROM shop.orders');
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (SET credential '{"client_id": "sim_client"}');
SELECT try('SELECT count(*) FROM shop.orders');
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (SET credential 'shpat_test');

-- A shop that is not there; one that is closed.
\! ctl fault small shopify status status=404 'body={"errors":"Not Found"}'
SELECT try('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify status status=402 'body={"errors":"This plan does not have access to the API"}'
SELECT try('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify status status=423 'body={"errors":"This shop is unavailable"}'
SELECT try('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify status status=200 'body={"errors":[{"message":"Shop is inactive","extensions":{"code":"SHOP_INACTIVE"}}]}'
SELECT try('SELECT count(*) FROM shop.orders');

-- A right that the credential lacks.
\! ctl set small shopify 'scopes=["read_products"]'
SELECT try('SELECT count(*) FROM shop.orders');
SELECT try('SELECT count(*) FROM shop.sessions_daily WHERE day = ''2026-01-05''');
SELECT try('SELECT count(*) FROM shop.products');
\! ctl reset

-- A field that does not exist; a request that makes no sense.
CREATE FOREIGN TABLE unknown_field (weather text OPTIONS (path 'weather')) SERVER shop OPTIONS (resource 'orders');
SELECT try('SELECT weather FROM unknown_field');
CREATE FOREIGN TABLE no_scalar (customer jsonb OPTIONS (path 'customer')) SERVER shop OPTIONS (resource 'orders');
SELECT try('SELECT customer FROM no_scalar') ~ '^HV024';
\! ctl fault small shopify status status=400 'body={"errors":{"query":"Required parameter missing or invalid"}}'
SELECT try('SELECT count(*) FROM shop.orders');

-- A filter that the service ignored, and only says so.
SELECT '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"id": "x", "legacyResourceId": "1"}]}},'
    || ' "extensions": {"search": [{"path": ["orders"], "query": "x", "warnings": [{"field": "x", "message": "Ungültiges Suchfeld für '
    || repeat('ä', 400) || '", "code": "invalid_field"}]}]}}' \g |ctl answer small shopify
SELECT try('SELECT id FROM shop.orders WHERE id = 1 LIMIT 1');
SELECT '{"data": {"shopifyqlQuery": {"parseErrors": ["Line 1: unknown metric sessions"], "tableData": null}}}' \g |ctl answer small shopify
SELECT try('SELECT * FROM shop.sessions_daily WHERE day = ''2026-01-05''');

--
-- Too fast, too much
--

-- The service says how long to wait: it is waited, and asked again.
\! ctl fault small shopify throttle wait=0.4
SELECT seconds BETWEEN 0.4 AND 5, result FROM timed('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify status status=503 retry_after=1
SELECT seconds BETWEEN 1 AND 5, result FROM timed('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify status status=503 retry_after_date=2
SELECT seconds BETWEEN 0.9 AND 5, result FROM timed('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify status status=429 retry_after=0.0 times=3
SELECT try('SELECT count(*) FROM shop.orders');

-- Not for ever: three times, and no longer than is affordable.
\! ctl fault small shopify throttle wait=0.01 times=-1
SELECT try('SELECT count(*) FROM shop.orders');
\! ctl reset
\! ctl fault small shopify throttle wait=100
SELECT seconds < 5, result FROM timed('SELECT count(*) FROM shop.orders');
-- It is not asked again before, by nobody.
SELECT try('SELECT count(*) FROM shop.orders');
SELECT momentum.reset_limits('shop');
\! ctl fault small shopify throttle wait=100
SELECT try('SELECT count(*) FROM shop.orders');
SELECT momentum.reset_limits('shop');
\! ctl fault small shopify throttle wait=2
SET momentum.wait_budget = '1s';
SELECT seconds < 1.9, result FROM timed('SELECT count(*) FROM shop.orders');
RESET momentum.wait_budget;
SELECT momentum.reset_limits('shop');
\! ctl fault small shopify status status=503 retry_after=20
SET statement_timeout = '10s';
SELECT seconds < 5, result FROM timed('SELECT count(*) FROM shop.orders');
RESET statement_timeout;
SELECT momentum.reset_limits('shop');

-- A query too costly is asked for in smaller pages; in the end it is just too costly.
\! ctl set small shopify max_cost=20
\! ctl clearlog
SELECT try('SELECT count(*) FROM shop.order_line_items');
\! ctl json small shopify | grep -o 'first[^:]*: [0-9]*, [^:]*after[^:]*: n'
\! ctl set small shopify max_cost=2
SELECT try('SELECT count(*) FROM shop.order_line_items');
\! ctl reset
SELECT try('SELECT count(*) FROM shop.order_line_items');

--
-- The service in trouble
--
\! ctl fault small shopify transient
SELECT try('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify transient times=4
SELECT try('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify status status=502 retry_after=0 'body=<html>Bad gateway</html>' times=4
SELECT try('SELECT count(*) FROM shop.orders');

-- Half of the data, and an error beside it: none of it is good.
\! ctl fault small shopify partial times=4
SELECT try('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify partial times=4
SELECT try('SELECT id FROM shop.orders LIMIT 1');
\! ctl fault small shopify partial
SELECT try('SELECT count(*) FROM shop.orders');

-- Somewhere else.
\! ctl fault small shopify redirect to=https://example.com/
SELECT try('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify redirect to=/small/shopify/other status=308
SELECT try('SELECT count(*) FROM shop.orders');

-- A connection that breaks off is tried again; rows that were read before are not read twice.
\! ctl fault small shopify cut bytes=1200
SELECT try('SELECT string_agg(name, '' '') FROM shop.orders');
\! ctl fault small shopify cut bytes=2000 rst=true
SELECT try('SELECT string_agg(name, '' '') FROM shop.orders');
\! ctl fault small shopify cut bytes=40000 match=lineItems
SELECT try('SELECT concat(count(*), '' '', count(DISTINCT id), '' '', sum(quantity)) FROM shop.order_line_items');
\! ctl fault small shopify cut bytes=100 times=4
SELECT try('SELECT count(*) FROM shop.orders');
SELECT try('SELECT count(*) FROM shop.orders');

-- A very long page is used while it comes: what was used has to be there again on the next try.
\! ctl fault small shopify huge mb=8
SELECT count(*) AS long FROM shop.orders \gset
\! ctl fault small shopify huge mb=8 times=2
\! ctl fault small shopify cut bytes=7000000
SELECT count(*) = :long FROM shop.orders;
\! ctl fault small shopify huge mb=8
\! ctl fault small shopify cut bytes=7000000
SELECT try('SELECT string_agg(name, '' '') FROM shop.orders');

-- Nobody there.
\set port_one 'http://127.0.0.1:1'
ALTER SERVER shop OPTIONS (SET base_url :'port_one');
SELECT try('SELECT count(*) FROM shop.orders');
SELECT 'http://' || repeat('a', 70) AS no_host \gset
ALTER SERVER shop OPTIONS (SET base_url :'no_host');
SELECT try('SELECT count(*) FROM shop.orders');
-- No TLS where TLS is due; no TLS at all where it is not allowed.
SELECT regexp_replace(:'base', '^http', 'https') AS tls \gset
ALTER SERVER shop OPTIONS (SET base_url :'tls');
SELECT try('SELECT count(*) FROM shop.orders');
ALTER SERVER shop OPTIONS (SET base_url :'base', DROP allow_insecure);
SELECT try('SELECT count(*) FROM shop.orders');
ALTER SERVER shop OPTIONS (ADD allow_insecure 'true');
SELECT try('SELECT count(*) FROM shop.orders');

--
-- Answers that are none
--
\! ctl fault small shopify html
SELECT try('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify bad_json
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf 'null' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '[]' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '{"data": {}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '{"data": {"orders": {"nodes": null}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '{"data": {"orders": {"nodes": "none"}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '{"data": {"orders": {"nodes": []}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": true, "endCursor": null}, "nodes": []}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [], "nodes": []}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": []}}} {' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"id": 1},]}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"id": 1 2}]}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"name": "\\377"}]}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": []}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');

-- The list within a record has to be there, too, and has to say whether it goes on.
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"id": "gid://shopify/Order/1"}]}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.order_line_items');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"id": "gid://shopify/Order/1", "lineItems": {"nodes": []}}]}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.order_line_items');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"id": "gid://shopify/Order/1", "refunds": null}]}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.refunds');
SELECT '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"id": "gid://shopify/Order/1", "refunds": ['
    || string_agg('{"id": "x"}', ',') || ']}]}}}' FROM generate_series(1, 100) \g |ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.refunds');

-- A page cursor that has gone stale, in the list of records and in one within a record.
CREATE TABLE page_of_two AS SELECT '{"data": {"orders": {"pageInfo": {"hasNextPage": true, "endCursor": "abc"}, "nodes": [{"id": "gid://shopify/Order/1", "name": "#1"}]}}}';
TABLE page_of_two \g |ctl answer small shopify
\! ctl fault small shopify stale_cursor
SELECT try('SELECT count(*) FROM shop.orders');
\! ctl fault small shopify stale_cursor 'match=order(id'
SELECT try('SELECT count(*) FROM shop.order_line_items');
TABLE page_of_two \g |ctl answer small shopify
TABLE page_of_two \g |ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');

--
-- Too big
--
\! ctl fault small shopify huge mb=18 record=true
SELECT try('SELECT count(*) FROM shop.orders');
SELECT '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"id": ' || repeat('[', 70) || repeat(']', 70) || '}]}}}' \g |ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
SELECT '{"data": {"other": ' || repeat('[', 70) || repeat(']', 70) || '}}' \g |ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');
SELECT '{"data": {"orders": {"pageInfo": {"hasNextPage": true, "endCursor": "' || repeat('x', 70000) || '"}, "nodes": []}}}' \g |ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders');

--
-- Values
--
CREATE FOREIGN TABLE odd (
    id bigint OPTIONS (path 'id'),
    small smallint OPTIONS (path 'v'),
    big bigint OPTIONS (path 'v'),
    num numeric OPTIONS (path 'v'),
    money numeric(6,2) OPTIONS (path 'v'),
    dbl float8 OPTIONS (path 'v'),
    txt text OPTIONS (path 'v'),
    short varchar(5) OPTIONS (path 'v'),
    js jsonb OPTIONS (path 'v'),
    j json OPTIONS (path 'v'),
    flag boolean OPTIONS (path 'v'),
    day date OPTIONS (path 'v'),
    at timestamptz OPTIONS (path 'v'),
    list text[] OPTIONS (path 'v'),
    numbers numeric[] OPTIONS (path 'v'),
    words varchar(5)[] OPTIONS (path 'v')
) SERVER shop OPTIONS (resource 'orders');
CREATE FUNCTION page(VARIADIC v text[]) RETURNS text LANGUAGE sql AS $$
    SELECT '{"data": {"orders": {"pageInfo": {"hasNextPage": false, "endCursor": "x"}, "nodes": ['
        || string_agg('{"id": ' || n || ', "v": ' || v || '}', ', ' ORDER BY n) || ']}}}'
      FROM unnest(v) WITH ORDINALITY AS x(v, n)
$$;

-- A value that does not fit: column, page, record and the value, cut short.
SELECT page('1', '2', '"many"') \g |ctl answer small shopify
SELECT try('SELECT sum(big) FROM odd');
SELECT page('"' || repeat('lots and ', 100) || '"') \g |ctl answer small shopify
SELECT try('SELECT sum(big) FROM odd');
SELECT page('"' || repeat('ö', 2000) || '"') \g |ctl answer small shopify
SELECT try('SELECT sum(num) FROM odd');
SELECT page('{"a": [1, 2]}') \g |ctl answer small shopify
SELECT try('SELECT sum(num) FROM odd');
SELECT page('40000') \g |ctl answer small shopify
SELECT try('SELECT sum(small) FROM odd');
SELECT page('12345.678') \g |ctl answer small shopify
SELECT try('SELECT sum(money) FROM odd');
SELECT page('1.5') \g |ctl answer small shopify
SELECT try('SELECT sum(big) FROM odd');
SELECT page('"abcdefg"') \g |ctl answer small shopify
SELECT try('SELECT min(short) FROM odd');
SELECT page('"2026-02-30"') \g |ctl answer small shopify
SELECT try('SELECT min(day) FROM odd');
SELECT page('"soon"') \g |ctl answer small shopify
SELECT try('SELECT min(at) FROM odd');
SELECT page('"perhaps"') \g |ctl answer small shopify
SELECT try('SELECT bool_or(flag) FROM odd');
SELECT page('"a, b"') \g |ctl answer small shopify
SELECT try('SELECT min(list) FROM odd');
SELECT page('[1, "x"]') \g |ctl answer small shopify
SELECT try('SELECT min(numbers) FROM odd');
SELECT page('["abcde", "abcdef"]') \g |ctl answer small shopify
SELECT try('SELECT min(words) FROM odd');

-- Numbers are as exact as the service wrote them.
SELECT page('12345678901234567890123', '-9223372036854775809', '9223372036854775807', '18446744073709551616', '123.4500', '1e2', '-0', '0.1e-3') \g |ctl answer small shopify
SELECT id, num, txt, js FROM odd;
SELECT page('12345678901234567890123', '-9223372036854775809', '9223372036854775807', '1e400') \g |ctl answer small shopify
SELECT id, j FROM odd;
SELECT page('{"n": 12345678901234567890123, "s": "1234567890123456789e0"}') \g |ctl answer small shopify
SELECT txt, js, j FROM odd;
SELECT page('[12345678901234567890123, 1.50, null]', '[]', 'null') \g |ctl answer small shopify
SELECT id, numbers, list, js FROM odd;
SELECT page('9223372036854775808') \g |ctl answer small shopify
SELECT try('SELECT max(big) FROM odd');
SELECT page('12345678901234567890123') \g |ctl answer small shopify
SELECT try('SELECT max(big) FROM odd');
SELECT page('1e400') \g |ctl answer small shopify
SELECT try('SELECT max(dbl) FROM odd');
SELECT page(repeat('1234567890', 40)) \g |ctl answer small shopify
SELECT num = repeat('1234567890', 40)::numeric, txt = repeat('1234567890', 40), js::text = repeat('1234567890', 40) FROM odd;
SELECT page(repeat('1234567890', 40)) \g |ctl answer small shopify
SELECT try('SELECT max(big) FROM odd');

-- Text that no PostgreSQL text can hold; half a character; a key twice.
SELECT page('"a\u0000b"', '"\ud83d\udc36"', '"\ud83d"', '"\udc36 x"', '""') \g |ctl answer small shopify
SELECT id, txt, length(txt), js FROM odd;
SELECT page('1, "v": 2') \g |ctl answer small shopify
SELECT id, txt FROM odd;
-- An empty string is no number, date, or truth.
SELECT page('""') \g |ctl answer small shopify
SELECT num, day, at, flag, txt = '' AS txt, short = '' AS short FROM odd;
SELECT page('true', '1', '"t"', 'false') \g |ctl answer small shopify
SELECT flag, txt FROM odd;
SELECT page('["", "x"]') \g |ctl answer small shopify
SELECT list, words FROM odd;

-- A record that is null is none.
SELECT replace(page('1', '2'), '}, {', '}, null, {') \g |ctl answer small shopify
SELECT id FROM odd;

-- A record that is no object is not a row of NULLs; an answer that is null is not an empty one.
SELECT replace(page('1', '2'), '}, {', '}, "x", {') \g |ctl answer small shopify
SELECT try('SELECT count(*) FROM odd');
\set base :sim '/small/meta'
CREATE SERVER ads FOREIGN DATA WRAPPER meta_ads_fdw OPTIONS (account 'act_1234567890', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER ads OPTIONS (credential 'EAAtest');
CREATE FOREIGN TABLE account (id text) SERVER ads;
\! echo null | ctl answer small meta
SELECT try('SELECT count(*) FROM account');
\! echo '"none"' | ctl answer small meta
SELECT try('SELECT count(*) FROM account');
-- A link that is none does not end the pages.
\set base :sim '/small/klaviyo'
CREATE SERVER mail FOREIGN DATA WRAPPER klaviyo_fdw OPTIONS (base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER mail OPTIONS (credential 'pk_test');
CREATE FOREIGN TABLE metrics (id text) SERVER mail;
\! echo '{"data": [{"id": "1"}], "links": {"next": ["x"]}}' | ctl answer small klaviyo
SELECT try('SELECT count(*) FROM metrics');

-- A scan that fails takes the table it was made with along, and stays clear of what is left of it:
-- one so wide that its memory goes back to the system.
DO $$
DECLARE columns text;
BEGIN
    SELECT string_agg(format('c%s text OPTIONS (path ''x%s'')', n, n), ', ') INTO columns FROM generate_series(1, 1590) n;
    FOR i IN 1..2 LOOP
        BEGIN
            EXECUTE format('CREATE FOREIGN TABLE wide (id bigint OPTIONS (path ''legacyResourceId''), %s) SERVER shop OPTIONS (resource ''orders'')', columns);
            PERFORM 1 / (id - id) FROM wide;
        EXCEPTION WHEN OTHERS THEN
            RAISE NOTICE '%', SQLERRM;
        END;
    END LOOP;
END $$;

-- And all is as before.
\! ctl faults
SELECT try('SELECT count(*) FROM shop.orders');
SELECT count(*) FROM shop.orders;
