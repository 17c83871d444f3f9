/*-------------------------------------------------------------------------
 *
 * scan.c
 *	  Run a scan: evaluate what was pushed, read rows, fill slots.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "foreign/fdwapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat.h"
#include "engine/engine.h"

#define MAX_SHOWN 60     /* of a value in an error's context */
#define MAX_DAYS_AHEAD 2 /* of the session's day: clocks of the world are 26 hours apart */

struct ScanState_
{
	Target *target;
	TupleDesc desc;
	int ncolumns;
	ApiColumn *columns; /* one per attribute */
	DatumReader *readers;
	List *wanted; /* of attribute numbers */
	List *pushed; /* PLAN_PUSHED */
	List *values; /* of ExprState * */
	List *value_exprs;
	int limit;
	bool eager;
	Oid user;

	MemoryContext cxt; /* of one run of the scan */
	MemoryContext row; /* of one row's values */
	ApiSpec spec;
	ApiScan *api;
	Recheck *recheck; /* NULL: no exact filter */
	bool nothing;     /* a pushed value is NULL: no row can match */
	ApiStats done;    /* of earlier runs */

	bool async;   /* iterate does not wait ... */
	bool waiting; /* ... and gave no row for that reason */
	int fd;       /* of an asynchronous wait, or -1 */

	int column; /* being converted, for the error context */
	const char *shown;
};

static void
close_descriptor(MoScan *scan)
{
	if (scan->fd >= 0)
		mo_http_unwatch(scan->fd);
	scan->fd = -1;
}

/*
 * When a transaction is rolled back this may run after the table is gone from
 * the relation cache, its descriptor with it: nothing of that may be used.
 */
static void
free_foreign(void *arg)
{
	MoScan *scan = arg;

	close_descriptor(scan);
	for (int i = 0; i < scan->ncolumns; i++)
	{
		mo_json_path_free(scan->columns[i].compiled);
		scan->columns[i].compiled = NULL;
	}
}

/* TemplateLookup for paths */
static const char *
option_value(void *arg, const char *name)
{
	const Target *target = arg;

	return mo_option_get(target->connector, target->options, name);
}

static void
compile_paths(MoScan *scan)
{
	MemoryContextCallback *callback = palloc0(sizeof(MemoryContextCallback));

	callback->func = free_foreign;
	callback->arg = scan;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	for (int i = 0; i < scan->ncolumns; i++)
	{
		ApiColumn *c = &scan->columns[i];
		const char *error;

		if (!c->wanted || scan->target->resource->rows != NULL ||
			(c->declared != NULL && (c->declared->flags & COL_PARAM)))
			continue;
		c->compiled = mo_json_path_compile(mo_template_expand(c->path, PLACE_PLAIN, option_value,
															  scan->target, NULL),
										   &error);
		if (c->compiled == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_STRING_FORMAT),
					 errmsg("column \"%s\" of foreign table \"%s\" has an invalid path", c->name,
							scan->target->table_name),
					 errdetail("%s", error)));
		if (mo_json_path_up(c->compiled) > mo_api_levels(scan->target->resource))
			ereport(ERROR,
					(errcode(ERRCODE_FDW_INVALID_STRING_FORMAT),
					 errmsg("column \"%s\" of foreign table \"%s\" has an invalid path", c->name,
							scan->target->table_name),
					 errdetail("Nothing lies that far above a record of \"%s\": \"%s\".",
							   scan->target->resource->name, c->path)));
	}
}

