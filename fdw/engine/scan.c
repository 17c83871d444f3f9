/*-------------------------------------------------------------------------
 *
 * scan.c
 *	  Run a scan: evaluate what was pushed, read rows, fill slots.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "foreign/fdwapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "compat.h"
#include "engine/scan.h"

#define MAX_SHOWN 60 /* of a value in an error's context */

/*
 * When a transaction is rolled back this may run after the table is gone from
 * the relation cache, its descriptor with it: nothing of that may be used.
 */
static void
free_foreign(void *arg)
{
	MoScan *scan = arg;

	mo_async_end(scan);
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
	scan->relation = RelationGetRelid(rel);
	scan->target = mo_target(scan->relation);
	scan->desc = RelationGetDescr(rel);
	scan->wanted = list_nth(plan->fdw_private, PLAN_ATTRS);
	scan->pushed = list_nth(plan->fdw_private, PLAN_PUSHED);
	scan->limit = intVal(list_nth(plan->fdw_private, PLAN_LIMIT));
	scan->fetched = floatVal(list_nth(plan->fdw_private, PLAN_FETCHED));
	scan->eager = boolVal(list_nth(plan->fdw_private, PLAN_EAGER));
	scan->order = list_nth(plan->fdw_private, PLAN_ORDER);
	scan->lookup = list_nth(plan->fdw_private, PLAN_LOOKUP);
	if (list_nth(plan->fdw_private, PLAN_SUMMARY) != NULL)
		scan->summary =
			&scan->target->resource->summaries[intVal(list_nth(plan->fdw_private, PLAN_SUMMARY))];
	scan->value_exprs = plan->fdw_exprs;
	scan->values = ExecInitExprList(plan->fdw_exprs, &node->ss.ps);
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
	if (!(eflags & EXEC_FLAG_EXPLAIN_ONLY))
		node->fdw_state = make_scan(node);
}

/*
 * For EXPLAIN: the request as far as it is known before the scan runs; lives
 * in the current memory context.  NULL when nothing will be asked for.
 */
ApiScan *
mo_scan_describe(ForeignScanState *node)
{
	MoScan *scan = make_scan(node);

	if (scan->lookup != NIL)
	{
		scan->keys = palloc(sizeof(char *));
		scan->keys[0] = "...";
		scan->nkeys = 1;
	}
	mo_spec_make(scan, node->ss.ps.ps_ExprContext, true);
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
	sum->jobs += part->jobs;
	sum->jobs_resumed += part->jobs_resumed;
	sum->jobs_refused += part->jobs_refused;
	sum->looks += part->looks;
	sum->lines += part->lines;
	sum->line_bytes += part->line_bytes;
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

/*
 * The value of one column in the current row.  Raises when it does not fit
 * its type; scan->shown is the text that does not, then.
 */
Datum
mo_scan_value(MoScan *scan, int i, bool *isnull)
{
	ApiColumn *c = &scan->columns[i];
	const char *text;

	*isnull = true;
	if (c->compiled != NULL)
	{
		JsonValue *record = mo_api_record(scan->api, mo_json_path_up(c->compiled));

		return mo_datum_from_json(&scan->readers[i], mo_json_path_get(c->compiled, record),
								  &scan->shown, isnull);
	}
	text = mo_api_row_text(scan->api, i);
	if (text == NULL)
		return (Datum) 0;
	if (scan->readers[i].element != NULL)
		ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
						errmsg("column \"%s\" of foreign table \"%s\" cannot be an array",
							   c->name, scan->target->table_name)));
	return mo_datum_from_text(&scan->readers[i], text, strlen(text), &scan->shown, isnull);
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

		if (!scan->columns[i].wanted)
			continue;
		scan->column = i;
		scan->shown = NULL;
		slot->tts_values[i] = mo_scan_value(scan, i, &slot->tts_isnull[i]);
	}
	scan->column = -1;
	scan->shown = NULL;
}

/* The next row; an asynchronous scan does not wait for it. */
static ApiProgress
next_row(MoScan *scan)
{
	ApiProgress progress;
	int64 until_us;

	if (!scan->async)
		return mo_api_next(scan->api) ? API_ROW : API_END;
	progress = mo_api_poll(scan->api, &until_us);
	scan->waiting = progress == API_WAIT;
	return progress;
}

/*
 * Fill the slot with the current row.  A value that does not fit its column is
 * shown with the error; not so if the service has sent our own credential back
 * in it.
 */
void
mo_scan_fill(MoScan *scan, TupleTableSlot *slot)
{
	MemoryContext cxt = CurrentMemoryContext;

	PG_TRY();
	{
		fill_slot(scan, slot);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(cxt);
		mo_unread_note(scan, geterrcode());
		if (scan->shown == NULL || !mo_api_is_secret(scan->api, scan->shown))
			PG_RE_THROW();
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

	if (scan->api == NULL && !scan->nothing && !mo_kept_replays(scan))
	{
		old = MemoryContextSwitchTo(scan->cxt);
		mo_spec_make(scan, node->ss.ps.ps_ExprContext, false);
		if (!scan->nothing)
			mo_kept_begin(scan);
		if (!scan->nothing && !mo_kept_replays(scan))
		{
			scan->recheck = mo_recheck_prepare(&scan->spec, scan->desc);
			scan->api = mo_api_begin(&scan->spec);
		}
		MemoryContextSwitchTo(old);
	}
	while (mo_kept_replays(scan) && scan->left > 0 && mo_kept_next(scan, slot))
	{
		if (mo_claim_bounds(scan, node))
			break;
		ExecClearTuple(slot);
	}
	while (scan->api != NULL && scan->left > 0)
	{
		ApiProgress progress;
		bool ours;

		if (mo_summary_row(scan, slot))
			break;
		progress = next_row(scan);
		if (progress == API_WAIT)
			break;
		if (progress == API_END)
		{
			mo_claim_learn(scan);
			mo_kept_complete(scan);
			break;
		}
		scan->rows++;
		ExecClearTuple(slot);
		if (mo_summary_take(scan))
			continue;
		MemoryContextReset(scan->row);
		old = MemoryContextSwitchTo(scan->row);
		if (!mo_unread_leaving())
			mo_scan_fill(scan, slot);
		else if (!mo_unread_fill(scan, slot))
		{
			MemoryContextSwitchTo(old);
			ExecClearTuple(slot);
			continue;
		}
		mo_recheck_row(scan->recheck, scan->api, slot);
		ours = mo_claim_part(scan, slot);
		if (scan->order != NIL)
			mo_claim_order(scan, slot);
		MemoryContextSwitchTo(old);
		if (!ours)
			continue;
		ExecStoreVirtualTuple(slot);
		mo_kept_add(scan, slot);
		if (mo_claim_bounds(scan, node) && mo_summary_qual(scan, node))
			break;
		ExecClearTuple(slot);
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
	mo_kept_end(scan);
	mo_kept_start(scan);
	scan->nothing = false;
}

/*
 * For the join above: run again, for these keys.  The texts have to last until
 * that run ends.
 */
void
mo_scan_lookup(ForeignScanState *node, char **texts, int n)
{
	MoScan *scan = node->fdw_state;

	scan->keys = texts;
	scan->nkeys = n;
	ExecReScan((PlanState *) node);
}

/* EndForeignScan */
void
mo_scan_end(ForeignScanState *node)
{
	MoScan *scan = node->fdw_state;

	if (scan != NULL)
	{
		end_run(scan);
		mo_async_end(scan);
	}
}
