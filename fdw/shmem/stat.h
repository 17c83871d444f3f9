/*-------------------------------------------------------------------------
 *
 * stat.h
 *	  What was asked of each server and resource, and how it went.
 *
 * Counted at once, outside of any transaction: what was rolled back has been
 * asked all the same, and a standby counts as the primary does.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_STAT_H
#define MOMENTUM_STAT_H

#include "datatype/timestamp.h"
#include "shmem/breaker.h"

typedef enum StatCounter
{
	STAT_SCANS,
	STAT_REQUESTS,
	STAT_2XX,
	STAT_3XX,
	STAT_4XX, /* but 429 */
	STAT_429,
	STAT_5XX,
	STAT_FAILURES, /* requests without an answer */
	STAT_ERRORS,   /* requests given up */
	STAT_RETRIES,
	STAT_THROTTLED, /* answers that ask to slow down, whatever their status */
	STAT_WAITS,
	STAT_WAIT_US,
	STAT_BYTES, /* received */
	STAT_ROWS,  /* records received */
	STAT_COUNTERS
} StatCounter;

typedef struct StatRow
{
	Oid server;
	char name[MO_TABLE_NAME]; /* of the resource */
	int64 counters[STAT_COUNTERS];
	char last_error[MO_ERROR_TEXT]; /* "" = none */
	int last_sqlstate;
	TimestampTz last_error_at;
	double quota_left; /* -1 = not known */
	double rows;       /* of the last complete scan of all there is; -1 = none */
	double width;
	TimestampTz reset_at;
} StatRow;

/* Adds to counters: "counts" has one number for each. */
extern void mo_stat_add(Oid server, const char *resource, const int64 *counts);

/* Keeps the error.  "error" holds no secret. */
extern void mo_stat_error(Oid server, const char *resource, int sqlstate, const char *error);

/* What the service says is left of the tightest quota. */
extern void mo_stat_quota(Oid server, const char *resource, double left);

/*
 * What a request cost, as the service counted it.  For the first guess of the
 * next scan it is rather too much than too little; 0 = not known.
 */
extern void mo_stat_set_cost(Oid server, const char *resource, double cost);
extern double mo_stat_cost(Oid server, const char *resource);

/*
 * Size of a resource: learned from a scan that read all there is, to its end.
 * False: not known.
 */
extern void mo_stat_complete(Oid server, const char *resource, double rows, double width);
extern bool mo_stat_size(Oid server, const char *resource, double *rows, double *width);

/* All of this database; List of StatRow *. */
extern struct List *mo_stat_rows(void);

/* Begins anew; InvalidOid = of every server.  What was learned of sizes stays. */
extern void mo_stat_reset(Oid server);

/* From _PG_init. */
extern void mo_stat_init(void);

#endif /* MOMENTUM_STAT_H */