/* What plan and catalogs say, without I/O. */
static MoScan *
make_scan(ForeignScanState *node)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	Relation rel = node->ss.ss_currentRelation;
	MoScan *scan = palloc0(sizeof(MoScan));
	ListCell *lc;

	scan->fd = -1;
	scan->target = mo_target(RelationGetRelid(rel));
	scan->desc = RelationGetDescr(rel);
	scan->wanted = list_nth(plan->fdw_private, PLAN_ATTRS);
	scan->pushed = list_nth(plan->fdw_private, PLAN_PUSHED);
	scan->limit = intVal(list_nth(plan->fdw_private, PLAN_LIMIT));
	scan->eager = boolVal(list_nth(plan->fdw_private, PLAN_EAGER));
	scan->value_exprs = plan->fdw_exprs;
	scan->user = mo_scan_user(node);
	if (!OidIsValid(scan->user))
		scan->user = GetUserId();
	scan->ncolumns = scan->desc->natts;
	scan->columns = palloc0(sizeof(ApiColumn) * Max(scan->ncolumns, 1));
	scan->readers = palloc0(sizeof(DatumReader) * Max(scan->ncolumns, 1));
	mo_target_columns(scan->target, scan->desc, RelationGetRelid(rel), scan->columns);
	foreach (lc, scan->wanted)
	{
		int i = lfirst_int(lc) - 1;
		Form_pg_attribute att = TupleDescAttr(scan->desc, i);

		if (att->attisdropped)
			continue;
		scan->columns[i].wanted = true;
		mo_datum_prepare(&scan->readers[i], att->atttypid, att->atttypmod,
						 scan->columns[i].declared ? scan->columns[i].declared->flags : 0);
	}
	compile_paths(scan);
	scan->cxt = AllocSetContextCreate(CurrentMemoryContext, "momentum run", ALLOCSET_DEFAULT_SIZES);
	scan->row = AllocSetContextCreate(CurrentMemoryContext, "momentum row", ALLOCSET_DEFAULT_SIZES);
	scan->column = -1;
	return scan;
}

/* BeginForeignScan: no I/O, and nothing at all for a plain EXPLAIN. */
void
mo_scan_begin(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	MoScan *scan;

	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	scan = make_scan(node);
	scan->values = ExecInitExprList(plan->fdw_exprs, &node->ss.ps);
	node->fdw_state = scan;
}

/* A value as the service reads it, in UTF-8. */
static char *
value_text(Datum value, Oid type)
{
	Oid output;
	bool varlena;
	char *text;

	if (type == BOOLOID)
		return DatumGetBool(value) ? "true" : "false";
	getTypeOutputInfo(type, &output, &varlena);
	text = OidOutputFunctionCall(output, value);
	return pg_server_to_any(text, (int) strlen(text), PG_UTF8);
}

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

