/*-------------------------------------------------------------------------
 *
 * split.c
 *	  Why a number changed: exact splits of a change between two periods.
 *
 * A product of factors is split by LMDI-I (Ang, Energy Policy 33, 2005)
 * where all factors are above zero, and by the Shapley value where one is
 * not; a rate over segments into mix and rate.  All of them are exact (the
 * parts add up to the change, but for rounding), treat the factors alike,
 * and change sign when the periods change places.
 *
 * Products are multiplied with their exponents apart: factors may be huge
 * and tiny as long as what they come to is a number.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "analytics/analytics.h"

/*
 * The Shapley value averages over all orders in which factors can change.
 * More of them than a business has in one product is a mistake.
 */
#define MAX_SHAPLEY_FACTORS 8

/* Below this ln ratio expm1(d) / d is its series. */
#define TINY_LOG_RATIO 1e-8

PG_FUNCTION_INFO_V1(mo_lmdi);
PG_FUNCTION_INFO_V1(mo_shapley);
PG_FUNCTION_INFO_V1(mo_product_change);
PG_FUNCTION_INFO_V1(mo_mix_rate);

/* The factors of one product in two periods. */
typedef struct Factors
{
	int n;
	const double *before;
	const double *after;
	double product_before;
	double product_after;
} Factors;

static double
check_range(double value)
{
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("a part of the change is out of range"),
				 errdetail("It does not fit into double precision.")));
	return value;
}

/*
 * The product of all factors: NaN-free, infinite only if it really is out of
 * range, 0 where it is below the smallest number.
 */
static double
multiply(const double *factor, int n)
{
	double mantissa = 1;
	long exponent = 0;

	for (int i = 0; i < n; i++)
	{
		int part;

		mantissa *= frexp(factor[i], &part);
		exponent += part;
		mantissa = frexp(mantissa, &part);
		exponent += part;
	}
	return ldexp(mantissa, (int) exponent);
}

/*
 * Arguments 0 and 1, f0 and f1.  Raises for factors that are not known, of
 * unequal number, or whose product is out of range.
 */
static Factors
read_factors(FunctionCallInfo fcinfo)
{
	FloatArray before = mo_arg_known_floats(fcinfo, 0, "f0");
	FloatArray after = mo_arg_known_floats(fcinfo, 1, "f1");
	Factors result;

	mo_arg_check_length("f0", before.n, "f1", after.n);
	result.n = before.n;
	result.before = before.value;
	result.after = after.value;
	result.product_before = multiply(before.value, before.n);
	result.product_after = multiply(after.value, after.n);
	if (!isfinite(result.product_before) || !isfinite(result.product_after))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("product of argument \"%s\" is out of range",
						isfinite(result.product_before) ? "f1" : "f0")));
	return result;
}

/*
 * Place of the first factor that has no logarithm, -1 if all have one.
 */
static int
first_not_positive(const double *factor, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (factor[i] <= 0)
			return i;
	}
	return -1;
}

static void
check_positive(const char *name, const double *factor, int n)
{
	int i = first_not_positive(factor, n);

	if (i >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("element %d of argument \"%s\" must be greater than zero", i + 1, name),
				 errdetail("LMDI takes the logarithm of each factor."),
				 errhint("Use shapley(), or product_change(), which chooses.")));
}

static void
check_factor_count(int n)
{
	if (n > MAX_SHAPLEY_FACTORS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many factors for the Shapley value"),
				 errdetail("There are %d, at most %d are allowed.", n, MAX_SHAPLEY_FACTORS)));
}

/*
 * ln(after / before) of two numbers above zero, to the last digits where
 * they are close, and exactly its own negative the other way round.
 */
static double
log_ratio(double before, double after)
{
	double low = fmin(before, after);
	double high = fmax(before, after);
	double ratio;

	if (high - low <= low)
		ratio = log1p((high - low) / low);
	else
		ratio = log(high) - log(low);
	return after < before ? -ratio : ratio;
}

/*
 * LMDI-I: part j is L(R1, R0) ln(f_j1 / f_j0), L being the logarithmic mean
 * of the two products.  All factors are above zero; "part" takes n values.
 *
 * L is taken from the greater product: b (1 - e^-|d|) / |d|, where nothing
 * can overflow.
 */
static void
lmdi_parts(const Factors *factors, double *part)
{
	double greater = fmax(factors->product_before, factors->product_after);
	double d = 0;
	double mean;

	for (int i = 0; i < factors->n; i++)
	{
		part[i] = log_ratio(factors->before[i], factors->after[i]);
		d += part[i];
	}
	d = fabs(d);
	mean = d < TINY_LOG_RATIO ? greater * (1 - d / 2) : greater * -expm1(-d) / d;
	for (int i = 0; i < factors->n; i++)
		part[i] = check_range(mean * part[i]);
}

/*
 * Shapley value: the change that factor j makes, averaged over all orders in
 * which the factors can change, that is over all sets of others that have
 * changed before it, each weighted m! (n - m - 1)! / n! for its size m.
 *
 * The products of all sets of one size are the coefficients of the
 * polynomial whose factors are f_i0 + f_i1 z, i <> j.
 *
 * Each pair is scaled to at most 1 by a power of two, which is exact.
 */
