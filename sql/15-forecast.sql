-- Forecast of a daily series for the cash projection (src/analytics/forecast.c).

CREATE FUNCTION momentum.forecast(days date[], y double precision[], horizon integer)
    RETURNS double precision[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5000 AS 'MODULE_PATHNAME', 'mo_forecast';
COMMENT ON FUNCTION momentum.forecast(date[], double precision[], integer) IS
    'Values of the horizon days after the last of days, never negative: level * weekday factor * damped trend (0.95 per day). Where that did worse than last week''s values over the last 8 weeks (forecast_mase() at least 1), or cannot be had, the mean of the same weekday over the last 4 weeks; NULL when not even that exists.';

CREATE FUNCTION momentum.forecast_mase(days date[], y double precision[]) RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5000 AS 'MODULE_PATHNAME', 'mo_forecast_mase';
COMMENT ON FUNCTION momentum.forecast_mase(date[], double precision[]) IS
    'How good the trend forecast was over the last 8 weeks, one week ahead each time: mean absolute error over that of repeating the value of 7 days before. Below 1 is better than repeating; NULL when the history is too short to tell.';

CREATE FUNCTION momentum.forecast_errors(days date[], y double precision[]) RETURNS TABLE (
    day date,
    forecast double precision,
    actual double precision,
    error double precision
)
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5000 ROWS 56 AS 'MODULE_PATHNAME', 'mo_forecast_errors';
COMMENT ON FUNCTION momentum.forecast_errors(date[], double precision[]) IS
    'What the forecast would have said of the last 8 weeks, each from what was known at its beginning and by the method that forecast() uses now, beside what came; error = actual - forecast. Days that are not known, or could not have been forecast, have no row. Give 17 weeks, for the first of the 8 to have 9 weeks behind it.';

CREATE TYPE momentum.forecast_check_result AS (
    method text,
    mase double precision,
    reason text
);
COMMENT ON TYPE momentum.forecast_check_result IS 'How forecast() continues a series, and how good its trend has been.';
COMMENT ON COLUMN momentum.forecast_check_result.method IS 'trend: level, weekday factor and damped trend; weekday mean: the mean of the same weekday over 4 weeks; NULL: there is no forecast.';
COMMENT ON COLUMN momentum.forecast_check_result.mase IS 'As of forecast_mase().';
COMMENT ON COLUMN momentum.forecast_check_result.reason IS 'too_few_points: no forecast; no_replay: too short to tell the mase; last_week_repeats: last week repeated would have been perfect, so the mase has no bound.';

CREATE FUNCTION momentum.forecast_check(days date[], y double precision[]) RETURNS momentum.forecast_check_result
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5000 AS 'MODULE_PATHNAME', 'mo_forecast_check';
COMMENT ON FUNCTION momentum.forecast_check(date[], double precision[]) IS
    'Which method forecast() uses for the series, and why: the trend must have beaten the repetition of last week over the last 8 weeks (mase below 1).';
