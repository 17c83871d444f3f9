/*-------------------------------------------------------------------------
 *
 * pushdown.c
 *	  Which conditions the service can be asked to apply.
 *
 * A condition goes out when it compares a column with something known before
 * the scan, by an operator the connector declares.  All conditions on rows are
 * checked again on our side.  What is made of no rows, or not of all of them,
 * counts on the declared exactness: a LIMIT that ends the scan, and what the
 * service has added up.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/pg_locale.h"
#include "utils/typcache.h"

#include "compat.h"
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

/* Does the expression name a column of the table, or else one of any other table? */
static bool
names_column(Node *node, Index varno, bool own)
{
	List *vars = pull_var_clause(node, PVC_RECURSE_PLACEHOLDERS);
	ListCell *lc;

	foreach (lc, vars)
	{
		if ((((Var *) lfirst(lc))->varno == (int) varno) == own)
			return true;
	}
	return false;
}

/*
 * Known before the scan starts: nothing volatile, and no column of the table
 * itself.  Columns of others are there when the scan is run for each row of
 * theirs; in any other plan such a clause is not one of the scan's.
 */
static bool
is_known(Node *node, Index varno)
{
	return !contain_volatile_functions(node) && !contain_subplans(node) &&
		   !names_column(node, varno, true);
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

/* Are texts that the clause finds equal the same, as they are to a service? */
static bool
is_deterministic(Node *clause)
{
	Oid collation = exprInputCollation(clause);

	return !OidIsValid(collation) || get_collation_isdeterministic(collation);
}

/*
 * Would the service find the same texts before or behind the value?  Only the
 * order of their bytes is one that it can be expected to share.
 */
static bool
is_of_bytes(Node *clause)
{
	Oid collation = exprInputCollation(clause);

	return !OidIsValid(collation) || mo_orders_by_bytes(collation);
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
 * The day, or the last one that an instant can have on its side: days go much
 * further.  What lies beyond is beyond every service's as well.
 */
static Node *
within_instants(Node *day)
{
	DateADT first = date2j(-4712, 1, 1) - POSTGRES_EPOCH_JDATE;
	DateADT last = date2j(294276, 12, 31) - POSTGRES_EPOCH_JDATE;

	for (int i = 0; i < 2; i++)
	{
		MinMaxExpr *nearer = makeNode(MinMaxExpr);

		nearer->minmaxtype = DATEOID;
		nearer->op = i == 0 ? IS_GREATEST : IS_LEAST;
		nearer->args = list_make2(day, makeConst(DATEOID, -1, InvalidOid, sizeof(DateADT),
												 DateADTGetDatum(i == 0 ? first : last), false,
												 true));
		nearer->location = -1;
		day = (Node *) nearer;
	}
	return day;
}

/*
 * The value as the column's type.  A finer time against a date column is cut
 * to its day: then the bound is coarse, and may only be used inclusively.
 */
static Expr *
as_column_type(Node *value, Oid type, bool *coarse)
{
	Oid from = exprType(value);

	*coarse = false;
	if (from == type || (type == TEXTOID && from == VARCHAROID))
		return (Expr *) value;
	if (is_integer(from) && is_integer(type) && get_typlen(from) <= get_typlen(type))
		return (Expr *) value;
	if (is_time(from) && is_time(type))
	{
		*coarse = type == DATEOID;
		value = copyObject(value);
		if (from == DATEOID)
			value = within_instants(value);
		return (Expr *) coerce_to_target_type(NULL, value, from, type, -1,
											  COERCION_EXPLICIT, COERCE_EXPLICIT_CAST, -1);
	}
	return NULL;
}

/* Has the analyst said where in the record the column is? */
static bool
has_own_path(const Target *target, Oid relid, AttrNumber attno)
{
	ListCell *lc;

	if (target->connector->describe != NULL)
		return false; /* there it is what makes the column known */
	foreach (lc, GetForeignColumnOptions(relid, attno))
	{
		if (strcmp(((DefElem *) lfirst(lc))->defname, "path") == 0)
			return true;
	}
	return false;
}

/*
 * The declared column behind a column of the table, or NULL.  Only one that is
 * just as declared means to the service what it means here: another type, or
 * one cut to a length, orders and rounds differently.
 */
static const Column *
service_column(const Target *target, Oid relid, const Var *var, const char **reason)
{
	const Column *col =
		mo_target_column(target->resource, get_attname(relid, var->varattno, false));

	*reason = "the service has no such filter";
	if (col == NULL || has_own_path(target, relid, var->varattno))
		return NULL;
	*reason = "the column has not the type the service's has";
	if (var->vartypmod >= 0 || strcmp(format_type_be(var->vartype), col->type) != 0)
		return NULL;
	return col;
}

/* Is the column just as the service declares it, so that its order is that of the service? */
bool
mo_pushdown_is_plain(const Target *target, Oid relid, AttrNumber attno)
{
	const char *reason;
	Oid type;
	int32 typmod;
	Oid collation;
	Var *var;

	get_atttypetypmodcoll(relid, attno, &type, &typmod, &collation);
	var = makeVar(1, attno, type, typmod, collation, 0);
	return service_column(target, relid, var, &reason) != NULL;
}

/* The index of the filter; -1 = none. */
static int
find_filter(const Resource *res, const char *column, const char *op)
{
	for (int i = 0; res->filters != NULL && res->filters[i].column != NULL; i++)
	{
		if (strcmp(res->filters[i].column, column) == 0 && strcmp(res->filters[i].op, op) == 0)
			return i;
	}
	return -1;
}

static bool
find_place(const Target *target, const Column *col, const char *op, Push *push)
{
	const Resource *res = target->resource;

	if (res->range.column != NULL && strcmp(res->range.column, col->name) == 0)
	{
		/* days of another table's rows would be read however old, those of a value are not */
		if (contain_var_clause((Node *) push->value))
			return false;
		push->kind = PUSH_RANGE;
		push->exact = !push->coarse;
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
	push->filter = find_filter(res, col->name, op);
	if (push->filter < 0 && strcmp(op, "=") == 0)
		push->filter = find_filter(res, col->name, "= ANY");
	if (push->filter < 0)
		return false;
	push->kind = PUSH_FILTER;
	push->exact = res->filters[push->filter].exact == EXACT;
	return true;
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
			!has_own_path(target, relid, var->varattno) &&
			(target->connector->describe != NULL ||
			 mo_option_get(target->connector, target->options, col->name) != NULL))
			return col;
	}
	return NULL;
}

/* Does the condition speak of the column whose days the service is asked for? */
static bool
is_about_days(const Target *target, Oid relid, Index varno, Expr *clause)
{
	List *vars = pull_var_clause((Node *) clause, PVC_RECURSE_PLACEHOLDERS);
	const char *days = target->resource->range.column;
	ListCell *lc;

	foreach (lc, vars)
	{
		Var *var = lfirst(lc);
		const char *reason;
		const Column *col;

		if (var->varno != (int) varno || var->varattno <= 0)
			continue;
		col = service_column(target, relid, var, &reason);
		if (col != NULL && strcmp(col->name, days) == 0)
			return true;
	}
	return false;
}

/*
 * Refuse conditions that name days in a way the service cannot be asked for,
 * when nothing says since when: of all days but the latest none was read.
 */
static void
check_days(const Target *target, Oid relid, Index varno, List *clauses)
{
	const Range *range = &target->resource->range;
	bool missed = false;
	ListCell *lc;

	if (range->column == NULL || range->required)
		return;
	foreach (lc, clauses)
	{
		Push push;

		mo_pushdown(target, relid, varno, lfirst(lc), &push);
		if (push.kind == PUSH_DAYS ||
			(push.kind == PUSH_RANGE && push.strategy >= BTEqualStrategyNumber))
			return;
		if (push.kind == PUSH_NO && !IsA(lfirst(lc), NullTest) &&
			!names_column(lfirst(lc), varno, false))
			missed = missed || is_about_days(target, relid, varno, lfirst(lc));
	}
	if (missed)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("foreign table \"%s\" cannot be asked for such a choice of days",
						target->table_name),
				 errdetail("Without a lower bound only the last %d days are read.", range->back),
				 errhint("Add one, such as %s >= '2026-01-01'.", range->column)));
}

