-- Routing of inquiries at refresh: sorted, linked to customers and orders,
-- threads opened again and settled, assigned, escalated; suggested replies.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES ('tea', 'Tea & Paws', 'UTC', 'USD'), ('milk', 'Milk', 'UTC', 'USD');
INSERT INTO hub.customers (brand, source, customer_id, email, first_name, phone, instagram_handle, duplicate_of, content_hash) VALUES
	('tea', 'shop', 'ann', 'Ann@Example.com', 'Ann', '+61412345678', 'ann.and.rex', NULL, 0),
	('tea', 'shop', 'bob', 'bob@example.com', 'Bob', '+61400000000', NULL, NULL, 0),
	('tea', 'shop', 'bea', 'bea@example.com', 'Bea', '+61400000000', NULL, NULL, 0),
	('tea', 'second', 'ann2', 'ann@example.com', 'Ann', '+61499999999', NULL, 'shop/ann', 0);
INSERT INTO hub.orders (brand, source, order_id, name, order_day, processed_at, is_test, is_adjustment, has_selling_plan, channel, currency,
						gross_sales, discounts, items_sold, email, customer_id, customer_key, tracking_number, order_status, payment_status, content_hash)
SELECT 'tea', 'shop', v.id, '#' || v.id, (now() - v.days * interval '1 day')::date, now() - v.days * interval '1 day', false, false, false, 'web', 'USD',
	   v.sales, 0, 1, v.customer || '@example.com', v.customer, v.customer, v.tracking, v.status, v.payment, 0
  FROM (VALUES ('1001', 20, 400, 'ann', 'TRK1234567', 'Shipped', 'Paid'), ('1002', 5, 300, 'ann', NULL, 'Processing', 'Paid'),
			   ('1003', 9, 50, 'bob', NULL, 'Delivered', 'Refunded'), ('1004', 100, 50, 'bea', NULL, 'Delivered', 'Paid')) v (id, days, sales, customer, tracking, status, payment);
CREATE FUNCTION pg_temp.ask(id text, message text, email text DEFAULT NULL, subject text DEFAULT NULL, thread text DEFAULT NULL, minutes_ago integer DEFAULT 1,
							platform text DEFAULT 'Gmail', phone text DEFAULT NULL, handle text DEFAULT NULL, category text DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_email, customer_phone, customer_handle, thread, subject,
										message, category)
	VALUES ('tea', 'mail', id, now() - minutes_ago * interval '1 minute', platform, email, phone, handle, thread, subject, message, category)
$$;
\o /dev/null

-- Who: by e-mail whatever its case, by phone however it is written, by the
-- name on Instagram; what fits two persons fits none.
SELECT pg_temp.ask('by email', 'Hello', ' ANN@example.com'), pg_temp.ask('by phone', 'Hello', platform => 'SMS', phone => '0061 412 345 678'),
	   pg_temp.ask('by handle', 'Hello', platform => 'Instagram', handle => '@Ann.and.Rex'), pg_temp.ask('two phones', 'Hello', platform => 'SMS', phone => '+61 400 000 000'),
	   pg_temp.ask('facebook', 'Hello', platform => 'Facebook', handle => 'ann.and.rex'), pg_temp.ask('nobody', 'Hello', 'who@example.com'), pg_temp.ask('nothing', NULL),
	   pg_temp.ask('other phone', 'Hello', platform => 'SMS', phone => '+61 499 999 999');
-- Which order: by number, by tracking number, the latest where that helps. The
-- order of somebody else proves nothing, nor does a number from nobody known.
SELECT pg_temp.ask('number', 'Where is order no. 1001?', 'ann@example.com'), pg_temp.ask('subject', 'Any news?', 'ann@example.com', 'Re: your order #1002'),
	   pg_temp.ask('tracking', 'What about trk1234567', 'ann@example.com'), pg_temp.ask('latest', 'When does my parcel come?', 'ann@example.com', category => 'Shipping'),
	   pg_temp.ask('not asked', 'What is in the shampoo?', 'ann@example.com', category => 'Product Info'), pg_temp.ask('too old', 'When does my parcel come?', 'bea@example.com', category => 'Shipping'),
	   pg_temp.ask('other''s', 'Where is #1001?', 'bob@example.com'), pg_temp.ask('stranger', 'Where is #1001?', platform => 'Instagram', handle => 'someone'),
	   pg_temp.ask('no order', 'I have 1001 questions', 'bob@example.com', category => 'General');
