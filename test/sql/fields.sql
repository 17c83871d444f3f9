-- The views by field of work: what they say of facts whose answers are known.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES
	('tea', 'Tea', 'UTC', 'USD'), ('bare', 'Nothing yet', 'UTC', 'USD');
INSERT INTO momentum_state.source (brand, source, service, currency) VALUES
	('tea', 'ads', 'meta_ads', 'USD'), ('tea', 'tok', 'tiktok_ads', 'USD'), ('tea', 'zagain', 'meta_ads', 'USD'), ('tea', 'mail', 'klaviyo', 'USD');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, first_day, complete_through) VALUES
	('tea', 'ads', 'insights_ad', 'insights_ad', 'a', '6 hours', '2026-03-20', '2026-06-18'),
	('tea', 'zagain', 'insights_ad', 'insights_ad', 'a', '6 hours', '2026-03-20', '2026-06-18'),
	('tea', 'mail', 'campaign_values', 'campaign_values', 'a', '1 day', '2026-06-09', '2026-06-18'),
	('tea', 'mail', 'flow_values', 'flow_values', 'a', '1 day', '2026-01-01', '2026-06-17');

--
-- Creatives: 60 days to 18 June.  "tired" loses 1 % of its first click rate a
-- day, "fresh" keeps it; "brief" ran ten days and "gone" is over since May;
-- "old" was last shown a hundred days ago.  The running day is none of them.
--
CREATE TEMP TABLE shown AS
SELECT a.ad_id, d AS day, a.cost AS spend, a.views AS impressions, a.clicks AS clicks, a.bought AS purchases, 50 * a.bought AS purchase_value
  FROM generate_series(date '2026-04-20', '2026-06-19', '1 day') g,
	   LATERAL (SELECT g::date, (g::date - date '2026-04-20')) AS n (d, t),
	   LATERAL (VALUES ('tired', 20, 10000, 400 - 4 * n.t, 1), ('fresh', 10, 5000, 100, 2),
					   ('brief', 5, 1000, 20, 0), ('gone', 7, 700, 7, 0)) a (ad_id, cost, views, clicks, bought)
 WHERE (a.ad_id <> 'brief' OR n.d > '2026-06-08') AND (a.ad_id <> 'gone' OR n.d <= '2026-05-10')
UNION ALL SELECT 'old', '2026-03-10', 1, 10, 1, 0, 0;
INSERT INTO hub.ad_performance_daily (brand, source, level, account_id, day, object_id, platform, campaign_id, campaign_name,
	adset_id, adset_name, ad_id, ad_name, currency, spend, impressions, clicks, purchases, purchase_value, content_hash)
SELECT 'tea', s.source, 'ad', '1', h.day, h.ad_id, 'meta', 'c1', NULL, 's1', 'Set one', h.ad_id,
	   initcap(h.ad_id) || CASE WHEN h.day < '2026-06-01' THEN ' (draft)' ELSE '' END, 'USD',
	   h.spend, h.impressions, h.clicks, h.purchases, h.purchase_value, 0
  FROM shown h, (VALUES ('ads'), ('zagain')) s (source);
-- The other levels are no ads.
INSERT INTO hub.ad_performance_daily (brand, source, level, account_id, day, object_id, platform, currency, spend, impressions, clicks, purchases, purchase_value, content_hash)
SELECT 'tea', 'ads', 'account', '1', day, '1', 'meta', 'USD', sum(spend), sum(impressions), sum(clicks), sum(purchases), sum(purchase_value), 0
  FROM shown GROUP BY day;
SELECT momentum._refresh_matviews();
-- Once each, though two servers tell of the account, under the newest name.
-- tired: 20 a day and 10000 views; from day 32 to 59 its clicks go from 272 to
-- 164, their mean is 218, in the last 7 days 176.
SELECT source, ad_id, ad_name, campaign_name, adset_name, first_day, last_day, as_of, is_counted FROM momentum.creatives ORDER BY ad_id;
SELECT ad_id, spend_7d, spend_28d, impressions_28d, cpm_7d, click_rate_7d, click_rate_28d, cpc_28d, purchases_7d, purchases_28d, roas_7d, roas_28d
  FROM momentum.creatives ORDER BY ad_id;
