-- What each day cost and brought: by hand, then against plain SQL.
\set SHOW_CONTEXT never
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION momentum;
SELECT momentum.setup(), momentum.add_brand('tea', 'America/New_York', 'USD') \g /dev/null
INSERT INTO momentum_state.source (brand, source, service) VALUES ('tea', 'shop', 'shopify'), ('tea', 'ads', 'meta_ads'), ('tea', 'tok', 'tiktok_ads');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, first_day, complete_through, status, due_at)
SELECT 'tea', s, l, l, 'none', '1 day', '2025-03-01', '2025-04-30', 'ok', 'infinity'
  FROM (VALUES ('shop', 'orders'), ('shop', 'sessions_daily'), ('ads', 'insights'), ('tok', 'advertiser_daily')) x (s, l);
INSERT INTO momentum_state.channel (brand, source, stream, channel, first_day) VALUES
	('tea', 'shop', 'orders', 'web', '2025-03-01'), ('tea', 'shop', 'orders', 'pos', '2025-03-01'),
	('tea', 'shop', 'sessions_daily', 'web', '2025-03-01'), ('tea', 'ads', 'insights', 'meta', '2025-03-01'), ('tea', 'tok', 'advertiser_daily', 'tiktok', '2025-03-01');
-- A line: sku, quantity, unit price, discount.
CREATE FUNCTION pg_temp.sell(id text, day date, channel text, lines text[], shipping numeric DEFAULT NULL, is_new boolean DEFAULT false, currency text DEFAULT 'USD')
	RETURNS void LANGUAGE sql AS $$
	INSERT INTO hub.order_line_items (brand, source, line_item_id, order_id, sku, quantity, unit_price, discount, is_gift_card)
	SELECT 'tea', 'shop', id || '/' || n, id, nullif(split_part(l, ' ', 1), '-'), split_part(l, ' ', 2)::bigint, split_part(l, ' ', 3)::numeric,
	       split_part(l, ' ', 4)::numeric, split_part(l, ' ', 1) = 'card' FROM unnest(lines) WITH ORDINALITY u (l, n);
	INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, is_new_customer, has_selling_plan, channel, currency,
	                        gross_sales, discounts, items_sold, total_price, shipping_cost, tracking_number, content_hash)
	SELECT 'tea', 'shop', id, day, false, false, is_new, false, channel, currency,
	       coalesce(sum(quantity * unit_price) FILTER (WHERE NOT is_gift_card), 0), coalesce(sum(discount) FILTER (WHERE NOT is_gift_card), 0),
	       coalesce(sum(quantity) FILTER (WHERE NOT is_gift_card), 0), sum(quantity * unit_price - discount) + 5, shipping, CASE WHEN id LIKE 'r%7' THEN 'A1, A2' WHEN id LIKE 'r%' THEN 'A1' END, 1
	  FROM hub.order_line_items WHERE brand = 'tea' AND source = 'shop' AND order_id = id;
	INSERT INTO momentum_state.changed_day VALUES ('tea', 'shop', 'orders', day);
