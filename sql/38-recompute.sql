-- metric_daily follows the days that changed, and nothing else.  A metric
-- has a day only if every stream that feeds it is complete through it; then
-- a channel without facts is a zero.  Otherwise there is no row.
--
-- Joins are written from the days wanted outwards, and done in that order:
-- looking for a better one takes longer than they do, and no statistics can
-- have it begin with all facts.
CREATE FUNCTION momentum._stage_metrics() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF to_regclass('pg_temp.momentum_changed') IS NULL THEN
        CREATE TEMP TABLE momentum_changed (brand text, metric text, day date) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE momentum_day (brand text, metric text, day date, provisional boolean) ON COMMIT DELETE ROWS;
        CREATE TEMP TABLE momentum_value (brand text, metric text, day date, channel text, value numeric) ON COMMIT DELETE ROWS;
    ELSE
        TRUNCATE pg_temp.momentum_changed, pg_temp.momentum_day, pg_temp.momentum_value;
    END IF;
END
$$;
COMMENT ON FUNCTION momentum._stage_metrics() IS 'Empty temporary tables for recompute().';
REVOKE ALL ON FUNCTION momentum._stage_metrics() FROM PUBLIC;

-- Days taken by DELETE come back if this transaction does not: none is lost,
-- whatever the order in which loads commit.
CREATE FUNCTION momentum._take_changed_days() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    AS $$
DECLARE
    taken bigint;
BEGIN
    WITH gone AS (
        DELETE FROM momentum_state.changed_day RETURNING brand, source, stream, day),
    g AS MATERIALIZED (SELECT DISTINCT x.brand, x.source, x.stream, x.day FROM gone x),
    cost AS MATERIALIZED (
        SELECT b.brand, c.metric
          FROM (SELECT DISTINCT g.brand FROM g) b, LATERAL momentum._cost_metrics(b.brand) c (metric)),
    changed AS (
        INSERT INTO pg_temp.momentum_changed
        SELECT g.brand, ms.metric, g.day
          FROM g
          JOIN momentum_state.stream st ON st.brand = g.brand AND st.source = g.source AND st.stream = g.stream
          JOIN momentum_state.source c ON c.brand = st.brand AND c.source = st.source
          JOIN momentum_state.metric_stream ms ON ms.service = c.service AND ms.loader = st.loader
         WHERE ms.metric NOT IN ('cogs', 'shipping_cost', 'payment_fees', 'variable_costs')
            OR EXISTS (SELECT FROM cost k WHERE k.brand = g.brand AND k.metric = ms.metric)
         UNION
        SELECT g.brand, k.metric, g.day FROM g JOIN cost k ON k.brand = g.brand AND k.metric = 'fixed_costs'
         UNION                                      -- of no stream: a metric asked for by its key
        SELECT g.brand, m.metric, g.day FROM g JOIN momentum_state.metric m ON g.source = '' AND m.metric = g.stream)
    SELECT count(*) INTO taken FROM gone;
    -- Stores that sold in the trailing 28 days: a day counts in 27 more.
    INSERT INTO pg_temp.momentum_changed
    SELECT DISTINCT g.brand, g.metric, g.day + k
      FROM pg_temp.momentum_changed g, generate_series(1, 27) k
     WHERE g.metric IN ('retail_doors', 'retail_points')
    EXCEPT SELECT g.brand, g.metric, g.day FROM pg_temp.momentum_changed g;
    RETURN taken;
END
$$;
COMMENT ON FUNCTION momentum._take_changed_days() IS 'Takes the log of changed days: which metrics to compute for which days. Returns the number of rows taken.';
REVOKE ALL ON FUNCTION momentum._take_changed_days() FROM PUBLIC;

