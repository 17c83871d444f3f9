-- TikTok Ads: an advertiser's objects and daily reports as foreign tables.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/tiktok'
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
RESET client_min_messages;
\pset null '-'

-- What a query would ask, without the port of the day: a parameter a line, decoded.
CREATE FUNCTION request(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text; part text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS off) ' || query LOOP
        CONTINUE WHEN line !~ '^ +(Request|Asked|Checked)';
        line := ltrim(regexp_replace(line, 'http://127.0.0.1:\d+/small/tiktok', ''));
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

-- What it ends in; the number of the request differs.
CREATE FUNCTION refused(query text) RETURNS TABLE (state text, said text) LANGUAGE plpgsql AS $$
DECLARE detail text; hint text;
BEGIN
    EXECUTE query;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, said = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT;
    said := concat_ws(E'\n', said, regexp_replace(detail, '\d{20,}', 'N'), nullif(hint, ''));
    RETURN NEXT;
END $$;

--
-- Connecting
--
CREATE SERVER ads FOREIGN DATA WRAPPER tiktok_ads_fdw;
CREATE SERVER ads FOREIGN DATA WRAPPER tiktok_ads_fdw OPTIONS (advertiser_id '70x');
\set VERBOSITY terse
CREATE SERVER ads FOREIGN DATA WRAPPER tiktok_ads_fdw OPTIONS (account '7012345678901234567');
\set VERBOSITY default
CREATE SERVER ads FOREIGN DATA WRAPPER tiktok_ads_fdw
    OPTIONS (advertiser_id '7012345678901234567', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER ads OPTIONS (credential 'tiktok_test');
CREATE SCHEMA tiktok;
IMPORT FOREIGN SCHEMA api FROM SERVER ads INTO tiktok;
SELECT foreign_table_name FROM information_schema.foreign_tables
 ORDER BY foreign_table_name COLLATE "C";

-- The account, or another one that the credential may see
SELECT * FROM tiktok.advertiser;
SELECT name, currency, time_zone FROM tiktok.advertiser WHERE advertiser_id = '7012345678901234999';

--
-- Objects: deleted ones are there too.  The service writes instants without
-- their zone; they are UTC whatever the session's zone is.
--
SELECT campaign_id, campaign_name, budget, budget_mode, secondary_status, modify_time
  FROM tiktok.campaigns ORDER BY campaign_id;
SET timezone = 'Asia/Tokyo';
SELECT adgroup_id, adgroup_name, secondary_status, modify_time FROM tiktok.adgroups ORDER BY adgroup_id;
RESET timezone;
SELECT ad_id, adgroup_id, ad_name, secondary_status, modify_time FROM tiktok.ads ORDER BY ad_id;

-- Asked for are the columns that the query needs; the key too, since that is
-- what tells one page from another.  Conditions the service knows go to it.
\a \t
SELECT request('SELECT campaign_name FROM tiktok.campaigns');
SELECT request($$SELECT ad_name FROM tiktok.ads WHERE adgroup_id = '1714125049901106001' AND ad_name = 'Draft'$$);
SELECT request('SELECT name FROM tiktok.advertiser');
\a \t
SELECT ad_name FROM tiktok.ads WHERE adgroup_id = '1714125049901106001' ORDER BY ad_id;
SELECT ad_name FROM tiktok.ads
 WHERE campaign_id = '1714125042508817002' AND adgroup_id = '1714125049901106002' ORDER BY ad_id;
-- Of two conditions on a column one is asked for: the filter is an object. A lookup's keys are it.
SELECT request($$SELECT ad_id FROM tiktok.ads
                  WHERE campaign_id = '1714125042508817001' AND campaign_id IN ('1714125042508817001', '1714125042508817002')$$);
SELECT ad_id FROM tiktok.ads
 WHERE campaign_id = '1714125042508817001' AND campaign_id IN ('1714125042508817001', '1714125042508817002') ORDER BY ad_id;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_nestloop = off;
SELECT effort($$SELECT ad_id FROM (VALUES ('1714125042508817001'), ('1714125042508817002')) v (c)
                  JOIN tiktok.ads ON campaign_id = c AND campaign_id IN ('1714125042508817001', '9')$$);
SELECT ad_id FROM (VALUES ('1714125042508817001'), ('1714125042508817002')) v (c)
  JOIN tiktok.ads ON campaign_id = c AND campaign_id IN ('1714125042508817001', '9') ORDER BY ad_id;
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_nestloop;

-- Many ids go in one request, a hundred at most: the rest in another.
\a \t
SELECT request($$SELECT ad_name FROM tiktok.ads WHERE ad_id IN ('1714125055503309001', '1714125055503309004')$$);
SELECT request($$SELECT spend FROM tiktok.ad_daily
                  WHERE ad_id IN ('1714125055503309001', '1714125055503309004') AND day = '2026-01-01'$$);
\a \t
SELECT ad_name, spend FROM tiktok.ad_daily
 WHERE ad_id IN ('1714125055503309001', '1714125055503309004') AND day = '2026-01-01' ORDER BY ad_id;
SELECT count(*) FROM tiktok.ads
 WHERE ad_id = ANY (ARRAY(SELECT 1714125055503309000 + n FROM generate_series(1, 150) n)::text[]);

--
-- Reports: a table for each level, a row for each day and object that delivered
--
\a \t
SELECT request($$SELECT day, spend FROM tiktok.advertiser_daily
                  WHERE day BETWEEN '2026-01-01' AND '2026-01-03'$$);
\a \t
SELECT day, advertiser_id, currency, spend, impressions, clicks, reach, ctr, cpc, conversion,
       complete_payment, complete_payment_value, likes
  FROM tiktok.advertiser_daily WHERE day BETWEEN '2026-01-01' AND '2026-01-03' ORDER BY day;

-- Below the account objects that are deleted by now are asked for too, so all
-- levels spent the same.
\a \t
SELECT request($$SELECT ad_id, campaign_id, spend FROM tiktok.ad_daily
                  WHERE campaign_id = '1714125042508817003' AND day = '2026-01-01'$$);
\a \t
SELECT level, count(*), sum(spend) AS spend, sum(impressions) AS impressions,
       sum(complete_payment) AS payments, sum(complete_payment_value) AS value
  FROM (SELECT 1 AS level, day, spend, impressions, complete_payment, complete_payment_value FROM tiktok.advertiser_daily
        UNION ALL
        SELECT 2, day, spend, impressions, complete_payment, complete_payment_value FROM tiktok.campaign_daily
        UNION ALL
        SELECT 3, day, spend, impressions, complete_payment, complete_payment_value FROM tiktok.adgroup_daily
        UNION ALL
        SELECT 4, day, spend, impressions, complete_payment, complete_payment_value FROM tiktok.ad_daily) r
 WHERE day BETWEEN '2026-01-01' AND '2026-03-10' GROUP BY level ORDER BY level;
SELECT ad_id, campaign_id, ad_name, spend FROM tiktok.ad_daily
 WHERE campaign_id = '1714125042508817003' AND day BETWEEN '2026-01-19' AND '2026-01-22' ORDER BY day;
SELECT ad_name, spend FROM tiktok.ad_daily
 WHERE ad_id = '1714125055503309003' AND adgroup_id = '1714125049901106002' AND day = '2026-01-05';

-- Where there is nothing to divide by, the service writes a dash: unknown.
-- Ids that come as numbers keep their nineteen digits.
SELECT ad_name, adgroup_id, clicks, cpc, ctr, conversion, complete_payment
  FROM tiktok.ad_daily WHERE day = '2026-01-05' ORDER BY ad_id;
-- A day without delivery has no row.
SELECT count(*) FROM tiktok.advertiser_daily WHERE day = '2026-02-15';

-- A metric the level does not know fails the whole call; one that it knows is
-- a column of one's own away.
CREATE FOREIGN TABLE tiktok.other (day date, cash numeric OPTIONS (path 'metrics.cash_spend'))
    SERVER ads OPTIONS (resource 'advertiser_daily');
SELECT * FROM refused($$SELECT * FROM tiktok.other WHERE day = '2026-01-01'$$);
ALTER FOREIGN TABLE tiktok.other DROP COLUMN cash,
    ADD COLUMN plays numeric OPTIONS (path 'metrics.average_video_play'),
    ADD COLUMN secondary numeric OPTIONS (path 'metrics.secondary_goal_result');
SELECT * FROM tiktok.other WHERE day = '2026-01-01';

-- Long spans are read in windows of thirty days, lists by the page.
\! "$PG_ABS_SRCDIR/simulator/ctl" clearlog
SELECT count(*) FROM tiktok.advertiser_daily WHERE day BETWEEN '2026-01-01' AND '2026-03-10';
\! "$PG_ABS_SRCDIR/simulator/ctl" count small tiktok integrated
SELECT count(*) FROM tiktok.ad_daily WHERE day BETWEEN '2026-01-01' AND '2026-01-30';
ALTER SERVER ads OPTIONS (ADD fetch_size '40');
SELECT effort($$SELECT ad_id FROM tiktok.ad_daily WHERE day BETWEEN '2026-01-01' AND '2026-01-30'$$);
\! "$PG_ABS_SRCDIR/simulator/ctl" set small tiktok no_page_info=1
SELECT count(*), sum(spend) FROM tiktok.ad_daily WHERE day BETWEEN '2026-01-01' AND '2026-01-30';
\! "$PG_ABS_SRCDIR/simulator/ctl" reset
SELECT count(*), sum(spend) FROM tiktok.ad_daily WHERE day BETWEEN '2026-01-01' AND '2026-01-30';
ALTER SERVER ads OPTIONS (SET fetch_size '0');
ALTER SERVER ads OPTIONS (DROP fetch_size);
\a \t
SELECT request($$SELECT day FROM tiktok.advertiser_daily WHERE day >= '2026-01-01' AND day < '2026-02-10' LIMIT 5$$);
\a \t

-- An account of a currency without decimals, days of Tokyo
SELECT day, currency, spend, complete_payment_value FROM tiktok.advertiser_daily
 WHERE advertiser_id = '7012345678901234999' AND day = '2026-01-01';
SELECT ad_name, spend FROM tiktok.ad_daily
 WHERE advertiser_id = '7012345678901234999' AND day = '2026-01-01';

--
-- Trouble: its status is always 200
--

-- Too fast, or trouble that passes: again, after a pause
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small tiktok throttle
SELECT effort('SELECT campaign_id FROM tiktok.campaigns');
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small tiktok throttle code=40133
SELECT count(*) FROM tiktok.campaigns;
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small tiktok transient
SELECT count(*) FROM tiktok.campaigns;
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small tiktok transient status=502
SELECT count(*) FROM tiktok.campaigns;
-- A part of the data is not the data.
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small tiktok partial
SELECT effort('SELECT campaign_id FROM tiktok.campaigns');

-- Refused; the number of the request is what the service's support asks for.
\a \t
ALTER USER MAPPING FOR CURRENT_USER SERVER ads OPTIONS (SET credential 'wrong');
SELECT * FROM refused('SELECT * FROM tiktok.advertiser');
ALTER USER MAPPING FOR CURRENT_USER SERVER ads OPTIONS (SET credential 'revoked-tiktok_test');
SELECT * FROM refused('SELECT * FROM tiktok.campaigns');
ALTER USER MAPPING FOR CURRENT_USER SERVER ads OPTIONS (SET credential 'tiktok_test');
SELECT * FROM refused($$SELECT * FROM tiktok.campaigns WHERE advertiser_id = '4711'$$);
ALTER SERVER ads OPTIONS (ADD api_version 'v1.2');
SELECT * FROM refused('SELECT * FROM tiktok.campaigns');
ALTER SERVER ads OPTIONS (DROP api_version);
CREATE FOREIGN TABLE tiktok.wrong (day date, x text OPTIONS (path 'metrics.campaign_name'))
    SERVER ads OPTIONS (resource 'advertiser_daily');
SELECT * FROM refused($$SELECT * FROM tiktok.wrong WHERE day = '2026-01-01'$$);
\! "$PG_ABS_SRCDIR/simulator/ctl" set small tiktok forbidden=1
SELECT * FROM refused('SELECT * FROM tiktok.ads');
\! "$PG_ABS_SRCDIR/simulator/ctl" reset

-- An id that is none does not get out of its place.
SELECT * FROM refused($$SELECT * FROM tiktok.ads WHERE ad_id = E'1"]}\\\n'$$);
SELECT * FROM refused($$SELECT * FROM tiktok.ad_daily WHERE ad_id = E'1"]}\\\n' AND day = '2026-01-05'$$);

-- Fewer records than the service says there are: not the whole.
\! "$PG_ABS_SRCDIR/simulator/ctl" set small tiktok total=7
SELECT * FROM refused('SELECT * FROM tiktok.ads');
\! "$PG_ABS_SRCDIR/simulator/ctl" reset

-- An answer without its code is no answer, and not an empty one.
\! printf '{"message":"OK","request_id":"1","data":{}}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small tiktok
SELECT * FROM refused('SELECT * FROM tiktok.ads');
\! printf '{}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small tiktok
SELECT * FROM refused('SELECT * FROM tiktok.ads');
\! printf '{"code":0,"message":"OK","request_id":"1","data":{}}' | "$PG_ABS_SRCDIR/simulator/ctl" answer small tiktok
SELECT count(*) FROM tiktok.ads;
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small tiktok html
SELECT * FROM refused('SELECT * FROM tiktok.ads');
\! "$PG_ABS_SRCDIR/simulator/ctl" fault small tiktok bad_json
SELECT * FROM refused('SELECT * FROM tiktok.ads');
\a \t

-- An account where nothing happened is not an error.
\set base :sim '/empty/tiktok'
CREATE SERVER quiet FOREIGN DATA WRAPPER tiktok_ads_fdw
    OPTIONS (advertiser_id '7012345678901234567', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER quiet OPTIONS (credential 'tiktok_test');
CREATE SCHEMA quiet;
IMPORT FOREIGN SCHEMA api FROM SERVER quiet INTO quiet;
SELECT (SELECT count(*) FROM quiet.advertiser_daily WHERE day >= current_date - 7) AS days,
       (SELECT count(*) FROM quiet.campaigns) AS campaigns,
       (SELECT count(*) FROM quiet.advertiser) AS advertisers;
