/*-------------------------------------------------------------------------
 *
 * weekday_fit.c
 *	  Least squares within weekdays: y over the day, weekday by weekday.
 *
 * Values are taken as deviations from the mean of their weekday.  The slope
 * is then exactly that of a line beside seven weekday dummies: no weekly
 * pattern and no gap can bend it.  Weekly data are one weekday, and nothing
 * is special about them.
 *
 * y is scaled by a power of two, so that no square can overflow and nothing
 * is rounded; ldexp(value, exponent) undoes it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/numerics.h"
#include "analytics/weekday_fit.h"

/* Autocorrelation beyond this would leave no information at all. */
#define MAX_RHO 0.9

/* Weights further apart than this count as so far apart. */
#define MIN_WEIGHT 1e-150

static void
check_series(const Series *series)
{
	Assert(series->n >= 0 && series->n_bad >= 0);
	for (int i = 0; i < series->n; i++)
	{
		Assert(isfinite(series->point[i].y));
		Assert(isfinite(series->point[i].w) && series->point[i].w > 0);
		Assert(i == 0 || series->point[i - 1].day <= series->point[i].day);
	}
}

static void
scale_values(WeekdayFit *fit, const Series *series)
{
	double max_y = 0;
	double max_w = 0;
	double weight_sum = 0;

	for (int i = 0; i < fit->n; i++)
	{
		max_y = fmax(max_y, fabs(series->point[i].y));
		max_w = fmax(max_w, series->point[i].w);
	}
	fit->exponent = 0;
	if (max_y > 0)
		(void) frexp(max_y, &fit->exponent);
	for (int i = 0; i < fit->n; i++)
	{
		fit->y[i] = ldexp(series->point[i].y, -fit->exponent);
		fit->w[i] = fmax(series->point[i].w / max_w, MIN_WEIGHT);
		weight_sum += fit->w[i];
	}
	for (int i = 0; i < fit->n; i++)
		fit->w[i] *= fit->n / weight_sum;
	fit->weight_sum = fit->n;
	fit->max_y = ldexp(max_y, -fit->exponent);
}

/*
 * Lay out an arranged series for the fit, in the current memory context.
 *
 * "n", "groups" and group sizes are known afterwards even when there is too
 * little for a line.
 */
void
mo_fit_lay_out(WeekdayFit *fit, const Series *series)
{
	int n = series->n;

	check_series(series);
	memset(fit, 0, sizeof(*fit));
	fit->n = n;
	fit->group = palloc(sizeof(int) * Max(n, 1));
	fit->x = palloc(sizeof(double) * Max(n, 1) * 4);
	fit->y = fit->x + n;
	fit->w = fit->y + n;
	fit->residual = fit->w + n;
	for (int i = 0; i < n; i++)
	{
		fit->x[i] = (double) series->point[i].day - series->point[n - 1].day;
		fit->group[i] = mo_weekday(series->point[i].day);
		if (fit->group_size[fit->group[i]]++ == 0)
			fit->groups++;
	}
	scale_values(fit, series);
}

/*
 * Deviations of "value" from its weighted mean within each weekday.
 */
void
mo_fit_demean(const WeekdayFit *fit, const double *value, double *deviation)
{
	double sum[MO_WEEKDAYS] = {0};
	double weight[MO_WEEKDAYS] = {0};

	for (int i = 0; i < fit->n; i++)
	{
		sum[fit->group[i]] += fit->w[i] * value[i];
		weight[fit->group[i]] += fit->w[i];
	}
	for (int i = 0; i < fit->n; i++)
		deviation[i] = value[i] - sum[fit->group[i]] / weight[fit->group[i]];
}

/*
 * Σ w a b
 */
double
mo_fit_product(const WeekdayFit *fit, const double *a, const double *b)
{
	double sum = 0;

	for (int i = 0; i < fit->n; i++)
		sum += fit->w[i] * a[i] * b[i];
	return sum;
}

/*
 * A sum of squares that is rounding noise beside the values counts as 0.
 */
double
mo_fit_without_noise(const WeekdayFit *fit, double sum_of_squares)
{
	double noise = MO_NOISE * MO_NOISE * fit->weight_sum * fit->max_y * fit->max_y;

	return sum_of_squares <= noise ? 0 : sum_of_squares;
}

/*
 * The line: slope and residuals, in "fit", of the deviations "dx" and "dy".
 *
 * Returns the sum of squared residuals, and in "moment" the sums it came
 * from.  moment->xx is 0, and there is no line, only when each weekday has
 * one day.
 */
double
mo_fit_line(WeekdayFit *fit, const double *dx, const double *dy, Moments *moment)
{
	double sse;

	moment->xx = mo_fit_product(fit, dx, dx);
	moment->xy = mo_fit_product(fit, dx, dy);
	moment->yy = mo_fit_without_noise(fit, mo_fit_product(fit, dy, dy));
	fit->slope = moment->yy == 0 ? 0 : moment->xy / moment->xx;
	for (int i = 0; i < fit->n; i++)
		fit->residual[i] = dy[i] - fit->slope * dx[i];
	sse = mo_fit_without_noise(fit, mo_fit_product(fit, fit->residual, fit->residual));
	return moment->yy == 0 ? 0 : sse;
}

/*
 * Autocorrelation of neighbouring residuals, corrected for its bias and held
 * within 0 and 0.9; in "r1" as it is.  "sse" 0 has none: 0, r1 untouched.
 *
 * Neighbours are days at the smallest gap of the series; a gap in the data
 * makes no pair.
 */
double
mo_fit_rho(const WeekdayFit *fit, double sse, double *r1)
{
	double delta = INFINITY;
	double sum = 0;
	int m = 0;

	if (sse == 0)
		return 0;
	for (int i = 1; i < fit->n; i++)
		delta = fmin(delta, fit->x[i] - fit->x[i - 1]);
	for (int i = 1; i < fit->n; i++)
	{
		if (fit->x[i] - fit->x[i - 1] != delta)
			continue;
		sum += fit->residual[i - 1] * sqrt(fit->w[i - 1]) *
			   fit->residual[i] * sqrt(fit->w[i]);
		m++;
	}
	*r1 = (sum / (m + 1)) / (sse / fit->n);
	return mo_num_clamp(*r1 + (fit->groups + 1.0) / fit->n, 0, MAX_RHO);
}
