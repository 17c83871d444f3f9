/*-------------------------------------------------------------------------
 *
 * login.c
 *	  Who may ask the service, and with which credential.
 *
 * As with postgres_fdw the user who is judged is the mapping's: the owner of
 * a view lets others read through it, on the owner's credential.  Nobody else
 * but a superuser rides on what the server itself is known by: a mapping has
 * to carry a credential, or a superuser's word that it needs none.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/defrem.h"
#include "common/base64.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/syscache.h"

#include "access.h"
#include "api/internal.h"
#include "secret/grant.h"
#include "secret/secret.h"

static bool foreign_scan = false;

void
mo_login_init(void)
{
	DefineCustomBoolVariable("momentum.foreign_scan",
							 "Lets roles read foreign tables that are neither superusers nor of "
							 "the owner level.",
							 "Off, so that a stray grant spends no quota of a service.",
							 &foreign_scan, false, PGC_SUSET, 0, NULL, NULL, NULL);
}

/*
 * Raises unless the user may make requests at all.
 */
static void
check_admitted(Oid user)
{
	if (foreign_scan || superuser_arg(user) || mo_access_is_owner(user))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("role \"%s\" may not read foreign tables", GetUserNameFromId(user, false)),
			 errdetail("The setting \"momentum.foreign_scan\" is off; then only superusers and the "
					   "owner level may."),
			 errhint("A superuser can turn it on for a role: ALTER ROLE ... SET "
					 "momentum.foreign_scan = on.")));
}

static bool
has_mapping(Oid user, Oid server)
{
	return SearchSysCacheExists2(USERMAPPINGUSERSERVER, ObjectIdGetDatum(user),
								 ObjectIdGetDatum(server));
}

/*
 * The user's own mapping.  One for PUBLIC is as good as none: whoever may
 * connect would ride on its credential.
 */
static UserMapping *
own_mapping(const ApiSpec *spec)
{
	if (!has_mapping(spec->user, spec->server) && has_mapping(InvalidOid, spec->server))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("user mapping not found for \"%s\"", GetUserNameFromId(spec->user, false)),
				 errdetail("The mapping for PUBLIC of server \"%s\" is never used.",
						   spec->server_name),
				 errhint("Create a mapping for the role, and drop that for PUBLIC.")));
	return GetUserMapping(spec->user, spec->server);
}

static const char *
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
	if (mo_b64_encode(token, (int) strlen(token), text, len) < 0)
		elog(ERROR, "could not encode a credential");
	return text;
}

/*
 * May the mapping do without a credential?  Raises if not.
 */
static void
check_without(const ApiSpec *spec, UserMapping *mapping)
{
	const char *required = mapping_option(mapping, "credential_required");
	bool value;

	if (required != NULL && parse_bool(required, &value) && !value)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
			 errmsg("user mapping for server \"%s\" has no credential", spec->server_name),
			 errhint("Set option \"secret\" to the name of a stored secret.")));
}

/*
 * Where a grant is made; NULL if credentials of the service are tokens.
 */
static const char *
token_url(ApiScan *scan)
{
	const char *url = mo_api_option(scan, "token_url");

	if (url == NULL)
		url = scan->spec->connector->token_url;
	if (url != NULL && url[0] == '/')
		url = psprintf("%s%s", mo_request_base(scan, NULL), url);
	return url;
}

/*
 * The token for an opened secret, or else a literal credential, in the current
 * context.
 */
static char *
get_token(ApiScan *scan, const Secret *secret, const char *literal, const char *refused)
{
	const ApiSpec *spec = scan->spec;
	const char *insecure = mo_api_option(scan, "allow_insecure");
	const char *credential = secret != NULL ? secret->value : literal;
	GrantRequest req = {
		.secret = secret,
		.credential = literal,
		.user = spec->user,
		.token_url = token_url(scan),
		.scope = spec->connector->token_scope,
		.basic = spec->connector->token_basic,
		.ca_file = mo_api_option(scan, "ca_file"),
		.allow_insecure = insecure != NULL && strcmp(insecure, "true") == 0,
		.refused = refused,
	};

	if (refused != NULL && (is_basic(spec->connector) || !mo_token_renewable(credential)))
		return NULL;
	if (req.token_url != NULL && mo_token_renewable(credential))
		mo_login_check_host(scan, req.token_url);
	return mo_token_get(&req);
}

/*
 * The token by the user's mapping, in the current context; NULL if it needs
 * none, or if another than the refused one is not to be had.
 */
static char *
log_in(ApiScan *scan, const char *refused)
{
	const ApiSpec *spec = scan->spec;
	UserMapping *mapping = own_mapping(spec);
	const char *name = mapping_option(mapping, "secret");
	const char *literal = mapping_option(mapping, "credential");
	Secret *volatile secret = NULL;
	char *token;

	if (name == NULL && literal == NULL)
	{
		check_without(spec, mapping);
		return NULL;
	}
	if (spec->connector->auth_header == NULL)
		return NULL;
	PG_TRY();
	{
		if (name != NULL)
		{
			MemoryContext old = MemoryContextSwitchTo(scan->cxt);

			secret = mo_secret_open(name, spec->user);
			scan->hosts = secret->hosts;
			MemoryContextSwitchTo(old);
		}
		token = get_token(scan, secret, literal, refused);
	}
	PG_FINALLY();
	{
		mo_secret_close(secret);
	}
	PG_END_TRY();
	return token;
}

/*
 * Once per scan, before its first request: may the user ask, and with what?
 */
void
mo_login(ApiScan *scan)
{
	const ApiSpec *spec = scan->spec;
	MemoryContext old;

	if (scan->admitted)
		return;
	check_admitted(spec->user);
	old = MemoryContextSwitchTo(scan->cxt);
	if (spec->connector->auth_header != NULL || !superuser_arg(spec->user))
		scan->token = log_in(scan, NULL);
	MemoryContextSwitchTo(old);
	scan->admitted = true;
}

/*
 * Another token after the service refused the scan's, in the current context,
 * to be wiped after use; NULL if there is none to be had that way.
 */
char *
mo_login_renew(ApiScan *scan)
{
	return scan->token == NULL ? NULL : log_in(scan, scan->token);
}

/*
 * Raises if the secret is bound to hosts and the URL leads to another, be it
 * one that a superuser chose.
 */
void
mo_login_check_host(ApiScan *scan, const char *url)
{
	const char **patterns;
	int n = 0;
	ListCell *lc;

	if (scan->hosts == NIL)
		return;
	patterns = palloc0(sizeof(char *) * (list_length(scan->hosts) + 1));
	foreach (lc, scan->hosts)
		patterns[n++] = lfirst(lc);
	if (!mo_http_host_matches(url, patterns))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("refused to send the credential of server \"%s\" to a host that its secret "
						"is not bound to",
						scan->spec->server_name),
				 errhint("The secret's owner can bind it to other hosts with "
						 "momentum.bind_secret().")));
	pfree(patterns);
}
