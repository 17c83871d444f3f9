/*-------------------------------------------------------------------------
 *
 * shmem.c
 *	  Memory that all backends share, when momentum is preloaded.
 *
 * Everything is of a fixed size: what the server needs is known when it
 * starts, and nothing that runs later can take from others.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
#include "utils/memutils.h"

#include "shmem/shmem.h"

static ShmemArea *areas = NULL;
static bool warned = false;
static shmem_request_hook_type previous_request = NULL;
static shmem_startup_hook_type previous_startup = NULL;

void
mo_shmem_register(ShmemArea *area)
{
	area->next = areas;
	areas = area;
}

/* Where momentum is not preloaded the setting means nothing, but has to be known. */
GucContext
mo_shmem_setting_context(void)
{
	return process_shared_preload_libraries_in_progress ? PGC_POSTMASTER : PGC_SIGHUP;
}

/* shmem_request_hook */
static void
request_areas(void)
{
	if (previous_request != NULL)
		previous_request();
	for (ShmemArea *area = areas; area != NULL; area = area->next)
	{
		RequestAddinShmemSpace(MAXALIGN(area->size(area, true)));
		if (area->nlocks > 0)
			RequestNamedLWLockTranche(area->name, area->nlocks);
	}
}

/* shmem_startup_hook: at the server's start, and again after a crash of a backend */
static void
start_areas(void)
{
	if (previous_startup != NULL)
		previous_startup();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	for (ShmemArea *area = areas; area != NULL; area = area->next)
	{
		Size size = area->size(area, true);
		bool found;

		area->shared = ShmemInitStruct(area->name, size, &found);
		if (area->nlocks > 0)
			area->locks = GetNamedLWLockTranche(area->name);
		if (found)
			continue;
		memset(area->shared, 0, size);
		if (area->init != NULL)
			area->init(area, area->shared, true);
	}
	LWLockRelease(AddinShmemInitLock);
}

/* Takes the hooks, when the server is starting; from _PG_init. */
void
mo_shmem_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		return;
	previous_request = shmem_request_hook;
	shmem_request_hook = request_areas;
	previous_startup = shmem_startup_hook;
	shmem_startup_hook = start_areas;
}

void *
mo_shmem_own(ShmemArea *area)
{
	if (area->own == NULL)
	{
		void *memory = MemoryContextAllocZero(TopMemoryContext, area->size(area, false));

		if (area->init != NULL)
			area->init(area, memory, false);
		area->own = memory;
	}
	return area->own;
}

void *
mo_shmem_memory(ShmemArea *area)
{
	if (area->shared != NULL)
		return area->shared;
	if (!warned)
	{
		warned = true;
		ereport(WARNING,
				(errmsg("momentum is not in shared_preload_libraries"),
				 errdetail("Rate limits, circuit breakers, statistics and bought access tokens "
						   "are known to this session alone."),
				 errhint("Add \"momentum\" to shared_preload_libraries and restart the server.")));
	}
	return mo_shmem_own(area);
}

void
mo_shmem_lock(ShmemArea *area, int i, LWLockMode mode)
{
	Assert(i < area->nlocks);
	if (area->shared != NULL)
		LWLockAcquire(&area->locks[i].lock, mode);
}

void
mo_shmem_unlock(ShmemArea *area, int i)
{
	if (area->shared != NULL)
		LWLockRelease(&area->locks[i].lock);
}
