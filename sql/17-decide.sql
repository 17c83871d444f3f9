-- The three questions: raise the CAC target, increase spend, what constrains
-- growth (src/analytics/decide_cac.c, decide_spend.c, constraint.c).
--
-- Every argument has a name and defaults to NULL = not known; call them with
-- =>.  The brand's own rule answers first, the economics may only hold back
-- what it allows, and the reasons name a disagreement.
--
-- Confidences: input_confidence() of what stands behind an argument; the
-- decision's is the lowest of those it used.  Below 0.5 the decision starts
-- with TEST_: try it small first.

CREATE TYPE momentum.decision_result AS (
    decision text,
    from_value double precision,
    to_value double precision,
    reasons text[],
    confidence double precision
);
COMMENT ON TYPE momentum.decision_result IS 'decision: a word, with TEST_ before it below confidence 0.5; from_value and to_value: the number it is about, now and then; reasons: sentences with the numbers, some led by a code and a colon; confidence: 0 to 1, NULL when an input it cannot do without is missing.';

CREATE FUNCTION momentum.input_confidence(fresh boolean, significant boolean DEFAULT NULL)
    RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN fresh AND significant THEN float8 '1' WHEN fresh THEN 0.7 ELSE 0.4 END;
COMMENT ON FUNCTION momentum.input_confidence(boolean, boolean) IS
    'Confidence of one input of a decision: 1 fresh and significant, 0.7 fresh, 0.4 stale or imputed.';

CREATE FUNCTION momentum.decide_cac_target(
    cac_target double precision DEFAULT NULL,
    cac_actual double precision DEFAULT NULL,
    first_margin double precision DEFAULT NULL,
    repeat_margin double precision DEFAULT NULL,
    profit_share double precision DEFAULT NULL,
    marginal_cac double precision DEFAULT NULL,
    runway_days double precision DEFAULT NULL,
    runway_min double precision DEFAULT NULL,
    score double precision DEFAULT NULL,
    margin_confidence double precision DEFAULT NULL,
    marginal_cac_confidence double precision DEFAULT NULL,
    runway_confidence double precision DEFAULT NULL,
    score_confidence double precision DEFAULT NULL
) RETURNS momentum.decision_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_decide_cac_target';
COMMENT ON FUNCTION momentum.decide_cac_target IS
    'Raise the CAC target? RAISE, LOWER, NO or HOLD.
cac_target, cac_actual: money per new customer.
first_margin: contribution margin of a new customer''s first order, money.
repeat_margin: margin of the repeat orders inside the payback window, money; not known counts as 0.
profit_share: part of the margin kept as profit, 0.20 when not given; allowable CAC = (first_margin
+ repeat_margin) * (1 - profit_share).
marginal_cac: mcac of marginal_cac(), money.
runway_days: may be Infinity; runway_min: days below which cash is tight, 60 when not given.
score: momentum score, -1 to 1.
..._confidence: input_confidence() of the input; 0.7 when not given.';

CREATE FUNCTION momentum.decide_spend(
    spend_per_day double precision DEFAULT NULL,
    cac_target double precision DEFAULT NULL,
    cac_actual double precision DEFAULT NULL,
    first_margin double precision DEFAULT NULL,
    repeat_margin double precision DEFAULT NULL,
    profit_share double precision DEFAULT NULL,
    marginal_cac double precision DEFAULT NULL,
    runway_days double precision DEFAULT NULL,
    runway_min double precision DEFAULT NULL,
    runway_hard double precision DEFAULT NULL,
    affordable_extra double precision DEFAULT NULL,
    conversion_status text DEFAULT NULL,
    stock_cover_days double precision DEFAULT NULL,
    cpm_before double precision DEFAULT NULL,
    cpm_now double precision DEFAULT NULL,
    ctr_before double precision DEFAULT NULL,
    ctr_now double precision DEFAULT NULL,
    cvr_before double precision DEFAULT NULL,
    cvr_now double precision DEFAULT NULL,
    cac_confidence double precision DEFAULT NULL,
    margin_confidence double precision DEFAULT NULL,
    marginal_cac_confidence double precision DEFAULT NULL,
    runway_confidence double precision DEFAULT NULL
) RETURNS momentum.decision_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_decide_spend';
COMMENT ON FUNCTION momentum.decide_spend IS
    'Increase spend? INCREASE, DECREASE, NO or HOLD; from_value and to_value are money per day.
spend_per_day: present ad spend, money per day.
cac_target ... runway_days, runway_min: as in decide_cac_target().
runway_hard: days below which spend is cut whatever else holds, 30 when not given.
affordable_extra: affordable_spend(), money per day.
conversion_status: metric_status() of the conversion rate; red holds an increase back.
stock_cover_days: days the stock lasts; under 30 holds an increase back, NULL (not known) does not.
cpm, ctr, cvr, before and now: cost per 1000 impressions, clicks per impression, new customers per
click, in two periods of the same length; with all six the reasons name the step that made the CAC
dearer.
..._confidence: input_confidence() of the input; 0.7 when not given.';

