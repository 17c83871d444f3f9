-- Both sides of every ratio by day: what metric_value divides on one day, and
-- metric_over() over many.
--
-- A ratio has a row on a day only if all its terms are known on that day, and
-- then sums what is known: under "all" of all channels, and under a channel
-- where all its terms know that channel.  ROAS has no row under "all": several
-- platforms claim the same purchase.
--
-- A row of retail stands for the days since the one before it (daily or weekly
-- data), as in the score: the least gap of the three weeks before it and the one after, so that a
-- week that nobody told does not count for the next one; a weekly feed's zeros
-- between its days are no days.  A lone row tells nothing.  OFFSET 0: worked
-- out once a day, not wherever it is used.
CREATE OR REPLACE VIEW momentum_state.ratio_day AS
SELECT r.brand, r.metric, r.channel, r.day, r.factor, r.numerator,
       CASE WHEN r.has_denominator THEN r.denominator ELSE 1 END AS denominator, r.has_denominator, r.provisional
  FROM (SELECT d.brand, t.metric, k.channel, d.day, t.factor, t.terms, t.has_denominator,
               sum(t.sign * d.value) FILTER (WHERE t.part = 'numerator') AS numerator,
               sum(t.sign * d.value) FILTER (WHERE t.part = 'denominator') AS denominator,
               count(DISTINCT t.part || t.term) AS known, bool_or(d.provisional) AS provisional
          FROM (SELECT x.metric, x.part, x.term, x.sign, m.factor, count(*) OVER w AS terms,
                       bool_or(x.part = 'denominator') OVER w AS has_denominator
                  FROM momentum_state.metric_term x
                  JOIN momentum_state.metric m ON m.metric = x.metric AND m.kind = 'ratio'
                WINDOW w AS (PARTITION BY x.metric)) t
          JOIN momentum_state.metric_daily d ON d.metric = t.term
         CROSS JOIN LATERAL (VALUES ('all'), (nullif(d.channel, 'all'))) k (channel)
         WHERE k.channel IS NOT NULL AND (t.metric <> 'roas' OR k.channel <> 'all')
         GROUP BY d.brand, t.metric, k.channel, d.day, t.factor, t.terms, t.has_denominator) r
 WHERE r.known = r.terms
UNION ALL
SELECT g.brand, f.metric, k.channel, g.day, 1,
       CASE f.metric WHEN 'retail_velocity' THEN sum(u.value) ELSE 364 * sum(a.value) END,
       CASE f.metric WHEN 'retail_velocity' THEN sum(o.value) * g.step / 7 ELSE g.step END, true,
       bool_or(u.provisional OR o.provisional)
  FROM (SELECT t.brand, t.day, CASE WHEN w.only_weekday IS NULL THEN w.step ELSE greatest(w.step, 7) END AS step
          FROM (SELECT d.brand, d.day FROM momentum_state.metric_daily d WHERE d.metric = 'retail_units' GROUP BY d.brand, d.day) t
         CROSS JOIN LATERAL (
            SELECT min(x.gap) AS step, CASE WHEN min(x.weekday) = max(x.weekday) AND count(x.weekday) > 1 THEN min(x.weekday) END AS only_weekday
              FROM (SELECT d.day - lag(d.day) OVER (ORDER BY d.day) AS gap,
                           CASE WHEN sum(d.value) <> 0 THEN extract(isodow FROM d.day) END AS weekday
                      FROM momentum_state.metric_daily d
                     WHERE d.brand = t.brand AND d.metric = 'retail_units' AND d.day > t.day - 22 AND d.day <= t.day + 7
                     GROUP BY d.day) x OFFSET 0) w
         WHERE w.step IS NOT NULL AND (w.only_weekday IS NULL OR w.only_weekday = extract(isodow FROM t.day))) g
  JOIN momentum_state.metric_daily u ON u.brand = g.brand AND u.metric = 'retail_units' AND u.day = g.day
  JOIN momentum_state.metric_daily o ON o.brand = g.brand AND o.metric = 'retail_doors' AND o.day = g.day AND o.channel = u.channel
  LEFT JOIN momentum_state.metric_daily a ON a.brand = g.brand AND a.metric = 'retail_dollars' AND a.day = g.day AND a.channel = u.channel
 CROSS JOIN (VALUES ('retail_velocity'), ('retail_run_rate')) f (metric)
 CROSS JOIN LATERAL (VALUES ('all'), (nullif(u.channel, 'all'))) k (channel)
 WHERE k.channel IS NOT NULL
 GROUP BY g.brand, f.metric, k.channel, g.day, g.step
