/*-------------------------------------------------------------------------
 *
 * numerics.c
 *	  Order statistics, distribution functions and random numbers, plain C.
 *
 * Student's t goes through the regularised incomplete beta function, by the
 * continued fraction of Abramowitz & Stegun 26.5.8 evaluated with Lentz's
 * method.  Everything is written for the small tail, so that a probability
 * of 1e-300 keeps its digits.
 *
 *-------------------------------------------------------------------------
 */
#include "analytics/numerics.h"

#include <float.h>
#include <math.h>

/* Far more than the continued fraction takes for any df up to 1e12. */
#define MAX_FRACTION_STEPS 10000

/* From so many values on a sample finds a better pivot than three of them. */
#define SAMPLE_FROM 600

/*
 * "value" held within "low" and "high".
 */
double
mo_num_clamp(double value, double low, double high)
{
	return fmax(low, fmin(high, value));
}

/*
 * Output "n" (the first is 1) of the generator splitmix64 begun at "seed".
 */
uint64_t
mo_splitmix64(uint64_t seed, uint64_t n)
{
	uint64_t z = seed + n * UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/*
 * Move the values below "pivot" to the front and return their number.
 *
 * Without a branch on the values: which side a value belongs to is a coin
 * toss that a processor guesses wrong every other time.
 */
static size_t
bring_below(double *value, size_t n, double pivot)
{
	size_t below = 0;

	for (size_t i = 0; i < n; i++)
	{
		double held = value[i];

		value[i] = value[below];
		value[below] = held;
		below += held < pivot;
	}
	return below;
}

/*
 * The same with the values up to "pivot".
 */
static size_t
bring_up_to(double *value, size_t n, double pivot)
{
	size_t up_to = 0;

	for (size_t i = 0; i < n; i++)
	{
		double held = value[i];

		value[i] = value[up_to];
		value[up_to] = held;
		up_to += held <= pivot;
	}
	return up_to;
}

static double
median_of_three(double a, double b, double c)
{
	return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/*
 * A value that most likely is a little beyond the k-th smallest, seen from
 * the nearer end: the corresponding one of a window around k (Floyd &
 * Rivest, "Expected time bounds for selection", 1975).
 */
static double
near_value(double *value, size_t n, size_t k)
{
	double z = log((double) n);
	double size = 0.5 * exp(2 * z / 3);
	double sd = 0.5 * sqrt(z * size * (n - size) / n);
	double from = k - (double) k * size / n + (2 * k < n ? -sd : sd);
	double to = from + size;
	size_t first = from > 0 ? (size_t) from : 0;
	size_t last = to < n - 1 ? (size_t) to : n - 1;

	first = first < k ? first : k;
	last = last > k ? last : k;
	return mo_num_select(value + first, last - first + 1, k - first);
}

/*
 * The k-th smallest (0-based) of n > k values without NaN.
 *
 * Reorders "value" so that nothing left of k is larger and nothing right of
 * it smaller.  Quickselect; what equals the pivot is set apart, so that many
 * ties cost nothing extra.
 */
double
mo_num_select(double *value, size_t n, size_t k)
{
	while (n > 1)
	{
		double pivot;
		size_t below;
		size_t up_to;

		if (n > SAMPLE_FROM)
			pivot = near_value(value, n, k);
		else
			pivot = median_of_three(value[0], value[n / 2], value[n - 1]);
		below = bring_below(value, n, pivot);
		if (k < below)
		{
			n = below;
			continue;
		}
		up_to = below + bring_up_to(value + below, n - below, pivot);
		if (k < up_to)
			return pivot;
		value += up_to;
		n -= up_to;
		k -= up_to;
	}
	return value[k];
}

/*
 * Median of n > 0 values without NaN: the mean of the two central ones when
 * n is even.  Reorders "value".
 */
double
mo_num_median(double *value, size_t n)
{
	size_t half = n / 2;
	double upper = mo_num_select(value, n, half);
	double lower;

	if (n % 2 == 1)
		return upper;
	lower = value[0];
	for (size_t i = 1; i < half; i++)
		lower = fmax(lower, value[i]);
	return lower + (upper - lower) / 2;
}

/*
 * Distribution function of the standard normal.
 */
double
mo_num_normal_cdf(double z)
{
	return 0.5 * erfc(-z / sqrt(2.0));
}

/*
 * ln Γ(a + 1/2) - ln Γ(a) for a > 0.
 *
 * The difference of two lgamma() loses digits as a grows; from 20 on the
 * asymptotic series is exact to rounding.
 */
static double
log_gamma_half_step(double a)
{
	double q;
	double series;

	if (a < 20)
		return lgamma(a + 0.5) - lgamma(a);
	q = 1 / (a * a);
	series = 17.0 / 14336 - q * 31.0 / 18432;
	series = 1.0 / 192 + q * (-1.0 / 640 + q * series);
	return 0.5 * log(a) + (-1.0 / 8 + q * series) / a;
}

/*
 * The continued fraction of the incomplete beta function; converges fast
 * for x < (a + 1) / (a + b + 2).
 */
static double
beta_fraction(double a, double b, double x)
{
	const double tiny = DBL_MIN / DBL_EPSILON;
	double c = 1;
	double d = 1 - (a + b) * x / (a + 1);
	double result;

	if (fabs(d) < tiny)
		d = tiny;
	d = 1 / d;
	result = d;
	for (int m = 1; m <= MAX_FRACTION_STEPS; m++)
	{
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double step;

		d = 1 + even * d;
		c = 1 + even / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = fabs(c) < tiny ? tiny : c;
		result *= d * c;

		d = 1 + odd * d;
		c = 1 + odd / c;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = fabs(c) < tiny ? tiny : c;
		step = d * c;
		result *= step;
		if (fabs(step - 1) < DBL_EPSILON)
			break;
	}
	return result;
}

/*
 * Distribution function of Student's t with df > 0 degrees of freedom.
 *
 * P(|T| > t) = I_x(df/2, 1/2) with x = df / (df + t²); the other side of the
 * beta function is taken where it converges faster.
 */
double
mo_num_t_cdf(double t, double df)
{
	double a = df / 2;
	double ratio = t * t / df; /* (1 - x) / x */
	double x = 1 / (1 + ratio);
	double log_front;
	double tail;

	if (isnan(t) || isnan(df) || df <= 0)
		return NAN;
	if (isinf(df))
		return mo_num_normal_cdf(t);
	if (isinf(ratio))
		return t > 0 ? 1 : 0;
	if (t == 0)
		return 0.5;

	/* ln of x^a (1-x)^(1/2) / B(a, 1/2) */
	log_front = -(a + 0.5) * log1p(ratio) + 0.5 * log(ratio) +
				log_gamma_half_step(a) - 0.5 * log(M_PI);
	if (x < (a + 1) / (a + 2.5))
		tail = exp(log_front) * beta_fraction(a, 0.5, x) / a;
	else
		tail = 1 - exp(log_front) * beta_fraction(0.5, a, ratio * x) / 0.5;
	tail = mo_num_clamp(tail, 0, 1);
	return t > 0 ? 1 - tail / 2 : tail / 2;
}
