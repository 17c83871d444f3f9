-- What each line of an order brought.
CREATE OR REPLACE VIEW hub.order_line_profit WITH (security_barrier) AS
SELECT l.brand, l.source, l.order_id, l.line_item_id, o.order_day AS order_date,
       NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL AND NOT l.is_gift_card
           AND coalesce(o.currency, b.currency) = b.currency AS is_counted,
       l.product_key, l.sku, l.title, l.variant_title, l.is_gift_card, o.currency,
       l.quantity, g.kept AS quantity_kept,
       l.unit_price::numeric(18,2) AS price, l.discount::numeric(18,2) AS discount,
       k.unit_cost::numeric(18,2) AS unit_cost,
       CASE WHEN abs(l.unit_price * l.quantity) < 1e15 THEN l.unit_price * l.quantity - l.discount END::numeric(18,2) AS net_price,
       CASE WHEN abs(g.kept * k.unit_cost) < 1e15 THEN g.kept * k.unit_cost END::numeric(18,2) AS product_cost, h.as_of
  FROM hub.order_line_items l
  JOIN hub.orders o ON o.brand = l.brand AND o.source = l.source AND o.order_id = l.order_id
  JOIN momentum_state.brand b ON b.brand = l.brand
  CROSS JOIN LATERAL (      -- the fence has it asked for once
    SELECT momentum._unit_cost(l.brand, l.product_key, o.order_day, coalesce(o.currency, b.currency)) AS unit_cost OFFSET 0) k
  -- What no service tells follows from the lines of its refunds.
 CROSS JOIN LATERAL (
    SELECT coalesce(l.current_quantity,
                    greatest(l.quantity - (SELECT coalesce(sum(f.quantity), 0)
                                             FROM hub.refund_line_items f
                                            WHERE f.brand = l.brand AND f.order_id = l.order_id AND f.source = l.source
                                              AND f.line_item_id = l.line_item_id), 0)::bigint) AS kept OFFSET 0) g
  LEFT JOIN momentum_state.score h ON h.brand = l.brand AND h.back = 0
 WHERE momentum.may_see(l.brand);
COMMENT ON VIEW hub.order_line_profit IS 'Lines of the orders with the unit cost that was valid on the day of the order.';
COMMENT ON COLUMN hub.order_line_profit.brand IS 'The brand.';
COMMENT ON COLUMN hub.order_line_profit.source IS 'The source (foreign server).';
COMMENT ON COLUMN hub.order_line_profit.order_id IS 'The shop''s id of the order.';
COMMENT ON COLUMN hub.order_line_profit.line_item_id IS 'The shop''s id of the line.';
COMMENT ON COLUMN hub.order_line_profit.order_date IS 'Day of the order in the brand''s zone.';
COMMENT ON COLUMN hub.order_line_profit.is_counted IS 'False for gift cards, for lines of test, cancelled and adjustment orders and of orders in another currency than the brand''s.';
COMMENT ON COLUMN hub.order_line_profit.product_key IS 'SKU, else ''variant '' and the variant''s id; NULL: no product, or one that was deleted.';
COMMENT ON COLUMN hub.order_line_profit.sku IS 'Stock keeping unit.';
COMMENT ON COLUMN hub.order_line_profit.title IS 'Title of the product, as sold.';
COMMENT ON COLUMN hub.order_line_profit.variant_title IS 'Title of the variant, as sold.';
COMMENT ON COLUMN hub.order_line_profit.is_gift_card IS 'A gift card: no sale yet.';
COMMENT ON COLUMN hub.order_line_profit.currency IS 'Currency of the amounts.';
COMMENT ON COLUMN hub.order_line_profit.quantity IS 'Units sold.';
COMMENT ON COLUMN hub.order_line_profit.quantity_kept IS 'Units the customer kept.';
COMMENT ON COLUMN hub.order_line_profit.price IS 'Price of one, before discounts.';
COMMENT ON COLUMN hub.order_line_profit.discount IS 'All discounts that fell on this line.';
COMMENT ON COLUMN hub.order_line_profit.unit_cost IS 'Cost of one on the day of the order; NULL when not known or in another currency.';
COMMENT ON COLUMN hub.order_line_profit.net_price IS 'Price times quantity less discounts.';
COMMENT ON COLUMN hub.order_line_profit.product_cost IS 'Unit cost of what the customer kept.';
COMMENT ON COLUMN hub.order_line_profit.as_of IS 'Newest complete day of the brand.';
