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

/* An instant in UTC, to the second or the day; upper bounds round up. */
static void
append_instant(StringInfo out, TimestampTz t, bool upper, bool day)
{
	int64 unit = USECS_PER_UNIT(day);
	int64 rest = t % unit;
	struct pg_tm tm;
	fsec_t fsec;

	if (rest < 0)
		rest += unit;
	t -= rest;
	if (upper && rest > 0)
		t += unit;
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

static void
append_term(StringInfo out, const ApiCondition *cond)
{
	bool upper = cond->filter->op[0] == '<';

	for (const char *p = cond->filter->term; *p != '\0'; p++)
	{
		if (*p != '%')
		{
			appendStringInfoChar(out, *p);
			continue;
		}
		switch (*++p)
		{
			case 'q':
				append_quoted(out, cond->text, '"');
				break;
			case 'a':
				append_quoted(out, cond->text, '\'');
				break;
			case 's':
				appendStringInfoString(out, cond->text);
				break;
			case 't':
			case 'd':
				append_instant(out, cond->instant, upper, *p == 'd');
				break;
			default:
				elog(ERROR, "bad term \"%s\" in a connector", cond->filter->term);
		}
	}
}

/*
 * All terms joined in the connector's style, or NULL when there are none.
 * "pass_term" may be NULL.
 */
char *
mo_filter_text(const FilterStyle *style, List *conditions, const char *pass_term)
{
	StringInfoData out;
	bool first = true;
	ListCell *lc;

	if (conditions == NIL && pass_term == NULL)
		return NULL;
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
		if (!first)
			appendStringInfoString(&out, style->join);
		append_term(&out, lfirst(lc));
		first = false;
	}
	if (style->close != NULL)
		appendStringInfoString(&out, style->close);
	return out.data;
}
