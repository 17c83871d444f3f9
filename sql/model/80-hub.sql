-- Computed columns beside the facts of the hub.  No names, addresses or phone
-- numbers here: what identifies a person stays in the tables.
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

CREATE OR REPLACE VIEW hub.financial_metrics WITH (security_barrier) AS
SELECT m.brand, m.month, m.month::timestamp AT TIME ZONE b.time_zone AS "time", b.currency, m.days_known,
       m.days_known = (m.month + interval '1 month')::date - m.month AS is_complete,
       m.gross_sales::numeric(18,2) AS gross_income, m.discounts::numeric(18,2) AS discount_amount,
       m.returns::numeric(18,2) AS refund_amount, m.net_revenue::numeric(18,2) AS net_income,
       m.orders::bigint AS orders, m.new_customers::bigint AS new_customers, m.sessions::bigint AS sessions,
       m.ad_spend::numeric(18,2) AS ad_cost, m.cogs::numeric(18,2) AS goods_cost,
       m.shipping_cost::numeric(18,2) AS shipping_cost, m.payment_fees::numeric(18,2) AS payment_cost,
       (m.net_revenue - m.cogs - m.shipping_cost - m.payment_fees)::numeric(18,2) AS gross_margin,
       (m.net_revenue - m.cogs - m.shipping_cost - m.payment_fees - m.ad_spend)::numeric(18,2) AS contribution_margin,
       (m.net_revenue / nullif(m.orders, 0))::numeric(18,2) AS income_per_order,
       (m.ad_spend / nullif(m.new_customers, 0))::numeric(18,2) AS cac,
       (m.net_revenue / nullif(m.ad_spend, 0))::numeric(18,6) AS mer,
       (m.orders / nullif(m.sessions, 0))::numeric(18,6) AS conversion_rate, h.as_of
  FROM (SELECT d.brand, date_trunc('month', d.day::timestamp)::date AS month,
               count(DISTINCT d.day) FILTER (WHERE d.metric = 'net_revenue') AS days_known,
               sum(d.value) FILTER (WHERE d.metric = 'gross_sales') AS gross_sales,
               sum(d.value) FILTER (WHERE d.metric = 'discounts') AS discounts,
               sum(d.value) FILTER (WHERE d.metric = 'returns') AS returns,
               sum(d.value) FILTER (WHERE d.metric = 'net_revenue') AS net_revenue,
               sum(d.value) FILTER (WHERE d.metric = 'orders') AS orders,
               sum(d.value) FILTER (WHERE d.metric = 'new_customers') AS new_customers,
               sum(d.value) FILTER (WHERE d.metric = 'sessions') AS sessions,
               sum(d.value) FILTER (WHERE d.metric = 'ad_spend') AS ad_spend,
               sum(d.value) FILTER (WHERE d.metric = 'cogs') AS cogs,
               sum(d.value) FILTER (WHERE d.metric = 'shipping_cost') AS shipping_cost,
               sum(d.value) FILTER (WHERE d.metric = 'payment_fees') AS payment_fees
          FROM momentum_state.metric_daily d
         WHERE d.metric IN ('gross_sales', 'discounts', 'returns', 'net_revenue', 'orders', 'new_customers', 'sessions',
                            'ad_spend', 'cogs', 'shipping_cost', 'payment_fees')
         GROUP BY d.brand, date_trunc('month', d.day::timestamp)::date) m
  JOIN momentum_state.brand b ON b.brand = m.brand
  LEFT JOIN momentum_state.score h ON h.brand = m.brand AND h.back = 0
 WHERE momentum.may_see(m.brand);
COMMENT ON VIEW hub.financial_metrics IS 'The month in money, from complete days only; a cost that no source tells is NULL, and so is what depends on it.';
COMMENT ON COLUMN hub.financial_metrics.brand IS 'The brand.';
COMMENT ON COLUMN hub.financial_metrics.month IS 'First day of the month.';
COMMENT ON COLUMN hub.financial_metrics."time" IS 'Beginning of that day in the brand''s zone, for charts.';
COMMENT ON COLUMN hub.financial_metrics.currency IS 'Currency of the money.';
COMMENT ON COLUMN hub.financial_metrics.days_known IS 'Days of the month with complete sales.';
COMMENT ON COLUMN hub.financial_metrics.is_complete IS 'All days of the month are known.';
COMMENT ON COLUMN hub.financial_metrics.gross_income IS 'Gross sales.';
COMMENT ON COLUMN hub.financial_metrics.discount_amount IS 'Discounts.';
COMMENT ON COLUMN hub.financial_metrics.refund_amount IS 'Returns, on the day of the refund.';
COMMENT ON COLUMN hub.financial_metrics.net_income IS 'Net revenue: gross less discounts less returns.';
COMMENT ON COLUMN hub.financial_metrics.orders IS 'Orders.';
COMMENT ON COLUMN hub.financial_metrics.new_customers IS 'New customers.';
COMMENT ON COLUMN hub.financial_metrics.sessions IS 'Sessions of the online store.';
COMMENT ON COLUMN hub.financial_metrics.ad_cost IS 'Ad spend.';
COMMENT ON COLUMN hub.financial_metrics.goods_cost IS 'Cost of goods.';
COMMENT ON COLUMN hub.financial_metrics.shipping_cost IS 'Cost of shipping.';
COMMENT ON COLUMN hub.financial_metrics.payment_cost IS 'Payment fees.';
COMMENT ON COLUMN hub.financial_metrics.gross_margin IS 'Net income less goods, shipping and payment costs.';
COMMENT ON COLUMN hub.financial_metrics.contribution_margin IS 'Gross margin less ad spend.';
COMMENT ON COLUMN hub.financial_metrics.income_per_order IS 'Net income per order.';
COMMENT ON COLUMN hub.financial_metrics.cac IS 'Ad spend per new customer.';
COMMENT ON COLUMN hub.financial_metrics.mer IS 'Net income per ad spend.';
COMMENT ON COLUMN hub.financial_metrics.conversion_rate IS 'Orders per session.';
COMMENT ON COLUMN hub.financial_metrics.as_of IS 'Newest complete day of the brand.';
