/*-------------------------------------------------------------------------
 *
 * header.c
 *	  Names of columns and ranges: A1 notation, header cells, identifiers.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "sheet/sheet.h"

/* "A" for 0, "AA" for 26; buf has MO_SHEET_LETTERS bytes and is returned. */
char *
mo_sheet_letters(int column, char *buf)
{
	char *p = buf + MO_SHEET_LETTERS - 1;

	*p = '\0';
	for (column++; column > 0 && p > buf; column = (column - 1) / 26)
		*--p = (char) ('A' + (column - 1) % 26);
	return memmove(buf, p, strlen(p) + 1);
}

/* "B4", "B" or "4"; -1 for what is not there. */
static bool
parse_corner(const char **text, int *column, int *row)
{
	const char *p = *text;
	int n = 0;

	*column = *row = -1;
	for (; n < 3 && ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z')); p++, n++)
		*column = (*column + 1) * 26 + (*p | 0x20) - 'a';
	for (n = 0; n < 8 && *p >= '0' && *p <= '9'; p++, n++)
		*row = (*row < 0 ? 0 : *row) * 10 + *p - '0';
	if (*row == 0 || p == *text)
		return false;
	if (*row > 0)
		(*row)--;
	*text = p;
	return true;
}

/*
 * Understand "A:F", "B4:F200", "B4:F" or "4:20"; false when it is none of
 * those.
 */
bool
mo_sheet_span(const char *text, SheetSpan *span)
{
	int last_column;
	int last_row;

	if (!parse_corner(&text, &span->first_column, &span->first_row) || *text++ != ':' ||
		!parse_corner(&text, &last_column, &last_row) || *text != '\0')
		return false;
	if ((span->first_column < 0) != (last_column < 0) || last_column < span->first_column ||
		(last_row >= 0 && last_row < span->first_row))
		return false;
	span->end_column = last_column < 0 ? -1 : last_column + 1;
	span->end_row = last_row < 0 ? -1 : last_row + 1;
	return true;
}

/* "'Owner''s plan'!A2:D100": always quoted, for a title may look like a cell. */
char *
mo_sheet_range(const char *title, int first_column, int end_column, int first_row, int end_row)
{
	char first[MO_SHEET_LETTERS];
	char last[MO_SHEET_LETTERS];
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '\'');
	for (; *title != '\0'; title++)
	{
		if (*title == '\'')
			appendStringInfoChar(&out, '\'');
		appendStringInfoChar(&out, *title);
	}
	appendStringInfo(&out, "'!%s%d:%s%d", mo_sheet_letters(first_column, first), first_row + 1,
					 mo_sheet_letters(end_column - 1, last), end_row);
	return out.data;
}

/*
 * The text of a cell as a name: white space of any kind becomes one blank,
 * none is left at the ends.  NULL for an empty cell.  Numbers are as sent.
 */
char *
mo_sheet_cell_text(JsonValue *cell)
{
	size_t len;
	bool is;
	const char *text = cell ? mo_json_text(cell, &len) : NULL;
	char *out;
	int n = 0;

	if (text == NULL)
		return NULL;
	if (mo_json_is_bool(cell, &is))
		return pstrdup(is ? "TRUE" : "FALSE");
	text = pg_any_to_server(text, (int) len, PG_UTF8);
	out = palloc(strlen(text) + 1);
	while (*text != '\0')
	{
		bool nbsp = strncmp(text, "\xC2\xA0", 2) == 0 && GetDatabaseEncoding() == PG_UTF8;

		if (nbsp || (unsigned char) *text <= ' ')
		{
			if (n > 0 && out[n - 1] != ' ')
				out[n++] = ' ';
			text += nbsp ? 2 : 1;
		}
		else
			out[n++] = *text++;
	}
	if (n > 0 && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return n > 0 ? out : NULL;
}

static bool
is_taken(char **labels, int n, const char *label)
{
	for (int i = 0; i < n; i++)
	{
		if (labels[i] != NULL && strcmp(labels[i], label) == 0)
			return true;
	}
	return false;
}

/*
 * Names for "n" columns from "first_column" on: the header's text, "col_c"
 * for a blank one in column C (then blank[] is true), "Amount_2" for the
 * second "Amount".  "cells" may be shorter than n.
 */
char **
mo_sheet_labels(JsonValue *const *cells, int ncells, int first_column, int n, bool *blank)
{
	char **labels = palloc0(sizeof(char *) * Max(n, 1));

	for (int i = 0; i < n; i++)
	{
		char *label = i < ncells ? mo_sheet_cell_text(cells[i]) : NULL;
		char letters[MO_SHEET_LETTERS];

		blank[i] = label == NULL;
		if (label == NULL)
		{
			mo_sheet_letters(first_column + i, letters);
			for (char *p = letters; *p != '\0'; p++)
				*p |= 0x20;
			labels[i] = psprintf("col_%s", letters);
			continue;
		}
		labels[i] = label;
		for (int k = 2; is_taken(labels, i, labels[i]); k++)
			labels[i] = psprintf("%s_%d", label, k);
	}
	return labels;
}

/* Is this character beyond ASCII punctuation, a symbol or a picture? */
static bool
is_symbol(pg_wchar c)
{
	return (c >= 0x80 && c <= 0xBF && c != 0xAA && c != 0xB5 && c != 0xBA) || c == 0xD7 ||
		   c == 0xF7 || (c >= 0x2000 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x303F) ||
		   (c >= 0xD800 && c <= 0xF8FF) || (c >= 0xFE00 && c <= 0xFE0F) ||
		   (c >= 0x1F000 && c <= 0x1FAFF);
}

/*
 * An identifier that needs no quotes, made of a label: "Line item (USD)" is
 * line_item_usd.  NULL when nothing of it is left.
 */
char *
mo_sheet_identifier(const char *label)
{
	StringInfoData out;

	initStringInfo(&out);
	while (*label != '\0')
	{
		int len = pg_mblen(label);
		unsigned char c = (unsigned char) *label;
		bool letter;

		if (len > 1)
			letter = GetDatabaseEncoding() != PG_UTF8 ||
					 !is_symbol(utf8_to_unicode((const unsigned char *) label));
		else
			letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (letter && out.len == 0 && c >= '0' && c <= '9')
			appendStringInfoChar(&out, '_');
		if (!letter)
		{
			if (out.len > 0 && out.data[out.len - 1] != '_')
				appendStringInfoChar(&out, '_');
		}
		else if (len == 1 && c >= 'A' && c <= 'Z')
			appendStringInfoChar(&out, (char) (c | 0x20));
		else
			appendBinaryStringInfo(&out, label, len);
		label += len;
	}
	while (out.len > 0 && out.data[out.len - 1] == '_')
		out.data[--out.len] = '\0';
	return out.len > 0 ? out.data : NULL;
}
