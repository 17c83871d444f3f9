/*-------------------------------------------------------------------------
 *
 * token.h
 *	  Bought access tokens, shared by all backends.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_TOKEN_H
#define MOMENTUM_TOKEN_H

#define MO_TOKEN_HASH_LEN 32 /* of what bought it */

/* The token kept under a hash, palloc'd, to be wiped; NULL if there is none that is still good. */
extern char *mo_token_find(const unsigned char *hash);

/*
 * Keeps a token until a time (seconds since 1970).  Where there is no room,
 * the one that ends first goes; one that is too long is not kept, which costs
 * a grant per scan.
 */
extern void mo_token_keep(const unsigned char *hash, const char *token, int64 until);

/* Registers the shared area; from _PG_init. */
extern void mo_token_init(void);

#endif /* MOMENTUM_TOKEN_H */
