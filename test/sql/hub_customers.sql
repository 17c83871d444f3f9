-- Customers: one person per address, what people fill in, consent, and what
-- each of them is worth.
\set ECHO none
\getenv fixtures PG_ABS_SRCDIR
\set fixtures :fixtures /fixtures/hub.sql
\i :fixtures
SELECT svc.source('shop', 'shopify') \g /dev/null
SELECT svc.shop_orders() \g /dev/null
SELECT svc.stream('shop', 'shopify', 'customers', '{"customers": "svc.customers"}') \g /dev/null
CREATE TABLE svc.customers2 (LIKE svc.customers);
CREATE FUNCTION svc.put_customer(n bigint, mail text, stamp timestamptz DEFAULT '2025-03-01 12:00-05', second boolean DEFAULT false)
	RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('DELETE FROM %s WHERE id = $1', CASE WHEN second THEN 'svc.customers2' ELSE 'svc.customers' END) USING n;
	EXECUTE format('INSERT INTO %s (id, created_at, updated_at, first_name, email, currency, email_marketing_state, email_marketing_at)
		VALUES ($1, timestamptz ''2025-03-01 12:00-05'' + $1 * interval ''1 minute'', $2, ''N'' || $1, $3, ''USD'', ''SUBSCRIBED'', ''2025-03-01 17:00+00'')',
		CASE WHEN second THEN 'svc.customers2' ELSE 'svc.customers' END) USING n, stamp, mail;
END $$;
CREATE FUNCTION svc.later(minutes numeric) RETURNS timestamptz LANGUAGE sql AS
	$$ SELECT date_trunc('second', now()) - interval '10 minutes' + minutes * interval '1 second' $$;
CREATE VIEW svc.people AS
	SELECT source, customer_id, email, duplicate_of FROM hub.customers ORDER BY source, length(customer_id), customer_id;
CREATE VIEW svc.letters AS
	SELECT source, feed, item, reason, sqlstate, replayed_at IS NOT NULL AS replayed, payload IS NOT NULL AS kept
	  FROM momentum_state.dead_letter ORDER BY id;
\set ECHO all

-- Consent comes with where and when it was said; what people fill in is
-- theirs: the next sync leaves it alone.
SELECT svc.put_customer(1, 'Ann@Example.com '), svc.put_customer(2, 'bob@example.com'), svc.put_customer(3, NULL);
UPDATE svc.customers SET phone = '+15550101', sms_marketing_state = 'UNSUBSCRIBED', sms_marketing_at = '2025-03-01 18:00+00',
	sms_marketing_level = 'SINGLE_OPT_IN', tags = '{vip,press}' WHERE id = 1;
CALL momentum.refresh(force => true);
TABLE svc.people;
SELECT customer_since, customer_tags, jsonb_pretty(marketing_preferences) FROM hub.customers WHERE customer_id = '1';
UPDATE hub.customers SET pet_name = 'Rex', pet_breed = 'Cavoodle', pet_birthday = '2020-02-29', instagram_handle = 'annandrex' WHERE customer_id = '1';
-- She says stop to a person, later than to the shop; then the shop hears of it too.
UPDATE hub.customers SET marketing_preferences = marketing_preferences
	|| '{"email": {"state": "unsubscribed", "source": "inquiry", "at": "2025-04-01T00:00:00Z"}, "instagram": {"state": "subscribed"}}'
 WHERE customer_id = '1';
SELECT svc.put_customer(1, 'ann@example.com', svc.later(0));
CALL momentum.refresh(force => true);
SELECT email, pet_name, pet_breed, pet_birthday, instagram_handle, marketing_preferences -> 'email' ->> 'source' AS email_by,
	   marketing_preferences -> 'instagram' ->> 'state' AS instagram FROM hub.customers WHERE customer_id = '1';
UPDATE svc.customers SET email_marketing_at = '2025-05-01 00:00+00', updated_at = svc.later(1) WHERE id = 1;
CALL momentum.refresh(force => true);
SELECT marketing_preferences -> 'email' AS email FROM hub.customers WHERE customer_id = '1';
-- Instants are compared, in whatever zone they are written; what is none is older than any.
UPDATE hub.customers SET marketing_preferences = '{"email": {"state": "unsubscribed", "at": "2025-06-01T10:00:00+12:00"}, "sms": {"state": "pending", "at": "soon"}}'
 WHERE customer_id = '1';
