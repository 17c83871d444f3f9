-- Orders: where they stand, how they travel, what people note on them, what
-- they cost; and orders that the hub refuses.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
SELECT svc.source('shop', 'shopify') \g /dev/null
SELECT svc.shop_orders() \g /dev/null
CREATE FUNCTION svc.later(seconds integer) RETURNS timestamptz LANGUAGE sql AS
	$$ SELECT date_trunc('second', now()) - interval '10 minutes' + seconds * interval '1 second' $$;
CREATE FUNCTION svc.state(o bigint, paid text, sent text, cancelled boolean DEFAULT false, title text DEFAULT NULL, code text DEFAULT NULL, parcels jsonb DEFAULT '[]')
	RETURNS void LANGUAGE sql AS $$
	SELECT svc.put_order(o, '2025-03-05 12:00-05', o, 1, 10, svc.later(0));
	UPDATE svc.orders SET financial_status = paid, fulfillment_status = sent, cancelled_at = CASE WHEN cancelled THEN processed_at END,
		shipping_title = title, shipping_code = code, fulfillments = parcels WHERE id = o;
$$;
\set ECHO all

-- What the shop says, as values of the lists.
SELECT svc.state(1, 'PENDING', 'UNFULFILLED'), svc.state(2, 'PAID', 'UNFULFILLED', title => 'Standard'),
	   svc.state(3, 'PAID', 'PARTIALLY_FULFILLED', title => 'Express (2 days)'), svc.state(4, 'PAID', 'FULFILLED', title => 'Post', code => 'OVERNIGHT'),
	   svc.state(5, 'REFUNDED', 'UNFULFILLED', true), svc.state(6, 'VOIDED', 'UNFULFILLED'), svc.state(7, 'PARTIALLY_REFUNDED', 'FULFILLED'),
	   svc.state(8, 'EXPIRED', 'ON_HOLD'), svc.state(9, NULL, NULL), svc.state(10, 'PAID', 'RESTOCKED', title => 'Pigeon'), svc.state(11, 'LOST', 'UNFULFILLED');
-- Two parcels, one of them taken back before; and one that is still on its way.
UPDATE svc.orders SET fulfillments = '[
	{"status": "CANCELLED", "displayStatus": "CANCELED", "createdAt": "2025-03-05T18:00:00Z", "deliveredAt": null, "trackingInfo": [{"number": "GONE"}]},
	{"status": "SUCCESS", "displayStatus": "PICKED_UP", "createdAt": "2025-03-06T18:00:00Z", "deliveredAt": "2025-03-09T10:00:00Z", "trackingInfo": [{"number": "B1"}, {"number": "B2"}]},
	{"status": "SUCCESS", "displayStatus": "DELIVERED", "createdAt": "2025-03-06T09:00:00Z", "deliveredAt": "2025-03-10T10:00:00Z", "trackingInfo": [{"number": "A1"}]}]' WHERE id = 4;
UPDATE svc.orders SET fulfillments = '[
	{"status": "SUCCESS", "displayStatus": "DELIVERED", "createdAt": "2025-03-06T09:00:00Z", "deliveredAt": "2025-03-10T10:00:00Z", "trackingInfo": []},
	{"status": "SUCCESS", "displayStatus": "IN_TRANSIT", "createdAt": "2025-03-07T09:00:00Z", "deliveredAt": null, "trackingInfo": [{"number": null}]}]' WHERE id = 7;
CALL momentum.refresh();
SELECT order_id, order_status, payment_status, shipping_method, tracking_number, shipped_at AT TIME ZONE 'UTC' AS shipped, delivered_at AT TIME ZONE 'UTC' AS delivered
  FROM hub.orders ORDER BY order_id::bigint;
-- A word that nobody knows is told, not guessed.
SELECT unnest(warnings) AS warning FROM momentum_state.stream WHERE stream = 'orders' ORDER BY 1;
-- A new word, and a new value, is one row.
INSERT INTO hub.shipping_methods (shipping_method, position) VALUES ('Bird', 4);
INSERT INTO momentum_state.list_word (brand, service, field, pattern, value, position) VALUES
	('', 'shopify', 'shipping_method', 'pigeon', 'Bird', 5), ('brez', 'shopify', 'shipping_method', 'standard', 'Express', 900);
