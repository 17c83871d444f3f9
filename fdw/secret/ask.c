/*-------------------------------------------------------------------------
 *
 * ask.c
 *	  Asks a token endpoint (OAuth 2.0, RFC 6749 and 7523).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <time.h>

#include "common/base64.h"
#include "http/retry.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "secret/ask.h"
#include "secret/jwt.h"
#include "storage/procsignal.h"
#include "utils/builtins.h"

#define MAX_ANSWER (64 * 1024) /* real ones have 1 to 5 kB */
#define MAX_WORDS 512          /* of a service, in an error */
#define CLOCK_SKEW_S 60        /* worth mentioning */
#define SLICE_MS 5
#define GRACE_MS 30 /* for an answer under way when the user cancels */

#define JWT_GRANT "urn:ietf:params:oauth:grant-type:jwt-bearer"

/* The request: its form, and what it holds beside the credential's parts. */
typedef struct Form
{
	char *text;
	char *assertion; /* or NULL */
	char *header;    /* Authorization, or NULL */
} Form;

static void
append_field(StringInfo form, const char *name, const char *value)
{
	char *encoded;

	if (value == NULL)
		return;
	encoded = mo_http_encode(value);
	appendStringInfo(form, "%s%s=%s", form->len == 0 ? "" : "&", name, encoded);
	mo_secret_wipe(encoded);
	pfree(encoded);
}

/*
 * Client id and secret as RFC 6749, 2.3.1, has them: encoded like a form, then
 * as Basic authentication.
 */
static char *
basic_header(const Credential *c)
{
	char *id = mo_http_encode(c->client_id);
	char *secret = mo_http_encode(c->client_secret);
	char *pair = psprintf("%s:%s", id, secret);
	int len = pg_b64_enc_len((int) strlen(pair));
	char *encoded = palloc0(len + 1);
	char *header;

	if (mo_b64_encode(pair, (int) strlen(pair), encoded, len) < 0)
		elog(ERROR, "could not encode a credential");
	header = psprintf("Authorization: Basic %s", encoded);
	mo_secret_wipe(secret);
	mo_secret_wipe(pair);
	mo_secret_wipe(encoded);
	return header;
}

/*
 * Names the client, in the form or in a header.
 */
static void
append_client(StringInfo text, Form *form, const GrantRequest *req, const Credential *c)
{
	if (req->basic)
	{
		form->header = basic_header(c);
		return;
	}
	append_field(text, "client_id", c->client_id);
	append_field(text, "client_secret", c->client_secret);
}

/*
 * The form that asks for a token.
 */
static void
make_form(const GrantRequest *req, const Credential *c, int64 now, Form *form)
{
	StringInfoData text;

	memset(form, 0, sizeof(*form));
	initStringInfo(&text);
	switch (c->kind)
	{
		case CREDENTIAL_JWT:
			form->assertion = mo_jwt_make(c->client_email, req->token_url, req->scope,
										  c->private_key_id, c->private_key, now);
			append_field(&text, "grant_type", JWT_GRANT);
			append_field(&text, "assertion", form->assertion);
			break;
		case CREDENTIAL_REFRESH:
			append_field(&text, "grant_type", "refresh_token");
			append_client(&text, form, req, c);
			append_field(&text, "refresh_token", c->refresh_token);
			break;
		case CREDENTIAL_CLIENT:
			append_field(&text, "grant_type", "client_credentials");
			append_client(&text, form, req, c);
			append_field(&text, "scope", req->scope);
			break;
		case CREDENTIAL_BARE:
			elog(ERROR, "a bare token needs no grant");
	}
	form->text = text.data;
}

static void
wipe_form(Form *form)
{
	mo_secret_wipe(form->text);
	mo_secret_wipe(form->assertion);
	mo_secret_wipe(form->header);
}

/*
 * Waits for the end of a transfer with interrupts held, for an answer that
 * has arrived must not be lost.  A cancel in the meantime leaves it a moment
 * and then ends the wait: false.
 */
static bool
wait_for_answer(HttpTransfer *t)
{
	int left = GRACE_MS;

	while (!mo_http_ended(t) && left > 0)
	{
		mo_http_sleep(SLICE_MS, 0);
		if (ProcSignalBarrierPending)
			ProcessProcSignalBarrier(); /* others wait for us there */
		if (QueryCancelPending || ProcDiePending)
			left -= SLICE_MS;
	}
	return mo_http_ended(t);
}

