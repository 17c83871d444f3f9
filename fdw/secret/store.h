/*-------------------------------------------------------------------------
 *
 * store.h
 *	  What the files of the secret store share, and its SQL functions need.
 *
 *-------------------------------------------------------------------------
 */
#ifndef MOMENTUM_STORE_H
#define MOMENTUM_STORE_H

#include <sys/stat.h>

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "secret/secret.h"
#include "utils/timestamp.h"

/* What the list of secrets tells; not authenticated, nothing is decided by it. */
typedef struct SecretFile
{
	char *name;
	char *owner;
	List *users;   /* of char * */
	List *hosts;   /* of char * */
	int64 expires; /* seconds since 1970; 0 = not known */
	TimestampTz changed;
} SecretFile;

/* All secrets, as SecretFile in no order; palloc'd. */
extern List *mo_secret_list(void);

/*
 * Removes a secret durably; false if there was none of that name.  Raises
 * 42501 unless the current user is its owner, as the next three do.
 */
extern bool mo_secret_drop(const char *name);

/* Lets a role use the secret, or no longer; false if that was so already. */
extern bool mo_secret_grant(const char *name, const char *role, bool grant);

/* Binds the secret to hosts (of char *); NIL = to those of the connector. */
extern void mo_secret_bind(const char *name, List *hosts);

/* When the secret ends, in seconds since 1970; 0 = not known. */
extern void mo_secret_set_expiry(const char *name, int64 expires);

/*
 * Seals anew, under the key in force, what is still sealed under the one in
 * a file; how many there were.  Secrets under neither are left as they are.
 */
extern int64 mo_secret_reseal(const char *old_key_file);

/* May "user" use a secret: as its owner, or as one of its users? */
extern bool mo_secret_is_user(Oid user, const char *owner, List *users);

/* How reading a file went */
typedef enum ReadResult
{
	READ_OK,
	READ_ABSENT,
	READ_DAMAGED,  /* not a file of ours */
	READ_WRONG_KEY /* or altered */
} ReadResult;

/*
 * file.c: reads and opens the file of a name; a NULL key is the one in force.
 * Of a file that does not open the head alone is read, if that is there;
 * nothing may be decided by it.
 */
extern ReadResult mo_secret_file_read(const char *directory, const char *name,
									  const unsigned char *key, Secret *secret, struct stat *st);

/* Seals a secret under a fresh nonce and stores it durably.  The caller holds its lock. */
extern void mo_secret_file_write(const char *directory, const Secret *secret);

/* Raises unless a file could be written now. */
extern void mo_secret_file_try(const char *directory);

/* Removes a file that is there, durably. */
extern void mo_secret_file_remove(const char *directory, const char *name);

/* key.c: the checked directory, and the key (MO_SEAL_KEY_LEN bytes, to be wiped) */
extern const char *mo_secret_directory(void);
extern void mo_secret_key(unsigned char *key);
extern void mo_secret_old_key(const char *file, unsigned char *key);

/*
 * Reads at most "size" bytes of a file, and its properties.  -1 if it is
 * absent; any other failure is raised in terms of "what".
 */
extern ssize_t mo_secret_read_file(const char *path, const char *what, void *buf, size_t size,
								   struct stat *st);

#endif /* MOMENTUM_STORE_H */
