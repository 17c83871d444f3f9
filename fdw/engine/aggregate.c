/*-------------------------------------------------------------------------
 *
 * aggregate.c
 *	  Aggregates of what the service has added up already.
 *
 * The aggregate stays in the plan, and beneath it a scan whose records stand
 * for many rows of the table: a count returns that many rows without a value,
 * a total is one row with the sum in place of the summands.  So whatever the
 * aggregate means for nothing, for types, for HAVING holds as ever, and it does
 * not matter into how many requests the days or a list had to be divided.
 *
 * Nothing can be checked again in what has been added up.  The planner takes
 * such a scan only if the service applies each condition exactly; where a
 * value turns out in the run to be one it cannot be asked exactly for, the rows
 * are read after all (summary.c).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_aggregate.h"
#include "foreign/fdwapi.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/prep.h"
#include "optimizer/tlist.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "compat.h"
#include "engine/engine.h"

static bool aggregate_enabled = true;

/* What an expression is held against */
typedef struct Wanted
{
	const Target *target;
	const Summary *summary;
	Oid relid;
	Index varno;
	int aggregates; /* found so far */
} Wanted;

static bool
is_named(const char *const *names, const char *name)
{
	for (; names != NULL && *names != NULL; names++)
	{
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

/* Is it one of these columns of the table, as the service has it? */
static bool
is_column_of(const Wanted *wanted, Node *node, const char *const *names)
{
	Var *var = (Var *) node;

	return IsA(node, Var) && var->varno == (int) wanted->varno && var->varlevelsup == 0 &&
		   var->varattno > 0 &&
		   mo_pushdown_is_plain(wanted->target, wanted->relid, var->varattno) &&
		   is_named(names, get_attname(wanted->relid, var->varattno, false));
}

/* Does the unit of the summary lie within the one of date_trunc()? */
static bool
is_within(const char *unit, const char *of)
{
	static const char *const months[] = {
		"month", "quarter", "year", "decade", "century", "millennium", NULL};

	if (strcmp(unit, "month") == 0)
		return is_named(months, of);
	if (strcmp(unit, "year") == 0)
		return is_named(months + 2, of);
	return strcmp(unit, of) == 0;
}

/*
 * date_trunc('month', day): the same for all days of a month.  The casts go
 * from the day to its midnight in the session's zone, or in none, and there
 * date_trunc() is of the same calendar.
 */
static bool
is_truncated_day(const Wanted *wanted, Node *node)
{
	FuncExpr *call = (FuncExpr *) node;
	const char *const days[] = {wanted->target->resource->range.column, NULL};
	Const *unit;
	FuncExpr *cast;

	if (wanted->summary->unit == NULL || days[0] == NULL || !IsA(node, FuncExpr) ||
		(call->funcid != F_DATE_TRUNC_TEXT_TIMESTAMPTZ &&
		 call->funcid != F_DATE_TRUNC_TEXT_TIMESTAMP))
		return false;
	unit = linitial(call->args);
	cast = lsecond(call->args);
	return IsA(unit, Const) && !unit->constisnull && IsA(cast, FuncExpr) &&
		   (cast->funcid == F_TIMESTAMPTZ_DATE || cast->funcid == F_TIMESTAMP_DATE) &&
		   is_column_of(wanted, linitial(cast->args), days) &&
		   is_within(wanted->summary->unit, TextDatumGetCString(unit->constvalue));
}

/* Does the aggregate come out the same? */
static bool
is_added_up(const Wanted *wanted, Aggref *agg)
{
	TargetEntry *arg = agg->args != NIL ? linitial(agg->args) : NULL;

	if (agg->agglevelsup != 0 || agg->aggkind != AGGKIND_NORMAL || agg->aggdistinct != NIL ||
		agg->aggorder != NIL || agg->aggfilter != NULL || agg->aggdirectargs != NIL)
		return false;
	if (wanted->summary->count != NULL)
		return agg->aggfnoid == F_COUNT_;
	return (agg->aggfnoid == F_SUM_INT2 || agg->aggfnoid == F_SUM_INT4 ||
			agg->aggfnoid == F_SUM_INT8 || agg->aggfnoid == F_SUM_NUMERIC) &&
		   is_column_of(wanted, (Node *) arg->expr, wanted->summary->sums);
}

/* Walker: true when something in the expression needs the rows themselves. */
static bool
needs_rows(Node *node, void *context)
{
	Wanted *wanted = context;

	if (node == NULL)
		return false;
	if (IsA(node, Aggref))
	{
		wanted->aggregates++;
		return !is_added_up(wanted, (Aggref *) node);
	}
	if (is_truncated_day(wanted, node))
		return false;
	if (IsA(node, Var))
		return ((Var *) node)->varlevelsup == 0 &&
			   !is_column_of(wanted, node, wanted->summary->keep);
	if (IsA(node, PlaceHolderVar) || IsA(node, SubLink))
		return true;
	return expression_tree_walker(node, needs_rows, context);
}

/* Are all columns of the condition kept in the summary, so that it can be checked there? */
bool
mo_aggregate_keeps(const Target *target, const Summary *summary, Oid relid, Index varno,
				   Node *clause)
{
	Wanted wanted = {target, summary, relid, varno, 0};
	List *vars = pull_var_clause(clause, PVC_RECURSE_PLACEHOLDERS);
	ListCell *lc;

	foreach (lc, vars)
	{
		if (!is_column_of(&wanted, lfirst(lc), summary->keep))
			return false;
	}
	return vars != NIL;
}

/* Are the conditions applied by the service, or fit to be checked on its totals? */
static bool
conditions_fit(const Wanted *wanted, RelOptInfo *rel)
{
	ListCell *lc;

	foreach (lc, rel->baserestrictinfo)
	{
		RestrictInfo *info = lfirst(lc);
		Push push;

		mo_pushdown(wanted->target, wanted->relid, wanted->varno, info->clause, &push);
		if (info->pseudoconstant || (wanted->summary->all && push.kind != PUSH_NO))
			return false;
		if (!push.exact &&
			!mo_aggregate_keeps(wanted->target, wanted->summary, wanted->relid, wanted->varno,
								(Node *) info->clause))
			return false;
	}
	return true;
}

/* Does the query come out the same if it is fed with this summary? */
static bool
summary_fits(Wanted *wanted, PlannerInfo *root, RelOptInfo *rel, List *groups, Node *having)
{
	PathTarget *target = root->upper_targets[UPPERREL_GROUP_AGG];

	wanted->aggregates = 0;
	return conditions_fit(wanted, rel) && !needs_rows((Node *) target->exprs, wanted) &&
		   !needs_rows((Node *) groups, wanted) && !needs_rows(having, wanted) &&
		   wanted->aggregates > 0;
}

/* Put the aggregate above a scan of the summary. */
static void
add_summary_path(PlannerInfo *root, RelOptInfo *rel, RelOptInfo *input, RelOptInfo *output,
				 const Target *target, int summary, List *groups, GroupPathExtraData *extra)
{
	bool counted = target->resource->summaries[summary].count != NULL;
	double ngroups = groups == NIL ? 1 : estimate_num_groups(root, groups, rel->rows, NULL, NULL);
	double records = counted ? 1 : clamp_row_est(ngroups);
	double rows = counted ? rel->rows : records;
	const Path *rows_path = input->cheapest_total_path;
	AggClauseCosts costs;
	ForeignPath *scan;
	Cost startup;
	Cost total;

	/*
	 * It takes no more requests than the rows would.  How many windows of days
	 * those need is not known here, so it is taken for half of theirs at most.
	 */
	mo_estimate_cost(target, records, 1, &startup, &total);
	startup = Min(startup, rows_path->startup_cost) / 2;
	total = Max(Min(total, rows_path->total_cost) / 2, startup) + cpu_tuple_cost * rows;
	scan = mo_foreignscan_path(root, rel, rows, startup, total, NIL, NULL,
							   list_make1(makeDefElem(PATH_SUMMARY,
													  (Node *) makeInteger(summary), -1)));
	scan->path.pathtarget = input->reltarget;
	MemSet(&costs, 0, sizeof(costs));
	get_agg_clause_costs(root, AGGSPLIT_SIMPLE, &costs);
	add_path(output, (Path *) create_agg_path(root, output, (Path *) scan, output->reltarget,
											  groups == NIL ? AGG_PLAIN : AGG_HASHED,
											  AGGSPLIT_SIMPLE, mo_group_clause(root),
											  (List *) extra->havingQual, &costs, ngroups));
}

/* Is the aggregate over one of our tables, all of it, and groups by hashing? */
static bool
is_over_ours(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output, GroupPathExtraData *extra)
{
	Query *parse = root->parse;

	return mo_plan_is_ours(input) && output->reloptkind == RELOPT_UPPER_REL &&
		   extra->patype == PARTITIONWISE_AGGREGATE_NONE && parse->hasAggs &&
		   parse->groupingSets == NIL && parse->rowMarks == NIL && !parse->hasTargetSRFs &&
		   grouping_is_hashable(mo_group_clause(root));
}

/*
 * GetForeignUpperPaths for grouping: the aggregate over the first summary of
 * the table that it comes out the same with.
 */
void
mo_aggregate_paths(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output,
				   GroupPathExtraData *extra)
{
	List *groups;
	Wanted wanted = {0};

	if (!aggregate_enabled || !is_over_ours(root, input, output, extra))
		return;
	wanted.relid = root->simple_rte_array[input->relid]->relid;
	wanted.varno = input->relid;
	wanted.target = input->fdw_private;
	groups = get_sortgrouplist_exprs(mo_group_clause(root), root->parse->targetList);
	for (int i = 0; wanted.target->resource->summaries != NULL &&
					wanted.target->resource->summaries[i].resource != NULL;
		 i++)
	{
		wanted.summary = &wanted.target->resource->summaries[i];
		if (!summary_fits(&wanted, root, input, groups, extra->havingQual))
			continue;
		add_summary_path(root, input, input, output, wanted.target, i, groups, extra);
		return;
	}
}

/* Module load: the setting. */
void
mo_aggregate_init(void)
{
	DefineCustomBoolVariable("momentum.enable_aggregate",
							 "Aggregates may be made of what a service has added up.",
							 "Else all rows are read, and added up here.", &aggregate_enabled, true,
							 PGC_USERSET, 0, NULL, NULL, NULL);
}
