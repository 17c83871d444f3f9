-- Orders, refunds and customers: what counts on which day.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
SELECT svc.source('shop', 'shopify') \g /dev/null
SELECT svc.shop_orders() \g /dev/null
\set ECHO all
-- Stamps of later changes: within the overlap, older than the safety lag.
SELECT date_trunc('second', now()) - interval '8 minutes' AS later, date_trunc('second', now()) - interval '6 minutes' AS latest \gset

-- A day is a day of the brand's zone: 23:30 and 00:30 in New York, and both
-- sides of the hour that summer time leaves out (9 March) or repeats (2 November).
SELECT svc.put_order(1, '2025-03-05 04:30+00', 1, 1, 100);
SELECT svc.put_order(2, '2025-03-05 05:30+00', 2, 1, 100);
SELECT svc.put_order(3, '2025-03-09 04:59:59+00', 3, 1, 10);
SELECT svc.put_order(4, '2025-03-09 06:30+00', 4, 1, 10);
SELECT svc.put_order(5, '2025-03-10 03:59:59+00', 5, 1, 10);
SELECT svc.put_order(6, '2025-11-02 05:30+00', 6, 1, 10);
SELECT svc.put_order(7, '2025-11-02 06:30+00', 7, 1, 10);
SELECT svc.put_order(8, '2025-11-03 04:59:59+00', 8, 1, 10);
CALL momentum.refresh();
SELECT * FROM svc.days('2025-03-04', '2025-03-10', 'net_revenue', 'orders');
SELECT * FROM svc.days('2025-11-01', '2025-11-03', 'net_revenue', 'orders');

-- A refund counts on its own day, by the value of its lines.
SELECT svc.put_refund(1, 1, '2025-03-20 12:00-04', 30, :'later');
CALL momentum.refresh(force => true);
SELECT * FROM svc.days('2025-03-04', '2025-03-04', 'gross_sales', 'returns', 'net_revenue');
SELECT * FROM svc.days('2025-03-20', '2025-03-20', 'gross_sales', 'returns', 'net_revenue', 'orders');
SELECT previous_value, value FROM momentum_state.metric_daily WHERE metric = 'returns' AND restated_at IS NOT NULL;

-- An order that moves to another day takes its sales along.
SELECT svc.put_order(2, '2025-03-07 12:00-05', 2, 1, 110, :'later');
CALL momentum.refresh(force => true);
SELECT * FROM svc.days('2025-03-05', '2025-03-07', 'net_revenue', 'orders');

-- The service hands out an older state: what is newer stays.
UPDATE svc.orders SET updated_at = updated_at - interval '1 minute', note = 'older' WHERE id = 2;
UPDATE svc.order_line_items SET order_updated_at = order_updated_at - interval '1 minute', unit_price = 1 WHERE order_id = 2;
CALL momentum.refresh(force => true);
SELECT gross_sales, note FROM hub.orders WHERE order_id = '2';
-- A newer stamp on the same content is kept, and changes no day.
SELECT svc.put_order(2, '2025-03-07 12:00-05', 2, 1, 110, :'latest');
SELECT momentum.sync_slice('brez', 'shop', 'orders');
SELECT source_updated_at = :'latest' AS stamped FROM hub.orders WHERE order_id = '2';
SELECT count(*) FROM momentum_state.changed_day;
-- The same stamp on another content is a change; so is a line alone.
UPDATE svc.order_line_items SET quantity = 2 WHERE order_id = 2;
SELECT momentum.sync_slice('brez', 'shop', 'orders');
SELECT DISTINCT day FROM momentum_state.changed_day;
SELECT gross_sales, items_sold FROM hub.orders WHERE order_id = '2';
-- Nothing new: nothing is written.
SELECT momentum.sync_slice('brez', 'shop', 'orders');
SELECT rows_read, rows_changed FROM momentum_state.run ORDER BY run_id DESC LIMIT 1;
CALL momentum.refresh();