$$;
CREATE FUNCTION pg_temp.send_back(id text, day date, line integer, quantity bigint, subtotal numeric, restock text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO hub.refunds AS r (brand, source, refund_id, order_id, refund_day, refunded_at, returns)
	VALUES ('tea', 'shop', id || day, id, day, day, subtotal)
	ON CONFLICT (brand, source, order_id, refund_id) DO UPDATE SET returns = r.returns + excluded.returns;
	INSERT INTO hub.refund_line_items (brand, source, refund_line_item_id, refund_id, order_id, line_item_id, quantity, restock_type, subtotal)
	VALUES ('tea', 'shop', id || day || line, id || day, id, id || '/' || line, quantity, restock, subtotal);
	INSERT INTO momentum_state.changed_day VALUES ('tea', 'shop', 'orders', day);
$$;
CREATE FUNCTION pg_temp.spend(source text, platform text, day date, spend numeric) RETURNS void LANGUAGE sql AS $$
	INSERT INTO hub.ad_performance_daily (brand, source, level, account_id, day, object_id, platform, currency, spend, impressions, clicks, purchases, purchase_value, content_hash)
	VALUES ('tea', source, 'account', '1', day, '', platform, 'USD', spend, 0, 0, 0, 0, 1);
$$;
INSERT INTO momentum_state.changed_day (brand, source, stream, day)
SELECT t.brand, t.source, t.stream, d FROM momentum_state.stream t, generate_series(timestamp '2025-03-01', '2025-04-30', '1 day') d;
\set ECHO all

-- Green tea costs 4, from the third 4.50; black tea 3 from the second on.
INSERT INTO hub.product_costs (brand, product_key, valid_from, unit_cost, currency) VALUES
	('tea', 'green', '-infinity', 4, 'USD'), ('tea', 'green', '2025-03-03', 4.5, 'USD'), ('tea', 'black', '2025-03-02', 3, 'USD'), ('tea', 'pot', '-infinity', 11, 'EUR');
SELECT momentum.set_cost('tea', 'rent', 'month', 310, '2025-03-01'), momentum.set_cost('tea', 'label', 'parcel', 6, '2025-03-02', metric => 'shipping_cost'),
       momentum.set_cost('tea', 'card share', 'payments', 0.029, '2025-03-01', metric => 'payment_fees'), momentum.set_cost('tea', 'card fee', 'order', 0.3, '2025-03-01', metric => 'payment_fees'),
       momentum.set_cost('tea', 'box', 'item', 0.25, '2025-03-01'), momentum.set_cost('tea', 'stall', 'order', 1, '2025-03-01', channel => 'pos') \g /dev/null

-- 1 March: two of green for 20 each, 4 off; a gift card, no goods.
SELECT pg_temp.sell('1', '2025-03-01', 'web', '{green 2 20 4,card 1 25 0}', shipping => 7.10, is_new => true) \g /dev/null
-- 2 March: green and black on the web, green at the stall.
SELECT pg_temp.sell('2', '2025-03-02', 'web', '{green 1 20 0,black 2 15 0}', is_new => true), pg_temp.sell('3', '2025-03-02', 'pos', '{green 1 18 0}', shipping => 0) \g /dev/null
-- 3 March: the newer cost; one of the two of order 1 comes back and is put
-- on the shelf, a black tea of order 2 comes back broken.
SELECT pg_temp.sell('4', '2025-03-03', 'web', '{green 1 20 0}'), pg_temp.send_back('1', '2025-03-03', 1, 1, 18, 'RETURN'), pg_temp.send_back('2', '2025-03-03', 2, 1, 15, 'NO_RESTOCK') \g /dev/null
-- 4 March: white tea has no cost; 5 March: a pot has one in another currency;
-- 6 March: black tea for twenty cents, a tip; 7 March: an order of which no line is known.
SELECT pg_temp.sell('5', '2025-03-04', 'web', '{green 9 20 0,white 1 1 0}'), pg_temp.sell('6', '2025-03-05', 'web', '{pot 1 30 0}'), pg_temp.sell('7', '2025-03-06', 'web', '{black 1 0.20 0,- 1 5 0}') \g /dev/null
INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, is_new_customer, has_selling_plan, channel, currency, gross_sales, discounts, items_sold, total_price, content_hash)
VALUES ('tea', 'shop', '8', '2025-03-07', false, false, false, false, 'web', 'USD', 20, 0, 1, 20, 1),
       ('tea', 'shop', '9', '2025-03-08', true, false, false, false, 'web', 'USD', 20, 0, 1, 20, 1), ('tea', 'shop', '10', '2025-03-08', false, false, false, false, 'web', 'EUR', 20, 0, 1, NULL, 1);
