/*-------------------------------------------------------------------------
 *
 * lag_corr.c
 *	  Whether what x does shows in y some days later.
 *
 * Two series that both grow, or both have a weekly pattern, correlate
 * whatever they are; so only their deviations from their own trend within
 * weekdays are compared.  Deviations that last for days make few independent
 * pairs out of many; the test counts as many as there are, after Bartlett
 * (1935) in the form of Pyper & Peterman (1998).
 *
 * Everything goes by the date: a lag of k pairs the days d - k and d, where
 * both are there, and a gap is never closed up.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "analytics/numerics.h"
#include "analytics/weekday_fit.h"

/* Five weeks of common days are the fewest. */
#define MIN_DAYS 35

/* Fewer pairs than this leave no degree of freedom. */
#define MIN_PAIRS 3

/* A year; what leads by more is a season. */
#define MAX_LAG 366

#define DEFAULT_MAX_LAG 14

/* Deviations of x and y on their common days. */
typedef struct Deviations
{
	int n;
	DateADT *day;
	WeekdayFit x;
	WeekdayFit y;
	bool is_testable; /* enough days, and neither is constant */
	int64 step;       /* smallest gap between days */
} Deviations;

/* The pairs at one lag. */
typedef struct Pairs
{
	int m;
	DateADT *day; /* of y */
	double *x;    /* deviations from the mean of the pairs */
	double *y;
} Pairs;

/* NaN = undefined. */
typedef struct LagTest
{
	int m;
	double r;
	double n_eff;
	double t;
	double p;
} LagTest;

PG_FUNCTION_INFO_V1(mo_lag_corr);

/*
 * Keep only the days both series have.
 */
static void
keep_common_days(Series *x, Series *y)
{
	int n = 0;

	for (int i = 0, j = 0; i < x->n && j < y->n;)
	{
		DateADT day = x->point[i].day;

		if (day < y->point[j].day)
			i++;
		else if (day > y->point[j].day)
			j++;
		else
		{
			/* Points of one single day may repeat it. */
			if (n == 0 || x->point[n - 1].day < day)
			{
				x->point[n] = x->point[i];
				y->point[n] = y->point[j];
				n++;
			}
			i++;
			j++;
		}
	}
	x->n = n;
	y->n = n;
}

/*
 * Deviations of a series from its trend within weekdays, as fit->residual;
 * false when there are none.
 */
static bool
deviate(WeekdayFit *fit, const Series *series)
{
	double *dx;
	double *dy;
	Moments moment;
	bool varies;

	mo_fit_lay_out(fit, series);
	dx = palloc(sizeof(double) * Max(fit->n, 1) * 2);
	dy = dx + fit->n;
	mo_fit_demean(fit, fit->x, dx);
	mo_fit_demean(fit, fit->y, dy);
	varies = mo_fit_line(fit, dx, dy, &moment) > 0;
	pfree(dx);
	return varies;
}

static Deviations
read_deviations(FunctionCallInfo fcinfo)
{
	Deviations deviations = {0};
	Series x = mo_series_read(fcinfo, 0, 1, -1);
	Series y = mo_series_read(fcinfo, 0, 2, -1);

	keep_common_days(&x, &y);
	deviations.n = x.n;
	deviations.day = palloc(sizeof(DateADT) * Max(x.n, 1));
	deviations.step = PG_INT64_MAX;
	for (int i = 0; i < x.n; i++)
	{
		deviations.day[i] = x.point[i].day;
		if (i > 0)
			deviations.step = Min(deviations.step,
								  (int64) deviations.day[i] - deviations.day[i - 1]);
	}
	deviations.is_testable = x.n >= MIN_DAYS &&
							 deviate(&deviations.x, &x) && deviate(&deviations.y, &y);
	return deviations;
}

/*
 * The days d that y has and x has k days before; values only of what is
 * testable.
 */
static void
pair_up(const Deviations *deviations, int k, Pairs *pairs)
{
	const DateADT *day = deviations->day;

	pairs->m = 0;
	for (int i = 0, j = 0; j < deviations->n; j++)
	{
		while (day[i] < (int64) day[j] - k)
			i++;
		if (day[i] != (int64) day[j] - k)
			continue;
		pairs->day[pairs->m] = day[j];
		if (deviations->is_testable)
		{
			pairs->x[pairs->m] = deviations->x.residual[i];
			pairs->y[pairs->m] = deviations->y.residual[j];
		}
		pairs->m++;
	}
}

/*
 * Take the mean off; returns the sum of squares, 0 when it is noise.
 */
static double
center(double *value, int m, const WeekdayFit *fit)
{
	double mean = 0;
	double sum = 0;

	for (int i = 0; i < m; i++)
		mean += value[i] / m;
	for (int i = 0; i < m; i++)
	{
		value[i] -= mean;
		sum += value[i] * value[i];
	}
	return mo_fit_without_noise(fit, sum);
}

/*
 * Sums of products of x, and of y, over days that are "distance" apart, the
 * "j"-th multiple of the step; returns their number.
 */