SELECT momentum._route_inquiries();
\o
SELECT inquiry_id, customer FROM hub.inquiry_sla WHERE order_id IS NULL AND inquiry_id NOT IN ('not asked', 'too old', 'no order') ORDER BY 1;
SELECT inquiry_id, customer, order_id, order_link FROM hub.inquiry_sla WHERE order_id IS NOT NULL OR inquiry_id IN ('not asked', 'too old', 'no order') ORDER BY 1;

-- What is said of itself stays; what is empty is sorted, too.
SELECT bool_and(category IS NOT NULL AND urgency IS NOT NULL AND triage_confidence BETWEEN 0 AND 1 AND triage_rule IS NOT NULL AND assigned_to IS NOT NULL) AS all_sorted
  FROM hub.inquiry_sla;
SELECT inquiry_id, category, set_by_hand FROM hub.inquiry_sla WHERE set_by_hand IS NOT NULL ORDER BY 1;
SELECT inquiry_id, category, sentiment_score FROM hub.inquiry_sla WHERE inquiry_id = 'nothing';

-- Routed once, not again; unless asked to, and then what a person said stays.
SELECT momentum._route_inquiries();
SELECT hub.set_inquiry('tea', 'mail', 'number', category => 'Complaints', urgency => 'Urgent'), hub.assign_inquiry('tea', 'mail', 'number', 'Bo'),
	   hub.link_inquiry('tea', 'mail', 'number', order_source => 'shop', order_id => '1002');
UPDATE hub.customer_inquiries SET routed_at = NULL WHERE inquiry_id = 'number';
SELECT momentum._route_inquiries();
SELECT category, urgency, assigned_to, order_id, order_link FROM hub.inquiry_sla WHERE inquiry_id = 'number';

-- Who gets it: a VIP, the urgent and the unhappy a person, what is known well
-- the bot; the brand's own rules come first.
SELECT momentum.set_assignment_rule('tea', 1, 'Cy', platform => 'SMS');
SELECT momentum._assignee('tea', 'Shipping', 'Medium', 'Gmail', 0, 0.9, 'shop', 'ann') AS vip,
	   momentum._assignee('tea', 'Shipping', 'Medium', 'Gmail', 0, 0.9, 'shop', 'bob') AS known,
	   momentum._assignee('tea', 'Shipping', 'Medium', 'Gmail', 0, 0.2, 'shop', 'bob') AS unsure,
	   momentum._assignee('tea', 'Shipping', 'Medium', 'Gmail', -3, 0.9, NULL, NULL) AS unhappy,
	   momentum._assignee('tea', 'Complaints', 'Low', 'Gmail', 0, 0.9, NULL, NULL) AS complaint,
	   momentum._assignee('tea', 'Shipping', 'Medium', 'SMS', 0, 0.9, NULL, NULL) AS sms,
	   momentum._assignee('milk', 'Shipping', 'Medium', 'SMS', 0, 0.9, NULL, NULL) AS other_brand;
SELECT momentum.drop_assignment_rule('tea', 1);
SELECT momentum.drop_assignment_rule('tea', 1);
SELECT momentum.set_assignment_rule('tea', 1, '');
SELECT momentum.set_assignment_rule('tea', 1, 'Cy', category => 'Weather');
SELECT momentum.set_assignment_rule('tea', 1, 'Cy', min_confidence => 2);

-- A thread: who writes again opens what was resolved, and stays with whoever had
-- it; thanks after an answer settle it; thanks with a question do not.
\o /dev/null
SELECT pg_temp.ask('a1', 'Where is #1002?', 'ann@example.com', thread => 'a', minutes_ago => 50), pg_temp.ask('b1', 'Where is #1002?', 'ann@example.com', thread => 'b', minutes_ago => 50),
	   pg_temp.ask('c1', 'Where is #1002?', 'ann@example.com', thread => 'c', minutes_ago => 50), pg_temp.ask('d1', 'Where is #1002?', 'ann@example.com', thread => 'd', minutes_ago => 50);
SELECT momentum._route_inquiries();
SELECT hub.assign_inquiry('tea', 'mail', i || '1', 'Bo'), hub.answer_inquiry('tea', 'mail', i || '1', now() - interval '40 minutes') FROM unnest(ARRAY['a', 'b', 'c']) i;
SELECT hub.resolve_inquiry('tea', 'mail', 'a1'), hub.resolve_inquiry('tea', 'mail', 'c1');
SELECT pg_temp.ask('a2', 'It is still not here.', 'ann@example.com', thread => 'a'), pg_temp.ask('b2', 'Lovely, thank you so much! 🐶', 'ann@example.com', thread => 'b'),
	   pg_temp.ask('c2', 'Thanks, but when does it come?', 'ann@example.com', thread => 'c'), pg_temp.ask('d2', 'Thank you!', 'ann@example.com', thread => 'd');
