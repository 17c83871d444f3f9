/*-------------------------------------------------------------------------
 *
 * breaker.c
 *	  A circuit breaker for each server: who is dead is left alone for a while.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/guc.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "shmem/breaker.h"
#include "shmem/limit.h"

#define STALE_US (INT64CONST(60) * 60 * 1000000)

typedef struct BreakerEntry
{
	TableEntry entry;
	Oid user;
	Oid blamed;        /* who met the last failure ... */
	uint32 definition; /* ... with these definitions of server and mapping */
	int failures;
	TimestampTz since;
	int64 again_us;       /* open until then; 0 = closed */
	int probe_pid;        /* who tries, 0 = nobody ... */
	int64 probe_until_us; /* ... or somebody who did not come back */
	int sqlstate;
	char error[MO_ERROR_TEXT];
} BreakerEntry;

static int threshold = 5;
static int open_time = 30 * 1000;

static bool is_busy(const TableEntry *entry);

static SharedTable breakers = {.area.name = "momentum_breakers",
							   .entry_size = sizeof(BreakerEntry),
							   .most = &mo_limit_most,
							   .guc = "momentum.max_tracked_limits",
							   .stale_us = STALE_US,
							   .busy = is_busy};

static bool
is_busy(const TableEntry *entry)
{
	return ((const BreakerEntry *) entry)->again_us > mo_table_now_us();
}

