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
 * Vocabulary: x is the day counted from the last one, a group is a weekday,
 * w has mean 1, y is scaled by a power of two to at most 1 in absolute value
 * (exactly undone at the end), so that no square can overflow.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <float.h>
#include <math.h>

#include "analytics/analytics.h"
#include "analytics/numerics.h"

#define GROUPS 7

/* Below this the trend is not worth its name: 13 days or 7 weeks. */
#define MIN_DF 5

/* Fewer weekly points than a quarter's make the test liberal. */
#define SHORT_WEEKS 13

/* The change is stated over so many days. */
#define HORIZON_DAYS 30.0

/* Deviations beyond so many robust standard deviations are pulled in. */
#define CLIP 3.0

/* Makes the median absolute deviation a standard deviation (normal data). */
#define MAD_TO_SD 1.4826

#define MAX_RHO 0.9

/* Sums smaller than this, relative to the values, are rounding noise. */
#define NOISE (64 * DBL_EPSILON)

/* Weights further apart than this count as so far apart. */
#define MIN_WEIGHT 1e-150

/* The series while it is being fitted. */
typedef struct Fit
{
	int n;
	int groups; /* non-empty ones */
	int group_size[GROUPS];
	int *group;
	double *x;
	double *y; /* scaled; pulled in from step 3 on */
	double *w;
	double *residual; /* of the linear fit, within groups */
	double weight_sum;
	double max_y; /* largest absolute value of y */
	int exponent; /* y was scaled by 2^-exponent */
} Fit;

/*
 * Sums of squares and products of deviations from the weekday means.
 */
typedef struct Moments
{
	double xx;
	double xy;
	double yy;
} Moments;

static void
scale_values(Fit *fit, const Series *series)
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
 * Lay out the series for the fit; "n", "groups" and group sizes are known
 * afterwards even when there is too little for one.
 */
