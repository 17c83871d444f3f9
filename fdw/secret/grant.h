/*-------------------------------------------------------------------------
 *
 * grant.h
 *	  Turns a credential into a token.
 *
 * A credential is a bare token, or a JSON object:
 *	  {"type": "service_account", "client_email", "private_key", ...}
 *		  a Google key file: a JWT signed with RS256 buys a token
 *	  {"client_id", "client_secret", "refresh_token"}
 *	  {"client_id", "client_secret"}	  client credentials
 *	  {"username", "password"}			  no grant: the token is user:password
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_GRANT_H
#define MOMENTUM_GRANT_H

typedef struct GrantRequest
{
	const char *credential;
	const char *token_url; /* NULL: only bare tokens are taken */
	const char *scope;     /* separated by spaces, or NULL */
	bool basic;            /* client id and secret in a Basic header, not in the form */
	const char *ca_file;   /* or NULL: the system's */
	bool allow_insecure;   /* as in HttpRequest */
	bool force_new;        /* the cached one got a 401 */
} GrantRequest;

/*
 * The token to put into requests, palloc'd in the current context; wipe it
 * after use.  A bought token is cached in this backend until a minute before
 * its end.  Asks the service where needed: waits are interruptible.  Raises
 * 28000 with the service's own words if it refuses, 08006 if it cannot be
 * reached.
 */
extern char *mo_token_get(const GrantRequest *req);

/* Could force_new give another token?  False for a bare one. */
extern bool mo_token_renewable(const char *credential);

#endif /* MOMENTUM_GRANT_H */
