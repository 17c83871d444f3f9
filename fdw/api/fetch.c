/*-------------------------------------------------------------------------
 *
 * fetch.c
 *	  One page: ask, receive, check, ask again where that may help.
 *
 * A page is complete when its transfer ended well, its JSON closed, its
 * records were there and nothing in it says otherwise; until then it may be
 * asked for again.  Records handed out before a page broke off come again on
 * the next try: they are passed over, and have to be the same ones.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/memutils.h"

#include "api/internal.h"
#include "http/retry.h"
#include "secret/secret.h"

#define MAX_CAPTURES (MO_JSON_MAX_PATHS - 1)
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

static void
free_foreign(void *arg)
{
	Fetch *fetch = arg;

	mo_json_split_free(fetch->split);
	mo_json_free(fetch->whole);
	fetch->split = NULL;
	fetch->whole = NULL;
}

/* A fetch in a context of its own under the scan's. */
Fetch *
mo_fetch_new(ApiScan *scan)
{
	MemoryContext cxt = AllocSetContextCreate(scan->cxt, "momentum page", ALLOCSET_DEFAULT_SIZES);
	Fetch *fetch = MemoryContextAllocZero(cxt, sizeof(Fetch));

	fetch->cxt = cxt;
	fetch->callback.func = free_foreign;
	fetch->callback.arg = fetch;
	MemoryContextRegisterResetCallback(cxt, &fetch->callback);
	return fetch;
}

static void
count_bytes(ApiScan *scan, Fetch *fetch)
{
	int64 wire, body, first;

	mo_http_stats(fetch->http, &wire, &body, &first, NULL);
	scan->stats.wire_bytes += wire;
	scan->stats.body_bytes += body;
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
		count_bytes(scan, fetch);
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
	size_t plain = path ? strcspn(path, "[") : 0;
	size_t len = 0;

	if (plain == 0 || fetch->records[0] == '\0')
		return;
	do
	{
		len += len > 0;
		len += strcspn(path + len, ".[");
	} while (len < plain && is_prefix(path, len, fetch->records));
	for (int i = 0; i < *n; i++)
	{
		if (strlen(fetch->capture[i]) == len && strncmp(fetch->capture[i], path, len) == 0)
			return;
	}
	if (*n == MAX_CAPTURES)
		elog(ERROR, "too many paths to keep of an answer");
	fetch->capture[(*n)++] = pnstrdup(path, len);
}

