-- What each customer has brought so far.
CREATE OR REPLACE VIEW hub.customer_value WITH (security_barrier) AS
SELECT x.brand, CASE WHEN x.is_guest THEN 'guest ' || left(md5(x.brand || ' ' || x.customer_key), 16) ELSE x.customer_key END AS customer,
       x.is_guest, x.currency, x.first_day, x.last_day, x.orders, x.is_subscriber,
       x.gross_income::numeric(18,2) AS gross_income, x.discount_amount::numeric(18,2) AS discount_amount,
       x.refund_amount::numeric(18,2) AS refund_amount,
       (x.gross_income - x.discount_amount - x.refund_amount)::numeric(18,2) AS net_income,
       ((x.gross_income - x.discount_amount - x.refund_amount) / x.orders)::numeric(18,2) AS income_per_order,
       (h.as_of - x.last_day)::bigint AS days_since_order, h.as_of
  FROM (SELECT o.brand, o.customer_key, bool_and(o.customer_id IS NULL) AS is_guest, b.currency,
               min(o.order_day) AS first_day, max(o.order_day) AS last_day, count(*) AS orders,
               bool_or(o.has_selling_plan) AS is_subscriber, sum(o.gross_sales) AS gross_income,
               sum(o.discounts) AS discount_amount, coalesce(sum(r.returns), 0) AS refund_amount
          FROM hub.orders o
          JOIN momentum_state.brand b ON b.brand = o.brand
          LEFT JOIN (SELECT f.brand, f.source, f.order_id, sum(f.returns) AS returns
                       FROM hub.refunds f GROUP BY f.brand, f.source, f.order_id) r
            ON r.brand = o.brand AND r.source = o.source AND r.order_id = o.order_id
         WHERE o.customer_key IS NOT NULL AND NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL
           AND coalesce(o.currency, b.currency) = b.currency
         GROUP BY o.brand, o.customer_key, b.currency) x
  LEFT JOIN momentum_state.score h ON h.brand = x.brand AND h.back = 0
 WHERE momentum.may_see(x.brand);
COMMENT ON VIEW hub.customer_value IS 'What each customer has brought so far, from the orders that count. Customers without an id are guests, known by their e-mail address, which is not shown.';
COMMENT ON COLUMN hub.customer_value.brand IS 'The brand.';
COMMENT ON COLUMN hub.customer_value.customer IS 'The shop''s id of the customer, or a stand-in for a guest.';
COMMENT ON COLUMN hub.customer_value.is_guest IS 'Has no customer id.';
COMMENT ON COLUMN hub.customer_value.currency IS 'Currency of the amounts.';
COMMENT ON COLUMN hub.customer_value.first_day IS 'Day of the first order.';
COMMENT ON COLUMN hub.customer_value.last_day IS 'Day of the last order.';
COMMENT ON COLUMN hub.customer_value.orders IS 'Number of orders.';
COMMENT ON COLUMN hub.customer_value.is_subscriber IS 'Has ever bought on a subscription.';
COMMENT ON COLUMN hub.customer_value.gross_income IS 'Unit price times quantity of all orders.';
COMMENT ON COLUMN hub.customer_value.discount_amount IS 'Discounts on them.';
COMMENT ON COLUMN hub.customer_value.refund_amount IS 'Value of what came back.';
COMMENT ON COLUMN hub.customer_value.net_income IS 'Gross income less discounts less returns.';
COMMENT ON COLUMN hub.customer_value.income_per_order IS 'Net income per order.';
COMMENT ON COLUMN hub.customer_value.days_since_order IS 'Days from the last order to as_of.';
COMMENT ON COLUMN hub.customer_value.as_of IS 'Newest complete day of the brand.';
