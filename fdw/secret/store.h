/*-------------------------------------------------------------------------
 *
 * store.h
 *	  What the administrator's functions need of the secret store.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_STORE_H
#define MOMENTUM_STORE_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "utils/timestamp.h"

typedef struct SecretFile
{
	char *name;
	TimestampTz changed;
} SecretFile;

/* Removes a secret durably; false if there was none of that name. */
extern bool mo_secret_drop(const char *name);

/* All secrets, as SecretFile in no order; palloc'd. */
extern List *mo_secret_list(void);

#endif /* MOMENTUM_STORE_H */
