/*-------------------------------------------------------------------------
 *
 * secret.h
 *	  The secret store: one encrypted file per secret, outside the database.
 *
 * A secret has an owner, the role that stored it.  It is used by its owner,
 * by roles it was granted to, and by superusers; and it goes to the hosts it
 * was bound to, or else to those of the connector that uses it.  The store
 * judges roles; the hosts are the caller's duty: before a secret, or a token
 * made from it, goes into a request, the request's URL must pass
 * mo_http_host_matches() with the hosts that the connector declares (or a
 * superuser set base_url), and with the secret's own.  Nothing else may choose
 * where a secret goes, a link in an answer least of all.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_SECRET_H
#define MOMENTUM_SECRET_H

#include "nodes/pg_list.h"

#define MO_SECRET_NAME_LEN 63           /* as an identifier */
#define MO_SECRET_VALUE_LEN (64 * 1024) /* a service account's key is 2.4 kB */
#define MO_SECRET_ID_LEN 16

/* A secret in the open; palloc'd, to be closed after use. */
typedef struct Secret
{
	char *name;
	char *value;
	char *owner;
	List *users;   /* of char *: roles that may use it beside the owner */
	List *hosts;   /* of char *: patterns; NIL = those of the connector */
	int64 expires; /* seconds since 1970; 0 = not known */

	/* drawn when somebody stores a value; a token rotated by the service keeps it */
	unsigned char id[MO_SECRET_ID_LEN];
} Secret;

/*
 * Opens a secret for a user, in the current context.  Raises 42704 if there
 * is none of that name, 42501 if the user may not use it, 55000 if the store
 * is not configured, F0000 if directory, key or rights are wrong, XX001 if it
 * does not decrypt.
 */
extern Secret *mo_secret_open(const char *name, Oid user);

/* Overwrites the value.  NULL is allowed. */
extern void mo_secret_close(Secret *secret);

/*
 * Stores a secret durably.  One that exists keeps owner, users and hosts, but
 * not its expiry: that is read from a member "expires_at" of the value.  It
 * raises 42501 if the current user may not replace it.
 */
extern void mo_secret_put(const char *name, const char *value);

/*
 * Stores the value that a service made out of an opened secret's, durably, and
 * when it ends (seconds since 1970, 0 = not known).
 * False, and nothing is stored, if somebody stored another one meanwhile or
 * dropped it.
 */
extern bool mo_secret_rotate(const Secret *secret, const char *value, int64 expires);

/* Raises unless mo_secret_rotate() would find the disk in order. */
extern void mo_secret_try_rotate(void);

/*
 * Waits until this backend alone holds what is named, a secret or the hash of
 * a credential, for a refresh of its token; interruptible.  Released by
 * unlock, or by the end of the (sub)transaction, of the session or of the
 * process.
 */
extern void mo_secret_lock(const void *name, size_t len);
extern void mo_secret_unlock(const void *name, size_t len);

/* Overwrites a string's bytes; NULL is allowed. */
extern void mo_secret_wipe(char *s);

/*
 * Overwrites with asterisks each occurrence of "secret" in "text" (in place);
 * for words of a service that go into an error.  Either may be NULL; secrets
 * under 8 bytes are not looked for.
 */
extern void mo_secret_redact(char *text, const char *secret);

/* Is this a name that the store accepts?  For option validators. */
extern bool mo_secret_name_ok(const char *name);

/* Defines the settings, and keeps what COPY quotes out of the log; from _PG_init. */
extern void mo_secret_init(void);
extern void mo_secret_quiet_init(void);

#endif /* MOMENTUM_SECRET_H */
