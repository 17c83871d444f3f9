/*-------------------------------------------------------------------------
 *
 * credential.h
 *	  The parts of a credential, and small JSON objects in general.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_CREDENTIAL_H
#define MOMENTUM_CREDENTIAL_H

#include "utils/jsonb.h"

typedef enum CredentialKind
{
	CREDENTIAL_BARE,    /* the token itself */
	CREDENTIAL_JWT,     /* a service account signs for a token */
	CREDENTIAL_REFRESH, /* a refresh token buys one */
	CREDENTIAL_CLIENT   /* client id and secret do */
} CredentialKind;

/* All palloc'd; what the kind does not need may be NULL. */
typedef struct Credential
{
	CredentialKind kind;
	char *token; /* only of a bare one */
	char *client_email;
	char *private_key;
	char *private_key_id;
	char *client_id;
	char *client_secret;
	char *refresh_token;
	char *previous; /* the refresh token before it, while that may still be needed */
	bool rotates;   /* the service has replaced the refresh token before */
} Credential;

/*
 * Reads a credential.  Raises 28000 if it is a JSON object of no known form;
 * no error shows any of it.
 */
extern Credential *mo_credential_read(const char *text);

/* Overwrites what is secret in it. */
extern void mo_credential_wipe(Credential *c);

/* One with a refresh token as the text to store, palloc'd. */
extern char *mo_credential_text(const Credential *c);

/*
 * When a credential says it ends, in its member "expires_at": seconds since 1970
 * or a time in ISO 8601, in UTC if it names no zone.  0: it does not say, or not
 * so that we could read it.
 */
extern int64 mo_credential_expires(const char *text);

/*
 * Text as a JSON object, or NULL if it is none.  Where the server's own
 * parser would raise and quote the text, this just says no.
 */
extern Jsonb *mo_object_read(const char *text);

/* A member of it that is a string or a number, as text, palloc'd; or NULL. */
extern char *mo_object_member(Jsonb *object, const char *name);

#endif /* MOMENTUM_CREDENTIAL_H */
