/*-------------------------------------------------------------------------
 *
 * plan.c
 *	  Make a path into a plan.
 *
 * What goes into the plan is copyable data: numbers of columns, of filters,
 * and expressions for the values, which the executor evaluates.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"

#include "engine/engine.h"

/* What a path's fdw_private says of something, or NULL. */
static Node *
path_private(List *private, const char *name)
{
	ListCell *lc;

	foreach (lc, private)
	{
		DefElem *def = lfirst(lc);

		if (strcmp(def->defname, name) == 0)
			return def->arg;
	}
	return NULL;
}

/*
 * The rows that will do: the query's LIMIT, if nothing between it and this
 * scan can drop, join, sort or fold rows, and the service drops them all.
 */
static double
useful_limit(PlannerInfo *root, RelOptInfo *rel, Path *path, bool all_exact)
{
	Query *parse = root->parse;

	if (!all_exact || root->limit_tuples <= 0 ||
		bms_membership(root->all_baserels) == BMS_MULTIPLE ||
		!pathkeys_contained_in(root->sort_pathkeys, path->pathkeys) ||
		parse->groupClause != NIL || parse->distinctClause != NIL || parse->hasAggs ||
		parse->hasWindowFuncs || parse->hasTargetSRFs || parse->setOperations ||
		parse->rowMarks != NIL || root->hasHavingQual)
		return 0;
	return root->limit_tuples < 1e6 ? root->limit_tuples : 0;
}

/* Columns that the scan has to produce, or check. */
static List *
wanted_columns(RelOptInfo *rel, Path *path, List *clauses, List *order)
{
	Bitmapset *attrs = NULL;
	List *list = NIL;
	bool whole;

	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &attrs);
	pull_varattnos((Node *) path->pathtarget->exprs, rel->relid, &attrs);
	pull_varattnos((Node *) clauses, rel->relid, &attrs);
	if (order != NIL)
		attrs = bms_add_member(attrs, linitial_int(order) - FirstLowInvalidHeapAttributeNumber);
	whole = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, attrs);
	for (int attno = 1; attno <= rel->max_attr; attno++)
	{
		if (whole || bms_is_member(attno - FirstLowInvalidHeapAttributeNumber, attrs))
			list = lappend_int(list, attno);
	}
	return list;
}

static void
add_pushed(List **pushed, List **values, const Push *push)
{
	*values = lappend(*values, push->value);
	*pushed = lappend_int(*pushed, push->kind);
	*pushed = lappend_int(*pushed, push->attno);
	*pushed = lappend_int(*pushed, push->strategy);
	*pushed = lappend_int(*pushed, push->filter);
	*pushed = lappend_int(*pushed, push->coarse);
}

/* LIMIT and OFFSET of a scan that ends by itself. */
static void
add_bounds(List **pushed, List **values, ForeignPath *path)
{
	Push push = {PUSH_COUNT};

	push.value = (Expr *) path_private(path->fdw_private, PATH_COUNT);
	if (push.value == NULL)
		return;
	add_pushed(pushed, values, &push);
	push.kind = PUSH_OFFSET;
	push.value = (Expr *) path_private(path->fdw_private, PATH_OFFSET);
	if (push.value != NULL)
		add_pushed(pushed, values, &push);
}

/*
 * Conditions that a summary's records cannot be checked for: the service has
 * applied them.  They are taken out of "clauses".
 */
static List *
settled_clauses(const Target *target, Oid relid, RelOptInfo *rel, Node *summary, List **clauses)
{
	List *kept = NIL;
	List *settled = NIL;
	ListCell *lc;

	if (summary == NULL)
		return NIL;
	foreach (lc, *clauses)
	{
		if (mo_aggregate_keeps(target, &target->resource->summaries[intVal(summary)], relid,
							   rel->relid, lfirst(lc)))
			kept = lappend(kept, lfirst(lc));
		else
			settled = lappend(settled, lfirst(lc));
	}
	*clauses = kept;
	return settled;
}

/* GetForeignPlan */
ForeignScan *
mo_plan_scan(PlannerInfo *root, RelOptInfo *rel, Oid relid, ForeignPath *path, List *tlist,
			 List *scan_clauses, Plan *outer)
{
	Target *target = rel->fdw_private;
	List *clauses = extract_actual_clauses(scan_clauses, false);
	List *order = (List *) path_private(path->fdw_private, PATH_ORDER);
	List *lookup = (List *) path_private(path->fdw_private, PATH_LOOKUP);
	Node *summary = path_private(path->fdw_private, PATH_SUMMARY);
	List *settled;
	List *values = NIL;
	List *pushed = NIL;
	bool all_exact = true;
	bool eager;
	double limit;
	double fetched = -1;
	ListCell *lc;
	List *private;

	mo_pushdown_check(target, relid, rel->relid, clauses);
	mo_pushdown_check_joins(target, relid, root, rel, clauses);
	foreach (lc, clauses)
	{
		Push push;

		mo_pushdown(target, relid, rel->relid, lfirst(lc), &push);
		all_exact = all_exact && push.exact;
		if (push.kind != PUSH_NO)
			add_pushed(&pushed, &values, &push);
	}
	add_bounds(&pushed, &values, path);
	limit = useful_limit(root, rel, &path->path, all_exact);
	/* a lookup reads all that comes for its keys, however little the query needs */
	eager = lookup != NIL || (root->tuple_fraction <= 0 && root->parse->limitCount == NULL);
	private = list_make4(wanted_columns(rel, &path->path, clauses, order), pushed,
						 makeInteger((int) limit), makeBoolean(eager));
	private = lappend(private, order);
	private = lappend(private, lookup);
	private = lappend(private, summary);
	if (lookup == NIL && summary == NULL)
		fetched = mo_estimate_fetched(root, rel, target, relid, scan_clauses);
	private = lappend(private, makeFloat(psprintf("%.0f", fetched)));
	settled = settled_clauses(target, relid, rel, summary, &clauses);
	return make_foreignscan(tlist, clauses, rel->relid, values, private, NIL, settled, outer);
}
