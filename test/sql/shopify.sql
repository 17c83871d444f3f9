-- Shopify: a shop's records as foreign tables.
\getenv sim MOMENTUM_SIM
\set base :sim '/small/shopify'
SET client_min_messages = warning;
CREATE EXTENSION momentum;
RESET client_min_messages;
\pset null '-'

-- What is sent, without the port of the day.
CREATE FUNCTION explain(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS off) ' || query LOOP
        RETURN NEXT regexp_replace(line, 'http://127.0.0.1:\d+', 'SIM');
    END LOOP;
END $$;

--
-- Connecting
--

-- An unknown option is answered with the known ones.
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shopname 'small');
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw;
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small.myshopify.com');
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small', api_version 'latest');
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small', api_version '');

-- A secret does not belong into a server, where everybody could read it.
\set VERBOSITY terse
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small', credential 'shpat_test');
\set VERBOSITY default
\set VERBOSITY terse
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small', secret 'my_shop');
\set VERBOSITY default

-- Where requests go is decided by the shop's name, unless a superuser says otherwise.
CREATE ROLE shop_clerk;
GRANT USAGE ON FOREIGN DATA WRAPPER shopify_fdw TO shop_clerk;
GRANT ALL ON SCHEMA public TO shop_clerk;
SET ROLE shop_clerk;
CREATE SERVER clerk FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small', base_url 'https://example.com');
CREATE SERVER clerk FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small', allow_insecure 'true');
CREATE SERVER clerk FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small', token_url 'https://example.com');
CREATE SERVER clerk FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small', ca_file '/etc/passwd');
CREATE SERVER clerk FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small');
CREATE FOREIGN TABLE clerk_orders (id bigint, tags text[]) SERVER clerk OPTIONS (resource 'orders');
\pset format unaligned
\pset tuples_only on
SELECT explain('SELECT id FROM clerk_orders');
\pset format aligned
\pset tuples_only off
SELECT id FROM clerk_orders;
RESET ROLE;

CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'base', allow_insecure 'perhaps');
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small', base_url 'ftp://small');
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw
    OPTIONS (shop 'small', base_url :'base', allow_insecure 'true');

CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (password 'shpat_test');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (secret '../my_shop');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (secret 'my_shop', credential 'shpat_test');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');

--
-- The tables of a shop
--
CREATE SCHEMA shop;
IMPORT FOREIGN SCHEMA admin LIMIT TO (orders, customers) FROM SERVER shop INTO shop;
IMPORT FOREIGN SCHEMA admin EXCEPT (orders, customers) FROM SERVER shop INTO shop;
IMPORT FOREIGN SCHEMA admin FROM SERVER shop INTO shop;
IMPORT FOREIGN SCHEMA admin FROM SERVER shop INTO shop OPTIONS (verbose 'true');
SELECT c.relname, count(*) AS columns, t.ftoptions
  FROM pg_foreign_table t JOIN pg_class c ON c.oid = t.ftrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE c.relnamespace = 'shop'::regnamespace
 GROUP BY c.relname, t.ftoptions ORDER BY c.relname;
\d shop.order_line_items

-- A table by hand may have any of the columns, under its resource's name or another.
CREATE FOREIGN TABLE parcels (id bigint) SERVER shop OPTIONS (resource 'parcels');
CREATE FOREIGN TABLE parcels (id bigint) SERVER shop;
SELECT * FROM parcels;
CREATE FOREIGN TABLE just_orders (total_price numeric, id bigint) SERVER shop OPTIONS (resource 'orders', page_size '3');
CREATE FOREIGN TABLE just_orders (total_price numeric, id bigint) SERVER shop OPTIONS (resource 'orders');
SELECT * FROM just_orders WHERE id = 11001;
ALTER FOREIGN TABLE just_orders ADD COLUMN weather text;
SELECT id, weather FROM just_orders WHERE id = 11001;
ALTER FOREIGN TABLE just_orders DROP COLUMN weather;
SELECT * FROM just_orders WHERE id = 11001;

--
-- Reading
--
SELECT * FROM shop.shop;

SELECT id, name, created_at, processed_at, cancelled_at, cancel_reason, test, financial_status,
       fulfillment_status, customer_id, customer_order_index AS nth, source_name
  FROM shop.orders ORDER BY number;

