-- Making a server a source of a brand; no network is asked.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION momentum;
SELECT momentum.add_source('brez', 'brez_shop');
SELECT momentum.setup();
SELECT momentum.add_source('brez', 'brez_shop');
SELECT momentum.add_brand('brez', 'America/New_York', 'USD');
SELECT momentum.add_brand('other', 'America/New_York', 'USD');
SELECT momentum.add_source('brez', 'brez_shop');

-- A wrapper that feeds nothing
CREATE FOREIGN DATA WRAPPER paper_fdw;
CREATE SERVER brez_paper FOREIGN DATA WRAPPER paper_fdw;
DO $$ BEGIN
	PERFORM momentum.add_source('brez', 'brez_paper');
EXCEPTION WHEN feature_not_supported THEN RAISE WARNING '%', SQLERRM;
END $$;

-- Tables are found by server and resource, whatever they are called.
CREATE SERVER brez_shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'brez');
SELECT momentum.add_source('brez', 'brez_shop');
CREATE SCHEMA shopify;
IMPORT FOREIGN SCHEMA api LIMIT TO (orders, order_line_items, refunds) FROM SERVER brez_shop INTO shopify;
SELECT momentum.add_source('brez', 'brez_shop');
IMPORT FOREIGN SCHEMA api LIMIT TO (refund_line_items, customers) FROM SERVER brez_shop INTO shopify;
ALTER FOREIGN TABLE shopify.refund_line_items RENAME TO "what came back";
ALTER FOREIGN TABLE shopify.orders DROP COLUMN tags;
SELECT momentum.add_source('brez', 'brez_shop');
SELECT count(*) FROM momentum_state.stream;
DROP FOREIGN TABLE shopify.orders;
IMPORT FOREIGN SCHEMA api LIMIT TO (orders) FROM SERVER brez_shop INTO shopify;
ALTER FOREIGN TABLE shopify.orders ADD COLUMN mine text;
SET client_min_messages = notice;
SELECT momentum.add_source('brez', 'brez_shop', '{"start": "2025-01-01"}');
SET client_min_messages = warning;
SELECT stream, loader, foreign_table, tables ->> 'refund_line_items' AS refund_lines FROM momentum_state.stream ORDER BY stream;

-- Again, with more tables: what is there already stays as it is.
UPDATE momentum_state.stream SET complete_through = '2025-01-31' WHERE stream = 'orders';
IMPORT FOREIGN SCHEMA api EXCEPT (orders, order_line_items, refunds, refund_line_items, customers)
	FROM SERVER brez_shop INTO shopify;
SELECT momentum.add_source('brez', 'brez_shop');
SELECT stream, status, complete_through FROM momentum.source_health ORDER BY stream;
SELECT brand, source, service, options FROM momentum_state.source;

-- Wrong options
SELECT momentum.add_source('brez', 'brez_shop', '{"begin": "2025-01-01"}');
SELECT momentum.add_source('brez', 'brez_shop', '{"start": "last year"}');
SELECT momentum.add_source('brez', 'brez_shop', '["start"]');
SELECT momentum.add_source('brez', 'brez_shop', NULL);
SELECT momentum.add_source('other', 'brez_shop');
SELECT momentum.add_source('nobody', 'brez_shop');

-- Without a user mapping each stream fails for itself, and says why.
CALL momentum.refresh();
SELECT DISTINCT status, failures, sqlstate FROM momentum.source_health;
-- A server that is gone
DROP SERVER brez_shop CASCADE;
UPDATE momentum_state.stream SET due_at = now();
CALL momentum.refresh();
SELECT stream, status, failures, sqlstate, error FROM momentum.source_health WHERE stream IN ('customers', 'orders') ORDER BY 1;
SELECT next_due_at BETWEEN now() + interval '110 seconds' AND now() + interval '121 seconds' AS twice_as_long
  FROM momentum.source_health WHERE stream = 'orders';

SELECT momentum.remove_source('brez', 'brez_shop');
SELECT momentum.remove_source('brez', 'brez_shop');
SELECT count(*) FROM momentum_state.stream;
