/*-------------------------------------------------------------------------
 *
 * grant.c
 *	  Turns a credential into a token (OAuth 2.0, RFC 6749 and 7523).
 *
 * A bought token is kept in this backend until a minute before its end, under
 * the hash of what bought it: no copy of the credential stays behind.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <openssl/evp.h>
#include <time.h>

#include "common/base64.h"
#include "http/http.h"
#include "http/retry.h"
#include "mb/pg_wchar.h"
#include "secret/credential.h"
#include "secret/grant.h"
#include "secret/jwt.h"
#include "secret/secret.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#define HASH_LEN 32
#define MAX_CACHED 256         /* more than a backend's sources */
#define EARLY_S 60             /* a token is not used in its last minute */
#define USUAL_LIFETIME_S 600   /* where the answer does not say */
#define MAX_ANSWER (64 * 1024) /* real ones have 1 to 2 kB */
#define MAX_WORDS 512          /* of a service, in an error */
#define CLOCK_SKEW_S 60        /* worth mentioning */

#define JWT_GRANT "urn:ietf:params:oauth:grant-type:jwt-bearer"

typedef struct CachedToken
{
	char hash[HASH_LEN]; /* of credential, URL and scope */
	char *token;         /* in TopMemoryContext */
	int64 until;         /* seconds since 1970 */
} CachedToken;

/* What the token endpoint said. */
typedef struct Answer
{
	HttpFailureKind failure;
	char *message; /* of the failure */
	int status;
	Jsonb *object; /* NULL if the body is no JSON object */
	int64 retry_ms;
	int64 date; /* seconds since 1970, -1 = unknown */
} Answer;

static HTAB *cache = NULL;

