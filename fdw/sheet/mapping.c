/*-------------------------------------------------------------------------
 *
 * mapping.c
 *	  Which column of the sheet a column of the table is, by the header.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "sheet/tab.h"

/* The header lacks a name: say which ones it has. */
static void
no_header(struct ApiScan *scan, TabState *tab, const char *path, const char *why)
{
	StringInfoData known;
	int n = 0;

	initStringInfo(&known);
	for (int i = 0; i < tab->nlabels; i++)
	{
		if (!tab->blank[i])
			mo_tab_append_name(&known, &n, psprintf("\"%s\"", tab->labels[i]));
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
				no_header(scan, tab, path,
						  psprintf("Set option \"path\" of column \"%s\" of foreign table \"%s\" "
								   "to one of them.",
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
void
mo_tab_learn_header(struct ApiScan *scan, TabState *tab, JsonValue *record)
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
void
mo_tab_check_header(TabState *tab, JsonValue *record)
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
							   mo_tab_cell_name(tab->first_column + i, tab->header_row),
							   tab->labels[i], labels[i]),
					 errhint("Run the query again.")));
	}
}
