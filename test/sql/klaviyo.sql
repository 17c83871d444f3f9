-- Klaviyo: an account's lists, aggregates of metrics and reports as foreign tables.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/klaviyo'
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
RESET client_min_messages;
\pset null '-'

-- What a query would ask, without the port of the day: a parameter a line, decoded.
CREATE FUNCTION request(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text; part text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS off) ' || query LOOP
        CONTINUE WHEN line !~ '^ +(Request|Body|Asked|Checked)';
        line := ltrim(regexp_replace(line, 'http://127.0.0.1:\d+/small/klaviyo', ''));
        FOREACH part IN ARRAY regexp_split_to_array(line, '[?&]') LOOP
            SELECT convert_from(string_agg(
                       CASE WHEN m[1] ~ '^%..' THEN decode(substr(m[1], 2), 'hex')
                            ELSE convert_to(m[1], 'UTF8') END, '' ORDER BY n), 'UTF8')
              FROM regexp_matches(part, '%[0-9A-F]{2}|.', 'g') WITH ORDINALITY AS r (m, n)
              INTO part;
            RETURN NEXT part;
        END LOOP;
    END LOOP;
END $$;

-- What it took.
CREATE FUNCTION effort(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) ' || query LOOP
        IF line ~ '^ +(Requests|Pages|Retries)' THEN RETURN NEXT trim(line); END IF;
    END LOOP;
END $$;

