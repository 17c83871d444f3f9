/*-------------------------------------------------------------------------
 *
 * scan.c
 *	  Read a resource to its end: passes, windows, pages, nested lists.
 *
 * Which pages those are, and how many of them are on their way, is lanes.c's.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "nodes/parsenodes.h"
#include "nodes/value.h"
#include "utils/memutils.h"

#include "api/internal.h"
#include "secret/secret.h"

static void
free_foreign(void *arg)
{
	ApiScan *scan = arg;
	ListCell *lc;

	mo_json_free(scan->record);
	mo_json_free(scan->rest_record);
	foreach (lc, scan->kept)
		mo_json_free(lfirst(lc));
	mo_secret_wipe(scan->token);
	scan->record = NULL;
	scan->rest_record = NULL;
	scan->kept = NIL;
	scan->token = NULL;
}

/* Lists within lists: how many records lie above a row. */
int
mo_api_levels(const Resource *res)
{
	int n = 0;

	while (n < MAX_UP && res->nest[n].list != NULL)
		n++;
	return n;
}

/*
 * Begin to read what "spec" describes, in the current memory context.  No
 * I/O, and no credential is looked up.
 */
ApiScan *
mo_api_begin(const ApiSpec *spec)
{
	MemoryContext cxt =
		AllocSetContextCreate(CurrentMemoryContext, "momentum scan", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(cxt);
	ApiScan *scan = palloc0(sizeof(ApiScan));

	scan->cxt = cxt;
	scan->tmp = AllocSetContextCreate(cxt, "momentum record", ALLOCSET_SMALL_SIZES);
	scan->spec = spec;
	scan->res = spec->resource;
	scan->callback.func = free_foreign;
	scan->callback.arg = scan;
	MemoryContextRegisterResetCallback(cxt, &scan->callback);
	scan->parts = mo_filter_parts(spec->conditions);
	mo_request_prepare(scan);
	scan->finished = !mo_lanes_begin(scan);
	mo_bulk_begin(scan);
	MemoryContextSwitchTo(old);
	return scan;
}

/* Cuts off what is under way, so that the statistics are whole. */
void
mo_api_finish(ApiScan *scan)
{
	mo_bulk_end(scan);
	mo_lanes_end(scan);
	mo_fetch_close(scan, scan->rest);
	scan->rest = NULL;
}

/* Ends the scan at any point: transfers are cut off, memory is freed. */
void
mo_api_end(ApiScan *scan)
{
	if (scan == NULL)
		return;
	mo_api_finish(scan);
	MemoryContextDelete(scan->cxt);
}

const ApiStats *
mo_api_stats(const ApiScan *scan)
{
	return &scan->stats;
}

/* For messages: the page that is dealt with, in the order they were asked for, and the record. */
void
mo_api_where(const ApiScan *scan, int *page, int64 *record)
{
	*page = (scan->failing && scan->failing->page ? &scan->failing->at : &scan->last)->page;
	*record = scan->stats.records;
}

/* The part of a long list of values that the record read last was asked for with. */
int
mo_api_part(const ApiScan *scan)
{
	return scan->last.part;
}

static void
check_same_cursor(ApiScan *scan, const char *old, const char *new)
{
	if (old != NULL && strcmp(old, new) == 0)
		ereport(ERROR, (errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
						errmsg("the service of server \"%s\" gave the same page twice",
							   scan->spec->server_name)));
}

/* Before the first record: make the first request. */
static void
start(ApiScan *scan)
{
	scan->started = true;
	if (scan->finished)
		return;
	if (scan->res->before != NULL)
	{
		MemoryContextSwitchTo(scan->cxt);
		scan->res->before(scan);
		MemoryContextSwitchTo(scan->tmp);
	}
	if (scan->bulk != NULL)
		mo_bulk_start(scan);
	else
		mo_lanes_start(scan);
}

/* The next outermost record, scan->record. */
static ApiProgress
next_record(ApiScan *scan)
{
	mo_json_free(scan->record);
	scan->record = NULL;
	MemoryContextReset(scan->tmp);
	if (mo_bulk_reads(scan))
		return mo_bulk_plain(scan);
	while (scan->current != NULL)
	{
		switch (mo_fetch_poll(scan, scan->current, &scan->record))
		{
			case API_ROW:
				if ((scan->stats.records & 63) == 0)
					mo_http_pump();
				if ((scan->stats.records & 63) == 0 || scan->current->taken == 1 ||
					!scan->spec->eager)
					mo_lanes_push(scan);
				return API_ROW;
			case API_WAIT:
				return API_WAIT;
			case API_END:
				(void) mo_lanes_next(scan);
				break;
		}
	}
	return API_END;
}

/* Is the list a connection?  Then the path of its pageInfo too. */
static bool
is_connection(const Nest *nest)
{
	size_t len = strlen(nest->list);

	return len > 6 && strcmp(nest->list + len - 6, ".nodes") == 0;
}

/* Absent is not empty: a list that was asked for has to be there, whole or not. */
static void
pg_attribute_noreturn()
	list_missing(ApiScan *scan, const Nest *nest)
{
	ereport(
		ERROR,
		(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
		 errmsg("a record of foreign table \"%s\" lacks its list", scan->spec->table_name),
		 errdetail("It has nothing at \"%s\", or does not say whether more follows.", nest->list)));
}

/* Asks for what follows the cursor in a list of the holder's. */
static Fetch *
start_rest(ApiScan *scan, JsonValue *holder, const char *cursor, int page)
{
	const char *id = mo_answer_text(holder, "id");
	Fetch *fetch;
	MemoryContext old;

	if (id == NULL || cursor == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("a list of foreign table \"%s\" goes on but cannot be followed",
						scan->spec->table_name)));
	fetch = mo_fetch_new(scan);
	old = MemoryContextSwitchTo(fetch->cxt);
	fetch->at = scan->last;
	fetch->at.cursor = pstrdup(cursor);
	fetch->at.page = page;
	mo_bounds_page(scan, page);
	mo_request_follow(scan, fetch, id, cursor);
	MemoryContextSwitchTo(old);
	mo_fetch_start(scan, fetch);
	return fetch;
}

