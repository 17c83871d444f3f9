/*-------------------------------------------------------------------------
 *
 * server.c
 *	  The little of a server that our parsers stand on: see server.h.
 *
 *-------------------------------------------------------------------------
 */
#include "server.h"

#include <time.h>

#undef printf
#undef fprintf
#undef vsnprintf

#include "common/pg_prng.h"
#include "datatype/timestamp.h"
#include "mb/pg_wchar.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/elog.h"
#include "utils/guc.h"
#include "utils/numeric.h"
#include "utils/timeout.h"

/* A piece of memory, in the list of all */
typedef struct Piece
{
	struct Piece *next;
	struct Piece *prev;
} Piece;

static Piece pieces = {&pieces, &pieces};

sigjmp_buf mo_fuzz_error;
MemoryContext CurrentMemoryContext = NULL;
MemoryContext TopMemoryContext = NULL;

const int day_tab[2][13] = {{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0},
							{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0}};

void
mo_fuzz_reset(void)
{
	while (pieces.next != &pieces)
		pfree(pieces.next + 1);
}

char *
mo_fuzz_line(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size > 0 ? memchr(*data, '\n', *size) : NULL;
	size_t len = end ? (size_t) (end - *data) : *size;
	char *line;

	if (*size == 0)
		return NULL;
	line = pnstrdup((const char *) *data, len);
	*data += len + (end != NULL);
	*size -= len + (end != NULL);
	return line;
}

/* memory */

