/*-------------------------------------------------------------------------
 *
 * anomaly.c
 *	  How unusual one value is beside those it is compared with.
 *
 * Median and median absolute deviation instead of mean and standard
 * deviation: yesterday's outlier must not hide today's.  1.4826 makes the
 * deviation that of a normal distribution (ANALYTICS 12).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/analytics.h"
#include "analytics/numerics.h"

/* Fewer values than this have no usual spread. */
#define MIN_REFERENCE 4

PG_FUNCTION_INFO_V1(mo_robust_z);

/*
 * Drop what is unknown or not finite; returns how many are left.
 */
static int
keep_finite(FloatArray *reference)
{
	int n = 0;

	for (int i = 0; i < reference->n; i++)
	{
		if (isfinite(reference->value[i]))
			reference->value[n++] = reference->value[i];
	}
	return n;
}

/*
 * Robust scale of n > 0 values around "median"; 0 when it is but rounding.
 * Overwrites "value".
 */
static double
scale_around(double *value, int n, double median)
{
	double scale;

	for (int i = 0; i < n; i++)
		value[i] = fabs(value[i] - median);
	scale = MO_MAD_TO_SD * mo_num_median(value, n);
	return scale <= MO_NOISE * fabs(median) ? 0 : scale;
}

/*
 * robust_z(value, reference) -> (n, median, scale, z, p, deviation, reason)
 *
 * What is unknown in the reference does not count.  Without a spread there
 * is no z, but still the relative deviation from the median.
 */
Datum
mo_robust_z(PG_FUNCTION_ARGS)
{
	double value = mo_arg_float(fcinfo, 0);
	FloatArray reference = mo_arg_floats(fcinfo, 1, "reference");
	int n = keep_finite(&reference);
	double median = NAN;
	double scale = NAN;
	double z = NAN;
	double deviation = NAN;
	const char *reason = NULL;
	ResultRow row;

	if (n < MIN_REFERENCE)
		reason = "too_few_points";
	else
	{
		median = mo_num_median(reference.value, n);
		scale = scale_around(reference.value, n, median);
		if (median != 0)
			deviation = (value - median) / fabs(median);
		if (isnan(value))
			reason = "no_value";
		else if (scale == 0)
			reason = "no_spread";
		else
		{
			z = (value - median) / scale;
			if (!isfinite(z) || !isfinite(scale))
				reason = "out_of_range";
		}
	}

	mo_row_begin(&row, fcinfo);
	mo_row_int(&row, n);
	mo_row_float(&row, median);
	mo_row_float(&row, scale);
	mo_row_float(&row, z);
	mo_row_float(&row, isfinite(z) ? 2 * mo_num_normal_cdf(-fabs(z)) : NAN);
	mo_row_float(&row, deviation);
	mo_row_text(&row, reason);
	PG_RETURN_DATUM(mo_row_end(&row));
}