--
-- Connecting
--
\set VERBOSITY terse
CREATE SERVER mail FOREIGN DATA WRAPPER klaviyo_fdw OPTIONS (account 'AbC123');
\set VERBOSITY default
CREATE SERVER mail FOREIGN DATA WRAPPER klaviyo_fdw OPTIONS (revision 'latest');
CREATE SERVER mail FOREIGN DATA WRAPPER klaviyo_fdw OPTIONS (time_zone 'New York');
CREATE SERVER mail FOREIGN DATA WRAPPER klaviyo_fdw
    OPTIONS (base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER mail OPTIONS (credential 'pk_test');
CREATE SCHEMA klaviyo;
IMPORT FOREIGN SCHEMA api FROM SERVER mail INTO klaviyo;
SET search_path = klaviyo, public;
SELECT foreign_table_name FROM information_schema.foreign_tables
 ORDER BY foreign_table_name COLLATE "C";

-- The account; its zone is that of the reports.
SELECT * FROM account;
ALTER SERVER mail OPTIONS (ADD time_zone 'America/New_York');

--
-- Lists of things
--
SELECT id, name, integration_name, integration_category, created FROM metrics ORDER BY id;
SELECT id FROM metrics WHERE name = 'Placed Order' AND integration_name = 'Shopify';
-- Every channel is asked for, and what is archived by itself; conditions choose.
SELECT id, name, channel, archived, status, created_at, scheduled_at FROM campaigns ORDER BY id;
\! "$PG_ABS_SRCDIR/simulator/ctl" clearlog
SELECT count(*) FROM campaigns;
\! "$PG_ABS_SRCDIR/simulator/ctl" count small klaviyo campaigns
\! "$PG_ABS_SRCDIR/simulator/ctl" clearlog
SELECT id, send_time FROM campaigns WHERE channel = 'sms' AND archived ORDER BY id;
\! "$PG_ABS_SRCDIR/simulator/ctl" count small klaviyo campaigns
SELECT id FROM campaigns WHERE channel IN ('sms', 'mobile_push') AND NOT archived;
SELECT id FROM campaigns WHERE channel = 'letter';
SELECT * FROM flows ORDER BY id;
SELECT name, opt_in_process, created, updated FROM lists
 WHERE updated >= '2026-02-23 15:00:00.000022+00';
SELECT id, email, phone_number, external_id, first_name, last_name, organization, locale, title,
       city, country, last_event_date, properties
  FROM profiles ORDER BY id LIMIT 3;
-- Pages are followed to the end: 23 lists are three pages of ten.
SELECT effort('SELECT * FROM lists');
SELECT count(*), count(DISTINCT id) FROM lists;
SELECT count(*), count(email), min(created), max(updated) FROM profiles;

-- Only the fields that the query needs are asked for.
\a \t
SELECT request('SELECT id FROM metrics');
SELECT request('SELECT name, integration_name, integration_category FROM metrics');
SELECT request('SELECT email, city, time_zone FROM profiles');
SELECT request('SELECT * FROM account');
SELECT request('SELECT count(*) FROM lists');
\a \t

-- Conditions that the service knows go to it.
\a \t
SELECT request($$SELECT name FROM metrics WHERE integration_name = 'Shopify'$$);
SELECT request($$SELECT name FROM campaigns
                  WHERE NOT archived AND status = 'Sent' AND updated_at >= '2026-02-01'
                    AND name = 'A "b"'$$);
SELECT request($$SELECT id FROM flows
                  WHERE archived = true AND trigger_type = 'Metric' AND created < '2026-02-01'$$);
SELECT request($$SELECT id FROM lists WHERE name = 'Newsletter'$$);
\a \t
-- Profiles are found by "later" and "earlier" alone: an inclusive bound is
-- asked for a second wider, and every row checked again.
\a \t
SELECT request($$SELECT email FROM profiles
                  WHERE updated >= '2026-02-28' AND updated <= '2026-03-05 00:00:00.5'$$);
\a \t
SELECT id, updated FROM profiles WHERE updated >= '2026-03-01 15:00:00.000018+00' ORDER BY id;
SELECT id, updated FROM profiles WHERE updated > '2026-03-01 15:00:00.000018+00' ORDER BY id;
SELECT id FROM profiles WHERE email = 'zoë@example.com' AND last_name = 'O''Neil';
SELECT name FROM campaigns WHERE name = 'Campaign 2 "quoted" – é';
SELECT id FROM flows WHERE id = 'x"]),equals(status,"live';

--
-- Aggregates: events of one metric, by day and dimension, on the day they happened
--

-- The metric has to be named.
SELECT * FROM metric_aggregates WHERE day = '2026-03-07';
SELECT * FROM metric_aggregates WHERE metric_id IN ('RESQ6t', 'KLsub1') AND day = '2026-03-07';
\a \t
SELECT request($$SELECT * FROM metric_aggregates
                  WHERE metric_id = 'RESQ6t' AND day BETWEEN '2026-03-06' AND '2026-03-08'$$);
\a \t
-- Empty is what nothing is credited with.  The e-mail's order of 23:30 lies on
-- its own day in New York also when the clocks change, on the 8th.
SELECT * FROM metric_aggregates
 WHERE metric_id = 'RESQ6t' AND day BETWEEN '2026-03-06' AND '2026-03-09' ORDER BY day, dimension;
-- In UTC it is the next day's, where the mail of the day before counts.
CREATE FOREIGN TABLE utc (metric_id text, day date, dimension text, sum_value numeric)
    SERVER mail OPTIONS (resource 'metric_aggregates', time_zone 'UTC');
SELECT day, dimension, sum_value FROM utc
 WHERE metric_id = 'RESQ6t' AND day BETWEEN '2025-12-31' AND '2026-01-02' ORDER BY day, dimension;
SELECT day, dimension, sum_value FROM metric_aggregates
 WHERE metric_id = 'RESQ6t' AND day BETWEEN '2025-12-31' AND '2026-01-02' ORDER BY day, dimension;
CREATE FOREIGN TABLE mars (metric_id text, day date, count numeric)
    SERVER mail OPTIONS (resource 'metric_aggregates', time_zone 'Mars/Olympus');
SELECT * FROM mars WHERE metric_id = 'RESQ6t' AND day = '2026-01-02';

-- Other dimensions, also two of them
CREATE FOREIGN TABLE by_list (metric_id text, day date, dimension text, count numeric)
    SERVER mail OPTIONS (resource 'metric_aggregates', by 'List');
SELECT dimension, sum(count), count(*) FROM by_list
 WHERE metric_id = 'KLsub1' AND day BETWEEN '2026-01-01' AND '2026-01-31'
 GROUP BY dimension ORDER BY dimension;
CREATE FOREIGN TABLE by_message (metric_id text, day date, dimension text, sum_value numeric)
    SERVER mail OPTIONS (resource 'metric_aggregates',
                         by '$attributed_channel,$attributed_message');
SELECT dimension, sum(sum_value) FROM by_message
 WHERE metric_id = 'RESQ6t' AND day BETWEEN '2026-02-01' AND '2026-02-28'
 GROUP BY dimension ORDER BY dimension;
CREATE FOREIGN TABLE by_mood (metric_id text, day date, dimension text, sum_value numeric)
    SERVER mail OPTIONS (resource 'metric_aggregates', by 'mood');
SELECT * FROM by_mood WHERE metric_id = 'RESQ6t' AND day = '2026-02-01';

-- A year at most is asked for at once; more is put together.
\! "$PG_ABS_SRCDIR/simulator/ctl" clearlog
SELECT sum(count), sum(sum_value), min(day), max(day) FROM metric_aggregates
 WHERE metric_id = 'RESQ6t' AND day BETWEEN '2024-07-01' AND '2026-03-10';
\! "$PG_ABS_SRCDIR/simulator/ctl" count small klaviyo metric-aggregates
-- Further pages are asked for by the cursor within the service's link.
CREATE FOREIGN TABLE paged (metric_id text, day date, dimension text, sum_value numeric)
    SERVER mail OPTIONS (resource 'metric_aggregates', fetch_size '1');
SELECT effort($$SELECT * FROM paged
                 WHERE metric_id = 'RESQ6t' AND day BETWEEN '2026-02-01' AND '2026-02-28'$$);
SELECT dimension, sum(sum_value) FROM paged
 WHERE metric_id = 'RESQ6t' AND day BETWEEN '2026-02-01' AND '2026-02-28'
 GROUP BY dimension ORDER BY dimension;
SELECT dimension, sum(sum_value) FROM metric_aggregates
 WHERE metric_id = 'RESQ6t' AND day BETWEEN '2026-02-01' AND '2026-02-28'
 GROUP BY dimension ORDER BY dimension;

-- Without an upper bound the last day is today in the zone of the days, wherever the session is; no later one is asked for.
CREATE FOREIGN TABLE ahead (metric_id text, day date, sum_value numeric)
    SERVER mail OPTIONS (resource 'metric_aggregates', time_zone 'Pacific/Kiritimati');
SET timezone = 'Etc/GMT+12';
SELECT bound, position(format('less-than(datetime,%sT00:00:00)', (now() AT TIME ZONE 'Pacific/Kiritimati')::date + 1) IN
           string_agg(line, '')) > 0 AS until_its_today
  FROM (VALUES ('none', ''), ('far', $$ AND day < '2999-01-01'$$)) AS b (bound, condition),
       request(format('SELECT * FROM ahead WHERE metric_id = ''RESQ6t'' AND day >= %L', current_date - 20) || condition) AS line
 GROUP BY 1 ORDER BY 1;
RESET timezone;

-- The metric is a parameter.
PREPARE revenue(text) AS SELECT sum(sum_value) FROM metric_aggregates
 WHERE metric_id = $1 AND day BETWEEN '2026-02-01' AND '2026-02-28' AND dimension = 'email';
EXECUTE revenue('RESQ6t');
EXECUTE revenue('KLsub1');
EXECUTE revenue(NULL);
EXECUTE revenue('nothing');

--
-- Reports: what messages did, on the day they were sent.  The days asked for
-- are the timeframe, each row tells its first.
--
SELECT count(*) FROM campaign_values WHERE conversion_metric_id = 'RESQ6t';
SELECT count(*) FROM campaign_values WHERE day = '2026-02-01';
\a \t
SELECT request($$SELECT * FROM campaign_values
                  WHERE conversion_metric_id = 'RESQ6t'
                    AND day BETWEEN '2026-02-01' AND '2026-02-28'$$);
\a \t
SELECT campaign_id, send_channel, day, recipients, delivered, opens, opens_unique, clicks,
       clicks_unique, conversions, conversion_value, unsubscribes, spam_complaints
  FROM campaign_values
 WHERE conversion_metric_id = 'RESQ6t' AND day BETWEEN '2026-02-01' AND '2026-02-28'
 ORDER BY campaign_id;
SELECT flow_id, flow_message_id, day, recipients, conversions, conversion_value FROM flow_values
 WHERE conversion_metric_id = 'RESQ6t' AND day = '2026-02-03' ORDER BY flow_id;
SELECT flow_id, conversions, conversion_value FROM flow_values
 WHERE conversion_metric_id = 'KLsub1' AND day > '2026-02-02' AND day < '2026-02-05'
 ORDER BY flow_id;
-- Further pages of a report come by a cursor in the query.
\set report '{"data":{"attributes":{"results":[{"groupings":{"flow_id":"F0"}}]}},'
\set report :report '"links":{"next":"https://a.klaviyo.com/api/flow-values-reports'
\set report :report '?x=1&page_cursor=a%2Fb"}}'
\setenv REPORT :report
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small klaviyo status status=200 body="$REPORT"
SELECT flow_id FROM flow_values WHERE conversion_metric_id = 'RESQ6t' AND day = '2026-02-03';
\! "$PG_ABS_SRCDIR/simulator/ctl" log small klaviyo page_cursor=

--
-- Trouble
--

-- Too fast: again, when the service says; a quota that is gone for the day is told at once.
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small klaviyo throttle seconds=0
SELECT effort('SELECT * FROM metrics');
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small klaviyo throttle seconds=73473
\set VERBOSITY terse
SELECT count(*) FROM flow_values WHERE conversion_metric_id = 'RESQ6t' AND day = '2026-02-03';
\set VERBOSITY default
SELECT momentum.reset_limits('mail');
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small klaviyo transient
SELECT effort('SELECT * FROM metrics');
-- Errors beside data mean that the answer is not whole.
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small klaviyo partial
SELECT effort('SELECT * FROM metrics');

-- A cursor that has gone stale, in a list and in aggregates
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small klaviyo stale_cursor match=page%5Bcursor%5D
SELECT count(*) FROM lists;
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small klaviyo stale_cursor match=page_cursor
SELECT count(*) FROM paged WHERE metric_id = 'RESQ6t' AND day = '2026-02-01';
SELECT count(*) FROM paged WHERE metric_id = 'RESQ6t' AND day = '2026-02-01';

-- The edge's page for robots: not a missing right, so it is tried again, for a while.
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small klaviyo status status=403 body='"Attention"'
SELECT effort('SELECT * FROM metrics');
\! "$PG_ABS_SRCDIR/simulator/ctl" set small klaviyo html=403
SELECT count(*) FROM metrics;
\! "$PG_ABS_SRCDIR/simulator/ctl" set small klaviyo html=502
SELECT count(*) FROM metrics;
\! "$PG_ABS_SRCDIR/simulator/ctl" reset

-- Refused
\! "$PG_ABS_SRCDIR/simulator/ctl" set small klaviyo scopes=\"metrics:read\"
SELECT count(*) FROM metrics;
SELECT count(*) FROM profiles;
\! "$PG_ABS_SRCDIR/simulator/ctl" reset
ALTER USER MAPPING FOR CURRENT_USER SERVER mail OPTIONS (SET credential 'pk_wrong');
SELECT count(*) FROM metrics;
-- Keys are bare here: a credential must not choose by itself where it is posted to.
SELECT format('{"client_id": "a", "client_secret": "b", "token_uri": "%s/small/token"}', :'sim') AS object \gset
ALTER USER MAPPING FOR CURRENT_USER SERVER mail OPTIONS (SET credential :'object');
SELECT count(*) FROM metrics;
\! "$PG_ABS_SRCDIR/simulator/ctl" count small token
ALTER USER MAPPING FOR CURRENT_USER SERVER mail OPTIONS (SET credential 'pk_test');
ALTER SERVER mail OPTIONS (ADD revision '2020-01-01');
SELECT count(*) FROM metrics;
ALTER SERVER mail OPTIONS (SET revision '2025-10-15');
SELECT count(*) FROM metrics;
SELECT count(*) FROM campaign_values
 WHERE conversion_metric_id = 'RESQ6t' AND day BETWEEN '2026-03-01' AND '2026-03-31';
SELECT count(*) FROM campaigns WHERE status = 'Lost';

-- An account where nothing happened is not an error.
\set base :sim '/empty/klaviyo'
CREATE SERVER quiet FOREIGN DATA WRAPPER klaviyo_fdw
    OPTIONS (base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER quiet OPTIONS (credential 'pk_test');
CREATE SCHEMA quiet;
IMPORT FOREIGN SCHEMA api FROM SERVER quiet INTO quiet;
SELECT (SELECT count(*) FROM quiet.metric_aggregates WHERE metric_id = 'RESQ6t') AS aggregates,
       (SELECT count(*) FROM quiet.campaigns) AS campaigns,
       (SELECT count(*) FROM quiet.profiles) AS profiles,
       (SELECT count(*) FROM quiet.campaign_values
         WHERE conversion_metric_id = 'RESQ6t' AND day = current_date - 1) AS reports;
