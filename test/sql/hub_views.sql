-- The computed columns of the hub: what an order, a customer, a variant and
-- a month brought.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES ('tea', 'Tea', 'UTC', 'USD');

INSERT INTO hub.product_variants (brand, source, variant_id, product_id, title, display_name, sku, price, inventory_item_id, tracked, unit_cost, unit_cost_currency, content_hash) VALUES
	('tea', 's', 'v1', 'p1', 'Small', 'Green - Small', 'G-S', 10, 'i1', true, 4, 'USD', 0),
	('tea', 's', 'v2', 'p1', 'Large', 'Green - Large', 'G-L', 20, 'i2', true, NULL, NULL, 0),
	('tea', 's', 'v3', 'p1', 'Gift', 'Green - Gift', 'G-G', 30, 'i3', false, 9, 'EUR', 0);
INSERT INTO hub.inventory_levels (brand, source, inventory_level_id, inventory_item_id, tracked, is_active, available, incoming, content_hash) VALUES
	('tea', 's', 'l1', 'i1', true, true, 30, 5, 0), ('tea', 's', 'l2', 'i1', true, true, 12, 0, 0),
	('tea', 's', 'l3', 'i1', true, false, 1000, 0, 0), ('tea', 's', 'l4', 'i2', true, true, -3, 0, 0);
INSERT INTO hub.product_costs (brand, product_key, valid_from, unit_cost, currency) VALUES
	('tea', 'variant v1', '2026-01-01', 4, 'USD'), ('tea', 'variant v3', '2026-01-01', 9, 'EUR');
INSERT INTO hub.orders (brand, source, order_id, name, order_day, processed_at, cancelled_at, is_test, is_adjustment, is_new_customer, has_selling_plan, channel, currency, gross_sales, discounts, items_sold, email, customer_id, customer_key, content_hash) VALUES
	('tea', 's', '1', '#1', '2026-06-01', '2026-06-01 10:00Z', NULL, false, false, true, true, 'shop', 'USD', 50, 5, 5, 'ann@example.com', 'c1', 'c1', 0),
	('tea', 's', '2', '#2', '2026-06-02', '2026-06-02 10:00Z', NULL, false, false, false, false, 'shop', 'USD', 30, 0, 2, 'ann@example.com', 'c1', 'c1', 0),
	('tea', 's', '3', '#3', '2026-06-03', '2026-06-03 10:00Z', NULL, false, false, true, false, 'shop', 'USD', 10, 0, 1, 'bob@example.com', NULL, 'bob@example.com', 0),
	('tea', 's', '4', '#4', '2026-06-03', '2026-06-03 11:00Z', NULL, true, false, false, false, 'shop', 'USD', 99, 0, 1, 'bob@example.com', NULL, 'bob@example.com', 0),
	('tea', 's', '5', '#5', '2026-06-03', '2026-06-03 12:00Z', '2026-06-04', false, false, false, false, 'shop', 'USD', 99, 0, 1, NULL, 'c2', 'c2', 0),
	('tea', 's', '6', '#6', '2026-06-03', '2026-06-03 13:00Z', NULL, false, false, false, false, 'shop', 'EUR', 99, 0, 1, NULL, 'c3', 'c3', 0);
INSERT INTO hub.order_line_items (brand, source, line_item_id, order_id, title, variant_id, quantity, current_quantity, unit_price, discount, is_gift_card) VALUES
	('tea', 's', '11', '1', 'Green', 'v1', 5, 4, 10, 5, false),
	('tea', 's', '12', '1', 'Card', NULL, 1, 1, 25, 0, true),
	('tea', 's', '21', '2', 'Green', 'v1', 1, 1, 10, 0, false),
	('tea', 's', '22', '2', 'Green', 'v2', 1, 1, 20, 0, false),
	('tea', 's', '31', '3', 'Green', 'v1', 1, 1, 10, 0, false);
INSERT INTO hub.refunds (brand, source, refund_id, order_id, refund_day, refunded_at, returns) VALUES
	('tea', 's', 'r1', '1', '2026-06-03', '2026-06-03 10:00Z', 9);
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional)
SELECT 'tea', m.metric, d.day, 'shop', m.value, false
  FROM (VALUES (date '2026-06-01', 50, 5, 0, 1), ('2026-06-02', 30, 0, 0, 1), ('2026-06-03', 10, 0, 9, 1)) d (day, gross, discount, returned, n)
 CROSS JOIN LATERAL (VALUES ('gross_sales', d.gross), ('discounts', d.discount), ('returns', d.returned),
	('net_revenue', d.gross - d.discount - d.returned), ('orders', d.n), ('items_sold', 7)) m (metric, value);
