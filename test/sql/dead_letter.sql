-- Dead letters of the sync: one bad row holds up no stream.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
SELECT svc.source('shop', 'shopify') \g /dev/null
SELECT svc.shop_orders() \g /dev/null
SELECT svc.stream('shop', 'shopify', 'sessions_daily', '{"sessions_daily": "svc.sessions_daily"}') \g /dev/null
SELECT svc.stream('shop', 'shopify', 'subscriptions', '{"subscription_contracts": "svc.subscription_contracts"}') \g /dev/null
SET timezone = 'America/New_York';
\set ECHO all
-- Many days of visits, three of which no table can hold.
INSERT INTO svc.sessions_daily (day, sessions) SELECT date '2025-03-01' + n, 100 + n FROM generate_series(0, 99) n;
UPDATE svc.sessions_daily SET sessions = -sessions WHERE day IN ('2025-03-01', '2025-03-17', '2025-06-08');
CALL momentum.refresh();
SELECT count(*), sum(sessions) FROM hub.sessions_daily;
SELECT stream, status, refused_rows, warnings FROM momentum.source_health WHERE stream = 'sessions_daily';
SELECT source, feed, origin, item, reason, sqlstate, attempts, next_at FROM momentum_state.dead_letter ORDER BY item;
SELECT payload FROM momentum_state.dead_letter ORDER BY item LIMIT 1;
-- Read again, they are the same letters; what had been stored stays, though
-- the service now says something that cannot be.
UPDATE svc.sessions_daily SET sessions = -sessions WHERE day = '2025-03-20';
SELECT momentum.resync('brez', 'shop', 'sessions_daily', '2025-03-01', '2025-06-30');
CALL momentum.refresh();
SELECT count(*), min(sessions) FROM hub.sessions_daily;
SELECT item, attempts FROM momentum_state.dead_letter ORDER BY item;
-- What the service has no more goes, what it has wrong does not.
DELETE FROM svc.sessions_daily WHERE day = '2025-03-21';
SELECT momentum.resync('brez', 'shop', 'sessions_daily', '2025-03-01', '2025-06-30');
CALL momentum.refresh();
SELECT day, sessions FROM hub.sessions_daily WHERE day BETWEEN '2025-03-16' AND '2025-03-22' ORDER BY 1;
-- In good order at last: the letters close.
UPDATE svc.sessions_daily SET sessions = abs(sessions);
SELECT momentum.resync('brez', 'shop', 'sessions_daily', '2025-03-01', '2025-06-30');
CALL momentum.refresh();
SELECT count(*) FROM hub.sessions_daily;
SELECT item, replayed_at IS NOT NULL AS closed, payload FROM momentum_state.dead_letter ORDER BY item;
SELECT refused_rows, warnings FROM momentum.source_health WHERE stream = 'sessions_daily';

-- An order comes with its lines or not at all; the others of its slice come.
SELECT svc.put_order(n, '2025-03-05 12:00-05', n, 1, 10, date_trunc('second', now()) - interval '8 minutes') FROM generate_series(1, 20) n \g /dev/null
INSERT INTO svc.order_line_items (id, order_id, order_updated_at, quantity, unit_price, total_discount, is_gift_card)
	SELECT 77, 7, updated_at, 1, 1e15, 0, false FROM svc.orders WHERE id = 7;
CREATE UNIQUE INDEX orders_note ON hub.orders (brand, note);     -- a rule that no loader knows
UPDATE svc.orders SET note = 'twice' WHERE id IN (11, 12);
CALL momentum.refresh(force => true);
SELECT count(*) FROM hub.orders;
SELECT order_id FROM hub.orders WHERE order_id IN ('7', '11', '12');
SELECT count(*) FROM hub.order_line_items WHERE order_id = '7';
SELECT feed, item, reason, sqlstate, next_at IS NOT NULL AS heals FROM momentum_state.dead_letter WHERE replayed_at IS NULL ORDER BY item;
SELECT status, error, refused_rows FROM momentum.source_health WHERE stream = 'orders';
-- What may heal by itself is tried at refresh, when its time has come, and no sooner.
-- Read again it would heal too, and a stream is due at each beat of a minute.
DROP INDEX hub.orders_note;
UPDATE momentum_state.stream SET due_at = now() + interval '1 hour';
CALL momentum.refresh();
SELECT item FROM momentum_state.dead_letter WHERE replayed_at IS NULL ORDER BY item;
UPDATE momentum_state.dead_letter SET next_at = now() - interval '1 second' WHERE next_at IS NOT NULL;
CALL momentum.refresh();
SELECT item FROM momentum_state.dead_letter WHERE replayed_at IS NULL ORDER BY item;
SELECT count(*) FROM hub.orders WHERE order_id IN ('11', '12');

-- Back-off: twice as long each time, up to a day, sixteen times.
SELECT n, date_trunc('minute', momentum._next_attempt('23505', n) - now() + interval '5 seconds') FROM unnest('{1,2,10,11,12,15,16}'::int[]) n;
SELECT momentum._next_attempt('22P02', 1);

-- A letter of what is no JSON keeps its bytes; JSON that jsonb cannot hold is
-- mended where it breaks.
SELECT momentum._clean_json('{"a": "x\u0000y", "b": "\ud83d\ude00", "c": "\ud83d", "d": "\ude00!", "e": "\\u0000"}');
SELECT momentum._clean_json('{"a": '), momentum._clean_json(repeat('[', 100000)), momentum._clean_json(NULL);
SELECT momentum._dead_letter('brez', 'shop', 'webhook', NULL, NULL, 'no JSON', '22P02', 'queue', 'event 1', '\x00ff') = momentum._dead_letter('brez', 'shop', 'webhook', NULL, NULL, 'still none', '22P02', 'queue', 'event 1', '\x00ff') AS same;
SELECT body, reason, attempts FROM momentum_state.dead_letter WHERE feed = 'webhook';
SELECT replayed, reason FROM momentum.replay(feed => 'webhook');
-- No letter of a feed is no error; a feed that there is not is one.
SELECT replayed, reason FROM momentum.replay(feed => 'refunds');
SELECT replayed, reason FROM momentum.replay(feed => 'typo');
SELECT momentum._dead_letter('brez', 'shop', 'webhook', NULL, NULL, repeat('long ', 1000), '22P02', 'queue', repeat('key', 10000)) > 0 AS kept;

-- Rows entered by hand under a service's own source: its next slice wins by
-- its newer stamp, and reads the days again.
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at, note) VALUES ('brez', 'shop', '1', '2025-03-05 12:00', 'by hand'), ('brez', 'shop', '500', '2025-03-05 13:00', 'unknown to the shop');
SELECT order_id, note, source_updated_at IS NOT NULL AS stamped FROM hub.orders WHERE order_id IN ('1', '500') ORDER BY 1;
CALL momentum.refresh();
SELECT note FROM hub.orders WHERE order_id = '1';
SELECT svc.stamp_order(1, date_trunc('second', now()) - interval '3 minutes');
CALL momentum.refresh(force => true);
SELECT note FROM hub.orders WHERE order_id = '1';
SELECT order_id FROM hub.orders WHERE order_id = '500';
\set VERBOSITY sqlstate
SELECT momentum.declare_complete('brez', 'shop', 'orders', '2025-03-06');
\set VERBOSITY default
