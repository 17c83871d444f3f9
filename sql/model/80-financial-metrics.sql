-- The brand in money, day by day: costs, revenue and what they come to, each
-- worked out as momentum.metric_value does.  What needs something that is not
-- known that day is NULL.
--
-- From the brand outwards, so that a condition on brand and day reads nothing
-- but these days, by the key of metric_daily.
CREATE OR REPLACE VIEW hub.financial_metrics WITH (security_barrier) AS
SELECT b.brand, m.day, m.day::timestamp AT TIME ZONE b.time_zone AS "time", b.currency,
       m.net_revenue::numeric(18,2) AS revenue, m.orders::bigint AS orders_count,
       m.new_customers::bigint AS new_customers, m.items_sold::bigint AS items_sold, m.sessions::bigint AS store_sessions,
       m.meta_ad_spend::numeric(18,2) AS meta_ad_spend, m.ad_spend::numeric(18,2) AS ad_spend,
       m.cogs::numeric(18,2) AS cogs, m.shipping_cost::numeric(18,2) AS shipping_cost,
       m.payment_fees::numeric(18,2) AS payment_fees, m.fixed_costs::numeric(18,2) AS fixed_costs,
       m.variable_costs::numeric(18,2) AS variable_costs,
       (m.net_revenue / nullif(m.ad_spend, 0))::numeric(24,6) AS mer_ratio,
       (m.net_revenue / nullif(m.orders, 0))::numeric(18,2) AS aov,
       (m.orders / nullif(m.sessions, 0))::numeric(24,6) AS conversion_rate_pct,
       p.gross_profit::numeric(18,2) AS gross_profit,
       (p.gross_profit / nullif(m.net_revenue, 0))::numeric(24,6) AS profit_margin_pct,
       (m.ad_spend / nullif(m.orders, 0))::numeric(18,2) AS cpa,
       (m.ad_spend / nullif(m.new_customers, 0))::numeric(18,2) AS customer_acquisition_cost,
       ((p.gross_profit - m.ad_spend) / nullif(m.ad_spend, 0))::numeric(24,6) AS roi_pct,
       (p.gross_profit - m.ad_spend)::numeric(18,2) AS contribution_profit,
       (p.gross_profit - m.ad_spend - m.variable_costs - m.fixed_costs)::numeric(18,2) AS operating_profit,
       m.provisional, h.as_of
  FROM momentum_state.brand b
 CROSS JOIN LATERAL (
    SELECT d.day,
           sum(d.value) FILTER (WHERE d.metric = 'net_revenue') AS net_revenue,
           sum(d.value) FILTER (WHERE d.metric = 'orders') AS orders,
           sum(d.value) FILTER (WHERE d.metric = 'new_customers') AS new_customers,
           sum(d.value) FILTER (WHERE d.metric = 'items_sold') AS items_sold,
           sum(d.value) FILTER (WHERE d.metric = 'sessions') AS sessions,
           sum(d.value) FILTER (WHERE d.metric = 'ad_spend') AS ad_spend,
           sum(d.value) FILTER (WHERE d.metric = 'cogs') AS cogs,
           sum(d.value) FILTER (WHERE d.metric = 'shipping_cost') AS shipping_cost,
           sum(d.value) FILTER (WHERE d.metric = 'payment_fees') AS payment_fees,
           sum(d.value) FILTER (WHERE d.metric = 'fixed_costs') AS fixed_costs,
           sum(d.value) FILTER (WHERE d.metric = 'variable_costs') AS variable_costs,
           sum(d.value) FILTER (WHERE d.metric = 'ad_spend' AND d.channel = 'meta') AS meta_ad_spend,
           bool_or(d.provisional) AS provisional
      FROM momentum_state.metric_daily d
     WHERE d.brand = b.brand
       AND d.metric IN ('net_revenue', 'orders', 'new_customers', 'items_sold', 'sessions', 'ad_spend', 'cogs',
                        'shipping_cost', 'payment_fees', 'fixed_costs', 'variable_costs')
     GROUP BY d.day) m
 CROSS JOIN LATERAL (SELECT m.net_revenue - m.cogs - m.shipping_cost - m.payment_fees AS gross_profit) p
  LEFT JOIN momentum_state.score h ON h.brand = b.brand AND h.back = 0
 WHERE momentum.may_see(b.brand);
