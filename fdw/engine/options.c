/*-------------------------------------------------------------------------
 *
 * options.c
 *	  Options of servers, user mappings, tables and columns.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/reloptions.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_foreign_data_wrapper.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "engine/engine.h"
#include "secret/secret.h"

/* A Boolean, as PostgreSQL spells them? */
bool
mo_option_is_bool(const char *value)
{
	bool result;

	return parse_bool(value, &result);
}

/* An address without anything in it that could lead elsewhere? */
bool
mo_option_is_url(const char *value)
{
	return (strncmp(value, "https://", 8) == 0 || strncmp(value, "http://", 7) == 0) &&
		   strpbrk(value, " \t\r\n\"<>\\@") == NULL;
}

static bool
check_name(const char *value)
{
	return mo_secret_name_ok(value);
}

static bool
check_path(const char *value)
{
	const char *error;
	JsonPath *path = mo_json_path_compile(value, &error);
	bool ok = path != NULL && strpbrk(value, "{}()\"\\ \t\r\n,:#") == NULL;

	mo_json_path_free(path);
	return ok;
}

/* A whole number from 1 to "most", in no more digits than that has? */
static bool
is_count(const char *value, int most)
{
	size_t len = strlen(value);

	return len > 0 && len <= strlen(psprintf("%d", most)) &&
		   strspn(value, "0123456789") == len && atoi(value) >= 1 && atoi(value) <= most;
}

static bool
check_seconds(const char *value)
{
	return is_count(value, 3600);
}

/* "reads=300,steady=600" */
static bool
check_limits(const char *value)
{
	do
	{
		size_t name = strspn(value, "abcdefghijklmnopqrstuvwxyz_");
		char *end;
		double capacity;

		if (name == 0 || value[name] != '=' || value[name + 1] < '0' || value[name + 1] > '9')
			return false;
		capacity = strtod(value + name + 1, &end);
		if (!(capacity >= 1 && capacity <= 1e9) || (*end != ',' && *end != '\0'))
			return false;
		value = end + (*end == ',');
		if (*end == ',' && *value == '\0')
			return false;
	} while (*value != '\0');
	return true;
}

static bool
check_six_digits(const char *value)
{
	return is_count(value, 999999);
}

static bool
check_pages(const char *value)
{
	return is_count(value, 999999999);
}

static bool
check_bulk_pages(const char *value)
{
	return strcmp(value, "0") == 0 || check_pages(value);
}

static bool
check_windows(const char *value)
{
	return is_count(value, MO_API_MAX_WINDOWS);
}

static bool
check_level(const char *value)
{
	return strcmp(value, "error") == 0 || strcmp(value, "warning") == 0;
}

/* What every service understands */
static const Option common_options[] = {
	{"base_url", ON_SERVER, NULL, false, true, mo_option_is_url, "a URL"},
	{"token_url", ON_SERVER, NULL, false, true, mo_option_is_url, "a URL"},
	{"allow_insecure", ON_SERVER, NULL, false, true, mo_option_is_bool, "a Boolean value"},
	{"ca_file", ON_SERVER, NULL, false, true, NULL, NULL},
	{"connect_timeout", ON_SERVER, NULL, false, false, check_seconds, "seconds, 1 to 3600"},
	{"first_byte_timeout", ON_SERVER, NULL, false, false, check_seconds, "seconds, 1 to 3600"},
	{"stall_timeout", ON_SERVER, NULL, false, false, check_seconds, "seconds, 1 to 3600"},
	{"async_capable", ON_SERVER | ON_TABLE, "true", false, false, mo_option_is_bool,
	 "a Boolean value"},
	{"parallel_windows", ON_SERVER | ON_TABLE, "4", false, false, check_windows,
	 "a number, 1 to 64"},
	{"bulk_pages", ON_SERVER | ON_TABLE, "1000", false, false, check_bulk_pages,
	 "pages, 1 to 999999999, where 1 is always, or 0 for never"},
	{"bulk_hosts", ON_SERVER, NULL, false, true, NULL, NULL},
	{"rate_limits", ON_SERVER, NULL, false, false, check_limits,
	 "the sizes of limits, such as reads=300"},
	{"scan_timeout", ON_SERVER, NULL, false, false, check_six_digits, "seconds, 1 to 999999"},
	{"max_answer", ON_SERVER, NULL, false, false, check_six_digits, "megabytes, 1 to 999999"},
	{"on_mismatch", ON_SERVER, NULL, false, false, check_level, "error or warning"},
	{"max_pages", ON_SERVER, NULL, false, false, check_pages, "pages, 1 to 999999999"},
	/* whose it is, and whether the mapping's user may use it, is judged when it is used */
	{"secret", ON_MAPPING, NULL, false, false, check_name, "the name of a stored secret"},
	{"credential", ON_MAPPING, NULL, false, false, NULL, NULL},
	{"credential_required", ON_MAPPING, NULL, false, false, mo_option_is_bool, "a Boolean value"},
	{"resource", ON_TABLE, NULL, false, false, NULL, NULL},
	{"path", ON_COLUMN, NULL, false, false, check_path, "a path such as customer.email"},
	{NULL}};

