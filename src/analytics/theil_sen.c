/*-------------------------------------------------------------------------
 *
 * theil_sen.c
 *	  Theil-Sen slope of all pairs, with its confidence limits.
 *
 * Sen, "Estimates of the regression coefficient based on Kendall's tau"
 * (1968); ranks of the limits and the tie correction as scipy's
 * theilslopes rounds them, which rounds half to even.  All slopes are held
 * at once, hence the bound on the points.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "analytics/analytics.h"
#include "analytics/numerics.h"

/* The most points whose pairs are MO_MAX_PAIRS. */
#define MAX_POINTS 5000

/* The 97.5 % point of the standard normal. */
#define Z_975 1.959963984540054

PG_FUNCTION_INFO_V1(mo_theil_sen);

static int
compare_doubles(const void *a, const void *b)
{
	double left = *(const double *) a;
	double right = *(const double *) b;

	return left < right ? -1 : left > right;
}

/*
 * Σ t (t-1) (2t+5) over runs of t equal values; sorts "value".
 */
static double
tie_term(double *value, int n)
{
	double sum = 0;

	qsort(value, n, sizeof(double), compare_doubles);
	for (int i = 0, run; i < n; i += run)
	{
		for (run = 1; i + run < n && value[i + run] == value[i]; run++)
			;
		sum += (double) run * (run - 1) * (2.0 * run + 5);
	}
	return sum;
}

/*
 * The pairs of finite x and y, both divided by a power of two so that no
 * difference overflows; returns their number.
 */
static int
read_points(const FloatArray *x, const FloatArray *y, double *px, double *py,
			int *x_exponent, int *y_exponent)
{
	double max_x = 0;
	double max_y = 0;
	int n = 0;

	for (int i = 0; i < x->n; i++)
	{
		if (!isfinite(x->value[i]) || !isfinite(y->value[i]))
			continue;
		px[n] = x->value[i];
		py[n] = y->value[i];
		max_x = fmax(max_x, fabs(px[n]));
		max_y = fmax(max_y, fabs(py[n]));
		n++;
	}
	(void) frexp(max_x, x_exponent);
	(void) frexp(max_y, y_exponent);
	for (int i = 0; i < n; i++)
	{
		px[i] = ldexp(px[i], -*x_exponent);
		py[i] = ldexp(py[i], -*y_exponent);
	}
	if (n > MAX_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many points for theil_sen()"),
				 errdetail("There are %d, at most %d are allowed.", n, MAX_POINTS)));
	return n;
}

/*
 * Slopes of all pairs with different x; returns their number.
 */
static int
all_slopes(const double *x, const double *y, int n, double *slope)
{
	int pairs = 0;

	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int j = i + 1; j < n; j++)
		{
			if (x[i] != x[j])
				slope[pairs++] = (y[j] - y[i]) / (x[j] - x[i]);
		}
	}
	return pairs;
}

/*
 * Ranks (0-based, among "pairs" slopes) of the 95 % limits; false when ties
 * in both x and y make the variance negative.
 */
static bool
limit_ranks(int n, int pairs, double ties, int *low, int *high)
{
	double variance = ((double) n * (n - 1) * (2.0 * n + 5) - ties) / 18;
	double half;

	if (variance < 0)
		return false;
	half = Z_975 * sqrt(variance);
	*low = Max((int) rint((pairs - half) / 2) - 1, 0);
	*high = Min((int) rint((pairs + half) / 2), pairs - 1);
	return true;
}

/*
 * theil_sen(x, y)
 */
Datum
mo_theil_sen(PG_FUNCTION_ARGS)
{
	FloatArray x = mo_arg_floats(fcinfo, 0, "x");
	FloatArray y = mo_arg_floats(fcinfo, 1, "y");
	double *px;
	double *py;
	double *slope;
	double median = NAN;
	double intercept = NAN;
	double lo = NAN;
	double hi = NAN;
	int x_exponent;
	int y_exponent;
	int n;
	int pairs;
	ResultRow row;

	mo_arg_check_length("x", x.n, "y", y.n);
	px = palloc(sizeof(double) * Max(x.n, 1) * 2);
	py = px + x.n;
	n = read_points(&x, &y, px, py, &x_exponent, &y_exponent);
	slope = palloc(sizeof(double) * Max((Size) n * Max(n - 1, 0) / 2, 1));
	pairs = all_slopes(px, py, n, slope);
	if (pairs > 0)
	{
		int low;
		int high;
		double ties = tie_term(px, n) + tie_term(py, n);

		median = mo_num_median(slope, pairs);
		intercept = ldexp(mo_num_median(py, n) - median * mo_num_median(px, n), y_exponent);
		if (limit_ranks(n, pairs, ties, &low, &high))
		{
			lo = ldexp(mo_num_select(slope, pairs, low), y_exponent - x_exponent);
			hi = ldexp(mo_num_select(slope, pairs, high), y_exponent - x_exponent);
		}
		median = ldexp(median, y_exponent - x_exponent);
	}
	pfree(slope);

	mo_row_begin(&row, fcinfo);
	mo_row_int(&row, n);
	mo_row_datum(&row, Int64GetDatum(pairs), false);
	mo_row_float(&row, median);
	mo_row_float(&row, intercept);
	mo_row_float(&row, lo);
	mo_row_float(&row, hi);
	PG_RETURN_DATUM(mo_row_end(&row));
}
