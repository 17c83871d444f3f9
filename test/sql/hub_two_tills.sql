-- Two tills of one brand, each with numbers of customers of its own: C1 is Ann
-- in one and Bob in the other.  And Cat, who buys in both.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\set VERBOSITY terse
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
SELECT momentum.add_brand('oz', 'Australia/Sydney', 'AUD');
SELECT momentum.add_manual_source('oz', 'east'), momentum.add_manual_source('oz', 'west');
CREATE FUNCTION pg_temp.ago(days integer) RETURNS text LANGUAGE sql AS $$
	SELECT ((now() AT TIME ZONE 'Australia/Sydney')::date - days)::text || ' 12:00'
$$;
CREATE FUNCTION pg_temp.consent(source text) RETURNS text LANGUAGE sql AS $$
	SELECT jsonb_build_object('email', jsonb_build_object('state', 'subscribed', 'at', '2026-01-01T00:00:00Z', 'source', source))::text
$$;
INSERT INTO hub.customers_entry (brand, source, customer_id, first_name, email, phone, instagram_handle, marketing_preferences) VALUES
	('oz', 'east', 'C1', 'Ann', 'ann@example.com', '+61 400 111-222', '@AnnLee', pg_temp.consent('east')),
	('oz', 'west', 'C1', 'Bob', 'bob@example.com', NULL, NULL, pg_temp.consent('west')),
	('oz', 'east', 'C2', 'Cat', 'cat@example.com', NULL, NULL, pg_temp.consent('east')),
	('oz', 'west', 'C9', 'Cat', 'CAT@example.com', NULL, NULL, pg_temp.consent('west'));
INSERT INTO hub.orders_entry (brand, source, order_id, name, processed_at, customer_id, email, order_status, payment_status, shipped_at, delivered_at) VALUES
	('oz', 'east', '1', '#1001', pg_temp.ago(100), 'C1', 'ann@example.com', 'Delivered', 'Paid', pg_temp.ago(99), pg_temp.ago(97)),
	('oz', 'west', '1', '#2001', pg_temp.ago(20), 'C1', 'bob@example.com', 'Delivered', 'Paid', pg_temp.ago(19), pg_temp.ago(17)),
	('oz', 'east', '2', '#1002', pg_temp.ago(91), 'C2', 'cat@example.com', 'Delivered', 'Paid', pg_temp.ago(90), pg_temp.ago(89)),
	('oz', 'west', '2', '#2002', pg_temp.ago(18), 'C9', 'cat@example.com', 'Delivered', 'Paid', pg_temp.ago(17), pg_temp.ago(16));

-- Each is new once, in the first file and in a later one.
SELECT source, order_id, is_new_customer FROM hub.order_profit ORDER BY 1, 2;
INSERT INTO hub.orders_entry (brand, source, order_id, name, processed_at, customer_id, email, order_status, payment_status) VALUES
	('oz', 'east', '3', '#1003', pg_temp.ago(92), 'C1', 'ann@example.com', 'Delivered', 'Paid'),
	('oz', 'west', '3', '#2003', pg_temp.ago(30), 'C1', 'bob@example.com', 'Delivered', 'Paid');
SELECT source, order_id, is_new_customer FROM hub.order_profit ORDER BY 1, 2;

-- Ann asks for Bob's order, and for her own: his is not proved to be hers, and
-- the latest of C1 is not hers either.  Cat's latest is in the other shop.
INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform, customer_email, customer_phone, customer_handle, message, category) VALUES
	('oz', 'east', 'his', now()::text, 'Gmail', 'ann@example.com', NULL, NULL, 'Where is my order #2001?', NULL),
	('oz', 'east', 'hers', now()::text, 'Gmail', 'ann@example.com', NULL, NULL, 'Where is my order #1001?', NULL),
	('oz', 'east', 'latest', now()::text, 'Gmail', 'ann@example.com', NULL, NULL, 'My parcel has not arrived.', 'Shipping'),
	('oz', 'east', 'phone', now()::text, 'SMS', NULL, '+61400111222', NULL, 'Hello', 'General'),
	('oz', 'east', 'handle', now()::text, 'Instagram', NULL, NULL, 'annlee', 'Hello', 'General'),
	('oz', 'east', 'cat', now()::text, 'Gmail', 'cat@example.com', NULL, NULL, 'My parcel has not arrived.', 'Shipping');
