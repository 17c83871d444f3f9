/*-------------------------------------------------------------------------
 *
 * trend.c
 *	  Trend of a daily or weekly series: the fit.
 *
 * The slope is that of least squares within weekdays, so no weekly pattern
 * and no gap can bend it.  Before, single wild days are pulled in to three
 * robust standard deviations around a seasonal Theil-Sen line; after, the
 * standard error is inflated for the autocorrelation of the residuals.
 *
 * Least squares within weekdays, and the scaling of y, which is undone at the
 * end, are weekday_fit.c's.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/numerics.h"
#include "analytics/weekday_fit.h"

/* Fewer weekly points than a quarter's make the test liberal. */
#define SHORT_WEEKS 13

/* Deviations beyond so many robust standard deviations are pulled in. */
#define CLIP 3.0

/*
 * Step 1: median slope of the pairs of points on one weekday.
 */
static double
seasonal_theil_sen(const WeekdayFit *fit, int *n_pairs)
{
	SlopePoint *point = palloc(sizeof(SlopePoint) * fit->n);
	int64 pairs;
	double median;

	for (int i = 0; i < fit->n; i++)
		point[i] = (SlopePoint){fit->x[i], fit->y[i], fit->group[i]};
	median = mo_theil_sen_slope(point, fit->n, &pairs);
	Assert(pairs > 0);
	*n_pairs = pairs;
	pfree(point);
	return median;
}

/*
 * Step 2: deviations "r" from the line of slope "b0", free of the weekday
 * medians.  Returns their robust standard deviation, 0 when it is noise.
 */
static double
robust_deviations(const WeekdayFit *fit, double b0, double *r)
{
	double *scratch = palloc(sizeof(double) * fit->n);
	double scale;

	for (int i = 0; i < fit->n; i++)
		r[i] = fit->y[i] - b0 * fit->x[i];
	for (int k = 0; k < MO_WEEKDAYS; k++)
	{
		int size = 0;
		double median;

		if (fit->group_size[k] == 0)
			continue;
		for (int i = 0; i < fit->n; i++)
		{
			if (fit->group[i] == k)
				scratch[size++] = r[i];
		}
		median = mo_num_median(scratch, size);
		for (int i = 0; i < fit->n; i++)
		{
			if (fit->group[i] == k)
				r[i] -= median;
		}
	}
	for (int i = 0; i < fit->n; i++)
		scratch[i] = fabs(r[i] * sqrt(fit->w[i]));
	scale = MO_MAD_TO_SD * mo_num_median(scratch, fit->n);
	pfree(scratch);
	return scale <= MO_NOISE * fit->max_y ? 0 : scale;
}

/*
 * Steps 1 to 3: pull wild days in.
 */
static void
winsorise(WeekdayFit *fit, Trend *trend)
{
	double *r = palloc(sizeof(double) * fit->n);
	double scale;

	trend->ts0 = seasonal_theil_sen(fit, &trend->pairs);
	scale = robust_deviations(fit, trend->ts0, r);
	trend->mad_s = scale;
	for (int i = 0; i < fit->n && scale > 0; i++)
	{
		double bound = CLIP * scale / sqrt(fit->w[i]);
		double kept = mo_num_clamp(r[i], -bound, bound);

		if (kept != r[i])
		{
			fit->y[i] -= r[i] - kept;
			trend->clipped++;
		}
	}
	pfree(r);
	fit->max_y = 0;
	for (int i = 0; i < fit->n; i++)
		fit->max_y = fmax(fit->max_y, fabs(fit->y[i]));
}

/*
 * How much wider the standard error is than that of independent days.
 */
static double
inflation(double rho)
{
	return sqrt((1 + rho) / (1 - rho));
}

/*
 * Step 5: standard error of the slope, and what it says about the sign.
 */
static void
judge_slope(const WeekdayFit *fit, const Moments *moment, double sse, Trend *trend)
{
	trend->slope = fit->slope;
	trend->se_iid = sqrt(sse / trend->df / moment->xx);
	trend->rho = mo_fit_rho(fit, sse, &trend->r1);
	trend->se = trend->se_iid * inflation(trend->rho);
	if (trend->se > 0)
	{
		trend->t = trend->slope / trend->se;
		trend->p_up = mo_num_t_cdf(trend->t, trend->df);
	}
	else
		trend->p_up = trend->slope > 0 ? 1 : trend->slope < 0 ? 0
															  : 0.5;
}

/*
 * Step 7: acceleration, the square of x beside x.
 *
 * Leaves accel NaN when there is too little to tell a curve from a line; a
 * perfect line does not bend.
 */
static void
fit_curve(const WeekdayFit *fit, const double *dx, const double *dy, const Moments *moment,
		  double sse, Trend *trend)
{
	double *q;
	double *dq;
	double x_mean = 0;
	double aqq, axq, bq, det, b2, c2, sse2, se;

	if (trend->df - 1 < MO_MIN_DF || !(trend->level > 0))
		return;
	q = palloc(sizeof(double) * fit->n * 2);
	dq = q + fit->n;
	for (int i = 0; i < fit->n; i++)
		x_mean += fit->w[i] * fit->x[i] / fit->weight_sum;
	for (int i = 0; i < fit->n; i++)
		q[i] = (fit->x[i] - x_mean) * (fit->x[i] - x_mean);
	mo_fit_demean(fit, q, dq);
	aqq = mo_fit_product(fit, dq, dq);
	axq = mo_fit_product(fit, dx, dq);
	bq = mo_fit_product(fit, dq, dy);
	det = moment->xx * aqq - axq * axq;
	if (!(det > 1e-12 * moment->xx * aqq))
		return;
	if (sse == 0)
	{
		trend->accel = 0;
		return;
	}
	c2 = (moment->xx * bq - axq * moment->xy) / det;
	b2 = (aqq * moment->xy - axq * bq) / det;
	for (int i = 0; i < fit->n; i++)
		q[i] = dy[i] - b2 * dx[i] - c2 * dq[i];
	sse2 = mo_fit_without_noise(fit, mo_fit_product(fit, q, q));
	se = sqrt(sse2 / (trend->df - 1) * moment->xx / det) * inflation(trend->rho);
	trend->accel = 2 * c2 * MO_HORIZON_DAYS * MO_HORIZON_DAYS / trend->level;
	if (se > 0)
		trend->t_accel = c2 / se;
	pfree(q);
}

