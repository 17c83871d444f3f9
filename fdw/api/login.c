/*-------------------------------------------------------------------------
 *
 * login.c
 *	  The credential of a user mapping becomes the token of a request.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/defrem.h"
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
	if (renew && !mo_token_renewable(credential))
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
