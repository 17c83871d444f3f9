-- Why the numbers of the business changed: exact splits between two windows of
-- equal length in whole weeks.
--
-- A window ends on the newest day that is complete in everything its tree
-- needs.  A day counts only if the same day of the other window is known as
-- well, so that both have the same days of the week and a day that is missing
-- changes nothing; with too few such days there is no split.  On a day that
-- counts, a channel without a row did not exist: it sold nothing.
--
-- A tree is a sum of products, one for each channel, each written as a chain
-- of amounts: sessions, orders, sales is sessions times orders per session
-- times sales per order.  A ratio that one side does not define (orders per
-- session of no sessions) counts as unchanged: what appears or vanishes does
-- so by its volume.  Where the chain breaks (orders without sessions) a
-- shorter one stands in.  Tried in order of place, the first that holds is taken.
--
-- It is handed the facts and reads no table: momentum_state.change_split hands
-- it those of the newest windows, change_between() those of any other two.
CREATE TYPE momentum._change_part AS (
    tree text,
    channel text,
    factor text,
    newest date,
    days integer,
    pairs bigint,
    total0 double precision,
    total1 double precision,
    contribution double precision,
    method text,
    value0 double precision,
    value1 double precision,
    rank bigint
);
COMMENT ON TYPE momentum._change_part IS 'What one factor of one channel did to a tree between two windows; the contributions of a tree add up to total1 - total0.';

