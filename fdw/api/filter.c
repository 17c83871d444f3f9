/*-------------------------------------------------------------------------
 *
 * filter.c
 *	  Conditions in the service's own words.
 *
 * Bounds are rounded outwards where the service is coarser than PostgreSQL:
 * it may then return more than was asked, never less, and every condition is
 * checked again on our side.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "api/api.h"

#define USECS_PER_UNIT(day) ((day) ? USECS_PER_DAY : USECS_PER_SEC)

/*
 * An instant in UTC, to the second ('t'), the day ('d') or as Unix seconds
 * ('u'); upper bounds round up.  "shift" is in seconds, or days.
 */
static void
append_instant(StringInfo out, TimestampTz t, bool upper, char as, int shift)
{
	bool day = as == 'd';
	int64 unit = USECS_PER_UNIT(day);
	int64 rest = t % unit;
	struct pg_tm tm;
	fsec_t fsec;

	if (rest < 0)
		rest += unit;
	t -= rest;
	if (upper && rest > 0)
		t += unit;
	t += shift * unit;
	if (as == 'u')
	{
		appendStringInfo(out, INT64_FORMAT, (int64) timestamptz_to_time_t(t));
		return;
	}
	if (TIMESTAMP_NOT_FINITE(t) || timestamp2tm(t, NULL, &tm, &fsec, NULL, NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range for a condition of a foreign table")));
	appendStringInfo(out, "%04d-%02d-%02d", tm.tm_year, tm.tm_mon, tm.tm_mday);
	if (!day)
		appendStringInfo(out, "T%02d:%02d:%02dZ", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void
append_quoted(StringInfo out, const char *text, char quote)
{
	appendStringInfoChar(out, quote);
	for (; *text != '\0'; text++)
	{
		if (*text == quote || *text == '\\')
			appendStringInfoChar(out, '\\');
		appendStringInfoChar(out, *text);
	}
	appendStringInfoChar(out, quote);
}

/* A JSON string as it stands within another one: \"a\\\"b\" */
static void
append_json_in_json(StringInfo out, const char *text)
{
	StringInfoData inner;

	initStringInfo(&inner);
	appendStringInfoChar(&inner, '"');
	mo_template_json(&inner, text);
	appendStringInfoChar(&inner, '"');
	mo_template_json(out, inner.data);
}

static void append_list(StringInfo out, const ApiCondition *cond, int part);

/* Write a template; "text" is the value, unless it is an instant or a list. */
static void
append_template(StringInfo out, const char *template, const ApiCondition *cond, const char *text,
				int part)
{
	bool upper = cond->filter->op[0] == '<';

	for (const char *p = template; *p != '\0'; p++)
	{
		int shift = 0;

		if (*p != '%')
		{
			appendStringInfoChar(out, *p);
			continue;
		}
		p++;
		if (*p == '-' || *p == '+')
			shift = *p++ == '-' ? -1 : 1;
		switch (*p)
		{
			case 'q':
				append_quoted(out, text, '"');
				break;
			case 'a':
				append_quoted(out, text, '\'');
				break;
			case 's':
				appendStringInfoString(out, text);
				break;
			case 'j':
				appendStringInfoChar(out, '"');
				mo_template_json(out, text);
				appendStringInfoChar(out, '"');
				break;
			case 'l':
				append_list(out, cond, part);
				break;
			case 'J':
				append_json_in_json(out, text);
				break;
			case 't':
			case 'd':
			case 'u':
				append_instant(out, cond->instant, upper, *p, shift);
				break;
			default:
				elog(ERROR, "bad term \"%s\" in a connector", cond->filter->term);
		}
	}
}

/* The values of a list that belong to one part. */
static void
append_list(StringInfo out, const ApiCondition *cond, int part)
{
	const Filter *filter = cond->filter;
	int first = cond->nvalues > filter->most ? part * filter->most : 0;
	int end = Min(first + filter->most, cond->nvalues);

	for (int i = first; i < end; i++)
	{
		if (i > first)
			appendStringInfoString(out, filter->join);
		append_template(out, filter->each, cond, cond->values[i], part);
	}
}

/* The value of a filter that has a parameter of its own. */
char *
mo_filter_term(const ApiCondition *condition, int part)
{
	StringInfoData out;

	initStringInfo(&out);
	append_template(&out, condition->filter->term, condition, condition->text, part);
	return out.data;
}

/*
 * How many times a scan has to ask, since a list has more values than one
 * request takes.  At most one list of a scan may be that long.
 */
int
mo_filter_parts(List *conditions)
{
	int parts = 1;
	ListCell *lc;

	foreach (lc, conditions)
	{
		const ApiCondition *cond = lfirst(lc);

		if (cond->nvalues > 0)
			parts = Max(parts, (cond->nvalues + cond->filter->most - 1) / cond->filter->most);
	}
	return parts;
}

/*
 * All terms joined in the connector's style, or NULL when there are none.
 * "pass_term" may be NULL; "part" counts those of a long list.
 */
char *
mo_filter_text(const FilterStyle *style, List *conditions, const char *pass_term, int part)
{
	StringInfoData out;
	bool first = true;
	ListCell *lc;

	initStringInfo(&out);
	if (style->open != NULL)
		appendStringInfoString(&out, style->open);
	if (pass_term != NULL)
	{
		appendStringInfoString(&out, pass_term);
		first = false;
	}
	foreach (lc, conditions)
	{
		const ApiCondition *condition = lfirst(lc);

		if (condition->filter->param != NULL)
			continue;
		if (!first)
			appendStringInfoString(&out, style->join);
		append_template(&out, condition->filter->term, condition, condition->text, part);
		first = false;
	}
	if (first)
		return NULL;
	if (style->close != NULL)
		appendStringInfoString(&out, style->close);
	return out.data;
}
