/*-------------------------------------------------------------------------
 *
 * unread.c
 *	  Records with a value that their table's columns cannot take.
 *
 * A scan that meets one fails, and what failed it is noted.  Only where the
 * sync has asked for it (_leave_unread), and until it takes that back, such a
 * record is left out and kept aside, with everything of it that can be read
 * and why the rest cannot.  To go on after an error is safe in a
 * subtransaction alone, and one for each record is not cheap: so a slice is
 * read that way when it has failed the usual one.
 *
 * Nothing outlives the transaction, and to leave out records ends with the
 * subtransaction that began it: who asks next has all rows or an error.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"

#include "compat.h"
#include "engine/scan.h"

#define MAX_UNREAD 10000  /* records kept aside: of a feed that bad nothing is right */
#define MAX_RAW (1 << 20) /* bytes of a value that is kept */
#define MAX_PLACE 400     /* bytes of the note on what failed a scan */
#define UNREAD_COLUMNS 6

/* A record that was left out, in the transaction's memory */
typedef struct Unread
{
	Oid relation;  /* the foreign table; InvalidOid: a value within one of its columns */
	char *key;     /* values of its key columns, separated by slashes; NULL: not to be read */
	char *columns; /* JSON: names of those that could not be read */
	char *record;  /* JSON of the columns that the query reads */
	char *reason;
	char *sqlstate;
} Unread;

static bool leaving = false;
static SubTransactionId leaving_since;
static List *unread = NIL; /* of Unread *, in TopTransactionContext */
static char last_place[MAX_PLACE];

PG_FUNCTION_INFO_V1(mo_leave_unread);
PG_FUNCTION_INFO_V1(mo_leaves_unread);
PG_FUNCTION_INFO_V1(mo_unread);
PG_FUNCTION_INFO_V1(mo_unread_place);
PG_FUNCTION_INFO_V1(mo_numeric_within);
PG_FUNCTION_INFO_V1(mo_instant_within);

static void
stop_leaving(void)
{
	leaving = false;
	unread = NIL;
	last_place[0] = '\0';
}

/* Both ends of a transaction; its memory goes with it. */
static void
at_xact_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		stop_leaving();
}

static void
at_subxact_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (!leaving)
		return;
	if (event == SUBXACT_EVENT_ABORT_SUB && mine <= leaving_since)
		stop_leaving();
	else if (event == SUBXACT_EVENT_COMMIT_SUB && mine == leaving_since)
		leaving_since = parent;
}

/* From _PG_init. */
void
mo_unread_init(void)
{
	RegisterXactCallback(at_xact_end, NULL);
	RegisterSubXactCallback(at_subxact_end, NULL);
}

/* Are records that cannot be read left out? */
bool
mo_unread_leaving(void)
{
	return leaving;
}

/* Is it the value that is wrong, or something else? */
static bool
is_of_value(int sqlstate)
{
	return ERRCODE_TO_CATEGORY(sqlstate) == ERRCODE_DATA_EXCEPTION ||
		   sqlstate == ERRCODE_CHECK_VIOLATION || sqlstate == ERRCODE_NOT_NULL_VIOLATION;
}

/* A text as the service sent it in a column, or NULL; never raises. */
static const char *
raw_text(MoScan *scan, int i)
{
	ApiColumn *c = &scan->columns[i];
	JsonValue *value;
	const char *text;
	size_t len;

	if (c->compiled == NULL)
		return mo_api_row_text(scan->api, i);
	value = mo_json_path_get(c->compiled, mo_api_record(scan->api, mo_json_path_up(c->compiled)));
	if (value == NULL)
		return NULL;
	text = mo_json_text(value, &len);
	return text != NULL ? text : mo_json_dump(value);
}

static bool
is_key(const ApiColumn *c)
{
	return c->wanted && c->declared != NULL && (c->declared->flags & COL_KEY);
}

/*
 * A value has just failed the scan, in the column being converted: note where,
 * for mo_unread_place().  Called while the error is being handled, so nothing
 * here may raise.
 */
void
mo_unread_note(MoScan *scan, int sqlstate)
{
	StringInfoData place;
	bool first = true;
	int len;

	if (scan->column < 0 || !is_of_value(sqlstate))
		return;
	initStringInfo(&place);
	appendStringInfo(&place, "Column \"%s\" of foreign table \"%s\", record",
					 scan->columns[scan->column].name, scan->target->table_name);
	for (int i = 0; i < scan->ncolumns; i++)
	{
		const char *text = is_key(&scan->columns[i]) ? raw_text(scan, i) : NULL;

		if (text == NULL || mo_api_is_secret(scan->api, text))
			continue;
		len = pg_encoding_mbcliplen(PG_UTF8, text, (int) strnlen(text, 100), 80);
		appendStringInfo(&place, "%s%s", first ? " " : "/", mo_answer_legible(pnstrdup(text, len)));
		first = false;
	}
	if (first)
		appendStringInfo(&place, " " INT64_FORMAT, scan->rows);
	appendStringInfoChar(&place, '.');
	strlcpy(last_place, place.data, sizeof(last_place));
	last_place[pg_encoding_mbcliplen(GetDatabaseEncoding(), last_place, strlen(last_place),
									 sizeof(last_place) - 1)] = '\0';
	pfree(place.data);
}

