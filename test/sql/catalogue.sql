-- The catalogue of metrics: every key with its unit and direction, and its
-- value wherever the terms are known.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();

-- The keys are promises: unit, direction and what they are made of.  Of what
-- is mixed, "mixed" stands in the specification; each key has one unit here.
CREATE TEMP TABLE promised (metric text, unit text, direction text, numerator text, denominator text);
INSERT INTO promised (metric, unit, direction) VALUES
	('gross_sales', 'money', '↑'), ('discounts', 'money', '↓'), ('returns', 'money', '↓'), ('net_revenue', 'money', '↑'),
	('orders', 'count', '↑'), ('items_sold', 'count', '↑'), ('new_customers', 'count', '↑'),
	('returning_customers', 'count', '↑'), ('new_subscribers', 'count', '↑'), ('sessions', 'count', '↑'),
	('ad_spend', 'money', '↔'), ('impressions', 'count', '↑'), ('clicks', 'count', '↑'), ('ad_purchases', 'count', '↑'),
	('ad_purchase_value', 'money', '↑'),
	('cogs', 'money', '↓'), ('shipping_cost', 'money', '↓'), ('payment_fees', 'money', '↓'), ('fixed_costs', 'money', '↓'),
	('variable_costs', 'money', '↓'),
	('email_revenue', 'money', '↑'), ('email_sends', 'count', '↑'), ('email_opens', 'count', '↑'), ('email_clicks', 'count', '↑'),
	('list_joins', 'count', '↑'), ('list_leaves', 'count', '↓'), ('flow_revenue', 'money', '↑'), ('campaign_revenue', 'money', '↑'),
	('retail_units', 'count', '↑'), ('retail_dollars', 'money', '↑'), ('retail_doors', 'count', '↑'), ('retail_points', 'count', '↑'),
	('reviews', 'count', '↑'), ('rating_sum', 'stars', '↑'), ('reviews_with_media', 'count', '↑'),
	('market_revenue', 'money', '↑'), ('market_orders', 'count', '↑'), ('market_units', 'count', '↑'),
	('market_sessions', 'count', '↑'), ('buy_box_sessions', 'count', '↑'), ('market_ad_spend', 'money', '↔'),
	('best_seller_rank', 'rank', '↓'), ('subscribers_active', 'count', '↑'), ('subscribers_lost', 'count', '↓'),
	('spend_pacing', 'share', '↔'), ('campaign_roi', 'ratio', '↑'), ('retail_velocity', 'units', '↑'),
	('retail_run_rate', 'money', '↑'), ('social_proof', 'points', '↑'), ('working_capital', 'money', '↑'), ('runway_days', 'days', '↑');
INSERT INTO promised VALUES
	('cac', 'money', '↓', 'ad_spend', 'new_customers'), ('aov', 'money', '↑', 'net_revenue', 'orders'),
	('conversion_rate', 'share', '↑', 'orders', 'sessions'),
	('new_customer_sub_pct', 'share', '↑', 'new_subscribers', 'new_customers'),
	('roas', 'ratio', '↑', 'ad_purchase_value', 'ad_spend'), ('mer', 'ratio', '↑', 'net_revenue', 'ad_spend'),
	('cpm', 'money', '↓', '1000 * ad_spend', 'impressions'), ('ctr', 'share', '↑', 'clicks', 'impressions'),
	('cpc', 'money', '↓', 'ad_spend', 'clicks'), ('email_revenue_share', 'share', '↑', 'email_revenue', 'net_revenue'),
	('list_growth', 'count', '↑', 'list_joins - list_leaves', NULL), ('avg_rating', 'stars', '↑', 'rating_sum', 'reviews'),
	('buy_box_pct', 'share', '↑', 'buy_box_sessions', 'market_sessions'),
	('gross_profit', 'money', '↑', 'net_revenue - cogs - shipping_cost - payment_fees', NULL),
	('profit_margin_pct', 'share', '↑', 'net_revenue - cogs - shipping_cost - payment_fees', 'net_revenue'),
	('contribution_profit', 'money', '↑', 'net_revenue - cogs - shipping_cost - payment_fees - ad_spend', NULL),
	('roi_pct', 'share', '↑', 'net_revenue - cogs - shipping_cost - payment_fees - ad_spend', 'ad_spend');
