-- Products and stock: what there is, how long it lasts, when to order what.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup(), momentum.add_brand('tea', 'UTC', 'USD') \g /dev/null
SELECT (now() AT TIME ZONE 'UTC')::date AS today \gset
INSERT INTO momentum_state.source (brand, source, service, currency) VALUES ('tea', 'shop', 'shopify', 'USD');
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, first_day, complete_through, due_at)
VALUES ('tea', 'shop', 'orders', 'orders', 'none', '1 day', date :'today' - 400, date :'today' - 1, 'infinity');
-- So many units a day, from one day to another, counted back from today.
CREATE FUNCTION pg_temp.sell(sku text, per_day bigint, from_back integer, to_back integer, price numeric DEFAULT 10, sold_in text DEFAULT 'USD')
RETURNS void LANGUAGE sql AS $$
	WITH made AS (
		INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, has_selling_plan, channel, currency,
			gross_sales, discounts, items_sold, content_hash)
		SELECT 'tea', 'shop', format('%s %s %s', sku, sold_in, d), (now() AT TIME ZONE 'UTC')::date - d, false, false, false, 'shop', sold_in, 0, 0, 0, 0
		  FROM generate_series(to_back, from_back) d RETURNING order_id, order_day),
	line AS (
		INSERT INTO hub.order_line_items (brand, source, line_item_id, order_id, sku, quantity, unit_price, discount, is_gift_card)
		SELECT 'tea', 'shop', '1', m.order_id, sku, per_day, price, 1, false FROM made m)
	INSERT INTO momentum_state.changed_day (brand, source, stream, day) SELECT 'tea', 'shop', 'orders', m.order_day FROM made m
$$;
INSERT INTO hub.products (brand, source, product_id, title, product_type, status, content_hash) VALUES
	('tea', 'shop', 'p1', 'Green', 'Shampoo', 'ACTIVE', 0), ('tea', 'shop', 'p2', 'Old', '', 'ARCHIVED', 0),
	('tea', 'shop', 'p3', 'Mint Shampoo & Conditioner Set', NULL, 'ACTIVE', 0);
INSERT INTO hub.product_variants (brand, source, variant_id, product_id, display_name, sku, price, compare_at_price, inventory_item_id, tracked, created_at) VALUES
	('tea', 'shop', 'v1', 'p1', 'Green - Small', 'G-S', 10, 12, 'i1', true, '2020-01-01'),
	('tea', 'shop', 'v2', 'p1', 'Green - Large', 'G-L', 20, NULL, 'i2', true, '2020-01-01'),
	('tea', 'shop', 'v3', 'p1', 'Green - Gone', 'G-G', 30, NULL, 'i3', true, '2020-01-01'),
	('tea', 'shop', 'v4', 'p1', 'Green - Gift note', NULL, 1, NULL, 'i4', false, '2020-01-01'),
	('tea', 'shop', 'v5', 'p2', 'Old', 'OLD', 5, NULL, 'i5', true, '2020-01-01'),
	('tea', 'shop', 'v6', 'p3', 'Mint Shampoo & Conditioner Set', 'SET', 25, NULL, 'i6', true, now() - interval '10 days');
INSERT INTO hub.inventory_levels (brand, source, inventory_level_id, inventory_item_id, is_active, available, on_hand, committed, incoming, content_hash) VALUES
	('tea', 'shop', 'l1', 'i1', true, 30, 34, 4, 5, 0), ('tea', 'shop', 'l2', 'i1', true, 12, 12, 0, 0, 0), ('tea', 'shop', 'l3', 'i1', false, 1000, 1000, 0, 0, 0),
	('tea', 'shop', 'l4', 'i2', true, -3, 0, 3, 0, 0), ('tea', 'shop', 'l5', 'i3', true, 0, 0, 0, 40, 0), ('tea', 'shop', 'l6', 'i5', true, 7, 7, 0, 0, 0),
	('tea', 'shop', 'l7', 'i6', true, 90, 90, 0, 0, 0);
-- Three a day of the small one for a quarter, six in the last week; two of the
-- large one, some of them in euros; the set is new, and sold five a day since.
SELECT pg_temp.sell('G-S', 3, 120, 8), pg_temp.sell('G-S', 6, 7, 0), pg_temp.sell('G-L', 2, 120, 61), pg_temp.sell('G-L', 2, 60, 1, sold_in => 'EUR'),
       pg_temp.sell('SET', 5, 10, 1), pg_temp.sell('G-G', 4, 30, 16), pg_temp.sell('DELETED', 4, 30, 1) \g /dev/null
SELECT momentum.recompute() \g /dev/null

-- What people decide is a table that no sync touches; suppliers are theirs.
INSERT INTO hub.suppliers (brand, supplier_id, supplier_name, contact_name, email, phone, lead_time_days, minimum_order_quantity, minimum_order_amount) VALUES
	('tea', 'hills', 'Hills Ltd', 'Ann Hill', 'ann@example.com', '+1 555 4567', 21, 50, 500);