COMMENT ON VIEW hub.financial_metrics IS 'The day in money, from complete days only. A cost that nobody told is NULL, and so is what depends on it; momentum.metric_value tells the same, metric by metric. Never average the ratios: hub.financial_months has them for the month, momentum.metric_over() for any days.';
COMMENT ON COLUMN hub.financial_metrics.brand IS 'The brand.';
COMMENT ON COLUMN hub.financial_metrics.day IS 'Day in the brand''s zone.';
COMMENT ON COLUMN hub.financial_metrics."time" IS 'Beginning of that day in the brand''s zone, for charts.';
COMMENT ON COLUMN hub.financial_metrics.currency IS 'Currency of the money.';
COMMENT ON COLUMN hub.financial_metrics.revenue IS 'Net revenue: gross sales less discounts less returns; the metric net_revenue.';
COMMENT ON COLUMN hub.financial_metrics.orders_count IS 'Orders that count; the metric orders.';
COMMENT ON COLUMN hub.financial_metrics.new_customers IS 'Customers whose first order ever fell on the day.';
COMMENT ON COLUMN hub.financial_metrics.items_sold IS 'Items sold, gift cards left out.';
COMMENT ON COLUMN hub.financial_metrics.store_sessions IS 'Sessions of the online store; the metric sessions.';
COMMENT ON COLUMN hub.financial_metrics.meta_ad_spend IS 'Spend of the ad accounts of Meta.';
COMMENT ON COLUMN hub.financial_metrics.ad_spend IS 'Spend of all ad accounts, Meta included.';
COMMENT ON COLUMN hub.financial_metrics.cogs IS 'Cost of the goods sold, less that of goods put back on the shelf; NULL when one of them is not known.';
COMMENT ON COLUMN hub.financial_metrics.shipping_cost IS 'What shipping cost the brand.';
COMMENT ON COLUMN hub.financial_metrics.payment_fees IS 'Fees of the payment services.';
COMMENT ON COLUMN hub.financial_metrics.fixed_costs IS 'Costs that do not follow sales: each amount spread over the days of its period.';
COMMENT ON COLUMN hub.financial_metrics.variable_costs IS 'Other costs that follow sales.';
COMMENT ON COLUMN hub.financial_metrics.mer_ratio IS 'revenue / ad_spend.';
COMMENT ON COLUMN hub.financial_metrics.aov IS 'revenue / orders_count.';
COMMENT ON COLUMN hub.financial_metrics.conversion_rate_pct IS 'orders_count / store_sessions, a share (0.02 is 2 %).';
COMMENT ON COLUMN hub.financial_metrics.gross_profit IS 'revenue - cogs - shipping_cost - payment_fees.';
COMMENT ON COLUMN hub.financial_metrics.profit_margin_pct IS 'gross_profit / revenue, a share.';
COMMENT ON COLUMN hub.financial_metrics.cpa IS 'ad_spend / orders_count: what the ads cost per order, of new and old customers alike.';
COMMENT ON COLUMN hub.financial_metrics.customer_acquisition_cost IS 'ad_spend / new_customers; the metric cac.';
COMMENT ON COLUMN hub.financial_metrics.roi_pct IS 'contribution_profit / ad_spend, a share: 1 is a unit of profit for each unit of ads.';
COMMENT ON COLUMN hub.financial_metrics.contribution_profit IS 'gross_profit - ad_spend.';
COMMENT ON COLUMN hub.financial_metrics.operating_profit IS 'contribution_profit - variable_costs - fixed_costs.';
COMMENT ON COLUMN hub.financial_metrics.provisional IS 'A service may still restate this day.';
COMMENT ON COLUMN hub.financial_metrics.as_of IS 'Newest complete day of the brand.';

