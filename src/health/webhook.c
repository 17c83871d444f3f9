/*-------------------------------------------------------------------------
 *
 * webhook.c
 *	  Posts an alert to its receiver, signed as Standard Webhooks.
 *
 * One request, no redirects, and ten seconds in all; what becomes of it is a
 * result, not an error: who calls writes it down and tries again.  An error is
 * only what no try could mend, and a cancel.
 *
 * The signing secret comes from the secret store and must be bound to hosts,
 * of which the receiver is one.  No result or error shows it, nor the path of
 * the URL, which may be a secret of the receiver's.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <time.h>

#include "fmgr.h"
#include "funcapi.h"
#include "http/http.h"
#include "miscadmin.h"
#include "secret/secret.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "health/signature.h"
#include "health/webhook.h"

#define CONNECT_MS 3000
#define TOTAL_MS 10000
#define MAX_ANSWER (64 * 1024) /* only the status is looked at */
#define MAX_URL 2000
#define PLACE "{secret}" /* where a URL takes the secret itself */

PG_FUNCTION_INFO_V1(mo_check_receiver);
PG_FUNCTION_INFO_V1(mo_post_signed);

static bool alert_insecure = false;

void
mo_webhook_init(void)
{
	DefineCustomBoolVariable("momentum.alert_insecure",
							 "Lets alerts go to plain http and to addresses of this network.",
							 "For tests.",
							 &alert_insecure, false, PGC_SUSET, 0, NULL, NULL, NULL);
}

/*
 * Raises unless a URL is one that an alert may be posted to.  Its path is not
 * shown.
 */
static void
check_url(const char *url)
{
	const char *host = strncmp(url, "https://", 8) == 0 ? url + 8 : NULL;
	size_t len = strlen(url);

	if (host == NULL && alert_insecure && strncmp(url, "http://", 7) == 0)
		host = url + 7;
	if (host == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the URL of an alert target must begin with https://")));
	if (len > MAX_URL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the URL of an alert target is longer than %d bytes", MAX_URL)));
	for (const char *p = url; *p != '\0'; p++)
	{
		if (*p <= ' ' || *p > '~')
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("the URL of an alert target has a character that no URL has"),
					 errhint("Write it percent-encoded.")));
	}
	len = strcspn(host, "/?#");
	if (len == 0 || strcspn(host, ":") == 0 || memchr(host, '@', len) != NULL ||
		strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:") < len)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the URL of an alert target has no host name that we take"),
				 errdetail("It is a name or an IPv4 address, perhaps with a port, and neither user "
						   "nor password.")));
}

/*
 * Opens a secret of the current user's that is bound to the URL's host.
 */
static Secret *
open_bound(const char *name, const char *url)
{
	Secret *secret = mo_secret_open(name, GetUserId());
	const char **hosts = palloc0(sizeof(char *) * (list_length(secret->hosts) + 1));
	int n = 0;
	ListCell *lc;

	foreach (lc, secret->hosts)
		hosts[n++] = lfirst(lc);
	if (n > 0 && mo_http_host_matches(url, hosts))
		return secret;
	mo_secret_close(secret);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 n == 0 ? errmsg("secret \"%s\" is not bound to a host", name)
					: errmsg("secret \"%s\" is not bound to the host of the alert target", name),
			 errhint("Its owner binds it with momentum.bind_secret().")));
	return NULL;
}

/* "webhook-signature: v1,...", palloc'd, to be wiped. */
static char *
signature_header(const Secret *secret, const char *id, int64 now, const char *body)
{
	char signature[MO_SIGNATURE_LEN];
	char *header;

	if (!mo_webhook_sign(secret->value, id, now, body, signature))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("secret \"%s\" cannot sign a webhook", secret->name),
				 errdetail("A signing secret is whsec_ and the base64 of %d to %d bytes.",
						   MO_SIGNING_KEY_MIN, MO_SIGNING_KEY_MAX)));
	header = psprintf("webhook-signature: %s", signature);
	explicit_bzero(signature, sizeof(signature));
	return header;
}

/* The URL with the secret in its place, palloc'd, to be wiped. */
static char *
fill_url(const char *url, const char *place, const Secret *secret)
{
	char *encoded = mo_http_encode(secret->value);
	char *filled = psprintf("%.*s%s%s", (int) (place - url), url, encoded, place + strlen(PLACE));

	mo_secret_wipe(encoded);
	return filled;
}

