-- By hand: rows of any feed through the doors of the hub.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
CREATE EXTENSION momentum;
SELECT momentum.setup() \g /dev/null
SELECT momentum.add_brand('brez', 'America/New_York', 'USD'), momentum.add_brand('other', 'Asia/Tokyo', 'JPY') \g /dev/null
SELECT momentum.add_manual_source('brez', 'till'), momentum.add_manual_source('other', 'till') \g /dev/null
SET client_min_messages = notice;
SELECT momentum.add_manual_source('brez', 'till');
SELECT momentum.add_manual_source('brez', ' ');
SELECT momentum.add_manual_source('nobody', 'till');

-- Times without a zone are of the brand's; days, currency, flags follow.
COPY hub.orders_entry (brand, source, order_id, processed_at, customer_id, total_price, tags) FROM STDIN WITH (FORMAT csv, HEADER MATCH);
brand,source,order_id,processed_at,customer_id,total_price,tags
brez,till,1,2025-03-05 23:30,A,10.50,"gift, vip"
brez,till,2,2025-03-06 08:00,A,20.00,{wholesale}
brez,till,3,2025-03-06 09:00,B,30.00,
other,till,1,2025-03-06 09:00,A,3000,
\.
SELECT brand, order_id, order_day, processed_at, customer_key, is_new_customer, currency, total_price, tags, channel, is_test, gross_sales
  FROM hub.orders ORDER BY 1, 2;
SELECT brand, detail FROM momentum_state.audit WHERE action = 'enter' ORDER BY audit_id;
SELECT DISTINCT brand, source, stream, day FROM momentum_state.changed_day WHERE source <> '' ORDER BY 1, 4;
DELETE FROM momentum_state.changed_day;

-- The same file again changes nothing.
COPY hub.orders_entry (brand, source, order_id, processed_at, customer_id, total_price, tags) FROM STDIN WITH (FORMAT csv, HEADER MATCH);
brand,source,order_id,processed_at,customer_id,total_price,tags
brez,till,1,2025-03-05 23:30,A,10.50,"gift, vip"
brez,till,2,2025-03-06 08:00,A,20.00,{wholesale}
brez,till,3,2025-03-06 09:00,B,30.00,
other,till,1,2025-03-06 09:00,A,3000,
\.
SELECT count(*) FROM momentum_state.changed_day;
SELECT detail -> 'new' AS new, detail -> 'changed' AS changed FROM momentum_state.audit WHERE action = 'enter' ORDER BY audit_id DESC LIMIT 2;

-- Columns left out stay; what follows from a given one follows.  An order
-- that moves takes both days along, and may make another one the first.
COPY hub.orders_entry (brand, source, order_id, processed_at) FROM STDIN WITH (FORMAT csv, HEADER MATCH);
brand,source,order_id,processed_at
brez,till,1,2025-03-09 12:00
\.
SELECT order_id, order_day, customer_id, total_price, tags, is_new_customer FROM hub.orders WHERE brand = 'brez' ORDER BY 1;
SELECT DISTINCT day FROM momentum_state.changed_day WHERE source <> '' ORDER BY 1;
-- COPY empties what it lists; INSERT keeps where it says nothing.
COPY hub.orders_entry (brand, source, order_id, tags) FROM STDIN WITH (FORMAT csv);
brez,till,1,
\.
INSERT INTO hub.orders_entry (brand, source, order_id, note) VALUES ('brez', 'till', '1', 'called');
INSERT INTO hub.orders_entry (brand, source, order_id, number, cancelled_at) SELECT 'brez', 'till', n, n, NULL FROM generate_series(1, 2) n;
SELECT order_id, number, tags, note, total_price FROM hub.orders WHERE brand = 'brez' ORDER BY 1;

-- Lines belong to orders, which sum them up.
INSERT INTO hub.order_line_items_entry (brand, source, order_id, line_item_id, sku, quantity, unit_price, discount, selling_plan)
	VALUES ('brez', 'till', '1', '1', 'A-1', 2, 10, 1.5, NULL), ('brez', 'till', '1', '2', 'B-1', 1, 5, NULL, 'Monthly');
