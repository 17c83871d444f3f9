-- Trend of one series: slope within weekdays, robust to single wild days,
-- with a standard error that knows about autocorrelation (src/analytics/trend.c).

CREATE TYPE momentum.trend_result AS (
    n integer,
    groups integer,
    df integer,
    pairs integer,
    ts0 double precision,
    mad_s double precision,
    clipped integer,
    slope double precision,
    se_iid double precision,
    r1 double precision,
    rho double precision,
    se double precision,
    level double precision,
    g double precision,
    se_g double precision,
    t double precision,
    p_up double precision,
    accel double precision,
    t_accel double precision,
    n_bad integer,
    reason text
);
COMMENT ON TYPE momentum.trend_result IS 'What trend_fit() and the aggregate trend() answer. Undefined numbers are NULL and reason says why.';
COMMENT ON COLUMN momentum.trend_result.n IS 'Points used.';
COMMENT ON COLUMN momentum.trend_result.groups IS 'Weekdays that occur (weekly data: 1).';
COMMENT ON COLUMN momentum.trend_result.df IS 'Degrees of freedom: n - groups - 1; below 5 there is no trend.';
COMMENT ON COLUMN momentum.trend_result.pairs IS 'Same-weekday pairs behind the robust start; NULL when robust is off.';
COMMENT ON COLUMN momentum.trend_result.ts0 IS 'Robust start: median slope of the same-weekday pairs, units of y per day.';
COMMENT ON COLUMN momentum.trend_result.mad_s IS 'Robust scale of the deviations, units of y; values beyond three of it are pulled in.';
COMMENT ON COLUMN momentum.trend_result.clipped IS 'Points that were pulled in.';
COMMENT ON COLUMN momentum.trend_result.slope IS 'Change of y per day.';
COMMENT ON COLUMN momentum.trend_result.se_iid IS 'Standard error of slope if the days were independent.';
COMMENT ON COLUMN momentum.trend_result.r1 IS 'Autocorrelation of neighbouring residuals.';
COMMENT ON COLUMN momentum.trend_result.rho IS 'The same after bias correction, within 0 and 0.9.';
COMMENT ON COLUMN momentum.trend_result.se IS 'Standard error of slope, inflated for autocorrelation.';
COMMENT ON COLUMN momentum.trend_result.level IS 'Weighted mean of the (pulled in) values, units of y.';
COMMENT ON COLUMN momentum.trend_result.g IS 'Relative change per 30 days: 0.10 means +10 % of the level in 30 days.';
COMMENT ON COLUMN momentum.trend_result.se_g IS 'Standard error of g.';
COMMENT ON COLUMN momentum.trend_result.t IS 'slope / se; NULL when the fit is perfect.';
COMMENT ON COLUMN momentum.trend_result.p_up IS 'Probability of growth: Student t distribution function of t with df degrees of freedom.';
COMMENT ON COLUMN momentum.trend_result.accel IS 'Change of g per 30 days: above 0 the curve bends up.';
COMMENT ON COLUMN momentum.trend_result.t_accel IS 'accel over its standard error.';
COMMENT ON COLUMN momentum.trend_result.n_bad IS 'Points dropped because value or weight was NaN or infinite (NULL is merely absent).';
COMMENT ON COLUMN momentum.trend_result.reason IS 'NULL, too_few_points, nonpositive_level, out_of_range, or short_weekly (a trend of under 13 weekly points: significant too often, 7-16 % instead of 5 %).';

CREATE FUNCTION momentum.trend_fit(
    days date[],
    y double precision[],
    w double precision[] DEFAULT NULL,
    robust boolean DEFAULT true
) RETURNS momentum.trend_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'mo_trend_fit';
COMMENT ON FUNCTION momentum.trend_fit(date[], double precision[], double precision[], boolean) IS
    'Trend of y over days, free of the weekly pattern. w: weights above 0 (default 1 each; 0 drops the point), such as sessions for a conversion rate. The order of the days does not matter; a day twice is an error. robust => false leaves out the pulling in of wild days: the slope is then linear in y, so slopes of channels add up to the slope of the total.';

CREATE FUNCTION momentum._trend_accum(internal, day date, y double precision) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_accum';
COMMENT ON FUNCTION momentum._trend_accum(internal, date, double precision) IS 'Transition of the aggregate trend(day, y).';

CREATE FUNCTION momentum._trend_accum(internal, day date, y double precision, w double precision)
    RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_accum';
COMMENT ON FUNCTION momentum._trend_accum(internal, date, double precision, double precision) IS 'Transition of the aggregate trend(day, y, w).';

CREATE FUNCTION momentum._trend_combine(internal, internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_combine';
COMMENT ON FUNCTION momentum._trend_combine(internal, internal) IS 'Joins two states of the aggregate trend.';

CREATE FUNCTION momentum._trend_serialize(internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_serialize';
COMMENT ON FUNCTION momentum._trend_serialize(internal) IS 'State of the aggregate trend as bytes, for a parallel worker.';

CREATE FUNCTION momentum._trend_deserialize(bytea, internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_trend_deserialize';
COMMENT ON FUNCTION momentum._trend_deserialize(bytea, internal) IS 'State of the aggregate trend from bytes.';

CREATE FUNCTION momentum._trend_final(internal) RETURNS momentum.trend_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'mo_trend_final';
COMMENT ON FUNCTION momentum._trend_final(internal) IS 'Answer of the aggregate trend.';

CREATE AGGREGATE momentum.trend(day date, y double precision) (
    SFUNC = momentum._trend_accum,
    STYPE = internal,
    FINALFUNC = momentum._trend_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = momentum._trend_combine,
    SERIALFUNC = momentum._trend_serialize,
    DESERIALFUNC = momentum._trend_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE momentum.trend(date, double precision) IS
    'trend_fit() of the rows of a group, robust. One row per day: sum channels to the day first, a day twice is an error.';

CREATE AGGREGATE momentum.trend(day date, y double precision, w double precision) (
    SFUNC = momentum._trend_accum,
    STYPE = internal,
    FINALFUNC = momentum._trend_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = momentum._trend_combine,
    SERIALFUNC = momentum._trend_serialize,
    DESERIALFUNC = momentum._trend_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE momentum.trend(date, double precision, double precision) IS
    'Weighted trend_fit() of the rows of a group, robust; w such as sessions (conversion rate) or stores (velocity).';