UPDATE svc.customers SET email_marketing_at = '2025-05-31 23:00+00', sms_marketing_at = '2025-03-02 18:00+00', phone = '+15550101', sms_marketing_state = 'UNSUBSCRIBED',
	updated_at = svc.later(1.5) WHERE id = 1;
CALL momentum.refresh(force => true);
SELECT marketing_preferences -> 'email' ->> 'at' AS email_at, marketing_preferences -> 'sms' ->> 'at' AS sms_at FROM hub.customers WHERE customer_id = '1';
UPDATE hub.customers SET pet_breed = 'Poodle' WHERE customer_id = '1';
INSERT INTO hub.pet_breeds (pet_breed, position) VALUES ('Poodle', 2);
UPDATE hub.customers SET pet_breed = 'Poodle' WHERE customer_id = '1';

-- The same address in another case: the later one is refused, the rest goes on.
SELECT svc.put_customer(4, 'BOB@example.com', svc.later(2)), svc.put_customer(5, 'eve@example.com', svc.later(2));
CALL momentum.refresh(force => true);
TABLE svc.people;
TABLE svc.letters;
-- Seen again in the overlap, it is the same letter; by hand it is still refused.
CALL momentum.refresh(force => true);
SELECT count(*), max(attempts) FROM momentum_state.dead_letter;
SELECT replayed, reason FROM momentum.replay(brand => 'brez', feed => 'shop_customers');
-- The conflict goes away, and so does the letter.
SELECT svc.put_customer(2, 'robert@example.com', svc.later(3));
CALL momentum.refresh(force => true);
TABLE svc.people;
TABLE svc.letters;
-- By hand, once a person has made room.
SELECT svc.put_customer(6, 'EVE@example.com', svc.later(4));
CALL momentum.refresh(force => true);
UPDATE hub.customers SET email = 'eve.old@example.com' WHERE customer_id = '5';
SELECT replayed, reason FROM momentum.replay(brand => 'brez', feed => 'shop_customers');
SELECT customer_id, email FROM svc.people WHERE customer_id IN ('5', '6');
-- Two change places within one slice; so do three in a ring.
SELECT svc.put_customer(1, 'robert@example.com', svc.later(5)), svc.put_customer(2, 'ann@example.com', svc.later(5));
CALL momentum.refresh(force => true);
SELECT customer_id, email FROM svc.people WHERE customer_id IN ('1', '2');
SELECT svc.put_customer(1, 'bob@example.com', svc.later(6)), svc.put_customer(2, 'robert@example.com', svc.later(6)),
	   svc.put_customer(4, 'ann@example.com', svc.later(6));
CALL momentum.refresh(force => true);
TABLE svc.people;
-- Who is refused keeps the address, and that may refuse another one: 1 wants
-- what 6 has, 2 wants what 1 has.
SELECT svc.put_customer(1, 'eve@EXAMPLE.com', svc.later(7)), svc.put_customer(2, 'bob@example.com', svc.later(7));
CALL momentum.refresh(force => true);
SELECT customer_id, email FROM svc.people WHERE customer_id IN ('1', '2', '6');
SELECT item, reason, replayed FROM svc.letters WHERE NOT replayed;
SELECT svc.put_customer(6, NULL, svc.later(8));
CALL momentum.refresh(force => true);
SELECT customer_id, email FROM svc.people WHERE customer_id IN ('1', '2', '6');
SELECT count(*) AS open FROM svc.letters WHERE NOT replayed;
-- A plain INSERT is told.
\set VERBOSITY terse
INSERT INTO hub.customers (brand, source, customer_id, email, content_hash) VALUES ('brez', 'shop', '9', 'ANN@example.com', 0);
INSERT INTO hub.customers (brand, source, customer_id, email, content_hash) VALUES ('brez', 'hand', '9', 'ANN@example.com', 0);
INSERT INTO hub.customers (brand, source, customer_id, email, content_hash) VALUES ('brez', 'shop', '9', ' x@example.com', 0);
INSERT INTO hub.customers (brand, source, customer_id, pet_birthday, content_hash) VALUES ('brez', 'shop', '9', '3020-01-01', 0);
INSERT INTO hub.customers (brand, source, customer_id, customer_since, content_hash) VALUES ('brez', 'shop', '9', '3020-01-01', 0);
INSERT INTO hub.customers (brand, source, customer_id, duplicate_of, content_hash) VALUES ('brez', 'shop', '9', 'shop/9', 0);
\set VERBOSITY default
-- Made in the year 3020, or worth more than there is.
SELECT svc.put_customer(7, 'far@example.com', svc.later(9)), svc.put_customer(8, 'rich@example.com', svc.later(9)), svc.put_customer(10, 'fine@example.com', svc.later(9));
UPDATE svc.customers SET created_at = '3020-01-01' WHERE id = 7;
UPDATE svc.customers SET amount_spent = 1e12 WHERE id = 8;
CALL momentum.refresh(force => true);
SELECT item, reason, sqlstate FROM svc.letters WHERE NOT replayed;
SELECT count(*) FROM hub.customers WHERE customer_id IN ('7', '8', '10');
SELECT status, failures FROM momentum.source_health WHERE stream = 'customers';

