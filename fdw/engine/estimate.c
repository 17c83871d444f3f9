/*-------------------------------------------------------------------------
 *
 * estimate.c
 *	  How many rows a scan gives, and what it costs.
 *
 * Costs are in units of a page read from disk: a request over the network is
 * a thousand of them, a record of its answer some hundred tuples' worth.  What
 * counts is therefore how many pages a scan has to ask for.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/stratnum.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"

#include "engine/engine.h"
#include "shmem/stat.h"

#define COST_REQUEST 1000.0
#define COST_RECORD 0.5
#define ROWS_UNKNOWN 1000.0

/* Is the column alone what identifies a row? */
bool
mo_estimate_is_key(const Target *target, const char *column)
{
	const Column *col = mo_target_column(target->resource, column);
	int keys = 0;

	for (const Column *c = target->resource->columns; c != NULL && c->name != NULL; c++)
		keys += (c->flags & COL_KEY) != 0;
	return keys == 1 && col != NULL && (col->flags & COL_KEY);
}

/* Does one of the conditions name the row by its key? */
static bool
names_row(const Target *target, Oid relid, Index varno, List *infos)
{
	ListCell *lc;

	foreach (lc, infos)
	{
		RestrictInfo *info = lfirst(lc);
		Push push;

		mo_pushdown(target, relid, varno, info->clause, &push);
		if (push.kind == PUSH_FILTER && push.strategy == BTEqualStrategyNumber &&
			mo_estimate_is_key(target, get_attname(relid, push.attno, false)))
			return true;
	}
	return false;
}

/* Rows of the table, and those that pass its conditions. */
void
mo_estimate_size(PlannerInfo *root, RelOptInfo *rel, const Target *target, Oid relid)
{
	double rows;
	double width;
	bool learned = mo_stat_size(target->server, target->resource->name, &rows, &width);
	bool analyzed = rel->tuples > 0;

	/* ANALYZE knows this very table, what was learned is of the service's list */
	if (!analyzed)
		rel->tuples = learned ? Max(rows, 1) : ROWS_UNKNOWN;
	set_baserel_size_estimates(root, rel);
	if (learned && !analyzed && width > 0 && rel->reltarget->width > 0)
		rel->reltarget->width =
			(int) Min(width * list_length(rel->reltarget->exprs), rel->reltarget->width * 4.0);
	if (names_row(target, relid, rel->relid, rel->baserestrictinfo))
		rel->rows = 1;
}

/* Rows that the service sends, if it is asked to apply what it can of the conditions. */
double
mo_estimate_fetched(PlannerInfo *root, RelOptInfo *rel, const Target *target, Oid relid,
					List *infos)
{
	List *pushed = NIL;
	ListCell *lc;

	if (names_row(target, relid, rel->relid, infos))
		return 1;
	foreach (lc, infos)
	{
		RestrictInfo *info = lfirst(lc);
		Push push;

		mo_pushdown(target, relid, rel->relid, info->clause, &push);
		if (push.kind != PUSH_NO)
			pushed = lappend(pushed, info);
	}
	return clamp_row_est(rel->tuples *
						 clauselist_selectivity(root, pushed, rel->relid, JOIN_INNER, NULL));
}

/*
 * Cost of a scan that fetches so many records.  "requests" is the least number
 * of requests; passes and pages of which there are more count as well.
 */
void
mo_estimate_cost(const Target *target, double fetched, double requests, Cost *startup, Cost *total)
{
	const Resource *res = target->resource;
	int passes = 0;

	while (res->passes != NULL &&
		   (res->passes[passes].term != NULL || res->passes[passes].value != NULL ||
			res->passes[passes].values[0] != NULL))
		passes++;
	if (res->paging.size > 0)
		requests = Max(requests, ceil(fetched / res->paging.size));
	requests *= Max(passes, 1);
	*startup = COST_REQUEST;
	*total = requests * COST_REQUEST + fetched * (COST_RECORD + cpu_tuple_cost);
}
