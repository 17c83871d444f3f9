/*-------------------------------------------------------------------------
 *
 * file.c
 *	  One secret, one file: AES-256-GCM under the host's key.
 *
 * <name>.secret holds: the mark and version, a nonce, the length of the head,
 * the head, the encrypted value, the tag.  The head says whose the secret is
 * and where it may go, in the open, so that files whose key is lost can still
 * be told apart.  Mark, name and head are authenticated with the value:
 * neither a file renamed nor one given another owner opens.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "secret/seal.h"
#include "secret/secret.h"
#include "secret/store.h"
#include "storage/fd.h"

#define MARK "MOSEC\0\0\2"
#define MARK_LEN 8
#define HEAD_AT (MARK_LEN + MO_SEAL_NONCE_LEN + sizeof(uint32))
#define MAX_HEAD (16 * 1024) /* some hundred roles */
#define SUFFIX ".secret"
#define TRY_LEN (16 * 1024) /* more than a credential that is rotated */

/* What an entry of the head is about: a letter, the text, a NUL. */
#define HEAD_OWNER 'o'
#define HEAD_USER 'u'
#define HEAD_HOST 'h'
#define HEAD_ID 'i'
#define HEAD_EXPIRES 'e' /* seconds since 1970 */

static char *
file_of(const char *directory, const char *name)
{
	return psprintf("%s/%s%s", directory, name, SUFFIX);
}

static void
append_entry(StringInfo head, char what, const char *text)
{
	appendStringInfoChar(head, what);
	appendBinaryStringInfo(head, text, (int) strlen(text) + 1);
}

static void
make_head(StringInfo head, const Secret *secret)
{
	char id[MO_SECRET_ID_LEN * 2 + 1];
	ListCell *lc;

	for (int i = 0; i < MO_SECRET_ID_LEN; i++)
		snprintf(id + i * 2, 3, "%02x", secret->id[i]);
	initStringInfo(head);
	append_entry(head, HEAD_OWNER, secret->owner);
	append_entry(head, HEAD_ID, id);
	foreach (lc, secret->users)
		append_entry(head, HEAD_USER, lfirst(lc));
	foreach (lc, secret->hosts)
		append_entry(head, HEAD_HOST, lfirst(lc));
	if (secret->expires != 0)
	{
		snprintf(id, sizeof(id), INT64_FORMAT, secret->expires);
		append_entry(head, HEAD_EXPIRES, id);
	}
	if (head->len > MAX_HEAD)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("secret \"%s\" has too many users and hosts", secret->name)));
}

static void
read_id(Secret *secret, const char *text)
{
	unsigned int byte;

	for (int i = 0; i < MO_SECRET_ID_LEN && sscanf(text + i * 2, "%2x", &byte) == 1; i++)
		secret->id[i] = (unsigned char) byte;
}

/*
 * What the head says.  False if it is none of ours.
 */
static bool
read_head(Secret *secret, const char *head, size_t len)
{
	const char *end = head + len;

	if (len == 0 || end[-1] != '\0')
		return false;
	for (; head < end; head += strlen(head) + 1)
	{
		char *text = head[0] == '\0' ? NULL : pstrdup(head + 1);

		if (head[0] == HEAD_OWNER)
			secret->owner = text;
		else if (head[0] == HEAD_USER)
			secret->users = lappend(secret->users, text);
		else if (head[0] == HEAD_HOST)
			secret->hosts = lappend(secret->hosts, text);
		else if (head[0] == HEAD_ID && strlen(text) == MO_SECRET_ID_LEN * 2)
			read_id(secret, text);
		else if (head[0] == HEAD_EXPIRES)
			secret->expires = strtoll(text, NULL, 10);
		else
			return false;
	}
	return secret->owner != NULL;
}

/*
 * What is authenticated with the value: mark, head and name.
 */
static void
make_aad(StringInfo aad, const char *name, const char *head, size_t head_len)
{
	initStringInfo(aad);
	appendBinaryStringInfo(aad, MARK, MARK_LEN);
	appendBinaryStringInfo(aad, name, (int) strlen(name) + 1);
	appendBinaryStringInfo(aad, head, (int) head_len);
}

ReadResult
mo_secret_file_read(const char *directory, const char *name, const unsigned char *key,
					Secret *secret, struct stat *st)
{
	size_t size = HEAD_AT + MAX_HEAD + MO_SECRET_VALUE_LEN + MO_SEAL_TAG_LEN;
	unsigned char own_key[MO_SEAL_KEY_LEN];
	char *file = palloc(size);
	ssize_t total = mo_secret_read_file(file_of(directory, name), "the file of a secret", file,
										size, st);
	uint32 head_len;
	StringInfoData aad;
	size_t len;
	bool opened;

	memset(secret, 0, sizeof(*secret));
	secret->name = pstrdup(name);
	if (total < 0)
		return READ_ABSENT;
	if (total < (ssize_t) (HEAD_AT + MO_SEAL_TAG_LEN) || memcmp(file, MARK, MARK_LEN) != 0)
		return READ_DAMAGED;
	memcpy(&head_len, file + HEAD_AT - sizeof(uint32), sizeof(uint32));
	head_len = pg_ntoh32(head_len);
	if (head_len > MAX_HEAD || total < (ssize_t) (HEAD_AT + head_len + MO_SEAL_TAG_LEN) ||
		!read_head(secret, file + HEAD_AT, head_len))
		return READ_DAMAGED;
	len = total - HEAD_AT - head_len - MO_SEAL_TAG_LEN;
	make_aad(&aad, name, file + HEAD_AT, head_len);
	secret->value = palloc(len + 1);
	if (key == NULL)
		mo_secret_key(own_key);
	opened = mo_unseal(key != NULL ? key : own_key, (unsigned char *) file + MARK_LEN, aad.data,
					   aad.len,
					   file + HEAD_AT + head_len, len,
					   (unsigned char *) file + HEAD_AT + head_len + len,
					   (unsigned char *) secret->value);
	explicit_bzero(own_key, sizeof(own_key));
	secret->value[opened ? len : 0] = '\0';
	pfree(file);
	return opened ? READ_OK : READ_WRONG_KEY;
}

