/*-------------------------------------------------------------------------
 *
 * trouble.c
 *	  A page that did not come as it should: ask again, or say why not.
 *
 * Whatever can pass is tried again after a pause, as often and as long as the
 * retry policy allows; the rest is raised, with the service's own words.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/internal.h"
#include "http/retry.h"
#include "secret/secret.h"
#include "utils/timestamp.h"

#define MIN_HINTED_WAIT_MS 100 /* nobody waits shorter by hand */

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
		case ERROR_THROTTLE:
			return "Ask again later, or for less at once.";
		default:
			return NULL;
	}
}

/* Drop what was received; the page will be asked for again. */
static void
again(ApiScan *scan, Fetch *fetch)
{
	mo_fetch_count(scan, fetch);
	mo_http_close(fetch->http);
	fetch->http = NULL;
}

/* Put the next try off; false if that makes no sense. */
static bool
pause_before_retry(ApiScan *scan, Fetch *fetch, int64 told_ms)
{
	int64 delay;

	if (fetch->attempt > MO_API_RETRIES)
		return false;
	delay = mo_retry_delay(fetch->attempt, told_ms);
	if (!mo_retry_affordable(delay))
		return false;
	again(scan, fetch);
	scan->stats.retries++;
	mo_fetch_pause(fetch, delay * 1000);
	return true;
}

/* For an error that is no JSON: what it is instead, such as a page of a proxy; or NULL. */
static char *
other_type(ApiScan *scan, Fetch *fetch)
{
	const char *type = mo_answer_word(mo_http_header(fetch->http, "Content-Type"), scan->token);

	if (type == NULL || type[0] == '\0' || strstr(type, "json") != NULL)
		return NULL;
	return psprintf("an answer of type \"%.*s\" instead of JSON",
					(int) Min(strcspn(type, "; "), 60), type);
}

/*
 * Deal with an answer that is an error: returns to try again, at once or when
 * the fetch is due, or raises.  "body" is freed.
 */
void
mo_trouble_answer(ApiScan *scan, Fetch *fetch, int status, JsonValue *body, const char *trouble)
{
	const Connector *connector = scan->spec->connector;
	FetchAnswer seen;
	const ErrorAnswer *answer = mo_fetch_answer(scan, fetch, status, body, &seen);
	ErrorClass class = mo_answer_class(connector, answer);
	char *message = mo_answer_message(connector, answer, scan->token);
	const char *hint = mo_answer_hint(connector, answer);
	const char *request_id = mo_answer_word(
		mo_http_header(fetch->http, connector->request_id ? connector->request_id : "x-request-id"),
		scan->token);
	const char *detail;
	int64 told = -1;
	int tries;

	if (class == ERROR_REQUEST && (fetch->page || fetch->follow) &&
		(fetch->at.cursor != NULL || fetch->at.link != NULL))
		class = ERROR_CURSOR; /* the first page was fine, and only this is new */
	if (message == NULL && body == NULL && status > 299)
		message = other_type(scan, fetch);
	if (message == NULL && trouble != NULL)
		message = pstrdup(trouble);
	if (message != NULL)
		mo_secret_redact(message, scan->token);
	if (class == ERROR_THROTTLE || class == ERROR_RETRY)
	{
		told = mo_retry_after(mo_http_header(fetch->http, "Retry-After"),
							  mo_http_header(fetch->http, "Date"));
		if (told < 0 && class == ERROR_THROTTLE && connector->throttle_wait != NULL)
			told = connector->throttle_wait(answer);
	}
	if (fetch->bare && class == ERROR_THROTTLE)
		class = ERROR_RETRY;
	mo_throttle_answer(scan, fetch, class, told, answer);
	mo_json_free(body);
	if (fetch->bare && class != ERROR_RETRY)
		mo_bulk_gone(scan, status, message);
	if (hint == NULL && status >= 300 && status <= 399)
		hint = "A redirect is not followed: check the address that the server's options make.";
	if (hint == NULL)
		hint = class_hint(class);
	if (told >= MIN_HINTED_WAIT_MS)
		hint = psprintf("It asks to wait %.1f seconds.", told / 1000.0);

	if (class == ERROR_THROTTLE && mo_throttle_again(scan, fetch, told))
	{
		again(scan, fetch);
		scan->stats.retries++;
		fetch->attempt--; /* who asks to wait has not failed */
		return;
	}
	if (class == ERROR_RETRY && pause_before_retry(scan, fetch, told))
		return;
	if (class == ERROR_TOO_BIG && mo_request_less(scan, fetch))
	{
		again(scan, fetch);
		fetch->attempt = 0;
		return;
	}
	if (class == ERROR_LOGIN && fetch->token != scan->tokens)
	{
		/* another page of the scan has met this too, and there is a new token by now */
		again(scan, fetch);
		return;
	}
	if (class == ERROR_LOGIN && !fetch->renewed)
	{
		char *token = mo_login_renew(scan);

		fetch->renewed = true;
		if (token != NULL)
		{
			mo_secret_wipe(scan->token);
			scan->token = MemoryContextStrdup(scan->cxt, token);
			scan->tokens++;
			mo_secret_wipe(token);
			again(scan, fetch);
			return;
		}
	}
	tries = fetch->attempt + Max(fetch->throttle.refused - 1, 0);
	detail = psprintf("HTTP status %d%s%s%s", status, request_id ? ", request " : "",
					  request_id ? request_id : "",
					  tries > 1 ? psprintf(", after %d tries", tries) : "");
	if (class == ERROR_THROTTLE && told >= MIN_HINTED_WAIT_MS)
		detail = psprintf("%s, to be asked again at %s", detail,
						  timestamptz_to_str(GetCurrentTimestamp() + told * 1000));
	mo_throttle_given_up(scan, class, class_sqlstate(class),
						 message ? psprintf("%s: %s", detail, message) : detail);
	ereport(ERROR,
			(errcode(class_sqlstate(class)),
			 errmsg("the service of server \"%s\" %s", scan->spec->server_name, class_words(class)),
			 message ? errdetail("%s: %s", detail, message) : errdetail("%s.", detail),
			 hint ? errhint("%s", hint) : 0));
}

