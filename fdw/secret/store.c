/*-------------------------------------------------------------------------
 *
 * store.c
 *	  The secret store: one file per secret, AES-256-GCM under the host's key.
 *
 * A file <name>.secret holds: the mark and version, a nonce, the encrypted
 * value, the tag.  Mark and name are authenticated too, so a file renamed
 * does not open under another name.  A new value is a new file, synced and
 * renamed into place; it is not undone by ROLLBACK.
 *
 * Directory and key file must lie outside the data directory: a base backup
 * would carry both.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base64.h"
#include "miscadmin.h"
#include "secret/seal.h"
#include "secret/secret.h"
#include "secret/store.h"
#include "storage/fd.h"
#include "utils/guc.h"

#define MARK "MOSEC\0\0\1"
#define MARK_LEN 8
#define HEAD_LEN (MARK_LEN + MO_SEAL_NONCE_LEN)
#define SUFFIX ".secret"
#define REDACT_MIN 8 /* shorter ones would black out ordinary words */

static char *secret_directory = NULL;
static char *secret_key_file = NULL;

void
mo_secret_init(void)
{
	DefineCustomStringVariable("momentum.secret_directory",
							   "The directory that holds the encrypted secrets.",
							   "It must belong to the server's user, with mode 0700, and lie "
							   "outside the data directory.",
							   &secret_directory, "", PGC_SUSET, GUC_SUPERUSER_ONLY,
							   NULL, NULL, NULL);
	DefineCustomStringVariable("momentum.secret_key_file",
							   "The file with the key of the secrets: 32 bytes, or 64 hex digits.",
							   "Only the server's user may read it, and it must lie outside the "
							   "data directory.",
							   &secret_key_file, "", PGC_SUSET, GUC_SUPERUSER_ONLY,
							   NULL, NULL, NULL);
}

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
	blacken(text, secret);
	if (password == NULL)
		return;
	blacken(text, password + 1);
	len = pg_b64_enc_len((int) strlen(secret));
	encoded = palloc0(len + 1);
	if (pg_b64_encode(secret, (int) strlen(secret), encoded, len) >= 0)
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

static void
check_configured(const char *setting, const char *value, const char *hint)
{
	if (value == NULL || value[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the secret store is not set up: \"%s\" is not set", setting),
				 errhint("%s", hint)));
	if (!is_absolute_path(value))
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("\"%s\" is not an absolute path", setting)));
}

/*
 * Complains about a path of a setting; the path itself is for the log.
 */
static void
bad_file(const char *setting, const char *path, const char *problem, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_CONFIG_FILE_ERROR),
			 errmsg("what \"%s\" names %s", setting, problem),
			 errdetail_log("It is \"%s\".", path),
			 errhint("%s", hint)));
}

/*
 * What every file of the store must fulfil.
 */
static void
check_place(const char *setting, const char *path)
{
	char real[PATH_MAX];
	char data[PATH_MAX];
	size_t len;

	if (realpath(path, real) == NULL)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not find what \"%s\" names: %m", setting),
				 errdetail_log("It is \"%s\".", path),
				 errhint("Make it, or correct the setting.")));
	if (realpath(DataDir, data) == NULL)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not find the data directory: %m")));
	len = strlen(data);
	if (strncmp(real, data, len) == 0 && (real[len] == '/' || real[len] == '\0'))
		bad_file(setting, path, "lies inside the data directory",
				 "Move it out: a base backup would carry the secrets and their key.");
}