INSERT INTO hub.product_settings (brand, product_key, category, reorder_point, reorder_quantity, lead_time_days, primary_supplier) VALUES
	('tea', 'G-S', NULL, NULL, 100, 14, 'hills'), ('tea', 'G-L', 'Conditioner', NULL, NULL, NULL, 'hills'), ('tea', 'G-G', NULL, 10, 30, NULL, NULL),
	('tea', 'SET', NULL, 90, NULL, NULL, NULL);
SELECT momentum.set_product_cost('tea', 'G-S', 4) \g /dev/null
\x on
SELECT sku, product_name, category, active, cost_price, retail_price, compare_price, gross_margin_pct, current_stock, stock_committed, available_stock, incoming,
       reorder_quantity, lead_time_days, supplier_name, avg_daily_sales_7d, avg_daily_sales_30d, avg_daily_sales_90d, days_of_stock, stock_status, reorder_alert,
       suggested_order_quantity, suggested_order_date - date :'today' AS order_in, as_of - date :'today' AS as_of
  FROM hub.product_stock WHERE brand = 'tea' AND product_key = 'G-S';
\x off
-- 42 for sale at (7 * 6 + 23 * 3) / 30 = 3.7 a day last 11.4 days, less than
-- the 14 that the supplier takes; for these and 7 more one needs 78, 47 are
-- there or coming, and no order is below 100.
SELECT sku, category, available_stock, avg_daily_sales_30d AS a_day, days_of_stock AS days, stock_status, reorder_alert AS alert, lead_time_days AS lead,
       reorder_point AS point, suggested_order_quantity AS quantity, suggested_order_date - date :'today' AS order_in
  FROM hub.product_stock ORDER BY product_key;
-- Stock below zero is told as it is; it lasts no day, and what was promised is
-- ordered too: 2 a day for 28 days, and 3.  Without a lead time the reorder
-- point decides.  The gift note is not counted, the old product not reordered,
-- and days before the set was there are not days without demand.
SELECT variant_id, is_tracked, active, stock_status, reorder_alert, suggested_order_quantity FROM hub.product_stock WHERE variant_id IN ('v4', 'v5') ORDER BY 1;
-- Sold, and deleted in the shop: counted, but there is no stock to tell of.
SELECT product_key, sum(units) AS units, sum(income) AS income, sum(orders) AS orders FROM hub.product_sales_daily GROUP BY product_key ORDER BY product_key;

-- A day without stock is no day without demand, if a reading says so and none
-- was sold: the gone one sold 4 a day until it was gone, 15 days ago.
INSERT INTO hub.stock_daily (brand, product_key, day, available, was_out)
SELECT 'tea', 'G-G', date :'today' - d, 0, true FROM generate_series(1, 20) d;
SELECT avg_daily_sales_7d, avg_daily_sales_30d, avg_daily_sales_90d, days_out_of_stock_30d, days_of_stock, reorder_alert, suggested_order_quantity FROM hub.product_stock WHERE sku = 'G-G';
-- Of the last week nothing is known: it was never there.  What is on its way
-- is enough to be above the reorder point: nothing to order now.
-- With a lead time, its pace decides.
UPDATE hub.product_settings SET lead_time_days = 20 WHERE product_key = 'G-G';
SELECT days_of_stock, reorder_alert, suggested_order_quantity, suggested_order_date - date :'today' AS order_in FROM hub.product_stock WHERE sku = 'G-G';
-- Another pace, another review period.
SELECT momentum.set_setting('tea', 'stock.pace_days', '7'), momentum.set_setting('tea', 'stock.review_days', '30') \g /dev/null
SELECT days_of_stock, reorder_alert, suggested_order_quantity FROM hub.product_stock WHERE sku = 'G-S';
SELECT momentum.set_setting('tea', 'stock.pace_days', NULL), momentum.set_setting('tea', 'stock.review_days', NULL) \g /dev/null
SELECT momentum.set_setting('tea', 'stock.keep_days', '10');

-- Sales that are not known are not zero: the shop was last read five days ago.
UPDATE momentum_state.stream SET complete_through = date :'today' - 6;
SELECT as_of - date :'today' AS as_of, avg_daily_sales_7d, avg_daily_sales_30d FROM hub.product_stock WHERE sku = 'G-S';
UPDATE momentum_state.stream SET complete_through = NULL;
SELECT as_of, avg_daily_sales_7d, avg_daily_sales_30d, days_of_stock, stock_status, reorder_alert FROM hub.product_stock WHERE sku = 'G-S';
UPDATE momentum_state.stream SET complete_through = date :'today' - 1, first_day = date :'today' - 4;
-- Nor are days before the first one asked of the shop.
SELECT avg_daily_sales_7d, avg_daily_sales_30d FROM hub.product_stock WHERE sku = 'G-S';
UPDATE momentum_state.stream SET first_day = date :'today' - 400;

