-- The service's clock rules: a cursor never passes an instant that the
-- service had not reached, however wrong our own clock is.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
SELECT svc.source('shop', 'shopify') \g /dev/null
SELECT svc.shop_orders() \g /dev/null
-- A service that answers, so many minutes ahead of us.
CREATE FOREIGN DATA WRAPPER paper_fdw;
CREATE SERVER shop FOREIGN DATA WRAPPER paper_fdw;
CREATE TABLE svc.clock AS SELECT interval '-10 minutes' AS ahead, 1::bigint AS pages;
CREATE FUNCTION svc.now() RETURNS timestamptz LANGUAGE sql AS $$
	SELECT date_trunc('second', clock_timestamp()) + c.ahead FROM svc.clock c
$$;
CREATE OR REPLACE FUNCTION momentum.server_time(server name) RETURNS timestamptz LANGUAGE sql AS 'SELECT svc.now()';
CREATE OR REPLACE FUNCTION momentum.scan_pages() RETURNS bigint LANGUAGE sql AS 'SELECT c.pages FROM svc.clock c';
\set ECHO all

-- Ours is ten minutes fast.
CALL momentum.refresh();
SELECT cursor_at <= svc.now() - interval '90 seconds' AS within_the_services_past,
       cursor_at > svc.now() - interval '2 minutes' AS and_near, round(extract(epoch FROM clock_offset) / 60) AS offset_minutes
  FROM momentum_state.stream;
-- So what the service stamps now is not lost.
SELECT svc.put_order(1, svc.now() - interval '2 minutes', 1, 1, 10);
CALL momentum.refresh(force => true);
SELECT order_id FROM hub.orders;
SELECT cursor_at <= svc.now() - interval '90 seconds' AS within_the_services_past FROM momentum_state.stream;

-- Ours is ten minutes slow: known after one answer, made up for by the next.
UPDATE svc.clock SET ahead = '10 minutes';
SELECT svc.put_order(2, svc.now() - interval '2 minutes', 1, 1, 10);
CALL momentum.refresh(force => true);
CALL momentum.refresh(force => true);
SELECT order_id FROM hub.orders ORDER BY order_id;
SELECT cursor_at > svc.now() - interval '2 minutes' AS near FROM momentum_state.stream;

-- A cursor never goes back.
UPDATE svc.clock SET ahead = '-1 hour';
CREATE TABLE svc.cursor AS SELECT cursor_at, complete_through FROM momentum_state.stream;
CALL momentum.refresh(force => true);
SELECT s.cursor_at >= c.cursor_at AS kept, s.complete_through >= c.complete_through AS days_kept
  FROM momentum_state.stream s, svc.cursor c;

-- Once the clocks agree again, it goes on.
UPDATE svc.clock SET ahead = '0';
CALL momentum.refresh(force => true);
SELECT svc.put_order(3, svc.now() - interval '2 minutes', 1, 1, 10);
CALL momentum.refresh(force => true);
SELECT order_id FROM hub.orders ORDER BY order_id;

-- The width of a slice follows the pages it took, within a quarter and four times.
SELECT pages, momentum._next_width(momentum._loader_of('shopify', 'orders'), '8 days', pages, 20)
  FROM unnest('{0, 1, 5, 10, 20, 40, 80, 500}'::bigint[]) pages;
SELECT pages, momentum._next_width(momentum._loader_of('meta_ads', 'insights'), '30 days', pages, 20)
  FROM unnest('{1, 20, 500}'::bigint[]) pages;
SELECT momentum._next_width(momentum._loader_of('shopify', 'orders'), '1 second', 500, 20);

-- A failure narrows it and waits, as long as the service asks if that is longer.
UPDATE momentum_state.stream SET slice_width = '8 days', failures = 0;
SELECT momentum.stream_failed('brez', 'shop', 'orders', 'the service of server "shop" refused for now', '53400', NULL,
	'It asks to wait 600.5 seconds.');
SELECT slice_width, failures, last_sqlstate, last_error, round(extract(epoch FROM due_at - last_error_at)) BETWEEN 599 AND 601 AS waits
  FROM momentum_state.stream;
SELECT momentum.stream_failed('brez', 'shop', 'orders', 'down', '08006') FROM generate_series(1, 9);
SELECT slice_width, failures, round(extract(epoch FROM due_at - last_error_at)) BETWEEN 3599 AND 3601 AS an_hour FROM momentum_state.stream;
