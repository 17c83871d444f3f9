-- Where a series took another slope (src/analytics/turning_point.c).

CREATE TYPE momentum.turning_point_result AS (
    n integer,
    day date,
    slope_before double precision,
    slope_after double precision,
    f double precision,
    rho double precision,
    f_adj double precision,
    significant boolean,
    reason text
);
COMMENT ON TYPE momentum.turning_point_result IS 'What turning_point() answers. Undefined numbers are NULL and reason says why.';
COMMENT ON COLUMN momentum.turning_point_result.n IS 'Points used.';
COMMENT ON COLUMN momentum.turning_point_result.day IS 'The last day of the old slope: the bend that explains most. NULL when the series is a straight line.';
COMMENT ON COLUMN momentum.turning_point_result.slope_before IS 'Change of y per day up to the day.';
COMMENT ON COLUMN momentum.turning_point_result.slope_after IS 'Change of y per day after it.';
COMMENT ON COLUMN momentum.turning_point_result.f IS 'F of the bent line against the straight one; NULL when the bent line leaves no error.';
COMMENT ON COLUMN momentum.turning_point_result.rho IS 'Autocorrelation of what the bent line leaves, within 0 and 0.9.';
COMMENT ON COLUMN momentum.turning_point_result.f_adj IS 'f * (1 - rho) / (1 + rho).';
COMMENT ON COLUMN momentum.turning_point_result.significant IS 'Whether f_adj exceeds 6.5, as in 5 % of series of 60 to 90 days that do not turn. Only then is day worth telling.';
COMMENT ON COLUMN momentum.turning_point_result.reason IS 'NULL, too_few_points (under 35), no_turn (a straight line without error), exact_fit (a bent one without error), or out_of_range.';

CREATE FUNCTION momentum.turning_point(days date[], y double precision[])
    RETURNS momentum.turning_point_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'mo_turning_point';
COMMENT ON FUNCTION momentum.turning_point(date[], double precision[]) IS
    'The day on which y took another slope, free of the weekly pattern: of all days but the first and last 15 % the one at which a line that bends fits best. Look at significant before believing it. NULL values are absent days, NaN and infinity are left out; the order of the days does not matter, a day twice is an error.';