static DateADT
today(void)
{
	struct pg_tm tm;
	fsec_t fsec;
	int tz;

	GetCurrentTimeUsec(&tm, &fsec, &tz);
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

/* Use one pushed value. */
static void
add_value(MoScan *scan, int kind, int attno, int strategy, int filter, bool coarse, Oid type,
		  Datum value)
{
	ApiSpec *spec = &scan->spec;
	ApiCondition *cond;
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
			mo_option_check_param(scan->target, scan->columns[attno - 1].name,
								  value_text(value, type));
			spec->params = lappend(spec->params,
								   makeDefElem(pstrdup(scan->columns[attno - 1].name),
											   (Node *) makeString(value_text(value, type)), -1));
			break;
		default:
			cond = palloc0(sizeof(ApiCondition));
			cond->filter = &scan->target->resource->filters[filter];
			cond->is_instant = type == TIMESTAMPTZOID;
			if (cond->is_instant)
				cond->instant = DatumGetTimestampTz(value);
			if (type == DATEOID)
				cond->instant = date2timestamp_opt_overflow(DatumGetDateADT(value), &overflow);
			/* no service knows such a year: it is asked for all, the recheck decides */
			if ((cond->is_instant || type == DATEOID) && !has_usual_year(cond->instant))
				return;
			cond->text = value_text(value, type);
			/* a service looks for words: there is none in an empty text */
			if (cond->text[0] == '\0')
				return;
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
static void
make_spec(MoScan *scan, ExprContext *econtext, bool explain)
{
	ApiSpec *spec = &scan->spec;
	const Resource *res = scan->target->resource;
	ListCell *state;
	ListCell *expr;
	int at = 0;

	memset(spec, 0, sizeof(*spec));
	scan->nothing = false;
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

	forboth (state, scan->values, expr, scan->value_exprs)
	{
		int attno = list_nth_int(scan->pushed, at + 1);
		Datum value;
		bool isnull;

		if (!explain || !is_unknown(lfirst(expr), econtext))
		{
			value = ExecEvalExpr((ExprState *) lfirst(state), econtext, &isnull);
			if (isnull)
				scan->nothing = true;
			else
				add_value(scan, list_nth_int(scan->pushed, at), attno,
						  list_nth_int(scan->pushed, at + 2), list_nth_int(scan->pushed, at + 3),
						  list_nth_int(scan->pushed, at + 4),
						  TupleDescAttr(scan->desc, attno - 1)->atttypid, value);
		}
		at += 5;
	}
	if (!explain && !scan->nothing)
		check_required(scan);
	if (res->range.column != NULL)
	{
		/* of later days no service tells, wherever its day begins: do not walk there */
		if (spec->has_hi)
			spec->hi = Min(spec->hi, today() + res->range.ahead + MAX_DAYS_AHEAD);
		else
			spec->hi = today() + res->range.ahead;
		if (!spec->has_lo)
			spec->lo = Min(today(), spec->hi) - res->range.back;
	}
}

/*
 * For EXPLAIN: the request as far as it is known before the scan runs; lives
 * in the current memory context.  NULL when nothing will be asked for.
 */
ApiScan *
mo_scan_describe(ForeignScanState *node)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	MoScan *scan = make_scan(node);

	scan->values = ExecInitExprList(plan->fdw_exprs, &node->ss.ps);
	make_spec(scan, node->ss.ps.ps_ExprContext, true);
	return scan->nothing ? NULL : mo_api_begin(&scan->spec);
}

static void
add_stats(ApiStats *sum, const ApiStats *part)
{
	sum->requests += part->requests;
	sum->pages += part->pages;
	sum->records += part->records;
	sum->retries += part->retries;
	sum->wait_us += part->wait_us;
	sum->throttle_us += part->throttle_us;
	sum->runs += part->runs;
	sum->windows += part->windows;
	sum->most_lanes = Max(sum->most_lanes, part->most_lanes);
	sum->held_bytes = Max(sum->held_bytes, part->held_bytes);
	sum->wire_bytes += part->wire_bytes;
	sum->body_bytes += part->body_bytes;
	if (sum->first_byte_us == 0)
		sum->first_byte_us = part->first_byte_us;
}

/* For EXPLAIN ANALYZE: over all runs of the node, or NULL if it never ran. */
const ApiStats *
mo_scan_stats(ForeignScanState *node)
{
	MoScan *scan = node->fdw_state;
	static ApiStats sum;

	if (scan == NULL)
		return NULL;
	sum = scan->done;
	if (scan->api != NULL)
	{
		/* the bytes of a transfer are counted when it ends */
		mo_api_finish(scan->api);
		add_stats(&sum, mo_api_stats(scan->api));
	}
	return &sum;
}

static void
end_run(MoScan *scan)
{
	if (scan->api != NULL)
	{
		mo_api_finish(scan->api);
		add_stats(&scan->done, mo_api_stats(scan->api));
		mo_api_end(scan->api);
		scan->api = NULL;
	}
	MemoryContextReset(scan->cxt);
}

/* Error context: where in which table, and which value. */
static void
describe_error(void *arg)
{
	MoScan *scan = arg;
	int page = 0;
	int64 record = 0;

	if (scan->api != NULL)
		mo_api_where(scan->api, &page, &record);
	if (scan->column >= 0 && scan->shown != NULL)
	{
		int len = pg_encoding_mbcliplen(PG_UTF8, scan->shown, strlen(scan->shown), MAX_SHOWN);
		const char *place = mo_api_place(scan->api, scan->column);

		if (place == NULL)
			place = psprintf("page %d, record " INT64_FORMAT, page, record);
		errcontext("column \"%s\" of foreign table \"%s\", %s, value \"%s%s\"",
				   scan->columns[scan->column].name, scan->target->table_name, place,
				   mo_answer_legible(pnstrdup(scan->shown, len)),
				   scan->shown[len] != '\0' ? "..." : "");
	}
	else
		errcontext("server \"%s\", foreign table \"%s\", page %d", scan->target->server_name,
				   scan->target->table_name, page);
}

static void
fill_slot(MoScan *scan, TupleTableSlot *slot)
{
	ListCell *lc;

	memset(slot->tts_isnull, true, sizeof(bool) * scan->desc->natts);
	memset(slot->tts_values, 0, sizeof(Datum) * scan->desc->natts);
	foreach (lc, scan->wanted)
	{
		int i = lfirst_int(lc) - 1;
		ApiColumn *c = &scan->columns[i];

		if (!c->wanted)
			continue;
		scan->column = i;
		scan->shown = NULL;
		if (c->compiled != NULL)
		{
			JsonValue *record = mo_api_record(scan->api, mo_json_path_up(c->compiled));

			slot->tts_values[i] = mo_datum_from_json(&scan->readers[i],
													 mo_json_path_get(c->compiled, record),
													 &scan->shown, &slot->tts_isnull[i]);
		}
		else
		{
			const char *text = mo_api_row_text(scan->api, i);

			if (text != NULL && scan->readers[i].element != NULL)
				ereport(ERROR,
						(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
						 errmsg("column \"%s\" of foreign table \"%s\" cannot be an array", c->name,
								scan->target->table_name)));
			if (text != NULL)
				slot->tts_values[i] = mo_datum_from_text(&scan->readers[i], text, strlen(text),
														 &scan->shown, &slot->tts_isnull[i]);
		}
	}
	scan->column = -1;
	scan->shown = NULL;
}

/* The next row; an asynchronous scan does not wait for it. */
static bool
next_row(MoScan *scan)
{
	ApiProgress progress;
	int64 until_us;

	if (!scan->async)
		return mo_api_next(scan->api);
	progress = mo_api_poll(scan->api, &until_us);
	scan->waiting = progress == API_WAIT;
	return progress == API_ROW;
}

/* Have the next call of iterate wait, or not. */
void
mo_scan_set_async(ForeignScanState *node, bool async)
{
	MoScan *scan = node->fdw_state;

	scan->async = async;
	if (async)
		scan->waiting = false;
}

/* Did the last call of iterate find neither a row nor the end? */
bool
mo_scan_is_waiting(ForeignScanState *node)
{
	MoScan *scan = node->fdw_state;

	return scan->waiting;
}

/* Has something come since?  Else it may at "until_us", if that is not 0. */
bool
mo_scan_is_ready(ForeignScanState *node, int64 *until_us)
{
	MoScan *scan = node->fdw_state;

	return mo_api_ready(scan->api, until_us);
}

/* What an asynchronous scan waits for; as long as the scan. */
int
mo_scan_descriptor(ForeignScanState *node)
{
	MoScan *scan = node->fdw_state;

	if (scan->fd < 0)
		scan->fd = mo_http_watch();
	return scan->fd;
}

/*
 * A value that does not fit its column is shown with the error; not so if the
 * service has sent our own credential back in it.
 */
static void
fill_discreetly(MoScan *scan, TupleTableSlot *slot)
{
	MemoryContext cxt = CurrentMemoryContext;

	PG_TRY();
	{
		fill_slot(scan, slot);
	}
	PG_CATCH();
	{
		ErrorData *error;

		if (scan->shown == NULL || !mo_api_is_secret(scan->api, scan->shown))
			PG_RE_THROW();
		MemoryContextSwitchTo(cxt);
		error = CopyErrorData();
		FlushErrorState();
		scan->shown = NULL;
		ereport(ERROR,
				(errcode(error->sqlerrcode),
				 errmsg("invalid value for column \"%s\" of foreign table \"%s\"",
						scan->columns[scan->column].name, scan->target->table_name),
				 errdetail("The service has sent the credential in it, so it is not shown.")));
	}
	PG_END_TRY();
}

/* IterateForeignScan: the first call makes the first request. */
TupleTableSlot *
mo_scan_iterate(ForeignScanState *node)
{
	MoScan *scan = node->fdw_state;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;
	ErrorContextCallback callback;
	MemoryContext old;

	ExecClearTuple(slot);
	callback.callback = describe_error;
	callback.arg = scan;
	callback.previous = error_context_stack;
	error_context_stack = &callback;

	if (scan->api == NULL && !scan->nothing)
	{
		old = MemoryContextSwitchTo(scan->cxt);
		make_spec(scan, node->ss.ps.ps_ExprContext, false);
		if (!scan->nothing)
		{
			scan->recheck = mo_recheck_prepare(&scan->spec, scan->desc);
			scan->api = mo_api_begin(&scan->spec);
		}
		MemoryContextSwitchTo(old);
	}
	MemoryContextReset(scan->row);
	if (scan->api != NULL && next_row(scan))
	{
		old = MemoryContextSwitchTo(scan->row);
		fill_discreetly(scan, slot);
		mo_recheck_row(scan->recheck, scan->api, slot);
		MemoryContextSwitchTo(old);
		ExecStoreVirtualTuple(slot);
	}
	error_context_stack = callback.previous;
	return slot;
}

/* ReScanForeignScan: from the start, with the values of now. */
void
mo_scan_rescan(ForeignScanState *node)
{
	MoScan *scan = node->fdw_state;

	end_run(scan);
	scan->nothing = false;
}

/* EndForeignScan */
void
mo_scan_end(ForeignScanState *node)
{
	MoScan *scan = node->fdw_state;

	if (scan != NULL)
	{
		end_run(scan);
		close_descriptor(scan);
	}
}
