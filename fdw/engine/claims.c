/*-------------------------------------------------------------------------
 *
 * claims.c
 *	  What a plan counts on, seen to row by row, and what is learned from it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/executor.h"

#include "engine/scan.h"
#include "shmem/stat.h"

/* Was the row asked for with this part of a long list, or is it another's? */
bool
mo_claim_part(MoScan *scan, TupleTableSlot *slot)
{
	int i = scan->list_attno - 1;
	int part;

	if (scan->list == NULL || slot->tts_isnull[i])
		return true;
	part = mo_list_part(scan->list,
						mo_value_text(slot->tts_values[i], TupleDescAttr(scan->desc, i)->atttypid));
	return part < 0 || part == mo_api_part(scan->api);
}

/*
 * Where the plan counts on the service's order: is the row where it belongs?
 * If not, a join or a limit above would go wrong without a sign of it.
 */
void
mo_claim_order(MoScan *scan, TupleTableSlot *slot)
{
	int i = linitial_int(scan->order) - 1;
	bool down = lthird_int(scan->order);
	int64 value = 0;

	if (!slot->tts_isnull[i])
	{
		switch (TupleDescAttr(scan->desc, i)->atttypid)
		{
			case INT2OID:
				value = DatumGetInt16(slot->tts_values[i]);
				break;
			case INT4OID:
				value = DatumGetInt32(slot->tts_values[i]);
				break;
			default:
				value = DatumGetInt64(slot->tts_values[i]);
		}
	}
	if (slot->tts_isnull[i] ||
		(scan->has_last && (down ? value > scan->last : value < scan->last)))
		ereport(ERROR, (errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
						errmsg("foreign table \"%s\" is not in the order of column \"%s\"",
							   scan->target->table_name, scan->columns[i].name),
						errdetail("The service was asked for that order."),
						errhint("Order by an expression, such as %s + 0, to have it sorted here.",
								scan->columns[i].name)));
	scan->has_last = true;
	scan->last = value;
}

/* Of a scan with bounds: is the row one to return, once it passed all conditions? */
bool
mo_claim_bounds(MoScan *scan, ForeignScanState *node)
{
	ExprContext *econtext = node->ss.ps.ps_ExprContext;

	if (!scan->bounded)
		return true;
	econtext->ecxt_scantuple = node->ss.ss_ScanTupleSlot;
	if (!ExecQualAndReset(node->ss.ps.qual, econtext))
		return false;
	if (scan->skip > 0)
	{
		scan->skip--;
		return false;
	}
	scan->left--;
	return true;
}

/*
 * The scan has come to its end: if it read all there is, later plans may know
 * how much that was.  The width is that of one column as the service sends it.
 */
void
mo_claim_learn(const MoScan *scan)
{
	const ApiSpec *spec = &scan->spec;
	const ApiStats *stats = mo_api_stats(scan->api);
	int columns = list_length(scan->wanted);
	double rows = (double) scan->rows;
	double width =
		scan->rows > 0 && columns > 0 ? (double) stats->body_bytes / rows / columns : 0;
	double unused;

	/* a count of all rows tells as much, but not how wide they are */
	if (mo_summary_counted(scan, &rows))
		width = mo_stat_size(spec->server, spec->resource->name, &unused, &width) ? width : 0;
	else if (scan->summary != NULL && !scan->loose)
		return;
	if (spec->conditions != NIL || spec->params != NIL || spec->has_lo || spec->has_hi ||
		scan->bounded || spec->resource->passes != NULL || spec->resource->rows != NULL)
		return;
	mo_stat_complete(spec->server, spec->resource->name, rows, width);
}