SELECT pg_temp.spend('ads', 'meta', '2025-03-01', 12), pg_temp.spend('tok', 'tiktok', '2025-03-01', 3.5), pg_temp.spend('ads', 'meta', '2025-03-03', 10) \g /dev/null
INSERT INTO hub.sessions_daily (brand, source, day, channel, sessions, content_hash) VALUES ('tea', 'shop', '2025-03-01', 'web', 40, 1), ('tea', 'shop', '2025-03-02', 'web', 50, 1);
SELECT momentum.recompute() > 0 AS computed;

-- Goods: 1: 2 * 4 = 8.  2: 4 + 6 and 4.  3: 4.50 less the one of 1 March at
-- its cost then, 4; the broken one stays a cost.  4 to 7: not known.  8:
-- nothing that counts was sold, which is known.
SELECT day, channel, value FROM momentum_state.metric_daily WHERE metric = 'cogs' AND day < '2025-03-10' ORDER BY 1, 2;
-- Shipping: 1: the order's own, no label needed.  2: a label for order 2,
-- order 3 was handed over.  From then on 6 per parcel.
SELECT day, channel, value FROM momentum_state.metric_daily WHERE metric = 'shipping_cost' AND day < '2025-03-10' ORDER BY 1, 2;
-- Fees: 1: 2.9 % of 66 charged, and 0.30.
SELECT day, channel, value FROM momentum_state.metric_daily WHERE metric = 'payment_fees' AND day < '2025-03-05' ORDER BY 1, 2;
-- Boxes, and the stall's own cost.
SELECT day, channel, value FROM momentum_state.metric_daily WHERE metric = 'variable_costs' AND day < '2025-03-04' ORDER BY 1, 2;

-- The day in money.  1: 36 - 8 - 7.10 - 2.21 = 18.69 of 36.  3 March: 20 sold, 33 sent back.
SELECT day, revenue, orders_count, new_customers, items_sold, store_sessions, meta_ad_spend, ad_spend, fixed_costs, variable_costs FROM hub.financial_metrics WHERE brand = 'tea' AND day < '2025-03-05' ORDER BY day;
SELECT day, gross_profit, profit_margin_pct, mer_ratio, aov, conversion_rate_pct, cpa, customer_acquisition_cost, roi_pct, contribution_profit, operating_profit FROM hub.financial_metrics WHERE brand = 'tea' AND day < '2025-03-05' ORDER BY day;
SELECT min("time"), min(currency) FROM hub.financial_metrics WHERE day = '2025-03-09' OR day = '2025-03-10' GROUP BY day ORDER BY day;
-- The month: what has several terms is made of the days on which all are known.
SELECT month, days_known, is_complete, net_income, goods_cost, shipping_cost, payment_cost, fixed_cost, variable_cost, margin_days_known, gross_margin, margin_share, contribution_margin, roi, operating_profit, cpa, cac FROM hub.financial_months ORDER BY month;

-- Every figure of a day is what metric_value says, every month what metric_over does.
CREATE VIEW pg_temp.told AS
SELECT f.day, x.metric, x.value
  FROM hub.financial_metrics f
 CROSS JOIN LATERAL (VALUES ('net_revenue', f.revenue), ('orders', f.orders_count), ('new_customers', f.new_customers), ('items_sold', f.items_sold), ('sessions', f.store_sessions),
	('ad_spend', f.ad_spend), ('fixed_costs', f.fixed_costs), ('variable_costs', f.variable_costs), ('cogs', f.cogs), ('shipping_cost', f.shipping_cost), ('payment_fees', f.payment_fees),
	('mer', f.mer_ratio), ('aov', f.aov), ('conversion_rate', f.conversion_rate_pct), ('gross_profit', f.gross_profit), ('profit_margin_pct', f.profit_margin_pct),
	('cac', f.customer_acquisition_cost), ('roi_pct', f.roi_pct), ('contribution_profit', f.contribution_profit)) x (metric, value)
 WHERE f.brand = 'tea' AND x.value IS NOT NULL;
