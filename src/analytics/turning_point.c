/*-------------------------------------------------------------------------
 *
 * turning_point.c
 *	  The day on which a series took another slope.
 *
 * For each day of the middle 70 % a line that may bend there is fitted
 * within weekdays; the day with the largest F against the straight line is
 * reported.  F is then shrunk for the autocorrelation of what is left, as
 * the standard error of a trend is widened.  The largest of many F does not
 * follow the F distribution, so the bound is a simulated one.
 *
 * The fits share everything but the bend h = max(0, x - day), so a candidate
 * costs what its sums cost, and those follow from the previous one's.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "analytics/weekday_fit.h"

/* Five weeks are the fewest in which a bend can be told from noise. */
#define MIN_POINTS 35

/* No bend in this share of the points at either end. */
#define MARGIN 0.15

/* Adjusted F that flat series with noise exceed in 5 % of the cases. */
#define SIGNIFICANT_F 6.5

/* A bend this close to a straight line is none. */
#define COLLINEAR 1e-12

/* The points after a candidate, weekday by weekday. */
typedef struct Tail
{
	double n[MO_WEEKDAYS];
	double x[MO_WEEKDAYS];  /* Σ x */
	double xx[MO_WEEKDAYS]; /* Σ x² */
	double e;               /* Σ residual of the straight line */
	double xe;              /* Σ x residual */
} Tail;

/* NaN = undefined. */
typedef struct TurningPoint
{
	bool is_known; /* the numbers mean something */
	int bend;      /* index of the day, -1 for none */
	double slope_before;
	double slope_after;
	double f;
	double rho;
	double f_adj;
	bool is_significant;
	const char *reason;
} TurningPoint;

PG_FUNCTION_INFO_V1(mo_turning_point);

static void
add_to_tail(Tail *tail, const WeekdayFit *fit, int i)
{
	int k = fit->group[i];

	tail->n[k]++;
	tail->x[k] += fit->x[i];
	tail->xx[k] += fit->x[i] * fit->x[i];
	tail->e += fit->residual[i];
	tail->xe += fit->x[i] * fit->residual[i];
}

/*
 * By how much a bend at "at" lowers the sum of squared residuals of the
 * straight line; 0 where it is not to be told from one.
 */
static double
gain(const Tail *tail, const WeekdayFit *fit, const double *x_mean, double sxx, double at)
{
	double shh = 0;
	double sxh = 0;
	double she = tail->xe - at * tail->e;
	double rest;

	for (int k = 0; k < MO_WEEKDAYS; k++)
	{
		double h = tail->x[k] - at * tail->n[k];
		double hh = tail->xx[k] - 2 * at * tail->x[k] + at * at * tail->n[k];

		if (tail->n[k] == 0)
			continue;
		shh += hh - h * h / fit->group_size[k];
		sxh += tail->xx[k] - (x_mean[k] + at) * tail->x[k] + x_mean[k] * at * tail->n[k];
	}
	rest = shh - sxh * sxh / sxx;
	return rest > COLLINEAR * shh ? she * she / rest : 0;
}

/*
 * Index of the day with the largest gain, the first of several; -1 for none.
 */
static int
best_bend(const WeekdayFit *fit, double sxx)
{
	int margin = (int) ceil(MARGIN * fit->n);
	double x_mean[MO_WEEKDAYS] = {0};
	Tail tail = {{0}};
	double best = 0;
	int bend = -1;

	for (int i = 0; i < fit->n; i++)
		x_mean[fit->group[i]] += fit->x[i] / fit->group_size[fit->group[i]];
	for (int i = fit->n - 1; i >= margin; i--)
	{
		CHECK_FOR_INTERRUPTS();
		if (i < fit->n - margin)
		{
			double this = gain(&tail, fit, x_mean, sxx, fit->x[i]);

			if (this > 0 && this >= best)
			{
				best = this;
				bend = i;
			}
		}
		add_to_tail(&tail, fit, i);
	}
	return bend;
}

