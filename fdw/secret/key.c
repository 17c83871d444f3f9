/*-------------------------------------------------------------------------
 *
 * key.c
 *	  Where the secret store is, and the key it is locked with.
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

#include "miscadmin.h"
#include "secret/seal.h"
#include "secret/secret.h"
#include "secret/store.h"
#include "storage/fd.h"
#include "utils/guc.h"

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

const char *
mo_secret_directory(void)
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
	return secret_directory;
}

/*
 * The rights that the server also demands of its TLS key: ours and 0600, or
 * root's and at most 0640.
 */
static void
check_key_rights(const char *what, const char *file, const struct stat *st)
{
	mode_t forbidden = st->st_uid == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;

	if (!S_ISREG(st->st_mode))
		bad_file(what, file, "is not a regular file", "Name a file.");
	if ((st->st_uid != geteuid() && st->st_uid != 0) || (st->st_mode & forbidden) != 0)
		bad_file(what, file, "is open to others",
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

ssize_t
mo_secret_read_file(const char *path, const char *what, void *buf, size_t size, struct stat *st)
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
 * The key in a file that "what" names.
 */
static void
read_key(const char *what, const char *file, unsigned char *key)
{
	char text[MO_SEAL_KEY_LEN * 2 + 3]; /* one more than the longest valid form */
	struct stat st;
	ssize_t len;
	bool valid = true;

	check_place(what, file);
	len = mo_secret_read_file(file, "the key of the secrets", text, sizeof(text), &st);
	if (len < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FILE),
				 errmsg("what \"%s\" names has gone", what)));
	check_key_rights(what, file, &st);
	if (len == MO_SEAL_KEY_LEN)
		memcpy(key, text, MO_SEAL_KEY_LEN);
	else
		valid = hex_key(text, len, key);
	explicit_bzero(text, sizeof(text));
	if (!valid)
		bad_file(what, file, "holds no key",
				 "A key is 32 bytes, or 64 hex digits. Make one with \"openssl rand -hex 32\".");
}

/*
 * Read for each use, so that it does not stay in memory.
 */
void
mo_secret_key(unsigned char *key)
{
	check_configured("momentum.secret_key_file", secret_key_file,
					 "Make a key with \"openssl rand -hex 32\" in a file of mode 0600 that belongs "
					 "to the server's user, and set its path with ALTER SYSTEM.");
	read_key("momentum.secret_key_file", secret_key_file, key);
}

void
mo_secret_old_key(const char *file, unsigned char *key)
{
	if (!is_absolute_path(file))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"old_key_file\" is not an absolute path")));
	read_key("old_key_file", file, key);
}
