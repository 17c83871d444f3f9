/*-------------------------------------------------------------------------
 *
 * ledger.c
 *	  The erasure ledger: who was erased, outside the database as well.
 *
 * A backup that is older than an erasure knows nothing of it, its table of
 * erasures included.  So each entry goes into a file as well, synced before
 * the transaction commits.  Replaying an entry whose transaction failed in
 * between erases somebody who was to be erased; the other way round somebody
 * would come back.
 *
 * An entry names nobody.  It holds HMAC-SHA256(salt, brand, kind, value), and
 * the salt stands in the first line of the file alone: 256 bits, drawn once,
 * never in the database, its dumps and its backups.  Who has a dump cannot
 * test whether an address he knows was erased.  Who has the file as well can:
 * it belongs to the server's user, mode 0600, and into a safe of its own, for
 * without it the entries of the table fit nobody any more.
 *
 *		momentum-erasure-ledger 1 <salt, 64 hex digits>
 *		<brand> <kind> <hash, 64 hex digits> <seconds since 1970>
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/xact.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "port.h"
#include "storage/fd.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "hub/ledger.h"
#include "hub/ledger_line.h"

#define MARK_LEN (sizeof(MO_LEDGER_MARK) - 1)
#define SALT_LEN 32
#define HASH_LEN 32
#define HEADER_LEN MO_LEDGER_HEADER_LEN
#define MAX_LEDGER_SIZE (1024 * 1024 * 1024) /* some eight million entries */
#define LOCK_POLL_MS 20

PG_FUNCTION_INFO_V1(mo_erasure_hash);
PG_FUNCTION_INFO_V1(mo_ledger_append);
PG_FUNCTION_INFO_V1(mo_ledger_read);
PG_FUNCTION_INFO_V1(mo_ledger_state);

static char *ledger_setting = NULL;

/* The salt, once read, for the rest of the transaction. */
static bool salt_known = false;
static unsigned char salt[SALT_LEN];

/* Lines to write before this transaction commits; in TopTransactionContext. */
typedef struct Pending
{
	SubTransactionId subid;
	char *line;
} Pending;

static List *pending = NIL;
static bool callbacks_set = false;

static void set_callbacks(void);

void
mo_ledger_init(void)
{
	DefineCustomStringVariable("momentum.erasure_ledger",
							   "The file that keeps the hashed keys of who was erased.",
							   "Empty: erasure_ledger beside momentum.secret_directory. It must "
							   "lie outside the data directory; keep copies of it, but none with "
							   "the backups of the database.",
							   &ledger_setting, "", PGC_SUSET, GUC_SUPERUSER_ONLY, NULL, NULL,
							   NULL);
}

/*
 * Where the ledger is, palloc'd.  Raises if nobody has said, or if a base
 * backup would carry it.
 */
static char *
ledger_path(void)
{
	char *path;

	if (ledger_setting != NULL && ledger_setting[0] != '\0')
		path = pstrdup(ledger_setting);
	else
	{
		const char *secrets = GetConfigOption("momentum.secret_directory", true, false);

		if (secrets == NULL || secrets[0] == '\0')
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("the erasure ledger has no place: \"momentum.erasure_ledger\" is not "
							"set"),
					 errdetail("Without it, who was erased would come back with a backup."),
					 errhint("A superuser sets it to a file outside the data directory.")));
		path = pstrdup(secrets);
		canonicalize_path(path);
		get_parent_directory(path);
		path = psprintf("%s/erasure_ledger", path);
	}
	if (!is_absolute_path(path))
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("\"momentum.erasure_ledger\" is not an absolute path")));
	canonicalize_path(path);
	if (path_is_prefix_of_path(DataDir, path))
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("the erasure ledger lies in the data directory"),
				 errdetail("A restore would put an old one in its place.")));
	return path;
}

static void
complain(const char *what)
{
	ereport(ERROR,
			(errcode_for_file_access(),
			 errmsg("could not %s the erasure ledger: %m", what),
			 errhint("It is the file of \"momentum.erasure_ledger\", or erasure_ledger beside "
					 "\"momentum.secret_directory\".")));
}

static void
damaged(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("the erasure ledger is damaged"),
			 errdetail("%s", detail),
			 errhint("Put a copy of it in its place.")));
}