/*
 * Writes a file that must not exist yet.
 */
static void
write_file(const char *path, const void *data, ssize_t len)
{
	int fd = OpenTransientFilePerm(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | PG_BINARY,
								   S_IRUSR | S_IWUSR);

	if (fd < 0 || (errno = ENOSPC, write(fd, data, len) != len))
		ereport(ERROR,
				(errcode_for_file_access(), errmsg("could not write the file of a secret: %m")));
	if (CloseTransientFile(fd) != 0)
		ereport(ERROR,
				(errcode_for_file_access(), errmsg("could not close the file of a secret: %m")));
}

/*
 * Puts a file into its place, for good: durable_rename syncs it before and
 * the directory after.  Its lock being ours, the temporary file is too, even
 * if another left it in a crash.
 */
static void
place_file(const char *directory, const char *name, const void *data, ssize_t len)
{
	char *path = file_of(directory, name);
	char *temporary = psprintf("%s/.%s.new", directory, name);

	(void) unlink(temporary);
	PG_TRY();
	{
		write_file(temporary, data, len);
		(void) durable_rename(temporary, path, ERROR);
	}
	PG_CATCH();
	{
		(void) unlink(temporary);
		PG_RE_THROW();
	}
	PG_END_TRY();
}

void
mo_secret_file_try(const char *directory)
{
	char *path = psprintf("%s/.try.%d", directory, MyProcPid);
	char *data = palloc0(TRY_LEN);

	(void) unlink(path);
	PG_TRY();
	{
		write_file(path, data, TRY_LEN);
	}
	PG_FINALLY();
	{
		(void) unlink(path);
	}
	PG_END_TRY();
	pfree(data);
}

void
mo_secret_file_write(const char *directory, const Secret *secret)
{
	unsigned char key[MO_SEAL_KEY_LEN];
	unsigned char nonce[MO_SEAL_NONCE_LEN];
	size_t len = strlen(secret->value);
	StringInfoData head;
	StringInfoData aad;
	StringInfoData file;
	uint32 head_len;
	bool sealed;

	make_head(&head, secret);
	make_aad(&aad, secret->name, head.data, head.len);
	if (!pg_strong_random(nonce, sizeof(nonce)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate a random nonce")));
	head_len = pg_hton32(head.len);
	initStringInfo(&file);
	appendBinaryStringInfo(&file, MARK, MARK_LEN);
	appendBinaryStringInfo(&file, (char *) nonce, sizeof(nonce));
	appendBinaryStringInfo(&file, (char *) &head_len, sizeof(head_len));
	appendBinaryStringInfo(&file, head.data, head.len);
	enlargeStringInfo(&file, (int) len + MO_SEAL_TAG_LEN);
	mo_secret_key(key);
	sealed = mo_seal(key, nonce, aad.data, aad.len, secret->value, len,
					 (unsigned char *) file.data + file.len,
					 (unsigned char *) file.data + file.len + len);
	explicit_bzero(key, sizeof(key));
	if (!sealed)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not encrypt a secret")));
	place_file(directory, secret->name, file.data, file.len + len + MO_SEAL_TAG_LEN);
}

void
mo_secret_file_remove(const char *directory, const char *name)
{
	if (unlink(file_of(directory, name)) != 0)
		ereport(ERROR,
				(errcode_for_file_access(), errmsg("could not remove secret \"%s\": %m", name)));
	fsync_fname(directory, true);
}

/*
 * One file of the directory as an entry of the list, or NULL.
 */
static SecretFile *
list_entry(const char *directory, const char *file_name)
{
	size_t len = strlen(file_name);
	size_t suffix_len = strlen(SUFFIX);
	char *name;
	Secret secret;
	SecretFile *f;
	struct stat st;

	if (len <= suffix_len || strcmp(file_name + len - suffix_len, SUFFIX) != 0)
		return NULL;
	name = pnstrdup(file_name, len - suffix_len);
	if (!mo_secret_name_ok(name) ||
		mo_secret_file_read(directory, name, NULL, &secret, &st) == READ_ABSENT)
		return NULL; /* not ours, or just dropped */
	mo_secret_close(&secret);
	f = palloc(sizeof(SecretFile));
	f->name = name;
	f->owner = secret.owner;
	f->users = secret.users;
	f->hosts = secret.hosts;
	f->expires = secret.expires;
	f->changed = time_t_to_timestamptz(st.st_mtime);
	return f;
}

List *
mo_secret_list(void)
{
	const char *directory = mo_secret_directory();
	List *list = NIL;
	DIR *dir = AllocateDir(directory);
	struct dirent *entry;

	while ((entry = ReadDir(dir, directory)) != NULL)
	{
		SecretFile *f = list_entry(directory, entry->d_name);

		if (f != NULL)
			list = lappend(list, f);
	}
	FreeDir(dir);
	return list;
}
