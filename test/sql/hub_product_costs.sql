-- What a unit costs, over time: told by shops, entered by hand.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
SELECT momentum.add_brand('tea', 'UTC', 'USD') \g /dev/null
CREATE TABLE svc.product_variants (id bigint, product_id bigint, title text, display_name text, sku text, barcode text, price numeric,
	compare_at_price numeric, position bigint, inventory_quantity bigint, inventory_item_id bigint, tracked boolean, unit_cost numeric,
	unit_cost_currency text, created_at timestamptz, updated_at timestamptz);
CREATE TABLE svc.inventory_levels (id text, inventory_item_id bigint, sku text, tracked boolean, location_id bigint, location_name text, is_active boolean,
	available bigint, on_hand bigint, committed bigint, incoming bigint, updated_at timestamptz);
SELECT svc.source('shop', 'shopify'), svc.shop_orders(), svc.stream('shop', 'shopify', 'product_variants', '{"product_variants": "svc.product_variants"}'),
       svc.stream('shop', 'shopify', 'inventory_levels', '{"inventory_levels": "svc.inventory_levels"}') \g /dev/null
SELECT (now() AT TIME ZONE 'America/New_York')::date AS today, date_trunc('second', now()) - interval '9 minutes' AS stamp \gset
-- The shop says what a unit costs; each telling is a minute newer.
CREATE SEQUENCE svc.minute;
CREATE FUNCTION svc.tell(v bigint, cost numeric, money text DEFAULT 'USD', stock bigint DEFAULT 5) RETURNS void LANGUAGE sql AS $$
	DELETE FROM svc.product_variants WHERE id = v;
	INSERT INTO svc.product_variants (id, product_id, title, sku, price, inventory_quantity, inventory_item_id, tracked, unit_cost, unit_cost_currency, created_at, updated_at)
	VALUES (v, 1, 'V' || v, 'SKU-' || v, 20, stock, v * 10, true, cost, money, '2025-01-01',
			date_trunc('second', now()) - interval '9 minutes' + nextval('svc.minute') * interval '10 seconds')
$$;
-- The history, a day as days from today; always is how far back anything was sold.
CREATE FUNCTION svc.costs() RETURNS TABLE (product_key text, since text, unit_cost numeric, currency text, source text) LANGUAGE sql AS $$
	SELECT c.product_key, CASE WHEN c.valid_from = '-infinity' THEN 'always' ELSE (c.valid_from - (now() AT TIME ZONE 'America/New_York')::date)::text END,
		   c.unit_cost, c.currency, c.source FROM hub.product_costs c WHERE c.brand = 'brez' ORDER BY c.product_key, c.valid_from
$$;
\set ECHO all
-- The first cost known holds for all time; one that is not told is none.
SELECT svc.tell(1, 4), svc.tell(2, NULL), svc.tell(3, 9, 'EUR'), svc.tell(4, -2), svc.tell(5, 0);
CALL momentum.refresh(force => true);
SELECT * FROM svc.costs();
-- Less than nothing is no cost: kept as told, and as a letter, with the others unharmed.
SELECT v.variant_id, v.unit_cost, d.feed, d.reason FROM hub.product_variants v JOIN momentum_state.dead_letter d ON d.item = v.variant_id AND d.replayed_at IS NULL;
SELECT replayed, reason FROM momentum.replay(feed => 'variant_cost');

-- A change holds from the day on that it was seen; the same again is none.
SELECT svc.tell(1, 5), svc.tell(2, 7), svc.tell(3, 9, 'EUR', stock => 6), svc.tell(4, 3);
CALL momentum.refresh(force => true);
SELECT * FROM svc.costs();
SELECT count(*) FILTER (WHERE replayed_at IS NULL) AS open FROM momentum_state.dead_letter;
-- Changed again on the same day, the later one holds.
SELECT svc.tell(1, 6);
CALL momentum.refresh(force => true);
SELECT * FROM svc.costs() WHERE product_key = 'SKU-1';
-- A cost that the shop takes away was true until then: the last one stays.
SELECT svc.tell(1, NULL);
CALL momentum.refresh(force => true);
SELECT * FROM svc.costs() WHERE product_key = 'SKU-1';