HAVING f.metric = 'retail_velocity' OR count(a.value) = count(*)
UNION ALL
SELECT d.brand, 'campaign_roi', k.channel, d.day, 1, sum(d.value), sum(s.recipients * c.cost), true, bool_or(d.provisional)
  FROM momentum_state.metric_daily d
 CROSS JOIN LATERAL (
    SELECT CASE WHEN e.value ~ '^[0-9]{1,12}(\.[0-9]+)?$' THEN e.value::numeric END AS cost
      FROM momentum_state.setting e
     WHERE e.key = 'campaign.cost_per_send' AND e.brand IN (d.brand, '')
     ORDER BY e.brand DESC LIMIT 1) c
 CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.recipients), 0) AS recipients
      FROM hub.email_daily e
     WHERE e.brand = d.brand AND e.kind = 'campaign' AND e.day = d.day AND e.channel = d.channel) s
 CROSS JOIN LATERAL (VALUES ('all'), (nullif(d.channel, 'all'))) k (channel)
 WHERE d.metric = 'campaign_revenue' AND c.cost > 0 AND k.channel IS NOT NULL
 GROUP BY d.brand, k.channel, d.day;
COMMENT ON VIEW momentum_state.ratio_day IS 'Numerator and denominator of every ratio by day and channel; the value of any days is factor * sum of numerators / sum of denominators (of a ratio without denominator: the sum of numerators).';

-- What is neither stored nor a ratio of sums: a value that holds on its day.
CREATE OR REPLACE VIEW momentum_state.derived_day AS
SELECT d.brand, x.metric, d.as_of AS day, x.value::numeric AS value, false AS provisional
  FROM momentum_state.dashboard d
 CROSS JOIN LATERAL (VALUES
    (CASE d.metric WHEN 'working_capital' THEN 'working_capital' END, d.actual),
    (CASE d.metric WHEN 'working_capital' THEN 'runway_days' END, d.runway_days),
    (CASE d.metric WHEN 'ad_spend' THEN 'spend_pacing' END, d.pacing)) x (metric, value)
 WHERE x.metric IS NOT NULL AND x.value < 'Infinity' AND d.as_of IS NOT NULL
UNION ALL       -- reviews times their average rating, over the 28 days to the day, all of them known
SELECT r.brand, 'social_proof', r.day, t.reviews * t.rating_sum / t.reviews, t.provisional
  FROM (SELECT d.brand, d.day FROM momentum_state.metric_daily d WHERE d.metric = 'reviews' GROUP BY d.brand, d.day) r
 CROSS JOIN LATERAL (
    SELECT sum(d.value) FILTER (WHERE d.metric = 'reviews') AS reviews,
           sum(d.value) FILTER (WHERE d.metric = 'rating_sum') AS rating_sum,
           count(DISTINCT d.day) FILTER (WHERE d.metric = 'reviews') AS days,
           count(DISTINCT d.day) FILTER (WHERE d.metric = 'rating_sum') AS rated_days, bool_or(d.provisional) AS provisional
      FROM momentum_state.metric_daily d
     WHERE d.brand = r.brand AND d.metric IN ('reviews', 'rating_sum') AND d.day > r.day - 28 AND d.day <= r.day) t
 WHERE t.days = 28 AND t.rated_days = 28 AND t.reviews > 0;
COMMENT ON VIEW momentum_state.derived_day IS 'Metrics by a rule of their own, under all channels; working capital, runway and pacing on the newest day alone.';