static void
make_split(ApiScan *scan, Fetch *fetch)
{
	if (fetch->capture == NULL)
	{
		int n = 0;

		fetch->capture = palloc0(sizeof(char *) * (MAX_CAPTURES + 1));
		for (const char *const *p = scan->res->trouble; p != NULL && *p != NULL; p++)
			add_capture(fetch, &n, *p);
		add_capture(fetch, &n, fetch->cursor);
		add_capture(fetch, &n, fetch->more);
	}
	free_foreign(fetch);
	fetch->split = mo_json_split_new(fetch->records, fetch->capture);
	if (fetch->split == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
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

/* A credential goes to the service's hosts, or where a superuser sent it. */
static void
check_host(ApiScan *scan, const char *url)
{
	List *hosts;
	const char **patterns;
	int n = 0;
	ListCell *lc;

	if (mo_http_same_origin(url, mo_request_base(scan, scan->res->base)) ||
		mo_http_same_origin(url, mo_request_base(scan, NULL)))
		return;
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

/* Send the request.  Does not block, except for a token that must be bought. */
void
mo_fetch_start(ApiScan *scan, Fetch *fetch)
{
	MemoryContext old = MemoryContextSwitchTo(fetch->cxt);
	HttpRequest req = {0};
	const char *insecure = mo_api_option(scan, "allow_insecure");

	if (scan->token == NULL && scan->spec->connector->auth_header != NULL)
	{
		MemoryContextSwitchTo(scan->cxt);
		scan->token = mo_login_token(scan, false);
		MemoryContextSwitchTo(fetch->cxt);
	}
	check_host(scan, fetch->url);
	req.method = fetch->method;
	req.url = fetch->url;
	req.headers = mo_request_headers(scan, fetch->body != NULL);
	req.body = fetch->body;
	req.ca_file = mo_api_option(scan, "ca_file");
	req.allow_insecure = insecure != NULL && strcmp(insecure, "true") == 0;
	req.gzip = true;
	make_split(scan, fetch);
	fetch->attempt++;
	fetch->complete = false;
	fetch->queued = 0;
	fetch->skip = fetch->taken;
	fetch->again = 0;
	if (fetch->queue.data == NULL)
		initStringInfo(&fetch->queue);
	resetStringInfo(&fetch->queue);
	fetch->http = mo_http_start(fetch->cxt, &req);
	scan->stats.requests++;
	MemoryContextSwitchTo(old);
}

/*
 * The value at a path of the answer outside of the records, or NULL.  The
 * caller frees "owner".
 */
JsonValue *
mo_fetch_envelope(ApiScan *scan, Fetch *fetch, const char *path, JsonValue **owner)
{
	*owner = NULL;
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
		*owner = mo_json_parse(text, len, &error);
		if (error != NULL || *owner == NULL)
			return NULL;
		path += n;
		if (*path == '\0')
			return *owner;
		return mo_json_at(*owner, path + (*path == '.'));
	}
	return NULL;
}

/* An error answer in hand: of a status, or inside a 200 */
typedef struct Trouble
{
	ErrorAnswer answer;
	ApiScan *scan;
	Fetch *fetch;
	JsonValue *body; /* of an error status */
	JsonValue *owner;
} Trouble;

static JsonValue *
trouble_get(const ErrorAnswer *answer, const char *path)
{
	Trouble *t = answer->private;

	if (t->body != NULL)
		return mo_json_at(t->body, path);
	mo_json_free(t->owner);
	return mo_fetch_envelope(t->scan, t->fetch, path, &t->owner);
}

static const char *
trouble_header(const ErrorAnswer *answer, const char *name)
{
	Trouble *t = answer->private;

	return mo_http_header(t->fetch->http, name);
}

static int
class_sqlstate(ErrorClass class)
{
	switch (class)
	{
		case ERROR_LOGIN:
			return ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION;
		case ERROR_DENIED:
			return ERRCODE_INSUFFICIENT_PRIVILEGE;
		case ERROR_MISSING:
			return ERRCODE_FDW_TABLE_NOT_FOUND;
		case ERROR_THROTTLE:
			return ERRCODE_CONFIGURATION_LIMIT_EXCEEDED;
		case ERROR_TOO_BIG:
			return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
		case ERROR_CURSOR:
			return ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
		case ERROR_REQUEST:
			return ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE;
		default:
			return ERRCODE_CONNECTION_FAILURE;
	}
}

static const char *
class_words(ErrorClass class)
{
	switch (class)
	{
		case ERROR_LOGIN:
			return "refused the credential";
		case ERROR_DENIED:
			return "denied access";
		case ERROR_MISSING:
			return "knows no such thing";
		case ERROR_THROTTLE:
			return "asks to slow down";
		case ERROR_TOO_BIG:
			return "was asked for too much at once";
		case ERROR_CURSOR:
			return "no longer knows the page cursor";
		case ERROR_REQUEST:
			return "refused the request";
		default:
			return "is in trouble";
	}
}

static const char *
class_hint(ErrorClass class)
{
	switch (class)
	{
		case ERROR_LOGIN:
			return "Check the user mapping: its \"secret\" may be wrong, revoked or expired.";
		case ERROR_DENIED:
			return "Grant the credential the right at the service.";
		case ERROR_CURSOR:
			return "Run the query again: it will start with the first page.";
		default:
			return NULL;
	}
}

/* Wait before the next try, or raise if that makes no sense. */
static bool
pause_before_retry(ApiScan *scan, Fetch *fetch, int64 told_ms)
{
	int64 delay;
	instr_time before, after;

	if (fetch->attempt > MO_API_RETRIES)
		return false;
	delay = mo_retry_delay(fetch->attempt, told_ms);
	if (!mo_retry_affordable(delay))
		return false;
	count_bytes(scan, fetch);
	mo_http_close(fetch->http);
	fetch->http = NULL;
	scan->stats.retries++;
	INSTR_TIME_SET_CURRENT(before);
	mo_http_sleep(delay, 0);
	INSTR_TIME_SET_CURRENT(after);
	INSTR_TIME_SUBTRACT(after, before);
	scan->stats.wait_us += INSTR_TIME_GET_MICROSEC(after);
	return true;
}

/*
 * Deal with an answer that is an error: returns to try again, or raises.
 * "body" is freed.
 */
static void
answer_failed(ApiScan *scan, Fetch *fetch, int status, JsonValue *body, const char *trouble)
{
	const Connector *connector = scan->spec->connector;
	Trouble t = {{status, trouble_get, trouble_header, &t}, scan, fetch, body, NULL};
	ErrorClass class = mo_answer_class(connector, &t.answer);
	char *message = mo_answer_message(connector, &t.answer);
	const char *hint = mo_answer_hint(connector, &t.answer);
	const char *request_id = mo_http_header(fetch->http, "x-request-id");
	int64 told = -1;

	if (message == NULL && trouble != NULL)
		message = pstrdup(trouble);
	if (message != NULL)
		mo_secret_redact(message, scan->token);
	if (class == ERROR_THROTTLE || class == ERROR_RETRY)
	{
		told = mo_retry_after(mo_http_header(fetch->http, "Retry-After"),
							  mo_http_header(fetch->http, "Date"));
		if (told < 0 && class == ERROR_THROTTLE && connector->throttle_wait != NULL)
			told = connector->throttle_wait(&t.answer);
	}
	mo_json_free(t.owner);
	mo_json_free(body);
	request_id = request_id ? pstrdup(request_id) : NULL;
	if (hint == NULL)
		hint = class_hint(class);

	if ((class == ERROR_THROTTLE || class == ERROR_RETRY) && pause_before_retry(scan, fetch, told))
		return;
	if (class == ERROR_LOGIN && !fetch->renewed)
	{
		char *token = mo_login_token(scan, true);

		fetch->renewed = true;
		if (token != NULL)
		{
			mo_secret_wipe(scan->token);
			scan->token = MemoryContextStrdup(scan->cxt, token);
			mo_secret_wipe(token);
			count_bytes(scan, fetch);
			mo_http_close(fetch->http);
			fetch->http = NULL;
			return;
		}
	}
	ereport(ERROR,
			(errcode(class_sqlstate(class)),
			 errmsg("the service of server \"%s\" %s", scan->spec->server_name, class_words(class)),
			 message ? errdetail("HTTP status %d%s%s: %s", status, request_id ? ", request " : "",
								 request_id ? request_id : "", message)
					 : errdetail("HTTP status %d%s%s.", status, request_id ? ", request " : "",
								 request_id ? request_id : ""),
			 told >= 0 ? errhint("It asks to wait %.1f seconds.", told / 1000.0)
					   : (hint ? errhint("%s", hint) : 0)));
}

/* The transfer itself failed: try again, or raise. */
static void
transfer_failed(ApiScan *scan, Fetch *fetch, HttpFailureKind kind, const char *message)
{
	int code = ERRCODE_CONNECTION_FAILURE;
	char *copy = pstrdup(message ? message : "the connection was lost");

	if (mo_retry_failure(kind) && pause_before_retry(scan, fetch, -1))
		return;
	if (kind == HTTP_TOO_LARGE)
		code = ERRCODE_PROGRAM_LIMIT_EXCEEDED;
	else if (kind == HTTP_REFUSED)
		code = ERRCODE_INSUFFICIENT_PRIVILEGE;
	else if (kind == HTTP_RESOLVE || kind == HTTP_CONNECT || kind == HTTP_TLS)
		code = ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
	ereport(ERROR,
			(errcode(code),
			 errmsg("could not read from the service of server \"%s\"", scan->spec->server_name),
			 errdetail("%s, after %d %s.", copy, fetch->attempt,
					   fetch->attempt == 1 ? "try" : "tries")));
}

/* Read the rest of an error's body, up to a bound; NULL when not JSON. */
static JsonValue *
read_error_body(Fetch *fetch, char **text)
{
	StringInfoData buf;
	const char *error;
	JsonValue *value;

	initStringInfo(&buf);
	while (buf.len < MO_API_MAX_ERROR_BODY && mo_http_wait(fetch->http))
	{
		size_t len;
		const char *data = mo_http_data(fetch->http, &len);

		len = Min(len, (size_t) (MO_API_MAX_ERROR_BODY - buf.len));
		appendBinaryStringInfo(&buf, data, (int) len);
		mo_http_consume(fetch->http, len);
	}
	value = mo_json_parse(buf.data, buf.len, &error);
	*text = buf.data;
	return error == NULL ? value : NULL;
}

static void
not_json(ApiScan *scan, Fetch *fetch, const char *why)
{
	const char *type = mo_http_header(fetch->http, "Content-Type");

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("could not understand the answer of the service of server \"%s\"",
					scan->spec->server_name),
			 errdetail("Content type \"%s\": %s.", type ? pstrdup(type) : "", why)));
}