-- The same by month.  A figure of several terms is made of the days on which
-- all of them are known, as metric_over() does.
CREATE OR REPLACE VIEW hub.financial_months WITH (security_barrier) AS
SELECT b.brand, m.month, m.month::timestamp AT TIME ZONE b.time_zone AS "time", b.currency, m.days_known,
       m.days_known = (m.month + interval '1 month')::date - m.month AS is_complete,
       m.gross_sales::numeric(18,2) AS gross_income, m.discounts::numeric(18,2) AS discount_amount,
       m.returns::numeric(18,2) AS refund_amount, m.net_revenue::numeric(18,2) AS net_income,
       m.orders::bigint AS orders, m.new_customers::bigint AS new_customers, m.sessions::bigint AS sessions,
       m.ad_spend::numeric(18,2) AS ad_cost, m.cogs::numeric(18,2) AS goods_cost,
       m.shipping_cost::numeric(18,2) AS shipping_cost, m.payment_fees::numeric(18,2) AS payment_cost,
       m.fixed_costs::numeric(18,2) AS fixed_cost, m.variable_costs::numeric(18,2) AS variable_cost,
       m.margin_days_known, m.gross_profit::numeric(18,2) AS gross_margin,
       (m.gross_profit / nullif(m.profit_revenue, 0))::numeric(24,6) AS margin_share,
       m.contribution_profit::numeric(18,2) AS contribution_margin,
       (m.contribution_profit / nullif(m.profit_spend, 0))::numeric(24,6) AS roi,
       m.operating_profit::numeric(18,2) AS operating_profit,
       m.income_per_order::numeric(18,2) AS income_per_order, m.cost_per_order::numeric(18,2) AS cpa,
       m.cac::numeric(18,2) AS cac, m.mer::numeric(24,6) AS mer,
       m.conversion_rate::numeric(24,6) AS conversion_rate, h.as_of
  FROM momentum_state.brand b
 CROSS JOIN LATERAL (
    SELECT date_trunc('month', t.day::timestamp)::date AS month, count(t.net_revenue) AS days_known,
           sum(t.gross_sales) AS gross_sales, sum(t.discounts) AS discounts, sum(t.returns) AS returns,
           sum(t.net_revenue) AS net_revenue, sum(t.orders) AS orders, sum(t.new_customers) AS new_customers,
           sum(t.sessions) AS sessions, sum(t.ad_spend) AS ad_spend, sum(t.cogs) AS cogs,
           sum(t.shipping_cost) AS shipping_cost, sum(t.payment_fees) AS payment_fees,
           sum(t.fixed_costs) AS fixed_costs, sum(t.variable_costs) AS variable_costs,
           count(p.gross_profit) AS margin_days_known, sum(p.gross_profit) AS gross_profit,
           sum(t.net_revenue) FILTER (WHERE p.gross_profit IS NOT NULL) AS profit_revenue,
           sum(p.gross_profit - t.ad_spend) AS contribution_profit,
           sum(t.ad_spend) FILTER (WHERE p.gross_profit IS NOT NULL) AS profit_spend,
           sum(p.gross_profit - t.ad_spend - t.variable_costs - t.fixed_costs) AS operating_profit,
           sum(t.net_revenue) FILTER (WHERE t.orders IS NOT NULL)
               / nullif(sum(t.orders) FILTER (WHERE t.net_revenue IS NOT NULL), 0) AS income_per_order,
           sum(t.ad_spend) FILTER (WHERE t.orders IS NOT NULL)
               / nullif(sum(t.orders) FILTER (WHERE t.ad_spend IS NOT NULL), 0) AS cost_per_order,
           sum(t.ad_spend) FILTER (WHERE t.new_customers IS NOT NULL)
               / nullif(sum(t.new_customers) FILTER (WHERE t.ad_spend IS NOT NULL), 0) AS cac,
           sum(t.net_revenue) FILTER (WHERE t.ad_spend IS NOT NULL)
               / nullif(sum(t.ad_spend) FILTER (WHERE t.net_revenue IS NOT NULL), 0) AS mer,
           sum(t.orders) FILTER (WHERE t.sessions IS NOT NULL)
               / nullif(sum(t.sessions) FILTER (WHERE t.orders IS NOT NULL), 0) AS conversion_rate
      FROM (SELECT d.day,
                   sum(d.value) FILTER (WHERE d.metric = 'gross_sales') AS gross_sales,
                   sum(d.value) FILTER (WHERE d.metric = 'discounts') AS discounts,
                   sum(d.value) FILTER (WHERE d.metric = 'returns') AS returns,
                   sum(d.value) FILTER (WHERE d.metric = 'net_revenue') AS net_revenue,
                   sum(d.value) FILTER (WHERE d.metric = 'orders') AS orders,
                   sum(d.value) FILTER (WHERE d.metric = 'new_customers') AS new_customers,
                   sum(d.value) FILTER (WHERE d.metric = 'items_sold') AS items_sold,
                   sum(d.value) FILTER (WHERE d.metric = 'sessions') AS sessions,
                   sum(d.value) FILTER (WHERE d.metric = 'ad_spend') AS ad_spend,
                   sum(d.value) FILTER (WHERE d.metric = 'cogs') AS cogs,
                   sum(d.value) FILTER (WHERE d.metric = 'shipping_cost') AS shipping_cost,
                   sum(d.value) FILTER (WHERE d.metric = 'payment_fees') AS payment_fees,
                   sum(d.value) FILTER (WHERE d.metric = 'fixed_costs') AS fixed_costs,
                   sum(d.value) FILTER (WHERE d.metric = 'variable_costs') AS variable_costs
              FROM momentum_state.metric_daily d
             WHERE d.brand = b.brand
               AND d.metric IN ('gross_sales', 'discounts', 'returns', 'net_revenue', 'orders', 'new_customers', 'items_sold',
                                'sessions', 'ad_spend', 'cogs', 'shipping_cost', 'payment_fees', 'fixed_costs', 'variable_costs')
             GROUP BY d.day) t
     CROSS JOIN LATERAL (SELECT t.net_revenue - t.cogs - t.shipping_cost - t.payment_fees AS gross_profit) p
     GROUP BY date_trunc('month', t.day::timestamp)::date) m
  LEFT JOIN momentum_state.score h ON h.brand = b.brand AND h.back = 0
 WHERE momentum.may_see(b.brand);