/* Is the text of a Boolean option true?  NULL is not. */
bool
mo_option_true(const char *value)
{
	bool result;

	return value != NULL && parse_bool(value, &result) && result;
}

/* Does the service have lists that can be had as a whole?  Only then are there options for it. */
static bool
has_bulk(const Connector *connector)
{
	for (const Resource *r = connector->resources; r != NULL && r->name != NULL; r++)
	{
		if (r->bulk != NULL)
			return true;
	}
	return false;
}

static const Option *
find_option(const Connector *connector, const char *name, int place)
{
	for (const Option *o = connector->options; o != NULL && o->name != NULL; o++)
	{
		if ((o->places & place) && strcmp(o->name, name) == 0)
			return o;
	}
	/* tables that describe themselves are of no resource */
	if (connector->describe != NULL && strcmp(name, "resource") == 0)
		return NULL;
	for (const Option *o = common_options; o->name != NULL; o++)
	{
		if ((o->places & place) && strcmp(o->name, name) == 0)
			return strncmp(name, "bulk_", 5) != 0 || has_bulk(connector) ? o : NULL;
	}
	return NULL;
}

static void
list_options(StringInfo out, const Connector *connector, const Option *options, int place)
{
	for (const Option *o = options; o != NULL && o->name != NULL; o++)
	{
		if ((o->places & place) && find_option(connector, o->name, place) == o)
			appendStringInfo(out, "%s%s", out->len > 0 ? ", " : "", o->name);
	}
}

static int
place_of_catalog(Oid catalog)
{
	switch (catalog)
	{
		case ForeignServerRelationId:
			return ON_SERVER;
		case UserMappingRelationId:
			return ON_MAPPING;
		case ForeignTableRelationId:
			return ON_TABLE;
		case AttributeRelationId:
			return ON_COLUMN;
		default:
			return 0;
	}
}

static const char *
place_words(int place)
{
	switch (place)
	{
		case ON_SERVER:
			return "server";
		case ON_MAPPING:
			return "user mapping";
		case ON_TABLE:
			return "foreign table";
		case ON_COLUMN:
			return "column";
		default:
			return "foreign-data wrapper";
	}
}

static void
check_option(const Connector *connector, const DefElem *def, int place)
{
	const Option *o = find_option(connector, def->defname, place);
	const char *value;

	if (o == NULL)
	{
		StringInfoData known;

		initStringInfo(&known);
		list_options(&known, connector, common_options, place);
		list_options(&known, connector, connector->options, place);
		ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
						errmsg("invalid option \"%s\" for a %s of %s_fdw", def->defname,
							   place_words(place), connector->name),
						known.len > 0 ? errhint("Valid options in this place: %s.", known.data)
									  : errhint("There are no valid options in this place.")));
	}
	if (o->superuser && !superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("only a superuser may set option \"%s\"", o->name)));
	value = defGetString((DefElem *) def);
	if (value[0] == '\0' || (o->check != NULL && !o->check(value)))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_STRING_FORMAT),
				 errmsg("invalid value for option \"%s\"", o->name),
				 o->expects ? errdetail("It has to be %s.", o->expects)
							: errdetail("It has to be a text that is not empty.")));
	if (strcmp(o->name, "credential_required") == 0 && !superuser() &&
		!mo_option_true(value))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("only a superuser may set option \"%s\" to false", o->name),
				 errhint("Only a superuser may create or change a user mapping with that.")));
}