SELECT coalesce(p.metric, m.metric) AS metric, p.unit AS promised, m.unit AS has, p.direction AS promised, m.direction AS has
  FROM promised p
  FULL JOIN momentum_state.metric m USING (metric)
 WHERE p.unit IS DISTINCT FROM m.unit
    OR p.direction IS DISTINCT FROM CASE m.direction WHEN 'up' THEN '↑' WHEN 'down' THEN '↓' WHEN 'band' THEN '↔' END;
SELECT count(*) FROM promised;
SELECT metric FROM momentum_state.metric WHERE dashboard IS NOT NULL ORDER BY dashboard;

-- A brand that knows everything: 40 days of every additive metric, the terms
-- on two channels each, so that what is divided are sums over channels.  Every
-- term has numbers of its own (t is its place among them).
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES
	('all', 'Knows all', 'UTC', 'USD'), ('some', 'Knows some', 'UTC', 'USD'), ('other', 'Other', 'UTC', 'USD');
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'all', m.metric, date '2026-05-01' + d, c.channel,
	   CASE WHEN m.metric IN ('net_revenue', 'impressions', 'sessions', 'market_sessions') THEN 100 ELSE 1 END
	   * (10 + m.t + (d * m.t + c.n * 3) % 7), d > 36
  FROM (SELECT metric, row_number() OVER (ORDER BY metric) AS t FROM momentum_state.metric
         WHERE kind IN ('additive', 'snapshot')) m,
	   generate_series(0, 39) d, (VALUES ('one', 1), ('two', 2)) c (channel, n);
INSERT INTO momentum_state.source (brand, source, service) VALUES ('all', 'all_mail', 'klaviyo');
INSERT INTO hub.email_daily (brand, source, kind, day, channel, object_id, message_id, recipients, content_hash)
SELECT 'all', 'all_mail', k.kind, date '2026-05-01' + d, c.channel, 'o', 'm', 1000, 0
  FROM generate_series(0, 39) d, (VALUES ('one'), ('two')) c (channel), (VALUES ('campaign'), ('flow')) k (kind);
INSERT INTO hub.cash_balance (brand, source, tab, row_number, day, item, amount, content_hash) VALUES
	('all', 'sheet', 'Cash', 2, '2026-06-09', 'Opening balance', 5000, 0);
INSERT INTO hub.cash_flow (brand, source, tab, row_number, period, day, item, kind, amount, channel, origin, status, content_hash)
SELECT 'all', 'sheet', 'Cash', v.line, date '2026-06-09' + d, date '2026-06-09' + d, v.item, v.kind, v.amount, v.channel, 'sheet', 'expected', 0
  FROM generate_series(1, 90) d,
	   (VALUES (3, 'Shopify payouts', 'in', 1, 'shop'), (4, 'Advertising', 'cost', 1, 'ads'), (5, 'Rent', 'cost', 100, '')) v (line, item, kind, amount, channel);
INSERT INTO momentum_state.target (brand, metric, valid_from, value) VALUES ('all', 'ad_spend', '2026-01-01', 1000);
SELECT momentum.set_setting('all', 'campaign.cost_per_send', '0.01');
SELECT momentum._refresh_matviews();

-- Every key has a value on the newest day, and none stands twice.
SELECT p.metric AS without_value
  FROM promised p
 WHERE NOT EXISTS (SELECT FROM momentum.metric_value v
                    WHERE v.brand = 'all' AND v.metric = p.metric AND v.day = '2026-06-09') ORDER BY 1;
SELECT count(*) FROM (SELECT brand, metric, day, channel FROM momentum.metric_value GROUP BY 1, 2, 3, 4 HAVING count(*) > 1) twice;
-- A ratio is what its formula says, from the sums of the same day: computed
-- here from the text of the promise.
CREATE FUNCTION pg_temp.by_hand(formula text, from_day date, to_day date, only_channel text DEFAULT NULL) RETURNS numeric
LANGUAGE plpgsql AS $$
DECLARE
	result numeric;