static void
shapley_parts(const Factors *factors, double *part)
{
	int n = factors->n;
	double before[MAX_SHAPLEY_FACTORS];
	double after[MAX_SHAPLEY_FACTORS];
	int exponent = 0;

	for (int i = 0; i < n; i++)
	{
		int scale;

		(void) frexp(fmax(fabs(factors->before[i]), fabs(factors->after[i])), &scale);
		before[i] = ldexp(factors->before[i], -scale);
		after[i] = ldexp(factors->after[i], -scale);
		exponent += scale;
	}
	for (int j = 0; j < n; j++)
	{
		double by_size[MAX_SHAPLEY_FACTORS] = {1};
		double weight = 1.0 / n; /* m! (n - m - 1)! / n! for m = 0 */
		double sum = 0;

		for (int i = 0, size = 0; i < n; i++)
		{
			if (i == j)
				continue;
			by_size[size + 1] = 0;
			for (int m = ++size; m > 0; m--)
				by_size[m] = by_size[m] * before[i] + by_size[m - 1] * after[i];
			by_size[0] *= before[i];
		}
		for (int m = 0; m < n; m++)
		{
			sum += weight * by_size[m];
			weight *= (double) (m + 1) / Max(n - m - 1, 1);
		}
		part[j] = check_range(ldexp((after[j] - before[j]) * sum, exponent));
	}
}

/*
 * lmdi(f0, f1)
 */
Datum
mo_lmdi(PG_FUNCTION_ARGS)
{
	Factors factors = read_factors(fcinfo);
	double *part = palloc(sizeof(double) * Max(factors.n, 1));

	check_positive("f0", factors.before, factors.n);
	check_positive("f1", factors.after, factors.n);
	lmdi_parts(&factors, part);
	PG_RETURN_DATUM(mo_floats_to_array(part, factors.n));
}

/*
 * shapley(f0, f1)
 */
Datum
mo_shapley(PG_FUNCTION_ARGS)
{
	Factors factors = read_factors(fcinfo);
	double part[MAX_SHAPLEY_FACTORS];

	check_factor_count(factors.n);
	shapley_parts(&factors, part);
	PG_RETURN_DATUM(mo_floats_to_array(part, factors.n));
}

/*
 * product_change(f0, f1): LMDI where it can be, else Shapley.
 */
Datum
mo_product_change(PG_FUNCTION_ARGS)
{
	Factors factors = read_factors(fcinfo);
	double *part = palloc(sizeof(double) * Max(factors.n, 1));
	bool positive = first_not_positive(factors.before, factors.n) < 0 &&
					first_not_positive(factors.after, factors.n) < 0;
	ResultRow row;

	if (positive)
		lmdi_parts(&factors, part);
	else
	{
		check_factor_count(factors.n);
		shapley_parts(&factors, part);
	}
	mo_row_begin(&row, fcinfo);
	mo_row_text(&row, positive ? "lmdi" : "shapley");
	mo_row_datum(&row, mo_floats_to_array(part, factors.n), false);
	mo_row_float(&row, check_range(factors.product_after - factors.product_before));
	PG_RETURN_DATUM(mo_row_end(&row));
}

/* The segments of a rate in one period. */
typedef struct Segments
{
	int n;
	double *share; /* sum to 1 */
	double *rate;  /* that of all segments where a segment is absent */
	double total;
} Segments;

/*
 * Shares in argument "share_arg", rates in the next one.  Raises for a share
 * below zero, for shares that add up to nothing, and for a present segment
 * whose rate is not known.
 */
static Segments
read_segments(FunctionCallInfo fcinfo, int share_arg, const char *share_name, const char *rate_name)
{
	FloatArray share = mo_arg_known_floats(fcinfo, share_arg, share_name);
	FloatArray rate = mo_arg_floats(fcinfo, share_arg + 1, rate_name);
	Segments result = {.n = share.n, .share = share.value, .rate = rate.value};
	double largest = 0;
	double sum = 0;

	mo_arg_check_length(share_name, share.n, rate_name, rate.n);
	for (int i = 0; i < share.n; i++)
	{
		if (share.value[i] < 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("element %d of argument \"%s\" must not be negative", i + 1,
							share_name)));
		if (share.value[i] > 0 && !isfinite(rate.value[i]))
			ereport(ERROR,
					(errcode(rate.missing[i] ? ERRCODE_NULL_VALUE_NOT_ALLOWED
											 : ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("element %d of argument \"%s\" is not a known number", i + 1,
							rate_name),
					 errdetail("Only a segment without a share has no rate.")));
		largest = fmax(largest, share.value[i]);
	}
	if (largest == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" adds up to zero", share_name),
				 errdetail("A rate over nothing is not defined.")));

	/* Relative to the largest, so that no sum overflows. */
	for (int i = 0; i < share.n; i++)
		sum += share.value[i] / largest;
	for (int i = 0; i < share.n; i++)
	{
		result.share[i] = share.value[i] / largest / sum;
		if (result.share[i] > 0)
			result.total += result.share[i] * result.rate[i];
	}
	for (int i = 0; i < share.n; i++)
	{
		if (result.share[i] == 0)
			result.rate[i] = result.total;
	}
	return result;
}

/*
 * mix_rate(s0, r0, s1, r1): mix is (s1 - s0) (mean r - mean R), rate is
 * mean s (r1 - r0), means over the two periods.
 */
Datum
mo_mix_rate(PG_FUNCTION_ARGS)
{
	Segments before = read_segments(fcinfo, 0, "s0", "r0");
	Segments after = read_segments(fcinfo, 2, "s1", "r1");
	double mean_total = before.total / 2 + after.total / 2;
	ResultRow row;

	mo_arg_check_length("s0", before.n, "s1", after.n);
	mo_row_begin_set(&row, fcinfo);
	for (int i = 0; i < before.n; i++)
	{
		double mean_rate = before.rate[i] / 2 + after.rate[i] / 2;
		double mean_share = (before.share[i] + after.share[i]) / 2;

		mo_row_int(&row, i + 1);
		mo_row_float(&row, check_range((after.share[i] - before.share[i]) *
									   (mean_rate - mean_total)));
		mo_row_float(&row, check_range(mean_share * (after.rate[i] - before.rate[i])));
		mo_row_put(&row);
	}
	return (Datum) 0;
}
