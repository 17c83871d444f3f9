/*-------------------------------------------------------------------------
 *
 * theil_sen.c
 *	  Theil-Sen slope of all pairs, or of those within weekdays, with its
 *	  confidence limits.
 *
 * Sen, "Estimates of the regression coefficient based on Kendall's tau"
 * (1968); ranks of the limits and the tie correction as scipy's
 * theilslopes rounds them, which rounds half to even.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "analytics/analytics.h"
#include "analytics/numerics.h"

/* Ranks asked for: lower limit, the two central ones, upper limit. */
#define RANKS 4

PG_FUNCTION_INFO_V1(mo_theil_sen);
PG_FUNCTION_INFO_V1(mo_seasonal_theil_sen);

/* Points scaled for slopes.c: x and y divided by powers of two, exactly. */
typedef struct Scaled
{
	int n;
	SlopePoint *point;
	int x_exponent;
	int y_exponent;
} Scaled;

/* What is found; NaN = undefined. */
typedef struct TheilSen
{
	int n;
	int64 pairs;
	double slope;
	double intercept;
	double lo;
	double hi;
} TheilSen;

static void
breathe(void)
{
	CHECK_FOR_INTERRUPTS();
}

/*
 * Scale points so that no difference overflows and no product underflows.
 */
static void
scale(Scaled *scaled)
{
	double max_x = 0;
	double max_y = 0;

	for (int i = 0; i < scaled->n; i++)
	{
		max_x = fmax(max_x, fabs(scaled->point[i].x));
		max_y = fmax(max_y, fabs(scaled->point[i].y));
	}
	(void) frexp(max_x, &scaled->x_exponent);
	(void) frexp(max_y, &scaled->y_exponent);
	for (int i = 0; i < scaled->n; i++)
	{
		scaled->point[i].x = ldexp(scaled->point[i].x, -scaled->x_exponent);
		scaled->point[i].y = ldexp(scaled->point[i].y, -scaled->y_exponent);
	}
}

/*
 * Median slope of the pairs of one group and different x; NaN without one.
 *
 * Points as mo_slopes_open() wants them; it sorts them.  "pairs" may be NULL.
 */
double
mo_theil_sen_slope(SlopePoint *point, int n, int64 *pairs)
{
	void *room = palloc(mo_slopes_room(n));
	Slopes slopes;
	double central[2] = {NAN, NAN};

	mo_slopes_open(&slopes, point, n, room, breathe);
	if (slopes.pairs > 0)
	{
		int64_t rank[2] = {(slopes.pairs - 1) / 2, slopes.pairs / 2};

		mo_slopes_select(&slopes, rank, 2, central);
	}
	if (pairs != NULL)
		*pairs = slopes.pairs;
	pfree(room);
	return mo_slopes_median(central[0], central[1]);
}

/*
 * Ranks (0-based, among "pairs" slopes) of the 95 % limits; they may lie
 * beyond the central ones only to their own side.
 */
static void
limit_ranks(int64 pairs, double variance, int64_t *low, int64_t *high)
{
	double half = MO_Z_975 * sqrt(variance);

	*low = Max((int64_t) rint((pairs - half) / 2) - 1, 0);
	*high = Min((int64_t) rint((pairs + half) / 2), pairs - 1);
}

/*
 * Slope and limits, from the variance of S; without limits when that is
 * negative, as ties in both x and y can make it.
 */
