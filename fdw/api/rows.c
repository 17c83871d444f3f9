/*-------------------------------------------------------------------------
 *
 * rows.c
 *	  Rows that a connector makes out of one record.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "api/internal.h"

/* Begin a row: all columns NULL. */
void
mo_sink_begin(RowSink *sink)
{
	MemoryContext old = MemoryContextSwitchTo(sink->cxt);

	sink->current = palloc0(sizeof(char *) * Max(sink->scan->spec->ncolumns, 1));
	MemoryContextSwitchTo(old);
}

/* Set a column by name; a name the table lacks is passed over. */
void
mo_sink_set(RowSink *sink, const char *column, const char *text)
{
	const ApiSpec *spec = sink->scan->spec;

	if (text == NULL)
		return;
	for (int i = 0; i < spec->ncolumns; i++)
	{
		if (strcmp(spec->columns[i].name, column) == 0)
		{
			sink->current[i] = MemoryContextStrdup(sink->cxt, text);
			return;
		}
	}
}

/* The same with a value of the record: a scalar's text, or JSON. */
void
mo_sink_set_json(RowSink *sink, const char *column, JsonValue *value)
{
	char buf[256];
	size_t len;
	const char *text;

	if (value == NULL)
		return;
	text = mo_json_text(value, buf, sizeof(buf), &len);
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

/* The table's columns, for tables that follow the service's headers. */
int
mo_sink_columns(RowSink *sink)
{
	return sink->scan->spec->ncolumns;
}

const char *
mo_sink_column_name(RowSink *sink, int i)
{
	return sink->scan->spec->columns[i].name;
}

const char *
mo_sink_column_path(RowSink *sink, int i)
{
	return sink->scan->spec->columns[i].path;
}

/* Records of this scan before the one at hand. */
int64_t
mo_sink_number(RowSink *sink)
{
	return sink->scan->stats.records - 1;
}

/* The scan, for options and variables. */
ApiScan *
mo_sink_scan(RowSink *sink)
{
	return sink->scan;
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
