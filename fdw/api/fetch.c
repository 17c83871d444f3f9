/*-------------------------------------------------------------------------
 *
 * fetch.c
 *	  One page: ask, receive, check, ask again where that may help.
 *
 * A page is complete when its transfer ended well, its JSON closed, its
 * records were there and nothing in it says otherwise; until then it may be
 * asked for again.  Records are held back so long, for what is wrong with them
 * may stand behind them; only a very long page is used while it comes.  If
 * that one breaks off, its records come again on the next try: those handed
 * out are passed over, and have to be the same ones.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/memutils.h"

#include "api/internal.h"
#include "http/retry.h"

#define MAX_CAPTURES (MO_JSON_MAX_PATHS - 1)

static void
free_foreign(void *arg)
{
	Fetch *fetch = arg;

	mo_json_split_free(fetch->split);
	mo_json_free(fetch->whole);
	mo_json_free(fetch->envelope);
	fetch->split = NULL;
	fetch->whole = NULL;
	fetch->envelope = NULL;
}

/* The fetch ends, in whatever way. */
static void
end_fetch(void *arg)
{
	mo_throttle_forget(arg);
	free_foreign(arg);
}

/* A fetch in a context of its own under the scan's. */
Fetch *
mo_fetch_new(ApiScan *scan)
{
	MemoryContext cxt = AllocSetContextCreate(scan->cxt, "momentum page", ALLOCSET_DEFAULT_SIZES);
	Fetch *fetch = MemoryContextAllocZero(cxt, sizeof(Fetch));

	fetch->cxt = cxt;
	fetch->callback.func = end_fetch;
	fetch->callback.arg = fetch;
	MemoryContextRegisterResetCallback(cxt, &fetch->callback);
	return fetch;
}

/* Add what the transfer moved to the scan's statistics, before it is closed. */
void
mo_fetch_count(ApiScan *scan, Fetch *fetch)
{
	int64 wire, body, first;

	mo_http_stats(fetch->http, &wire, &body, &first, NULL);
	scan->stats.wire_bytes += wire;
	scan->stats.body_bytes += body;
	if (fetch->lines)
		scan->stats.line_bytes += body;
	if (scan->stats.first_byte_us == 0)
		scan->stats.first_byte_us = first;
}

/* Ends the fetch, under way or not; NULL is fine. */
void
mo_fetch_close(ApiScan *scan, Fetch *fetch)
{
	if (fetch == NULL)
		return;
	if (fetch->http != NULL)
	{
		mo_fetch_count(scan, fetch);
		mo_http_close(fetch->http);
	}
	MemoryContextDelete(fetch->cxt);
}

/* Does path "a.b" lie on the way to "a.b.c"? */
static bool
is_prefix(const char *prefix, size_t len, const char *path)
{
	return strncmp(prefix, path, len) == 0 && (path[len] == '\0' || path[len] == '.');
}

/*
 * The part of a path that the splitter can keep: the shortest one that does
 * not hold the records themselves.
 */
static void
add_capture(Fetch *fetch, int *n, const char *path)
{
	size_t len = 0;

	if (path == NULL || path[0] == '\0' || fetch->records[0] == '\0')
		return;
	do
	{
		len += len > 0;
		len += mo_json_name_len(path + len);
	} while (path[len] == '.' && is_prefix(path, len, fetch->records));
	for (int i = 0; i < *n; i++)
	{
		if (strlen(fetch->capture[i]) == len && strncmp(fetch->capture[i], path, len) == 0)
			return;
	}
	if (*n == MAX_CAPTURES)
		elog(ERROR, "too many paths to keep of an answer");
	fetch->capture[(*n)++] = pnstrdup(path, len);
}

/* What an error inside of a good status is known by, and what it says. */
static void
capture_errors(ApiScan *scan, Fetch *fetch, int *n)
{
	const Connector *connector = scan->spec->connector;

	if (scan->res->trouble == NULL)
		return;
	for (const char *const *p = scan->res->trouble; *p != NULL; p++)
		add_capture(fetch, n, pnstrdup(*p, mo_trouble_path_len(*p)));
	for (const char *const *p = connector->error_codes; p != NULL && *p != NULL; p++)
		add_capture(fetch, n, *p);
	for (const char *const *p = connector->error_messages; p != NULL && *p != NULL; p++)
		add_capture(fetch, n, *p);
}

