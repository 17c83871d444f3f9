/*-------------------------------------------------------------------------
 *
 * scan.c
 *	  Read a resource to its end: passes, windows, pages, nested lists.
 *
 * While the records of one page are used the next page is on its way; nothing
 * is asked that the query may not need, as far as the engine can tell.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

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

/* First window of a pass. */
static void
first_window(ApiScan *scan, Position *at)
{
	if (scan->res->range.column == NULL)
		return;
	at->since = scan->spec->lo;
	at->until = scan->spec->hi;
	if (scan->days > 0 && at->until - at->since >= scan->days)
		at->until = at->since + scan->days - 1;
}

/* Is the pass ruled out by what the query, or else an option, says of its columns? */
static bool
pass_applies(ApiScan *scan, int pass)
{
	const Pass *p = &scan->res->passes[pass];
	ListCell *lc;

	for (int i = 0; p->values[i] != NULL; i++)
	{
		const char *value = strchr(p->values[i], '=') + 1;
		char *column = pnstrdup(p->values[i], value - p->values[i] - 1);
		bool asked = false;

		foreach (lc, scan->spec->params)
		{
			DefElem *def = lfirst(lc);

			if (strcmp(def->defname, column) != 0)
				continue;
			asked = true;
			if (strcmp(strVal(def->arg), value) != 0)
				return false;
		}
		if (!asked && mo_api_option(scan, column) != NULL &&
			strcmp(mo_api_option(scan, column), value) != 0)
			return false;
	}
	return true;
}

static bool
pass_exists(ApiScan *scan, int pass)
{
	const Pass *p = scan->res->passes;

	return p != NULL &&
		   (p[pass].term != NULL || p[pass].value != NULL || p[pass].values[0] != NULL);
}

/* Moves to the first pass at or after the given one that applies. */
static bool
next_pass(ApiScan *scan, Position *at, int pass)
{
	if (scan->res->passes == NULL)
		return pass == 0;
	while (pass_exists(scan, pass) && !pass_applies(scan, pass))
		pass++;
	at->pass = pass;
	return pass_exists(scan, pass);
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
	scan->last.page = 1;
	if (!next_pass(scan, &scan->last, 0))
		scan->finished = true;
	if (scan->res->range.column != NULL && spec->lo > spec->hi)
		scan->finished = true;
	scan->parts = mo_filter_parts(spec->conditions);
	mo_request_prepare(scan);
	first_window(scan, &scan->last);
	MemoryContextSwitchTo(old);
	return scan;
}

