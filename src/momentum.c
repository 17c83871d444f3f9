/*-------------------------------------------------------------------------
 *
 * momentum.c
 *	  Module magic, and the settings that concern the whole extension.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "engine/lookup.h"
#include "http/retry.h"
#include "secret/secret.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

void _PG_init(void);

/*
 * Module load: defines the settings and reserves their prefix.
 */
void
_PG_init(void)
{
	mo_retry_init();
	mo_secret_init();
	mo_lookup_init();
	MarkGUCPrefixReserved("momentum");
}