SELECT momentum._route_inquiries();
SELECT inquiry_id, customer, order_source, order_id, order_link FROM hub.inquiry_sla ORDER BY 1;
SELECT inquiry_id FROM hub.suggested_reply WHERE reply LIKE '%#2001%';

-- Nobody is asked for a review whose complaint is open, in whichever shop.
SELECT todo_id, customer_name FROM hub.todo WHERE kind = 'review' ORDER BY 1;
INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform, customer_handle, message, category) VALUES
	('oz', 'east', 'broken', now()::text, 'Instagram', 'cat_and_dog', 'Everything came broken.', 'Complaints');
UPDATE hub.customers SET instagram_handle = 'cat_and_dog' WHERE customer_id = 'C2';
SELECT momentum._route_inquiries();
SELECT todo_id, customer_name FROM hub.todo WHERE kind = 'review' ORDER BY 1;

-- Nor won back who has just bought in the other one; Ann is, whatever the
-- other C1 has bought since.
SELECT momentum.declare_complete('oz', s, 'orders', (now() AT TIME ZONE 'Australia/Sydney')::date - 1) FROM unnest('{east,west}'::text[]) s \g /dev/null
CALL momentum.refresh();
CALL momentum.refresh(force => true);
CALL momentum.refresh(force => true);
CALL momentum.refresh(force => true);
CALL momentum.refresh(force => true);
CALL momentum.refresh(force => true);
CALL momentum.refresh(force => true);
SELECT customer_source, customer_id, customer_name, why FROM hub.todo WHERE kind = 'winback' ORDER BY 1, 2;

-- Nobody waits for what is not paid, or was paid back.
INSERT INTO hub.orders_entry (brand, source, order_id, name, processed_at, customer_id, email, order_status, payment_status) VALUES
	('oz', 'west', 'n1', '#3001', pg_temp.ago(8), 'C1', 'bob@example.com', 'Processing', 'Paid'),
	('oz', 'west', 'n2', '#3002', pg_temp.ago(8), 'C1', 'bob@example.com', 'Processing', 'Pending'),
	('oz', 'west', 'n3', '#3003', pg_temp.ago(8), 'C1', 'bob@example.com', 'Processing', 'Refunded'),
	('oz', 'west', 'n4', '#3004', pg_temp.ago(8), 'C1', 'bob@example.com', 'Processing', NULL);
SELECT todo_id, why FROM hub.todo WHERE kind = 'notify' ORDER BY 1;

-- What came back is not kept, though no service says so line by line.
INSERT INTO hub.product_costs_entry (brand, product_key, valid_from, unit_cost) VALUES ('oz', 'SHA', '2026-01-01', '4');
INSERT INTO hub.order_line_items_entry (brand, source, order_id, line_item_id, sku, quantity, unit_price) VALUES ('oz', 'east', '1', 'a', 'SHA', '3', '10'), ('oz', 'east', '1', 'b', 'SHA', '1', '10');
INSERT INTO hub.refunds_entry (brand, source, order_id, refund_id, refunded_at, total_refunded) VALUES ('oz', 'east', '1', 'r', pg_temp.ago(90), '20');
INSERT INTO hub.refund_line_items_entry (brand, source, order_id, refund_id, refund_line_item_id, line_item_id, quantity, subtotal) VALUES ('oz', 'east', '1', 'r', 'x', 'a', '2', '20');
SELECT line_item_id, quantity, quantity_kept, unit_cost, product_cost FROM hub.order_line_profit ORDER BY 1;
SELECT subtotal, refund_amount, total_product_cost, gross_profit FROM hub.order_profit WHERE source = 'east' AND order_id = '1';

