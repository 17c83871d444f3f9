/*-------------------------------------------------------------------------
 *
 * bulk.c
 *	  Read a long list through jobs of the service's own.
 *
 * A job is made, looked at until it is done, and its result is read; nothing
 * of it waits anywhere but in a Fetch, as pages do.  Where the result has
 * pages there is a job for each pass and window of days, one after the other.
 *
 * The time between two looks grows with the time the job has taken, so that
 * what is lost by looking late stays a small part of it.
 *
 * A job that failed is an error, whatever it leaves behind; only where
 * the service has no room for one more, the list is read by pages after all.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "compat.h"
#include "http/retry.h"
#include "secret/secret.h"
#include "utils/memutils.h"

#include "api/bulk.h"

#define LOOKS_A_TIME 32 /* a look each thirty-second part of the time so far */
#define MAX_LOOK_MS 30000

static uint32 bulk_wait_event = 0;

/* Is the text, which may be NULL, one of "A|B"? */
static bool
is_one_of(const char *text, const char *list)
{
	return text != NULL && mo_answer_is_one_of(text, strlen(text), list);
}

/* Pages that the scan would ask for. */
static double
count_pages(ApiScan *scan)
{
	const Resource *res = scan->res;
	double pages = scan->size > 0 ? ceil(scan->spec->expected / scan->size) : 1;

	if (res->range.max_days > 0)
		pages = Max(pages, ceil((scan->spec->hi - scan->spec->lo + 1.0) / res->range.max_days));
	return pages;
}

/*
 * Decide whether the scan goes by jobs.  Not where it may end early, or is
 * promised an order: the lines of a job have none.  No I/O.
 */
void
mo_bulk_begin(ApiScan *scan)
{
	const ApiSpec *spec = scan->spec;
	const Resource *res = scan->res;
	const char *option = mo_api_option(scan, "bulk_pages");
	int most = option != NULL ? atoi(option) : 0;
	double pages;

	if (res->bulk == NULL || most == 0 || spec->expected < 0 || !spec->eager || spec->limit > 0 ||
		spec->order != NULL || scan->parts > 1 || scan->finished)
		return;
	/* 1 = always, but for a row known by its key */
	pages = count_pages(scan);
	if (most > 1 ? pages <= most : spec->expected <= 1 && res->range.column == NULL)
		return;
	scan->bulk = palloc0(sizeof(BulkRun));
	scan->bulk->bulk = res->bulk;
	scan->bulk->pages = pages;
	scan->bulk->most = most;
	if (res->range.column != NULL)
		scan->days = res->bulk->max_days;
	scan->slicing.column = NULL;
	mo_lanes_window_first(scan, &scan->last);
	scan->bulk->at = scan->last;
	if (res->root != NULL)
	{
		Fetch fetch = {.at = scan->last};

		mo_request_page(scan, &fetch); /* the search text */
		scan->bulk->document =
			mo_document_bulk(res, spec->columns, spec->ncolumns,
							 res->filters != NULL && scan->query != NULL && scan->query[0] != '\0'
								 ? scan->query
								 : NULL);
	}
}

/* Why the scan is read by jobs of the service's, or NULL: by pages. */
char *
mo_bulk_reason(const ApiScan *scan)
{
	if (scan->bulk == NULL)
		return NULL;
	if (scan->bulk->most == 1)
		return pstrdup("option bulk_pages is 1");
	return psprintf("%.0f pages expected, more than %d", scan->bulk->pages, scan->bulk->most);
}

/* The job's query, or NULL. */
const char *
mo_bulk_document(const ApiScan *scan)
{
	return scan->bulk != NULL ? scan->bulk->document : NULL;
}

/* Is the scan read by jobs, and not yet at its end? */
bool
mo_bulk_reads(const ApiScan *scan)
{
	return scan->bulk != NULL && scan->bulk->phase != BULK_END;
}

/* Does the file hold lines of lists within records, each behind its record? */
bool
mo_bulk_groups(const ApiScan *scan)
{
	const char *list = scan->res->nest[0].list;

	return mo_bulk_reads(scan) && scan->nlevels > 0 &&
		   scan->bulk->bulk->url != NULL && strlen(list) > 6 &&
		   strcmp(list + strlen(list) - 6, ".nodes") == 0;
}

/* What a wait is called while the scan is read by jobs; 0 = as usual. */
uint32
mo_bulk_event(const ApiScan *scan)
{
	if (scan->bulk->phase == BULK_READ || scan->current->http != NULL || scan->current->limited)
		return mo_throttle_event(scan->current);
	if (bulk_wait_event == 0)
		bulk_wait_event = mo_wait_event_new("MomentumBulk");
	return bulk_wait_event;
}

/* A job that can be cancelled is, unless it has come to its end.  Must not raise. */
void
mo_bulk_let_go(BulkRun *run)
{
	bool forget = true;

	if (run->going && run->cancel.body != NULL)
		forget = mo_bulk_cancel(&run->cancel);
	if (run->noted && forget)
		mo_note_drop(run->key);
	run->going = false;
	run->noted = false;
}

