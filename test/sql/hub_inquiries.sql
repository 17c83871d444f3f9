-- Inquiries of customers: what is stored, how the answer stands against what
-- was promised, and what people do with them.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES
	('tea', 'Tea', 'Australia/Sydney', 'AUD'), ('milk', 'Milk', 'UTC', 'USD');
CREATE FUNCTION pg_temp.ask(id text, minutes_ago double precision, message text DEFAULT 'Hello', thread text DEFAULT NULL, brand text DEFAULT 'tea')
RETURNS void LANGUAGE sql AS $$
	INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_email, customer_name, thread, subject, message,
										category, urgency, routed_at)
	VALUES (brand, 'mail', id, now() - minutes_ago * interval '1 minute', 'Gmail', 'ann@example.com', 'Ann Lee', thread, 'Hi', message,
			'General', 'Medium', now())
$$;

-- The time to answer is two hours, or what the brand says of an urgency; from
-- three quarters of it on an answer is at risk.
SELECT pg_temp.ask('fresh', 5), pg_temp.ask('late', 121), pg_temp.ask('soon', 95);
SELECT inquiry_id, urgency, sla_target_minutes, sla_due_at - date_created AS due, sla_status, response_time_minutes, days_open
  FROM hub.inquiry_sla ORDER BY date_created;
SELECT momentum.set_sla_target('tea', 'Medium', 60);
SELECT inquiry_id, sla_target_minutes, sla_status FROM hub.inquiry_sla ORDER BY date_created;
SELECT momentum.set_sla_target('tea', 'Medium', NULL);
SELECT momentum.set_setting('tea', 'inquiry.escalate_share', '0.8');
SELECT inquiry_id, sla_status FROM hub.inquiry_sla ORDER BY date_created;
-- Wrong input.
SELECT momentum.set_sla_target('tea', 'Huge', 60);
SELECT momentum.set_sla_target('tea', 'Low', 0);
SELECT momentum.set_sla_target('coffee', 'Low', 60);
SELECT momentum.set_setting('tea', 'inquiry.escalate_share', '2');

-- An urgency of the brand's own is one row; it is answered in the usual time
-- until it gets its own.
INSERT INTO hub.inquiry_urgencies (urgency, position) VALUES ('Whenever', 0);
UPDATE hub.customer_inquiries SET urgency = 'Whenever' WHERE inquiry_id = 'fresh';
SELECT sla_target_minutes FROM hub.inquiry_sla WHERE inquiry_id = 'fresh';
SELECT momentum.set_sla_target('', 'Whenever', 10000);
SELECT sla_target_minutes FROM hub.inquiry_sla WHERE inquiry_id = 'fresh';

-- An answer is recorded, at its time; it covers what was written before it in
-- the thread, and nothing of another one.
SELECT pg_temp.ask('t1', 300, thread => 't'), pg_temp.ask('t2', 200, thread => 't'), pg_temp.ask('t3', 10, thread => 't'), pg_temp.ask('u1', 300, thread => 'u');
SELECT hub.answer_inquiry('tea', 'mail', 't2', now() - interval '90 minutes', 'It is on its way.');
SELECT inquiry_id, status, response_sent, response_time_minutes, sla_status FROM hub.inquiry_sla WHERE thread IS NOT NULL ORDER BY 1;
SELECT inquiry_id, response FROM hub.customer_inquiries WHERE response IS NOT NULL;
\set VERBOSITY terse
SELECT hub.answer_inquiry('tea', 'mail', 't3', now() - interval '11 minutes');
SELECT hub.answer_inquiry('tea', 'mail', 'u1', now() + interval '1 day');
\set VERBOSITY default
-- The first answer counts.
SELECT hub.answer_inquiry('tea', 'mail', 't2');
SELECT response_time_minutes FROM hub.inquiry_sla WHERE inquiry_id = 't2';

-- Resolved, with how content the customer is.
SELECT hub.resolve_inquiry('tea', 'mail', 't2', 'Sent again.', 5);
SELECT inquiry_id, status, is_open, customer_satisfaction, resolution_notes FROM hub.inquiry_sla WHERE thread = 't' ORDER BY 1;
SELECT state, inquiries, waiting FROM hub.inquiry_thread WHERE brand = 'tea' AND source = 'mail' AND thread = 't';
SELECT hub.resolve_inquiry('tea', 'mail', 't1', satisfaction => 6);
-- Settled without an answer: in time or not.
SELECT hub.resolve_inquiry('tea', 'mail', 'soon'), hub.resolve_inquiry('tea', 'mail', 'late');
SELECT inquiry_id, sla_status, response_time_minutes FROM hub.inquiry_sla WHERE inquiry_id IN ('soon', 'late') ORDER BY 1;

