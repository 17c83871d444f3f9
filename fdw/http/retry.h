/*-------------------------------------------------------------------------
 *
 * retry.h
 *	  When to ask again, and how long to wait before.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_RETRY_H
#define MOMENTUM_RETRY_H

#include "http/http.h"

#define MO_RETRY_ATTEMPTS 4 /* the first one and three more */
#define MO_RETRY_BASE_MS 500
#define MO_RETRY_CAP_MS 30000

/* momentum.wait_budget, in ms: what a request may wait, pauses and limits together. */
extern int mo_wait_budget;

/*
 * How long to wait before the next attempt, in ms.  "attempt" is the number
 * of the one that failed, from 1; "told_ms" what the service asked for, or
 * -1.  What the service says is obeyed; else exponential backoff with full
 * jitter.
 */
extern int64 mo_retry_delay(int attempt, int64 told_ms);

/*
 * May we wait that long?  Not beyond momentum.wait_budget, and not past the
 * end of statement_timeout.  "waited_ms" is what the request has waited before.
 */
extern bool mo_retry_affordable(int64 delay_ms);
extern bool mo_retry_in_budget(int64 waited_ms, int64 delay_ms);

/*
 * What a Retry-After header asks for, in ms: seconds (decimals allowed) or an
 * HTTP date, taken relative to the answer's Date header ("date", NULL if
 * absent: our clock).  -1 if it says nothing we understand.
 */
extern int64 mo_retry_after(const char *retry_after, const char *date);

/* Is this outcome worth another attempt, if the request is safe to repeat? */
extern bool mo_retry_status(int status);
extern bool mo_retry_failure(HttpFailureKind kind);

/* Defines the setting; from _PG_init. */
extern void mo_retry_init(void);

#endif /* MOMENTUM_RETRY_H */
