/*-------------------------------------------------------------------------
 *
 * grant.c
 *	  Turns a credential into a token: one kept, or one bought alone.
 *
 * Who finds no good token takes the credential's lock and looks again; whoever
 * waited for it finds what the first one bought.  The lock is the lock
 * manager's: it ends with its holder, however that ends, it is waited for with
 * all interrupts, and it does not need shared memory of ours.  Without that
 * (not preloaded) every backend buys a token of its own, one after the other.
 *
 * A refresh token that the service replaced is stored before the access token
 * that came with it is used, outside of any transaction.  The one before it
 * stays as the previous one until the new one has been good for something: if
 * the service never came to know the new one, the old one still opens it.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <openssl/evp.h>
#include <time.h>

#include "access/xlog.h"
#include "miscadmin.h"
#include "secret/ask.h"
#include "secret/credential.h"
#include "secret/grant.h"
#include "secret/token.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define EARLY_S 60           /* a token is not used in its last minute */
#define USUAL_LIFETIME_S 600 /* where the answer does not say */
#define MAX_LIFETIME_S (24 * 60 * 60)
#define CLOCK_SKEW_S 60 /* beyond which a JWT is tried again by the service's clock */

/* One call's work; wiped when its context goes, however it ends */
typedef struct Purchase
{
	MemoryContext cxt;
	MemoryContextCallback callback;
	const GrantRequest *req;
	Secret *secret; /* opened again under the lock; or NULL */
	Credential *credential;
	unsigned char hash[MO_TOKEN_HASH_LEN];
} Purchase;

static void
wipe_purchase(void *arg)
{
	Purchase *p = arg;

	mo_secret_close(p->secret);
	if (p->credential != NULL)
		mo_credential_wipe(p->credential);
}

/*
 * What a token is kept under.  A stored secret is known by its id: the value
 * changes when the service rotates it, the tokens it bought stay good.
 */
static void
hash_request(const GrantRequest *req, const Secret *secret, unsigned char *hash)
{
	const char *parts[] = {secret != NULL ? "" : req->credential, req->token_url, req->scope};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool done = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
				(secret == NULL || EVP_DigestUpdate(ctx, secret->id, MO_SECRET_ID_LEN) == 1);

	for (int i = 0; done && i < (int) lengthof(parts); i++)
	{
		const char *part = parts[i] != NULL ? parts[i] : "";

		done = EVP_DigestUpdate(ctx, part, strlen(part) + 1) == 1;
	}
	done = done && EVP_DigestFinal_ex(ctx, hash, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	if (!done)
		elog(ERROR, "could not compute a hash");
}

/*
 * The kept token, or NULL: none, or the one that was refused.
 */
static char *
kept_token(const Purchase *p)
{
	char *token = mo_token_find(p->hash);

	if (token == NULL || p->req->refused == NULL || strcmp(token, p->req->refused) != 0)
		return token;
	mo_secret_wipe(token);
	return NULL;
}

static void
keep_token(const Purchase *p, const GrantAnswer *answer, const char *token)
{
	char *text = mo_object_member(answer->object, "expires_in");
	double lifetime = text == NULL ? USUAL_LIFETIME_S : strtod(text, NULL);

	if (!(lifetime > 0))
		return; /* not even now, it says */
	if (strpbrk(token, "\r\n") != NULL)
		return; /* no header can hold it */
	lifetime = Min(lifetime, MAX_LIFETIME_S);
	lifetime = lifetime > 2 * EARLY_S ? lifetime - EARLY_S : lifetime / 2;
	mo_token_keep(p->hash, token, (int64) time(NULL) + (int64) lifetime);
}

/*
 * When the refresh token that came along ends, as far as the service says so;
 * 0 if it does not: what was known of the one before it is no longer true.
 */
static int64
refresh_token_end(const GrantAnswer *answer)
{
	char *text = mo_object_member(answer->object, "x_refresh_token_expires_in");
	double lifetime;

	if (text == NULL)
		text = mo_object_member(answer->object, "refresh_token_expires_in");
	lifetime = text == NULL ? 0 : strtod(text, NULL);
	return lifetime > 0 && lifetime < 1e10 ? (int64) time(NULL) + (int64) lifetime : 0;
}

/*
 * Sees to it that the refresh token to use next is stored.  No interrupt may
 * come between the answer and this.
 */
static void
keep_refresh_token(const Purchase *p, const GrantAnswer *answer)
{
	Credential *c = p->credential;
	char *given = mo_object_member(answer->object, "refresh_token");
	bool rotated = given != NULL && given[0] != '\0' && strcmp(given, c->refresh_token) != 0;
	char *text;

	if (!rotated && c->previous == NULL)
		return;
	if (p->secret == NULL)
	{
		if (rotated)
			ereport(WARNING,
					(errmsg("the service replaced the refresh token, and the new one is not kept"),
					 errhint("A user mapping cannot keep it: store the credential as a secret, "
							 "and name that in option \"secret\".")));
		mo_secret_wipe(given);
		return;
	}
	HOLD_INTERRUPTS();
	mo_secret_wipe(c->previous);
	c->previous = rotated ? c->refresh_token : NULL;
	if (rotated)
		c->refresh_token = given;
	text = mo_credential_text(c);
	/* stored anew meanwhile: what we hold belongs to the credential before it */
	(void) mo_secret_rotate(p->secret, text,
							rotated ? refresh_token_end(answer) : p->secret->expires);
	mo_secret_wipe(text);
	RESUME_INTERRUPTS();
}

static bool
was_refused(const GrantAnswer *answer, const char *code)
{
	return answer->failure == HTTP_OK && answer->words != NULL &&
		   strncmp(answer->words, code, strlen(code)) == 0;
}

/*
 * Asks, and once more where we know what else to say: a JWT by the service's
 * clock, the refresh token before this one.
 */
static void
ask(const Purchase *p, GrantAnswer *answer)
{
	Credential *c = p->credential;
	int64 now = time(NULL);

	mo_grant_ask(p->req, c, now, answer);
	if (!was_refused(answer, "invalid_grant"))
		return;
	if (c->kind == CREDENTIAL_JWT && llabs(answer->skew_s) > CLOCK_SKEW_S)
		mo_grant_ask(p->req, c, now - answer->skew_s, answer);
	else if (c->kind == CREDENTIAL_REFRESH && c->previous != NULL)
	{
		char *current = c->refresh_token;

		c->refresh_token = c->previous;
		c->previous = current;
		mo_grant_ask(p->req, c, now, answer);
	}
}

/*
 * A standby has a copy of the store: a refresh there would take the refresh
 * token away from the primary.
 */
static void
check_standby(const Credential *c)
{
	if (c->kind == CREDENTIAL_REFRESH && c->rotates && RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("cannot use a refresh token that its service replaces during recovery"),
				 errdetail("The primary would lose it."),
				 errhint("Run the query on the primary.")));
}

