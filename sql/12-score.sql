-- The momentum score: its components, its value, what moved it, what would
-- bring it back (src/analytics/score.c, component.c).
--
-- All functions take parallel arrays, one place per component.  c is the
-- component's value within -1 and 1; NULL (or NaN) means missing, and a
-- missing component gives its weight to the others, never a zero.

CREATE TYPE momentum.component_result AS (
    raw double precision,
    c double precision,
    se double precision,
    reason text
);
COMMENT ON TYPE momentum.component_result IS 'One component: raw quantity, c = raw over its full scale within -1 and 1, se = standard error of c, reason when something is missing or special.';

CREATE FUNCTION momentum.component_value(raw double precision, full_scale double precision)
    RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_component_value';
COMMENT ON FUNCTION momentum.component_value(double precision, double precision) IS
    'c of a component: raw / full_scale, held within -1 and 1; an infinite raw (runway without end) gives 1 or -1, NULL or NaN gives NULL.';

CREATE FUNCTION momentum.cac_component(
    spend double precision,
    new_customers double precision,
    target double precision,
    full_scale double precision DEFAULT NULL
) RETURNS momentum.component_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_cac_component';
COMMENT ON FUNCTION momentum.cac_component(double precision, double precision, double precision, double precision) IS
    'Component of the customer acquisition cost: raw = ln(target / (spend / new_customers)), both sums over the same 30 days, full_scale ln 1.5 by default. Spend without customers: c = -1, reason no_new_customers; customers without spend: c = 1, reason no_spend; no target or nothing at all: missing (no_target, no_data). se takes the customers as Poisson, and is 0 where a rule gives c.';

CREATE TYPE momentum.score_result AS (
    score double precision,
    coverage double precision,
    se double precision,
    p_up double precision,
    direction text,
    confidence text,
    reason text
);
COMMENT ON TYPE momentum.score_result IS 'The momentum score and how sure it is.';
COMMENT ON COLUMN momentum.score_result.score IS 'Weighted mean of the available components, -1 to 1; above 0 the business curves up. NULL below half coverage.';
COMMENT ON COLUMN momentum.score_result.coverage IS 'Share of the weights whose component is available.';
COMMENT ON COLUMN momentum.score_result.se IS 'Standard error of the score; the components count as independent.';
COMMENT ON COLUMN momentum.score_result.p_up IS 'Probability that the true score is above 0.';
COMMENT ON COLUMN momentum.score_result.direction IS 'up, down, flat, or unknown (no score).';
COMMENT ON COLUMN momentum.score_result.confidence IS 'clear (p_up or 1 - p_up at least 0.90), leaning (0.70), unclear; NULL when no standard errors are known.';
COMMENT ON COLUMN momentum.score_result.reason IS 'insufficient_coverage, or no_standard_error when one of an available component is missing.';

CREATE FUNCTION momentum.momentum_score(
    component text[],
    weight double precision[],
    c double precision[],
    se double precision[] DEFAULT NULL
) RETURNS momentum.score_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_momentum_score';
COMMENT ON FUNCTION momentum.momentum_score(text[], double precision[], double precision[], double precision[]) IS
    'Momentum score of the components. weight: not negative; c: -1 to 1 or NULL (missing); se: standard error of each c (that of raw over full scale; 0 where the component is not estimated, such as runway).';

CREATE FUNCTION momentum.score_contributions(
    component text[],
    weight double precision[],
    c double precision[]
) RETURNS TABLE (
    component text,
    weight double precision,
    c double precision,
    contribution double precision
)
    LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'mo_score_contributions';
COMMENT ON FUNCTION momentum.score_contributions(text[], double precision[], double precision[]) IS
    'What each component adds to the score: weight is the share among the available components (they sum to 1; 0 when missing), contribution = weight * c (they sum to the score; NULL when missing).';

CREATE FUNCTION momentum.score_change(
    component text[],
    weight double precision[],
    c0 double precision[],
    c1 double precision[]
) RETURNS TABLE (
    component text,
    delta double precision,
    value_part double precision,
    coverage_part double precision,
    rank integer
)
    LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'mo_score_change';
COMMENT ON FUNCTION momentum.score_change(text[], double precision[], double precision[], double precision[]) IS
    'What moved the score from c0 to c1: the deltas sum to the change of the score; value_part is due to the component''s own change, coverage_part to components appearing or vanishing. Rank 1 is the input that changed most (largest absolute value_part).';

CREATE FUNCTION momentum.recovery_levers(
    component text[],
    weight double precision[],
    c double precision[],
    raw double precision[],
    full_scale double precision[]
) RETURNS TABLE (
    component text,
    delta_c double precision,
    c_needed double precision,
    raw_needed double precision,
    reachable boolean
)
    LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'mo_recovery_levers';
COMMENT ON FUNCTION momentum.recovery_levers(text[], double precision[], double precision[], double precision[], double precision[]) IS
    'For each component alone: the change that brings the score to 0, the others fixed. raw_needed is in the unit of raw: growth per 30 days; ln(target/actual) for CAC, so the CAC needed is target * exp(-raw_needed); (R - target)/target for runway. A raw beyond its full scale counts from the edge. reachable: c_needed lies within -1 and 1. All NULL when the component is missing or there is no score.';

CREATE FUNCTION momentum.trend_phase(growth double precision, acceleration double precision, t_acceleration double precision)
    RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
    AS $$
    SELECT CASE WHEN growth IS NULL OR growth = 'NaN' THEN 'unknown'
                WHEN abs(growth) < 1e-12 THEN 'flat'
                WHEN acceleration IS NULL OR acceleration = 'NaN' OR abs(acceleration) < 1e-12 OR abs(t_acceleration) < 1
                THEN CASE WHEN growth > 0 THEN 'rising' ELSE 'falling' END
                WHEN growth > 0 THEN CASE WHEN acceleration > 0 THEN 'rising_accelerating' ELSE 'rising_slowing' END
                ELSE CASE WHEN acceleration < 0 THEN 'falling_accelerating' ELSE 'falling_bottoming' END END
$$;
COMMENT ON FUNCTION momentum.trend_phase(double precision, double precision, double precision) IS
    'Where a curve is, from g, accel and t_accel of its trend: rising, falling, each with _accelerating, rising_slowing, falling_bottoming where the bend is more than its error (t_acceleration at least 1; NULL, without any error, is certain), flat, unknown.';