/* The first trouble path that is filled, as text; NULL when all is well. */
static char *
find_trouble(ApiScan *scan, Fetch *fetch)
{
	for (const char *const *path = scan->res->trouble; path != NULL && *path != NULL; path++)
	{
		const char *any = strstr(*path, "[*]");
		char *head = any ? pnstrdup(*path, any - *path) : pstrdup(*path);
		JsonValue *owner;
		JsonValue *value = mo_fetch_envelope(scan, fetch, head, &owner);
		char *text = NULL;

		if (any == NULL && mo_answer_filled(value))
			text = pstrdup(mo_json_dump(value));
		for (size_t i = 0; any != NULL && i < mo_json_length(value) && text == NULL; i++)
		{
			JsonValue *part = mo_json_at(mo_json_element(value, i), any + 4);

			if (mo_answer_filled(part))
				text = pstrdup(mo_json_dump(part));
		}
		mo_json_free(owner);
		if (text != NULL)
		{
			if (strlen(text) > MO_API_MAX_MESSAGE)
				text[MO_API_MAX_MESSAGE] = '\0';
			return text;
		}
	}
	return NULL;
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
						scan->spec->server_name, got, asked),
				 errhint("Set option \"%s\" to a version it serves.", connector->version_option)));
}

/* The body has ended: is the page whole?  May drop it to be asked again. */
static void
check_page(ApiScan *scan, Fetch *fetch)
{
	const char *message;
	HttpFailureKind kind = mo_http_failure(fetch->http, &message);
	char *trouble;

	if (kind != HTTP_OK)
	{
		transfer_failed(scan, fetch, kind, message);
		return;
	}
	if (!mo_json_split_finish(fetch->split))
		not_json(scan, fetch, mo_json_split_error(fetch->split));
	if (fetch->records[0] == '\0' && fetch->queue.len > 0)
	{
		const char *error;
		int32 len;

		/* one record is the whole answer: its envelope too */
		memcpy(&len, fetch->queue.data, sizeof(len));
		fetch->whole = mo_json_parse(fetch->queue.data + sizeof(len), len, &error);
		if (error != NULL)
			not_json(scan, fetch, error);
	}
	trouble = find_trouble(scan, fetch);
	if (trouble != NULL)
	{
		answer_failed(scan, fetch, mo_http_status(fetch->http), NULL, trouble);
		return;
	}
	if (!mo_json_split_found(fetch->split) && !scan->res->records_optional)
		not_json(scan, fetch, psprintf("it has nothing at \"%s\"", fetch->records));
	if (fetch->skip > 0)
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("page changed at the service of server \"%s\" while it was read again",
						scan->spec->server_name),
				 errhint("Run the query again.")));
	check_version(scan, fetch);
	note_clock(scan->spec->server, mo_http_header(fetch->http, "Date"));
	fetch->complete = true;
	scan->stats.pages++;
	pages_taken++;
}

