/*-------------------------------------------------------------------------
 *
 * series.c
 *	  A dated series from arrays or rows.
 *
 * Absent is never zero: a NULL day, value or weight, and a weight of 0, drop
 * the point silently (the day is absent); NaN and infinity drop it and are
 * counted; a negative weight or an infinite day is an error.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/datetime.h"

#include "analytics/analytics.h"

static char *
day_to_string(DateADT day)
{
	struct pg_tm tm;
	char *text = palloc(MAXDATELEN + 1);

	j2date(day + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	EncodeDateOnly(&tm, USE_ISO_DATES, text);
	return text;
}

/*
 * Whether a known point belongs into the series; counts it when it is bad.
 */
bool
mo_series_admit(Series *series, DateADT day, double y, double w)
{
	if (!isfinite(y) || !isfinite(w))
	{
		series->n_bad++;
		return false;
	}
	if (w < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("weight must not be negative")));
	if (w == 0)
		return false;
	if (DATE_NOT_FINITE(day))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("day must be finite")));
	return true;
}

static int
compare_days(const void *a, const void *b)
{
	DateADT left = ((const Point *) a)->day;
	DateADT right = ((const Point *) b)->day;

	return left < right ? -1 : left > right;
}

/*
 * Sort the points and raise when a day occurs twice.
 *
 * Points of one single day are let through: they are too few for anything,
 * however many they are, and the functions answer so.
 */
void
mo_series_arrange(Series *series)
{
	Point *p = series->point;

	qsort(p, series->n, sizeof(Point), compare_days);
	if (series->n == 0 || p[0].day == p[series->n - 1].day)
		return;
	for (int i = 1; i < series->n; i++)
	{
		if (p[i].day == p[i - 1].day)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("day %s occurs more than once", day_to_string(p[i].day)),
					 errhint("Aggregate to one value per day first.")));
	}
}

/*
 * The series in the arguments day_arg (date[]), y_arg and w_arg (float8[]);
 * w_arg -1 or NULL: all weights 1.  A NULL array is an empty series.
 */
Series
mo_series_read(FunctionCallInfo fcinfo, int day_arg, int y_arg, int w_arg)
{
	Series series = {0};
	FloatArray y;
	FloatArray w = {.is_null = true};
	ArrayType *days;
	Datum *day;
	bool *day_missing;
	int n_days;

	if (PG_ARGISNULL(day_arg) || PG_ARGISNULL(y_arg))
		return series;
	days = PG_GETARG_ARRAYTYPE_P(day_arg);
	mo_arg_check_array(days, "days");
	deconstruct_array(days, DATEOID, sizeof(DateADT), true, TYPALIGN_INT, &day, &day_missing,
					  &n_days);
	y = mo_arg_floats(fcinfo, y_arg, "y");
	mo_arg_check_length("days", n_days, "y", y.n);
	if (w_arg >= 0)
		w = mo_arg_floats(fcinfo, w_arg, "w");
	if (!w.is_null)
		mo_arg_check_length("days", n_days, "w", w.n);

	series.point = palloc(sizeof(Point) * Max(n_days, 1));
	for (int i = 0; i < n_days; i++)
	{
		Point p;

		if (day_missing[i] || y.missing[i] || (!w.is_null && w.missing[i]))
			continue;
		p.day = DatumGetDateADT(day[i]);
		p.y = y.value[i];
		p.w = w.is_null ? 1 : w.value[i];
		if (mo_series_admit(&series, p.day, p.y, p.w))
			series.point[series.n++] = p;
	}
	mo_series_arrange(&series);
	return series;
}
