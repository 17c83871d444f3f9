/*-------------------------------------------------------------------------
 *
 * lookup_run.c
 *	  Run a lookup: rows of the outer side, their keys, the service's rows.
 *
 * Rows that came for a key are kept as long as memory for hash tables lasts,
 * so that the same key is not asked for again.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/explain.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/memutils.h"
#include "utils/ruleutils.h"

#include "compat.h"
#include MO_EXPLAIN_HEADERS
#include MO_EXPLAIN_STATE_HEADER
#include "engine/lookup.h"

#define FIRST_BATCH 10 /* keys, when the query may not need all rows */
#define MOST_ROWS 100  /* of the outer side in a batch, for each key: others wait for them */

/* A row of the foreign table */
typedef struct Match
{
	MinimalTuple tuple;
	struct Match *next;
} Match;

/* A key that was asked for, and what came */
typedef struct Found
{
	char *key; /* the first field, see texthash.c */
	Match *first;
	Match *last;
} Found;

/* A row of the outer side */
typedef struct Row
{
	MinimalTuple tuple;
	Found *found; /* NULL: its key is, so nothing matches */
} Row;

typedef struct LookupState
{
	CustomScanState css;
	PlanState *outer;
	ForeignScanState *inner;
	JoinType type;
	int nouter; /* columns */
	int ninner;
	int key; /* the inner column */
	int most;
	ExprState *quals;
	ExprState *value;
	Oid value_type;
	Oid key_type;

	MemoryContext kept; /* keys asked for, and their rows */
	HTAB *found;
	MemoryContext batch; /* rows of the outer side */
	Row *rows;
	int nrows;
	int capacity;
	int at; /* the row being joined, -1 = before the first */
	Match *match;
	bool matched;
	bool outer_done;
	int batch_size; /* keys */
	TupleTableSlot *outer_slot;
	TupleTableSlot *inner_slot;

	int64 batches;
	int64 keys;
} LookupState;

/* Forget all rows of the service. */
static void
forget(LookupState *state)
{
	MemoryContextReset(state->kept);
	state->found = mo_text_hash("momentum lookup", sizeof(Found), state->kept);
}

/* Start over with the outer side. */
static void
rewind_rows(LookupState *state)
{
	MemoryContextReset(state->batch);
	state->rows = NULL;
	state->nrows = 0;
	state->capacity = 0;
	state->at = -1;
	state->match = NULL;
	state->outer_done = false;
}

/* BeginCustomScan */
static void
begin_lookup(CustomScanState *node, EState *estate, int eflags)
{
	LookupState *state = (LookupState *) node;
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;
	Plan *inner = lsecond(plan->custom_plans);
	int child_flags = eflags & ~(EXEC_FLAG_BACKWARD | EXEC_FLAG_MARK);
	Expr *value = list_nth(plan->custom_exprs, LOOKUP_VALUE);
	TargetEntry *key;

	state->type = list_nth_int(plan->custom_private, LOOKUP_JOIN);
	state->nouter = list_nth_int(plan->custom_private, LOOKUP_OUTER);
	state->key = list_nth_int(plan->custom_private, LOOKUP_KEY);
	state->most = list_nth_int(plan->custom_private, LOOKUP_MOST);
	state->batch_size =
		list_nth_int(plan->custom_private, LOOKUP_EAGER) ? state->most : FIRST_BATCH;
	state->ninner = list_length(inner->targetlist);
	key = list_nth_node(TargetEntry, inner->targetlist, state->key - 1);
	state->key_type = exprType((Node *) key->expr);
	state->value_type = exprType((Node *) value);
	state->quals = ExecInitQual(list_nth(plan->custom_exprs, LOOKUP_QUALS), &node->ss.ps);
	state->value = ExecInitExpr(value, &node->ss.ps);
	state->outer = ExecInitNode(linitial(plan->custom_plans), estate, child_flags);
	state->inner = castNode(ForeignScanState, ExecInitNode(inner, estate, child_flags));
	node->custom_ps = list_make2(state->outer, state->inner);
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	state->kept = AllocSetContextCreate(CurrentMemoryContext, "momentum lookup kept",
										ALLOCSET_DEFAULT_SIZES);
	state->batch = AllocSetContextCreate(CurrentMemoryContext, "momentum lookup batch",
										 ALLOCSET_DEFAULT_SIZES);
	state->outer_slot = ExecInitExtraTupleSlot(estate, ExecGetResultType(state->outer),
											   &TTSOpsMinimalTuple);
	state->inner_slot = ExecInitExtraTupleSlot(
		estate, ExecGetResultType((PlanState *) state->inner), &TTSOpsMinimalTuple);
	forget(state);
	rewind_rows(state);
}