CREATE VIEW pg_temp.told_otherwise AS
SELECT coalesce(t.day, v.day) AS day, coalesce(t.metric, v.metric) AS metric, t.value AS told, v.value
  FROM pg_temp.told t
  FULL JOIN (SELECT v.day, v.metric, sum(v.value) AS value
               FROM momentum.metric_value v
              WHERE v.brand = 'tea' AND v.metric IN (SELECT metric FROM pg_temp.told)
              GROUP BY v.day, v.metric) v ON v.day = t.day AND v.metric = t.metric
 WHERE t.value IS DISTINCT FROM round(v.value, CASE WHEN v.metric IN ('mer', 'conversion_rate', 'profit_margin_pct', 'roi_pct') THEN 6 ELSE 2 END);
CREATE VIEW pg_temp.months_otherwise AS
SELECT f.month, x.metric, x.value, o.value AS over
  FROM hub.financial_months f
 CROSS JOIN LATERAL (VALUES ('net_revenue', f.net_income, 2), ('cogs', f.goods_cost, 2), ('shipping_cost', f.shipping_cost, 2), ('payment_fees', f.payment_cost, 2), ('fixed_costs', f.fixed_cost, 2),
	('variable_costs', f.variable_cost, 2), ('gross_profit', f.gross_margin, 2), ('profit_margin_pct', f.margin_share, 6), ('contribution_profit', f.contribution_margin, 2), ('roi_pct', f.roi, 6),
	('aov', f.income_per_order, 2), ('cac', f.cac, 2), ('mer', f.mer, 6), ('conversion_rate', f.conversion_rate, 6)) x (metric, value, scale)
 CROSS JOIN LATERAL momentum.metric_over('tea', x.metric, f.month, (f.month + interval '1 month')::date - 1) o
 WHERE f.brand = 'tea' AND x.value IS DISTINCT FROM round(o.value, x.scale);
SELECT * FROM pg_temp.told_otherwise;
SELECT * FROM pg_temp.months_otherwise;

-- A small share of sales without a cost may be allowed: then those lines
-- count at the cost per sales of the others, here 40.50 / 180 of 1.  The tip of
-- the 6th is nearly all that was sold.
SELECT momentum.set_setting('tea', 'costs.unknown_share', '0.01');
SELECT count(DISTINCT day) AS days, min(stream) AS metric FROM momentum_state.changed_day WHERE stream <> '' AND day < '2025-05-01';
SELECT momentum.recompute();
SELECT day, channel, value FROM momentum_state.metric_daily WHERE metric = 'cogs' AND day BETWEEN '2025-03-04' AND '2025-03-07' AND channel = 'web' ORDER BY 1;
SELECT momentum.set_setting('tea', 'costs.unknown_share', '1.5');
SELECT momentum.set_setting('tea', 'costs.unknown_share', NULL);
SELECT momentum.recompute();

-- A cost of goods that changes has only those days computed anew on which the
-- product was sold while it held, or came back: 1 and 2 March, and the 3rd, not the 4th.
UPDATE hub.product_costs SET unit_cost = 3.8 WHERE product_key = 'green' AND valid_from = '-infinity';
SELECT momentum._cost_changed('tea', '{green}', '-infinity');
SELECT day, stream FROM momentum_state.changed_day ORDER BY day;
SELECT momentum.recompute();
SELECT day, channel, value FROM momentum_state.metric_daily WHERE metric = 'cogs' AND day < '2025-03-04' ORDER BY 1, 2;
-- White tea gets its cost: the 4th is known.
INSERT INTO hub.product_costs (brand, product_key, valid_from, unit_cost, currency) VALUES ('tea', 'white', '-infinity', 0.5, 'USD');
SELECT momentum._cost_changed('tea', '{white}', '-infinity');
SELECT momentum.recompute();
SELECT day, channel, value FROM momentum_state.metric_daily WHERE metric = 'cogs' AND day = '2025-03-04' ORDER BY 1, 2;
SELECT * FROM pg_temp.told_otherwise;

