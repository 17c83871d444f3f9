-- Are we curving up or down, what moved it, what would bring it back.
CREATE OR REPLACE VIEW momentum.score WITH (security_barrier) AS
SELECT b.brand, s.as_of, s.score::numeric(9,6) AS score, round(100 * s.score)::bigint AS score_index,
       coalesce(s.direction, 'unknown') AS direction, s.confidence, s.p_up::numeric(9,6) AS p_up,
       coalesce(s.coverage, 0)::numeric(9,6) AS coverage, s.se::numeric(9,6) AS standard_error,
       coalesce(s.phase, 'unknown') AS phase, (CASE WHEN abs(s.growth) < 1e9 THEN s.growth END)::numeric(18,6) AS revenue_growth_30d,
       (CASE WHEN abs(s.accel) < 1e9 THEN s.accel END)::numeric(18,6) AS revenue_acceleration,
       (s.score - w.score)::numeric(9,6) AS change_7d, (s.score - m.score)::numeric(9,6) AS change_30d,
       CASE WHEN s.brand IS NULL THEN 'no_data' ELSE s.reason END AS reason,
       CASE WHEN s.score IS NULL
            THEN 'No score: ' || round(100 * coalesce(s.coverage, 0)) || ' % of its weights are known, 50 % are needed.'
            ELSE 'Momentum is ' || CASE s.direction WHEN 'flat' THEN 'level' ELSE s.direction END
                 || ' at ' || round(100 * s.score) || ' of 100'
                 || coalesce(' (' || s.confidence || ')', '')
                 || coalesce(', ' || CASE WHEN s.score > w.score THEN 'better' WHEN s.score < w.score THEN 'worse' END
                             || ' by ' || round(abs(100 * (s.score - w.score))) || ' than 7 days before', '')
                 || coalesce('; revenue is ' || CASE s.phase
                        WHEN 'rising_accelerating' THEN 'rising, faster and faster'
                        WHEN 'rising_slowing' THEN 'rising, but slowing'
                        WHEN 'falling_accelerating' THEN 'falling, faster and faster'
                        WHEN 'falling_bottoming' THEN 'falling, but bottoming out'
                        WHEN 'unknown' THEN NULL ELSE s.phase END
                        || ' (' || to_char(100 * s.growth, 'FMSG999999999999990.0') || ' % in 30 days)', '')
                 || CASE WHEN t.is_significant AND s.phase <> 'unknown' AND t.growth_before IS NOT NULL
                         THEN CASE WHEN t.growth_before * t.growth_after < 0 THEN ', it turned on ' ELSE ', its pace changed on ' END || t.day
                              || ' from ' || to_char(100 * t.growth_before, 'FMSG999999999999990.0') || ' to '
                              || to_char(100 * t.growth_after, 'FMSG999999999999990.0') || ' % in 30 days' ELSE '' END
                 || '.' END AS summary,
       t.day AS turning_day, t.is_significant AS is_turning_significant,
       CASE WHEN abs(t.growth_before) < 1e9 THEN t.growth_before END::numeric(18,6) AS growth_before_turning,
       CASE WHEN abs(t.growth_after) < 1e9 THEN t.growth_after END::numeric(18,6) AS growth_after_turning
  FROM momentum_state.brand b
  LEFT JOIN momentum_state.score s ON s.brand = b.brand AND s.back = 0
  LEFT JOIN momentum_state.score w ON w.brand = b.brand AND w.back = 7
  LEFT JOIN momentum_state.score m ON m.brand = b.brand AND m.back = 30
  LEFT JOIN momentum_state.turning t ON t.brand = b.brand
 WHERE momentum.may_see(b.brand);
