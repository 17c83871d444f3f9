/*-------------------------------------------------------------------------
 *
 * bulk_read.c
 *	  Read what a job of the service's own has left: a file, or pages.
 *
 * What the service says of the number of lines is compared with those that
 * came.  Lines of a list within records stand behind their record, and name it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "api/bulk.h"

#define MAX_HOSTS 8

/* Read the file at the URL. */
static void
read_lines(ApiScan *scan, const char *url)
{
	Fetch *fetch = mo_bulk_fetch(scan);
	MemoryContext old = MemoryContextSwitchTo(fetch->cxt);

	fetch->method = "GET";
	fetch->url = pstrdup(url);
	fetch->records = "";
	fetch->bare = true;
	fetch->lines = true;
	MemoryContextSwitchTo(old);
	mo_fetch_start(scan, fetch);
}

/* Read a page of the result, the one after "at" if there is one. */
static void
read_page(ApiScan *scan, const Position *at)
{
	Position next = *at;
	Fetch *fetch;
	MemoryContext old;

	mo_bounds_page(scan, next.page);
	fetch = mo_bulk_fetch(scan);
	fetch->at = next;
	fetch->job_page = true;
	old = MemoryContextSwitchTo(fetch->cxt);
	mo_request_page(scan, fetch);
	MemoryContextSwitchTo(old);
	mo_fetch_start(scan, fetch);
}

/* A number of the answer, or -1. */
static int64
number_at(JsonValue *answer, const char *path)
{
	char *text = mo_answer_text(answer, path);

	return text != NULL && text[0] >= '0' && text[0] <= '9' ? strtoll(text, NULL, 10) : -1;
}

/* The job is done: what it left is to be read. */
void
mo_bulk_read(ApiScan *scan, JsonValue *answer)
{
	BulkRun *run = scan->bulk;
	const Bulk *bulk = run->bulk;
	char *url = mo_answer_text(answer, bulk->url);

	run->going = false;
	run->phase = BULK_READ;
	run->got = run->got_outermost = 0;
	run->lines = number_at(answer, bulk->lines);
	run->outermost = number_at(answer, bulk->outermost);
	if (bulk->url == NULL)
	{
		run->at.page = ++scan->pages;
		read_page(scan, &run->at);
	}
	else if (url != NULL)
		read_lines(scan, url);
	else if (run->lines != 0)
		mo_trouble_not_json(scan, scan->current, psprintf("it has nothing at \"%s\"", bulk->url));
	else
		mo_bulk_end(scan);
}

/* All has come: is that what the service says there is? */
static void
check_lines(ApiScan *scan)
{
	const BulkRun *run = scan->bulk;
	const char *option = mo_api_option(scan, "on_mismatch");

	if ((run->lines < 0 || run->lines == run->got) &&
		(run->outermost < 0 || run->outermost == run->got_outermost))
		return;
	ereport(option != NULL && strcmp(option, "warning") == 0 ? WARNING : ERROR,
			(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
			 errmsg("the service of server \"%s\" gave " INT64_FORMAT
					" lines of foreign table \"%s\" and says there are " INT64_FORMAT,
					scan->spec->server_name, run->got, scan->spec->table_name, run->lines),
			 run->outermost >= 0
				 ? errdetail(INT64_FORMAT " of them lie in no other, of " INT64_FORMAT ".",
							 run->got_outermost, run->outermost)
				 : 0,
			 errhint("Run the query again; option \"on_mismatch\" of the server makes it a "
					 "warning.")));
}

/* A file, or a page of a job's result, is used up. */
static void
go_on(ApiScan *scan)
{
	BulkRun *run = scan->bulk;
	Fetch *fetch = scan->current;
	Position next = fetch->at;
	bool more;

	if (fetch->lines)
	{
		check_lines(scan);
		mo_bulk_end(scan);
		return;
	}
	more = mo_paging_next(scan, fetch, &next);
	mo_receipt_page(scan, fetch, more ? &next : NULL);
	if (more)
	{
		next.page = ++scan->pages;
		read_page(scan, &next);
		return;
	}
	mo_bulk_let_go(run);
	next = run->at;
	if (!mo_lanes_window_after(scan, &next))
	{
		mo_bulk_end(scan);
		return;
	}
	run->at = next;
	run->since_us = 0;
	run->resumed = false;
	mo_bulk_make(scan, 0);
}

/* Have the scan free the value should it come to nothing. */
static void
keep(ApiScan *scan, JsonValue *value)
{
	MemoryContext old = MemoryContextSwitchTo(scan->cxt);

	scan->kept = lappend(scan->kept, value);
	MemoryContextSwitchTo(old);
}

