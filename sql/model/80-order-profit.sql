-- What each order brought.  Each way to its customer is a part of its own, so
-- that a condition on the customer reaches an index as one on the order does.
-- The sums of lines and refunds are joined from the left: whoever asks for none
-- of them has them left out.
CREATE OR REPLACE VIEW hub.order_profit WITH (security_barrier) AS
SELECT o.brand, o.source, o.order_id, o.name AS order_number, o.customer_id, o.order_day AS order_date,
       o.processed_at AS created_at, o.channel AS sales_channel, o.order_status, o.payment_status, o.shipping_method,
       CASE WHEN o.tracking_number IS NOT NULL AND momentum.may_see_personal(o.brand) THEN o.tracking_number END AS tracking_number,
       o.shipped_at, o.delivered_at, o.financial_status AS status, o.fulfillment_status, o.currency,
       NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL
           AND coalesce(o.currency, b.currency) = b.currency AS is_counted,
       o.is_new_customer, o.has_selling_plan, o.items_sold AS quantity,
       o.gross_sales::numeric(18,2) AS subtotal, o.total_shipping::numeric(18,2) AS shipping_revenue,
       o.discounts::numeric(18,2) AS discount_amount,
       (o.gross_sales - o.discounts + coalesce(o.total_shipping, 0))::numeric(18,2) AS total_revenue,
       r.returns::numeric(18,2) AS refund_amount, o.shipping_cost::numeric(18,2) AS shipping_cost,
       o.review_request_sent, o.customer_notified, o.customer_satisfaction_score::bigint AS customer_satisfaction_score,
       g.total_product_cost::numeric(18,2) AS total_product_cost, x.gross_profit::numeric(18,2) AS gross_profit,
       CASE WHEN abs(x.gross_profit) < 1e11 * abs(x.income) THEN x.gross_profit / nullif(x.income, 0) END::numeric(18,6)
           AS profit_margin_pct,
       o.gross_sales::numeric(18,2) AS gross_income, (o.gross_sales - o.discounts - r.returns)::numeric(18,2) AS net_income,
       ((now() AT TIME ZONE b.time_zone)::date - o.order_day)::bigint AS days_since_order,
       date_trunc('week', o.order_day::timestamp)::date AS order_week,
       date_trunc('month', o.order_day::timestamp)::date AS order_month, h.as_of
  FROM (-- whose it is: the customer's own, or nobody else's
        SELECT o.brand, o.source, o.order_id, o.name, o.order_day, o.processed_at, o.channel,
               o.order_status, o.payment_status, o.shipping_method, o.tracking_number,
               o.shipped_at, o.delivered_at, o.financial_status, o.fulfillment_status, o.currency,
               o.is_test, o.is_adjustment, o.cancelled_at, o.is_new_customer, o.has_selling_plan,
               o.items_sold, o.gross_sales, o.total_shipping, o.discounts, o.shipping_cost,
               o.review_request_sent, o.customer_notified, o.customer_satisfaction_score,
               o.customer_id
          FROM hub.orders o
          LEFT JOIN hub.customers c ON c.brand = o.brand AND c.source = o.source AND c.customer_id = o.customer_id
          LEFT JOIN hub.customers m
            ON m.brand = o.brand AND m.duplicate_of IS NULL
           AND lower(m.email) = CASE WHEN c.customer_id IS NULL THEN lower(o.email)
                                     WHEN c.duplicate_of IS NOT NULL THEN lower(c.email) END
         WHERE CASE WHEN m.customer_id IS NULL THEN 1 ELSE 0 END <> 0      -- nearly all: a plain IS NULL is taken for none
         UNION ALL
        -- the same person's in another shop
        SELECT o.brand, o.source, o.order_id, o.name, o.order_day, o.processed_at, o.channel,
               o.order_status, o.payment_status, o.shipping_method, o.tracking_number,
               o.shipped_at, o.delivered_at, o.financial_status, o.fulfillment_status, o.currency,
               o.is_test, o.is_adjustment, o.cancelled_at, o.is_new_customer, o.has_selling_plan,
               o.items_sold, o.gross_sales, o.total_shipping, o.discounts, o.shipping_cost,
               o.review_request_sent, o.customer_notified, o.customer_satisfaction_score,
               m.customer_id
          FROM hub.customers c
          JOIN hub.customers m ON m.brand = c.brand AND lower(m.email) = lower(c.email) AND m.duplicate_of IS NULL
          JOIN hub.orders o ON o.brand = c.brand AND o.source = c.source AND o.customer_id = c.customer_id
         WHERE c.duplicate_of IS NOT NULL
         UNION ALL
        -- a guest's with the customer's address
        SELECT o.brand, o.source, o.order_id, o.name, o.order_day, o.processed_at, o.channel,
               o.order_status, o.payment_status, o.shipping_method, o.tracking_number,
               o.shipped_at, o.delivered_at, o.financial_status, o.fulfillment_status, o.currency,
               o.is_test, o.is_adjustment, o.cancelled_at, o.is_new_customer, o.has_selling_plan,
               o.items_sold, o.gross_sales, o.total_shipping, o.discounts, o.shipping_cost,
               o.review_request_sent, o.customer_notified, o.customer_satisfaction_score,
               m.customer_id
          FROM hub.orders o
          JOIN hub.customers m ON m.brand = o.brand AND lower(m.email) = lower(o.email) AND m.duplicate_of IS NULL
         WHERE NOT EXISTS (SELECT FROM hub.customers c
                            WHERE c.brand = o.brand AND c.source = o.source AND c.customer_id = o.customer_id)) o
  JOIN momentum_state.brand b ON b.brand = o.brand
  LEFT JOIN LATERAL (
    SELECT coalesce(sum(f.returns), 0)
      FROM hub.refunds f
     WHERE f.brand = o.brand AND f.source = o.source AND f.order_id = o.order_id) r (returns) ON true
  LEFT JOIN LATERAL (
    SELECT CASE WHEN coalesce(bool_and(l.kept = 0 OR l.unit_cost IS NOT NULL), o.items_sold = 0)
                     AND abs(coalesce(sum(l.kept * l.unit_cost), 0)) < 1e15
                THEN coalesce(sum(l.kept * l.unit_cost), 0) END
      FROM (SELECT k.kept, CASE WHEN k.kept <> 0
                                THEN momentum._unit_cost(o.brand, k.product_key, o.order_day, coalesce(o.currency, b.currency)) END AS unit_cost
              -- What no service tells follows from the lines of its refunds.
              FROM (SELECT i.product_key,
                           coalesce(i.current_quantity,
                                    greatest(i.quantity - (SELECT coalesce(sum(f.quantity), 0)
                                                             FROM hub.refund_line_items f
                                                            WHERE f.brand = i.brand AND f.order_id = i.order_id AND f.source = i.source
                                                              AND f.line_item_id = i.line_item_id), 0)::bigint) AS kept
                      FROM hub.order_line_items i
                     WHERE i.brand = o.brand AND i.source = o.source AND i.order_id = o.order_id AND NOT i.is_gift_card) k
            OFFSET 0) l) g (total_product_cost) ON true      -- the fence has a cost asked for once
  CROSS JOIN LATERAL (
    SELECT o.gross_sales - o.discounts - r.returns - g.total_product_cost
               + CASE WHEN o.shipping_cost IS NOT NULL THEN coalesce(o.total_shipping, 0) - o.shipping_cost ELSE 0 END,
           o.gross_sales - o.discounts - r.returns
               + CASE WHEN o.shipping_cost IS NOT NULL THEN coalesce(o.total_shipping, 0) ELSE 0 END) x (gross_profit, income)
  LEFT JOIN momentum_state.score h ON h.brand = o.brand AND h.back = 0
 WHERE momentum.may_see(o.brand);
