-- Tests of a monotone trend (src/analytics/mann_kendall.c, kendall.c).

CREATE TYPE momentum.mann_kendall_result AS (
    n integer,
    s bigint,
    variance double precision,
    z double precision,
    p double precision,
    tau double precision
);
COMMENT ON TYPE momentum.mann_kendall_result IS 'Mann-Kendall test of a monotone trend. Numbers are NULL without a pair of values.';
COMMENT ON COLUMN momentum.mann_kendall_result.n IS 'Values used.';
COMMENT ON COLUMN momentum.mann_kendall_result.s IS 'Rising minus falling pairs.';
COMMENT ON COLUMN momentum.mann_kendall_result.variance IS 'Variance of s without a trend, corrected for ties.';
COMMENT ON COLUMN momentum.mann_kendall_result.z IS 's in standard deviations, one pair nearer to 0; 0 when s or the variance is 0.';
COMMENT ON COLUMN momentum.mann_kendall_result.p IS 'Probability of such a z, of either sign, without a trend.';
COMMENT ON COLUMN momentum.mann_kendall_result.tau IS 's over the number of pairs, from -1 to 1.';

CREATE FUNCTION momentum.mann_kendall(y double precision[])
    RETURNS momentum.mann_kendall_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME', 'mo_mann_kendall';
COMMENT ON FUNCTION momentum.mann_kendall(double precision[]) IS
    'Mann-Kendall test of y in the order of the array; NULL, NaN and infinity are left out. Assumes independent values: on daily data with a weekly pattern use seasonal_mann_kendall() or trend_fit().';

CREATE FUNCTION momentum.seasonal_mann_kendall(days date[], y double precision[])
    RETURNS momentum.mann_kendall_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME', 'mo_seasonal_mann_kendall';
COMMENT ON FUNCTION momentum.seasonal_mann_kendall(date[], double precision[]) IS
    'Mann-Kendall test with s and variance added up over the weekdays, each compared with itself only, so that a weekly pattern counts for nothing. Unknown days and values, NaN and infinity are left out, a day twice is an error.';