static void
refuse_param(const Target *target, const Column *col)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("column \"%s\" of foreign table \"%s\" can only be compared by \"=\" "
					"with one value",
					col->name, target->table_name),
			 errhint("Ask for one value at a time, and join the answers with UNION ALL.")));
}

/* Names of the parameters that the query gives a value. */
static List *
asked_params(const Target *target, Oid relid, Index varno, List *clauses)
{
	List *asked = NIL;
	ListCell *lc;

	foreach (lc, clauses)
	{
		Push push;

		mo_pushdown(target, relid, varno, lfirst(lc), &push);
		if (push.kind == PUSH_PARAM)
			asked = lappend(asked, makeString(get_attname(relid, push.attno, false)));
	}
	return asked;
}

/* The defaulted parameter that a condition speaks of, unless it was asked for. */
static const Column *
unasked_param(const Target *target, Oid relid, Index varno, Expr *clause, List *asked)
{
	const Column *col = defaulted_param(target, relid, varno, clause);

	return col != NULL && !list_member(asked, makeString(pstrdup(col->name))) ? col : NULL;
}

/*
 * Refuse conditions that cannot be asked on parameters that have a default:
 * checked here only, they would hide that most rows were never read.
 */
void
mo_pushdown_check(const Target *target, Oid relid, Index varno, List *clauses)
{
	List *asked = asked_params(target, relid, varno, clauses);
	ListCell *lc;

	check_days(target, relid, varno, clauses);
	foreach (lc, clauses)
	{
		Push push;
		const Column *col;

		mo_pushdown(target, relid, varno, lfirst(lc), &push);
		if (push.kind != PUSH_NO)
			continue;
		col = unasked_param(target, relid, varno, lfirst(lc), asked);
		if (col != NULL)
			refuse_param(target, col);
	}
}

