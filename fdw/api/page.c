/*-------------------------------------------------------------------------
 *
 * page.c
 *	  Is the page whole that has come, and does another one follow?
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "api/internal.h"

#define MAX_SERVERS 64 /* whose clocks are remembered */

static int64 pages_taken = 0;
static struct
{
	Oid server;
	TimestampTz time;
} clocks[MAX_SERVERS];
static int nclocks = 0;

/* Pages fetched by this backend since the last call. */
int64
mo_api_pages_taken(void)
{
	int64 n = pages_taken;

	pages_taken = 0;
	return n;
}

/* The Date header of the server's last answer to this backend. */
bool
mo_api_server_time(Oid server, TimestampTz *time)
{
	for (int i = 0; i < nclocks; i++)
	{
		if (clocks[i].server == server)
		{
			*time = clocks[i].time;
			return true;
		}
	}
	return false;
}

static void
note_clock(Oid server, const char *date)
{
	int64 seconds = mo_http_date(date);
	int i = 0;

	if (seconds < 0)
		return;
	while (i < nclocks && clocks[i].server != server)
		i++;
	if (i == nclocks && nclocks < MAX_SERVERS)
		nclocks++;
	if (i == MAX_SERVERS)
		i = 0;
	clocks[i].server = server;
	clocks[i].time = time_t_to_timestamptz((pg_time_t) seconds);
}

/*
 * The value at a path of the answer outside of the records, or NULL.  The
 * value is the fetch's, and good until the next call.
 */
JsonValue *
mo_fetch_envelope(ApiScan *scan, Fetch *fetch, const char *path)
{
	if (fetch->whole != NULL)
		return mo_json_at(fetch->whole, path);
	for (int i = 0; fetch->capture[i] != NULL; i++)
	{
		size_t n = strlen(fetch->capture[i]);
		size_t len;
		const char *error;
		const char *text;

		if (strncmp(fetch->capture[i], path, n) != 0 || strchr(".[", path[n]) == NULL)
			continue;
		text = mo_json_split_captured(fetch->split, i, &len);
		if (text == NULL)
			return NULL;
		mo_json_free(fetch->envelope);
		fetch->envelope = mo_json_parse(text, len, &error);
		if (error != NULL)
			mo_trouble_not_json(scan, fetch, psprintf("its \"%s\": %s", fetch->capture[i], error));
		if (fetch->envelope == NULL)
			return NULL;
		path += n;
		if (*path == '\0')
			return fetch->envelope;
		return mo_json_at(fetch->envelope, path + (*path == '.'));
	}
	return NULL;
}

static JsonValue *
answer_get(const ErrorAnswer *answer, const char *path)
{
	FetchAnswer *seen = answer->private;

	if (seen->body != NULL)
		return mo_json_at(seen->body, path);
	return mo_fetch_envelope(seen->scan, seen->fetch, path);
}

static const char *
answer_header(const ErrorAnswer *answer, const char *name)
{
	FetchAnswer *seen = answer->private;

	return mo_http_header(seen->fetch->http, name);
}

/* The answer in hand for the connector's hooks; good as long as "seen" and the transfer. */
const ErrorAnswer *
mo_fetch_answer(ApiScan *scan, Fetch *fetch, int status, JsonValue *body, FetchAnswer *seen)
{
	*seen = (FetchAnswer){{status, answer_get, answer_header, seen}, scan, fetch, body};
	return &seen->answer;
}

/*
 * A service that no longer has the version asked for may answer with another
 * one, silently.  Once per scan is enough to say so.
 */
static void
check_version(ApiScan *scan, Fetch *fetch)
{
	const Connector *connector = scan->spec->connector;
	const char *asked, *got;

	if (connector->version_header == NULL || fetch->at.page > 1 || fetch->follow)
		return;
	asked = mo_api_option(scan, connector->version_option);
	got = mo_http_header(fetch->http, connector->version_header);
	if (asked != NULL && got != NULL && strcmp(asked, got) != 0)
		ereport(WARNING,
				(errmsg("the service of server \"%s\" answered with version %.40s instead of %s",
						scan->spec->server_name, mo_answer_word(got, scan->token), asked),
				 errhint("Set option \"%s\" to a version it serves.", connector->version_option)));
}

