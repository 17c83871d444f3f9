-- Absent is never zero: a metric has a day only if everything that feeds it
-- is complete through that day.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
\set ECHO all

SELECT svc.source('shop', 'shopify');
SELECT svc.shop_orders();
SELECT svc.put_order(1, '2025-03-03 12:00-05', 7, 2, 10);
SELECT svc.put_order(2, '2025-03-05 12:00-05', 7, 1, 10);

-- Before the first sync nothing is known.
SELECT count(*) FROM momentum_state.metric_daily;
CALL momentum.refresh();
-- Now it is: the 4th was a day without orders, February was not asked for.
SELECT * FROM svc.days('2025-02-28', '2025-03-05', 'net_revenue', 'orders', 'new_customers', 'sessions');
-- All days up to yesterday, never the running one.
SELECT complete_through = (now() AT TIME ZONE 'America/New_York')::date - 1 AS to_yesterday, status
  FROM momentum.source_health;
SELECT max(day) = (now() AT TIME ZONE 'America/New_York')::date - 1 AS to_yesterday,
       count(DISTINCT day) = max(day) - min(day) + 1 AS without_gap
  FROM momentum_state.metric_daily;

-- A second shop joins.  Until it has been read, what is known of the first
-- alone is not the brand's revenue.
SELECT svc.source('shop2', 'shopify', '2025-03-04');
SELECT momentum._add_stream('brez', 'shop2', 'orders', momentum._loader_of('shopify', 'orders'),
	'{"orders": "svc.orders2", "order_line_items": "svc.lines2", "refunds": "svc.refunds", "refund_line_items": "svc.refund_line_items"}', 1);
CALL momentum.refresh();
SELECT source, status, sqlstate, error FROM momentum.source_health ORDER BY source;
SELECT * FROM svc.days('2025-03-03', '2025-03-05', 'net_revenue');

-- It goes before it was ever read: what is known of the first is the brand's again.
SELECT momentum.remove_source('brez', 'shop2');
CALL momentum.refresh();
SELECT * FROM svc.days('2025-03-03', '2025-03-05', 'net_revenue');

-- And it joins again.
SELECT svc.source('shop2', 'shopify', '2025-03-04');
SELECT momentum._add_stream('brez', 'shop2', 'orders', momentum._loader_of('shopify', 'orders'),
	'{"orders": "svc.orders2", "order_line_items": "svc.lines2", "refunds": "svc.refunds", "refund_line_items": "svc.refund_line_items"}', 1);
CALL momentum.refresh();
CREATE TABLE svc.orders2 (LIKE svc.orders);
CREATE TABLE svc.lines2 (LIKE svc.order_line_items);
INSERT INTO svc.orders2 SELECT o.* FROM svc.orders o WHERE false;
INSERT INTO svc.orders2 (id, created_at, processed_at, updated_at, currency) VALUES
	(1, '2025-03-05 09:00-05', '2025-03-05 09:00-05', '2025-03-05 09:00-05', 'USD');
INSERT INTO svc.lines2 (id, order_id, order_updated_at, quantity, unit_price) VALUES (1, 1, '2025-03-05 09:00-05', 1, 5);
-- A first load in narrow slices: halfway, its days are not complete, since an
-- order of a past day may bear any later stamp.
UPDATE momentum_state.stream SET slice_width = '30 days' WHERE source = 'shop2';
SELECT momentum.sync_slice('brez', 'shop2', 'orders') AS goes_on;
SELECT momentum.recompute() AS changed;
SELECT status, complete_through FROM momentum.source_health WHERE source = 'shop2';
SELECT share_done > 0 AND share_done < 0.3 AS on_the_way FROM momentum.sync_progress WHERE source = 'shop2';
SELECT * FROM svc.days('2025-03-03', '2025-03-05', 'net_revenue');
CALL momentum.refresh(force => true);
SELECT * FROM svc.days('2025-03-03', '2025-03-05', 'net_revenue');

-- It goes again, with its facts.
SELECT momentum.remove_source('brez', 'shop2');
CALL momentum.refresh();
SELECT * FROM svc.days('2025-03-03', '2025-03-05', 'net_revenue');
SELECT source, count(*) FROM hub.orders GROUP BY source;

-- A source that fails keeps the days it had, and gets no new ones.
SELECT svc.stream('shop', 'shopify', 'sessions_daily', '{"sessions_daily": "svc.sessions_daily"}');
INSERT INTO svc.sessions_daily (day, sessions) VALUES ('2025-03-03', 100), ('2025-03-05', 50);
CALL momentum.refresh(force => true);
SELECT * FROM svc.days('2025-03-03', '2025-03-05', 'sessions', 'orders');
UPDATE momentum_state.stream SET complete_through = complete_through - 2, cursor_day = cursor_day - 2
 WHERE stream = 'sessions_daily';
DELETE FROM momentum_state.metric_daily m USING momentum_state.stream s
 WHERE s.stream = 'sessions_daily' AND m.metric = 'sessions' AND m.day > s.complete_through;
ALTER TABLE svc.sessions_daily RENAME TO sessions_lost;
CALL momentum.refresh(force => true);
SELECT stream, status, failures, days_behind, sqlstate, error FROM momentum.source_health ORDER BY stream;
SELECT next_due_at > now() + interval '30 seconds' AS backed_off FROM momentum.source_health WHERE stream = 'sessions_daily';
SELECT status, sqlstate, error FROM momentum_state.run WHERE status = 'failed' AND stream = 'sessions_daily';
ALTER TABLE svc.sessions_lost RENAME TO sessions_daily;
CALL momentum.refresh(force => true);
SELECT stream, status, failures, days_behind, error FROM momentum.source_health ORDER BY stream;
SELECT count(*) FROM momentum_state.metric_daily m, momentum_state.stream s
 WHERE s.stream = 'sessions_daily' AND m.metric = 'sessions' AND m.day > s.complete_through - 2;
