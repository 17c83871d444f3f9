/*-------------------------------------------------------------------------
 *
 * store.c
 *	  The secret store: who may do what with a secret.
 *
 * A new value is a new file, synced and renamed into place; it is not undone
 * by ROLLBACK.  Who reads a file to write it again holds its lock meanwhile.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/base64.h"
#include "common/hashfn.h"
#include "compat.h"
#include "miscadmin.h"
#include "secret/credential.h"
#include "secret/seal.h"
#include "secret/secret.h"
#include "secret/store.h"
#include "storage/lock.h"
#include "utils/acl.h"
#include "utils/json.h"

#define REDACT_MIN 8 /* shorter ones would black out ordinary words */

/* Locks on a name: for a moment to write, or for as long as a refresh takes. */
typedef enum SecretLock
{
	LOCKED_FILE = 0x10,
	LOCKED_REFRESH
} SecretLock;

void
mo_secret_wipe(char *s)
{
	if (s != NULL)
		explicit_bzero(s, strlen(s));
}

static void
blacken(char *text, const char *word)
{
	size_t len = strlen(word);

	if (len < REDACT_MIN)
		return;
	while ((text = strstr(text, word)) != NULL)
	{
		memset(text, '*', len);
		text += len;
	}
}

/*
 * As it is, and as it stands within a JSON string.
 */
static void
blacken_spellings(char *text, const char *word)
{
	StringInfoData json;

	blacken(text, word);
	initStringInfo(&json);
	escape_json(&json, word);
	if (json.len > (int) strlen(word) + 2)
	{
		json.data[json.len - 1] = '\0';
		blacken(text, json.data + 1);
	}
	explicit_bzero(json.data, json.len);
	pfree(json.data);
}

/*
 * Of "user:password" the password alone is secret too, and so is the base64
 * that Basic authentication makes of the two.
 */
void
mo_secret_redact(char *text, const char *secret)
{
	const char *password = secret == NULL ? NULL : strchr(secret, ':');
	int len;
	char *encoded;

	if (text == NULL || secret == NULL)
		return;
	blacken_spellings(text, secret);
	if (password == NULL)
		return;
	blacken_spellings(text, password + 1);
	len = pg_b64_enc_len((int) strlen(secret));
	encoded = palloc0(len + 1);
	if (mo_b64_encode(secret, (int) strlen(secret), encoded, len) >= 0)
		blacken(text, encoded);
	explicit_bzero(encoded, len);
	pfree(encoded);
}

bool
mo_secret_name_ok(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > MO_SECRET_NAME_LEN || name[0] == '.' || name[0] == '-')
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
		   len;
}

/*
 * The name is not shown: a line that lacks its name may begin with the secret.
 */
static void
check_name(const char *name)
{
	if (!mo_secret_name_ok(name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("invalid name of a secret"),
				 errdetail("A name has 1 to %d letters, digits, underscores, dots and hyphens, "
						   "and begins with a letter, digit or underscore.",
						   MO_SECRET_NAME_LEN)));
}

/*
 * The lock manager's locks end with their holder, whatever becomes of it, and
 * are waited for with all interrupts.  They are advisory locks of no database
 * and of a kind that no SQL function takes: the store is the host's.
 */
static void
lock_tag(LOCKTAG *tag, const void *name, size_t len, SecretLock kind)
{
	uint64 hash = hash_bytes_extended(name, (int) len, kind);

	SET_LOCKTAG_ADVISORY(*tag, InvalidOid, (uint32) (hash >> 32), (uint32) hash, kind);
}

