/*-------------------------------------------------------------------------
 *
 * lexicon_read.c
 *	  Rows of the tables behind the lexicon, and a sign of their change.
 *
 * The tables are read directly, under the active snapshot and without a check
 * of privileges: who may execute momentum.triage() learns what it says of a
 * message, and needs no right to look into momentum_state.
 *
 * A row is never changed in place: another version of it has another place or
 * another writer.  So the sum of the hashes of both over all rows tells
 * whether anything was changed, whoever did it and however (COPY, TRUNCATE,
 * a rollback, an apply worker); no trigger is needed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "hub/lexicon_read.h"

typedef struct Column
{
	const char *name;
	Oid type;
	bool may_be_null;
} Column;

static const Column lexicon_columns[] = {
	{"brand", TEXTOID},
	{"term", TEXTOID},
	{"form", TEXTOID},
	{"kind", TEXTOID},
	{"weight", FLOAT8OID},
	{0}};

static const Column weight_columns[] = {
	{"brand", TEXTOID},
	{"term", TEXTOID},
	{"category", TEXTOID},
	{"weight", FLOAT8OID},
	{0}};

static const Column rule_columns[] = {
	{"brand", TEXTOID},
	{"rule", TEXTOID},
	{"category", TEXTOID, true},
	{"urgency", TEXTOID, true},
	{"pattern", TSQUERYOID, true},
	{"when_category", TEXTOID, true},
	{"sentiment_below", FLOAT8OID, true},
	{"sentiment_above", FLOAT8OID, true},
	{"weight", FLOAT8OID},
	{"priority", INT4OID},
	{"active", BOOLOID},
	{0}};

static const Column setting_columns[] = {
	{"brand", TEXTOID},
	{"key", TEXTOID},
	{"value", TEXTOID, true},
	{0}};

static const Column brand_columns[] = {
	{"brand", TEXTOID},
	{0}};

static const Column urgency_columns[] = {
	{"urgency", TEXTOID},
	{"position", INT2OID},
	{0}};

static const struct
{
	const char *schema;
	const char *name;
	const Column *columns; /* at most MO_LEXICON_COLUMNS */
} tables[LEXICON_TABLES] = {
	[TABLE_LEXICON] = {"momentum_state", "lexicon", lexicon_columns},
	[TABLE_WEIGHT] = {"momentum_state", "triage_weight", weight_columns},
	[TABLE_RULE] = {"momentum_state", "triage_rule", rule_columns},
	[TABLE_SETTING] = {"momentum_state", "setting", setting_columns},
	[TABLE_BRAND] = {"momentum_state", "brand", brand_columns},
	[TABLE_URGENCY] = {"hub", "inquiry_urgencies", urgency_columns}};

static Relation
open_table(LexiconTable table)
{
	Oid schema = get_namespace_oid(tables[table].schema, true);
	Oid relation = OidIsValid(schema) ? get_relname_relid(tables[table].name, schema) : InvalidOid;

	if (!OidIsValid(relation))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the model does not exist"),
				 errdetail("There is no table %s.%s.", tables[table].schema, tables[table].name),
				 errhint("Run SELECT momentum.setup() first.")));
	if (get_rel_relkind(relation) != RELKIND_RELATION)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s.%s\" is not a table", tables[table].schema, tables[table].name)));
	return table_open(relation, AccessShareLock);
}

/*
 * The attribute number of a column that must be there, of its type.
 */
static AttrNumber
find_column(Relation rel, const Column *column)
{
	TupleDesc desc = RelationGetDescr(rel);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && strcmp(NameStr(att->attname), column->name) == 0 &&
			att->atttypid == column->type)
			return att->attnum;
	}
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("table \"%s\" has no column \"%s\" of type %s", RelationGetRelationName(rel),
					column->name, format_type_be(column->type))));
}

void
mo_lexicon_read(LexiconTable table, LexiconRow take, void *arg)
{
	Relation rel = open_table(table);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan;
	AttrNumber at[MO_LEXICON_COLUMNS];
	Datum values[MO_LEXICON_COLUMNS];
	bool nulls[MO_LEXICON_COLUMNS];
	int n = 0;

	for (; tables[table].columns[n].name != NULL; n++)
		at[n] = find_column(rel, &tables[table].columns[n]);
	scan = table_beginscan(rel, GetActiveSnapshot(), 0, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < n; i++)
		{
			values[i] = slot_getattr(slot, at[i], &nulls[i]);
			/* the constraints are the table's owner's to drop */
			if (nulls[i] && !tables[table].columns[i].may_be_null)
				ereport(ERROR,
						(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						 errmsg("column \"%s\" of table \"%s\" must not be null",
								tables[table].columns[i].name, RelationGetRelationName(rel))));
		}
		take(arg, values, nulls);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(rel, AccessShareLock);
}

uint64
mo_lexicon_fingerprint(void)
{
	uint64 sum = 0;

	for (LexiconTable table = 0; table < LEXICON_TABLES; table++)
	{
		Relation rel = open_table(table);
		TupleTableSlot *slot = table_slot_create(rel, NULL);
		TableScanDesc scan = table_beginscan(rel, GetActiveSnapshot(), 0, NULL);

		sum += hash_bytes_uint32_extended(RelationGetRelid(rel), table);
		while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
		{
			bool isnull;
			Datum writer = slot_getsysattr(slot, MinTransactionIdAttributeNumber, &isnull);
			const uint32 version[] = {
				DatumGetTransactionId(writer),
				ItemPointerGetBlockNumber(&slot->tts_tid),
				ItemPointerGetOffsetNumber(&slot->tts_tid)};

			CHECK_FOR_INTERRUPTS();
			sum += hash_bytes_extended((const unsigned char *) version, sizeof(version), table);
		}
		table_endscan(scan);
		ExecDropSingleTupleTableSlot(slot);
		table_close(rel, AccessShareLock);
	}
	return sum;
}
