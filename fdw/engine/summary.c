/*-------------------------------------------------------------------------
 *
 * summary.c
 *	  Run a scan whose records stand for many rows of the table.
 *
 * The conditions that such records cannot be checked for are not among the
 * plan's, but kept beside it: a run that has to read the rows after all checks
 * them here.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"

#include "engine/scan.h"

/* Does this run read the summary, or has it to read the rows? */
static bool
is_summed(const MoScan *scan)
{
	return scan->summary != NULL && !scan->loose;
}

/* Turn the run's request into one for the summary, unless its values forbid that. */
void
mo_summary_spec(MoScan *scan)
{
	ListCell *lc;

	scan->same = 0;
	scan->counted = 0;
	/* a list in parts: a service that takes more than its part would be counted twice */
	scan->loose = scan->loose || scan->list != NULL;
	foreach (lc, scan->spec.conditions)
	{
		const ApiCondition *condition = lfirst(lc);

		/* it is asked for to the second, rounded outwards */
		scan->loose = scan->loose ||
					  (condition->is_instant && condition->instant % USECS_PER_SEC != 0);
	}
	if (is_summed(scan))
		scan->spec.resource = scan->summary->resource;
}

/* The text at "path" of the record; raises when there is none. */
static const char *
text_at(MoScan *scan, const char *path)
{
	JsonValue *value = mo_json_at(mo_api_record(scan->api, 0), path);
	size_t len;
	const char *text = value ? mo_json_text(value, &len) : NULL;

	if (text == NULL)
		ereport(ERROR, (errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
						errmsg("could not understand the answer of the service of server \"%s\"",
							   scan->target->server_name),
						errdetail("It has nothing at \"%s\".", path)));
	return text;
}

/* The service says how sure it is: a count that is not exact is no answer. */
static void
check_sure(MoScan *scan)
{
	const char *sure = scan->summary->sure;
	const char *is = sure ? strchr(sure, '=') : NULL;

	if (is != NULL && strcmp(text_at(scan, pnstrdup(sure, is - sure)), is + 1) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("the service of server \"%s\" does not tell the exact number of rows "
						"of foreign table \"%s\"",
						scan->target->server_name, scan->target->table_name),
				 errhint("Set momentum.enable_aggregate to off to have them read and counted.")));
}

/*
 * The scan has read a record: if it is a count, take it and return true.  Its
 * rows come from mo_summary_row().
 */
bool
mo_summary_take(MoScan *scan)
{
	const char *text;
	size_t len;

	if (!is_summed(scan) || scan->summary->count == NULL)
		return false;
	check_sure(scan);
	text = text_at(scan, scan->summary->count);
	len = strlen(text);
	if (len == 0 || len > 15 || strspn(text, "0123456789") != len)
		ereport(ERROR, (errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
						errmsg("could not understand the answer of the service of server \"%s\"",
							   scan->target->server_name),
						errdetail("Its \"%s\" is no count.", scan->summary->count)));
	scan->same = strtoll(text, NULL, 10);
	scan->counted += scan->same;
	return true;
}

/* Has the service counted the rows of this run?  Then how many. */
bool
mo_summary_counted(const MoScan *scan, double *rows)
{
	if (!is_summed(scan) || scan->summary->count == NULL)
		return false;
	*rows = (double) scan->counted;
	return true;
}

/* One of the rows that were counted, all of whose columns are NULL; false = no more. */
bool
mo_summary_row(MoScan *scan, TupleTableSlot *slot)
{
	if (scan->same == 0)
		return false;
	scan->same--;
	ExecStoreAllNullTuple(slot);
	return true;
}

/* Of a run that had to read rows: does this one meet the conditions beside the plan's? */
bool
mo_summary_qual(MoScan *scan, ForeignScanState *node)
{
	ExprContext *econtext = node->ss.ps.ps_ExprContext;

	if (scan->summary == NULL || !scan->loose)
		return true;
	econtext->ecxt_scantuple = node->ss.ss_ScanTupleSlot;
	return ExecQualAndReset(node->fdw_recheck_quals, econtext);
}
