-- What came of a recommendation: the 28 days before it was followed (12 weeks
-- for retail, which is told by the week) against the whole weeks since, at
-- most eight; the day itself belongs to neither.  The days before, continued by
-- weekday and trend, are what would have come without it (before_after).
--
-- That is an honest comparison, not an experiment: whatever else changed on
-- that day is in it as well, and what was chosen because it was at its worst
-- would have come back by itself in part.
CREATE OR REPLACE VIEW momentum.recommendation_outcome WITH (security_barrier) AS
WITH RECURSIVE given AS (      -- each as it was last given, from one to the next: the log grows for years
    (SELECT l.*
       FROM momentum_state.recommendation_log l
      ORDER BY l.brand DESC, l.recommendation DESC, l.log_id DESC LIMIT 1)
    UNION ALL
    SELECT n.*
      FROM given g
     CROSS JOIN LATERAL (
        SELECT l.*
          FROM momentum_state.recommendation_log l
         WHERE (l.brand, l.recommendation) < (g.brand, g.recommendation)
         ORDER BY l.brand DESC, l.recommendation DESC, l.log_id DESC LIMIT 1) n
), advice AS (
    SELECT f.brand, f.recommendation, f.followed_on, f.note, l.as_of AS recommended_on, l.action, l.metric, l.better,
           l.expected_effect, l.effect_unit, (l.figures ->> 'first_margin')::double precision AS first_margin,
           CASE l.metric WHEN 'retail_velocity' THEN 84 ELSE 28 END AS days_before
      FROM momentum_state.recommendation_follow f
      JOIN momentum_state.recommendation_log l ON l.brand = f.brand AND l.log_id = f.log_id
    UNION ALL
    SELECT l.brand, l.recommendation, NULL, NULL, l.as_of, l.action, l.metric, l.better,
           l.expected_effect, l.effect_unit, NULL, NULL
      FROM given l
     WHERE NOT EXISTS (SELECT FROM momentum_state.recommendation_follow f
                        WHERE f.brand = l.brand AND f.recommendation = l.recommendation)
), series AS (
    SELECT a.brand, a.recommendation, a.followed_on, s.day, s.y, s.w
      FROM advice a
     CROSS JOIN LATERAL (
        SELECT d.day,
               CASE a.metric WHEN 'cac' THEN d.ad_spend / nullif(d.new_customers, 0)
                             WHEN 'conversion_rate' THEN d.orders / nullif(d.sessions, 0)
                             WHEN 'net_revenue' THEN d.net_revenue
                             WHEN 'new_customers' THEN d.new_customers
                             WHEN 'acquisition_profit' THEN d.new_customers * a.first_margin - d.ad_spend
                             WHEN 'retail_velocity' THEN d.units / nullif(d.doors, 0) * 7 / min(d.step) OVER () END AS y,
               CASE a.metric WHEN 'cac' THEN d.new_customers WHEN 'conversion_rate' THEN d.sessions
                             WHEN 'retail_velocity' THEN d.doors ELSE 1 END AS w
          FROM (SELECT m.day, m.day - lag(m.day) OVER (ORDER BY m.day) AS step,
                       sum(m.value) FILTER (WHERE m.metric = 'ad_spend')::double precision AS ad_spend,
                       sum(m.value) FILTER (WHERE m.metric = 'new_customers')::double precision AS new_customers,
                       sum(m.value) FILTER (WHERE m.metric = 'orders')::double precision AS orders,
                       sum(m.value) FILTER (WHERE m.metric = 'sessions')::double precision AS sessions,
                       sum(m.value) FILTER (WHERE m.metric = 'net_revenue')::double precision AS net_revenue,
                       sum(m.value) FILTER (WHERE m.metric = 'retail_units')::double precision AS units,
                       sum(m.value) FILTER (WHERE m.metric = 'retail_doors')::double precision AS doors
                  FROM momentum_state.metric_daily m
                 WHERE m.brand = a.brand AND m.day >= a.followed_on - a.days_before AND m.day <= a.followed_on + 56
                   AND m.metric = ANY (CASE a.metric
                           WHEN 'cac' THEN '{ad_spend,new_customers}' WHEN 'acquisition_profit' THEN '{ad_spend,new_customers}'
                           WHEN 'conversion_rate' THEN '{orders,sessions}' WHEN 'net_revenue' THEN '{net_revenue}'
                           WHEN 'new_customers' THEN '{new_customers}'
                           WHEN 'retail_velocity' THEN '{retail_units,retail_doors}' ELSE '{}' END::text[])
                 GROUP BY m.day) d
        UNION ALL
        SELECT g.as_of, c.target * (1 + c.raw), 1
          FROM (SELECT DISTINCT ON (l.as_of) l.as_of, l.components
                  FROM momentum_state.score_log l
                 WHERE a.metric = 'runway_days' AND l.brand = a.brand
                   AND l.as_of >= a.followed_on - a.days_before AND l.as_of <= a.followed_on + 56
                 ORDER BY l.as_of, l.logged_at DESC) g
         CROSS JOIN LATERAL (
            SELECT e.raw, i.runway_target AS target
              FROM jsonb_to_recordset(g.components) e (component text, raw double precision)
              JOIN momentum_state.decision_input i ON i.brand = a.brand
             WHERE e.component = 'runway') c) s
     WHERE a.followed_on IS NOT NULL AND s.day <> a.followed_on AND s.y IS NOT NULL
), reach AS (
    SELECT s.brand, s.recommendation, s.followed_on, max(s.day) AS newest,
           greatest(0, least(8, (max(s.day) - s.followed_on) / 7)) AS weeks
      FROM series s
     GROUP BY s.brand, s.recommendation, s.followed_on
), compared AS (
    SELECT r.brand, r.recommendation, r.followed_on, r.newest, r.weeks,
           momentum.before_after(array_agg(s.day ORDER BY s.day), array_agg(s.y ORDER BY s.day), r.followed_on + 1,
                                 array_agg(s.w ORDER BY s.day)) AS r
      FROM reach r
      LEFT JOIN series s ON s.brand = r.brand AND s.recommendation = r.recommendation AND s.followed_on = r.followed_on
                        AND s.day <= r.followed_on + 7 * r.weeks
     GROUP BY r.brand, r.recommendation, r.followed_on, r.newest, r.weeks
), judged AS (
    SELECT a.*, c.newest, c.weeks, c.r,
           CASE a.metric WHEN 'acquisition_profit' THEN 'money' ELSE m.unit END AS unit,
           CASE a.metric WHEN 'acquisition_profit' THEN 'Profit on new customers' ELSE m.name END AS name,
           CASE WHEN a.better = 'down' THEN 1 - (c.r).p_up ELSE (c.r).p_up END AS p_better
      FROM advice a
      LEFT JOIN compared c ON c.brand = a.brand AND c.recommendation = a.recommendation AND c.followed_on = a.followed_on
      LEFT JOIN momentum_state.metric m ON m.metric = a.metric
)
SELECT j.brand, j.recommendation, j.recommended_on, j.followed_on, j.action, j.note, j.metric, j.better, j.unit, b.currency,
       coalesce(j.weeks, 0)::bigint AS weeks, (j.r).n_before::bigint AS days_before, (j.r).n_after::bigint AS days_after,
       (CASE WHEN abs((j.r).before) < 1e18 THEN (j.r).before END)::numeric(24,6) AS before, (CASE WHEN abs((j.r).after) < 1e18 THEN (j.r).after END)::numeric(24,6) AS after, (CASE WHEN abs((j.r).expected) < 1e18 THEN (j.r).expected END)::numeric(24,6) AS expected,
       (CASE WHEN abs((j.r).difference) < 1e18 THEN (j.r).difference END)::numeric(24,6) AS difference, (CASE WHEN (j.r).se < 1e18 THEN (j.r).se END)::numeric(24,6) AS standard_error,
       j.p_better::numeric(9,6) AS likelihood, (CASE WHEN abs(j.expected_effect) < 1e16 THEN j.expected_effect END)::numeric(18,2) AS expected_effect, j.effect_unit,
       (CASE WHEN j.metric = 'acquisition_profit' AND j.effect_unit = 'money per 30 days' AND abs((j.r).difference) < 1e14
             THEN 30 * (j.r).difference END)::numeric(18,2) AS effect_so_far,
       v.verdict,
       CASE v.verdict
            WHEN 'not followed' THEN 'Not recorded as followed.'
            WHEN 'not measured' THEN 'Nothing was to change, so there is nothing to compare.'
            WHEN 'too early' THEN 'Too early: ' || coalesce(j.newest - j.followed_on, 0) || ' days are known since, 14 are needed.'
            WHEN 'not known' THEN 'Cannot be told: ' || CASE (j.r).reason WHEN 'too_few_points' THEN 'too few days before it are known.'
                                                         WHEN 'no_days_after' THEN 'too few days since are known.'
                                                         WHEN 'other_weekdays' THEN 'a weekday is not known before.'
                                                         ELSE 'the numbers are out of range.' END
            ELSE j.name || ' in the ' || j.weeks || ' weeks since: '
                 || momentum._figure((j.r).after, j.unit, b.currency)
                 || CASE WHEN j.metric IN ('acquisition_profit', 'net_revenue', 'new_customers') THEN ' a day' ELSE '' END || ', '
                 || momentum._figure((j.r).expected, j.unit, b.currency) || ' were to be expected without it; '
                 || momentum._figure(abs((j.r).difference), j.unit, b.currency)
                 || CASE WHEN (j.r).difference < 0 THEN ' less' ELSE ' more' END
                 || ', give or take ' || momentum._figure((j.r).se, j.unit, b.currency) || '. '
                 || CASE v.verdict WHEN 'better' THEN 'Better: ' || least(99, floor(100 * j.p_better)) || ' % sure.'
                                   WHEN 'worse' THEN 'Worse: ' || least(99, floor(100 * (1 - j.p_better))) || ' % sure.'
                                   ELSE 'That is not distinguishable from chance.' END END AS sentence,
       coalesce(j.newest, j.followed_on, j.recommended_on) AS as_of
  FROM judged j
  JOIN momentum_state.brand b ON b.brand = j.brand
 CROSS JOIN LATERAL (
    SELECT CASE WHEN j.followed_on IS NULL THEN 'not followed'
                WHEN j.metric IS NULL THEN 'not measured'
                WHEN coalesce(j.weeks, 0) < 2 THEN 'too early'
                WHEN (j.r).p_up IS NULL THEN 'not known'
                WHEN j.p_better >= 0.95 THEN 'better'
                WHEN j.p_better <= 0.05 THEN 'worse'
                ELSE 'not distinguishable' END AS verdict) v
 WHERE momentum.may_see(j.brand);
