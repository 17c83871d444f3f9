/*-------------------------------------------------------------------------
 *
 * lookup.c
 *	  Plan joins that ask the service for many keys at once.
 *
 * PostgreSQL's nested loop asks for one key after the other: a request for
 * each row.  A lookup reads some rows of its outer side, asks the service once
 * for all their keys, and joins what comes with them.  Its inner side is an
 * ordinary scan of the foreign table with one list of values more, which the
 * lookup hands over.
 *
 * All conditions of the join are checked here; the key only decides what is
 * asked for.  Rows come in the order of the outer side.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "foreign/fdwapi.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "compat.h"
#include "engine/lookup.h"

static bool lookup_enabled = true;
static set_join_pathlist_hook_type previous_hook = NULL;

static Plan *plan_lookup(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist,
						 List *clauses, List *plans);

static const CustomPathMethods path_methods = {LOOKUP_NAME, .PlanCustomPath = plan_lookup};

/* What a path for a lookup is made from */
typedef struct LookupFacts
{
	RelOptInfo *inner;
	Oid relid;
	Target *target;
	Push key;
} LookupFacts;

/* Is the relation one of our tables, free of what a scan for some keys would upset? */
static bool
is_fit(RelOptInfo *rel)
{
	ListCell *lc;

	if (!mo_plan_is_ours(rel))
		return false;
	foreach (lc, rel->baserestrictinfo)
	{
		if (((RestrictInfo *) lfirst(lc))->pseudoconstant)
			return false;
	}
	return true;
}

static bool
is_join_we_know(JoinType type)
{
	return type == JOIN_INNER || type == JOIN_SEMI || type == JOIN_ANTI ||
		   (type == JOIN_LEFT && !MO_MARKS_NULLED_COLUMNS);
}

/* The condition whose values the service takes many of at once; false = none. */
static bool
find_key(LookupFacts *facts, RelOptInfo *joinrel, RelOptInfo *outer, JoinType type, List *infos)
{
	bool found = false;
	ListCell *lc;

	foreach (lc, infos)
	{
		RestrictInfo *info = lfirst(lc);
		Push push;

		if (info->pseudoconstant)
			return false;
		if (found || (IS_OUTER_JOIN(type) && RINFO_IS_PUSHED_DOWN(info, joinrel->relids)) ||
			!bms_is_member(facts->inner->relid, info->clause_relids) ||
			!bms_overlap(info->clause_relids, outer->relids) ||
			!mo_pushdown_lookup(facts->target, facts->relid, facts->inner->relid, info->clause,
								&push))
			continue;
		facts->key = push;
		found = true;
	}
	return found;
}

/* The scan for the keys of "rows" outer rows; not one that stands for itself. */
static Path *
inner_path(PlannerInfo *root, LookupFacts *facts, double rows)
{
	RelOptInfo *inner = facts->inner;
	const Filter *filter = &facts->target->resource->filters[facts->key.filter];
	double keys = estimate_num_groups(root, list_make1(facts->key.value), rows, NULL, NULL);
	double all = mo_estimate_fetched(root, inner, facts->target, facts->relid,
									 inner->baserestrictinfo);
	bool is_key =
		mo_estimate_is_key(facts->target, get_attname(facts->relid, facts->key.attno, false));
	double each = is_key ? 1 : Max(1, all / DEFAULT_NUM_DISTINCT);
	double fetched = Min(keys * each, all);
	Cost startup;
	Cost total;

	mo_estimate_cost(facts->target, fetched, ceil(keys / filter->most), &startup, &total);
	return (Path *) mo_foreignscan_path(
		root, inner, clamp_row_est(fetched), startup, total, NIL, NULL,
		list_make1(makeDefElem(PATH_LOOKUP,
							   (Node *) list_make2_int(facts->key.attno, facts->key.filter), -1)));
}

/* The quals that decide whether rows match, and those that sift the result. */
static void
split_quals(CustomPath *path, JoinType type, List **joining, List **sifting)
{
	List *infos = path->custom_private;

	infos = list_copy_tail(infos, 2);
	if (IS_OUTER_JOIN(type))
		extract_actual_join_clauses(infos, path->path.parent->relids, joining, sifting);
	else
	{
		*joining = extract_actual_clauses(infos, false);
		*sifting = NIL;
	}
}

