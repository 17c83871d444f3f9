/*-------------------------------------------------------------------------
 *
 * momentum.c
 *	  Module magic, and the settings that concern the whole extension.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

void _PG_init(void);

/*
 * Module load: defines the settings and reserves their prefix.
 */
void
_PG_init(void)
{
	MarkGUCPrefixReserved("momentum");
}
