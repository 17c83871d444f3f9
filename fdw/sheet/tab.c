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

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "sheet/sheet.h"

#define WINDOW_CELLS 50000 /* a request's: some 500 kB of JSON */
#define WINDOW_ROWS 5000
#define MAX_LISTED 30 /* names in a message */
#define MAX_SHOWN 60  /* bytes of a value in a message */

typedef enum Layout
{
	LAYOUT_ROWS,
	LAYOUT_LONG,
	LAYOUT_CROSSTAB
} Layout;

/* Where a column of the table comes from */
typedef enum Source
{
	SOURCE_NONE, /* a dropped column */
	SOURCE_ROW_NUMBER,
	SOURCE_CELL,
	SOURCE_ITEM,
	SOURCE_PERIOD,
	SOURCE_LABEL,
	SOURCE_AMOUNT
} Source;

typedef struct Mapping
{
	Source source;
	int column; /* of the sheet; -1 = none, or not one for all rows */
	CellKind kind;
} Mapping;

typedef struct TabState
{
	MemoryContext cxt; /* of the scan */
	char *title;       /* UTF-8 */
	char *shown_title;
	const char *zone;
	Layout layout;
	bool error_is_null;
	bool skip_empty;

	int first_column; /* of the part of the grid that is the table */
	int end_column;
	int header_row;
	int end_row;

	bool header_next;        /* of the two records of an answer */
	int next_row;            /* first row of the next window */
	int window_row;          /* ... of the current one */
	int empty_row;           /* first row not given yet, where empty ones are */
	int window_first_column; /* ... and its columns */
	int window_end_column;

	char *version; /* of the file, before the first of several windows */

	char **labels; /* of the header, from first_column; NULL until it was read */
	bool *blank;
	int nlabels;
	SheetPeriod *periods; /* crosstab: parallel to labels */
	Mapping *map;         /* parallel to the table's columns */
	int item;             /* columns of the sheet, long and crosstab */
	int period;
	int amount;
	int mapped_first; /* columns that matter, half-open */
	int mapped_end;
} TabState;

static TabState *
tab_of(struct ApiScan *scan)
{
	return mo_api_state(scan, sizeof(TabState));
}

/* "C4" */
static char *
cell_name(int column, int row)
{
	char letters[MO_SHEET_LETTERS];

	return psprintf("%s%d", mo_sheet_letters(column, letters), row + 1);
}

static char *
shown_value(JsonValue *cell)
{
	char buf[64];
	size_t len = 0;
	const char *text = cell ? mo_json_text(cell, buf, sizeof(buf), &len) : NULL;
	int n;

	if (text == NULL)
		return pstrdup("");
	text = pg_any_to_server(text, (int) len, PG_UTF8);
	n = pg_mbcliplen(text, (int) strlen(text), MAX_SHOWN);
	return psprintf("%.*s%s", n, text, text[n] != '\0' ? "..." : "");
}

static void
append_name(StringInfo out, int *n, const char *name)
{
	if (++*n == MAX_LISTED + 1)
		appendStringInfoString(out, ", ...");
	else if (*n <= MAX_LISTED)
		appendStringInfo(out, "%s%s", out->len > 0 ? ", " : "", name);
}

/* ---- before the first window ---- */

static int
int_at(JsonValue *value, const char *path)
{
	char buf[64];
	size_t len;
	JsonValue *v = mo_json_at(value, path);
	const char *text = v ? mo_json_text(v, buf, sizeof(buf), &len) : NULL;

	return text ? atoi(text) : 0;
}

