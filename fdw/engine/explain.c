/*-------------------------------------------------------------------------
 *
 * explain.c
 *	  What a scan would ask, what it keeps, what it cost.
 *
 * Without ANALYZE nothing touches the network and no credential is looked up;
 * a request is shown without its headers, so there is no secret in it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/explain.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "rewrite/rewriteManip.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

#include "compat.h"
#include MO_EXPLAIN_HEADERS
#include MO_EXPLAIN_STATE_HEADER
#include "engine/engine.h"

/* A condition as SQL, with the names of the table's columns. */
static char *
clause_text(Expr *clause, Index varno, Oid relid)
{
	Node *copy = copyObject((Node *) clause);

	if (varno != 1)
		ChangeVarNodes(copy, varno, 1, 0);
	return deparse_expression(copy, deparse_context_for(get_rel_name(relid), relid), false, false);
}

/*
 * Did the plan push the condition?  It does not where the value is a day of
 * another table's row, which looks like any other parameter by now.
 */
static bool
was_pushed(ForeignScan *plan, const Push *push)
{
	List *pushed = list_nth(plan->fdw_private, PLAN_PUSHED);

	for (int at = 0; at < list_length(pushed); at += 5)
	{
		if (list_nth_int(pushed, at) == (int) push->kind &&
			list_nth_int(pushed, at + 1) == push->attno &&
			list_nth_int(pushed, at + 2) == push->strategy &&
			list_nth_int(pushed, at + 3) == push->filter)
			return true;
	}
	return false;
}

static const char *
exactness(bool exact)
{
	return exact ? "exact" : "superset, checked again";
}

static void
explain_conditions(ForeignScanState *node, ExplainState *es)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	Oid relid = RelationGetRelid(node->ss.ss_currentRelation);
	Target *target = mo_target(relid);
	List *lookup = list_nth(plan->fdw_private, PLAN_LOOKUP);
	List *pushed = NIL;
	List *kept = NIL;
	ListCell *lc;

	if (lookup != NIL)
	{
		const Filter *filter = &target->resource->filters[lsecond_int(lookup)];

		pushed = list_make1(psprintf("%s = ANY (keys of the join, %d at once): %s",
									 get_attname(relid, linitial_int(lookup), false), filter->most,
									 exactness(filter->exact == EXACT)));
	}
	foreach (lc, list_concat_copy(plan->fdw_recheck_quals, plan->scan.plan.qual))
	{
		Push push;
		char *text;

		mo_pushdown(target, relid, plan->scan.scanrelid, lfirst(lc), &push);
		text = clause_text(lfirst(lc), plan->scan.scanrelid, relid);
		if (push.kind == PUSH_NO)
			kept = lappend(kept, psprintf("%s: %s", text, push.reason));
		else if (!was_pushed(plan, &push))
			kept = lappend(kept, psprintf("%s: its value is not known before the scan", text));
		else
			pushed = lappend(pushed, psprintf("%s: %s", text, exactness(push.exact)));
	}
	if (pushed != NIL)
		ExplainPropertyList("Asked of the Service", pushed, es);
	if (kept != NIL)
		ExplainPropertyList("Checked Here Only", kept, es);
}

/* Order and limit, where the plan leaves them to the service. */
static void
explain_bounds(ForeignScanState *node, ExplainState *es)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	Oid relid = RelationGetRelid(node->ss.ss_currentRelation);
	List *order = list_nth(plan->fdw_private, PLAN_ORDER);
	List *pushed = list_nth(plan->fdw_private, PLAN_PUSHED);
	Node *summary = list_nth(plan->fdw_private, PLAN_SUMMARY);
	ListCell *lc;
	int at = 0;

	if (summary != NULL)
		ExplainPropertyText("Aggregate",
							mo_target(relid)->resource->summaries[intVal(summary)].shown, es);
	if (order != NIL)
		ExplainPropertyText("Order of the Service",
							psprintf("%s%s", get_attname(relid, linitial_int(order), false),
									 lthird_int(order) ? " DESC" : ""),
							es);
	foreach (lc, plan->fdw_exprs)
	{
		int kind = list_nth_int(pushed, at);

		if (kind == PUSH_COUNT || kind == PUSH_OFFSET)
			ExplainPropertyText(kind == PUSH_COUNT ? "Ends After" : "Leaves Out",
								clause_text(lfirst(lc), plan->scan.scanrelid, relid), es);
		at += 5;
	}
}

