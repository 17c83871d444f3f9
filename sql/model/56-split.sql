-- The split of the newest split.days days against as many before (see
-- momentum._change_split).  A tree that was known in none of the last four
-- weeks has none.
CREATE OR REPLACE VIEW momentum_state.change_fact AS
SELECT d.brand, d.metric, d.channel, d.day, d.value
  FROM momentum_state.metric_daily d
 WHERE d.metric IN ('net_revenue', 'gross_sales', 'discounts', 'orders', 'sessions',
                    'ad_spend', 'impressions', 'clicks', 'new_customers',
                    'retail_units', 'retail_dollars', 'retail_doors',
                    'market_revenue', 'market_units', 'market_sessions');
COMMENT ON VIEW momentum_state.change_fact IS 'The amounts that the trees of a change are made of.';

CREATE OR REPLACE VIEW momentum_state.change_split_now AS
SELECT h.brand, x.*
  FROM (SELECT z.brand, z.as_of, c.split_days AS days
          FROM momentum_state.horizon z
          JOIN momentum_state.config c USING (brand)
         WHERE z.back = 0) h
 CROSS JOIN LATERAL (
    SELECT array_agg(d.metric) AS metrics, array_agg(d.channel) AS channels, array_agg(d.day) AS days, array_agg(d.value) AS amounts
      FROM momentum_state.change_fact d
     WHERE d.brand = h.brand AND d.day > h.as_of - 2 * h.days - 28 AND d.day <= h.as_of) f
 CROSS JOIN LATERAL momentum._change_split(h.as_of, 27, h.days, f.metrics, f.channels, f.days, f.amounts) x;
COMMENT ON VIEW momentum_state.change_split_now IS 'What momentum_state.change_split will hold once it is refreshed.';
CREATE MATERIALIZED VIEW IF NOT EXISTS momentum_state.change_split AS SELECT * FROM momentum_state.change_split_now;
CREATE UNIQUE INDEX IF NOT EXISTS change_split_key ON momentum_state.change_split (brand, tree, channel, factor);
COMMENT ON MATERIALIZED VIEW momentum_state.change_split IS 'The change of revenue, CAC, conversion and velocity between two windows of whole weeks, split exactly: the contributions of a brand and tree add up to total1 - total0.';
