/*-------------------------------------------------------------------------
 *
 * numerics.h
 *	  Order statistics, distribution functions and random numbers, plain C.
 *
 * No PostgreSQL headers here nor in numerics.c: a bench or a checker links
 * them by themselves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_NUMERICS_H
#define MOMENTUM_NUMERICS_H

#include <float.h>
#include <stddef.h>
#include <stdint.h>

/* Sums smaller than this, relative to the values, are rounding noise. */
#define MO_NOISE (64 * DBL_EPSILON)

/* A normal distribution's standard deviation over its median absolute deviation. */
#define MO_MAD_TO_SD 1.4826

/* Its value that 97.5 % lie below. */
#define MO_Z_975 1.959963984540054

extern double mo_num_select(double *value, size_t n, size_t k);
extern double mo_num_median(double *value, size_t n);
extern double mo_num_normal_cdf(double z);
extern double mo_num_t_cdf(double t, double df);
extern double mo_num_clamp(double value, double low, double high);
extern uint64_t mo_splitmix64(uint64_t seed, uint64_t n);

#endif /* MOMENTUM_NUMERICS_H */
