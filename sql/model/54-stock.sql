-- What hub.product_stock is made from.

-- The complete days that sales are known for.  They end where the orders of
-- the slowest shop do: what is not yet read is not zero.  The fence has the
-- day computed once per brand, not once per row that is compared with it.
CREATE OR REPLACE VIEW momentum_state.stock_window AS
SELECT b.brand, b.currency, b.time_zone, f.today, f.first_day, f.through
  FROM momentum_state.brand b
 CROSS JOIN LATERAL (
    SELECT d.today, min(st.first_day) AS first_day,
           CASE WHEN count(st.brand) = 0 THEN d.today - 1
                WHEN count(st.complete_through) = count(st.brand) THEN least(d.today - 1, min(st.complete_through)) END AS through
      FROM (SELECT (now() AT TIME ZONE b.time_zone)::date AS today) d
      LEFT JOIN momentum_state.stream st ON st.brand = b.brand AND st.loader = 'orders'
     GROUP BY d.today OFFSET 0) f;
COMMENT ON VIEW momentum_state.stock_window IS 'Per brand: today, and the last day whose sales are complete; NULL: not known yet.';

-- The ranges are those of momentum._setting_range(), which has more regular
-- expressions than a session remembers.
CREATE OR REPLACE VIEW momentum_state.stock_config AS
SELECT b.brand, v.pace_days, v.review_days
  FROM momentum_state.brand b
 CROSS JOIN LATERAL (
    SELECT CASE WHEN max(s.value) FILTER (WHERE s.key = 'stock.pace_days') <= 7 THEN 7
                WHEN max(s.value) FILTER (WHERE s.key = 'stock.pace_days') <= 30 THEN 30 ELSE 90 END AS pace_days,
           max(s.value) FILTER (WHERE s.key = 'stock.review_days')::integer AS review_days
      FROM (SELECT DISTINCT ON (e.key) e.key, e.value::numeric AS value
              FROM momentum_state.setting e
             WHERE e.key IN ('stock.pace_days', 'stock.review_days') AND e.brand IN (b.brand, '')
               AND CASE WHEN e.value ~ '^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?\s*$'
                        THEN e.value::numeric BETWEEN CASE e.key WHEN 'stock.pace_days' THEN 7 ELSE 0 END
                                                  AND CASE e.key WHEN 'stock.pace_days' THEN 90 ELSE 365 END
                        ELSE false END
             ORDER BY e.key, e.brand DESC) s OFFSET 0) v;
COMMENT ON VIEW momentum_state.stock_config IS 'The settings of reordering, one row per brand, defaults filled in.';

-- Stock of a variant: by place where the shop tells it, else as counted by
-- hand, else the one figure that the shop tells with the variant.
CREATE OR REPLACE VIEW momentum_state.variant_stock AS
SELECT v.brand, v.source, v.variant_id, v.product_key,
       coalesce(v.tracked, coalesce(i.available, i.on_hand, v.current_stock, v.inventory_quantity) IS NOT NULL) AS is_tracked,
       CASE WHEN i.brand IS NOT NULL THEN coalesce(i.available, i.on_hand - coalesce(i.committed, 0))
            ELSE coalesce(v.current_stock - coalesce(v.stock_committed, 0), v.inventory_quantity) END AS available,
       CASE WHEN i.brand IS NOT NULL THEN coalesce(i.on_hand, i.available + coalesce(i.committed, 0))
            ELSE coalesce(v.current_stock, v.inventory_quantity + v.stock_committed, v.inventory_quantity) END AS on_hand,
       CASE WHEN i.brand IS NOT NULL THEN i.committed ELSE v.stock_committed END AS committed,
       i.incoming
  FROM hub.product_variants v
  LEFT JOIN (SELECT l.brand, l.source, l.inventory_item_id, sum(l.available)::bigint AS available,
                    sum(l.on_hand)::bigint AS on_hand, sum(l.committed)::bigint AS committed, sum(l.incoming)::bigint AS incoming
               FROM hub.inventory_levels l
              WHERE l.is_active IS NOT FALSE
              GROUP BY l.brand, l.source, l.inventory_item_id) i
    ON i.brand = v.brand AND i.source = v.source AND i.inventory_item_id = v.inventory_item_id;
COMMENT ON VIEW momentum_state.variant_stock IS 'Stock per variant, all active places together.';

-- A product was out on a day when a reading says so and nothing was sold.
CREATE OR REPLACE VIEW momentum_state.product_out AS
SELECT t.brand, t.product_key, array_agg(t.day) AS days
  FROM momentum_state.stock_window w
  JOIN hub.stock_daily t ON t.brand = w.brand AND t.was_out AND t.day > w.through - 90 AND t.day <= w.through
 WHERE NOT EXISTS (SELECT FROM hub.product_sales_daily d
                    WHERE d.brand = t.brand AND d.product_key = t.product_key AND d.day = t.day AND d.units > 0)
 GROUP BY t.brand, t.product_key;
COMMENT ON VIEW momentum_state.product_out IS 'Days per product out of the last 90 complete ones on which it could not be had.';
