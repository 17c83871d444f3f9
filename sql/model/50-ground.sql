-- What the answers stand on: the settings of a brand in one row, the day
-- that "now" means, and the last days of every metric side by side.
--
-- No clock anywhere: "now" is the newest complete day of the data.  When
-- every source of a brand stops, its answers stop with it and say so by
-- their as_of; source_health tells how old that is.
--
-- A materialized view says SELECT * FROM a view of its name with _now.  Its
-- own definition is read again at each step of its refresh, and by each session that
-- reads it: a long one takes longer to read than many of them to compute.

-- A setting that is no number, or one that cannot be (a scale of zero), is as
-- good as none: the default holds, and one brand's slip does not stop the
-- refresh of the others.
CREATE OR REPLACE VIEW momentum_state.config AS
SELECT b.brand, b.currency,
       v.weight_revenue, v.weight_cac, v.weight_conversion, v.weight_velocity, v.weight_runway,
       v.scale_revenue, v.scale_cac, v.scale_conversion, v.scale_velocity, v.scale_runway,
       v.window_revenue, v.window_cac, v.window_conversion, v.window_velocity,
       v.max_age_revenue, v.max_age_cac, v.max_age_conversion, v.max_age_velocity, v.max_age_runway,
       v.runway_target, v.runway_min, v.runway_hard, v.cash_floor, v.cash_horizon,
       v.book_known_days, v.payback_days, v.profit_share, v.payment_fee_rate, v.payout_lag,
       v.margin_share, v.first_margin, v.repeat_margin, v.retail_margin_share, v.unit_price, v.split_days
  FROM momentum_state.brand b
 CROSS JOIN LATERAL (
    SELECT max(s.value) FILTER (WHERE s.key = 'weight.revenue') AS weight_revenue,
           max(s.value) FILTER (WHERE s.key = 'weight.cac') AS weight_cac,
           max(s.value) FILTER (WHERE s.key = 'weight.conversion') AS weight_conversion,
           max(s.value) FILTER (WHERE s.key = 'weight.velocity') AS weight_velocity,
           max(s.value) FILTER (WHERE s.key = 'weight.runway') AS weight_runway,
           max(s.value) FILTER (WHERE s.key = 'scale.revenue') AS scale_revenue,
           max(s.value) FILTER (WHERE s.key = 'scale.cac') AS scale_cac,
           max(s.value) FILTER (WHERE s.key = 'scale.conversion') AS scale_conversion,
           max(s.value) FILTER (WHERE s.key = 'scale.velocity') AS scale_velocity,
           max(s.value) FILTER (WHERE s.key = 'scale.runway') AS scale_runway,
           least(max(s.value) FILTER (WHERE s.key = 'window.revenue'), 120)::integer AS window_revenue,
           least(max(s.value) FILTER (WHERE s.key = 'window.cac'), 120)::integer AS window_cac,
           least(max(s.value) FILTER (WHERE s.key = 'window.conversion'), 120)::integer AS window_conversion,
           least(max(s.value) FILTER (WHERE s.key = 'window.velocity'), 120)::integer AS window_velocity,
           max(s.value) FILTER (WHERE s.key = 'max_age.revenue') AS max_age_revenue,
           max(s.value) FILTER (WHERE s.key = 'max_age.cac') AS max_age_cac,
           max(s.value) FILTER (WHERE s.key = 'max_age.conversion') AS max_age_conversion,
           max(s.value) FILTER (WHERE s.key = 'max_age.velocity') AS max_age_velocity,
           max(s.value) FILTER (WHERE s.key = 'max_age.runway') AS max_age_runway,
           max(s.value) FILTER (WHERE s.key = 'runway.target') AS runway_target,
           max(s.value) FILTER (WHERE s.key = 'runway.min') AS runway_min,
           max(s.value) FILTER (WHERE s.key = 'runway.hard') AS runway_hard,
           max(s.value) FILTER (WHERE s.key = 'cash.floor') AS cash_floor,
           least(max(s.value) FILTER (WHERE s.key = 'cash.horizon'), 730)::integer AS cash_horizon,
           least(max(s.value) FILTER (WHERE s.key = 'books.known_days'), 730)::integer AS book_known_days,
           least(max(s.value) FILTER (WHERE s.key = 'payback.days'), 730)::integer AS payback_days,
           max(s.value) FILTER (WHERE s.key = 'profit.share') AS profit_share,
           max(s.value) FILTER (WHERE s.key = 'payment.fee_rate') AS payment_fee_rate,
           least(max(s.value) FILTER (WHERE s.key = 'payout.lag'), 60)::integer AS payout_lag,
           max(s.value) FILTER (WHERE s.key = 'margin.share') AS margin_share,
           max(s.value) FILTER (WHERE s.key = 'margin.first_order') AS first_margin,
           max(s.value) FILTER (WHERE s.key = 'margin.repeat') AS repeat_margin,
           max(s.value) FILTER (WHERE s.key = 'margin.retail_share') AS retail_margin_share,
           max(s.value) FILTER (WHERE s.key = 'retail.unit_price') AS unit_price,
           7 * (least(max(s.value) FILTER (WHERE s.key = 'split.days'), 182)::integer / 7) AS split_days
      FROM (SELECT DISTINCT ON (e.key) e.key, e.value::double precision AS value
              FROM momentum_state.setting e
             WHERE e.brand IN (b.brand, '')
               AND CASE WHEN e.value ~ '^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?\s*$'
                        THEN e.value::numeric <@ momentum._setting_range(e.key)
                        ELSE false END
             ORDER BY e.key, e.brand DESC) s) v;
