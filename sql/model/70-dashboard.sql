-- The first page: the seven, and every metric by day.
CREATE OR REPLACE VIEW momentum.dashboard WITH (security_barrier) AS
SELECT b.brand, m.dashboard::bigint AS place, m.metric, m.name, m.unit, b.currency, d.source,
       d.target::numeric(24,6) AS target, d.actual::numeric(24,6) AS actual,
       coalesce(d.status, 'unknown') AS status, coalesce(d.trend, 'unknown') AS trend,
       d.growth::numeric(18,6) AS growth_30d, d.pacing::numeric(18,6) AS pacing, d.landing::numeric(18,2) AS landing,
       CASE WHEN d.runway_days < 'Infinity' THEN d.runway_days END::numeric(24,1) AS runway_days,
       CASE WHEN d.brand IS NULL THEN 'not computed yet: CALL momentum.refresh()' ELSE d.note END AS note, d.as_of
  FROM momentum_state.brand b
 CROSS JOIN momentum_state.metric m
  LEFT JOIN momentum_state.dashboard d ON d.brand = b.brand AND d.metric = m.metric
 WHERE m.dashboard IS NOT NULL AND momentum.may_see(b.brand);
COMMENT ON VIEW momentum.dashboard IS 'The seven metrics that run the company, always seven rows per brand, ordered by place. A metric that no source feeds has actual NULL and the status "no source".';
COMMENT ON COLUMN momentum.dashboard.brand IS 'The brand.';
COMMENT ON COLUMN momentum.dashboard.place IS 'Place on the dashboard, 1 to 7.';
COMMENT ON COLUMN momentum.dashboard.metric IS 'Key of the metric: cac, ad_spend, aov, conversion_rate, new_customer_sub_pct, retail_doors, working_capital.';
COMMENT ON COLUMN momentum.dashboard.name IS 'Name of the metric to show.';
COMMENT ON COLUMN momentum.dashboard.unit IS 'Unit of target and actual: money (in currency), share (0.02 is 2 %), count.';
COMMENT ON COLUMN momentum.dashboard.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.dashboard.source IS 'The sources (foreign servers) the metric comes from.';
COMMENT ON COLUMN momentum.dashboard.target IS 'Target in force on as_of; of ad_spend for the calendar month. Working capital has none: its colour comes from the runway.';
COMMENT ON COLUMN momentum.dashboard.actual IS 'Ratios: sum over sum of the 30 days to as_of. ad_spend: from the first of the month to as_of. retail_doors: newest count. working_capital: projected in 30 days.';
COMMENT ON COLUMN momentum.dashboard.status IS 'green, yellow, red; unknown without target or actual; "no source".';
COMMENT ON COLUMN momentum.dashboard.trend IS 'up or down where the 30-day trend is at least 90 % sure, else flat; unknown with too little data. Working capital: now against in 30 days.';
COMMENT ON COLUMN momentum.dashboard.growth_30d IS 'Relative change per 30 days by the trend: 0.10 is +10 %.';
COMMENT ON COLUMN momentum.dashboard.pacing IS 'Of ad_spend: spend so far over what was due by now, weekdays weighted; 1 is on plan.';
COMMENT ON COLUMN momentum.dashboard.landing IS 'Of ad_spend: what the month ends at if it goes on like this, money.';
COMMENT ON COLUMN momentum.dashboard.runway_days IS 'Of working_capital: days until the cash path first falls below the floor; NULL when it never does (see note) or is not known.';
COMMENT ON COLUMN momentum.dashboard.note IS 'What else there is to know.';
COMMENT ON COLUMN momentum.dashboard.as_of IS 'Last day that is complete in everything the metric needs, in the brand''s zone.';