-- Money keeps all its decimals.
SELECT name, currency, total_price, current_total_price AS current, subtotal_price AS subtotal, total_discounts AS discounts,
       total_shipping AS shipping, total_tax AS tax, total_refunded AS refunded, net_payment AS net
  FROM shop.orders ORDER BY number;

-- Text is text: quotes, line breaks, commas in tags.
SELECT name, email, discount_codes, tags, note FROM shop.orders WHERE note IS NOT NULL OR tags <> '{}' ORDER BY number;

-- Lists within a record are followed to their end: 60 lines come in two pages.
SELECT order_id, count(*), count(DISTINCT id), sum(quantity) AS units, sum(unit_price * quantity) AS gross
  FROM shop.order_line_items GROUP BY order_id ORDER BY order_id;
SELECT id, order_id, order_processed_at, title, name, sku, vendor, variant_title, quantity AS q, current_quantity AS now,
       unit_price, is_gift_card AS gift, product_id, variant_id
  FROM shop.order_line_items WHERE order_id <> 11005 ORDER BY id;
SELECT id, total_discount, discounted_total, selling_plan, selling_plan_id, discount_allocations
  FROM shop.order_line_items WHERE total_discount <> 0 OR discount_allocations <> '[]' OR selling_plan IS NOT NULL ORDER BY id;

-- How an order travels, parcels that were taken back included; and what a customer agreed to, and when.
SELECT name, shipping_title, shipping_code, jsonb_path_query_array(fulfillments, '$[*].displayStatus') AS parcels,
	   jsonb_path_query_array(fulfillments, '$[*].trackingInfo[*].number') AS numbers FROM shop.orders WHERE id IN (11001, 11005, 11010) ORDER BY id;
SELECT id, email_marketing_state, email_marketing_at AT TIME ZONE 'UTC' AS email_at, email_marketing_level, sms_marketing_state, sms_marketing_at AT TIME ZONE 'UTC' AS sms_at
  FROM shop.customers WHERE id BETWEEN 7001 AND 7004 ORDER BY id;

-- Refunds hang on orders, their lines on refunds.
SELECT * FROM shop.refunds ORDER BY id;
SELECT order_id, refund_id, count(*), count(DISTINCT line_item_id) AS lines, sum(quantity) AS units, sum(subtotal) AS subtotal, sum(total_tax) AS tax
  FROM shop.refund_line_items GROUP BY order_id, refund_id ORDER BY refund_id;
SELECT * FROM shop.refund_line_items WHERE refund_id <> 30002 ORDER BY id;

SELECT id, created_at, first_name, last_name, email, email_marketing_state AS mail, phone, state, tags, orders_count AS orders,
       amount_spent, currency, product_subscriber_status AS subscriber, city, province_code, country_code, zip, last_order_id
  FROM shop.customers ORDER BY created_at;
SELECT * FROM shop.products ORDER BY id;
SELECT * FROM shop.product_variants ORDER BY id;

-- An item's stock by place: item 4001 lies in 23 of them.
SELECT inventory_item_id, sku, tracked, count(*), count(DISTINCT location_id) AS places, sum(available) AS available, sum(on_hand) AS on_hand,
       sum(committed) AS committed, sum(incoming) AS incoming, bool_and(is_active) AS all_active, max(updated_at) AS updated_at
  FROM shop.inventory_levels GROUP BY inventory_item_id, sku, tracked ORDER BY inventory_item_id;
SELECT id, location_id, location_name, available FROM shop.inventory_levels WHERE inventory_item_id = 4002 ORDER BY id;

SELECT * FROM shop.subscription_contracts ORDER BY id;

-- Sessions by day; a day of which nothing is known reads as the service tells it.
SELECT * FROM shop.sessions_daily WHERE day BETWEEN '2026-01-15' AND '2026-01-19' ORDER BY day;
SELECT count(*), sum(sessions) FROM shop.sessions_daily WHERE day BETWEEN '2026-01-01' AND '2026-03-31';
-- More than a year is asked for in parts.
\! ctl clearlog
SELECT count(*), min(day), max(day), sum(sessions) FROM shop.sessions_daily WHERE day >= '2024-06-01' AND day < '2026-04-01';
\! ctl count small shopify
SELECT count(*) FROM shop.sessions_daily WHERE day > '2026-03-31' AND day < '2026-03-01';
SELECT count(*) FROM shop.sessions_daily WHERE day = 'infinity';
\! ctl count small shopify