/* Cuts off what is under way, so that the statistics are whole. */
void
mo_api_finish(ApiScan *scan)
{
	mo_fetch_close(scan, scan->current);
	mo_fetch_close(scan, scan->ahead);
	mo_fetch_close(scan, scan->rest);
	scan->current = scan->ahead = scan->rest = NULL;
	scan->finished = true;
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

/* For messages: the page and the record being read, from 1. */
void
mo_api_where(const ApiScan *scan, int *page, int64 *record)
{
	*page = scan->last.page;
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

/* Where the scan goes after a complete page; false = that was all. */
static bool
next_position(ApiScan *scan, Fetch *fetch, Position *next)
{
	const Resource *res = scan->res;
	bool more;

	*next = fetch->at;
	next->page++;
	if (res->next != NULL)
		return res->next(scan);
	more = mo_paging_next(scan, fetch, next);
	mo_receipt_page(scan, fetch, more ? next : NULL);
	if (more)
		return true;
	mo_paging_first(next);
	if (res->range.column != NULL && fetch->at.until < scan->spec->hi)
	{
		next->since = fetch->at.until + 1;
		next->until = scan->spec->hi;
		if (scan->days > 0 && next->until - next->since >= scan->days)
			next->until = next->since + scan->days - 1;
		return true;
	}
	first_window(scan, next);
	if (res->passes != NULL && next_pass(scan, next, fetch->at.pass + 1))
		return true;
	next->part++;
	return next->part < scan->parts && next_pass(scan, next, 0);
}

static Fetch *
start_page(ApiScan *scan, const Position *at)
{
	Fetch *fetch = mo_fetch_new(scan);
	MemoryContext old = MemoryContextSwitchTo(fetch->cxt);

	mo_bounds_page(scan, at->page);
	fetch->at = *at;
	mo_request_page(scan, fetch);
	MemoryContextSwitchTo(old);
	mo_fetch_start(scan, fetch);
	return fetch;
}

/* The current page is complete: is it time to ask for the next one? */
static void
look_ahead(ApiScan *scan)
{
	Fetch *fetch = scan->current;
	const ApiSpec *spec = scan->spec;
	Position next;

	if (scan->ahead != NULL || scan->finished || !fetch->complete || scan->res->next != NULL)
		return;
	if (!spec->eager && fetch->taken * 2 < fetch->queued)
		return;
	if (spec->limit > 0 && scan->nlevels == 0 &&
		scan->stats.records + (fetch->queued - fetch->taken) >= spec->limit)
		return;
	if (next_position(scan, fetch, &next))
		scan->ahead = start_page(scan, &next);
	else
		scan->finished = true;
}

/* The next outermost record, owned by the scan; NULL at the end. */
static JsonValue *
next_record(ApiScan *scan)
{
	mo_json_free(scan->record);
	scan->record = NULL;
	MemoryContextReset(scan->tmp);
	if (!scan->started)
	{
		scan->started = true;
		if (scan->finished)
			return NULL;
		if (scan->res->before != NULL)
		{
			MemoryContextSwitchTo(scan->cxt);
			scan->res->before(scan);
			MemoryContextSwitchTo(scan->tmp);
		}
		scan->current = start_page(scan, &scan->last);
	}
	while (scan->current != NULL)
	{
		Position next;

		scan->record = mo_fetch_record(scan, scan->current);
		if (scan->record != NULL)
		{
			look_ahead(scan);
			if ((scan->stats.records & 63) == 0)
				mo_http_pump();
			return scan->record;
		}
		if (!scan->current->complete || scan->current->queue.len > 0)
			continue; /* a record that is null: none */
		if (scan->ahead == NULL && !scan->finished && next_position(scan, scan->current, &next))
			scan->ahead = start_page(scan, &next);
		mo_fetch_close(scan, scan->current);
		scan->current = scan->ahead;
		scan->ahead = NULL;
		if (scan->current != NULL)
			scan->last = scan->current->at;
	}
	scan->finished = true;
	return NULL;
}

/* Is the list a connection?  Then the path of its pageInfo too. */
static bool
is_connection(const Nest *nest)
{
	size_t len = strlen(nest->list);

	return len > 6 && strcmp(nest->list + len - 6, ".nodes") == 0;
}

static char *
text_at(JsonValue *value, const char *path)
{
	size_t len;
	JsonValue *v = mo_json_at(value, path);
	const char *text = v ? mo_json_text(v, &len) : NULL;

	return text ? pstrdup(text) : NULL;
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

static Fetch *
start_rest(ApiScan *scan, const char *id, const char *cursor, int page)
{
	Fetch *fetch = mo_fetch_new(scan);
	MemoryContext old = MemoryContextSwitchTo(fetch->cxt);

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
 * The next record of the rest of the innermost list, after its first part
 * within the holder was used up; NULL at the list's end.
 */
static JsonValue *
next_of_rest(ApiScan *scan, JsonValue *holder, const Nest *nest)
{
	char *id = text_at(holder, "id");

	if (scan->rest == NULL)
	{
		char *list = pnstrdup(nest->list, strlen(nest->list) - 6);
		char *more = text_at(holder, psprintf("%s.pageInfo.hasNextPage", list));
		char *cursor = text_at(holder, psprintf("%s.pageInfo.endCursor", list));

		if (more == NULL)
			list_missing(scan, nest);
		if (strcmp(more, "true") != 0)
			return NULL;
		if (id == NULL || cursor == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
					 errmsg("a list of foreign table \"%s\" goes on but cannot be followed",
							scan->spec->table_name)));
		scan->rest = start_rest(scan, id, cursor, 1);
	}
	for (;;)
	{
		char *cursor = NULL;
		Fetch *next = NULL;

		mo_json_free(scan->rest_record);
		scan->rest_record = NULL;
		scan->rest_record = mo_fetch_record(scan, scan->rest);
		if (scan->rest_record != NULL)
			return scan->rest_record;
		if (!scan->rest->complete || scan->rest->queue.len > 0)
			continue; /* a record that is null: none */
		if (mo_fetch_more(scan, scan->rest, &cursor))
		{
			check_same_cursor(scan, scan->rest->at.cursor, cursor);
			next = start_rest(scan, id, cursor, scan->rest->at.page + 1);
		}
		mo_fetch_close(scan, scan->rest);
		scan->rest = next;
		if (next == NULL)
			return NULL;
	}
}

/* Make level[k] and those below it the next ones; false = none left. */
static bool
descend(ApiScan *scan, int k)
{
	const Nest *nest = &scan->res->nest[k - 1];
	JsonValue *list;

	if (k < scan->nlevels && scan->level[k] != NULL && descend(scan, k + 1))
		return true;
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
			scan->level[k] = next_of_rest(scan, scan->level[k - 1], nest);
		if (scan->level[k] == NULL)
		{
			scan->index[k] = 0;
			return false;
		}
		if (k == scan->nlevels)
			return true;
		scan->index[k + 1] = 0;
		if (descend(scan, k + 1))
			return true;
	}
}

static bool
next_nested(ApiScan *scan)
{
	for (;;)
	{
		if (!scan->in_record)
		{
			scan->level[0] = next_record(scan);
			if (scan->level[0] == NULL)
				return false;
			for (int k = 1; k <= scan->nlevels; k++)
			{
				scan->level[k] = NULL;
				scan->index[k] = 0;
			}
			scan->in_record = true;
		}
		if (descend(scan, 1))
			return true;
		scan->in_record = false;
	}
}

static bool
next_made(ApiScan *scan)
{
	for (;;)
	{
		JsonValue *record;

		if (scan->sink.rows != NIL && scan->row + 1 < list_length(scan->sink.rows))
		{
			scan->row++;
			return true;
		}
		record = next_record(scan);
		if (record == NULL)
			return false;
		mo_rows_make(scan, record);
	}
}

/*
 * Move to the next row; false at the end.  Whatever goes wrong on the way is
 * raised: a scan is complete, or it fails.
 */
bool
mo_api_next(ApiScan *scan)
{
	MemoryContext old = MemoryContextSwitchTo(scan->tmp);
	bool found;

	if (scan->res->rows != NULL)
		found = next_made(scan);
	else if (scan->nlevels > 0)
		found = next_nested(scan);
	else
		found = (scan->level[0] = next_record(scan)) != NULL;
	MemoryContextSwitchTo(old);
	return found;
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

/* Does the text hold the credential that goes with the requests? */
bool
mo_api_is_secret(const ApiScan *scan, const char *text)
{
	return scan->token != NULL && scan->token[0] != '\0' && strstr(text, scan->token) != NULL;
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
	JsonValue *value;
	int64 records = scan->stats.records;

	value = mo_fetch_record(scan, fetch);
	if (value == NULL)
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