-- What a door refuses because it could be read in two ways, and how it says so.
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at) VALUES ('oz', 'east', ' 1 ', pg_temp.ago(3));
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at) VALUES ('oz', 'east', '', pg_temp.ago(3));
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at) VALUES ('oz', 'east', '9', '03/02/2026');
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at) VALUES ('oz', 'east', '9', '3.2.26');
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at, currency) VALUES ('oz', 'east', '9', pg_temp.ago(3), 'aud');
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at) VALUES ('oz', 'east', '9', '2126-01-01');
INSERT INTO hub.sessions_daily_entry (brand, source, day, sessions) VALUES ('oz', 'east', '2126-01-01', '3');
INSERT INTO hub.customers_entry (brand, source, customer_id, pet_birthday) VALUES ('oz', 'east', 'C5', '04/05/2021');
INSERT INTO hub.customers_entry (brand, source, customer_id, pet_birthday) VALUES ('oz', 'east', 'C5', '2098-05-04');
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at, delivered_at) VALUES ('oz', 'east', '9', pg_temp.ago(3), '2126-01-01 10:00');
INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform, responded_at) VALUES ('oz', 'east', 'far', '2026-11-01', 'Gmail', '12026-01-01');
INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform) VALUES ('oz', 'east', 'far', '2126-01-01', 'Gmail');
INSERT INTO hub.costs_entry (brand, name, basis, amount, valid_from, valid_until) VALUES ('oz', 'rent', 'month', '9', '2026-01-01', '2026-12-31');
\set VERBOSITY default
INSERT INTO hub.costs_entry (brand, name, basis, amount, valid_from, valid_until) VALUES ('oz', 'rent', 'month', '9', '2026-03-01', '2026-04-30');
INSERT INTO hub.customers_entry (brand, source, customer_id, email) VALUES ('oz', 'east', 'C6', 'Ann@Example.com');
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at, shipped_at, delivered_at) VALUES
	('oz', 'east', '13', '2026-01-02', '2026/01/03', 'yesterday'), ('oz', 'east', '14', '2026-01-02', '3 Jan 2026', to_char(now(), 'YYYYMMDD'));
-- The others of the file are stored, these wait.
SET momentum.door_errors = keep;
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at) VALUES ('oz', 'east', '10', '2026-02-03'), ('oz', 'east', '11', '03/02/2026'), ('oz', 'east', '12 ', '2026-02-03');
SELECT order_id, order_day FROM hub.orders WHERE order_day = '2026-02-03' ORDER BY 1;
SELECT feed, line, reason, sqlstate FROM momentum.dead_letter ORDER BY id;
RESET momentum.door_errors;

-- A line that is mended and loaded again has no letter any more, and what was
-- wrong does not come back over it. A file that tells less leaves the letter.
\set VERBOSITY terse
SET momentum.door_errors = keep;
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at, order_status) VALUES
	('oz', 'east', '20', '2026-02-03', 'Sent'), ('oz', 'east', '21', '2026-02-03', 'Sent'), ('oz', 'east', '22', '2026-02-03', 'Pending'), ('oz', 'east', '22', '2026-02-03', 'Shipped');
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at, order_status) VALUES ('oz', 'east', '20', '2026-02-03', 'Shipped'), ('oz', 'west', '21', '2026-02-03', 'Shipped');
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at) VALUES ('oz', 'east', '21', '2026-02-03');
SELECT item, replayed_at IS NOT NULL AS closed, payload IS NULL AS emptied FROM momentum_state.dead_letter WHERE item IN ('20', '21', '22') ORDER BY 1;
INSERT INTO hub.order_statuses (order_status) VALUES ('Sent');
SELECT count(*) FILTER (WHERE replayed) AS replayed FROM momentum.replay(brand => 'oz', feed => 'orders');
SELECT order_id, order_status FROM hub.orders WHERE source = 'east' AND order_id IN ('20', '21', '22') ORDER BY 1;
SELECT hint FROM momentum.health() WHERE "check" = 'dead_letter' AND status <> 'ok';

