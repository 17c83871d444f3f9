/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  Differences between PostgreSQL 15 and 18, each with its reason.
 *
 * The rest of the code has no #if PG_VERSION_NUM.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_COMPAT_H
#define MOMENTUM_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "momentum needs PostgreSQL 15 or later"
#endif

#include "utils/wait_event.h"

/* 17 lets extensions name their wait events; before, all are "Extension". */
#if PG_VERSION_NUM >= 170000
#define mo_wait_event_new(name) WaitEventExtensionNew(name)
#else
#define mo_wait_event_new(name) PG_WAIT_EXTENSION
#endif

#endif							/* MOMENTUM_COMPAT_H */