static void
make_split(ApiScan *scan, Fetch *fetch)
{
	if (fetch->capture == NULL)
	{
		int n = 0;

		fetch->capture = palloc0(sizeof(char *) * (MAX_CAPTURES + 1));
		capture_errors(scan, fetch, &n);
		add_capture(fetch, &n, fetch->cursor);
		add_capture(fetch, &n, fetch->more);
		add_capture(fetch, &n, scan->spec->connector->quota_path);
		if (fetch->page)
		{
			add_capture(fetch, &n, scan->res->sign);
			add_capture(fetch, &n, scan->res->paging.pages);
			add_capture(fetch, &n, scan->res->paging.total);
		}
	}
	free_foreign(fetch);
	if (fetch->text)
		return;
	fetch->split = mo_json_split_new(fetch->records, fetch->capture);
	if (fetch->split == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	if (fetch->lines)
		mo_lines_begin(fetch);
}

static List *
allowed_hosts(const char *hosts)
{
	List *list = NIL;

	while (*hosts != '\0')
	{
		size_t n = strcspn(hosts, " ");

		list = lappend(list, pnstrdup(hosts, n));
		hosts += n + strspn(hosts + n, " ");
	}
	return list;
}

/* Does the URL lead to the address that a superuser has set with this option of the server? */
static bool
is_chosen(ApiScan *scan, const char *option, const char *url)
{
	ListCell *lc;

	foreach (lc, scan->spec->options)
	{
		if (strcmp(((DefElem *) lfirst(lc))->defname, option) == 0)
			return mo_http_same_origin(url, mo_request_base(scan, option));
	}
	return false;
}

/*
 * A credential goes to the service's hosts, or where a superuser sent it: not
 * wherever the other options of a server may bend the address to.
 */
static void
check_host(ApiScan *scan, const char *url)
{
	List *hosts;
	const char **patterns;
	int n = 0;
	ListCell *lc;

	if (is_chosen(scan, "base_url", url))
		return;
	for (const Resource *r = scan->spec->connector->resources; r->name != NULL; r++)
	{
		if (r->base != NULL && is_chosen(scan, r->base, url))
			return;
	}
	hosts = allowed_hosts(scan->spec->connector->hosts);
	patterns = palloc0(sizeof(char *) * (list_length(hosts) + 1));
	foreach (lc, hosts)
		patterns[n++] = lfirst(lc);
	if (!mo_http_host_matches(url, patterns))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("refused to send the credential of server \"%s\" to another host",
						scan->spec->server_name)));
}

/* An option in seconds as milliseconds; 0 = the usual. */
static int
seconds_option(ApiScan *scan, const char *name)
{
	const char *value = mo_api_option(scan, name);

	return value ? 1000 * atoi(value) : 0;
}

/* Put the request off after trouble. */
void
mo_fetch_pause(Fetch *fetch, int64 wait_us)
{
	fetch->paused_us = mo_http_now_us();
	fetch->due_us = fetch->paused_us + wait_us;
}

/* May the request go now?  If not it has been put off. */
static bool
may_go(ApiScan *scan, Fetch *fetch)
{
	int64 now = mo_http_now_us();
	int64 wait;

	if (fetch->due_us > now)
		return false;
	if (fetch->paused_us > 0)
		scan->stats.wait_us += now - fetch->paused_us;
	fetch->paused_us = 0;
	if (fetch->bare)
		return true;
	mo_login(scan); /* who may not ask must not take a turn from others */
	wait = mo_throttle_due(scan, fetch);
	fetch->limited = wait > 0;
	fetch->due_us = mo_http_now_us() + wait;
	return wait <= 0;
}

/*
 * Send the request, unless it has to wait for its turn: polling will do it
 * later.  Does not block, except for a token that must be bought.
 */
void
mo_fetch_start(ApiScan *scan, Fetch *fetch)
{
	MemoryContext old;
	HttpRequest req = {0};
	const char *insecure = mo_api_option(scan, "allow_insecure");

	if (!may_go(scan, fetch))
		return;
	old = MemoryContextSwitchTo(fetch->cxt);
	if (fetch->bare)
		mo_bulk_check_host(scan, fetch->url);
	else
	{
		check_host(scan, fetch->url);
		mo_login_check_host(scan, fetch->url);
		req.headers = mo_request_headers(scan, fetch->body != NULL && !fetch->form, fetch->accept);
	}
	if (fetch->form)
		req.headers =
			lappend(req.headers, pstrdup("Content-Type: application/x-www-form-urlencoded"));
	req.method = fetch->method;
	req.url = fetch->url;
	req.body = fetch->body;
	req.ca_file = mo_api_option(scan, "ca_file");
	req.allow_insecure = insecure != NULL && strcmp(insecure, "true") == 0;
	req.connect_timeout_ms = seconds_option(scan, "connect_timeout");
	req.first_byte_timeout_ms = seconds_option(scan, "first_byte_timeout");
	req.stall_timeout_ms = seconds_option(scan, "stall_timeout");
	req.max_wire = mo_bounds_answer(scan);
	req.max_body = req.max_wire;
	req.gzip = true;
	make_split(scan, fetch);
	fetch->attempt++;
	fetch->token = scan->tokens;
	fetch->complete = false;
	fetch->queued = 0;
	fetch->got = 0;
	fetch->print = 0;
	fetch->skip = fetch->taken;
	fetch->again = 0;
	if (fetch->queue.data == NULL)
		initStringInfo(&fetch->queue);
	resetStringInfo(&fetch->queue);
	fetch->http = mo_http_start(fetch->cxt, &req);
	scan->stats.requests++;
	MemoryContextSwitchTo(old);
}