--
-- Fields that the connector does not name
--
CREATE FOREIGN TABLE my_orders (
    id bigint,
    po_number text OPTIONS (path 'poNumber'),
    campaign text OPTIONS (path 'customerJourneySummary.lastVisit.utmParameters.campaign'),
    visit jsonb OPTIONS (path 'customerJourneySummary.lastVisit.utmParameters.medium'),
    since_visit integer OPTIONS (path 'customerJourneySummary.daysToConversion'),
    gid text OPTIONS (path 'id'),
    first_tag varchar(40) OPTIONS (path 'tags[0]'),
    total numeric(10,1) OPTIONS (path 'totalPriceSet.shopMoney.amount'),
    tag_list jsonb OPTIONS (path 'tags')
) SERVER shop OPTIONS (resource 'orders');
SELECT * FROM my_orders WHERE id IN (11001, 11007, 11008) ORDER BY id;
\pset format unaligned
\pset tuples_only on
SELECT explain('SELECT campaign, first_tag FROM my_orders');
\pset format aligned
\pset tuples_only off

-- "^" is the record that holds the list, "^^" the one that holds that.
CREATE FOREIGN TABLE my_refund_lines (
    id bigint,
    restocked boolean OPTIONS (path 'restocked'),
    refund_note text OPTIONS (path '^note'),
    order_name text OPTIONS (path '^^name'),
    buyer text OPTIONS (path '^^customer.firstName')
) SERVER shop OPTIONS (resource 'refund_line_items');
SELECT * FROM my_refund_lines WHERE id >= 40122 ORDER BY id;
\pset format unaligned
\pset tuples_only on
SELECT explain('SELECT order_name FROM my_refund_lines');
\pset format aligned
\pset tuples_only off

-- Paths that are none.
CREATE FOREIGN TABLE bad (x text OPTIONS (path 'a..b')) SERVER shop OPTIONS (resource 'orders');
CREATE FOREIGN TABLE bad (x text OPTIONS (path 'a[')) SERVER shop OPTIONS (resource 'orders');
CREATE FOREIGN TABLE bad (x text OPTIONS (path 'a { b }')) SERVER shop OPTIONS (resource 'orders');
CREATE FOREIGN TABLE bad (x text OPTIONS (path '')) SERVER shop OPTIONS (resource 'orders');
CREATE FOREIGN TABLE bad (x text OPTIONS (route 'a')) SERVER shop OPTIONS (resource 'orders');
-- Orders are in no list of another record; lines are in one.
CREATE FOREIGN TABLE bad (id bigint, x text OPTIONS (path '^name')) SERVER shop OPTIONS (resource 'orders');
SELECT id FROM bad WHERE id = 11001;
SELECT x FROM bad;
CREATE FOREIGN TABLE bad_line (x text OPTIONS (path '^^name')) SERVER shop OPTIONS (resource 'order_line_items');
SELECT x FROM bad_line;
-- A field the service does not have.
CREATE FOREIGN TABLE bad_field (x text OPTIONS (path 'weather')) SERVER shop OPTIONS (resource 'orders');
\set VERBOSITY terse
SELECT x FROM bad_field;
\set VERBOSITY default

--
-- What is asked of the service
--
\pset format unaligned
\pset tuples_only on

-- Columns: only those the query looks at.
SELECT explain('SELECT * FROM shop.shop');
SELECT explain('SELECT name, total_price FROM shop.orders');
SET momentum.enable_aggregate = off;
SELECT explain('SELECT count(*) FROM shop.orders');
RESET momentum.enable_aggregate;
SELECT explain('SELECT sum(quantity) FROM shop.order_line_items WHERE sku = ''SH-8''');
SELECT explain('SELECT order_id, subtotal FROM shop.refund_line_items');
SELECT explain('SELECT sku, available, incoming FROM shop.inventory_levels');
SELECT explain('SELECT conversion_rate FROM shop.sessions_daily WHERE day BETWEEN ''2026-01-15'' AND ''2026-01-19''');

