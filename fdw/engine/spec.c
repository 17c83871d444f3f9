/*-------------------------------------------------------------------------
 *
 * spec.c
 *	  What one run of a scan asks for: the values of what was pushed.
 *
 * They are evaluated when the run starts, for they may be parameters, or come
 * from rows of another table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/stratnum.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/datetime.h"
#include "utils/numeric.h"

#include "engine/scan.h"

#define MAX_DAYS_AHEAD 2 /* of the session's day: clocks of the world are 26 hours apart */

/* Narrow the range of days by one bound. */
static void
add_bound(ApiSpec *spec, int strategy, bool coarse, DateADT day)
{
	bool lower = strategy >= BTEqualStrategyNumber;
	bool upper = strategy <= BTEqualStrategyNumber;

	if (DATE_NOT_FINITE(day))
	{
		bool impossible = (DATE_IS_NOEND(day) && lower) || (DATE_IS_NOBEGIN(day) && upper);

		if (!impossible)
			return;
		/* no day of a service is infinite */
		spec->has_lo = spec->has_hi = true;
		spec->lo = 1;
		spec->hi = 0;
		return;
	}
	if (strategy == BTGreaterStrategyNumber && !coarse)
		day++;
	if (strategy == BTLessStrategyNumber && !coarse)
		day--;
	if (lower && (!spec->has_lo || day > spec->lo))
	{
		spec->has_lo = true;
		spec->lo = day;
	}
	if (upper && (!spec->has_hi || day < spec->hi))
	{
		spec->has_hi = true;
		spec->hi = day;
	}
}

/* Narrow the range to the days of a list; one without any day leaves no row to match. */
static void
add_days(MoScan *scan, ArrayType *list)
{
	Datum *days;
	bool *nulls;
	int n;
	DateADT first = DATEVAL_NOEND;
	DateADT last = DATEVAL_NOBEGIN;

	deconstruct_array(list, DATEOID, sizeof(DateADT), true, TYPALIGN_INT, &days, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i] || DATE_NOT_FINITE(DatumGetDateADT(days[i])))
			continue;
		first = Min(first, DatumGetDateADT(days[i]));
		last = Max(last, DatumGetDateADT(days[i]));
	}
	if (first > last)
		scan->nothing = true;
	else
	{
		add_bound(&scan->spec, BTGreaterEqualStrategyNumber, false, first);
		add_bound(&scan->spec, BTLessEqualStrategyNumber, false, last);
	}
}

/* Today in the zone of the range's days, or else in the session's. */
static DateADT
today(const MoScan *scan, const char *zone_option)
{
	const Target *target = scan->target;
	const char *name = zone_option ? mo_option_get(target->connector, target->options, zone_option)
								   : NULL;
	pg_tz *zone = name != NULL ? pg_tzset(name) : NULL;
	struct pg_tm tm;
	fsec_t fsec;
	int tz;

	if (timestamp2tm(GetCurrentTransactionStartTimestamp(), &tz, &tm, &fsec, NULL, zone) != 0)
		elog(ERROR, "the time is out of range");
	return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
}