COMMENT ON VIEW momentum.score IS 'The momentum score, one row per brand: above 0 the business curves up, below 0 down.';
COMMENT ON COLUMN momentum.score.brand IS 'The brand.';
COMMENT ON COLUMN momentum.score.as_of IS 'Newest complete day of the brand; each component tells its own in score_component.';
COMMENT ON COLUMN momentum.score.score IS 'Weighted mean of the known components, -1 to 1; NULL when less than half of the weights is known (see reason).';
COMMENT ON COLUMN momentum.score.score_index IS 'The score times 100, rounded.';
COMMENT ON COLUMN momentum.score.direction IS 'up, down, flat, or unknown.';
COMMENT ON COLUMN momentum.score.confidence IS 'clear (90 % sure of the sign), leaning (70 %), unclear.';
COMMENT ON COLUMN momentum.score.p_up IS 'Probability that the true score is above 0, taking the components as independent.';
COMMENT ON COLUMN momentum.score.coverage IS 'Share of the weights whose component is known.';
COMMENT ON COLUMN momentum.score.standard_error IS 'Standard error of the score.';
COMMENT ON COLUMN momentum.score.phase IS 'Where the revenue curve is: rising, rising_accelerating, rising_slowing, falling, falling_accelerating, falling_bottoming, flat, unknown.';
COMMENT ON COLUMN momentum.score.revenue_growth_30d IS 'Relative change of net revenue per 30 days by its trend.';
COMMENT ON COLUMN momentum.score.revenue_acceleration IS 'Change of that growth per 30 days: above 0 the curve bends up.';
COMMENT ON COLUMN momentum.score.change_7d IS 'Change of the score against 7 days before as_of, both by today''s data.';
COMMENT ON COLUMN momentum.score.change_30d IS 'The same against 30 days before.';
COMMENT ON COLUMN momentum.score.reason IS 'Why there is no score or no confidence: insufficient_coverage, no_data, no_standard_error.';
COMMENT ON COLUMN momentum.score.summary IS 'The same in one sentence.';
COMMENT ON COLUMN momentum.score.turning_day IS 'The day within the last 120 on which net revenue took another slope, the last day of the old one; NULL with fewer than 35 days, or when it runs in a straight line. Believe it only where is_turning_significant.';
COMMENT ON COLUMN momentum.score.is_turning_significant IS 'True where a bend like that is rarer than 5 % in revenue that does not turn.';
COMMENT ON COLUMN momentum.score.growth_before_turning IS 'Change of net revenue per 30 days before that day, as a share of the mean day of the 120; NULL when that is not above 0.';
COMMENT ON COLUMN momentum.score.growth_after_turning IS 'The same after it.';

CREATE OR REPLACE VIEW momentum.score_component WITH (security_barrier) AS
SELECT c.brand, c.as_of, c.place::bigint AS place, c.component, c.weight::numeric(18,6) AS weight,
       c.share::numeric(9,6) AS share, c.c::numeric(9,6) AS value, c.contribution::numeric(9,6) AS contribution,
       c.se::numeric(18,6) AS standard_error,
       CASE WHEN abs(c.raw) < 'Infinity' THEN c.raw END::numeric(24,6) AS raw, c.full_scale::numeric(18,6) AS full_scale,
       CASE WHEN abs(c.actual) < 'Infinity' THEN c.actual END::numeric(24,6) AS actual,
       c.target::numeric(24,6) AS target, c.newest AS complete_through,
       CASE WHEN c.c IS NOT NULL AND c.raw = 'Infinity' THEN 'endless' ELSE c.reason END AS reason,
       CASE WHEN c.component IN ('revenue', 'conversion', 'velocity')
            THEN momentum.trend_phase(CASE WHEN c.c IS NOT NULL THEN c.raw END, c.accel, c.t_accel) END AS phase,
       c.days_excluded
  FROM momentum_state.component c
 WHERE c.back = 0 AND momentum.may_see(c.brand);