CREATE FUNCTION momentum._find_complete_days() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    AS $$
BEGIN
    ANALYZE pg_temp.momentum_changed;

    -- A stream takes part from the first day asked of its service.  Money of
    -- which every account is in another currency than the brand's is left out of
    -- the sums altogether: what is not known is absent, not zero.
    INSERT INTO pg_temp.momentum_day
    SELECT d.brand, d.metric, d.day, bool_or(d.day > st.complete_through - st.restating_days)
      FROM pg_temp.momentum_changed d
      JOIN momentum_state.metric_stream ms ON ms.metric = d.metric
      JOIN momentum_state.source c ON c.brand = d.brand AND c.service = ms.service
      JOIN momentum_state.stream st ON st.brand = c.brand AND st.source = c.source AND st.loader = ms.loader
      JOIN momentum_state.brand b ON b.brand = d.brand
      JOIN momentum_state.metric m ON m.metric = d.metric
     WHERE st.first_day <= d.day AND d.day >= '1970-01-01'
     GROUP BY d.brand, d.metric, d.day
    HAVING bool_and(coalesce(st.complete_through >= d.day, false))
       AND bool_or(m.unit <> 'money' AND ms.loader <> 'orders' OR coalesce(c.currency, b.currency) = b.currency);
    PERFORM momentum._find_cost_days();
    ANALYZE pg_temp.momentum_day;
END
$$;
COMMENT ON FUNCTION momentum._find_complete_days() IS 'Which of the changed days are complete: those to compute.';
REVOKE ALL ON FUNCTION momentum._find_complete_days() FROM PUBLIC;

CREATE FUNCTION momentum._compute_shop_metrics() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    AS $$
BEGIN
    WITH wanted AS MATERIALIZED (
        SELECT DISTINCT d.brand, d.day, b.currency,
               ARRAY(SELECT c.source FROM momentum_state.source c WHERE c.brand = d.brand AND c.service = 'manual' ORDER BY 1) AS tills
          FROM pg_temp.momentum_day d JOIN momentum_state.brand b ON b.brand = d.brand
         WHERE d.metric IN ('gross_sales', 'discounts', 'returns', 'net_revenue', 'orders', 'items_sold',
                            'new_customers', 'returning_customers', 'new_subscribers')),
    sale AS (
        SELECT o.brand, o.order_day AS day, o.channel,
               sum(o.gross_sales) AS gross_sales, sum(o.discounts) AS discounts, 0::numeric AS returns,
               count(*) AS orders, sum(o.items_sold) AS items_sold,
               count(*) FILTER (WHERE o.is_new_customer) AS new_customers,
               count(DISTINCT k.person) - count(DISTINCT k.person) FILTER (WHERE o.is_new_customer) AS returning_customers,
               count(*) FILTER (WHERE o.is_new_customer AND o.has_selling_plan) AS new_subscribers
          FROM wanted w JOIN hub.orders o ON o.brand = w.brand AND o.order_day = w.day
         -- The C1 of one till is not that of another: see _mark_new_customers().
         CROSS JOIN LATERAL (
            SELECT CASE WHEN o.customer_id IS NOT NULL AND o.source = ANY (w.tills)
                        THEN o.source || '/' || o.customer_key ELSE o.customer_key END) k (person)
         WHERE NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL
           AND coalesce(o.currency, w.currency) = w.currency
         GROUP BY o.brand, o.order_day, o.channel),
    refund AS (
        SELECT r.brand, r.refund_day AS day, o.channel, sum(r.returns) AS returns
          FROM wanted w
          JOIN hub.refunds r ON r.brand = w.brand AND r.refund_day = w.day
          JOIN hub.orders o ON o.brand = r.brand AND o.source = r.source AND o.order_id = r.order_id
         WHERE NOT o.is_test AND o.cancelled_at IS NULL AND coalesce(o.currency, w.currency) = w.currency
         GROUP BY r.brand, r.refund_day, o.channel),
    fact AS (
        SELECT x.brand, x.day, x.channel, sum(x.gross_sales) AS gross_sales, sum(x.discounts) AS discounts,
               sum(x.returns) AS returns, sum(x.orders) AS orders, sum(x.items_sold) AS items_sold,
               sum(x.new_customers) AS new_customers, sum(x.returning_customers) AS returning_customers,
               sum(x.new_subscribers) AS new_subscribers
          FROM (SELECT * FROM sale
                 UNION ALL
                SELECT r.brand, r.day, r.channel, 0, 0, r.returns, 0, 0, 0, 0, 0 FROM refund r) x
         GROUP BY x.brand, x.day, x.channel)
    INSERT INTO pg_temp.momentum_value
    SELECT f.brand, m.metric, f.day, f.channel, m.value
      FROM fact f,
           LATERAL (VALUES ('gross_sales', f.gross_sales), ('discounts', f.discounts), ('returns', f.returns),
                           ('net_revenue', f.gross_sales - f.discounts - f.returns), ('orders', f.orders),
                           ('items_sold', f.items_sold), ('new_customers', f.new_customers),
                           ('returning_customers', f.returning_customers), ('new_subscribers', f.new_subscribers))
                   AS m (metric, value);

    INSERT INTO pg_temp.momentum_value
    SELECT t.brand, d.metric, t.day, t.channel, sum(t.sessions)
      FROM pg_temp.momentum_day d JOIN hub.sessions_daily t ON t.brand = d.brand AND t.day = d.day
     WHERE d.metric = 'sessions'
     GROUP BY t.brand, d.metric, t.day, t.channel;
