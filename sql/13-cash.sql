-- Working capital day by day, how long it lasts, and what it can afford
-- (src/analytics/cash.c).  All money in the brand's currency.

CREATE FUNCTION momentum.cash_walk(
    balance double precision,
    inflow double precision[],
    cost double precision[],
    loan double precision[]
) RETURNS TABLE (
    day integer,
    working_capital double precision
)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 90 AS 'MODULE_PATHNAME', 'mo_cash_walk';
COMMENT ON FUNCTION momentum.cash_walk(double precision, double precision[], double precision[], double precision[]) IS
    'Projected working capital at the end of day 1, 2, ... after today: balance + inflow - cost - loan, summed day by day. The three arrays have one place per day and no gaps: an unknown amount is an error, never a zero.';

CREATE TYPE momentum.runway_result AS (
    runway_days double precision,
    w30 double precision,
    w60 double precision,
    w90 double precision,
    trough double precision,
    trough_day integer,
    avg_change double precision
);
COMMENT ON TYPE momentum.runway_result IS 'How long the cash lasts.';
COMMENT ON COLUMN momentum.runway_result.runway_days IS 'Whole days before working capital falls below the floor; beyond the horizon extrapolated with the average daily change, Infinity when that is not negative.';
COMMENT ON COLUMN momentum.runway_result.w30 IS 'Working capital in 30 days; NULL when the projection is shorter.';
COMMENT ON COLUMN momentum.runway_result.w60 IS 'Working capital in 60 days.';
COMMENT ON COLUMN momentum.runway_result.w90 IS 'Working capital in 90 days.';
COMMENT ON COLUMN momentum.runway_result.trough IS 'Lowest working capital of the projection.';
COMMENT ON COLUMN momentum.runway_result.trough_day IS 'First day of the trough, 1 = tomorrow.';
COMMENT ON COLUMN momentum.runway_result.avg_change IS 'Average change of working capital per day over the projection.';

CREATE FUNCTION momentum.runway(
    balance double precision,
    inflow double precision[],
    cost double precision[],
    loan double precision[],
    floor double precision DEFAULT 0
) RETURNS momentum.runway_result
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_runway';
COMMENT ON FUNCTION momentum.runway(double precision, double precision[], double precision[], double precision[], double precision) IS
    'Runway of the projection of cash_walk(): days until working capital falls below floor. Give at least 90 days. NULL when any argument is NULL.';

CREATE FUNCTION momentum.affordable_spend(
    path double precision[],
    floor double precision,
    days integer
) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'mo_affordable_spend';
COMMENT ON FUNCTION momentum.affordable_spend(double precision[], double precision, integer) IS
    'Extra spend per day that the projected working capital (path, one place per day) can carry: (lowest of path - floor) / days, at least 0. days: payback lag when an extra customer pays back in first orders, else the horizon.';