BEGIN
	EXECUTE 'SELECT ' || regexp_replace(formula, '[a-z_]+',
		'(SELECT sum(value) FROM momentum_state.metric_daily WHERE brand = ''all'' AND metric = ''\&'' AND day BETWEEN $1 AND $2'
		' AND ($3 IS NULL OR channel = $3))', 'g')
		INTO result USING from_day, to_day, only_channel;
	RETURN result;
END $$;
CREATE FUNCTION pg_temp.formula(p promised) RETURNS text LANGUAGE sql AS $$
	SELECT '(' || p.numerator || ')' || coalesce(' / ' || p.denominator, '')
$$;
SELECT count(*) AS days, count(*) FILTER (WHERE abs(v.value - pg_temp.by_hand(pg_temp.formula(p), v.day, v.day,
		CASE WHEN p.metric = 'roas' THEN v.channel END)) > 1e-6) AS wrong
  FROM promised p JOIN momentum.metric_value v ON v.brand = 'all' AND v.metric = p.metric
 WHERE p.numerator IS NOT NULL;
-- ROAS stands under its platforms, all others under all of them.
SELECT v.channel, count(DISTINCT v.metric) AS ratios, count(DISTINCT v.metric) FILTER (WHERE v.metric = 'roas') AS roas
  FROM promised p JOIN momentum.metric_value v ON v.brand = 'all' AND v.metric = p.metric
 WHERE p.numerator IS NOT NULL GROUP BY v.channel ORDER BY 1;

-- Those with a rule of their own.  Retail: units per store and week of daily
-- rows; a year at the pace of the day; reviews times their mean rating over 28
-- days, known from the 28th on; revenue over the cost of 1000 messages on each
-- of two channels.
SELECT v.metric, count(*) AS days, min(v.day) AS first_day, max(v.day) AS last_day,
	   bool_and(abs(v.value - CASE v.metric
			WHEN 'retail_velocity' THEN pg_temp.by_hand('7 * retail_units / retail_doors', v.day, v.day)
			WHEN 'retail_run_rate' THEN pg_temp.by_hand('retail_doors * (7 * retail_units / retail_doors) * 52 * (retail_dollars / retail_units)', v.day, v.day)
			WHEN 'social_proof' THEN pg_temp.by_hand('reviews * (rating_sum / reviews)', v.day - 27, v.day)
			WHEN 'campaign_roi' THEN pg_temp.by_hand('campaign_revenue / 20', v.day, v.day) END) < 1e-6) AS right
  FROM momentum.metric_value v
 WHERE v.brand = 'all' AND v.metric IN ('retail_velocity', 'retail_run_rate', 'social_proof', 'campaign_roi')
 GROUP BY v.metric ORDER BY v.metric;
-- 5000 less 30 times 100; it lasts 50 days; 9 days of June are behind.
SELECT v.metric, v.day, v.value, v.value - CASE v.metric WHEN 'spend_pacing' THEN d.pacing ELSE v.value END AS differs
  FROM momentum.metric_value v JOIN momentum.dashboard d ON d.brand = v.brand AND d.metric = 'ad_spend'
 WHERE v.metric IN ('working_capital', 'runway_days', 'spend_pacing') ORDER BY v.metric;

-- Over many days: sums over sums, not the mean of ratios; within one channel
-- where asked.
SELECT count(*) AS ratios,
	   count(*) FILTER (WHERE abs(o.value - pg_temp.by_hand(pg_temp.formula(p), '2026-05-11', '2026-06-09')) > 1e-6) AS wrong,
	   count(*) FILTER (WHERE o.value - a.mean > 1e-6 OR a.mean - o.value > 1e-6) > 5 AS is_no_mean,
	   min(o.days) AS days, min(o.first_day), max(o.last_day)
  FROM promised p
 CROSS JOIN LATERAL momentum.metric_over('all', p.metric, '2026-05-11', '2026-06-09') o
 CROSS JOIN LATERAL (SELECT avg(v.value) AS mean FROM momentum.metric_value v
                      WHERE v.brand = 'all' AND v.metric = p.metric AND v.day BETWEEN '2026-05-11' AND '2026-06-09') a
 WHERE p.numerator IS NOT NULL AND p.metric <> 'roas';
