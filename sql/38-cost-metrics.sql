-- What the days cost.  A metric of costs has a value only where it is known: a
-- day without a valid cost, or with goods of which nobody tells what they cost,
-- has none.  Each value is money to the cent, so that days add up to months.

-- The metrics of costs that a brand has entered something for: what others
-- wrote into metric_daily by hand stays theirs.
CREATE FUNCTION momentum._cost_metrics(brand text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    RETURN QUERY
    SELECT c.metric FROM hub.costs c WHERE c.brand = _cost_metrics.brand
     UNION
    SELECT 'cogs' WHERE EXISTS (SELECT FROM hub.product_costs p WHERE p.brand = _cost_metrics.brand)
     UNION
    SELECT 'shipping_cost'
     WHERE EXISTS (SELECT FROM hub.orders o WHERE o.brand = _cost_metrics.brand AND o.shipping_cost IS NOT NULL);
END
$$;
COMMENT ON FUNCTION momentum._cost_metrics(text) IS 'The metrics of costs for which a brand has entered something.';
REVOKE ALL ON FUNCTION momentum._cost_metrics(text) FROM PUBLIC;

-- By cumulative rounding: the days of a period add up to its amount exactly.
CREATE FUNCTION momentum._fixed_cost(amount numeric, basis text, day date) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    RETURN (SELECT round(amount * (day - p.first + 1) / (p.next - p.first), 2)
                   - round(amount * (day - p.first) / (p.next - p.first), 2)
              FROM (SELECT date_trunc(basis, day::timestamp)::date AS first,
                           (date_trunc(basis, day::timestamp)
                            + CASE basis WHEN 'quarter' THEN interval '3 months' ELSE ('1 ' || basis)::interval END)::date AS next) p);
COMMENT ON FUNCTION momentum._fixed_cost(numeric, text, date) IS
    'What a day bears of an amount per day, week (Monday to Sunday), month, quarter or year: the days of the period add up to the amount.';
REVOKE ALL ON FUNCTION momentum._fixed_cost(numeric, text, date) FROM PUBLIC;

-- Nothing waits for the fixed costs of a day but the day itself: they are known
-- once any stream that feeds a metric of the brand is complete through it.
CREATE FUNCTION momentum._find_cost_days() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    INSERT INTO pg_temp.momentum_day
    SELECT DISTINCT d.brand, d.metric, d.day, false
      FROM pg_temp.momentum_changed d
     WHERE d.metric = 'fixed_costs' AND d.day >= '1970-01-01'
       AND EXISTS (SELECT FROM momentum_state.stream st
                     JOIN momentum_state.source c ON c.brand = st.brand AND c.source = st.source
                     JOIN momentum_state.metric_stream ms ON ms.service = c.service AND ms.loader = st.loader
                    WHERE st.brand = d.brand AND st.first_day <= d.day AND st.complete_through >= d.day);

    DELETE FROM pg_temp.momentum_day d
     WHERE d.metric IN ('fixed_costs', 'variable_costs', 'payment_fees', 'shipping_cost')
       AND NOT EXISTS (SELECT FROM hub.costs c
                        WHERE c.brand = d.brand AND c.metric = d.metric AND c.valid_from <= d.day
                          AND (c.valid_until >= d.day) IS NOT FALSE)
       AND (d.metric <> 'shipping_cost'
            OR NOT EXISTS (SELECT FROM hub.orders o
                            WHERE o.brand = d.brand AND o.order_day = d.day AND o.shipping_cost IS NOT NULL));
    DELETE FROM pg_temp.momentum_day d
     WHERE d.metric = 'cogs' AND NOT EXISTS (SELECT FROM hub.product_costs c WHERE c.brand = d.brand);
END
$$;
COMMENT ON FUNCTION momentum._find_cost_days() IS 'Which of the changed days have a known cost: those without a valid one are taken out again.';
REVOKE ALL ON FUNCTION momentum._find_cost_days() FROM PUBLIC;

-- An order with something to ship is as many parcels as it has tracking
-- numbers, one at least.  What an order's own shipping cost tells needs no rate; the rates of shipping
-- see the other orders alone.  Orders of a day without a rate, or charges that
-- are not told, leave the day unknown: their value is NULL, for _compute_metrics()
-- to take the day out.
--
-- Which metrics are wanted goes along with the facts.  Nobody can tell how many
-- of these there will be, so to join them with the days wanted once more could
-- be a loop over all of them for each of them.
CREATE FUNCTION momentum._compute_cost_metrics() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    SET enable_sort = off
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_temp.momentum_day d
                    WHERE d.metric IN ('fixed_costs', 'variable_costs', 'payment_fees', 'shipping_cost')) THEN
        RETURN;
    END IF;
    WITH wanted AS MATERIALIZED (
        SELECT d.brand, d.day, b.currency, array_agg(d.metric) AS metrics
          FROM pg_temp.momentum_day d JOIN momentum_state.brand b ON b.brand = d.brand
         WHERE d.metric IN ('variable_costs', 'payment_fees', 'shipping_cost')
         GROUP BY d.brand, d.day, b.currency),
    sale AS (
        SELECT o.brand, o.order_day AS day, o.channel, o.shipping_cost IS NULL AS is_open, min(w.metrics) AS metrics,
               count(*) AS orders, sum(o.items_sold) AS items,
               sum(greatest(cardinality(string_to_array(o.tracking_number, ', ')), 1)) FILTER (WHERE o.items_sold > 0) AS parcels,
               count(*) FILTER (WHERE o.is_new_customer) AS new_customers,
               sum(o.gross_sales - o.discounts) AS sales, sum(o.total_price) AS payments,
               count(*) - count(o.total_price) AS untold, sum(o.shipping_cost) AS shipping
          FROM wanted w JOIN hub.orders o ON o.brand = w.brand AND o.order_day = w.day
         WHERE NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL
           AND coalesce(o.currency, w.currency) = w.currency
         GROUP BY o.brand, o.order_day, o.channel, o.shipping_cost IS NULL),
    refund AS (
        SELECT r.brand, r.refund_day AS day, o.channel, o.shipping_cost IS NULL AS is_open, min(w.metrics) AS metrics,
               count(*) AS refunds, sum(r.returns) AS returns
          FROM wanted w
          JOIN hub.refunds r ON r.brand = w.brand AND r.refund_day = w.day
          JOIN hub.orders o ON o.brand = r.brand AND o.source = r.source AND o.order_id = r.order_id
         WHERE NOT o.is_test AND o.cancelled_at IS NULL AND coalesce(o.currency, w.currency) = w.currency
         GROUP BY r.brand, r.refund_day, o.channel, o.shipping_cost IS NULL),
    fact AS MATERIALIZED (
        SELECT s.brand, s.day, s.channel, s.is_open, s.metrics, s.orders, s.items, coalesce(s.parcels, 0) AS parcels, s.new_customers, 0::bigint AS refunds,
               s.sales, s.sales AS net_revenue, s.payments, s.untold, s.shipping
          FROM sale s
         UNION ALL
        SELECT r.brand, r.day, r.channel, r.is_open, r.metrics, 0, 0, 0, 0, r.refunds, 0, -r.returns, 0, 0, 0
          FROM refund r),
    base AS MATERIALIZED (
        SELECT f.brand, m.metric, f.day, f.channel, sum(f.orders) AS orders, sum(f.items) AS items, sum(f.parcels) AS parcels,
               sum(f.new_customers) AS new_customers, sum(f.refunds) AS refunds, sum(f.sales) AS sales,
               sum(f.net_revenue) AS net_revenue, sum(f.payments) AS payments, sum(f.untold) AS untold
          FROM fact f, unnest(f.metrics) m (metric)
         WHERE m.metric <> 'shipping_cost' OR f.is_open
         GROUP BY f.brand, m.metric, f.day, f.channel),
    rated AS MATERIALIZED (
        SELECT b.brand, b.metric, b.day, b.channel,
               CASE WHEN c.basis = 'payments' AND b.untold > 0 THEN NULL
                    ELSE round(c.amount * CASE c.basis WHEN 'order' THEN b.orders WHEN 'item' THEN b.items
                                                       WHEN 'parcel' THEN b.parcels WHEN 'refund' THEN b.refunds
                                                       WHEN 'new_customer' THEN b.new_customers WHEN 'sales' THEN b.sales
                                                       WHEN 'net_revenue' THEN b.net_revenue ELSE b.payments END, 2) END AS value
          FROM base b
          JOIN hub.costs c ON c.brand = b.brand AND c.metric = b.metric AND c.kind = 'variable' AND c.valid_from <= b.day
                          AND (c.valid_until >= b.day) IS NOT FALSE AND (c.channel = b.channel) IS NOT FALSE)
    INSERT INTO pg_temp.momentum_value (brand, metric, day, channel, value)
    SELECT x.brand, x.metric, x.day, x.channel, CASE WHEN count(x.value) = count(*) THEN sum(x.value) END
      FROM (SELECT r.brand, r.metric, r.day, r.channel, r.value FROM rated r
             UNION ALL
            SELECT b.brand, b.metric, b.day, b.channel, NULL FROM base b
             WHERE b.metric = 'shipping_cost' AND b.orders > 0
               AND NOT EXISTS (SELECT FROM hub.costs c
                                WHERE c.brand = b.brand AND c.metric = b.metric AND c.valid_from <= b.day
                                  AND (c.valid_until >= b.day) IS NOT FALSE)
             UNION ALL
            SELECT f.brand, 'shipping_cost', f.day, f.channel, round(f.shipping, 2)
              FROM fact f
             WHERE 'shipping_cost' = ANY (f.metrics) AND NOT f.is_open AND f.orders > 0
             UNION ALL
            SELECT d.brand, d.metric, d.day, coalesce(c.channel, c.name), momentum._fixed_cost(c.amount, c.basis, d.day)
              FROM pg_temp.momentum_day d
              JOIN hub.costs c ON c.brand = d.brand AND c.metric = d.metric AND c.kind = 'fixed' AND c.valid_from <= d.day
                              AND (c.valid_until >= d.day) IS NOT FALSE) x
     GROUP BY x.brand, x.metric, x.day, x.channel;