-- Entered by hand, it comes before what shops tell of its days, whenever they tell it.
SELECT momentum.set_product_cost('brez', 'SKU-1', 4.5, :'today'::date - 10);
SELECT svc.tell(1, 8);
CALL momentum.refresh(force => true);
SELECT * FROM svc.costs() WHERE product_key = 'SKU-1';
SELECT detail - 'valid_from' - 'replaced' AS detail, jsonb_path_query_array(detail, '$.replaced[*].unit_cost') AS replaced
  FROM momentum_state.audit WHERE action = 'set_product_cost';
-- Again for the same day replaces; from another day on is another row.
SELECT momentum.set_product_cost('brez', 'SKU-1', 4.4, :'today'::date - 10), momentum.set_product_cost('brez', 'SKU-1', 4.2, :'today'::date + 30);
SELECT momentum.set_product_cost('brez', 'SKU-1', 4.3);
SELECT * FROM svc.costs() WHERE product_key = 'SKU-1';
-- Taken away, the one before holds again; without any by hand, the shop's.
SELECT momentum.set_product_cost('brez', 'SKU-1', NULL);
SELECT * FROM svc.costs() WHERE product_key = 'SKU-1';
SELECT momentum.set_product_cost('brez', 'SKU-1', NULL, :'today'::date - 10);
SELECT * FROM svc.costs() WHERE product_key = 'SKU-1';
-- A product that is not there (yet, or any more) may have a cost; a misspelt one is told.
SET client_min_messages = notice;
SELECT momentum.set_product_cost('brez', 'SKU-99', 1);
SET client_min_messages = warning;

-- In another currency it is kept, and not used: while it holds, the cost is not known.
SELECT sku, cost_price, gross_margin_pct FROM hub.product_stock WHERE brand = 'brez' ORDER BY sku;
SELECT momentum.set_product_cost('brez', 'SKU-3', 10), momentum.set_product_cost('brez', 'SKU-5', 12, currency => 'CAD');
SELECT sku, cost_price, gross_margin_pct FROM hub.product_stock WHERE brand = 'brez' AND sku IN ('SKU-3', 'SKU-5') ORDER BY sku;

-- Two shops that tell of one SKU: the first by name, and no to and fro.
INSERT INTO momentum_state.source (brand, source, service) VALUES ('brez', 'another', 'shopify');
INSERT INTO hub.product_variants (brand, source, variant_id, sku, unit_cost) VALUES ('brez', 'another', 'a2', 'SKU-2', 6.5);
SELECT momentum._note_product_costs('brez', '{SKU-2}') AS noted;
SELECT momentum._note_product_costs('brez', '{SKU-2}') AS noted;
SELECT * FROM svc.costs() WHERE product_key = 'SKU-2';
-- A plain COPY can hold no two costs for one day.
INSERT INTO hub.product_costs (brand, product_key, valid_from, unit_cost, currency) VALUES ('tea', 'X', '2025-01-01', 1, 'USD'), ('tea', 'X', '2025-01-01', 2, 'USD');

