/*-------------------------------------------------------------------------
 *
 * kendall.h
 *	  Kendall's S and its variance, plain C.
 *
 * No PostgreSQL headers here nor in kendall.c: a bench or a unit test links
 * them by themselves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_KENDALL_H
#define MOMENTUM_KENDALL_H

#include <stdint.h>

/* Rising minus falling pairs of one series, or of several added up. */
typedef struct Kendall
{
	int n;
	int64_t pairs;
	int64_t s;
	double variance; /* of s, if there is no trend and the values are independent */
} Kendall;

extern void mo_kendall_add(Kendall *sum, double *value, int n, double *scratch);
extern double mo_kendall_tie_term(const double *sorted, int n);
extern double mo_kendall_variance(int n, double tie_term);
extern double mo_kendall_z(int64_t s, double variance);

#endif /* MOMENTUM_KENDALL_H */
