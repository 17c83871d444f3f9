/*-------------------------------------------------------------------------
 *
 * benjamini_hochberg.c
 *	  The share of false finds among many tests that were made at once.
 *
 * Benjamini & Hochberg, "Controlling the false discovery rate" (1995):
 * q of the i-th smallest p is the least of p_j M / j over j >= i, at most 1.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"

#include "analytics/analytics.h"

typedef struct Test
{
	double p;
	int index;
} Test;

PG_FUNCTION_INFO_V1(mo_benjamini_hochberg);

static int
compare_tests(const void *a, const void *b)
{
	double left = ((const Test *) a)->p;
	double right = ((const Test *) b)->p;

	return left < right ? -1 : left > right;
}

/*
 * Turn the probabilities "p", within 0 and 1, into their q, in place.
 *
 * NaN, a test that could not be made, stays NaN and does not count.
 */
void
mo_false_discovery(double *p, int n)
{
	Test *test = palloc(sizeof(Test) * Max(n, 1));
	double q = 1;
	int m = 0;

	for (int i = 0; i < n; i++)
	{
		if (!isnan(p[i]))
			test[m++] = (Test){.p = p[i], .index = i};
	}
	qsort(test, m, sizeof(Test), compare_tests);
	for (int i = m - 1; i >= 0; i--)
	{
		q = fmin(q, test[i].p * ((double) m / (i + 1)));
		p[test[i].index] = q;
	}
	pfree(test);
}

/*
 * benjamini_hochberg(p): an array of equal length.  Raises for a number that
 * is no probability; NaN is taken for NULL.
 */
Datum
mo_benjamini_hochberg(PG_FUNCTION_ARGS)
{
	FloatArray p = mo_arg_floats(fcinfo, 0, "p");
	Datum *element;
	int lower_bound = 1;

	if (p.is_null)
		PG_RETURN_NULL();
	for (int i = 0; i < p.n; i++)
	{
		if (p.value[i] < 0 || p.value[i] > 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("element %d of argument \"%s\" is not a probability", i + 1, "p"),
					 errdetail("It is %g.", p.value[i])));
	}
	mo_false_discovery(p.value, p.n);
	element = palloc(sizeof(Datum) * Max(p.n, 1));
	for (int i = 0; i < p.n; i++)
	{
		element[i] = Float8GetDatum(p.value[i]);
		p.missing[i] = isnan(p.value[i]);
	}
	PG_RETURN_POINTER(construct_md_array(element, p.missing, p.n > 0 ? 1 : 0, &p.n, &lower_bound,
										 FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
										 TYPALIGN_DOUBLE));
}