SELECT count(*) AS ratios,
	   count(*) FILTER (WHERE abs(o.value - pg_temp.by_hand(pg_temp.formula(p), '2026-05-11', '2026-06-09', 'two')) > 1e-6) AS wrong
  FROM promised p
 CROSS JOIN LATERAL momentum.metric_over('all', p.metric, '2026-05-11', '2026-06-09', 'two') o
 WHERE p.numerator IS NOT NULL;
-- Additive metrics are summed, of a snapshot the last one counts; velocity is
-- units over store weeks, the run rate a year of what the days sold.
SELECT m.metric, o.value = pg_temp.by_hand(m.metric, CASE m.kind WHEN 'additive' THEN date '2026-05-11' ELSE '2026-06-09' END, '2026-06-09') AS right, o.days
  FROM momentum_state.metric m
 CROSS JOIN LATERAL momentum.metric_over('all', m.metric, '2026-05-11', '2026-06-09') o
 WHERE m.metric IN ('net_revenue', 'ad_spend', 'retail_doors', 'subscribers_active') ORDER BY 1;
SELECT abs(v.value - pg_temp.by_hand('7 * retail_units / retail_doors', '2026-05-11', '2026-06-09')) < 1e-6 AS velocity,
	   abs(r.value - pg_temp.by_hand('retail_dollars / 30 * 364', '2026-05-11', '2026-06-09')) < 1e-6 AS run_rate,
	   abs(c.value - pg_temp.by_hand('campaign_revenue / 600', '2026-05-11', '2026-06-09')) < 1e-6 AS campaign_roi
  FROM momentum.metric_over('all', 'retail_velocity', '2026-05-11', '2026-06-09') v,
	   momentum.metric_over('all', 'retail_run_rate', '2026-05-11', '2026-06-09') r,
	   momentum.metric_over('all', 'campaign_roi', '2026-05-11', '2026-06-09') c;
-- What platforms claim overlaps: ask for one of them.
SELECT m.metric, o.value, o.reason, p.value IS NOT NULL AS of_one
  FROM (VALUES ('roas'), ('ad_purchases'), ('ad_purchase_value'), ('best_seller_rank')) m (metric),
	   momentum.metric_over('all', m.metric, '2026-05-11', '2026-06-09') o,
	   momentum.metric_over('all', m.metric, '2026-05-11', '2026-06-09', 'one') p ORDER BY 1;

-- The usual windows, without a formula: the same numbers.
SELECT count(*) AS metrics, count(*) FILTER (WHERE abs(r.value_30d - o.value) > 1e-6) AS wrong_30d,
	   count(*) FILTER (WHERE abs(r.value_28d_before - b.value) > 1e-6) AS wrong_before, min(r.days_30d) AS days
  FROM momentum.metric_recent r
 CROSS JOIN LATERAL momentum.metric_over(r.brand, r.metric, r.as_of - 29, r.as_of, r.channel) o
 CROSS JOIN LATERAL momentum.metric_over(r.brand, r.metric, r.as_of - 55, r.as_of - 28, r.channel) b
 WHERE r.brand = 'all';
SELECT r.metric, r.value_30d = d.actual AS as_on_the_dashboard
  FROM momentum.metric_recent r JOIN momentum.dashboard d USING (brand, metric)
 WHERE r.brand = 'all' AND d.unit <> 'count' AND d.metric <> 'ad_spend' ORDER BY d.place;
-- 12 of the 28 days before are known: no change is told.
SELECT days_28d, days_28d_before, change_28d FROM momentum.metric_recent WHERE brand = 'all' AND metric = 'cac';