static void
hash_request(const GrantRequest *req, char *hash)
{
	const char *parts[] = {req->credential, req->token_url, req->scope};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool done = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;

	for (int i = 0; done && i < (int) lengthof(parts); i++)
	{
		const char *part = parts[i] != NULL ? parts[i] : "";

		done = EVP_DigestUpdate(ctx, part, strlen(part) + 1) == 1;
	}
	done = done && EVP_DigestFinal_ex(ctx, (unsigned char *) hash, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	if (!done)
		elog(ERROR, "could not compute a hash");
}

static void
forget(CachedToken *cached)
{
	mo_secret_wipe(cached->token);
	pfree(cached->token);
	(void) hash_search(cache, cached->hash, HASH_REMOVE, NULL);
}

/*
 * The cached token, or NULL.
 */
static const char *
cached_token(const char *hash)
{
	CachedToken *cached = cache == NULL ? NULL : hash_search(cache, hash, HASH_FIND, NULL);

	if (cached != NULL && cached->until <= (int64) time(NULL))
	{
		forget(cached);
		return NULL;
	}
	return cached == NULL ? NULL : cached->token;
}

static void
make_cache(void)
{
	HASHCTL ctl = {.keysize = HASH_LEN, .entrysize = sizeof(CachedToken), .hcxt = TopMemoryContext};

	cache = hash_create("momentum tokens", 32, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * Keeps a token.  A full cache is emptied: that costs a grant per source.
 */
static void
keep_token(const char *hash, const char *token, int64 lifetime_s)
{
	CachedToken *cached;
	char *copy;

	if (cache == NULL)
		make_cache();
	cached = hash_search(cache, hash, HASH_FIND, NULL);
	if (cached != NULL)
		forget(cached);
	if (hash_get_num_entries(cache) >= MAX_CACHED)
	{
		HASH_SEQ_STATUS all;

		hash_seq_init(&all, cache);
		while ((cached = hash_seq_search(&all)) != NULL)
			forget(cached);
	}
	copy = MemoryContextStrdup(TopMemoryContext, token);
	cached = hash_search(cache, hash, HASH_ENTER, NULL);
	cached->token = copy;
	cached->until = time(NULL) + (lifetime_s > 2 * EARLY_S ? lifetime_s - EARLY_S : lifetime_s / 2);
}

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

static void
append_client(StringInfo form, const GrantRequest *req, const Credential *c)
{
	if (req->basic)
		return;
	append_field(form, "client_id", c->client_id);
	append_field(form, "client_secret", c->client_secret);
}

/*
 * "Authorization: Basic ..." of the client (RFC 6749, 2.3.1: both parts are
 * form-encoded first); NULL where the form says who it is.
 */
static char *
client_header(const GrantRequest *req, const Credential *c)
{
	char *pair;
	char *header;
	int len;
	int start = strlen("Authorization: Basic ");

	if (!req->basic || c->client_id == NULL || c->client_secret == NULL)
		return NULL;
	pair = psprintf("%s:%s", mo_http_encode(c->client_id), mo_http_encode(c->client_secret));
	len = pg_b64_enc_len((int) strlen(pair));
	header = palloc0(start + len + 1);
	memcpy(header, "Authorization: Basic ", start);
	if (pg_b64_encode(pair, (int) strlen(pair), header + start, len) < 0)
		elog(ERROR, "could not encode a credential");
	mo_secret_wipe(pair);
	return header;
}

/*
 * The form that asks for a token.
 */
static char *
make_form(const GrantRequest *req, const Credential *c, const char *url)
{
	StringInfoData form;
	char *jwt;

	initStringInfo(&form);
	switch (c->kind)
	{
		case CREDENTIAL_JWT:
			jwt = mo_jwt_make(c->client_email, url, req->scope, c->private_key_id,
							  c->private_key, time(NULL));
			append_field(&form, "grant_type", JWT_GRANT);
			append_field(&form, "assertion", jwt);
			mo_secret_wipe(jwt);
			break;
		case CREDENTIAL_REFRESH:
			append_field(&form, "grant_type", "refresh_token");
			append_client(&form, req, c);
			append_field(&form, "refresh_token", c->refresh_token);
			break;
		case CREDENTIAL_CLIENT:
			append_field(&form, "grant_type", "client_credentials");
			append_client(&form, req, c);
			append_field(&form, "scope", req->scope);
			break;
		case CREDENTIAL_BARE:
			elog(ERROR, "a bare token needs no grant");
	}
	return form.data;
}

/*
 * Posts the form once.
 */
static void
ask(const GrantRequest *req, const Credential *c, const char *url, const char *form,
	Answer *answer)
{
	HttpRequest http = {
		.method = "POST",
		.url = url,
		.headers = list_make2("Content-Type: application/x-www-form-urlencoded",
							  "Accept: application/json"),
		.body = form,
		.ca_file = req->ca_file,
		.allow_insecure = req->allow_insecure,
		.max_wire = MAX_ANSWER,
		.max_body = MAX_ANSWER,
	};
	char *client = client_header(req, c);
	HttpTransfer *t;
	StringInfoData body;
	const char *message;

	if (client != NULL)
		http.headers = lappend(http.headers, client);
	t = mo_http_start(CurrentMemoryContext, &http);
	mo_secret_wipe(client);
	initStringInfo(&body);
	while (mo_http_wait(t))
	{
		size_t len;
		const char *data = mo_http_data(t, &len);

		appendBinaryStringInfo(&body, data, len);
		mo_http_consume(t, len);
	}
	memset(answer, 0, sizeof(*answer));
	answer->failure = mo_http_failure(t, &message);
	answer->message = message == NULL ? NULL : pstrdup(message);
	answer->status = mo_http_status(t);
	answer->date = mo_http_date(mo_http_header(t, "Date"));
	answer->retry_ms = mo_retry_after(mo_http_header(t, "Retry-After"), mo_http_header(t, "Date"));
	if (answer->failure == HTTP_OK)
		answer->object = mo_object_read(body.data);
	mo_http_close(t);
	explicit_bzero(body.data, body.maxlen);
}

static bool
is_transient(const Answer *answer)
{
	if (answer->failure != HTTP_OK)
		return mo_retry_failure(answer->failure);
	return mo_retry_status(answer->status) || (answer->status == 200 && answer->object == NULL);
}

/*
 * Posts the form until there is an answer that another attempt would not
 * better, or attempts are over.
 */
static void
ask_patiently(const GrantRequest *req, const Credential *c, const char *url, const char *form,
			  Answer *answer)
{
	for (int attempt = 1;; attempt++)
	{
		int64 delay_ms;

		ask(req, c, url, form, answer);
		if (!is_transient(answer) || attempt == MO_RETRY_ATTEMPTS)
			return;
		delay_ms = mo_retry_delay(attempt, answer->retry_ms);
		if (!mo_retry_affordable(delay_ms))
			return;
		mo_http_sleep(delay_ms, 0);
	}
}

/*
 * A service's words for an error: without our secrets, control characters and
 * the end of a long story.  NULL if there are none.
 */
static char *
service_words(const Credential *c, Jsonb *object)
{
	char *code = object == NULL ? NULL : mo_object_member(object, "error");
	char *text = object == NULL ? NULL : mo_object_member(object, "error_description");
	char *words;

	if (code == NULL && text == NULL)
		return NULL;
	words = psprintf("%s%s%s", code != NULL ? code : "",
					 code != NULL && text != NULL ? ": " : "", text != NULL ? text : "");
	mo_credential_redact(c, words);
	words[pg_mbcliplen(words, strlen(words), MAX_WORDS)] = '\0';
	for (char *p = words; *p != '\0'; p++)
	{
		if ((unsigned char) *p < ' ')
			*p = ' ';
	}
	return words;
}

/*
 * What to do about a refusal; NULL if we do not know.
 */
static const char *
advice(const Credential *c, const Answer *answer, const char *words)
{
	int64 skew = answer->date < 0 ? 0 : (int64) time(NULL) - answer->date;

	if (words == NULL)
		return NULL;
	if (c->kind == CREDENTIAL_JWT && (skew > CLOCK_SKEW_S || skew < -CLOCK_SKEW_S))
		return psprintf("Check this server's clock: it is " INT64_FORMAT
						" seconds %s the service's.",
						skew < 0 ? -skew : skew, skew < 0 ? "behind" : "ahead of");
	if (strstr(words, "short-lived token") != NULL)
		return "Check this server's clock.";
	if (strncmp(words, "invalid_grant", 13) == 0 && c->kind == CREDENTIAL_REFRESH)
		return "Its refresh token has expired or was revoked: authorize again, and store the new "
			   "credential.";
	if (strncmp(words, "invalid_grant", 13) == 0)
		return "Check that the account still exists and that this key of it was not deleted.";
	if (strncmp(words, "invalid_client", 14) == 0)
		return "Check client id and secret.";
	return NULL;
}

/*
 * Raises what became of a request that gave no token.
 */
static void
refuse(const Credential *c, const Answer *answer)
{
	char *words;
	const char *hint;

	if (answer->failure != HTTP_OK)
		ereport(ERROR,
				(errcode(answer->failure == HTTP_TOO_LARGE ? ERRCODE_PROGRAM_LIMIT_EXCEEDED
														   : ERRCODE_CONNECTION_FAILURE),
				 errmsg("could not get an access token"),
				 errdetail("The request failed: %s.", answer->message)));
	words = service_words(c, answer->object);
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
	hint = advice(c, answer, words);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
			 errmsg("the service refused to give an access token"),
			 words != NULL ? errdetail("It answered with status %d: %s", answer->status, words)
						   : errdetail("It answered with status %d and did not say why.",
									   answer->status),
			 hint != NULL ? errhint("%s", hint) : 0));
}

/*
 * Refresh tokens that rotate are for a later release; until then say so,
 * rather than fail mysteriously tomorrow.
 */
static void
check_rotation(const Credential *c, Jsonb *object)
{
	char *given = mo_object_member(object, "refresh_token");

	if (given != NULL && c->refresh_token != NULL && strcmp(given, c->refresh_token) != 0)
		ereport(WARNING,
				(errmsg("the service replaced the refresh token, and the new one is not kept"),
				 errhint("The stored credential may soon be refused: authorize again then.")));
	mo_secret_wipe(given);
}

/*
 * Buys a token and keeps it under "hash"; palloc'd.
 */
static char *
buy(const GrantRequest *req, const Credential *c, const char *hash)
{
	const char *url = req->token_url;
	char *volatile form = NULL;
	char *token;
	char *lifetime;
	Answer answer;

	/* a key file's "token_uri" would let whoever wrote it choose where we post */
	if (url == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the service takes a bare token as its credential"),
				 errhint("Store the token itself, not a JSON object.")));
	PG_TRY();
	{
		form = make_form(req, c, url);
		ask_patiently(req, c, url, form, &answer);
	}
	PG_FINALLY();
	{
		mo_secret_wipe(form);
	}
	PG_END_TRY();

	token = answer.status == 200 && answer.object != NULL
				? mo_object_member(answer.object, "access_token")
				: NULL;
	if (token == NULL || token[0] == '\0')
		refuse(c, &answer);
	check_rotation(c, answer.object);
	lifetime = mo_object_member(answer.object, "expires_in");
	keep_token(hash, token, lifetime == NULL ? USUAL_LIFETIME_S : (int64) strtod(lifetime, NULL));
	explicit_bzero(answer.object, VARSIZE(answer.object));
	return token;
}

