/*-------------------------------------------------------------------------
 *
 * cash.c
 *	  Working capital day by day, runway, affordable spend.
 *
 * Day 1 is the day after the balance.  An unknown amount is an error here:
 * money that is not known must not look like money that does not flow.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "analytics/analytics.h"
#include "analytics/cash.h"

PG_FUNCTION_INFO_V1(mo_cash_walk);
PG_FUNCTION_INFO_V1(mo_runway);
PG_FUNCTION_INFO_V1(mo_affordable_spend);

/*
 * The float8 argument "argno", called "name" in messages, which is not NULL.
 * Raises unless it is a finite number.
 */
double
mo_cash_amount(FunctionCallInfo fcinfo, int argno, const char *name)
{
	double amount = PG_GETARG_FLOAT8(argno);

	if (!isfinite(amount))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a finite number", name)));
	return amount;
}

/*
 * The walk over arguments 0 to 3, none NULL: balance, inflow, cost, loan.
 * Raises for amounts that are not known and for arrays of unequal length.
 */
CashWalk
mo_cash_read(FunctionCallInfo fcinfo)
{
	double balance = mo_cash_amount(fcinfo, 0, "balance");
	FloatArray inflow = mo_arg_known_floats(fcinfo, 1, "inflow");
	FloatArray cost = mo_arg_known_floats(fcinfo, 2, "cost");
	FloatArray loan = mo_arg_known_floats(fcinfo, 3, "loan");
	CashWalk result;

	mo_arg_check_length("inflow", inflow.n, "cost", cost.n);
	mo_arg_check_length("inflow", inflow.n, "loan", loan.n);
	result.horizon = inflow.n;
	result.w = palloc(sizeof(double) * (inflow.n + 1));
	result.w[0] = balance;
	result.noise = 0;
	for (int d = 1; d <= inflow.n; d++)
	{
		result.w[d] = result.w[d - 1] + inflow.value[d - 1] - cost.value[d - 1] - loan.value[d - 1];
		if (!isfinite(result.w[d]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("working capital is out of range on day %d", d)));
		/* Three roundings a day, each by the largest amount in sight. */
		result.noise += 2 * DBL_EPSILON *
						(fabs(result.w[d - 1]) + fabs(inflow.value[d - 1]) +
						 fabs(cost.value[d - 1]) + fabs(loan.value[d - 1]));
	}
	return result;
}

/*
 * cash_walk(balance, inflow, cost, loan)
 */
Datum
mo_cash_walk(PG_FUNCTION_ARGS)
{
	CashWalk path = mo_cash_read(fcinfo);
	ResultRow row;

	mo_row_begin_set(&row, fcinfo);
	for (int d = 1; d <= path.horizon; d++)
	{
		mo_row_int(&row, d);
		mo_row_float(&row, path.w[d]);
		mo_row_put(&row);
	}
	return (Datum) 0;
}

/*
 * Mean change per day from w[0] to "end", the last of "horizon" > 0 days.
 */
static double
average_change(const CashWalk *path, double end)
{
	double change = end - path->w[0];

	return fabs(change) <= path->noise ? 0 : change / path->horizon;
}

/*
 * Runway of a walk, or of one that ends elsewhere: whole days until it is
 * below "floor" (breach_day, 0: within the horizon it never is), beyond the
 * horizon at the average rate, infinite when that does not shrink.  NaN for
 * an empty walk that starts at or above the floor.
 */
double
mo_cash_runway(const CashWalk *path, int breach_day, double end, double floor)
{
	double change;

	if (path->w[0] < floor)
		return 0;
	if (breach_day > 0)
		return breach_day - 1;
	if (path->horizon == 0)
		return NAN;
	change = average_change(path, end);
	if (change >= 0)
		return INFINITY;
	return path->horizon + fmax(end - floor, 0) / -change;
}

/*
 * runway(balance, inflow, cost, loan, floor)
 */
Datum
mo_runway(PG_FUNCTION_ARGS)
{
	CashWalk path = mo_cash_read(fcinfo);
	double floor_amount = mo_cash_amount(fcinfo, 4, "floor");
	double end = path.w[path.horizon];
	int trough = 1;
	int breach_day = 0;
	ResultRow row;

	for (int d = 1; d <= path.horizon; d++)
	{
		if (path.w[d] < path.w[trough])
			trough = d;
		if (breach_day == 0 && path.w[d] < floor_amount - path.noise)
			breach_day = d;
	}

	mo_row_begin(&row, fcinfo);
	mo_row_float_or_infinity(&row, mo_cash_runway(&path, breach_day, end, floor_amount));
	for (int d = 30; d <= 90; d += 30)
		mo_row_float(&row, d <= path.horizon ? path.w[d] : NAN);
	if (path.horizon > 0)
	{
		/* On the floor is not below it, whatever the roundings. */
		mo_row_float(&row, fabs(path.w[trough] - floor_amount) <= path.noise ? floor_amount
																			 : path.w[trough]);
		mo_row_int(&row, trough);
		mo_row_float(&row, average_change(&path, end));
	}
	else
	{
		mo_row_null(&row);
		mo_row_null(&row);
		mo_row_null(&row);
	}
	PG_RETURN_DATUM(mo_row_end(&row));
}

/*
 * affordable_spend(path, floor, days): NULL for an empty path.
 */
Datum
mo_affordable_spend(PG_FUNCTION_ARGS)
{
	FloatArray path = mo_arg_known_floats(fcinfo, 0, "path");
	double floor_amount = mo_cash_amount(fcinfo, 1, "floor");
	int days = PG_GETARG_INT32(2);
	double lowest = INFINITY;
	double spend;

	if (days <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("days must be greater than zero")));
	if (path.n == 0)
		PG_RETURN_NULL();
	for (int i = 0; i < path.n; i++)
		lowest = fmin(lowest, path.value[i]);
	spend = (lowest - floor_amount) / days;
	if (!isfinite(spend))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("affordable spend is out of range")));
	PG_RETURN_FLOAT8(spend > 0 ? spend : 0);
}