/*
 * Step 6: the level, and everything relative to it.
 */
static void
relate_to_level(const WeekdayFit *fit, Trend *trend)
{
	double remainder = 0;

	trend->level = 0;
	for (int i = 0; i < fit->n; i++)
		trend->level += fit->w[i] * fit->y[i] / fit->weight_sum;
	/* A second pass takes the rounding out: the level of a constant is that constant. */
	for (int i = 0; i < fit->n; i++)
		remainder += fit->w[i] * (fit->y[i] - trend->level) / fit->weight_sum;
	trend->level += remainder;
	if (trend->level <= MO_NOISE * fit->max_y)
	{
		trend->reason = "nonpositive_level";
		return;
	}
	trend->g = MO_HORIZON_DAYS * trend->slope / trend->level;
	trend->se_g = MO_HORIZON_DAYS * trend->se / trend->level;
}

/*
 * Undo the scaling of y.
 */
static void
unscale(const WeekdayFit *fit, Trend *trend)
{
	double *const scaled[] = {&trend->ts0, &trend->mad_s, &trend->slope, &trend->se_iid,
							  &trend->se, &trend->level};

	for (size_t i = 0; i < lengthof(scaled); i++)
	{
		*scaled[i] = ldexp(*scaled[i], fit->exponent);
		if (isinf(*scaled[i]))
			trend->reason = "out_of_range";
	}
	if (isinf(trend->g) || isinf(trend->accel))
		trend->reason = "out_of_range";
	trend->clean = palloc(sizeof(double) * fit->n);
	for (int i = 0; i < fit->n; i++)
		trend->clean[i] = ldexp(fit->y[i], fit->exponent);
}

static void
nothing_known(Trend *trend)
{
	double *const number[] = {&trend->ts0, &trend->mad_s, &trend->slope, &trend->se_iid,
							  &trend->r1, &trend->rho, &trend->se, &trend->level, &trend->g,
							  &trend->se_g, &trend->t, &trend->p_up, &trend->accel,
							  &trend->t_accel};

	memset(trend, 0, sizeof(*trend));
	for (size_t i = 0; i < lengthof(number); i++)
		*number[i] = NAN;
	trend->pairs = -1;
}

/*
 * Fit the trend of an arranged series.
 *
 * "robust" false leaves out steps 1 to 3.  What is undefined is NaN in
 * "trend", and its reason says why.  Memory comes from the current context.
 */
void
mo_trend_compute(const Series *series, bool robust, Trend *trend)
{
	WeekdayFit fit;
	Moments moment;
	double *dx;
	double *dy;
	double sse;

	nothing_known(trend);
	mo_fit_lay_out(&fit, series);
	trend->n = fit.n;
	trend->n_bad = series->n_bad;
	trend->groups = fit.groups;
	trend->df = fit.n - fit.groups - 1;
	if (trend->df < MO_MIN_DF || series->point[0].day == series->point[fit.n - 1].day)
	{
		trend->reason = "too_few_points";
		return;
	}
	if (fit.groups == 1 && fit.n < SHORT_WEEKS)
		trend->reason = "short_weekly";

	if (robust)
		winsorise(&fit, trend);
	dx = palloc(sizeof(double) * fit.n * 2);
	dy = dx + fit.n;
	mo_fit_demean(&fit, fit.x, dx);
	mo_fit_demean(&fit, fit.y, dy);
	sse = mo_fit_line(&fit, dx, dy, &moment);
	judge_slope(&fit, &moment, sse, trend);
	relate_to_level(&fit, trend);
	fit_curve(&fit, dx, dy, &moment, sse, trend);
	unscale(&fit, trend);
	pfree(dx);
}

/*
 * The trend as a momentum.trend_result.
 */
Datum
mo_trend_to_datum(const Trend *trend, FunctionCallInfo fcinfo)
{
	ResultRow row;

	mo_row_begin(&row, fcinfo);
	mo_row_int(&row, trend->n);
	mo_row_int(&row, trend->groups);
	mo_row_int(&row, Max(trend->df, 0));
	if (trend->pairs >= 0)
		mo_row_int(&row, trend->pairs);
	else
		mo_row_null(&row);
	mo_row_float(&row, trend->ts0);
	mo_row_float(&row, trend->mad_s);
	if (isnan(trend->slope))
		mo_row_null(&row);
	else
		mo_row_int(&row, trend->clipped);
	mo_row_float(&row, trend->slope);
	mo_row_float(&row, trend->se_iid);
	mo_row_float(&row, trend->r1);
	mo_row_float(&row, trend->rho);
	mo_row_float(&row, trend->se);
	mo_row_float(&row, trend->level);
	mo_row_float(&row, trend->g);
	mo_row_float(&row, trend->se_g);
	mo_row_float(&row, trend->t);
	mo_row_float(&row, trend->p_up);
	mo_row_float(&row, trend->accel);
	mo_row_float(&row, trend->t_accel);
	mo_row_int(&row, trend->n_bad);
	mo_row_text(&row, trend->reason);
	return mo_row_end(&row);
}