static void
read_body(HttpTransfer *t, StringInfo body)
{
	while (mo_http_wait(t))
	{
		size_t len;
		const char *data = mo_http_data(t, &len);

		appendBinaryStringInfo(body, data, (int) len);
		mo_http_consume(t, len);
	}
}

static void
read_answer(HttpTransfer *t, GrantAnswer *answer)
{
	StringInfoData body;
	const char *message;
	int64 date;

	memset(answer, 0, sizeof(*answer));
	initStringInfo(&body);
	read_body(t, &body);
	answer->failure = mo_http_failure(t, &message);
	answer->message = message == NULL ? NULL : pstrdup(message);
	answer->status = mo_http_status(t);
	date = mo_http_date(mo_http_header(t, "Date"));
	answer->skew_s = date < 0 ? 0 : (int64) time(NULL) - date;
	answer->retry_ms = mo_retry_after(mo_http_header(t, "Retry-After"), mo_http_header(t, "Date"));
	if (answer->failure == HTTP_OK)
		answer->object = mo_object_read(body.data);
	explicit_bzero(body.data, body.maxlen);
}

/*
 * Posts the form once.  It is never sent again behind our back, as libcurl
 * may do on a kept connection: a refresh token may be good for one use.
 */
static void
post(const GrantRequest *req, const Credential *c, const Form *form, GrantAnswer *answer)
{
	HttpRequest http = {
		.method = "POST",
		.url = req->token_url,
		.headers = list_make2("Content-Type: application/x-www-form-urlencoded",
							  "Accept: application/json"),
		.body = form->text,
		.ca_file = req->ca_file,
		.allow_insecure = req->allow_insecure,
		.fresh_connection = true,
		.max_wire = MAX_ANSWER,
		.max_body = MAX_ANSWER,
	};
	HttpTransfer *t;
	bool careful = c->kind == CREDENTIAL_REFRESH;
	bool answered = true;

	if (form->header != NULL)
		http.headers = lappend(http.headers, form->header);
	t = mo_http_start(CurrentMemoryContext, &http);
	if (careful)
	{
		HOLD_INTERRUPTS();
		answered = wait_for_answer(t);
	}
	if (answered)
		read_answer(t, answer);
	mo_http_close(t);
	if (careful)
		RESUME_INTERRUPTS();
	if (!answered)
		CHECK_FOR_INTERRUPTS();
}

static bool
is_transient(const GrantAnswer *answer)
{
	if (answer->failure != HTTP_OK)
		return mo_retry_failure(answer->failure);
	return mo_retry_status(answer->status) || (answer->status == 200 && answer->object == NULL);
}

/*
 * Blackens a secret, and the way a form spells it.
 */
static void
redact(char *words, const char *secret)
{
	char *encoded;

	if (secret == NULL)
		return;
	mo_secret_redact(words, secret);
	encoded = mo_http_encode(secret);
	mo_secret_redact(words, encoded);
	mo_secret_wipe(encoded);
	pfree(encoded);
}

/*
 * A service's words for an error: without our secrets, control characters and
 * the end of a long story.  NULL if there are none.
 */
static char *
service_words(const Credential *c, const Form *form, Jsonb *object)
{
	char *code = object == NULL ? NULL : mo_object_member(object, "error");
	char *text = object == NULL ? NULL : mo_object_member(object, "error_description");
	char *words;

	if (code == NULL && text == NULL)
		return NULL;
	words = psprintf("%s%s%s", code != NULL ? code : "",
					 code != NULL && text != NULL ? ": " : "", text != NULL ? text : "");
	redact(words, c->private_key);
	redact(words, c->client_secret);
	redact(words, c->refresh_token);
	redact(words, c->previous);
	redact(words, form->assertion);
	if (form->header != NULL)
		mo_secret_redact(words, strrchr(form->header, ' ') + 1);
	words[pg_mbcliplen(words, strlen(words), MAX_WORDS)] = '\0';
	for (char *p = words; *p != '\0'; p++)
	{
		if ((unsigned char) *p < ' ')
			*p = ' ';
	}
	return words;
}

