/*-------------------------------------------------------------------------
 *
 * stat.c
 *	  What was asked of each server and resource, and how it went.
 *
 * Counters are atomics, added to under a shared lock that only keeps the
 * entry in its place; texts are written under the exclusive one.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "nodes/pg_list.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "shmem/stat.h"

#define STALE_US (INT64CONST(7) * 24 * 60 * 60 * 1000000)

#define COST_KEPT 0.998 /* of a dear request's cost, when a cheap one follows */

typedef struct StatEntry
{
	TableEntry entry;
	pg_atomic_uint64 counters[STAT_COUNTERS];
	char last_error[MO_ERROR_TEXT];
	int last_sqlstate;
	TimestampTz last_error_at;
	double quota_left;
	double cost;
	double rows;
	double width;
	TimestampTz reset_at;
} StatEntry;

static int most_resources = 5000;

static void make_entry(TableEntry *entry);

static SharedTable statistics = {.area.name = "momentum_statistics",
								 .entry_size = sizeof(StatEntry),
								 .most = &most_resources,
								 .guc = "momentum.max_tracked_resources",
								 .stale_us = STALE_US,
								 .make = make_entry};

static void
make_entry(TableEntry *entry)
{
	StatEntry *e = (StatEntry *) entry;

	for (int i = 0; i < STAT_COUNTERS; i++)
		pg_atomic_init_u64(&e->counters[i], 0);
	e->quota_left = -1;
	e->rows = -1;
	e->reset_at = GetCurrentTimestamp();
}

void
mo_stat_init(void)
{
	DefineCustomIntVariable("momentum.max_tracked_resources",
							"The number of resources whose statistics are kept in shared memory.",
							"Each resource of each server that was read is one.",
							&most_resources, 5000, 16, 1000000,
							mo_shmem_setting_context(), 0, NULL, NULL, NULL);
	mo_table_register(&statistics);
}

void
mo_stat_add(Oid server, const char *resource, const int64 *counts)
{
	for (int try = 0; try < 2; try++)
	{
		StatEntry *e;

		mo_table_lock(&statistics, server, try == 0 ? LW_SHARED : LW_EXCLUSIVE);
		e = mo_table_find(&statistics, server, resource, try > 0);
		for (int i = 0; e != NULL && i < STAT_COUNTERS; i++)
		{
			if (counts[i] != 0)
				pg_atomic_fetch_add_u64(&e->counters[i], counts[i]);
		}
		mo_table_unlock(&statistics, server);
		if (e != NULL)
			return;
	}
}

/* The entry to write to, locked, made if need be; NULL: no room.  Unlock in any case. */
static StatEntry *
lock_entry(Oid server, const char *resource)
{
	mo_table_lock(&statistics, server, LW_EXCLUSIVE);
	return mo_table_find(&statistics, server, resource, true);
}

void
mo_stat_error(Oid server, const char *resource, int sqlstate, const char *error)
{
	StatEntry *e = lock_entry(server, resource);

	if (e != NULL)
	{
		size_t len = pg_mbcliplen(error, strlen(error), sizeof(e->last_error) - 1);

		memcpy(e->last_error, error, len);
		e->last_error[len] = '\0';
		e->last_sqlstate = sqlstate;
		e->last_error_at = GetCurrentTimestamp();
	}
	mo_table_unlock(&statistics, server);
}

void
mo_stat_quota(Oid server, const char *resource, double left)
{
	StatEntry *e = lock_entry(server, resource);

	if (e != NULL)
		e->quota_left = left;
	mo_table_unlock(&statistics, server);
}

void
mo_stat_set_cost(Oid server, const char *resource, double cost)
{
	StatEntry *e = lock_entry(server, resource);

	if (e != NULL)
		e->cost = Max(cost, e->cost * COST_KEPT);
	mo_table_unlock(&statistics, server);
}

void
mo_stat_complete(Oid server, const char *resource, double rows, double width)
{
	StatEntry *e = lock_entry(server, resource);

	if (e != NULL)
	{
		e->rows = rows;
		e->width = width;
	}
	mo_table_unlock(&statistics, server);
}

double
mo_stat_cost(Oid server, const char *resource)
{
	StatEntry *e;
	double cost;

	mo_table_lock(&statistics, server, LW_SHARED);
	e = mo_table_find(&statistics, server, resource, false);
	cost = e != NULL ? e->cost : 0;
	mo_table_unlock(&statistics, server);
	return cost;
}

bool
mo_stat_size(Oid server, const char *resource, double *rows, double *width)
{
	StatEntry *e;
	bool known;

	if (!mo_table_exists(&statistics))
		return false;
	mo_table_lock(&statistics, server, LW_SHARED);
	e = mo_table_find(&statistics, server, resource, false);
	known = e != NULL && e->rows >= 0;
	if (known)
	{
		*rows = e->rows;
		*width = e->width;
	}
	mo_table_unlock(&statistics, server);
	return known;
}

typedef struct RowList
{
	StatRow *rows;
	int n;
	int most;
} RowList;

static void
add_row(void *entry, void *arg)
{
	StatEntry *e = entry;
	RowList *list = arg;
	StatRow *row;

	if (list->n == list->most)
		return;
	row = &list->rows[list->n++];
	row->server = e->entry.key.server;
	strlcpy(row->name, e->entry.key.name, sizeof(row->name));
	for (int i = 0; i < STAT_COUNTERS; i++)
		row->counters[i] = (int64) pg_atomic_read_u64(&e->counters[i]);
	strlcpy(row->last_error, e->last_error, sizeof(row->last_error));
	row->last_sqlstate = e->last_sqlstate;
	row->last_error_at = e->last_error_at;
	row->quota_left = e->quota_left;
	row->rows = e->rows;
	row->width = e->width;
	row->reset_at = e->reset_at;
}

List *
mo_stat_rows(void)
{
	RowList list = {.most = mo_table_count(&statistics)};
	List *rows = NIL;

	if (!mo_table_exists(&statistics))
		return NIL;
	list.rows = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(StatRow) * Max(list.most, 1));
	mo_table_each(&statistics, LW_SHARED, add_row, &list);
	for (int i = 0; i < list.n; i++)
		rows = lappend(rows, &list.rows[i]);
	return rows;
}

static void
reset_entry(void *entry, void *arg)
{
	StatEntry *e = entry;
	const Oid *server = arg;

	if (OidIsValid(*server) && e->entry.key.server != *server)
		return;
	for (int i = 0; i < STAT_COUNTERS; i++)
		pg_atomic_write_u64(&e->counters[i], 0);
	e->last_error[0] = '\0';
	e->last_sqlstate = 0;
	e->last_error_at = 0;
	e->reset_at = GetCurrentTimestamp();
}

void
mo_stat_reset(Oid server)
{
	if (mo_table_exists(&statistics))
		mo_table_each(&statistics, LW_EXCLUSIVE, reset_entry, &server);
}
