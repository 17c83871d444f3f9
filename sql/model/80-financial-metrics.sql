-- The brand in money.
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
