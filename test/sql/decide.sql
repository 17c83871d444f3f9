-- The three questions: raise the CAC target, increase spend, what constrains
-- growth.  The brand's rule answers first; the economics may hold it back.
CREATE EXTENSION momentum;
SET search_path = momentum, public;
SET extra_float_digits = 0;

CREATE FUNCTION public.near(got float8, expected float8) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS
$$ SELECT abs(got - expected) <= 1e-9 * greatest(abs(got), abs(expected)) $$;

-- A decision in one line, its reasons below.
CREATE FUNCTION public.show(d decision_result) RETURNS SETOF text
    LANGUAGE sql IMMUTABLE AS
$$
    SELECT format('%s: %s -> %s, confidence %s', d.decision,
        coalesce(d.from_value::text, 'unknown'),
        coalesce(d.to_value::text, 'unknown'), coalesce(d.confidence::text, 'unknown'))
    UNION ALL
    SELECT '  ' || reason FROM unnest(d.reasons) WITH ORDINALITY AS r (reason, n)
$$;
\pset tuples_only

-- What stands behind an input: fresh and significant, fresh, stale.
SELECT input_confidence(true, true), input_confidence(true), input_confidence(true, false),
    input_confidence(false, true), input_confidence(NULL);

--
-- Raise the CAC target?
--
-- Cash is healthy, momentum up, a customer is worth it: in steps of 15 %.
SELECT show(decide_cac_target(cac_target => 50, cac_actual => 48, first_margin => 75,
    repeat_margin => 15, marginal_cac => 60, runway_days => 93.56, score => 0.12,
    margin_confidence => 1, marginal_cac_confidence => 1, runway_confidence => 1,
    score_confidence => 1));
-- To what a customer may cost, where that is nearer.
SELECT (show(decide_cac_target(cac_target => 50, first_margin => 70, runway_days => 'Infinity',
    score => 0.12))) LIMIT 1;

-- The rule says yes, the economics do not: held, and by how much.
SELECT show(decide_cac_target(cac_target => 50, first_margin => 65, marginal_cac => 89.1,
    runway_days => 93.56, score => 0.12));

-- Tight or down: no.
SELECT show(decide_cac_target(cac_target => 50, first_margin => 90, runway_days => 46,
    score => 0.12));
SELECT show(decide_cac_target(cac_target => 50, first_margin => 90, runway_days => 46,
    score => -0.08));
-- And lower it, if a customer is not worth the target.
SELECT show(decide_cac_target(cac_target => 50, first_margin => 50, runway_days => 93.56,
    score => -0.08));
SELECT (show(decide_cac_target(cac_target => 50, first_margin => 56, runway_days => 93.56,
    score => -0.08))) LIMIT 1;
-- A flat score is neither.
SELECT show(decide_cac_target(cac_target => 50, first_margin => 90, runway_days => 93.56,
    score => 1e-15));

-- The margin is not known: the rule alone, to be tried small.
SELECT show(decide_cac_target(cac_target => 50, runway_days => 93.56, score => 0.12,
    runway_confidence => 1, score_confidence => 1));
SELECT (show(decide_cac_target(cac_target => 50, runway_days => 46, score => 0.12))) LIMIT 1;
-- A stale score as well.
SELECT (show(decide_cac_target(cac_target => 50, first_margin => 90, runway_days => 93.56,
    score => 0.12, score_confidence => input_confidence(fresh => false)))) LIMIT 1;

-- Without a score, a runway or a target there is no answer.
SELECT show(decide_cac_target(cac_target => 50, first_margin => 90, runway_days => 93.56));
SELECT show(decide_cac_target(cac_target => 0, score => 'NaN'));
-- Momentum is down: no, whatever the runway is.
SELECT show(decide_cac_target(cac_target => 50, first_margin => 50, score => -0.2));
SELECT show(decide_cac_target(cac_target => 50, first_margin => 90, score => 0.2));

-- Another brand, other thresholds.
SELECT (show(decide_cac_target(cac_target => 50, first_margin => 90, profit_share => 0.35,
    runway_days => 46, runway_min => 45, score => 0.12))) LIMIT 1;
SELECT decide_cac_target(cac_target => 50, profit_share => 1);
SELECT decide_cac_target(cac_target => 50, runway_days => 90, score => 0.1, score_confidence => 7);
\echo :LAST_ERROR_SQLSTATE

--
-- Increase spend?
--
-- Below target, cash carries it, the next customer pays.
SELECT show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 44,
    first_margin => 75, marginal_cac => 48, runway_days => 93.56, affordable_extra => 500,
    conversion_status => 'green', stock_cover_days => 40, cac_confidence => 1,
    margin_confidence => 1, marginal_cac_confidence => 1, runway_confidence => 1));