-- A cost that changes has the days computed anew on which it was sold.
SELECT svc.put_order(1, '2025-03-05 17:00+00', 1, 1, 100, :'stamp'), svc.put_order(2, '2025-03-08 17:00+00', 1, 1, 100, :'stamp') \g /dev/null
UPDATE svc.order_line_items SET sku = 'SKU-1';
CALL momentum.refresh(force => true);
SELECT product_key, day, units, income, orders FROM hub.product_sales_daily;
SELECT momentum.set_product_cost('brez', 'SKU-1', 3, '2025-03-06') \g /dev/null
SELECT day FROM momentum_state.changed_day WHERE stream = 'cogs';
-- Of two told at once, one has its first cost and one another from today on: each has its own days.
BEGIN;
INSERT INTO hub.product_variants (brand, source, variant_id, sku, unit_cost) VALUES ('tea', 's', 'n', 'NEW', 1), ('tea', 's', 'o', 'OLD', 2);
INSERT INTO hub.product_costs (brand, product_key, valid_from, unit_cost, currency, source) VALUES ('tea', 'OLD', '-infinity', 1, 'USD', 's');
INSERT INTO hub.product_sales_daily (brand, product_key, day, units, income, orders)
VALUES ('tea', 'NEW', '2025-03-05', 1, 1, 1), ('tea', 'OLD', '2025-03-07', 1, 1, 1), ('tea', 'OLD', (now() AT TIME ZONE 'UTC')::date, 1, 1, 1);
SELECT momentum._note_product_costs('tea', '{NEW,OLD}') AS noted;
SELECT DISTINCT CASE day WHEN (now() AT TIME ZONE 'UTC')::date THEN 'today' ELSE day::text END AS day FROM momentum_state.changed_day WHERE brand = 'tea' ORDER BY 1;
ROLLBACK;

-- What cannot be.
\set VERBOSITY terse
SELECT momentum.set_product_cost('brez', 'SKU-1', NULL, '2020-02-02');
SELECT momentum.set_product_cost('brez', 'SKU-1', -1);
SELECT momentum.set_product_cost('brez', 'SKU-1', 'NaN');
SELECT momentum.set_product_cost('brez', 'SKU-1', 1, '3000-01-01');
SELECT momentum.set_product_cost('brez', 'SKU-1', 1, 'infinity');
SELECT momentum.set_product_cost('brez', 'SKU-1', 1, currency => 'dollars');
SELECT momentum.set_product_cost('brez', ' ', 1);
SELECT momentum.set_product_cost('nobody', 'SKU-1', 1);
INSERT INTO hub.product_costs (brand, product_key, valid_from, unit_cost, currency) VALUES ('tea', 'X', '2025-01-01', -1, 'USD');
INSERT INTO hub.product_costs (brand, product_key, valid_from, unit_cost, currency) VALUES ('tea', 'X', '2525-01-01', 1, 'USD');

-- Stock is read with the variants and with the levels; every reading of a day counts.
SELECT product_key, available, was_out, day = :'today' AS is_today FROM hub.stock_daily WHERE brand = 'brez' ORDER BY product_key;
INSERT INTO svc.inventory_levels VALUES ('l1', 10, 'SKU-1', true, 1, 'Here', true, -2, 0, 2, 0, now()), ('l2', 20, 'SKU-2', true, 1, 'Here', true, 3, 3, 0, 0, now());
CALL momentum.refresh(force => true);
UPDATE svc.inventory_levels SET available = 9, updated_at = now() WHERE id = 'l1';
CALL momentum.refresh(force => true);
SELECT product_key, available, was_out FROM hub.stock_daily WHERE brand = 'brez' ORDER BY product_key;

-- What is loaded by hand leaves the same behind: costs and stock of variants,
-- and a history that comes before what shops tell.
\set VERBOSITY default
SELECT momentum.add_manual_source('tea', 'till') \g /dev/null
INSERT INTO hub.product_variants_entry (brand, source, variant_id, title, sku, price, inventory_quantity, unit_cost)
VALUES ('tea', 'till', 'V1', 'By hand', 'T-1', 9, 4, 2.5);
SELECT source, unit_cost, valid_from FROM hub.product_costs WHERE brand = 'tea';
SELECT product_key, available, was_out FROM hub.stock_daily WHERE brand = 'tea';
INSERT INTO hub.product_costs_entry (brand, product_key, valid_from, unit_cost) VALUES ('tea', 'T-1', '-infinity', 2), ('tea', 'T-1', '2026-01-01', 2.2);
UPDATE hub.product_variants SET unit_cost = 3 WHERE brand = 'tea';
SELECT momentum._note_product_costs('tea', '{T-1}') AS noted;
SELECT source, unit_cost, valid_from FROM hub.product_costs WHERE brand = 'tea' ORDER BY valid_from;
