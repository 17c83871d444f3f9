-- What a unit cost on the day it was sold: asked once per product, however
-- many lines there are, and always as the tables stand.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS momentum CASCADE;
SELECT momentum.setup();
INSERT INTO momentum_state.brand (brand, name, time_zone, currency) VALUES ('cost', 'Cost', 'UTC', 'USD'), ('cost2', 'Other', 'UTC', 'EUR');
INSERT INTO hub.product_costs (brand, product_key, valid_from, unit_cost, currency) VALUES
	('cost', 'A', '-infinity', 1, 'USD'), ('cost', 'A', '2026-02-01', 2.50, 'USD'), ('cost', 'A', '2026-03-01', 3, 'EUR'), ('cost', 'A', '2026-04-01', 4, 'USD'),
	('cost', 'B', '2026-02-01', 7, 'USD'), ('cost2', 'A', '-infinity', 90, 'EUR');
INSERT INTO hub.orders (brand, source, order_id, order_day, is_test, is_adjustment, has_selling_plan, channel, currency, gross_sales, discounts, items_sold, total_shipping, content_hash)
SELECT b.brand, 's', d.day::text, d.day, false, false, false, 'shop', CASE WHEN d.day <> '2026-04-02' THEN b.currency END, 100, 0, 2, 5, 0
  FROM (VALUES ('cost', 'USD'), ('cost2', 'EUR')) b (brand, currency), unnest('{2026-01-31,2026-02-01,2026-02-28,2026-03-01,2026-04-02}'::date[]) d (day);
INSERT INTO hub.order_line_items (brand, source, line_item_id, order_id, sku, quantity, unit_price, discount, is_gift_card)
SELECT o.brand, 's', o.order_id || '/' || p.sku, o.order_id, p.sku, 2, 25, 0, false FROM hub.orders o, (VALUES ('A'), ('B')) p (sku) WHERE o.brand IN ('cost', 'cost2');

-- None before the first, none in another currency; an order without one is in the brand's.
SELECT order_date, product_key, unit_cost, product_cost FROM hub.order_line_profit WHERE brand = 'cost' ORDER BY 2, 1;
SELECT order_date, total_product_cost, gross_profit FROM hub.order_profit WHERE brand = 'cost' ORDER BY 1;
SELECT count(*) FILTER (WHERE product_cost = 180) AS of_the_other FROM hub.order_line_profit WHERE brand = 'cost2';

-- The rule, spelled out, over products whose keys could run into one another's.
INSERT INTO hub.product_costs (brand, product_key, valid_from, unit_cost, currency)
SELECT b.brand, 'k' || n, date '2025-12-01' + n * 7 % 90 + 30 * k, n % 13 + k, CASE (n + k) % 5 WHEN 0 THEN 'EUR' ELSE 'USD' END
  FROM (VALUES ('cost'), ('cost2')) b (brand), generate_series(1, 300) n, generate_series(0, n % 4) k
UNION ALL
SELECT 'cost', '2k1', '2025-01-01', 77, 'USD';
CREATE FUNCTION pg_temp.differ(OUT asked bigint, OUT differ bigint) LANGUAGE sql AS $$
	SELECT count(*), count(*) FILTER (WHERE x.got IS DISTINCT FROM x.wanted)
	  FROM (SELECT momentum._unit_cost(b.brand, p.product_key, d.day, c.currency) AS got,
	               (SELECT CASE WHEN t.currency = c.currency THEN t.unit_cost END FROM hub.product_costs t
	                 WHERE t.brand = b.brand AND t.product_key = p.product_key AND t.valid_from <= d.day ORDER BY t.valid_from DESC LIMIT 1) AS wanted
	          FROM (VALUES ('cost'), ('cost2'), ('none')) b (brand), (VALUES ('USD'), ('EUR')) c (currency),
	               (SELECT DISTINCT t.product_key FROM hub.product_costs t UNION SELECT '2k1' UNION SELECT '' UNION SELECT repeat('x', 500)) p,
	               unnest('{-infinity,2025-12-20,2026-01-15,2026-02-01,2026-03-03,infinity}'::date[]) d (day)) x