static int
sum_products(const Pairs *pairs, int j, int64 distance, double *x, double *y)
{
	const DateADT *day = pairs->day;
	int last = pairs->m - 1;
	int found = 0;
	double sum_x = 0;
	double sum_y = 0;

	if ((int64) day[last] - day[0] == distance / j * last)
	{
		/* No gaps: the days need not be looked at. */
		for (found = 0; found < pairs->m - j; found++)
		{
			sum_x += pairs->x[found] * pairs->x[found + j];
			sum_y += pairs->y[found] * pairs->y[found + j];
		}
	}
	else
	{
		for (int i = 0, later = 0; i <= last; i++)
		{
			while (later <= last && day[later] < day[i] + distance)
				later++;
			if (later > last)
				break;
			if (day[later] != day[i] + distance)
				continue;
			sum_x += pairs->x[i] * pairs->x[later];
			sum_y += pairs->y[i] * pairs->y[later];
			found++;
		}
	}
	*x = sum_x;
	*y = sum_y;
	return found;
}

/*
 * Product of the autocorrelations of x and y at such a distance.
 *
 * Where gaps leave fewer than the m - j pairs, the sums are brought up to
 * that number; without any pair it is 0.
 */
static double
common_autocorrelation(const Pairs *pairs, int j, int64 distance, double sxx, double syy)
{
	double x, y;
	int found = sum_products(pairs, j, distance, &x, &y);

	if (found == 0)
		return 0;
	return mo_num_clamp(x / sxx * (pairs->m - j) / found, -1, 1) *
		   mo_num_clamp(y / syy * (pairs->m - j) / found, -1, 1);
}

/*
 * How many independent pairs the pairs are worth.
 */
static double
effective_pairs(const Pairs *pairs, int64 step, double sxx, double syy)
{
	double m = pairs->m;
	double sum = 1 / m;

	for (int j = 1; j <= pairs->m / 5; j++)
	{
		CHECK_FOR_INTERRUPTS();
		sum += 2 / m * ((m - j) / m) * common_autocorrelation(pairs, j, j * step, sxx, syy);
	}
	return sum > 0 ? mo_num_clamp(1 / sum, MIN_PAIRS, m) : m;
}

static LagTest
test_lag(const Deviations *deviations, int k, Pairs *pairs)
{
	LagTest test = {.r = NAN, .n_eff = NAN, .t = NAN, .p = NAN};
	double sxx, syy, unexplained;
	double sxy = 0;

	pair_up(deviations, k, pairs);
	test.m = pairs->m;
	if (!deviations->is_testable || test.m < MIN_PAIRS)
		return test;
	sxx = center(pairs->x, test.m, &deviations->x);
	syy = center(pairs->y, test.m, &deviations->y);
	if (sxx == 0 || syy == 0)
		return test;
	for (int i = 0; i < test.m; i++)
		sxy += pairs->x[i] * pairs->y[i];
	test.r = mo_num_clamp(sxy / (sqrt(sxx) * sqrt(syy)), -1, 1);
	test.n_eff = effective_pairs(pairs, deviations->step, sxx, syy);
	unexplained = 1 - test.r * test.r;
	if (unexplained <= MO_NOISE)
	{
		test.r = test.r > 0 ? 1 : -1;
		test.p = 0;
		return test;
	}
	test.t = test.r * sqrt((test.n_eff - 2) / unexplained);
	test.p = 2 * mo_num_t_cdf(-fabs(test.t), test.n_eff - 2);
	return test;
}

static int
read_max_lag(FunctionCallInfo fcinfo)
{
	int max_lag = PG_ARGISNULL(3) ? DEFAULT_MAX_LAG : PG_GETARG_INT32(3);

	if (max_lag < 0 || max_lag > MAX_LAG)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must be between 0 and %d", "max_lag", MAX_LAG),
				 errdetail("It is %d.", max_lag),
				 max_lag < 0 ? errhint("To see whether y leads, exchange x and y.") : 0));
	return max_lag;
}

/*
 * lag_corr(days, x, y, max_lag): a row for each lag from 0 to max_lag,
 * whether or not it could be tested.
 */
Datum
mo_lag_corr(PG_FUNCTION_ARGS)
{
	int max_lag = read_max_lag(fcinfo);
	Deviations deviations = read_deviations(fcinfo);
	int room = Max(deviations.n, 1);
	Pairs pairs = {.day = palloc(sizeof(DateADT) * room),
				   .x = palloc(sizeof(double) * room),
				   .y = palloc(sizeof(double) * room)};
	LagTest *test = palloc(sizeof(LagTest) * (max_lag + 1));
	double *q = palloc(sizeof(double) * (max_lag + 1));
	ResultRow row;

	for (int k = 0; k <= max_lag; k++)
	{
		CHECK_FOR_INTERRUPTS();
		test[k] = test_lag(&deviations, k, &pairs);
		q[k] = test[k].p;
	}
	mo_false_discovery(q, max_lag + 1);

	mo_row_begin_set(&row, fcinfo);
	for (int k = 0; k <= max_lag; k++)
	{
		mo_row_int(&row, k);
		mo_row_float(&row, test[k].r);
		mo_row_int(&row, test[k].m);
		mo_row_float(&row, test[k].n_eff);
		mo_row_float(&row, test[k].t);
		mo_row_float(&row, test[k].p);
		mo_row_float(&row, q[k]);
		mo_row_put(&row);
	}
	return (Datum) 0;
}
