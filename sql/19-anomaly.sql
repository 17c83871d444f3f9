-- Is one value unusual beside those it is compared with, and did something
-- change since a day (src/analytics/anomaly.c, before_after.c).

CREATE TYPE momentum.robust_z_result AS (
    n integer,
    median double precision,
    scale double precision,
    z double precision,
    p double precision,
    deviation double precision,
    reason text
);
COMMENT ON TYPE momentum.robust_z_result IS 'What robust_z() answers. Undefined numbers are NULL and reason says why.';
COMMENT ON COLUMN momentum.robust_z_result.n IS 'Values compared with.';
COMMENT ON COLUMN momentum.robust_z_result.median IS 'Their median: what is usual.';
COMMENT ON COLUMN momentum.robust_z_result.scale IS '1.4826 times their median absolute deviation: the usual distance from it.';
COMMENT ON COLUMN momentum.robust_z_result.z IS '(value - median) / scale; NULL without a spread.';
COMMENT ON COLUMN momentum.robust_z_result.p IS 'Chance of a z that far from 0 on either side, by the normal distribution.';
COMMENT ON COLUMN momentum.robust_z_result.deviation IS '(value - median) / |median|: -0.4 is 40 % below what is usual; NULL when the median is 0.';
COMMENT ON COLUMN momentum.robust_z_result.reason IS 'NULL, too_few_points (under 4), no_value, no_spread (more than half of the values are equal: judge by deviation), out_of_range.';

CREATE FUNCTION momentum.robust_z(value double precision, reference double precision[])
    RETURNS momentum.robust_z_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_robust_z';
COMMENT ON FUNCTION momentum.robust_z(double precision, double precision[]) IS
    'How unusual value is beside reference, such as the same weekday of the last 12 weeks: robust, so that one wild day of the past neither hides nor makes an anomaly. NULL, NaN and infinite values of reference do not count.';

CREATE TYPE momentum.before_after_result AS (
    n_before integer,
    n_after integer,
    before double precision,
    after double precision,
    expected double precision,
    difference double precision,
    se double precision,
    t double precision,
    df integer,
    p_up double precision,
    reason text
);
COMMENT ON TYPE momentum.before_after_result IS 'What before_after() answers. Undefined numbers are NULL and reason says why.';
COMMENT ON COLUMN momentum.before_after_result.n_before IS 'Days used before the change.';
COMMENT ON COLUMN momentum.before_after_result.n_after IS 'Days used after it.';
COMMENT ON COLUMN momentum.before_after_result.before IS 'Weighted mean before, as it was.';
COMMENT ON COLUMN momentum.before_after_result.after IS 'Weighted mean after, as it was.';
COMMENT ON COLUMN momentum.before_after_result.expected IS 'What the days after would have come to, had weekdays and trend of the days before gone on.';
COMMENT ON COLUMN momentum.before_after_result.difference IS 'after - expected.';
COMMENT ON COLUMN momentum.before_after_result.se IS 'Standard error of difference, that of the continued trend included, inflated for autocorrelation.';
COMMENT ON COLUMN momentum.before_after_result.t IS 'difference / se; NULL when both sides are without any scatter.';
COMMENT ON COLUMN momentum.before_after_result.df IS 'Degrees of freedom of t.';
COMMENT ON COLUMN momentum.before_after_result.p_up IS 'Probability that the change is above 0: Student t distribution function of t.';
COMMENT ON COLUMN momentum.before_after_result.reason IS 'NULL, no_days_after, too_few_points (no trend before), other_weekdays (nothing before on a weekday that occurs after), out_of_range.';

CREATE FUNCTION momentum.before_after(
    days date[],
    y double precision[],
    since date,
    w double precision[] DEFAULT NULL
) RETURNS momentum.before_after_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'mo_before_after';
COMMENT ON FUNCTION momentum.before_after(date[], double precision[], date, double precision[]) IS
    'Did y change on the day since? The days from it on, against weekdays and trend (trend_fit, robust) of the days before, continued. w: weights as for trend_fit(), such as sessions for a conversion rate. It tells a change, not its cause; the further the days after reach, the less the continued trend is worth, and se says so.';