-- Lines and refunds are replaced as a set: a line that is gone is gone.
INSERT INTO svc.order_line_items (id, order_id, quantity, unit_price, discount_allocations, total_discount) VALUES
	(31, 3, 2, 20, '[{"allocatedAmountSet": {"shopMoney": {"amount": "3.50"}}}, {"allocatedAmountSet": {"shopMoney": {"amount": "1.00"}}}]', 3.5),
	(32, 3, 1, 50, '[]', 0);
UPDATE svc.order_line_items SET is_gift_card = true WHERE id = 32;
SELECT svc.stamp_order(3, :'later');
CALL momentum.refresh(force => true);
SELECT line_item_id, quantity, unit_price, discount, is_gift_card FROM hub.order_line_items WHERE order_id = '3' ORDER BY 1;
SELECT * FROM svc.days('2025-03-08', '2025-03-08', 'gross_sales', 'discounts', 'net_revenue', 'items_sold');
DELETE FROM svc.order_line_items WHERE id = 31;
SELECT svc.stamp_order(3, :'latest');
CALL momentum.refresh(force => true);
SELECT line_item_id FROM hub.order_line_items WHERE order_id = '3' ORDER BY 1;
SELECT * FROM svc.days('2025-03-08', '2025-03-08', 'gross_sales', 'discounts', 'net_revenue', 'items_sold');

-- An order that changes between two of the four scans is not half read.
UPDATE svc.order_line_items SET order_updated_at = :'later' WHERE order_id = 3;
UPDATE svc.orders SET updated_at = now() - interval '3 minutes' WHERE id = 3;
CALL momentum.refresh(force => true);
SELECT status, sqlstate, error FROM momentum.source_health WHERE stream = 'orders';
SELECT count(*) FROM hub.order_line_items WHERE order_id = '3';
SELECT svc.stamp_order(3, date_trunc('second', now()) - interval '3 minutes');
CALL momentum.refresh(force => true);
SELECT status, failures FROM momentum.source_health WHERE stream = 'orders';

-- Test orders and cancelled orders are kept and count nowhere; an order that
-- only carries refunds is no sale; another currency is left out and counted.
SELECT svc.put_order(20, '2025-04-01 12:00-04', 20, 1, 100);
SELECT svc.put_order(21, '2025-04-01 12:00-04', 21, 1, 100);
SELECT svc.put_order(22, '2025-04-01 12:00-04', 22, 1, 100);
SELECT svc.put_order(23, '2025-04-01 12:00-04', 23, 1, 100);
SELECT svc.put_order(24, '2025-04-01 12:00-04', 24, 1, 100);
UPDATE svc.orders SET test = true WHERE id = 20;
UPDATE svc.orders SET cancelled_at = processed_at WHERE id = 21;
UPDATE svc.orders SET tags = '{adjustment}' WHERE id = 22;
UPDATE svc.orders SET currency = 'EUR' WHERE id = 23;
SELECT svc.put_refund(20 + n, 20 + n, '2025-04-02 12:00-04', 10 + n, '2025-04-02 12:00-04') FROM generate_series(0, 4) n;
SELECT momentum.resync('brez', 'shop', 'orders', '2025-04-01', '2025-04-02');
CALL momentum.refresh();
SELECT order_id, is_test, is_adjustment, cancelled_at IS NOT NULL AS cancelled, currency, gross_sales
  FROM hub.orders WHERE order_day = '2025-04-01' ORDER BY 1;
SELECT * FROM svc.days('2025-04-01', '2025-04-02', 'gross_sales', 'returns', 'net_revenue', 'orders');
SELECT foreign_currency_rows FROM momentum.source_health WHERE stream = 'orders';