-- A second shop: the same address is the same person.
SELECT svc.source('shop2', 'shopify') \g /dev/null
SELECT svc.stream('shop2', 'shopify', 'customers', '{"customers": "svc.customers2"}') \g /dev/null
SELECT svc.stream('shop2', 'shopify', 'orders', '{"orders": "svc.orders", "order_line_items": "svc.order_line_items",
	"refunds": "svc.refunds", "refund_line_items": "svc.refund_line_items"}') \g /dev/null
SELECT svc.put_customer(101, 'ANN@example.com', svc.later(10), true), svc.put_customer(102, 'new@example.com', svc.later(10), true),
	   svc.put_customer(103, 'ann@example.com', svc.later(10), true);
CALL momentum.refresh(force => true);
SELECT * FROM svc.people WHERE email ~* 'ann|new';
SELECT item, reason FROM svc.letters WHERE source = 'shop2';
-- The first changes its address: the second is a person of its own.  It comes back, and is the duplicate.
SELECT svc.put_customer(4, 'anna@example.com', svc.later(11));
CALL momentum.refresh(force => true);
SELECT * FROM svc.people WHERE email ~* 'ann';
SELECT svc.put_customer(4, 'ann@example.com', svc.later(12));
CALL momentum.refresh(force => true);
SELECT * FROM svc.people WHERE email ~* 'ann';

-- What they are worth: days are counted from today in the brand's zone.
SELECT (now() AT TIME ZONE 'America/New_York')::date AS today \gset
INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, is_new_customer, has_selling_plan, channel, currency,
	gross_sales, discounts, total_shipping, items_sold, email, customer_id, customer_key, content_hash)
SELECT 'brez', v.source, v.id, date :'today' - v.age, false, false, false, false, 'shop', v.currency, v.gross, v.off, v.ship, 1,
	   v.mail, v.customer, coalesce(v.customer, lower(v.mail)), 0
  FROM (VALUES ('shop', 'a1', 100, 'USD', 300, 0, 5, 'ann@example.com', '4'), ('shop2', 'a2', 20, 'USD', 200, 10, 0, NULL, '101'),
			   ('shop', 'a3', 10, 'USD', 20, 0, 0, 'ANN@example.com', NULL), ('shop', 'a4', 1, 'EUR', 999, 0, 0, NULL, '4'),
			   ('shop', 'b1', 30, 'USD', 10, 0, NULL, NULL, '1'), ('shop', 'r1', 31, 'USD', 500, 0, 0, NULL, '2'),
			   ('shop', 'c1', 90, 'USD', 10, 0, 0, NULL, '3'), ('shop', 'd1', 91, 'USD', 10, 0, 0, NULL, '5'),
			   ('shop', 'e1', 181, 'USD', 10, 0, 0, NULL, '10'), ('shop', 'g1', 5, 'USD', 40, 0, 0, 'Guest@example.com', NULL),
			   ('shop', 'g2', 4, 'USD', 40, 0, 0, 'guest@example.com', NULL), ('shop', 'u1', 3, 'USD', 7, 0, 0, 'who@example.com', '777'),
			   ('shop', 'n1', 3, 'USD', 8, 0, 0, NULL, NULL)) v (source, id, age, currency, gross, off, ship, mail, customer);
INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, is_new_customer, has_selling_plan, channel, currency,
	gross_sales, discounts, items_sold, customer_id, customer_key, content_hash)
SELECT 'brez', 'shop2', 'n' || n, date :'today' - n, false, false, false, n = 1, 'shop', 'USD', 1, 0, 1, '102', '102', 0 FROM generate_series(1, 4) n;
INSERT INTO hub.refunds (brand, source, order_id, refund_id, refund_day, refunded_at, returns)
VALUES ('brez', 'shop', 'a1', 'r', :'today', now(), 15);
-- Ann: 300 + 5 - 15, in the other shop 190, as a guest 20: 500 is not above 500.
SELECT CASE WHEN is_guest THEN left(customer_id, 6) ELSE customer_id END AS customer_id, is_guest, email, total_orders, total_revenue, aov, days_since_last_order AS days, customer_lifecycle_stage AS stage, vip_status, is_subscriber AS sub
  FROM hub.customer_value v WHERE brand = 'brez' ORDER BY is_guest, length(v.customer_id), v.customer_id;
SELECT momentum.set_setting('brez', 'vip.threshold', '499.99'), momentum.set_setting('brez', 'lifecycle.lapsed_days', '400');
SELECT customer_id, vip_status, customer_lifecycle_stage FROM hub.customer_value WHERE brand = 'brez' AND customer_id IN ('101', '10') ORDER BY 1;
-- Every order that counts and is somebody's is counted once.
SELECT (SELECT sum(total_revenue) FROM hub.customer_value) AS customers,
	   (SELECT sum(gross_sales - discounts + coalesce(total_shipping, 0)) - 15 FROM hub.orders WHERE currency = 'USD' AND customer_key IS NOT NULL) AS orders,
	   (SELECT count(*) FROM hub.customer_order) AS owned, (SELECT count(*) FROM hub.orders WHERE customer_key IS NOT NULL) AS with_owner;
-- By e-mail, in whatever case: the same row.
SELECT customer_id, is_guest, total_orders FROM hub.customer('brez', ' Ann@Example.com');
SELECT customer_id LIKE 'guest %' AS guest, is_guest, total_orders FROM hub.customer('brez', 'GUEST@example.com');
SELECT customer_id, is_guest, total_orders FROM hub.customer('brez', 'who@example.com');
SELECT count(*) FROM hub.customer('brez', 'nobody@example.com');
SELECT order_id, customer_id, order_date = date :'today' - days_since_order::integer AS dated FROM hub.customer_orders('brez', '101') ORDER BY 1;
-- A condition on brand and customer reaches an index, and so does an address.
SET enable_seqscan = off;
CREATE FUNCTION svc.scans(query text) RETURNS TABLE (relation text, way text) LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN QUERY SELECT DISTINCT n ->> 'Relation Name', replace(n ->> 'Node Type', 'Only ', '') || CASE WHEN n ? 'Index Cond' THEN '' ELSE ' of all' END
	  FROM jsonb_path_query(plan, '$.** ? (@."Relation Name" == "orders" || @."Relation Name" == "customers")') n ORDER BY 1, 2;
END $$;
SELECT * FROM svc.scans($$SELECT * FROM hub.customer_value WHERE brand = 'brez' AND customer_id = '101'$$);
SELECT * FROM svc.scans($$SELECT * FROM hub.customer_address WHERE brand = 'brez' AND email = 'ann@example.com'$$);
RESET enable_seqscan;
-- A reader sees no address, and finds nobody by one.
CREATE ROLE regress_customer_reader;
SELECT momentum.grant_access('regress_customer_reader', 'reader', 'brez');
SET ROLE regress_customer_reader;
SELECT customer_id, email, first_name, phone, total_revenue FROM hub.customer_value WHERE customer_id = '101';
SELECT count(*) FROM hub.customer('brez', 'ann@example.com');
SELECT count(*) FROM hub.customer_orders('brez', '101');
SELECT count(*) FROM hub.customers;
RESET ROLE;
SELECT momentum.revoke_access('regress_customer_reader') \g /dev/null
DROP OWNED BY regress_customer_reader;
DROP ROLE regress_customer_reader;
-- The second shop goes: who was a duplicate is a person again.
SELECT momentum.remove_source('brez', 'shop2');
TABLE svc.people;