/*
 * Does "work" in a subtransaction.  NULL when that went well, else what is
 * wrong with a value, in the current memory context; any other error is raised.
 */
static ErrorData *
attempt(void (*work)(MoScan *, void *), MoScan *scan, void *arg)
{
	MemoryContext cxt = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(cxt);
	PG_TRY();
	{
		work(scan, arg);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(cxt);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(cxt);
	CurrentResourceOwner = owner;
	if (error != NULL && !is_of_value(error->sqlerrcode))
		ReThrowError(error);
	return error;
}

/* What is known of one column of the record */
typedef struct Look
{
	int column;
	StringInfo json; /* what it adds to the record's */
	char *text;      /* of its value; NULL = it is NULL */
} Look;

/* As the type of the column prints it. */
static void
look_at_value(MoScan *scan, void *arg)
{
	Look *look = arg;
	Oid type = TupleDescAttr(scan->desc, look->column)->atttypid;
	Oid output;
	bool varlena;
	bool isnull;
	Datum value = mo_scan_value(scan, look->column, &isnull);

	if (isnull)
		return;
	getTypeOutputInfo(type, &output, &varlena);
	look->text = OidOutputFunctionCall(output, value);
	escape_json(look->json, look->text);
}

/* As the service sent it: JSON, or the beginning of it as a text. */
static void
look_at_raw(MoScan *scan, void *arg)
{
	Look *look = arg;
	ApiColumn *c = &scan->columns[look->column];
	bool is_json = c->compiled != NULL;
	const char *raw =
		is_json ? mo_json_dump(mo_json_path_get(
					  c->compiled, mo_api_record(scan->api, mo_json_path_up(c->compiled))))
				: mo_api_row_text(scan->api, look->column);
	size_t len;

	if (raw == NULL)
		return;
	len = strlen(raw);
	if (mo_api_is_secret(scan->api, raw))
		ereport(ERROR, (errcode(ERRCODE_DATA_EXCEPTION), errmsg("not shown")));
	if (len > MAX_RAW)
	{
		is_json = false;
		len = pg_encoding_mbcliplen(PG_UTF8, raw, (int) Min(len, MAX_RAW + 4), MAX_RAW);
	}
	raw = pg_any_to_server(pnstrdup(raw, len), (int) len, PG_UTF8);
	if (is_json)
		appendStringInfoString(look->json, raw);
	else
		escape_json(look->json, raw);
}

/* Column by column, after the record as a whole could not be read. */
static void
look_closer(MoScan *scan, Unread *left)
{
	StringInfoData record;
	StringInfoData key;
	StringInfoData columns;
	bool has_key = false;
	ListCell *lc;

	initStringInfo(&record);
	initStringInfo(&key);
	initStringInfo(&columns);
	foreach (lc, scan->wanted)
	{
		Look look = {.column = lfirst_int(lc) - 1};
		ApiColumn *c = &scan->columns[look.column];
		StringInfoData value;
		bool is_bad;

		if (!c->wanted)
			continue;
		initStringInfo(&value);
		look.json = &value;
		is_bad = attempt(look_at_value, scan, &look) != NULL;
		if (is_bad)
		{
			resetStringInfo(&value);
			appendStringInfoString(&columns, columns.len > 0 ? "," : "");
			escape_json(&columns, c->name);
			if (attempt(look_at_raw, scan, &look) != NULL)
			{
				resetStringInfo(&value);
				appendStringInfoString(&value, "null");
			}
		}
		if (value.len > 0)
		{
			appendStringInfoString(&record, record.len > 0 ? "," : "");
			escape_json(&record, c->name);
			appendStringInfo(&record, ":%s", value.data);
		}
		if (is_key(c) && (is_bad || look.text != NULL))
		{
			appendStringInfo(&key, "%s%s", has_key ? "/" : "", is_bad ? "" : look.text);
			has_key = true;
			if (is_bad)
				left->key = ""; /* what it is called is not known */
		}
	}
	left->record = psprintf("{%s}", record.data);
	left->columns = psprintf("[%s]", columns.data);
	left->key = has_key && left->key == NULL ? key.data : NULL;
}

/* Keep a record aside; "where" says which column of which table is wrong. */
static void
keep(const Unread *left, const ErrorData *error, const char *where)
{
	MemoryContext old;
	Unread *copy;

	if (list_length(unread) >= MAX_UNREAD)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("more than %d records cannot be read", MAX_UNREAD),
						errdetail("%s: %s.", where, error->message)));
	old = MemoryContextSwitchTo(TopTransactionContext);
	copy = palloc(sizeof(Unread));
	copy->relation = left->relation;
	copy->key = left->key ? pstrdup(left->key) : NULL;
	copy->columns = pstrdup(left->columns);
	copy->record = pstrdup(left->record);
	copy->reason = psprintf("%s: %s", where, error->message);
	copy->sqlstate = pstrdup(unpack_sql_state(error->sqlerrcode));
	unread = lappend(unread, copy);
	MemoryContextSwitchTo(old);
}

