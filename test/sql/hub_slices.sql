-- Slices: their bounds, their width, what a failure and a second reading do
-- to them.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
CREATE FUNCTION svc.same_as_service() RETURNS boolean LANGUAGE sql AS $$
	SELECT (SELECT array_agg(id::text ORDER BY id) FROM svc.orders) IS NOT DISTINCT FROM
		   (SELECT array_agg(order_id ORDER BY order_id::bigint) FROM hub.orders WHERE source = 'shop')
$$;
SELECT svc.source('shop', 'shopify') \g /dev/null
SELECT svc.shop_orders() \g /dev/null
SELECT svc.source('mail', 'klaviyo') \g /dev/null
\set ECHO all

-- Forty orders of one second, in slices that end at, before and after it.
SELECT count(svc.put_order(n, '2025-03-10 12:00:00-04', n, 1, 10)) FROM generate_series(1, 40) n;
SELECT count(svc.put_order(40 + n, '2025-03-10 12:00:00-04'::timestamptz + n * interval '1 second', n, 1, 10)) FROM generate_series(1, 3) n;
SELECT count(svc.put_order(44 + n, '2025-03-10 12:00:00-04'::timestamptz - n * interval '1 second', n, 1, 10)) FROM generate_series(1, 3) n;
UPDATE momentum_state.stream SET slice_width = '1 second', cursor_at = '2025-03-10 11:59:55-04', first_day = '2025-03-01', cursor_day = '2025-03-01', continuing = true;
DO $$ BEGIN
	FOR n IN 1 .. 12 LOOP
		UPDATE momentum_state.stream SET slice_width = '1 second';
		PERFORM momentum.sync_slice('brez', 'shop', 'orders');
	END LOOP;
END $$;
SELECT svc.same_as_service();
SELECT count(*), count(DISTINCT order_id) FROM hub.orders;
SELECT min(slice_to - slice_from), max(slice_to - slice_from), sum(rows_read) FROM momentum_state.run;
CALL momentum.refresh();
SELECT svc.same_as_service(), status FROM momentum.source_health;

-- What becomes visible late, bearing a stamp from before the last run's end,
-- is found by the next one; also after a range was read again in between.
SELECT svc.put_order(50, '2025-03-10 12:00-04', 1, 1, 10, date_trunc('second', now()) - interval '8 minutes');
CALL momentum.refresh(force => true);
SELECT svc.same_as_service();
UPDATE momentum_state.stream SET cursor_at = date_trunc('second', now()) - interval '20 minutes';
SELECT svc.put_order(51, '2025-03-10 12:00-04', 1, 1, 10, date_trunc('second', now()) - interval '30 minutes');
SELECT momentum.resync('brez', 'shop', 'orders', '2025-03-10', '2025-03-10');
CALL momentum.refresh();
CALL momentum.refresh(force => true);
SELECT svc.same_as_service();
SELECT resync_from, continuing FROM momentum_state.stream WHERE stream = 'orders';

-- A range that is read again while the history is still being loaded does
-- not end that load.
UPDATE momentum_state.stream SET cursor_at = '2025-03-01 00:00-05', complete_through = NULL, continuing = true, slice_width = '1 day';
SELECT momentum.resync('brez', 'shop', 'orders', '2025-03-10', '2025-03-12');
SELECT momentum.sync_slice('brez', 'shop', 'orders') AS goes_on;
SELECT continuing, complete_through FROM momentum_state.stream WHERE stream = 'orders';
CALL momentum.refresh();
SELECT continuing, resync_from, complete_through = (now() AT TIME ZONE 'America/New_York')::date - 1 AS to_yesterday
  FROM momentum_state.stream WHERE stream = 'orders';
-- A range that lies ahead, and one before all history: read, and done.
SELECT momentum.resync('brez', 'shop', 'orders', current_date + 10, current_date + 20);
CALL momentum.refresh();
SELECT momentum.resync('brez', 'shop', 'orders', '1999-12-31', '2000-01-01');
CALL momentum.refresh();
SELECT continuing, resync_from, resync_to, status FROM momentum_state.stream WHERE stream = 'orders';

-- How dates are written is the session's own affair.
SET timezone = 'Asia/Kolkata';
SET datestyle = 'SQL, DMY';
SELECT svc.put_order(52, '2025-03-10T12:00:00-04', 1, 1, 10, date_trunc('second', now()) - interval '3 minutes');
CALL momentum.refresh(force => true);
SELECT svc.same_as_service();
SELECT momentum.remove_source('brez', 'shop');
SELECT svc.source('shop', 'shopify') \g /dev/null
SELECT svc.shop_orders() \g /dev/null
CALL momentum.refresh();
SELECT svc.same_as_service();
RESET timezone;
RESET datestyle;

-- A stream read in slices of one day fails: each failure counts, and the
-- wait grows.
CREATE TABLE svc.campaign_values (campaign_id text, campaign_message_id text, send_channel text, conversion_metric_id text, day date,
	recipients numeric, delivered numeric, opens numeric, opens_unique numeric, clicks numeric, clicks_unique numeric,
	conversions numeric, conversion_value numeric, unsubscribes numeric, spam_complaints numeric);
INSERT INTO svc.metrics VALUES ('m', 'Placed Order', 'Shopify');
SELECT svc.stream('mail', 'klaviyo', 'campaign_values', '{"metrics": "svc.metrics", "campaign_values": "svc.campaign_values"}');
CALL momentum.refresh();
SELECT status, failures FROM momentum.source_health WHERE source = 'mail';
ALTER TABLE svc.campaign_values RENAME TO lost;
CALL momentum.refresh(force => true);
CALL momentum.refresh(force => true);
CALL momentum.refresh(force => true);
SELECT status, failures, sqlstate, next_due_at - last_error_at BETWEEN '239 seconds' AND '241 seconds' AS four_minutes
  FROM momentum.source_health WHERE source = 'mail';