SELECT momentum._route_inquiries();
\o
SELECT inquiry_id, status, assigned_to, reopened, sla_status, resolution_notes FROM hub.inquiry_sla WHERE thread IN ('a', 'b', 'c') ORDER BY 1;
SELECT inquiry_id, status FROM hub.inquiry_sla WHERE thread = 'd' ORDER BY 1;
SELECT thread, state, waiting FROM hub.inquiry_thread WHERE thread IS NOT NULL ORDER BY 1;
SELECT momentum._is_thanks(m) AS thanks, m FROM unnest(ARRAY['Danke!', 'ありがとうございます', 'thanks a lot', 'No thanks', 'Thanks. Where is it?', 'thank you, please cancel', 'Hello', '',
	repeat('thanks ', 100), 'I didn''t get it, thanks']) m;

-- One message that cannot be stored harms no other: it is marked, goes to a
-- person, and waits as a dead letter; mended and replayed, it is sorted.
ALTER TABLE hub.customer_inquiries ADD CONSTRAINT regress_poison CHECK (message !~ 'poison' OR coalesce(triage_rule, 'failed') = 'failed');
\o /dev/null
SELECT pg_temp.ask('p1', 'fine'), pg_temp.ask('p2', 'poison'), pg_temp.ask('p3', 'fine');
\o
SELECT momentum._route_inquiries();
SELECT inquiry_id, triage_rule = 'failed' AS failed, category IS NOT NULL AS sorted, status, assigned_to = 'support' AS person FROM hub.inquiry_sla WHERE inquiry_id LIKE 'p_' ORDER BY 1;
SELECT source, feed, item, payload, sqlstate, attempts FROM momentum_state.dead_letter;
ALTER TABLE hub.customer_inquiries DROP CONSTRAINT regress_poison;
SELECT replayed, reason FROM momentum.replay(feed => 'inquiry_triage');
SELECT triage_rule = 'failed' AS failed, category IS NOT NULL AS sorted FROM hub.inquiry_sla WHERE inquiry_id = 'p2';
-- One that cannot even be marked stays as it is.
ALTER TABLE hub.customer_inquiries ADD CONSTRAINT regress_poison CHECK (message !~ 'venom' OR routed_at IS NULL);
\o /dev/null
SELECT pg_temp.ask('q1', 'venom'), pg_temp.ask('q2', 'fine');
\o
SELECT momentum._route_inquiries();
SELECT inquiry_id, routed_at IS NULL AS waits FROM hub.customer_inquiries WHERE inquiry_id LIKE 'q_' ORDER BY 1;
ALTER TABLE hub.customer_inquiries DROP CONSTRAINT regress_poison;
SELECT momentum._route_inquiries();