-- Readings: the last one of the day tells what there was, any one that it was out.
SELECT momentum._note_stock('tea', '{G-S,G-L,OLD}') \g /dev/null
UPDATE hub.inventory_levels SET available = 0 WHERE inventory_item_id = 'i1';
SELECT momentum._note_stock('tea', '{G-S}') \g /dev/null
UPDATE hub.inventory_levels SET available = 42 WHERE inventory_level_id = 'l1';
SELECT momentum._note_stock('tea', '{G-S}') \g /dev/null
SELECT product_key, available, was_out FROM hub.stock_daily WHERE day = :'today' ORDER BY product_key;
-- They are kept for a time.
INSERT INTO hub.stock_daily (brand, product_key, day, available, was_out) VALUES ('tea', 'G-S', date :'today' - 400, 5, false), ('tea', 'G-S', date :'today' - 401, 5, false);
SELECT momentum._note_stock('tea', '{G-S}') \g /dev/null
SELECT date :'today' - day AS age FROM hub.stock_daily WHERE product_key = 'G-S' ORDER BY day;

-- One SKU in two shops is one product: one pace, one stock, one order.
INSERT INTO momentum_state.source (brand, source, service, currency) VALUES ('tea', 'outlet', 'shopify', 'USD');
INSERT INTO hub.product_variants (brand, source, variant_id, display_name, sku, price, inventory_quantity, tracked) VALUES ('tea', 'outlet', 'o1', 'Green, small', ' G-S ', 8, 58, true);
SELECT source, product_name, retail_price, variants, available_stock, days_of_stock, reorder_quantity FROM hub.product_stock WHERE product_key = 'G-S';
DELETE FROM hub.product_variants WHERE source = 'outlet';
-- A product that no shop knows, entered by hand.
INSERT INTO hub.product_variants (brand, source, variant_id, display_name, sku, price, current_stock, stock_committed) VALUES ('tea', '', 'hand-1', 'Boar brush', 'BRUSH', 15, 20, 6);
SELECT momentum.set_product_cost('tea', 'BRUSH', 6) \g /dev/null
SELECT source, product_name, category, active, cost_price, gross_margin_pct, current_stock, stock_committed, available_stock, stock_status, days_of_stock, reorder_alert FROM hub.product_stock WHERE sku = 'BRUSH';
-- What somebody says comes before what the shop says and what patterns find.
INSERT INTO hub.product_category_patterns (brand, pattern, category) VALUES ('tea', '\mgreen\M', 'Accessories');
INSERT INTO hub.product_settings (brand, product_key, category, active) VALUES ('tea', 'BRUSH', 'Bundles', false), ('tea', 'OLD', NULL, true);
SELECT sku, product_type, category, active, reorder_alert FROM hub.product_stock WHERE sku IN ('BRUSH', 'OLD', 'G-L', 'G-G') ORDER BY sku;
INSERT INTO hub.product_categories (category, position) VALUES ('Treats', 9);
UPDATE hub.product_settings SET category = 'Treats' WHERE product_key = 'OLD';

-- What cannot be.
\set VERBOSITY terse
UPDATE hub.product_settings SET category = 'Treets' WHERE product_key = 'OLD';
UPDATE hub.product_settings SET lead_time_days = -1 WHERE product_key = 'OLD';
UPDATE hub.product_settings SET reorder_point = -1 WHERE product_key = 'OLD';
UPDATE hub.product_settings SET primary_supplier = 'nobody' WHERE product_key = 'OLD';
UPDATE hub.suppliers SET lead_time_days = -1;
INSERT INTO hub.product_category_patterns (brand, pattern, category) VALUES ('tea', '(', 'Bundles');
INSERT INTO hub.product_settings (brand, product_key) VALUES ('tea', ' ');
UPDATE hub.product_variants SET current_stock = 1000000000000 WHERE sku = 'BRUSH';
-- A setting written past set_setting() that is no number is as good as none.
INSERT INTO momentum_state.setting (brand, key, value) VALUES ('tea', 'stock.review_days', 'weekly'), ('tea', 'stock.pace_days', '1e9');
SELECT suggested_order_quantity FROM hub.product_stock WHERE sku = 'G-L';

-- Who supplies: whole for the owner, masked for who may not see persons.
SELECT supplier_id, supplier_name, contact_name, email, phone, lead_time_days, minimum_order_quantity, minimum_order_amount, currency, products FROM hub.supplier;
CREATE ROLE regress_stock_reader;
SELECT momentum.grant_access('regress_stock_reader', 'reader', 'tea') \g /dev/null
SET ROLE regress_stock_reader;
SELECT supplier_id, supplier_name, contact_name, email, phone, notes FROM hub.supplier;
SELECT count(*) > 5 AS sees_stock FROM hub.product_stock;
RESET ROLE;
SELECT momentum.revoke_access('regress_stock_reader', 'tea') \g /dev/null
DROP OWNED BY regress_stock_reader;
DROP ROLE regress_stock_reader;
