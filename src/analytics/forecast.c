/*-------------------------------------------------------------------------
 *
 * forecast.c
 *	  A daily series continued: level, weekday factor, damped trend.
 *
 * The trend's method has to earn its place: over the last 8 weeks it is
 * replayed week by week, and where repeating the value of 7 days before was
 * no worse, the mean of the same weekday over 4 weeks is used instead.
 *
 * The level is the mean of 4 weeks, so it lags a steep trend by half of them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "analytics/analytics.h"

/* The growth of each further day counts so much of the day before. */
#define DAMPING 0.95

/* Window of the trend, that of the score's components. */
#define TREND_DAYS 30

/* Window of the level and of the same-weekday mean. */
#define LEVEL_DAYS 28

#define BACKTEST_WEEKS 8

/* With fewer weeks to replay the error says nothing. */
#define MIN_BACKTEST_WEEKS 4

#define MAX_HORIZON 3660

PG_FUNCTION_INFO_V1(mo_forecast);
PG_FUNCTION_INFO_V1(mo_forecast_mase);
PG_FUNCTION_INFO_V1(mo_forecast_errors);
PG_FUNCTION_INFO_V1(mo_forecast_check);

/*
 * The first "n" points, less those older than "days" before the last one.
 */
static Series
last_days(const Series *series, int n, int days)
{
	Series result = {0};
	int first = n;

	while (first > 0 && series->point[first - 1].day > series->point[n - 1].day - days)
		first--;
	result.point = series->point + first;
	result.n = n - first;
	return result;
}

/*
 * Level of the series: mean of the cleaned values over their factors in the
 * last 4 weeks.  NaN when no day has a factor.
 */
static double
level_of(const Series *window, const double *clean, const double factor[7])
{
	double sum = 0;
	int n = 0;

	for (int i = 0; i < window->n; i++)
	{
		double s = factor[mo_weekday(window->point[i].day)];

		if (window->point[i].day <= window->point[window->n - 1].day - LEVEL_DAYS || s <= 0)
			continue;
		sum += clean[i] / s;
		n++;
	}
	return n > 0 ? sum / n : NAN;
}

/*
 * The trend's method from the first "n" points: "horizon" values into
 * "path".  False when they are too few, or have no positive level.
 */
static bool
continue_trend(const Series *series, int n, int horizon, double *path)
{
	Series history = {.n = n, .point = series->point};
	Series window;
	Trend trend;
	double factor[7];
	double level;
	double growth = 0;
	double damped = 1;
	DateADT last;

	if (n == 0 || !mo_season_factors(&history, factor))
		return false;
	window = last_days(series, n, TREND_DAYS);
	mo_trend_compute(&window, true, &trend);
	if (isnan(trend.g))
		return false;
	level = level_of(&window, trend.clean, factor);
	last = series->point[n - 1].day;
	for (int h = 1; h <= horizon; h++)
	{
		damped *= DAMPING;
		growth += damped;
		path[h - 1] = fmax(0, level * factor[mo_weekday(last + h)] *
								  (1 + trend.g / 30 * growth));
		if (!isfinite(path[h - 1]))
			return false;
	}
	return !isnan(level);
}

/*
 * The mean of the same weekday over the last 4 weeks of the first "n" points;
 * false when a weekday has none.
 */
static bool
repeat_weekdays(const Series *series, int n, int horizon, double *path)
{
	Series window;
	double sum[7] = {0};
	int known[7] = {0};
	DateADT last;

	if (n == 0)
		return false;
	window = last_days(series, n, LEVEL_DAYS);
	for (int i = 0; i < window.n; i++)
	{
		int k = mo_weekday(window.point[i].day);

		sum[k] += window.point[i].y;
		known[k]++;
	}
	last = series->point[n - 1].day;
	for (int h = 1; h <= horizon; h++)
	{
		int k = mo_weekday(last + h);

		if (known[k] == 0 || !isfinite(sum[k]))
			return false;
		path[h - 1] = fmax(0, sum[k] / known[k]);
	}
	return true;
}

/*
 * Index of "day" among the first "n" points, or -1.
 */