void
mo_breaker_init(void)
{
	DefineCustomIntVariable("momentum.breaker_failures",
							"After so many failed requests in a row a server is left alone.",
							"A request has failed when it was given up after its retries. "
							"0 turns the circuit breaker off.",
							&threshold, 5, 0, 1000,
							PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable("momentum.breaker_time",
							"How long a server that failed is left alone.",
							"Then one session tries; the others go on as it does.",
							&open_time, 30 * 1000, 1, 24 * 60 * 60 * 1000,
							PGC_SUSET, GUC_UNIT_MS, NULL, NULL, NULL);
	mo_table_register(&breakers);
}

const char *
mo_breaker_state_name(BreakerState state)
{
	switch (state)
	{
		case BREAKER_OPEN:
			return "open";
		case BREAKER_HALF_OPEN:
			return "half-open";
		default:
			return "closed";
	}
}

/* Everybody's breaker of a server, or that of one user's credential. */
static BreakerEntry *
find(Oid server, Oid user, bool create)
{
	char name[MO_TABLE_NAME] = "";
	BreakerEntry *e;

	if (OidIsValid(user))
		snprintf(name, sizeof(name), "user %u", user);
	e = mo_table_find(&breakers, server, name, create);
	if (e != NULL)
		e->user = user;
	return e;
}

/*
 * Stands for the server's and the mapping's definition: who has changed them
 * need not wait.
 */
static uint32
definition_of(Oid server, Oid user)
{
	HeapTuple tuples[2];
	uint32 hash = 0;

	tuples[0] = SearchSysCache1(FOREIGNSERVEROID, ObjectIdGetDatum(server));
	tuples[1] = SearchSysCache2(USERMAPPINGUSERSERVER, ObjectIdGetDatum(user),
								ObjectIdGetDatum(server));
	for (int i = 0; i < 2; i++)
	{
		if (!HeapTupleIsValid(tuples[i]))
			continue;
		hash = hash_combine(hash, ItemPointerGetBlockNumberNoCheck(&tuples[i]->t_self));
		hash = hash_combine(hash, ItemPointerGetOffsetNumberNoCheck(&tuples[i]->t_self));
		hash = hash_combine(hash, HeapTupleHeaderGetRawXmin(tuples[i]->t_data));
		ReleaseSysCache(tuples[i]);
	}
	return hash;
}

static BreakerState
state_of(const BreakerEntry *e, int64 now)
{
	if (e->again_us == 0)
		return BREAKER_CLOSED;
	return now < e->again_us ? BREAKER_OPEN : BREAKER_HALF_OPEN;
}

static void
fill_report(const BreakerEntry *e, int64 now, BreakerReport *report)
{
	report->server = e->entry.key.server;
	report->user = e->user;
	report->state = state_of(e, now);
	report->failures = e->failures;
	report->since = e->since;
	report->again_ms = Max(Max(e->again_us, e->probe_pid ? e->probe_until_us : 0) - now, 0) / 1000;
	report->sqlstate = e->sqlstate;
	strlcpy(report->error, e->error, sizeof(report->error));
}

/* May we pass this one? */
static bool
passes(const BreakerEntry *e, int64 now)
{
	switch (state_of(e, now))
	{
		case BREAKER_CLOSED:
			return true;
		case BREAKER_OPEN:
			return false;
		case BREAKER_HALF_OPEN:
			break;
	}
	return e->probe_pid == 0 || e->probe_pid == MyProcPid || now >= e->probe_until_us;
}

/* We pass: if it is half open we are the one that tries. */
static void
pass(BreakerEntry *e, int64 now)
{
	if (state_of(e, now) != BREAKER_HALF_OPEN)
		return;
	e->probe_pid = MyProcPid;
	e->probe_until_us = now + open_time * INT64CONST(1000);
}

static void
forget_failures(BreakerEntry *e)
{
	e->failures = 0;
	e->again_us = 0;
	e->probe_pid = 0;
}

bool
mo_breaker_allows(Oid server, Oid user, BreakerReport *report)
{
	Oid users[2] = {InvalidOid, user};
	BreakerEntry *entries[2];
	bool suspect = false;
	bool allowed = true;
	uint32 definition;
	int64 now;

	if (threshold == 0)
		return true;
	mo_table_lock(&breakers, server, LW_SHARED);
	for (int i = 0; i < 2; i++)
	{
		BreakerEntry *e = find(server, users[i], false);

		suspect = suspect || (e != NULL && e->again_us != 0);
	}
	mo_table_unlock(&breakers, server);
	if (!suspect)
		return true;

	definition = definition_of(server, user);
	mo_table_lock(&breakers, server, LW_EXCLUSIVE);
	now = mo_table_now_us();
	for (int i = 0; i < 2 && allowed; i++)
	{
		BreakerEntry *e = find(server, users[i], false);

		entries[i] = e;
		if (e != NULL && e->blamed == user && e->definition != definition)
			forget_failures(e);
		if (e == NULL || passes(e, now))
			continue;
		fill_report(e, now, report);
		allowed = false;
	}
	/* who is stopped by one must not keep others from trying the other */
	for (int i = 0; i < 2 && allowed; i++)
	{
		if (entries[i] != NULL)
			pass(entries[i], now);
	}
	mo_table_unlock(&breakers, server);
	return allowed;
}

void
mo_breaker_good(Oid server, Oid user)
{
	Oid users[2] = {InvalidOid, user};
	bool failed = false;

	if (!mo_table_exists(&breakers))
		return;
	mo_table_lock(&breakers, server, LW_SHARED);
	for (int i = 0; i < 2; i++)
	{
		BreakerEntry *e = find(server, users[i], false);

		failed = failed || (e != NULL && e->failures > 0);
	}
	mo_table_unlock(&breakers, server);
	if (!failed)
		return;
	mo_table_lock(&breakers, server, LW_EXCLUSIVE);
	for (int i = 0; i < 2; i++)
	{
		BreakerEntry *e = find(server, users[i], false);

		if (e != NULL)
			forget_failures(e);
	}
	mo_table_unlock(&breakers, server);
}

void
mo_breaker_bad(Oid server, Oid user, bool login, int sqlstate, const char *error)
{
	TimestampTz now = GetCurrentTimestamp();
	BreakerEntry *e;
	uint32 definition;

	if (threshold == 0)
		return;
	definition = definition_of(server, user);
	mo_table_lock(&breakers, server, LW_EXCLUSIVE);
	e = find(server, login ? user : InvalidOid, true);
	if (e != NULL)
	{
		e->blamed = user;
		e->definition = definition;
		if (e->failures++ == 0)
			e->since = now;
		e->sqlstate = sqlstate;
		strlcpy(e->error, error, sizeof(e->error));
		e->error[pg_mbcliplen(e->error, strlen(e->error), sizeof(e->error) - 1)] = '\0';
		if (e->failures >= threshold || e->again_us != 0)
			e->again_us = mo_table_now_us() + open_time * INT64CONST(1000);
		e->probe_pid = 0;
	}
	mo_table_unlock(&breakers, server);
}

typedef struct ReportList
{
	BreakerReport *reports;
	int n;
	int most;
} ReportList;

static void
add_report(void *entry, void *arg)
{
	const BreakerEntry *e = entry;
	ReportList *list = arg;

	if (e->failures > 0 && list->n < list->most)
		fill_report(e, mo_table_now_us(), &list->reports[list->n++]);
}

List *
mo_breaker_reports(void)
{
	ReportList list = {.most = mo_table_count(&breakers)};
	List *reports = NIL;

	if (!mo_table_exists(&breakers))
		return NIL;
	list.reports =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(BreakerReport) * Max(list.most, 1));
	mo_table_each(&breakers, LW_SHARED, add_report, &list);
	for (int i = 0; i < list.n; i++)
		reports = lappend(reports, &list.reports[i]);
	return reports;
}

static void
reset_entry(void *entry, void *arg)
{
	BreakerEntry *e = entry;
	const Oid *server = arg;

	if (!OidIsValid(*server) || e->entry.key.server == *server)
		forget_failures(e);
}

void
mo_breaker_reset(Oid server)
{
	if (mo_table_exists(&breakers))
		mo_table_each(&breakers, LW_EXCLUSIVE, reset_entry, &server);
}