SELECT momentum._refresh_matviews();

-- #1: 50 - 5 - 9 = 36, four kept at 4 each leaves 20.  #2: the cost of one
-- line is not known, so the order's is not.  Test, cancelled and foreign
-- orders are there, but do not count.
SELECT order_number, is_counted, subtotal, discount_amount, refund_amount, net_income, total_product_cost, gross_profit, profit_margin_pct FROM hub.order_profit ORDER BY order_number;
-- A guest is known by e-mail; the address is not shown.
SELECT customer_id LIKE 'guest %' AS is_guest_name, position('@' IN customer_id) AS at, is_guest, first_order_date, last_order_date, total_orders, is_subscriber, net_income, aov
  FROM hub.customer_value ORDER BY net_income DESC;
-- 42 on active shelves; hub_stock has the rest.
SELECT product_name, stock_status, available_stock, incoming FROM hub.product_stock ORDER BY variant_id;
-- Over all: 42 tracked units at 7 a day.
SELECT stock_cover_days FROM momentum_state.decision_input;
-- The month agrees with the orders that count; costs that nobody told are
-- not known, nor is what depends on them.
SELECT month, days_known, is_complete, gross_income, discount_amount, refund_amount, net_income, orders, ad_cost, goods_cost, gross_margin, income_per_order, cac FROM hub.financial_months;
SELECT sum(net_income) AS net_income, count(*) AS orders FROM hub.order_profit WHERE is_counted;

-- A customer's orders are found through indexes, by a condition as well: each
-- scan of the orders goes by the customer or the address, none by the brand alone.
INSERT INTO hub.customers (brand, source, customer_id, email, duplicate_of, content_hash)
SELECT 'tea', s, n, 'c' || n || '@example.com', CASE s WHEN 'z' THEN 's/' || n END, 0
  FROM generate_series(1000, 5999) n, (VALUES ('s'), ('z')) v (s) WHERE s = 's' OR n % 10 = 0;
INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, has_selling_plan, channel, gross_sales, discounts,
	items_sold, email, customer_id, customer_key, content_hash)
SELECT 'tea', CASE WHEN n % 30 = 0 THEN 'z' ELSE 's' END, 'bulk ' || n, '2026-06-01', false, false, false, 'shop', 1, 0, 1,
	   'c' || 1000 + n % 5000 || '@example.com', CASE WHEN n % 6 <> 2 THEN 1000 + n % 5000 END,
	   CASE WHEN n % 6 <> 2 THEN (1000 + n % 5000)::text ELSE 'c' || 1000 + n % 5000 || '@example.com' END, 0
  FROM generate_series(1, 20000) n;
ANALYZE hub.customers, hub.orders;
CREATE FUNCTION pg_temp.order_scans(query text) RETURNS TABLE (by_one boolean) LANGUAGE plpgsql AS $$
DECLARE
	line text;
	is_scan boolean := false;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
		IF is_scan THEN
			by_one := line ~ 'Cond:.*(customer_id|customer_key|email)';
			RETURN NEXT;
		END IF;
		is_scan := line ~ 'Scan.* on orders' OR line ~ 'Bitmap Index Scan on orders_';
	END LOOP;
END $$;
SET enable_bitmapscan = off;
SELECT DISTINCT by_one FROM pg_temp.order_scans($$SELECT * FROM hub.order_profit WHERE brand = 'tea' AND customer_id = '2000'$$);
RESET enable_bitmapscan;
-- And they are the ones that hub.customer_order tells of.
SELECT count(*), count(*) FILTER (WHERE p.source = 'z') AS of_another_shop, count(*) FILTER (WHERE o.customer_id IS NULL) AS as_guest,
	   bool_and(EXISTS (SELECT FROM hub.customer_order c WHERE c.brand = 'tea' AND c.customer_id = '2000' AND c.source = p.source AND c.order_id = p.order_id)) AS agreed
  FROM hub.order_profit p JOIN hub.orders o USING (brand, source, order_id) WHERE p.brand = 'tea' AND p.customer_id = '2000';
SELECT count(*) FROM hub.customer_order WHERE brand = 'tea' AND customer_id = '2000';
SELECT (SELECT count(*) FROM hub.order_profit WHERE brand = 'tea') = (SELECT count(*) FROM hub.orders WHERE brand = 'tea') AS each_once;
