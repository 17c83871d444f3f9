/*-------------------------------------------------------------------------
 *
 * component.c
 *	  From a raw quantity to a component of the score.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/analytics.h"
#include "analytics/numerics.h"

/* A CAC of 1.5 times the target, or of 1/1.5, is the end of the scale. */
#define CAC_FULL_RATIO 1.5

PG_FUNCTION_INFO_V1(mo_component_value);
PG_FUNCTION_INFO_V1(mo_cac_component);

static void
check_full_scale(double full_scale)
{
	if (!(full_scale > 0) || isinf(full_scale))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("full scale must be a finite number greater than zero")));
}

/*
 * component_value(raw, full_scale)
 */
Datum
mo_component_value(PG_FUNCTION_ARGS)
{
	double raw = mo_arg_float_or_infinity(fcinfo, 0);

	if (PG_ARGISNULL(1) || isnan(raw))
		PG_RETURN_NULL();
	check_full_scale(PG_GETARG_FLOAT8(1));
	PG_RETURN_FLOAT8(mo_num_clamp(raw / PG_GETARG_FLOAT8(1), -1, 1));
}

/*
 * cac_component(spend, new_customers, target, full_scale)
 *
 * The standard error takes the customers as Poisson: that of the logarithm
 * of a count N is 1/√N.
 */
Datum
mo_cac_component(PG_FUNCTION_ARGS)
{
	double spend = mo_arg_float(fcinfo, 0);
	double customers = mo_arg_float(fcinfo, 1);
	double target = mo_arg_float(fcinfo, 2);
	double full_scale = PG_ARGISNULL(3) ? log(CAC_FULL_RATIO) : PG_GETARG_FLOAT8(3);
	double raw = NAN;
	double c = NAN;
	double se = NAN;
	const char *reason = NULL;
	ResultRow row;

	check_full_scale(full_scale);
	if (spend < 0 || customers < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("spend and new customers must not be negative")));
	if (!(target > 0))
		reason = "no_target";
	else if (isnan(spend) || isnan(customers) || (spend == 0 && customers == 0))
		reason = "no_data";
	else if (customers == 0)
	{
		c = -1;
		se = 0;
		reason = "no_new_customers";
	}
	else if (spend == 0)
	{
		c = 1;
		se = 0;
		reason = "no_spend";
	}
	else
	{
		raw = log(target) - log(spend) + log(customers);
		c = mo_num_clamp(raw / full_scale, -1, 1);
		se = sqrt(1 / customers) / full_scale;
	}

	mo_row_begin(&row, fcinfo);
	mo_row_float(&row, raw);
	mo_row_float(&row, c);
	mo_row_float(&row, se);
	mo_row_text(&row, reason);
	PG_RETURN_DATUM(mo_row_end(&row));
}
