/*-------------------------------------------------------------------------
 *
 * import.c
 *	  IMPORT FOREIGN SCHEMA: each tab described by its header and first rows.
 *
 * Only a cell's format tells a date from a number, so the first rows are
 * asked for with their formats, for several tabs at once.  The header is the
 * first row with two names or more: titles stand alone.  A tab whose header
 * is mostly periods is a crosstab.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "sheet/sheet.h"

#define SAMPLE_ROWS 100
#define SAMPLE_COLUMNS 1500 /* a table has 1600 at most */
#define SAMPLE_CELLS 60000  /* of one request: its answer is one record, under MO_JSON_MAX_RECORD */
#define MAX_TABLE_COLUMNS 1590
#define MAX_TABS_A_REQUEST 50 /* keeps the address short enough */

#define LIST_FIELDS \
	"fields=sheets(properties(title,sheetType,gridProperties(rowCount,columnCount)))"
#define SAMPLE_FIELDS                                      \
	"fields=sheets(properties(title),data(rowData(values(" \
	"effectiveValue,effectiveFormat(numberFormat(type))))))"

/* What was seen in a column */
#define SEEN_TEXT 1
#define SEEN_BOOLEAN 2
#define SEEN_NUMBER 4
#define SEEN_DATE 8
#define SEEN_MOMENT 16
#define SEEN_TIME 32

typedef struct ImportTab
{
	char *title; /* UTF-8 */
	char *shown_title;
	char *table;
	int rows; /* of the sample */
	int columns;
} ImportTab;

static char *
member_text(JsonValue *value, const char *path)
{
	size_t len;
	JsonValue *v = mo_json_at(value, path);
	const char *text = v ? mo_json_text(v, &len) : NULL;

	return text ? pstrdup(text) : NULL;
}

static int
member_int(JsonValue *value, const char *path)
{
	char *text = member_text(value, path);

	return text ? atoi(text) : 0;
}