static const char *
text_at(JsonValue *value, const char *path)
{
	char buf[64];
	size_t len;
	JsonValue *v = mo_json_at(value, path);
	const char *text = v && mo_json_is_string(v) ? mo_json_text(v, buf, sizeof(buf), &len) : NULL;

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
			append_name(&known, &n, psprintf("\"%s\"", name));
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
						cell_name(tab->first_column, tab->header_row)),
				 errdetail(
					 "It has %d rows and %d columns, and the header of foreign table \"%s\" begins "
					 "there.",
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

	tab->header_next = true;
	tab->window_row = tab->next_row;
	tab->next_row = end;
	mo_api_set(scan, "header_range",
			   mo_sheet_range(tab->title, tab->first_column, tab->end_column, tab->header_row,
							  tab->header_row + 1));
	mo_api_set(scan, "data_range",
			   tab->window_row >= end
				   ? NULL
				   : mo_sheet_range(tab->title, tab->window_first_column, tab->window_end_column,
									tab->window_row, end));
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

/* ---- the header ---- */

static void
no_header(struct ApiScan *scan, TabState *tab, const char *path, const char *why)
{
	StringInfoData known;
	int n = 0;

	initStringInfo(&known);
	for (int i = 0; i < tab->nlabels; i++)
	{
		if (!tab->blank[i])
			append_name(&known, &n, psprintf("\"%s\"", tab->labels[i]));
	}
	ereport(ERROR,
			(errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
			 errmsg("tab \"%s\" has no column \"%s\"", tab->shown_title, path),
			 n > 0 ? errdetail("Its header in row %d: %s.", tab->header_row + 1, known.data)
				   : errdetail("Its header in row %d is empty.", tab->header_row + 1),
			 errhint("%s", why)));
}

/* The column of that name: as it stands there, or as an identifier; -1 = none. */
static int
find_label(const TabState *tab, const char *name)
{
	for (int i = 0; i < tab->nlabels; i++)
	{
		if (strcmp(tab->labels[i], name) == 0)
			return tab->first_column + i;
	}
	for (int i = 0; i < tab->nlabels; i++)
	{
		char *clean = tab->blank[i] ? NULL : mo_sheet_identifier(tab->labels[i]);

		if (clean != NULL && strcmp(clean, name) == 0)
			return tab->first_column + i;
	}
	return -1;
}

/* The column that an option names. */
static int
option_column(struct ApiScan *scan, TabState *tab, const char *option, const char *usual)
{
	const char *name = mo_api_option(scan, option);
	int column = find_label(tab, name ? name : usual);

	if (column < 0)
		no_header(scan, tab, name ? name : usual,
				  psprintf("Set option \"%s\" of foreign table \"%s\" to one of them.", option,
						   mo_api_table(scan)));
	return column;
}

/*
 * Crosstab: the items' column, by option; else the first one with a name that
 * stands left of the periods, else the one next to them.
 */
static void
find_items(struct ApiScan *scan, TabState *tab)
{
	int period = 0;

	if (mo_api_option(scan, "item_column") != NULL)
	{
		tab->item = option_column(scan, tab, "item_column", NULL);
		return;
	}
	while (period < tab->nlabels && tab->periods[period].julian == 0)
		period++;
	for (int i = 0; i < period && tab->item < 0; i++)
	{
		if (!tab->blank[i])
			tab->item = tab->first_column + i;
	}
	if (tab->item < 0)
		tab->item = tab->first_column + (period > 0 && period < tab->nlabels ? period - 1 : 0);
}

static Source
source_of(Layout layout, const char *name, const char *path)
{
	if (strcmp(name, path) != 0)
		return SOURCE_CELL;
	if (strcmp(name, "row_number") == 0)
		return SOURCE_ROW_NUMBER;
	if (layout == LAYOUT_ROWS)
		return SOURCE_CELL;
	if (strcmp(name, "item") == 0)
		return SOURCE_ITEM;
	if (strcmp(name, "period") == 0)
		return SOURCE_PERIOD;
	if (strcmp(name, "period_label") == 0)
		return SOURCE_LABEL;
	return strcmp(name, "amount") == 0 ? SOURCE_AMOUNT : SOURCE_CELL;
}

static void
map_column(struct ApiScan *scan, TabState *tab, int i)
{
	const char *name = mo_api_column_name(scan, i);
	const char *path = mo_api_column_path(scan, i);
	Mapping *m = &tab->map[i];

	m->source = name[0] == '\0' ? SOURCE_NONE : source_of(tab->layout, name, path);
	m->kind = mo_cell_kind(mo_api_column_type(scan, i));
	m->column = -1;
	switch (m->source)
	{
		case SOURCE_ITEM:
			m->column = tab->item;
			break;
		case SOURCE_PERIOD:
		case SOURCE_LABEL:
			m->column = tab->period;
			break;
		case SOURCE_AMOUNT:
			m->column = tab->amount;
			break;
		case SOURCE_CELL:
			m->column = find_label(tab, path);
			if (m->column < 0)
				no_header(
					scan, tab, path,
					psprintf(
						"Set option \"path\" of column \"%s\" of foreign table \"%s\" to one of "
						"them.",
						name, mo_api_table(scan)));
			break;
		default:
			break;
	}
	if (m->column >= 0)
	{
		tab->mapped_first = Min(tab->mapped_first, m->column);
		tab->mapped_end = Max(tab->mapped_end, m->column + 1);
	}
}

/* Which columns of the sheet matter, and for what. */
static void
map_columns(struct ApiScan *scan, TabState *tab, JsonValue *const *cells)
{
	int n = mo_api_columns(scan);

	tab->mapped_first = tab->end_column;
	tab->mapped_end = 0;
	if (tab->layout == LAYOUT_LONG)
	{
		tab->item = option_column(scan, tab, "item_column", "item");
		tab->period = option_column(scan, tab, "period_column", "period");
		tab->amount = option_column(scan, tab, "amount_column", "amount");
	}
	else if (tab->layout == LAYOUT_CROSSTAB)
	{
		tab->periods = palloc0(sizeof(SheetPeriod) * Max(tab->nlabels, 1));
		mo_sheet_periods(cells, tab->nlabels, tab->periods);
		find_items(scan, tab);
	}
	tab->map = palloc0(sizeof(Mapping) * Max(n, 1));
	for (int i = 0; i < n; i++)
		map_column(scan, tab, i);
	/* rows count by what is in them, mapped or not: all of it is needed */
	if (tab->layout == LAYOUT_CROSSTAB || !tab->skip_empty || tab->mapped_end == 0)
	{
		tab->mapped_first = tab->first_column;
		tab->mapped_end = tab->end_column;
	}
}

/* The names in the header's record, one per column of the table's part. */
static char **
header_labels(TabState *tab, JsonValue *record, JsonValue ***cells, bool **blank)
{
	JsonValue *row = mo_json_element(mo_json_member(record, "values"), 0);
	int n = tab->end_column - tab->first_column;

	*cells = palloc0(sizeof(JsonValue *) * n);
	*blank = palloc0(sizeof(bool) * n);
	for (int i = 0; i < n; i++)
		(*cells)[i] = mo_json_element(row, i);
	return mo_sheet_labels(*cells, n, tab->first_column, n, *blank);
}

/* The first record of the first answer. */
static void
learn_header(struct ApiScan *scan, TabState *tab, JsonValue *record)
{
	MemoryContext old = MemoryContextSwitchTo(tab->cxt);
	JsonValue **cells;

	tab->labels = header_labels(tab, record, &cells, &tab->blank);
	tab->nlabels = tab->end_column - tab->first_column;
	map_columns(scan, tab, cells);
	pfree(cells);
	MemoryContextSwitchTo(old);
}

/* The first record of a later answer: nothing may have moved meanwhile. */
static void
check_header(TabState *tab, JsonValue *record)
{
	JsonValue **cells;
	bool *blank;
	char **labels = header_labels(tab, record, &cells, &blank);

	for (int i = 0; i < tab->nlabels; i++)
	{
		if (strcmp(labels[i], tab->labels[i]) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("the header of tab \"%s\" changed while it was read", tab->shown_title),
					 errdetail("Cell %s was \"%s\" and is \"%s\".",
							   cell_name(tab->first_column + i, tab->header_row), tab->labels[i],
							   labels[i]),
					 errhint("Run the query again.")));
	}
}