COMMENT ON VIEW momentum_state.config IS 'The settings that the answers use, one row per brand, defaults filled in.';

-- The newest complete day of a brand, and the days 7 and 30 days before it,
-- from which the answers are computed again to tell what has moved.  A cash
-- sheet, or books, count as well: what lies ahead of the cash lies ahead of the
-- day on which they were read, though stores take two weeks to report.
-- Costs do not count: they are written by hand, for days ahead as well.
CREATE OR REPLACE VIEW momentum_state.horizon AS
WITH newest AS MATERIALIZED (
    SELECT b.brand,
           greatest(
            (SELECT max(l.day)
               FROM momentum_state.metric m
              CROSS JOIN LATERAL (
                 SELECT d.day
                   FROM momentum_state.metric_daily d
                  WHERE d.brand = b.brand AND d.metric = m.metric
                  ORDER BY d.day DESC LIMIT 1) l
              WHERE m.metric NOT IN ('cogs', 'shipping_cost', 'payment_fees', 'fixed_costs', 'variable_costs')),
            (SELECT max(s.complete_through)
               FROM momentum_state.stream s
              WHERE s.brand = b.brand
                AND (EXISTS (SELECT FROM hub.cash_balance c
                              WHERE c.brand = s.brand AND c.source = s.source)
                     OR EXISTS (SELECT FROM hub.cash_flow f
                                 WHERE f.brand = s.brand AND f.source = s.source)))) AS day
      FROM momentum_state.brand b
)
SELECT n.brand, k.back, n.day - k.back AS as_of
  FROM newest n
 CROSS JOIN (VALUES (0), (7), (30)) k (back)
 WHERE n.day IS NOT NULL;
COMMENT ON VIEW momentum_state.horizon IS 'The days the answers are computed for: the newest complete day of any metric of the brand, or of its cash (back = 0), and 7 and 30 days before.';

-- 150 days carry the longest look back: 30 days, and from there 13 weeks or
-- the 63 days of a forecast.  A column is NULL where the metric has no row:
-- absent, not zero.
CREATE OR REPLACE VIEW momentum_state.recent_day_now AS
SELECT d.brand, d.day,
       sum(d.value) FILTER (WHERE d.metric = 'net_revenue')::double precision AS net_revenue,
       sum(d.value) FILTER (WHERE d.metric = 'orders')::double precision AS orders,
       sum(d.value) FILTER (WHERE d.metric = 'items_sold')::double precision AS items_sold,
       sum(d.value) FILTER (WHERE d.metric = 'new_customers')::double precision AS new_customers,
       sum(d.value) FILTER (WHERE d.metric = 'new_subscribers')::double precision AS new_subscribers,
       sum(d.value) FILTER (WHERE d.metric = 'sessions')::double precision AS sessions,
       sum(d.value) FILTER (WHERE d.metric = 'ad_spend')::double precision AS ad_spend,
       sum(d.value) FILTER (WHERE d.metric = 'impressions')::double precision AS impressions,
       sum(d.value) FILTER (WHERE d.metric = 'clicks')::double precision AS clicks,
       sum(d.value) FILTER (WHERE d.metric = 'cogs')::double precision AS cogs,
       sum(d.value) FILTER (WHERE d.metric = 'shipping_cost')::double precision AS shipping_cost,
       sum(d.value) FILTER (WHERE d.metric = 'payment_fees')::double precision AS payment_fees,
       sum(d.value) FILTER (WHERE d.metric = 'retail_units')::double precision AS retail_units,
       sum(d.value) FILTER (WHERE d.metric = 'retail_dollars')::double precision AS retail_dollars,
       sum(d.value) FILTER (WHERE d.metric = 'retail_doors')::double precision AS retail_doors,
       sum(d.value) FILTER (WHERE d.metric = 'discounts')::double precision AS discounts,
       sum(d.value) FILTER (WHERE d.metric = 'email_sends')::double precision AS email_sends,
       sum(d.value) FILTER (WHERE d.metric = 'email_revenue')::double precision AS email_revenue,
       sum(d.value) FILTER (WHERE d.metric = 'list_joins')::double precision AS list_joins
  FROM momentum_state.horizon h
  JOIN momentum_state.metric_daily d ON d.brand = h.brand AND d.day > h.as_of - 150 AND d.day <= h.as_of
 WHERE h.back = 0
   AND d.metric IN ('net_revenue', 'orders', 'items_sold', 'new_customers', 'new_subscribers', 'sessions', 'ad_spend',
                    'impressions', 'clicks', 'cogs', 'shipping_cost', 'payment_fees',
                    'retail_units', 'retail_dollars', 'retail_doors',
                    'discounts', 'email_sends', 'email_revenue', 'list_joins')
 GROUP BY d.brand, d.day;
COMMENT ON VIEW momentum_state.recent_day_now IS 'What momentum_state.recent_day will hold once it is refreshed.';
CREATE MATERIALIZED VIEW IF NOT EXISTS momentum_state.recent_day AS SELECT * FROM momentum_state.recent_day_now;
CREATE UNIQUE INDEX IF NOT EXISTS recent_day_key ON momentum_state.recent_day (brand, day);
COMMENT ON MATERIALIZED VIEW momentum_state.recent_day IS 'The last 150 days of the metrics that the answers need, all channels summed, side by side; NULL is absent.';
