/*-------------------------------------------------------------------------
 *
 * layout.c
 *	  A row of the sheet becomes rows of the table.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "sheet/tab.h"

#define MAX_SHOWN 60 /* bytes of a value in a message */

static char *
shown_value(JsonValue *cell)
{
	size_t len = 0;
	const char *text = cell ? mo_json_text(cell, &len) : NULL;
	int n;

	if (text == NULL)
		return pstrdup("");
	text = pg_any_to_server(text, (int) len, PG_UTF8);
	n = pg_mbcliplen(text, (int) strlen(text), MAX_SHOWN);
	return psprintf("%.*s%s", n, text, text[n] != '\0' ? "..." : "");
}

static JsonValue *
cell_at(const TabState *tab, JsonValue *row, int column)
{
	if (column < tab->window_first_column)
		return NULL;
	return mo_json_element(row, column - tab->window_first_column);
}

/* A cell that is an error or does not fit: raises, unless such are NULL. */
static void
bad_cell(struct ApiScan *scan, const TabState *tab, CellFit fit, int i, JsonValue *cell, int column,
		 int row)
{
	const char *hint = "Mend the sheet, or set option \"on_error\" to 'null' to read NULL there.";

	if (tab->error_is_null)
		return;
	if (fit == CELL_ERROR)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cell %s of tab \"%s\" holds the error %s", mo_tab_cell_name(column, row),
						tab->shown_title, shown_value(cell)),
				 errdetail("It is wanted for column \"%s\".", mo_api_column_name(scan, i)),
				 errhint("%s", hint)));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("cell %s of tab \"%s\" holds no %s", mo_tab_cell_name(column, row),
					tab->shown_title, mo_cell_wanted(tab->map[i].kind)),
			 errdetail("Column \"%s\" is of type %s, the cell holds \"%s\".",
					   mo_api_column_name(scan, i), mo_api_column_type(scan, i), shown_value(cell)),
			 errhint("%s", hint)));
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

static const char *
utf8(const char *text)
{
	return pg_server_to_any(text, (int) strlen(text), PG_UTF8);
}

static void
put_period(struct RowSink *sink, const TabState *tab, int i, const SheetPeriod *period)
{
	if (tab->map[i].source == SOURCE_LABEL)
		mo_sink_put(sink, i, period->label ? utf8(period->label) : NULL);
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

/* Make the rows of the table that a row of the sheet stands for. */
void
mo_tab_make_rows(struct RowSink *sink, TabState *tab, JsonValue *cells, int row)
{
	if (tab->layout == LAYOUT_CROSSTAB)
		cross_row(sink, tab, cells, row);
	else if (tab->layout == LAYOUT_LONG)
		long_row(sink, tab, cells, row);
	else
		plain_row(sink, tab, cells, row);
}
