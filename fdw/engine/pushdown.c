/*-------------------------------------------------------------------------
 *
 * pushdown.c
 *	  Which conditions the service can be asked to apply.
 *
 * A condition goes out when it compares a column with something known before
 * the scan, by an operator the connector declares.  All conditions are
 * checked again on our side, so a declared exactness only decides how much is
 * asked for, never what is returned.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "utils/lsyscache.h"
#include "utils/pg_locale.h"
#include "utils/typcache.h"

#include "engine/engine.h"

static const char *const strategy_names[] = {NULL, "<", "<=", "=", ">=", ">"};

static Var *
plain_var(Node *node, Index varno)
{
	while (IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	if (IsA(node, Var) && ((Var *) node)->varno == (int) varno &&
		((Var *) node)->varlevelsup == 0 && ((Var *) node)->varattno > 0)
		return (Var *) node;
	return NULL;
}

/* Known before the scan starts: no column of any table, nothing volatile. */
static bool
is_known(Node *node)
{
	return !contain_var_clause(node) && !contain_volatile_functions(node) &&
		   !contain_subplans(node);
}

/* btree strategy of the operator for the column's type, 0 = none */
static int
strategy_of(Oid opno, Oid type)
{
	TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY);

	if (!OidIsValid(entry->btree_opf))
		return 0;
	return get_op_opfamily_strategy(opno, entry->btree_opf);
}

static bool
is_time(Oid type)
{
	return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

static bool
is_integer(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

/*
 * The value as the column's type.  A finer time against a date column is cut
 * to its day: then the bound is coarse, and may only be used inclusively.
 */
static Expr *
as_column_type(Node *value, Oid type, int32 typmod, bool *coarse)
{
	Oid from = exprType(value);

	*coarse = false;
	if (from == type || (type == TEXTOID && from == VARCHAROID))
		return (Expr *) value;
	if (is_integer(from) && is_integer(type))
		return (Expr *) value;
	if (is_time(from) && is_time(type))
	{
		*coarse = type == DATEOID;
		return (Expr *) coerce_to_target_type(NULL, copyObject(value), from, type, typmod,
											  COERCION_EXPLICIT, COERCE_EXPLICIT_CAST, -1);
	}
	return NULL;
}

static bool
find_place(const Target *target, const Column *col, const char *op, Push *push)
{
	const Resource *res = target->resource;

	if (res->range.column != NULL && strcmp(res->range.column, col->name) == 0)
	{
		push->kind = PUSH_RANGE;
		push->exact = true;
		return true;
	}
	if (push->coarse)
		return false;
	if ((col->flags & COL_PARAM) && strcmp(op, "=") == 0)
	{
		push->kind = PUSH_PARAM;
		push->exact = true;
		return true;
	}
	for (int i = 0; res->filters != NULL && res->filters[i].column != NULL; i++)
	{
		if (strcmp(res->filters[i].column, col->name) == 0 && strcmp(res->filters[i].op, op) == 0)
		{
			push->kind = PUSH_FILTER;
			push->filter = i;
			push->exact = res->filters[i].exact == EXACT;
			return true;
		}
	}
	return false;
}

/* "c" and "NOT c" of a Boolean column, which the planner makes of "c = true" and "c = false" */
static OpExpr *
as_comparison(Expr *clause, Index varno)
{
	bool is = !is_notclause(clause);
	Node *arg = is ? (Node *) clause : (Node *) get_notclausearg(clause);

	if (IsA(clause, OpExpr))
		return (OpExpr *) clause;
	if (plain_var(arg, varno) == NULL || exprType(arg) != BOOLOID)
		return NULL;
	return (OpExpr *) make_opclause(BooleanEqualOperator, BOOLOID, false, (Expr *) arg,
									(Expr *) makeBoolConst(is, false), InvalidOid, InvalidOid);
}

/*
 * Does the condition speak of a parameter that the service would be asked
 * about with a default, so that rows it is meant for would never be read?
 */
static const Column *
defaulted_param(const Target *target, Oid relid, Index varno, Expr *clause)
{
	List *vars = pull_var_clause((Node *) clause, PVC_RECURSE_PLACEHOLDERS);
	ListCell *lc;

	foreach (lc, vars)
	{
		Var *var = lfirst(lc);
		const Column *col;

		if (var->varno != (int) varno || var->varattno <= 0)
			continue;
		col = mo_target_column(target->resource, get_attname(relid, var->varattno, false));
		if (col != NULL && (col->flags & COL_PARAM) &&
			mo_option_get(target->connector, target->options, col->name) != NULL)
			return col;
	}
	return NULL;
}

/*
 * Refuse conditions that cannot be asked on parameters that have a default:
 * checked here only, they would hide that most rows were never read.
 */
void
mo_pushdown_check(const Target *target, Oid relid, Index varno, List *clauses)
{
	List *asked = NIL;
	ListCell *lc;

	foreach (lc, clauses)
	{
		Push push;

		mo_pushdown(target, relid, varno, lfirst(lc), &push);
		if (push.kind == PUSH_PARAM)
			asked = lappend(asked, get_attname(relid, push.attno, false));
	}
	foreach (lc, clauses)
	{
		Push push;
		const Column *col = NULL;
		ListCell *name;

		mo_pushdown(target, relid, varno, lfirst(lc), &push);
		if (push.kind == PUSH_NO)
			col = defaulted_param(target, relid, varno, lfirst(lc));
		foreach (name, asked)
		{
			if (col != NULL && strcmp(lfirst(name), col->name) == 0)
				col = NULL;
		}
		if (col != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of foreign table \"%s\" can only be compared by \"=\" with one value",
							col->name, target->table_name),
					 errhint("Ask for one value at a time, and join the answers with UNION ALL.")));
	}
}

