-- The daily values of bench/history.sql as one would have them without
-- momentum: one materialized view over all facts.
\set ON_ERROR_STOP on
CREATE MATERIALIZED VIEW plain_daily AS
SELECT x.brand, m.metric, x.day, x.channel, m.value
  FROM (SELECT o.brand, o.order_day AS day, o.channel, sum(o.gross_sales) AS gross_sales, sum(o.discounts) AS discounts,
               count(*) AS orders, sum(o.items_sold) AS items_sold, count(*) FILTER (WHERE o.is_new_customer) AS new_customers,
               count(DISTINCT o.customer_key)
               - count(DISTINCT o.customer_key) FILTER (WHERE o.is_new_customer) AS returning_customers,
               count(*) FILTER (WHERE o.is_new_customer AND o.has_selling_plan) AS new_subscribers
          FROM hub.orders o
         WHERE NOT o.is_test AND NOT o.is_adjustment AND o.cancelled_at IS NULL
         GROUP BY o.brand, o.order_day, o.channel) x,
       LATERAL (VALUES ('gross_sales', x.gross_sales), ('discounts', x.discounts), ('orders', x.orders),
                       ('items_sold', x.items_sold), ('new_customers', x.new_customers),
                       ('returning_customers', x.returning_customers), ('new_subscribers', x.new_subscribers)) m (metric, value)
UNION ALL
SELECT r.brand, 'returns', r.refund_day, o.channel, sum(r.returns)
  FROM hub.refunds r JOIN hub.orders o ON o.brand = r.brand AND o.source = r.source AND o.order_id = r.order_id
 WHERE NOT o.is_test AND o.cancelled_at IS NULL
 GROUP BY r.brand, r.refund_day, o.channel
UNION ALL
SELECT t.brand, 'sessions', t.day, t.channel, sum(t.sessions) FROM hub.sessions_daily t GROUP BY t.brand, t.day, t.channel
UNION ALL
SELECT x.brand, m.metric, x.day, x.platform, m.value
  FROM (SELECT t.brand, t.day, t.platform, sum(t.spend) AS spend, sum(t.impressions) AS impressions, sum(t.clicks) AS clicks,
               sum(t.purchases) AS purchases, sum(t.purchase_value) AS purchase_value
          FROM hub.ad_performance_daily t WHERE t.level = 'account' GROUP BY t.brand, t.day, t.platform) x,
       LATERAL (VALUES ('ad_spend', x.spend), ('impressions', x.impressions), ('clicks', x.clicks),
                       ('ad_purchases', x.purchases), ('ad_purchase_value', x.purchase_value)) m (metric, value)
UNION ALL
SELECT t.brand, t.kind, t.day, t.channel, sum(t.revenue) FROM hub.email_daily t GROUP BY t.brand, t.kind, t.day, t.channel
UNION ALL
SELECT t.brand, 'subscribers_lost', t.ended_day, 'shop', count(*) FROM hub.subscriptions t WHERE t.ended_day IS NOT NULL
 GROUP BY t.brand, t.ended_day;
CREATE UNIQUE INDEX ON plain_daily (brand, metric, day, channel);