/* The transfer itself failed: returns with it closed, to be tried again, or raises. */
void
mo_trouble_transfer(ApiScan *scan, Fetch *fetch, HttpFailureKind kind, const char *message)
{
	int code = ERRCODE_CONNECTION_FAILURE;
	char *copy = pstrdup(message ? message : "the connection was lost");

	mo_throttle_answer(scan, fetch, ERROR_RETRY, -1, NULL);
	if (mo_retry_failure(kind) && pause_before_retry(scan, fetch, -1))
		return;
	if (kind == HTTP_TOO_LARGE)
		code = ERRCODE_PROGRAM_LIMIT_EXCEEDED;
	else if (kind == HTTP_REFUSED)
		code = ERRCODE_INSUFFICIENT_PRIVILEGE;
	else if (kind == HTTP_RESOLVE || kind == HTTP_CONNECT || kind == HTTP_TLS)
		code = ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
	mo_throttle_given_up(
		scan, kind == HTTP_TOO_LARGE || kind == HTTP_REFUSED ? ERROR_REQUEST : ERROR_RETRY, code,
		copy);
	ereport(ERROR,
			(errcode(code),
			 errmsg("could not read from the service of server \"%s\"", scan->spec->server_name),
			 errdetail("%s, after %d %s.", copy, fetch->attempt,
					   fetch->attempt == 1 ? "try" : "tries")));
}

/* Has enough come of an error's body to judge it? */
bool
mo_trouble_known(const Fetch *fetch)
{
	size_t len;

	(void) mo_http_data(fetch->http, &len);
	return len >= MO_API_MAX_ERROR_BODY || mo_http_ended(fetch->http);
}

/* An error's body, up to a bound; NULL when it is not JSON.  The caller frees it. */
JsonValue *
mo_trouble_body(Fetch *fetch)
{
	size_t len;
	const char *data = mo_http_data(fetch->http, &len);
	const char *error;
	JsonValue *value;
	StringInfoData text;

	initStringInfo(&text);
	if (len > 0)
		appendBinaryStringInfo(&text, data, (int) Min(len, (size_t) MO_API_MAX_ERROR_BODY));
	value = mo_json_parse(text.data, text.len, &error);
	return error == NULL ? value : NULL;
}

/*
 * Raise: the answer is not what it should be, or larger than we take; "why" is
 * a fragment without period.
 */
void
mo_trouble_not_json(ApiScan *scan, Fetch *fetch, const char *why)
{
	const char *type = mo_answer_word(mo_http_header(fetch->http, "Content-Type"), scan->token);

	if (fetch->split != NULL && mo_json_split_too_large(fetch->split))
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the answer of the service of server \"%s\" is too large",
							   scan->spec->server_name),
						errdetail("In it, %s.", why)));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("could not understand the answer of the service of server \"%s\"",
					scan->spec->server_name),
			 errdetail("Content type \"%s\": %s.", type ? type : "", why)));
}

/* The length of the path in "path!=value|value"; all of it where there is no condition. */
size_t
mo_trouble_path_len(const char *trouble)
{
	const char *condition = strstr(trouble, "!=");

	return condition ? (size_t) (condition - trouble) : strlen(trouble);
}

/* Is the value's text one of "a|b|c"? */
static bool
is_one_of(JsonValue *value, const char *list)
{
	size_t len = 0;
	const char *text = value ? mo_json_text(value, &len) : NULL;

	return mo_answer_is_one_of(text, len, list);
}

/* The value of the first trouble path that is filled, as text; NULL when all is well. */
char *
mo_trouble_find(ApiScan *scan, Fetch *fetch)
{
	for (const char *const *path = scan->res->trouble; path != NULL && *path != NULL; path++)
	{
		const char *good = *path + mo_trouble_path_len(*path);
		const char *any = strstr(*path, "[*]");
		char *head = pnstrdup(*path, any ? any - *path : good - *path);
		JsonValue *value = mo_fetch_envelope(scan, fetch, head);
		char *text = NULL;

		if (*good != '\0' && value == NULL)
			mo_trouble_not_json(scan, fetch, psprintf("it has no \"%s\"", head));
		if (*good != '\0' && !is_one_of(value, good + 2))
			text = pstrdup(mo_json_dump(value));
		else if (*good == '\0' && any == NULL && mo_answer_filled(value))
			text = pstrdup(mo_json_dump(value));
		for (size_t i = 0; any != NULL && i < mo_json_length(value) && text == NULL; i++)
		{
			JsonValue *part = mo_json_at(mo_json_element(value, i), any + 4);

			if (mo_answer_filled(part))
				text = pstrdup(mo_json_dump(part));
		}
		if (text != NULL)
			return mo_answer_cut(text, scan->token);
	}
	return NULL;
}
