-- What to do: the three questions, the four constraints, and sentences.
CREATE OR REPLACE VIEW momentum.decision WITH (security_barrier) AS
SELECT d.brand, d.as_of, d.place::bigint AS place, d.question, d.decision,
       d.from_value::numeric(24,6) AS from_value, d.to_value::numeric(24,6) AS to_value, d.unit, b.currency,
       d.reasons, d.confidence::numeric(9,6) AS confidence
  FROM momentum_state.decision d
  JOIN momentum_state.brand b ON b.brand = d.brand
 WHERE momentum.may_see(d.brand);
COMMENT ON VIEW momentum.decision IS 'The three questions with their answers, three rows per brand.';
COMMENT ON COLUMN momentum.decision.brand IS 'The brand.';
COMMENT ON COLUMN momentum.decision.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.decision.place IS '1 to 3.';
COMMENT ON COLUMN momentum.decision.question IS 'The question.';
COMMENT ON COLUMN momentum.decision.decision IS 'CAC target: RAISE, LOWER, NO, HOLD. Spend: INCREASE, DECREASE, NO, HOLD. Constraint: working_capital, cac, conversion, velocity, none, unknown. With TEST_ before it when the confidence is below 0.5: try it small first.';
COMMENT ON COLUMN momentum.decision.from_value IS 'The number it is about, as it is.';
COMMENT ON COLUMN momentum.decision.to_value IS 'The number as it should be.';
COMMENT ON COLUMN momentum.decision.unit IS 'Unit of from_value and to_value, where there is one for all.';
COMMENT ON COLUMN momentum.decision.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.decision.reasons IS 'Why, in numbers.';
COMMENT ON COLUMN momentum.decision.confidence IS '1 fresh and significant, 0.7 fresh, 0.4 stale or imputed: the lowest of the inputs; NULL when one is missing without which nothing can be decided.';

CREATE OR REPLACE VIEW momentum.growth_constraint WITH (security_barrier) AS
SELECT g.brand, g.as_of, g.place::bigint AS place, g.component, g.severity::numeric(9,6) AS severity, b.currency,
       CASE WHEN abs(g.value_at_stake) < 1e16 THEN g.value_at_stake::numeric(18,2) END AS value_at_stake, g.binding AS is_binding, g.remedy
  FROM momentum_state.growth_constraint g
  JOIN momentum_state.brand b ON b.brand = g.brand
 WHERE momentum.may_see(g.brand);
COMMENT ON VIEW momentum.growth_constraint IS 'What could hold growth back: always the same four per brand, worst first.';
COMMENT ON COLUMN momentum.growth_constraint.brand IS 'The brand.';
COMMENT ON COLUMN momentum.growth_constraint.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.growth_constraint.place IS '1 is the worst.';
COMMENT ON COLUMN momentum.growth_constraint.component IS 'working_capital, cac, conversion, velocity.';
COMMENT ON COLUMN momentum.growth_constraint.severity IS '0 on target, 1 far off; NULL when not known.';
COMMENT ON COLUMN momentum.growth_constraint.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.growth_constraint.value_at_stake IS 'Contribution profit that lifting it would bring per 30 days; NULL when not known.';
COMMENT ON COLUMN momentum.growth_constraint.is_binding IS 'True for the one to lift first.';
COMMENT ON COLUMN momentum.growth_constraint.remedy IS 'What lifts it, in numbers.';