/*
 * Turns a request into one with the secret in it: in the URL, where that has a
 * place for it, else as its signature.
 */
static void
authenticate(HttpRequest *http, const char *secret_name, const char *id)
{
	const char *place = strstr(http->url, PLACE);
	Secret *secret = open_bound(secret_name, http->url);

	PG_TRY();
	{
		int64 now = (int64) time(NULL);

		if (place != NULL)
			http->url = fill_url(http->url, place, secret);
		else
		{
			http->headers =
				lappend(http->headers, signature_header(secret, id, now, http->body));
			http->headers =
				lappend(http->headers, psprintf("webhook-timestamp: " INT64_FORMAT, now));
		}
	}
	PG_FINALLY();
	{
		mo_secret_close(secret);
	}
	PG_END_TRY();
}

/*
 * Waits for the head of the answer; the rest is of no interest.
 */
static bool
wait_for_head(HttpTransfer *t)
{
	int64 until = mo_http_now_us() + TOTAL_MS * INT64CONST(1000);

	while (!mo_http_ended(t) && mo_http_status(t) == 0)
	{
		if (mo_http_now_us() >= until)
			return false;
		mo_http_await(until, 0);
	}
	return true;
}

/* What went wrong, for a person; NULL if the receiver took it. */
static const char *
describe(HttpTransfer *t, bool in_time)
{
	const char *message;

	if (!in_time)
		return psprintf("no answer came within %d s", TOTAL_MS / 1000);
	if (mo_http_status(t) >= 200 && mo_http_status(t) < 300)
		return NULL;
	if (mo_http_status(t) >= 300 && mo_http_status(t) < 400)
		return psprintf("it redirects with status %d, which is not followed", mo_http_status(t));
	if (mo_http_status(t) != 0)
		return psprintf("it answered with status %d", mo_http_status(t));
	(void) mo_http_failure(t, &message);
	return message == NULL ? "it closed the connection" : pstrdup(message);
}

static char *
text_arg(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(n));
}

/*
 * momentum._check_receiver(url, secret): raises unless the current user could
 * post there; sends nothing.
 */
Datum
mo_check_receiver(PG_FUNCTION_ARGS)
{
	char *url = text_arg(fcinfo, 0);
	char *secret = text_arg(fcinfo, 1);
	HttpRequest http = {.url = url, .body = ""};

	if (url == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the URL of an alert target must not be null")));
	check_url(url);
	if (secret != NULL)
		authenticate(&http, secret, "check");
	else if (strstr(url, PLACE) != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the URL has a place for a secret, and none is named")));
	if (http.url != url)
		mo_secret_wipe((char *) http.url);
	PG_RETURN_VOID();
}

/*
 * momentum._post_signed(url, secret, id, body): status of the answer, NULL if
 * there was none, and what went wrong, NULL if nothing did.
 */
Datum
mo_post_signed(PG_FUNCTION_ARGS)
{
	char *url = text_arg(fcinfo, 0);
	char *secret = text_arg(fcinfo, 1);
	char *id = text_arg(fcinfo, 2);
	char *body = text_arg(fcinfo, 3);
	TupleDesc desc;
	Datum values[2] = {0};
	bool nulls[2] = {true, true};
	HttpRequest http = {
		.method = "POST",
		.url = url,
		.body = body,
		.allow_insecure = alert_insecure,
		.fresh_connection = true,
		.connect_timeout_ms = CONNECT_MS,
		.first_byte_timeout_ms = TOTAL_MS,
		.max_wire = MAX_ANSWER,
		.max_body = MAX_ANSWER,
	};
	HttpTransfer *t;
	const char *error;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (url == NULL || id == NULL || body == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("URL, id and body of a webhook must not be null")));
	check_url(url);
	http.headers = list_make2("Content-Type: application/json", psprintf("webhook-id: %s", id));
	if (secret != NULL)
		authenticate(&http, secret, id);
	t = mo_http_start(CurrentMemoryContext, &http);
	error = describe(t, wait_for_head(t));
	nulls[0] = mo_http_status(t) == 0;
	values[0] = Int32GetDatum(mo_http_status(t));
	nulls[1] = error == NULL;
	if (error != NULL)
		values[1] = CStringGetTextDatum(error);
	mo_http_close(t);
	if (http.url != url)
		mo_secret_wipe((char *) http.url);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