COMMENT ON VIEW hub.order_profit IS 'Orders with what they brought: income less discounts and returns, less the cost of the goods where every line''s is known. Filter on is_counted to agree with the metrics.';
COMMENT ON COLUMN hub.order_profit.brand IS 'The brand.';
COMMENT ON COLUMN hub.order_profit.source IS 'The source (foreign server).';
COMMENT ON COLUMN hub.order_profit.order_id IS 'The shop''s id of the order.';
COMMENT ON COLUMN hub.order_profit.order_number IS 'Number of the order as the customer knows it.';
COMMENT ON COLUMN hub.order_profit.customer_id IS 'The customer: the shop''s own id, or that of the customer with the same e-mail address. NULL for a guest.';
COMMENT ON COLUMN hub.order_profit.order_date IS 'Day of the order in the brand''s zone.';
COMMENT ON COLUMN hub.order_profit.created_at IS 'When the order was placed.';
COMMENT ON COLUMN hub.order_profit.sales_channel IS 'Channel it came through.';
COMMENT ON COLUMN hub.order_profit.order_status IS 'Where it stands: Pending, Processing, Shipped, Delivered, Cancelled.';
COMMENT ON COLUMN hub.order_profit.payment_status IS 'Where its payment stands: Pending, Paid, Refunded, Failed.';
COMMENT ON COLUMN hub.order_profit.shipping_method IS 'How it is shipped: Standard, Express, Premium.';
COMMENT ON COLUMN hub.order_profit.tracking_number IS 'Tracking numbers of its parcels, which tell an address at the carrier: for whoever may see persons.';
COMMENT ON COLUMN hub.order_profit.shipped_at IS 'When the first parcel was handed over.';
COMMENT ON COLUMN hub.order_profit.delivered_at IS 'When the last parcel came; NULL until all are there.';
COMMENT ON COLUMN hub.order_profit.status IS 'Financial status in the shop''s word.';
COMMENT ON COLUMN hub.order_profit.fulfillment_status IS 'Fulfillment status in the shop''s word.';
COMMENT ON COLUMN hub.order_profit.currency IS 'Currency of the amounts.';
COMMENT ON COLUMN hub.order_profit.is_counted IS 'False for test, cancelled and adjustment orders and those in another currency than the brand''s.';
COMMENT ON COLUMN hub.order_profit.is_new_customer IS 'First order ever of this customer that counts.';
COMMENT ON COLUMN hub.order_profit.has_selling_plan IS 'At least one line was bought as a subscription.';
COMMENT ON COLUMN hub.order_profit.quantity IS 'Items sold, gift cards left out.';
COMMENT ON COLUMN hub.order_profit.subtotal IS 'Unit price times quantity before discounts, gift cards left out.';
COMMENT ON COLUMN hub.order_profit.shipping_revenue IS 'What the customer was charged for shipping; NULL: not told.';
COMMENT ON COLUMN hub.order_profit.discount_amount IS 'Discounts on those lines.';
COMMENT ON COLUMN hub.order_profit.total_revenue IS 'Subtotal less discounts plus shipping charged, without tax and before refunds.';
COMMENT ON COLUMN hub.order_profit.refund_amount IS 'Value of what came back, whenever that was.';
COMMENT ON COLUMN hub.order_profit.shipping_cost IS 'What shipping it cost the brand; NULL: not known.';
COMMENT ON COLUMN hub.order_profit.review_request_sent IS 'The customer was asked for a review.';
COMMENT ON COLUMN hub.order_profit.customer_notified IS 'The customer was told that it is on its way.';
COMMENT ON COLUMN hub.order_profit.customer_satisfaction_score IS 'What the customer gave it, 1 to 5.';
COMMENT ON COLUMN hub.order_profit.total_product_cost IS 'Cost of what the customer kept, each line at the unit cost valid on the day of the order; NULL when one line''s is not known in the order''s currency.';
COMMENT ON COLUMN hub.order_profit.gross_profit IS 'Subtotal less discounts, refunds and product cost; and shipping charged less its cost, where that is known. NULL when the product cost is not known.';
COMMENT ON COLUMN hub.order_profit.profit_margin_pct IS 'Gross profit as a share of the income it was made from: subtotal less discounts and refunds, with shipping charged where its cost is known.';
COMMENT ON COLUMN hub.order_profit.gross_income IS 'The same as subtotal.';
COMMENT ON COLUMN hub.order_profit.net_income IS 'Subtotal less discounts less returns: what net revenue is made of.';
COMMENT ON COLUMN hub.order_profit.days_since_order IS 'Days from the order to today in the brand''s zone.';
COMMENT ON COLUMN hub.order_profit.order_week IS 'Monday of the order''s week.';
COMMENT ON COLUMN hub.order_profit.order_month IS 'First day of the order''s month.';
COMMENT ON COLUMN hub.order_profit.as_of IS 'Newest complete day of the brand.';
