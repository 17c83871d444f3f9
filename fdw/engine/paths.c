/*-------------------------------------------------------------------------
 *
 * paths.c
 *	  The ways in which a foreign table can be read.
 *
 * All of it; in the order the query wants, where the service has that order;
 * for one value of a key at a time, as the inner side of a nested loop; and no
 * further than the query's LIMIT.  Nothing here asks the service anything.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "foreign/fdwapi.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "compat.h"
#include "engine/engine.h"

/* Of a scan that would raise, for a condition is missing: any plan that has it is better */
#define COST_IMPOSSIBLE 1.0e12

/* GetForeignRelSize */
void
mo_plan_size(PlannerInfo *root, RelOptInfo *rel, Oid relid)
{
	rel->fdw_private = mo_target(relid);
	mo_estimate_size(root, rel, rel->fdw_private, relid);
}

/*
 * Is the relation one of our tables, read by itself and whatever other tables
 * hold?  Read with its children it is not even planned as ours.
 */
bool
mo_plan_is_ours(RelOptInfo *rel)
{
	return rel->reloptkind == RELOPT_BASEREL && rel->rtekind == RTE_RELATION &&
		   rel->fdwroutine != NULL && rel->fdwroutine->GetForeignPaths == mo_plan_paths &&
		   rel->fdw_private != NULL && rel->lateral_relids == NULL && !IS_DUMMY_REL(rel);
}

/* The table's own column that is a member of the class; 0 = none. */
static AttrNumber
member_column(const EquivalenceClass *class, Index varno)
{
	ListCell *lc;

	if (class->ec_has_volatile)
		return 0;
	foreach (lc, class->ec_members)
	{
		EquivalenceMember *member = lfirst(lc);
		Var *var = (Var *) member->em_expr;

		if (!member->em_is_const && !member->em_is_child && IsA(var, Var) &&
			var->varno == (int) varno && var->varlevelsup == 0 && var->varattno > 0)
			return var->varattno;
	}
	return 0;
}

/* Does the type's order here equal that of numbers and instants anywhere? */
static bool
has_plain_order(Oid type, Oid opfamily)
{
	return (type == INT2OID || type == INT4OID || type == INT8OID || type == TIMESTAMPTZOID) &&
		   lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY)->btree_opf == opfamily;
}

/*
 * The service's order that is that of the sort key, as PATH_ORDER; NIL = none.
 * Records of several passes, windows or parts of a list come in no order.
 */
static List *
find_order(const Target *target, Oid relid, RelOptInfo *rel, PathKey *key)
{
	const Resource *res = target->resource;
	AttrNumber attno = member_column(key->pk_eclass, rel->relid);
	char *name;
	ListCell *lc;

	if (res->orders == NULL || res->passes != NULL || res->range.column != NULL || attno == 0 ||
		!has_plain_order(get_atttype(relid, attno), key->pk_opfamily))
		return NIL;
	foreach (lc, rel->baserestrictinfo)
	{
		Push push;

		mo_pushdown(target, relid, rel->relid, ((RestrictInfo *) lfirst(lc))->clause, &push);
		if (push.kind == PUSH_LIST)
			return NIL;
	}
	name = get_attname(relid, attno, false);
	for (int i = 0; res->orders[i].column != NULL; i++)
	{
		if (strcmp(res->orders[i].column, name) == 0 && mo_pushdown_is_plain(target, relid, attno))
			return list_make3_int(attno, i, mo_pathkey_descends(key));
	}
	return NIL;
}

/* One way more for a query that wants an order the service has. */
static void
add_ordered_path(PlannerInfo *root, RelOptInfo *rel, const Target *target, Oid relid,
				 Cost startup, Cost total)
{
	List *order;

	if (root->query_pathkeys == NIL)
		return;
	order = find_order(target, relid, rel, linitial(root->query_pathkeys));
	if (order != NIL)
		add_path(rel, (Path *) mo_foreignscan_path(
						  root, rel, rel->rows, startup, total,
						  list_make1(linitial(root->query_pathkeys)), rel->lateral_relids,
						  list_make1(makeDefElem(PATH_ORDER, (Node *) order, -1))));
}

