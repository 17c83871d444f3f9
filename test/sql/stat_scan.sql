-- What was asked of the services, their limits and breakers, in views.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/shopify'
\set mail :sim '/small/klaviyo'
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
CREATE SERVER mail FOREIGN DATA WRAPPER klaviyo_fdw OPTIONS (base_url :'mail', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER mail OPTIONS (credential 'pk_test');
CREATE SCHEMA mail;
IMPORT FOREIGN SCHEMA api FROM SERVER mail INTO mail;

-- Nothing was asked yet; EXPLAIN asks nothing.
SELECT count(*) FROM momentum.stat_scan;
EXPLAIN (COSTS OFF) SELECT * FROM shop.orders;
SELECT count(*) FROM momentum.stat_scan;

-- Counted is what was asked, rolled back or not.
SELECT count(*) FROM shop.orders;
BEGIN READ ONLY;
SELECT count(*) FROM shop.orders;
ROLLBACK;
SELECT server, resource, scans, requests, status_2xx, failures, errors, retries, waits, rows, bytes > 0 AS bytes
  FROM momentum.stat_scan;

-- By status; and the last error, without the secret that the service repeats.
\! ctl fault small shopify status status=503 retry_after=0
\! ctl fault small shopify cut bytes=100 after=1
SELECT count(*) FROM shop.orders;
\! ctl fault small shopify status status=404 body='{"errors": "not here, shpat_test"}'
\set VERBOSITY terse
SELECT count(*) FROM shop.orders;
\set VERBOSITY default
\! ctl fault small klaviyo throttle seconds=0
SELECT count(*) FROM mail.metrics;
SELECT server, resource, scans, requests, status_2xx, status_4xx, status_429, status_5xx, failures, errors, retries, throttled
  FROM momentum.stat_scan ORDER BY server;
SELECT last_sqlstate, last_error, last_error_at <= now() AS then FROM momentum.stat_scan WHERE server = 'shop';

-- The limits are those that the services tell.
SELECT server, bucket, capacity, available > 0 AS available, refill, window_seconds, paused_until, waiters, refusals, breaker
  FROM momentum.stat_limit ORDER BY server, bucket;
\! ctl set small shopify plan=advanced
SELECT count(*) FROM shop.orders;
SELECT capacity, refill FROM momentum.stat_limit WHERE server = 'shop';
\! ctl fault small klaviyo throttle seconds=500
\set VERBOSITY terse
SELECT count(*) FROM mail.metrics;
SELECT count(*) FROM mail.metrics;
\set VERBOSITY default
SELECT bucket, available, paused_until - now() BETWEEN '490 s' AND '500 s' AS paused
  FROM momentum.stat_limit WHERE server = 'mail' ORDER BY bucket;
-- Others of the same service are not paused.
SELECT count(*) FROM mail.lists;
SELECT momentum.reset_limits('mail');
SELECT count(*) FROM mail.metrics;

-- An account may have been given more than is usual, or less.
CREATE SERVER fast FOREIGN DATA WRAPPER google_sheets_fdw OPTIONS (spreadsheet_id 'x', rate_limits 'reads=300,');
CREATE SERVER fast FOREIGN DATA WRAPPER google_sheets_fdw OPTIONS (spreadsheet_id 'x', rate_limits 'reads=0');
CREATE SERVER fast FOREIGN DATA WRAPPER google_sheets_fdw OPTIONS (spreadsheet_id 'x', rate_limits 'reads=300');

-- The breaker: three failures, and the server is left alone.
SET momentum.breaker_failures = 3;
\! ctl fault small shopify status status=500 retry_after=0 times=-1
\set VERBOSITY terse
SELECT count(*) FROM shop.orders;
SELECT count(*) FROM shop.orders;
SELECT count(*) FROM shop.orders;
\! ctl clearlog
SELECT count(*) FROM shop.orders;
\! ctl count small shopify
\set VERBOSITY default
SELECT breaker, breaker_failures, breaker_since <= now() AS since, breaker_until > now() AS until, breaker_error
  FROM momentum.stat_limit WHERE server = 'shop';
\! ctl reset
SELECT momentum.reset_limits('shop');
SELECT count(*) FROM shop.orders;
SELECT DISTINCT breaker FROM momentum.stat_limit;
RESET momentum.breaker_failures;

-- Who may look: not everybody.
CREATE ROLE stat_nobody;
SET ROLE stat_nobody;
SELECT * FROM momentum.stat_scan;
RESET ROLE;
GRANT pg_read_all_stats TO stat_nobody;
SET ROLE stat_nobody;
SELECT count(*) FROM momentum.stat_scan;
SELECT momentum.stat_reset();
RESET ROLE;
-- With the rights of the views but not of all statistics: servers that the role may use.
REVOKE pg_read_all_stats FROM stat_nobody;
GRANT USAGE ON SCHEMA momentum TO stat_nobody;
GRANT SELECT ON momentum.stat_scan TO stat_nobody;
GRANT EXECUTE ON FUNCTION momentum._stat_scan() TO stat_nobody;
GRANT USAGE ON FOREIGN SERVER mail TO stat_nobody;
SET ROLE stat_nobody;
SELECT DISTINCT server FROM momentum.stat_scan;
RESET ROLE;

-- Anew, for one server.  A server that is dropped is gone from the views.
SELECT momentum.stat_reset('shop');
SELECT server, sum(requests) > 0 AS asked FROM momentum.stat_scan GROUP BY server ORDER BY server;
SELECT momentum.stat_reset('no_such');
SET client_min_messages = warning;
DROP SERVER mail CASCADE;
SELECT DISTINCT server FROM momentum.stat_scan;
-- A long page that breaks off while it is used is asked for again; its rows count once, and all.
\! ctl fault small shopify huge mb=8 times=2
\! ctl fault small shopify cut bytes=6500000
SELECT count(*) AS found FROM shop.products \gset
SELECT requests, retries, rows > 50000 AS long, rows = :found AS counted
  FROM momentum.stat_scan WHERE server = 'shop' AND resource = 'products';
DROP OWNED BY stat_nobody;
DROP ROLE stat_nobody;