static void
wipe_cancel(BulkRun *run)
{
	ListCell *lc;

	foreach (lc, run->cancel.headers)
		mo_secret_wipe(lfirst(lc));
	run->cancel = (BulkCancel){0};
}

/* The scan's memory goes, whatever the reason. */
static void
end_run(void *arg)
{
	BulkRun *run = arg;

	mo_bulk_let_go(run);
	wipe_cancel(run);
}

/* The scan ends, perhaps early. */
void
mo_bulk_end(ApiScan *scan)
{
	BulkRun *run = scan->bulk;

	if (run == NULL)
		return;
	mo_fetch_close(scan, scan->current);
	scan->current = NULL;
	mo_bulk_let_go(run);
	run->phase = BULK_END;
}

/* A request about the job, or for its result, becomes the current fetch. */
Fetch *
mo_bulk_fetch(ApiScan *scan)
{
	mo_fetch_close(scan, scan->current);
	scan->current = NULL;
	scan->current = mo_fetch_new(scan);
	scan->current->at = scan->bulk->at;
	return scan->current;
}

/* Ask how the job stands, after a pause. */
static void
look(ApiScan *scan, int64 pause_us)
{
	BulkRun *run = scan->bulk;
	Fetch *fetch = mo_bulk_fetch(scan);
	MemoryContext old = MemoryContextSwitchTo(fetch->cxt);

	run->phase = BULK_LOOK;
	mo_request_job(scan, fetch, run->bulk->look);
	MemoryContextSwitchTo(old);
	fetch->due_us = mo_http_now_us() + pause_us;
	mo_fetch_start(scan, fetch);
}

/* How long to pause before the next look. */
static int64
next_pause(const BulkRun *run)
{
	int64 ms = (mo_http_now_us() - run->since_us) / 1000 / LOOKS_A_TIME;

	return Min(Max(ms, run->bulk->look_ms), MAX_LOOK_MS) * 1000;
}

/* The id is known: how it is cancelled is made ready, for when there is no time. */
static void
know_job(ApiScan *scan, const char *id)
{
	BulkRun *run = scan->bulk;
	MemoryContext old = MemoryContextSwitchTo(scan->cxt);
	const char *insecure = mo_api_option(scan, "allow_insecure");

	run->id = pstrdup(id);
	mo_api_set(scan, "job", run->id);
	if (run->bulk->cancel != NULL)
	{
		Fetch fetch = {0};

		wipe_cancel(run);
		mo_login(scan);
		mo_request_job(scan, &fetch, run->bulk->cancel);
		run->cancel.url = fetch.url;
		run->cancel.body = fetch.body;
		run->cancel.headers = mo_request_headers(scan, true, NULL);
		run->cancel.ca_file = mo_api_option(scan, "ca_file");
		run->cancel.allow_insecure = insecure != NULL && strcmp(insecure, "true") == 0;
	}
	MemoryContextSwitchTo(old);
}

/* Ask for a job, or take over one that was made for the same. */
void
mo_bulk_make(ApiScan *scan, int64 pause_us)
{
	BulkRun *run = scan->bulk;
	MemoryContext old = MemoryContextSwitchTo(scan->cxt);
	Fetch *fetch = mo_bulk_fetch(scan);
	bool taken = false;
	char *id;

	run->phase = BULK_MAKE;
	scan->last = run->at;
	if (run->document != NULL)
	{
		mo_api_set(scan, "document", run->document);
		mo_api_set(scan, "grouped", mo_bulk_groups(scan) ? "true" : "false");
	}
	MemoryContextSwitchTo(fetch->cxt);
	mo_request_make_job(scan, fetch, &run->at);
	MemoryContextSwitchTo(scan->cxt);
	run->key = mo_note_key(scan, fetch->body);
	id = run->resumed ? NULL : mo_note_find(run->key, &run->made, &taken);
	run->noted = !taken;
	run->resumed = id != NULL;
	if (run->since_us == 0)
		run->since_us = mo_http_now_us();
	if (id != NULL)
	{
		know_job(scan, id);
		look(scan, 0);
	}
	else
	{
		fetch->due_us = mo_http_now_us() + pause_us;
		mo_fetch_start(scan, fetch);
	}
	MemoryContextSwitchTo(old);
}

/* Start with the first job. */
void
mo_bulk_start(ApiScan *scan)
{
	BulkRun *run = scan->bulk;

	scan->stats.runs = 1;
	run->callback.func = end_run;
	run->callback.arg = run;
	MemoryContextRegisterResetCallback(scan->cxt, &run->callback);
	mo_bulk_make(scan, 0);
}

