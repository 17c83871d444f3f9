/*-------------------------------------------------------------------------
 *
 * tab.h
 *	  What the files that read one tab share among themselves.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_SHEET_TAB_H
#define MOMENTUM_SHEET_TAB_H

#include "lib/stringinfo.h"

#include "sheet/sheet.h"

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

	int records_left;        /* of the answer: header and window, or the header alone */
	bool header_next;        /* of those */
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

/* tab.c */
extern char *mo_tab_cell_name(int column, int row);
extern void mo_tab_append_name(StringInfo out, int *n, const char *name);

/* mapping.c */
extern void mo_tab_learn_header(struct ApiScan *scan, TabState *tab, JsonValue *record);
extern void mo_tab_check_header(TabState *tab, JsonValue *record);

/* layout.c */
extern void mo_tab_make_rows(struct RowSink *sink, TabState *tab, JsonValue *cells, int row);

#endif /* MOMENTUM_SHEET_TAB_H */