-- The trend is that of trend_fit(): 4 clicks of 10000 views less a day are 30 *
-- 4 / 218 a month; less than 13 days tell nothing, and who has stopped cannot tire.
SELECT ad_id, click_rate_growth_30d, round(-30 * 4 / 218.0, 6) AS by_hand, click_rate_p_up, click_rate_trend, is_tiring, reason
  FROM momentum.creatives ORDER BY ad_id;
SELECT c.ad_id, c.click_rate_growth_30d = (f.fit).g::numeric(18,6) AS as_fitted
  FROM momentum.creatives c,
	   LATERAL (SELECT momentum.trend_fit(array_agg(day), array_agg(clicks::float8 / impressions), array_agg(impressions::float8)) AS fit
				  FROM shown h WHERE h.ad_id = c.ad_id AND h.day > '2026-05-21' AND h.day < '2026-06-19') f
 WHERE c.ad_id IN ('tired', 'fresh') ORDER BY 1;

--
-- Platforms: spend of every day since April, 100 a day by one and 50 by the
-- other, ten new customers a day.
--
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'tea', v.metric, g::date, v.channel, v.value, false
  FROM generate_series(date '2026-04-01', '2026-06-18', '1 day') g,
	   LATERAL (VALUES ('ad_spend', 'meta', CASE WHEN g < '2026-05-22' THEN 80 ELSE 100 END), ('ad_spend', 'tiktok', 50),
		('impressions', 'meta', 20000), ('impressions', 'tiktok', 25000), ('clicks', 'meta', 200), ('clicks', 'tiktok', 100),
		('ad_purchases', 'meta', 8), ('ad_purchases', 'tiktok', 4), ('ad_purchase_value', 'meta', 300), ('ad_purchase_value', 'tiktok', 60),
		('new_customers', 'shop', 10), ('net_revenue', 'shop', 500), ('net_revenue', 'pos', 100), ('orders', 'shop', 12),
		('retail_dollars', 'grocer', CASE WHEN g < '2026-06-05' THEN 40 END)) v (metric, channel, value)
 WHERE v.value IS NOT NULL;
INSERT INTO momentum_state.target (brand, metric, valid_from, value) VALUES
	('tea', 'cac', '2026-01-01', 12), ('tea', 'ad_spend', '2026-01-01', 5000), ('tea', 'ad_spend', '2026-07-01', 1);
-- Meta in cents: a campaign with a budget of its own (its ad set's does not
-- count), one whose ad sets hold it (one is off, one is over), one that is off.
-- TikTok holds 40 a day.
INSERT INTO hub.ad_budgets (brand, source, level, object_id, platform, campaign_id, name, is_active, daily_budget, lifetime_budget, in_minor_unit, ends_at, content_hash) VALUES
	('tea', 'ads', 'campaign', 'c1', 'meta', 'c1', 'Campaign one', true, 7000, NULL, true, NULL, 0),
	('tea', 'ads', 'adset', 's1', 'meta', 'c1', 'Set one', true, 99900, NULL, true, NULL, 0),
	('tea', 'ads', 'campaign', 'c2', 'meta', 'c2', 'Campaign two', true, NULL, NULL, true, NULL, 0),
	('tea', 'ads', 'adset', 's2', 'meta', 'c2', 'Set two', true, 2000, NULL, true, NULL, 0),
	('tea', 'ads', 'adset', 's3', 'meta', 'c2', 'Set three', true, 1000, NULL, true, NULL, 0),
	('tea', 'ads', 'adset', 's4', 'meta', 'c2', 'Set four', false, 50000, NULL, true, NULL, 0),
	('tea', 'ads', 'adset', 's5', 'meta', 'c2', 'Set five', true, 50000, NULL, true, '2026-01-01', 0),
	('tea', 'ads', 'campaign', 'c3', 'meta', 'c3', 'Campaign three', false, 50000, NULL, true, NULL, 0),
	('tea', 'zagain', 'campaign', 'c1', 'meta', 'c1', 'Campaign one', true, 7000, NULL, true, NULL, 0),
	('tea', 'tok', 'campaign', 't1', 'tiktok', 't1', 'Tok', true, 40, NULL, false, NULL, 0);
