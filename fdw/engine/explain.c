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

static void
explain_conditions(ForeignScanState *node, ExplainState *es)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	Oid relid = RelationGetRelid(node->ss.ss_currentRelation);
	Target *target = mo_target(relid);
	List *pushed = NIL;
	List *kept = NIL;
	ListCell *lc;

	foreach (lc, plan->scan.plan.qual)
	{
		Push push;
		char *text;

		mo_pushdown(target, relid, plan->scan.scanrelid, lfirst(lc), &push);
		text = clause_text(lfirst(lc), plan->scan.scanrelid, relid);
		if (push.kind == PUSH_NO)
			kept = lappend(kept, psprintf("%s: %s", text, push.reason));
		else
			pushed = lappend(
				pushed, psprintf("%s: %s", text,
								 push.exact && !push.coarse ? "exact" : "superset, checked again"));
	}
	if (pushed != NIL)
		ExplainPropertyList("Asked of the Service", pushed, es);
	if (kept != NIL)
		ExplainPropertyList("Checked Here Only", kept, es);
}

/* A request is in UTF-8, and made of what this database can hold. */
static char *
in_server_encoding(char *text)
{
	return pg_any_to_server(text, (int) strlen(text), PG_UTF8);
}

/* ExplainForeignScan */
void
mo_explain_scan(ForeignScanState *node, ExplainState *es)
{
	const ApiStats *stats;

	if (es->verbose)
	{
		ApiScan *api = mo_scan_describe(node);
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
		mo_api_end(api);
	}
	stats = es->analyze ? mo_scan_stats(node) : NULL;
	if (stats == NULL)
		return;
	ExplainPropertyInteger("Requests", NULL, stats->requests, es);
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
