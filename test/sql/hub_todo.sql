-- What is to be done: each kind of item, its reason, its end; who has done it.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES ('tea', 'Tea', 'UTC', 'USD'), ('milk', 'Milk', 'UTC', 'USD');
INSERT INTO hub.customers (brand, source, customer_id, email, first_name, marketing_preferences, email_marketing_state, content_hash)
SELECT 'tea', 'shop', c, c || '@example.com', initcap(c), p::jsonb, s, 0
  FROM (VALUES ('ann', '{"email": {"state": "subscribed"}}', NULL), ('bob', '{"email": {"state": "unsubscribed"}}', 'SUBSCRIBED'), ('cy', '{}', 'SUBSCRIBED'), ('di', '{}', NULL)) v (c, p, s);
CREATE FUNCTION pg_temp.sell(id text, customer text, days integer, status text, shipped_days integer DEFAULT NULL, delivered_days integer DEFAULT NULL, test boolean DEFAULT false)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO hub.orders (brand, source, order_id, name, order_day, processed_at, is_test, is_adjustment, has_selling_plan, channel, currency,
							gross_sales, discounts, items_sold, email, customer_id, customer_key, order_status, payment_status, shipped_at, delivered_at, content_hash)
	VALUES ('tea', 'shop', id, '#' || id, (now() - days * interval '1 day')::date, now() - days * interval '1 day', test, false, false, 'web', 'USD', 50, 0, 1,
			customer || '@example.com', customer, customer, status, 'Paid', now() - shipped_days * interval '1 day', now() - delivered_days * interval '1 day', 0)
$$;
CREATE FUNCTION pg_temp.ask(id text, category text, customer text, minutes_ago integer DEFAULT 1, thread text DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_email, thread, message, category, urgency)
	VALUES ('tea', 'mail', id, now() - minutes_ago * interval '1 minute', 'Gmail', customer || '@example.com', thread, 'Hello', category, 'Medium')
$$;
\o /dev/null

-- Reviews: delivered 14 days ago and not longer than 44, with consent to e-mail,
-- no complaint open, not asked yet.
SELECT pg_temp.sell('r1', 'ann', 20, 'Delivered', 18, 15), pg_temp.sell('r2', 'ann', 20, 'Delivered', 18, 13), pg_temp.sell('r3', 'ann', 70, 'Delivered', 60, 45),
	   pg_temp.sell('r4', 'bob', 20, 'Delivered', 18, 15), pg_temp.sell('r5', 'cy', 20, 'Delivered', 18, 15), pg_temp.sell('r6', 'di', 20, 'Delivered', 18, 15),
	   pg_temp.sell('r7', 'ann', 20, 'Delivered', 18, 15), pg_temp.sell('r8', 'ann', 20, 'Delivered', 18, 15, true);
UPDATE hub.orders SET review_request_sent = true WHERE order_id = 'r7';
\o
SELECT todo_id, who, what, until_when > now() + interval '28 days' AS a_month, needs_person, customer_name, customer_email FROM hub.todo WHERE brand = 'tea' AND kind = 'review' ORDER BY todo_id;
SELECT pg_temp.ask('x', 'Complaints', 'ann');
SELECT momentum._route_inquiries();
SELECT todo_id FROM hub.todo WHERE kind = 'review' ORDER BY todo_id;
SELECT hub.resolve_inquiry('tea', 'mail', 'x');
SELECT todo_id FROM hub.todo WHERE kind = 'review' ORDER BY todo_id;
-- Done is done: the order says so, and it does not come back.
SELECT hub.mark_done('tea', 'review/shop/r1', 'by the newsletter');
SELECT review_request_sent FROM hub.orders WHERE order_id = 'r1';
SELECT todo_id FROM hub.todo WHERE kind = 'review' ORDER BY todo_id;
\set VERBOSITY terse
SELECT hub.mark_done('tea', 'review/shop/r1');
\set VERBOSITY default
SELECT hub.mark_done('tea', 'review/shop/r4');
SELECT hub.mark_done('tea', 'no such thing');
SELECT hub.mark_done('tea', NULL);
SELECT hub.mark_done('coffee', 'review/shop/r5');
SELECT hub.mark_done('tea', 'review/shop/r5', repeat('x', 2001));
-- Consent withdrawn takes the customer off the list.
UPDATE hub.customers SET marketing_preferences = '{"email": {"state": "unsubscribed"}}' WHERE customer_id = 'cy';
SELECT todo_id FROM hub.todo WHERE kind = 'review';

-- Customers to tell: that it is shipped, that it is late.
SELECT pg_temp.sell('n1', 'bob', 4, 'Shipped', 2), pg_temp.sell('n2', 'bob', 30, 'Shipped', 20), pg_temp.sell('n3', 'bob', 4, 'Delivered', 3, 1),
	   pg_temp.sell('n4', 'bob', 8, 'Processing'), pg_temp.sell('n5', 'bob', 3, 'Processing'), pg_temp.sell('n6', 'bob', 100, 'Processing');