/*
 * The next record of the rest of the innermost list, scan->rest_record, after
 * its first part within the holder was used up.
 */
static ApiProgress
next_of_rest(ApiScan *scan, JsonValue *holder, const Nest *nest)
{
	if (scan->rest == NULL)
	{
		char *list = pnstrdup(nest->list, strlen(nest->list) - 6);
		char *more = mo_answer_text(holder, psprintf("%s.pageInfo.hasNextPage", list));
		char *cursor = mo_answer_text(holder, psprintf("%s.pageInfo.endCursor", list));

		if (more == NULL)
			list_missing(scan, nest);
		if (strcmp(more, "true") != 0)
			return API_END;
		scan->rest = start_rest(scan, holder, cursor, 1);
	}
	for (;;)
	{
		char *cursor = NULL;
		Fetch *next = NULL;
		ApiProgress progress;

		mo_json_free(scan->rest_record);
		scan->rest_record = NULL;
		progress = mo_fetch_poll(scan, scan->rest, &scan->rest_record);
		if (progress != API_END)
			return progress;
		if (mo_fetch_more(scan, scan->rest, &cursor))
		{
			check_same_cursor(scan, scan->rest->at.cursor, cursor);
			next = start_rest(scan, holder, cursor, scan->rest->at.page + 1);
		}
		mo_fetch_close(scan, scan->rest);
		scan->rest = next;
		if (next == NULL)
			return API_END;
	}
}

