/*-------------------------------------------------------------------------
 *
 * table.h
 *	  A table of fixed size in shared memory, keyed by server and name.
 *
 * All entries of one server lie under one lock, so what concerns it is seen
 * and changed together.  When the table is full an entry that nobody has used
 * for long makes room; where there is none, the newcomer is kept in the
 * backend's own memory and one WARNING says so: nothing fails for that.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_TABLE_H
#define MOMENTUM_TABLE_H

#include "port/atomics.h"
#include "shmem/shmem.h"

#define MO_TABLE_LOCKS 16
#define MO_TABLE_NAME 64

typedef struct TableKey
{
	Oid database;
	Oid server;
	char name[MO_TABLE_NAME]; /* cut to that */
} TableKey;

/* What every entry begins with */
typedef struct TableEntry
{
	TableKey key;
	int32 next;               /* in its chain, -1 = the last */
	pg_atomic_uint64 used_us; /* when it was last looked at */
} TableEntry;

typedef struct SharedTable
{
	ShmemArea area; /* first; the owner sets its name, the rest is table.c's */
	Size entry_size;
	int *most;                             /* the setting with the number of entries */
	const char *guc;                       /* its name, for the WARNING */
	int64 stale_us;                        /* unused so long an entry may make room */
	bool (*busy)(const TableEntry *entry); /* may not, whatever its age; NULL = none */
	void (*make)(TableEntry *entry);       /* a new one, zeroed but for its key; NULL = done */
	bool overflown;                        /* the rest is table.c's */
	bool warned;
} SharedTable;

/* From _PG_init, before mo_shmem_init.  "table" is static. */
extern void mo_table_register(SharedTable *table);

/* Takes and releases the lock of all entries of a server of this database. */
extern void mo_table_lock(SharedTable *table, Oid server, LWLockMode mode);
extern void mo_table_unlock(SharedTable *table, Oid server);

/*
 * The entry, under the server's lock: an exclusive one where "create" is set.
 * NULL: there is none, or no room for it anywhere.  It must not be used after
 * the lock is released.
 */
extern void *mo_table_find(SharedTable *table, Oid server, const char *name, bool create);

/* Is there anything to look at?  For lookers who want no WARNING. */
extern bool mo_table_exists(const SharedTable *table);

/* How many entries there are at most, of all databases. */
extern int mo_table_count(const SharedTable *table);

/* Calls "visit" for each entry of this database, under its lock. */
extern void mo_table_each(SharedTable *table, LWLockMode mode,
						  void (*visit)(void *entry, void *arg), void *arg);

/* The clock of all this: microseconds, the same in every backend, never set back. */
extern int64 mo_table_now_us(void);

#endif /* MOMENTUM_TABLE_H */