/* There is no room for a job: wait for it within the budget, else read pages. */
static void
wait_or_give_up(ApiScan *scan)
{
	BulkRun *run = scan->bulk;
	int64 pause_us = next_pause(run);

	if (mo_retry_in_budget((mo_http_now_us() - run->since_us) / 1000, pause_us / 1000))
	{
		mo_bulk_make(scan, pause_us);
		return;
	}
	mo_bulk_end(scan);
	scan->stats.jobs_refused++;
	scan->days = scan->res->range.max_days;
	mo_slices_begin(scan);
	scan->last = run->at;
	mo_lanes_window_first(scan, &scan->last);
	mo_lanes_start(scan);
}

/* The service says no, or that it failed; in its own words. */
static void
pg_attribute_noreturn()
	fail(ApiScan *scan, int code, const char *what, const char *why)
{
	char *detail = why != NULL ? mo_answer_cut(pstrdup(why), scan->token) : NULL;

	ereport(ERROR,
			(errcode(code),
			 errmsg("the service of server \"%s\" %s", scan->spec->server_name, what),
			 detail != NULL ? errdetail("It says: %s", detail) : 0,
			 errhint("With option \"bulk_pages\" set to 0 foreign table \"%s\" is read by pages.",
					 scan->spec->table_name)));
}

/* The answer to the request for a job. */
static void
was_made(ApiScan *scan, JsonValue *answer)
{
	BulkRun *run = scan->bulk;
	const Bulk *bulk = run->bulk;
	JsonValue *refused = bulk->refused != NULL ? mo_json_at(answer, bulk->refused) : NULL;
	char *id = mo_answer_text(answer, bulk->id);

	if (mo_answer_filled(refused))
	{
		if (is_one_of(mo_answer_text(answer, bulk->code), bulk->busy))
		{
			wait_or_give_up(scan);
			return;
		}
		fail(scan, ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE, "refused to make a bulk job",
			 mo_json_dump(refused));
	}
	if (id == NULL || id[0] == '\0')
		mo_trouble_not_json(scan, scan->current, psprintf("it has nothing at \"%s\"", bulk->id));
	run->made = GetCurrentTimestamp();
	run->since_us = mo_http_now_us();
	run->going = true;
	scan->stats.jobs++;
	know_job(scan, id);
	if (run->noted)
		mo_note_write(run->key, id, run->made);
	look(scan, bulk->look_ms * INT64CONST(1000));
}

/* Why a job failed: the first of the paths that says something. */
static char *
reason_at(JsonValue *answer, const char *const *paths)
{
	for (; paths != NULL && *paths != NULL; paths++)
	{
		char *text = mo_answer_text(answer, *paths);

		if (text != NULL && text[0] != '\0')
			return text;
	}
	return NULL;
}

/* Does the connector know the code of a failure as a right that is missing? */
static bool
is_denial(ApiScan *scan, const char *code)
{
	for (const ErrorRule *rule = scan->spec->connector->errors;
		 code != NULL && rule != NULL && rule->class != ERROR_END; rule++)
	{
		if (rule->code != NULL && strcmp(rule->code, code) == 0)
			return rule->class == ERROR_DENIED;
	}
	return false;
}

/* The answer to a look. */
static void
was_seen(ApiScan *scan, JsonValue *answer)
{
	BulkRun *run = scan->bulk;
	const Bulk *bulk = run->bulk;
	char *status = mo_answer_text(answer, bulk->status);
	char *why = reason_at(answer, bulk->errors);
	char *percent = mo_answer_text(answer, bulk->percent);

	scan->stats.looks++;
	if (is_one_of(status, bulk->done) &&
		(bulk->percent == NULL || (percent != NULL && atoi(percent) == 100)))
	{
		if (run->resumed)
		{
			scan->stats.jobs_resumed++;
			ereport(NOTICE,
					(errmsg("foreign table \"%s\" is read as of %s: its bulk job was made then, "
							"for a session that has died",
							scan->spec->table_name, timestamptz_to_str(run->made))));
		}
		mo_bulk_read(scan, answer);
	}
	else if (is_one_of(status, bulk->going) || is_one_of(status, bulk->done))
	{
		if (run->resumed && !run->going && run->noted)
			mo_note_write(run->key, run->id, run->made);
		run->going = true;
		look(scan, next_pause(run));
	}
	else if (run->resumed)
	{
		/* what has become of it is not ours to complain of */
		run->going = false;
		mo_bulk_make(scan, 0);
	}
	else if (status == NULL)
		mo_trouble_not_json(scan, scan->current,
							psprintf("it has nothing at \"%s\"", bulk->status));
	else
	{
		run->going = false;
		fail(scan, is_denial(scan, why) ? ERRCODE_INSUFFICIENT_PRIVILEGE : ERRCODE_FDW_ERROR,
			 "did not complete its bulk job",
			 why != NULL ? psprintf("%s, %s", status, why) : status);
	}
}

/* The answer to the request that is the current fetch. */
void
mo_bulk_answer(ApiScan *scan, JsonValue *answer)
{
	if (scan->bulk->phase == BULK_MAKE)
		was_made(scan, answer);
	else
		was_seen(scan, answer);
}