SELECT momentum.apply_list_words('brez');
SELECT order_id, shipping_method FROM hub.orders WHERE order_id IN ('2', '10') ORDER BY 1;
SELECT momentum.apply_list_words();
\set VERBOSITY terse
INSERT INTO momentum_state.list_word (service, field, pattern, value, position) VALUES ('shopify', 'shipping_method', '(', 'Bird', 5);
INSERT INTO momentum_state.list_word (service, field, pattern, value, position) VALUES ('shopify', 'colour', 'x', 'Bird', 5);
-- A value that is in no list is passed over.
INSERT INTO momentum_state.list_word (service, field, pattern, value, position) VALUES ('shopify', 'shipping_method', 'pigeon', 'Fish', 1);
INSERT INTO momentum_state.list_word (service, field, pattern, value, position) VALUES ('shopify', 'shipping_method', 'pigeon.?', 'Fish', 1);
SELECT momentum.apply_list_words('brez');
SELECT momentum.apply_list_words('nobody');
UPDATE hub.orders SET order_status = 'Lost' WHERE order_id = '1';
UPDATE hub.orders SET payment_status = 'Lost' WHERE order_id = '1';
UPDATE hub.orders SET shipping_method = 'Lost' WHERE order_id = '1';
UPDATE hub.orders SET customer_satisfaction_score = 6 WHERE order_id = '1';
UPDATE hub.orders SET shipping_cost = -1 WHERE order_id = '1';

-- What people note stays when the order changes.
UPDATE hub.orders SET shipping_cost = 4.2, review_request_sent = true, customer_notified = true, customer_satisfaction_score = 5 WHERE order_id = '2';
SELECT svc.state(2, 'PAID', 'FULFILLED', title => 'Standard');
SELECT svc.stamp_order(2, svc.later(1));
CALL momentum.refresh(force => true);
SELECT order_status, shipping_cost, review_request_sent, customer_notified, customer_satisfaction_score FROM hub.orders WHERE order_id = '2';

-- What an order costs: each line at the cost of its day, in its currency.
INSERT INTO hub.product_costs (brand, product_key, valid_from, unit_cost, currency) VALUES
	('brez', 'A', '2025-01-01', 3, 'USD'), ('brez', 'A', '2025-03-06', 5, 'USD'), ('brez', 'variant 77', '2025-01-01', 1, 'USD'),
	('brez', 'E', '2025-01-01', 1, 'EUR');
SELECT svc.put_order(20 + n, CASE WHEN n = 1 THEN timestamptz '2025-03-06 12:00-05' ELSE '2025-03-05 23:59-05' END, 50, 4, 10, svc.later(2)) FROM generate_series(0, 6) n;
UPDATE svc.order_line_items SET sku = CASE WHEN order_id IN (22, 23) THEN NULL WHEN order_id = 24 THEN 'E' ELSE 'A' END,
	current_quantity = CASE WHEN order_id = 25 THEN 3 ELSE 4 END, variant_id = CASE WHEN order_id = 22 THEN 77 END WHERE order_id BETWEEN 20 AND 26;
UPDATE svc.orders SET total_shipping = 6, email = 'fifty@example.com' WHERE id BETWEEN 20 AND 26;
SELECT svc.put_refund(25, 25, '2025-03-20 12:00-04', 10, svc.later(3));
CALL momentum.refresh(force => true);
UPDATE hub.orders SET shipping_cost = 2 WHERE order_id IN ('21', '25');
-- 20 and 21: another day, another cost; 22: no SKU but a variant; 23: its product was deleted; 24: the cost is in
-- euros; 25: one of four came back; 21 and 25: what shipping cost is known.
SELECT order_id, order_date, subtotal, discount_amount, shipping_revenue, total_revenue, refund_amount, shipping_cost, total_product_cost, gross_profit, profit_margin_pct
  FROM hub.order_profit WHERE order_id BETWEEN '20' AND '26' ORDER BY 1;
SELECT order_id, product_key, sku, quantity, quantity_kept, price, discount, unit_cost, product_cost FROM hub.order_line_profit WHERE order_id BETWEEN '20' AND '26' ORDER BY 1;
SELECT order_id, refund_id, refund_date, quantity, refund_amount, total_refunded FROM hub.order_refunds;
SELECT order_week, order_month, days_since_order = (now() AT TIME ZONE 'America/New_York')::date - order_date AS since FROM hub.order_profit WHERE order_id = '21';
-- One order is found by brand and id, without a walk through all.
SET enable_seqscan = off;
CREATE FUNCTION svc.scans(query text) RETURNS TABLE (relation text, way text) LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN QUERY SELECT DISTINCT n ->> 'Relation Name', replace(n ->> 'Node Type', 'Only ', '') || CASE WHEN n ? 'Index Cond' THEN '' ELSE ' of all' END
	  FROM jsonb_path_query(plan, '$.** ? (@."Relation Name" starts with "order" || @."Relation Name" starts with "refund" || @."Relation Name" == "customers")') n ORDER BY 1, 2;