-- Orders whose charge is not known have no share of it; no day has a label
-- once that ends, but for those whose orders tell their own.
UPDATE hub.orders SET total_price = NULL WHERE order_id = '4';
INSERT INTO momentum_state.changed_day VALUES ('tea', 'shop', 'orders', '2025-03-03');
SELECT momentum.end_cost('tea', 'label', '2025-03-01');
SELECT momentum.recompute();
SELECT day, metric, sum(value) FROM momentum_state.metric_daily WHERE metric IN ('shipping_cost', 'payment_fees') AND day < '2025-03-06' GROUP BY 1, 2 ORDER BY 2, 1;

-- Property: whatever is sold and sent back, at whatever costs, the days come to
-- what plain SQL over all of it comes to, and nothing of it drifts.
\set ECHO none
SELECT setseed(0.7) \g /dev/null
SELECT momentum.set_cost('tea', 'label', 'parcel', 5.55, '2025-03-12', metric => 'shipping_cost'), momentum.set_cost('tea', 'label', 'item', 2.25, '2025-04-11', metric => 'shipping_cost'),
       momentum.set_cost('tea', 'agent', 'net_revenue', 0.0333, '2025-03-15', '2025-04-15', channel => 'web'), momentum.set_cost('tea', 'parcels back', 'refund', 4.44, '2025-03-20'),
       momentum.set_cost('tea', 'welcome', 'new_customer', 1.11, '2025-03-01'), momentum.set_cost('tea', 'till', 'week', 9.99, '2025-03-05', metric => 'payment_fees') \g /dev/null
INSERT INTO hub.product_costs (brand, product_key, valid_from, unit_cost, currency)
SELECT 'tea', 'sku' || p, date '2025-03-01' + floor(random() * 40)::integer, round((random() * 10)::numeric, 3), 'USD' FROM generate_series(1, 8) p, generate_series(1, 3)
UNION ALL SELECT 'tea', 'sku' || p, '-infinity', round((random() * 10)::numeric, 3), 'USD' FROM generate_series(1, 7) p ON CONFLICT DO NOTHING;
SELECT pg_temp.sell('r' || i, date '2025-03-10' + (random() * 50)::integer, CASE WHEN random() < 0.7 THEN 'web' ELSE 'pos' END,
                    ARRAY(SELECT 'sku' || CASE WHEN random() < 0.005 THEN 9 ELSE ceil(random() * 7 + i - i) END || ' ' || ceil(random() * 3) || ' ' || round((random() * 30)::numeric, 2) || ' ' || round(random()::numeric, 2)
                            FROM generate_series(1, 1 + i % 3)),
                    CASE WHEN random() < 0.3 THEN round((random() * 9)::numeric, 2) END, random() < 0.5, CASE WHEN random() < 0.05 THEN 'EUR' ELSE 'USD' END)
  FROM generate_series(1, 400) i \g /dev/null
SELECT pg_temp.send_back(l.order_id, o.order_day + ceil(random() * 9)::integer, split_part(l.line_item_id, '/', 2)::integer, 1, l.unit_price, CASE WHEN random() < 0.6 THEN 'RETURN' WHEN random() < 0.5 THEN 'CANCEL' ELSE 'NO_RESTOCK' END)
  FROM hub.order_line_items l JOIN hub.orders o USING (brand, source, order_id) WHERE l.order_id LIKE 'r%' AND random() < 0.15 \g /dev/null
