-- Median slopes, of all pairs of points or of those on one weekday
-- (src/analytics/theil_sen.c, slopes.c).

CREATE TYPE momentum.theil_sen_result AS (
    n integer,
    pairs bigint,
    slope double precision,
    intercept double precision,
    lo double precision,
    hi double precision
);
COMMENT ON TYPE momentum.theil_sen_result IS 'Median slope of pairs of points, with its confidence limits. Numbers are NULL without two different x.';
COMMENT ON COLUMN momentum.theil_sen_result.n IS 'Points used.';
COMMENT ON COLUMN momentum.theil_sen_result.pairs IS 'Pairs with different x, of one weekday if seasonal.';
COMMENT ON COLUMN momentum.theil_sen_result.slope IS 'Median slope of the pairs, per unit of x; seasonal: per day.';
COMMENT ON COLUMN momentum.theil_sen_result.intercept IS 'Median y - slope * median x: the line at x = 0; seasonal: on the last day.';
COMMENT ON COLUMN momentum.theil_sen_result.lo IS 'Lower 95 % confidence limit of the slope. NULL when ties in both x and y leave no variance to tell.';
COMMENT ON COLUMN momentum.theil_sen_result.hi IS 'Upper 95 % confidence limit of the slope.';

CREATE FUNCTION momentum.theil_sen(x double precision[], y double precision[])
    RETURNS momentum.theil_sen_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'mo_theil_sen';
COMMENT ON FUNCTION momentum.theil_sen(double precision[], double precision[]) IS
    'Theil-Sen slope of y over x with its 95 % confidence limits, as scipy.stats.theilslopes gives them. Points with NULL, NaN or infinity are left out; at most 20,000 points.';

CREATE FUNCTION momentum.seasonal_theil_sen(days date[], y double precision[])
    RETURNS momentum.theil_sen_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'mo_seasonal_theil_sen';
COMMENT ON FUNCTION momentum.seasonal_theil_sen(date[], double precision[]) IS
    'Theil-Sen slope per day of the pairs on one weekday, so that no weekly pattern bends it; lo and hi from the variance of the seasonal Mann-Kendall test; the intercept is the line on the last day. Unknown days and values, NaN and infinity are left out, a day twice is an error; at most 20,000 points.';
