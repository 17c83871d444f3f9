-- A service sends a value that is none of its column's type: what else the
-- slice has is stored, the record becomes a dead letter and is asked for again.
\set SHOW_CONTEXT never
\getenv sim MOMENTUM_SIM
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE EXTENSION momentum CASCADE;
SELECT momentum.setup(), momentum.add_brand('tea', 'UTC', 'USD'), momentum.set_setting('tea', 'sync.start_days', '400') \g /dev/null
\set url :sim /small/shopify
CREATE SERVER shop FOREIGN DATA WRAPPER shopify_fdw OPTIONS (shop 'test', base_url :'url', allow_insecure 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (credential 'shpat_test');
CREATE SCHEMA shop;
IMPORT FOREIGN SCHEMA admin FROM SERVER shop INTO shop;
SELECT momentum.add_source('tea', 'shop', '{"start": "2026-01-01"}') \g /dev/null
CREATE VIEW letters AS
SELECT item, sqlstate, reason, attempts, replayed_at IS NOT NULL AS done FROM momentum_state.dead_letter ORDER BY feed, item;
CREATE VIEW streams AS
SELECT stream, status, warnings, last_error FROM momentum_state.stream WHERE status <> 'ok' OR warnings <> '{}' ORDER BY stream;

-- A stream is due at each beat of a minute; here none comes of itself.
CREATE FUNCTION rest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.due_at := NEW.due_at + interval '1 hour';
    RETURN NEW;
END $$;
CREATE TRIGGER rest BEFORE UPDATE OF due_at ON momentum_state.stream FOR EACH ROW
    WHEN (extract(second FROM NEW.due_at) = 0) EXECUTE FUNCTION rest();

-- Lines without a price, a customer who spent what is no number, in the middle
-- of good ones.
\! ctl reset
\! ctl fault small shopify spoil times=-1 match=lineItems 'find="amount":"12.5"' 'put="amount":"abc"'
\! ctl fault small shopify spoil times=-1 match=amountSpent 'find="amount":"69.67"' 'put="amount":"0x45"'
-- Who asks by himself has an error, and no rows.
SELECT count(unit_price) FROM shop.order_line_items;
CALL momentum.refresh();
TABLE letters;
TABLE streams;
SELECT payload ->> 'unit_price' AS price, payload ->> 'title' AS title, payload #> '{unread,columns}' AS columns,
       payload #>> '{unread,from}' AS from, payload #>> '{unread,to}' AS to
  FROM momentum_state.dead_letter WHERE item = 'orders/11001';
-- The order is not half there; all others are, and so are their customers.
SELECT count(*), count(*) FILTER (WHERE order_id = '11001') AS of_it FROM hub.orders;
SELECT count(*), count(*) FILTER (WHERE order_id = '11001') AS of_it FROM hub.order_line_items;
SELECT count(*) = (SELECT count(id) FROM shop.orders) - 2 AS all_others FROM hub.orders;
SELECT string_agg(customer_id, ' ' ORDER BY customer_id) FROM hub.customers;
SELECT "check", status, value FROM momentum.health() WHERE brand = 'tea' AND "check" = 'dead_letter';
-- Asked again, it is no better; nor is anything else left out by now.
SELECT replayed, reason FROM momentum.replay(brand => 'tea') ORDER BY reason;
SELECT count(unit_price) FROM shop.order_line_items;
-- A function may not leave records out beyond what it does itself.
BEGIN;
SAVEPOINT a;
SELECT momentum._leave_unread(true) \g /dev/null
SELECT count(unit_price) FROM shop.order_line_items;
SELECT columns, key, reason FROM momentum._unread();
ROLLBACK TO a;
SELECT momentum._leaves_unread();
SELECT count(unit_price) FROM shop.order_line_items;
ROLLBACK;
BEGIN;
SELECT momentum._leave_unread(true) \g /dev/null
COMMIT;
SELECT momentum._leaves_unread();

-- Mended at the shop: a replay asks for the order's second alone.
\! ctl reset
\! ctl clearlog
SELECT replayed, reason FROM momentum.replay(feed => 'unread') ORDER BY reason;
SELECT count(*), count(*) FILTER (WHERE order_id = '11001') AS of_it FROM hub.orders;
SELECT gross_sales FROM hub.orders WHERE order_id = '11001';
SELECT count(*), count(*) FILTER (WHERE customer_id = '7004') AS of_it FROM hub.customers;
CALL momentum.refresh();
SELECT value FROM momentum_state.metric_daily WHERE metric = 'gross_sales' AND day = (SELECT order_day FROM hub.orders WHERE order_id = '11001');
TABLE letters;

-- What is in the hub stays as it was while it cannot be read, and comes by
-- itself once a reading of the same range has it.
\! ctl fault small shopify spoil times=-1 'find="quantity":9' 'put="quantity":99999999999999999999'
SELECT momentum.resync('tea', 'shop', 'orders', '2026-01-08', '2026-01-08');
CALL momentum.refresh();
TABLE letters;
SELECT quantity FROM hub.order_line_items WHERE order_id = '11003';
\! ctl reset
SELECT momentum.resync('tea', 'shop', 'orders', '2026-01-01', '2026-01-31');
CALL momentum.refresh();
TABLE letters;

-- Values within a list of an order are no different.
\! ctl fault small shopify spoil times=-1 match=discountAllocations 'find="allocatedAmountSet":{"shopMoney":{"amount":"' 'put="allocatedAmountSet":{"shopMoney":{"amount":"about '
SELECT momentum.resync('tea', 'shop', 'orders', '2026-01-01', '2026-01-31') \g /dev/null
CALL momentum.refresh();
SELECT * FROM letters WHERE NOT done;
SELECT payload ->> 'discount_allocations' AS value FROM momentum_state.dead_letter WHERE replayed_at IS NULL;
\! ctl reset
\! ctl fault small shopify spoil times=-1 match=fulfillments 'find="deliveredAt":"2026' 'put="deliveredAt":"0000'
SELECT momentum.resync('tea', 'shop', 'orders', '2026-01-01', '2026-01-31') \g /dev/null
CALL momentum.refresh();
SELECT * FROM letters WHERE NOT done;
\! ctl reset
SELECT replayed, reason FROM momentum.replay(feed => 'unread');

-- No day is in month 13; where the stamp itself cannot be read, the range of the
-- slice is asked for again.  A newer state of the order ends the letter too.
\! ctl fault small shopify spoil times=-1 'find=2026-03-20T' 'put=2026-13-20T'
SELECT momentum.resync('tea', 'shop', 'orders', '2026-03-20', '2026-03-20') \g /dev/null
CALL momentum.refresh();
SELECT * FROM letters WHERE NOT done;
SELECT payload #> '{unread,columns}' AS columns, payload #>> '{unread,from}' AS from, payload #>> '{unread,to}' AS to
  FROM momentum_state.dead_letter WHERE replayed_at IS NULL;
\! ctl reset
SELECT momentum.sync_slice('tea', 'shop', 'orders') \g /dev/null
SELECT item FROM letters WHERE NOT done;
UPDATE hub.orders SET loaded_at = clock_timestamp() WHERE order_id = '11010';
SELECT momentum.sync_slice('tea', 'shop', 'orders') \g /dev/null
SELECT item FROM letters WHERE NOT done;

-- Days: a letter for the day, which a replay asks for again.  What cannot be
-- held by a text is none of it: the reader of JSON replaces it.
\! ctl fault small shopify spoil times=-1 match=shopifyqlQuery 'find="138"' 'put="many"'
\! ctl fault small shopify spoil times=-1 match=email 'find="Zoë' 'put="Z\u0000o\ud83d'
SELECT momentum.resync('tea', 'shop', 'sessions_daily', '2026-03-03', '2026-03-05'),
       momentum.resync('tea', 'shop', 'customers', '2026-01-01', '2026-11-01') \g /dev/null
CALL momentum.refresh();
SELECT * FROM letters WHERE NOT done;
SELECT payload - 'unread' AS payload, payload #>> '{unread,from}' AS from, payload #>> '{unread,to}' AS to
  FROM momentum_state.dead_letter WHERE replayed_at IS NULL;
SELECT day, sessions FROM hub.sessions_daily WHERE day BETWEEN '2026-03-03' AND '2026-03-05' ORDER BY day;
SELECT first_name FROM hub.customers WHERE customer_id = '7004';
\! ctl reset
SELECT replayed, reason FROM momentum.replay(feed => 'unread');

-- Of a set that is read in full nothing is removed while a part of it cannot be
-- read: it may be just that.
SELECT count(*) AS levels FROM hub.inventory_levels \gset
INSERT INTO hub.inventory_levels (brand, source, inventory_level_id, content_hash) VALUES ('tea', 'shop', 'gone', 0);
\! ctl fault small shopify spoil times=-1 match=inventoryLevels 'find="name":"available","quantity":83' 'put="name":"available","quantity":"many"'
UPDATE momentum_state.stream SET due_at = now() WHERE stream = 'inventory_levels';
CALL momentum.refresh();
SELECT * FROM letters WHERE NOT done;
TABLE streams;
SELECT count(*) - :levels AS more, count(*) FILTER (WHERE available = 83) AS as_it_was FROM hub.inventory_levels;
\! ctl reset
UPDATE momentum_state.stream SET due_at = now() WHERE stream = 'inventory_levels';
CALL momentum.refresh();
SELECT * FROM letters WHERE NOT done;
TABLE streams;
SELECT count(*) - :levels AS more FROM hub.inventory_levels;

-- More than a few, and more than one in twenty: something else is wrong, and
-- the feed stands still.  So it does where a record is part of a whole.
\! ctl fault small shopify spoil times=-1 match=inventoryLevels 'find="name":"available","quantity":' 'put="name":"available","quantity":0.5,"q":'
\! ctl fault small shopify spoil times=-1 match=ianaTimezone 'find="createdAt":"' 'put="createdAt":"x'
UPDATE momentum_state.stream SET due_at = now() WHERE stream IN ('inventory_levels', 'shop');
CALL momentum.refresh();
TABLE streams;
SELECT count(*) - :levels AS more FROM hub.inventory_levels;
SELECT count(*) FROM letters WHERE NOT done;

\! ctl reset
-- Letters of an order go with the person it is of, though nothing in them names
-- anybody; and what comes of it later makes none.
\! ctl fault small shopify spoil times=-1 'find="amount":"29.75"' 'put="amount":"abc"'
SELECT momentum.resync('tea', 'shop', 'orders', '2026-03-01', '2026-03-01') \g /dev/null
CALL momentum.refresh();
SELECT item, payload ->> 'order_id' AS order_id, payload ->> 'note' AS note FROM momentum_state.dead_letter WHERE replayed_at IS NULL AND item LIKE 'orders/%';
SELECT hub.redact_customer('tea', 'ann@example.com') #>> '{rows,momentum_state.dead_letter}' AS letters;
SELECT momentum.resync('tea', 'shop', 'orders', '2026-03-01', '2026-03-01') \g /dev/null
CALL momentum.refresh();
SELECT count(*) FROM momentum_state.dead_letter WHERE payload ->> 'note' = 'half of it';
SELECT note FROM hub.refunds WHERE refund_id = '30002';
\! ctl reset