-- A ratio has a value on a day only if all its terms do, and something to
-- divide by.  ROAS stands under its platform: what several of them claim
-- overlaps and has no sum.
CREATE OR REPLACE VIEW momentum.metric_value WITH (security_barrier) AS
SELECT v.brand, v.metric, m.name, m.unit, b.currency, v.channel, v.day,
       v.day::timestamp AT TIME ZONE b.time_zone AS "time", v.value::numeric(24,6) AS value, v.provisional, h.as_of
  FROM (SELECT d.brand, d.metric, d.channel, d.day, d.value, d.provisional
          FROM momentum_state.metric_daily d
        UNION ALL
        SELECT r.brand, r.metric, r.channel, r.day,
               r.factor * r.numerator / CASE WHEN r.has_denominator THEN nullif(r.denominator, 0) ELSE 1 END,
               r.provisional
          FROM (SELECT d.brand, t.metric, t.factor, t.terms, t.has_denominator, d.day,
                       CASE WHEN t.metric = 'roas' THEN d.channel ELSE 'all' END AS channel,
                       sum(t.sign * d.value) FILTER (WHERE t.part = 'numerator') AS numerator,
                       sum(t.sign * d.value) FILTER (WHERE t.part = 'denominator') AS denominator,
                       count(DISTINCT t.part || t.term) AS known, bool_or(d.provisional) AS provisional
                  FROM (SELECT x.metric, x.part, x.term, x.sign, k.factor, count(*) OVER w AS terms,
                               bool_or(x.part = 'denominator') OVER w AS has_denominator
                          FROM momentum_state.metric_term x
                          JOIN momentum_state.metric k ON k.metric = x.metric
                        WINDOW w AS (PARTITION BY x.metric)) t
                  JOIN momentum_state.metric_daily d ON d.metric = t.term
                 GROUP BY d.brand, t.metric, t.factor, t.terms, t.has_denominator, d.day,
                          CASE WHEN t.metric = 'roas' THEN d.channel ELSE 'all' END) r
         WHERE r.known = r.terms AND (NOT r.has_denominator OR r.denominator <> 0)
        UNION ALL
        SELECT d.brand, x.metric, 'all', d.as_of, x.value::numeric, false
          FROM momentum_state.dashboard d
         CROSS JOIN LATERAL (VALUES
            (CASE d.metric WHEN 'working_capital' THEN 'working_capital' END, d.actual),
            (CASE d.metric WHEN 'working_capital' THEN 'runway_days' END, d.runway_days),
            (CASE d.metric WHEN 'ad_spend' THEN 'spend_pacing' END, d.pacing)) x (metric, value)
         WHERE x.value < 'Infinity' AND d.as_of IS NOT NULL
        UNION ALL
        SELECT c.brand, 'retail_velocity', 'all', c.newest, c.actual::numeric, false
          FROM momentum_state.component c
         WHERE c.component = 'velocity' AND c.back = 0 AND c.actual IS NOT NULL) v
  JOIN momentum_state.brand b ON b.brand = v.brand
  JOIN momentum_state.metric m ON m.metric = v.metric
  LEFT JOIN momentum_state.score h ON h.brand = v.brand AND h.back = 0
 WHERE momentum.may_see(v.brand);
COMMENT ON VIEW momentum.metric_value IS 'Every metric by brand, channel and complete day, ratios included. A day without a row is not known; zero is a row.';
COMMENT ON COLUMN momentum.metric_value.brand IS 'The brand.';
COMMENT ON COLUMN momentum.metric_value.metric IS 'Key of the metric.';
COMMENT ON COLUMN momentum.metric_value.name IS 'Name of the metric to show.';
COMMENT ON COLUMN momentum.metric_value.unit IS 'Unit of value: money (in currency), count, share, ratio, days, ...';
COMMENT ON COLUMN momentum.metric_value.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.metric_value.channel IS 'Channel of an additive metric, platform of ROAS; other ratios and projections stand under "all".';
COMMENT ON COLUMN momentum.metric_value.day IS 'Day in the brand''s zone.';
COMMENT ON COLUMN momentum.metric_value."time" IS 'Beginning of that day, for charts.';
COMMENT ON COLUMN momentum.metric_value.value IS 'Value of the day. Sum additive metrics over channels and days; never sum or average ratios: divide sums.';
COMMENT ON COLUMN momentum.metric_value.provisional IS 'The service may still restate this day.';
COMMENT ON COLUMN momentum.metric_value.as_of IS 'Newest complete day of the brand.';
