/*-------------------------------------------------------------------------
 *
 * tab.c
 *	  Read one tab, window after window of rows, in one of three layouts.
 *
 *	  rows      a row is a row; columns go by the names in the header
 *	  long      the same, for lists of item, period and amount
 *	  crosstab  items down, periods across: a cell is a row
 *
 * Every request brings the header along with its window, so that both are of
 * one moment: a column that moved meanwhile cannot pass for another.  Where
 * there are several windows the file's version has to be the same before and
 * after, for a row put in between would shift the others.  An empty cell is
 * NULL, and in long and crosstab no row at all: absent is not zero.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "sheet/tab.h"

#define WINDOW_CELLS 50000 /* a request's: some 500 kB of JSON */
#define WINDOW_ROWS 5000
#define MAX_LISTED 30 /* names in a message */

static TabState *
tab_of(struct ApiScan *scan)
{
	return mo_api_state(scan, sizeof(TabState));
}

/* "C4": the name of a cell. */
char *
mo_tab_cell_name(int column, int row)
{
	char letters[MO_SHEET_LETTERS];

	return psprintf("%s%d", mo_sheet_letters(column, letters), row + 1);
}

/* Add a name to a list for a message, which ends in "..." when it gets long. */
void
mo_tab_append_name(StringInfo out, int *n, const char *name)
{
	if (++*n == MAX_LISTED + 1)
		appendStringInfoString(out, ", ...");
	else if (*n <= MAX_LISTED)
		appendStringInfo(out, "%s%s", out->len > 0 ? ", " : "", name);
}

static int
int_at(JsonValue *value, const char *path)
{
	size_t len;
	JsonValue *v = mo_json_at(value, path);
	const char *text = v ? mo_json_text(v, &len) : NULL;

	return text ? atoi(text) : 0;
}

static const char *
text_at(JsonValue *value, const char *path)
{
	size_t len;
	JsonValue *v = mo_json_at(value, path);
	const char *text = v && mo_json_is_string(v) ? mo_json_text(v, &len) : NULL;

	return text ? pg_any_to_server(text, (int) len, PG_UTF8) : NULL;
}

/* The tab's properties; raises when there is no such tab. */
static JsonValue *
find_tab(struct ApiScan *scan, JsonValue *book, const char *wanted)
{
	JsonValue *sheets = mo_json_member(book, "sheets");
	const char *title = text_at(book, "properties.title");
	StringInfoData known;
	int n = 0;

	initStringInfo(&known);
	for (size_t i = 0; i < mo_json_length(sheets); i++)
	{
		JsonValue *properties = mo_json_member(mo_json_element(sheets, i), "properties");
		const char *name = text_at(properties, "title");
		const char *type = text_at(properties, "sheetType");
		bool grid = type == NULL || strcmp(type, "GRID") == 0;

		if (name != NULL && strcmp(name, wanted) == 0)
		{
			if (!grid)
				ereport(ERROR,
						(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
						 errmsg("tab \"%s\" has no cells", wanted),
						 errdetail("It is of type %s.", type)));
			return properties;
		}
		if (name != NULL && grid)
			mo_tab_append_name(&known, &n, psprintf("\"%s\"", name));
	}
	ereport(ERROR,
			(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
			 errmsg("spreadsheet \"%s\" has no tab \"%s\"", title ? title : "", wanted),
			 errhint("Its tabs: %s.", known.data)));
}

/* The part of the grid that the table covers, by its options. */
static void
set_bounds(struct ApiScan *scan, TabState *tab, JsonValue *properties)
{
	const char *range = mo_api_option(scan, "range");
	const char *header = mo_api_option(scan, "header_row");
	int rows = int_at(properties, "gridProperties.rowCount");
	int columns = int_at(properties, "gridProperties.columnCount");
	SheetSpan span = {-1, -1, -1, -1};

	if (range != NULL && !mo_sheet_span(range, &span))
		elog(ERROR, "invalid range \"%s\"", range);
	tab->first_column = Max(span.first_column, 0);
	tab->end_column = span.end_column < 0 ? columns : Min(span.end_column, columns);
	tab->header_row = header ? atoi(header) - 1 : Max(span.first_row, 0);
	tab->next_row = Max(tab->header_row + 1, span.first_row);
	tab->end_row = span.end_row < 0 ? rows : Min(span.end_row, rows);
	if (tab->header_row >= rows || tab->first_column >= columns)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
				 errmsg("tab \"%s\" has no cell %s", tab->shown_title,
						mo_tab_cell_name(tab->first_column, tab->header_row)),
				 errdetail("It has %d rows and %d columns, and the header of foreign table "
						   "\"%s\" begins there.",
						   rows, columns, mo_api_table(scan))));
}

/* Ask for the header and the next rows; without rows left, for the header only. */
static void
set_window(struct ApiScan *scan, TabState *tab)
{
	int width = tab->window_end_column - tab->window_first_column;
	const char *size = mo_api_option(scan, "fetch_size");
	int rows = size ? atoi(size) : Max(Min(WINDOW_ROWS, WINDOW_CELLS / width), 1);
	int end = Min(tab->next_row + rows, tab->end_row);
	char *data = NULL;

	tab->header_next = true;
	tab->window_row = tab->next_row;
	tab->next_row = end;
	mo_api_set(scan, "header_range",
			   mo_sheet_range(tab->title, tab->first_column, tab->end_column, tab->header_row,
							  tab->header_row + 1));
	if (tab->window_row < end)
		data = mo_sheet_range(tab->title, tab->window_first_column, tab->window_end_column,
							  tab->window_row, end);
	mo_api_set(scan, "data_range", data);
	tab->records_left = data ? 2 : 1;
}