/* Does the year of the instant have the four digits of ISO 8601?  Infinity has none. */
static bool
has_usual_year(TimestampTz instant)
{
	TimestampTz first = (date2j(1, 1, 2) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;
	TimestampTz last = (date2j(9999, 12, 31) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;

	return instant >= first && instant < last;
}

/* Is the value beyond what a service knows: such a year, no number, or an infinite one? */
static bool
is_unusual(const ApiCondition *cond, Oid type, Datum value)
{
	if (cond->is_instant || type == DATEOID)
		return !has_usual_year(cond->instant);
	if (type == TIMESTAMPOID)
		return !has_usual_year(DatumGetTimestamp(value));
	if (type == NUMERICOID)
		return numeric_is_nan(DatumGetNumeric(value)) || numeric_is_inf(DatumGetNumeric(value));
	if (type == FLOAT8OID)
		return isnan(DatumGetFloat8(value)) || isinf(DatumGetFloat8(value));
	return type == FLOAT4OID && (isnan(DatumGetFloat4(value)) || isinf(DatumGetFloat4(value)));
}

/* Is there but one place in the request for the two conditions? */
static bool
is_same_place(const MoScan *scan, const Filter *a, const Filter *b)
{
	const Resource *res = scan->target->resource;
	const FilterStyle *style =
		res->filter.join != NULL ? &res->filter : &scan->target->connector->filter;

	if (a->param != NULL && b->param != NULL)
		return strcmp(a->param, b->param) == 0;
	return style->once && a->param == NULL && b->param == NULL &&
		   strcmp(a->column, b->column) == 0;
}

/* The condition that stands where this one would have to; NULL = none. */
static ApiCondition *
in_place_of(const MoScan *scan, const Filter *filter)
{
	ListCell *lc;

	foreach (lc, scan->spec.conditions)
	{
		ApiCondition *condition = lfirst(lc);

		if (is_same_place(scan, condition->filter, filter))
			return condition;
	}
	return NULL;
}

/* Use a pushed list; of long ones the first is asked for in parts, others are checked here. */
static void
add_list(MoScan *scan, int attno, const Filter *filter, ArrayType *array)
{
	ApiCondition *list = mo_list_condition(filter, array, &scan->nothing);

	if (list == NULL)
		return;
	if (in_place_of(scan, filter) != NULL)
	{
		scan->loose = true;
		return;
	}
	if (list->nvalues > filter->most)
	{
		if (scan->list != NULL)
			return;
		scan->list = list;
		scan->list_attno = attno;
	}
	scan->spec.conditions = lappend(scan->spec.conditions, list);
}

/* A number of rows; the messages are those of the executor's own LIMIT. */
static int64
bound_of(const char *what, Datum value)
{
	int64 n = DatumGetInt64(value);

	if (n < 0)
		ereport(ERROR,
				(errcode(what[0] == 'L' ? ERRCODE_INVALID_ROW_COUNT_IN_LIMIT_CLAUSE
										: ERRCODE_INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE),
				 errmsg("%s must not be negative", what)));
	return n;
}

/* The keys of a lookup are a list as any other, and come before others. */
static void
add_keys(MoScan *scan)
{
	const Filter *filter = &scan->target->resource->filters[lsecond_int(scan->lookup)];
	char **keys = palloc(sizeof(char *) * Max(scan->nkeys, 1));
	ApiCondition *list;
	ApiCondition *other;

	memcpy(keys, scan->keys, sizeof(char *) * scan->nkeys);
	list = mo_list_of_texts(filter, keys, scan->nkeys, &scan->nothing);
	if (list == NULL)
		return;
	other = in_place_of(scan, filter);
	if (other != NULL && other == scan->list)
		scan->list = NULL;
	scan->spec.conditions = lappend(list_delete_ptr(scan->spec.conditions, other), list);
}

/* NaN and infinity, which numbers of services are not. */
static bool
is_no_number(Oid type, const char *text)
{
	return (type == NUMERICOID || type == FLOAT8OID || type == FLOAT4OID) &&
		   strpbrk(text, "NI") != NULL;
}

/* Use one pushed value. */
static void
add_value(MoScan *scan, int kind, int attno, int strategy, int filter, bool coarse, Oid type,
		  Datum value)
{
	ApiSpec *spec = &scan->spec;
	ApiCondition *cond;
	char *text;
	int overflow;

	switch (kind)
	{
		case PUSH_RANGE:
			add_bound(spec, strategy, coarse, DatumGetDateADT(value));
			break;
		case PUSH_DAYS:
			add_days(scan, DatumGetArrayTypeP(value));
			break;
		case PUSH_PARAM:
			text = mo_value_text(value, type);
			mo_option_check_param(scan->target, scan->columns[attno - 1].name, text);
			spec->params = lappend(spec->params,
								   makeDefElem(pstrdup(scan->columns[attno - 1].name),
											   (Node *) makeString(text), -1));
			break;
		case PUSH_COUNT:
			scan->bounded = true;
			scan->left = bound_of("LIMIT", value);
			break;
		case PUSH_OFFSET:
			scan->bounded = true;
			scan->skip = bound_of("OFFSET", value);
			break;
		case PUSH_LIST:
			add_list(scan, attno, &scan->target->resource->filters[filter],
					 DatumGetArrayTypeP(value));
			break;
		default:
			cond = palloc0(sizeof(ApiCondition));
			cond->filter = &scan->target->resource->filters[filter];
			cond->is_instant = type == TIMESTAMPTZOID;
			if (cond->is_instant)
				cond->instant = DatumGetTimestampTz(value);
			if (type == DATEOID)
				cond->instant = date2timestamp_opt_overflow(DatumGetDateADT(value), &overflow);
			/* it is asked for all, the recheck decides */
			if (is_unusual(cond, type, value))
			{
				scan->loose = true;
				return;
			}
			cond->text = mo_value_text(value, type);
			/* a service looks for words: there is none in an empty text; nor is NaN a number */
			if (cond->text[0] == '\0' || is_no_number(type, cond->text) ||
				in_place_of(scan, cond->filter) != NULL)
			{
				scan->loose = true;
				return;
			}
			if (strcmp(cond->filter->op, "= ANY") == 0)
			{
				cond->values = palloc(sizeof(char *));
				cond->values[0] = (char *) cond->text;
				cond->nvalues = 1;
			}
			spec->conditions = lappend(spec->conditions, cond);
			break;
	}
}

static void
check_required(MoScan *scan)
{
	const ApiSpec *spec = &scan->spec;
	const Resource *res = spec->resource;

	for (const Column *c = res->columns; c != NULL && c->name != NULL; c++)
	{
		bool given = false;
		ListCell *lc;

		if (!(c->flags & COL_REQUIRED))
			continue;
		foreach (lc, spec->params)
			given = given || strcmp(((DefElem *) lfirst(lc))->defname, c->name) == 0;
		if (!given)
			ereport(ERROR, (errcode(ERRCODE_FDW_UNABLE_TO_CREATE_EXECUTION),
							errmsg("foreign table \"%s\" has to be asked for one \"%s\"",
								   spec->table_name, c->name),
							errhint("Add a condition such as WHERE %s = '...'.", c->name)));
	}
	if (res->range.required && (!spec->has_lo || !spec->has_hi))
		ereport(
			ERROR,
			(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_EXECUTION),
			 errmsg("foreign table \"%s\" has to be asked for a span of days", spec->table_name),
			 errhint("Add a condition such as WHERE %s BETWEEN '2026-01-01' AND '2026-01-31'.",
					 res->range.column)));
}

/*
 * Is the value unknown before the plan runs: one from another part of it, or
 * an argument of a generic plan that is only explained?
 */
static bool
is_unknown(Node *node, void *econtext)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param))
		return ((Param *) node)->paramkind == PARAM_EXEC ||
			   ((ExprContext *) econtext)->ecxt_param_list_info == NULL;
	return expression_tree_walker(node, is_unknown, econtext);
}

