/*-------------------------------------------------------------------------
 *
 * shmem.h
 *	  Memory that all backends share, when momentum is preloaded.
 *
 * A room that needs some declares an area and registers it in _PG_init:
 *
 *		static ShmemArea area = {.name = "momentum_x", .size = x_size,
 *								 .init = x_init, .nlocks = 1};
 *		mo_shmem_register(&area);
 *		...
 *		X *x = mo_shmem_memory(&area);
 *		mo_shmem_lock(&area, 0, LW_EXCLUSIVE);
 *		...
 *		mo_shmem_unlock(&area, 0);
 *
 * Not preloaded, the same calls give memory of the backend's own, a smaller
 * one, and the locks do nothing.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_SHMEM_H
#define MOMENTUM_SHMEM_H

#include "storage/lwlock.h"
#include "utils/guc.h"

typedef struct ShmemArea
{
	const char *name; /* in pg_shmem_allocations, and of its locks */
	/* in bytes; settings are known */
	Size (*size)(const struct ShmemArea *area, bool shared);
	/* of zeroed memory; may be NULL; must not raise */
	void (*init)(const struct ShmemArea *area, void *memory, bool shared);
	int nlocks;

	/* the rest is shmem.c's */
	void *shared;
	void *own;
	LWLockPadded *locks;
	struct ShmemArea *next;
} ShmemArea;

/* From _PG_init, before mo_shmem_init.  "area" is static. */
extern void mo_shmem_register(ShmemArea *area);
extern void mo_shmem_init(void);

/* The context of a setting that says how large an area is. */
extern GucContext mo_shmem_setting_context(void);

/*
 * The area's memory: the shared one, or else the backend's own.  The latter
 * is made when first asked for, which warns once in a backend of what it means.
 */
extern void *mo_shmem_memory(ShmemArea *area);

/* The backend's own memory of the area, whether or not there is a shared one. */
extern void *mo_shmem_own(ShmemArea *area);

/* Lock "i" of the area; nothing happens where its memory is not shared. */
extern void mo_shmem_lock(ShmemArea *area, int i, LWLockMode mode);
extern void mo_shmem_unlock(ShmemArea *area, int i);

#endif /* MOMENTUM_SHMEM_H */