/*
 * A token made anew from the credential, allocated in "result_context".
 */
static char *
new_token(const GrantRequest *req, const char *hash, MemoryContext result_context)
{
	Credential *c = mo_credential_read(req->credential);
	char *volatile token = NULL;

	PG_TRY();
	{
		if (c->kind == CREDENTIAL_BARE)
			token = MemoryContextStrdup(result_context, c->token);
		else
		{
			char *bought = buy(req, c, hash);

			token = MemoryContextStrdup(result_context, bought);
			mo_secret_wipe(bought);
		}
	}
	PG_FINALLY();
	{
		mo_credential_wipe(c);
	}
	PG_END_TRY();
	return token;
}

char *
mo_token_get(const GrantRequest *req)
{
	MemoryContext result_context = CurrentMemoryContext;
	MemoryContext work;
	char hash[HASH_LEN];
	const char *cached;
	char *token;

	hash_request(req, hash);
	cached = req->force_new ? NULL : cached_token(hash);
	if (cached != NULL)
		return pstrdup(cached);

	work = AllocSetContextCreate(CurrentMemoryContext, "momentum grant", ALLOCSET_SMALL_SIZES);
	MemoryContextSwitchTo(work);
	token = new_token(req, hash, result_context);
	MemoryContextSwitchTo(result_context);
	MemoryContextDelete(work);
	return token;
}

bool
mo_token_renewable(const char *credential)
{
	return credential[strspn(credential, " \t\r\n")] == '{';
}
