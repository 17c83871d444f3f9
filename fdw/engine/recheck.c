/*-------------------------------------------------------------------------
 *
 * recheck.c
 *	  Hold a service to the filters that it was said to apply exactly.
 *
 * The executor checks every condition again and drops the rows that do not
 * match, which is right for a filter that finds more than was asked for.  Of
 * an exact one it would hide that the service ignores it, and one that
 * ignores a filter may as well leave out rows; so that is an error here.
 *
 * Only where no honest service can fail:
 *  - the values are compared in the type that the service's column has, an
 *    instant only where it was asked for as it is, without rounding;
 *  - an instant may lie beyond an upper bound if it is as young as the scan:
 *    the record was changed after the service had found it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "compat.h"
#include "engine/engine.h"

#define MAX_SHOWN 60 /* of a value in a message */

/* How old a change may be and still have come after the service's search index */
#define INDEX_LAG_S 3600

/* One condition */
typedef struct Check
{
	int attno;
	int strategy;
	const char *op;
	Datum value;
	FmgrInfo *compare; /* of btree: less than 0, 0, more */
	Oid collation;
	FmgrInfo output;
	bool is_instant;
	const ApiCondition *list; /* of "= ANY"; then there is no value to compare with */
} Check;

struct Recheck
{
	const ApiSpec *spec;
	List *checks; /* of Check * */
	TimestampTz began;
};

static int
strategy_of(const char *op)
{
	static const struct
	{
		const char *op;
		int strategy;
	} known[] = {{"<", BTLessStrategyNumber},
				 {"<=", BTLessEqualStrategyNumber},
				 {"=", BTEqualStrategyNumber},
				 {">=", BTGreaterEqualStrategyNumber},
				 {">", BTGreaterStrategyNumber}};

	for (int i = 0; i < (int) lengthof(known); i++)
	{
		if (strcmp(op, known[i].op) == 0)
			return known[i].strategy;
	}
	return InvalidStrategy;
}

/* The attribute of that name, if it is read at all; 0 if not. */
static int
wanted_column(const ApiSpec *spec, const char *name)
{
	for (int i = 0; i < spec->ncolumns; i++)
	{
		if (spec->columns[i].wanted && strcmp(spec->columns[i].name, name) == 0)
			return i + 1;
	}
	return 0;
}

static void
add_check(Recheck *recheck, TupleDesc desc, int attno, const char *op, Datum value)
{
	Form_pg_attribute att = TupleDescAttr(desc, attno - 1);
	TypeCacheEntry *type = lookup_type_cache(att->atttypid, TYPECACHE_CMP_PROC_FINFO);
	Check *check = palloc0(sizeof(Check));
	Oid output;
	bool varlena;

	check->attno = attno;
	check->op = op;
	check->strategy = strategy_of(op);
	check->value = value;
	check->compare = &type->cmp_proc_finfo;
	check->collation = att->attcollation;
	check->is_instant = att->atttypid == TIMESTAMPTZOID;
	if (check->strategy == InvalidStrategy || !OidIsValid(type->cmp_proc))
		return;
	getTypeOutputInfo(att->atttypid, &output, &varlena);
	fmgr_info(output, &check->output);
	recheck->checks = lappend(recheck->checks, check);
}

/* The row's value has to be one of a list's. */
static void
add_list(Recheck *recheck, TupleDesc desc, int attno, const ApiCondition *cond)
{
	Check *check = palloc0(sizeof(Check));
	Oid output;
	bool varlena;

	check->attno = attno;
	check->op = cond->filter->op;
	check->list = cond;
	getTypeOutputInfo(TupleDescAttr(desc, attno - 1)->atttypid, &output, &varlena);
	fmgr_info(output, &check->output);
	recheck->checks = lappend(recheck->checks, check);
}

/* The value of a condition that can be held against a row; false if it cannot. */
static bool
value_of(const ApiCondition *cond, Oid type, Datum *value)
{
	Oid input;
	Oid param;
	char *text;

	if (cond->is_instant)
	{
		*value = TimestampTzGetDatum(cond->instant);
		return type == TIMESTAMPTZOID && cond->instant % USECS_PER_SEC == 0;
	}
	if (cond->text == NULL)
		return false;
	text = pg_any_to_server(cond->text, (int) strlen(cond->text), PG_UTF8);
	getTypeInputInfo(type, &input, &param);
	*value = OidInputFunctionCall(input, text, param, -1);
	return true;
}

/*
 * What the rows of a scan have to satisfy; NULL when there is nothing.  Lives
 * in the current memory context, and no longer than "spec" and "desc".
 */
