/*-------------------------------------------------------------------------
 *
 * trend_moments.h
 *	  The state of the aggregate trend_moments().
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_TREND_MOMENTS_H
#define MOMENTUM_TREND_MOMENTS_H

#include "analytics/weekday_fit.h"

/* A window's sums are made anew after so many removals. */
#define MO_MAX_REMOVALS 512

/* The points of one weekday; all 0 without any. */
typedef struct Weekday
{
	int64 n;
	double w; /* Σ w */
	double x; /* means */
	double y;
	double xx; /* sums about the means */
	double xy;
	double yy;
} Weekday;

/* The most a weekday's sums have been, as seen before each removal. */
typedef struct Peak
{
	double w;
	double xx;
	double yy;
	double square; /* Σ w y² */
} Peak;

/* Lives in the aggregate's context. */
typedef struct MomentsState
{
	bool has_origin;
	DateADT origin; /* x is 0 here */
	int64 n_bad;
	int removals;
	Weekday weekday[MO_WEEKDAYS];
	Peak peak[MO_WEEKDAYS]; /* of a window's state only */
} MomentsState;

/*
 * What holds for every state, between any two calls.
 */
static inline void
mo_moments_check(const MomentsState *state)
{
	Assert(state->n_bad >= 0);
	Assert(state->removals >= 0 && state->removals <= MO_MAX_REMOVALS);
	for (int k = 0; k < MO_WEEKDAYS; k++)
	{
		const Weekday *day PG_USED_FOR_ASSERTS_ONLY = &state->weekday[k];

		Assert(day->n >= 0 && (day->n == 0 || state->has_origin));
		Assert(day->n == 0 ? day->w == 0 : day->w > 0);
		Assert(day->n > 0 || (day->x == 0 && day->y == 0));
		Assert(day->n > 1 || (day->xx == 0 && day->xy == 0 && day->yy == 0));
		Assert(!(day->xx < 0) && !(day->yy < 0));
	}
}

#endif /* MOMENTUM_TREND_MOMENTS_H */
