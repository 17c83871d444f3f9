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
COMMENT ON TYPE momentum.hamed_rao_result IS 'Mann-Kendall test corrected for autocorrelation: s, its variance already multiplied by factor, factor (at least 1), z, two-sided p, and tau = s over the number of pairs. NULL without a pair.';

CREATE FUNCTION momentum.hamed_rao(y double precision[], lags integer DEFAULT 3)
    RETURNS momentum.hamed_rao_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'mo_hamed_rao';
COMMENT ON FUNCTION momentum.hamed_rao(double precision[], integer) IS
    'Mann-Kendall test of equally spaced values that depend on the ones before, after Hamed and Rao: the variance grows with the significant autocorrelations of the first lags, and never shrinks. NULL, NaN and infinity leave their place empty. lags must not be negative; more than there are values are as many as there are.';