SELECT pg_temp.spend(CASE p WHEN 'meta' THEN 'ads' ELSE 'tok' END, p, d::date, round((random() * 40)::numeric, 2)) FROM unnest(ARRAY['meta', 'tiktok']) p, generate_series(timestamp '2025-03-10', '2025-04-30', '1 day') d \g /dev/null
INSERT INTO hub.sessions_daily (brand, source, day, channel, sessions, content_hash) SELECT 'tea', 'shop', d, 'web', ceil(random() * 300), 1 FROM generate_series(timestamp '2025-03-10', '2025-04-30', '1 day') d;
INSERT INTO momentum_state.changed_day SELECT 'tea', s, t, d FROM (VALUES ('ads', 'insights'), ('tok', 'advertiser_daily'), ('shop', 'sessions_daily')) x (s, t), generate_series(timestamp '2025-03-10', '2025-04-30', '1 day') d;
SELECT momentum.recompute() \g /dev/null
\set ECHO all
CREATE VIEW pg_temp.sold AS SELECT * FROM hub.orders WHERE NOT is_test AND currency = 'USD';
CREATE VIEW pg_temp.goods AS
SELECT x.day, x.channel, x.units * (SELECT c.unit_cost FROM hub.product_costs c WHERE c.product_key = x.product_key AND c.currency = 'USD' AND c.valid_from =
	(SELECT max(d.valid_from) FROM hub.product_costs d WHERE d.product_key = x.product_key AND d.valid_from <= x.cost_day)) AS cost
  FROM (SELECT o.order_day AS day, o.channel, o.order_day AS cost_day, l.product_key, l.quantity AS units FROM pg_temp.sold o JOIN hub.order_line_items l USING (order_id) WHERE NOT l.is_gift_card
         UNION ALL
        SELECT r.refund_day, o.channel, o.order_day, l.product_key, -x.quantity
          FROM hub.refund_line_items x JOIN hub.refunds r USING (order_id, refund_id) JOIN pg_temp.sold o USING (order_id) JOIN hub.order_line_items l USING (order_id, line_item_id)
         WHERE x.restock_type <> 'NO_RESTOCK') x;
CREATE VIEW pg_temp.plain AS
SELECT 'cogs' AS metric, day, channel, round(sum(cost), 2) AS value FROM pg_temp.goods WHERE day NOT IN (SELECT day FROM pg_temp.goods WHERE cost IS NULL) GROUP BY day, channel
UNION ALL
SELECT 'shipping_cost', order_day, channel,
       coalesce(sum(shipping_cost), 0) + CASE WHEN order_day < '2025-04-11' THEN 5.55 * coalesce(sum(CASE WHEN tracking_number LIKE '%,%' THEN 2 ELSE 1 END) FILTER (WHERE shipping_cost IS NULL), 0) ELSE round(2.25 * coalesce(sum(items_sold) FILTER (WHERE shipping_cost IS NULL), 0), 2) END
  FROM pg_temp.sold GROUP BY order_day, channel
UNION ALL
SELECT 'payment_fees', order_day, channel, round(0.029 * sum(total_price), 2) + 0.3 * count(*) FROM pg_temp.sold GROUP BY order_day, channel
UNION ALL       -- 9.99 a week: 1.43, but a cent less on two of the days
SELECT 'payment_fees', d::date, 'till', CASE WHEN extract(isodow FROM d) IN (2, 6) THEN 1.42 ELSE 1.43 END FROM generate_series(timestamp '2025-03-05', '2025-04-30', '1 day') d
UNION ALL
SELECT 'variable_costs', day, channel, round(0.25 * sum(items_sold), 2) + CASE channel WHEN 'pos' THEN count(order_id) ELSE 0 END + 1.11 * count(*) FILTER (WHERE is_new_customer)
       + CASE WHEN channel = 'web' AND day BETWEEN '2025-03-15' AND '2025-04-15' THEN round(0.0333 * sum(sales), 2) ELSE 0 END + CASE WHEN day >= '2025-03-20' THEN 4.44 * count(refund_id) ELSE 0 END
  FROM (SELECT order_day AS day, channel, order_id, NULL AS refund_id, items_sold, is_new_customer, gross_sales - discounts AS sales FROM pg_temp.sold
         UNION ALL SELECT r.refund_day, o.channel, NULL, r.refund_id, 0, false, -r.returns FROM hub.refunds r JOIN pg_temp.sold o USING (order_id)) x
 GROUP BY day, channel;
