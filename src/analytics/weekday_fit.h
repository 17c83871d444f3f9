/*-------------------------------------------------------------------------
 *
 * weekday_fit.h
 *	  Least squares within weekdays, as trends and their companions use it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_WEEKDAY_FIT_H
#define MOMENTUM_WEEKDAY_FIT_H

#include "analytics/analytics.h"
#include "analytics/numerics.h"

#define MO_WEEKDAYS 7

/* Below this a trend is not worth its name: 13 days or 7 weeks. */
#define MO_MIN_DF 5

/* A relative change is stated over so many days. */
#define MO_HORIZON_DAYS 30.0

/* A series while it is being fitted; a group is a weekday. */
typedef struct WeekdayFit
{
	int n;
	int groups; /* non-empty ones */
	int group_size[MO_WEEKDAYS];
	int *group;
	double *x;        /* days from the last one, 0 or less */
	double *y;        /* scaled to at most 1 in absolute value */
	double *w;        /* scaled to mean 1 */
	double *residual; /* of the line, within groups */
	double slope;
	double weight_sum;
	double max_y; /* largest absolute value of y */
	int exponent; /* y was scaled by 2^-exponent */
} WeekdayFit;

/* Sums of squares and products of deviations from the weekday means. */
typedef struct Moments
{
	double xx;
	double xy;
	double yy;
} Moments;

extern void mo_fit_lay_out(WeekdayFit *fit, const Series *series);
extern void mo_fit_demean(const WeekdayFit *fit, const double *value, double *deviation);
extern double mo_fit_product(const WeekdayFit *fit, const double *a, const double *b);
extern double mo_fit_without_noise(const WeekdayFit *fit, double sum_of_squares);
extern double mo_fit_line(WeekdayFit *fit, const double *dx, const double *dy, Moments *moment);
extern double mo_fit_rho(const WeekdayFit *fit, double sse, double *r1);

#endif /* MOMENTUM_WEEKDAY_FIT_H */
