/*-------------------------------------------------------------------------
 *
 * table.c
 *	  A table of fixed size in shared memory, keyed by server and name.
 *
 * Entries are never removed, only taken over; each belongs to a chain, each
 * chain to one lock.  The WARNING of a full table is raised by whoever meets
 * it, after its lock is released.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <time.h>

#include "common/hashfn.h"
#include "miscadmin.h"

#include "shmem/table.h"

#define OWN_ENTRIES 64 /* in the backend's own memory */

typedef struct TableHead
{
	int most;
	int nchains; /* a multiple of MO_TABLE_LOCKS */
	Size entry_size;
	pg_atomic_uint32 used;
	int32 chains[FLEXIBLE_ARRAY_MEMBER];
} TableHead;

int64
mo_table_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static int
entry_count(const SharedTable *table, bool shared)
{
	return shared ? *table->most : OWN_ENTRIES;
}

static int
chain_count(int most)
{
	return (most + MO_TABLE_LOCKS - 1) / MO_TABLE_LOCKS * MO_TABLE_LOCKS;
}

static Size
head_size(int nchains)
{
	return MAXALIGN(offsetof(TableHead, chains) + sizeof(int32) * nchains);
}

static Size
table_size(const ShmemArea *area, bool shared)
{
	const SharedTable *table = (const SharedTable *) area;
	int most = entry_count(table, shared);

	return head_size(chain_count(most)) + MAXALIGN(table->entry_size) * most;
}

static void
table_init(const ShmemArea *area, void *memory, bool shared)
{
	const SharedTable *table = (const SharedTable *) area;
	TableHead *head = memory;

	head->most = entry_count(table, shared);
	head->nchains = chain_count(head->most);
	head->entry_size = MAXALIGN(table->entry_size);
	pg_atomic_init_u32(&head->used, 0);
	for (int i = 0; i < head->nchains; i++)
		head->chains[i] = -1;
}

void
mo_table_register(SharedTable *table)
{
	table->area.size = table_size;
	table->area.init = table_init;
	table->area.nlocks = MO_TABLE_LOCKS;
	mo_shmem_register(&table->area);
}

static TableEntry *
entry_at(TableHead *head, int32 i)
{
	return (TableEntry *) ((char *) head + head_size(head->nchains) + head->entry_size * i);
}

static uint32
lock_of(Oid server)
{
	return murmurhash32(MyDatabaseId ^ murmurhash32(server)) % MO_TABLE_LOCKS;
}

static void
make_key(TableKey *key, Oid server, const char *name)
{
	memset(key, 0, sizeof(*key));
	key->database = MyDatabaseId;
	key->server = server;
	strlcpy(key->name, name, sizeof(key->name));
}

/* The chain of a key, one of those under its server's lock. */
static int
chain_of(const TableHead *head, const TableKey *key)
{
	uint32 hash = hash_bytes((const unsigned char *) key, sizeof(*key));

	return hash % (head->nchains / MO_TABLE_LOCKS) * MO_TABLE_LOCKS + lock_of(key->server);
}

static TableEntry *
search(TableHead *head, const TableKey *key)
{
	for (int32 i = head->chains[chain_of(head, key)]; i >= 0; i = entry_at(head, i)->next)
	{
		TableEntry *entry = entry_at(head, i);

		if (memcmp(&entry->key, key, sizeof(*key)) == 0)
			return entry;
	}
	return NULL;
}

static void
set_entry(SharedTable *table, TableHead *head, int32 i, const TableKey *key)
{
	TableEntry *entry = entry_at(head, i);
	int chain = chain_of(head, key);

	memset(entry, 0, head->entry_size);
	entry->key = *key;
	entry->next = head->chains[chain];
	pg_atomic_init_u64(&entry->used_us, mo_table_now_us());
	head->chains[chain] = i;
	if (table->make != NULL)
		table->make(entry);
}

/* An entry that was never used, or -1. */
static int32
fresh_entry(TableHead *head)
{
	uint32 i;

	if (pg_atomic_read_u32(&head->used) >= (uint32) head->most)
		return -1;
	i = pg_atomic_fetch_add_u32(&head->used, 1);
	if (i < (uint32) head->most)
		return (int32) i;
	pg_atomic_fetch_sub_u32(&head->used, 1);
	return -1;
}

