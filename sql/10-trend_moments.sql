-- A trend from sums per weekday: the same line as trend_fit(robust => false),
-- over any number of rows, by parallel workers and in moving windows
-- (src/analytics/trend_moments.c).

CREATE TYPE momentum.trend_moments_result AS (
    n bigint,
    groups integer,
    df bigint,
    sxx double precision,
    slope double precision,
    se_iid double precision,
    level double precision,
    g double precision,
    n_bad bigint,
    reason text
);
COMMENT ON TYPE momentum.trend_moments_result IS 'What the aggregate trend_moments() answers. Undefined numbers are NULL and reason says why.';
COMMENT ON COLUMN momentum.trend_moments_result.n IS 'Points used.';
COMMENT ON COLUMN momentum.trend_moments_result.groups IS 'Weekdays that occur (weekly data: 1).';
COMMENT ON COLUMN momentum.trend_moments_result.df IS 'Degrees of freedom: n - groups - 1; below 5 there is no trend.';
COMMENT ON COLUMN momentum.trend_moments_result.sxx IS 'Sum of squared days about the mean day of each weekday, weights scaled to mean 1.';
COMMENT ON COLUMN momentum.trend_moments_result.slope IS 'Change of y per day.';
COMMENT ON COLUMN momentum.trend_moments_result.se_iid IS 'Standard error of slope if the points were independent; days seldom are, trend_fit() knows.';
COMMENT ON COLUMN momentum.trend_moments_result.level IS 'Weighted mean of y.';
COMMENT ON COLUMN momentum.trend_moments_result.g IS 'Relative change per 30 days: 0.10 means +10 % of the level in 30 days.';
COMMENT ON COLUMN momentum.trend_moments_result.n_bad IS 'Points dropped because value or weight was NaN or infinite (NULL is merely absent).';
COMMENT ON COLUMN momentum.trend_moments_result.reason IS 'NULL, too_few_points, nonpositive_level, or out_of_range (a square beyond what double precision holds).';

CREATE FUNCTION momentum._trend_moments_accum(internal, day date, y double precision)
    RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_moments_accum';
COMMENT ON FUNCTION momentum._trend_moments_accum(internal, date, double precision) IS 'Transition of the aggregate trend_moments(day, y).';

CREATE FUNCTION momentum._trend_moments_accum(internal, day date, y double precision, w double precision)
    RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_moments_accum';
COMMENT ON FUNCTION momentum._trend_moments_accum(internal, date, double precision, double precision) IS 'Transition of the aggregate trend_moments(day, y, w).';

CREATE FUNCTION momentum._trend_moments_remove(internal, day date, y double precision)
    RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_moments_remove';
COMMENT ON FUNCTION momentum._trend_moments_remove(internal, date, double precision) IS 'Inverse transition of the aggregate trend_moments(day, y).';

CREATE FUNCTION momentum._trend_moments_remove(internal, day date, y double precision, w double precision)
    RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_moments_remove';
COMMENT ON FUNCTION momentum._trend_moments_remove(internal, date, double precision, double precision) IS 'Inverse transition of the aggregate trend_moments(day, y, w).';

CREATE FUNCTION momentum._trend_moments_combine(internal, internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_moments_combine';
COMMENT ON FUNCTION momentum._trend_moments_combine(internal, internal) IS 'Joins two states of the aggregate trend_moments.';

CREATE FUNCTION momentum._trend_moments_serialize(internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_moments_serialize';
COMMENT ON FUNCTION momentum._trend_moments_serialize(internal) IS 'State of the aggregate trend_moments as bytes, for a parallel worker.';

CREATE FUNCTION momentum._trend_moments_deserialize(bytea, internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_moments_deserialize';
COMMENT ON FUNCTION momentum._trend_moments_deserialize(bytea, internal) IS 'State of the aggregate trend_moments from bytes.';

CREATE FUNCTION momentum._trend_moments_final(internal) RETURNS momentum.trend_moments_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_moments_final';
COMMENT ON FUNCTION momentum._trend_moments_final(internal) IS 'Answer of the aggregate trend_moments.';

CREATE AGGREGATE momentum.trend_moments(day date, y double precision) (
    SFUNC = momentum._trend_moments_accum,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = momentum._trend_moments_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = momentum._trend_moments_combine,
    SERIALFUNC = momentum._trend_moments_serialize,
    DESERIALFUNC = momentum._trend_moments_deserialize,
    MSFUNC = momentum._trend_moments_accum,
    MINVFUNC = momentum._trend_moments_remove,
    MSTYPE = internal,
    MSSPACE = 1024,
    MFINALFUNC = momentum._trend_moments_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE momentum.trend_moments(date, double precision) IS
    'Trend of y over days, free of the weekly pattern, from sums of any number of rows: slope and level of trend_fit(..., robust => false). Parallel, and cheap in a moving window (OVER ... ROWS). Each row is a point, so rows of one day are not added up: sum channels to the day first where the trend of the total is meant. Wild days are not pulled in; for a judgement use trend().';

CREATE AGGREGATE momentum.trend_moments(day date, y double precision, w double precision) (
    SFUNC = momentum._trend_moments_accum,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = momentum._trend_moments_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = momentum._trend_moments_combine,
    SERIALFUNC = momentum._trend_moments_serialize,
    DESERIALFUNC = momentum._trend_moments_deserialize,
    MSFUNC = momentum._trend_moments_accum,
    MINVFUNC = momentum._trend_moments_remove,
    MSTYPE = internal,
    MSSPACE = 1024,
    MFINALFUNC = momentum._trend_moments_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE momentum.trend_moments(date, double precision, double precision) IS
    'Weighted trend_moments(); w such as sessions (conversion rate) or stores (velocity): above 0, 0 drops the point.';