COMMENT ON VIEW momentum.score_component IS 'The five components of the score; the contributions add up to it exactly.';
COMMENT ON COLUMN momentum.score_component.brand IS 'The brand.';
COMMENT ON COLUMN momentum.score_component.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.score_component.place IS 'Order to show them in.';
COMMENT ON COLUMN momentum.score_component.component IS 'revenue, cac, conversion, velocity, runway.';
COMMENT ON COLUMN momentum.score_component.weight IS 'Weight by the settings.';
COMMENT ON COLUMN momentum.score_component.share IS 'Weight among the known components; 0 when missing.';
COMMENT ON COLUMN momentum.score_component.value IS 'raw over full_scale, held within -1 and 1; NULL when missing.';
COMMENT ON COLUMN momentum.score_component.contribution IS 'share times value: what it adds to the score.';
COMMENT ON COLUMN momentum.score_component.standard_error IS 'Standard error of value; of the runway by the bands of the cash path, 0 where it has none.';
COMMENT ON COLUMN momentum.score_component.raw IS 'revenue, conversion, velocity: relative change per 30 days; cac: ln(target / actual); runway: (days - target) / target.';
COMMENT ON COLUMN momentum.score_component.full_scale IS 'The raw that counts as 1.';
COMMENT ON COLUMN momentum.score_component.actual IS 'cac: money per new customer; conversion: orders per session; velocity: units per store per week; runway: days.';
COMMENT ON COLUMN momentum.score_component.target IS 'Target of cac (money) and runway (days).';
COMMENT ON COLUMN momentum.score_component.complete_through IS 'Last day complete in everything the component needs; its window ends there.';
COMMENT ON COLUMN momentum.score_component.days_excluded IS 'Days of its window that belong to excluded events (momentum.calendar): the trend leaves them out, actual keeps them.';
COMMENT ON COLUMN momentum.score_component.reason IS 'Why it is missing (no_data, stale, no_target, too_few_points, nonpositive_level, no_balance, no_costs) or special (short_weekly, cvr_gt_1, no_new_customers, no_spend, endless).';
COMMENT ON COLUMN momentum.score_component.phase IS 'Where its curve is, as in momentum.score: revenue, conversion and velocity; NULL for those without a trend.';

CREATE OR REPLACE VIEW momentum.score_history WITH (security_barrier) AS
SELECT g.brand, g.as_of, g.as_of::timestamp AT TIME ZONE b.time_zone AS "time",
       g.score::numeric(9,6) AS score, round(100 * g.score)::bigint AS score_index, g.direction, g.confidence,
       g.coverage::numeric(9,6) AS coverage, g.reason, g.logged_at AS told_at,
       row_number() OVER (PARTITION BY g.brand, g.as_of ORDER BY g.logged_at)::bigint AS revision,
       row_number() OVER (PARTITION BY g.brand, g.as_of ORDER BY g.logged_at DESC) = 1 AS is_current, g.is_told
  FROM momentum_state.score_log g
  JOIN momentum_state.brand b ON b.brand = g.brand
 WHERE momentum.may_see(g.brand);
COMMENT ON VIEW momentum.score_history IS 'What was told of each day, and what was computed afterwards of days that nobody was told. When its facts were restated, a day has several rows: filter on is_current for one per day.';
COMMENT ON COLUMN momentum.score_history.brand IS 'The brand.';
COMMENT ON COLUMN momentum.score_history.as_of IS 'The day the score stands for.';
COMMENT ON COLUMN momentum.score_history."time" IS 'Beginning of that day, for charts.';
COMMENT ON COLUMN momentum.score_history.score IS 'The score that was told, -1 to 1.';
COMMENT ON COLUMN momentum.score_history.score_index IS 'The score times 100, rounded.';
COMMENT ON COLUMN momentum.score_history.direction IS 'up, down, flat, unknown.';
COMMENT ON COLUMN momentum.score_history.confidence IS 'clear, leaning, unclear.';
COMMENT ON COLUMN momentum.score_history.coverage IS 'Share of the weights whose component was known.';
COMMENT ON COLUMN momentum.score_history.reason IS 'Why there was no score.';
COMMENT ON COLUMN momentum.score_history.told_at IS 'When it was computed.';
COMMENT ON COLUMN momentum.score_history.revision IS '1 is what was first told of the day.';
COMMENT ON COLUMN momentum.score_history.is_current IS 'True for the last word on the day.';
COMMENT ON COLUMN momentum.score_history.is_told IS 'True when the score was told on its day; false when it was computed afterwards from what was known by then: without the runway, if that was not told either.';

