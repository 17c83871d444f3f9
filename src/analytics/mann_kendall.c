/*-------------------------------------------------------------------------
 *
 * mann_kendall.c
 *	  Mann-Kendall test of a monotone trend, in O(n log n).
 *
 * S counts rising minus falling pairs.  The falling ones are the inversions
 * that a merge sort undoes; ties are seen in the sorted values; the rest
 * rises.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/analytics.h"
#include "analytics/numerics.h"

PG_FUNCTION_INFO_V1(mo_mann_kendall);

/*
 * Sort "value" and return the number of pairs that stood the wrong way
 * round; equal ones do not.  "scratch" has room for n values.
 */
static int64
sort_counting_inversions(double *value, double *scratch, int n)
{
	int half = n / 2;
	int i = 0;
	int j = half;
	int64 inversions;

	if (n < 2)
		return 0;
	inversions = sort_counting_inversions(value, scratch, half) +
				 sort_counting_inversions(value + half, scratch, n - half);
	for (int k = 0; k < n; k++)
	{
		if (j == n || (i < half && value[i] <= value[j]))
			scratch[k] = value[i++];
		else
		{
			scratch[k] = value[j++];
			inversions += half - i;
		}
	}
	memcpy(value, scratch, sizeof(double) * n);
	return inversions;
}

/*
 * mann_kendall(y): variance 0 (no two different values) gives Z = 0, p = 1;
 * without two values all is NULL.
 */
Datum
mo_mann_kendall(PG_FUNCTION_ARGS)
{
	FloatArray y = mo_arg_floats(fcinfo, 0, "y");
	double *scratch = palloc(sizeof(double) * Max(y.n, 1));
	int n = 0;
	int64 pairs;
	int64 tied = 0;
	int64 s;
	double tie_sum = 0;
	double variance;
	double z = 0;
	ResultRow row;

	for (int i = 0; i < y.n; i++)
	{
		if (isfinite(y.value[i]))
			y.value[n++] = y.value[i];
	}
	pairs = (int64) n * (n - 1) / 2;
	s = pairs - 2 * sort_counting_inversions(y.value, scratch, n);
	for (int i = 0, run; i < n; i += run)
	{
		for (run = 1; i + run < n && y.value[i + run] == y.value[i]; run++)
			;
		tied += (int64) run * (run - 1) / 2;
		tie_sum += (double) run * (run - 1) * (2.0 * run + 5);
	}
	s -= tied;
	variance = ((double) n * (n - 1) * (2.0 * n + 5) - tie_sum) / 18;
	if (s != 0 && variance > 0)
		z = (s > 0 ? s - 1 : s + 1) / sqrt(variance);

	mo_row_begin(&row, fcinfo);
	mo_row_int(&row, n);
	mo_row_datum(&row, Int64GetDatum(s), n < 2);
	mo_row_float(&row, n < 2 ? NAN : variance);
	mo_row_float(&row, n < 2 ? NAN : z);
	mo_row_float(&row, n < 2 ? NAN : 2 * mo_num_normal_cdf(-fabs(z)));
	mo_row_float(&row, n < 2 ? NAN : (double) s / pairs);
	PG_RETURN_DATUM(mo_row_end(&row));
}