/* For generate_implied_equalities_for_column(): is it the column? */
static bool
is_column(PlannerInfo *root, RelOptInfo *rel, EquivalenceClass *class, EquivalenceMember *member,
		  void *arg)
{
	Var *var = (Var *) member->em_expr;

	while (IsA(var, RelabelType))
		var = (Var *) ((RelabelType *) var)->arg;
	return IsA(var, Var) && var->varno == (int) rel->relid && var->varattno == *(int *) arg;
}

/* Clauses that compare a key of the table with a column of another one. */
static List *
join_clauses(PlannerInfo *root, RelOptInfo *rel, const Target *target, Oid relid)
{
	List *infos = NIL;
	ListCell *lc;

	foreach (lc, rel->joininfo)
	{
		if (join_clause_is_movable_to(lfirst(lc), rel))
			infos = lappend(infos, lfirst(lc));
	}
	for (int attno = 1; rel->has_eclass_joins && attno <= rel->max_attr; attno++)
	{
		if (!bms_is_empty(rel->attr_needed[attno - rel->min_attr]))
			infos = list_concat(infos, generate_implied_equalities_for_column(
										   root, rel, is_column, &attno,
										   rel->lateral_referencers));
	}
	return infos;
}

/* One way for each set of other tables that a key of this one can come from. */
static void
add_keyed_paths(PlannerInfo *root, RelOptInfo *rel, const Target *target, Oid relid)
{
	List *wanted = NIL;
	ListCell *lc;

	foreach (lc, join_clauses(root, rel, target, relid))
	{
		RestrictInfo *info = lfirst(lc);
		Relids outer;
		Push push;

		if (!mo_pushdown_key(target, relid, rel->relid, info->clause, &push))
			continue;
		outer = bms_union(info->clause_relids, rel->lateral_relids);
		outer = bms_del_member(outer, rel->relid);
		if (!bms_is_empty(outer))
			wanted = list_append_unique_ptr(wanted, get_baserel_parampathinfo(root, rel, outer));
	}
	foreach (lc, wanted)
	{
		ParamPathInfo *param = lfirst(lc);
		List *infos = list_concat_copy(param->ppi_clauses, rel->baserestrictinfo);
		double fetched = mo_estimate_fetched(root, rel, target, relid, infos);
		Cost startup;
		Cost total;

		if (fetched <= 1)
			param->ppi_rows = 1;
		mo_estimate_cost(target, fetched, 1, &startup, &total);
		if (!mo_pushdown_is_complete(target, relid, root, rel,
									 extract_actual_clauses(infos, false)))
			total += COST_IMPOSSIBLE;
		add_path(rel, (Path *) mo_foreignscan_path(root, rel, param->ppi_rows, startup, total, NIL,
												   param->ppi_req_outer, NIL));
	}
}

/* GetForeignPaths */
void
mo_plan_paths(PlannerInfo *root, RelOptInfo *rel, Oid relid)
{
	Target *target = rel->fdw_private;
	List *clauses = extract_actual_clauses(rel->baserestrictinfo, false);
	double fetched = mo_estimate_fetched(root, rel, target, relid, rel->baserestrictinfo);
	Cost startup;
	Cost total;

	mo_estimate_cost(target, fetched, 1, &startup, &total);
	if (!mo_pushdown_is_complete(target, relid, root, rel, clauses))
		total += COST_IMPOSSIBLE;
	add_path(rel, (Path *) mo_foreignscan_path(root, rel, rel->rows, startup, total, NIL,
											   rel->lateral_relids, NIL));
	add_ordered_path(root, rel, target, relid, startup, total);
	add_keyed_paths(root, rel, target, relid);
}