/*
 * The next record of the result, to be freed by the caller, as from
 * mo_fetch_poll(); its end ends the scan.
 */
static ApiProgress
poll_line(ApiScan *scan, JsonValue **record)
{
	BulkRun *run = scan->bulk;

	while (run->phase != BULK_END)
	{
		int64 records = scan->stats.records;
		int64 pages = scan->stats.pages;
		bool reads = run->phase == BULK_READ;
		JsonValue *value = NULL;
		ApiProgress progress = mo_fetch_poll(scan, scan->current, &value);

		if (progress == API_WAIT)
			return API_WAIT;
		if (reads && progress == API_END)
		{
			go_on(scan);
			continue;
		}
		if (reads)
		{
			scan->last = scan->current->at;
			run->got++;
			scan->stats.lines += scan->current->lines;
			*record = value;
			return API_ROW;
		}
		scan->stats.records = records; /* of the table none came yet */
		scan->stats.pages = pages;
		if (progress == API_END)
			mo_trouble_not_json(scan, scan->current, "it is an empty list");
		keep(scan, value); /* until it is used: that may raise */
		mo_bulk_answer(scan, value);
		scan->kept = list_delete_ptr(scan->kept, value);
		mo_json_free(value);
	}
	/* where it was given up a page is the current fetch now */
	return scan->current != NULL ? API_WAIT : API_END;
}

/* What names the holder of a line; NULL = it lies in no other. */
static char *
holder_of(JsonValue *line)
{
	return mo_answer_text(line, "__parentId");
}

/*
 * The next row of a list within records, whose lines stand behind that of
 * their record.
 */
ApiProgress
mo_bulk_grouped(ApiScan *scan)
{
	BulkRun *run = scan->bulk;

	MemoryContextReset(scan->tmp);
	for (;;)
	{
		JsonValue *line = NULL;
		ApiProgress progress = poll_line(scan, &line);
		char *holder, *id;

		if (progress != API_ROW)
			return progress;
		if ((scan->stats.records & 63) == 0)
			mo_http_pump();
		holder = holder_of(line);
		if (holder == NULL)
		{
			run->got_outermost++;
			mo_json_free(scan->record);
			scan->record = line;
			scan->level[0] = line;
			continue;
		}
		mo_json_free(scan->rest_record);
		scan->rest_record = line;
		id = scan->record != NULL ? mo_answer_text(scan->record, "id") : NULL;
		if (id == NULL || strcmp(id, holder) != 0)
			mo_trouble_not_json(scan, scan->current,
								psprintf("line " INT64_FORMAT " of it is not behind its holder",
										 run->got));
		scan->level[1] = line;
		return API_ROW;
	}
}

/* The next record where each line is one. */
ApiProgress
mo_bulk_plain(ApiScan *scan)
{
	ApiProgress progress = poll_line(scan, &scan->record);

	if (progress != API_ROW)
		return progress;
	if ((scan->stats.records & 63) == 0)
		mo_http_pump();
	scan->bulk->got_outermost++;
	if (scan->current->lines && holder_of(scan->record) != NULL)
		mo_trouble_not_json(scan, scan->current,
							psprintf("line " INT64_FORMAT " of it is of a list nobody asked for",
									 scan->bulk->got));
	return API_ROW;
}

/* Raises unless results may be read from there. */
void
mo_bulk_check_host(ApiScan *scan, const char *url)
{
	const char *hosts = mo_api_option(scan, "bulk_hosts");
	const char *patterns[MAX_HOSTS + 1] = {NULL};
	char *rest = pstrdup(hosts != NULL ? hosts : scan->res->bulk->hosts);
	char *host;
	int n = 0;

	while ((host = strsep(&rest, " ")) != NULL && n < MAX_HOSTS)
	{
		if (host[0] != '\0')
			patterns[n++] = host;
	}
	if (!mo_http_host_matches(url, patterns))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("refused to read the result of a bulk job of server \"%s\" from another "
						"host",
						scan->spec->server_name),
				 errdetail("It may be read from %s.",
						   hosts != NULL ? hosts : scan->res->bulk->hosts)));
}

/* Raise: the file cannot be had. */
void
mo_bulk_gone(ApiScan *scan, int status, const char *message)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the result of a bulk job of server \"%s\" cannot be had",
					scan->spec->server_name),
			 message != NULL ? errdetail("HTTP status %d: %s", status, message)
							 : errdetail("HTTP status %d.", status),
			 errhint("Run the query again: it will make another job.")));
}