static bool
write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0)
	{
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
		{
			if (n == 0)
				errno = ENOSPC;
			return false;
		}
		bytes += n;
		len -= n;
	}
	return true;
}

/*
 * Have the names in the ledger's directory outlast a crash.
 */
static bool
sync_directory(const char *path)
{
	char *directory = pstrdup(path);
	int fd;
	bool good;

	get_parent_directory(directory);
	fd = OpenTransientFile(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	good = fsync(fd) == 0;
	return CloseTransientFile(fd) == 0 && good;
}

/*
 * A new ledger with a salt of its own, complete or not at all: whoever comes
 * second finds the first one's.
 */
static void
create_ledger(const char *path)
{
	unsigned char bytes[SALT_LEN];
	char header[HEADER_LEN + 1];
	char *temporary = psprintf("%s.%d", path, MyProcPid);
	int fd;
	bool good;

	if (!pg_strong_random(bytes, SALT_LEN))
		elog(ERROR, "could not draw a salt");
	memcpy(header, MO_LEDGER_MARK, MARK_LEN);
	hex_encode((char *) bytes, SALT_LEN, header + MARK_LEN);
	header[HEADER_LEN - 1] = '\n';

	(void) unlink(temporary);
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
	if (fd < 0)
		complain("create");
	good = write_all(fd, header, HEADER_LEN) && fsync(fd) == 0;
	good = close(fd) == 0 && good;
	OPENSSL_cleanse(bytes, SALT_LEN);
	OPENSSL_cleanse(header, sizeof(header));
	if (!good || (link(temporary, path) != 0 && errno != EEXIST))
	{
		int saved = errno;

		(void) unlink(temporary);
		errno = saved;
		complain("create");
	}
	(void) unlink(temporary);
	if (!sync_directory(path))
		complain("create");
}

/*
 * Open the ledger; make it if there is none and "create" is set.  Returns -1
 * where there is none.  The file must be the server's alone; what else may
 * stand in its place, such as a pipe, is not waited for.  Closed by
 * CloseTransientFile(), or when the transaction fails.
 */
static int
open_ledger(const char *path, int flags, bool create)
{
	struct stat st;
	int fd;

	flags |= O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	fd = OpenTransientFile(path, flags);
	if (fd < 0 && errno == ENOENT && create)
	{
		create_ledger(path);
		fd = OpenTransientFile(path, flags);
	}
	if (fd < 0)
	{
		if (errno == ENOENT && !create)
			return -1;
		complain("open");
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
		(st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIG_FILE_ERROR),
				 errmsg("the erasure ledger must be a file of the server's user, with mode 0600")));
	return fd;
}

static void
check_header(const char *text, size_t len)
{
	if (!mo_ledger_is_header(text, len))
		damaged("Its first line is not that of a ledger.");
}

/*
 * All of an open ledger, palloc'd and terminated; closes it.
 */