/* Cut what has arrived into records. */
static void
cut_records(ApiScan *scan, Fetch *fetch)
{
	size_t len;
	const char *data = mo_http_data(fetch->http, &len);
	size_t all = len;

	for (;;)
	{
		JsonSplitResult result = mo_json_split_feed(fetch->split, &data, &len);
		const char *record;
		size_t n;

		if (result == JSON_SPLIT_MORE)
			break;
		if (result == JSON_SPLIT_ERROR)
			not_json(scan, fetch, mo_json_split_error(fetch->split));
		record = mo_json_split_record(fetch->split, &n);
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

/* Receive some more of the page; afterwards something has changed. */
static void
receive(ApiScan *scan, Fetch *fetch)
{
	MemoryContext old = MemoryContextSwitchTo(fetch->cxt);

	if (fetch->http == NULL)
		mo_fetch_start(scan, fetch);
	else if (mo_http_wait(fetch->http))
	{
		int status = mo_http_status(fetch->http);

		if (status < 200 || status > 299)
		{
			char *text;
			JsonValue *body = read_error_body(fetch, &text);

			answer_failed(scan, fetch, status, body, NULL);
		}
		else
			cut_records(scan, fetch);
	}
	else
	{
		int status = mo_http_status(fetch->http);
		const char *message;

		if (mo_http_failure(fetch->http, &message) == HTTP_OK && (status < 200 || status > 299))
			answer_failed(scan, fetch, status, NULL, NULL);
		else
			check_page(scan, fetch);
	}
	MemoryContextSwitchTo(old);
}

/*
 * The next record of the page, to be freed by the caller, or NULL when the
 * page is complete and used up.  Raises when it cannot be had whole.
 */
JsonValue *
mo_fetch_record(ApiScan *scan, Fetch *fetch)
{
	JsonValue *value;
	const char *error;
	const char *text;
	int32 len;

	while (fetch->queue.data == NULL || fetch->queue.cursor >= fetch->queue.len)
	{
		if (fetch->queue.data != NULL)
			resetStringInfo(&fetch->queue);
		if (fetch->complete)
			return NULL;
		receive(scan, fetch);
	}
	if (fetch->records[0] == '\0')
	{
		/* nothing of a whole answer is used before it is known to be good */
		while (!fetch->complete)
			receive(scan, fetch);
	}
	memcpy(&len, fetch->queue.data + fetch->queue.cursor, sizeof(len));
	text = fetch->queue.data + fetch->queue.cursor + sizeof(len);
	fetch->queue.cursor += sizeof(len) + len + 1;
	if (!fetch->complete)
		fetch->hash = hash_bytes_extended((const unsigned char *) text, len, fetch->hash);
	fetch->taken++;
	scan->stats.records++;
	value = mo_json_parse(text, len, &error);
	if (error != NULL)
		not_json(scan, fetch, psprintf("record " INT64_FORMAT ": %s", fetch->taken, error));
	return value;
}

/*
 * Does another page follow?  Then "cursor" is what leads to it, palloc'd in
 * the scan's context.  To be asked of a complete page.
 */
bool
mo_fetch_more(ApiScan *scan, Fetch *fetch, char **cursor)
{
	JsonValue *owner;
	JsonValue *value;
	char buf[64];
	size_t len;
	const char *text;
	bool more = true;

	if (fetch->cursor == NULL)
		return false;
	if (fetch->more != NULL)
	{
		more = mo_answer_filled(mo_fetch_envelope(scan, fetch, fetch->more, &owner));
		mo_json_free(owner);
	}
	if (!more)
		return false;
	value = mo_fetch_envelope(scan, fetch, fetch->cursor, &owner);
	text = value ? mo_json_text(value, buf, sizeof(buf), &len) : NULL;
	if (text == NULL || len == 0)
	{
		if (fetch->more != NULL)
			not_json(scan, fetch, "it says that a page follows but has no cursor");
		mo_json_free(owner);
		return false;
	}
	*cursor = MemoryContextStrdup(scan->cxt, text);
	mo_json_free(owner);
	return true;
}