$$;
SELECT * FROM pg_temp.differ();
-- With next to no memory it is read again and again, to the same end.
SET work_mem = '64kB';
SET hash_mem_multiplier = 1;
SELECT * FROM pg_temp.differ();
RESET work_mem;
RESET hash_mem_multiplier;

-- What changes in the middle of a transaction is seen by the next statement, by whoever asks.
BEGIN;
UPDATE hub.product_costs SET unit_cost = 8 WHERE brand = 'cost' AND product_key = 'B';
SELECT DISTINCT unit_cost FROM hub.order_line_profit WHERE brand = 'cost' AND product_key = 'B' ORDER BY 1;
DO $$
DECLARE
	before numeric;
	after numeric;
BEGIN
	FOR i IN 1..3 LOOP
		before := momentum._unit_cost('cost', 'B', '2026-02-01', 'USD');
		UPDATE hub.product_costs SET unit_cost = unit_cost + 1 WHERE brand = 'cost' AND product_key = 'B';
		after := momentum._unit_cost('cost', 'B', '2026-02-01', 'USD');
		RAISE WARNING '% then %', before, after;
	END LOOP;
END $$;
SAVEPOINT s;
DELETE FROM hub.product_costs WHERE brand = 'cost' AND product_key = 'B';
SELECT momentum._unit_cost('cost', 'B', '2026-02-01', 'USD');
ROLLBACK TO s;
SELECT momentum._unit_cost('cost', 'B', '2026-02-01', 'USD');
ROLLBACK;
-- Nor does one expression keep what was rolled back since, where all has the same snapshot.
BEGIN ISOLATION LEVEL REPEATABLE READ;
DO $$
DECLARE
	found numeric;
BEGIN
	FOR i IN 1..2 LOOP
		BEGIN
			UPDATE hub.product_costs SET unit_cost = 99 WHERE brand = 'cost' AND product_key = 'B' AND i = 1;
			found := momentum._unit_cost('cost', 'B', '2026-02-01', 'USD');
			RAISE WARNING 'found %', found;
			IF i = 1 THEN
				RAISE division_by_zero;
			END IF;
		EXCEPTION WHEN division_by_zero THEN
			NULL;
		END;
	END LOOP;
END $$;
ROLLBACK;

-- A reader is told of their own brand only, whatever stands in their search path.
CREATE ROLE cost_reader;
SELECT momentum.grant_access('cost_reader', 'reader', 'cost');
CREATE SCHEMA cost_trap;
CREATE FUNCTION cost_trap.equal(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'caught as %', current_user; END $$;
CREATE OPERATOR cost_trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = cost_trap.equal);
GRANT USAGE ON SCHEMA cost_trap TO cost_reader;
\c -
SET client_min_messages = warning;
SET ROLE cost_reader;
SET search_path = cost_trap, pg_catalog;
SELECT momentum._unit_cost('cost', 'A', '2026-02-01', 'USD') AS own, momentum._unit_cost('cost2', 'A', '2026-02-01', 'EUR') AS other;
RESET search_path;
SELECT count(product_cost) FROM hub.order_line_profit WHERE product_key = 'A';
SELECT count(*) FROM hub.product_costs;
RESET ROLE;

-- A sum that asks for no cost reads no lines, and one that asks for no returns no refunds.
CREATE FUNCTION pg_temp.reads(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN QUERY SELECT DISTINCT n #>> '{}' FROM jsonb_path_query(plan, '$.**."Relation Name"') n
	              WHERE n #>> '{}' IN ('orders', 'order_line_items', 'refunds', 'product_costs') ORDER BY 1;
END $$;
SELECT pg_temp.reads($$SELECT order_month, sum(total_revenue) FROM hub.order_profit WHERE brand = 'cost' GROUP BY 1$$);
SELECT pg_temp.reads($$SELECT order_month, sum(net_income) FROM hub.order_profit WHERE brand = 'cost' GROUP BY 1$$);
SELECT pg_temp.reads($$SELECT order_month, sum(gross_profit) FROM hub.order_profit WHERE brand = 'cost' GROUP BY 1$$);

DROP OWNED BY cost_reader;
DROP ROLE cost_reader;
DROP SCHEMA cost_trap CASCADE;
