/*-------------------------------------------------------------------------
 *
 * cell.c
 *	  One cell becomes the text of a value of the column's type.
 *
 * Cells are asked for unformatted, with dates as serial numbers: days since
 * 1899-12-30 in the sheet's time zone.  So a date is known only by the column
 * that wants one.  Text is never taken for a number, whatever it spells: the
 * sheet itself does not add it up, and "1.200" means one thing in New York
 * and another in Berlin.  Text is taken for a date where it is written as ISO
 * 8601 has it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/numeric.h"

#include "sheet/sheet.h"

#define MS_PER_DAY INT64CONST(86400000)
#define FIRST_SERIAL (-693593) /* 0001-01-01 */
#define LAST_SERIAL 2958465    /* 9999-12-31, as in the service */

/* What a column of the type (as format_type() spells it) wants. */
CellKind
mo_cell_kind(const char *type)
{
	static const struct
	{
		const char *type;
		CellKind kind;
	} kinds[] = {
		{"text", CELL_TEXT},
		{"character varying", CELL_TEXT},
		{"character", CELL_TEXT},
		{"numeric", CELL_NUMBER},
		{"double precision", CELL_NUMBER},
		{"real", CELL_NUMBER},
		{"bigint", CELL_INTEGER},
		{"integer", CELL_INTEGER},
		{"smallint", CELL_INTEGER},
		{"boolean", CELL_BOOLEAN},
		{"date", CELL_DATE},
		{"timestamp without time zone", CELL_TIMESTAMP},
		{"timestamp with time zone", CELL_TIMESTAMPTZ},
		{"time without time zone", CELL_TIME},
		{"interval", CELL_INTERVAL},
		{"json", CELL_JSON},
		{"jsonb", CELL_JSON}};

	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		if (strcmp(kinds[i].type, type) == 0)
			return kinds[i].kind;
	}
	return CELL_OTHER;
}

/* For a message: "holds no ..." */
const char *
mo_cell_wanted(CellKind kind)
{
	switch (kind)
	{
		case CELL_NUMBER:
		case CELL_INTEGER:
			return "number";
		case CELL_BOOLEAN:
			return "truth value";
		case CELL_DATE:
			return "date";
		case CELL_TIMESTAMP:
		case CELL_TIMESTAMPTZ:
			return "date and time";
		case CELL_TIME:
			return "time of day";
		case CELL_INTERVAL:
			return "duration";
		default:
			return "such value";
	}
}

/* The service sends an inner empty cell as an empty text. */
bool
mo_cell_empty(JsonValue *cell)
{
	size_t len;

	if (cell == NULL)
		return true;
	return mo_json_is_string(cell) && mo_json_text(cell, &len) && len == 0;
}

/* Is it a number?  Then which, as near as a double comes. */
bool
mo_cell_number(JsonValue *cell, double *number)
{
	size_t len;
	bool is;
	const char *text;

	if (cell == NULL || mo_json_is_string(cell) || mo_json_is_bool(cell, &is))
		return false;
	text = mo_json_text(cell, &len);
	if (text == NULL)
		return false;
	*number = strtod(text, NULL);
	return true;
}

/* The errors a formula can have, as the service spells them */
static bool
is_error(const char *text)
{
	static const char *const errors[] = {
		"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?",
		"#NUM!", "#NULL!", "#ERROR!", "Loading..."};

	for (size_t i = 0; i < lengthof(errors); i++)
	{
		if (strcmp(errors[i], text) == 0)
			return true;
	}
	return false;
}

/* A serial number's day (as a Julian date) and the milliseconds into it. */
static bool
split_serial(double serial, int *julian, int64 *ms)
{
	int64 all;
	int64 days;

	if (!(serial >= FIRST_SERIAL && serial < LAST_SERIAL + 1))
		return false;
	/* 15 digits leave less than a hundredth of a millisecond in doubt */
	all = (int64) rint(serial * MS_PER_DAY);
	days = all / MS_PER_DAY;
	if (all % MS_PER_DAY < 0)
		days--;
	*julian = (int) days + date2j(1899, 12, 30);
	*ms = all - days * MS_PER_DAY;
	return true;
}