SELECT momentum._refresh_matviews();
-- 28 days: 2800 and 1400 of 4200, before 2240; CAC 150 / 10; the platform's
-- own word 100 / 8.  June: 18 of 30 days, 70 + 20 + 10 a day are 3000.
SELECT channel, as_of, spend, spend_before, spend_share, cpm, click_rate, cpc, cost_per_purchase, roas, roas_before, cac_all, cac_target
  FROM momentum.ad_platform ORDER BY channel;
SELECT channel, month_from, month_spend, month_landing, month_budget, pacing, month_target_all, landing_of_target_all, reason
  FROM momentum.ad_platform ORDER BY channel;
-- Without a target the dashboard takes the budgets: 2700 of the 2520 that were
-- due of 4200.  With one platform's alone it would be no plan.
DELETE FROM momentum_state.target WHERE metric = 'ad_spend' AND valid_from = '2026-01-01';
SELECT momentum._refresh_matviews();
SELECT target, actual, status, pacing, landing, note FROM momentum.dashboard WHERE brand = 'tea' AND metric = 'ad_spend';
UPDATE hub.ad_budgets SET is_active = false WHERE object_id = 't1';
SELECT momentum._refresh_matviews();
SELECT target, actual, status, pacing, landing, note FROM momentum.dashboard WHERE brand = 'tea' AND metric = 'ad_spend';
UPDATE hub.ad_budgets SET is_active = true WHERE object_id = 't1';
INSERT INTO momentum_state.target (brand, metric, valid_from, value) VALUES ('tea', 'ad_spend', '2026-01-01', 5000);
-- A budget for a whole life, one in another currency, none at all: no plan.  A
-- day of the month that is missing: no landing either.
UPDATE hub.ad_budgets SET daily_budget = NULL, lifetime_budget = 90000 WHERE object_id = 's3';
UPDATE momentum_state.source SET currency = 'EUR' WHERE source = 'tok';
SELECT channel, month_landing, month_budget, pacing, reason FROM momentum.ad_platform ORDER BY channel;
UPDATE hub.ad_budgets SET lifetime_budget = NULL WHERE object_id = 's3';
DELETE FROM hub.ad_budgets WHERE platform = 'tiktok';
SELECT channel, month_landing, month_budget, pacing, reason FROM momentum.ad_platform ORDER BY channel;
UPDATE hub.ad_budgets SET daily_budget = 1000 WHERE object_id = 's3';
DELETE FROM momentum_state.metric_daily WHERE metric = 'ad_spend' AND channel = 'meta' AND day = '2026-06-03';
SELECT channel, month_spend, month_landing, month_budget, pacing, reason FROM momentum.ad_platform ORDER BY channel;
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional) VALUES ('tea', 'ad_spend', '2026-06-03', 'meta', 100, false);
-- Yen have no cents.
UPDATE momentum_state.source SET currency = 'JPY' WHERE source = 'ads';
UPDATE momentum_state.brand SET currency = 'JPY' WHERE brand = 'tea';
SELECT channel, month_budget FROM momentum.ad_platform WHERE channel = 'meta';
UPDATE momentum_state.source SET currency = 'USD' WHERE source = 'ads';
UPDATE momentum_state.brand SET currency = 'USD' WHERE brand = 'tea';

--
-- Channel mix: revenue per all ad spend adds up to the MER of 600 / 150; all
-- revenue per money spent on one platform.  Retail tells two weeks late.
--
SELECT metric, channel, as_of, amount, share, share_before, days, days_before, mer, mer_before FROM momentum.channel_mix ORDER BY metric, channel;
SELECT sum(c.mer) AS added_up, o.value AS mer
  FROM momentum.channel_mix c, momentum.metric_over('tea', 'mer', '2026-05-22', '2026-06-18') o WHERE c.metric = 'net_revenue' GROUP BY o.value;
