-- hub.product_sales_daily follows the days of orders that changed.  It counts
-- the orders that the metrics count, of any currency: what left the shelf left
-- it.  Its money is that of orders in the brand's currency alone.
--
-- As in recompute(): joins are written from the days wanted outwards.
CREATE FUNCTION momentum._compute_product_sales() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    AS $$
BEGIN
    IF to_regclass('pg_temp.momentum_product_sales') IS NULL THEN
        CREATE TEMP TABLE momentum_product_sales (brand text, product_key text, day date, units bigint, income numeric,
                                                  orders bigint) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE momentum_sales_day (brand text, day date, currency text) ON COMMIT DELETE ROWS;
    ELSE
        TRUNCATE pg_temp.momentum_product_sales, pg_temp.momentum_sales_day;
    END IF;
    INSERT INTO pg_temp.momentum_sales_day
    SELECT g.brand, g.day, b.currency
      FROM (SELECT DISTINCT c.brand, c.day FROM pg_temp.momentum_changed c WHERE c.metric = 'items_sold') g
      JOIN momentum_state.brand b ON b.brand = g.brand;
    ANALYZE pg_temp.momentum_sales_day;
    -- First per order, since to count distinct ones takes a sort of all lines.
    INSERT INTO pg_temp.momentum_product_sales
    SELECT x.brand, x.product_key, x.order_day, sum(x.units), sum(x.income), count(*)
      FROM (SELECT o.brand, l.product_key, o.order_day, sum(l.quantity) AS units,
                   CASE WHEN coalesce(o.currency, w.currency) = w.currency
                        THEN sum(l.unit_price * l.quantity - l.discount) ELSE 0 END AS income
              FROM pg_temp.momentum_sales_day w
              JOIN hub.orders o ON o.brand = w.brand AND o.order_day = w.day
              JOIN hub.order_line_items l ON l.brand = o.brand AND l.source = o.source AND l.order_id = o.order_id
             WHERE NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL
               AND NOT l.is_gift_card AND l.product_key IS NOT NULL
             GROUP BY o.brand, l.product_key, o.order_day, o.source, o.order_id, o.currency, w.currency) x
     GROUP BY x.brand, x.product_key, x.order_day;
    ANALYZE pg_temp.momentum_product_sales;
END
$$;
COMMENT ON FUNCTION momentum._compute_product_sales() IS 'Counts, aside, the sales of products on the days wanted.';
REVOKE ALL ON FUNCTION momentum._compute_product_sales() FROM PUBLIC;

CREATE FUNCTION momentum._store_product_sales() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    AS $$
DECLARE
    written bigint;
    removed bigint;
BEGIN
    DELETE FROM hub.product_sales_daily t
     USING pg_temp.momentum_sales_day w
     WHERE t.brand = w.brand AND t.day = w.day
       AND NOT EXISTS (SELECT FROM pg_temp.momentum_product_sales n
                        WHERE n.brand = t.brand AND n.product_key = t.product_key AND n.day = t.day);
    GET DIAGNOSTICS removed = ROW_COUNT;
    INSERT INTO hub.product_sales_daily AS t (brand, product_key, day, units, income, orders)
    SELECT n.brand, n.product_key, n.day, n.units, n.income, n.orders FROM pg_temp.momentum_product_sales n
    ON CONFLICT (brand, product_key, day) DO UPDATE
       SET units = excluded.units, income = excluded.income, orders = excluded.orders
     WHERE (t.units, t.income, t.orders) IS DISTINCT FROM (excluded.units, excluded.income, excluded.orders);
    GET DIAGNOSTICS written = ROW_COUNT;
    PERFORM momentum._analyze_grown('hub.product_sales_daily');
    RETURN written + removed;
END
$$;
COMMENT ON FUNCTION momentum._store_product_sales() IS 'Brings hub.product_sales_daily in line with what was counted; returns the number of rows written or removed.';
REVOKE ALL ON FUNCTION momentum._store_product_sales() FROM PUBLIC;

-- For reconcile(): what differs goes into momentum_state.drift under the name
-- product_sales, the product as its channel, units before and after.
CREATE FUNCTION momentum._reconcile_product_sales(brand text, run_id bigint, heal boolean, OUT compared bigint, OUT differing bigint)
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    AS $$
BEGIN
    PERFORM momentum._compute_product_sales();
    WITH stored AS (
        SELECT t.product_key, t.day, t.units, t.income, t.orders
          FROM pg_temp.momentum_sales_day w JOIN hub.product_sales_daily t ON t.brand = w.brand AND t.day = w.day),
    compared AS MATERIALIZED (
        SELECT coalesce(s.product_key, n.product_key) AS product_key, coalesce(s.day, n.day) AS day,
               s.units AS stored, n.units AS recomputed,
               (s.units, s.income, s.orders) IS DISTINCT FROM (n.units, n.income, n.orders) AS differs
          FROM stored s
          FULL JOIN pg_temp.momentum_product_sales n ON n.product_key = s.product_key AND n.day = s.day),
    differing AS MATERIALIZED (
        SELECT c.*
          FROM compared c
         WHERE c.differs
           AND NOT EXISTS (SELECT FROM momentum_state.changed_day g
                            WHERE g.brand = _reconcile_product_sales.brand AND g.day = c.day)),
    found AS (
        INSERT INTO momentum_state.drift (brand, run_id, metric, day, channel, stored, recomputed, is_healed)
        SELECT _reconcile_product_sales.brand, _reconcile_product_sales.run_id, 'product_sales', c.day, c.product_key,
               c.stored, c.recomputed, _reconcile_product_sales.heal
          FROM differing c ORDER BY c.day, c.product_key LIMIT 1000)
    SELECT (SELECT count(*) FROM compared), (SELECT count(*) FROM differing)
      INTO _reconcile_product_sales.compared, _reconcile_product_sales.differing;
    IF _reconcile_product_sales.differing > 0 AND heal THEN
        PERFORM momentum._store_product_sales();
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._reconcile_product_sales(text, bigint, boolean) IS
    'Compares hub.product_sales_daily with the lines of the orders of the days wanted, and mends it on request.';
REVOKE ALL ON FUNCTION momentum._reconcile_product_sales(text, bigint, boolean) FROM PUBLIC;
