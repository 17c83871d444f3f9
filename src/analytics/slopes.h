/*-------------------------------------------------------------------------
 *
 * slopes.h
 *	  Order statistics of the slopes of all pairs of points, plain C.
 *
 * No PostgreSQL headers here nor in slopes.c: a bench or a unit test links
 * them by themselves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_SLOPES_H
#define MOMENTUM_SLOPES_H

#include <stddef.h>
#include <stdint.h>

/* One point; pairs are made of points of one group only. */
typedef struct SlopePoint
{
	double x;
	double y;
	int group; /* 0 and up */
} SlopePoint;

/* A point on its way through the orders; see slopes.c. */
typedef struct SlopeItem
{
	double key;
	double key_rest;
	double x;
	double y;
} SlopeItem;

/* The points, what is known of their slopes, and room to work in. */
typedef struct Slopes
{
	int n;
	int groups;
	int *group_end;        /* in items, of each group */
	int64_t pairs;         /* of one group and different x */
	void (*breathe)(void); /* called every few milliseconds, may jump out; or NULL */

	/* Slopes below "lo" are "below" in number; "at_lo" is the order there. */
	double lo;
	int64_t below;
	SlopeItem *at_lo;
	SlopeItem *work;
	SlopeItem *scratch;
	double *held;   /* the slopes looked at, at most "capacity" */
	double *sample; /* of all slopes, once "sampled" */
	int64_t capacity;
	int sampled;
	uint64_t random; /* numbers of splitmix64 drawn so far */
} Slopes;

extern size_t mo_slopes_room(int n);
extern void mo_slopes_open(Slopes *slopes, SlopePoint *point, int n, void *room,
						   void (*breathe)(void));
extern void mo_slopes_select(Slopes *slopes, const int64_t *rank, int ranks, double *value);
extern double mo_slopes_median(double lower, double upper);

#endif /* MOMENTUM_SLOPES_H */