/* Keep what has arrived as it is. */
static void
keep_text(ApiScan *scan, Fetch *fetch)
{
	size_t len;
	const char *data = mo_http_data(fetch->http, &len);

	if (fetch->queue.len + len > MO_API_MAX_TEXT)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the answer of the service of server \"%s\" is too large",
						scan->spec->server_name),
				 errdetail("It is longer than %d bytes.", MO_API_MAX_TEXT)));
	appendBinaryStringInfo(&fetch->queue, data, (int) len);
	mo_http_consume(fetch->http, len);
}

/* Cut what has arrived into records. */
static void
cut_records(ApiScan *scan, Fetch *fetch)
{
	size_t len;
	const char *data = mo_http_data(fetch->http, &len);
	size_t all = len;

	if (fetch->text)
	{
		keep_text(scan, fetch);
		return;
	}
	for (;;)
	{
		JsonSplitResult result = fetch->lines ? mo_lines_feed(scan, fetch, &data, &len)
											  : mo_json_split_feed(fetch->split, &data, &len);
		const char *record;
		size_t n;

		if (result == JSON_SPLIT_MORE)
			break;
		if (result == JSON_SPLIT_ERROR)
			mo_trouble_not_json(scan, fetch, mo_json_split_error(fetch->split));
		record = mo_json_split_record(fetch->split, &n);
		fetch->got++;
		if (mo_paging_counted(scan->res))
			fetch->print =
				hash_bytes_extended((const unsigned char *) record, (int) n, fetch->print);
		if (fetch->skip > 0)
		{
			fetch->again =
				hash_bytes_extended((const unsigned char *) record, (int) n, fetch->again);
			if (--fetch->skip == 0 && fetch->again != fetch->hash)
				fetch->skip = PG_INT64_MAX; /* the check of the page complains */
		}
		else
		{
			int32 size = (int32) n;

			appendBinaryStringInfo(&fetch->queue, (char *) &size, sizeof(size));
			appendBinaryStringInfo(&fetch->queue, record, (int) n + 1);
			fetch->queued++;
		}
	}
	mo_http_consume(fetch->http, all - len);
}

/*
 * Does the answer that is coming say more by its status than by its body?  A
 * page that is not ready yet (202), or is only a part of one (206, 207), is
 * none, however well it reads.
 */
static bool
is_refusal(const Fetch *fetch)
{
	int status = mo_http_status(fetch->http);

	if (fetch->page && (status == 202 || status == 206 || status == 207))
		return true;
	return status != 0 && (status < 200 || status > 299);
}

/* Something has come, or the transfer has ended. */
static void
receive(ApiScan *scan, Fetch *fetch)
{
	HttpTransfer *http = fetch->http;
	bool well = mo_http_failure(http, NULL) == HTTP_OK;
	bool more = mo_http_has_data(http);

	if (is_refusal(fetch) && (well || more))
		mo_trouble_answer(scan, fetch, mo_http_status(http), mo_trouble_body(fetch), NULL);
	else
	{
		if (more)
			cut_records(scan, fetch);
		/* a page known to be whole lets the next one be asked for while it is used */
		if (mo_http_ended(http) && (well || !more))
			mo_fetch_check(scan, fetch);
	}
}

/* Take the fetch a step further; false when there is nothing to do yet. */
bool
mo_fetch_advance(ApiScan *scan, Fetch *fetch)
{
	MemoryContext old = MemoryContextSwitchTo(fetch->cxt);
	bool moved = true;

	CHECK_FOR_INTERRUPTS();
	scan->failing = fetch;
	mo_bounds_time(scan);
	if (fetch->http == NULL)
	{
		mo_fetch_start(scan, fetch);
		moved = fetch->http != NULL;
	}
	else if (mo_http_poll(fetch->http) && (!is_refusal(fetch) || mo_trouble_known(fetch)))
		receive(scan, fetch);
	else
		moved = false;
	scan->failing = NULL;
	MemoryContextSwitchTo(old);
	return moved;
}