/* Are all members of the class columns of that very table? */
static bool
joins_only_itself(PlannerInfo *root, EquivalenceClass *class, Oid relid)
{
	ListCell *lc;

	foreach (lc, class->ec_members)
	{
		Var *var = (Var *) ((EquivalenceMember *) lfirst(lc))->em_expr;

		while (IsA(var, RelabelType))
			var = (Var *) ((RelabelType *) var)->arg;
		if (!IsA(var, Var) || planner_rt_fetch(var->varno, root)->relid != relid)
			return false;
	}
	return true;
}

/*
 * The defaulted parameter that joins the table with others although it is not
 * asked for.  With itself, each time with the default, nothing is hidden.
 */
static const Column *
joined_param(const Target *target, Oid relid, PlannerInfo *root, RelOptInfo *rel, List *clauses)
{
	List *asked = asked_params(target, relid, rel->relid, clauses);
	const Column *col = NULL;
	ListCell *lc;

	foreach (lc, rel->joininfo)
	{
		RestrictInfo *info = lfirst(lc);

		if (col == NULL)
			col = unasked_param(target, relid, rel->relid, info->clause, asked);
	}
	foreach (lc, root->eq_classes)
	{
		EquivalenceClass *class = lfirst(lc);
		ListCell *member;

		if (class->ec_has_const || !bms_is_member(rel->relid, class->ec_relids) ||
			bms_membership(class->ec_relids) != BMS_MULTIPLE ||
			joins_only_itself(root, class, relid))
			continue;
		foreach (member, class->ec_members)
		{
			if (col == NULL)
				col = unasked_param(target, relid, rel->relid,
									((EquivalenceMember *) lfirst(member))->em_expr, asked);
		}
	}
	return col;
}

/* The same for conditions that join the table with others. */
void
mo_pushdown_check_joins(const Target *target, Oid relid, PlannerInfo *root, RelOptInfo *rel,
						List *clauses)
{
	const Column *col = joined_param(target, relid, root, rel, clauses);

	if (col != NULL)
		refuse_param(target, col);
}

/*
 * Do these conditions say all the service has to be told, or would a scan with
 * them be refused?
 */
bool
mo_pushdown_is_complete(const Target *target, Oid relid, PlannerInfo *root, RelOptInfo *rel,
						List *clauses)
{
	List *asked = asked_params(target, relid, rel->relid, clauses);
	const Resource *res = target->resource;

	for (const Column *c = res->columns; c != NULL && c->name != NULL; c++)
	{
		if ((c->flags & COL_REQUIRED) && !list_member(asked, makeString(pstrdup(c->name))))
			return false;
	}
	return joined_param(target, relid, root, rel, clauses) == NULL;
}

/* Does the clause give a key, or a parameter, the one value that the service is asked for? */
bool
mo_pushdown_key(const Target *target, Oid relid, Index varno, Expr *clause, Push *push)
{
	mo_pushdown(target, relid, varno, clause, push);
	return (push->kind == PUSH_FILTER || push->kind == PUSH_PARAM) &&
		   push->strategy == BTEqualStrategyNumber;
}

/*
 * Read a clause as "column op value": turned around if need be; a Boolean
 * column alone, or after NOT, is one that equals true or false.
 */
static bool
as_comparison(Expr *clause, Index varno, Var **var, Oid *opno, Node **value)
{
	OpExpr *op = (OpExpr *) clause;
	bool negated = is_notclause((Node *) clause);
	Node *flag = negated ? (Node *) get_notclausearg(clause) : (Node *) clause;

	*var = plain_var(flag, varno);
	if (*var != NULL && (*var)->vartype == BOOLOID)
	{
		*opno = BooleanEqualOperator;
		*value = makeBoolConst(!negated, false);
		return true;
	}
	if (!IsA(clause, OpExpr) || list_length(op->args) != 2)
		return false;
	*opno = op->opno;
	*var = plain_var(linitial(op->args), varno);
	*value = lsecond(op->args);
	if (*var == NULL)
	{
		*opno = get_commutator(op->opno);
		*var = plain_var(lsecond(op->args), varno);
		*value = linitial(op->args);
	}
	return *var != NULL && OidIsValid(*opno);
}