-- No more than cash carries.
SELECT (show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 44,
    first_margin => 75, runway_days => 93.56, affordable_extra => 47.33))) LIMIT 1;

-- Each condition that fails is named, with its distance.
SELECT show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 46,
    first_margin => 75, runway_days => 46, affordable_extra => 0, conversion_status => 'red',
    stock_cover_days => 12));
SELECT show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 44,
    first_margin => 56, marginal_cac => 48, runway_days => 93.56, affordable_extra => 500));
SELECT show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 50,
    first_margin => 75, marginal_cac => 48, runway_days => 93.56, affordable_extra => 500));

-- Above target: no, optimise first; the step that made it dear is named.
SELECT show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 63.45,
    first_margin => 125, marginal_cac => 90, runway_days => 93.56, affordable_extra => 500,
    cpm_before => 12, cpm_now => 13.5, ctr_before => 0.012, ctr_now => 0.0115, cvr_before => 0.02,
    cvr_now => 0.0185));
-- Less, where the next customer is not worth it, or nobody knows.
SELECT show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 60,
    first_margin => 75, marginal_cac => 89.1, runway_days => 93.56, affordable_extra => 500));
SELECT (show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 60,
    first_margin => 75))) LIMIT 1;
-- Nearly out of cash: less, whatever the CAC.
SELECT show(decide_spend(spend_per_day => 1000, runway_days => 20, runway_confidence => 1));

-- The margin is not known: the rule alone, to be tried small.
SELECT show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 44,
    marginal_cac => 48, runway_days => 93.56, affordable_extra => 500));
SELECT (show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 60,
    marginal_cac => 89.1))) LIMIT 1;

-- What it cannot do without.
SELECT show(decide_spend(spend_per_day => 0));
SELECT show(decide_spend(cac_target => 50));
SELECT show(decide_spend(spend_per_day => 1000));
SELECT show(decide_spend(spend_per_day => 1000, cac_target => 50));
-- The rule says yes to customers that cost more than they may: it is named.
SELECT show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 40, first_margin => 40, runway_days => 90, affordable_extra => 500));
-- Ads that bring nobody have no CAC below any target.
SELECT show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 'Infinity'));
-- Without a margin no value is known but that of cash, of which there is enough
-- for more ads: nothing at stake there is not what binds.
SELECT place, component, severity, value_at_stake, binding FROM constraint_severity(runway_days => 80, cac_target => 50, cac_actual => 100,
    spend_30d => 30000, marginal_cac => 60, spend_step => 200, affordable_extra => 500) ORDER BY place LIMIT 2;
SELECT * FROM constraint_severity(cac_target => 50, cac_actual => 'Infinity', spend_30d => 30000, first_margin => 75) LIMIT 1;
SELECT (show(decide_constraint(cac_target => 50, cac_actual => 'Infinity', spend_30d => 30000, first_margin => 75))) LIMIT 2;
SELECT show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 44));
SELECT show(decide_spend(spend_per_day => 1000, cac_target => 50, cac_actual => 44,
    runway_days => 90));
SELECT decide_spend(spend_per_day => 1000, conversion_status => 'amber');

--
-- What constrains growth?
--
\pset tuples_only
-- Value at stake in 30 days: conversion 66000 sessions, CAC 31200 of spend,
-- velocity 460 doors; reference numbers to 1e-9.
CREATE VIEW public.four AS
SELECT *
FROM constraint_severity(runway_days => 93.56, spend_step => 200, affordable_extra => 47.33,
    cac_target => 50, cac_actual => 60, spend_30d => 31200, first_margin => 75,
    marginal_cac => 62.5, conversion_target => 0.027, conversion_actual => 0.0241,
    sessions_30d => 66000, order_value => 80, margin_share => 0.42, velocity_target => 13,
    velocity_actual => 12.29, doors => 460, unit_price => 4, retail_margin_share => 0.35);
SELECT place, component, round(severity::numeric, 4) AS severity,
    round(value_at_stake::numeric, 2) AS value, binding
FROM public.four;
SELECT component, CASE component
        WHEN 'conversion' THEN near(value_at_stake, 6431.04)
            AND near(severity, ln(0.027 / 0.0241) / ln(1.5))
        WHEN 'cac' THEN near(value_at_stake, 7800) AND near(severity, 0.449660286786791)
        WHEN 'velocity' THEN near(value_at_stake, 1959.6)
            AND near(severity, ln(13 / 12.29) / ln(1.5))
        WHEN 'working_capital' THEN near(value_at_stake, (200 - 47.33) * 30 * 0.2) AND severity = 0
    END AS ok