SELECT todo_id, priority, who, what, why FROM hub.todo WHERE kind = 'notify' ORDER BY todo_id;
SELECT hub.mark_done('tea', 'notify/shipped/shop/n1'), hub.mark_done('tea', 'notify/delay/shop/n4');
SELECT order_id, customer_notified FROM hub.orders WHERE order_id IN ('n1', 'n4') ORDER BY 1;
SELECT count(*) FROM hub.todo WHERE kind = 'notify';
-- Late and told of; once it is shipped, there is something new to tell.
UPDATE hub.orders SET order_status = 'Shipped', shipped_at = now() WHERE order_id = 'n4';
SELECT todo_id FROM hub.todo WHERE kind = 'notify';

-- Inquiries: of a thread the oldest that waits, and graver when time runs out.
SELECT pg_temp.ask('i1', 'General', 'ann', 30, 't'), pg_temp.ask('i2', 'General', 'ann', 10, 't'), pg_temp.ask('i3', 'Complaints', 'bob', 95), pg_temp.ask('i4', 'General', 'bob', 125);
SELECT momentum._route_inquiries();
SELECT todo_id, kind, priority, what, regexp_replace(why, '\d+ min', 'N min') AS why FROM hub.todo WHERE kind IN ('inquiry', 'sla') ORDER BY until_when;
SELECT hub.mark_done('tea', 'inquiry/mail/i1', 'called');
SELECT inquiry_id, response_sent FROM hub.inquiry_sla WHERE thread = 't' ORDER BY 1;
SELECT todo_id FROM hub.todo WHERE kind IN ('inquiry', 'sla') ORDER BY until_when;

-- Win-backs: raised on the day a customer becomes at risk or lapses, off the
-- list with the next order, and without consent never on it.
INSERT INTO momentum_state.metric_daily (brand, metric, day, channel, value, provisional) VALUES ('tea', 'orders', current_date - 1, 'shop', 1, false);
INSERT INTO hub.customers (brand, source, customer_id, email, marketing_preferences, content_hash)
SELECT 'tea', 'shop', c, c || '@example.com', '{"email": {"state": "subscribed"}}', 0 FROM unnest(ARRAY['w1', 'w2', 'w3', 'w4', 'w5']) c;
INSERT INTO hub.customers (brand, source, customer_id, email, content_hash) VALUES ('tea', 'shop', 'w6', 'w6@example.com', 0);
\o /dev/null
SELECT momentum._refresh_matviews();
SELECT pg_temp.sell('w1', 'w1', 91, 'Delivered'), pg_temp.sell('w2', 'w2', 181, 'Delivered'), pg_temp.sell('w3', 'w3', 95, 'Delivered'), pg_temp.sell('w3b', 'w3', 5, 'Delivered'),
	   pg_temp.sell('w4', 'w4', 80, 'Delivered'), pg_temp.sell('w5', 'w5', 300, 'Delivered'), pg_temp.sell('w6', 'w6', 91, 'Delivered');
SELECT momentum._work_routine() FROM generate_series(1, 10);
\o
SELECT split_part(todo_id, '/', 2) AS stage, customer_id, who, why FROM hub.todo WHERE kind = 'winback' ORDER BY customer_id;
SELECT looked_at = current_date AS up_to_date FROM momentum_state.todo_day;
SELECT pg_temp.sell('w1b', 'w1', 0, 'Pending');
SELECT customer_id FROM hub.todo WHERE kind = 'winback';
SELECT hub.mark_done('tea', todo_id) FROM hub.todo WHERE kind = 'winback';
SELECT momentum._work_routine();
SELECT count(*) FROM hub.todo WHERE kind = 'winback';

