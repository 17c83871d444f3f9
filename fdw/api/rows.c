/*-------------------------------------------------------------------------
 *
 * rows.c
 *	  Rows that a connector makes out of one record.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "api/internal.h"

/* Begin a row: all columns NULL. */
void
mo_sink_begin(RowSink *sink)
{
	sink->current = MemoryContextAllocZero(
		sink->cxt, offsetof(SinkRow, text) + sizeof(char *) * sink->scan->spec->ncolumns);
}

/* Set a column by its number, from 0. */
void
mo_sink_put(RowSink *sink, int column, const char *text)
{
	if (text != NULL)
		sink->current->text[column] = MemoryContextStrdup(sink->cxt, text);
}

/* Set a column by name; a name the table lacks is passed over. */
void
mo_sink_set(RowSink *sink, const char *column, const char *text)
{
	const ApiSpec *spec = sink->scan->spec;

	for (int i = 0; i < spec->ncolumns; i++)
	{
		if (strcmp(spec->columns[i].name, column) == 0)
		{
			mo_sink_put(sink, i, text);
			return;
		}
	}
}

/* Where the row stands at the service, in the connector's own terms. */
void
mo_sink_at(RowSink *sink, int64_t at)
{
	sink->current->at = at;
}

/* The same with a value of the record: a scalar's text, or JSON. */
void
mo_sink_set_json(RowSink *sink, const char *column, JsonValue *value)
{
	size_t len;
	const char *text;

	if (value == NULL)
		return;
	text = mo_json_text(value, &len);
	mo_sink_set(sink, column, text ? text : mo_json_dump(value));
}

/* The row is done. */
void
mo_sink_end(RowSink *sink)
{
	MemoryContext old = MemoryContextSwitchTo(sink->cxt);

	sink->rows = lappend(sink->rows, sink->current);
	MemoryContextSwitchTo(old);
}

/* The scan, for options and variables. */
ApiScan *
mo_sink_scan(RowSink *sink)
{
	return sink->scan;
}

/*
 * The day of an instant, as "2026-01-31", in the time zone; as long as the
 * record.  Raises when the one is no instant or the other no zone.
 */
const char *
mo_sink_day(RowSink *sink, JsonValue *instant, const char *zone)
{
	size_t len;
	const char *text = mo_json_text(instant, &len);
	Datum at;
	Datum local;
	Datum day;

	if (text == NULL)
		mo_sink_refuse(sink, "a date in it is not one");
	at = DirectFunctionCall3(timestamptz_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
							 Int32GetDatum(-1));
	local = DirectFunctionCall2(timestamptz_zone, CStringGetTextDatum(zone), at);
	day = DirectFunctionCall1(timestamp_date, local);
	return mo_day_text(DatumGetDateADT(day));
}

/* The record is not what the service promises: "why" says so in half a sentence. */
void
mo_sink_refuse(RowSink *sink, const char *why)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
			 errmsg("could not understand the answer of the service of server \"%s\"",
					sink->scan->spec->server_name),
			 errdetail("Answer for foreign table \"%s\": %s.", sink->scan->spec->table_name, why)));
}

/* The foreign table's name; "" during an import. */
const char *
mo_api_table(ApiScan *scan)
{
	return scan->spec->table_name;
}

/* The table's columns, by attribute number from 0. */
int
mo_api_columns(ApiScan *scan)
{
	return scan->spec->ncolumns;
}

const char *
mo_api_column_name(ApiScan *scan, int i)
{
	return scan->spec->columns[i].name;
}

const char *
mo_api_column_path(ApiScan *scan, int i)
{
	return scan->spec->columns[i].path;
}

const char *
mo_api_column_type(ApiScan *scan, int i)
{
	return scan->spec->columns[i].type;
}

/* Does the query need it? */
bool
mo_api_column_wanted(ApiScan *scan, int i)
{
	return scan->spec->columns[i].wanted;
}

/* Memory of the hooks' own, made at the first call. */
void *
mo_api_state(ApiScan *scan, size_t size)
{
	if (scan->state == NULL)
		scan->state = MemoryContextAllocZero(scan->cxt, size);
	return scan->state;
}

/* For an error: where the value of a column in the current row stands, or NULL. */
const char *
mo_api_place(ApiScan *scan, int column)
{
	const SinkRow *row;

	if (scan->res->place == NULL || scan->sink.rows == NIL || scan->row < 0)
		return NULL;
	row = list_nth(scan->sink.rows, scan->row);
	return scan->res->place(scan, column, row->at);
}

/* Have the connector turn a record into rows. */
void
mo_rows_make(ApiScan *scan, JsonValue *record)
{
	MemoryContext old;

	if (scan->sink.cxt == NULL)
		scan->sink.cxt = AllocSetContextCreate(scan->cxt, "momentum rows", ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(scan->sink.cxt);
	scan->sink.scan = scan;
	scan->sink.rows = NIL;
	scan->row = -1;
	old = MemoryContextSwitchTo(scan->sink.cxt);
	scan->res->rows(&scan->sink, record);
	MemoryContextSwitchTo(old);
}
