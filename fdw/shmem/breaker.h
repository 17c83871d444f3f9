/*-------------------------------------------------------------------------
 *
 * breaker.h
 *	  A circuit breaker for each server: who is dead is left alone for a while.
 *
 * After so many requests in a row that were given up, nobody asks for a time;
 * then one backend tries, and what it meets decides.  A server that is out of
 * reach or in trouble concerns everybody; a refused credential only the user
 * whose mapping holds it, so that nobody can shut out others.  A change of the
 * server or the mapping begins anew.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_BREAKER_H
#define MOMENTUM_BREAKER_H

#include "datatype/timestamp.h"
#include "shmem/table.h"

#define MO_ERROR_TEXT 200 /* of the last error, cut to that */

typedef enum BreakerState
{
	BREAKER_CLOSED,
	BREAKER_OPEN,
	BREAKER_HALF_OPEN /* one backend tries */
} BreakerState;

typedef struct BreakerReport
{
	Oid server;
	Oid user; /* of the mapping, or InvalidOid: everybody */
	BreakerState state;
	int failures;      /* in a row */
	TimestampTz since; /* the first of them */
	int64 again_ms;    /* until somebody tries */
	int sqlstate;      /* of the last one */
	char error[MO_ERROR_TEXT];
} BreakerReport;

/*
 * May "user" ask the server?  Else "report" says why not.  May make the caller
 * the one that tries.
 */
extern bool mo_breaker_allows(Oid server, Oid user, BreakerReport *report);

/* A request was answered well; InvalidOid for "user" where only his credential was not. */
extern void mo_breaker_good(Oid server, Oid user);

/* A request of "user" was given up; "login" where his credential is to blame. */
extern void mo_breaker_bad(Oid server, Oid user, bool login, int sqlstate, const char *error);

/* Those of this database with failures; List of BreakerReport *. */
extern struct List *mo_breaker_reports(void);

/* All are closed again; InvalidOid = of every server. */
extern void mo_breaker_reset(Oid server);

/* From _PG_init. */
extern void mo_breaker_init(void);

extern const char *mo_breaker_state_name(BreakerState state);

#endif /* MOMENTUM_BREAKER_H */