-- Somebody can be erased in a cluster as scripts/cluster makes it, the demo's too.
INSERT INTO hub.customers_entry (brand, source, customer_id, first_name, email) VALUES ('oz', 'east', 'gone', 'Eve', 'eve.of.the.tills@example.com');
SELECT hub.redact_customer('oz', 'EVE.of.the.tills@example.com') IS NOT NULL AS said;
SELECT count(*) FROM hub.customers WHERE email = 'eve.of.the.tills@example.com' OR first_name = 'Eve';

-- On the day on which a till meets its C3 the C3 of the other one comes again.
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at, customer_id, email) VALUES
	('oz', 'east', '31', pg_temp.ago(60), 'C3', 'dan@example.com'), ('oz', 'east', '32', pg_temp.ago(40), 'C3', 'dan@example.com'),
	('oz', 'west', '31', pg_temp.ago(40), 'C3', 'fay@example.com');
CALL momentum.refresh();
SELECT metric, value FROM momentum_state.metric_daily
 WHERE brand = 'oz' AND day = (SELECT order_day FROM hub.orders WHERE order_id = '32') AND metric IN ('orders', 'new_customers', 'returning_customers') ORDER BY 1;

-- Nor does somebody erased come back with what a door refuses, be it by number alone.
INSERT INTO hub.customers_entry (brand, source, customer_id, email, phone) VALUES ('oz', 'east', 'gone too', 'gil@example.com', '+61 400 777 666');
SELECT hub.redact_customer('oz', 'gil@example.com') IS NOT NULL AS said;
SET momentum.door_errors = keep;
INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform, customer_phone, message) VALUES
	('oz', 'east', 'gil', '2026-13-01', 'Gmail', '+61 (400) 777-666', 'Call me.'), ('oz', 'east', 'ida', '2026-13-01', 'Gmail', '+61 (400) 777-667', 'Me, too.');
RESET momentum.door_errors;
SELECT item, payload ->> 'message' AS message FROM momentum_state.dead_letter WHERE feed = 'customer_inquiries' AND item IN ('gil', 'ida') AND replayed_at IS NULL;

-- Programs write "" where they know no customer: these are not one.
COPY hub.orders_entry (brand, source, order_id, processed_at, customer_id, email) FROM stdin CSV;
"oz","east","g1","2026-10-01","","hal@example.com"
"oz","east","g2","2026-10-01"," ","jil@example.com"
"oz","east","g3","2026-10-01","C1 ",""
\.
SELECT order_id, customer_id IS NULL AS of_guest, customer_key FROM hub.orders WHERE order_id IN ('g1', 'g2', 'g3') ORDER BY 1;

-- Whoever was not heard of for long is forgotten, whatever their namesake of
-- the other till has bought since; and nobody who was.
INSERT INTO hub.orders_entry (brand, source, order_id, processed_at, customer_id, email) VALUES
	('oz', 'east', '41', pg_temp.ago(95), 'C8', 'kim@example.com'), ('oz', 'west', '41', pg_temp.ago(5), 'C8', 'lea@example.com'),
	('oz', 'east', '42', pg_temp.ago(95), 'C7', 'mia@example.com'), ('oz', 'east', '43', pg_temp.ago(5), 'C7', 'mia@example.com');
SELECT momentum.set_setting('oz', 'retention.orders_days', '80') \g /dev/null
SELECT relation, rows > 0 AS some FROM momentum.apply_retention('oz');
SELECT source, order_id, customer_id LIKE 'erased %' AS forgotten, email FROM hub.orders WHERE order_id IN ('41', '42', '43') ORDER BY 1, 2;
SELECT sum(rows) FROM momentum.apply_retention('oz');
