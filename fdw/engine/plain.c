/*-------------------------------------------------------------------------
 *
 * plain.c
 *	  Numbers and instants as nearly every service writes them.
 *
 * The input functions of their types know all other forms as well and take
 * ten times as long.  Whatever is not quite plain is left to them.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/datetime.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "engine/engine.h"

#define MAX_PLAIN_DIGITS 18 /* surely fit 64 bits */

/* n digits at "text" */
static bool
read_digits(const char *text, int n, int *value)
{
	*value = 0;
	for (int i = 0; i < n; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return false;
		*value = *value * 10 + (text[i] - '0');
	}
	return true;
}

/* "-12.50" */
static bool
read_decimal(const char *text, size_t len, Datum *result)
{
	bool negative = len > 0 && text[0] == '-';
	size_t i = negative;
	size_t point = len;
	int64 value = 0;

	if (len == i || len - i > MAX_PLAIN_DIGITS)
		return false;
	for (; i < len; i++)
	{
		if (text[i] >= '0' && text[i] <= '9')
			value = value * 10 + (text[i] - '0');
		else if (text[i] == '.' && point == len && i > negative && i + 1 < len)
			point = i;
		else
			return false;
	}
	*result = NumericGetDatum(int64_div_fast_to_numeric(negative ? -value : value,
														point < len ? (int) (len - point - 1) : 0));
	return true;
}

/* "2026-03-10T12:00:00Z", the seconds perhaps with a fraction */
static bool
read_instant(const char *text, size_t len, Datum *result)
{
	int year, month, day, hour, minute, second;
	int fraction = 0;
	TimestampTz instant;

	if (len < strlen("2026-03-10T12:00:00Z") || text[len - 1] != 'Z' ||
		!read_digits(text, 4, &year) || text[4] != '-' || !read_digits(text + 5, 2, &month) ||
		text[7] != '-' || !read_digits(text + 8, 2, &day) || text[10] != 'T' ||
		!read_digits(text + 11, 2, &hour) || text[13] != ':' ||
		!read_digits(text + 14, 2, &minute) || text[16] != ':' ||
		!read_digits(text + 17, 2, &second))
		return false;
	if (year < 1 || month < 1 || month > MONTHS_PER_YEAR || day < 1 ||
		day > day_tab[isleap(year)][month - 1] || hour > 23 || minute > 59 || second > 59)
		return false;
	len -= strlen("2026-03-10T12:00:00Z");
	if (len > 0)
	{
		if (len < 2 || len > 1 + MAX_TIMESTAMP_PRECISION || text[19] != '.' ||
			!read_digits(text + 20, (int) len - 1, &fraction))
			return false;
		for (; len < 1 + MAX_TIMESTAMP_PRECISION; len++)
			fraction *= 10;
	}
	instant = (date2j(year, month, day) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY;
	instant += ((hour * MINS_PER_HOUR + minute) * SECS_PER_MINUTE + second) * USECS_PER_SEC;
	*result = TimestampTzGetDatum(instant + fraction);
	return true;
}

/*
 * The value of a text, as the type's input function would give it without a
 * typmod; false if the text, or the type, is not a plain one.
 */
bool
mo_plain_read(Oid type, const char *text, size_t len, Datum *result)
{
	switch (type)
	{
		case NUMERICOID:
			return read_decimal(text, len, result);
		case TIMESTAMPTZOID:
			return read_instant(text, len, result);
		default:
			return false;
	}
}