/* Would the service return just the rows of the query, so that counting them counts those? */
static bool
all_exact(const Target *target, Oid relid, RelOptInfo *rel)
{
	ListCell *lc;

	foreach (lc, rel->baserestrictinfo)
	{
		RestrictInfo *info = lfirst(lc);
		Push push;

		mo_pushdown(target, relid, rel->relid, info->clause, &push);
		if (info->pseudoconstant || !push.exact)
			return false;
	}
	return true;
}

/* Nothing but a LIMIT, and perhaps an order, lies between the scan and the result. */
static bool
is_plain_limit(PlannerInfo *root)
{
	Query *parse = root->parse;

	return parse->commandType == CMD_SELECT && parse->limitOption == LIMIT_OPTION_COUNT &&
		   parse->limitCount != NULL && parse->rowMarks == NIL && !parse->hasTargetSRFs &&
		   !parse->hasAggs && !parse->hasWindowFuncs && parse->groupClause == NIL &&
		   parse->groupingSets == NIL && parse->distinctClause == NIL && !root->hasHavingQual &&
		   parse->setOperations == NULL && bms_membership(root->all_baserels) == BMS_SINGLETON &&
		   !contain_volatile_functions(parse->limitCount) &&
		   !contain_volatile_functions(parse->limitOffset) &&
		   !contain_subplans(parse->limitCount) && !contain_subplans(parse->limitOffset);
}

/* The scan beneath a path that at most computes the result's columns from its rows. */
static ForeignPath *
scan_of_path(Path *path)
{
	while (IsA(path, ProjectionPath))
		path = ((ProjectionPath *) path)->subpath;
	return IsA(path, ForeignPath) ? (ForeignPath *) path : NULL;
}

/*
 * GetForeignUpperPaths: a scan that ends by itself where the query's LIMIT
 * does, and leaves out its OFFSET.  Only when the service applies every
 * condition exactly and has the order: then the number of rows to ask for is
 * known, even if it is a parameter.  The scan counts rows that pass all
 * conditions here, so it cannot give too few.
 */
void
mo_plan_upper_paths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
					RelOptInfo *output, void *extra)
{
	FinalPathExtraData *final = extra;
	RelOptInfo *rel;
	Target *target;
	Oid relid;
	ListCell *lc;

	if (stage == UPPERREL_GROUP_AGG)
		mo_aggregate_paths(root, input, output, extra);
	if (stage != UPPERREL_FINAL || !final->limit_needed || !is_plain_limit(root))
		return;
	rel = find_base_rel(root, bms_singleton_member(root->all_baserels));
	if (!mo_plan_is_ours(rel))
		return;
	relid = root->simple_rte_array[rel->relid]->relid;
	target = rel->fdw_private;
	if (!all_exact(target, relid, rel))
		return;
	foreach (lc, input->pathlist)
	{
		Path *path = lfirst(lc);
		ForeignPath *scan = scan_of_path(path);
		ForeignPath *bounded;
		List *private;
		double rows = path->rows;
		Cost startup = path->startup_cost;
		Cost total = path->total_cost;
		Cost own;

		if (scan == NULL || scan->path.parent != rel || scan->path.param_info != NULL ||
			!pathkeys_contained_in(root->sort_pathkeys, path->pathkeys))
			continue;
		private = lappend(list_copy(scan->fdw_private),
						  makeDefElem(PATH_COUNT, root->parse->limitCount, -1));
		if (root->parse->limitOffset != NULL)
		private = lappend(private, makeDefElem(PATH_OFFSET, root->parse->limitOffset, -1));
		/* no dearer than the same scan under a LIMIT, and one node less */
		adjust_limit_rows_costs(&rows, &startup, &total, final->offset_est, final->count_est);
		mo_estimate_cost(target, final->limit_tuples >= 0 ? final->limit_tuples : rows, 1, &startup,
						 &own);
		bounded = mo_foreignscan_path(root, rel, rows, startup,
									  Max(Min(total, own) - cpu_operator_cost, startup),
									  path->pathkeys, NULL, private);
		bounded->path.pathtarget = path->pathtarget;
		add_path(output, (Path *) bounded);
	}
}
