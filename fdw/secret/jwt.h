/*-------------------------------------------------------------------------
 *
 * jwt.h
 *	  The signed statement with which a service account asks for a token.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_JWT_H
#define MOMENTUM_JWT_H

/*
 * A JWT (RFC 7519) signed with RS256, palloc'd.  "key_id" and "scope" may be
 * NULL; it is valid for an hour from "now" (seconds since 1970).  Raises
 * 28000 if the key is of no use.
 */
extern char *mo_jwt_make(const char *issuer, const char *audience, const char *scope,
						 const char *key_id, const char *private_key, int64 now);

#endif /* MOMENTUM_JWT_H */
