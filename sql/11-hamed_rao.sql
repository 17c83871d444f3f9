-- Mann-Kendall test of autocorrelated values (src/analytics/hamed_rao.c).

CREATE TYPE momentum.hamed_rao_result AS (
    n integer,
    s bigint,
    variance double precision,
    factor double precision,
    z double precision,
    p double precision,
    tau double precision
);
COMMENT ON TYPE momentum.hamed_rao_result IS 'Mann-Kendall test corrected for autocorrelation. Numbers are NULL without a pair of values.';
COMMENT ON COLUMN momentum.hamed_rao_result.n IS 'Values used.';
COMMENT ON COLUMN momentum.hamed_rao_result.s IS 'Rising minus falling pairs.';
COMMENT ON COLUMN momentum.hamed_rao_result.variance IS 'Variance of s without a trend, corrected for ties, times factor.';
COMMENT ON COLUMN momentum.hamed_rao_result.factor IS 'What autocorrelation multiplies the variance by, at least 1.';
COMMENT ON COLUMN momentum.hamed_rao_result.z IS 's in standard deviations, one pair nearer to 0; 0 when s or the variance is 0.';
COMMENT ON COLUMN momentum.hamed_rao_result.p IS 'Probability of such a z, of either sign, without a trend.';
COMMENT ON COLUMN momentum.hamed_rao_result.tau IS 's over the number of pairs, from -1 to 1.';

CREATE FUNCTION momentum.hamed_rao(y double precision[], lags integer DEFAULT 3)
    RETURNS momentum.hamed_rao_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'mo_hamed_rao';
COMMENT ON FUNCTION momentum.hamed_rao(double precision[], integer) IS
    'Mann-Kendall test of equally spaced values that depend on the ones before, after Hamed and Rao: the variance grows with the significant autocorrelations of the first lags, and never shrinks. NULL, NaN and infinity leave their place empty. lags must not be negative; more than there are values are as many as there are.';
