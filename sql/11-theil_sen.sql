-- Rank-based companions of the trend, and the two distributions behind
-- every probability here (src/analytics/theil_sen.c, mann_kendall.c).

CREATE TYPE momentum.theil_sen_result AS (
    n integer,
    pairs bigint,
    slope double precision,
    intercept double precision,
    lo double precision,
    hi double precision
);
COMMENT ON TYPE momentum.theil_sen_result IS 'Median slope of all pairs of points: n points, pairs with different x, slope, intercept (median y - slope * median x), and the 95 % confidence limits lo and hi of the slope. NULL without two different x.';

CREATE FUNCTION momentum.theil_sen(x double precision[], y double precision[])
    RETURNS momentum.theil_sen_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'mo_theil_sen';
COMMENT ON FUNCTION momentum.theil_sen(double precision[], double precision[]) IS
    'Theil-Sen slope of y over x with its 95 % confidence limits, as scipy.stats.theilslopes gives them. Points with NULL, NaN or infinity are left out; at most 5,000 points.';

CREATE TYPE momentum.mann_kendall_result AS (
    n integer,
    s bigint,
    variance double precision,
    z double precision,
    p double precision,
    tau double precision
);
COMMENT ON TYPE momentum.mann_kendall_result IS 'Mann-Kendall test of a monotone trend: s = rising minus falling pairs, its variance corrected for ties, z, two-sided p, and tau = s over the number of pairs.';

CREATE FUNCTION momentum.mann_kendall(y double precision[])
    RETURNS momentum.mann_kendall_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME', 'mo_mann_kendall';
COMMENT ON FUNCTION momentum.mann_kendall(double precision[]) IS
    'Mann-Kendall test of y in the order of the array; NULL, NaN and infinity are left out. Assumes independent values: on daily data with a weekly pattern use trend_fit().';

CREATE FUNCTION momentum.student_t_cdf(t double precision, df double precision)
    RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_student_t_cdf';
COMMENT ON FUNCTION momentum.student_t_cdf(double precision, double precision) IS
    'Distribution function of Student''s t: the probability of a value below t with df > 0 degrees of freedom.';

CREATE FUNCTION momentum.normal_cdf(z double precision) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_normal_cdf';
COMMENT ON FUNCTION momentum.normal_cdf(double precision) IS
    'Distribution function of the standard normal: the probability of a value below z.';