static char *
read_whole(int fd)
{
	struct stat st;
	char *text;
	size_t got = 0;

	if (fstat(fd, &st) != 0 || st.st_size > MAX_LEDGER_SIZE)
		damaged("It is too large.");
	text = MemoryContextAllocHuge(CurrentMemoryContext, st.st_size + 1);
	while (got < (size_t) st.st_size)
	{
		ssize_t n = read(fd, text + got, st.st_size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			complain("read");
		if (n == 0)
			break; /* another session has cut off a line without its end */
		got += n;
	}
	(void) CloseTransientFile(fd);
	text[got] = '\0';
	check_header(text, got);
	/* the file system's zeros after a crash would end it unnoticed */
	if (strlen(text) != got)
		damaged("It holds zero bytes.");
	return text;
}

static void
read_salt(int fd, unsigned char *bytes)
{
	char header[HEADER_LEN + 1];
	ssize_t n = pread(fd, header, HEADER_LEN, 0);

	header[HEADER_LEN] = '\0';
	check_header(header, n < 0 ? 0 : n);
	hex_decode(header + MARK_LEN, 2 * SALT_LEN, (char *) bytes);
	OPENSSL_cleanse(header, sizeof(header));
}

/*
 * Have the salt.  False where there is no ledger and none is to be made.
 */
static bool
load_salt(bool create)
{
	int fd;

	if (salt_known)
		return true;
	set_callbacks();
	fd = open_ledger(ledger_path(), O_RDONLY, create);
	if (fd < 0)
		return false;
	read_salt(fd, salt);
	(void) CloseTransientFile(fd);
	salt_known = true;
	return true;
}

/*
 * momentum._erasure_hash(brand, kind, value): 64 hex digits.  Makes the ledger
 * if there is none.
 */
Datum
mo_erasure_hash(PG_FUNCTION_ARGS)
{
	unsigned char hash[HASH_LEN];
	char hex[2 * HASH_LEN + 1];
	StringInfoData words;

	(void) load_salt(true);
	initStringInfo(&words);
	for (int i = 0; i < 3; i++)
	{
		text *word = PG_GETARG_TEXT_PP(i);

		appendBinaryStringInfo(&words, VARDATA_ANY(word), VARSIZE_ANY_EXHDR(word));
		appendStringInfoChar(&words, '\0');
	}
	if (HMAC(EVP_sha256(), salt, SALT_LEN, (unsigned char *) words.data, words.len, hash, NULL) ==
		NULL)
		elog(ERROR, "could not compute a hash");
	pfree(words.data);
	hex_encode((char *) hash, HASH_LEN, hex);
	hex[2 * HASH_LEN] = '\0';
	PG_RETURN_TEXT_P(cstring_to_text(hex));
}

/*
 * Cut off a last line without its end: the machine stopped while it was
 * written, so its transaction was never committed.
 */
static bool
mend_end(int fd)
{
	char tail[256];
	off_t size = lseek(fd, 0, SEEK_END);
	off_t from = Max(size - (off_t) sizeof(tail), 0);
	ssize_t n = size < 0 ? -1 : pread(fd, tail, sizeof(tail), from);

	if (n < 0)
		return false;
	for (ssize_t i = n; i > 0; i--)
	{
		if (tail[i - 1] == '\n')
			return i == n || ftruncate(fd, from + i) == 0;
	}
	damaged("Its last line has no end.");
	return false;
}

/*
 * Take the lock of an open ledger.  Whoever holds it need not be one of us, so
 * the wait can be cancelled.
 */
static void
lock_ledger(int fd)
{
	while (flock(fd, LOCK_EX | LOCK_NB) != 0)
	{
		if (errno != EWOULDBLOCK && errno != EINTR)
			complain("lock");
		CHECK_FOR_INTERRUPTS();
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, LOCK_POLL_MS,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
}

/*
 * The ledger whose salt made the pending hashes, open and locked.  Raises if
 * another stands in its place by now: in that they would fit nobody.
 */
static int
open_locked(const char *path)
{
	for (;;)
	{
		unsigned char bytes[SALT_LEN];
		struct stat opened;
		struct stat named;
		int fd;

		CHECK_FOR_INTERRUPTS();
		fd = open_ledger(path, O_RDWR | O_APPEND, false);
		if (fd < 0)
			complain("open");
		lock_ledger(fd);
		if (fstat(fd, &opened) != 0)
			complain("look at");
		if (lstat(path, &named) != 0 || opened.st_dev != named.st_dev ||
			opened.st_ino != named.st_ino)
		{
			/* it was moved away while we waited */
			(void) CloseTransientFile(fd);
			continue;
		}
		read_salt(fd, bytes);
		if (CRYPTO_memcmp(bytes, salt, SALT_LEN) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("the erasure ledger was exchanged for another one"),
					 errdetail("What this transaction erased was hashed for the one before."),
					 errhint("Run it again.")));
		OPENSSL_cleanse(bytes, SALT_LEN);
		return fd;
	}
}

/*
 * Write what is pending, synced, or raise: the transaction is not committed.
 */
static void
write_pending(void)
{
	StringInfoData lines;
	const char *path = ledger_path();
	ListCell *lc;
	int fd;

	initStringInfo(&lines);
	foreach (lc, pending)
		appendStringInfoString(&lines, ((Pending *) lfirst(lc))->line);
	/* another session's lines never stand within ours */
	fd = open_locked(path);
	if (!mend_end(fd) || !write_all(fd, lines.data, lines.len) || fsync(fd) != 0 ||
		!sync_directory(path))
		complain("write");
	(void) CloseTransientFile(fd);
	pending = NIL;
}

static void
at_xact_end(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			if (pending != NIL)
				write_pending();
			break;
		case XACT_EVENT_PRE_PREPARE:
			if (pending != NIL)
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("cannot PREPARE a transaction that has erased somebody")));
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
			pending = NIL;
			salt_known = false;
			OPENSSL_cleanse(salt, SALT_LEN);
			break;
		default:
			break;
	}
}