/* Make level[k] and those below it the next ones. */
static ApiProgress
descend(ApiScan *scan, int k)
{
	const Nest *nest = &scan->res->nest[k - 1];
	JsonValue *list;
	ApiProgress progress = API_END;

	if (k < scan->nlevels && scan->level[k] != NULL)
		progress = descend(scan, k + 1);
	if (progress != API_END)
		return progress;
	list = mo_json_at(scan->level[k - 1], nest->list);
	if (!mo_json_is_array(list))
		list_missing(scan, nest);
	if (!is_connection(nest) && mo_json_length(list) >= (size_t) nest->first)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a record of foreign table \"%s\" holds a list of %d or more at \"%s\"",
						scan->spec->table_name, nest->first, nest->list),
				 errdetail("The service has no second page of such a list.")));
	for (;;)
	{
		scan->level[k] = NULL;
		while (scan->rest == NULL && scan->index[k] < mo_json_length(list) &&
			   scan->level[k] == NULL)
			scan->level[k] = mo_json_element(list, scan->index[k]++);
		if (scan->level[k] == NULL && k == scan->nlevels && is_connection(nest))
		{
			progress = next_of_rest(scan, scan->level[k - 1], nest);
			if (progress == API_WAIT)
				return API_WAIT;
			scan->level[k] = scan->rest_record;
		}
		if (scan->level[k] == NULL)
		{
			scan->index[k] = 0;
			return API_END;
		}
		if (k == scan->nlevels)
			return API_ROW;
		scan->index[k + 1] = 0;
		progress = descend(scan, k + 1);
		if (progress != API_END)
			return progress;
	}
}

static ApiProgress
next_nested(ApiScan *scan)
{
	for (;;)
	{
		ApiProgress progress;

		if (!scan->in_record)
		{
			progress = next_record(scan);
			if (progress != API_ROW)
				return progress;
			scan->level[0] = scan->record;
			for (int k = 1; k <= scan->nlevels; k++)
			{
				scan->level[k] = NULL;
				scan->index[k] = 0;
			}
			scan->in_record = true;
		}
		progress = descend(scan, 1);
		if (progress != API_END)
			return progress;
		scan->in_record = false;
	}
}

static ApiProgress
next_made(ApiScan *scan)
{
	for (;;)
	{
		ApiProgress progress;

		if (scan->sink.rows != NIL && scan->row + 1 < list_length(scan->sink.rows))
		{
			scan->row++;
			return API_ROW;
		}
		progress = next_record(scan);
		if (progress != API_ROW)
			return progress;
		mo_rows_make(scan, scan->record);
	}
}

static ApiProgress
next_plain(ApiScan *scan)
{
	ApiProgress progress = next_record(scan);

	scan->level[0] = scan->record;
	return progress;
}

/* The page that the next row comes from. */
static const Fetch *
awaited(const ApiScan *scan)
{
	return scan->rest ? scan->rest : scan->current;
}

/*
 * Move to the next row without waiting.  API_WAIT: there is none yet; ask
 * again when something has come, or at "until_us" (0 = no such time).
 * Whatever goes wrong on the way is raised: a scan is complete, or it fails.
 */
ApiProgress
mo_api_poll(ApiScan *scan, int64 *until_us)
{
	MemoryContext old = MemoryContextSwitchTo(scan->tmp);
	ApiProgress progress;

	if (!scan->started)
		start(scan);
	do
	{
		if (mo_bulk_groups(scan))
			progress = mo_bulk_grouped(scan);
		else if (scan->res->rows != NULL)
			progress = next_made(scan);
		else if (scan->nlevels > 0)
			progress = next_nested(scan);
		else
			progress = next_plain(scan);
		if (progress != API_WAIT)
			break;
		mo_lanes_push(scan);
	} while (mo_api_ready(scan, until_us)); /* a start moves all transfers */
	MemoryContextSwitchTo(old);
	return progress;
}

/* Move to the next row, and wait for it; false at the end. */
bool
mo_api_next(ApiScan *scan)
{
	ApiProgress progress;
	int64 until_us;

	while ((progress = mo_api_poll(scan, &until_us)) == API_WAIT)
		mo_http_await(until_us, mo_bulk_reads(scan) ? mo_bulk_event(scan)
													: mo_throttle_event(awaited(scan)));
	return progress == API_ROW;
}

/*
 * After API_WAIT: has something come that polling has not seen?  If not, it
 * may at "until_us", or when transfers move (0).  Moves nothing.
 */
bool
mo_api_ready(ApiScan *scan, int64 *until_us)
{
	const Fetch *fetch = awaited(scan);

	*until_us = 0;
	if (fetch == NULL || mo_fetch_ready(fetch))
		return true;
	*until_us = mo_fetch_until(fetch);
	return mo_lanes_ready(scan, until_us);
}