static void
lock(const void *name, size_t len, SecretLock kind)
{
	LOCKTAG tag;

	lock_tag(&tag, name, len, kind);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

static void
unlock(const void *name, size_t len, SecretLock kind)
{
	LOCKTAG tag;

	lock_tag(&tag, name, len, kind);
	(void) LockRelease(&tag, ExclusiveLock, false);
}

void
mo_secret_lock(const void *name, size_t len)
{
	lock(name, len, LOCKED_REFRESH);
}

void
mo_secret_unlock(const void *name, size_t len)
{
	unlock(name, len, LOCKED_REFRESH);
}

static void
lock_file(const char *name)
{
	lock(name, strlen(name), LOCKED_FILE);
}

static void
unlock_file(const char *name)
{
	unlock(name, strlen(name), LOCKED_FILE);
}

/* May "user" do with a secret what its owner may? */
static bool
is_owner(Oid user, const char *owner)
{
	/* a role may be gone, or the store have come from another host */
	Oid role = get_role_oid(owner, true);

	return superuser_arg(user) || (OidIsValid(role) && has_privs_of_role(user, role));
}

bool
mo_secret_is_user(Oid user, const char *owner, List *users)
{
	ListCell *lc;

	if (is_owner(user, owner))
		return true;
	foreach (lc, users)
	{
		Oid role = get_role_oid(lfirst(lc), true);

		if (OidIsValid(role) && has_privs_of_role(user, role))
			return true;
	}
	return false;
}

static void
check_owner(const Secret *secret)
{
	if (!is_owner(GetUserId(), secret->owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of secret \"%s\"", secret->name)));
}

/*
 * Raises if a secret could not be read.
 */
static void
check_read(ReadResult result, const char *name)
{
	switch (result)
	{
		case READ_OK:
			return;
		case READ_ABSENT:
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("secret \"%s\" does not exist", name),
					 errhint("Store it through the view momentum.secret_entry.")));
			break;
		case READ_DAMAGED:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("the file of secret \"%s\" is damaged", name),
					 errhint("Store the secret again.")));
			break;
		case READ_WRONG_KEY:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("could not decrypt secret \"%s\"", name),
					 errdetail("The key is not the one it was stored under, or its file was "
							   "altered."),
					 errhint("Set \"momentum.secret_key_file\" to that key, or store the secret "
							 "again.")));
	}
}

static void
check_value(const char *value)
{
	size_t len = strlen(value);

	if (len == 0 || len > MO_SECRET_VALUE_LEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a secret must have 1 to %d bytes", MO_SECRET_VALUE_LEN)));
}

/*
 * What can be overwritten although it does not open: by whom rules the host.
 */
static void
check_replace(ReadResult result, const Secret *old)
{
	if (result == READ_OK)
		check_owner(old);
	else if (result != READ_ABSENT && !superuser())
		check_read(result, old->name);
}

void
mo_secret_put(const char *name, const char *value)
{
	const char *directory;
	ReadResult result;
	Secret secret;
	struct stat st;

	check_name(name);
	check_value(value);
	directory = mo_secret_directory();
	lock_file(name);
	result = mo_secret_file_read(directory, name, NULL, &secret, &st);
	check_replace(result, &secret);
	mo_secret_wipe(secret.value);
	if (result != READ_OK)
	{
		memset(&secret, 0, sizeof(secret));
		secret.name = pstrdup(name);
		secret.owner = GetUserNameFromId(GetUserId(), false);
	}
	if (!pg_strong_random(secret.id, sizeof(secret.id)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate a random number")));
	secret.value = (char *) value;
	secret.expires = mo_credential_expires(value);
	mo_secret_file_write(directory, &secret);
	unlock_file(name);
}

bool
mo_secret_rotate(const Secret *secret, const char *value, int64 expires)
{
	const char *directory = mo_secret_directory();
	Secret stored;
	struct stat st;
	bool same;

	check_value(value);
	lock_file(secret->name);
	same = mo_secret_file_read(directory, secret->name, NULL, &stored, &st) == READ_OK &&
		   memcmp(stored.id, secret->id, MO_SECRET_ID_LEN) == 0;
	mo_secret_wipe(stored.value);
	if (same)
	{
		stored.value = (char *) value;
		stored.expires = expires;
		mo_secret_file_write(directory, &stored);
	}
	unlock_file(secret->name);
	return same;
}

void
mo_secret_try_rotate(void)
{
	mo_secret_file_try(mo_secret_directory());
}

Secret *
mo_secret_open(const char *name, Oid user)
{
	Secret *secret = palloc(sizeof(Secret));
	struct stat st;

	check_name(name);
	check_read(mo_secret_file_read(mo_secret_directory(), name, NULL, secret, &st), name);
	if (!mo_secret_is_user(user, secret->owner, secret->users))
	{
		mo_secret_close(secret);
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for secret \"%s\"", name),
				 errdetail("The user mapping is that of role \"%s\".",
						   GetUserNameFromId(user, true)),
				 errhint("Its owner, or a superuser, may let that role use it with "
						 "momentum.grant_secret().")));
	}
	return secret;
}