static int
find_day(const Series *series, int n, DateADT day)
{
	int low = 0;
	int high = n;

	while (low < high)
	{
		int middle = (low + high) / 2;

		if (series->point[middle].day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && series->point[low].day == day ? low : -1;
}

typedef bool (*Method)(const Series *series, int n, int horizon, double *path);

/*
 * The forecast of the week after the day "week" weeks before the last one,
 * made from what was known by the end of that day.  False when the day itself
 * is not known, or the method says nothing.
 */
static bool
replay(const Series *series, Method method, int week, DateADT *origin, double path[7])
{
	int n = series->n;

	*origin = series->point[series->n - 1].day - 7 * week;
	while (n > 0 && series->point[n - 1].day > *origin)
		n--;
	return n > 0 && series->point[n - 1].day == *origin && method(series, n, 7, path);
}

/*
 * Mean absolute scaled error of the trend's method over the last 8 weeks.
 *
 * NaN when fewer than 4 weeks can be replayed, infinite when repeating last
 * week would have been perfect and the trend was not.
 */
static double
backtest(const Series *series)
{
	double error = 0;
	double naive = 0;
	double size = 0;
	int weeks = 0;

	for (int week = 1; week <= BACKTEST_WEEKS && series->n > 0; week++)
	{
		DateADT origin;
		double path[7];
		bool counted = false;

		CHECK_FOR_INTERRUPTS();
		if (!replay(series, continue_trend, week, &origin, path))
			continue;
		for (int h = 1; h <= 7; h++)
		{
			int now = find_day(series, series->n, origin + h);
			int before = find_day(series, series->n, origin + h - 7);

			if (now < 0 || before < 0)
				continue;
			error += fabs(series->point[now].y - path[h - 1]);
			naive += fabs(series->point[now].y - series->point[before].y);
			size += fabs(series->point[now].y);
			counted = true;
		}
		if (counted)
			weeks++;
	}
	if (weeks < MIN_BACKTEST_WEEKS)
		return NAN;
	/* Errors of rounding only: both are perfect. */
	if (error <= 1e-12 * size)
		return 0;
	return error / naive;
}

/*
 * forecast(days, y, horizon)
 */
Datum
mo_forecast(PG_FUNCTION_ARGS)
{
	Series series = mo_series_read(fcinfo, 0, 1, -1);
	int horizon;
	double *path;

	if (PG_ARGISNULL(2))
		PG_RETURN_NULL();
	horizon = PG_GETARG_INT32(2);
	if (horizon < 1 || horizon > MAX_HORIZON)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("horizon must be between 1 and %d days", MAX_HORIZON)));
	path = palloc(sizeof(double) * horizon);
	if (!(backtest(&series) >= 1) && continue_trend(&series, series.n, horizon, path))
		PG_RETURN_DATUM(mo_floats_to_array(path, horizon));
	if (repeat_weekdays(&series, series.n, horizon, path))
		PG_RETURN_DATUM(mo_floats_to_array(path, horizon));
	PG_RETURN_NULL();
}

/*
 * forecast_mase(days, y)
 */
Datum
mo_forecast_mase(PG_FUNCTION_ARGS)
{
	Series series = mo_series_read(fcinfo, 0, 1, -1);
	double mase = backtest(&series);

	if (!isfinite(mase))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(mase);
}

/*
 * The method that forecast() uses for the series, or NULL.
 */
static Method
method_of(const Series *series, double mase)
{
	double path[7];

	if (!(mase >= 1) && continue_trend(series, series->n, 7, path))
		return continue_trend;
	return repeat_weekdays(series, series->n, 7, path) ? repeat_weekdays : NULL;
}

/*
 * forecast_errors(days, y)
 */
Datum
mo_forecast_errors(PG_FUNCTION_ARGS)
{
	Series series = mo_series_read(fcinfo, 0, 1, -1);
	Method method = method_of(&series, backtest(&series));
	ResultRow row;

	mo_row_begin_set(&row, fcinfo);
	for (int week = BACKTEST_WEEKS; week >= 1 && method != NULL; week--)
	{
		DateADT origin;
		double path[7];

		CHECK_FOR_INTERRUPTS();
		if (!replay(&series, method, week, &origin, path))
			continue;
		for (int h = 1; h <= 7; h++)
		{
			int i = find_day(&series, series.n, origin + h);

			if (i < 0)
				continue;
			mo_row_datum(&row, DateADTGetDatum(origin + h), false);
			mo_row_float(&row, path[h - 1]);
			mo_row_float(&row, series.point[i].y);
			mo_row_float(&row, series.point[i].y - path[h - 1]);
			mo_row_put(&row);
		}
	}
	return (Datum) 0;
}

/*
 * forecast_check(days, y)
 */
Datum
mo_forecast_check(PG_FUNCTION_ARGS)
{
	Series series = mo_series_read(fcinfo, 0, 1, -1);
	double mase = backtest(&series);
	Method method = method_of(&series, mase);
	const char *reason = NULL;
	ResultRow row;

	if (method == NULL)
		reason = "too_few_points";
	else if (isnan(mase))
		reason = "no_replay";
	else if (isinf(mase))
		reason = "last_week_repeats";

	mo_row_begin(&row, fcinfo);
	if (method == NULL)
		mo_row_null(&row);
	else
		mo_row_text(&row, method == continue_trend ? "trend" : "weekday mean");
	mo_row_float(&row, mase);
	mo_row_text(&row, reason);
	PG_RETURN_DATUM(mo_row_end(&row));
}