/* Put columns of a row of either side into the joined row; none = NULLs. */
static void
fill_columns(LookupState *state, TupleTableSlot *from, int first, int n)
{
	TupleTableSlot *slot = state->css.ss.ss_ScanTupleSlot;

	if (from == NULL)
	{
		memset(slot->tts_values + first, 0, sizeof(Datum) * n);
		memset(slot->tts_isnull + first, true, sizeof(bool) * n);
		return;
	}
	slot_getallattrs(from);
	memcpy(slot->tts_values + first, from->tts_values, sizeof(Datum) * n);
	memcpy(slot->tts_isnull + first, from->tts_isnull, sizeof(bool) * n);
}

/* The joined row of an outer row and, perhaps, an inner one. */
static void
join_rows(LookupState *state, TupleTableSlot *outer, TupleTableSlot *inner)
{
	TupleTableSlot *slot = state->css.ss.ss_ScanTupleSlot;

	ExecClearTuple(slot);
	fill_columns(state, outer, 0, state->nouter);
	fill_columns(state, inner, state->nouter, state->ninner);
	ExecStoreVirtualTuple(slot);
	state->css.ss.ps.ps_ExprContext->ecxt_scantuple = slot;
}

/* Keep a row of the outer side; a key that is new is added to "keys". */
static void
take_row(LookupState *state, TupleTableSlot *slot, char **keys, int *nkeys)
{
	ExprContext *econtext = state->css.ss.ps.ps_ExprContext;
	MemoryContext old;
	Row *row;
	Datum value;
	bool isnull;
	bool known = true;
	char *text;

	ResetExprContext(econtext);
	join_rows(state, slot, NULL);
	value = ExecEvalExprSwitchContext(state->value, econtext, &isnull);
	old = MemoryContextSwitchTo(state->batch);
	if (state->nrows == state->capacity)
	{
		state->capacity = Max(64, state->capacity * 2);
		state->rows = state->rows == NULL
						  ? palloc(sizeof(Row) * state->capacity)
						  : repalloc_huge(state->rows, sizeof(Row) * state->capacity);
	}
	row = &state->rows[state->nrows++];
	row->tuple = ExecCopySlotMinimalTuple(slot);
	row->found = NULL;
	MemoryContextSwitchTo(econtext->ecxt_per_tuple_memory);
	if (!isnull)
	{
		text = mo_value_text(value, state->value_type);
		row->found = hash_search(state->found, &text, HASH_ENTER, &known);
		if (!known)
		{
			row->found->key = MemoryContextStrdup(state->kept, text);
			row->found->first = row->found->last = NULL;
			keys[(*nkeys)++] = row->found->key;
		}
	}
	MemoryContextSwitchTo(old);
}

/* Ask the service for keys, and keep what comes with each. */
static void
ask(LookupState *state, char **keys, int nkeys)
{
	ExprContext *econtext = state->css.ss.ps.ps_ExprContext;
	TupleTableSlot *slot;

	mo_scan_lookup(state->inner, keys, nkeys);
	state->batches++;
	state->keys += nkeys;
	for (;;)
	{
		MemoryContext old;
		bool isnull;
		Datum value;
		Found *found;
		Match *match;
		char *text;

		slot = ExecProcNode((PlanState *) state->inner);
		if (TupIsNull(slot))
			break;
		value = slot_getattr(slot, state->key, &isnull);
		if (isnull)
			continue;
		ResetExprContext(econtext);
		old = MemoryContextSwitchTo(econtext->ecxt_per_tuple_memory);
		text = mo_value_text(value, state->key_type);
		found = hash_search(state->found, &text, HASH_FIND, NULL);
		MemoryContextSwitchTo(state->kept);
		if (found != NULL)
		{
			match = palloc(sizeof(Match));
			match->tuple = ExecCopySlotMinimalTuple(slot);
			match->next = NULL;
			if (found->last != NULL)
				found->last->next = match;
			else
				found->first = match;
			found->last = match;
		}
		MemoryContextSwitchTo(old);
	}
}

/* Read rows of the outer side, and what belongs to them; false = there are no more. */
static bool
next_batch(LookupState *state)
{
	Size limit = get_hash_memory_limit();
	char **keys;
	int nkeys = 0;

	if (state->outer_done)
		return false;
	rewind_rows(state);
	if (MemoryContextMemAllocated(state->kept, true) > limit)
		forget(state);
	keys = MemoryContextAlloc(state->batch, sizeof(char *) * state->batch_size);
	while (nkeys < state->batch_size && state->nrows < state->batch_size * MOST_ROWS &&
		   MemoryContextMemAllocated(state->batch, true) < limit)
	{
		TupleTableSlot *slot = ExecProcNode(state->outer);

		if (TupIsNull(slot))
		{
			state->outer_done = true;
			break;
		}
		take_row(state, slot, keys, &nkeys);
	}
	state->batch_size = Min(state->batch_size * 2, state->most);
	if (nkeys > 0)
		ask(state, keys, nkeys);
	return state->nrows > 0;
}

