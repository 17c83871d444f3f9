-- Stock, and how long it lasts.
CREATE OR REPLACE VIEW hub.product_stock WITH (security_barrier) AS
SELECT v.brand, v.source, v.product_id, v.variant_id, v.sku, coalesce(v.display_name, p.title, v.title) AS title,
       p.product_type, p.status, b.currency, v.price::numeric(18,2) AS price,
       CASE WHEN coalesce(v.unit_cost_currency, b.currency) = b.currency THEN v.unit_cost END::numeric(18,2) AS unit_cost,
       v.tracked AS is_tracked, i.available::bigint AS available, i.incoming::bigint AS incoming,
       s.units::bigint AS quantity_28d,
       CASE WHEN v.tracked AND s.units > 0 AND i.available < 1e9 * s.units
            THEN greatest(i.available, 0) * 28.0 / s.units END::numeric(12,1) AS cover_days,
       CASE WHEN coalesce(v.unit_cost_currency, b.currency) = b.currency AND abs(i.available * v.unit_cost) < 1e15
            THEN greatest(i.available, 0) * v.unit_cost END::numeric(18,2) AS stock_cost, h.as_of
  FROM hub.product_variants v
  JOIN momentum_state.brand b ON b.brand = v.brand
  LEFT JOIN hub.products p ON p.brand = v.brand AND p.source = v.source AND p.product_id = v.product_id
  LEFT JOIN momentum_state.score h ON h.brand = v.brand AND h.back = 0
  LEFT JOIN (SELECT l.brand, l.source, l.inventory_item_id, sum(l.available) AS available, sum(l.incoming) AS incoming
               FROM hub.inventory_levels l
              WHERE l.is_active IS NOT FALSE
              GROUP BY l.brand, l.source, l.inventory_item_id) i
    ON i.brand = v.brand AND i.source = v.source AND i.inventory_item_id = v.inventory_item_id
  LEFT JOIN (SELECT l.brand, l.source, l.variant_id, sum(l.quantity) AS units
               FROM momentum_state.score c
               JOIN hub.orders o ON o.brand = c.brand AND o.order_day > c.as_of - 28 AND o.order_day <= c.as_of
               JOIN hub.order_line_items l ON l.brand = o.brand AND l.source = o.source AND l.order_id = o.order_id
              WHERE c.back = 0 AND NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL
              GROUP BY l.brand, l.source, l.variant_id) s
    ON s.brand = v.brand AND s.source = v.source AND s.variant_id = v.variant_id
 WHERE momentum.may_see(v.brand);
COMMENT ON VIEW hub.product_stock IS 'Stock per variant, and how long it lasts at the sales of the last 28 days.';
COMMENT ON COLUMN hub.product_stock.brand IS 'The brand.';
COMMENT ON COLUMN hub.product_stock.source IS 'The source (foreign server).';
COMMENT ON COLUMN hub.product_stock.product_id IS 'The shop''s id of the product.';
COMMENT ON COLUMN hub.product_stock.variant_id IS 'The shop''s id of the variant.';
COMMENT ON COLUMN hub.product_stock.sku IS 'Stock keeping unit.';
COMMENT ON COLUMN hub.product_stock.title IS 'Name of product and variant.';
COMMENT ON COLUMN hub.product_stock.product_type IS 'Type of the product.';
COMMENT ON COLUMN hub.product_stock.status IS 'Status of the product.';
COMMENT ON COLUMN hub.product_stock.currency IS 'Currency of the money.';
COMMENT ON COLUMN hub.product_stock.price IS 'Price now.';
COMMENT ON COLUMN hub.product_stock.unit_cost IS 'Cost of a unit; NULL when not known or in another currency.';
COMMENT ON COLUMN hub.product_stock.is_tracked IS 'The shop keeps count of it.';
COMMENT ON COLUMN hub.product_stock.available IS 'Units for sale at all active locations; NULL when not known.';
COMMENT ON COLUMN hub.product_stock.incoming IS 'Units on their way.';
COMMENT ON COLUMN hub.product_stock.quantity_28d IS 'Units sold in the 28 days to as_of.';
COMMENT ON COLUMN hub.product_stock.cover_days IS 'Days the available units last at that pace; NULL when nothing sold or no count is kept.';
COMMENT ON COLUMN hub.product_stock.stock_cost IS 'Available units at unit cost.';
COMMENT ON COLUMN hub.product_stock.as_of IS 'Newest complete day of the brand.';