void *
palloc(Size size)
{
	Piece *piece = malloc(sizeof(Piece) + size);

	CHECK(piece != NULL);
	piece->next = pieces.next;
	piece->prev = &pieces;
	pieces.next->prev = piece;
	pieces.next = piece;
	return piece + 1;
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void
pfree(void *p)
{
	Piece *piece = (Piece *) p - 1;

	piece->prev->next = piece->next;
	piece->next->prev = piece->prev;
	free(piece);
}

void *
repalloc(void *p, Size size)
{
	Piece *piece = (Piece *) p - 1;
	Piece *prev = piece->prev;
	Piece *next = piece->next;

	Piece *larger = realloc(piece, sizeof(Piece) + size);

	CHECK(larger != NULL);
	prev->next = larger;
	next->prev = larger;
	return larger + 1;
}

char *
pnstrdup(const char *in, Size len)
{
	size_t n = strnlen(in, len);
	char *out = palloc(n + 1);

	memcpy(out, in, n);
	out[n] = '\0';
	return out;
}

char *
pstrdup(const char *in)
{
	return pnstrdup(in, strlen(in));
}

char *
MemoryContextStrdup(MemoryContext context, const char *string)
{
	return pstrdup(string);
}

void *
MemoryContextAllocZero(MemoryContext context, Size size)
{
	return palloc0(size);
}

void *
MemoryContextAllocExtended(MemoryContext context, Size size, int flags)
{
	return palloc0(size);
}

/* strings */

void
initStringInfo(StringInfo str)
{
	str->maxlen = 16;
	str->data = palloc(str->maxlen);
	resetStringInfo(str);
}

void
resetStringInfo(StringInfo str)
{
	str->len = 0;
	str->cursor = 0;
	str->data[0] = '\0';
}

void
enlargeStringInfo(StringInfo str, int needed)
{
	if (str->len + needed + 1 > str->maxlen)
	{
		str->maxlen = (str->len + needed + 1) * 2;
		str->data = repalloc(str->data, str->maxlen);
	}
}

void
appendBinaryStringInfo(StringInfo str, const char *data, int len)
{
	enlargeStringInfo(str, len);
	memcpy(str->data + str->len, data, len);
	str->len += len;
	str->data[str->len] = '\0';
}

void
appendStringInfoString(StringInfo str, const char *s)
{
	appendBinaryStringInfo(str, s, (int) strlen(s));
}

#undef appendStringInfoChar
void
appendStringInfoChar(StringInfo str, char c)
{
	appendBinaryStringInfo(str, &c, 1);
}

static char *
format(const char *fmt, va_list args)
{
	va_list again;
	int n;
	char *out;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	out = palloc(n + 1);
	vsnprintf(out, n + 1, fmt, args);
	return out;
}

char *
psprintf(const char *fmt, ...)
{
	va_list args;
	char *out;

	va_start(args, fmt);
	out = format(fmt, args);
	va_end(args);
	return out;
}

void
appendStringInfo(StringInfo str, const char *fmt, ...)
{
	va_list args;
	char *out;

	va_start(args, fmt);
	out = format(fmt, args);
	va_end(args);
	appendStringInfoString(str, out);
	pfree(out);
}

/* errors */

bool
errstart(int elevel, const char *domain)
{
	return elevel >= ERROR;
}

bool
errstart_cold(int elevel, const char *domain)
{
	return elevel >= ERROR;
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	siglongjmp(mo_fuzz_error, 1);
}

int
errcode(int sqlerrcode)
{
	return 0;
}

int
errmsg(const char *fmt, ...)
{
	return 0;
}

int
errmsg_internal(const char *fmt, ...)
{
	return 0;
}

int
errdetail(const char *fmt, ...)
{
	return 0;
}

int
errhint(const char *fmt, ...)
{
	return 0;
}

/* encodings: the database is UTF-8 */

int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

char *
pg_any_to_server(const char *s, int len, int encoding)
{
	if (pg_encoding_verifymbstr(PG_UTF8, s, len) != len)
		siglongjmp(mo_fuzz_error, 1);
	return unconstify(char *, s);
}

int
pg_mblen(const char *s)
{
	return pg_encoding_mblen(PG_UTF8, s);
}

/* calendar: the days of the proleptic Gregorian one, counted from 1 March of year 0 */

int
date2j(int year, int month, int day)
{
	int64 y = (int64) year - (month <= 2);
	int64 era = (y >= 0 ? y : y - 399) / 400;
	int64 of_era = y - era * 400;
	int64 of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return (int) (era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year + 1721120);
}

void
j2date(int jd, int *year, int *month, int *day)
{
	int64 z = (int64) jd - 1721120;
	int64 era = (z >= 0 ? z : z - 146096) / 146097;
	int64 of_era = z - era * 146097;
	int64 y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64 of_year = of_era - (365 * y + y / 4 - y / 100);
	int64 m = (5 * of_year + 2) / 153;

	*day = (int) (of_year - (153 * m + 2) / 5 + 1);
	*month = (int) (m < 10 ? m + 3 : m - 9);
	*year = (int) (y + era * 400 + (*month <= 2));
}

/* The Monday of a week of ISO 8601. */
int
isoweek2j(int year, int week)
{
	int fourth = date2j(year, 1, 4);

	return fourth - fourth % 7 + (week - 1) * 7;
}

DateADT
GetSQLCurrentDate(void)
{
	return date2j(2026, 3, 10) - POSTGRES_EPOCH_JDATE;
}

TimestampTz
GetCurrentTimestamp(void)
{
	return 0;
}

pg_time_t
timestamptz_to_time_t(TimestampTz t)
{
	return (pg_time_t) (t / USECS_PER_SEC);
}

int
timestamp2tm(Timestamp dt, int *tzp, struct pg_tm *tm, fsec_t *fsec, const char **tzn,
			 pg_tz *attimezone)
{
	return -1;
}

/* numeric: kept as value and scale */
int64 mo_fuzz_numeric_value;
int mo_fuzz_numeric_scale;

Numeric
int64_div_fast_to_numeric(int64 val1, int log10val2)
{
	mo_fuzz_numeric_value = val1;
	mo_fuzz_numeric_scale = log10val2;
	return (Numeric) &mo_fuzz_numeric_value;
}

/* What would call a function of a type ends the input. */
Datum
numeric_in(PG_FUNCTION_ARGS)
{
	siglongjmp(mo_fuzz_error, 1);
}

Datum
numeric_out(PG_FUNCTION_ARGS)
{
	siglongjmp(mo_fuzz_error, 1);
}

Datum
DirectFunctionCall1Coll(PGFunction func, Oid collation, Datum arg1)
{
	siglongjmp(mo_fuzz_error, 1);
}

Datum
DirectFunctionCall3Coll(PGFunction func, Oid collation, Datum arg1, Datum arg2, Datum arg3)
{
	siglongjmp(mo_fuzz_error, 1);
}

/* settings and timeouts */

void
DefineCustomIntVariable(const char *name, const char *short_desc, const char *long_desc,
						int *valueAddr, int bootValue, int minValue, int maxValue,
						GucContext context, int flags, GucIntCheckHook check_hook,
						GucIntAssignHook assign_hook, GucShowHook show_hook)
{
}

bool
get_timeout_active(TimeoutId id)
{
	return false;
}

TimestampTz
get_timeout_finish_time(TimeoutId id)
{
	return 0;
}
