/*-------------------------------------------------------------------------
 *
 * grant.h
 *	  Turns a credential into a token.
 *
 * A credential is a bare token, or a JSON object:
 *	  {"type": "service_account", "client_email", "private_key", ...}
 *		  a Google key file: a JWT signed with RS256 buys a token
 *	  {"client_id", "client_secret", "refresh_token"}
 *		  a service may give another refresh token each time: that is stored
 *	  {"client_id", "client_secret"}	  client credentials
 *	  {"username", "password"}			  no grant: the token is user:password
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_GRANT_H
#define MOMENTUM_GRANT_H

#include "secret/secret.h"

typedef struct GrantRequest
{
	const Secret *secret;   /* a stored one, opened; or NULL ... */
	const char *credential; /* ... and the text of a user mapping */
	Oid user;               /* for whom the secret is used */
	const char *token_url;  /* NULL: only bare tokens are taken */
	const char *scope;      /* separated by spaces, or NULL */
	bool basic;             /* client id and secret go into a header, not into the form */
	const char *ca_file;    /* or NULL: the system's */
	bool allow_insecure;    /* as in HttpRequest */
	const char *refused;    /* the last token: it got a 401; or NULL */
} GrantRequest;

/*
 * The token to put into requests, palloc'd in the current context; wipe it
 * after use.  A bought token is kept for all backends until a minute before
 * its end.  One backend at a time buys one from a credential, the others wait
 * for it, interruptibly.  Raises 28000 with the service's own words if it
 * refuses, 08006 if it cannot be reached.
 */
extern char *mo_token_get(const GrantRequest *req);

/* Could another token be had for one that was refused?  False for a bare one. */
extern bool mo_token_renewable(const char *credential);

#endif /* MOMENTUM_GRANT_H */