/* The validator of any service's wrapper. */
void
mo_engine_validate(const Connector *connector, Datum options, Oid catalog)
{
	mo_engine_check(connector, untransformRelOptions(options), place_of_catalog(catalog));
}

/*
 * Check the options of one catalog object of a service: known, in their
 * place, well-formed, allowed to this user, and the required ones there.
 * Values of a mapping are secret and in no message.
 */
void
mo_engine_check(const Connector *connector, List *list, int place)
{
	bool secret = false;
	bool credential = false;
	ListCell *lc;

	foreach (lc, list)
	{
		DefElem *def = lfirst(lc);

		check_option(connector, def, place);
		secret = secret || strcmp(def->defname, "secret") == 0;
		credential = credential || strcmp(def->defname, "credential") == 0;
		if (place == ON_TABLE && strcmp(def->defname, "resource") == 0)
		{
			StringInfoData known;

			initStringInfo(&known);
			if (connector->dynamic != NULL &&
				strcmp(connector->dynamic->name, defGetString(def)) == 0)
				continue;
			for (const Resource *r = connector->resources; r->name != NULL; r++)
			{
				if (strcmp(r->name, defGetString(def)) == 0)
				{
					known.len = -1;
					break;
				}
				appendStringInfo(&known, "%s%s", known.len > 0 ? ", " : "", r->name);
			}
			if (known.len >= 0 && connector->dynamic != NULL)
				appendStringInfo(&known, ", %s", connector->dynamic->name);
			if (known.len >= 0)
				ereport(ERROR,
						(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
						 errmsg("%s has no resource \"%s\"", connector->name, defGetString(def)),
						 errhint("Its resources: %s.", known.data)));
		}
	}
	if (place == ON_MAPPING && secret && credential)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
				 errmsg("options \"secret\" and \"credential\" exclude each other")));
	if (connector->check != NULL && (place == ON_SERVER || place == ON_TABLE))
		mo_describe_check(connector, list, place);
	if (place != ON_SERVER)
		return;
	for (const Option *o = connector->options; o != NULL && o->name != NULL; o++)
	{
		bool found = false;

		foreach (lc, list)
			found = found || strcmp(((DefElem *) lfirst(lc))->defname, o->name) == 0;
		if ((o->places & ON_SERVER) && o->required && !found)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND),
					 errmsg("a server of %s_fdw needs option \"%s\"", connector->name, o->name),
					 o->expects ? errdetail("It has to be %s.", o->expects) : 0));
	}
}

/*
 * The value of an option: from the list (the first wins), else its default,
 * else NULL.  Boolean texts come out as "true" or "false".
 */
const char *
mo_option_get(const Connector *connector, List *options, const char *name)
{
	const Option *o;
	ListCell *lc;

	foreach (lc, options)
	{
		DefElem *def = lfirst(lc);

		if (strcmp(def->defname, name) == 0)
		{
			const char *value = defGetString(def);

			o = find_option(connector, name, ON_SERVER | ON_TABLE);
			if (o != NULL && o->check == mo_option_is_bool)
				return mo_option_true(value) ? "true" : "false";
			if (o != NULL && o->prefix != NULL && strncmp(value, o->prefix, strlen(o->prefix)) == 0)
				value += strlen(o->prefix);
			return value;
		}
	}
	o = find_option(connector, name, ON_SERVER | ON_TABLE);
	return o ? o->value : NULL;
}

/*
 * Check the value of a parameter column, if an option has its name: what the
 * one may not be, the other may not either.
 */
void
mo_option_check_param(const Target *target, const char *name, const char *value)
{
	const Option *o = find_option(target->connector, name, ON_SERVER | ON_TABLE);

	if (o != NULL && o->check != NULL && !o->check(value))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
				 errmsg("foreign table \"%s\" cannot be asked for %s \"%s\"", target->table_name,
						name, value),
				 o->expects ? errdetail("It has to be %s.", o->expects) : 0));
}