-- A long message in any script is sorted like any other.
\o /dev/null
SELECT pg_temp.ask('long', repeat('いつ届きますか。', 40000)), pg_temp.ask('dots', repeat('#', 100000) || repeat('{[(\', 50000));
\o
SELECT momentum._route_inquiries();
SELECT inquiry_id, category IS NOT NULL AS sorted FROM hub.inquiry_sla WHERE inquiry_id IN ('long', 'dots') ORDER BY 1;

-- A writer nobody knew is found once the shop knows them; routing then finds
-- the order.
UPDATE hub.customer_inquiries SET link_due_at = now() WHERE inquiry_id = 'nobody';
SELECT momentum._work_routine();
SELECT customer_id, link_due_at > now() AS looked_for_again FROM hub.customer_inquiries WHERE inquiry_id = 'nobody';
INSERT INTO hub.customers (brand, source, customer_id, email, content_hash) VALUES ('tea', 'shop', 'who', 'WHO@example.com', 0);
UPDATE hub.customer_inquiries SET link_due_at = now() WHERE inquiry_id = 'nobody';
SELECT momentum._work_routine();
SELECT momentum._route_inquiries();
SELECT customer_id, link_due_at FROM hub.customer_inquiries WHERE inquiry_id = 'nobody';

-- Time runs out: escalated once, the bot's to a person, and an alert for as
-- long as something late waits.
\o /dev/null
UPDATE hub.customer_inquiries SET response_sent = true, responded_at = now() WHERE NOT response_sent;
SELECT pg_temp.ask('e1', 'What is in the shampoo?', category => 'Product Info', minutes_ago => 100), pg_temp.ask('e2', 'What is in the shampoo?', category => 'Product Info', minutes_ago => 80);
SELECT momentum._route_inquiries();
UPDATE hub.customer_inquiries SET urgency = 'Medium' WHERE inquiry_id IN ('e1', 'e2');
\o
SELECT inquiry_id, status, assigned_to, sla_status FROM hub.inquiry_sla WHERE inquiry_id IN ('e1', 'e2') ORDER BY 1;
SELECT momentum._work_routine();
SELECT momentum._work_routine();
SELECT inquiry_id, status, assigned_to, sla_status FROM hub.inquiry_sla WHERE inquiry_id IN ('e1', 'e2') ORDER BY 1;
SELECT todo_id, by_routine FROM momentum_state.todo_log WHERE kind = 'escalate';
SELECT rule, object, severity, is_open, regexp_replace(sentence, '\d{4}-.*$', '...') AS sentence FROM momentum.alert;
SELECT hub.answer_inquiry('tea', 'mail', 'e1');
SELECT momentum._work_routine();
SELECT is_open, close_reason FROM momentum.alert;

-- Replies: the first template that fits, with what is known filled in.
\o /dev/null
UPDATE hub.customer_inquiries SET response_sent = true, responded_at = now() WHERE NOT response_sent;
SELECT pg_temp.ask('r1', 'Where is #1001?', 'ann@example.com', category => 'Shipping'), pg_temp.ask('r2', 'Where is #1002?', 'ann@example.com', category => 'Shipping'),
	   pg_temp.ask('r3', 'Where is #1001?', 'bob@example.com', category => 'Shipping'), pg_temp.ask('r4', 'My refund for #1003?', 'bob@example.com', category => 'Returns'),
	   pg_temp.ask('r5', 'Question', 'x@example.com', category => 'Product Info'), pg_temp.ask('r6', 'It is broken', 'x@example.com', category => 'Complaints');
SELECT momentum._route_inquiries();
\o
SELECT inquiry_id, condition, template, subject FROM hub.suggested_reply ORDER BY 1;
SELECT reply ~ 'TRK1234567' AS tracked, reply ~ '^Hi Ann,' AS by_name, reply ~ 'Tea & Paws$' AS signed FROM hub.suggested_reply WHERE inquiry_id = 'r1';
-- The order of somebody else is not told of.
SELECT reply ~ '1001.*TRK|TRK1234567' AS told FROM hub.suggested_reply WHERE inquiry_id = 'r3';
SELECT reply ~ '^Hello,' AS without_name FROM hub.suggested_reply WHERE inquiry_id = 'r5';
-- Every category has a reply, whatever is known.
SELECT category FROM hub.inquiry_categories c
 WHERE NOT EXISTS (SELECT FROM momentum_state.reply_template t WHERE t.brand = '' AND t.category = c.category AND t.condition IN ('always', 'no_order'));

-- A brand's own template comes first; one that needs what is not known is not
-- chosen; what is filled in is not read again.
SELECT momentum.set_reply_template('tea', 'own', 'Shipping', '[[Dear {first_name}|Dear friend]], {order_number} went by {tracking_number}[[, {days} days ago]].', condition => 'order_shipped');
SELECT momentum.set_reply_template('tea', 'needs', 'Shipping', 'Needs {tracking_number}', condition => 'order_pending', priority => 1);
SELECT inquiry_id, template, reply FROM hub.suggested_reply WHERE inquiry_id = 'r1';
SELECT template FROM hub.suggested_reply WHERE inquiry_id = 'r2';
SELECT momentum._fill_template('{first_name} [[{days}|[{order_number}]]] {order_number}{', '{"first_name": "{days}", "order_number": "[[x]]"}');
SELECT momentum._fill_template('{first_name}', '{}');
SELECT momentum.set_setting('tea', 'inquiry.language', 'de');
SELECT inquiry_id, template, reply FROM hub.suggested_reply WHERE inquiry_id = 'r1';
SELECT momentum.set_reply_template('tea', 'de', 'Shipping', 'Hallo', language => 'de');
SELECT reply FROM hub.suggested_reply WHERE inquiry_id = 'r1';
SELECT momentum.drop_reply_template('tea', 'de');
-- Wrong input.
SELECT momentum.set_reply_template('tea', 'x', 'General', 'Hi {name}');
SELECT momentum.set_reply_template('tea', 'x', 'General', 'Hi {first_name');
SELECT momentum.set_reply_template('tea', 'x', 'General', ' ');
SELECT momentum.set_reply_template('tea', 'x', 'Weather', 'Hi');
SELECT momentum.set_reply_template('tea', 'x', 'General', 'Hi', condition => 'rain');
SELECT momentum.drop_reply_template('tea', 'x');
INSERT INTO momentum_state.reply_template (brand, template, category, body) VALUES ('tea', 'x', 'General', 'Hi {name}');
