/*-------------------------------------------------------------------------
 *
 * retry.c
 *	  When to ask again, and how long to wait before: policy, no I/O.
 *
 * Full jitter (the wait is drawn between 0 and the bound, and the bound
 * doubles) spreads clients that failed together best: M. Brooker,
 * "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>
#include <math.h>
#include <time.h>

#include "common/pg_prng.h"
#include "http/retry.h"
#include "utils/guc.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

int mo_wait_budget = 60 * 1000;

int64
mo_retry_delay(int attempt, int64 told_ms)
{
	int64 bound = MO_RETRY_CAP_MS;

	if (told_ms >= 0)
		return told_ms;
	if (attempt >= 1 && attempt < 16)
		bound = Min(bound, (int64) MO_RETRY_BASE_MS << (attempt - 1));
	return (int64) (pg_prng_double(&pg_global_prng_state) * (bound + 1));
}

bool
mo_retry_affordable(int64 delay_ms)
{
	return mo_retry_in_budget(0, delay_ms);
}

bool
mo_retry_in_budget(int64 waited_ms, int64 delay_ms)
{
	if (waited_ms + delay_ms > mo_wait_budget)
		return false;
	if (get_timeout_active(STATEMENT_TIMEOUT))
	{
		TimestampTz end = get_timeout_finish_time(STATEMENT_TIMEOUT);

		return TimestampTzPlusMilliseconds(GetCurrentTimestamp(), delay_ms) < end;
	}
	return true;
}

/*
 * "4" or "4.0" seconds in ms, or -1.
 */
static int64
delta_ms(const char *s)
{
	char *end;
	double seconds;

	if (*s < '0' || *s > '9')
		return -1;
	seconds = strtod(s, &end);
	if (strspn(end, " \t") != strlen(end) || isnan(seconds) || seconds > INT_MAX)
		return -1;
	return (int64) ceil(seconds * 1000.0);
}

int64
mo_retry_after(const char *retry_after, const char *date)
{
	int64 ms;
	int64 then;
	int64 now;

	if (retry_after == NULL)
		return -1;
	ms = delta_ms(retry_after);
	if (ms >= 0)
		return ms;
	then = mo_http_date(retry_after);
	if (then == -1)
		return -1;
	now = mo_http_date(date);
	if (now == -1)
		now = time(NULL);
	/* no further ahead than as a number of seconds */
	return Min(Max(then - now, 0), INT_MAX) * 1000;
}

bool
mo_retry_status(int status)
{
	switch (status)
	{
		case 408: /* request timeout */
		case 425: /* too early */
		case 429: /* too many requests */
		case 500:
		case 502:
		case 503:
		case 504:
			return true;
		default:
			return false;
	}
}

bool
mo_retry_failure(HttpFailureKind kind)
{
	switch (kind)
	{
		case HTTP_RESOLVE:
		case HTTP_CONNECT:
		case HTTP_TIMEOUT:
		case HTTP_RESET:
			return true;
		case HTTP_OK:
		case HTTP_TLS: /* a certificate does not get better by itself */
		case HTTP_TOO_LARGE:
		case HTTP_REFUSED:
			return false;
	}
	return false;
}

void
mo_retry_init(void)
{
	DefineCustomIntVariable("momentum.wait_budget",
							"How long a request may wait for a service's rate limits.",
							"If it would have to wait longer, or beyond statement_timeout, the "
							"statement fails at once and says when to come back.",
							&mo_wait_budget,
							60 * 1000, 0, 24 * 60 * 60 * 1000,
							PGC_USERSET, GUC_UNIT_MS,
							NULL, NULL, NULL);
}