SELECT order_id, gross_sales, discounts, items_sold, has_selling_plan FROM hub.orders WHERE brand = 'brez' ORDER BY 1;
INSERT INTO hub.order_line_items_entry (brand, source, order_id, line_item_id, quantity) VALUES ('brez', 'till', '1', '2', 3);
SELECT order_id, gross_sales, discounts, items_sold FROM hub.orders WHERE brand = 'brez' AND order_id = '1';
INSERT INTO hub.order_line_items_entry (brand, source, order_id, line_item_id, quantity, unit_price) VALUES ('brez', 'till', '77', '1', 1, 10);
INSERT INTO hub.refunds_entry (brand, source, order_id, refund_id, refunded_at, total_refunded) VALUES ('brez', 'till', '1', 'R', '2025-03-20 23:00', 12);
INSERT INTO hub.refund_line_items_entry (brand, source, order_id, refund_id, refund_line_item_id, line_item_id, quantity, subtotal)
	VALUES ('brez', 'till', '1', 'R', '1', '1', 1, 10);
SELECT refund_id, refund_day, returns, total_refunded FROM hub.refunds;

-- Days entered by hand are complete when somebody says so, and only then.
CALL momentum.refresh();
SELECT count(*) FROM momentum_state.metric_daily;
SELECT momentum.declare_complete('brez', 'till', 'orders', '2025-03-10');
SELECT momentum.declare_complete('brez', 'till', 'sessions_daily', '2025-03-10');
SELECT momentum.declare_complete('brez', 'till', 'visits', '2025-03-10');
\set VERBOSITY terse
SELECT momentum.declare_complete('brez', 'till', 'orders', '2999-01-01');
\set VERBOSITY default
SELECT momentum.declare_complete('brez', 'till', 'orders', '2025-01-01');
CALL momentum.refresh(force => true);
SELECT day, metric, value FROM momentum_state.metric_daily WHERE brand = 'brez' AND metric IN ('orders', 'new_customers') ORDER BY 1, 2;
SELECT brand, source, stream, status, complete_through FROM momentum.source_health ORDER BY 1, 2, 3;
-- It can be taken back.
SELECT momentum.declare_complete('brez', 'till', 'orders', '2025-03-07');
CALL momentum.refresh();
SELECT max(day) FROM momentum_state.metric_daily WHERE brand = 'brez' AND metric = 'orders';
SELECT momentum.resync('brez', 'till', 'orders', '2025-03-01', '2025-03-02');

-- A newer stamp wins, an older one loses, an equal one with other content wins.
INSERT INTO hub.products_entry (brand, source, product_id, title, source_updated_at) VALUES ('brez', 'till', 'P', 'new', '2025-03-02 00:00+00');
INSERT INTO hub.products_entry (brand, source, product_id, title, source_updated_at) VALUES ('brez', 'till', 'P', 'old', '2025-03-01 00:00+00');
SELECT title FROM hub.products;
INSERT INTO hub.products_entry (brand, source, product_id, title, source_updated_at) VALUES ('brez', 'till', 'P', 'same', '2025-03-02 00:00+00');
SELECT title FROM hub.products;
INSERT INTO hub.products_entry (brand, source, product_id, title) VALUES ('brez', 'till', 'P', 'by hand');
SELECT title, source_updated_at FROM hub.products;

