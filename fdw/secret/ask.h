/*-------------------------------------------------------------------------
 *
 * ask.h
 *	  Asks a token endpoint.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_ASK_H
#define MOMENTUM_ASK_H

#include "compat.h"
#include "http/http.h"
#include "secret/credential.h"
#include "secret/grant.h"

/* What the token endpoint said; palloc'd. */
typedef struct GrantAnswer
{
	HttpFailureKind failure;
	char *message; /* of the failure */
	int status;
	Jsonb *object; /* NULL if the body is no JSON object */
	int64 retry_ms;
	int64 skew_s; /* by which our clock is ahead of the service's */
	char *words;  /* the service's own on a refusal, without secrets; or NULL */
} GrantAnswer;

/*
 * Asks for a token until there is an answer that another attempt would not
 * better, or attempts are over.  "now" (seconds since 1970) is what a JWT
 * says it is.  What a refresh token gave is never lost to an interrupt once
 * it has arrived: the caller stores it before it does anything else.
 */
extern void mo_grant_ask(const GrantRequest *req, const Credential *c, int64 now,
						 GrantAnswer *answer);

/* The access token of an answer, palloc'd; or NULL. */
extern char *mo_grant_token(const GrantAnswer *answer);

/* Raises what became of a request that gave no token. */
extern void mo_grant_refuse(const Credential *c, const GrantAnswer *answer)
	pg_attribute_noreturn();

#endif /* MOMENTUM_ASK_H */