/* Is an answer without records one that has none? */
static bool
may_lack_records(ApiScan *scan, Fetch *fetch)
{
	const Resource *res = scan->res;
	bool signed_so = res->sign == NULL || !fetch->page ||
					 mo_fetch_envelope(scan, fetch, res->sign) != NULL;

	return res->records_optional && signed_so;
}

/* The body has ended: is the page whole?  May drop it to be asked again. */
void
mo_fetch_check(ApiScan *scan, Fetch *fetch)
{
	const char *message;
	HttpFailureKind kind = mo_http_failure(fetch->http, &message);
	char *trouble;

	if (kind != HTTP_OK)
	{
		mo_trouble_transfer(scan, fetch, kind, message);
		return;
	}
	if (fetch->text)
	{
		fetch->complete = true;
		return;
	}
	if (fetch->lines)
		mo_lines_finish(scan, fetch);
	if (!mo_json_split_finish(fetch->split))
		mo_trouble_not_json(scan, fetch, mo_json_split_error(fetch->split));
	if (fetch->records[0] == '\0' && fetch->queue.len > 0 && !fetch->lines)
	{
		const char *error;
		int32 len;

		/* one record is the whole answer: its envelope too */
		memcpy(&len, fetch->queue.data, sizeof(len));
		fetch->whole = mo_json_parse(fetch->queue.data + sizeof(len), len, &error);
		if (error != NULL)
			mo_trouble_not_json(scan, fetch, error);
	}
	trouble = mo_trouble_find(scan, fetch);
	if (trouble != NULL)
	{
		mo_trouble_answer(scan, fetch, mo_http_status(fetch->http), NULL, trouble);
		return;
	}
	if (!fetch->lines && !mo_json_split_found(fetch->split) && !may_lack_records(scan, fetch))
		mo_trouble_not_json(scan, fetch, psprintf("it has nothing at \"%s\"", fetch->records));
	if (fetch->skip > 0)
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("page changed at the service of server \"%s\" while it was read again",
						scan->spec->server_name),
				 errhint("Run the query again.")));
	if (!fetch->bare)
		check_version(scan, fetch);
	mo_throttle_answer(scan, fetch, ERROR_END, -1, NULL);
	if (!fetch->bare)
		note_clock(scan->spec->server, mo_http_header(fetch->http, "Date"));
	fetch->complete = true;
	/* it grew by doubling, and may be kept for long before it is used */
	if (fetch->taken == 0 && fetch->queue.len + 1 < fetch->queue.maxlen)
	{
		fetch->queue.maxlen = fetch->queue.len + 1;
		fetch->queue.data = repalloc(fetch->queue.data, fetch->queue.maxlen);
	}
	scan->stats.pages++;
	pages_taken++;
}

/*
 * Does another page follow?  Then "cursor" is what leads to it, palloc'd in
 * the scan's context.  To be asked of a complete page.
 */
bool
mo_fetch_more(ApiScan *scan, Fetch *fetch, char **cursor)
{
	JsonValue *value;
	size_t len;
	const char *text;
	bool more = true;

	if (fetch->cursor == NULL)
		return false;
	if (fetch->more != NULL)
	{
		value = mo_fetch_envelope(scan, fetch, fetch->more);
		if (value == NULL && scan->res->root != NULL)
			mo_trouble_not_json(scan, fetch, "it does not say whether a page follows");
		more = mo_answer_filled(value);
	}
	if (!more)
		return false;
	value = mo_fetch_envelope(scan, fetch, fetch->cursor);
	text = value ? mo_json_text(value, &len) : NULL;
	if (text != NULL && len > 0 && fetch->page && scan->res->paging.within != NULL)
	{
		text = mo_template_param(text, scan->res->paging.within);
		if (text == NULL)
			mo_trouble_not_json(scan, fetch, "its link to the next page has no cursor");
	}
	if (value != NULL && text == NULL)
		mo_trouble_not_json(scan, fetch, "what leads to its next page is not a text");
	if (text == NULL || len == 0)
	{
		if (fetch->more != NULL)
			mo_trouble_not_json(scan, fetch, "it says that a page follows but has no cursor");
		return false;
	}
	*cursor = MemoryContextStrdup(scan->cxt, text);
	return true;
}
