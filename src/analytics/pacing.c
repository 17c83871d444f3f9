/*-------------------------------------------------------------------------
 *
 * pacing.c
 *	  How far a flow is in its period, the days weighted by weekday.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/analytics.h"

PG_FUNCTION_INFO_V1(mo_pacing);

/*
 * The seven factors in argument "argno"; all 1 when it is NULL.
 */
static void
read_factors(FunctionCallInfo fcinfo, int argno, double factor[7])
{
	FloatArray given = mo_arg_known_floats(fcinfo, argno, "factors");

	if (!given.is_null && given.n != 7)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must have 7 elements, Monday first", "factors")));
	for (int k = 0; k < 7; k++)
	{
		factor[k] = given.is_null ? 1 : given.value[k];
		if (factor[k] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("weekday factors must not be negative")));
	}
}

static DateADT
get_day(FunctionCallInfo fcinfo, int argno, const char *name)
{
	DateADT day = PG_GETARG_DATEADT(argno);

	if (DATE_NOT_FINITE(day))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be finite", name)));
	return day;
}

/*
 * Sum of the factors of "from" through "to"; 0 when "to" is before "from".
 */
static double
weight_of_days(const double factor[7], DateADT from, DateADT to)
{
	int64 days = Max((int64) to - from + 1, 0);
	int64 weeks = days / 7;
	double week = 0;
	double rest = 0;

	for (int k = 0; k < 7; k++)
		week += factor[k];
	for (int i = 0; i < days % 7; i++)
		rest += factor[(mo_weekday(from) + i) % 7];
	return weeks * week + rest;
}

/*
 * pacing(actual, target, factors, period_from, period_to, as_of)
 *
 * A NULL day gives NULL throughout; an unknown actual or target leaves the
 * share.
 */
Datum
mo_pacing(PG_FUNCTION_ARGS)
{
	double actual = mo_arg_float(fcinfo, 0);
	double target = mo_arg_float(fcinfo, 1);
	double factor[7];
	double share = NAN;
	double landing = NAN;
	double pacing = NAN;
	ResultRow row;

	read_factors(fcinfo, 2, factor);
	if (!PG_ARGISNULL(3) && !PG_ARGISNULL(4) && !PG_ARGISNULL(5))
	{
		DateADT from = get_day(fcinfo, 3, "period_from");
		DateADT to = get_day(fcinfo, 4, "period_to");
		DateADT as_of = get_day(fcinfo, 5, "as_of");

		if (to < from)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("period_to must not be before period_from")));
		share = weight_of_days(factor, from, Min(as_of, to)) / weight_of_days(factor, from, to);
	}
	if (share > 0)
	{
		landing = actual / share;
		if (target > 0)
			pacing = actual / (target * share);
	}

	mo_row_begin(&row, fcinfo);
	mo_row_float(&row, share);
	mo_row_float(&row, pacing);
	mo_row_float(&row, landing);
	PG_RETURN_DATUM(mo_row_end(&row));
}