CREATE OR REPLACE VIEW momentum.driver WITH (security_barrier) AS
SELECT d.brand, n.as_of, d.back::bigint AS days_back, d.rank::bigint AS rank, d.component,
       d.score_from::numeric(9,6) AS score_from, d.score_to::numeric(9,6) AS score_to,
       (d.score_to - d.score_from)::numeric(9,6) AS score_change, d.delta::numeric(9,6) AS delta,
       d.value_part::numeric(9,6) AS value_part, d.coverage_part::numeric(9,6) AS coverage_part,
       o.c::numeric(9,6) AS value_from, n.c::numeric(9,6) AS value_to,
       CASE WHEN o.c IS NULL AND n.c IS NULL THEN w.name || ' is not known.'
            WHEN o.c IS NULL THEN w.name || ' has become known and moved the score by ' || to_char(100 * d.delta, 'FMSG990.0') || ' points.'
            WHEN n.c IS NULL THEN w.name || ' is no longer known, which moved the score by ' || to_char(100 * d.delta, 'FMSG990.0') || ' points.'
            ELSE w.name || ' went from ' || to_char(100 * o.c, 'FMSG990') || ' to ' || to_char(100 * n.c, 'FMSG990')
                 || ' and moved the score by ' || to_char(100 * d.delta, 'FMSG990.0') || ' points.' END AS explanation
  FROM momentum_state.driver d
  JOIN momentum_state.component n ON n.brand = d.brand AND n.component = d.component AND n.back = 0
  JOIN momentum_state.component o ON o.brand = d.brand AND o.component = d.component AND o.back = d.back
 CROSS JOIN LATERAL (VALUES (CASE d.component WHEN 'cac' THEN 'CAC' ELSE initcap(d.component) END)) w (name)
 WHERE momentum.may_see(d.brand);
COMMENT ON VIEW momentum.driver IS 'What moved the score in the last 7 and 30 days: the deltas of a brand and days_back add up to score_change exactly. No rows where either score is not known.';
COMMENT ON COLUMN momentum.driver.brand IS 'The brand.';
COMMENT ON COLUMN momentum.driver.as_of IS 'The day of score_to.';
COMMENT ON COLUMN momentum.driver.days_back IS 'The day of score_from: this many days before, by today''s data.';
COMMENT ON COLUMN momentum.driver.rank IS '1 is the input that changed most.';
COMMENT ON COLUMN momentum.driver.component IS 'revenue, cac, conversion, velocity, runway.';
COMMENT ON COLUMN momentum.driver.score_from IS 'The score then.';
COMMENT ON COLUMN momentum.driver.score_to IS 'The score now.';
COMMENT ON COLUMN momentum.driver.score_change IS 'Their difference: the sum of the deltas.';
COMMENT ON COLUMN momentum.driver.delta IS 'This component''s part of the change.';
COMMENT ON COLUMN momentum.driver.value_part IS 'Of delta, what is due to the component''s own change.';
COMMENT ON COLUMN momentum.driver.coverage_part IS 'Of delta, what is due to components becoming known or unknown.';
COMMENT ON COLUMN momentum.driver.value_from IS 'Value of the component then, -1 to 1; NULL when it was not known.';
COMMENT ON COLUMN momentum.driver.value_to IS 'Value of the component now.';
COMMENT ON COLUMN momentum.driver.explanation IS 'The same in one sentence; 100 points are the whole scale from 0.';
