/*-------------------------------------------------------------------------
 *
 * kept.c
 *	  Rows of earlier runs of a scan, so that nothing is asked for twice.
 *
 * A scan that is run for each row of another table is often run with values
 * it was run with before.  Rows of a run that came to its end are kept under
 * what it asked for, as long as memory for hash tables lasts; then all are
 * forgotten.  A run that was cut short is not kept: there may be more rows.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/memutils.h"

#include "engine/scan.h"

/* A row; values of columns that were not read are NULL */
typedef struct KeptRow
{
	MinimalTuple tuple;
	struct KeptRow *next;
} KeptRow;

/* The rows of one run */
typedef struct KeptRun
{
	char *key; /* what was asked for; the first field, see texthash.c */
	bool complete;
	KeptRow *first;
	KeptRow *last;
} KeptRun;

struct Kept
{
	MemoryContext cxt;
	HTAB *runs;
	KeptRun *current; /* of the run under way, NULL = not to be kept */
	bool replayed;    /* its rows were here already ... */
	KeptRow *next;    /* ... and this one comes next */
};

static void
forget(Kept *kept)
{
	MemoryContextReset(kept->cxt);
	kept->runs = mo_text_hash("momentum kept rows", sizeof(KeptRun), kept->cxt);
	kept->current = NULL;
}

static bool
is_of_other_part(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param))
		return ((Param *) node)->paramkind == PARAM_EXEC;
	return expression_tree_walker(node, is_of_other_part, context);
}

/*
 * The scan is run again, so from now on rows are kept; not if nothing that it
 * asks for comes from other parts of the plan, or a lookup keeps them anyway.
 */
void
mo_kept_start(MoScan *scan)
{
	MemoryContext old;
	Kept *kept;

	if (scan->kept != NULL || scan->lookup != NIL || scan->summary != NULL ||
		!is_of_other_part((Node *) scan->value_exprs, NULL))
		return;
	old = MemoryContextSwitchTo(GetMemoryChunkContext(scan));
	kept = palloc0(sizeof(Kept));
	kept->cxt =
		AllocSetContextCreate(CurrentMemoryContext, "momentum kept rows", ALLOCSET_DEFAULT_SIZES);
	forget(kept);
	scan->kept = kept;
	MemoryContextSwitchTo(old);
}

/*
 * What a run asks for, as a text; different for different requests.  Limits
 * are no part of it: they leave out rows of those that are kept.
 */
static char *
key_of(const ApiSpec *spec)
{
	StringInfoData key;
	ListCell *lc;

	initStringInfo(&key);
	appendStringInfo(&key, "%d %d %d %d", spec->has_lo, spec->lo, spec->has_hi, spec->hi);
	foreach (lc, spec->params)
	{
		DefElem *def = lfirst(lc);

		appendStringInfo(&key, " %s=%zu:%s", def->defname, strlen(strVal(def->arg)),
						 strVal(def->arg));
	}
	foreach (lc, spec->conditions)
	{
		const ApiCondition *cond = lfirst(lc);

		appendStringInfo(&key, " %d " INT64_FORMAT, (int) (cond->filter - spec->resource->filters),
						 cond->is_instant ? cond->instant : 0);
		if (cond->text != NULL)
			appendStringInfo(&key, " %zu:%s", strlen(cond->text), cond->text);
		for (int i = 0; i < cond->nvalues; i++)
			appendStringInfo(&key, " %zu:%s", strlen(cond->values[i]), cond->values[i]);
	}
	return key.data;
}

/* A run begins: are its rows here?  Else they will be kept. */
void
mo_kept_begin(MoScan *scan)
{
	Kept *kept = scan->kept;
	bool found;
	char *key;

	if (kept == NULL)
		return;
	if (MemoryContextMemAllocated(kept->cxt, true) > get_hash_memory_limit())
		forget(kept);
	key = key_of(&scan->spec);
	kept->current = hash_search(kept->runs, &key, HASH_ENTER, &found);
	if (!found)
		kept->current->key = MemoryContextStrdup(kept->cxt, key);
	if (!found || !kept->current->complete)
	{
		kept->current->complete = false;
		kept->current->first = kept->current->last = NULL;
	}
	kept->replayed = kept->current->complete;
	kept->next = kept->current->first;
}

/* Is the run one whose rows are here? */
bool
mo_kept_replays(const MoScan *scan)
{
	return scan->kept != NULL && scan->kept->current != NULL && scan->kept->replayed;
}

/* The next of them; false at the end. */
bool
mo_kept_next(MoScan *scan, TupleTableSlot *slot)
{
	KeptRow *row = scan->kept->next;

	if (row == NULL)
		return false;
	scan->kept->next = row->next;
	ExecForceStoreMinimalTuple(row->tuple, slot, false);
	return true;
}

/* A row has come; one run alone may not fill the memory. */
void
mo_kept_add(MoScan *scan, TupleTableSlot *slot)
{
	Kept *kept = scan->kept;
	MemoryContext old;
	KeptRow *row;

	if (kept == NULL || kept->current == NULL)
		return;
	if (MemoryContextMemAllocated(kept->cxt, true) > get_hash_memory_limit())
	{
		forget(kept);
		return;
	}
	old = MemoryContextSwitchTo(kept->cxt);
	row = palloc(sizeof(KeptRow));
	row->tuple = ExecCopySlotMinimalTuple(slot);
	row->next = NULL;
	if (kept->current->last != NULL)
		kept->current->last->next = row;
	else
		kept->current->first = row;
	kept->current->last = row;
	MemoryContextSwitchTo(old);
}

/* All rows of the run have come. */
void
mo_kept_complete(MoScan *scan)
{
	if (scan->kept != NULL && scan->kept->current != NULL)
		scan->kept->current->complete = true;
}

/* The run is over, whether it came to its end or not. */
void
mo_kept_end(MoScan *scan)
{
	if (scan->kept == NULL)
		return;
	scan->kept->current = NULL;
	scan->kept->replayed = false;
}