-- What is wrong is named by line, column and value; nothing of the file is stored.
\set VERBOSITY sqlstate
COPY hub.orders_entry (brand, source, order_id, processed_at, order_status) FROM STDIN WITH (FORMAT csv, HEADER MATCH);
brand,source,order_id,processed_at,order_status
brez,till,10,2025-03-05,Shipped
brez,till,11,2025-03-05,Sent
\.
\set VERBOSITY default
COPY hub.orders_entry (brand, source, order_id, processed_at, order_status) FROM STDIN WITH (FORMAT csv, HEADER MATCH);
brand,source,order_id,processed_at,order_status
brez,till,10,2025-03-05,Shipped
brez,till,11,2025-03-05,Sent
\.
COPY hub.orders_entry (brand, source, order_id, processed_at, total_price) FROM STDIN WITH (FORMAT csv, HEADER MATCH);
brand,source,order_id,processed_at,total_price
brez,till,10,2025-03-05,1
brez,till,11,2025-03-05,"1,50"
\.
COPY hub.orders_entry (brand, source, order_id, processed_at, customer_satisfaction_score) FROM STDIN WITH (FORMAT csv);
brez,till,10,2025-03-05,6
\.
COPY hub.orders_entry (brand, source, order_id, processed_at, number) FROM STDIN WITH (FORMAT csv);
brez,till,10,2025-03-05,99999999999999999999
\.
COPY hub.orders_entry (brand, source, order_id, processed_at) FROM STDIN WITH (FORMAT csv);
brez,till,10,5 March
\.
COPY hub.orders_entry (brand, source, order_id, processed_at) FROM STDIN WITH (FORMAT csv);
brez,till,10,2025-02-30
\.
COPY hub.orders_entry (brand, source, order_id, processed_at) FROM STDIN WITH (FORMAT csv);
brez,till,10,2025-03-05
brez,till,,2025-03-05
\.
COPY hub.orders_entry (brand, source, order_id, total_price) FROM STDIN WITH (FORMAT csv);
brez,till,10,5
\.
COPY hub.orders_entry (brand, source, order_id, processed_at) FROM STDIN WITH (FORMAT csv);
nobody,till,10,2025-03-05
\.
COPY hub.orders_entry (brand, source, order_id, processed_at) FROM STDIN WITH (FORMAT csv);
brez,shop,10,2025-03-05
\.
COPY hub.orders_entry (brand, source, order_id, processed_at) FROM STDIN WITH (FORMAT csv);
,till,10,2025-03-05
\.
COPY hub.orders_entry (brand, source, order_id, processed_at, note) FROM STDIN WITH (FORMAT csv);
brez,till,10,2025-03-05,"two
lines"
brez,till,11,2025-03-05,"one line"
brez,till,10,2025-03-05,again
\.
INSERT INTO hub.sessions_daily_entry (brand, source, day, sessions) VALUES ('brez', 'till', '2025-03-05', -1);
INSERT INTO hub.customers_entry (brand, source, customer_id, email) VALUES ('brez', 'till', 'A', 'ann@example.com');
-- A person's address is not repeated.
INSERT INTO hub.customers_entry (brand, source, customer_id, email) VALUES ('brez', 'till', 'B', 'ANN@example.com');
INSERT INTO hub.order_line_items_entry (brand, source, order_id, line_item_id, quantity, unit_price) VALUES ('brez', 'till', '1', '3', -1, 5);
INSERT INTO hub.product_costs_entry (brand, product_key, valid_from, unit_cost) VALUES ('brez', 'A-1', '2025-01-01', 'NaN');
INSERT INTO hub.costs_entry (brand, name, basis, amount, valid_from) VALUES ('brez', 'rent', 'month', 100, '2025-01-01'), ('brez', 'rent', 'month', 120, '2025-02-01');
SELECT count(*) FROM hub.orders WHERE order_id IN ('10', '11');

-- Or bad lines are kept, and the others stored.
SET momentum.door_errors = keep;
COPY hub.orders_entry (brand, source, order_id, processed_at, total_price, order_status) FROM STDIN WITH (FORMAT csv, HEADER MATCH);
brand,source,order_id,processed_at,total_price,order_status
brez,till,20,2025-03-05,1,Shipped
brez,till,21,2025-03-05,x,Shipped
brez,nowhere,22,2025-03-05,1,Shipped
brez,till,23,2025-03-05,1,Sent
brez,till,24,,1,Sent
brez,till,20,2025-03-05,2,Shipped
brez,till,25,2025-03-05,1,Shipped
\.
SELECT order_id, total_price FROM hub.orders WHERE order_id LIKE '2_' ORDER BY 1;
SELECT id, brand, source, feed, origin, line, item, reason, sqlstate, attempts, payload FROM momentum_state.dead_letter ORDER BY id;
SELECT brand, feed, line, reason, is_open FROM momentum.dead_letter WHERE line = 3;
RESET momentum.door_errors;