/* Is the clause "day = ANY (list)" of a column whose days the service is asked for? */
static bool
is_list_of_days(const Target *target, Oid relid, Index varno, Expr *clause, Push *push)
{
	ScalarArrayOpExpr *op = (ScalarArrayOpExpr *) clause;
	const char *days = target->resource->range.column;
	const Column *col;
	Var *var;

	if (days == NULL || !IsA(clause, ScalarArrayOpExpr) || !op->useOr)
		return false;
	var = plain_var(linitial(op->args), varno);
	if (var == NULL || !is_known(lsecond(op->args), varno) ||
		contain_var_clause(lsecond(op->args)) ||
		strategy_of(op->opno, var->vartype) != BTEqualStrategyNumber ||
		get_element_type(exprType(lsecond(op->args))) != var->vartype)
		return false;
	col = service_column(target, relid, var, &push->reason);
	if (col == NULL || strcmp(col->name, days) != 0)
		return false;
	push->kind = PUSH_DAYS;
	push->attno = var->varattno;
	push->value = lsecond(op->args);
	return true;
}

/* Can the clause "column = ANY (list)" be asked of the service? */
static bool
is_list_of_values(const Target *target, Oid relid, Index varno, Expr *clause, Push *push)
{
	ScalarArrayOpExpr *op = (ScalarArrayOpExpr *) clause;
	const Column *col;
	Oid element;
	Var *var;

	if (!IsA(clause, ScalarArrayOpExpr) || !op->useOr)
		return false;
	var = plain_var(linitial(op->args), varno);
	element = get_element_type(exprType(lsecond(op->args)));
	if (var == NULL || !is_known(lsecond(op->args), varno) ||
		strategy_of(op->opno, var->vartype) != BTEqualStrategyNumber ||
		(element != var->vartype && !(is_integer(element) && is_integer(var->vartype))) ||
		!is_deterministic((Node *) clause))
		return false;
	col = service_column(target, relid, var, &push->reason);
	push->filter = col ? find_filter(target->resource, col->name, "= ANY") : -1;
	if (push->filter < 0)
		return false;
	push->kind = PUSH_LIST;
	push->attno = var->varattno;
	push->strategy = BTEqualStrategyNumber;
	push->value = lsecond(op->args);
	push->exact = target->resource->filters[push->filter].exact == EXACT;
	return true;
}

/*
 * Classify one condition of the scan with range table index "varno".  For
 * PUSH_NO "reason" says why, in words that fit after "stays here: ".
 */
void
mo_pushdown(const Target *target, Oid relid, Index varno, Expr *clause, Push *push)
{
	Node *value;
	Var *var;
	Oid opno;
	const Column *col;

	memset(push, 0, sizeof(*push));
	if (is_list_of_days(target, relid, varno, clause, push) ||
		is_list_of_values(target, relid, varno, clause, push))
		return;
	push->reason = "not a comparison of a column with a value";
	if (!as_comparison(clause, varno, &var, &opno, &value))
		return;
	if (!is_known(value, varno))
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
	if (!is_deterministic((Node *) clause))
	{
		push->reason = "its collation is not deterministic";
		return;
	}
	if (push->strategy != BTEqualStrategyNumber && !is_of_bytes((Node *) clause))
	{
		push->reason = "its collation may order otherwise than the service";
		return;
	}
	col = service_column(target, relid, var, &push->reason);
	if (col == NULL)
		return;
	push->value = as_column_type(value, var->vartype, &push->coarse);
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

/*
 * Can the clause, which equals a column with a value of another table's row,
 * be asked for many such values at once?  Then "filter" is that of the list.
 * Values are compared as texts when their rows are put together, so only types
 * will do whose equal values have equal texts.
 */
bool
mo_pushdown_lookup(const Target *target, Oid relid, Index varno, Expr *clause, Push *push)
{
	Oid type;

	if (!mo_pushdown_key(target, relid, varno, clause, push) || push->kind != PUSH_FILTER ||
		!IsA(clause, OpExpr))
		return false;
	type = exprType((Node *) push->value);
	if (!is_integer(type) && type != TEXTOID && type != VARCHAROID)
		return false;
	push->filter =
		find_filter(target->resource, get_attname(relid, push->attno, false), "= ANY");
	if (push->filter < 0)
		return false;
	push->exact = target->resource->filters[push->filter].exact == EXACT;
	return true;
}