Recheck *
mo_recheck_prepare(const ApiSpec *spec, TupleDesc desc)
{
	Recheck *recheck = palloc0(sizeof(Recheck));
	const Range *range = &spec->resource->range;
	ListCell *lc;

	recheck->spec = spec;
	recheck->began = GetCurrentTimestamp();
	foreach (lc, spec->conditions)
	{
		const ApiCondition *cond = lfirst(lc);
		int attno = wanted_column(spec, cond->filter->column);
		Datum value;

		if (cond->filter->exact == EXACT && attno > 0 && cond->nvalues > 0)
			add_list(recheck, desc, attno, cond);
		else if (cond->filter->exact == EXACT && attno > 0 &&
				 value_of(cond, TupleDescAttr(desc, attno - 1)->atttypid, &value))
			add_check(recheck, desc, attno, cond->filter->op, value);
	}
	if (range->column != NULL)
	{
		int attno = wanted_column(spec, range->column);
		const Column *declared = attno > 0 ? spec->columns[attno - 1].declared : NULL;

		/* of a parameter the row says what was asked */
		if (declared != NULL && !(declared->flags & COL_PARAM) &&
			TupleDescAttr(desc, attno - 1)->atttypid == DATEOID)
		{
			add_check(recheck, desc, attno, ">=", DateADTGetDatum(spec->lo));
			add_check(recheck, desc, attno, "<=", DateADTGetDatum(spec->hi));
		}
	}
	return recheck->checks != NIL ? recheck : NULL;
}

static bool
holds(int strategy, int32 order)
{
	switch (strategy)
	{
		case BTLessStrategyNumber:
			return order < 0;
		case BTLessEqualStrategyNumber:
			return order <= 0;
		case BTEqualStrategyNumber:
			return order == 0;
		case BTGreaterEqualStrategyNumber:
			return order >= 0;
		default:
			return order > 0;
	}
}

static bool
is_in_list(Check *check, Datum value)
{
	char *text = OutputFunctionCall(&check->output, value);

	return mo_list_part(check->list, pg_server_to_any(text, (int) strlen(text), PG_UTF8)) >= 0;
}

/* May the record have been changed after the service found it? */
static bool
just_changed(const Recheck *recheck, const Check *check, Datum value)
{
	return check->is_instant && check->strategy < BTEqualStrategyNumber &&
		   DatumGetTimestampTz(value) > recheck->began - INDEX_LAG_S * USECS_PER_SEC;
}

/* For the message: at most MAX_SHOWN bytes of the value, and no credential. */
static char *
shown(const ApiScan *api, Check *check, Datum value)
{
	char *text = OutputFunctionCall(&check->output, value);
	int len = pg_mbcliplen(text, (int) strlen(text), MAX_SHOWN);

	if (mo_api_is_secret(api, text))
		return "the credential";
	return text[len] == '\0' ? text : psprintf("%s...", pnstrdup(text, len));
}

static void
pg_attribute_noreturn()
	refuse(const Recheck *recheck, const ApiScan *api, Check *check, const TupleTableSlot *slot)
{
	const ApiSpec *spec = recheck->spec;
	int i = check->attno - 1;
	const char *name = spec->columns[i].name;
	char *got = slot->tts_isnull[i] ? "no value" : shown(api, check, slot->tts_values[i]);

	ereport(ERROR,
			(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
			 errmsg("the service of server \"%s\" ignored the filter on column \"%s\" "
					"of foreign table \"%s\"",
					spec->server_name, name, spec->table_name),
			 check->list != NULL
				 ? errdetail("It was asked for one of %d values and gave %s.",
							 check->list->nvalues, got)
				 : errdetail("It was asked for %s %s %s and gave %s.", name, check->op,
							 shown(api, check, check->value), got),
			 errhint("The answer may lack rows as well, so none of it is used.")));
}

/* Raises when the row is one that the service was not asked for; NULL: nothing to check. */
void
mo_recheck_row(const Recheck *recheck, const ApiScan *api, const TupleTableSlot *slot)
{
	ListCell *lc;

	if (recheck == NULL)
		return;
	foreach (lc, recheck->checks)
	{
		Check *check = lfirst(lc);
		Datum value = slot->tts_values[check->attno - 1];

		if (slot->tts_isnull[check->attno - 1])
			refuse(recheck, api, check, slot);
		if (check->list != NULL)
		{
			if (!is_in_list(check, value))
				refuse(recheck, api, check, slot);
			continue;
		}
		if (!holds(check->strategy,
				   DatumGetInt32(FunctionCall2Coll(check->compare, check->collation, value,
												   check->value))) &&
			!just_changed(recheck, check, value))
			refuse(recheck, api, check, slot);
	}
}