static void
at_subxact_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	ListCell *lc;

	if (event == SUBXACT_EVENT_COMMIT_SUB)
	{
		foreach (lc, pending)
		{
			Pending *p = lfirst(lc);

			if (p->subid == mine)
				p->subid = parent;
		}
	}
	else if (event == SUBXACT_EVENT_ABORT_SUB)
	{
		foreach (lc, pending)
		{
			if (((Pending *) lfirst(lc))->subid == mine)
				pending = foreach_delete_current (pending, lc);
		}
	}
}

static void
set_callbacks(void)
{
	if (callbacks_set)
		return;
	RegisterXactCallback(at_xact_end, NULL);
	RegisterSubXactCallback(at_subxact_end, NULL);
	callbacks_set = true;
}

/*
 * momentum._ledger_append(brand, kind, hash, at): a line that is in the file
 * when the transaction has committed.
 */
Datum
mo_ledger_append(PG_FUNCTION_ARGS)
{
	char *brand = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char *kind = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char *hash = text_to_cstring(PG_GETARG_TEXT_PP(2));
	int64 seconds = timestamptz_to_time_t(PG_GETARG_TIMESTAMPTZ(3)) + 1; /* never before "at" */
	MemoryContext old;
	Pending *p;

	if (!mo_ledger_is_entry(brand, kind, hash) || seconds < 0 ||
		seconds > MO_LEDGER_MAX_SECONDS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an entry of the erasure ledger is a brand, a kind, a hash and a time")));
	(void) load_salt(true);
	old = MemoryContextSwitchTo(TopTransactionContext);
	p = palloc(sizeof(Pending));
	p->subid = GetCurrentSubTransactionId();
	p->line = psprintf("%s %s %s " INT64_FORMAT "\n", brand, kind, hash, seconds);
	pending = lappend(pending, p);
	MemoryContextSwitchTo(old);
	PG_RETURN_VOID();
}

/*
 * momentum._ledger_read(): (brand, kind, hash, at) of each line of the file.
 * A last line without its end was never committed.
 */
Datum
mo_ledger_read(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	int fd;
	char *text, *line, *end;

	InitMaterializedSRF(fcinfo, 0);
	fd = open_ledger(ledger_path(), O_RDONLY, false);
	if (fd < 0)
		return (Datum) 0;
	text = read_whole(fd);
	for (line = text + HEADER_LEN; (end = strchr(line, '\n')) != NULL; line = end + 1)
	{
		char *words[4];
		Datum values[4];
		bool nulls[4] = {false};

		*end = '\0';
		if (!mo_ledger_split(line, words))
			damaged("One of its lines is no entry.");
		for (int i = 0; i < 3; i++)
			values[i] = CStringGetTextDatum(words[i]);
		values[3] =
			TimestampTzGetDatum(time_t_to_timestamptz((pg_time_t) strtoll(words[3], NULL, 10)));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		for (int i = 0; i < 3; i++)
			pfree(DatumGetPointer(values[i]));
		CHECK_FOR_INTERRUPTS();
	}
	OPENSSL_cleanse(text, HEADER_LEN);
	pfree(text);
	return (Datum) 0;
}

/*
 * momentum._ledger_state(): the mark of its salt, which tells two ledgers
 * apart and nothing else; NULL if there is no file.
 */
Datum
mo_ledger_state(PG_FUNCTION_ARGS)
{
	static const char *const label = "mark of the salt";
	unsigned char hash[HASH_LEN];
	char hex[17];

	if (!load_salt(PG_GETARG_BOOL(0)))
		PG_RETURN_NULL();
	if (HMAC(EVP_sha256(), salt, SALT_LEN, (const unsigned char *) label, strlen(label), hash,
			 NULL) == NULL)
		elog(ERROR, "could not compute a hash");
	hex_encode((char *) hash, 8, hex);
	hex[16] = '\0';
	PG_RETURN_TEXT_P(cstring_to_text(hex));
}
