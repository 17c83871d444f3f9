/*-------------------------------------------------------------------------
 *
 * secret.h
 *	  The secret store: one encrypted file per secret, outside the database.
 *
 * A secret is bound to the hosts of the connector that uses it.  The store
 * does not know connectors, so this is the caller's duty: before a secret, or
 * a token made from it, goes into a request, the request's URL must pass
 * mo_http_host_matches() with the hosts that the connector declares (or a
 * superuser set base_url).  Nothing else may choose where a secret goes, a
 * link in an answer least of all.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_SECRET_H
#define MOMENTUM_SECRET_H

#define MO_SECRET_NAME_LEN 63           /* as an identifier */
#define MO_SECRET_VALUE_LEN (64 * 1024) /* a service account's key is 2.4 kB */

/*
 * The secret's value, palloc'd in the current context; the caller wipes it
 * with mo_secret_wipe after use.  Raises 42704 if there is none of that name,
 * 55000 if the store is not configured, F0000 if directory, key or rights are
 * wrong, XX001 if it does not decrypt.
 */
extern char *mo_secret_get(const char *name);

/* Stores a secret durably, replacing one of that name. */
extern void mo_secret_put(const char *name, const char *value);

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

/* Defines the settings; from _PG_init. */
extern void mo_secret_init(void);

#endif /* MOMENTUM_SECRET_H */
