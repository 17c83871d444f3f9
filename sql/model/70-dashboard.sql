-- The first page: the seven, and every metric by day.
CREATE OR REPLACE VIEW momentum.dashboard WITH (security_barrier) AS
SELECT b.brand, m.dashboard::bigint AS place, m.metric, m.name, m.unit, b.currency, d.source,
       d.target::numeric(24,6) AS target, d.actual::numeric(24,6) AS actual,
       coalesce(d.status, 'unknown') AS status, (CASE WHEN abs(d.attainment) < 1e9 THEN d.attainment END)::numeric(18,6) AS attainment, coalesce(d.trend, 'unknown') AS trend,
       (CASE WHEN abs(d.growth) < 1e9 THEN d.growth END)::numeric(18,6) AS growth_30d, d.p_up::numeric(9,6) AS p_up, coalesce(d.days_excluded, 0)::bigint AS days_excluded,
       (CASE WHEN abs(d.pacing) < 1e9 THEN d.pacing END)::numeric(18,6) AS pacing, (CASE WHEN abs(d.landing) < 1e15 THEN d.landing END)::numeric(18,2) AS landing,
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
COMMENT ON COLUMN momentum.dashboard.target IS 'Target in force on as_of; of ad_spend for the calendar month. Without one, the daily budgets of the ad accounts times the days of the month, once those of all platforms that spend are known. Working capital has none: its colour comes from the runway.';
COMMENT ON COLUMN momentum.dashboard.actual IS 'Ratios: sum over sum of the 30 days to as_of. ad_spend: from the first of the month to as_of. retail_doors: newest count. working_capital: projected in 30 days.';
COMMENT ON COLUMN momentum.dashboard.status IS 'green, yellow, red; unknown without target or actual; "no source".';
COMMENT ON COLUMN momentum.dashboard.attainment IS 'How much of the target is reached: actual over target, target over actual where lower is better; ad_spend: landing over target; working_capital: runway over the days it should last. green from 1.00 on, yellow from 0.90 (a better colour than the last one needs 0.02 more); ad_spend: green within 5 % of 1, yellow within 10 %; working_capital: yellow down to the setting runway.min.';
COMMENT ON COLUMN momentum.dashboard.trend IS 'up or down where the 30-day trend is at least 90 % sure, else flat; unknown with too little data. Working capital: now against in 30 days.';
COMMENT ON COLUMN momentum.dashboard.growth_30d IS 'Relative change per 30 days by the trend: 0.10 is +10 %.';
COMMENT ON COLUMN momentum.dashboard.p_up IS 'Probability that the trend is up: how sure growth_30d is of its sign. NULL of working_capital, which is a projection.';
COMMENT ON COLUMN momentum.dashboard.days_excluded IS 'Days of excluded events that the trend leaves out; actual keeps them.';
COMMENT ON COLUMN momentum.dashboard.pacing IS 'Of ad_spend: spend so far over what was due by now, weekdays weighted; 1 is on plan.';
COMMENT ON COLUMN momentum.dashboard.landing IS 'Of ad_spend: what the month ends at if it goes on like this, money.';
COMMENT ON COLUMN momentum.dashboard.runway_days IS 'Of working_capital: days until the cash path first falls below the floor; NULL when it never does (see note) or is not known.';
COMMENT ON COLUMN momentum.dashboard.note IS 'What else there is to know.';
COMMENT ON COLUMN momentum.dashboard.as_of IS 'Last day that is complete in everything the metric needs, in the brand''s zone.';