/* ---- rows ---- */

static JsonValue *
cell_at(const TabState *tab, JsonValue *row, int column)
{
	return column < tab->window_first_column
			   ? NULL
			   : mo_json_element(row, column - tab->window_first_column);
}

/* A cell that is an error or does not fit: raises, unless such are NULL. */
static void
bad_cell(struct ApiScan *scan, const TabState *tab, CellFit fit, int i, JsonValue *cell, int column,
		 int row)
{
	if (tab->error_is_null)
		return;
	if (fit == CELL_ERROR)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cell %s of tab \"%s\" holds the error %s", cell_name(column, row),
						tab->shown_title, shown_value(cell)),
				 errdetail("It is wanted for column \"%s\".", mo_api_column_name(scan, i)),
				 errhint("Mend the sheet, or read such cells as NULL with option \"on_error\" 'null'.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("cell %s of tab \"%s\" holds no %s", cell_name(column, row), tab->shown_title,
					mo_cell_wanted(tab->map[i].kind)),
			 errdetail("Column \"%s\" is of type %s, the cell holds \"%s\".", mo_api_column_name(scan, i),
					   mo_api_column_type(scan, i), shown_value(cell)),
			 errhint("Mend the sheet, or read such cells as NULL with option \"on_error\" 'null'.")));
}