/* Takes the entry under this lock that was unused longest out of its chain; -1: none is stale. */
static int32
stale_entry(SharedTable *table, TableHead *head, uint32 lock, int64 stale_us)
{
	uint64 oldest = PG_UINT64_MAX;
	int32 *link = NULL;
	int32 found;

	for (int chain = (int) lock; chain < head->nchains; chain += MO_TABLE_LOCKS)
	{
		for (int32 *i = &head->chains[chain]; *i >= 0; i = &entry_at(head, *i)->next)
		{
			TableEntry *entry = entry_at(head, *i);
			uint64 used = pg_atomic_read_u64(&entry->used_us);

			if (used < oldest && (table->busy == NULL || !table->busy(entry)))
			{
				oldest = used;
				link = i;
			}
		}
	}
	if (link == NULL || (int64) oldest + stale_us > mo_table_now_us())
		return -1;
	found = *link;
	*link = entry_at(head, found)->next;
	return found;
}

static TableEntry *
create_in(SharedTable *table, TableHead *head, const TableKey *key, int64 stale_us)
{
	int32 i = fresh_entry(head);

	if (i < 0)
		i = stale_entry(table, head, lock_of(key->server), stale_us);
	if (i < 0)
		return NULL;
	set_entry(table, head, i, key);
	return entry_at(head, i);
}

bool
mo_table_exists(const SharedTable *table)
{
	return table->area.shared != NULL || table->area.own != NULL;
}

static int
count_in(TableHead *head)
{
	return head != NULL ? (int) Min(pg_atomic_read_u32(&head->used), (uint32) head->most) : 0;
}

int
mo_table_count(const SharedTable *table)
{
	return count_in(table->area.shared) + count_in(table->area.own);
}

/*
 * The memory is made before the lock is taken, the own one too: nothing may
 * raise under it.
 */
void
mo_table_lock(SharedTable *table, Oid server, LWLockMode mode)
{
	TableHead *head = mo_shmem_memory(&table->area);

	if (table->area.shared != NULL && table->area.own == NULL &&
		pg_atomic_read_u32(&head->used) >= (uint32) head->most)
		(void) mo_shmem_own(&table->area);
	mo_shmem_lock(&table->area, (int) lock_of(server), mode);
}

void
mo_table_unlock(SharedTable *table, Oid server)
{
	mo_shmem_unlock(&table->area, (int) lock_of(server));
	if (!table->overflown || table->warned)
		return;
	table->warned = true;
	ereport(WARNING,
			(errmsg("shared memory for \"%s\" is full", table->area.name),
			 errdetail("What is new is known to this session alone."),
			 errhint("Raise \"%s\" and restart the server.", table->guc)));
}

void *
mo_table_find(SharedTable *table, Oid server, const char *name, bool create)
{
	TableHead *own = table->area.own;
	TableHead *shared = table->area.shared;
	TableEntry *entry = NULL;
	TableKey key;

	make_key(&key, server, name);
	if (shared != NULL)
		entry = search(shared, &key);
	if (entry == NULL && own != NULL)
		entry = search(own, &key);
	if (entry == NULL && create && shared != NULL)
		entry = create_in(table, shared, &key, table->stale_us);
	if (entry == NULL && create)
	{
		table->overflown = shared != NULL;
		if (own != NULL)
			entry = create_in(table, own, &key, 0);
	}
	if (entry != NULL)
		pg_atomic_write_u64(&entry->used_us, mo_table_now_us());
	return entry;
}

static void
visit_chains(TableHead *head, int lock, void (*visit)(void *, void *), void *arg)
{
	for (int chain = lock; chain < head->nchains; chain += MO_TABLE_LOCKS)
	{
		for (int32 i = head->chains[chain]; i >= 0; i = entry_at(head, i)->next)
		{
			if (entry_at(head, i)->key.database == MyDatabaseId)
				visit(entry_at(head, i), arg);
		}
	}
}

void
mo_table_each(SharedTable *table, LWLockMode mode, void (*visit)(void *entry, void *arg),
			  void *arg)
{
	for (int lock = 0; lock < MO_TABLE_LOCKS; lock++)
	{
		mo_shmem_lock(&table->area, lock, mode);
		if (table->area.shared != NULL)
			visit_chains(table->area.shared, lock, visit, arg);
		if (table->area.own != NULL)
			visit_chains(table->area.own, lock, visit, arg);
		mo_shmem_unlock(&table->area, lock);
	}
}
