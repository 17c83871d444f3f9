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
       (CASE WHEN abs(g.value_at_stake) < 1e16 THEN g.value_at_stake END)::numeric(18,2) AS value_at_stake, g.binding AS is_binding, g.remedy
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

-- affordable_extra is the same on every row of a brand; a reader of one row
-- needs it there.
CREATE OR REPLACE VIEW momentum.recommendation WITH (security_barrier) AS
SELECT r.brand, r.as_of, row_number() OVER (PARTITION BY r.brand ORDER BY r.urgency, r.topic)::bigint AS place,
       r.topic, r.action, r.because, r.confidence::numeric(9,6) AS confidence, r.recommendation,
       concat_ws(' ', r.action, r.because, r.effect) AS sentence, r.effect,
       (CASE WHEN abs(r.expected_effect) < 1e16 THEN r.expected_effect END)::numeric(18,2) AS expected_effect,
       r.effect_unit, b.currency, (CASE WHEN abs(r.affordable_extra) < 1e16 THEN r.affordable_extra END)::numeric(18,2) AS affordable_extra, r.metric, r.figures::text AS figures,
       (SELECT max(f.followed_on) FROM momentum_state.recommendation_follow f
         WHERE f.brand = r.brand AND f.recommendation = r.recommendation) AS followed_on
  FROM momentum_state.recommendation r
  JOIN momentum_state.brand b ON b.brand = r.brand
 WHERE momentum.may_see(r.brand);
COMMENT ON VIEW momentum.recommendation IS 'What to do next, most urgent first, in sentences: from cash, the binding constraint, the decisions, the nearest lever and missing data.';
COMMENT ON COLUMN momentum.recommendation.brand IS 'The brand.';
COMMENT ON COLUMN momentum.recommendation.as_of IS 'Newest complete day of the brand.';
COMMENT ON COLUMN momentum.recommendation.place IS '1 is the most urgent.';
COMMENT ON COLUMN momentum.recommendation.topic IS 'cash, constraint, cac target, spend, way back up, data.';
COMMENT ON COLUMN momentum.recommendation.action IS 'What to do.';
COMMENT ON COLUMN momentum.recommendation.because IS 'Why, in numbers.';
COMMENT ON COLUMN momentum.recommendation.confidence IS '0 to 1: 1 fresh and significant, 0.7 fresh, 0.4 stale or imputed.';
COMMENT ON COLUMN momentum.recommendation.recommendation IS 'Key of the advice, the same on every day it is given; for momentum.follow().';
COMMENT ON COLUMN momentum.recommendation.sentence IS 'What to do, why, and what it brings.';
COMMENT ON COLUMN momentum.recommendation.effect IS 'What it is expected to bring, as a sentence.';
COMMENT ON COLUMN momentum.recommendation.expected_effect IS 'The same as a number; NULL where it cannot be told, 0 where nothing is to change.';
COMMENT ON COLUMN momentum.recommendation.effect_unit IS 'Unit of expected_effect: money per 30 days (contribution profit), runway days, points of the score, % of the score''s weights.';
COMMENT ON COLUMN momentum.recommendation.currency IS 'Currency of money.';
COMMENT ON COLUMN momentum.recommendation.affordable_extra IS 'Extra ad spend a day that the cash can carry until its money comes back.';
COMMENT ON COLUMN momentum.recommendation.metric IS 'What it will be judged by once it was followed (recommendation_outcome).';
COMMENT ON COLUMN momentum.recommendation.figures IS 'The figures behind it, by name (JSON).';
COMMENT ON COLUMN momentum.recommendation.followed_on IS 'The day on which it was last followed.';