/* Fill column i of the table from a cell. */
static void
put_cell(struct RowSink *sink, const TabState *tab, int i, JsonValue *cell, int column, int row)
{
	const char *text = NULL;
	CellFit fit = mo_cell_convert(tab->map[i].kind, cell, tab->zone, &text);

	if (fit == CELL_FITS)
		mo_sink_put(sink, i, text);
	else if (fit != CELL_EMPTY)
		bad_cell(mo_sink_scan(sink), tab, fit, i, cell, column, row);
}

static void
put_period(struct RowSink *sink, const TabState *tab, int i, const SheetPeriod *period)
{
	if (tab->map[i].source == SOURCE_LABEL)
		mo_sink_put(sink, i, period->label);
	else if (period->julian != 0)
		mo_sink_put(sink, i, mo_sheet_day_text(period->julian));
}

/*
 * Make a row of the table from a row of the sheet.  In a crosstab "column" is
 * the amount's and "period" its header; else period is that of the row, or
 * NULL where there is none.
 */
static void
make_row(struct RowSink *sink, const TabState *tab, JsonValue *cells, int row, int column,
		 const SheetPeriod *period)
{
	struct ApiScan *scan = mo_sink_scan(sink);

	mo_sink_begin(sink);
	mo_sink_at(sink, row | (int64) (column + 1) << 32);
	for (int i = 0; i < mo_api_columns(scan); i++)
	{
		const Mapping *m = &tab->map[i];
		int from = m->column >= 0 ? m->column : column;

		if (!mo_api_column_wanted(scan, i))
			continue;
		if (m->source == SOURCE_ROW_NUMBER)
			mo_sink_put(sink, i, psprintf("%d", row + 1));
		else if (m->source == SOURCE_PERIOD || m->source == SOURCE_LABEL)
		{
			if (period != NULL)
				put_period(sink, tab, i, period);
		}
		else if (m->source != SOURCE_NONE)
			put_cell(sink, tab, i, cell_at(tab, cells, from), from, row);
	}
	mo_sink_end(sink);
}

