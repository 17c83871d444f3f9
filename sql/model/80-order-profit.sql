-- What each order brought.
CREATE OR REPLACE VIEW hub.order_profit WITH (security_barrier) AS
SELECT o.brand, o.source, o.order_id, o.name, o.order_day AS day, o.processed_at AS created_at,
       o.channel AS sales_channel, o.financial_status AS status, o.fulfillment_status, o.currency,
       NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL
           AND coalesce(o.currency, b.currency) = b.currency AS is_counted,
       o.is_new_customer, o.has_selling_plan, o.items_sold AS quantity,
       o.gross_sales::numeric(18,2) AS gross_income, o.discounts::numeric(18,2) AS discount_amount,
       coalesce(r.returns, 0)::numeric(18,2) AS refund_amount,
       (o.gross_sales - o.discounts - coalesce(r.returns, 0))::numeric(18,2) AS net_income,
       g.goods_cost::numeric(18,2) AS goods_cost,
       (o.gross_sales - o.discounts - coalesce(r.returns, 0) - g.goods_cost)::numeric(18,2) AS gross_margin,
       CASE WHEN abs(g.goods_cost) < 1e11 * abs(o.gross_sales - o.discounts - coalesce(r.returns, 0))
            THEN (o.gross_sales - o.discounts - coalesce(r.returns, 0) - g.goods_cost)
                 / nullif(o.gross_sales - o.discounts - coalesce(r.returns, 0), 0) END::numeric(18,6) AS margin_share, h.as_of
  FROM hub.orders o
  JOIN momentum_state.brand b ON b.brand = o.brand
  LEFT JOIN LATERAL (
    SELECT sum(f.returns) AS returns
      FROM hub.refunds f
     WHERE f.brand = o.brand AND f.source = o.source AND f.order_id = o.order_id) r ON true
  LEFT JOIN LATERAL (
    SELECT CASE WHEN bool_and(v.unit_cost IS NOT NULL AND coalesce(v.unit_cost_currency, b.currency) = o.currency)
                     AND abs(sum(coalesce(l.current_quantity, l.quantity) * v.unit_cost)) < 1e15
                THEN sum(coalesce(l.current_quantity, l.quantity) * v.unit_cost) END AS goods_cost
      FROM hub.order_line_items l
      LEFT JOIN hub.product_variants v ON v.brand = l.brand AND v.source = l.source AND v.variant_id = l.variant_id
     WHERE l.brand = o.brand AND l.source = o.source AND l.order_id = o.order_id AND NOT l.is_gift_card) g ON true
  LEFT JOIN momentum_state.score h ON h.brand = o.brand AND h.back = 0
 WHERE momentum.may_see(o.brand);
COMMENT ON VIEW hub.order_profit IS 'Orders with what they brought: income less discounts and returns, less the cost of the goods where every line''s is known. Filter on is_counted to agree with the metrics.';
COMMENT ON COLUMN hub.order_profit.brand IS 'The brand.';
COMMENT ON COLUMN hub.order_profit.source IS 'The source (foreign server).';
COMMENT ON COLUMN hub.order_profit.order_id IS 'The shop''s id of the order.';
COMMENT ON COLUMN hub.order_profit.name IS 'Number of the order as the customer knows it.';
COMMENT ON COLUMN hub.order_profit.day IS 'Day of the order in the brand''s zone.';
COMMENT ON COLUMN hub.order_profit.created_at IS 'When the order was placed.';
COMMENT ON COLUMN hub.order_profit.sales_channel IS 'Channel it came through.';
COMMENT ON COLUMN hub.order_profit.status IS 'Financial status.';
COMMENT ON COLUMN hub.order_profit.fulfillment_status IS 'Fulfillment status.';
COMMENT ON COLUMN hub.order_profit.currency IS 'Currency of the amounts.';
COMMENT ON COLUMN hub.order_profit.is_counted IS 'False for test, cancelled and adjustment orders and those in another currency than the brand''s.';
COMMENT ON COLUMN hub.order_profit.is_new_customer IS 'First order ever of this customer that counts.';
COMMENT ON COLUMN hub.order_profit.has_selling_plan IS 'At least one line was bought as a subscription.';
COMMENT ON COLUMN hub.order_profit.quantity IS 'Items sold, gift cards left out.';
COMMENT ON COLUMN hub.order_profit.gross_income IS 'Unit price times quantity, gift cards left out.';
COMMENT ON COLUMN hub.order_profit.discount_amount IS 'Discounts on those lines.';
COMMENT ON COLUMN hub.order_profit.refund_amount IS 'Value of what came back, whenever that was.';
COMMENT ON COLUMN hub.order_profit.net_income IS 'Gross income less discounts less returns.';
COMMENT ON COLUMN hub.order_profit.goods_cost IS 'Unit cost of what the customer kept, as the shop knows it today; NULL when one line''s is not known.';
COMMENT ON COLUMN hub.order_profit.gross_margin IS 'Net income less goods cost; shipping and payment fees are not known per order.';
COMMENT ON COLUMN hub.order_profit.margin_share IS 'Gross margin over net income.';
COMMENT ON COLUMN hub.order_profit.as_of IS 'Newest complete day of the brand.';