static void
prepare(Fit *fit, const Series *series)
{
	int n = series->n;

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
 * Step 1: median slope of the pairs of points on one weekday.
 */
static double
seasonal_theil_sen(const Fit *fit, int *n_pairs)
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
robust_deviations(const Fit *fit, double b0, double *r)
{
	double *scratch = palloc(sizeof(double) * fit->n);
	double scale;

	for (int i = 0; i < fit->n; i++)
		r[i] = fit->y[i] - b0 * fit->x[i];
	for (int k = 0; k < GROUPS; k++)
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
	scale = MAD_TO_SD * mo_num_median(scratch, fit->n);
	pfree(scratch);
	return scale <= NOISE * fit->max_y ? 0 : scale;
}

/*
 * Steps 1 to 3: pull wild days in.
 */
static void
winsorise(Fit *fit, Trend *trend)
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
 * Weighted mean of "value" within each weekday, taken off.
 */
static void
demean(const Fit *fit, const double *value, double *deviation)
{
	double sum[GROUPS] = {0};
	double weight[GROUPS] = {0};

	for (int i = 0; i < fit->n; i++)
	{
		sum[fit->group[i]] += fit->w[i] * value[i];
		weight[fit->group[i]] += fit->w[i];
	}
	for (int i = 0; i < fit->n; i++)
		deviation[i] = value[i] - sum[fit->group[i]] / weight[fit->group[i]];
}

static double
weighted_product(const Fit *fit, const double *a, const double *b)
{
	double sum = 0;

	for (int i = 0; i < fit->n; i++)
		sum += fit->w[i] * a[i] * b[i];
	return sum;
}

/*
 * A sum of squares that is rounding noise beside the values counts as 0.
 */
static double
without_noise(const Fit *fit, double sum_of_squares)
{
	double noise = NOISE * NOISE * fit->weight_sum * fit->max_y * fit->max_y;

	return sum_of_squares <= noise ? 0 : sum_of_squares;
}

/*
 * Step 5: autocorrelation of neighbouring residuals, corrected for bias.
 *
 * Neighbours are days at the smallest gap of the series; a gap in the data
 * makes no pair.
 */
static void
autocorrelation(const Fit *fit, double sse, Trend *trend)
{
	double delta = INFINITY;
	double sum = 0;
	int m = 0;

	if (sse == 0)
	{
		trend->rho = 0;
		return;
	}
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
	trend->r1 = (sum / (m + 1)) / (sse / fit->n);
	trend->rho = mo_num_clamp(trend->r1 + (fit->groups + 1.0) / fit->n, 0, MAX_RHO);
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
 * Steps 4 and 5: slope, residuals, standard error.
 *
 * "dx" and "dy" are the deviations within weekdays.  Returns the sum of
 * squared residuals.
 */
static double
fit_line(Fit *fit, const double *dx, const double *dy, Moments *moment, Trend *trend)
{
	double sse;

	moment->xx = weighted_product(fit, dx, dx);
	moment->xy = weighted_product(fit, dx, dy);
	moment->yy = without_noise(fit, weighted_product(fit, dy, dy));
	trend->slope = moment->yy == 0 ? 0 : moment->xy / moment->xx;
	for (int i = 0; i < fit->n; i++)
		fit->residual[i] = dy[i] - trend->slope * dx[i];
	sse = without_noise(fit, weighted_product(fit, fit->residual, fit->residual));
	if (moment->yy == 0)
		sse = 0;

	trend->se_iid = sqrt(sse / trend->df / moment->xx);
	autocorrelation(fit, sse, trend);
	trend->se = trend->se_iid * inflation(trend->rho);
	if (trend->se > 0)
	{
		trend->t = trend->slope / trend->se;
		trend->p_up = mo_num_t_cdf(trend->t, trend->df);
	}
	else
		trend->p_up = trend->slope > 0 ? 1 : trend->slope < 0 ? 0
															  : 0.5;
	return sse;
}

/*
 * Step 7: acceleration, the square of x beside x.
 *
 * Leaves accel NaN when there is too little to tell a curve from a line; a
 * perfect line does not bend.
 */
static void
fit_curve(const Fit *fit, const double *dx, const double *dy, const Moments *moment,
		  double sse, Trend *trend)
{
	double *q;
	double *dq;
	double x_mean = 0;
	double aqq, axq, bq, det, b2, c2, sse2, se;

	if (trend->df - 1 < MIN_DF || !(trend->level > 0))
		return;
	q = palloc(sizeof(double) * fit->n * 2);
	dq = q + fit->n;
	for (int i = 0; i < fit->n; i++)
		x_mean += fit->w[i] * fit->x[i] / fit->weight_sum;
	for (int i = 0; i < fit->n; i++)
		q[i] = (fit->x[i] - x_mean) * (fit->x[i] - x_mean);
	demean(fit, q, dq);
	aqq = weighted_product(fit, dq, dq);
	axq = weighted_product(fit, dx, dq);
	bq = weighted_product(fit, dq, dy);
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
	sse2 = without_noise(fit, weighted_product(fit, q, q));
	se = sqrt(sse2 / (trend->df - 1) * moment->xx / det) * inflation(trend->rho);
	trend->accel = 2 * c2 * HORIZON_DAYS * HORIZON_DAYS / trend->level;
	if (se > 0)
		trend->t_accel = c2 / se;
	pfree(q);
}

/*
 * Step 6: the level, and everything relative to it.
 */
static void
relate_to_level(const Fit *fit, Trend *trend)
{
	double remainder = 0;

	trend->level = 0;
	for (int i = 0; i < fit->n; i++)
		trend->level += fit->w[i] * fit->y[i] / fit->weight_sum;
	/* A second pass takes the rounding out: the level of a constant is that constant. */
	for (int i = 0; i < fit->n; i++)
		remainder += fit->w[i] * (fit->y[i] - trend->level) / fit->weight_sum;
	trend->level += remainder;
	if (trend->level <= NOISE * fit->max_y)
	{
		trend->reason = "nonpositive_level";
		return;
	}
	trend->g = HORIZON_DAYS * trend->slope / trend->level;
	trend->se_g = HORIZON_DAYS * trend->se / trend->level;
}

/*
 * Undo the scaling of y.
 */
static void
unscale(const Fit *fit, Trend *trend)
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

/*
 * Fit the trend of an arranged series.
 *
 * "robust" false leaves out steps 1 to 3.  What is undefined is NaN in
 * "trend", and its reason says why.  Memory comes from the current context.
 */
void
mo_trend_compute(const Series *series, bool robust, Trend *trend)
{
	Fit fit;
	Moments moment;
	double *dx;
	double *dy;
	double sse;

	check_series(series);
	nothing_known(trend);
	prepare(&fit, series);
	trend->n = fit.n;
	trend->n_bad = series->n_bad;
	trend->groups = fit.groups;
	trend->df = fit.n - fit.groups - 1;
	if (trend->df < MIN_DF || series->point[0].day == series->point[fit.n - 1].day)
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
	demean(&fit, fit.x, dx);
	demean(&fit, fit.y, dy);
	sse = fit_line(&fit, dx, dy, &moment, trend);
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
