-- Where sales, customers and spend come from.
--
-- The 28 days of a metric end on its own newest day: retailers tell late.
-- MER sets revenue and spend of the same days side by side, or it is not told.
CREATE OR REPLACE VIEW momentum_state.channel_window AS
SELECT n.brand, n.metric, n.newest, w.days, w.days_before, w.amount, w.amount_before
  FROM (SELECT s.brand, m.metric, l.newest
          FROM momentum_state.score s
         CROSS JOIN (VALUES ('net_revenue'), ('orders'), ('new_customers'), ('ad_spend'), ('email_revenue'),
                            ('retail_dollars'), ('market_revenue')) m (metric)
         CROSS JOIN LATERAL (   -- looked up once; an expression would be wherever it is named
            SELECT d.day AS newest FROM momentum_state.metric_daily d
             WHERE d.brand = s.brand AND d.metric = m.metric AND d.day > s.as_of - 56 AND d.day <= s.as_of
             ORDER BY d.day DESC LIMIT 1) l
         WHERE s.back = 0) n
 CROSS JOIN LATERAL (
    SELECT count(DISTINCT d.day) FILTER (WHERE d.day > n.newest - 28) AS days,
           count(DISTINCT d.day) FILTER (WHERE d.day <= n.newest - 28) AS days_before,
           sum(d.value) FILTER (WHERE d.day > n.newest - 28) AS amount,
           sum(d.value) FILTER (WHERE d.day <= n.newest - 28) AS amount_before
      FROM momentum_state.metric_daily d
     WHERE d.brand = n.brand AND d.metric = n.metric AND d.day > n.newest - 56 AND d.day <= n.newest) w;
COMMENT ON VIEW momentum_state.channel_window IS 'Of each metric of the channel mix: its newest day, and the sums of all channels of the 28 days to it and of the 28 before.';

CREATE OR REPLACE VIEW momentum.channel_mix WITH (security_barrier) AS
SELECT x.brand, x.newest AS as_of, x.metric, m.name, b.currency, x.channel, x.amount::numeric(18,2) AS amount,
       (x.amount / nullif(sum(x.amount) OVER w, 0))::numeric(18,6) AS share,
       x.amount_before::numeric(18,2) AS amount_before,
       (x.amount_before / nullif(sum(x.amount_before) OVER w, 0))::numeric(18,6) AS share_before,
       x.days, x.days_before,
       (CASE WHEN f.newest = g.newest AND f.days = g.days
             THEN CASE x.metric WHEN 'net_revenue' THEN x.amount / nullif(g.amount, 0)
                                WHEN 'ad_spend' THEN f.amount / nullif(x.amount, 0) END END)::numeric(18,6) AS mer,
       (CASE WHEN f.newest = g.newest AND f.days_before = g.days_before
             THEN CASE x.metric WHEN 'net_revenue' THEN x.amount_before / nullif(g.amount_before, 0)
                                WHEN 'ad_spend' THEN f.amount_before / nullif(x.amount_before, 0) END END)::numeric(18,6) AS mer_before
  FROM (SELECT d.brand, d.metric, d.channel, n.newest, n.days, n.days_before,
               sum(d.value) FILTER (WHERE d.day > n.newest - 28) AS amount,
               sum(d.value) FILTER (WHERE d.day <= n.newest - 28) AS amount_before
          FROM momentum_state.channel_window n
          JOIN momentum_state.metric_daily d ON d.brand = n.brand AND d.metric = n.metric AND d.day > n.newest - 56 AND d.day <= n.newest
         GROUP BY d.brand, d.metric, d.channel, n.newest, n.days, n.days_before) x
  JOIN momentum_state.brand b ON b.brand = x.brand
  JOIN momentum_state.metric m ON m.metric = x.metric
  LEFT JOIN momentum_state.channel_window f ON f.brand = x.brand AND f.metric = 'net_revenue'
  LEFT JOIN momentum_state.channel_window g ON g.brand = x.brand AND g.metric = 'ad_spend'
 WHERE momentum.may_see(x.brand)
WINDOW w AS (PARTITION BY x.brand, x.metric);
COMMENT ON VIEW momentum.channel_mix IS 'Where sales, orders, new customers, ad spend, mail and retail sales come from: the last 28 days against the 28 before.';
COMMENT ON COLUMN momentum.channel_mix.brand IS 'The brand.';
COMMENT ON COLUMN momentum.channel_mix.as_of IS 'Last of the 28 days: the newest on which the metric is known.';
COMMENT ON COLUMN momentum.channel_mix.metric IS 'net_revenue, orders, new_customers, ad_spend, email_revenue, retail_dollars or market_revenue. Mail revenue is part of net revenue, by the mail service''s word; retail sales are what shoppers paid, not what the brand got.';
COMMENT ON COLUMN momentum.channel_mix.name IS 'Name of the metric to show.';
COMMENT ON COLUMN momentum.channel_mix.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.channel_mix.channel IS 'The sales channel, ad platform, mail channel, retailer or marketplace.';
COMMENT ON COLUMN momentum.channel_mix.amount IS 'Sum of the last 28 days.';
COMMENT ON COLUMN momentum.channel_mix.share IS 'Share of the metric''s sum over all channels.';
COMMENT ON COLUMN momentum.channel_mix.amount_before IS 'Sum of the 28 days before; NULL when none of them is known.';
COMMENT ON COLUMN momentum.channel_mix.share_before IS 'Share then.';
COMMENT ON COLUMN momentum.channel_mix.days IS 'How many of the 28 days are known.';
COMMENT ON COLUMN momentum.channel_mix.days_before IS 'How many of the 28 days before.';
COMMENT ON COLUMN momentum.channel_mix.mer IS 'Of net_revenue: its revenue per all ad spend, which adds up to the MER. Of ad_spend: all net revenue per spend of the platform. NULL unless both are known for the same days.';
COMMENT ON COLUMN momentum.channel_mix.mer_before IS 'The same of the 28 days before.';