END
$$;
COMMENT ON FUNCTION momentum._compute_shop_metrics() IS 'Metrics of orders, refunds and sessions for the days wanted.';
REVOKE ALL ON FUNCTION momentum._compute_shop_metrics() FROM PUBLIC;

CREATE FUNCTION momentum._compute_subscriber_metrics(from_facts boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    AS $$
BEGIN
    -- Running at the end of a day: begun by then, not ended by then, and of a
    -- source that has its say by then: what is older begins with it.  The count
    -- goes on from the day before the first one wanted, if that has a value:
    -- what changes it is logged for every later day too (loaders that span),
    -- so had it changed, it would be the first one wanted.  From facts alone it
    -- counts anew, for who does not trust what is stored.
    --
    -- Both ends of the days are said: a lower bound alone is taken for a third
    -- of all rows, and these are read through.
    INSERT INTO pg_temp.momentum_value
    WITH first AS MATERIALIZED (
        SELECT d.brand, min(d.day) AS day, max(d.day) AS last
          FROM pg_temp.momentum_day d WHERE d.metric = 'subscribers_active' GROUP BY d.brand),
    feed AS MATERIALIZED (
        SELECT f.brand, f.day, f.last, st.source, st.first_day,
               CASE WHEN st.first_day < f.day THEN f.day ELSE '-infinity' END AS since      -- earlier is in the base
          FROM first f
          JOIN momentum_state.metric_stream ms ON ms.metric = 'subscribers_active'
          JOIN momentum_state.source c ON c.brand = f.brand AND c.service = ms.service
          JOIN momentum_state.stream st ON st.brand = c.brand AND st.source = c.source AND st.loader = ms.loader
         WHERE st.first_day IS NOT NULL),
    base AS MATERIALIZED (
        SELECT f.brand, f.day,
               coalesce((SELECT m.value FROM momentum_state.metric_daily m
                          WHERE NOT from_facts AND m.brand = f.brand AND m.metric = 'subscribers_active'
                            AND m.channel = 'shop' AND m.day = f.day - 1),
                        (SELECT count(*)
                           FROM feed e JOIN hub.subscriptions t ON t.brand = e.brand AND t.source = e.source
                          WHERE e.brand = f.brand AND e.first_day < f.day AND t.created_day < f.day
                            AND (t.ended_day >= f.day) IS NOT FALSE)) AS running
          FROM first f),
    step AS (
        SELECT d.brand, d.day, 0 AS step, true AS wanted
          FROM pg_temp.momentum_day d WHERE d.metric = 'subscribers_active'
         UNION ALL
        SELECT t.brand, greatest(t.created_day, e.first_day), 1, false
          FROM feed e JOIN hub.subscriptions t ON t.brand = e.brand AND t.source = e.source AND t.created_day BETWEEN e.since AND e.last
         UNION ALL
        SELECT t.brand, greatest(t.ended_day, t.created_day, e.first_day), -1, false
          FROM feed e JOIN hub.subscriptions t ON t.brand = e.brand AND t.source = e.source AND t.ended_day BETWEEN e.since AND e.last
         WHERE t.created_day IS NOT NULL
         UNION ALL
        SELECT t.brand, greatest(t.created_day, e.first_day), -1, false      -- ended, as it says, before it began
          FROM feed e JOIN hub.subscriptions t ON t.brand = e.brand AND t.source = e.source AND t.created_day BETWEEN e.since AND e.last
         WHERE t.ended_day < e.since)
    SELECT x.brand, 'subscribers_active', x.day, 'shop', b.running + x.steps
      FROM (SELECT e.brand, e.day, bool_or(e.wanted) AS wanted,
                   sum(sum(e.step)) OVER (PARTITION BY e.brand ORDER BY e.day) AS steps
              FROM step e GROUP BY e.brand, e.day) x
      JOIN base b ON b.brand = x.brand
     WHERE x.wanted;

    INSERT INTO pg_temp.momentum_value
    SELECT t.brand, d.metric, t.ended_day, 'shop', count(*)
      FROM pg_temp.momentum_day d JOIN hub.subscriptions t ON t.brand = d.brand AND t.ended_day = d.day
     WHERE d.metric = 'subscribers_lost'
     GROUP BY t.brand, d.metric, t.ended_day;
END
$$;
COMMENT ON FUNCTION momentum._compute_subscriber_metrics(boolean) IS 'Metrics of subscriptions for the days wanted.';
REVOKE ALL ON FUNCTION momentum._compute_subscriber_metrics(boolean) FROM PUBLIC;

CREATE FUNCTION momentum._compute_marketing_metrics() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    AS $$
BEGIN
    WITH wanted AS MATERIALIZED (
        SELECT DISTINCT d.brand, d.day, b.currency
          FROM pg_temp.momentum_day d JOIN momentum_state.brand b ON b.brand = d.brand
         WHERE d.metric IN ('ad_spend', 'impressions', 'clicks', 'ad_purchases', 'ad_purchase_value')),
    fact AS (
        SELECT t.brand, t.day, t.platform,
               sum(t.spend) FILTER (WHERE coalesce(t.currency, w.currency) = w.currency) AS spend,
               sum(t.impressions) AS impressions, sum(t.clicks) AS clicks, sum(t.purchases) AS purchases,
               sum(t.purchase_value) FILTER (WHERE coalesce(t.currency, w.currency) = w.currency) AS purchase_value
          FROM wanted w
          JOIN hub.ad_performance_daily t ON t.brand = w.brand AND t.level = 'account' AND t.day = w.day
         WHERE NOT EXISTS (SELECT FROM hub.ad_performance_daily o      -- the same account, by another server
                            WHERE o.brand = t.brand AND o.level = t.level AND o.day = t.day AND o.platform = t.platform
                              AND o.account_id = t.account_id AND o.source < t.source)
         GROUP BY t.brand, t.day, t.platform)
    INSERT INTO pg_temp.momentum_value
    SELECT f.brand, m.metric, f.day, f.platform, m.value
      FROM fact f,
           LATERAL (VALUES ('ad_spend', f.spend), ('impressions', f.impressions), ('clicks', f.clicks),
                           ('ad_purchases', f.purchases), ('ad_purchase_value', f.purchase_value)) AS m (metric, value)
     WHERE m.value IS NOT NULL;

    -- Mail names no currency: its money is that of its account.
    INSERT INTO pg_temp.momentum_value
    SELECT t.brand, d.metric, t.day, t.channel,
           sum(coalesce(CASE WHEN d.metric IN ('email_revenue', 'campaign_revenue', 'flow_revenue')
                             THEN CASE WHEN coalesce(c.currency, b.currency) = b.currency THEN t.revenue END
                             WHEN d.metric = 'email_sends' THEN t.recipients
                             WHEN d.metric = 'email_opens' THEN t.opens_unique
                             WHEN d.metric = 'email_clicks' THEN t.clicks_unique
                             ELSE t.events END, 0))
      FROM pg_temp.momentum_day d
      JOIN (VALUES ('email_revenue', 'attributed'), ('campaign_revenue', 'campaign'), ('flow_revenue', 'flow'),
                   ('email_sends', 'campaign'), ('email_sends', 'flow'), ('email_opens', 'campaign'),
                   ('email_opens', 'flow'), ('email_clicks', 'campaign'), ('email_clicks', 'flow'),
                   ('list_joins', 'list_joins'), ('list_leaves', 'list_leaves')) AS k (metric, kind)
        ON k.metric = d.metric
      JOIN hub.email_daily t ON t.brand = d.brand AND t.kind = k.kind AND t.day = d.day
      JOIN momentum_state.brand b ON b.brand = t.brand
      JOIN momentum_state.source c ON c.brand = t.brand AND c.source = t.source
     GROUP BY t.brand, d.metric, t.day, t.channel;
END
$$;
COMMENT ON FUNCTION momentum._compute_marketing_metrics() IS 'Metrics of ads and mail for the days wanted.';
REVOKE ALL ON FUNCTION momentum._compute_marketing_metrics() FROM PUBLIC;

-- Net of returns: a store that took back all it sold is no door.  What is not
-- known is absent: sales of a day of which some row tells no amount, and doors
-- of the first four weeks, of each data set, for which nobody tells what was
-- sold before.
CREATE FUNCTION momentum._compute_retail_metrics() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    AS $$
BEGIN
    DELETE FROM pg_temp.momentum_day d
     WHERE d.metric = 'retail_dollars'
       AND EXISTS (SELECT FROM hub.retail_sales t
                    WHERE t.brand = d.brand AND t.day = d.day AND t.price_basis = 'retail'
                      AND t.units <> 0 AND t.dollars IS NULL);
    DELETE FROM pg_temp.momentum_day d
     USING (SELECT x.brand, (SELECT min(t.day) FROM hub.retail_sales t WHERE t.brand = x.brand) AS day
              FROM pg_temp.momentum_day x
             WHERE x.metric IN ('retail_doors', 'retail_points')
             GROUP BY x.brand) f
     WHERE d.metric IN ('retail_doors', 'retail_points') AND d.brand = f.brand AND d.day < f.day + 27;
    DELETE FROM pg_temp.momentum_day d
     USING (SELECT t.brand, min(t.first_day) AS day FROM hub.retail_doors t GROUP BY t.brand, t.source, t.dataset) f
     WHERE d.metric IN ('retail_doors', 'retail_points') AND d.brand = f.brand AND d.day >= f.day AND d.day < f.day + 27;

    INSERT INTO pg_temp.momentum_value
    SELECT t.brand, d.metric, t.day, t.retailer,
           sum(coalesce(CASE d.metric WHEN 'retail_units' THEN t.units
                                      ELSE CASE WHEN t.price_basis = 'retail' THEN t.dollars END END, 0))
      FROM pg_temp.momentum_day d JOIN hub.retail_sales t ON t.brand = d.brand AND t.day = d.day
     WHERE d.metric IN ('retail_units', 'retail_dollars')
     GROUP BY t.brand, d.metric, t.day, t.retailer;

    -- Units come in on their day and go out 28 days later: what a store (with a
    -- product) has then is its sum of the trailing days, and where that turns
    -- positive, or no longer is, the count moves by one.
    INSERT INTO pg_temp.momentum_value
    WITH span AS MATERIALIZED (
        SELECT d.brand, d.metric, min(d.day) AS first, max(d.day) AS last
          FROM pg_temp.momentum_day d WHERE d.metric IN ('retail_doors', 'retail_points') GROUP BY d.brand, d.metric),
    step AS (
        SELECT p.brand, p.metric, t.source, t.dataset, t.retailer, t.store_id,
               CASE p.metric WHEN 'retail_points' THEN t.product_id END AS product_id, e.day, sum(e.units) AS units
          FROM span p
          JOIN hub.retail_sales t ON t.brand = p.brand AND t.day > p.first - 28 AND t.day <= p.last,
               LATERAL (VALUES (t.day, t.units), (t.day + 28, -t.units)) AS e (day, units)
         WHERE t.store_id <> '' AND t.units <> 0 AND (p.metric = 'retail_doors' OR t.product_id <> '')
         GROUP BY p.brand, p.metric, t.source, t.dataset, t.retailer, t.store_id, 7, e.day),
    held AS (
        SELECT s.*, sum(s.units) OVER w > 0 AS sells, sum(s.units) OVER w - s.units > 0 AS sold
          FROM step s
        WINDOW w AS (PARTITION BY s.brand, s.metric, s.source, s.dataset, s.retailer, s.store_id, s.product_id ORDER BY s.day)),
    turn AS (
        SELECT h.brand, h.metric, h.retailer, h.day, h.sells::integer - h.sold::integer AS turn, false AS wanted
          FROM held h WHERE h.sells <> h.sold
         UNION ALL
        SELECT d.brand, d.metric, r.retailer, d.day, 0, true
          FROM pg_temp.momentum_day d
          JOIN (SELECT h.brand, h.metric, h.retailer, min(h.day) AS first FROM held h GROUP BY h.brand, h.metric, h.retailer) r
            ON r.brand = d.brand AND r.metric = d.metric AND r.first <= d.day)
    SELECT c.brand, c.metric, c.day, c.retailer, c.doors
      FROM (SELECT t.brand, t.metric, t.day, t.retailer, bool_or(t.wanted) AS wanted,
                   sum(sum(t.turn)) OVER (PARTITION BY t.brand, t.metric, t.retailer ORDER BY t.day) AS doors
              FROM turn t GROUP BY t.brand, t.metric, t.day, t.retailer) c
     WHERE c.wanted;
END
$$;
COMMENT ON FUNCTION momentum._compute_retail_metrics() IS 'Metrics of retail sales for the days wanted.';
REVOKE ALL ON FUNCTION momentum._compute_retail_metrics() FROM PUBLIC;

-- Known channels without facts get their zero, unless it is money of an account
-- in another currency: that is not known.
CREATE FUNCTION momentum._add_zeros() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    SET enable_nestloop = off                      -- fifteen years of zeros, looked for one by one, take minutes
    AS $$
BEGIN
    INSERT INTO pg_temp.momentum_value
    SELECT k.brand, k.metric, k.day, k.channel, 0
      FROM (SELECT DISTINCT d.brand, d.metric, d.day, k.channel
              FROM pg_temp.momentum_day d
              JOIN momentum_state.metric_stream ms ON ms.metric = d.metric
              JOIN momentum_state.source c ON c.brand = d.brand AND c.service = ms.service
              JOIN momentum_state.stream st ON st.brand = c.brand AND st.source = c.source AND st.loader = ms.loader
              JOIN momentum_state.channel k ON k.brand = st.brand AND k.source = st.source AND k.stream = st.stream
              JOIN momentum_state.brand b ON b.brand = d.brand
              JOIN momentum_state.metric m ON m.metric = d.metric
             WHERE k.first_day <= d.day
               AND (m.unit <> 'money' AND ms.loader <> 'orders' OR coalesce(c.currency, b.currency) = b.currency)) k
      LEFT JOIN pg_temp.momentum_value v
        ON v.brand = k.brand AND v.metric = k.metric AND v.day = k.day AND v.channel = k.channel
     WHERE v.brand IS NULL;
    ANALYZE pg_temp.momentum_value;
END
$$;
COMMENT ON FUNCTION momentum._add_zeros() IS 'Completes the values computed with the zeros of channels that are known.';
REVOKE ALL ON FUNCTION momentum._add_zeros() FROM PUBLIC;

-- Rows that stay the same are not written; what was not computed for a day
-- that changed is gone.
CREATE FUNCTION momentum._store_metrics() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    SET join_collapse_limit = 1
    AS $$
DECLARE
    written bigint;
    removed bigint;
BEGIN
    INSERT INTO momentum_state.metric_daily AS t (brand, metric, day, channel, value, provisional)
    SELECT d.brand, d.metric, d.day, v.channel, coalesce(v.value, 0), d.provisional
      FROM pg_temp.momentum_day d
      JOIN pg_temp.momentum_value v ON v.brand = d.brand AND v.metric = d.metric AND v.day = d.day
    ON CONFLICT (brand, metric, day, channel) DO UPDATE
       SET value = excluded.value, provisional = excluded.provisional,
           previous_value = CASE WHEN t.value <> excluded.value THEN t.value ELSE t.previous_value END,
           restated_at = CASE WHEN t.value <> excluded.value THEN now() ELSE t.restated_at END
     WHERE t.value <> excluded.value OR t.provisional <> excluded.provisional;
    GET DIAGNOSTICS written = ROW_COUNT;

    -- A difference of sets, not NOT EXISTS: that one is planned as a nested loop
    -- when days, metrics and brands are taken for independent of each other, and
    -- then takes minutes where all days of years changed.
    WITH gone AS MATERIALIZED (
        SELECT t.brand, t.metric, t.day, t.channel
          FROM pg_temp.momentum_changed g
          JOIN momentum_state.metric_daily t ON t.brand = g.brand AND t.metric = g.metric AND t.day = g.day
        EXCEPT
        SELECT d.brand, d.metric, d.day, v.channel
          FROM pg_temp.momentum_day d
          JOIN pg_temp.momentum_value v ON v.brand = d.brand AND v.metric = d.metric AND v.day = d.day)
    DELETE FROM momentum_state.metric_daily t
     USING gone x
     WHERE t.brand = x.brand AND t.metric = x.metric AND t.day = x.day AND t.channel = x.channel;
    GET DIAGNOSTICS removed = ROW_COUNT;
    PERFORM momentum._analyze_grown('momentum_state.metric_daily');
    RETURN written + removed;
END
$$;
COMMENT ON FUNCTION momentum._store_metrics() IS 'Brings metric_daily in line with what was computed; returns the number of rows written or removed.';
REVOKE ALL ON FUNCTION momentum._store_metrics() FROM PUBLIC;

CREATE FUNCTION momentum._compute_metrics(from_facts boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM momentum._find_complete_days();
    PERFORM momentum._compute_shop_metrics();
    PERFORM momentum._compute_subscriber_metrics(from_facts);
    PERFORM momentum._compute_marketing_metrics();
    IF EXISTS (SELECT FROM pg_temp.momentum_day d WHERE d.metric LIKE 'retail%') THEN
        PERFORM momentum._compute_retail_metrics();
    END IF;
    PERFORM momentum._compute_cost_metrics();
    PERFORM momentum._compute_goods_metrics();
    PERFORM momentum._add_zeros();
    -- A cost that is not known in one channel is not known for the day.  More
    -- than metric_daily holds is an error of the service: not known either.
    DELETE FROM pg_temp.momentum_day d
     USING pg_temp.momentum_value v
     WHERE v.brand = d.brand AND v.metric = d.metric AND v.day = d.day
       AND (abs(v.value) >= 1e13
            OR v.value IS NULL AND v.metric IN ('cogs', 'shipping_cost', 'payment_fees', 'variable_costs'));
END
$$;
COMMENT ON FUNCTION momentum._compute_metrics(boolean) IS 'Computes, aside, the metrics of the days that changed; on request from facts alone, with no trust in values stored.';
REVOKE ALL ON FUNCTION momentum._compute_metrics(boolean) FROM PUBLIC;

-- One at a time: of two, the one that read the older facts could write last.
-- refresh() tries for the same lock before it calls.
CREATE FUNCTION momentum._lock_metrics() RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7240, 1);
END
$$;
COMMENT ON FUNCTION momentum._lock_metrics() IS 'Waits until nobody else computes metrics, and keeps others from it until the end of the transaction.';
REVOKE ALL ON FUNCTION momentum._lock_metrics() FROM PUBLIC;

CREATE FUNCTION momentum.recompute() RETURNS bigint
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    written bigint := 0;
BEGIN
    PERFORM momentum._lock_metrics();
    PERFORM momentum._stage_metrics();
    IF momentum._take_changed_days() = 0 THEN
        RETURN 0;
    END IF;
    IF EXISTS (SELECT FROM pg_temp.momentum_changed) THEN
        PERFORM momentum._compute_product_sales(), momentum._store_product_sales();
        PERFORM momentum._compute_metrics();
        written := momentum._store_metrics();
    END IF;
    IF to_regprocedure('momentum._refresh_matviews()') IS NOT NULL THEN
        PERFORM momentum._refresh_matviews();
    END IF;
    RETURN written;
END
$$;
COMMENT ON FUNCTION momentum.recompute() IS
    'Computes metric_daily for the days that changed and refreshes the materialized views, in one transaction. Returns the number of daily values that changed.';
REVOKE ALL ON FUNCTION momentum.recompute() FROM PUBLIC;
