/*-------------------------------------------------------------------------
 *
 * cash_bands.c
 *	  How far working capital may stray from its projection.
 *
 * Past daily errors of the net-cash forecast are drawn in blocks of a week
 * and laid on the projection (bootstrap.c).  Equal arguments give equal
 * bands, to the last bit.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "miscadmin.h"

#include "analytics/analytics.h"
#include "analytics/bootstrap.h"
#include "analytics/cash.h"
#include "analytics/numerics.h"

/* Percentiles settle long before; at most so many draws ... */
#define MAX_DRAWS 100000

/* ... and so many days over all of them: a second or two of work. */
#define MAX_DRAW_DAYS 100000000

/* P90 - P10 of a normal distribution of standard deviation 1. */
#define BAND_WIDTH 2.563

PG_FUNCTION_INFO_V1(mo_cash_bands);
PG_FUNCTION_INFO_V1(mo_runway_bands);

/* The projection and its draws. */
typedef struct Bands
{
	CashWalk path;
	Bootstrap draws;
	double floor; /* less what rounding may amount to */
} Bands;

static int
get_draws(FunctionCallInfo fcinfo, int argno, int days)
{
	int draws = PG_GETARG_INT32(argno);

	if (draws < 1 || draws > MAX_DRAWS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("draws must be between 1 and %d", MAX_DRAWS)));
	if ((int64) draws * days > MAX_DRAW_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many draws for so many days"),
				 errdetail("%d draws of %d days are %lld, at most %d are allowed.", draws, days,
						   (long long) draws * days, MAX_DRAW_DAYS)));
	return draws;
}

/*
 * The errors, of which no sum over "days" may be out of range.
 */
static FloatArray
get_errors(FunctionCallInfo fcinfo, int argno, int days, double *largest)
{
	FloatArray errors = mo_arg_known_floats(fcinfo, argno, "errors");

	if (errors.n < MO_BLOCK_DAYS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must have at least %d elements", "errors", MO_BLOCK_DAYS),
				 errdetail("It has %d; they are drawn in blocks of so many days.", errors.n)));
	*largest = 0;
	for (int i = 0; i < errors.n; i++)
		*largest = fmax(*largest, fabs(errors.value[i]));
	if (!isfinite(4 * *largest * Max(days, errors.n)))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the errors are out of range")));
	return errors;
}

/*
 * Arguments 0 to 7: balance, inflow, cost, loan, errors, draws, seed, floor.
 */
static void
read_bands(FunctionCallInfo fcinfo, Bands *bands)
{
	CashWalk path = mo_cash_read(fcinfo);
	int draws = get_draws(fcinfo, 5, path.horizon);
	double largest;
	FloatArray errors = get_errors(fcinfo, 4, path.horizon, &largest);

	bands->path = path;
	bands->floor = mo_cash_amount(fcinfo, 7, "floor") - path.noise -
				   4 * DBL_EPSILON * largest * path.horizon * path.horizon;
	for (int d = 0; d <= path.horizon; d++)
	{
		if (!isfinite(fabs(path.w[d]) + 2 * largest * path.horizon))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("working capital is out of range on day %d", d)));
	}
	mo_bootstrap_begin(&bands->draws, palloc(mo_bootstrap_size(errors.n, draws)), errors.value,
					   errors.n, path.horizon, draws, (uint64) PG_GETARG_INT64(6));
}

/*
 * cash_bands(balance, inflow, cost, loan, errors, draws, seed, floor)
 */
Datum
mo_cash_bands(PG_FUNCTION_ARGS)
{
	static const double p[] = {0.10, 0.50, 0.90};
	Bands bands;
	ResultRow row;

	read_bands(fcinfo, &bands);
	mo_row_begin_set(&row, fcinfo);
	for (int d = 1; d <= bands.path.horizon; d++)
	{
		double band[lengthof(p)];

		CHECK_FOR_INTERRUPTS();
		mo_bootstrap_day(&bands.draws, bands.path.w[d], bands.floor);
		mo_bootstrap_percentiles(&bands.draws, p, lengthof(p), band);
		mo_row_int(&row, d);
		for (int i = 0; i < (int) lengthof(p); i++)
			mo_row_float(&row, band[i]);
		mo_row_float(&row, (double) bands.draws.breached / bands.draws.draws);
		mo_row_put(&row);
	}
	return (Datum) 0;
}

/*
 * Percentile "p" of "n" values that may be infinite: infinite from where one
 * of the two nearest is.  Reorders "value".
 */
static double
percentile(double *value, int n, double p)
{
	double place = p * (n - 1);
	int k = (int) place;
	double below = mo_num_select(value, n, k);
	double above;

	if (place == k || isinf(below))
		return below;
	above = mo_num_select(value, n, k + 1);
	return isinf(above) ? above : below + (place - k) * (above - below);
}

/*
 * runway_bands(balance, inflow, cost, loan, errors, draws, seed, floor, target, scale)
 */
Datum
mo_runway_bands(PG_FUNCTION_ARGS)
{
	Bands bands;
	double target = mo_cash_amount(fcinfo, 8, "target");
	double scale = mo_cash_amount(fcinfo, 9, "scale");
	double *runway;
	double *c;
	int n;
	ResultRow row;

	if (target <= 0 || scale <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("target and scale must be greater than zero")));
	read_bands(fcinfo, &bands);
	if (bands.path.horizon == 0)
		PG_RETURN_NULL();
	for (int d = 1; d <= bands.path.horizon; d++)
	{
		CHECK_FOR_INTERRUPTS();
		mo_bootstrap_day(&bands.draws, bands.path.w[d], bands.floor);
	}
	n = bands.draws.draws;
	runway = palloc(sizeof(double) * n);
	c = palloc(sizeof(double) * n);
	for (int i = 0; i < n; i++)
	{
		runway[i] = mo_cash_runway(&bands.path, bands.draws.breach_day[i], bands.draws.value[i],
								   PG_GETARG_FLOAT8(7));
		c[i] = mo_num_clamp((runway[i] - target) / target / scale, -1, 1);
	}

	mo_row_begin(&row, fcinfo);
	mo_row_float_or_infinity(&row, percentile(runway, n, 0.10));
	mo_row_float_or_infinity(&row, percentile(runway, n, 0.50));
	mo_row_float_or_infinity(&row, percentile(runway, n, 0.90));
	mo_row_float(&row, (double) bands.draws.breached / n);
	mo_row_float(&row, (percentile(c, n, 0.90) - percentile(c, n, 0.10)) / BAND_WIDTH);
	PG_RETURN_DATUM(mo_row_end(&row));
}