/* Go to the next row of the outer side; false = there is none. */
static bool
next_row(LookupState *state)
{
	if (state->at + 1 >= state->nrows && !next_batch(state))
		return false;
	state->at++;
	state->matched = false;
	state->match = state->rows[state->at].found ? state->rows[state->at].found->first : NULL;
	ExecForceStoreMinimalTuple(state->rows[state->at].tuple, state->outer_slot, false);
	return true;
}

/*
 * Make the joined row that comes next; false when the outer row has no more.
 * Of a semi or anti join that is at most one.
 */
static bool
next_joined(LookupState *state)
{
	ExprContext *econtext = state->css.ss.ps.ps_ExprContext;
	bool once = state->type == JOIN_SEMI || state->type == JOIN_ANTI;

	while (state->match != NULL && !(once && state->matched))
	{
		ExecForceStoreMinimalTuple(state->match->tuple, state->inner_slot, false);
		state->match = state->match->next;
		join_rows(state, state->outer_slot, state->inner_slot);
		ResetExprContext(econtext);
		if (!ExecQual(state->quals, econtext))
			continue;
		state->matched = true;
		if (state->type != JOIN_ANTI)
			return true;
	}
	state->match = NULL;
	if (state->matched || (state->type != JOIN_LEFT && state->type != JOIN_ANTI))
		return false;
	state->matched = true;
	join_rows(state, state->outer_slot, NULL);
	return true;
}

/* ExecCustomScan */
static TupleTableSlot *
run_lookup(CustomScanState *node)
{
	LookupState *state = (LookupState *) node;
	ExprContext *econtext = node->ss.ps.ps_ExprContext;

	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (state->at < 0 || !next_joined(state))
		{
			if (!next_row(state))
				return NULL;
			continue;
		}
		ResetExprContext(econtext);
		if (!ExecQual(node->ss.ps.qual, econtext))
			continue;
		if (node->ss.ps.ps_ProjInfo == NULL)
			return node->ss.ss_ScanTupleSlot;
		return ExecProject(node->ss.ps.ps_ProjInfo);
	}
}

/* ReScanCustomScan: what came for keys is kept, unless it was asked for otherwise. */
static void
rescan_lookup(CustomScanState *node)
{
	LookupState *state = (LookupState *) node;
	PlanState *inner = (PlanState *) state->inner;

	if (node->ss.ps.chgParam != NULL)
	{
		UpdateChangedParamSet(state->outer, node->ss.ps.chgParam);
		UpdateChangedParamSet(inner, node->ss.ps.chgParam);
	}
	if (state->outer->chgParam == NULL)
		ExecReScan(state->outer);
	if (inner->chgParam != NULL)
		forget(state);
	rewind_rows(state);
}

/* EndCustomScan */
static void
end_lookup(CustomScanState *node)
{
	LookupState *state = (LookupState *) node;

	ExecEndNode(state->outer);
	ExecEndNode((PlanState *) state->inner);
}

/* ExplainCustomScan */
static void
explain_lookup(CustomScanState *node, List *ancestors, ExplainState *es)
{
	static const char *const names[] = {
		[JOIN_INNER] = "Inner", [JOIN_LEFT] = "Left", [JOIN_SEMI] = "Semi", [JOIN_ANTI] = "Anti"};
	LookupState *state = (LookupState *) node;
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;
	List *quals = list_nth(plan->custom_exprs, LOOKUP_QUALS);
	List *context;

	context = set_deparse_context_plan(es->deparse_cxt, (Plan *) plan, ancestors);
	ExplainPropertyText("Join Type", names[state->type], es);
	ExplainPropertyText("Lookup Cond",
						deparse_expression((Node *) make_ands_explicit(quals), context, true,
										   false),
						es);
	ExplainPropertyInteger("Keys at Once", NULL, state->most, es);
	if (es->analyze)
	{
		ExplainPropertyInteger("Batches", NULL, state->batches, es);
		ExplainPropertyInteger("Keys Asked", NULL, state->keys, es);
	}
}

static const CustomExecMethods exec_methods = {
	LOOKUP_NAME,
	.BeginCustomScan = begin_lookup,
	.ExecCustomScan = run_lookup,
	.EndCustomScan = end_lookup,
	.ReScanCustomScan = rescan_lookup,
	.ExplainCustomScan = explain_lookup};

/* CreateCustomScanState */
static Node *
create_lookup(CustomScan *plan)
{
	LookupState *state = palloc0(sizeof(LookupState));

	NodeSetTag(state, T_CustomScanState);
	state->css.methods = &exec_methods;
	return (Node *) state;
}

const CustomScanMethods mo_lookup_methods = {LOOKUP_NAME, create_lookup};