COMMENT ON VIEW hub.financial_months IS 'The month in money, from complete days only; a cost that no source tells is NULL, and so is what depends on it.';
COMMENT ON COLUMN hub.financial_months.brand IS 'The brand.';
COMMENT ON COLUMN hub.financial_months.month IS 'First day of the month.';
COMMENT ON COLUMN hub.financial_months."time" IS 'Beginning of that day in the brand''s zone, for charts.';
COMMENT ON COLUMN hub.financial_months.currency IS 'Currency of the money.';
COMMENT ON COLUMN hub.financial_months.days_known IS 'Days of the month with complete sales.';
COMMENT ON COLUMN hub.financial_months.is_complete IS 'All days of the month are known.';
COMMENT ON COLUMN hub.financial_months.gross_income IS 'Gross sales.';
COMMENT ON COLUMN hub.financial_months.discount_amount IS 'Discounts.';
COMMENT ON COLUMN hub.financial_months.refund_amount IS 'Returns, on the day of the refund.';
COMMENT ON COLUMN hub.financial_months.net_income IS 'Net revenue: gross less discounts less returns.';
COMMENT ON COLUMN hub.financial_months.orders IS 'Orders.';
COMMENT ON COLUMN hub.financial_months.new_customers IS 'New customers.';
COMMENT ON COLUMN hub.financial_months.sessions IS 'Sessions of the online store.';
COMMENT ON COLUMN hub.financial_months.ad_cost IS 'Ad spend.';
COMMENT ON COLUMN hub.financial_months.goods_cost IS 'Cost of goods.';
COMMENT ON COLUMN hub.financial_months.shipping_cost IS 'Cost of shipping.';
COMMENT ON COLUMN hub.financial_months.payment_cost IS 'Payment fees.';
COMMENT ON COLUMN hub.financial_months.fixed_cost IS 'Fixed costs.';
COMMENT ON COLUMN hub.financial_months.variable_cost IS 'Other costs that follow sales.';
COMMENT ON COLUMN hub.financial_months.margin_days_known IS 'Days of the month on which goods, shipping and payment costs are all known: those that gross_margin is made of.';
COMMENT ON COLUMN hub.financial_months.gross_margin IS 'Net income less goods, shipping and payment costs; the metric gross_profit.';
COMMENT ON COLUMN hub.financial_months.margin_share IS 'Gross margin over the net income of the same days; the metric profit_margin_pct.';
COMMENT ON COLUMN hub.financial_months.contribution_margin IS 'Gross margin less ad spend; the metric contribution_profit.';
COMMENT ON COLUMN hub.financial_months.roi IS 'Contribution margin over the ad spend of the same days; the metric roi_pct.';
COMMENT ON COLUMN hub.financial_months.operating_profit IS 'Contribution margin less variable and fixed costs, of the days on which all are known.';
COMMENT ON COLUMN hub.financial_months.income_per_order IS 'Net income per order; the metric aov.';
COMMENT ON COLUMN hub.financial_months.cpa IS 'Ad spend per order.';
COMMENT ON COLUMN hub.financial_months.cac IS 'Ad spend per new customer.';
COMMENT ON COLUMN hub.financial_months.mer IS 'Net income per ad spend.';
COMMENT ON COLUMN hub.financial_months.conversion_rate IS 'Orders per session.';
COMMENT ON COLUMN hub.financial_months.as_of IS 'Newest complete day of the brand.';