static TheilSen
compute(Scaled *scaled, double variance)
{
	TheilSen result = {.n = scaled->n, .slope = NAN, .intercept = NAN, .lo = NAN, .hi = NAN};
	int exponent = scaled->y_exponent - scaled->x_exponent;
	void *room = palloc(mo_slopes_room(scaled->n));
	double *value = palloc(sizeof(double) * Max(scaled->n, 1));
	Slopes slopes;
	int64_t rank[RANKS];
	double found[RANKS];
	double slope;
	double x_median;
	double y_median;

	mo_slopes_open(&slopes, scaled->point, scaled->n, room, breathe);
	result.pairs = slopes.pairs;
	if (slopes.pairs == 0)
		return result;
	rank[1] = (slopes.pairs - 1) / 2;
	rank[2] = slopes.pairs / 2;
	rank[0] = rank[1];
	rank[3] = rank[2];
	if (variance >= 0)
		limit_ranks(slopes.pairs, variance, &rank[0], &rank[3]);
	mo_slopes_select(&slopes, rank, RANKS, found);
	slope = mo_slopes_median(found[1], found[2]);

	for (int i = 0; i < scaled->n; i++)
		value[i] = scaled->point[i].x;
	x_median = mo_num_median(value, scaled->n);
	for (int i = 0; i < scaled->n; i++)
		value[i] = scaled->point[i].y;
	y_median = mo_num_median(value, scaled->n);

	result.slope = ldexp(slope, exponent);
	result.intercept = ldexp(y_median - slope * x_median, scaled->y_exponent);
	if (variance >= 0)
	{
		result.lo = ldexp(found[0], exponent);
		result.hi = ldexp(found[3], exponent);
	}
	pfree(value);
	pfree(room);
	return result;
}

static Datum
to_datum(const TheilSen *result, FunctionCallInfo fcinfo)
{
	ResultRow row;

	mo_row_begin(&row, fcinfo);
	mo_row_int(&row, result->n);
	mo_row_datum(&row, Int64GetDatum(result->pairs), false);
	mo_row_float(&row, result->slope);
	mo_row_float(&row, result->intercept);
	mo_row_float(&row, result->lo);
	mo_row_float(&row, result->hi);
	return mo_row_end(&row);
}

static int
compare_doubles(const void *a, const void *b)
{
	double left = *(const double *) a;
	double right = *(const double *) b;

	return left < right ? -1 : left > right;
}

/*
 * Variance of S with ties in x as well as in y, as theilslopes takes it.
 */
static double
tied_variance(const Scaled *scaled)
{
	double *value = palloc(sizeof(double) * Max(scaled->n, 1));
	double ties = 0;

	for (int i = 0; i < scaled->n; i++)
		value[i] = scaled->point[i].x;
	qsort(value, scaled->n, sizeof(double), compare_doubles);
	ties += mo_kendall_tie_term(value, scaled->n);
	for (int i = 0; i < scaled->n; i++)
		value[i] = scaled->point[i].y;
	qsort(value, scaled->n, sizeof(double), compare_doubles);
	ties += mo_kendall_tie_term(value, scaled->n);
	pfree(value);
	return mo_kendall_variance(scaled->n, ties);
}

/*
 * theil_sen(x, y)
 */
Datum
mo_theil_sen(PG_FUNCTION_ARGS)
{
	FloatArray x = mo_arg_floats(fcinfo, 0, "x");
	FloatArray y = mo_arg_floats(fcinfo, 1, "y");
	Scaled scaled = {0};
	TheilSen result;

	mo_arg_check_length("x", x.n, "y", y.n);
	scaled.point = palloc(sizeof(SlopePoint) * Max(x.n, 1));
	for (int i = 0; i < x.n; i++)
	{
		if (isfinite(x.value[i]) && isfinite(y.value[i]))
			scaled.point[scaled.n++] = (SlopePoint){x.value[i], y.value[i], 0};
	}
	scale(&scaled);
	result = compute(&scaled, tied_variance(&scaled));
	PG_RETURN_DATUM(to_datum(&result, fcinfo));
}

/*
 * seasonal_theil_sen(days, y): x counts from the last day, so that the
 * intercept is where the line stands on that day.
 */
Datum
mo_seasonal_theil_sen(PG_FUNCTION_ARGS)
{
	Series series = mo_series_read(fcinfo, 0, 1, -1);
	Scaled scaled = {.n = series.n};
	TheilSen result;

	scaled.point = palloc(sizeof(SlopePoint) * Max(series.n, 1));
	for (int i = 0; i < series.n; i++)
	{
		scaled.point[i].x = (double) series.point[i].day - series.point[series.n - 1].day;
		scaled.point[i].y = series.point[i].y;
		scaled.point[i].group = mo_weekday(series.point[i].day);
	}
	scale(&scaled);
	result = compute(&scaled, mo_seasonal_kendall(&series).variance);
	PG_RETURN_DATUM(to_datum(&result, fcinfo));
}