-- Goods to order: done until there is stock again; low once more, it is another
-- item.
CREATE FUNCTION pg_temp.stock(units integer) RETURNS void LANGUAGE sql AS $$ UPDATE hub.inventory_levels SET available = units, on_hand = units $$;
INSERT INTO hub.products (brand, source, product_id, title, status, content_hash) VALUES ('tea', 'shop', 'p', 'Oat shampoo', 'ACTIVE', 0);
INSERT INTO hub.product_variants (brand, source, variant_id, product_id, title, sku, inventory_item_id, tracked, content_hash) VALUES ('tea', 'shop', 'v', 'p', 'Oat shampoo', 'OAT', 'i', true, 0);
INSERT INTO hub.inventory_levels (brand, source, inventory_level_id, inventory_item_id, sku, tracked, location_id, is_active, available, on_hand, committed, incoming, content_hash)
VALUES ('tea', 'shop', 'l', 'i', 'OAT', true, 'here', true, 0, 0, 0, 0, 0);
INSERT INTO hub.product_settings (brand, product_key, reorder_point, reorder_quantity) VALUES ('tea', 'OAT', 10, 50);
SELECT reorder_alert, stock_status FROM hub.product_stock;
SELECT todo_id, priority, who, what FROM hub.todo WHERE kind = 'reorder';
SELECT hub.mark_done('tea', 'reorder/OAT', 'ordered by phone');
SELECT count(*) FROM hub.todo WHERE kind = 'reorder';
SELECT momentum._work_routine();
SELECT count(*) FROM hub.todo WHERE kind = 'reorder';
UPDATE hub.inventory_levels SET incoming = 50;
SELECT momentum._work_routine();
SELECT count(*) FROM hub.todo WHERE kind = 'reorder';
UPDATE hub.inventory_levels SET incoming = 0;
SELECT pg_temp.stock(1000);
SELECT momentum._work_routine();
SELECT pg_temp.stock(0);
SELECT todo_id FROM hub.todo WHERE kind = 'reorder';

-- What the hub refused, unless it heals by itself.
SELECT momentum._dead_letter('tea', 'shop', 'orders', 7, '{"order_id": 1}', 'amount is out of range', '22003') > 0 AS kept;
SELECT momentum._dead_letter('tea', 'shop', 'customers', 7, '{"customer_id": 1}', 'address is taken', '23505') > 0 AS kept;
SELECT regexp_replace(todo_id, '\d+$', 'N') AS todo_id, who, what FROM hub.todo WHERE kind = 'dead letter';
SELECT hub.mark_done('tea', todo_id) FROM hub.todo WHERE kind = 'dead letter';
SELECT count(*) FROM hub.todo WHERE kind = 'dead letter';
SELECT momentum._dead_letter('tea', 'shop', 'orders', 8, '{"order_id": 2}', 'amount is out of range', '22003') > 0 AS kept;
SELECT what FROM hub.todo WHERE kind = 'dead letter';

-- Answered and quiet is resolved, resolved and quiet is closed, by the routine.
\o /dev/null
SELECT pg_temp.ask('s1', 'General', 'ann'), pg_temp.ask('s2', 'General', 'ann'), pg_temp.ask('s3', 'General', 'ann', 1, 's'), pg_temp.ask('s4', 'General', 'ann', 0, 's');
SELECT momentum._route_inquiries();
UPDATE hub.customer_inquiries SET status = 'In Progress', response_sent = true, responded_at = now() - interval '8 days' WHERE inquiry_id IN ('s1', 's3');
UPDATE hub.customer_inquiries SET status = 'In Progress', response_sent = true, responded_at = now() - interval '6 days' WHERE inquiry_id = 's2';
SELECT momentum._work_routine();
\o
SELECT inquiry_id, status, resolution_notes FROM hub.inquiry_sla WHERE inquiry_id ~ '^s' ORDER BY 1;
UPDATE hub.customer_inquiries SET resolved_at = now() - interval '15 days' WHERE inquiry_id = 's1';
SELECT momentum._work_routine();
SELECT status FROM hub.inquiry_sla WHERE inquiry_id = 's1';

-- The share of the work that needed no person: what a person does over again
-- needed one.
DELETE FROM momentum_state.todo_log;
SELECT momentum._todo_done('tea', 'a', 'triage', true), momentum._todo_done('tea', 'b', 'link', true), momentum._todo_done('tea', 'c', 'close', true), momentum._todo_done('tea', 'd', 'review', false);
SELECT brand, month = date_trunc('month', now())::date AS this_month, items, by_routine, by_person, routine_share FROM hub.routine_share;
SELECT momentum._todo_done('tea', 'a', 'triage', false), momentum._todo_done('tea', 'a', 'triage', true);
SELECT items, by_routine, by_person, routine_share FROM hub.routine_share;

-- The refresh does it; what goes wrong in it stops no answer.
\o /dev/null
SELECT pg_temp.ask('f1', NULL, 'ann');
\o
CALL momentum.refresh();
SELECT routed_at IS NOT NULL AS routed FROM hub.customer_inquiries WHERE inquiry_id = 'f1';
SELECT pg_temp.ask('f2', NULL, 'ann');
ALTER TABLE momentum_state.todo_log ADD CONSTRAINT regress_full CHECK (kind <> 'triage') NOT VALID;
ALTER TABLE momentum_state.dead_letter ADD CONSTRAINT regress_full CHECK (feed <> 'inquiry_triage') NOT VALID;
CALL momentum.refresh();
SELECT routed_at IS NOT NULL AS routed FROM hub.customer_inquiries WHERE inquiry_id = 'f2';
ALTER TABLE momentum_state.todo_log DROP CONSTRAINT regress_full;
ALTER TABLE momentum_state.dead_letter DROP CONSTRAINT regress_full;
CALL momentum.refresh();
SELECT routed_at IS NOT NULL AS routed FROM hub.customer_inquiries WHERE inquiry_id = 'f2';