-- Corrected, assigned, linked by hand.
SELECT hub.set_inquiry('tea', 'mail', 'u1', urgency => 'Urgent', category => 'Complaints', sentiment_score => -4.5);
SELECT hub.assign_inquiry('tea', 'mail', 'u1', 'Bo');
INSERT INTO hub.customers (brand, source, customer_id, content_hash) VALUES ('tea', 'shop', 'c1', 0);
SELECT hub.link_inquiry('tea', 'mail', 'u1', 'shop', 'c1');
SELECT category, urgency, sentiment_score, assigned_to, customer, set_by_hand FROM hub.inquiry_sla WHERE inquiry_id = 'u1';
SELECT hub.set_inquiry('tea', 'mail', 't2', status => 'In Progress');
SELECT status, is_open, reopened, resolved_at FROM hub.inquiry_sla WHERE inquiry_id = 't2';
-- Wrong input.
SELECT hub.set_inquiry('tea', 'mail', 'u1');
SELECT hub.set_inquiry('tea', 'mail', 'u1', status => 'Lost');
SELECT hub.set_inquiry('tea', 'mail', 'u1', category => 'Weather');
SELECT hub.set_inquiry('tea', 'mail', 'u1', sentiment_score => 'NaN');
SELECT hub.set_inquiry('tea', 'mail', 'no such', urgency => 'Low');
SELECT hub.set_inquiry('coffee', 'mail', 'u1', urgency => 'Low');
SELECT hub.set_inquiry(NULL, 'mail', 'u1', urgency => 'Low');
SELECT hub.assign_inquiry('tea', 'mail', 'u1', ' ');
SELECT hub.link_inquiry('tea', 'mail', 'u1', 'shop', 'c2');
SELECT hub.link_inquiry('tea', 'mail', 'u1', order_source => 'shop', order_id => 'o');
SELECT hub.link_inquiry('tea', 'mail', 'u1');
SELECT hub.resolve_inquiry('tea', 'mail', 'u1', repeat('x', 65537));

-- Who did what, without a word of the customer.
SELECT action, detail::jsonb - 'at' AS detail FROM momentum.audit WHERE action ~ 'inquiry' ORDER BY audit_id;

-- What no inquiry can be.  The lists are lists; a number beyond its range, a
-- day nobody can mean, a message beyond 1 MB, half a link are refused.
\set VERBOSITY terse
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform) VALUES ('tea', 'mail', 'b', now(), 'Pigeon');
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform) VALUES ('tea', 'mail', 'b', '2300-01-01', 'SMS');
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform) VALUES ('tea', 'mail', 'b', 'infinity', 'SMS');
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, message) VALUES ('tea', 'mail', 'b', now(), 'SMS', repeat('x', 5000000));
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, sentiment_score) VALUES ('tea', 'mail', 'b', now(), 'SMS', 6);
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_satisfaction) VALUES ('tea', 'mail', 'b', now(), 'SMS', 0);
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, customer_id) VALUES ('tea', 'mail', 'b', now(), 'SMS', 'c1');
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, responded_at) VALUES ('tea', 'mail', 'b', now(), 'SMS', now());
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform) VALUES ('tea', 'mail', '', now(), 'SMS');
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform) VALUES ('tea', 'mail', 'late', now(), 'SMS');
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, message) VALUES ('tea', 'mail', 'b', now(), 'SMS', E'a\u0000b');
\set VERBOSITY default
-- Dated ahead, its time runs from when it was loaded.
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, routed_at) VALUES ('tea', 'mail', 'ahead', '2150-01-01', 'SMS', now());
SELECT sla_due_at < now() + interval '3 hours' AS due_soon, sla_status FROM hub.inquiry_sla WHERE inquiry_id = 'ahead';
SELECT hub.answer_inquiry('tea', 'mail', 'ahead');
SELECT sla_status, response_time_minutes FROM hub.inquiry_sla WHERE inquiry_id = 'ahead';
-- Answered, and nobody knows when: neither met nor breached.
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, response_sent, status, routed_at)
VALUES ('tea', 'mail', 'told', '2026-01-01', 'SMS', true, 'Closed', now());
SELECT sla_status, response_time_minutes, days_open FROM hub.inquiry_sla WHERE inquiry_id = 'told';
-- Any script is a script.
SELECT pg_temp.ask('日本語', 1, 'いつ届きますか 🐶 مرحبا');
SELECT message FROM hub.inquiry_sla WHERE inquiry_id = '日本語';

