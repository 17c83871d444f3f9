/*-------------------------------------------------------------------------
 *
 * sheet.c
 *	  A row of cells of any content: periods have days that exist, labels and
 *	  identifiers are there for each column, values read back.
 *
 * fuzzes: fdw/sheet/cell.c fdw/sheet/period.c fdw/sheet/header.c fdw/json/value.c
 * fuzzes: test/fuzz/server/server.c
 *
 *-------------------------------------------------------------------------
 */
#include "server/server.h"

#include "mb/pg_wchar.h"
#include "sheet/sheet.h"
#include "utils/datetime.h"

#define MAX_CELLS 40

static void
check_span(const char *text)
{
	SheetSpan span;

	if (!mo_sheet_span(text, &span))
		return;
	CHECK(span.first_column >= -1 && span.first_row >= -1);
	CHECK(span.end_column == -1 || span.end_column > span.first_column);
	CHECK(span.end_row == -1 || span.end_row > span.first_row);
}

static void
check_identifier(const char *label)
{
	char *name = mo_sheet_identifier(label);

	if (name == NULL) /* there is nothing in the label to make one of */
		return;
	CHECK(name[0] != '\0' && !(name[0] >= '0' && name[0] <= '9'));
	for (const char *p = name; *p != '\0'; p++)
		CHECK(strchr("abcdefghijklmnopqrstuvwxyz0123456789_", *p) != NULL || (*p & 0x80));
	CHECK(pg_encoding_verifymbstr(PG_UTF8, name, (int) strlen(name)) == (int) strlen(name));
}

static void
check_cells(JsonValue *const *cells, int n)
{
	SheetPeriod periods[MAX_CELLS];
	bool blank[MAX_CELLS];
	char **labels = mo_sheet_labels(cells, n, 0, n, blank);

	memset(periods, 0, sizeof(periods));
	mo_sheet_periods(cells, n, periods);
	for (int i = 0; i < n; i++)
	{
		double number;
		int julian;

		CHECK(labels[i] != NULL);
		check_identifier(labels[i]);
		for (int k = 0; k < i && !blank[i]; k++)
			CHECK(strcmp(labels[i], labels[k]) != 0);
		if (periods[i].julian != 0)
		{
			int year, month, day;

			CHECK(periods[i].label != NULL && !periods[i].is_total);
			j2date(periods[i].julian, &year, &month, &day);
			CHECK(year >= 1 && year <= 9999);
			CHECK(strlen(mo_sheet_day_text(periods[i].julian)) == 10);
		}
		if (mo_cell_number(cells[i], &number) && mo_cell_day(number, &julian))
			CHECK(julian > 0);
		for (int kind = CELL_TEXT; kind <= CELL_OTHER; kind++)
		{
			const char *text = NULL;

			if (mo_cell_convert(kind, cells[i], "UTC", &text) == CELL_FITS)
				CHECK(text != NULL);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	JsonValue *row = NULL;
	JsonValue *cells[MAX_CELLS];
	char *volatile text = strndup(size > 0 ? (const char *) data : "", size);
	const char *error;

	row = mo_json_parse(text, strlen(text), &error);
	if (mo_fuzz_try())
	{
		int n = 0;

		check_span(text);
		if (pg_encoding_verifymbstr(PG_UTF8, text, (int) strlen(text)) == (int) strlen(text))
			check_identifier(text);
		for (; n < MAX_CELLS && n < (int) mo_json_length(row); n++)
			cells[n] = mo_json_element(row, n);
		check_cells(cells, n);
	}
	mo_json_free(row);
	free(text);
	mo_fuzz_reset();
	return 0;
}
