/*-------------------------------------------------------------------------
 *
 * cash_scenario.c
 *	  Money of a projection made larger or smaller, earlier or later.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/analytics.h"
#include "analytics/cash.h"

PG_FUNCTION_INFO_V1(mo_cash_shift);

/*
 * cash_shift(amount, factor, days)
 *
 * What would move before day 1 moves on day 1; what would move after the
 * last day is left out of the days and told as "beyond".  So the days and
 * "beyond" always add up to the amounts times the factor.
 */
Datum
mo_cash_shift(PG_FUNCTION_ARGS)
{
	FloatArray amount = mo_arg_known_floats(fcinfo, 0, "amount");
	double factor = mo_cash_amount(fcinfo, 1, "factor");
	int64 days = PG_GETARG_INT32(2);
	double *moved = palloc0(sizeof(double) * Max(amount.n, 1));
	double beyond = 0;
	ResultRow row;

	if (factor < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("factor must not be negative")));
	for (int i = 0; i < amount.n; i++)
	{
		int64 day = Max(i + days, 0);
		double *place = day < amount.n ? &moved[day] : &beyond;

		*place += amount.value[i] * factor;
		if (!isfinite(*place))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("amount of day %d is out of range", i + 1)));
	}
	mo_row_begin(&row, fcinfo);
	mo_row_datum(&row, mo_floats_to_array(moved, amount.n), false);
	mo_row_float(&row, beyond);
	PG_RETURN_DATUM(mo_row_end(&row));
}
