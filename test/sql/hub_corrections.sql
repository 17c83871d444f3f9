-- Rows of a service that were corrected by hand: the correction holds until the
-- service tells of a change, and the days it counted on are computed anew then.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
SELECT svc.source('shop', 'shopify'), svc.source('ads', 'meta_ads'), svc.source('cash', 'google_sheets') \g /dev/null
SELECT svc.shop_orders() \g /dev/null
SELECT svc.stream('shop', 'shopify', 'subscriptions', '{"subscription_contracts": "svc.subscription_contracts"}'),
	svc.stream('shop', 'shopify', 'customers', '{"customers": "svc.customers"}'),
	svc.stream('ads', 'meta_ads', 'insights', '{"insights": "svc.insights"}'),
	momentum._add_stream('brez', 'cash', 'sheet Plan', momentum._loader_of('google_sheets', 'sheet'),
		'{"sheet": "svc.sheet", "tab": "Plan"}', 1) \g /dev/null
-- What the brand's answers hold against what its facts say now.
CREATE FUNCTION svc.drift() RETURNS TABLE (metric text, day date, stored numeric, computed numeric) LANGUAGE sql AS $$
	SELECT d.metric, d.day, d.stored, d.recomputed FROM momentum_state.drift d
	 WHERE d.run_id = (SELECT max(l.run_id) FROM momentum_state.reconcile_log l) ORDER BY 1, 2
$$;
\set ECHO all
SELECT date_trunc('second', now()) - interval '8 minutes' AS later, current_date - 2 AS two \gset
SELECT svc.put_order(o, '2025-03-05 12:00-05'::timestamptz + (o || ' days')::interval, o, 1, 100) FROM generate_series(1, 8) o \g /dev/null
SELECT svc.put_refund(o, o, '2025-03-20 12:00-04'::timestamptz + (o || ' days')::interval, 30, '2025-04-01') FROM generate_series(4, 7) o \g /dev/null
INSERT INTO svc.subscription_contracts (id, status, created_at, updated_at, currency) VALUES (1, 'ACTIVE', '2025-03-05 12:00-05', '2025-03-05 12:00-05', 'USD');
INSERT INTO svc.customers (id, created_at, updated_at, first_name) VALUES (1, '2025-03-05 12:00-05', '2025-03-05 12:00-05', 'Ann');
INSERT INTO svc.insights (day, level, account_id, account_currency, spend, impressions, clicks) VALUES (:'two', 'account', '1', 'USD', 50, 1000, 10);
INSERT INTO svc.sheet (row_number, item, period, amount) VALUES
	(2, 'Opening balance', '2025-03-03', 50000), (4, 'Shopify payouts', '2025-03-03', 1000), (5, 'Payroll', '2025-03-03', -3000);
CALL momentum.refresh();
SELECT * FROM svc.days('2025-03-06', '2025-03-13', 'net_revenue', 'orders');
SELECT * FROM svc.days('2025-03-24', '2025-03-27', 'returns');

-- Without a stamp: another day, another price, another address of a line, a
-- return of another value, of another day; and past the doors, as the owner may.
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at) VALUES ('brez', 'shop', '1', '2025-03-01 12:00-05');
INSERT INTO hub.order_line_items_entry (brand, source, order_id, line_item_id, unit_price) VALUES ('brez', 'shop', '2', '20', 70);
INSERT INTO hub.order_line_items_entry (brand, source, order_id, line_item_id, unit_price) VALUES ('brez', 'shop', '3', 'forgotten', 7);
INSERT INTO hub.refund_line_items_entry (brand, source, order_id, refund_id, refund_line_item_id, subtotal) VALUES ('brez', 'shop', '4', '4', '40', 33);
INSERT INTO hub.refunds_entry (brand, source, order_id, refund_id, refunded_at) VALUES ('brez', 'shop', '5', '5', '2025-03-15 12:00-04');
UPDATE hub.orders SET gross_sales = 55 WHERE order_id = '6';
DELETE FROM hub.refunds WHERE order_id = '7';
INSERT INTO hub.subscriptions_entry (brand, source, subscription_id, created_at) VALUES ('brez', 'shop', '1', '2025-03-02 12:00-05');
INSERT INTO hub.customers_entry (brand, source, customer_id, first_name) VALUES ('brez', 'shop', '1', 'Anne');
INSERT INTO hub.ad_performance_daily_entry (brand, source, day, platform, level, account_id, object_id, spend) VALUES ('brez', 'ads', :'two', 'meta', 'account', '1', '1', 44);
INSERT INTO hub.cash_flow_entry (brand, source, tab, row_number, period, day, item, kind, amount)
SELECT brand, source, tab, row_number, period, day, item, kind, 1 FROM hub.cash_flow WHERE item = 'Payroll' ORDER BY day LIMIT 1;
CALL momentum.refresh(force => true);
CALL momentum.reconcile();
SELECT * FROM svc.days('2025-03-01', '2025-03-13', 'net_revenue', 'orders', 'subscribers_active');
SELECT * FROM svc.days('2025-03-15', '2025-03-27', 'returns');
SELECT * FROM svc.days(:'two', :'two', 'ad_spend') \g (format=unaligned tuples_only=on) |cut -d'|' -f2
-- Nothing came from the services meanwhile: it holds, and no day is left behind.
CALL momentum.refresh(force => true);
SELECT order_day, gross_sales FROM hub.orders WHERE order_id IN ('1', '2', '3', '6') ORDER BY order_id;
SELECT first_name FROM hub.customers;
CALL momentum.reconcile(heal => false);
SELECT * FROM svc.drift();

-- A newer stamp at the shop, though nothing but the stamp is new: what the shop
-- says counts again, on each of the days, without waiting for the night.
SELECT svc.stamp_order(o, :'later') FROM generate_series(1, 8) o \g /dev/null
UPDATE svc.subscription_contracts SET updated_at = :'later';
UPDATE svc.customers SET updated_at = :'later';
SELECT momentum.sync_slice('brez', 'shop', 'orders') \g /dev/null
-- the order that nobody corrected counts on no changed day
SELECT DISTINCT day FROM momentum_state.changed_day WHERE stream = 'orders' ORDER BY 1;
CALL momentum.refresh(force => true);
SELECT * FROM svc.days('2025-03-01', '2025-03-13', 'net_revenue', 'orders', 'subscribers_active');
SELECT * FROM svc.days('2025-03-15', '2025-03-27', 'returns');
SELECT first_name FROM hub.customers;
CALL momentum.reconcile(heal => false);
SELECT * FROM svc.drift();

-- Ads have no stamps: another figure ends the correction, and so does the sheet's.
UPDATE svc.insights SET spend = 51;
UPDATE svc.sheet SET amount = -2999 WHERE item = 'Payroll';
CALL momentum.refresh(force => true);
SELECT * FROM svc.days(:'two', :'two', 'ad_spend') \g (format=unaligned tuples_only=on) |cut -d'|' -f2
SELECT DISTINCT amount FROM hub.cash_flow WHERE item = 'Payroll';
CALL momentum.reconcile(heal => false);
SELECT * FROM svc.drift();
DROP EXTENSION momentum CASCADE;