COMMENT ON VIEW momentum.recommendation_outcome IS 'What came of each recommendation that was followed (momentum.follow), and which were not: the weeks since against weekdays and trend of the days before, continued. Tells a change, not its cause.';
COMMENT ON COLUMN momentum.recommendation_outcome.brand IS 'The brand.';
COMMENT ON COLUMN momentum.recommendation_outcome.recommendation IS 'Key of the recommendation.';
COMMENT ON COLUMN momentum.recommendation_outcome.recommended_on IS 'The day by whose figures it was given, as it was followed; else as last given.';
COMMENT ON COLUMN momentum.recommendation_outcome.followed_on IS 'The day on which it was followed; it counts neither before nor after.';
COMMENT ON COLUMN momentum.recommendation_outcome.action IS 'What it said to do.';
COMMENT ON COLUMN momentum.recommendation_outcome.note IS 'What was noted with momentum.follow().';
COMMENT ON COLUMN momentum.recommendation_outcome.metric IS 'What is compared: a metric, or acquisition_profit (new customers times the margin of a first order as it was known then, less ad spend, by day).';
COMMENT ON COLUMN momentum.recommendation_outcome.better IS 'Which way is better: up or down.';
COMMENT ON COLUMN momentum.recommendation_outcome.unit IS 'Unit of before, after, expected and difference; of revenue, customers and profit by the day.';
COMMENT ON COLUMN momentum.recommendation_outcome.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.recommendation_outcome.weeks IS 'Whole weeks since, at most 8; under 2 it is too early.';
COMMENT ON COLUMN momentum.recommendation_outcome.days_before IS 'Days known of the 28 before (84 for retail).';
COMMENT ON COLUMN momentum.recommendation_outcome.days_after IS 'Days known of those weeks.';
COMMENT ON COLUMN momentum.recommendation_outcome.before IS 'Mean before; of ratios sum over sum.';
COMMENT ON COLUMN momentum.recommendation_outcome.after IS 'Mean since.';
COMMENT ON COLUMN momentum.recommendation_outcome.expected IS 'What the days since would have come to, had weekdays and trend of the days before gone on.';
COMMENT ON COLUMN momentum.recommendation_outcome.difference IS 'after less expected.';
COMMENT ON COLUMN momentum.recommendation_outcome.standard_error IS 'Standard error of difference.';
COMMENT ON COLUMN momentum.recommendation_outcome.likelihood IS 'How likely the change is one for the better: 0 to 1.';
COMMENT ON COLUMN momentum.recommendation_outcome.expected_effect IS 'What it was expected to bring when it was given.';
COMMENT ON COLUMN momentum.recommendation_outcome.effect_unit IS 'Unit of expected_effect and effect_so_far.';
COMMENT ON COLUMN momentum.recommendation_outcome.effect_so_far IS 'What it brought per 30 days, in the unit of expected_effect; NULL where the metric is another one.';
COMMENT ON COLUMN momentum.recommendation_outcome.verdict IS 'better, worse (at least 95 % sure), not distinguishable, too early, not known, not measured (nothing was to change), not followed.';
COMMENT ON COLUMN momentum.recommendation_outcome.sentence IS 'The same in one sentence.';
COMMENT ON COLUMN momentum.recommendation_outcome.as_of IS 'Newest day compared.';