/* The service of a server: known by the handler of its wrapper. */
const Connector *
mo_connector_of_server(Oid serverid)
{
	ForeignServer *server = GetForeignServer(serverid);
	ForeignDataWrapper *wrapper = GetForeignDataWrapper(server->fdwid);
	FmgrInfo handler;

	fmgr_info(wrapper->fdwhandler, &handler);
	for (const ConnectorEntry *e = mo_connectors; e->connector != NULL; e++)
	{
		if (e->handler == handler.fn_addr)
			return e->connector;
	}
	elog(ERROR, "foreign-data wrapper \"%s\" is none of momentum's", wrapper->fdwname);
}

static const Resource *
find_resource(const Connector *connector, List *options, const char *table)
{
	const char *name = mo_option_get(connector, options, "resource");
	const char *wanted = name ? name : table;

	for (const Resource *r = connector->resources; r->name != NULL; r++)
	{
		if (strcmp(r->name, wanted) == 0)
			return r;
	}
	if (connector->dynamic != NULL)
		return connector->dynamic;
	ereport(
		ERROR,
		(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
		 errmsg("%s has no resource \"%s\"", connector->name, wanted),
		 errhint("Name one with the table's option \"resource\", or use IMPORT FOREIGN SCHEMA.")));
}

/* What a foreign table stands for; catalog reads only. */
Target *
mo_target(Oid relid)
{
	ForeignTable *table = GetForeignTable(relid);
	ForeignServer *server = GetForeignServer(table->serverid);
	Target *target = palloc0(sizeof(Target));

	target->connector = mo_connector_of_server(server->serverid);
	target->server = server->serverid;
	target->server_name = server->servername;
	target->table_name = get_rel_name(relid);
	target->options = list_concat_copy(table->options, server->options);
	if (target->connector->describe != NULL)
	{
		target->connector =
			mo_describe_table(target->connector, target->options, target->table_name, relid);
		target->resource = target->connector->resources;
	}
	else
		target->resource = find_resource(target->connector, table->options, target->table_name);
	return target;
}

/* The declared column of that name, or NULL. */
const Column *
mo_target_column(const Resource *res, const char *name)
{
	for (const Column *c = res->columns; c != NULL && c->name != NULL; c++)
	{
		if (strcmp(c->name, name) == 0)
			return c;
	}
	return NULL;
}

/*
 * Match the table's columns with the resource's: "columns" has one place per
 * attribute.  A column unknown to the service needs option "path".
 */
void
mo_target_columns(const Target *target, TupleDesc desc, Oid relid, ApiColumn *columns)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		ApiColumn *c = &columns[i];
		List *options;
		ListCell *lc;

		memset(c, 0, sizeof(*c));
		c->name = "";
		c->path = "";
		c->type = "";
		if (att->attisdropped)
			continue;
		c->name = pstrdup(NameStr(att->attname));
		c->type = format_type_be(getBaseType(att->atttypid));
		c->declared = mo_target_column(target->resource, c->name);
		c->path = c->declared ? (c->declared->path ? c->declared->path : c->declared->name) : NULL;
		options = GetForeignColumnOptions(relid, att->attnum);
		foreach (lc, options)
		{
			DefElem *def = lfirst(lc);

			if (strcmp(def->defname, "path") == 0 && target->connector->describe == NULL)
			{
				c->path = defGetString(def);
				c->declared = NULL;
			}
		}
		if (c->declared == NULL && target->resource->rows != NULL &&
			target->resource != target->connector->dynamic)
			ereport(ERROR, (errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
							errmsg("foreign table \"%s\" cannot have a column \"%s\"",
								   target->table_name, c->name),
							errdetail("The columns of resource \"%s\" are fixed.",
									  target->resource->name)));
		if (c->path == NULL)
		{
			if (target->resource != target->connector->dynamic)
				ereport(ERROR,
						(errcode(ERRCODE_FDW_COLUMN_NAME_NOT_FOUND),
						 errmsg("column \"%s\" of foreign table \"%s\" is unknown to %s", c->name,
								target->table_name, target->connector->name),
						 errhint("Say where it is with the column's option \"path\".")));
			c->path = c->name;
		}
		/* a path is looked for in what the service sends; headers of tabs are converted there */
		if (target->resource->rows == NULL)
			c->path = pg_server_to_any(c->path, (int) strlen(c->path), PG_UTF8);
	}
}
