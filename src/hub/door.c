/*-------------------------------------------------------------------------
 *
 * door.c
 *	  The trigger of the doors: views that take rows by COPY or INSERT.
 *
 * A door is a view hub.<table>_entry with the columns of its table as text.
 * Its rows are gathered in a temporary table, with the line of the file each
 * came from, and handed to momentum._door_load() once per statement: checked
 * and stored there by a few statements over all of them.
 *
 * One function serves all three triggers:
 *	before the statement	makes the temporary table ready
 *	instead of a row		appends it, a block of rows at a time
 *	after the statement		loads
 *
 * What is raised while rows are stored may quote them; the client sees it,
 * the server log does not.  COPY's own complaints are silenced by quiet.c.
 *
 * A door does not take rows while it takes rows: a function that an INSERT
 * into it calls cannot fill the same one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/copy.h"
#include "commands/copyfrom_internal.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "hub/door.h"

#define BLOCK_ROWS 1000          /* rows written at a time, as COPY does */
#define BLOCK_BYTES (256 * 1024) /* or bytes */

/* What to do with a line that cannot be stored. */
typedef enum DoorErrors
{
	DOOR_STOP, /* the whole file or nothing */
	DOOR_KEEP  /* it becomes a dead letter, the others are stored */
} DoorErrors;

static const struct config_enum_entry door_errors_options[] = {
	{"stop", DOOR_STOP, false},
	{"keep", DOOR_KEEP, false},
	{NULL, 0, false}};

static int door_errors = DOOR_STOP;

/* A statement under way that fills a door. */
typedef struct Filling
{
	Oid door;               /* the view */
	Oid stage;              /* the temporary table: the line, then the view's columns */
	SubTransactionId subid; /* that it belongs to */
	MemoryContext context;  /* its own, below that of the subtransaction */
	MemoryContext block;    /* rows not yet written */
	TupleTableSlot **slots; /* BLOCK_ROWS of them, made as they are needed */
	TupleDesc desc;         /* of the stage */
	int nslots;             /* rows not yet written */
	Size bytes;             /* theirs */
	uint64 rows;            /* taken so far */
	bool is_copy;           /* else an INSERT */
	CopyFromState copy;     /* that brings the rows; gone when they are loaded */
	List *given;            /* attribute numbers that COPY fills */
	struct Filling *outer;
} Filling;

static Filling *innermost = NULL;
static bool callbacks_set = false;

PG_FUNCTION_INFO_V1(mo_door);

/*
 * A statement that failed takes what it gathered along; its memory goes with
 * the transaction's.
 */
static void
forget_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		while (innermost != NULL && innermost->subid >= mine)
			innermost = innermost->outer;
}

static void
forget_transaction(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
		innermost = NULL;
}

/*
 * The COPY that fills this view right now, found by what it would say in an
 * error; NULL: none.  Only that knows the line of the file.
 */
static CopyFromState
current_copy(Oid door)
{
	for (ErrorContextCallback *c = error_context_stack; c != NULL; c = c->previous)
		if (c->callback == CopyFromErrorCallback)
		{
			CopyFromState copy = (CopyFromState) c->arg;

			if (copy->rel != NULL && RelationGetRelid(copy->rel) == door)
				return copy;
		}
	return NULL;
}

/*
 * Has momentum._door_open() make the temporary table ready; returns it.
 */
static Oid
open_stage(Oid door)
{
	Oid types[] = {REGCLASSOID};
	Datum args[] = {ObjectIdGetDatum(door)};
	bool isnull;
	Oid stage;

	SPI_connect();
	if (SPI_execute_with_args("SELECT momentum._door_open($1)", 1, types, args, NULL, false, 1) !=
			SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "could not open door %u", door);
	stage =
		DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	return stage;
}

/*
 * The filling of a door that is under way; NULL: none.  Several doors may be
 * filled by one statement, each once.
 */
static Filling *
find_filling(Oid door)
{
	Filling *f = innermost;

	while (f != NULL && f->door != door)
		f = f->outer;
	return f;
}

/*
 * Rows are taken over as they are, so all their columns must be text; a user
 * may have hung the trigger on a view of his own.
 */
