/*-------------------------------------------------------------------------
 *
 * credential.c
 *	  The parts of a credential, and small JSON objects in general.
 *
 * Objects of a few members, read whole by PostgreSQL's own jsonb; the streams
 * of records are fdw/json's.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "secret/credential.h"
#include "secret/secret.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/numeric.h"

/*
 * Is this error about the text, not about the session?
 */
static bool
is_about_text(int sqlstate)
{
	int category = ERRCODE_TO_CATEGORY(sqlstate);

	return category == ERRCODE_TO_CATEGORY(ERRCODE_DATA_EXCEPTION) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_PROGRAM_LIMIT_EXCEEDED);
}

Jsonb *
mo_object_read(const char *text)
{
	MemoryContext context = CurrentMemoryContext;
	Jsonb *volatile object = NULL;

	if (!pg_verify_mbstr(GetDatabaseEncoding(), text, strlen(text), true))
		return NULL;
	/* jsonb_in does nothing but allocate: no subtransaction is needed */
	PG_TRY();
	{
		object = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
	}
	PG_CATCH();
	{
		if (!is_about_text(geterrcode()))
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return object != NULL && JB_ROOT_IS_OBJECT(object) ? object : NULL;
}

char *
mo_object_member(Jsonb *object, const char *name)
{
	JsonbValue *v = getKeyJsonValueFromContainer(&object->root, name, strlen(name), NULL);

	if (v != NULL && v->type == jbvString)
		return pnstrdup(v->val.string.val, v->val.string.len);
	if (v != NULL && v->type == jbvNumeric)
		return DatumGetCString(DirectFunctionCall1(numeric_out,
												   NumericGetDatum(v->val.numeric)));
	return NULL;
}

/*
 * A token without the line end and blanks that came along with it.
 */
static char *
trim(const char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	return pnstrdup(text, len);
}

static void
unknown_form(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
			 errmsg("the credential has no form that we know"),
			 errhint("It is a bare token, a service account's key file, or a JSON object with "
					 "\"client_id\", \"client_secret\" and perhaps \"refresh_token\", or with "
					 "\"username\" and \"password\".")));
}

/* "user:password" of an object that names the two, or NULL. */
static char *
basic_pair(Jsonb *object)
{
	char *user = mo_object_member(object, "username");
	char *password = mo_object_member(object, "password");
	char *pair;

	if (user == NULL || password == NULL || strchr(user, ':') != NULL)
		return NULL;
	pair = psprintf("%s:%s", user, password);
	mo_secret_wipe(password);
	return pair;
}

Credential *
mo_credential_read(const char *text)
{
	Credential *c = palloc0(sizeof(Credential));
	Jsonb *object;
	char *type;

	c->token = trim(text);
	if (c->token[0] != '{')
	{
		if (c->token[0] == '\0')
			unknown_form();
		c->kind = CREDENTIAL_BARE;
		return c;
	}
	object = mo_object_read(c->token);
	mo_secret_wipe(c->token);
	c->token = NULL;
	if (object == NULL)
		unknown_form();
	c->client_email = mo_object_member(object, "client_email");
	c->private_key = mo_object_member(object, "private_key");
	c->private_key_id = mo_object_member(object, "private_key_id");
	c->client_id = mo_object_member(object, "client_id");
	c->client_secret = mo_object_member(object, "client_secret");
	c->refresh_token = mo_object_member(object, "refresh_token");
	c->previous = mo_object_member(object, "previous_refresh_token");
	c->rotates = mo_object_member(object, "rotates") != NULL;
	c->token = basic_pair(object);
	type = mo_object_member(object, "type");
	explicit_bzero(object, VARSIZE(object));

	if (type != NULL && strcmp(type, "service_account") == 0)
	{
		if (c->client_email == NULL || c->private_key == NULL)
			unknown_form();
		c->kind = CREDENTIAL_JWT;
	}
	else if (c->token != NULL)
		c->kind = CREDENTIAL_BARE;
	else if (c->client_id == NULL || c->client_secret == NULL)
		unknown_form();
	else
		c->kind = c->refresh_token != NULL ? CREDENTIAL_REFRESH : CREDENTIAL_CLIENT;
	return c;
}

void
mo_credential_wipe(Credential *c)
{
	mo_secret_wipe(c->token);
	mo_secret_wipe(c->private_key);
	mo_secret_wipe(c->client_secret);
	mo_secret_wipe(c->refresh_token);
	mo_secret_wipe(c->previous);
}

/*
 * "2026-12-31", "2026-12-31T10:00:00Z" or "...+01:00" in seconds since 1970; 0 if
 * it is none of them.
 */
static int64
iso_time(const char *text)
{
	int y, mon, d;
	int h = 0, min = 0, s = 0;
	int zone_h = 0, zone_min = 0;
	char sign = '+';
	int n = sscanf(text, "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d", &y, &mon, &d, &h, &min, &s);
	const char *zone = n == 6 ? strpbrk(text + 19, "+-") : NULL;
	int64 days;

	if (n < 3 || y < 1970 || mon < 1 || mon > 12 || d < 1 || d > 31)
		return 0;
	if (zone != NULL && sscanf(zone, "%c%2d:%2d", &sign, &zone_h, &zone_min) < 2)
		return 0;
	days = date2j(y, mon, d) - UNIX_EPOCH_JDATE;
	return ((days * 24 + h) * 60 + min) * 60 + s -
		   (sign == '-' ? -1 : 1) * (zone_h * 60 + zone_min) * 60;
}

int64
mo_credential_expires(const char *text)
{
	Jsonb *object = text[strspn(text, " \t\r\n")] == '{' ? mo_object_read(text) : NULL;
	char *member = object == NULL ? NULL : mo_object_member(object, "expires_at");
	int64 expires = 0;

	if (member != NULL && strchr(member, '-') != NULL)
		expires = iso_time(member);
	else if (member != NULL)
		expires = strtoll(member, NULL, 10);
	if (object != NULL)
		explicit_bzero(object, VARSIZE(object));
	return Max(expires, 0);
}

static void
append_member(StringInfo out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	appendStringInfoChar(out, out->len == 0 ? '{' : ',');
	escape_json(out, name);
	appendStringInfoChar(out, ':');
	escape_json(out, value);
}

char *
mo_credential_text(const Credential *c)
{
	StringInfoData out;

	/* no copy of a secret stays behind in a smaller piece of memory */
	initStringInfo(&out);
	enlargeStringInfo(&out, MO_SECRET_VALUE_LEN);
	append_member(&out, "client_id", c->client_id);
	append_member(&out, "client_secret", c->client_secret);
	append_member(&out, "refresh_token", c->refresh_token);
	append_member(&out, "previous_refresh_token", c->previous);
	append_member(&out, "rotates", "yes");
	appendStringInfoChar(&out, '}');
	return out.data;
}