static void
fill(MoScan *scan, void *slot)
{
	mo_scan_fill(scan, slot);
}

/*
 * Fill the slot with the current row, as mo_scan_fill(), while records that
 * cannot be read are left out.  False: this is one, and has been kept aside.
 * In the memory context of the row.
 */
bool
mo_unread_fill(MoScan *scan, TupleTableSlot *slot)
{
	ErrorData *error = attempt(fill, scan, slot);
	Unread left = {.relation = scan->relation};
	int column = scan->column;

	if (error == NULL)
		return true;
	if (column < 0)
		ReThrowError(error);
	scan->shown = NULL;
	look_closer(scan, &left);
	keep(&left, error,
		 psprintf("column \"%s\" of foreign table \"%s\"", scan->columns[column].name,
				  scan->target->table_name));
	scan->column = -1;
	scan->shown = NULL;
	return false;
}

/* A text to be read as the type of an input function */
typedef struct Reading
{
	PGFunction input;
	char *text;
	Datum value;
} Reading;

static void
read_text(MoScan *scan, void *arg)
{
	Reading *reading = arg;

	reading->value = DirectFunctionCall3(reading->input, CStringGetDatum(reading->text),
										 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/*
 * For a value that a loader takes out of a column of JSON: what a scan does
 * for the columns themselves.  Arguments: the text, the order that has it, the
 * resource and the column it is in.
 */
static Datum
read_within(FunctionCallInfo fcinfo, PGFunction input)
{
	Reading reading = {.input = input, .text = TextDatumGetCString(PG_GETARG_DATUM(0))};
	Unread left = {0};
	StringInfoData record;
	ErrorData *error;
	char *column;

	if (!leaving)
	{
		PG_TRY();
		{
			read_text(NULL, &reading);
		}
		PG_CATCH();
		{
			if (is_of_value(geterrcode()))
				snprintf(last_place, sizeof(last_place),
						 "Column \"%s\" of resource \"%s\", record %s.",
						 TextDatumGetCString(PG_GETARG_DATUM(3)),
						 TextDatumGetCString(PG_GETARG_DATUM(2)),
						 TextDatumGetCString(PG_GETARG_DATUM(1)));
			PG_RE_THROW();
		}
		PG_END_TRY();
		return reading.value;
	}
	error = attempt(read_text, NULL, &reading);
	if (error == NULL)
		return reading.value;
	left.key = TextDatumGetCString(PG_GETARG_DATUM(1));
	column = TextDatumGetCString(PG_GETARG_DATUM(3));
	initStringInfo(&record);
	appendStringInfoString(&record, "{\"order_id\":");
	escape_json(&record, left.key);
	appendStringInfoChar(&record, ',');
	escape_json(&record, column);
	appendStringInfoChar(&record, ':');
	escape_json(&record, reading.text);
	appendStringInfoChar(&record, '}');
	left.record = record.data;
	initStringInfo(&record);
	appendStringInfoChar(&record, '[');
	escape_json(&record, column);
	appendStringInfoChar(&record, ']');
	left.columns = record.data;
	keep(&left, error,
		 psprintf("column \"%s\" of resource \"%s\"", column,
				  TextDatumGetCString(PG_GETARG_DATUM(2))));
	PG_RETURN_NULL();
}

/* _numeric_within(text, text, text, text) -> numeric */
Datum
mo_numeric_within(PG_FUNCTION_ARGS)
{
	return read_within(fcinfo, numeric_in);
}

/* _instant_within(text, text, text, text) -> timestamptz */
Datum
mo_instant_within(PG_FUNCTION_ARGS)
{
	return read_within(fcinfo, timestamptz_in);
}

/* _leave_unread(boolean): from now on, or no more; what was kept aside is forgotten. */
Datum
mo_leave_unread(PG_FUNCTION_ARGS)
{
	stop_leaving();
	leaving = PG_GETARG_BOOL(0);
	leaving_since = GetCurrentSubTransactionId();
	PG_RETURN_VOID();
}

/* _leaves_unread() -> boolean */
Datum
mo_leaves_unread(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(leaving);
}

/* _unread() -> setof: what was kept aside */
Datum
mo_unread(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach (lc, unread)
	{
		const Unread *left = lfirst(lc);
		Datum values[UNREAD_COLUMNS] = {0};
		bool nulls[UNREAD_COLUMNS] = {0};

		values[0] = ObjectIdGetDatum(left->relation);
		nulls[0] = !OidIsValid(left->relation);
		nulls[1] = left->key == NULL;
		if (!nulls[1])
			values[1] = CStringGetTextDatum(left->key);
		values[2] = CStringGetTextDatum(left->columns);
		values[3] = CStringGetTextDatum(left->record);
		values[4] = CStringGetTextDatum(left->reason);
		values[5] = CStringGetTextDatum(left->sqlstate);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* _unread_place() -> text: which value failed the last scan that failed for one; NULL: none did */
Datum
mo_unread_place(PG_FUNCTION_ARGS)
{
	if (last_place[0] == '\0')
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(last_place));
}