-- Letters are tried again one by one; what was mended meanwhile goes through.
INSERT INTO hub.order_statuses (order_status, position) VALUES ('Sent', 10);
SELECT momentum.replay();
SELECT momentum.replay(0);
SELECT replayed, reason FROM momentum.replay(brand => 'brez', feed => 'orders') ORDER BY letter;
SELECT line, replayed_at IS NOT NULL AS replayed, payload IS NULL AS emptied, attempts FROM momentum_state.dead_letter ORDER BY id;
SELECT order_id, order_status FROM hub.orders WHERE order_id = '23';
SELECT count(*) FROM momentum_state.audit WHERE action = 'replay';

-- Two doors in one statement, a door within a transaction that is undone,
-- RETURNING, rows in many portions.
WITH a AS (INSERT INTO hub.products_entry (brand, source, product_id, title) VALUES ('brez', 'till', 'Q1', 'one') RETURNING product_id),
	 b AS (INSERT INTO hub.suppliers_entry (brand, supplier_id, supplier_name) VALUES ('brez', 'S1', 'Soap Works'))
INSERT INTO hub.products_entry (brand, source, product_id, title) SELECT 'brez', 'till', product_id || '+', 'two' FROM a RETURNING product_id, title;
SELECT product_id, title FROM hub.products WHERE product_id LIKE 'Q%' ORDER BY 1;
SELECT supplier_id, supplier_name, active FROM hub.suppliers;
BEGIN;
SAVEPOINT s;
INSERT INTO hub.products_entry (brand, source, product_id, title) VALUES ('brez', 'till', 'U', 'undone');
INSERT INTO hub.products_entry (brand, source, product_id, created_at) VALUES ('brez', 'till', 'V', 'never');
ROLLBACK TO s;
INSERT INTO hub.products_entry (brand, source, product_id, title) VALUES ('brez', 'till', 'W', 'done');
COMMIT;
SELECT product_id FROM hub.products WHERE product_id IN ('U', 'V', 'W');
DO $$
BEGIN
	INSERT INTO hub.products_entry (brand, source, product_id, created_at) VALUES ('brez', 'till', 'X', 'never');
EXCEPTION WHEN invalid_datetime_format THEN
	RAISE NOTICE '%', SQLERRM;
	INSERT INTO hub.products_entry (brand, source, product_id) VALUES ('brez', 'till', 'X');
END $$;
-- A door that is being filled cannot be filled from within.
CREATE FUNCTION pg_temp.within() RETURNS text LANGUAGE plpgsql AS $$
BEGIN INSERT INTO hub.products_entry (brand, source, product_id) VALUES ('brez', 'till', 'Y'); RETURN 'Z'; END $$;
INSERT INTO hub.products_entry (brand, source, product_id) SELECT 'brez', 'till', pg_temp.within();
INSERT INTO hub.suppliers_entry (brand, supplier_id, supplier_name) SELECT 'brez', pg_temp.within(), 'through another door';
SELECT product_id FROM hub.products WHERE product_id IN ('X', 'Y', 'Z');
INSERT INTO hub.products_entry (brand, source, product_id) SELECT 'brez', 'till', 'N' || n FROM generate_series(1, 5000) n;
INSERT INTO hub.products_entry (brand, source, product_id) SELECT 'brez', 'till', 'N' || n FROM generate_series(1, 5001) n;
SELECT count(*) FROM hub.products WHERE product_id LIKE 'N%';
-- Who bought several times at one instant, in the first file of a brand, is new once.
SELECT momentum.add_brand('third', 'UTC', 'USD'), momentum.add_manual_source('third', 'till') \g /dev/null
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at, email, cancelled_at) VALUES
	('third', 'till', '3', '2025-03-05 10:00', 'Ann@example.com', NULL), ('third', 'till', '2', '2025-03-05 10:00', 'ann@example.com ', NULL),
	('third', 'till', '1', '2025-03-04 10:00', 'ann@example.com', '2025-03-04 11:00'), ('third', 'till', '4', '2025-03-06 10:00', NULL, NULL);
