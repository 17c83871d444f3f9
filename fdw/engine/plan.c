/*-------------------------------------------------------------------------
 *
 * plan.c
 *	  Plan a scan.  Nothing here asks the service anything.
 *
 * What goes into the plan is copyable data: numbers of columns, of filters,
 * and expressions for the values, which the executor evaluates.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "foreign/fdwapi.h"
#include "nodes/makefuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"

#include "compat.h"
#include "engine/engine.h"

/*
 * Costs, in units of a page read from disk: a request over the network is
 * thousands of them, a record of its answer some hundred tuples' worth.
 */
#define COST_REQUEST 5000.0
#define COST_RECORD 0.5
#define ROWS_UNKNOWN 1000.0

/* GetForeignRelSize */
void
mo_plan_size(PlannerInfo *root, RelOptInfo *rel, Oid relid)
{
	rel->fdw_private = mo_target(relid);
	if (rel->tuples <= 0)
		rel->tuples = ROWS_UNKNOWN;
	set_baserel_size_estimates(root, rel);
}

/* GetForeignPaths: there is one way to read, page after page. */
void
mo_plan_paths(PlannerInfo *root, RelOptInfo *rel, Oid relid)
{
	Cost total = COST_REQUEST + rel->rows * (COST_RECORD + cpu_tuple_cost);

	add_path(rel, (Path *) mo_foreignscan_path(root, rel, rel->rows, COST_REQUEST, total,
											   rel->lateral_relids));
}

/*
 * The rows that will do: the query's LIMIT, if nothing between it and this
 * scan can drop, join, sort or fold rows, and the service drops them all.
 */
static double
useful_limit(PlannerInfo *root, RelOptInfo *rel, bool all_exact)
{
	Query *parse = root->parse;

	if (!all_exact || root->limit_tuples <= 0 ||
		bms_membership(root->all_baserels) == BMS_MULTIPLE || parse->sortClause != NIL ||
		parse->groupClause != NIL || parse->distinctClause != NIL || parse->hasAggs ||
		parse->hasWindowFuncs || parse->hasTargetSRFs || parse->setOperations ||
		parse->rowMarks != NIL || root->hasHavingQual)
		return 0;
	return root->limit_tuples < 1e6 ? root->limit_tuples : 0;
}

/* Columns that the scan has to produce, or check. */
static List *
wanted_columns(PlannerInfo *root, RelOptInfo *rel, List *clauses)
{
	Bitmapset *attrs = NULL;
	List *list = NIL;
	bool whole;

	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &attrs);
	pull_varattnos((Node *) clauses, rel->relid, &attrs);
	whole = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, attrs);
	for (int attno = 1; attno <= rel->max_attr; attno++)
	{
		if (whole || bms_is_member(attno - FirstLowInvalidHeapAttributeNumber, attrs))
			list = lappend_int(list, attno);
	}
	return list;
}

/* GetForeignPlan */
ForeignScan *
mo_plan_scan(PlannerInfo *root, RelOptInfo *rel, Oid relid, ForeignPath *path, List *tlist,
			 List *scan_clauses, Plan *outer)
{
	Target *target = mo_target(relid);
	List *clauses = extract_actual_clauses(scan_clauses, false);
	List *values = NIL;
	List *pushed = NIL;
	bool all_exact = true;
	double limit;
	ListCell *lc;
	List *private;

	mo_pushdown_check(target, relid, rel->relid, clauses);
	mo_pushdown_check_joins(target, relid, root, rel, clauses);
	foreach (lc, clauses)
	{
		Push push;

		mo_pushdown(target, relid, rel->relid, lfirst(lc), &push);
		all_exact = all_exact && push.kind != PUSH_NO && push.exact && !push.coarse;
		if (push.kind == PUSH_NO)
			continue;
		values = lappend(values, push.value);
		pushed = lappend_int(pushed, push.kind);
		pushed = lappend_int(pushed, push.attno);
		pushed = lappend_int(pushed, push.strategy);
		pushed = lappend_int(pushed, push.filter);
		pushed = lappend_int(pushed, push.coarse);
	}
	limit = useful_limit(root, rel, all_exact);
	private = list_make4(wanted_columns(root, rel, clauses), pushed, makeInteger((int) limit),
						 makeBoolean(root->tuple_fraction <= 0 && root->parse->limitCount == NULL));
	return make_foreignscan(tlist, clauses, rel->relid, values, private, NIL, NIL, outer);
}