/*
 * Describe the run.  For EXPLAIN values that other parts of the plan deliver
 * are not known: their conditions are left out.
 */
void
mo_spec_make(MoScan *scan, ExprContext *econtext, bool explain)
{
	ApiSpec *spec = &scan->spec;
	const Resource *res = scan->target->resource;
	ListCell *state;
	ListCell *expr;
	int at = 0;

	memset(spec, 0, sizeof(*spec));
	scan->nothing = false;
	scan->loose = false;
	scan->list = NULL;
	scan->list_attno = 0;
	scan->rows = 0;
	scan->bounded = false;
	scan->skip = 0;
	scan->left = PG_INT64_MAX;
	scan->has_last = false;
	spec->connector = scan->target->connector;
	spec->resource = res;
	spec->server = scan->target->server;
	spec->server_name = scan->target->server_name;
	spec->table_name = scan->target->table_name;
	spec->user = scan->user;
	spec->options = scan->target->options;
	spec->columns = scan->columns;
	spec->ncolumns = scan->ncolumns;
	spec->limit = scan->limit;
	spec->eager = scan->eager;
	spec->expected = scan->fetched;

	forboth (state, scan->values, expr, scan->value_exprs)
	{
		int attno = list_nth_int(scan->pushed, at + 1);
		Datum value;
		bool isnull;

		if (!explain || !is_unknown(lfirst(expr), econtext))
		{
			value = ExecEvalExpr((ExprState *) lfirst(state), econtext, &isnull);
			if (!isnull)
				add_value(scan, list_nth_int(scan->pushed, at), attno,
						  list_nth_int(scan->pushed, at + 2), list_nth_int(scan->pushed, at + 3),
						  list_nth_int(scan->pushed, at + 4),
						  attno > 0 ? TupleDescAttr(scan->desc, attno - 1)->atttypid : INT8OID,
						  value);
			else if (attno > 0)
				scan->nothing = true;
		}
		at += 5;
	}
	if (scan->lookup != NIL)
		add_keys(scan);
	if (scan->bounded && scan->left < PG_INT64_MAX - scan->skip)
		spec->limit = scan->left + scan->skip;
	if (scan->order != NIL)
	{
		const Order *order = &res->orders[lsecond_int(scan->order)];

		spec->order = lthird_int(scan->order) ? order->down : order->up;
	}
	if (!explain && !scan->nothing)
		check_required(scan);
	mo_summary_spec(scan);
	if (res->range.column != NULL)
	{
		DateADT now = today(scan, res->range.zone);
		/* of later days no service tells, wherever its day begins: do not walk there */
		DateADT last =
			now + res->range.ahead + (res->range.zone != NULL ? 0 : MAX_DAYS_AHEAD);

		spec->hi = spec->has_hi ? Min(spec->hi, last) : now + res->range.ahead;
		if (!spec->has_lo)
			spec->lo = Min(now, spec->hi) - res->range.back;
	}
}
