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