END $$;
SELECT * FROM svc.scans($$SELECT * FROM hub.order_profit WHERE brand = 'brez' AND order_id = '21'$$);
SELECT * FROM svc.scans($$SELECT * FROM hub.order_line_profit WHERE brand = 'brez' AND order_id = '21'$$);
SELECT * FROM svc.scans($$SELECT * FROM hub.order_refunds WHERE brand = 'brez' AND order_id = '21'$$);
SELECT * FROM svc.scans($$SELECT order_id FROM hub.orders WHERE brand = 'brez' AND tracking_number = 'A1'$$);
SELECT * FROM svc.scans($$SELECT order_id FROM hub.orders WHERE brand = 'brez' AND lower(email) = 'a'$$);
SELECT * FROM svc.scans($$SELECT order_id FROM hub.orders WHERE brand = 'brez' AND name = '#1'$$);
RESET enable_seqscan;

-- Bad orders are kept as letters with all that belongs to them; the rest of the slice goes on.
SELECT svc.put_order(30 + n, '2025-03-08 12:00-05', 60 + n, 1, 10, svc.later(5)) FROM generate_series(0, 6) n;
UPDATE svc.order_line_items SET quantity = -1 WHERE order_id = 30;
UPDATE svc.orders SET processed_at = '3020-01-01' WHERE id = 31;
UPDATE svc.orders SET total_price = 1e12 WHERE id = 32;
UPDATE svc.order_line_items SET unit_price = 'NaN' WHERE order_id = 33;
SELECT svc.put_refund(34, 34, '3020-01-01', 5, svc.later(5));
UPDATE svc.orders SET currency = 'EUR', customer_id = NULL WHERE id = 35;
CALL momentum.refresh(force => true);
SELECT item, reason, sqlstate, jsonb_array_length(payload -> 'lines') AS lines, jsonb_array_length(payload -> 'refunds') AS refunds
  FROM momentum_state.dead_letter ORDER BY item;
SELECT status, failures, foreign_currency_rows FROM momentum.source_health WHERE stream = 'orders';
-- No customer, no variant, another currency: stored, and left out of the sums.
SELECT order_id, customer_id, is_counted, currency FROM hub.order_profit WHERE order_id BETWEEN '30' AND '36' ORDER BY 1;
SELECT * FROM svc.days('2025-03-08', '2025-03-08', 'orders', 'net_revenue');
-- Mended at the shop, it comes in and the letter is closed; mended by hand likewise; else the reason is said again.
UPDATE svc.order_line_items SET quantity = 1 WHERE order_id = 30;
SELECT svc.stamp_order(30, svc.later(6));
CALL momentum.refresh(force => true);
UPDATE momentum_state.dead_letter SET payload = jsonb_set(payload, '{order,total_price}', '10') WHERE item = '32';
SELECT letter IS NOT NULL AS letter, replayed, reason FROM momentum.replay(brand => 'brez') ORDER BY reason;
SELECT item, replayed_at IS NOT NULL AS replayed FROM momentum_state.dead_letter ORDER BY item;
SELECT order_id, items_sold FROM hub.orders WHERE order_id BETWEEN '30' AND '36' ORDER BY 1;
-- A plain INSERT is told.
INSERT INTO hub.order_line_items (brand, source, order_id, line_item_id, quantity, unit_price, discount, is_gift_card) VALUES ('brez', 'x', '1', '1', -1, 1, 0, false);
INSERT INTO hub.refund_line_items (brand, source, order_id, refund_id, refund_line_item_id, quantity, subtotal) VALUES ('brez', 'x', '1', '1', '1', -1, 1);
INSERT INTO hub.refunds (brand, source, order_id, refund_id, refund_day, refunded_at, returns) VALUES ('brez', 'x', '1', '1', '3020-01-01', now(), 1);
INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, has_selling_plan, channel, gross_sales, discounts, items_sold, content_hash)
	VALUES ('brez', 'x', '1', '3020-01-01', false, false, false, 'shop', 1, 0, 1, 0);
INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, has_selling_plan, channel, gross_sales, discounts, items_sold, content_hash)
	VALUES ('brez', 'x', '1', '2025-01-01', false, false, false, 'shop', 1, 0, -1, 0);
