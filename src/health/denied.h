/*-------------------------------------------------------------------------
 *
 * denied.h
 *	  Refusals, counted by role in shared memory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_DENIED_H
#define MOMENTUM_DENIED_H

/*
 * Registers the shared area and takes the log's hook; from _PG_init, before
 * mo_shmem_init().  Without preloading it does nothing: a session that counts
 * for itself alone is of no use here.
 */
extern void mo_denied_init(void);

#endif /* MOMENTUM_DENIED_H */