/* The day of a serial number, as a Julian date; false when there is none. */
bool
mo_cell_day(double serial, int *julian)
{
	int64 ms;

	return split_serial(serial, julian, &ms);
}

static char *
clock_text(int64 ms)
{
	char *text = psprintf("%02d:%02d:%02d", (int) (ms / 3600000), (int) (ms / 60000 % 60),
						  (int) (ms / 1000 % 60));

	return ms % 1000 ? psprintf("%s.%03d", text, (int) (ms % 1000)) : text;
}

static const char *
moment_text(CellKind kind, double serial, const char *zone)
{
	int julian;
	int64 ms;

	if (kind == CELL_INTERVAL)
		return fabs(serial) < 1e6 ? psprintf("%.3f seconds", serial * 86400.0) : NULL;
	if (!split_serial(serial, &julian, &ms))
		return NULL;
	switch (kind)
	{
		case CELL_DATE:
			return mo_sheet_day_text(julian);
		case CELL_TIME:
			return clock_text(ms);
		case CELL_TIMESTAMP:
			return psprintf("%s %s", mo_sheet_day_text(julian), clock_text(ms));
		default:
			return psprintf("%s %s %s", mo_sheet_day_text(julian), clock_text(ms), zone);
	}
}

/* "2026-01-05", with or without a time; local times are the sheet's. */
static const char *
iso_text(CellKind kind, const char *text, const char *zone)
{
	const char *shape = "dddd-dd-dd";
	const char *p = text;

	for (; *shape != '\0'; shape++, p++)
	{
		if (*shape == 'd' ? !(*p >= '0' && *p <= '9') : *p != *shape)
			return NULL;
	}
	if (p[strspn(p, "0123456789:.T Z+-")] != '\0')
		return NULL;
	if (kind == CELL_TIMESTAMPTZ && strpbrk(p, "Z+-") == NULL)
		return psprintf("%s %s", text, zone);
	return text;
}

/* A whole number without point and exponent, which integers do not read. */
static const char *
integer_text(const char *text)
{
	Datum value;
	char *out;
	char *point;

	if (strpbrk(text, ".eE") == NULL)
		return text;
	value = DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid),
								Int32GetDatum(-1));
	out = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	point = strchr(out, '.');
	if (point != NULL && point[1 + strspn(point + 1, "0")] == '\0')
		*point = '\0';
	return out;
}

/*
 * Convert a cell.  When it fits, "text" is what the type's input function
 * reads; it lives as long as the cell or the current memory context.  "zone"
 * is the sheet's.
 */
CellFit
mo_cell_convert(CellKind kind, JsonValue *cell, const char *zone, const char **text)
{
	bool is_string = cell != NULL && mo_json_is_string(cell);
	bool is_truth;
	bool truth = cell != NULL && mo_json_is_bool(cell, &is_truth);
	size_t len;

	if (mo_cell_empty(cell))
		return CELL_EMPTY;
	*text = mo_json_text(cell, &len);
	if (*text == NULL)
		return CELL_MISFIT;
	if (is_string && is_error(*text))
		return CELL_ERROR;
	switch (kind)
	{
		case CELL_NUMBER:
			return is_string || truth ? CELL_MISFIT : CELL_FITS;
		case CELL_INTEGER:
			if (is_string || truth)
				return CELL_MISFIT;
			*text = integer_text(*text);
			return CELL_FITS;
		case CELL_DATE:
		case CELL_TIMESTAMP:
		case CELL_TIMESTAMPTZ:
		case CELL_TIME:
		case CELL_INTERVAL:
			if (truth)
				return CELL_MISFIT;
			if (!is_string)
				*text = moment_text(kind, strtod(*text, NULL), zone);
			else if (kind != CELL_TIME && kind != CELL_INTERVAL)
				*text = iso_text(kind, *text, zone);
			return *text ? CELL_FITS : CELL_MISFIT;
		case CELL_JSON:
			*text = mo_json_dump(cell);
			return CELL_FITS;
		default:
			return CELL_FITS;
	}
}
