/*-------------------------------------------------------------------------
 *
 * bulk_end.c
 *	  What becomes of a job when its scan ends before it, in whatever way.
 *
 * A scan that fails, is cancelled or ends early cancels its job.  That may
 * happen while a transaction is rolled back: nothing here raises, or takes
 * longer than a moment.
 *
 * A backend that dies cannot do that.  Therefore a note lies in the data
 * directory as long as a scan has a job: the next scan that asks the same
 * takes the job over.  A note is not worth a sync: what it can lose with the
 * machine is a job.  Shared memory would not do, for it does not outlive a
 * backend that is killed.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file_perm.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/latch.h"
#include "storage/procarray.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "api/bulk.h"

#define DIRECTORY "momentum_jobs" /* below the data directory */
#define CANCEL_MS 200             /* for the service to hear it */
#define MAX_NOTE 512

/* No longer than a scan may take: what it would read is no older than that either. */
#define TAKE_OVER_S MO_API_SCAN_TIMEOUT_S

/* Wait for the answer, at most until then. */
static bool
await_answer(HttpTransfer *http, int64 until_us)
{
	while (!mo_http_ended(http) && mo_http_now_us() < until_us)
	{
		if (mo_http_poll(http))
		{
			size_t len;

			(void) mo_http_data(http, &len);
			mo_http_consume(http, len);
		}
		if (!mo_http_ended(http))
			mo_http_await(until_us, 0);
	}
	return mo_http_ended(http) && mo_http_status(http) == 200;
}

/*
 * Tell the service that nobody waits for the job any more.  Never raises, and
 * takes CANCEL_MS at most; false = it may not have heard.
 */
bool
mo_bulk_cancel(const BulkCancel *cancel)
{
	MemoryContext old = CurrentMemoryContext;
	MemoryContext cxt = AllocSetContextCreate(TopMemoryContext, "momentum cancel",
											  ALLOCSET_SMALL_SIZES);
	volatile bool heard = false;
	uint32 held = InterruptHoldoffCount; /* an error forgets what is held off */

	HOLD_INTERRUPTS();
	PG_TRY();
	{
		HttpRequest req = {.method = "POST",
						   .url = cancel->url,
						   .headers = cancel->headers,
						   .body = cancel->body,
						   .ca_file = cancel->ca_file,
						   .allow_insecure = cancel->allow_insecure,
						   .connect_timeout_ms = CANCEL_MS,
						   .max_body = MO_API_MAX_ERROR_BODY,
						   .max_wire = MO_API_MAX_ERROR_BODY};
		HttpTransfer *http;

		MemoryContextSwitchTo(cxt);
		http = mo_http_start(cxt, &req);
		heard = await_answer(http, mo_http_now_us() + CANCEL_MS * INT64CONST(1000));
		mo_http_close(http);
	}
	PG_CATCH();
	{
		/* the job goes on, and its note stays: that is all the harm */
		FlushErrorState();
	}
	PG_END_TRY();
	InterruptHoldoffCount = held;
	SetLatch(MyLatch); /* what we have slept through */
	MemoryContextSwitchTo(old);
	MemoryContextDelete(cxt);
	return heard;
}

/*
 * What a job is known by: server, user, address and request.  Palloc'd; it
 * is the name of a file.
 */
char *
mo_note_key(ApiScan *scan, const char *request)
{
	char *what = psprintf("%u %u %u %s%s %s", MyDatabaseId, scan->spec->server, scan->spec->user,
						  mo_request_base(scan, scan->res->base), scan->res->path, request);
	int len = (int) strlen(what);

	return psprintf(UINT64_FORMAT "." UINT64_FORMAT,
					hash_bytes_extended((const unsigned char *) what, len, 0),
					hash_bytes_extended((const unsigned char *) what, len, 1));
}

/* Path of a note, in a buffer: this has to work while memory is being given back. */
static void
note_path(char *path, const char *key)
{
	snprintf(path, MAXPGPATH, "%s/%s/%s", DataDir, DIRECTORY, key);
}

/*
 * The id of a job that was made for this request and that nobody reads: the
 * backend that did is gone.  NULL = there is none, or another backend reads it
 * ("taken").
 */
char *
mo_note_find(const char *key, TimestampTz *made, bool *taken)
{
	char path[MAXPGPATH];
	char text[MAX_NOTE + 1];
	char id[MAX_NOTE + 1];
	ssize_t len = 0;
	int pid;
	struct stat st;
	int fd;

	*taken = false;
	note_path(path, key);
	fd = OpenTransientFile(path, O_RDONLY | PG_BINARY);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0)
		len = read(fd, text, MAX_NOTE);
	CloseTransientFile(fd);
	if (len <= 0)
		return NULL;
	text[len] = '\0';
	if (sscanf(text, "%d %512s", &pid, id) != 2 || text[len - 1] != '\n')
		return NULL; /* it was being written when its writer died */
	if (st.st_mtime + TAKE_OVER_S < time(NULL))
		return NULL;
	*taken = pid == MyProcPid || BackendPidGetProc(pid) != NULL;
	if (*taken)
		return NULL;
	*made = time_t_to_timestamptz(st.st_mtime);
	return pstrdup(id);
}

/* Notes that are of no use any more; and the directory, should there be none. */
static void
tidy_up(const char *directory)
{
	DIR *dir;
	struct dirent *de;

	(void) MakePGDirectory(directory);
	dir = AllocateDir(directory);
	while (dir != NULL && (de = ReadDirExtended(dir, directory, DEBUG1)) != NULL)
	{
		char path[MAXPGPATH * 2];
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", directory, de->d_name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
			st.st_mtime + TAKE_OVER_S < time(NULL))
			(void) unlink(path);
	}
	if (dir != NULL)
		FreeDir(dir);
}

/*
 * Note that this backend reads the job, which was "made" then.  Where that
 * fails nothing is lost but the chance to take it over.
 */
void
mo_note_write(const char *key, const char *id, TimestampTz made)
{
	char path[MAXPGPATH];
	char text[MAX_NOTE + 1];
	struct timespec times[2] = {{0}};
	int fd;
	int len = snprintf(text, sizeof(text), "%d %s\n", MyProcPid, id);

	if (len > MAX_NOTE)
		return;
	snprintf(path, MAXPGPATH, "%s/%s", DataDir, DIRECTORY);
	tidy_up(path);
	note_path(path, key);
	fd = OpenTransientFile(path, O_WRONLY | O_CREAT | O_TRUNC | PG_BINARY);
	if (fd < 0)
		return;
	times[0].tv_sec = times[1].tv_sec = timestamptz_to_time_t(made);
	if (write(fd, text, len) == len)
		(void) futimens(fd, times);
	CloseTransientFile(fd);
}

/* The job is no longer one to be taken over.  Never raises. */
void
mo_note_drop(const char *key)
{
	char path[MAXPGPATH];

	note_path(path, key);
	(void) unlink(path);
}