-- A term that is absent on a day, a denominator of zero: no ratio on that day,
-- and the days around it are summed without it.  A ratio whose days divide by
-- nothing has a reason.
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'some', v.metric, date '2026-06-01' + v.d, 'one', v.value, false
  FROM (VALUES ('ad_spend', 0, 100), ('ad_spend', 1, 60), ('ad_spend', 2, 0), ('ad_spend', 3, 50),
	('new_customers', 0, 2), ('new_customers', 1, 0), ('new_customers', 3, 3),
	('list_joins', 0, 5), ('list_joins', 1, 5), ('list_leaves', 1, 7),
	('retail_units', 0, 70), ('retail_units', 7, 140), ('retail_units', 21, 140), ('retail_doors', 0, 10), ('retail_doors', 7, 10),
	('retail_doors', 21, 10), ('campaign_revenue', 0, 10)) v (metric, d, value);
SELECT momentum._refresh_matviews();
SELECT metric, day, channel, value FROM momentum.metric_value
 WHERE brand = 'some' AND metric IN ('cac', 'cpm', 'mer', 'list_growth', 'campaign_roi') ORDER BY metric, day;
SELECT * FROM momentum.metric_over('some', 'cac', '2026-06-01', '2026-06-30');
SELECT * FROM momentum.metric_over('some', 'cac', '2026-06-02', '2026-06-03');
SELECT * FROM momentum.metric_over('some', 'cac', '2026-06-03', '2026-06-03');
SELECT * FROM momentum.metric_over('some', 'list_growth', '2026-06-01', '2026-06-30');
SELECT * FROM momentum.metric_over('some', 'campaign_roi', '2026-06-01', '2026-06-30');
-- Weekly rows stand for a week each; the week that nobody told stretches none.
SELECT day, value FROM momentum.metric_value WHERE brand = 'some' AND metric = 'retail_velocity' ORDER BY day;
SELECT value, denominator FROM momentum.metric_over('some', 'retail_velocity', '2026-06-01', '2026-06-30');

-- The catalogue tells which are fed and known.
SELECT metric, kind, formula, adds_channels, known_from, known_through FROM momentum.metric
 WHERE brand = 'some' AND metric IN ('cac', 'list_growth', 'profit_margin_pct', 'cpm', 'retail_doors', 'roas', 'retail_velocity') ORDER BY metric;
SELECT count(*) AS metrics, count(known_from) AS known FROM momentum.metric WHERE brand = 'all';

-- Wrong input beside none.
SELECT momentum.metric_over('some', 'cca', '2026-06-01', '2026-06-30');
SELECT momentum.metric_over('some', 'cac', '2026-06-30', '2026-06-01');
SELECT value, days, reason FROM momentum.metric_over('some', 'cac', '2026-06-01', '2026-06-30', 'nobody');
SELECT value, days, reason FROM momentum.metric_over('some', 'cac', NULL, '2026-06-30');
SELECT value, days, reason FROM momentum.metric_over('some', NULL, '2026-06-01', '2026-06-30');
SELECT value, days, reason FROM momentum.metric_over(NULL, 'cac', '2026-06-01', '2026-06-30');
SELECT value, days, reason FROM momentum.metric_over('nobody', 'cac', '2026-06-01', '2026-06-30');

-- A reader asks about the brands he may see; of others he is told nothing, not
-- even that they are.
CREATE ROLE regress_analyst;
SELECT momentum.grant_access('regress_analyst', 'reader', 'some');
SET ROLE regress_analyst;
SELECT round(value, 2) AS value, days, reason FROM momentum.metric_over('some', 'cac', '2026-06-01', '2026-06-30');
SELECT value, days, reason FROM momentum.metric_over('all', 'cac', '2026-06-01', '2026-06-30');
SELECT brand, count(*) FROM momentum.metric GROUP BY brand;
SELECT count(*) FROM momentum.metric_ratio WHERE brand <> 'some';
SELECT count(*) FROM momentum.metric_recent WHERE brand <> 'some';
RESET ROLE;
SELECT momentum.revoke_access('regress_analyst');
DROP ROLE regress_analyst;