-- Conditions: those the service understands, checked again here.
SELECT explain('SELECT id FROM shop.orders WHERE updated_at >= ''2026-02-01'' AND updated_at < ''2026-03-01''');
SELECT explain('SELECT id FROM shop.orders WHERE ''2026-02-01'' < updated_at AND id = 11005 AND test = false AND NOT confirmed');
SELECT explain('SELECT id FROM shop.orders WHERE NOT test AND email = ''ann@example.com'' AND name = ''#1001'' AND customer_id = 7001');
SELECT explain('SELECT id FROM shop.orders WHERE updated_at >= date ''2026-02-01'' AND processed_at < timestamp ''2026-03-01 00:00:00.5''');
SELECT explain('SELECT id FROM shop.orders WHERE total_price > 100 OR id = 11001');
SELECT explain('SELECT id FROM shop.orders WHERE id IN (11001, 11002) AND lower(name) = ''#1001'' AND updated_at > created_at');
SELECT explain('SELECT id FROM shop.orders WHERE updated_at <= now() - interval ''1 day'' * random()');
SELECT explain('SELECT id FROM shop.customers WHERE updated_at >= ''2026-03-02 12:00'' AND email = ''o''''neil\x@example.com''');
SELECT explain('SELECT id FROM shop.product_variants WHERE product_id = 2001 AND sku = ''SH-8'' AND barcode = ''4000000001''');
SELECT explain('SELECT id FROM shop.order_line_items WHERE order_updated_at >= ''2026-03-01'' AND quantity > 1');
SELECT explain('SELECT id FROM shop.inventory_levels WHERE inventory_item_id = 4001');
SELECT explain('SELECT id FROM shop.subscription_contracts WHERE status = ''ACTIVE''');

-- A condition goes out only if the column is the service's own, as it declares it.
CREATE FOREIGN TABLE own_types (id text, name text OPTIONS (path 'customer.firstName'), updated_at date,
    processed_at timestamp(0) with time zone) SERVER shop OPTIONS (resource 'orders');
SELECT explain('SELECT * FROM own_types WHERE id = ''11001'' AND name = ''Ann'' AND updated_at < ''2026-03-01'' AND processed_at < ''2026-01-06''');
SELECT * FROM own_types WHERE id = '11001' AND name = 'Ann' AND updated_at < '2026-03-01' AND processed_at < '2026-01-06';

-- An empty text cannot be searched for, and no instant is beyond infinity.
\! ctl clearlog
SELECT id, sku = '' AS empty FROM shop.product_variants WHERE sku = '';
SELECT count(*) FROM shop.orders WHERE updated_at < 'infinity' AND updated_at > '-infinity';
SELECT count(*) FROM shop.orders WHERE updated_at > 'infinity';
\! ctl json small shopify | grep -o '."q[^u][^}]*}'

-- Values of other parts of the plan are asked for too, once they are known.
SELECT explain('SELECT o.id FROM (VALUES (11001), (11005)) v(id), LATERAL (SELECT * FROM shop.orders WHERE id = v.id OFFSET 0) o');
SELECT o.id, o.name FROM (VALUES (11001), (11005), (1), (NULL)) v(id), LATERAL (SELECT * FROM shop.orders WHERE id = v.id OFFSET 0) o;
\! ctl clearlog
SELECT id, name FROM shop.orders WHERE id = (SELECT max(id) FROM shop.orders WHERE updated_at < '2026-03-01');
\! ctl json small shopify | grep -o '."q[^u][^}]*}'

-- Nothing at all, where no row can match.
PREPARE of_customer(bigint) AS SELECT id FROM shop.orders WHERE customer_id = $1;
EXPLAIN (VERBOSE, COSTS off) EXECUTE of_customer(NULL);
SET plan_cache_mode = force_generic_plan;
EXPLAIN (VERBOSE, COSTS off) EXECUTE of_customer(NULL);
RESET plan_cache_mode;
SELECT explain('SELECT sessions FROM shop.sessions_daily WHERE day > ''2026-02-01'' AND day < ''2026-02-02''');

-- LIMIT: no more records than needed, one request.
SELECT explain('SELECT id FROM shop.orders LIMIT 5');
SELECT explain('SELECT id FROM shop.orders WHERE updated_at >= ''2026-02-01'' LIMIT 5 OFFSET 2');
-- Rows may be dropped, sorted or joined on the way: then as many as fit into a page.
SELECT explain('SELECT id FROM shop.orders WHERE note IS NULL LIMIT 5');
SELECT explain('SELECT id FROM shop.orders ORDER BY number LIMIT 5');
\! ctl clearlog
SELECT count(*) FROM (SELECT id FROM shop.orders LIMIT 5) o;
\! ctl count small shopify
SELECT count(*) FROM (SELECT id FROM shop.order_line_items LIMIT 5) o;
\! ctl count small shopify

