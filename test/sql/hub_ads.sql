-- Days that a service restates, and days it reports in a zone of its own.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
SELECT svc.source('ads', 'meta_ads') \g /dev/null
SELECT svc.source('mail', 'klaviyo') \g /dev/null
\set ECHO all
SELECT svc.stream('ads', 'meta_ads', 'insights', '{"insights": "svc.insights"}');
SELECT svc.stream('ads', 'meta_ads', 'insights_campaign', '{"insights": "svc.insights"}');
SELECT current_date - 2 AS two, current_date - 20 AS twenty, current_date - 60 AS sixty \gset

INSERT INTO svc.insights (day, level, account_id, account_currency, campaign_id, spend, impressions, clicks, purchases, purchase_value) VALUES
	('2025-03-03', 'account', '1', 'USD', NULL, 50, 1000, 10, 1, 80),
	('2025-03-03', 'campaign', '1', 'USD', 'a', 30, 600, 6, 1, 80),
	('2025-03-03', 'campaign', '1', 'USD', 'b', 20, 400, 4, NULL, NULL),
	('2025-03-03', 'account', '2', 'EUR', NULL, 70, 500, 5, 0, 0),
	('2025-03-05', 'account', '1', 'USD', NULL, 60, 1200, 12, NULL, NULL),
	(:'two', 'account', '1', 'USD', NULL, 100, 1, 1, 1, 1),
	(:'twenty', 'account', '1', 'USD', NULL, 200, 1, 1, 1, 1),
	(:'sixty', 'account', '1', 'USD', NULL, 300, 1, 1, 1, 1);
CALL momentum.refresh();
-- One level counts, levels do not add up; what is in euro is left out.
SELECT * FROM svc.days('2025-03-03', '2025-03-05', 'ad_spend', 'impressions', 'ad_purchases', 'ad_purchase_value');
SELECT level, count(*), sum(spend) FROM hub.ad_performance_daily GROUP BY level ORDER BY level;
SELECT stream, foreign_currency_rows FROM momentum.source_health ORDER BY stream;
-- The last 28 complete days may still move.
SELECT count(*) FILTER (WHERE provisional) FROM momentum_state.metric_daily WHERE metric = 'ad_spend';

-- Restated: two days ago is seen by every run, twenty by the daily window,
-- sixty by the weekly one.
UPDATE svc.insights SET spend = spend + 1 WHERE day >= :'sixty';
CALL momentum.refresh(force => true);
SELECT current_date - day AS ago, value, previous_value FROM momentum_state.metric_daily
 WHERE metric = 'ad_spend' AND day IN (:'two', :'twenty', :'sixty') ORDER BY day DESC;
UPDATE momentum_state.stream SET daily_read_at = now() - interval '1 day';
CALL momentum.refresh(force => true);
SELECT current_date - day AS ago, value, previous_value FROM momentum_state.metric_daily
 WHERE metric = 'ad_spend' AND day IN (:'two', :'twenty', :'sixty') ORDER BY day DESC;
UPDATE momentum_state.stream SET weekly_read_at = now() - interval '7 days';
CALL momentum.refresh(force => true);
SELECT current_date - day AS ago, value, previous_value FROM momentum_state.metric_daily
 WHERE metric = 'ad_spend' AND day IN (:'two', :'twenty', :'sixty') ORDER BY day DESC;
SELECT current_date - day AS ago, spend, previous_spend, restated_at IS NOT NULL AS restated
  FROM hub.ad_performance_daily WHERE day >= :'sixty' AND level = 'account' ORDER BY day DESC;
-- A row that is taken back is a zero again.
DELETE FROM svc.insights WHERE day = :'two';
CALL momentum.refresh(force => true);
SELECT value FROM momentum_state.metric_daily WHERE metric = 'ad_spend' AND day = :'two';
-- What lies further back comes on request.
UPDATE svc.insights SET spend = 61 WHERE day = '2025-03-05';
SELECT momentum.resync('brez', 'ads', 'insights', '2025-03-05', '2025-03-05');
CALL momentum.refresh();
SELECT * FROM svc.days('2025-03-05', '2025-03-05', 'ad_spend');
SELECT momentum.resync('brez', 'ads', 'insights', '2025-03-05', '2025-03-04');
SELECT momentum.resync('brez', 'ads', 'orders', '2025-03-04', '2025-03-05');

-- Mail: the shop's metric is meant, though another bears the same name.
SELECT svc.stream('mail', 'klaviyo', 'attributed_revenue', '{"metrics": "svc.metrics", "metric_aggregates": "svc.metric_aggregates"}');
SELECT svc.stream('mail', 'klaviyo', 'list_joins', '{"metrics": "svc.metrics", "metric_aggregates": "svc.metric_aggregates"}');
SELECT svc.stream('mail', 'klaviyo', 'list_leaves', '{"metrics": "svc.metrics", "metric_aggregates": "svc.metric_aggregates"}');
CALL momentum.refresh();
SELECT stream, status, error FROM momentum.source_health WHERE source = 'mail' ORDER BY stream;
INSERT INTO svc.metrics (id, name, integration_name) VALUES
	('api', 'Placed Order', 'API'), ('shop', 'Placed Order', 'Shopify'),
	('join', 'Subscribed to List', NULL), ('sms', 'Unsubscribed from SMS Marketing', NULL), ('leave', 'Unsubscribed from List', NULL);
