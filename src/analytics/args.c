/*-------------------------------------------------------------------------
 *
 * args.c
 *	  Arguments of the analytic functions, read and checked.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "analytics/analytics.h"

/*
 * Raises for an array of more than one dimension or of more than
 * MO_MAX_POINTS elements, before its elements take any memory.
 */
void
mo_arg_check_array(const ArrayType *array, const char *name)
{
	int n;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must be a one-dimensional array", name)));
	n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	if (n > MO_MAX_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("argument \"%s\" has too many elements", name),
				 errdetail("It has %d, at most %d are allowed.", n, MO_MAX_POINTS)));
}

/*
 * The float8[] argument "argno", called "name" in messages.
 *
 * NULL gives n = 0 and is_null.  Raises for more than one dimension and for
 * more than MO_MAX_POINTS elements.
 */
FloatArray
mo_arg_floats(FunctionCallInfo fcinfo, int argno, const char *name)
{
	FloatArray result = {0};
	ArrayType *array;
	Datum *element;

	if (PG_ARGISNULL(argno))
	{
		result.is_null = true;
		return result;
	}
	array = PG_GETARG_ARRAYTYPE_P(argno);
	mo_arg_check_array(array, name);
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &element, &result.missing, &result.n);
	result.value = palloc(sizeof(double) * Max(result.n, 1));
	for (int i = 0; i < result.n; i++)
		result.value[i] = result.missing[i] ? NAN : DatumGetFloat8(element[i]);
	return result;
}

/*
 * The same where no element may be unknown: raises at the first that is
 * NULL, NaN or infinite.
 */
FloatArray
mo_arg_known_floats(FunctionCallInfo fcinfo, int argno, const char *name)
{
	FloatArray result = mo_arg_floats(fcinfo, argno, name);

	for (int i = 0; i < result.n; i++)
	{
		if (result.missing[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("element %d of argument \"%s\" is null", i + 1, name),
					 errdetail("An unknown number cannot count as zero.")));
		if (!isfinite(result.value[i]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("element %d of argument \"%s\" is not a finite number", i + 1, name)));
	}
	return result;
}

/*
 * The float8 argument "argno"; NaN (unknown) when NULL, NaN or infinite.
 */
double
mo_arg_float(FunctionCallInfo fcinfo, int argno)
{
	double value = mo_arg_float_or_infinity(fcinfo, argno);

	return isfinite(value) ? value : NAN;
}

/*
 * The float8 argument "argno" where infinity has a meaning; NaN when NULL.
 */
double
mo_arg_float_or_infinity(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NAN : PG_GETARG_FLOAT8(argno);
}

/*
 * The text argument "argno" as a C string, or NULL.
 */
char *
mo_arg_text(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argno));
}

/*
 * Raises unless both arrays are of one length.
 */
void
mo_arg_check_length(const char *name, int n, const char *other, int n_other)
{
	if (n != n_other)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("arguments \"%s\" and \"%s\" must have the same length", name, other),
				 errdetail("They have %d and %d elements.", n, n_other)));
}
