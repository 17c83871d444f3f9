-- A second ad platform in the hub: its spend enters CAC and MER beside the
-- first one's; what it claims to have sold enters nothing.
\getenv sim MOMENTUM_SIM
SET client_min_messages = warning;
CREATE EXTENSION momentum CASCADE;
SELECT momentum.setup() \g /dev/null
SELECT momentum.add_brand('wagwell', 'America/New_York', 'USD') \g /dev/null
\set url :sim /story/shopify
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'wagwell', base_url :'url', allow_insecure 'true');
\set url :sim /story/meta
CREATE SERVER meta FOREIGN DATA WRAPPER meta_ads_fdw OPTIONS (account 'act_1234567890', base_url :'url', allow_insecure 'true');
\set url :sim /story/tiktok
CREATE SERVER tiktok FOREIGN DATA WRAPPER tiktok_ads_fdw
    OPTIONS (advertiser_id '7012345678901234567', base_url :'url', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
CREATE USER MAPPING FOR CURRENT_USER SERVER meta OPTIONS (credential 'EAAtest');
CREATE USER MAPPING FOR CURRENT_USER SERVER tiktok OPTIONS (credential 'tiktok_test');
CREATE SCHEMA shop;
CREATE SCHEMA meta;
CREATE SCHEMA tiktok;
IMPORT FOREIGN SCHEMA api FROM SERVER shop INTO shop;
IMPORT FOREIGN SCHEMA api FROM SERVER meta INTO meta;
IMPORT FOREIGN SCHEMA api FROM SERVER tiktok INTO tiktok;

-- Forty days with one platform, and what they came to
SELECT (now() AT TIME ZONE 'America/New_York')::date - 40 AS start \gset
SELECT momentum.add_source('wagwell', s::name, jsonb_build_object('start', :'start'::date))
  FROM unnest('{shop,meta}'::text[]) s \g /dev/null
CALL momentum.refresh();
CALL momentum.refresh();
CREATE TABLE before AS
SELECT metric, day, sum(value) AS value FROM momentum_state.metric_daily WHERE brand = 'wagwell' GROUP BY metric, day;
CREATE TABLE ratio_before AS
SELECT metric, day, value FROM momentum.metric_value WHERE metric IN ('cac', 'mer', 'roas');
SELECT metric, count(*) AS days FROM before WHERE metric IN ('ad_spend', 'new_customers') GROUP BY metric ORDER BY metric;

-- What the other spent, added up by the simulator itself
\set told `"$PG_ABS_SRCDIR/simulator/ctl" get "tiktok_days?world=story"`
CREATE TABLE told AS
SELECT d.key::date AS day, (d.value ->> 'spend')::numeric / 100 AS spend, (d.value ->> 'purchases')::numeric AS purchases,
       (d.value ->> 'value')::numeric / 100 AS value
  FROM jsonb_each(:'told') d WHERE d.key::date >= :'start';

SELECT momentum.add_source('wagwell', 'tiktok', jsonb_build_object('start', :'start'::date));
CALL momentum.refresh();
CALL momentum.refresh();
SELECT stream, status, complete_through = (now() AT TIME ZONE 'America/New_York')::date - 1 AS to_yesterday,
       foreign_currency_rows AS foreign_rows, warnings, error
  FROM momentum.source_health WHERE source = 'tiktok' ORDER BY stream;
SELECT count(*), bool_and(m.value = t.spend) AS spend, bool_and(p.value = t.purchases) AS purchases, bool_and(v.value = t.value) AS value
  FROM told t
  LEFT JOIN momentum_state.metric_daily m ON m.channel = 'tiktok' AND m.day = t.day AND m.metric = 'ad_spend'
  LEFT JOIN momentum_state.metric_daily p ON p.channel = 'tiktok' AND p.day = t.day AND p.metric = 'ad_purchases'
  LEFT JOIN momentum_state.metric_daily v ON v.channel = 'tiktok' AND v.day = t.day AND v.metric = 'ad_purchase_value';
-- All levels tell the same of every day that is over; the view of ads takes one of them.
SELECT count(*) AS days, bool_and(l.campaigns = l.account AND l.ads = l.account) AS levels_agree, bool_and(a.spend = l.account) AS view_agrees
  FROM (SELECT day, sum(spend) FILTER (WHERE level = 'campaign') AS campaigns, sum(spend) FILTER (WHERE level = 'account') AS account,
               sum(spend) FILTER (WHERE level = 'ad') AS ads
          FROM hub.ad_performance_daily WHERE source = 'tiktok' AND day < :'start'::date + 40 GROUP BY day) l
  JOIN (SELECT day, sum(spend) AS spend FROM momentum.ads WHERE channel = 'tiktok' GROUP BY day) a ON a.day = l.day;
-- The ads by name, with the names of what they are in; the daily budgets that
-- are switched on, of cents by one and of dollars by the other.
SELECT c.channel, count(*) > 0 AS has_ads, bool_and(c.ad_name <> '' AND c.campaign_name <> '' AND c.adset_name <> '') AS named,
       sum(c.spend_28d) = (SELECT p.spend FROM momentum.ad_platform p WHERE p.channel = c.channel) AS adds_up
  FROM momentum.creatives c GROUP BY c.channel ORDER BY 1;
SELECT platform, daily_budget::numeric(18,2), reason FROM momentum_state.ad_plan ORDER BY 1;
-- A week of ads at a time is what Meta answers at once; forty days are few calls.
SELECT max(slice_to - slice_from) < interval '8 days' AS is_narrow, count(*) FILTER (WHERE slice_to - slice_from > interval '1 day') < 12 AS is_few
  FROM momentum_state.run WHERE stream = 'insights_ad';

-- CAC and MER by hand, from the days before and what was told
SELECT count(*) AS days,
       bool_and(abs(c.value - (s.value + t.spend) / n.value) < 0.000001) AS cac,
       bool_and(abs(m.value - r.value / (s.value + t.spend)) < 0.000001) AS mer,
       bool_and(c.value > cb.value) AS cac_is_higher, bool_and(m.value < mb.value) AS mer_is_lower
  FROM told t
  JOIN before s ON s.metric = 'ad_spend' AND s.day = t.day
  JOIN before n ON n.metric = 'new_customers' AND n.day = t.day
  JOIN before r ON r.metric = 'net_revenue' AND r.day = t.day
  JOIN momentum.metric_value c ON c.metric = 'cac' AND c.day = t.day
  JOIN momentum.metric_value m ON m.metric = 'mer' AND m.day = t.day
  JOIN ratio_before cb ON cb.metric = 'cac' AND cb.day = t.day
  JOIN ratio_before mb ON mb.metric = 'mer' AND mb.day = t.day;
-- So in the answers
SELECT metric, round(actual / nullif(by_hand, 0), 6) AS times_by_hand
  FROM (SELECT d.metric, d.actual,
               CASE d.metric
               WHEN 'ad_spend' THEN (SELECT sum(b.value + t.spend) FROM told t JOIN before b ON b.metric = 'ad_spend' AND b.day = t.day
                                      WHERE t.day >= date_trunc('month', d.as_of) AND t.day <= d.as_of)
               ELSE (SELECT sum(b.value + t.spend) FROM told t JOIN before b ON b.metric = 'ad_spend' AND b.day = t.day
                      WHERE t.day > d.as_of - 30 AND t.day <= d.as_of)
                    / (SELECT sum(b.value) FROM before b
                        WHERE b.metric = 'new_customers' AND b.day > d.as_of - 30 AND b.day <= d.as_of) END AS by_hand
          FROM momentum.dashboard d WHERE d.metric IN ('ad_spend', 'cac')) x ORDER BY metric;
SELECT count(*) > 1 AS months, bool_and(f.ad_cost = x.spend) AS ad_cost
  FROM hub.financial_months f
  JOIN (SELECT date_trunc('month', t.day)::date AS month, sum(b.value + t.spend)::numeric(18,2) AS spend
          FROM told t JOIN before b ON b.metric = 'ad_spend' AND b.day = t.day GROUP BY 1) x ON x.month = f.month;
SELECT channel, amount = by_hand AS amount FROM (
    SELECT c.channel, c.amount,
           CASE c.channel WHEN 'tiktok' THEN (SELECT sum(t.spend) FROM told t WHERE t.day > c.as_of - 28 AND t.day <= c.as_of)
                          ELSE (SELECT sum(b.value) FROM before b WHERE b.metric = 'ad_spend' AND b.day > c.as_of - 28 AND b.day <= c.as_of) END AS by_hand
      FROM momentum.channel_mix c WHERE c.metric = 'ad_spend') x ORDER BY channel;

-- A platform's word for its sales changes nothing that the shop counts, and
-- what two of them claim has no sum.
SELECT count(*) AS metrics, count(*) FILTER (WHERE n.value IS DISTINCT FROM b.value) AS changed
  FROM before b
  LEFT JOIN (SELECT metric, day, sum(value) AS value FROM momentum_state.metric_daily GROUP BY metric, day) n
    ON n.metric = b.metric AND n.day = b.day
 WHERE b.metric IN ('orders', 'new_customers', 'net_revenue', 'sessions', 'new_subscribers')
HAVING count(*) >= 5 * 39;
SELECT channel, count(*) FILTER (WHERE value IS NULL) AS unknown FROM momentum.metric_value WHERE metric = 'roas' GROUP BY channel ORDER BY channel;

-- Attributed figures move for weeks: three days are seen by every run, 28 by
-- the daily one.  Spend stays what it was.
\! "$PG_ABS_SRCDIR/simulator/ctl" set story tiktok restate=100
CALL momentum.refresh(force => true);
CREATE VIEW moved AS
SELECT (now() AT TIME ZONE 'America/New_York')::date - t.day AS ago, m.value AS now, t.purchases AS before, m.provisional
  FROM told t JOIN momentum_state.metric_daily m ON m.metric = 'ad_purchases' AND m.channel = 'tiktok' AND m.day = t.day;
SELECT bool_and(now = 2 * before) FILTER (WHERE ago <= 3) AS three_moved, bool_and(now = before) FILTER (WHERE ago > 3) AS others_not,
       bool_and(provisional = (ago <= 28)) AS provisional
  FROM moved;
UPDATE momentum_state.stream SET daily_read_at = now() - interval '1 day' WHERE source = 'tiktok';
CALL momentum.refresh(force => true);
SELECT bool_and(now = 2 * before) FILTER (WHERE ago <= 28) AS month_moved, bool_and(now = before) FILTER (WHERE ago > 28) AS others_not,
       sum(now) > sum(before) AS at_all
  FROM moved;
SELECT count(*) AS spend_changed FROM hub.ad_performance_daily WHERE source = 'tiktok' AND previous_spend IS NOT NULL;
\! "$PG_ABS_SRCDIR/simulator/ctl" reset

-- A refused credential is a failure of its own streams: what was known stays.
ALTER USER MAPPING FOR CURRENT_USER SERVER tiktok OPTIONS (SET credential 'revoked-tiktok_test');
CALL momentum.refresh(only_source => 'tiktok', force => true);
SELECT DISTINCT status, sqlstate, error LIKE '%revoked-%' AS told_secret FROM momentum.source_health WHERE source = 'tiktok';
SELECT count(*) FROM momentum_state.metric_daily WHERE metric = 'ad_spend' AND channel = 'tiktok';
ALTER USER MAPPING FOR CURRENT_USER SERVER tiktok OPTIONS (SET credential 'tiktok_test');

-- Without it again: the first platform alone, as before.
SELECT momentum.remove_source('wagwell', 'tiktok');
CALL momentum.refresh();
SELECT count(*) AS days, bool_and(n.value = b.value) AS as_before
  FROM before b
  LEFT JOIN (SELECT day, sum(value) AS value FROM momentum_state.metric_daily WHERE metric = 'ad_spend' GROUP BY day) n ON n.day = b.day
 WHERE b.metric = 'ad_spend';
SELECT count(*) FROM hub.ad_performance_daily WHERE source = 'tiktok';

-- An account in another currency and zone: its rows are kept, in its own days;
-- its spend is in no sum, nor is it zero there.
SELECT momentum.add_brand('brez', 'America/New_York', 'USD') \g /dev/null
\set url :sim /small/meta
CREATE SERVER brez_meta FOREIGN DATA WRAPPER meta_ads_fdw OPTIONS (account 'act_1234567890', base_url :'url', allow_insecure 'true');
\set url :sim /small/tiktok
CREATE SERVER brez_tokyo FOREIGN DATA WRAPPER tiktok_ads_fdw
    OPTIONS (advertiser_id '7012345678901234999', base_url :'url', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER brez_meta OPTIONS (credential 'EAAtest');
CREATE USER MAPPING FOR CURRENT_USER SERVER brez_tokyo OPTIONS (credential 'tiktok_test');
CREATE SCHEMA brez_meta;
CREATE SCHEMA brez_tokyo;
IMPORT FOREIGN SCHEMA api FROM SERVER brez_meta INTO brez_meta;
IMPORT FOREIGN SCHEMA api FROM SERVER brez_tokyo INTO brez_tokyo;
SELECT momentum.add_source('brez', 'brez_meta', '{"start": "2026-01-01"}') \g /dev/null
SELECT momentum.add_source('brez', 'brez_tokyo', '{"start": "2026-01-01"}') \g /dev/null
CALL momentum.refresh('brez');
CALL momentum.refresh('brez');
SELECT stream, foreign_currency_rows AS foreign_rows, warnings FROM momentum.source_health WHERE source = 'brez_tokyo' ORDER BY stream;
SELECT day, currency, spend, purchases, purchase_value FROM hub.ad_performance_daily
 WHERE source = 'brez_tokyo' AND level = 'account' ORDER BY day LIMIT 2;
SELECT metric, channel, value FROM momentum_state.metric_daily
 WHERE brand = 'brez' AND metric IN ('ad_spend', 'impressions') AND day = '2026-01-02' ORDER BY metric, channel;
