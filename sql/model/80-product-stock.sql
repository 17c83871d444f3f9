-- Stock, how long it lasts, and what to order.  One row per product: two
-- variants of one SKU, in one shop or in two, are one product, since they are
-- reordered as one.  Name and prices are those of an active one, of the shop
-- that comes first by name.
CREATE OR REPLACE VIEW hub.product_stock WITH (security_barrier) AS
SELECT v.brand, v.source, v.product_key, v.product_id, v.variant_id, v.sku, v.product_name,
       coalesce(e.category, c.category,
                (SELECT q.category FROM hub.product_category_patterns q      -- of those alone whose type tells nothing
                  WHERE q.brand IN (v.brand, '') AND v.product_name ~* q.pattern
                  ORDER BY q.brand DESC, q.priority, q.pattern LIMIT 1)) AS category,
       v.product_type, v.status, n.active, w.currency,
       k.cost_price::numeric(18,2) AS cost_price, v.retail_price::numeric(18,2) AS retail_price, v.compare_price::numeric(18,2) AS compare_price,
       CASE WHEN v.retail_price > 0 AND k.cost_price < 900 * v.retail_price
            THEN 1 - k.cost_price / v.retail_price END::numeric(9,6) AS gross_margin_pct,
       t.is_tracked, t.current_stock::bigint AS current_stock, t.stock_committed::bigint AS stock_committed,
       t.available_stock::bigint AS available_stock, t.incoming::bigint AS incoming,
       e.reorder_point::bigint AS reorder_point, e.reorder_quantity::bigint AS reorder_quantity,
       n.lead_time_days::bigint AS lead_time_days, e.primary_supplier, u.supplier_name,
       CASE WHEN abs(n.pace_7d) < 1e11 THEN n.pace_7d END::numeric(18,6) AS avg_daily_sales_7d,
       CASE WHEN abs(n.pace_30d) < 1e11 THEN n.pace_30d END::numeric(18,6) AS avg_daily_sales_30d,
       CASE WHEN abs(n.pace_90d) < 1e11 THEN n.pace_90d END::numeric(18,6) AS avg_daily_sales_90d,
       nullif(n.days_out_30d, 0)::bigint AS days_out_of_stock_30d,
       CASE WHEN n.days_of_stock < 1e10 THEN n.days_of_stock END::numeric(12,1) AS days_of_stock,
       CASE WHEN NOT t.is_tracked THEN 'Not Tracked'
            WHEN t.available_stock <= 0 THEN 'Out of Stock'
            WHEN n.reorder_alert OR t.available_stock <= e.reorder_point THEN 'Low Stock'
            WHEN t.available_stock > 0 THEN 'In Stock' END AS stock_status,
       n.reorder_alert,
       CASE WHEN n.position IS NULL OR n.need >= 1e18 THEN NULL
            WHEN n.position <= e.reorder_point OR n.need > 0
            THEN nullif(greatest(n.need, e.reorder_quantity, u.minimum_order_quantity), 0)
            WHEN n.need IS NOT NULL THEN 0 END::bigint AS suggested_order_quantity,
       CASE WHEN n.position <= e.reorder_point OR n.position <= n.pace * n.lead_time_days THEN w.today
            WHEN n.wait <= 3650 THEN w.today + greatest(floor(n.wait), 0)::integer END AS suggested_order_date,
       CASE WHEN abs(t.available_stock * k.cost_price) < 1e15
            THEN greatest(t.available_stock, 0) * k.cost_price END::numeric(18,2) AS stock_cost,
       v.variants, w.through AS as_of
  FROM (SELECT DISTINCT ON (x.brand, x.product_key)
               x.brand, x.product_key, x.source, x.variant_id, x.product_id, nullif(btrim(x.sku), '') AS sku,
               coalesce(x.display_name, p.title, x.title) AS product_name, p.product_type, upper(p.status) AS status,
               x.price AS retail_price, x.compare_at_price AS compare_price,
               min(x.created_at) OVER of_key AS created_at, count(*) OVER of_key AS variants
          FROM hub.product_variants x
          LEFT JOIN hub.products p ON p.brand = x.brand AND p.source = x.source AND p.product_id = x.product_id
        WINDOW of_key AS (PARTITION BY x.brand, x.product_key      -- in the order below: one sort for both
                          ORDER BY coalesce(upper(p.status) = 'ACTIVE', x.product_id IS NULL) DESC, x.source, x.variant_id
                          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
         ORDER BY x.brand, x.product_key, coalesce(upper(p.status) = 'ACTIVE', x.product_id IS NULL) DESC, x.source, x.variant_id) v
  JOIN momentum_state.stock_window w ON w.brand = v.brand
  JOIN momentum_state.stock_config g ON g.brand = v.brand
  LEFT JOIN hub.product_settings e ON e.brand = v.brand AND e.product_key = v.product_key
  LEFT JOIN hub.suppliers u ON u.brand = e.brand AND u.supplier_id = e.primary_supplier
  LEFT JOIN (      -- by type, of which there are few
    SELECT y.brand, y.product_type,
           (SELECT q.category
              FROM hub.product_category_patterns q
             WHERE q.brand IN (y.brand, '') AND y.product_type ~* q.pattern
             ORDER BY q.brand DESC, q.priority, q.pattern LIMIT 1) AS category
      FROM (SELECT DISTINCT p.brand, p.product_type FROM hub.products p WHERE p.product_type <> '') y) c
    ON c.brand = v.brand AND c.product_type = v.product_type
  LEFT JOIN LATERAL (      -- the cost that holds today
    SELECT CASE WHEN h.currency = w.currency THEN h.unit_cost END AS cost_price
      FROM hub.product_costs h
     WHERE h.brand = v.brand AND h.product_key = v.product_key AND h.valid_from <= w.today
     ORDER BY h.valid_from DESC LIMIT 1) k ON true
  LEFT JOIN (
    SELECT i.brand, i.product_key, bool_or(i.is_tracked) AS is_tracked,
           sum(i.on_hand) FILTER (WHERE i.is_tracked) AS current_stock, sum(i.committed) FILTER (WHERE i.is_tracked) AS stock_committed,
           sum(i.available) FILTER (WHERE i.is_tracked) AS available_stock, sum(i.incoming) FILTER (WHERE i.is_tracked) AS incoming
      FROM momentum_state.variant_stock i
     GROUP BY i.brand, i.product_key) t ON t.brand = v.brand AND t.product_key = v.product_key
  LEFT JOIN LATERAL (      -- by the index alone; of days asked of the shops
    SELECT sum(d.units) FILTER (WHERE d.day > w.through - 7) AS units_7d,
           sum(d.units) FILTER (WHERE d.day > w.through - 30) AS units_30d, sum(d.units) AS units_90d
      FROM hub.product_sales_daily d
     WHERE d.brand = v.brand AND d.product_key = v.product_key
       AND d.day >= greatest(w.through - 89, w.first_day) AND d.day <= w.through) s ON true
  LEFT JOIN momentum_state.product_out x ON x.brand = v.brand AND x.product_key = v.product_key
 CROSS JOIN LATERAL (      -- the first day it could have been sold, and for which that is known
    SELECT greatest(w.first_day,
                    CASE WHEN (v.created_at AT TIME ZONE w.time_zone)::date > w.through - 90 AND v.created_at < 'infinity'
                         THEN least((v.created_at AT TIME ZONE w.time_zone)::date,
                                    (SELECT min(d.day) FROM hub.product_sales_daily d
                                      WHERE d.brand = v.brand AND d.product_key = v.product_key)) END) AS first_day OFFSET 0) f
 CROSS JOIN LATERAL (      -- step by step, from the inside; the fences have each computed once
    SELECT r.*,            -- how many are missing, how many days it can wait
           greatest(ceil(r.pace * (r.lead_time_days + g.review_days)) - r.position, e.reorder_point - r.position) AS need,
           least(r.position / nullif(r.pace, 0) - r.lead_time_days, (r.position - e.reorder_point) / nullif(r.pace, 0)) AS wait
      FROM (
        SELECT y.*,        -- is it time to order?
               CASE WHEN t.is_tracked AND y.active THEN t.available_stock + coalesce(t.incoming, 0) END AS position,
               CASE WHEN NOT t.is_tracked OR t.available_stock IS NULL THEN NULL
                    WHEN NOT y.active THEN false
                    ELSE coalesce(y.days_of_stock <= y.lead_time_days, t.available_stock <= e.reorder_point) END AS reorder_alert
          FROM (
            SELECT a.*,    -- how long it lasts
                   CASE WHEN NOT t.is_tracked THEN NULL
                        WHEN t.available_stock <= 0 THEN 0
                        ELSE round(t.available_stock / nullif(a.pace, 0), 1) END AS days_of_stock,
                   coalesce(e.lead_time_days, u.lead_time_days) AS lead_time_days,
                   coalesce(e.active, v.status = 'ACTIVE', v.product_id IS NULL) AS active
              FROM (
                SELECT x.*, CASE g.pace_days WHEN 7 THEN x.pace_7d WHEN 30 THEN x.pace_30d ELSE x.pace_90d END AS pace
                  FROM (   -- units per day on which it could be had
                    SELECT o.days_30d AS days_out_30d,
                           CASE WHEN w.through IS NOT NULL THEN greatest(coalesce(s.units_7d, 0), 0) END
                           / nullif(greatest(least(7, w.through - f.first_day + 1) - coalesce(o.days_7d, 0), 0), 0)::numeric AS pace_7d,
                           CASE WHEN w.through IS NOT NULL THEN greatest(coalesce(s.units_30d, 0), 0) END
                           / nullif(greatest(least(30, w.through - f.first_day + 1) - coalesce(o.days_30d, 0), 0), 0)::numeric AS pace_30d,
                           CASE WHEN w.through IS NOT NULL THEN greatest(coalesce(s.units_90d, 0), 0) END
                           / nullif(greatest(least(90, w.through - f.first_day + 1) - coalesce(o.days_90d, 0), 0), 0)::numeric AS pace_90d
                      FROM (      -- days on which it was there and could not be had; those before are seldom
                        SELECT CASE WHEN f.first_day > x.first_day
                                    THEN (SELECT count(*) FROM unnest(x.days) d (day) WHERE d.day >= f.first_day AND d.day > w.through - 7)
                                    ELSE x.days_7d END AS days_7d,
                               CASE WHEN f.first_day > x.first_day
                                    THEN (SELECT count(*) FROM unnest(x.days) d (day) WHERE d.day >= f.first_day AND d.day > w.through - 30)
                                    ELSE x.days_30d END AS days_30d,
                               CASE WHEN f.first_day > x.first_day
                                    THEN (SELECT count(*) FROM unnest(x.days) d (day) WHERE d.day >= f.first_day)
                                    ELSE x.days_90d END AS days_90d OFFSET 0) o
                    OFFSET 0) x OFFSET 0) a OFFSET 0) y OFFSET 0) r OFFSET 0) n
 WHERE momentum.may_see(v.brand);
COMMENT ON VIEW hub.product_stock IS 'Products: what they cost and bring, how many there are, how long that lasts, when to order how many. One row per SKU.';
COMMENT ON COLUMN hub.product_stock.brand IS 'The brand.';
COMMENT ON COLUMN hub.product_stock.source IS 'The source (foreign server) whose variant gives name and prices; '''': entered by hand.';
COMMENT ON COLUMN hub.product_stock.product_key IS 'SKU; where the product has none, ''variant '' and the variant''s id.';
COMMENT ON COLUMN hub.product_stock.product_id IS 'The shop''s id of the product.';
COMMENT ON COLUMN hub.product_stock.variant_id IS 'The shop''s id of the variant.';
COMMENT ON COLUMN hub.product_stock.sku IS 'Stock keeping unit.';
COMMENT ON COLUMN hub.product_stock.product_name IS 'Name of product and variant.';
COMMENT ON COLUMN hub.product_stock.category IS 'Category: as entered in hub.product_settings, else by hub.product_category_patterns; NULL when neither says.';
COMMENT ON COLUMN hub.product_stock.product_type IS 'Type of the product in the shop.';
COMMENT ON COLUMN hub.product_stock.status IS 'Status of the product in the shop.';
COMMENT ON COLUMN hub.product_stock.active IS 'It is sold: as entered in hub.product_settings, else as the shop says.';
COMMENT ON COLUMN hub.product_stock.currency IS 'Currency of the money.';
COMMENT ON COLUMN hub.product_stock.cost_price IS 'Cost of a unit today, by hub.product_costs; NULL when not known or in another currency.';
COMMENT ON COLUMN hub.product_stock.retail_price IS 'Price now.';
COMMENT ON COLUMN hub.product_stock.compare_price IS 'Price it is compared with, struck through in the shop.';
COMMENT ON COLUMN hub.product_stock.gross_margin_pct IS 'Share of the price that is left after the cost: 1 - cost_price / retail_price.';
COMMENT ON COLUMN hub.product_stock.is_tracked IS 'Somebody keeps count of it.';
COMMENT ON COLUMN hub.product_stock.current_stock IS 'Units on the shelf at all active places, those promised to orders included.';
COMMENT ON COLUMN hub.product_stock.stock_committed IS 'Units promised to orders not yet shipped.';
COMMENT ON COLUMN hub.product_stock.available_stock IS 'Units for sale: current_stock less stock_committed, or as the shop tells it where it also holds units back. Below zero when more was sold than there was.';
COMMENT ON COLUMN hub.product_stock.incoming IS 'Units on their way.';
COMMENT ON COLUMN hub.product_stock.reorder_point IS 'Units for sale at which to order, as entered.';
COMMENT ON COLUMN hub.product_stock.reorder_quantity IS 'Least units to order at a time, as entered.';
COMMENT ON COLUMN hub.product_stock.lead_time_days IS 'Days from order to delivery: the product''s, else its supplier''s.';
COMMENT ON COLUMN hub.product_stock.primary_supplier IS 'Who it is ordered from.';
COMMENT ON COLUMN hub.product_stock.supplier_name IS 'Name of that supplier.';
COMMENT ON COLUMN hub.product_stock.avg_daily_sales_7d IS 'Units sold per day over the 7 complete days to as_of. Days on which it was out of stock, or not yet there, are not counted; NULL when no day is left.';
COMMENT ON COLUMN hub.product_stock.avg_daily_sales_30d IS 'The same over 30 days.';
COMMENT ON COLUMN hub.product_stock.avg_daily_sales_90d IS 'The same over 90 days.';
COMMENT ON COLUMN hub.product_stock.days_out_of_stock_30d IS 'Days of those 30 on which a reading found none and none was sold; NULL: no such day.';
COMMENT ON COLUMN hub.product_stock.days_of_stock IS 'Days that available_stock lasts at the pace of the setting stock.pace_days; 0 when there is none, NULL when nothing sells or no count is kept.';
COMMENT ON COLUMN hub.product_stock.stock_status IS 'Not Tracked; Out of Stock: none for sale; Low Stock: reorder_alert, or not above the reorder point; In Stock. NULL: counted, but the count is not known.';
COMMENT ON COLUMN hub.product_stock.reorder_alert IS 'Time to order: days_of_stock is not above lead_time_days; where one of them is not known, available_stock is not above reorder_point. False when not active, NULL when nothing tells.';
COMMENT ON COLUMN hub.product_stock.suggested_order_quantity IS 'Units to order now: what lead time and review period (stock.review_days) take at the pace, or the reorder point if that is more, less available and incoming units; if any, at least the reorder quantity and what the supplier takes an order for. 0: none needed. NULL when not known or not active.';
COMMENT ON COLUMN hub.product_stock.suggested_order_date IS 'Day to order on: when available and incoming units last just the lead time, or reach the reorder point; today if that is past. NULL when not known, or more than ten years ahead.';
COMMENT ON COLUMN hub.product_stock.stock_cost IS 'Available units at cost_price.';
COMMENT ON COLUMN hub.product_stock.variants IS 'Variants of the shops that are this product.';
COMMENT ON COLUMN hub.product_stock.as_of IS 'Last complete day of sales.';