\pset format aligned
\pset tuples_only off
-- Nothing is asked by EXPLAIN, nor before the first row.
\! ctl clearlog
SELECT count(*) > 0 AS explained FROM explain('SELECT * FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id');
PREPARE later AS SELECT name FROM shop.orders WHERE id = $1;
BEGIN;
DECLARE c CURSOR FOR SELECT name FROM shop.orders WHERE id = 11001;
\! ctl count small shopify
FETCH c;
\! ctl count small shopify
COMMIT;
SELECT name FROM shop.orders WHERE id = NULL;
SELECT name FROM shop.orders WHERE false;
EXECUTE later(NULL);
\! ctl count small shopify
EXECUTE later(11001);
\! ctl count small shopify

\pset format unaligned
\pset tuples_only on
-- What it cost.
CREATE FUNCTION explain_analyze(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS off, SUMMARY off, TIMING off) ' || query LOOP
        RETURN NEXT regexp_replace(line, 'Bytes Received: [1-9]\d*', 'Bytes Received: n');
    END LOOP;
END $$;
SELECT explain_analyze('SELECT id FROM shop.orders');
SELECT explain_analyze('SELECT id FROM shop.order_line_items WHERE quantity > 2');
SELECT explain_analyze('SELECT id FROM shop.orders LIMIT 1');
SELECT explain_analyze('SELECT id FROM shop.orders WHERE id = NULL');
\! ctl fault small shopify status status=503 retry_after=0 times=2
SELECT explain_analyze('SELECT v.id, o.name FROM (VALUES (11001), (11002)) v(id), LATERAL (SELECT * FROM shop.orders WHERE id = v.id OFFSET 0) o');

\pset format aligned
\pset tuples_only off
-- Pages of a scan, and the service's clock, for those who sync.
SELECT momentum.scan_pages() > 0 AS pages;
SELECT count(*) FROM shop.orders;
SELECT momentum.scan_pages();
SELECT momentum.server_time('shop') BETWEEN now() - interval '1 minute' AND now() + interval '1 minute' AS clock;
SELECT momentum.server_time('clerk');
SELECT momentum.server_time('nowhere');

-- An old version is answered with another one: that is said aloud.
ALTER SERVER shop OPTIONS (ADD api_version '2025-10');
SELECT name FROM shop.shop;
ALTER SERVER shop OPTIONS (SET api_version '2026-10');
SELECT name FROM shop.shop;

-- Foreign tables of services are read-only.
INSERT INTO shop.orders (id) VALUES (1);
UPDATE shop.orders SET note = 'x';
DELETE FROM shop.orders;
SELECT DISTINCT is_insertable_into FROM information_schema.tables WHERE table_schema = 'shop';

DROP OWNED BY shop_clerk;
DROP ROLE shop_clerk;

-- A database of another encoding: what goes out becomes UTF-8, what comes in is converted, and a
-- message does not fail over what it cannot hold.
SELECT current_database() AS home \gset
CREATE DATABASE latin1_shop ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
\c latin1_shop
\encoding UTF8
SET client_min_messages = warning;
CREATE EXTENSION momentum;
RESET client_min_messages;
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'small', base_url :'base', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
CREATE FOREIGN TABLE products (id bigint, vendor text, size text OPTIONS (path 'größe')) SERVER shop;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM products WHERE vendor = 'Zoë' \g |grep Variables
SELECT id FROM products WHERE vendor = 'Zoë';
SELECT '{"data": {"products": {"nodes": [{"legacyResourceId": "1", "vendor": "Zo\u00eb", "gr\u00f6\u00dfe": "7"}], "pageInfo": {"hasNextPage": false, "endCursor": null}}}}' \g (format=unaligned tuples_only=on) |"$PG_ABS_SRCDIR/simulator/ctl" answer small shopify
SELECT id, vendor, size FROM products WHERE vendor = 'Zoë';
SELECT '{"errors": [{"message": "10 \u20ac"}]}' \g (format=unaligned tuples_only=on) |"$PG_ABS_SRCDIR/simulator/ctl" answer small shopify
SELECT id FROM products;
\c :home
DROP DATABASE latin1_shop;
