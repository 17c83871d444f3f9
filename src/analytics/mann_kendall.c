/*-------------------------------------------------------------------------
 *
 * mann_kendall.c
 *	  Mann-Kendall tests of a monotone trend, of a series and of its weekdays.
 *
 * The seasonal test of Hirsch, Slack & Smith (1982) adds up S and variance
 * of each weekday's own series, so that a weekly pattern counts for nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/analytics.h"
#include "analytics/numerics.h"

PG_FUNCTION_INFO_V1(mo_mann_kendall);
PG_FUNCTION_INFO_V1(mo_seasonal_mann_kendall);

/*
 * S, variance and pairs of the weekdays of an arranged series, added up.
 */
Kendall
mo_seasonal_kendall(const Series *series)
{
	Kendall sum = {0};
	double *value = palloc(sizeof(double) * Max(series->n, 1) * 2);

	for (int k = 0; k < 7; k++)
	{
		int n = 0;

		for (int i = 0; i < series->n; i++)
		{
			if (mo_weekday(series->point[i].day) == k)
				value[n++] = series->point[i].y;
		}
		mo_kendall_add(&sum, value, n, value + series->n);
	}
	pfree(value);
	return sum;
}

/*
 * The test as a momentum.mann_kendall_result.  Variance 0 (no two different
 * values) gives Z = 0, p = 1; without a pair of values all is NULL.
 */
static Datum
to_datum(const Kendall *kendall, FunctionCallInfo fcinfo)
{
	bool known = kendall->pairs > 0;
	double z = mo_kendall_z(kendall->s, kendall->variance);
	ResultRow row;

	mo_row_begin(&row, fcinfo);
	mo_row_int(&row, kendall->n);
	mo_row_datum(&row, Int64GetDatum(kendall->s), !known);
	mo_row_float(&row, known ? kendall->variance : NAN);
	mo_row_float(&row, known ? z : NAN);
	mo_row_float(&row, known ? 2 * mo_num_normal_cdf(-fabs(z)) : NAN);
	mo_row_float(&row, known ? (double) kendall->s / kendall->pairs : NAN);
	return mo_row_end(&row);
}

/*
 * mann_kendall(y)
 */
Datum
mo_mann_kendall(PG_FUNCTION_ARGS)
{
	FloatArray y = mo_arg_floats(fcinfo, 0, "y");
	double *scratch = palloc(sizeof(double) * Max(y.n, 1));
	Kendall kendall = {0};
	int n = 0;

	for (int i = 0; i < y.n; i++)
	{
		if (isfinite(y.value[i]))
			y.value[n++] = y.value[i];
	}
	mo_kendall_add(&kendall, y.value, n, scratch);
	PG_RETURN_DATUM(to_datum(&kendall, fcinfo));
}

/*
 * seasonal_mann_kendall(days, y)
 */
Datum
mo_seasonal_mann_kendall(PG_FUNCTION_ARGS)
{
	Series series = mo_series_read(fcinfo, 0, 1, -1);
	Kendall kendall = mo_seasonal_kendall(&series);

	PG_RETURN_DATUM(to_datum(&kendall, fcinfo));
}