static void
ask_patiently(const GrantRequest *req, const Credential *c, const Form *form, GrantAnswer *answer)
{
	int64 waited_ms = 0;

	for (int attempt = 1;; attempt++)
	{
		int64 delay_ms;

		post(req, c, form, answer);
		if (!is_transient(answer) || attempt == MO_RETRY_ATTEMPTS)
			return;
		delay_ms = mo_retry_delay(attempt, answer->retry_ms);
		if (!mo_retry_in_budget(waited_ms, delay_ms))
			return;
		mo_http_sleep(delay_ms, 0);
		waited_ms += delay_ms;
	}
}

void
mo_grant_ask(const GrantRequest *req, const Credential *c, int64 now, GrantAnswer *answer)
{
	Form form;

	make_form(req, c, now, &form);
	PG_TRY();
	{
		ask_patiently(req, c, &form, answer);
		if (answer->status != 200)
			answer->words = service_words(c, &form, answer->object);
	}
	PG_FINALLY();
	{
		wipe_form(&form);
	}
	PG_END_TRY();
}

char *
mo_grant_token(const GrantAnswer *answer)
{
	char *token;

	if (answer->failure != HTTP_OK || answer->status != 200 || answer->object == NULL)
		return NULL;
	token = mo_object_member(answer->object, "access_token");
	return token == NULL || token[0] == '\0' ? NULL : token;
}

/*
 * What to do about a refusal; NULL if we do not know.
 */
static const char *
advice(const Credential *c, const GrantAnswer *answer)
{
	const char *words = answer->words;
	int64 skew = answer->skew_s;

	if (words == NULL)
		return NULL;
	if (c->kind == CREDENTIAL_JWT && (skew > CLOCK_SKEW_S || skew < -CLOCK_SKEW_S))
		return psprintf("Check this server's clock: it is " INT64_FORMAT
						" seconds %s the service's.",
						skew < 0 ? -skew : skew, skew < 0 ? "behind" : "ahead of");
	if (strstr(words, "short-lived token") != NULL)
		return "Check this server's clock.";
	if (strncmp(words, "invalid_grant", 13) == 0 && c->kind == CREDENTIAL_REFRESH)
		return "Its refresh token has expired, was revoked, or was used a second time, here or "
			   "elsewhere: authorize again, and store the new credential.";
	if (strncmp(words, "invalid_grant", 13) == 0)
		return "Check that the account still exists and that this key of it was not deleted.";
	if (strncmp(words, "invalid_client", 14) == 0)
		return "Check client id and secret.";
	return NULL;
}

void
mo_grant_refuse(const Credential *c, const GrantAnswer *answer)
{
	const char *words = answer->words;
	const char *hint;

	if (answer->failure != HTTP_OK)
		ereport(ERROR,
				(errcode(answer->failure == HTTP_TOO_LARGE ? ERRCODE_PROGRAM_LIMIT_EXCEEDED
														   : ERRCODE_CONNECTION_FAILURE),
				 errmsg("could not get an access token"),
				 errdetail("The request failed: %s.", answer->message)));
	if (mo_retry_status(answer->status) || (answer->status == 200 && answer->object == NULL))
		ereport(ERROR,
				(errcode(answer->status == 429 ? ERRCODE_CONFIGURATION_LIMIT_EXCEEDED
											   : ERRCODE_CONNECTION_FAILURE),
				 errmsg("could not get an access token"),
				 answer->object == NULL
					 ? errdetail("The service answered with status %d and no JSON object.",
								 answer->status)
					 : errdetail("The service answered with status %d: %s", answer->status,
								 words != NULL ? words : "it did not say why."),
				 answer->retry_ms >= 0
					 ? errhint("It asks to wait " INT64_FORMAT " seconds.", answer->retry_ms / 1000)
					 : 0));
	hint = advice(c, answer);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
			 errmsg("the service refused to give an access token"),
			 words != NULL ? errdetail("It answered with status %d: %s", answer->status, words)
						   : errdetail("It answered with status %d and did not say why.",
									   answer->status),
			 hint != NULL ? errhint("%s", hint) : 0));
}