/*
 * Classify one condition of the scan with range table index "varno".  For
 * PUSH_NO "reason" says why, in words that fit after "stays here: ".
 */
void
mo_pushdown(const Target *target, Oid relid, Index varno, Expr *clause, Push *push)
{
	OpExpr *op = as_comparison(clause, varno);
	Node *left, *right;
	Var *var;
	Oid opno;
	const Column *col;

	memset(push, 0, sizeof(*push));
	push->reason = "not a comparison of a column with a value";
	if (op == NULL || list_length(op->args) != 2)
		return;
	left = linitial(op->args);
	right = lsecond(op->args);
	opno = op->opno;
	var = plain_var(left, varno);
	if (var == NULL)
	{
		var = plain_var(right, varno);
		right = left;
		opno = get_commutator(opno);
	}
	if (var == NULL || !OidIsValid(opno))
		return;
	if (!is_known(right))
	{
		push->reason = "its value is not known before the scan";
		return;
	}
	push->attno = var->varattno;
	push->strategy = strategy_of(opno, var->vartype);
	if (push->strategy < BTLessStrategyNumber || push->strategy > BTGreaterStrategyNumber)
	{
		push->reason = "no comparison by the order of its type";
		return;
	}
	if (OidIsValid(op->inputcollid) && !get_collation_isdeterministic(op->inputcollid))
	{
		push->reason = "its collation is not deterministic";
		return;
	}
	col = mo_target_column(target->resource, get_attname(relid, var->varattno, false));
	if (col == NULL)
	{
		push->reason = "the service has no such filter";
		return;
	}
	push->value = as_column_type(right, var->vartype, var->vartypmod, &push->coarse);
	if (push->value == NULL)
	{
		push->reason = "it compares values of different types";
		return;
	}
	if (!find_place(target, col, strategy_names[push->strategy], push))
	{
		push->reason = (col->flags & COL_REQUIRED) ? "only \"=\" can be asked of the service"
												   : "the service has no such filter";
		push->kind = PUSH_NO;
	}
}