-- In SQL, for a refresh runs it once in its session: PL/pgSQL reads it twice.
CREATE FUNCTION momentum._change_split(
    last_day date,
    slack integer,
    of_days integer,
    metrics text[],
    channels text[],
    fact_days date[],
    amounts numeric[]
) RETURNS SETOF momentum._change_part
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 30
    SET search_path = pg_catalog, pg_temp
    AS $$
    WITH fact AS MATERIALIZED (
        SELECT f.metric, f.channel, f.day, f.value FROM unnest(metrics, channels, fact_days, amounts) f (metric, channel, day, value)
    ), known AS (
        SELECT f.day, array_agg(DISTINCT f.metric) AS metrics FROM fact f GROUP BY f.day
    ), rung AS (    -- what a tree can stand on, best first
        SELECT * FROM (VALUES
            ('net_revenue', 1, ARRAY['net_revenue', 'orders', 'gross_sales', 'discounts', 'sessions']),
            ('net_revenue', 2, ARRAY['net_revenue', 'orders', 'gross_sales', 'discounts']),
            ('net_revenue', 3, ARRAY['net_revenue', 'orders', 'sessions']),
            ('net_revenue', 4, ARRAY['net_revenue', 'orders']),
            ('net_revenue', 5, ARRAY['net_revenue']),
            ('cac', 1, ARRAY['ad_spend', 'new_customers', 'impressions', 'clicks']),
            ('cac', 2, ARRAY['ad_spend', 'new_customers']),
            ('conversion_rate', 1, ARRAY['orders', 'sessions']),
            ('retail_dollars', 1, ARRAY['retail_dollars', 'retail_units', 'retail_doors']),
            ('retail_dollars', 2, ARRAY['retail_dollars', 'retail_units']),
            ('retail_velocity', 1, ARRAY['retail_units', 'retail_doors']),
            ('market_revenue', 1, ARRAY['market_revenue', 'market_units', 'market_sessions']),
            ('market_revenue', 2, ARRAY['market_revenue', 'market_units']),
            ('market_revenue', 3, ARRAY['market_revenue'])) v (tree, rung, metrics)
    ), complete AS (
        SELECT r.tree, r.rung, r.metrics, k.day, CASE WHEN slack = 0 THEN last_day ELSE max(k.day) OVER (PARTITION BY r.tree, r.rung) END AS newest,
               count(*) OVER (PARTITION BY r.tree, r.rung ORDER BY k.day - date '2000-01-01'
                              RANGE BETWEEN of_days PRECEDING AND of_days PRECEDING) AS days_before
          FROM known k
          JOIN rung r ON k.metrics @> r.metrics
    ), pair AS (
        SELECT c.tree, c.rung, c.metrics, c.newest, array_agg(c.day) AS days, max(c.day) AS last_pair, count(*) AS pairs
          FROM complete c
         WHERE c.day > c.newest - of_days AND c.newest >= last_day - slack AND c.days_before > 0
         GROUP BY c.tree, c.rung, c.metrics, c.newest
    ), base AS MATERIALIZED (    -- more detail may cost a quarter of the days, and three days at the end
        SELECT DISTINCT ON (g.tree) g.*, g.newest - of_days AS eve,     -- is_pair: by the day after the eve of the newer window
               ARRAY(SELECT g.newest - of_days + n = ANY (g.days) FROM generate_series(1, of_days) n ORDER BY n) AS is_pair
          FROM (SELECT p.*, 4 * p.pairs >= 3 * max(p.pairs) OVER w AND p.newest >= max(p.newest) OVER w - 3 AS holds
                  FROM pair p
                WINDOW w AS (PARTITION BY p.tree)) g
         WHERE CASE WHEN g.tree LIKE 'retail%' THEN 14 ELSE 4 END * g.pairs >= of_days      -- weekly data have one day a week
         ORDER BY g.tree, g.holds DESC, g.rung
    ), amount AS (      -- numeric sums: the same in whatever order; doors: the last count of a window
        SELECT f.tree, f.rung, f.metric, f.channel,
               sum(f.value) FILTER (WHERE f.before)::double precision AS v0, sum(f.value) FILTER (WHERE f.now)::double precision AS v1
          FROM (SELECT b.tree, b.rung, f.metric, f.channel, f.value, b.is_pair[f.day - b.eve] AS now, b.is_pair[f.day - b.eve + of_days] AS before
                  FROM base b
                  JOIN fact f ON f.metric = ANY (b.metrics)
                 WHERE f.metric <> 'retail_doors' OR f.day = b.last_pair OR f.day + of_days = b.last_pair) f
         WHERE f.now OR f.before
         GROUP BY f.tree, f.rung, f.metric, f.channel
    ), channel AS MATERIALIZED (    -- side by side; m: visits, orders, sales and so on of the tree
        SELECT a.tree, a.rung, a.channel,
               coalesce(max(a.v0) FILTER (WHERE a.metric IN ('sessions', 'market_sessions', 'clicks', 'retail_doors')), 0) AS visits0,
               coalesce(max(a.v1) FILTER (WHERE a.metric IN ('sessions', 'market_sessions', 'clicks', 'retail_doors')), 0) AS visits1,
               coalesce(max(a.v0) FILTER (WHERE a.metric IN ('orders', 'market_units', 'impressions', 'retail_units')), 0) AS orders0,
               coalesce(max(a.v1) FILTER (WHERE a.metric IN ('orders', 'market_units', 'impressions', 'retail_units')), 0) AS orders1,
               coalesce(max(a.v0) FILTER (WHERE a.metric IN ('net_revenue', 'market_revenue', 'ad_spend', 'retail_dollars')), 0) AS money0,
               coalesce(max(a.v1) FILTER (WHERE a.metric IN ('net_revenue', 'market_revenue', 'ad_spend', 'retail_dollars')), 0) AS money1,
               coalesce(max(a.v0) FILTER (WHERE a.metric = 'gross_sales'), 0)
               - coalesce(max(a.v0) FILTER (WHERE a.metric = 'discounts'), 0) AS gross0,
               coalesce(max(a.v1) FILTER (WHERE a.metric = 'gross_sales'), 0)
               - coalesce(max(a.v1) FILTER (WHERE a.metric = 'discounts'), 0) AS gross1,
               coalesce(max(a.v0) FILTER (WHERE a.metric = 'new_customers'), 0) AS new0,
               coalesce(max(a.v1) FILTER (WHERE a.metric = 'new_customers'), 0) AS new1
          FROM amount a
         GROUP BY a.tree, a.rung, a.channel
    ), whole AS MATERIALIZED (
        SELECT c.tree, c.rung, sum(c.visits0) AS visits0, sum(c.visits1) AS visits1,
               sum(c.orders0) AS orders0, sum(c.orders1) AS orders1, sum(c.money0) AS money0, sum(c.money1) AS money1,
               sum(c.new0) AS new0, sum(c.new1) AS new1,
               count(*) FILTER (WHERE c.money0 <> 0 OR c.money1 <> 0) AS channels
          FROM channel c
         GROUP BY c.tree, c.rung
    ), tree AS (    -- what is to be split, from the sums themselves
        SELECT w.tree, w.money0 AS total0, w.money1 AS total1
          FROM whole w
         WHERE w.tree IN ('net_revenue', 'retail_dollars', 'market_revenue')
        UNION ALL
        SELECT t.tree, w.money0 / w.new0, w.money1 / w.new1
          FROM whole w
         CROSS JOIN (VALUES ('cac'), ('cac_by_platform')) t (tree)
         WHERE w.tree = 'cac' AND w.new0 > 0 AND w.new1 > 0 AND (t.tree = 'cac' OR w.channels > 1)
        UNION ALL
        SELECT w.tree, w.orders0 / w.visits0, w.orders1 / w.visits1
          FROM whole w
         WHERE w.tree = 'conversion_rate' AND w.visits0 > 0 AND w.visits1 > 0
        UNION ALL
        SELECT w.tree, w.orders0 / w.visits0 / (of_days / 7.0), w.orders1 / w.visits1 / (of_days / 7.0)
          FROM whole w
         WHERE w.tree = 'retail_velocity' AND w.visits0 > 0 AND w.visits1 > 0
    ), chain AS (
        SELECT c.tree, c.channel, x.part, x.place, x.factor, x.x0, x.x1
          FROM (SELECT s.*, CASE WHEN s.tree = 'net_revenue' AND s.rung <= 2 THEN s.gross0 ELSE s.money0 END AS sales0,
                       CASE WHEN s.tree = 'net_revenue' AND s.rung <= 2 THEN s.gross1 ELSE s.money1 END AS sales1
                  FROM channel s WHERE s.tree IN ('net_revenue', 'retail_dollars', 'market_revenue')) c
         CROSS JOIN LATERAL (VALUES
            ('product', 1, CASE c.tree WHEN 'net_revenue' THEN ARRAY['sessions', 'conversion_rate', 'order_value']
                                       WHEN 'market_revenue' THEN ARRAY['sessions', 'units_per_session', 'unit_price']
                                       ELSE ARRAY['doors', 'velocity', 'unit_price'] END,
             ARRAY[c.visits0, c.orders0, c.sales0], ARRAY[c.visits1, c.orders1, c.sales1]),
            ('product', 2, CASE c.tree WHEN 'net_revenue' THEN ARRAY['orders', 'order_value'] ELSE ARRAY['units', 'unit_price'] END,
             ARRAY[c.orders0, c.sales0], ARRAY[c.orders1, c.sales1]),
            ('product', 3, ARRAY['sales'], ARRAY[c.sales0], ARRAY[c.sales1]),
            ('returns', 1, ARRAY['returns'], ARRAY[c.money0 - c.sales0], ARRAY[c.money1 - c.sales1])) x (part, place, factor, x0, x1)
        UNION ALL
        SELECT 'cac', '', 'product', x.place, x.factor, x.x0, x.x1
          FROM whole w
         CROSS JOIN LATERAL (VALUES
            (1, ARRAY['click_conversion', 'click_rate', 'cpm'],
             ARRAY[w.visits0 / w.new0, w.orders0 / w.new0, w.money0 / w.new0],
             ARRAY[w.visits1 / w.new1, w.orders1 / w.new1, w.money1 / w.new1]),
            (2, ARRAY['new_customers', 'ad_spend'], ARRAY[1 / w.new0, w.money0 / w.new0], ARRAY[1 / w.new1, w.money1 / w.new1])) x (place, factor, x0, x1)
         WHERE w.tree = 'cac' AND w.new0 > 0 AND w.new1 > 0
        UNION ALL
        SELECT 'cac_by_platform', c.channel, 'product', x.place, x.factor, x.x0, x.x1
          FROM channel c
          JOIN whole w ON w.tree = c.tree
         CROSS JOIN LATERAL (VALUES
            (1, ARRAY['click_conversion', 'share_of_clicks', 'click_rate', 'cpm'],
             ARRAY[w.visits0 / w.new0, c.visits0 / w.new0, c.orders0 / w.new0, c.money0 / w.new0],
             ARRAY[w.visits1 / w.new1, c.visits1 / w.new1, c.orders1 / w.new1, c.money1 / w.new1]),
            (2, ARRAY['spend_per_new_customer'], ARRAY[c.money0 / w.new0], ARRAY[c.money1 / w.new1])) x (place, factor, x0, x1)
         WHERE w.tree = 'cac' AND w.new0 > 0 AND w.new1 > 0 AND w.channels > 1
    ), taken AS (
        SELECT DISTINCT ON (c.tree, c.channel, c.part) c.*
          FROM chain c
         WHERE (c.x0[1] <> 0 OR c.x1[1] <> 0)
           AND (c.x0[array_upper(c.x0, 1)] <> 0 OR c.x1[array_upper(c.x1, 1)] <> 0)
           AND (c.x0[1] = 0 AND c.x0[2] <> 0 OR c.x0[2] = 0 AND c.x0[3] <> 0 OR c.x0[3] = 0 AND c.x0[4] <> 0
                OR c.x1[1] = 0 AND c.x1[2] <> 0 OR c.x1[2] = 0 AND c.x1[3] <> 0 OR c.x1[3] = 0 AND c.x1[4] <> 0) IS NOT TRUE
         ORDER BY c.tree, c.channel, c.part, c.place
    ), leaf AS (
        SELECT t.tree, t.channel, u.factor, u.r0, u.r1, u.contribution,
               CASE WHEN cardinality(t.factor) = 1 THEN 'difference' ELSE (p.c).method END AS method
          FROM taken t
         CROSS JOIN LATERAL (
            SELECT array_agg(q.r0 ORDER BY q.n) AS r0, array_agg(q.r1 ORDER BY q.n) AS r1,
                   array_agg(coalesce(q.r0, q.r1, 0) ORDER BY q.n) AS f0, array_agg(coalesce(q.r1, q.r0, 0) ORDER BY q.n) AS f1
              FROM (SELECT n, CASE WHEN n = 1 THEN t.x0[1] ELSE t.x0[n] / nullif(t.x0[n - 1], 0) END AS r0,
                           CASE WHEN n = 1 THEN t.x1[1] ELSE t.x1[n] / nullif(t.x1[n - 1], 0) END AS r1
                      FROM generate_subscripts(t.x0, 1) n) q) r
         CROSS JOIN LATERAL (SELECT momentum.product_change(r.f0, r.f1) AS c) p
         CROSS JOIN LATERAL unnest(t.factor, r.r0, r.r1, (p.c).parts) u (factor, r0, r1, contribution)
        UNION ALL       -- a rate over channels: what has nothing to divide by is a part of its own
        SELECT w.tree, s.channel[m.segment], v.factor, v.r0, v.r1, v.contribution, 'mix_rate'
          FROM whole w
         CROSS JOIN LATERAL (
            SELECT array_agg(c.channel ORDER BY c.channel) AS channel,
                   array_agg(c.visits0 / w.visits0 ORDER BY c.channel) AS s0, array_agg(c.visits1 / w.visits1 ORDER BY c.channel) AS s1,
                   array_agg(c.orders0 / nullif(c.visits0, 0) / k.weeks ORDER BY c.channel) AS r0,
                   array_agg(c.orders1 / nullif(c.visits1, 0) / k.weeks ORDER BY c.channel) AS r1
              FROM channel c
             CROSS JOIN (VALUES (CASE w.tree WHEN 'retail_velocity' THEN of_days / 7.0 ELSE 1 END::double precision)) k (weeks)
             WHERE c.tree = w.tree AND (c.visits0 > 0 OR c.visits1 > 0)) s
         CROSS JOIN LATERAL momentum.mix_rate(s.s0, s.r0, s.s1, s.r1) m
         CROSS JOIN LATERAL (VALUES
            (CASE w.tree WHEN 'retail_velocity' THEN 'share_of_doors' ELSE 'share_of_sessions' END,
             s.s0[m.segment], s.s1[m.segment], m.mix),
            (CASE w.tree WHEN 'retail_velocity' THEN 'velocity' ELSE 'conversion_rate' END,
             s.r0[m.segment], s.r1[m.segment], m.rate)) v (factor, r0, r1, contribution)
         WHERE w.tree IN ('conversion_rate', 'retail_velocity') AND w.visits0 > 0 AND w.visits1 > 0
           AND (cardinality(s.channel) > 1 OR v.factor NOT LIKE 'share%')
        UNION ALL
        SELECT w.tree, c.channel, CASE w.tree WHEN 'retail_velocity' THEN 'units_without_doors' ELSE 'orders_without_sessions' END,
               o.r0, o.r1, o.r1 - o.r0, 'difference'
          FROM whole w
          JOIN channel c ON c.tree = w.tree
         CROSS JOIN LATERAL (
            SELECT CASE WHEN c.visits0 > 0 THEN 0 ELSE c.orders0 END / w.visits0 / k.weeks AS r0,
                   CASE WHEN c.visits1 > 0 THEN 0 ELSE c.orders1 END / w.visits1 / k.weeks AS r1
              FROM (VALUES (CASE w.tree WHEN 'retail_velocity' THEN of_days / 7.0 ELSE 1 END::double precision)) k (weeks)) o
         WHERE w.tree IN ('conversion_rate', 'retail_velocity') AND w.visits0 > 0 AND w.visits1 > 0 AND (o.r0 <> 0 OR o.r1 <> 0)
    )
    SELECT x.tree, x.channel, x.factor, x.newest, of_days, x.pairs, x.total0, x.total1, x.contribution, x.method,
           CASE WHEN x.factor = 'cpm' THEN 1000 * x.r0
                WHEN x.factor IN ('click_rate', 'click_conversion', 'new_customers') THEN 1 / nullif(x.r0, 0)
                WHEN x.factor = 'velocity' AND x.tree = 'retail_dollars' THEN x.r0 / (of_days / 7.0)
                WHEN x.factor = 'returns' THEN -x.r0 ELSE x.r0 END,
           CASE WHEN x.factor = 'cpm' THEN 1000 * x.r1
                WHEN x.factor IN ('click_rate', 'click_conversion', 'new_customers') THEN 1 / nullif(x.r1, 0)
                WHEN x.factor = 'velocity' AND x.tree = 'retail_dollars' THEN x.r1 / (of_days / 7.0)
                WHEN x.factor = 'returns' THEN -x.r1 ELSE x.r1 END,
           row_number() OVER (PARTITION BY x.tree ORDER BY round(abs(x.contribution)::numeric, 9) DESC, x.channel, x.factor)
      FROM (SELECT t.tree, l.channel, l.factor, b.newest, b.pairs, t.total0, t.total1, l.contribution, l.method, l.r0, l.r1
              FROM tree t
              JOIN leaf l ON l.tree = t.tree
              JOIN base b ON b.tree = replace(t.tree, '_by_platform', '')) x