/* Is it too early to use the records that are there? */
static bool
hold_back(const Fetch *fetch)
{
	return !fetch->complete && fetch->taken == 0 &&
		   (fetch->queue.len < MO_API_HOLD || (fetch->records[0] == '\0' && !fetch->lines));
}

/* Cut out, and not too early to be used. */
static bool
has_record(const Fetch *fetch)
{
	return fetch->queue.data != NULL && fetch->queue.cursor < fetch->queue.len &&
		   !hold_back(fetch);
}

/* The next record of the queue; NULL is a record "null", which is none. */
static JsonValue *
take_record(ApiScan *scan, Fetch *fetch)
{
	JsonValue *value;
	const char *error;
	const char *text;
	int32 len;

	memcpy(&len, fetch->queue.data + fetch->queue.cursor, sizeof(len));
	text = fetch->queue.data + fetch->queue.cursor + sizeof(len);
	fetch->queue.cursor += sizeof(len) + len + 1;
	if (!fetch->complete)
		fetch->hash = hash_bytes_extended((const unsigned char *) text, len, fetch->hash);
	fetch->taken++;
	scan->stats.records++;
	value = mo_json_parse(text, len, &error);
	if (error != NULL)
		mo_trouble_not_json(scan, fetch,
							psprintf("record " INT64_FORMAT ": %s", fetch->taken, error));
	/* of anything else every column would be NULL; only in a list null may stand for none */
	if (!mo_json_is_object(value) && (value != NULL || fetch->records[0] == '\0'))
	{
		mo_json_free(value);
		mo_trouble_not_json(
			scan, fetch, psprintf("record " INT64_FORMAT " of it is not an object", fetch->taken));
	}
	/* an answer that is the record has something to say */
	if (fetch->records[0] == '\0' && !mo_answer_filled(value))
	{
		mo_json_free(value);
		mo_trouble_not_json(scan, fetch, "it is an empty object");
	}
	return value;
}

/* When the fetch goes on by itself; 0 = when something comes. */
int64
mo_fetch_until(const Fetch *fetch)
{
	return fetch->http == NULL ? fetch->due_us : 0;
}

/* The whole body of an answer that is no JSON, owned by the fetch.  Raises as pages do. */
const char *
mo_fetch_text(ApiScan *scan, Fetch *fetch, size_t *len)
{
	fetch->text = true;
	while (!fetch->complete)
	{
		if (!mo_fetch_advance(scan, fetch))
			mo_http_await(mo_fetch_until(fetch), 0);
	}
	*len = fetch->queue.len;
	return fetch->queue.data;
}

/*
 * The next record of the page, to be freed by the caller; the end, when the
 * page is complete and used up; or neither, without waiting: then there is
 * something to be had when mo_fetch_ready() says so.  Raises when the page
 * cannot be had whole.
 */
ApiProgress
mo_fetch_poll(ApiScan *scan, Fetch *fetch, JsonValue **record)
{
	for (;;)
	{
		while (!has_record(fetch))
		{
			if (fetch->queue.data != NULL && fetch->queue.cursor > 0)
				resetStringInfo(&fetch->queue);
			if (fetch->complete)
				return API_END;
			if (!mo_fetch_advance(scan, fetch))
				return API_WAIT;
		}
		*record = take_record(scan, fetch);
		if (*record != NULL)
			return API_ROW;
	}
}

/* Would it advance?  Moves nothing. */
bool
mo_fetch_stirs(const Fetch *fetch)
{
	if (fetch->http == NULL)
		return fetch->due_us <= mo_http_now_us();
	return is_refusal(fetch) ? mo_trouble_known(fetch)
							 : mo_http_has_data(fetch->http) || mo_http_ended(fetch->http);
}

/* Would a poll find something new? */
bool
mo_fetch_ready(const Fetch *fetch)
{
	return fetch->complete || has_record(fetch) || mo_fetch_stirs(fetch);
}

/* Bytes of memory that what has come of the page takes. */
int64
mo_fetch_held(const Fetch *fetch)
{
	int64 held = fetch->queue.data != NULL ? fetch->queue.maxlen : 0;

	return fetch->http != NULL ? held + mo_http_held(fetch->http) : held;
}