-- New customers: the first order ever that counts, by id, else by e-mail.
SELECT svc.put_order(41, '2025-05-01 12:00-04', 40, 1, 10, :'later');
SELECT svc.put_order(42, '2025-05-03 12:00-04', 40, 1, 10, :'later');
SELECT svc.put_order(43, '2025-05-03 13:00-04', NULL, 1, 10, :'later');
SELECT svc.put_order(44, '2025-05-04 13:00-04', NULL, 1, 10, :'later');
SELECT svc.put_order(45, '2025-05-04 14:00-04', NULL, 1, 10, :'later');
UPDATE svc.orders SET email = CASE id WHEN 43 THEN 'Ann@example.com' WHEN 44 THEN 'ann@example.com ' END WHERE id BETWEEN 43 AND 45;
UPDATE svc.order_line_items SET selling_plan = 'Monthly' WHERE order_id IN (41, 44);
CALL momentum.refresh(force => true);
SELECT * FROM svc.days('2025-04-30', '2025-05-04', 'orders', 'new_customers', 'returning_customers', 'new_subscribers');
-- An earlier order comes late: the other is no longer the first.
SELECT svc.put_order(40, '2025-04-30 12:00-04', 40, 1, 10, :'latest');
CALL momentum.refresh(force => true);
SELECT * FROM svc.days('2025-04-30', '2025-05-04', 'orders', 'new_customers', 'returning_customers', 'new_subscribers');
-- It is cancelled: the other is the first again.
UPDATE svc.orders SET cancelled_at = processed_at WHERE id = 40;
SELECT svc.stamp_order(40, date_trunc('second', now()) - interval '3 minutes');
CALL momentum.refresh(force => true);
SELECT * FROM svc.days('2025-04-30', '2025-05-04', 'orders', 'new_customers', 'returning_customers', 'new_subscribers');
-- The service counts orders from before the history we have: not new.
UPDATE svc.orders SET customer_order_index = CASE id WHEN 41 THEN 5 WHEN 42 THEN 6 END WHERE id IN (41, 42);
SELECT svc.stamp_order(n, date_trunc('second', now()) - interval '3 minutes') FROM unnest('{41, 42}'::bigint[]) n;
CALL momentum.refresh(force => true);
SELECT * FROM svc.days('2025-04-30', '2025-05-04', 'orders', 'new_customers', 'returning_customers', 'new_subscribers');

-- Read from nothing, it is the same as after all these changes.
CREATE TABLE svc.before AS
	SELECT brand, metric, day, channel, value FROM momentum_state.metric_daily;
SELECT momentum.remove_source('brez', 'shop');
SELECT count(*) FROM hub.orders;
SELECT svc.source('shop', 'shopify');
SELECT svc.shop_orders();
CALL momentum.refresh();
(TABLE svc.before EXCEPT SELECT brand, metric, day, channel, value FROM momentum_state.metric_daily)
UNION ALL
(SELECT brand, metric, day, channel, value FROM momentum_state.metric_daily EXCEPT TABLE svc.before);

-- A subscription runs from its first day until it ends.
SELECT svc.stream('shop', 'shopify', 'subscriptions', '{"subscription_contracts": "svc.subscription_contracts"}');
INSERT INTO svc.subscription_contracts (id, status, created_at, updated_at) VALUES
	(1, 'ACTIVE', '2025-03-03 12:00-05', '2025-03-03 12:00-05'),
	(2, 'ACTIVE', '2025-03-05 12:00-05', '2025-03-05 12:00-05'),
	(3, 'CANCELLED', '2025-03-03 12:00-05', '2025-03-06 12:00-05');
CALL momentum.refresh(force => true);
SELECT * FROM svc.days('2025-03-02', '2025-03-07', 'subscribers_active', 'subscribers_lost');
UPDATE svc.subscription_contracts SET status = 'CANCELLED', updated_at = :'later' WHERE id = 2;
CALL momentum.refresh(force => true);
UPDATE svc.subscription_contracts SET billing_interval = 'MONTH', updated_at = :'latest' WHERE id = 2;
UPDATE svc.subscription_contracts SET status = 'ACTIVE', updated_at = :'latest' WHERE id = 3;
CALL momentum.refresh(force => true);
SELECT * FROM svc.days('2025-03-05', '2025-03-07', 'subscribers_active', 'subscribers_lost');
SELECT subscription_id, status, created_day, ended_day = (:'later'::timestamptz AT TIME ZONE 'America/New_York')::date AS ended_then
  FROM hub.subscriptions ORDER BY 1;

-- What came bit by bit is what all of it comes to.
CALL momentum.reconcile(heal => false);
SELECT brand, status, drift_found FROM momentum.reconciliation ORDER BY run_id;