-- An agent sees and does the work of the brand; a reader sees it without names.
CREATE ROLE regress_todo_agent;
CREATE ROLE regress_todo_reader;
SELECT momentum.grant_access('regress_todo_agent', 'agent', 'milk'), momentum.grant_access('regress_todo_reader', 'reader', 'tea');
SET ROLE regress_todo_agent;
SELECT count(*) FROM hub.todo;
SELECT count(*) FROM hub.routine_share;
SELECT hub.mark_done('tea', 'inquiry/mail/i3');
RESET ROLE;
SELECT momentum.grant_access('regress_todo_agent', 'agent', 'tea');
SET ROLE regress_todo_agent;
SELECT kind, customer_email FROM hub.todo WHERE todo_id = 'inquiry/mail/i3';
SELECT hub.mark_done('tea', 'inquiry/mail/i3');
SET ROLE regress_todo_reader;
SELECT kind, customer_email FROM hub.todo WHERE todo_id = 'inquiry/mail/i4';
SELECT hub.mark_done('tea', 'inquiry/mail/i4');
RESET ROLE;
SELECT who, action, detail FROM momentum.audit WHERE action = 'mark_done' ORDER BY audit_id DESC LIMIT 1;
DROP OWNED BY regress_todo_agent, regress_todo_reader;
DROP ROLE regress_todo_agent, regress_todo_reader;

-- A status that is added as one row and says that nothing is left to do: the
-- routine lets the inquiry be, and nobody is told to answer it.
INSERT INTO hub.inquiry_statuses (status, position, is_open) VALUES ('Spam', 9, false);
SELECT momentum.add_brand('closed', 'UTC', 'USD'), momentum.add_manual_source('closed', 'desk') \g /dev/null
INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform, thread, message, status)
	VALUES ('closed', 'desk', '1', '2026-01-02', 'Gmail', 't', 'buy followers', 'Spam'), ('closed', 'desk', '2', '2026-01-02', 'Gmail', 'u', 'where is it', 'New');
SELECT momentum._route_inquiries() > 0 AS routed;
SELECT momentum._work_routine();
SELECT inquiry_id, status, is_open, sla_status FROM hub.inquiry_sla WHERE brand = 'closed' ORDER BY 1;
SELECT todo_id FROM hub.todo WHERE brand = 'closed' ORDER BY 1;
SELECT inquiry_id FROM hub.suggested_reply WHERE brand = 'closed' ORDER BY 1;
SELECT thread, waiting, state FROM hub.inquiry_thread WHERE brand = 'closed' ORDER BY 1;

-- A new value of a list is one row. One above Urgent is at once, too.
INSERT INTO hub.pet_breeds (pet_breed) VALUES ('Pug');
INSERT INTO hub.inquiry_statuses (status) VALUES ('Parked');
INSERT INTO hub.inquiry_urgencies (urgency) VALUES ('Critical');
INSERT INTO hub.inquiry_urgencies (urgency, position) VALUES ('Critical', 5);
INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform, message, urgency, status)
	VALUES ('closed', 'desk', '3', now()::text, 'Gmail', 'hello', 'Critical', 'Parked'), ('closed', 'desk', '4', now()::text, 'Gmail', 'hello', 'High', 'New');
SELECT todo_id, priority FROM hub.todo WHERE brand = 'closed' AND kind = 'inquiry' ORDER BY 1;
-- What came answered settles too, though nobody took it in hand here.
INSERT INTO hub.customer_inquiries_entry (brand, source, inquiry_id, date_created, platform, message, status, response_sent, responded_at)
	VALUES ('closed', 'desk', '5', (now() - interval '9 days')::text, 'Gmail', 'hello', 'New', 'true', (now() - interval '8 days')::text),
		   ('closed', 'desk', '6', (now() - interval '9 days')::text, 'Gmail', 'hello', 'Escalated', 'true', (now() - interval '8 days')::text),
		   ('closed', 'desk', '7', (now() - interval '9 days')::text, 'Gmail', 'hello', 'Parked', 'true', (now() - interval '8 days')::text),
		   ('closed', 'desk', '8', (now() - interval '9 days')::text, 'Gmail', 'hello', 'New', 'true', (now() - interval '1 day')::text);
SELECT momentum._route_inquiries();
SELECT momentum._settle();
SELECT inquiry_id, status FROM hub.inquiry_sla WHERE brand = 'closed' AND inquiry_id IN ('5', '6', '7', '8') ORDER BY 1;