SELECT order_id, customer_key, is_new_customer FROM hub.orders WHERE brand = 'third' ORDER BY 1;
-- A line without its order is found in a big file as in a small one.
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at, customer_id) SELECT 'brez', 'till', 'M' || n, '2025-03-05', n % 7 FROM generate_series(1, 700) n;
SELECT count(*) FILTER (WHERE is_new_customer) AS firsts FROM hub.orders WHERE order_id LIKE 'M%';
INSERT INTO hub.order_line_items_entry (brand, source, order_id, line_item_id, quantity, unit_price)
	SELECT 'brez', 'till', 'M' || n % 701, n, 1, 2 FROM generate_series(1, 1500) n;
INSERT INTO hub.order_line_items_entry (brand, source, order_id, line_item_id, quantity, unit_price)
	SELECT 'brez', 'till', 'M' || 1 + n % 700, n, 1, 2 FROM generate_series(1, 1400) n;
SELECT gross_sales, items_sold, count(*) FROM hub.orders WHERE order_id LIKE 'M%' GROUP BY 1, 2;
-- What to do with a row that exists is the door's to say.
INSERT INTO hub.products_entry (brand, source, product_id) VALUES ('brez', 'till', 'N1') ON CONFLICT (product_id) DO NOTHING;
INSERT INTO hub.products_entry (brand, source, product_id, title) VALUES ('brez', 'till', 'N1', 'stored') ON CONFLICT DO NOTHING;
SELECT title FROM hub.products WHERE product_id = 'N1';
UPDATE hub.products_entry SET title = 'x';
-- Nothing at all is nothing.
INSERT INTO hub.products_entry (brand, source, product_id) SELECT 'brez', 'till', 'N' WHERE false;
SELECT count(*) FROM hub.products_entry;

-- A message in any script; one of 5 MB is too long, and says so.
INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform, message)
	VALUES ('brez', 'till', 'big', '2025-03-05 10:00', 'Gmail', repeat('日本語 🐕 ', 400000));
INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform, message)
	VALUES ('brez', 'till', 'big', '2025-03-05 10:00', 'Gmail', repeat('日本語 🐕 ', 60000));
SELECT length(message), date_created, status, response_sent FROM hub.customer_inquiries;

-- Every feed has its door and its template; what a person cannot fill is not asked for.
SELECT d.feed FROM momentum._doors() d WHERE to_regclass(format('hub.%I', d.feed || '_entry')) IS NULL;
SELECT l.loader, l.target FROM unnest('{shopify,meta_ads,tiktok_ads,klaviyo,google_sheets,quickbooks,crisp}'::text[]) s, momentum._loaders(s) l
 WHERE l.target IS NOT NULL AND to_regclass(l.target || '_entry') IS NULL;
SELECT a.attrelid::regclass, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
 WHERE c.relnamespace = 'hub'::regnamespace AND c.relname LIKE '%\_entry' AND a.attnum > 0
   AND (a.attname IN ('content_hash', 'loaded_at', 'product_key') AND c.relname LIKE 'order%' OR col_description(a.attrelid, a.attnum) IS NULL);