static void
check_columns(Relation door)
{
	TupleDesc desc = RelationGetDescr(door);

	for (int i = 0; i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->atttypid != TEXTOID)
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("\"%s\" is not a door", RelationGetRelationName(door)),
					 errdetail("A door is a view of which every column is text.")));
	}
}

/*
 * Before the statement.
 */
static void
begin_filling(Relation door)
{
	Oid stage;
	MemoryContext context;
	MemoryContext old;
	Filling *f;
	Relation rel;

	if (find_filling(RelationGetRelid(door)) != NULL)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("\"%s\" is being filled by an outer statement",
							   RelationGetRelationName(door)),
						errhint("Gather the rows in a table first.")));
	check_columns(door);
	if (!callbacks_set)
	{
		RegisterSubXactCallback(forget_subtransaction, NULL);
		RegisterXactCallback(forget_transaction, NULL);
		callbacks_set = true;
	}
	stage = open_stage(RelationGetRelid(door));
	context = AllocSetContextCreate(CurTransactionContext, "momentum door", ALLOCSET_DEFAULT_SIZES);
	f = MemoryContextAllocZero(context, sizeof(Filling));
	f->door = RelationGetRelid(door);
	f->stage = stage;
	f->subid = GetCurrentSubTransactionId();
	f->context = context;
	f->block = AllocSetContextCreate(context, "momentum door rows", ALLOCSET_DEFAULT_SIZES);
	f->slots = MemoryContextAllocZero(context, BLOCK_ROWS * sizeof(TupleTableSlot *));
	rel = table_open(stage, AccessShareLock);
	old = MemoryContextSwitchTo(context);
	f->desc = CreateTupleDescCopyConstr(RelationGetDescr(rel));
	table_close(rel, NoLock);
	if (f->desc->natts != RelationGetDescr(door)->natts + 1)
		elog(ERROR, "the stage of door \"%s\" has %d columns", RelationGetRelationName(door),
			 f->desc->natts);
	MemoryContextSwitchTo(old);
	f->outer = innermost;
	innermost = f;
}

/*
 * Writes the rows gathered so far into the temporary table.
 */
static void
write_block(Filling *f)
{
	Relation rel;
	MemoryContext old;

	if (f->nslots == 0)
		return;
	rel = table_open(f->stage, RowExclusiveLock);
	/* the rows were formed for it as it was when the statement began */
	if (!equalTupleDescs(RelationGetDescr(rel), f->desc))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("\"%s\" was changed while rows were gathered in it",
						RelationGetRelationName(rel))));
	old = MemoryContextSwitchTo(f->block);
	table_multi_insert(rel, f->slots, f->nslots, GetCurrentCommandId(true), 0, NULL);
	MemoryContextSwitchTo(old);
	table_close(rel, NoLock);
	for (int i = 0; i < f->nslots; i++)
		ExecClearTuple(f->slots[i]);
	MemoryContextReset(f->block);
	f->nslots = 0;
	f->bytes = 0;
}

/*
 * Instead of a row: the row with its line joins the block.
 */
static void
take_row(Filling *f, TupleTableSlot *row)
{
	MemoryContext old;
	HeapTuple tuple;
	Datum values[MaxTupleAttributeNumber];
	bool nulls[MaxTupleAttributeNumber];
	int n = f->desc->natts;

	if (f->rows++ == 0)
	{
		/* not before: at the statement's beginning COPY does not show yet */
		old = MemoryContextSwitchTo(f->context);
		f->copy = current_copy(f->door);
		if (f->copy != NULL)
			f->given = list_copy(f->copy->attnumlist);
		f->is_copy = f->copy != NULL;
		MemoryContextSwitchTo(old);
	}
	slot_getallattrs(row);
	values[0] = Int64GetDatum(f->copy != NULL ? (int64) f->copy->cur_lineno : (int64) f->rows);
	nulls[0] = false;
	memcpy(values + 1, row->tts_values, (n - 1) * sizeof(Datum));
	memcpy(nulls + 1, row->tts_isnull, (n - 1) * sizeof(bool));

	if (f->slots[f->nslots] == NULL)
	{
		old = MemoryContextSwitchTo(f->context);
		f->slots[f->nslots] = MakeSingleTupleTableSlot(f->desc, &TTSOpsHeapTuple);
		MemoryContextSwitchTo(old);
	}
	old = MemoryContextSwitchTo(f->block);
	tuple = heap_form_tuple(f->desc, values, nulls);
	MemoryContextSwitchTo(old);
	ExecStoreHeapTuple(tuple, f->slots[f->nslots], false);
	f->nslots++;
	f->bytes += tuple->t_len;
	if (f->nslots == BLOCK_ROWS || f->bytes >= BLOCK_BYTES)
		write_block(f);
}

