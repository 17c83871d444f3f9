-- Whatever comes over the wire: a clear error with the right SQLSTATE, or the
-- rows as they were meant.  Never a crash, never fewer rows, never a secret.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/shopify'
\set mail_base :sim '/small/klaviyo'
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
RESET client_min_messages;
-- Rows are to be read, even where they are only counted.
SET momentum.enable_aggregate = off;
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'base', allow_insecure 'true', rate_limits 'points=1000000',
             parallel_windows '1');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
CREATE SERVER mail FOREIGN DATA WRAPPER klaviyo_fdw OPTIONS (base_url :'mail_base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER mail OPTIONS (credential 'pk_test');
CREATE SCHEMA shop;
IMPORT FOREIGN SCHEMA admin LIMIT TO (orders) FROM SERVER shop INTO shop;
CREATE SCHEMA mail;
IMPORT FOREIGN SCHEMA api LIMIT TO (profiles, campaigns) FROM SERVER mail INTO mail;
-- Any value of a record in a column of any type.
CREATE FOREIGN TABLE odd (
    id bigint OPTIONS (path 'id'),
    big bigint OPTIONS (path 'v'),
    num numeric OPTIONS (path 'v'),
    dbl float8 OPTIONS (path 'v'),
    txt text OPTIONS (path 'v'),
    js jsonb OPTIONS (path 'v'),
    j json OPTIONS (path 'v')
) SERVER shop OPTIONS (resource 'orders');
\pset format unaligned
\pset tuples_only on
\pset null '-'

-- The result of a query, or its error with all it says, but for what changes from run to run.
CREATE FUNCTION try(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE query INTO result;
    RETURN 'ok: ' || coalesce(result, '-');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    detail := regexp_replace(detail, 'sim-[\d-]+', 'sim-n');
    IF message LIKE 'could not read%' AND detail !~ '^the (packed |head of the )?answer' THEN  -- what libcurl says depends on its version
        detail := regexp_replace(detail, '^.*, after', '..., after');
    END IF;
    RETURN concat_ws(E'\n', state || ': ' || message, '  detail: ' || nullif(detail, ''), '  hint: ' || nullif(hint, ''));
END $$;
CREATE FUNCTION page(record text) RETURNS text LANGUAGE sql
    AS $$ SELECT '{"data": {"orders": {"pageInfo": {"hasNextPage": false, "endCursor": "x"}, "nodes": [' || record || ']}}}' $$;
CREATE FUNCTION value(v text) RETURNS text LANGUAGE sql AS $$ SELECT page('{"id": 1, "v": ' || v || '}') $$;

--
-- Statuses: good JSON is no page where they say that it is not ready, or a part
--
SELECT page('') AS none, page('{"id": 7}') AS one \gset
SELECT format('HTTP/1.1 202 Accepted\r\nContent-Length: %s\r\nRetry-After: 0\r\n\r\n%s', length(:'none'), :'none') \g |sed 's/\\r\\n/\r\n/g' |ctl raw small shopify
SELECT try('SELECT count(*) > 1 FROM odd');
SELECT format('HTTP/1.1 206 Partial Content\r\nContent-Length: %s\r\n\r\n%s', length(:'one'), :'one') \g |sed 's/\\r\\n/\r\n/g' |ctl raw small shopify
SELECT try('SELECT id FROM odd');
SELECT format('HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n%s', :'one') \g |sed 's/\\r\\n/\r\n/g' |ctl raw small shopify
SELECT try('SELECT count(*) > 1 FROM odd');
SELECT format('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n%s', length(:'one'), :'one') \g |sed 's/\\r\\n/\r\n/g' |ctl raw small shopify
SELECT try('SELECT id FROM odd');

--
-- Numbers
--

-- Four hundred digits: exact where they fit, an error where they do not.
SELECT repeat('1234567890', 40) AS long \gset
SELECT value(:'long') \g |ctl answer small shopify
SELECT num = :'long', txt = :'long' FROM odd;
SELECT value(:'long') \g |ctl answer small shopify
SELECT js = to_jsonb(:'long'::numeric), j::text = :'long' FROM odd;
SELECT value(:'long') \g |ctl answer small shopify
SELECT try('SELECT big FROM odd');
SELECT value(:'long') \g |ctl answer small shopify
SELECT replace(try('SELECT dbl FROM odd'), :'long', '...');
-- More digits than numeric holds; an exponent that would need a gigabyte.
SELECT value('1e131073') \g |ctl answer small shopify
SELECT try('SELECT num FROM odd');
SELECT value('1e131073') \g |ctl answer small shopify
SELECT try('SELECT js FROM odd');
SELECT value('1' || repeat('0', 200000)) \g |ctl answer small shopify
SELECT try('SELECT num FROM odd');
-- JSON has no NaN, no Infinity, no hexadecimal, no leading zeros or plus.
SELECT value('NaN') \g |ctl answer small shopify
SELECT try('SELECT num FROM odd');
SELECT value('-Infinity') \g |ctl answer small shopify
SELECT try('SELECT num FROM odd');
SELECT value('0x10') \g |ctl answer small shopify
SELECT try('SELECT num FROM odd');
SELECT value('+1') \g |ctl answer small shopify
SELECT try('SELECT num FROM odd');
SELECT value('01') \g |ctl answer small shopify
SELECT try('SELECT num FROM odd');
SELECT value('1.') \g |ctl answer small shopify
SELECT try('SELECT num FROM odd');

-- Nor is a text that numeric takes for one.
SELECT value('"NaN"') \g |ctl answer small shopify
SELECT try('SELECT num FROM odd');
SELECT value('"-inf"') \g |ctl answer small shopify
SELECT try('SELECT dbl FROM odd');

--
-- Characters
--

-- An escaped NUL fits no PostgreSQL text: it becomes U+FFFD, in jsonb as well.
SELECT value('"a\u0000b"') \g |ctl answer small shopify
SELECT try('SELECT concat(txt, '' '', js, '' '', j) FROM odd');
SELECT value('{"k\u0000": "\\u0000"}') \g |ctl answer small shopify
SELECT try('SELECT js FROM odd');
-- A NUL itself does not belong into JSON.  Nor do other control characters, but they harm nobody.
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"v": "a\000b"}]}}}' | ctl answer small shopify
SELECT try('SELECT txt FROM odd');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"v": "a\001b"}]}}}' | ctl answer small shopify
SELECT try('SELECT txt FROM odd');
-- Half of a surrogate pair is no character either, and becomes U+FFFD too.
SELECT value('"\ud800"') \g |ctl answer small shopify
SELECT try('SELECT txt FROM odd');
SELECT value('{"x": "\udc00x"}') \g |ctl answer small shopify
SELECT try('SELECT js FROM odd');
SELECT value('"\ud83d\ude00"') \g |ctl answer small shopify
SELECT try('SELECT txt FROM odd');
-- Bytes that are not UTF-8: overlong, cut off, a surrogate.
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"v": "\300\200"}]}}}' | ctl answer small shopify
SELECT try('SELECT txt FROM odd');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"v": "\342\202"}]}}}' | ctl answer small shopify
SELECT try('SELECT txt FROM odd');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"v": "\355\240\200"}]}}}' | ctl answer small shopify
SELECT try('SELECT js FROM odd');
-- A byte order mark is passed over; another encoding is not.
\! printf '\357\273\277{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": []}}}' | ctl answer small shopify
SELECT try('SELECT count(*) FROM odd');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": []}}}' | iconv -t UTF-16 | ctl answer small shopify
SELECT try('SELECT count(*) FROM odd');

