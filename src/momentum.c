/*-------------------------------------------------------------------------
 *
 * momentum.c
 *	  Module magic, and the settings that concern the whole extension.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/api.h"
#include "fmgr.h"
#include "engine/lookup.h"
#include "health/denied.h"
#include "health/webhook.h"
#include "http/retry.h"
#include "hub/door.h"
#include "hub/ledger.h"
#include "secret/secret.h"
#include "secret/token.h"
#include "shmem/breaker.h"
#include "shmem/limit.h"
#include "shmem/shmem.h"
#include "shmem/stat.h"
#include "utils/guc.h"

PG_MODULE_MAGIC;

void _PG_init(void);

/*
 * Module load: defines the settings and reserves their prefix, and takes the
 * shared memory's hooks.  Areas are registered before mo_shmem_init().
 */
void
_PG_init(void)
{
	mo_lanes_init();
	mo_retry_init();
	mo_secret_init();
	mo_ledger_init();
	mo_lookup_init();
	mo_aggregate_init();
	mo_analyze_init();
	mo_unread_init();
	mo_secret_quiet_init();
	mo_door_init();
	mo_token_init();
	mo_login_init();
	mo_limit_init();
	mo_breaker_init();
	mo_stat_init();
	mo_denied_init();
	mo_webhook_init();
	mo_shmem_init();
	MarkGUCPrefixReserved("momentum");
}