static bool
name_taken(char **names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
	{
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}

/* A name not yet among the n, short enough for an identifier; it becomes one of them. */
static char *
add_name(char **names, int *n, const char *wanted)
{
	char *name = pstrdup(wanted);

	name[pg_mbcliplen(name, (int) strlen(name), NAMEDATALEN - 1)] = '\0';
	for (int k = 2; name_taken(names, *n, name); k++)
	{
		char *suffix = psprintf("_%d", k);
		int room = NAMEDATALEN - 1 - (int) strlen(suffix);

		name = psprintf("%.*s%s", pg_mbcliplen(wanted, (int) strlen(wanted), room), wanted, suffix);
	}
	names[(*n)++] = name;
	return name;
}

/* ---- cells of the sample ---- */

static JsonValue *
sample_cell(JsonValue *rows, int row, int column)
{
	return mo_json_element(mo_json_member(mo_json_element(rows, row), "values"), column);
}

/* The value of a cell as values:batchGet sends it; an error is no value. */
static JsonValue *
cell_value(JsonValue *cell)
{
	static const char *const members[] = {"stringValue", "numberValue", "boolValue"};
	JsonValue *value = mo_json_member(cell, "effectiveValue");

	for (size_t i = 0; i < lengthof(members); i++)
	{
		JsonValue *v = mo_json_member(value, members[i]);

		if (v != NULL)
			return mo_cell_empty(v) ? NULL : v;
	}
	return NULL;
}

static int
cell_seen(JsonValue *cell)
{
	JsonValue *value = cell_value(cell);
	double number;
	char *format;

	if (value == NULL)
		return 0;
	if (mo_json_is_string(value))
		return SEEN_TEXT;
	if (!mo_cell_number(value, &number))
		return SEEN_BOOLEAN;
	format = member_text(cell, "effectiveFormat.numberFormat.type");
	if (format == NULL)
		return SEEN_NUMBER;
	if (strcmp(format, "DATE") == 0)
		return SEEN_DATE;
	if (strcmp(format, "DATE_TIME") == 0)
		return SEEN_MOMENT;
	return strcmp(format, "TIME") == 0 ? SEEN_TIME : SEEN_NUMBER;
}

/* What holds all that was seen. */
static const char *
seen_type(int seen)
{
	switch (seen)
	{
		case SEEN_BOOLEAN:
			return "boolean";
		case SEEN_NUMBER:
			return "numeric";
		case SEEN_DATE:
			return "date";
		case SEEN_MOMENT:
		case SEEN_MOMENT | SEEN_DATE:
			return "timestamp without time zone";
		case SEEN_TIME:
			return "interval";
		default:
			return "text";
	}
}

static int
column_seen(JsonValue *rows, int header, int column)
{
	int seen = 0;

	for (int row = header + 1; row < (int) mo_json_length(rows); row++)
		seen |= cell_seen(sample_cell(rows, row, column));
	return seen;
}

/* First row with two values or more; else the first with any, else row 0. */
static int
header_row(JsonValue *rows, int columns)
{
	int first = -1;

	for (int row = 0; row < (int) mo_json_length(rows); row++)
	{
		int filled = 0;

		for (int column = 0; column < columns; column++)
			filled += cell_value(sample_cell(rows, row, column)) != NULL;
		if (filled > 1)
			return row;
		if (filled == 1 && first < 0)
			first = row;
	}
	return Max(first, 0);
}

/* Two periods or more, and more than half of the header after its first column? */
static bool
is_crosstab(JsonValue **header, int columns)
{
	SheetPeriod *periods = palloc(sizeof(SheetPeriod) * Max(columns, 1));
	double number;
	int dates = 0;
	int others = 0;

	mo_sheet_periods(header, columns, periods);
	for (int i = 1; i < columns; i++)
	{
		if (periods[i].julian != 0)
			dates++;
		else if (periods[i].label != NULL && !periods[i].is_total)
			others++;
	}
	return columns > 0 && !mo_cell_number(header[0], &number) && dates >= 2 && dates > others;
}

/* ---- tables ---- */

static void
import_crosstab(struct ImportSink *sink)
{
	mo_import_option(sink, "layout", "crosstab");
	mo_import_column(sink, "row_number", "bigint", NULL);
	mo_import_column(sink, "item", "text", NULL);
	mo_import_column(sink, "period", "date", NULL);
	mo_import_column(sink, "period_label", "text", NULL);
	mo_import_column(sink, "amount", "numeric", NULL);
}

static void
import_rows(struct ImportSink *sink, JsonValue *rows, int header, JsonValue **cells, int columns)
{
	bool *blank = palloc0(sizeof(bool) * Max(columns, 1));
	char **labels = mo_sheet_labels(cells, columns, 0, columns, blank);
	char **names = palloc0(sizeof(char *) * (columns + 1));
	char *row_number = "row_number";
	int n = 0;

	mo_import_option(sink, "layout", "rows");
	add_name(names, &n, row_number);
	mo_import_column(sink, row_number, "bigint", NULL);
	for (int i = 0; i < columns && n < MAX_TABLE_COLUMNS; i++)
	{
		int seen = column_seen(rows, header, i);
		char *name = blank[i] ? labels[i] : mo_sheet_identifier(labels[i]);
		char letters[MO_SHEET_LETTERS];

		if (blank[i] && seen == 0)
			continue;
		if (name == NULL)
			name = psprintf("column_%s", mo_sheet_letters(i, letters));
		name = add_name(names, &n, name);
		mo_import_column(sink, name, seen_type(seen),
						 strcmp(name, labels[i]) == 0 ? NULL : labels[i]);
	}
}

static void
import_tab(struct ImportSink *sink, const ImportTab *tab, JsonValue *sheet)
{
	JsonValue *rows = mo_json_member(mo_json_element(mo_json_member(sheet, "data"), 0), "rowData");
	int header = header_row(rows, tab->columns);
	JsonValue **cells = palloc0(sizeof(JsonValue *) * Max(tab->columns, 1));

	for (int i = 0; i < tab->columns; i++)
		cells[i] = cell_value(sample_cell(rows, header, i));
	mo_import_table(sink, tab->table, NULL);
	mo_import_option(sink, "tab", tab->shown_title);
	if (header > 0)
		mo_import_option(sink, "header_row", psprintf("%d", header + 1));
	if (is_crosstab(cells, tab->columns))
		import_crosstab(sink);
	else
		import_rows(sink, rows, header, cells, tab->columns);
}

/* Ask for the first rows of some tabs, and describe each. */
static void
import_some(struct ApiScan *scan, struct ImportSink *sink, const ImportTab *tabs, int n)
{
	StringInfoData query;
	JsonValue *book;
	JsonValue *sheets;

	initStringInfo(&query);
	for (int i = 0; i < n; i++)
	{
		char *variable = psprintf("range_%d", i);

		mo_api_set(scan, variable,
				   mo_sheet_range(tabs[i].title, 0, tabs[i].columns, 0, tabs[i].rows));
		appendStringInfo(&query, "ranges={%s}&", variable);
	}
	appendStringInfoString(&query, SAMPLE_FIELDS "&prettyPrint=false");
	book = mo_api_fetch(scan, NULL, "/v4/spreadsheets/{spreadsheet_id}", query.data);
	sheets = mo_json_member(book, "sheets");
	for (int i = 0; i < n; i++)
	{
		JsonValue *found = NULL;

		for (size_t k = 0; k < mo_json_length(sheets) && found == NULL; k++)
		{
			char *title = member_text(mo_json_element(sheets, k), "properties.title");

			if (title != NULL && strcmp(title, tabs[i].title) == 0)
				found = mo_json_element(sheets, k);
		}
		if (found == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
					 errmsg("tab \"%s\" vanished while it was imported", tabs[i].shown_title)));
		import_tab(sink, &tabs[i], found);
	}
}

