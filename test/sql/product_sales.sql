-- Whatever happens to orders, in whatever order: the sales of products are
-- those that a recount of all lines comes to.
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION momentum;
SELECT momentum.setup(), momentum.add_brand('a', 'UTC', 'USD'), momentum.add_brand('b', 'UTC', 'EUR') \g /dev/null
INSERT INTO momentum_state.source (brand, source, service) SELECT b, b || s, 'shopify' FROM unnest('{a,b}'::text[]) b, unnest('{shop,shop2}'::text[]) s;
INSERT INTO momentum_state.stream (brand, source, stream, loader, foreign_table, cadence, first_day, complete_through, due_at)
SELECT c.brand, c.source, 'orders', 'orders', 'none', '1 day', '2025-03-01', '2025-05-31', 'infinity' FROM momentum_state.source c;
CREATE FUNCTION pg_temp.any_of(VARIADIC list text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT list[1 + floor(random() * cardinality(list))::integer]
$$;
-- An order comes, moves to another day, is cancelled or turns out to be a
-- test, gets other lines, or is gone; its days are logged as a loader does.
CREATE FUNCTION pg_temp.happen() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    b CONSTANT text := pg_temp.any_of('a', 'b');
    s CONSTANT text := b || pg_temp.any_of('shop', 'shop2');
    id CONSTANT text := floor(random() * 150)::text;
    d CONSTANT date := date '2025-03-01' + floor(random() * 80)::integer;
BEGIN
    INSERT INTO momentum_state.changed_day (brand, source, stream, day)
    SELECT b, s, 'orders', o.order_day FROM hub.orders o WHERE o.brand = b AND o.source = s AND o.order_id = id;
    IF random() < 0.1 THEN
        DELETE FROM hub.orders o WHERE o.brand = b AND o.source = s AND o.order_id = id;
        DELETE FROM hub.order_line_items o WHERE o.brand = b AND o.source = s AND o.order_id = id;
        RETURN;
    END IF;
    INSERT INTO hub.orders AS o (brand, source, order_id, order_day, cancelled_at, is_test, is_adjustment, has_selling_plan, channel, currency,
                                 gross_sales, discounts, items_sold, content_hash)
    VALUES (b, s, id, d, CASE WHEN random() < 0.15 THEN now() END, random() < 0.1, random() < 0.1, false, 'shop', pg_temp.any_of('USD', 'EUR', NULL), 1, 0, 1, 1)
    ON CONFLICT (brand, source, order_id) DO UPDATE
       SET order_day = excluded.order_day, cancelled_at = excluded.cancelled_at, is_test = excluded.is_test,
           is_adjustment = excluded.is_adjustment, currency = excluded.currency;
    IF random() < 0.7 THEN
        DELETE FROM hub.order_line_items o WHERE o.brand = b AND o.source = s AND o.order_id = id;
        INSERT INTO hub.order_line_items (brand, source, line_item_id, order_id, sku, variant_id, quantity, unit_price, discount, is_gift_card)
        SELECT b, s, n::text, id, pg_temp.any_of('x', ' x ', 'y', 'gone', NULL, ''), pg_temp.any_of('v1', 'v2', NULL), floor(random() * 6)::integer, 10, floor(random() * 3), random() < 0.1
          FROM generate_series(1, floor(random() * 4)::integer) n;
    END IF;
    INSERT INTO momentum_state.changed_day (brand, source, stream, day) VALUES (b, s, 'orders', d);
END $$;
-- Rows that differ from a recount, written in another way.
CREATE FUNCTION pg_temp.differing() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*)
      FROM hub.product_sales_daily t
      FULL JOIN (SELECT l.brand, l.product_key, o.order_day AS day, sum(l.quantity)::bigint AS units,
                        sum(CASE WHEN o.currency IS NULL OR o.currency = m.currency THEN l.unit_price * l.quantity - l.discount ELSE 0 END) AS income,
                        count(DISTINCT l.source || '/' || l.order_id) AS orders
                   FROM hub.order_line_items l JOIN hub.orders o USING (brand, source, order_id) JOIN momentum_state.brand m USING (brand)
                  WHERE (o.is_test, o.is_adjustment, o.cancelled_at IS NULL, l.is_gift_card) = (false, false, true, false) AND l.product_key IS NOT NULL
                  GROUP BY 1, 2, 3) w USING (brand, product_key, day)
     WHERE (t.units, t.income, t.orders) IS DISTINCT FROM (w.units, w.income, w.orders)
$$;
CREATE FUNCTION pg_temp.run(seed double precision, rounds integer) RETURNS TABLE (rounds_run integer, products bigint, enough_rows boolean, differ bigint)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM setseed(seed);
    differ := 0;
    FOR r IN 1..rounds LOOP
        FOR i IN 1..1 + floor(random() * 40)::integer LOOP
            PERFORM pg_temp.happen();
        END LOOP;
        PERFORM momentum.recompute();
        differ := differ + pg_temp.differing();
    END LOOP;
    rounds_run := rounds;
    SELECT count(DISTINCT t.product_key), count(*) > 100 INTO products, enough_rows FROM hub.product_sales_daily t;
    RETURN NEXT;
END $$;
\set ECHO all
SELECT * FROM pg_temp.run(0.3, 30);
SELECT * FROM pg_temp.run(-0.7, 10);
-- Rows that are right are not written again.
SELECT count(*) AS before FROM hub.product_sales_daily WHERE xmin::text = pg_current_xact_id()::text;
BEGIN;
INSERT INTO momentum_state.changed_day (brand, source, stream, day) SELECT DISTINCT brand, source, 'orders', order_day FROM hub.orders;
SELECT momentum.recompute() \g /dev/null
SELECT count(*) AS written FROM hub.product_sales_daily WHERE xmin::text = pg_current_xact_id()::text;
COMMIT;
-- The check can fail; reconcile() sees it, and mends it.
UPDATE hub.product_sales_daily SET units = units + 1 WHERE (brand, product_key, day) IN (SELECT brand, product_key, day FROM hub.product_sales_daily WHERE brand = 'a' ORDER BY 1, 2, 3 LIMIT 1);
DELETE FROM hub.product_sales_daily WHERE (brand, product_key, day) IN (SELECT brand, product_key, day FROM hub.product_sales_daily WHERE brand = 'a' ORDER BY 1, 2, 3 LIMIT 1 OFFSET 5);
INSERT INTO hub.product_sales_daily VALUES ('a', 'never sold', '2025-04-01', 1, 1, 1);
SELECT pg_temp.differing();
CALL momentum.reconcile(heal => false, only_brand => 'a');
SELECT pg_temp.differing();
SELECT metric, recomputed - stored AS by, stored IS NULL AS lost, recomputed IS NULL AS extra, is_healed FROM momentum.drift ORDER BY channel, day;
CALL momentum.reconcile(only_brand => 'a');
SELECT pg_temp.differing();
CALL momentum.reconcile(only_brand => 'a');
SELECT drift_found, healed, status FROM momentum.reconciliation ORDER BY run_id;