/*
 * The names of the columns that COPY fills, as text[]; NULL: an INSERT, of
 * which nobody can tell.
 */
static Datum
given_columns(Filling *f, TupleDesc desc, char *isnull)
{
	ListCell *lc;
	Datum *names;
	int n = 0;

	*isnull = f->is_copy ? ' ' : 'n';
	if (!f->is_copy)
		return (Datum) 0;
	names = palloc(Max(list_length(f->given), 1) * sizeof(Datum));
	foreach (lc, f->given)
		names[n++] = CStringGetTextDatum(NameStr(TupleDescAttr(desc, lfirst_int(lc) - 1)->attname));
	return PointerGetDatum(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
load_rows(Filling *f, TupleDesc desc)
{
	Oid types[] = {REGCLASSOID, TEXTARRAYOID, INT8OID};
	Datum args[3];
	char nulls[3] = {' ', ' ', ' '};

	write_block(f);
	args[0] = ObjectIdGetDatum(f->door);
	args[1] = given_columns(f, desc, &nulls[1]);
	args[2] = Int64GetDatum((int64) f->rows);
	SPI_connect();
	SPI_execute_with_args("SELECT momentum._door_load($1, $2, $3)", 3, types, args, nulls, false,
						  0);
	SPI_finish();
}

/*
 * load_rows, with every error kept out of the log but for its own words.
 */
static void
load_quietly(Filling *f, TupleDesc desc)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		load_rows(f, desc);
	}
	PG_CATCH();
	{
		ErrorData *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		error->hide_stmt = true;
		error->hide_ctx = true;
		if (error->detail != NULL)
			error->detail_log = pstrdup("The client was told which row.");
		ReThrowError(error);
	}
	PG_END_TRY();
}

/*
 * After the statement: everything is stored, or an error says what cannot
 * be.
 */
static void
end_filling(Relation door)
{
	Filling *f = find_filling(RelationGetRelid(door));
	Filling **link;

	if (f == NULL)
		elog(ERROR, "door \"%s\" is not being filled", RelationGetRelationName(door));
	if (f->rows > 0)
		load_quietly(f, RelationGetDescr(door));
	for (int i = 0; i < BLOCK_ROWS && f->slots[i] != NULL; i++)
		ExecDropSingleTupleTableSlot(f->slots[i]);
	for (link = &innermost; *link != f; link = &(*link)->outer)
		;
	*link = f->outer;
	MemoryContextDelete(f->context);
}

/*
 * momentum._door(): the trigger.
 */
Datum
mo_door(PG_FUNCTION_ARGS)
{
	TriggerData *data = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BY_INSERT(data->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("momentum._door() is the trigger of INSERT into a door")));
	if (TRIGGER_FIRED_FOR_ROW(data->tg_event))
	{
		Filling *f = find_filling(RelationGetRelid(data->tg_relation));

		if (f == NULL)
			elog(ERROR, "door \"%s\" is not being filled",
				 RelationGetRelationName(data->tg_relation));
		take_row(f, data->tg_trigslot);
		return PointerGetDatum(data->tg_trigtuple);
	}
	if (TRIGGER_FIRED_BEFORE(data->tg_event))
		begin_filling(data->tg_relation);
	else
		end_filling(data->tg_relation);
	return PointerGetDatum(NULL);
}

void
mo_door_init(void)
{
	DefineCustomEnumVariable("momentum.door_errors",
							 "What becomes of a line that a door cannot store.",
							 "stop: nothing of the file is stored; keep: the line goes to "
							 "momentum_state.dead_letter, the others are stored.",
							 &door_errors, DOOR_STOP, door_errors_options, PGC_USERSET, 0, NULL,
							 NULL, NULL);
}