CREATE OR REPLACE VIEW momentum.recommendation WITH (security_barrier) AS
SELECT r.brand, r.as_of, row_number() OVER (PARTITION BY r.brand ORDER BY r.urgency, r.topic)::bigint AS place,
       r.topic, r.action, r.because, r.confidence::numeric(9,6) AS confidence
  FROM (
    SELECT k.brand, k.as_of, 1 AS urgency, 'cash' AS topic,
           CASE WHEN k.trough < coalesce(c.cash_floor, 0)
                THEN 'Find ' || to_char(coalesce(c.cash_floor, 0) - k.trough, 'FM999999999999990.00') || ' ' || c.currency
                     || ' before ' || (k.as_of + floor(k.runway_days)::integer + 1) || ', or move payments behind it.'
                ELSE 'Lengthen the runway from ' || floor(k.runway_days) || ' to at least ' || floor(c.runway_min)
                     || ' days before growing.' END AS action,
           'Working capital goes to ' || to_char(k.trough, 'FM999999999999990.00') || ' on ' || k.trough_day
           || '; the runway is ' || floor(k.runway_days) || ' days.' AS because, NULL::double precision AS confidence
      FROM momentum_state.cash_summary k
      JOIN momentum_state.config c ON c.brand = k.brand
     WHERE k.back = 0 AND (k.trough < coalesce(c.cash_floor, 0) OR k.runway_days < c.runway_min)
    UNION ALL
    SELECT g.brand, g.as_of, 2, 'constraint', g.remedy,
           'This constrains growth most: ' || replace(g.component, '_', ' ') || ', severity '
           || round(g.severity::numeric, 2) || coalesce(', at stake ' || round(g.value_at_stake::numeric, 2)
           || ' of profit in 30 days', '') || '.', d.confidence
      FROM momentum_state.growth_constraint g
      LEFT JOIN momentum_state.decision d ON d.brand = g.brand AND d.place = 3
     WHERE g.binding
    UNION ALL
    SELECT d.brand, d.as_of, 3, CASE d.place WHEN 1 THEN 'cac target' ELSE 'spend' END,
           CASE replace(d.decision, 'TEST_', '')
           WHEN 'RAISE' THEN CASE WHEN n.is_test THEN 'As a test, raise' ELSE 'Raise' END || ' the CAC target from ' || n.old || ' to ' || n.new
           WHEN 'LOWER' THEN CASE WHEN n.is_test THEN 'As a test, lower' ELSE 'Lower' END || ' the CAC target from ' || n.old || ' to ' || n.new
           WHEN 'INCREASE' THEN CASE WHEN n.is_test THEN 'As a test, increase' ELSE 'Increase' END || ' ad spend from ' || n.old || ' to ' || n.new || ' a day'
           WHEN 'DECREASE' THEN CASE WHEN n.is_test THEN 'As a test, cut' ELSE 'Cut' END || ' ad spend from ' || n.old || ' to ' || n.new || ' a day'
           WHEN 'NO' THEN CASE d.place WHEN 1 THEN 'Do not raise the CAC target' ELSE 'Do not increase ad spend' END
           ELSE CASE d.place WHEN 1 THEN 'Leave the CAC target' ELSE 'Leave ad spend' END
                || coalesce(' at ' || n.old, ' as it is') END || '.', d.reasons, d.confidence
      FROM momentum_state.decision d
     CROSS JOIN LATERAL (
        SELECT d.decision LIKE 'TEST%' AS is_test, to_char(d.from_value, 'FM999999999999990.00') AS old,
               to_char(d.to_value, 'FM999999999999990.00') AS new) n
     WHERE d.place IN (1, 2) AND d.confidence IS NOT NULL
    UNION ALL
    SELECT v.brand, v.as_of, 4, 'way back up', v.explanation,
           'Of all components alone this one is within reach and brings most.', NULL
      FROM momentum.lever v
      JOIN momentum_state.score s ON s.brand = v.brand AND s.back = 0
     WHERE v.place = 1 AND v.reachable AND s.score < 0 AND v.explanation IS NOT NULL
    UNION ALL
    SELECT c.brand, max(c.as_of), 5, 'data',
           'Connect or repair what the score lacks: ' || string_agg(c.component || ' (' || c.reason || ')', ', ' ORDER BY c.place) || '.',
           round((100 * sum(c.weight) / nullif(max(t.weight), 0))::numeric) || ' % of the score''s weights are not known.', NULL
      FROM momentum_state.component c
      JOIN (SELECT w.brand, sum(w.weight) AS weight FROM momentum_state.component w WHERE w.back = 0 GROUP BY w.brand) t ON t.brand = c.brand
     WHERE c.back = 0 AND c.c IS NULL
     GROUP BY c.brand
    UNION ALL
    SELECT b.brand, NULL, 5, 'data', 'Connect a source: nothing is known of this brand yet.', 'There is no complete day of any metric.', NULL
      FROM momentum_state.brand b
     WHERE NOT EXISTS (SELECT FROM momentum_state.component c WHERE c.brand = b.brand)) r
 WHERE momentum.may_see(r.brand);
COMMENT ON VIEW momentum.recommendation IS 'What to do next, most urgent first, in sentences: from cash, the binding constraint, the decisions, the nearest lever and missing data.';
COMMENT ON COLUMN momentum.recommendation.brand IS 'The brand.';
COMMENT ON COLUMN momentum.recommendation.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.recommendation.place IS '1 is the most urgent.';
COMMENT ON COLUMN momentum.recommendation.topic IS 'cash, constraint, cac target, spend, way back up, data.';
COMMENT ON COLUMN momentum.recommendation.action IS 'What to do.';
COMMENT ON COLUMN momentum.recommendation.because IS 'Why, in numbers.';
COMMENT ON COLUMN momentum.recommendation.confidence IS 'Of a decision: 0 to 1.';