/* The tabs that are wanted, with names for their tables. */
static ImportTab *
list_tabs(struct ImportSink *sink, JsonValue *book, int *n)
{
	JsonValue *sheets = mo_json_member(book, "sheets");
	size_t all = mo_json_length(sheets);
	ImportTab *tabs = palloc0(sizeof(ImportTab) * (all + 1));
	char **names = palloc0(sizeof(char *) * (all + 1));
	int nnames = 0;

	*n = 0;
	add_name(names, &nnames, "files");
	for (size_t i = 0; i < all; i++)
	{
		JsonValue *properties = mo_json_member(mo_json_element(sheets, i), "properties");
		char *type = member_text(properties, "sheetType");
		ImportTab *tab = &tabs[*n];
		char *name;

		if (type != NULL && strcmp(type, "GRID") != 0)
			continue;
		tab->title = member_text(properties, "title");
		if (tab->title == NULL)
			continue;
		tab->shown_title = pg_any_to_server(tab->title, (int) strlen(tab->title), PG_UTF8);
		name = mo_sheet_identifier(tab->shown_title);
		tab->table = add_name(names, &nnames, name ? name : "tab");
		if (!mo_import_wants(sink, tab->table))
			continue;
		tab->columns = Min(member_int(properties, "gridProperties.columnCount"), SAMPLE_COLUMNS);
		tab->columns = Max(tab->columns, 1);
		tab->rows = Min(member_int(properties, "gridProperties.rowCount"), SAMPLE_ROWS);
		tab->rows = Max(Min(tab->rows, SAMPLE_CELLS / tab->columns), 1);
		(*n)++;
	}
	return tabs;
}

/* import: all tabs with cells, several a request. */
void
mo_sheet_import(struct ApiScan *scan, struct ImportSink *sink)
{
	JsonValue *book = mo_api_fetch(scan, NULL, "/v4/spreadsheets/{spreadsheet_id}",
								   LIST_FIELDS "&prettyPrint=false");
	int n;
	ImportTab *tabs = list_tabs(sink, book, &n);
	int from = 0;

	while (from < n)
	{
		int end = from + 1;
		int cells = tabs[from].rows * tabs[from].columns;

		while (end < n && end - from < MAX_TABS_A_REQUEST &&
			   cells + tabs[end].rows * tabs[end].columns <= SAMPLE_CELLS)
		{
			cells += tabs[end].rows * tabs[end].columns;
			end++;
		}
		import_some(scan, sink, &tabs[from], end - from);
		from = end;
	}
}