-- An agent works on the inquiries of the brand, by function; another brand's
-- are not there, and cannot be changed.
SELECT pg_temp.ask('m1', 5, brand => 'milk');
CREATE ROLE regress_inquiry_agent;
CREATE ROLE regress_inquiry_reader;
SELECT momentum.grant_access('regress_inquiry_agent', 'agent', 'tea'), momentum.grant_access('regress_inquiry_reader', 'reader', 'tea');
SET ROLE regress_inquiry_agent;
SELECT brand, count(*) > 5 AS many, count(message) > 5 AS told, bool_or(customer_email = 'ann@example.com') AS who FROM hub.inquiry_sla GROUP BY brand;
SELECT hub.assign_inquiry('tea', 'mail', 'fresh', 'Cy');
SELECT hub.assign_inquiry('milk', 'mail', 'm1', 'Cy');
SELECT hub.set_inquiry('milk', 'mail', 'm1', status => 'Closed');
SELECT hub.answer_inquiry('milk', 'mail', 'm1');
SELECT hub.resolve_inquiry('milk', 'mail', 'm1');
SELECT hub.link_inquiry('milk', 'mail', 'm1', 'shop', 'c1');
SELECT hub.mark_done('milk', 'inquiry/mail/m1');
SELECT momentum._assign_inquiry('milk', 'mail', 'm1', 'Cy');
SELECT momentum.set_sla_target('tea', 'Low', 1);
-- A reader sees what is asked and how it stands, not by whom and not in which words.
SET ROLE regress_inquiry_reader;
SELECT customer_email, customer_name, subject, message, sla_status FROM hub.inquiry_sla WHERE inquiry_id = 'fresh';
SELECT brand FROM hub.inquiry_sla WHERE brand <> 'tea';
SELECT hub.assign_inquiry('tea', 'mail', 'fresh', 'Di');
RESET ROLE;
SELECT assigned_to FROM hub.inquiry_sla WHERE inquiry_id IN ('fresh', 'm1') ORDER BY inquiry_id;
DROP OWNED BY regress_inquiry_agent, regress_inquiry_reader;
DROP ROLE regress_inquiry_agent, regress_inquiry_reader;

-- The inbox is read by an index of what is open, whatever became of the others.
INSERT INTO hub.customer_inquiries (brand, source, inquiry_id, date_created, platform, status, routed_at)
SELECT 'tea', 'bulk', n, now() - n * interval '1 minute', 'SMS', CASE WHEN n % 100 = 0 THEN 'New' ELSE 'Closed' END, now()
  FROM generate_series(1, 20000) n;
ANALYZE hub.customer_inquiries;
CREATE FUNCTION pg_temp.indexes(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text; BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
		IF line ~ 'customer_inquiries' AND line ~ 'Scan' THEN
			RETURN NEXT regexp_replace(line, '^.*((Index|Seq|Bitmap)[a-zA-Z ]* (using|on) [a-z_]+).*$', '\1');
		END IF;
	END LOOP; END $$;
SELECT pg_temp.indexes($$SELECT * FROM hub.inquiry_sla WHERE brand = 'tea' AND is_open ORDER BY sla_due_at LIMIT 100$$);
SELECT pg_temp.indexes($$SELECT * FROM hub.inquiry_sla WHERE brand = 'tea' AND inquiry_id = 'fresh'$$);
SELECT pg_temp.indexes($$SELECT * FROM hub.inquiry_sla WHERE brand = 'tea' AND customer_source = 'shop' AND customer_id = 'c1'$$);
SELECT pg_temp.indexes($$SELECT * FROM hub.inquiry_sla WHERE brand = 'tea' AND order_source = 'shop' AND order_id = 'o1'$$);
SELECT pg_temp.indexes($$SELECT * FROM hub.inquiry_thread WHERE brand = 'tea' AND source = 'mail' AND thread = 't'$$);
SELECT pg_temp.indexes($$SELECT * FROM hub.inquiry_sla WHERE brand = 'tea' AND status IN ('New', 'Escalated') ORDER BY sla_due_at LIMIT 100$$);
