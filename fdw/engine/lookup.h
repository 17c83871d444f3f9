/*-------------------------------------------------------------------------
 *
 * lookup.h
 *	  What planning and running of lookups share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_LOOKUP_H
#define MOMENTUM_LOOKUP_H

#include "nodes/extensible.h"

#include "engine/engine.h"

#define LOOKUP_NAME "MomentumLookup"

/* The plan's custom_private, all integers */
#define LOOKUP_JOIN 0  /* JoinType */
#define LOOKUP_OUTER 1 /* columns of the outer side; the inner's follow them */
#define LOOKUP_KEY 2   /* the inner side's column with the key, from 1 */
#define LOOKUP_MOST 3  /* keys in one request */
#define LOOKUP_EAGER 4 /* all rows will be read */

/* ... and its custom_exprs */
#define LOOKUP_QUALS 0 /* list: the join's conditions */
#define LOOKUP_VALUE 1 /* of the key, from a row of the outer side */

extern void mo_lookup_init(void);
extern const CustomScanMethods mo_lookup_methods;

#endif /* MOMENTUM_LOOKUP_H */