/* A request is in UTF-8, and made of what this database can hold. */
static char *
in_server_encoding(char *text)
{
	return pg_any_to_server(text, (int) strlen(text), PG_UTF8);
}

/* Is it a scan of many rows, of a list that can be had as a whole? */
static bool
may_be_bulk(ForeignScanState *node)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;

	return node->ss.ss_currentRelation != NULL &&
		   floatVal(list_nth(plan->fdw_private, PLAN_FETCHED)) >= 0 &&
		   mo_target(RelationGetRelid(node->ss.ss_currentRelation))->resource->bulk != NULL;
}

/* ExplainForeignScan */
void
mo_explain_scan(ForeignScanState *node, ExplainState *es)
{
	const ApiStats *stats;
	ApiScan *api = es->verbose || may_be_bulk(node) ? mo_scan_describe(node) : NULL;
	char *bulk = api ? mo_bulk_reason(api) : NULL;

	if (bulk != NULL)
		ExplainPropertyText("Bulk", bulk, es);
	if (es->verbose)
	{
		const char *method;
		char *document;
		char *body;
		char *url = api ? mo_api_request_text(api, &method, &document, &body) : NULL;

		if (url == NULL)
			ExplainPropertyText("Request", "none: no row can match", es);
		else
			ExplainPropertyText("Request", psprintf("%s %s", method, url), es);
		if (url != NULL && document != NULL)
			ExplainPropertyText("Document", in_server_encoding(document), es);
		if (url != NULL && body != NULL)
			ExplainPropertyText(document ? "Variables" : "Body", in_server_encoding(body), es);
		explain_conditions(node, es);
		explain_bounds(node, es);
	}
	mo_api_end(api);
	stats = es->analyze ? mo_scan_stats(node) : NULL;
	if (stats == NULL)
		return;
	ExplainPropertyInteger("Requests", NULL, stats->requests, es);
	if (stats->jobs_refused > 0)
		ExplainPropertyText("Bulk Jobs", "none, the service has too many: read by pages", es);
	else if (stats->looks > 0)
	{
		ExplainPropertyInteger("Bulk Jobs", NULL, stats->jobs, es);
		if (stats->jobs_resumed > 0)
			ExplainPropertyInteger("Bulk Jobs Resumed", NULL, stats->jobs_resumed, es);
		ExplainPropertyInteger("Bulk Polls", NULL, stats->looks, es);
	}
	if (stats->lines > 0)
	{
		ExplainPropertyInteger("Bulk Lines", NULL, stats->lines, es);
		ExplainPropertyInteger("Bulk Bytes", NULL, stats->line_bytes, es);
	}
	if (stats->windows > stats->runs)
		ExplainPropertyInteger("Windows", NULL, stats->windows, es);
	ExplainPropertyInteger("Pages", NULL, stats->pages, es);
	ExplainPropertyInteger("Records", NULL, stats->records, es);
	ExplainPropertyInteger("Bytes Received", NULL, stats->wire_bytes, es);
	ExplainPropertyInteger("Retries", NULL, stats->retries, es);
	if (es->timing)
	{
		ExplainPropertyFloat("Retry Wait", "ms", stats->wait_us / 1000.0, 3, es);
		ExplainPropertyFloat("Throttle Wait", "ms", stats->throttle_us / 1000.0, 3, es);
		if (stats->most_lanes > 1)
			ExplainPropertyInteger("Windows at Once", NULL, stats->most_lanes, es);
		if (stats->held_bytes > 0)
			ExplainPropertyInteger("Prefetched at Most", "kB", (stats->held_bytes + 1023) / 1024,
								   es);
		ExplainPropertyFloat("First Byte", "ms", stats->first_byte_us / 1000.0, 3, es);
	}
}