/* Offer lookups, with each way to read the outer side. */
static void
add_lookups(PlannerInfo *root, RelOptInfo *joinrel, RelOptInfo *outer, LookupFacts *facts,
			JoinType type, List *infos)
{
	ListCell *lc;

	foreach (lc, outer->pathlist)
	{
		Path *from = lfirst(lc);
		Path *inner;
		CustomPath *path;

		if (from->param_info != NULL)
			continue;
		inner = inner_path(root, facts, from->rows);
		path = makeNode(CustomPath);
		path->path.pathtype = T_CustomScan;
		path->path.parent = joinrel;
		path->path.pathtarget = joinrel->reltarget;
		path->path.rows = joinrel->rows;
		path->path.startup_cost = from->startup_cost + inner->startup_cost;
		path->path.total_cost = from->total_cost + inner->total_cost +
								cpu_tuple_cost * (from->rows + inner->rows + joinrel->rows);
		path->path.pathkeys = build_join_pathkeys(root, joinrel, type, from->pathkeys);
		path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
		path->custom_paths = list_make2(from, inner);
		path->custom_private =
			lcons(makeInteger(type), lcons(facts->key.value, list_copy(infos)));
		path->methods = &path_methods;
		add_path(joinrel, (Path *) path);
	}
}

/* set_join_pathlist_hook */
static void
consider_lookup(PlannerInfo *root, RelOptInfo *joinrel, RelOptInfo *outer, RelOptInfo *inner,
				JoinType type, JoinPathExtraData *extra)
{
	LookupFacts facts = {inner};

	if (previous_hook != NULL)
		previous_hook(root, joinrel, outer, inner, type, extra);
	/* conditions of a security barrier have to come first: that order is not kept here */
	if (!lookup_enabled || !is_join_we_know(type) || !is_fit(inner) ||
		joinrel->lateral_relids != NULL || root->qual_security_level > 0)
		return;
	facts.relid = root->simple_rte_array[inner->relid]->relid;
	facts.target = inner->fdw_private;
	if (find_key(&facts, joinrel, outer, type, extra->restrictlist))
		add_lookups(root, joinrel, outer, &facts, type, extra->restrictlist);
}

/* The place of the foreign table's column in what its scan gives, from 1. */
static int
place_of_key(List *tlist, Index varno, AttrNumber attno)
{
	ListCell *lc;

	foreach (lc, tlist)
	{
		TargetEntry *entry = lfirst(lc);
		Var *var = (Var *) entry->expr;

		if (IsA(var, Var) && var->varno == (int) varno && var->varattno == attno)
			return entry->resno;
	}
	elog(ERROR, "the key of a lookup is not among the columns of its scan");
}

/* What the join is made of: columns of the outer side, then of the inner one. */
static List *
joined_columns(List *plans)
{
	List *columns = NIL;
	ListCell *plan;
	ListCell *lc;

	foreach (plan, plans)
	{
		foreach (lc, ((Plan *) lfirst(plan))->targetlist)
			columns = lappend(columns,
							  makeTargetEntry(copyObject(((TargetEntry *) lfirst(lc))->expr),
											  list_length(columns) + 1, NULL, false));
	}
	return columns;
}

/* PlanCustomPath */
static Plan *
plan_lookup(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist, List *clauses,
			List *plans)
{
	CustomScan *scan = makeNode(CustomScan);
	JoinType type = intVal(linitial(path->custom_private));
	Plan *outer = linitial(plans);
	ForeignScan *inner = lsecond_node(ForeignScan, plans);
	List *lookup = list_nth(inner->fdw_private, PLAN_LOOKUP);
	AttrNumber attno = linitial_int(lookup);
	Target *target = ((Path *) lsecond(path->custom_paths))->parent->fdw_private;
	List *joining;
	List *sifting;

	split_quals(path, type, &joining, &sifting);
	scan->scan.plan.targetlist = tlist;
	scan->scan.plan.qual = sifting;
	scan->flags = path->flags;
	scan->custom_plans = plans;
	scan->custom_scan_tlist = joined_columns(plans);
	scan->custom_exprs = list_make2(joining, lsecond(path->custom_private));
	scan->custom_private = list_make5_int(
		type, list_length(outer->targetlist),
		place_of_key(inner->scan.plan.targetlist, inner->scan.scanrelid, attno),
		target->resource->filters[lsecond_int(lookup)].most,
		root->tuple_fraction <= 0 && root->parse->limitCount == NULL);
	scan->methods = &mo_lookup_methods;
	return (Plan *) scan;
}

/* At load of the module: the hook, the node, the setting. */
void
mo_lookup_init(void)
{
	DefineCustomBoolVariable("momentum.enable_lookup",
							 "Joins may ask a service for many keys at once.",
							 "Else each row of the other side is a request of its own, or the"
							 " whole table is read.",
							 &lookup_enabled, true, PGC_USERSET, 0, NULL, NULL, NULL);
	RegisterCustomScanMethods(&mo_lookup_methods);
	previous_hook = set_join_pathlist_hook;
	set_join_pathlist_hook = consider_lookup;
}