FROM public.four;
SELECT component, remedy FROM public.four;

-- Under 30 days of runway cash comes first, whatever the values.
SELECT place, component, round(severity::numeric, 4) AS severity,
    round(value_at_stake::numeric, 2) AS value, binding, remedy
FROM constraint_severity(runway_days => 20, trough => -18580, floor => 5000, cac_target => 50,
    cac_actual => 75, spend_30d => 31200, first_margin => 75, cpm_before => 12, cpm_now => 12,
    ctr_before => 0.012, ctr_now => 0.01, cvr_before => 0.02, cvr_now => 0.02);
-- Short, but not that short: it competes by its value.
SELECT place, component, round(severity::numeric, 4) AS severity,
    round(value_at_stake::numeric, 2) AS value, binding, remedy
FROM constraint_severity(runway_days => 46, spend_step => 200, affordable_extra => 0,
    first_margin => 75, marginal_cac => 50, conversion_target => 0.03, conversion_actual => 0.02,
    sessions_30d => 1000, order_value => 80, margin_share => 0.42);
-- Equal values: the severer first.  A value that is not known comes after one that is.
SELECT place, component, round(severity::numeric, 4) AS severity, value_at_stake, binding
FROM constraint_severity(conversion_target => 0.03, conversion_actual => 0.02,
    velocity_target => 10, velocity_actual => 9, cac_target => 50, cac_actual => 55,
    spend_30d => 1100, first_margin => 75);

\pset tuples_only
-- The decision: which, from what to what, and all four as reasons.
SELECT show(decide_constraint(runway_days => 93.56, spend_step => 200, affordable_extra => 47.33,
    cac_target => 50, cac_actual => 60, spend_30d => 31200, first_margin => 75,
    marginal_cac => 62.5, conversion_target => 0.027, conversion_actual => 0.0241,
    sessions_30d => 66000, order_value => 80, margin_share => 0.42, velocity_target => 13,
    velocity_actual => 12.29, doors => 460, unit_price => 4, retail_margin_share => 0.35,
    runway_confidence => 1, cac_confidence => 1, conversion_confidence => 0.7,
    velocity_confidence => 1));
SELECT show(decide_constraint(runway_days => 20, trough => -18580, cac_target => 50,
    cac_actual => 75));
-- Nothing is off; nothing is known; something is stale.
SELECT show(decide_constraint(runway_days => 'Infinity', cac_target => 50, cac_actual => 40,
    conversion_target => 0.02, conversion_actual => 0.02, velocity_target => 10,
    velocity_actual => 12));
SELECT (show(decide_constraint())) LIMIT 1;
SELECT (show(decide_constraint(runway_days => 93.56, cac_target => 50, cac_actual => 60,
    cac_confidence => input_confidence(fresh => false)))) LIMIT 1;
SELECT (show(decide_constraint(conversion_target => 0.02, conversion_actual => 0))) LIMIT 1;
SELECT decide_constraint(runway_days => 20, runway_target => 0);
-- A figure beyond all figures is not known; the sentences hold no infinity.
SELECT place, component, severity, value_at_stake, remedy
FROM constraint_severity(runway_days => '-Infinity', conversion_target => 1e307,
    conversion_actual => 1e-307, sessions_30d => 1e10, velocity_target => 2,
    velocity_actual => 5e-324, doors => 1e300, unit_price => 4, cac_target => 50,
    cac_actual => 60, cpm_before => 5e-324, cpm_now => 1e308, ctr_before => 1,
    ctr_now => 5e-324, cvr_before => 1, cvr_now => 1);
-- Rounding is no difference: a CAC on its target is not above it, constrains
-- nothing, and a funnel that stands still has no step that moved it.
SELECT decide_spend(spend_per_day => 200, cac_target => 50, cac_actual => 50.00000000000001, runway_days => 120, affordable_extra => 100) =
       decide_spend(spend_per_day => 200, cac_target => 50, cac_actual => 50, runway_days => 120, affordable_extra => 100) AS spend_alike;
SELECT severity, binding, value_at_stake, remedy
FROM constraint_severity(cac_target => 50, cac_actual => 50.00000000000001, spend_30d => 6000, first_margin => 30) WHERE component = 'cac';
SELECT (show(decide_spend(spend_per_day => 200, cac_target => 40, cac_actual => 50, runway_days => 120, affordable_extra => 100,
    cpm_before => 10, cpm_now => 10.000000000000002, ctr_before => 0.01, ctr_now => 0.00999999999999999,
    cvr_before => 0.02, cvr_now => 0.02))) LIMIT 3;