INSERT INTO svc.metric_aggregates (metric_id, day, dimension, count, sum_value) VALUES
	('shop', '2025-03-03', 'email', 2, 90), ('shop', '2025-03-03', '', 9, 800), ('shop', '2025-03-05', 'SMS', 1, 30),
	('api', '2025-03-03', 'email', 1, 7), ('join', '2025-03-03', 'email', 3, 0), ('join', '2025-03-03', '', 4, 0),
	('leave', '2025-03-05', '', 2, 0);
CALL momentum.refresh(force => true);
SELECT stream, status, error FROM momentum.source_health WHERE source = 'mail' ORDER BY stream;
SELECT day, channel, value FROM momentum_state.metric_daily
 WHERE metric = 'email_revenue' AND day BETWEEN '2025-03-03' AND '2025-03-06' ORDER BY day, channel;
SELECT * FROM svc.days('2025-03-03', '2025-03-05', 'email_revenue', 'list_joins', 'list_leaves');
-- A channel is known from its first fact on: it turns out to be older.
INSERT INTO svc.metric_aggregates (metric_id, day, dimension, count, sum_value) VALUES ('shop', '2025-03-03', 'sms', 1, 5);
SELECT momentum.resync('brez', 'mail', 'attributed_revenue', '2025-03-03', '2025-03-03');
CALL momentum.refresh();
SELECT day, channel, value FROM momentum_state.metric_daily
 WHERE metric = 'email_revenue' AND day BETWEEN '2025-03-03' AND '2025-03-05' ORDER BY day, channel;

-- The same account by a second server: what was spent once counts once, and
-- still does when one of the two goes.
CREATE TABLE svc.insights2 (LIKE svc.insights);
INSERT INTO svc.insights2 SELECT i.* FROM svc.insights i WHERE account_id = '1';
INSERT INTO svc.insights2 (day, level, account_id, account_currency, spend, impressions, clicks) VALUES
	('2025-03-05', 'account', '3', 'USD', 5, 50, 1);
SELECT svc.source('again', 'meta_ads') \g /dev/null
SELECT momentum._add_stream('brez', 'again', 'insights', momentum._loader_of('meta_ads', 'insights'), '{"insights": "svc.insights2"}', 1);
CALL momentum.refresh(force => true);
CALL momentum.refresh(force => true);
SELECT * FROM svc.days('2025-03-03', '2025-03-05', 'ad_spend', 'impressions');
SELECT day, source, account_id, sum(spend) AS spend FROM momentum.ads WHERE day IN ('2025-03-03', '2025-03-05') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT momentum.remove_source('brez', 'again');
CALL momentum.refresh();
SELECT * FROM svc.days('2025-03-03', '2025-03-05', 'ad_spend', 'impressions');

-- An account whose days run ahead of the brand's (here always by one): the
-- brand's running day is not over, whatever the account says of it.
SELECT momentum.add_brand('isle', 'Pacific/Honolulu', 'USD') \g /dev/null
INSERT INTO momentum_state.source (brand, source, service, time_zone, options)
	VALUES ('isle', 'far', 'meta_ads', 'Pacific/Kiritimati', '{"start": "2025-03-01"}');
SELECT momentum._add_stream('isle', 'far', 'insights', momentum._loader_of('meta_ads', 'insights'), '{"insights": "svc.insights"}', 1) \g /dev/null
CALL momentum.refresh(force => true);
SELECT max(day) < (now() AT TIME ZONE 'Pacific/Honolulu')::date AS is_over
  FROM momentum_state.metric_daily WHERE brand = 'isle' AND metric = 'ad_spend';
SELECT complete_through < (now() AT TIME ZONE 'Pacific/Honolulu')::date AS is_over
  FROM momentum.source_health WHERE brand = 'isle' AND stream = 'insights';

-- An account that turns out to report in another currency: its spend in the
-- brand's is not known, on no day; that is no zero.
CREATE TABLE svc.account AS SELECT 'EUR'::text AS currency, 'Pacific/Honolulu'::text AS time_zone;
UPDATE svc.insights SET account_currency = 'EUR';
SELECT momentum.resync('brez', 'ads', 'insights', '2025-03-03', '2025-03-05') \g /dev/null
SELECT svc.stream('ads', 'meta_ads', 'account', '{"account": "svc.account"}') \g /dev/null
CALL momentum.refresh();
SELECT * FROM svc.days('2025-03-03', '2025-03-05', 'ad_spend', 'impressions', 'ad_purchase_value');
SELECT warnings FROM momentum.source_health WHERE stream = 'account';
