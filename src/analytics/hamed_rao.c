/*-------------------------------------------------------------------------
 *
 * hamed_rao.c
 *	  Mann-Kendall test of values that depend on the ones before.
 *
 * Hamed & Rao, "A modified Mann-Kendall trend test for autocorrelated data"
 * (1998): the variance of S grows by a factor made of the autocorrelations
 * of the ranks, the trend taken off before.  Two departures, both to the
 * safe side: only the first few lags count, and a factor below 1 is 1; with
 * all lags it can become negative.
 *
 * Values stand where the array has them: a missing one leaves its place
 * empty, and values on both sides of it are no neighbours.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "analytics/analytics.h"
#include "analytics/numerics.h"

#define DEFAULT_LAGS 3

PG_FUNCTION_INFO_V1(mo_hamed_rao);

/* A value without its trend, and where it stands. */
typedef struct Residual
{
	double value;
	int place;
} Residual;

static int
compare_residuals(const void *a, const void *b)
{
	const Residual *left = a;
	const Residual *right = b;

	if (left->value != right->value)
		return left->value < right->value ? -1 : 1;
	return left->place < right->place ? -1 : left->place > right->place;
}

/*
 * The values y - b·t, b being the Theil-Sen slope, and in "noise" what of
 * their differences is rounding.  Divided by a power of two.
 */
static void
take_trend_off(const double *y, const int *place, int n, Residual *residual, double *noise)
{
	SlopePoint *point = palloc(sizeof(SlopePoint) * n);
	double max_y = 0;
	double slope;
	int exponent;

	for (int i = 0; i < n; i++)
		max_y = fmax(max_y, fabs(y[i]));
	(void) frexp(max_y, &exponent);
	for (int i = 0; i < n; i++)
		point[i] = (SlopePoint){place[i], ldexp(y[i], -exponent), 0};
	slope = mo_theil_sen_slope(point, n, NULL);
	for (int i = 0; i < n; i++)
	{
		residual[i].value = ldexp(y[i], -exponent) - slope * place[i];
		residual[i].place = place[i];
	}
	*noise = MO_NOISE * fmax(ldexp(max_y, -exponent), fabs(slope) * place[n - 1]);
	pfree(point);
}

/*
 * Ranks from 1, less their mean, each at its place in "rank"; what differs
 * by noise shares the mean of its ranks.  Sorts "residual".  Returns the sum
 * of squares.
 */
static double
centred_ranks(Residual *residual, int n, double noise, double *rank)
{
	double squares = 0;

	qsort(residual, n, sizeof(Residual), compare_residuals);
	for (int i = 0, run; i < n; i += run)
	{
		double shared;

		for (run = 1; i + run < n &&
					  residual[i + run].value - residual[i + run - 1].value <= noise;
			 run++)
			;
		shared = i + (run + 1) / 2.0 - (n + 1) / 2.0;
		for (int j = i; j < i + run; j++)
			rank[residual[j].place] = shared;
		squares += run * shared * shared;
	}
	return squares;
}

/*
 * What the variance of S is to be multiplied by, at least 1.
 *
 * "rank" has "places" of them, 0 where nothing stands: as if at the mean, it
 * adds nothing to the products.
 */
static double
variance_factor(const double *rank, int places, double squares, int n, int lags)
{
	double sum = 0;

	if (n < 3 || squares == 0)
		return 1;
	for (int lag = 1; lag <= Min(lags, n - 1); lag++)
	{
		double products = 0;
		double rho;

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i + lag < places; i++)
			products += rank[i] * rank[i + lag];
		rho = products / squares;
		if (fabs(rho) > MO_Z_975 / sqrt(n))
			sum += (double) (n - lag) * (n - lag - 1) * (n - lag - 2) * rho;
	}
	return fmax(1 + 2 * sum / ((double) n * (n - 1) * (n - 2)), 1);
}

/*
 * hamed_rao(y, lags): lags NULL is the default; more than there are values
 * are as many as there are.
 */
Datum
mo_hamed_rao(PG_FUNCTION_ARGS)
{
	FloatArray y = mo_arg_floats(fcinfo, 0, "y");
	int lags = PG_ARGISNULL(1) ? DEFAULT_LAGS : PG_GETARG_INT32(1);
	int *place = palloc(sizeof(int) * Max(y.n, 1));
	double *rank = palloc0(sizeof(double) * Max(y.n, 1));
	double factor = NAN;
	double z = NAN;
	int n = 0;
	Kendall kendall = {0};
	ResultRow row;

	if (lags < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lags must not be negative")));
	for (int i = 0; i < y.n; i++)
	{
		if (!isfinite(y.value[i]))
			continue;
		place[n] = i;
		y.value[n++] = y.value[i];
	}
	if (n >= 2)
	{
		Residual *residual = palloc(sizeof(Residual) * n);
		double noise;
		double squares;

		take_trend_off(y.value, place, n, residual, &noise);
		squares = centred_ranks(residual, n, noise, rank);
		factor = variance_factor(rank, y.n, squares, n, lags);
		mo_kendall_add(&kendall, y.value, n, (double *) residual);
		z = mo_kendall_z(kendall.s, kendall.variance * factor);
	}

	mo_row_begin(&row, fcinfo);
	mo_row_int(&row, n);
	mo_row_datum(&row, Int64GetDatum(kendall.s), n < 2);
	mo_row_float(&row, kendall.variance * factor);
	mo_row_float(&row, factor);
	mo_row_float(&row, z);
	mo_row_float(&row, 2 * mo_num_normal_cdf(-fabs(z)));
	mo_row_float(&row, n < 2 ? NAN : (double) kendall.s / kendall.pairs);
	PG_RETURN_DATUM(mo_row_end(&row));
}