CREATE FUNCTION momentum.constraint_severity(
    runway_days double precision DEFAULT NULL,
    runway_target double precision DEFAULT NULL,
    runway_hard double precision DEFAULT NULL,
    trough double precision DEFAULT NULL,
    floor double precision DEFAULT NULL,
    spend_step double precision DEFAULT NULL,
    affordable_extra double precision DEFAULT NULL,
    cac_target double precision DEFAULT NULL,
    cac_actual double precision DEFAULT NULL,
    spend_30d double precision DEFAULT NULL,
    first_margin double precision DEFAULT NULL,
    marginal_cac double precision DEFAULT NULL,
    conversion_target double precision DEFAULT NULL,
    conversion_actual double precision DEFAULT NULL,
    sessions_30d double precision DEFAULT NULL,
    order_value double precision DEFAULT NULL,
    margin_share double precision DEFAULT NULL,
    velocity_target double precision DEFAULT NULL,
    velocity_actual double precision DEFAULT NULL,
    doors double precision DEFAULT NULL,
    unit_price double precision DEFAULT NULL,
    retail_margin_share double precision DEFAULT NULL,
    cpm_before double precision DEFAULT NULL,
    cpm_now double precision DEFAULT NULL,
    ctr_before double precision DEFAULT NULL,
    ctr_now double precision DEFAULT NULL,
    cvr_before double precision DEFAULT NULL,
    cvr_now double precision DEFAULT NULL
) RETURNS TABLE (
    place integer,
    component text,
    severity double precision,
    value_at_stake double precision,
    binding boolean,
    remedy text
)
    LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 4 AS 'MODULE_PATHNAME', 'mo_constraint_severity';
COMMENT ON FUNCTION momentum.constraint_severity IS
    'The four possible constraints of growth, always all four (working_capital, cac, conversion, velocity), worst first: severity 0 (on target) to 1, NULL when not known; value_at_stake: contribution profit per 30 days, money; binding: the one to lift first; remedy: what to do, in numbers.
runway_days (may be Infinity), runway_target (90 when not given), runway_hard (30 when not given):
days. trough, floor (0 when not given): lowest projected working capital and what it must not fall
below, money.
spend_step: wanted extra ad spend, affordable_extra: affordable_spend(), money per day. spend_30d:
ad spend of 30 days.
cac_target, cac_actual, first_margin, marginal_cac: money per new customer.
conversion_target, conversion_actual: orders per session. sessions_30d: sessions of 30 days.
order_value: money per order. margin_share: contribution margin over revenue, 0 to 1.
velocity_target, velocity_actual: units per store per week. doors: stores. unit_price: money.
retail_margin_share: as margin_share, in retail; that one when not given.
cpm, ctr, cvr, before and now: as in decide_spend().';

CREATE FUNCTION momentum.decide_constraint(
    runway_days double precision DEFAULT NULL,
    runway_target double precision DEFAULT NULL,
    runway_hard double precision DEFAULT NULL,
    trough double precision DEFAULT NULL,
    floor double precision DEFAULT NULL,
    spend_step double precision DEFAULT NULL,
    affordable_extra double precision DEFAULT NULL,
    cac_target double precision DEFAULT NULL,
    cac_actual double precision DEFAULT NULL,
    spend_30d double precision DEFAULT NULL,
    first_margin double precision DEFAULT NULL,
    marginal_cac double precision DEFAULT NULL,
    conversion_target double precision DEFAULT NULL,
    conversion_actual double precision DEFAULT NULL,
    sessions_30d double precision DEFAULT NULL,
    order_value double precision DEFAULT NULL,
    margin_share double precision DEFAULT NULL,
    velocity_target double precision DEFAULT NULL,
    velocity_actual double precision DEFAULT NULL,
    doors double precision DEFAULT NULL,
    unit_price double precision DEFAULT NULL,
    retail_margin_share double precision DEFAULT NULL,
    cpm_before double precision DEFAULT NULL,
    cpm_now double precision DEFAULT NULL,
    ctr_before double precision DEFAULT NULL,
    ctr_now double precision DEFAULT NULL,
    cvr_before double precision DEFAULT NULL,
    cvr_now double precision DEFAULT NULL,
    runway_confidence double precision DEFAULT NULL,
    cac_confidence double precision DEFAULT NULL,
    conversion_confidence double precision DEFAULT NULL,
    velocity_confidence double precision DEFAULT NULL
) RETURNS momentum.decision_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_decide_constraint';
COMMENT ON FUNCTION momentum.decide_constraint IS
    'What constrains growth? working_capital, cac, conversion, velocity, none, or unknown (nothing to judge by). from_value and to_value: actual and target of that one. The reasons list all four with their remedies, worst first.
Arguments as in constraint_severity(); ..._confidence: input_confidence() of the input, 0.7 when not
given.';