void
mo_secret_close(Secret *secret)
{
	if (secret != NULL)
		mo_secret_wipe(secret->value);
}

bool
mo_secret_drop(const char *name)
{
	const char *directory;
	ReadResult result;
	Secret secret;
	struct stat st;

	check_name(name);
	directory = mo_secret_directory();
	lock_file(name);
	result = mo_secret_file_read(directory, name, NULL, &secret, &st);
	check_replace(result, &secret);
	mo_secret_wipe(secret.value);
	if (result != READ_ABSENT)
		mo_secret_file_remove(directory, name);
	unlock_file(name);
	return result != READ_ABSENT;
}

/*
 * Opens a secret to write it again; the caller then calls finish_change.
 */
static void
begin_change(const char *name, Secret *secret)
{
	struct stat st;

	check_name(name);
	lock_file(name);
	check_read(mo_secret_file_read(mo_secret_directory(), name, NULL, secret, &st), name);
	check_owner(secret);
}

static void
finish_change(Secret *secret)
{
	mo_secret_file_write(mo_secret_directory(), secret);
	mo_secret_close(secret);
	unlock_file(secret->name);
}

bool
mo_secret_grant(const char *name, const char *role, bool grant)
{
	Secret secret;
	ListCell *found = NULL;
	ListCell *lc;

	begin_change(name, &secret);
	foreach (lc, secret.users)
	{
		if (strcmp(lfirst(lc), role) == 0)
			found = lc;
	}
	if (grant && found == NULL)
		secret.users = lappend(secret.users, pstrdup(role));
	else if (!grant && found != NULL)
		secret.users = list_delete_cell(secret.users, found);
	finish_change(&secret);
	return grant == (found == NULL);
}

void
mo_secret_bind(const char *name, List *hosts)
{
	Secret secret;

	begin_change(name, &secret);
	secret.hosts = hosts;
	finish_change(&secret);
}

void
mo_secret_set_expiry(const char *name, int64 expires)
{
	Secret secret;

	begin_change(name, &secret);
	secret.expires = expires;
	finish_change(&secret);
}

/*
 * One secret of mo_secret_reseal; was it under the old key?
 */
static bool
reseal(const char *directory, const char *name, const unsigned char *old_key)
{
	Secret secret;
	struct stat st;
	bool found;

	lock_file(name);
	found = mo_secret_file_read(directory, name, old_key, &secret, &st) == READ_OK;
	if (found)
		mo_secret_file_write(directory, &secret);
	mo_secret_close(&secret);
	unlock_file(name);
	return found;
}

int64
mo_secret_reseal(const char *old_key_file)
{
	const char *directory = mo_secret_directory();
	unsigned char key[MO_SEAL_KEY_LEN];
	int64 done = 0;
	ListCell *lc;

	mo_secret_old_key(old_key_file, key);
	foreach (lc, mo_secret_list())
	{
		const SecretFile *f = lfirst(lc);

		if (reseal(directory, f->name, key))
			done++;
	}
	explicit_bzero(key, sizeof(key));
	return done;
}