-- Spend that is a day behind is not set against the revenue of that day.
DELETE FROM momentum_state.metric_daily WHERE metric = 'ad_spend' AND day = '2026-06-18';
SELECT metric, channel, as_of, mer, mer_before FROM momentum.channel_mix WHERE metric IN ('net_revenue', 'ad_spend') ORDER BY 1, 2;

--
-- Mail: 60 a day of 600, from 56 days ago 30; three join and one leaves.
--
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'tea', v.metric, g::date, 'email', v.value, false
  FROM generate_series(date '2026-04-20', '2026-06-18', '1 day') g,
	   LATERAL (VALUES ('email_revenue', CASE WHEN g < '2026-05-22' THEN 30 ELSE 60 END), ('list_joins', 3), ('list_leaves', 1),
		('flow_revenue', 20), ('campaign_revenue', CASE WHEN g >= '2026-06-09' THEN 25 END)) v (metric, value)
 WHERE v.value IS NOT NULL;
SELECT * FROM momentum.email_summary;
INSERT INTO hub.email_messages (brand, source, kind, object_id, name, status, content_hash) VALUES
	('tea', 'mail', 'campaign', 'k1', 'Spring', 'Sent', 0), ('tea', 'mail', 'flow', 'f1', 'Welcome', 'live', 0);
INSERT INTO hub.email_daily (brand, source, kind, day, channel, object_id, message_id, events, revenue, recipients, delivered, opens_unique, clicks_unique, unsubscribes, content_hash)
SELECT 'tea', 'mail', m.kind, g::date, 'email', m.object_id, m.message_id, 2, m.revenue, 100, 80, 40, 8, 1, 0
  FROM generate_series(date '2026-05-10', '2026-06-18', '1 day') g,
	   (VALUES ('flow', 'f1', 'a', 15), ('flow', 'f1', 'b', 5), ('flow', 'f2', 'a', 60), ('campaign', 'k1', 'a', 25)) m (kind, object_id, message_id, revenue)
 WHERE m.kind = 'flow' OR g IN ('2026-06-09', '2026-06-18');
-- Names where they are known; flows are complete through the 17th.
SELECT kind, object_id, name, as_of, days_known, first_day, last_day, recipients, conversions, revenue, revenue_share, revenue_per_recipient, open_rate, click_rate, conversion_rate, unsubscribe_rate
  FROM momentum.email_message ORDER BY kind, object_id;

-- A brand without any of it has no rows, and no errors.
SELECT (SELECT count(*) FROM momentum.creatives WHERE brand = 'bare') + (SELECT count(*) FROM momentum.ad_platform WHERE brand = 'bare')
	 + (SELECT count(*) FROM momentum.channel_mix WHERE brand = 'bare') + (SELECT count(*) FROM momentum.email_message WHERE brand = 'bare')
	 + (SELECT count(*) FROM momentum.email_summary WHERE brand = 'bare') AS rows;
-- A reader sees the fields of his brand, and no others.
CREATE ROLE regress_field_reader;
SELECT momentum.grant_access('regress_field_reader', 'reader', 'bare');
SET ROLE regress_field_reader;
SELECT (SELECT count(*) FROM momentum.creatives) + (SELECT count(*) FROM momentum.ad_platform)
	 + (SELECT count(*) FROM momentum.channel_mix) + (SELECT count(*) FROM momentum.email_message) + (SELECT count(*) FROM momentum.email_summary) AS rows;
RESET ROLE;
SELECT momentum.grant_access('regress_field_reader', 'reader', 'tea');
SET ROLE regress_field_reader;
SELECT (SELECT count(*) FROM momentum.creatives) AS creatives, (SELECT count(*) FROM momentum.ad_platform) AS platforms;
RESET ROLE;
SELECT momentum.revoke_access('regress_field_reader');
DROP ROLE regress_field_reader;