-- Running setup() again keeps the doors, and gives a new column to its own.
ALTER TABLE hub.suppliers ADD COLUMN iban text;
SET client_min_messages = warning;
SELECT momentum.setup() \g /dev/null
INSERT INTO hub.suppliers_entry (brand, supplier_id, iban) VALUES ('brez', 'S1', 'DE00');
SELECT supplier_name, iban FROM hub.suppliers;
-- A session that brings file after file, each with a bad line that only the
-- hub's own rules find, loses none of the others.
SET momentum.door_errors = keep;
INSERT INTO hub.customers_entry (brand, source, customer_id, email)
	SELECT 'brez', 'till', 'first ' || n, 'first' || CASE n WHEN 777 THEN 776 ELSE n END || '@example.com' FROM generate_series(1, 3000) n;
INSERT INTO hub.customers_entry (brand, source, customer_id, email)
	SELECT 'brez', 'till', 'second ' || n, 'second' || CASE n WHEN 777 THEN 776 ELSE n END || '@example.com' FROM generate_series(1, 3000) n;
SELECT split_part(customer_id, ' ', 1) AS file, count(*) FROM hub.customers WHERE customer_id ~ '^(first|second) ' GROUP BY 1 ORDER BY 1;
RESET momentum.door_errors;
-- A table of the session's own where a door keeps its rows is not written into.
DROP TABLE pg_temp.momentum_entry_suppliers;
SELECT format('CREATE TEMP TABLE momentum_entry_suppliers (line text, %s)', string_agg(format('%I bigint', a.attname), ', ' ORDER BY a.attnum))
  FROM pg_attribute a WHERE a.attrelid = 'hub.suppliers_entry'::regclass AND a.attnum > 0 \gexec
INSERT INTO hub.suppliers_entry (brand, supplier_id, supplier_name) VALUES ('brez', 'S2', 'Second');
SELECT supplier_name, iban FROM hub.suppliers ORDER BY supplier_id;
-- Nor is what was changed while rows were gathered in it.
CREATE FUNCTION pg_temp.change(n integer) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF n = 5 THEN
		ALTER TABLE pg_temp.momentum_entry_suppliers ALTER supplier_id TYPE integer USING 1;
	END IF;
	RETURN 'S' || n;
END $$;
INSERT INTO hub.suppliers_entry (brand, supplier_id) SELECT 'brez', pg_temp.change(n) FROM generate_series(1, 1500) n;
-- The trigger takes text: on a view of other columns it takes nothing.
CREATE VIEW pg_temp.suppliers_entry AS SELECT 7 AS brand, 8 AS supplier_id;
CREATE TRIGGER open BEFORE INSERT ON pg_temp.suppliers_entry FOR EACH STATEMENT EXECUTE FUNCTION momentum._door();
CREATE TRIGGER take INSTEAD OF INSERT ON pg_temp.suppliers_entry FOR EACH ROW EXECUTE FUNCTION momentum._door();
INSERT INTO pg_temp.suppliers_entry VALUES (7, 8);
DROP VIEW pg_temp.suppliers_entry;
-- A key that no line has, and a source that is none where none is needed.
SET momentum.door_errors = keep;
INSERT INTO hub.sessions_daily_entry (brand, source, sessions) VALUES ('brez', 'till', '5'), ('brez', 'till', '6');
INSERT INTO hub.product_costs_entry (brand, product_key, valid_from, unit_cost, source) VALUES ('brez', 'Z-1', '2025-01-01', '5', 'nowhere');
RESET momentum.door_errors;
SELECT feed, reason FROM momentum_state.dead_letter WHERE feed IN ('sessions_daily', 'product_costs') ORDER BY id;
SELECT unit_cost, source FROM hub.product_costs WHERE product_key = 'Z-1';
-- Readers fill nothing.
CREATE ROLE regress_door_reader;
SELECT momentum.grant_access('regress_door_reader', 'reader', 'brez') \g /dev/null
SET ROLE regress_door_reader;
INSERT INTO hub.suppliers_entry (brand, supplier_id) VALUES ('brez', 'S1');
SELECT momentum.declare_complete('brez', 'till', 'orders', '2025-03-01');
SELECT momentum.replay(1);
RESET ROLE;
SELECT momentum.revoke_access('regress_door_reader') \g /dev/null
DROP ROLE regress_door_reader;
