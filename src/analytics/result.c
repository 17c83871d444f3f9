/*-------------------------------------------------------------------------
 *
 * result.c
 *	  Results of the analytic functions: a row, a set of rows, an array.
 *
 * A row is filled from left to right, one call per column, and complains
 * when the SQL type has another width.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "analytics/analytics.h"

/*
 * Start the row that a function with a composite result returns.
 */
void
mo_row_begin(ResultRow *row, FunctionCallInfo fcinfo)
{
	TupleDesc desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("function returning record called in context that cannot accept it")));
	row->fcinfo = fcinfo;
	row->desc = BlessTupleDesc(desc);
	row->n = 0;
}

/*
 * Start the rows of a function that returns a set.
 */
void
mo_row_begin_set(ResultRow *row, FunctionCallInfo fcinfo)
{
	InitMaterializedSRF(fcinfo, 0);
	row->fcinfo = fcinfo;
	row->desc = ((ReturnSetInfo *) fcinfo->resultinfo)->setDesc;
	row->n = 0;
}

/*
 * Next column: any Datum.
 */
void
mo_row_datum(ResultRow *row, Datum value, bool is_null)
{
	if (row->n >= row->desc->natts || row->n >= MO_MAX_COLUMNS)
		elog(ERROR, "result row has only %d columns", row->desc->natts);
	row->value[row->n] = value;
	row->is_null[row->n] = is_null;
	row->n++;
}

/*
 * Next column: an integer.
 */
void
mo_row_int(ResultRow *row, int value)
{
	mo_row_datum(row, Int32GetDatum(value), false);
}

/*
 * Next column: a float8, NULL unless finite.  Never a negative zero.
 */
void
mo_row_float(ResultRow *row, double value)
{
	mo_row_datum(row, Float8GetDatum(value == 0 ? 0 : value), !isfinite(value));
}

/*
 * Next column: a float8 that may be infinite, NULL only for NaN.
 */
void
mo_row_float_or_infinity(ResultRow *row, double value)
{
	mo_row_datum(row, Float8GetDatum(value == 0 ? 0 : value), isnan(value));
}

/*
 * Next column: a text, NULL for a NULL pointer.
 */
void
mo_row_text(ResultRow *row, const char *value)
{
	mo_row_datum(row, value ? CStringGetTextDatum(value) : (Datum) 0, value == NULL);
}

/*
 * Next column: NULL.
 */
void
mo_row_null(ResultRow *row)
{
	mo_row_datum(row, (Datum) 0, true);
}

static void
check_row(const ResultRow *row)
{
	if (row->n != row->desc->natts)
		elog(ERROR, "result row has %d columns instead of %d", row->n, row->desc->natts);
}

/*
 * The filled row as the function's result.
 */
Datum
mo_row_end(ResultRow *row)
{
	check_row(row);
	return HeapTupleGetDatum(heap_form_tuple(row->desc, row->value, row->is_null));
}

/*
 * The filled row as one row of the set; the next one can begin.
 */
void
mo_row_put(ResultRow *row)
{
	ReturnSetInfo *set = (ReturnSetInfo *) row->fcinfo->resultinfo;

	check_row(row);
	tuplestore_putvalues(set->setResult, set->setDesc, row->value, row->is_null);
	row->n = 0;
}

/*
 * A float8[] without NULLs; the values must be finite.
 */
Datum
mo_floats_to_array(const double *value, int n)
{
	Datum *element = palloc(sizeof(Datum) * Max(n, 1));

	for (int i = 0; i < n; i++)
	{
		Assert(isfinite(value[i]));
		element[i] = Float8GetDatum(value[i] == 0 ? 0 : value[i]);
	}
	return PointerGetDatum(construct_array(element, n, FLOAT8OID, sizeof(float8),
										   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
