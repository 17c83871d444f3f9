/*-------------------------------------------------------------------------
 *
 * sheet.h
 *	  The tabs of a spreadsheet as tables: headers, cells, layouts.
 *
 * Columns and rows count from 0 here, except where a name says "number".
 * Texts are in the server's encoding, those that come from a JsonValue or go
 * into a request in UTF-8.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_SHEET_H
#define MOMENTUM_SHEET_H

#include "connector.h"

#define MO_SHEET_LETTERS 8 /* "ZZZ" and its end; no grid is wider than 18278 */

/* header.c */

/* Part of a grid: half-open, -1 = open */
typedef struct SheetSpan
{
	int first_column;
	int end_column;
	int first_row;
	int end_row;
} SheetSpan;

extern char *mo_sheet_letters(int column, char *buf);
extern bool mo_sheet_span(const char *text, SheetSpan *span);
extern char *mo_sheet_range(const char *title, int first_column, int end_column, int first_row,
							int end_row);
extern char *mo_sheet_cell_text(JsonValue *cell);
extern char **mo_sheet_labels(JsonValue *const *cells, int ncells, int first_column, int n,
							  bool *blank);
extern char *mo_sheet_identifier(const char *label);

/* cell.c */

/* What a column wants of a cell, by its type */
typedef enum CellKind
{
	CELL_TEXT,
	CELL_NUMBER,
	CELL_INTEGER,
	CELL_BOOLEAN,
	CELL_DATE,
	CELL_TIMESTAMP,
	CELL_TIMESTAMPTZ,
	CELL_TIME,
	CELL_INTERVAL,
	CELL_JSON,
	CELL_OTHER
} CellKind;

typedef enum CellFit
{
	CELL_FITS,
	CELL_EMPTY,
	CELL_ERROR, /* #N/A and the like */
	CELL_MISFIT
} CellFit;

extern CellKind mo_cell_kind(const char *type);
extern const char *mo_cell_wanted(CellKind kind);
extern bool mo_cell_empty(JsonValue *cell);
extern bool mo_cell_number(JsonValue *cell, double *number);
extern bool mo_cell_day(double serial, int *julian);
extern CellFit mo_cell_convert(CellKind kind, JsonValue *cell, const char *zone, const char **text);

/* period.c */

/* What the header of a column, or a cell, says of a period */
typedef struct SheetPeriod
{
	const char *label; /* as people read it; NULL: nothing there */
	bool is_total;     /* a sum of periods, not one */
	int julian;        /* first day, 0 = not a period we know */
} SheetPeriod;

extern void mo_sheet_periods(JsonValue *const *cells, int n, SheetPeriod *periods);
extern char *mo_sheet_day_text(int julian);

/* tab.c: the hooks of the resource */
extern void mo_sheet_before(struct ApiScan *scan);
extern bool mo_sheet_next(struct ApiScan *scan);
extern void mo_sheet_rows(struct RowSink *sink, JsonValue *record);
extern const char *mo_sheet_place(struct ApiScan *scan, int column, int64_t at);

/* import.c */
extern void mo_sheet_import(struct ApiScan *scan, struct ImportSink *sink);

#endif /* MOMENTUM_SHEET_H */
