-- Where sales, customers and spend come from.
CREATE OR REPLACE VIEW momentum.channel_mix WITH (security_barrier) AS
SELECT x.brand, h.as_of, x.metric, m.name, b.currency, x.channel, x.amount::numeric(18,2) AS amount,
       (x.amount / nullif(sum(x.amount) OVER w, 0))::numeric(18,6) AS share,
       x.amount_before::numeric(18,2) AS amount_before,
       (x.amount_before / nullif(sum(x.amount_before) OVER w, 0))::numeric(18,6) AS share_before
  FROM (SELECT d.brand, d.metric, d.channel,
               sum(d.value) FILTER (WHERE d.day > s.as_of - 28) AS amount,
               sum(d.value) FILTER (WHERE d.day <= s.as_of - 28) AS amount_before
          FROM momentum_state.score s
          JOIN momentum_state.metric_daily d ON d.brand = s.brand
           AND d.metric IN ('net_revenue', 'orders', 'new_customers', 'ad_spend', 'email_revenue')
           AND d.day > s.as_of - 56 AND d.day <= s.as_of
         WHERE s.back = 0
         GROUP BY d.brand, d.metric, d.channel) x
  JOIN momentum_state.brand b ON b.brand = x.brand
  JOIN momentum_state.metric m ON m.metric = x.metric
  JOIN momentum_state.score h ON h.brand = x.brand AND h.back = 0
 WHERE momentum.may_see(x.brand)
WINDOW w AS (PARTITION BY x.brand, x.metric);
COMMENT ON VIEW momentum.channel_mix IS 'Where sales, orders, new customers, ad spend and mail revenue come from: the last 28 days against the 28 before.';
COMMENT ON COLUMN momentum.channel_mix.brand IS 'The brand.';
COMMENT ON COLUMN momentum.channel_mix.as_of IS 'Last of the 28 days.';
COMMENT ON COLUMN momentum.channel_mix.metric IS 'net_revenue, orders, new_customers, ad_spend or email_revenue; mail revenue is part of net revenue, by the mail service''s word.';
COMMENT ON COLUMN momentum.channel_mix.name IS 'Name of the metric to show.';
COMMENT ON COLUMN momentum.channel_mix.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.channel_mix.channel IS 'The channel or platform.';
COMMENT ON COLUMN momentum.channel_mix.amount IS 'Sum of the last 28 days.';
COMMENT ON COLUMN momentum.channel_mix.share IS 'Share of the metric''s sum over all channels.';
COMMENT ON COLUMN momentum.channel_mix.amount_before IS 'Sum of the 28 days before; NULL when none of them is known.';
COMMENT ON COLUMN momentum.channel_mix.share_before IS 'Share then.';
