/*-------------------------------------------------------------------------
 *
 * bootstrap.h
 *	  Moving-block bootstrap of a daily path, plain C.
 *
 * No PostgreSQL headers here nor in bootstrap.c: a bench or a checker links
 * them by themselves, with numerics.c.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_BOOTSTRAP_H
#define MOMENTUM_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Days of one block: a week keeps its pattern. */
#define MO_BLOCK_DAYS 7

/* Buckets that a day's values are sorted into to find their percentiles. */
#define MO_BUCKETS 256

/* All draws of a path, one day at a time. */
typedef struct Bootstrap
{
	int draws;
	int n_errors;
	int blocks;   /* of one draw */
	int day;      /* walked so far */
	int breached; /* draws that have been below the floor */
	double low;   /* of the values on "day" */
	double high;
	uint64_t seed;
	double *error;       /* n_errors values of mean 0 */
	double *noise;       /* of each draw, summed up to "day" */
	double *value;       /* of each draw on "day" */
	double *sorted;      /* the same by bucket, as far as percentiles were asked */
	int32_t *start;      /* first error of each draw's current block */
	int32_t *breach_day; /* first day of each draw below the floor, or 0 */
	uint8_t *bucket;     /* of each draw's value */
} Bootstrap;

extern size_t mo_bootstrap_size(int n_errors, int draws);
extern void mo_bootstrap_begin(Bootstrap *b, void *memory, const double *error, int n_errors,
							   int days, int draws, uint64_t seed);
extern void mo_bootstrap_day(Bootstrap *b, double path, double floor);
extern void mo_bootstrap_percentiles(Bootstrap *b, const double *p, int n, double *result);

#endif /* MOMENTUM_BOOTSTRAP_H */