static void
check_directory(void)
{
	struct stat st;

	check_configured("momentum.secret_directory", secret_directory,
					 "Make a directory of mode 0700 that belongs to the server's user, outside the "
					 "data directory, and set its path with ALTER SYSTEM.");
	check_place("momentum.secret_directory", secret_directory);
	if (stat(secret_directory, &st) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not look at the directory of the secrets: %m")));
	if (!S_ISDIR(st.st_mode))
		bad_file("momentum.secret_directory", secret_directory, "is not a directory",
				 "Name a directory.");
	if (st.st_uid != geteuid() || (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		bad_file("momentum.secret_directory", secret_directory, "is open to others",
				 "It must belong to the server's user, with mode 0700.");
}

/*
 * The rights that the server also demands of its TLS key: ours and 0600, or
 * root's and at most 0640.
 */
static void
check_key_rights(const struct stat *st)
{
	mode_t forbidden = st->st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;

	if (!S_ISREG(st->st_mode))
		bad_file("momentum.secret_key_file", secret_key_file, "is not a regular file",
				 "Name a file.");
	if ((st->st_uid != geteuid() && st->st_uid != 0) || (st->st_mode & forbidden) != 0)
		bad_file("momentum.secret_key_file", secret_key_file, "is open to others",
				 "It must belong to the server's user with mode 0600, or to root with mode 0640.");
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * 64 hex digits, with or without a line end, as a key.
 */
static bool
hex_key(const char *text, size_t len, unsigned char *key)
{
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len != MO_SEAL_KEY_LEN * 2)
		return false;
	for (int i = 0; i < MO_SEAL_KEY_LEN; i++)
	{
		int high = hex_digit(text[i * 2]);
		int low = hex_digit(text[i * 2 + 1]);

		if (high < 0 || low < 0)
			return false;
		key[i] = high << 4 | low;
	}
	return true;
}

/*
 * Reads at most "size" bytes of a file, and its properties.  -1 if it is
 * absent; any other failure is raised in terms of "what".
 */
static ssize_t
read_file(const char *path, const char *what, void *buf, size_t size, struct stat *st)
{
	int fd = OpenTransientFile(path, O_RDONLY | O_CLOEXEC | PG_BINARY);
	ssize_t len;

	if (fd < 0 && errno == ENOENT)
		return -1;
	if (fd < 0 || fstat(fd, st) != 0 || (len = read(fd, buf, size)) < 0)
		ereport(ERROR, (errcode_for_file_access(), errmsg("could not read %s: %m", what)));
	CloseTransientFile(fd);
	return len;
}

/*
 * The host's key.  Read for each use, so that it does not stay in memory.
 */
static void
get_key(unsigned char *key)
{
	char text[MO_SEAL_KEY_LEN * 2 + 3]; /* one more than the longest valid form */
	struct stat st;
	ssize_t len;
	bool valid = true;

	check_configured("momentum.secret_key_file", secret_key_file,
					 "Make a key with \"openssl rand -hex 32\" in a file of mode 0600 that belongs "
					 "to the server's user, and set its path with ALTER SYSTEM.");
	check_place("momentum.secret_key_file", secret_key_file);
	len = read_file(secret_key_file, "the key of the secrets", text, sizeof(text), &st);
	if (len < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FILE),
				 errmsg("what \"momentum.secret_key_file\" names has gone")));
	check_key_rights(&st);
	if (len == MO_SEAL_KEY_LEN)
		memcpy(key, text, MO_SEAL_KEY_LEN);
	else
		valid = hex_key(text, len, key);
	explicit_bzero(text, sizeof(text));
	if (!valid)
		bad_file("momentum.secret_key_file", secret_key_file, "holds no key",
				 "A key is 32 bytes, or 64 hex digits. Make one with \"openssl rand -hex 32\".");
}

/*
 * What is authenticated with the value: mark and name.
 */
static size_t
make_aad(char *aad, const char *name)
{
	memcpy(aad, MARK, MARK_LEN);
	strcpy(aad + MARK_LEN, name);
	return MARK_LEN + strlen(name);
}

static char *
file_of(const char *name)
{
	return psprintf("%s/%s%s", secret_directory, name, SUFFIX);
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

void
mo_secret_put(const char *name, const char *value)
{
	unsigned char key[MO_SEAL_KEY_LEN];
	char aad[MARK_LEN + MO_SECRET_NAME_LEN + 1];
	size_t len = strlen(value);
	size_t total = HEAD_LEN + len + MO_SEAL_TAG_LEN;
	unsigned char *file = palloc(total);
	char *path;
	char *temporary;
	bool sealed;

	check_name(name);
	if (len == 0 || len > MO_SECRET_VALUE_LEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a secret must have 1 to %d bytes", MO_SECRET_VALUE_LEN)));
	check_directory();
	memcpy(file, MARK, MARK_LEN);
	if (!pg_strong_random(file + MARK_LEN, MO_SEAL_NONCE_LEN))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate a random nonce")));
	get_key(key);
	sealed = mo_seal(key, file + MARK_LEN, aad, make_aad(aad, name), value, len,
					 file + HEAD_LEN, file + HEAD_LEN + len);
	explicit_bzero(key, sizeof(key));
	if (!sealed)
		ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not encrypt a secret")));

	path = file_of(name);
	temporary = psprintf("%s/.%s.%d.new", secret_directory, name, MyProcPid);
	(void) unlink(temporary); /* left by a crash */
	PG_TRY();
	{
		write_file(temporary, file, total);
		(void) durable_rename(temporary, path, ERROR);
	}
	PG_CATCH();
	{
		(void) unlink(temporary);
		PG_RE_THROW();
	}
	PG_END_TRY();
}

char *
mo_secret_get(const char *name)
{
	unsigned char key[MO_SEAL_KEY_LEN];
	char aad[MARK_LEN + MO_SECRET_NAME_LEN + 1];
	size_t size = HEAD_LEN + MO_SECRET_VALUE_LEN + MO_SEAL_TAG_LEN;
	unsigned char *file;
	char *value;
	struct stat st;
	ssize_t total;
	size_t len;

	check_name(name);
	check_directory();
	file = palloc(size);
	total = read_file(file_of(name), "the file of a secret", file, size, &st);
	if (total < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("secret \"%s\" does not exist", name),
				 errhint("Store it through the view momentum.secret_entry.")));
	if (total < HEAD_LEN + MO_SEAL_TAG_LEN || memcmp(file, MARK, MARK_LEN) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the file of secret \"%s\" is damaged", name),
				 errhint("Store the secret again.")));
	len = total - HEAD_LEN - MO_SEAL_TAG_LEN;
	value = palloc(len + 1);
	get_key(key);
	if (!mo_unseal(key, file + MARK_LEN, aad, make_aad(aad, name), file + HEAD_LEN, len,
				   file + HEAD_LEN + len, (unsigned char *) value))
	{
		explicit_bzero(key, sizeof(key));
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("could not decrypt secret \"%s\"", name),
				 errdetail("The key is not the one it was stored under, or its file was altered."),
				 errhint("Set \"momentum.secret_key_file\" to that key, or store the secret "
						 "again.")));
	}
	explicit_bzero(key, sizeof(key));
	value[len] = '\0';
	pfree(file);
	return value;
}

bool
mo_secret_drop(const char *name)
{
	check_name(name);
	check_directory();
	if (unlink(file_of(name)) != 0)
	{
		if (errno == ENOENT)
			return false;
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not remove secret \"%s\": %m", name)));
	}
	fsync_fname(secret_directory, true);
	return true;
}

List *
mo_secret_list(void)
{
	List *list = NIL;
	DIR *dir;
	struct dirent *entry;

	check_directory();
	dir = AllocateDir(secret_directory);
	while ((entry = ReadDir(dir, secret_directory)) != NULL)
	{
		size_t len = strlen(entry->d_name);
		size_t suffix_len = strlen(SUFFIX);
		SecretFile *f;
		struct stat st;
		char *name;

		if (len <= suffix_len || strcmp(entry->d_name + len - suffix_len, SUFFIX) != 0)
			continue;
		name = pnstrdup(entry->d_name, len - suffix_len);
		if (!mo_secret_name_ok(name) || stat(file_of(name), &st) != 0)
			continue; /* not ours, or just dropped */
		f = palloc(sizeof(SecretFile));
		f->name = name;
		f->changed = time_t_to_timestamptz(st.st_mtime);
		list = lappend(list, f);
	}
	FreeDir(dir);
	return list;
}
