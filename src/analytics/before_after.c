/*-------------------------------------------------------------------------
 *
 * before_after.c
 *	  What changed on a day, against what went before, continued.
 *
 * The days before give the weekday means and the robust trend (ANALYTICS 2);
 * continued, they are what the days after would have come to.  The mean
 * difference has three sources of error: the days after, the weekday means
 * and the slope, whose share grows with the distance.  The scatter is that
 * of both sides together, the autocorrelation that of the days before.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/numerics.h"
#include "analytics/weekday_fit.h"

PG_FUNCTION_INFO_V1(mo_before_after);

/* The days before, as far as the days after need to know them. */
typedef struct Past
{
	double weight[MO_WEEKDAYS];
	double x[MO_WEEKDAYS]; /* weighted mean day of each weekday */
	double y[MO_WEEKDAYS]; /* weighted mean value, wild days pulled in */
	double xx;             /* squared deviations of days within weekdays */
	double sse;
	double slope;
	double inflation; /* of a variance, for autocorrelation */
	int df;
} Past;

typedef struct Change
{
	double before;
	double after;
	double expected;
	double difference;
	double se;
	double t;
	int df;
	double p_up;
	const char *reason;
} Change;

static double
weighted_mean(const Point *point, int n)
{
	double sum = 0;
	double weight = 0;

	for (int i = 0; i < n; i++)
	{
		sum += point[i].w * point[i].y;
		weight += point[i].w;
	}
	return sum / weight;
}

static double
largest(const Series *series)
{
	double max = 0;

	for (int i = 0; i < series->n; i++)
		max = fmax(max, fabs(series->point[i].y));
	return max;
}

/*
 * Weekday means of the days before, and what the fit leaves over.
 */
static void
look_back(const Series *before, const Trend *trend, DateADT since, Past *past)
{
	memset(past, 0, sizeof(*past));
	past->slope = trend->slope;
	past->inflation = (1 + trend->rho) / (1 - trend->rho);
	past->df = trend->df;
	for (int i = 0; i < before->n; i++)
	{
		const Point *p = &before->point[i];
		int k = mo_weekday(p->day);

		past->weight[k] += p->w;
		past->x[k] += p->w * ((double) p->day - since);
		past->y[k] += p->w * trend->clean[i];
	}
	for (int k = 0; k < MO_WEEKDAYS; k++)
	{
		if (past->weight[k] == 0)
			continue;
		past->x[k] /= past->weight[k];
		past->y[k] /= past->weight[k];
	}
	for (int i = 0; i < before->n; i++)
	{
		const Point *p = &before->point[i];
		int k = mo_weekday(p->day);
		double dx = (double) p->day - since - past->x[k];
		double residual = trend->clean[i] - past->y[k] - past->slope * dx;

		past->xx += p->w * dx * dx;
		past->sse += p->w * residual * residual;
	}
}

/*
 * The days after against the past, continued.
 *
 * "max_y" is the largest value of both sides, "weight_sum" their weight.
 */
static void
compare(const Past *past, const Point *after, int n, DateADT since, double max_y,
		double weight_sum, Change *change)
{
	double weight = 0;
	double share[MO_WEEKDAYS] = {0};
	double lever = 0; /* how far the slope is stretched */
	double sse = past->sse;
	double variance;

	change->expected = 0;
	for (int i = 0; i < n; i++)
		weight += after[i].w;
	for (int i = 0; i < n; i++)
	{
		int k = mo_weekday(after[i].day);
		double dx = (double) after[i].day - since - past->x[k];

		if (past->weight[k] == 0)
		{
			change->expected = NAN;
			change->reason = "other_weekdays";
			return;
		}
		share[k] += after[i].w / weight;
		lever += after[i].w / weight * dx;
		change->expected += after[i].w / weight * (past->y[k] + past->slope * dx);
	}
	change->difference = change->after - change->expected;
	if (fabs(change->difference) <= MO_NOISE * max_y)
		change->difference = 0;

	for (int i = 0; i < n; i++)
	{
		int k = mo_weekday(after[i].day);
		double dx = (double) after[i].day - since - past->x[k];
		double residual = after[i].y - past->y[k] - past->slope * dx - change->difference;

		sse += after[i].w * residual * residual;
	}
	if (sse <= MO_NOISE * MO_NOISE * weight_sum * max_y * max_y)
		sse = 0;
	variance = 1 / weight + lever * lever / past->xx;
	for (int k = 0; k < MO_WEEKDAYS; k++)
	{
		if (share[k] > 0)
			variance += share[k] * share[k] / past->weight[k];
	}
	change->df = past->df + n - 1;
	change->se = sqrt(sse / change->df * variance * past->inflation);
	if (change->se > 0)
	{
		change->t = change->difference / change->se;
		change->p_up = mo_num_t_cdf(change->t, change->df);
	}
	else if (change->difference == 0)
		change->p_up = 0.5;
	else
		change->p_up = change->difference > 0 ? 1 : 0;
	if (!isfinite(change->difference) || !isfinite(change->se))
	{
		change->reason = "out_of_range";
		change->p_up = NAN;
	}
}

/*
 * before_after(days, y, since, w) -> momentum.before_after_result
 *
 * A NULL array is an empty one, a NULL day gives NULL throughout.
 */
Datum
mo_before_after(PG_FUNCTION_ARGS)
{
	Series series = mo_series_read(fcinfo, 0, 1, 3);
	DateADT since = PG_ARGISNULL(2) ? 0 : PG_GETARG_DATEADT(2);
	Change change = {NAN, NAN, NAN, NAN, NAN, NAN, 0, NAN, NULL};
	Series before = series;
	int n_after;
	ResultRow row;

	if (PG_ARGISNULL(2))
		PG_RETURN_NULL();
	if (DATE_NOT_FINITE(since))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("since must be finite")));
	before.n = 0;
	while (before.n < series.n && series.point[before.n].day < since)
		before.n++;
	n_after = series.n - before.n;

	if (before.n > 0)
		change.before = weighted_mean(series.point, before.n);
	if (n_after > 0)
		change.after = weighted_mean(series.point + before.n, n_after);
	if (n_after == 0)
		change.reason = "no_days_after";
	else
	{
		Trend trend;

		mo_trend_compute(&before, true, &trend);
		if (isnan(trend.slope))
			change.reason = "too_few_points";
		else
		{
			Past past;
			double weight_sum = 0;

			for (int i = 0; i < series.n; i++)
				weight_sum += series.point[i].w;
			look_back(&before, &trend, since, &past);
			compare(&past, series.point + before.n, n_after, since, largest(&series),
					weight_sum, &change);
		}
	}

	mo_row_begin(&row, fcinfo);
	mo_row_int(&row, before.n);
	mo_row_int(&row, n_after);
	mo_row_float(&row, change.before);
	mo_row_float(&row, change.after);
	mo_row_float(&row, change.expected);
	mo_row_float(&row, change.difference);
	mo_row_float(&row, change.se);
	mo_row_float(&row, change.t);
	if (change.df > 0)
		mo_row_int(&row, change.df);
	else
		mo_row_null(&row);
	mo_row_float(&row, change.p_up);
	mo_row_text(&row, change.reason);
	PG_RETURN_DATUM(mo_row_end(&row));
}
