/*-------------------------------------------------------------------------
 *
 * login.c
 *	  The credential of a user mapping becomes the token of a request.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/defrem.h"
#include "common/base64.h"
#include "foreign/foreign.h"
#include "miscadmin.h"

#include "api/internal.h"
#include "secret/grant.h"
#include "secret/secret.h"

static char *
mapping_option(UserMapping *mapping, const char *name)
{
	ListCell *lc;

	foreach (lc, mapping->options)
	{
		DefElem *def = lfirst(lc);

		if (strcmp(def->defname, name) == 0)
			return defGetString(def);
	}
	return NULL;
}

static bool
is_basic(const Connector *connector)
{
	return strstr(connector->auth_header, "{basic}") != NULL;
}

/*
 * {basic}: the credential, which is "user:password", as Basic authentication
 * has it (RFC 7617).  Only for a header that is about to be sent.
 */
const char *
mo_login_basic(ApiScan *scan)
{
	const char *token = scan->token;
	int len;
	char *text;

	if (token == NULL)
		return NULL;
	if (strchr(token, ':') == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the credential for server \"%s\" is no user name and password",
						scan->spec->server_name),
				 errhint("Store it as user:password, or as a JSON object with \"username\" and "
						 "\"password\".")));
	len = pg_b64_enc_len((int) strlen(token));
	text = palloc0(len + 1);
	if (pg_b64_encode(token, (int) strlen(token), text, len) < 0)
		elog(ERROR, "could not encode a credential");
	return text;
}

/*
 * The token for the scan's user and server.  "renew" asks for a fresh one
 * after the service refused the last; NULL when there is none to be had that
 * way.  To be wiped after use.
 */
char *
mo_login_token(ApiScan *scan, bool renew)
{
	const ApiSpec *spec = scan->spec;
	UserMapping *mapping = GetUserMapping(spec->user, spec->server);
	const char *name = mapping_option(mapping, "secret");
	const char *literal = mapping_option(mapping, "credential");
	const char *insecure = mo_api_option(scan, "allow_insecure");
	const char *token_url = mo_api_option(scan, "token_url");
	GrantRequest req = {0};
	char *credential;
	char *token;

	if (name == NULL && literal == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
				 errmsg("user mapping for server \"%s\" has no credential", spec->server_name),
				 errhint("Set option \"secret\" to the name of a stored secret.")));
	credential = name ? mo_secret_get(name) : pstrdup(literal);
	if (renew && (is_basic(spec->connector) || !mo_token_renewable(credential)))
	{
		mo_secret_wipe(credential);
		return NULL;
	}
	req.credential = credential;
	req.token_url = token_url;
	if (token_url == NULL && spec->connector->token_url != NULL)
		req.token_url =
			spec->connector->token_url[0] == '/'
				? psprintf("%s%s", mo_request_base(scan, NULL), spec->connector->token_url)
				: spec->connector->token_url;
	req.scope = spec->connector->token_scope;
	req.basic = spec->connector->token_basic;
	req.ca_file = mo_api_option(scan, "ca_file");
	req.allow_insecure = insecure != NULL && strcmp(insecure, "true") == 0;
	req.force_new = renew;
	PG_TRY();
	{
		token = mo_token_get(&req);
	}
	PG_FINALLY();
	{
		mo_secret_wipe(credential);
	}
	PG_END_TRY();
	return token;
}
