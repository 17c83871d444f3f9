-- Refunds, each on its own day.
CREATE OR REPLACE VIEW hub.order_refunds WITH (security_barrier) AS
SELECT f.brand, f.source, f.order_id, f.refund_id, f.refund_day AS refund_date, f.refunded_at, o.name AS order_number,
       o.order_day AS order_date,
       NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL
           AND coalesce(o.currency, b.currency) = b.currency AS is_counted_sale,
       o.currency, n.quantity::bigint AS quantity, f.returns::numeric(18,2) AS refund_amount,
       f.total_refunded::numeric(18,2) AS total_refunded,
       CASE WHEN momentum.may_see_personal(f.brand) THEN f.note END AS note, h.as_of
  FROM hub.refunds f
  JOIN momentum_state.brand b ON b.brand = f.brand
  LEFT JOIN hub.orders o ON o.brand = f.brand AND o.source = f.source AND o.order_id = f.order_id
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(i.quantity), 0)
      FROM hub.refund_line_items i
     WHERE i.brand = f.brand AND i.source = f.source AND i.order_id = f.order_id AND i.refund_id = f.refund_id) n (quantity)
  LEFT JOIN momentum_state.score h ON h.brand = f.brand AND h.back = 0
 WHERE momentum.may_see(f.brand);
COMMENT ON VIEW hub.order_refunds IS 'Refunds of the orders, on the day they were processed.';
COMMENT ON COLUMN hub.order_refunds.brand IS 'The brand.';
COMMENT ON COLUMN hub.order_refunds.source IS 'The source (foreign server).';
COMMENT ON COLUMN hub.order_refunds.order_id IS 'The shop''s id of the order.';
COMMENT ON COLUMN hub.order_refunds.refund_id IS 'The shop''s id of the refund.';
COMMENT ON COLUMN hub.order_refunds.refund_date IS 'Day of the refund in the brand''s zone: the day on which net revenue loses it.';
COMMENT ON COLUMN hub.order_refunds.refunded_at IS 'When it was processed.';
COMMENT ON COLUMN hub.order_refunds.order_number IS 'Number of the order as the customer knows it.';
COMMENT ON COLUMN hub.order_refunds.order_date IS 'Day of the order.';
COMMENT ON COLUMN hub.order_refunds.is_counted_sale IS 'The order counts as a sale: it is no test, not cancelled, no adjustment, and in the brand''s currency.';
COMMENT ON COLUMN hub.order_refunds.currency IS 'Currency of the amounts.';
COMMENT ON COLUMN hub.order_refunds.quantity IS 'Units that came back.';
COMMENT ON COLUMN hub.order_refunds.refund_amount IS 'Value of what came back: what net revenue loses.';
COMMENT ON COLUMN hub.order_refunds.total_refunded IS 'Money given back, shipping and tax included.';
COMMENT ON COLUMN hub.order_refunds.note IS 'Note on the refund; hidden from those who may not see personal data.';
COMMENT ON COLUMN hub.order_refunds.as_of IS 'Newest complete day of the brand.';