$$;
COMMENT ON FUNCTION momentum._change_split(date, integer, integer, text[], text[], date[], numeric[]) IS
    'The change of every tree between two windows of so many days, one after the other. The newer one ends on the newest day that its tree knows and that is at most so many days before last_day (slack); with a slack of 0 on last_day. The arrays are the facts, one element a day, metric and channel.';

CREATE FUNCTION momentum._change_told(parts momentum._change_part[], apart integer) RETURNS TABLE (
    tree text,
    tree_label text,
    tree_unit text,
    channel text,
    factor text,
    label text,
    unit text,
    newest date,
    days integer,
    pairs bigint,
    total0 double precision,
    total1 double precision,
    change double precision,
    contribution double precision,
    share double precision,
    method text,
    value0 double precision,
    value1 double precision,
    rank bigint,
    by_channel boolean,
    explanation text,
    summary text
)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 30
    SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH word AS (
        SELECT s.*, t.tree_label, t.tree_unit, f.label, f.unit,
               s.total1 - s.total0 AS change, count(*) OVER (PARTITION BY s.tree) AS leaves,
               max(s.channel) OVER (PARTITION BY s.tree) <> min(s.channel) OVER (PARTITION BY s.tree) AS by_channel
          FROM unnest(parts) s
          JOIN (VALUES ('net_revenue', 'net revenue', 'money'), ('cac', 'CAC', 'money'), ('cac_by_platform', 'CAC', 'money'),
                       ('conversion_rate', 'the conversion rate', 'share'), ('retail_dollars', 'retail sales', 'money'),
                       ('retail_velocity', 'retail velocity', 'units'), ('market_revenue', 'marketplace sales', 'money')) t (tree, tree_label, tree_unit)
            ON t.tree = s.tree
          JOIN (VALUES ('sessions', 'sessions', 'count'), ('conversion_rate', 'conversion rate', 'share'),
                       ('order_value', 'order value', 'money'), ('orders', 'orders', 'count'), ('sales', 'sales', 'money'),
                       ('returns', 'returns', 'money'), ('units_per_session', 'units per session', 'ratio'),
                       ('unit_price', 'price of a unit', 'money'), ('units', 'units', 'count'), ('doors', 'doors', 'count'),
                       ('velocity', 'units per store and week', 'units'), ('cpm', 'CPM', 'money'), ('click_rate', 'click rate', 'share'),
                       ('click_conversion', 'conversion of clicks', 'share'), ('share_of_clicks', 'share of clicks', 'share'),
                       ('new_customers', 'new customers', 'count'), ('ad_spend', 'ad spend', 'money'),
                       ('spend_per_new_customer', 'spend per new customer', 'money'), ('share_of_sessions', 'share of sessions', 'share'),
                       ('orders_without_sessions', 'orders without sessions, per session', 'share'),
                       ('share_of_doors', 'share of doors', 'share'),
                       ('units_without_doors', 'units without doors, per store and week', 'units')) f (factor, label, unit)
            ON f.factor = s.factor
    ), shown AS (
        SELECT w.*, momentum._split_figure(w.value0, w.unit) AS value_before, momentum._split_figure(w.value1, w.unit) AS value_now,
               momentum._split_figure(w.contribution, w.tree_unit, true) AS part,
               momentum._split_figure(w.total0, w.tree_unit) AS total_before, momentum._split_figure(w.total1, w.tree_unit) AS total_now,
               CASE WHEN w.by_channel AND w.channel <> '' THEN w.channel || ' ' ELSE '' END || w.label AS item
          FROM word w
    )
    SELECT s.tree, s.tree_label, s.tree_unit, s.channel, s.factor, s.label, s.unit, s.newest, s.days, s.pairs,
           s.total0, s.total1, s.change, s.contribution,
           CASE WHEN abs(s.change) > 1e-9 * greatest(abs(s.total0), abs(s.total1)) THEN s.contribution / s.change END AS share, s.method, s.value0, s.value1,
           s.rank, s.by_channel,
           CASE WHEN s.by_channel AND s.channel <> '' THEN s.channel || ': ' || s.label ELSE upper(left(s.label, 1)) || substr(s.label, 2) END
           || CASE WHEN s.value0 IS NULL AND s.value1 IS NULL THEN ' is not defined'
                   WHEN s.value0 IS NULL THEN ' is new at ' || s.value_now
                   WHEN s.value1 IS NULL THEN ' is gone, from ' || s.value_before
                   WHEN s.value_before = s.value_now THEN ' stayed at ' || s.value_now
                   ELSE CASE WHEN s.value1 > s.value0 THEN ' rose' ELSE ' fell' END || ' from ' || s.value_before || ' to ' || s.value_now END
           || CASE WHEN s.part ~ '[1-9]'
                   THEN ', which ' || CASE WHEN s.contribution > 0 THEN 'added ' ELSE 'took ' END || substr(s.part, 2)
                        || CASE WHEN s.contribution > 0 THEN ' to ' ELSE ' from ' END || s.tree_label
                   ELSE '; ' || s.tree_label || ' did not move by it' END || '.' AS explanation,
           upper(left(s.tree_label, 1)) || substr(s.tree_label, 2)
           || CASE WHEN s.total_before = s.total_now THEN ' stayed at ' || s.total_now
                   ELSE CASE WHEN s.change > 0 THEN ' rose' ELSE ' fell' END || ' by '
                        || substr(momentum._split_figure(s.change, s.tree_unit, true), 2)
                        || ' from ' || s.total_before || ' to ' || s.total_now END
           || ' (' || s.days || ' days to ' || s.newest || ' against the ' || s.days
           || CASE WHEN apart = s.days THEN ' before' ELSE ' to ' || s.newest - apart END || '): '
           || string_agg(s.item || ' ' || s.part, ', ') FILTER (WHERE s.rank <= 4) OVER whole
           || coalesce(', the rest ' || momentum._split_figure(sum(s.contribution) FILTER (WHERE s.rank > 4) OVER whole, s.tree_unit, true), '')
           || '.' AS summary
      FROM shown s
    WINDOW whole AS (PARTITION BY s.tree ORDER BY s.rank ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);
END
$$;
COMMENT ON FUNCTION momentum._change_told(momentum._change_part[], integer) IS
    'The parts of a brand with their words: a sentence for each part (explanation) and one for each tree (summary). The windows of a tree end so many days apart.';