--
-- Structure
--

-- Ten thousand brackets: in a record, beside the records, instead of an answer.
SELECT value(repeat('[', 10000) || repeat(']', 10000)) \g |ctl answer small shopify
SELECT try('SELECT js FROM odd');
SELECT '{"extra": ' || repeat('[', 10000) || repeat(']', 10000) || '}' \g |ctl answer small shopify
SELECT try('SELECT js FROM odd');
SELECT repeat('[', 10000) \g |ctl answer small shopify
SELECT try('SELECT js FROM odd');
SELECT repeat('{"a":', 10000) \g |ctl answer small shopify
SELECT try('SELECT js FROM odd');
-- Of duplicate keys the last one counts, as in jsonb.
SELECT page('{"id": 1, "v": 1, "v": 2}') \g |ctl answer small shopify
SELECT try('SELECT num FROM odd');
-- Two arrays where the records belong; brackets that do not match.
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"id": 1}], "nodes": [{"id": 2}]}}}' | ctl answer small shopify
SELECT try('SELECT id FROM odd');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"id": 1]}}}}' | ctl answer small shopify
SELECT try('SELECT id FROM odd');
\! printf '{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": [{"id": 1}]}}}}' | ctl answer small shopify
SELECT try('SELECT id FROM odd');
-- Records that are none.
SELECT page('[]') \g |ctl answer small shopify
SELECT try('SELECT count(*) FROM odd');
SELECT page('"{}"') \g |ctl answer small shopify
SELECT try('SELECT count(*) FROM odd');