END
$$;
COMMENT ON FUNCTION momentum._compute_cost_metrics() IS 'Metrics of fixed and variable costs, shipping and payment fees for the days wanted.';
REVOKE ALL ON FUNCTION momentum._compute_cost_metrics() FROM PUBLIC;

-- Goods leave at the cost of the day they were sold.  What is sent back and put
-- on the shelf again comes back at that same cost, on the day of the refund; what
-- is not put back stays a cost.
--
-- Lines of which nobody tells what they cost leave their day unknown, unless
-- their share of the day's sales is within costs.unknown_share: then they are
-- taken at the cost per sales of the lines that are known.  For the day as a
-- whole a window looks over its channels, not a join.
CREATE FUNCTION momentum._compute_goods_metrics() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    SET enable_sort = off                          -- texts hash faster than they sort
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_temp.momentum_day d WHERE d.metric = 'cogs') THEN
        RETURN;
    END IF;
    WITH wanted AS MATERIALIZED (
        SELECT DISTINCT d.brand, d.day, b.currency
          FROM pg_temp.momentum_day d JOIN momentum_state.brand b ON b.brand = d.brand
         WHERE d.metric = 'cogs'),
    moved AS (
        SELECT o.brand, o.order_day AS day, o.channel, o.order_day AS cost_day, w.currency, l.product_key,
               CASE WHEN l.order_id IS NULL THEN NULL ELSE l.quantity END AS units,
               CASE WHEN l.order_id IS NULL THEN o.gross_sales - o.discounts ELSE l.unit_price * l.quantity - l.discount END AS sales
          FROM wanted w
          JOIN hub.orders o ON o.brand = w.brand AND o.order_day = w.day
          LEFT JOIN hub.order_line_items l
            ON l.brand = o.brand AND l.source = o.source AND l.order_id = o.order_id AND NOT l.is_gift_card
         WHERE NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL
           AND coalesce(o.currency, w.currency) = w.currency
           AND CASE WHEN l.order_id IS NULL THEN o.items_sold <> 0 OR o.gross_sales <> 0 ELSE l.quantity <> 0 END
         UNION ALL
        SELECT r.brand, r.refund_day, o.channel, o.order_day, w.currency, l.product_key, -x.quantity, -x.subtotal
          FROM wanted w
          JOIN hub.refunds r ON r.brand = w.brand AND r.refund_day = w.day
          JOIN hub.orders o ON o.brand = r.brand AND o.source = r.source AND o.order_id = r.order_id
          JOIN hub.refund_line_items x
            ON x.brand = r.brand AND x.source = r.source AND x.order_id = r.order_id AND x.refund_id = r.refund_id
          LEFT JOIN hub.order_line_items l
            ON l.brand = x.brand AND l.source = x.source AND l.order_id = x.order_id AND l.line_item_id = x.line_item_id
         WHERE NOT o.is_test AND o.cancelled_at IS NULL AND coalesce(o.currency, w.currency) = w.currency
           AND upper(x.restock_type) IN ('RETURN', 'CANCEL', 'LEGACY_RESTOCK') AND l.is_gift_card IS NOT TRUE
           AND x.quantity IS DISTINCT FROM 0),
    product AS MATERIALIZED (
        SELECT m.brand, m.day, m.channel, m.cost_day, m.currency, m.product_key,
               CASE WHEN count(m.units) = count(*) THEN sum(m.units) END AS units, sum(m.sales) AS sales, sum(abs(m.sales)) AS weight
          FROM moved m
         GROUP BY m.brand, m.day, m.channel, m.cost_day, m.currency, m.product_key),
    costed AS (
        SELECT p.brand, p.day, p.channel, p.sales, p.weight, p.units * c.unit_cost AS cost
          FROM product p
          LEFT JOIN LATERAL (
            SELECT CASE WHEN k.currency = p.currency THEN k.unit_cost END AS unit_cost
              FROM hub.product_costs k
             WHERE k.brand = p.brand AND k.product_key = p.product_key AND k.valid_from <= p.cost_day
             ORDER BY k.valid_from DESC LIMIT 1) c ON true),
    sold AS (
        SELECT c.brand, c.day, c.channel, count(*) - count(c.cost) AS unknown,
               coalesce(sum(c.sales) FILTER (WHERE c.cost IS NULL), 0) AS unknown_sales,
               coalesce(sum(c.weight) FILTER (WHERE c.cost IS NULL), 0) AS unknown_weight,
               sum(c.weight) AS weight, sum(c.weight) FILTER (WHERE c.cost IS NOT NULL) AS known_weight,
               sum(abs(c.cost)) AS known_cost, coalesce(sum(c.cost), 0) AS cost
          FROM costed c
         GROUP BY c.brand, c.day, c.channel),
    told AS (
        SELECT s.brand, s.day, s.channel, s.cost, s.unknown_sales, sum(s.unknown) OVER d AS unknown,
               sum(s.unknown_weight) OVER d AS unknown_weight, sum(s.weight) OVER d AS weight,
               sum(s.known_cost) OVER d / nullif(sum(s.known_weight) OVER d, 0) AS rate
          FROM sold s
        WINDOW d AS (PARTITION BY s.brand, s.day))
    INSERT INTO pg_temp.momentum_value (brand, metric, day, channel, value)
    SELECT t.brand, 'cogs', t.day, t.channel,
           CASE WHEN t.unknown = 0 THEN round(t.cost, 2)
                WHEN momentum._unknown_share(t.brand) > 0 AND t.unknown_weight <= t.weight * momentum._unknown_share(t.brand)
                THEN round(t.cost + t.unknown_sales * t.rate, 2) END
      FROM told t;
END
$$;
COMMENT ON FUNCTION momentum._compute_goods_metrics() IS 'Cost of goods for the days wanted.';
REVOKE ALL ON FUNCTION momentum._compute_goods_metrics() FROM PUBLIC;

CREATE FUNCTION momentum._unknown_share(brand text) RETURNS numeric
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    said CONSTANT text := momentum._setting(_unknown_share.brand, 'costs.unknown_share');
BEGIN
    RETURN CASE WHEN said ~ '^\s*\+?([0-9]+\.?[0-9]*|\.[0-9]+)\s*$' AND said::numeric <= 1 THEN said::numeric ELSE 0 END;
END
$$;
COMMENT ON FUNCTION momentum._unknown_share(text) IS 'The setting costs.unknown_share of a brand; 0 if it is no share.';
REVOKE ALL ON FUNCTION momentum._unknown_share(text) FROM PUBLIC;