-- Days from the 12th on: every order has a rate then, and every charge is known.
SELECT metric, count(*) AS compared, count(*) FILTER (WHERE coalesce(p.value, 0) <> m.value) AS different, count(*) FILTER (WHERE m.value IS NULL) AS missing
  FROM (SELECT * FROM pg_temp.plain WHERE day BETWEEN '2025-03-12' AND '2025-04-30') p
  FULL JOIN (SELECT metric, day, channel, value FROM momentum_state.metric_daily
              WHERE brand = 'tea' AND metric IN ('cogs', 'shipping_cost', 'payment_fees', 'variable_costs') AND day BETWEEN '2025-03-12' AND '2025-04-30') m USING (metric, day, channel)
 GROUP BY metric ORDER BY metric;
SELECT count(DISTINCT day) AS days_without_goods_cost FROM pg_temp.goods WHERE cost IS NULL AND day BETWEEN '2025-03-12' AND '2025-04-30';
SELECT count(*) FROM pg_temp.told_otherwise;
SELECT count(*) FROM pg_temp.months_otherwise;
SELECT count(*) > 500 AS many FROM pg_temp.told;
CALL momentum.reconcile();
SELECT drift_found, values_compared > 1000 AS many FROM momentum.reconciliation ORDER BY run_id DESC LIMIT 1;
SELECT count(*) > 40 AS many FROM hub.refunds WHERE brand = 'tea';

-- Costs come, change and go; what follows the changes is what all of it comes to.
\set ECHO none
CREATE FUNCTION pg_temp.happen() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	d CONSTANT date := date '2025-03-01' + floor(random() * 61)::integer;
	names CONSTANT text[] := '{rent,card share,box,label,till,staff}';
	what CONSTANT text := names[1 + floor(random() * 6)::integer];
	bases CONSTANT text[] := '{day,week,month,quarter,year,order,item,parcel,refund,new_customer,net_revenue,sales,payments}';
	kind CONSTANT text := bases[1 + floor(random() * 13)::integer];
	gone date;
	key CONSTANT text := 'sku' || ceil(random() * 9);
BEGIN
	CASE floor(random() * 5)::integer
	WHEN 0, 1 THEN
		PERFORM momentum.set_cost('tea', what, kind, round(random()::numeric, 2), d, CASE WHEN random() < 0.3 THEN d + 5 END,
		                          CASE WHEN random() < 0.5 THEN CASE WHEN random() < 0.5 THEN 'payment_fees' ELSE 'shipping_cost' END END,
		                          CASE WHEN random() < 0.2 THEN 'web' END);
	WHEN 2 THEN
		PERFORM momentum.end_cost('tea', what, d);
	WHEN 3 THEN
		INSERT INTO hub.product_costs AS c (brand, product_key, valid_from, unit_cost, currency) VALUES ('tea', key, d, round(random()::numeric * 9, 3), 'USD')
		ON CONFLICT (brand, product_key, valid_from) DO UPDATE SET unit_cost = excluded.unit_cost;
		PERFORM momentum._cost_changed('tea', ARRAY[key], d);
	ELSE
		DELETE FROM hub.product_costs c WHERE c.product_key = key AND c.valid_from = (SELECT max(p.valid_from) FROM hub.product_costs p WHERE p.product_key = key AND p.valid_from < d)
		RETURNING c.valid_from INTO gone;
		PERFORM momentum._cost_changed('tea', ARRAY[key], gone);
	END CASE;
EXCEPTION WHEN exclusion_violation OR undefined_object THEN
	NULL;
END
$$;
DO $$ BEGIN FOR i IN 1..60 LOOP PERFORM pg_temp.happen(); IF i % 4 = 0 THEN PERFORM momentum.recompute(); END IF; END LOOP; END $$;
SELECT momentum.recompute() \g /dev/null
\set ECHO all
CALL momentum.reconcile();
SELECT drift_found, values_compared > 1000 AS many FROM momentum.reconciliation ORDER BY run_id DESC LIMIT 1;
SELECT metric, count(*) FROM momentum.drift GROUP BY metric;
SELECT count(*) FROM pg_temp.told_otherwise;
SELECT count(*) FROM pg_temp.months_otherwise;