--
-- HTTP
--

-- Gzip that unpacks a thousandfold ends early; damaged and cut off, it is no answer.
\! ctl fault small shopify bomb mb=64
SELECT try('SELECT count(*) FROM odd');
\! for i in 1 2 3 4; do (printf 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n'; printf '{"data": {"orders": {"nodes": []}}}' | gzip -n | head -c 30) | ctl raw small shopify; done
SELECT try('SELECT count(*) FROM odd');
\! for i in 1 2 3 4; do printf 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain' | ctl raw small shopify; done
SELECT try('SELECT count(*) FROM odd');
\! for i in 1 2 3 4; do printf 'HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nplain' | ctl raw small shopify; done
SELECT try('SELECT count(*) FROM odd');
-- A gzip answer in two members is one answer.
\! (printf 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n'; printf '{"data": {"orders": {"pageInfo": {"hasNextPage"' | gzip -n; printf ': false}, "nodes": [{"id": 7}]}}}' | gzip -n) | ctl raw small shopify
SELECT try('SELECT id FROM odd');

-- Heads: a line without end, too many lines, interim answers without end, no HTTP at all.
\! printf 'HTTP/1.1 200 OK\r\nX-Long: ' | ctl raw small shopify xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 100000
SELECT try('SELECT count(*) FROM odd');
\! printf 'HTTP/1.1 200 OK\r\n' | ctl raw small shopify 'X-Many: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n' 100000
SELECT try('SELECT count(*) FROM odd');
\! printf '' | ctl raw small shopify 'HTTP/1.1 100 Continue\r\nX-Wait: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n\r\n' 100000
SELECT try('SELECT count(*) FROM odd');
\! for i in 1 2 3 4; do printf 'SSH-2.0-OpenSSH_9.2\r\n' | ctl raw small shopify; done
SELECT try('SELECT count(*) FROM odd');
-- A few interim answers are in order.
\! printf 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": []}}}' | ctl raw small shopify
SELECT try('SELECT count(*) FROM odd');
-- Bodies: fewer bytes than announced, more of them, chunks that break off or make no sense.
\! for i in 1 2 3 4; do printf 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": []}}}' | ctl raw small shopify; done
SELECT try('SELECT count(*) FROM odd');
\! printf 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"data": {"orders": {"pageInfo": {"hasNextPage": false}, "nodes": []}}}' | ctl raw small shopify
SELECT try('SELECT count(*) FROM odd');
\! for i in 1 2 3 4; do printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"data": ' | ctl raw small shopify; done
SELECT try('SELECT count(*) FROM odd');
\! for i in 1 2 3 4; do printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{"data": ' | ctl raw small shopify; done
SELECT try('SELECT count(*) FROM odd');
-- Words of a head can be any bytes, and our own credential: shown is neither, here nor in the statistics.
\! printf 'HTTP/1.1 400 Bad\r\nX-Request-Id: shpat_test \377\376\r\nContent-Length: 2\r\n\r\n{}' | ctl raw small shopify
SELECT try('SELECT count(*) FROM odd');
SELECT last_error, convert_from(convert_to(last_error, 'UTF8'), 'UTF8') = last_error FROM momentum.stat_scan WHERE server = 'shop';
\! printf 'HTTP/1.1 400 Bad\r\nContent-Type: text/shpat_test\377\r\nContent-Length: 2\r\n\r\nno' | ctl raw small shopify
SELECT try('SELECT count(*) FROM odd');
\! printf 'HTTP/1.1 200 OK\r\nContent-Type: text/shpat_test\377\r\nContent-Length: 2\r\n\r\nno' | ctl raw small shopify
SELECT try('SELECT count(*) FROM odd');
-- Nothing where something belongs, and something that is not meant for us.
\! ctl fault small shopify status status=204 body=
SELECT try('SELECT count(*) FROM odd');
\! ctl fault small shopify status status=304 body=
SELECT try('SELECT count(*) FROM odd');
\! ctl fault small shopify html
SELECT try('SELECT count(*) FROM odd');

--
-- Pages
--

-- A next page elsewhere: the credential does not go there.
\! printf '{"data": [{"type": "profile", "id": "1", "attributes": {}}], "links": {"next": "https://evil.example/api/profiles?page%%5Bcursor%%5D=a"}}' | ctl answer small klaviyo
\! ctl clearlog
SELECT try('SELECT count(*) FROM mail.profiles');
-- The same next page again.
\! for i in 1 2; do printf '{"data": [{"type": "profile", "id": "1", "attributes": {}}], "links": {"next": "%s/small/klaviyo/api/profiles?page%%5Bcursor%%5D=a"}}' $MOMENTUM_SIM | ctl answer small klaviyo; done
SELECT try('SELECT count(*) FROM mail.profiles');
-- A cursor that has expired.
SELECT '{"data": {"orders": {"pageInfo": {"hasNextPage": true, "endCursor": "abc"}, "nodes": [{"id": 1}]}}}' \g |ctl answer small shopify
\! ctl fault small shopify stale_cursor
SELECT try('SELECT count(*) FROM odd');
-- As many pages as we have patience for.
ALTER SERVER shop OPTIONS (ADD max_pages '0');
ALTER SERVER shop OPTIONS (ADD max_pages '1');
SELECT '{"data": {"orders": {"pageInfo": {"hasNextPage": true, "endCursor": "abc"}, "nodes": [{"id": 1}]}}}' \g |ctl answer small shopify
SELECT try('SELECT count(*) FROM odd');
SELECT try('SELECT count(*) FROM shop.orders');
ALTER SERVER shop OPTIONS (DROP max_pages);
-- A byte now and then: each wait has an end, and so has the sum of them.
ALTER SERVER shop OPTIONS (ADD scan_timeout '1');
\! ctl fault small shopify drip ms=20
SELECT try('SELECT count(*) FROM shop.orders');
ALTER SERVER shop OPTIONS (DROP scan_timeout);
-- A large answer, where it was not expected.
ALTER SERVER shop OPTIONS (ADD max_answer '1');
\! ctl fault small shopify huge mb=2
SELECT try('SELECT count(*) FROM shop.orders');
ALTER SERVER shop OPTIONS (DROP max_answer);

--
-- Completeness: as many records as the service says there are
--
\set ads_base :sim '/small/tiktok'
CREATE SERVER ads FOREIGN DATA WRAPPER tiktok_ads_fdw
    OPTIONS (advertiser_id '7012345678901234567', base_url :'ads_base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER ads OPTIONS (credential 'tiktok_test');
CREATE SCHEMA ads;
IMPORT FOREIGN SCHEMA api LIMIT TO (campaigns) FROM SERVER ads INTO ads;
CREATE FUNCTION listed(total text, page int, pages int, VARIADIC ids text[]) RETURNS text LANGUAGE sql AS $$
    SELECT format('{"code": 0, "message": "OK", "data": {"list": [%s], "page_info": {"page": %s, "total_page": %s, "total_number": %s}}}',
               string_agg(format('{"campaign_id": "%s"}', id), ','), page, pages, total)
      FROM unnest(ids) AS id
$$;
SELECT listed('2', 1, 1, '1', '2') \g |ctl answer small tiktok
SELECT try('SELECT count(*) FROM ads.campaigns');
-- One is missing; one is too many; something that is no count.
SELECT listed('3', 1, 1, '1', '2') \g |ctl answer small tiktok
SELECT try('SELECT count(*) FROM ads.campaigns');
SELECT listed('1', 1, 1, '1', '2') \g |ctl answer small tiktok
SELECT try('SELECT count(*) FROM ads.campaigns');
SELECT listed('"many"', 1, 1, '1', '2') \g |ctl answer small tiktok
SELECT try('SELECT count(*) FROM ads.campaigns');
-- A LIMIT that is met before the end of the list makes no claim about it.
SELECT listed('3', 1, 2, '1', '2') \g |ctl answer small tiktok
SELECT try('SELECT campaign_id FROM ads.campaigns LIMIT 1');
-- A list that grows while it is read is no error; one that shrinks may have hidden a record.
SELECT listed('3', 1, 2, '1', '2') \g |ctl answer small tiktok
SELECT listed('4', 2, 2, '3', '4') \g |ctl answer small tiktok
SELECT try('SELECT count(*) FROM ads.campaigns');
SELECT listed('4', 1, 2, '1', '2') \g |ctl answer small tiktok
SELECT listed('3', 2, 2, '4') \g |ctl answer small tiktok
SELECT try('SELECT count(*) FROM ads.campaigns');
-- Whoever can live with it is warned.
ALTER SERVER ads OPTIONS (ADD on_mismatch 'ignore');
ALTER SERVER ads OPTIONS (ADD on_mismatch 'warning');
SELECT listed('3', 1, 1, '1', '2') \g |ctl answer small tiktok
SELECT try('SELECT count(*) FROM ads.campaigns');

--
-- Filters
--

-- A service that ignores a filter it is known for: none of its rows are used.
SELECT page('{"legacyResourceId": 11002}') \g |ctl answer small shopify
SELECT try('SELECT id FROM shop.orders WHERE id = 11001');
SELECT page('{"name": "#1"}') \g |ctl answer small shopify
SELECT try('SELECT name FROM shop.orders WHERE id = 11001');
SELECT page('{"createdAt": "2026-01-01T00:00:00Z"}') \g |ctl answer small shopify
SELECT try('SELECT created_at FROM shop.orders WHERE created_at >= ''2026-02-01Z''');
SELECT page('{"createdAt": "2026-02-02T00:00:00Z"}') \g |ctl answer small shopify
SELECT try('SELECT created_at FROM shop.orders WHERE created_at < ''2026-02-01Z''');
-- One that was changed after the service had found it is left out, and no more.
SELECT page(format('{"updatedAt": "%s"}', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))) \g |ctl answer small shopify
SELECT try('SELECT updated_at FROM shop.orders WHERE updated_at < ''2026-02-01Z''');
-- What was asked more coarsely than it is meant may give more rows than match.
SELECT page('{"createdAt": "2026-02-01T00:00:00Z"}') \g |ctl answer small shopify
SELECT try('SELECT count(*) FROM shop.orders WHERE created_at >= ''2026-02-01 00:00:00.5Z''');
-- So may a filter that finds names beginning with the word.
SELECT page('{"name": "#10011"}, {"name": "#1001"}') \g |ctl answer small shopify
SELECT try('SELECT string_agg(name, '','') FROM shop.orders WHERE name = ''#1001''');
-- A day that no instant has.
SELECT try('SELECT count(*) FROM shop.orders WHERE created_at < date ''5000000-01-01''');
SELECT try('SELECT count(*) FROM shop.orders WHERE created_at > date ''4714-11-24 BC''');
SELECT try('SELECT count(*) FROM shop.orders WHERE created_at < date ''infinity''');
SELECT try('SELECT count(*) FROM shop.orders WHERE created_at >= date ''5000000-01-01''');

--
-- Secrets
--

-- A service that sends our credential back where a number belongs.
SELECT value('"shpat_test"') \g |ctl answer small shopify
SELECT try('SELECT num FROM odd');
SELECT value('"1 shpat_test 2"') \g |ctl answer small shopify
SELECT big FROM odd;
SELECT value('{"token": "shpat_test"}') \g |ctl answer small shopify
SELECT try('SELECT num FROM odd');
SELECT page('{"legacyResourceId": "shpat_test"}') \g |ctl answer small shopify
SELECT try('SELECT id FROM shop.orders');
-- A line break in a credential writes no header of its own.
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (SET credential E'shpat_test\r\nX-More: 1');
SELECT try('SELECT count(*) FROM odd');
ALTER USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (SET credential 'shpat_test');
-- A user name in an address.
ALTER SERVER shop OPTIONS (SET base_url 'http://user:word@127.0.0.1/');

--
-- Servers that change while they are read
--
BEGIN;
DECLARE c CURSOR FOR SELECT id FROM shop.orders;
FETCH 2 FROM c;
-- Dropped by another session, it waits for us; by our own, it is in use.
\! psql -X -d test_bad_input -c "SET lock_timeout = '100ms'" -c 'DROP SERVER shop CASCADE' 2>&1 | grep ERROR
SAVEPOINT s;
DROP SERVER shop CASCADE;
ROLLBACK TO s;
-- What is altered meanwhile holds from the next scan on.
\! psql -X -q -d test_bad_input -c "ALTER SERVER shop OPTIONS (SET base_url 'http://127.0.0.1:1')" -c "DROP USER MAPPING FOR CURRENT_USER SERVER shop"
FETCH 1 FROM c;
COMMIT;
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
PREPARE of_now AS SELECT count(*) FROM shop.orders;
EXECUTE of_now;
ALTER SERVER shop OPTIONS (SET base_url :'base');
EXECUTE of_now;
EXECUTE of_now;
DROP SERVER shop CASCADE;
EXECUTE of_now;