/* Does a row hold nothing that the table would show? */
static bool
row_empty(struct ApiScan *scan, const TabState *tab, JsonValue *cells)
{
	bool mapped = false;

	for (int i = 0; i < mo_api_columns(scan); i++)
	{
		if (tab->map[i].column < 0)
			continue;
		mapped = true;
		if (!mo_cell_empty(cell_at(tab, cells, tab->map[i].column)))
			return false;
	}
	for (size_t k = 0; !mapped && k < mo_json_length(cells); k++)
	{
		if (!mo_cell_empty(mo_json_element(cells, k)))
			return false;
	}
	return true;
}

/* Layout rows.  Kept empty rows come before the next row that is not: none follow the last. */
static void
plain_row(struct RowSink *sink, TabState *tab, JsonValue *cells, int row)
{
	struct ApiScan *scan = mo_sink_scan(sink);

	if (tab->skip_empty)
	{
		if (!row_empty(scan, tab, cells))
			make_row(sink, tab, cells, row, -1, NULL);
		return;
	}
	if (mo_json_length(cells) == 0)
		return;
	for (; tab->empty_row < row; tab->empty_row++)
		make_row(sink, tab, NULL, tab->empty_row, -1, NULL);
	make_row(sink, tab, cells, row, -1, NULL);
	tab->empty_row = row + 1;
}

/* Layout long: no amount, no row. */
static void
long_row(struct RowSink *sink, const TabState *tab, JsonValue *cells, int row)
{
	JsonValue *when = cell_at(tab, cells, tab->period);
	SheetPeriod period;

	if (mo_cell_empty(cell_at(tab, cells, tab->amount)))
		return;
	mo_sheet_periods(&when, 1, &period);
	make_row(sink, tab, cells, row, tab->amount, &period);
}

/* Is that column of a crosstab one of amounts? */
static bool
has_amounts(struct ApiScan *scan, const TabState *tab, int column)
{
	int at = column - tab->first_column;

	if (tab->blank[at] || tab->periods[at].is_total)
		return false;
	for (int i = 0; i < mo_api_columns(scan); i++)
	{
		if (tab->map[i].column == column)
			return false;
	}
	return true;
}

/*
 * Layout crosstab: a row for each amount right of the item.  Text below a
 * header that is no period is a remark.
 */
static void
cross_row(struct RowSink *sink, const TabState *tab, JsonValue *cells, int row)
{
	struct ApiScan *scan = mo_sink_scan(sink);

	if (mo_cell_empty(cell_at(tab, cells, tab->item)))
		return;
	for (int column = tab->item + 1; column < tab->end_column; column++)
	{
		const SheetPeriod *period = &tab->periods[column - tab->first_column];
		JsonValue *cell = cell_at(tab, cells, column);
		const char *text;

		if (mo_cell_empty(cell) || !has_amounts(scan, tab, column))
			continue;
		if (period->julian == 0 &&
			mo_cell_convert(CELL_NUMBER, cell, tab->zone, &text) == CELL_MISFIT)
			continue;
		make_row(sink, tab, cells, row, column, period);
	}
}

/* rows: an answer's first record holds the header, its second the window. */
void
mo_sheet_rows(struct RowSink *sink, JsonValue *record)
{
	struct ApiScan *scan = mo_sink_scan(sink);
	TabState *tab = tab_of(scan);
	JsonValue *values = mo_json_member(record, "values");

	if (tab->header_next)
	{
		tab->header_next = false;
		if (tab->labels == NULL)
			learn_header(scan, tab, record);
		else
			check_header(tab, record);
		return;
	}
	for (size_t k = 0; k < mo_json_length(values); k++)
	{
		JsonValue *cells = mo_json_element(values, k);
		int row = tab->window_row + (int) k;

		if (tab->layout == LAYOUT_CROSSTAB)
			cross_row(sink, tab, cells, row);
		else if (tab->layout == LAYOUT_LONG)
			long_row(sink, tab, cells, row);
		else
			plain_row(sink, tab, cells, row);
	}
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
					cell_name(from, in_header ? tab->header_row : (int) (at & PG_INT32_MAX)),
					tab->shown_title);
}
