-- Two sources of one brand: what one of them says alone is not the brand's
-- figure; and what is left when one of them goes.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
CREATE TABLE svc.orders2 (LIKE svc.orders);
CREATE TABLE svc.lines2 (LIKE svc.order_line_items);
CREATE TABLE svc.contracts2 (LIKE svc.subscription_contracts);
SELECT svc.source('shop', 'shopify', '2025-03-01') \g /dev/null
SELECT svc.shop_orders() \g /dev/null
SELECT svc.stream('shop', 'shopify', 'subscriptions', '{"subscription_contracts": "svc.subscription_contracts"}') \g /dev/null
SELECT svc.source('shop2', 'shopify', '2025-03-04') \g /dev/null
CREATE FUNCTION svc.shop2() RETURNS void LANGUAGE sql AS $$
	SELECT svc.stream('shop2', 'shopify', 'orders', '{"orders": "svc.orders2", "order_line_items": "svc.lines2",
		"refunds": "svc.refunds", "refund_line_items": "svc.refund_line_items"}'),
		svc.stream('shop2', 'shopify', 'subscriptions', '{"subscription_contracts": "svc.contracts2"}')
$$;
\set ECHO all

-- A contract of the second shop is older than the history asked of it: it
-- counts from the day on from which that shop has its say.
INSERT INTO svc.subscription_contracts (id, status, created_at, updated_at) VALUES
	(1, 'ACTIVE', '2025-03-02 12:00-05', '2025-03-02 12:00-05');
INSERT INTO svc.contracts2 (id, status, created_at, updated_at) VALUES
	(2, 'ACTIVE', '2025-02-01 12:00-05', '2025-03-05 12:00-05'),
	(3, 'ACTIVE', '2025-03-05 12:00-05', '2025-03-05 12:00-05');
CALL momentum.refresh();
SELECT svc.shop2() \g /dev/null
CALL momentum.refresh();
SELECT * FROM svc.days('2025-03-01', '2025-03-06', 'subscribers_active');
SELECT momentum.resync('brez', 'shop2', 'subscriptions', '2025-03-05', '2025-03-05');
CALL momentum.refresh();
SELECT * FROM svc.days('2025-03-01', '2025-03-06', 'subscribers_active');

-- Somebody bought in both: new where the first order was, once.
SELECT svc.put_order(1, '2025-03-05 12:00-05', 70, 1, 10);
INSERT INTO svc.orders2 SELECT o.* FROM svc.orders o;
UPDATE svc.orders2 SET id = 2, processed_at = '2025-03-07 12:00-05';
INSERT INTO svc.lines2 SELECT l.* FROM svc.order_line_items l;
UPDATE svc.lines2 SET id = 20, order_id = 2;
SELECT momentum.resync('brez', 'shop', 'orders', '2025-03-01', '2025-03-10');
SELECT momentum.resync('brez', 'shop2', 'orders', '2025-03-01', '2025-03-10');
CALL momentum.refresh();
SELECT * FROM svc.days('2025-03-05', '2025-03-07', 'orders', 'new_customers', 'returning_customers');

-- One goes: the other's figures stand alone, at the next refresh.
SELECT momentum.remove_source('brez', 'shop');
CALL momentum.refresh();
SELECT * FROM svc.days('2025-03-01', '2025-03-07', 'subscribers_active', 'orders', 'new_customers', 'returning_customers');
SELECT count(*) > 0 AS still_told FROM momentum.metric_value WHERE brand = 'brez' AND metric = 'orders';

-- The last one goes: what was answered of it goes too.
SELECT momentum.remove_source('brez', 'shop2');
CALL momentum.refresh();
SELECT count(*) FROM momentum_state.metric_daily;
SELECT count(*), count(actual) FROM momentum.dashboard;

-- Mail in another currency than the brand's: kept, left out of the sums.
SELECT svc.source('mail', 'klaviyo', '2025-03-01') \g /dev/null
UPDATE momentum_state.source SET currency = 'EUR';
INSERT INTO svc.metrics (id, name, integration_name) VALUES ('m', 'Placed Order', 'Shopify');
INSERT INTO svc.metric_aggregates (metric_id, day, dimension, count, sum_value) VALUES ('m', '2025-03-03', 'email', 2, 90);
SELECT svc.stream('mail', 'klaviyo', 'attributed_revenue', '{"metrics": "svc.metrics", "metric_aggregates": "svc.metric_aggregates"}');
CALL momentum.refresh();
SELECT revenue FROM hub.email_daily;
SELECT * FROM svc.days('2025-03-03', '2025-03-03', 'email_revenue');
SELECT foreign_currency_rows FROM momentum.source_health;

-- What came bit by bit is what all of it comes to.
CALL momentum.reconcile(heal => false);
SELECT brand, status, drift_found FROM momentum.reconciliation ORDER BY run_id;