/*
 * The line that bends at the day "bend": slopes and F.  "sse" is that of the
 * straight line.
 */
static void
fit_bend(WeekdayFit *fit, const double *dx, double sxx, double sse, TurningPoint *turn)
{
	double *h = palloc(sizeof(double) * fit->n * 2);
	double *dh = h + fit->n;
	double along, change, left;
	double df = fit->n - fit->groups - 2;
	double r1;

	for (int i = 0; i < fit->n; i++)
		h[i] = fmax(0, fit->x[i] - fit->x[turn->bend]);
	mo_fit_demean(fit, h, dh);
	along = mo_fit_product(fit, dx, dh) / sxx;
	for (int i = 0; i < fit->n; i++)
		dh[i] -= along * dx[i];
	change = mo_fit_product(fit, dh, fit->residual) / mo_fit_product(fit, dh, dh);
	for (int i = 0; i < fit->n; i++)
		fit->residual[i] -= change * dh[i];
	left = mo_fit_without_noise(fit, mo_fit_product(fit, fit->residual, fit->residual));
	turn->slope_before = fit->slope - change * along;
	turn->slope_after = turn->slope_before + change;
	turn->rho = mo_fit_rho(fit, left, &r1);
	pfree(h);
	if (left == 0)
	{
		turn->is_significant = true;
		turn->reason = "exact_fit";
		return;
	}
	turn->f = fmax(0, (sse - left) / (left / df));
	turn->f_adj = turn->f * (1 - turn->rho) / (1 + turn->rho);
	turn->is_significant = turn->f_adj > SIGNIFICANT_F;
}

static void
find_turn(WeekdayFit *fit, TurningPoint *turn)
{
	double *dx = palloc(sizeof(double) * fit->n * 2);
	double *dy = dx + fit->n;
	Moments moment;
	double sse;

	mo_fit_demean(fit, fit->x, dx);
	mo_fit_demean(fit, fit->y, dy);
	sse = mo_fit_line(fit, dx, dy, &moment);
	turn->is_known = true;
	turn->slope_before = turn->slope_after = fit->slope;
	if (sse > 0)
		turn->bend = best_bend(fit, moment.xx);
	if (turn->bend >= 0)
		fit_bend(fit, dx, moment.xx, sse, turn);
	else
	{
		turn->f = turn->f_adj = turn->rho = 0;
		turn->reason = "no_turn";
	}
	turn->slope_before = ldexp(turn->slope_before, fit->exponent);
	turn->slope_after = ldexp(turn->slope_after, fit->exponent);
	if (!isfinite(turn->slope_before) || !isfinite(turn->slope_after))
		turn->reason = "out_of_range";
	pfree(dx);
}

/*
 * turning_point(days, y)
 */
Datum
mo_turning_point(PG_FUNCTION_ARGS)
{
	Series series = mo_series_read(fcinfo, 0, 1, -1);
	TurningPoint turn = {.bend = -1, .f = NAN, .rho = NAN, .f_adj = NAN};
	WeekdayFit fit;
	ResultRow row;

	turn.slope_before = turn.slope_after = NAN;
	mo_fit_lay_out(&fit, &series);
	if (fit.n < MIN_POINTS || fit.x[0] == 0)
		turn.reason = "too_few_points";
	else
		find_turn(&fit, &turn);

	mo_row_begin(&row, fcinfo);
	mo_row_int(&row, fit.n);
	mo_row_datum(&row, turn.bend < 0 ? (Datum) 0 : DateADTGetDatum(series.point[turn.bend].day),
				 turn.bend < 0);
	mo_row_float(&row, turn.slope_before);
	mo_row_float(&row, turn.slope_after);
	mo_row_float(&row, turn.f);
	mo_row_float(&row, turn.rho);
	mo_row_float(&row, turn.f_adj);
	mo_row_datum(&row, BoolGetDatum(turn.is_significant), !turn.is_known);
	mo_row_text(&row, turn.reason);
	PG_RETURN_DATUM(mo_row_end(&row));
}
