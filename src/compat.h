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

#endif /* MOMENTUM_COMPAT_H */