/* The record of the row, or one that holds it; NULL for rows made by a hook. */
JsonValue *
mo_api_record(ApiScan *scan, int up)
{
	return up <= scan->nlevels ? scan->level[scan->nlevels - up] : NULL;
}

/*
 * Text of a column that is not in the record: one that a hook filled, or the
 * value of a parameter.  NULL: there is none.
 */
const char *
mo_api_row_text(ApiScan *scan, int column)
{
	if (scan->res->rows != NULL)
	{
		const SinkRow *row = list_nth(scan->sink.rows, scan->row);

		const Column *declared = scan->spec->columns[column].declared;

		/* only a parameter may be known without the hook */
		if (row->text[column] != NULL || declared == NULL || !(declared->flags & COL_PARAM))
			return row->text[column];
	}
	return mo_api_get(scan, scan->spec->columns[column].name);
}

/* Does the text hold the credential that goes with the requests, however it is written? */
bool
mo_api_is_secret(const ApiScan *scan, const char *text)
{
	char *redacted;

	if (scan->token == NULL || scan->token[0] == '\0')
		return false;
	if (strstr(text, scan->token) != NULL)
		return true;
	redacted = pstrdup(text);
	mo_secret_redact(redacted, scan->token);
	return strcmp(redacted, text) != 0;
}

/* A small request of a hook's own; records = "" unless it is for text. */
static Fetch *
hook_fetch(ApiScan *scan, const char *base, const char *path, const char *query)
{
	Fetch *fetch = mo_fetch_new(scan);
	MemoryContext old = MemoryContextSwitchTo(fetch->cxt);
	char *params = mo_template_query(query, mo_api_lookup, scan);

	fetch->at = scan->last;
	fetch->records = "";
	fetch->method = "GET";
	fetch->url = psprintf("%s%s%s%s", mo_request_base(scan, base),
						  mo_template_expand(path, PLACE_URL, mo_api_lookup, scan, NULL),
						  params[0] ? "?" : "", params);
	MemoryContextSwitchTo(old);
	return fetch;
}

/*
 * For hooks: a small request of its own, answered by one JSON value that lives
 * as long as the scan.  Raises as any page does.
 */
JsonValue *
mo_api_fetch(ApiScan *scan, const char *base, const char *path, const char *query)
{
	Fetch *fetch = hook_fetch(scan, base, path, query);
	MemoryContext old = MemoryContextSwitchTo(scan->cxt);
	JsonValue *value = NULL;
	ApiProgress progress;
	int64 records = scan->stats.records;

	while ((progress = mo_fetch_poll(scan, fetch, &value)) == API_WAIT)
		mo_http_await(mo_fetch_until(fetch), 0);
	if (progress == API_END)
		mo_trouble_not_json(scan, fetch, "it is an empty list");
	scan->kept = lappend(scan->kept, value);
	MemoryContextSwitchTo(old);
	mo_fetch_close(scan, fetch);
	scan->stats.records = records;
	return value;
}

/*
 * For hooks: the same for an answer that is no JSON, asked for by its media
 * type.  The text ends in a NUL and lives as long as the scan.
 */
const char *
mo_api_fetch_text(ApiScan *scan, const char *base, const char *path, const char *query,
				  const char *accept, size_t *len)
{
	Fetch *fetch = hook_fetch(scan, base, path, query);
	const char *text;
	char *copy;

	fetch->accept = accept;
	text = mo_fetch_text(scan, fetch, len);
	if (!pg_verify_mbstr(PG_UTF8, text, (int) *len, true))
		mo_api_refuse(scan, "some bytes are not UTF-8");
	text = pg_any_to_server(text, (int) *len, PG_UTF8);
	*len = strlen(text);
	copy = MemoryContextAllocHuge(scan->cxt, *len + 1);
	memcpy(copy, text, *len + 1);
	mo_fetch_close(scan, fetch);
	return copy;
}

/* For hooks: such an answer makes no sense; "why" says so in half a sentence. */
void
mo_api_refuse(ApiScan *scan, const char *why)
{
	ereport(ERROR, (errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
					errmsg("could not understand the answer of the service of server \"%s\"",
						   scan->spec->server_name),
					errdetail("Of the answer, %s.", why)));
}
