/*-------------------------------------------------------------------------
 *
 * token.c
 *	  Bought access tokens, shared by all backends.
 *
 * They lie sealed in shared memory.  The key is drawn when the library is
 * loaded: preloaded, every backend inherits it from the postmaster in memory
 * of its own, so what can be read of the shared memory is of no use.  Without
 * preloading both, tokens and key, are the backend's own.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <time.h>

#include "secret/seal.h"
#include "secret/secret.h"
#include "secret/token.h"
#include "shmem/shmem.h"

#define SHARED_SLOTS 64 /* sources of a host, in all databases */
#define OWN_SLOTS 16
#define MAX_TOKEN 5000 /* QuickBooks's have 4096 */

typedef struct Slot
{
	int64 until; /* seconds since 1970; 0 = empty */
	uint32 len;
	unsigned char hash[MO_TOKEN_HASH_LEN];
	unsigned char nonce[MO_SEAL_NONCE_LEN];
	unsigned char tag[MO_SEAL_TAG_LEN];
	unsigned char sealed[MAX_TOKEN];
} Slot;

typedef struct Tokens
{
	int nslots;
	Slot slot[FLEXIBLE_ARRAY_MEMBER];
} Tokens;

static unsigned char key[MO_SEAL_KEY_LEN];

static Size
tokens_size(const ShmemArea *self, bool shared)
{
	return offsetof(Tokens, slot) + sizeof(Slot) * (shared ? SHARED_SLOTS : OWN_SLOTS);
}

static void
tokens_init(const ShmemArea *self, void *memory, bool shared)
{
	((Tokens *) memory)->nslots = shared ? SHARED_SLOTS : OWN_SLOTS;
}

static ShmemArea area = {
	.name = "momentum_token", .size = tokens_size, .init = tokens_init, .nlocks = 1};

void
mo_token_init(void)
{
	if (!pg_strong_random(key, sizeof(key)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate a random key")));
	mo_shmem_register(&area);
}

/*
 * The slot of a hash, or NULL.  The caller holds the lock.
 */
static Slot *
find_slot(Tokens *tokens, const unsigned char *hash)
{
	for (int i = 0; i < tokens->nslots; i++)
	{
		Slot *slot = &tokens->slot[i];

		if (slot->until != 0 && memcmp(slot->hash, hash, MO_TOKEN_HASH_LEN) == 0)
			return slot;
	}
	return NULL;
}

/*
 * The slot whose token is missed least: an empty one, or that which ends first.
 */
static Slot *
spare_slot(Tokens *tokens)
{
	Slot *spare = &tokens->slot[0];

	for (int i = 1; i < tokens->nslots; i++)
	{
		if (tokens->slot[i].until < spare->until)
			spare = &tokens->slot[i];
	}
	return spare;
}

char *
mo_token_find(const unsigned char *hash)
{
	Tokens *tokens = mo_shmem_memory(&area);
	Slot copy = {0};
	Slot *slot;
	char *token;

	mo_shmem_lock(&area, 0, LW_SHARED);
	slot = find_slot(tokens, hash);
	if (slot != NULL)
		copy = *slot;
	mo_shmem_unlock(&area, 0);
	if (copy.until <= (int64) time(NULL))
		return NULL;
	token = palloc(copy.len + 1);
	if (!mo_unseal(key, copy.nonce, hash, MO_TOKEN_HASH_LEN, copy.sealed, copy.len, copy.tag,
				   (unsigned char *) token))
		return NULL;
	token[copy.len] = '\0';
	return token;
}

void
mo_token_keep(const unsigned char *hash, const char *token, int64 until)
{
	Tokens *tokens = mo_shmem_memory(&area);
	size_t len = strlen(token);
	Slot made;
	Slot *slot;

	if (len > MAX_TOKEN || until <= (int64) time(NULL))
		return;
	made.until = until;
	made.len = (uint32) len;
	memcpy(made.hash, hash, MO_TOKEN_HASH_LEN);
	if (!pg_strong_random(made.nonce, sizeof(made.nonce)) ||
		!mo_seal(key, made.nonce, hash, MO_TOKEN_HASH_LEN, token, len, made.sealed, made.tag))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not encrypt an access token")));
	mo_shmem_lock(&area, 0, LW_EXCLUSIVE);
	slot = find_slot(tokens, hash);
	if (slot == NULL)
		slot = spare_slot(tokens);
	memcpy(slot, &made, offsetof(Slot, sealed) + len);
	mo_shmem_unlock(&area, 0);
}