SELECT status, sqlstate, count(*) FROM momentum_state.run WHERE source = 'mail' GROUP BY 1, 2;
-- It comes back, and goes on day by day.
ALTER TABLE svc.lost RENAME TO campaign_values;
CALL momentum.refresh(force => true);
SELECT status, failures, sqlstate, error FROM momentum.source_health WHERE source = 'mail';
SELECT DISTINCT slice_to - slice_from AS width FROM momentum_state.run WHERE source = 'mail' AND status = 'ok';
-- A service that asks for a wait of years is tried again before.
SELECT momentum.stream_failed('brez', 'mail', 'campaign_values', 'no', NULL, NULL, 'It asks to wait 9999999999.0 seconds.');
SELECT next_due_at < now() + interval '8 days' AS before_long FROM momentum.source_health WHERE source = 'mail';
SELECT momentum.stream_failed('brez', 'mail', 'campaign_values', 'no', NULL, NULL,
	'It asks to wait ' || repeat('9', 400) || ' seconds.');
SELECT next_due_at < now() + interval '8 days' AS before_long, failures FROM momentum.source_health WHERE source = 'mail';

-- A number that no answer could hold is refused with its order, and
-- nothing else; the row is named by its key alone.
SELECT svc.put_order(60, '2025-03-10 12:00-04', 1, 1, 1e400, date_trunc('second', now()) - interval '3 minutes');
UPDATE svc.orders SET email = 'ann@example.com' WHERE id = 60;
CALL momentum.refresh(force => true);
SELECT stream, status, refused_rows FROM momentum.source_health WHERE source = 'shop';
SELECT svc.put_order(60, '2025-03-10 12:00-04', 1, 1, 'NaN', date_trunc('second', now()) - interval '3 minutes');
CALL momentum.refresh(force => true);
SELECT failures, refused_rows, warnings FROM momentum.source_health WHERE source = 'shop';
SELECT feed, item, reason, sqlstate, attempts FROM momentum_state.dead_letter;
SELECT svc.put_order(60, '2025-03-10 12:00-04', 1, 1, 10, date_trunc('second', now()) - interval '3 minutes');
CALL momentum.refresh(force => true);
SELECT status, svc.same_as_service() FROM momentum.source_health WHERE source = 'shop';

-- Wrong words
CALL momentum.refresh('nobody');
CALL momentum.refresh('brez', 'nothing');
SELECT momentum.set_setting('', 'sync.lag_seconds', '-600');
SELECT momentum.set_setting('', 'run.keep_days', '30.5');
CALL momentum.refresh();
SELECT momentum.set_setting('brez', 'sync.pages', NULL);
SELECT momentum.set_setting('', 'sync.overlap_minutes', NULL);
-- What a stream reads is a relation, not any text.
UPDATE momentum_state.stream SET tables = jsonb_set(tables, '{orders}', '"(SELECT * FROM svc.orders) x"') WHERE stream = 'orders';
CALL momentum.refresh(force => true);
SELECT status, sqlstate, error FROM momentum.source_health WHERE stream = 'orders';
-- Nor is it one with which an owner by grant would run something with the rights of the model's owner.
CREATE ROLE regress_slices_boss;
SELECT momentum.grant_access('regress_slices_boss', 'owner');
CREATE SCHEMA regress_slices AUTHORIZATION regress_slices_boss;
GRANT USAGE ON SCHEMA svc TO regress_slices_boss;
GRANT SELECT ON svc.orders TO regress_slices_boss;
SET ROLE regress_slices_boss;
CREATE TABLE regress_slices.ran_as (who name);
CREATE FUNCTION regress_slices.run() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN INSERT INTO regress_slices.ran_as VALUES (current_user); RETURN 1; END $$;
CREATE VIEW regress_slices.orders AS SELECT * FROM svc.orders WHERE regress_slices.run() > 0;
UPDATE momentum_state.stream SET tables = jsonb_set(tables, '{orders}', '"regress_slices.orders"') WHERE stream = 'orders';
RESET ROLE;
CALL momentum.refresh(force => true);
SELECT count(*) FROM regress_slices.ran_as WHERE who <> 'regress_slices_boss';
SELECT status, sqlstate, error ~ '^relation regress_slices.orders belongs to role "regress_slices_boss"' AS is_told
  FROM momentum.source_health WHERE stream = 'orders';
DROP OWNED BY regress_slices_boss CASCADE;
DROP ROLE regress_slices_boss;
SELECT momentum.revoke_access('regress_slices_boss');

-- A relation's name and what a service said stay what they are, whatever stands in them.
CREATE TABLE "odd $6 $1 %s" (id int);
DO $$
DECLARE
	s momentum._slice;
	l momentum._loader;
BEGIN
	s.tables := '{"orders": "public.\"odd $6 $1 %s\""}';
	s.argument := 'x" WHERE $1 --100%s';
	s.lo := '2025-03-10 12:00:00+00';
	s.zone := 'UTC';
	l.reads := '{"orders": "SELECT id FROM %s WHERE a LIKE ''x%%'' AND b >= $1 AND z = $5 AND c = $6"}';
	RAISE WARNING '%', momentum._read(s, l, 'orders');
END $$;
DROP TABLE "odd $6 $1 %s";

-- What came bit by bit is what all of it comes to.
CALL momentum.reconcile(heal => false);
SELECT brand, status, drift_found FROM momentum.reconciliation ORDER BY run_id;