/*
 * Buys a token and keeps it.
 */
static char *
buy(const Purchase *p)
{
	GrantAnswer answer;
	char *token;

	/* a key file's "token_uri" would let whoever wrote it choose where we post */
	if (p->req->token_url == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the service takes a bare token as its credential"),
				 errhint("Store the token itself, not a JSON object.")));
	check_standby(p->credential);
	/* better to know before the service replaces what we then cannot store */
	if (p->secret != NULL && p->credential->kind == CREDENTIAL_REFRESH)
		mo_secret_try_rotate();
	ask(p, &answer);
	token = mo_grant_token(&answer);
	if (token == NULL)
		mo_grant_refuse(p->credential, &answer);
	if (p->credential->kind == CREDENTIAL_REFRESH)
		keep_refresh_token(p, &answer);
	keep_token(p, &answer, token);
	explicit_bzero(answer.object, VARSIZE(answer.object));
	return token;
}

/*
 * Buys a token while nobody else does from the same credential, unless
 * somebody just did.
 */
static char *
buy_alone(Purchase *p)
{
	const GrantRequest *req = p->req;
	const char *name = req->secret != NULL ? req->secret->name : (const char *) p->hash;
	size_t len = req->secret != NULL ? strlen(name) : MO_TOKEN_HASH_LEN;
	char *token;

	mo_secret_lock(name, len);
	if (req->secret != NULL)
	{
		/* whoever held the lock may have stored another refresh token */
		p->secret = mo_secret_open(req->secret->name, req->user);
		mo_credential_wipe(p->credential);
		p->credential = mo_credential_read(p->secret->value);
		hash_request(req, p->secret, p->hash);
	}
	token = kept_token(p);
	if (token == NULL)
		token = p->credential->kind == CREDENTIAL_BARE ? pstrdup(p->credential->token) : buy(p);
	mo_secret_unlock(name, len);
	return token;
}

char *
mo_token_get(const GrantRequest *req)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext cxt = AllocSetContextCreate(caller, "momentum grant", ALLOCSET_SMALL_SIZES);
	Purchase *p = MemoryContextAllocZero(cxt, sizeof(Purchase));
	char *token;
	char *result;

	p->cxt = cxt;
	p->req = req;
	p->callback.func = wipe_purchase;
	p->callback.arg = p;
	MemoryContextRegisterResetCallback(cxt, &p->callback);
	MemoryContextSwitchTo(cxt);
	p->credential = mo_credential_read(req->secret != NULL ? req->secret->value : req->credential);
	if (p->credential->kind == CREDENTIAL_BARE)
		token = pstrdup(p->credential->token);
	else
	{
		hash_request(req, req->secret, p->hash);
		token = kept_token(p);
		if (token == NULL)
			token = buy_alone(p);
	}
	MemoryContextSwitchTo(caller);
	result = pstrdup(token);
	mo_secret_wipe(token);
	MemoryContextDelete(cxt);
	return result;
}

bool
mo_token_renewable(const char *credential)
{
	return credential[strspn(credential, " \t\r\n")] == '{';
}
