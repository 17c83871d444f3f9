/*-------------------------------------------------------------------------
 *
 * plain.c
 *	  Texts that are read without the input functions of their types: a
 *	  number's digits are those of the text, an instant is written back as the
 *	  text had it.
 *
 * fuzzes: fdw/engine/plain.c test/fuzz/server/server.c
 *
 *-------------------------------------------------------------------------
 */
#include "server/server.h"

#include "catalog/pg_type.h"
#include "engine/engine.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

extern int64 mo_fuzz_numeric_value;
extern int mo_fuzz_numeric_scale;

static void
check_number(const char *text, size_t len)
{
	char digits[32];
	int n = 0;
	const char *point = memchr(text, '.', len);

	CHECK(len > 0 && len < sizeof(digits));
	for (size_t i = 0; i < len; i++)
	{
		if (text[i] != '.')
			digits[n++] = text[i];
	}
	digits[n] = '\0';
	CHECK(strspn(digits, "-0123456789") == (size_t) n);
	CHECK(mo_fuzz_numeric_value == strtoll(digits, NULL, 10));
	CHECK(mo_fuzz_numeric_scale == (point == NULL ? 0 : (int) (text + len - point - 1)));
}

static void
check_instant(const char *text, size_t len, TimestampTz instant)
{
	int64 second = instant / USECS_PER_SEC - (instant % USECS_PER_SEC < 0);
	int64 micro = instant - second * USECS_PER_SEC;
	int64 day = second / SECS_PER_DAY - (second % SECS_PER_DAY < 0);
	int64 rest = second - day * SECS_PER_DAY;
	int y, m, d;
	char *back;

	j2date((int) day + POSTGRES_EPOCH_JDATE, &y, &m, &d);
	back = psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%06d", y, m, d, (int) (rest / 3600),
					(int) (rest / 60 % 60), (int) (rest % 60), (int) micro);
	CHECK(memcmp(back, text, Min(len - 1, strlen(back))) == 0);
	for (const char *p = back + len - 1; p < back + strlen(back); p++)
		CHECK(*p == '0' || *p == '.');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (mo_fuzz_try())
	{
		char *text = palloc(size + 1); /* a NUL within is a byte like others */
		Datum value;

		memcpy(text, data, size);
		text[size] = '\0';
		if (mo_plain_read(NUMERICOID, text, size, &value))
			check_number(text, size);
		if (mo_plain_read(TIMESTAMPTZOID, text, size, &value))
			check_instant(text, size, DatumGetTimestampTz(value));
		CHECK(!mo_plain_read(TEXTOID, text, size, &value));
	}
	mo_fuzz_reset();
	return 0;
}