/* The file's version, which grows with every change to it. */
static char *
file_version(struct ApiScan *scan)
{
	JsonValue *file = mo_api_fetch(scan, "drive_url", "/drive/v3/files/{spreadsheet_id}",
								   "fields=version&supportsAllDrives=true");
	const char *version = text_at(file, "version");

	if (version == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("the service did not tell the spreadsheet's version")));
	return pstrdup(version);
}

static void
check_version(struct ApiScan *scan, TabState *tab)
{
	if (tab->version != NULL && strcmp(tab->version, file_version(scan)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("spreadsheet changed while tab \"%s\" was read", tab->shown_title),
				 errhint("Run the query again.")));
}

static bool
option_is(struct ApiScan *scan, const char *name, const char *value)
{
	const char *option = mo_api_option(scan, name);

	return option != NULL && strcmp(option, value) == 0;
}

/* before: find the tab, and set the first window. */
void
mo_sheet_before(struct ApiScan *scan)
{
	TabState *tab = tab_of(scan);
	const char *title = mo_api_option(scan, "tab");
	JsonValue *book;
	JsonValue *properties;

	if (title == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("foreign table \"%s\" lacks option \"tab\"", mo_api_table(scan)),
				 errhint("Set it to the tab's title, or use IMPORT FOREIGN SCHEMA.")));
	tab->cxt = CurrentMemoryContext;
	tab->shown_title = pstrdup(title);
	tab->title = pg_server_to_any(tab->shown_title, (int) strlen(title), PG_UTF8);
	tab->layout = option_is(scan, "layout", "crosstab") ? LAYOUT_CROSSTAB
				  : option_is(scan, "layout", "long")   ? LAYOUT_LONG
														: LAYOUT_ROWS;
	tab->error_is_null = option_is(scan, "on_error", "null");
	tab->skip_empty = option_is(scan, "skip_empty", "true");
	tab->item = tab->period = tab->amount = -1;

	book = mo_api_fetch(scan, NULL, "/v4/spreadsheets/{spreadsheet_id}",
						"fields=properties(title,timeZone),sheets(properties(title,sheetType,"
						"gridProperties(rowCount,columnCount)))&prettyPrint=false");
	tab->zone = text_at(book, "properties.timeZone");
	if (tab->zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("the service did not tell the spreadsheet's time zone")));
	properties = find_tab(scan, book, title);
	set_bounds(scan, tab, properties);
	tab->empty_row = tab->next_row;
	tab->window_first_column = tab->first_column;
	tab->window_end_column = tab->end_column;
	set_window(scan, tab);
	if (tab->next_row < tab->end_row)
		tab->version = file_version(scan);
}

/* next: once the header is known, only the columns that matter are asked for. */
bool
mo_sheet_next(struct ApiScan *scan)
{
	TabState *tab = tab_of(scan);

	if (tab->records_left != 0)
		ereport(ERROR, (errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
						errmsg("the service did not answer for all ranges of tab \"%s\"",
							   tab->shown_title)));
	if (tab->next_row >= tab->end_row)
	{
		check_version(scan, tab);
		return false;
	}
	if (tab->mapped_end > tab->mapped_first)
	{
		tab->window_first_column = tab->mapped_first;
		tab->window_end_column = tab->mapped_end;
	}
	set_window(scan, tab);
	return true;
}

/* rows: an answer's first record holds the header, its second the window. */
void
mo_sheet_rows(struct RowSink *sink, JsonValue *record)
{
	struct ApiScan *scan = mo_sink_scan(sink);
	TabState *tab = tab_of(scan);
	JsonValue *values = mo_json_member(record, "values");

	tab->records_left--;
	if (tab->header_next)
	{
		tab->header_next = false;
		if (tab->labels == NULL)
			mo_tab_learn_header(scan, tab, record);
		else
			mo_tab_check_header(tab, record);
		return;
	}
	for (size_t k = 0; k < mo_json_length(values); k++)
		mo_tab_make_rows(sink, tab, mo_json_element(values, k), tab->window_row + (int) k);
}

/* place: the cell of a column's value, for errors of its type. */
const char *
mo_sheet_place(struct ApiScan *scan, int column, int64_t at)
{
	const TabState *tab = tab_of(scan);
	const Mapping *m = &tab->map[column];
	bool in_header = tab->layout == LAYOUT_CROSSTAB &&
					 (m->source == SOURCE_PERIOD || m->source == SOURCE_LABEL);
	int from = m->column >= 0 ? m->column : (int) (at >> 32) - 1;

	if (from < 0)
		return NULL;
	return psprintf("cell %s of tab \"%s\"",
					mo_tab_cell_name(from, in_header ? tab->header_row : (int) (at & PG_INT32_MAX)),
					tab->shown_title);
}
