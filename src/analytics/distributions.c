/*-------------------------------------------------------------------------
 *
 * distributions.c
 *	  The distribution functions as SQL functions.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/analytics.h"
#include "analytics/numerics.h"

PG_FUNCTION_INFO_V1(mo_student_t_cdf);
PG_FUNCTION_INFO_V1(mo_normal_cdf);

/*
 * student_t_cdf(t, df): NULL for NaN.
 */
Datum
mo_student_t_cdf(PG_FUNCTION_ARGS)
{
	double t = PG_GETARG_FLOAT8(0);
	double df = PG_GETARG_FLOAT8(1);

	if (isnan(t) || isnan(df))
		PG_RETURN_NULL();
	if (df <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("degrees of freedom must be greater than zero")));
	PG_RETURN_FLOAT8(mo_num_t_cdf(t, df));
}

/*
 * normal_cdf(z): NULL for NaN.
 */
Datum
mo_normal_cdf(PG_FUNCTION_ARGS)
{
	double z = PG_GETARG_FLOAT8(0);

	if (isnan(z))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(mo_num_normal_cdf(z));
}
