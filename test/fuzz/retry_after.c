/*-------------------------------------------------------------------------
 *
 * retry_after.c
 *	  A Retry-After and a Date header: never a wait below nothing, and plain
 *	  seconds are what they say.
 *
 * fuzzes: fdw/http/retry.c fdw/http/url.c test/fuzz/server/server.c
 *
 *-------------------------------------------------------------------------
 */
#include "server/server.h"

#include <limits.h>

#include "http/retry.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (mo_fuzz_try())
	{
		char *after = mo_fuzz_line(&data, &size);
		char *date = mo_fuzz_line(&data, &size);
		int64 ms = mo_retry_after(after, date);

		CHECK(ms >= -1 && ms <= INT_MAX * INT64CONST(1000));
		if (after != NULL && after[0] != '\0' && strlen(after) <= 9 &&
			strspn(after, "0123456789") == strlen(after))
			CHECK(ms == atoll(after) * 1000);
		if (after == NULL)
			CHECK(ms == -1);
	}
	mo_fuzz_reset();
	return 0;
}
